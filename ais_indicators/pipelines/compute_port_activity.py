"""Task `compute_port_activity`: port calls and waiting ships to the daily and weekly port indicators."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

from ais_indicators.io.frames import frame_of_files
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
    files_of_weeks,
    stale_weeks,
)
from ais_indicators.pipelines.gold import WEEKS_AT_ONCE, read_weeks, replace_weeks
from ais_indicators.pipelines.job import Job
from ais_indicators.transforms.coverage_status import covered, covered_port_activity
from ais_indicators.transforms.port_activity import (
    UNITS,
    daily_port_activity,
    weekly_port_activity,
    with_register,
)

WEEKLY = "gold.port_activity_weekly"
DAILY = "gold.port_activity_daily"
CALLS = "silver.port_calls"
SHIPS = "vessel_id string, register_class string, gross_tonnage double"
SHIP_COLUMNS = [column.split()[0] for column in SHIPS.split(", ")]


def run(job: Job) -> list[Week]:
    """Computes every folded week whose port calls changed since; gives those weeks."""
    settings = job.settings
    newest = newest_week(settings)
    known = known_ships(settings)
    signatures = call_signatures(settings, read_folded_weeks(settings), newest, known.signature)
    stale = sorted({*stale_weeks(settings, WEEKLY, signatures), *stale_weeks(settings, DAILY, signatures)})
    for weeks in chunks(stale, WEEKS_AT_ONCE):
        files = files_of_events(settings, CALLS, weeks[0], weeks[-1])
        visits = frame_of_files(job.spark, settings, CALLS, files)
        ships = job.spark.createDataFrame(known.ships.select(SHIP_COLUMNS).to_arrow(), SHIPS)
        calls = with_register(visits, ships)
        lying = frame_of_files(job.spark, settings, WAITING, files_of_weeks(settings, WAITING, weeks))
        tables = {
            WEEKLY: weekly_port_activity(calls, with_register(lying, ships), weeks, newest),
            DAILY: daily_port_activity(calls, weeks, newest),
        }
        coverage = {name: read_weeks(settings, name, weeks) for name in (COVERAGE, COVERAGE_BY_DAY)}
        on_day, day = ["observed_on", "port_locode"], ["observed_on", "place_code"]
        finish = {
            WEEKLY: partial(covered_port_activity, coverage=coverage[COVERAGE], units=UNITS),
            DAILY: partial(covered, coverage=coverage[COVERAGE_BY_DAY], on=on_day, place=day),
        }
        with ThreadPoolExecutor(len(tables)) as pool:
            written = [
                pool.submit(replace_weeks, settings, table, rows, weeks, signatures, finish[table])
                for table, rows in tables.items()
            ]
        for each in written:
            each.result()
    return stale
