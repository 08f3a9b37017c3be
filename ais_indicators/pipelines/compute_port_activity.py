"""Task `compute_port_activity`: port calls and waiting ships to the daily and weekly port indicators."""

from collections.abc import Iterator, Sequence
from typing import Final

import polars as pl

from ais_indicators.evidence.inland_waters import inland_call_paths, read_inland_traffic
from ais_indicators.io.delta import read_files
from ais_indicators.io.freshness import (
    COVERAGE,
    COVERAGE_BY_DAY,
    WAITING,
    chunks,
    counted_weeks,
    files_of_events,
)
from ais_indicators.io.week_rows import WEEKS_AT_ONCE, heard_places, read_weeks
from ais_indicators.periods import Week
from ais_indicators.rules import Rules
from ais_indicators.settings import Settings
from ais_indicators.transforms.coverage_status import (
    REASON,
    covered,
    covered_port_activity,
    with_weekly_marks,
)
from ais_indicators.transforms.port_activity import (
    CALL_COLUMNS,
    daily_port_activity,
    weekly_port_activity,
    with_idle_ports,
    with_register,
)
from ais_indicators.week_windows import trailing_weeks
from ais_indicators.weekly_table import Computed, FoldedLake, Input, WeeklyTable, finality

WEEKLY: Final = "gold.port_activity_weekly"
DAILY: Final = "gold.port_activity_daily"
CALLS: Final = "silver.port_calls"
SHIP_COLUMNS: Final = ("vessel_id", "register_class", "gross_tonnage")


def _compute(lake: FoldedLake, stale: Sequence[Week]) -> Iterator[Computed]:
    settings, newest = lake.settings, lake.newest
    ships = lake.ships.ships.select(SHIP_COLUMNS)
    for weeks in chunks(stale, WEEKS_AT_ONCE):
        calls = with_register(read_calls(settings, weeks, lake.rules), ships)
        waiting = with_register(read_weeks(settings, WAITING, weeks), ships)
        inland = read_inland_traffic(settings, weeks, ships, lake.rules)
        weekly = weekly_port_activity(calls, waiting, weeks, newest, inland, rules=lake.rules)
        heard = heard_places(settings, "port", weeks, lake.rules)
        weekly = with_idle_ports(weekly, calls, heard, weeks, newest, inland, rules=lake.rules)
        coverage = read_weeks(settings, COVERAGE, weeks)
        daily = daily_port_activity(calls, weeks, newest, inland, rules=lake.rules)
        by_day = read_weeks(settings, COVERAGE_BY_DAY, weeks)
        on_day, day = ["observed_on", "port_locode"], ["observed_on", "place_code"]
        yield (
            weeks,
            {
                WEEKLY: covered_port_activity(weekly, coverage, by_day, lake.rules),
                DAILY: covered(daily, with_weekly_marks(by_day, coverage), on_day, day, lake.rules).drop(
                    REASON
                ),
            },
        )


def read_calls(settings: Settings, weeks: Sequence[Week], rules: Rules) -> pl.DataFrame:
    """Reads the visits that can touch the weeks, or those within which a class counts as seen."""
    files = files_of_events(settings, CALLS, trailing_weeks(weeks[0], rules)[0], weeks[-1])
    return pl.DataFrame(read_files(settings, CALLS, files, CALL_COLUMNS))


def references_of_calls(lake: FoldedLake) -> dict[Week, list[str]]:
    """Returns the register, and where ports are on inland waters those ports and the calls of a year."""
    return {week: [lake.ships.signature, *inland_call_paths(lake, week)] for week in lake.folded}


COVERED: Final = (Input(WAITING), Input(COVERAGE, counted_weeks), Input(COVERAGE_BY_DAY))
"""What all counts of events at places rest on besides the events."""
PORT_INPUTS: Final = (Input(CALLS, counted_weeks), *COVERED)
WEEKLY_TABLES: Final = (WeeklyTable((WEEKLY, DAILY), PORT_INPUTS, _compute, references_of_calls, finality),)
run = WEEKLY_TABLES[0].run
