"""Released tables as observations: one row per value of an indicator, also if a table has one column per measure.

SDMX, and comparisons of two releases, identify a value by its indicator. A table such as
`gold.chokepoint_status_weekly` has several measures in one row; here they become rows.
"""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

import polars as pl

from ais_indicators.contracts.model import Column, Contract, load_contract

INDICATOR, VALUE, UNIT = "indicator", "value", "unit"
_NUMBERS: Final = ("double", "long", "integer")
_DEGREES: Final = "degrees"
_STATUS, _CONFIDENTIALITY = "obs_status", "conf_status"
_NORMAL, _MISSING, _FREE = "A", "O", "F"
_WITHOUT_VALUE: Final = ("O", "M", "Q")
"""Observation statuses of a value that is not given: missing, not applicable, suppressed."""


@cache
def measures(table: str) -> Mapping[str, str]:
    """Lists the columns of a table that each hold a measure, with their units; none if it has a column `value`.

    Coordinates locate a row and are not measures.

    Raises:
        ValueError: A measure has no unit.
    """
    contract = load_contract(table)
    if VALUE in contract.column_names:
        return MappingProxyType({})
    found = [one for one in contract.columns if one.type in _NUMBERS and one.name not in contract.key]
    units = {one.name: one.unit or "" for one in found if not is_coordinate(one)}
    lacking = [name for name, unit in units.items() if not unit]
    if lacking:
        raise ValueError(f"{table}: {', '.join(lacking)} lack a unit, which observations must have")
    return MappingProxyType(units)


def is_coordinate(column: Column) -> bool:
    """Returns whether a column holds degrees of latitude or longitude."""
    return (column.unit or "").startswith(_DEGREES)


@cache
def observed_contract(table: str) -> Contract:
    """Returns the contract of a table's observations: its own if it has a column `value`."""
    contract, units = load_contract(table), measures(table)
    if not units:
        return contract
    codes = {INDICATOR: tuple(units), UNIT: tuple(dict.fromkeys(units.values()))}
    texts = {INDICATOR: "What is measured.", UNIT: "Unit of the value."}
    added = {
        name: Column(name=name, type="string", nullable=False, one_of=codes[name], description=texts[name])
        for name in codes
    }
    value = Column(
        name=VALUE, type="double", minimum=0, description="The value; null where it cannot be given."
    )
    key = [one for one in contract.columns if one.name in contract.key]
    rest = [one for one in contract.columns if one.name not in {*contract.key, *units}]
    return contract.model_copy(
        update={
            "key": (*contract.key, INDICATOR),
            "columns": (*key, added[INDICATOR], value, added[UNIT], *map(_with_own_statuses, rest)),
        }
    )


def _with_own_statuses(column: Column) -> Column:
    """Adds the statuses that a single measure of a row can have apart from the row."""
    if column.name != _STATUS:
        return column
    return column.model_copy(update={"one_of": tuple(dict.fromkeys((*column.one_of, _NORMAL, _MISSING)))})


def to_observed(rows: pl.DataFrame, table: str) -> pl.DataFrame:
    """Converts the measures of each row into separate rows, sorted by key.

    A measure without a value is missing unless its row gives a reason; one with a value in a row without values, such
    as the number of baseline weeks of a suppressed one, is normal and free.

    Args:
        rows: Rows of a released table in the columns of its contract.
        table: The table.
    """
    units, contract = measures(table), observed_contract(table)
    if not units:
        return rows
    rest = [name for name in contract.column_names if name not in (INDICATOR, VALUE, UNIT)]
    parts = [
        rows.select(
            *rest,
            pl.lit(name).alias(INDICATOR),
            pl.col(name).cast(pl.Float64).alias(VALUE),
            pl.lit(unit).alias(UNIT),
        )
        for name, unit in units.items()
    ]
    says_why = pl.col(_STATUS).is_in(_WITHOUT_VALUE)
    is_given = pl.col(VALUE).is_not_null()
    status = (
        pl.when(is_given & says_why)
        .then(pl.lit(_NORMAL))
        .when(~is_given & ~says_why)
        .then(pl.lit(_MISSING))
        .otherwise(_STATUS)
    )
    confidentiality = pl.when(is_given).then(pl.lit(_FREE)).otherwise(_CONFIDENTIALITY)
    return (
        pl.concat(parts)
        .with_columns(status.alias(_STATUS), confidentiality.alias(_CONFIDENTIALITY))
        .select(contract.column_names)
        .sort(contract.key)
    )
