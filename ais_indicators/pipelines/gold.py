"""Writes the weeks of a gold table: one file a week, under its signature, all weeks in one commit."""

from collections.abc import Callable, Mapping, Sequence

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame

from ais_indicators.contracts.model import load_contract
from ais_indicators.contracts.types import arrow_schema
from ais_indicators.io.delta import active_files, commit, open_delta, read_rows
from ais_indicators.io.staging import TableFile, stage
from ais_indicators.io.store import table_folder
from ais_indicators.periods import Week
from ais_indicators.settings import Settings

WEEKS_AT_ONCE = 13
"""Weeks that one Spark job computes: bounds the driver's memory in a backfill."""


def replace_weeks(
    settings: Settings,
    table: str,
    rows: DataFrame,
    weeks: Sequence[Week],
    signatures: Mapping[Week, str],
    finish: Callable[[pl.DataFrame], pl.DataFrame] | None = None,
) -> int:
    """Puts the rows of the weeks in place of what the table held of them; gives the number of rows.

    Args:
        settings: Of the lake.
        table: The table.
        rows: All its columns, or what `finish` makes them of.
        weeks: The weeks.
        signatures: Signature of each.
        finish: What is still done to the rows once they are in memory.
    """
    collected: pa.Table = rows.toArrow()
    if finish is not None:
        collected = finish(pl.DataFrame(collected)).to_arrow()
    return replace_rows(settings, table, collected, weeks, signatures)


def read_weeks(settings: Settings, table: str, weeks: Sequence[Week]) -> pl.DataFrame:
    """All rows of some weeks of a table by week."""
    if not weeks:
        return pl.DataFrame(arrow_schema(table).empty_table())
    return pl.DataFrame(read_rows(settings, table, filters=[("week", "in", [week.name for week in weeks])]))


def replace_rows(
    settings: Settings, table: str, rows: pa.Table, weeks: Sequence[Week], signatures: Mapping[Week, str]
) -> int:
    """Puts rows that are in memory in place of what the table held of the weeks; gives their number."""
    contract = load_contract(table)
    ordered = rows.sort_by([(name, "ascending") for name in contract.key])
    staged: list[TableFile] = []
    for week in weeks:
        part = ordered.filter(pc.equal(ordered["week"], week.name)).drop_columns(["week"])
        staged.append(
            stage(table_folder(settings, table), table, part, {"week": week.name}, signatures[week])
        )
    names = {week.name for week in weeks}
    gone = [f for f in active_files(open_delta(settings, table)) if f.partition["week"] in names]
    commit(settings, table, staged, gone)
    return int(ordered.num_rows)
