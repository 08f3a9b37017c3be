"""Task `compute_port_activity`: port calls and waiting ships to the daily and weekly port indicators."""

from collections.abc import Sequence
from typing import Final

import polars as pl

from ais_indicators.io.delta import read_files
from ais_indicators.io.vessel_registers import known_ships
from ais_indicators.periods import Week
from ais_indicators.pipelines.fold_plan import newest_week, read_folded_weeks
from ais_indicators.pipelines.freshness import (
    COVERAGE,
    COVERAGE_BY_DAY,
    WAITING,
    call_signatures,
    chunks,
    files_of_events,
    stale_weeks,
)
from ais_indicators.pipelines.gold import WEEKS_AT_ONCE, heard_places, read_weeks, replace_rows
from ais_indicators.pipelines.inland_waters import read_inland_traffic
from ais_indicators.pipelines.job import Job
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
from ais_indicators.transforms.zeros import trailing_weeks

WEEKLY: Final = "gold.port_activity_weekly"
DAILY: Final = "gold.port_activity_daily"
CALLS: Final = "silver.port_calls"
SHIP_COLUMNS: Final = ("vessel_id", "register_class", "gross_tonnage")


def run(job: Job) -> list[Week]:
    """Computes every folded week whose port calls changed since; returns those weeks."""
    settings = job.settings
    newest = newest_week(settings)
    known = known_ships(settings)
    ships = known.ships.select(SHIP_COLUMNS)
    signatures = call_signatures(settings, read_folded_weeks(settings), newest, known.signature)
    stale = sorted({*stale_weeks(settings, WEEKLY, signatures), *stale_weeks(settings, DAILY, signatures)})
    for weeks in chunks(stale, WEEKS_AT_ONCE):
        calls = with_register(read_calls(settings, weeks), ships)
        waiting = with_register(read_weeks(settings, WAITING, weeks), ships)
        inland = read_inland_traffic(settings, weeks, ships)
        weekly = weekly_port_activity(calls, waiting, weeks, newest, inland)
        heard = heard_places(settings, "port", weeks)
        weekly = with_idle_ports(weekly, calls, heard, weeks, newest, inland)
        coverage = read_weeks(settings, COVERAGE, weeks)
        rows = covered_port_activity(weekly, coverage)
        replace_rows(settings, WEEKLY, rows.to_arrow(), weeks, signatures)
        daily = daily_port_activity(calls, weeks, newest, inland)
        by_day = with_weekly_marks(read_weeks(settings, COVERAGE_BY_DAY, weeks), coverage)
        on_day, day = ["observed_on", "port_locode"], ["observed_on", "place_code"]
        rows = covered(daily, by_day, on_day, day).drop(REASON)
        replace_rows(settings, DAILY, rows.to_arrow(), weeks, signatures)
    return stale


def read_calls(settings: Settings, weeks: Sequence[Week]) -> pl.DataFrame:
    """Reads the visits that can touch the weeks, or those within which a class counts as seen."""
    files = files_of_events(settings, CALLS, trailing_weeks(weeks[0])[0], weeks[-1])
    return pl.DataFrame(read_files(settings, CALLS, files, CALL_COLUMNS))
