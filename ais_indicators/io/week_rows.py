"""Writes the weeks of a gold table: one file per week, under its signature, all weeks in one commit."""

from collections.abc import Mapping, Sequence

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from ais_indicators.contracts.model import load_contract
from ais_indicators.contracts.types import arrow_schema
from ais_indicators.io.delta import active_files, commit, open_delta, read_rows
from ais_indicators.io.freshness import COVERAGE
from ais_indicators.io.staging import TableFile, stage
from ais_indicators.io.store import table_folder
from ais_indicators.periods import Week
from ais_indicators.rules import Rules
from ais_indicators.settings import Settings
from ais_indicators.week_windows import trailing_weeks

WEEKS_AT_ONCE = 13
"""Number of weeks that are computed together: bounds the memory of a backfill."""


def read_weeks(settings: Settings, table: str, weeks: Sequence[Week]) -> pl.DataFrame:
    """Reads all rows of some weeks of a table by week."""
    if not weeks:
        return pl.DataFrame(arrow_schema(table).empty_table())
    return pl.DataFrame(read_rows(settings, table, filters=[("week", "in", [week.name for week in weeks])]))


def heard_places(settings: Settings, place_kind: str, weeks: Sequence[Week], rules: Rules) -> pl.DataFrame:
    """Reads which places of a kind had messages in the weeks and in those that count before them.

    Returns:
        Columns `week`, `place_code` and `cell_messages`.
    """
    names = sorted({one.name for week in weeks for one in trailing_weeks(week, rules)})
    columns = ["week", "place_kind", "place_code", "cell_messages"]
    filters = [("week", "in", names), ("place_kind", "=", place_kind)]
    return pl.DataFrame(read_rows(settings, COVERAGE, columns, filters)).drop("place_kind")


def replace_rows(
    settings: Settings, table: str, rows: pa.Table, weeks: Sequence[Week], signatures: Mapping[Week, str]
) -> int:
    """Replaces the table's rows of the weeks by rows in memory; returns their number."""
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
