"""Task `compute_contributors`: vessels behind each cell of the released tables, for disclosure control, in polars."""

from collections.abc import Iterator, Sequence
from typing import Final

import polars as pl

from ais_indicators.evidence.inland_waters import read_inland_traffic
from ais_indicators.io.delta import read_files
from ais_indicators.io.freshness import (
    CALLS,
    TRANSITS,
    VOYAGES,
    WAITING,
    chunks,
    files_of_events,
    files_of_weeks,
    weeks_of_voyages,
)
from ais_indicators.io.staging import TableFile
from ais_indicators.io.week_rows import WEEKS_AT_ONCE
from ais_indicators.periods import Week
from ais_indicators.pipelines.compute_chokepoint_activity import STRAIT_INPUTS
from ais_indicators.pipelines.compute_port_activity import PORT_INPUTS, references_of_calls
from ais_indicators.rules import Rules
from ais_indicators.settings import Settings
from ais_indicators.transforms.contributors import flow_contributors, port_contributors, strait_contributors
from ais_indicators.transforms.inland import InlandTraffic
from ais_indicators.transforms.transit_payloads import VOYAGE_COLUMNS, transit_payloads
from ais_indicators.weekly_table import Computed, FoldedLake, WeeklyTable, finality

CONTRIBUTORS: Final = "gold.contributors_weekly"
CALL_COLUMNS: Final = (
    "vessel_id", "port_locode", "event_type", "vessel_class", "first_seen_at_utc", "arrived_at_utc",
    "departed_at_utc", "last_seen_at_utc",
)  # fmt: skip
TRANSIT_COLUMNS: Final = (
    "transit_id", "vessel_id", "vessel_class", "gate_code", "direction", "is_counted", "is_complete", "is_inferred",
    "arrival_week",
    "entered_at_utc",
)  # fmt: skip
WAITING_COLUMNS: Final = ("vessel_id", "vessel_class", "place_kind", "place_code")
FLOW_COLUMNS: Final = (
    "voyage_id", "vessel_id", "vessel_class", "counts_for_trade", "origin_locode", "origin_country_iso3",
    "destination_locode", "destination_country_iso3", "tonnes_unloaded", "tonnes_loaded", "deadweight_t",
    "sea_distance_nm",
)  # fmt: skip


def _compute(lake: FoldedLake, stale: Sequence[Week]) -> Iterator[Computed]:
    settings, ships = lake.settings, lake.ships.ships
    for weeks in chunks(stale, WEEKS_AT_ONCE):
        calls = _read(settings, CALLS, files_of_events(settings, CALLS, weeks[0], weeks[-1]), CALL_COLUMNS)
        passed = files_of_events(settings, TRANSITS, weeks[0], weeks[-1])
        transits = _read(settings, TRANSITS, passed, TRANSIT_COLUMNS)
        payloads = _payloads(settings, transits, weeks, lake.rules)
        inland = read_inland_traffic(settings, weeks, ships, lake.rules)
        rows = [
            _of_week(settings, week, calls, transits, payloads, ships, inland, lake.rules) for week in weeks
        ]
        yield weeks, {CONTRIBUTORS: pl.concat(rows)}


def _of_week(
    settings: Settings,
    week: Week,
    calls: pl.DataFrame,
    transits: pl.DataFrame,
    payloads: pl.DataFrame,
    ships: pl.DataFrame,
    inland: InlandTraffic,
    rules: Rules,
) -> pl.DataFrame:
    waiting = _read(settings, WAITING, files_of_weeks(settings, WAITING, [week]), WAITING_COLUMNS)
    voyages = _read(settings, VOYAGES, files_of_weeks(settings, VOYAGES, [week]), FLOW_COLUMNS)
    of_week = transits.filter(pl.col("arrival_week") == week.name)
    parts = [
        port_contributors(calls, waiting, ships, week.start, week.end, inland, rules=rules),
        strait_contributors(of_week, waiting, ships, payloads, rules),
        flow_contributors(voyages, ships, rules),
    ]
    return pl.concat(parts).with_columns(week=pl.lit(week.name))


def _payloads(
    settings: Settings, transits: pl.DataFrame, weeks: Sequence[Week], rules: Rules
) -> pl.DataFrame:
    files = files_of_weeks(settings, VOYAGES, weeks_of_voyages(weeks, rules))
    return transit_payloads(transits, _read(settings, VOYAGES, files, VOYAGE_COLUMNS))


def _read(settings: Settings, table: str, files: Sequence[TableFile], columns: Sequence[str]) -> pl.DataFrame:
    return pl.DataFrame(read_files(settings, table, files, columns))


WEEKLY_TABLES: Final = (
    WeeklyTable((CONTRIBUTORS,), (*PORT_INPUTS, *STRAIT_INPUTS), _compute, references_of_calls, finality),
)
run = WEEKLY_TABLES[0].run
