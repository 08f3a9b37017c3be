"""Rows of a released table as SDMX observations, and the changes between two vintages of them.

An observation without a value (missing, or suppressed) keeps its key and its status, and has no OBS_VALUE.
"""

from typing import Final, Literal

import polars as pl

from ais_indicators.contracts.code_names import decimals_by_unit
from ais_indicators.contracts.measures import observed_contract
from ais_indicators.publish.places import Places
from ais_indicators.publish.sdmx import components as sdmx
from ais_indicators.publish.sdmx.components import Component, components_of, ids_of

Action = Literal["A", "R", "D"]
ACTION: Final = "ACTION"
APPEND: Final[Action] = "A"
REPLACE: Final[Action] = "R"
DELETE: Final[Action] = "D"
ACTIONS: Final[tuple[Action, ...]] = (DELETE, REPLACE, APPEND)
"""Actions in the order in which a receiver must apply them."""

ROWS_PER_SLICE: Final = 200_000
"""Number of rows converted to text at a time, so that memory does not grow with their number."""


def to_observations(rows: pl.DataFrame, table: str, places: Places) -> pl.DataFrame:
    """Replaces the table's names and codes by those of SDMX: one observation per row, in the order of the rows.

    Args:
        rows: Observations of a released table in the columns of their contract, with any further columns.
        table: The table.
        places: Country of each port.

    Returns:
        One column per component, in the order of the structure, and the further columns. An observation with the
        action `D` has only its key: so all of it is deleted.
    """
    parts = components_of(table)
    further = [name for name in rows.columns if name not in observed_contract(table).column_names]
    observations = rows.select(*(_values(part, places) for part in parts), *further)
    return _keys_alone(observations, table) if ACTION in further else observations


def with_action(rows: pl.DataFrame) -> pl.DataFrame:
    """Returns rows with their `ACTION`; without one, all replace what a receiver holds.

    Not `I` (information) nor `A` (append): loaders merge those, which keeps a value that was suppressed since.
    """
    return rows if ACTION in rows.columns else rows.with_columns(pl.lit(REPLACE).alias(ACTION))


def codes_of_places(rows: pl.DataFrame, table: str) -> dict[str, set[str]]:
    """Returns the codes of places in the rows of a table, by component."""
    columns = {part.id: part.column.name for part in components_of(table) if part.column}
    return {name: set(rows[columns[name]].unique()) for name in sdmx.PLACES if name in columns}


def _values(part: Component, places: Places) -> pl.Expr:
    """Returns the values of one component."""
    column = part.column
    if part.id == sdmx.DECIMALS:
        return pl.col("unit").replace_strict(decimals_by_unit(), return_dtype=pl.String).alias(part.id)
    if column is None and part.id == sdmx.REF_AREA:
        countries = {sdmx.TOTAL: sdmx.TOTAL, **places.countries}
        found = pl.col("port_locode").replace_strict(
            countries, default=sdmx.NOT_KNOWN, return_dtype=pl.String
        )
        return found.alias(part.id)
    if column is None:
        return pl.lit(sdmx.WEEKLY if part.id == sdmx.FREQ else sdmx.UNITS).alias(part.id)
    values = pl.col(column.name)
    if any(" " in code for code in column.one_of):
        values = values.str.replace_all(" ", "_", literal=True)
    return values.alias(part.id)


def changes(then: pl.DataFrame, now: pl.DataFrame, table: str) -> pl.DataFrame:
    """Lists what a receiver that holds one vintage must do to hold another.

    A changed observation is replaced, never merged: merging keeps a value if the new one is missing, so that a value
    that was suppressed since would stay with the receiver.

    Args:
        then: Observations of the table that the receiver holds.
        now: Those that it shall hold.
        table: The table.

    Returns:
        Rows with their `ACTION`: new ones to append, changed ones to replace, and keys to delete, sorted by key.
    """
    contract = observed_contract(table)
    key = list(contract.key)
    rest = [name for name in contract.column_names if name not in key]
    both = now.join(then, on=key, suffix="_then", how="inner", nulls_equal=True)
    changed = both.filter(pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}_then")) for name in rest))
    gone = then.join(now, on=key, how="anti").with_columns(
        pl.lit(None).cast(then.schema[n]).alias(n) for n in rest
    )
    parts = {
        APPEND: now.join(then, on=key, how="anti"),
        REPLACE: changed.select(now.columns),
        DELETE: gone.select(now.columns),
    }
    return pl.concat(
        frame.with_columns(pl.lit(action).alias(ACTION)) for action, frame in parts.items()
    ).sort(key)


def _keys_alone(observations: pl.DataFrame, table: str) -> pl.DataFrame:
    """Removes everything but the key of an observation to be deleted, so that all of it is deleted."""
    emptied = ids_of(table, "measure", "series", "observation")
    return observations.with_columns(
        pl.when(pl.col(ACTION) != DELETE).then(pl.col(name)).alias(name) for name in emptied
    )
