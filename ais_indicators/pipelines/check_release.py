"""Task `check_release`: the release check on the weeks that are to be published.

Importing this module loads Great Expectations, which takes seconds; the runner does so only when the task runs.
"""

from pathlib import Path

import pyarrow as pa

from ais_indicators.checks.release_check import run_release_check
from ais_indicators.checks.results import CheckResult
from ais_indicators.checks.weeks import WeekChecks, stop_on_failure
from ais_indicators.contracts.types import arrow_schema
from ais_indicators.io.delta import active_files, commit, one_look, open_delta, read_rows
from ais_indicators.io.staging import stage_by_partition
from ais_indicators.io.store import table_folder
from ais_indicators.io.weeks import read_bronze
from ais_indicators.job import Job
from ais_indicators.periods import Week
from ais_indicators.releasing.check_views import check_views
from ais_indicators.rules import Rules
from ais_indicators.settings import Settings

TABLES = (
    "gold.port_activity_weekly",
    "gold.cell_activity_weekly",
    "gold.chokepoint_transits_weekly",
    "gold.trade_flows_weekly",
    "gold.quality_weekly",
    "gold.interference_weekly",
    "gold.dark_vessels_weekly",
    "gold.chokepoint_status_weekly",
)
RESULTS = "ops.check_results"
BASELINE_FACT = "coverage_baseline_weeks"


def run(job: Job) -> tuple[WeekChecks, ...]:
    """Checks each requested week and records the results; the pages are in `DATA_DIR/data_docs/<week>`.

    Raises:
        ReleaseStoppedError: A critical check failed; the results are recorded anyway.
    """
    checked = tuple(check_week(job, week) for week in job.weeks)
    stop_on_failure(checked)
    return checked


def check_week(job: Job, week: Week) -> WeekChecks:
    """Checks one week as it is in gold."""
    with one_look():
        frames = {name: read_rows(job.settings, name, filters=[("week", "=", week.name)]) for name in TABLES}
        facts = {BASELINE_FACT: float(_weeks_before(job.settings, week, job.rules))}
        views = {name: rows.to_arrow() for name, rows in check_views(job.settings, week, job.rules).items()}
    results = run_release_check(frames, docs_folder(job.settings, week), facts, views, job.rules)
    _record(job.settings, week, results)
    return WeekChecks(week, results)


def docs_folder(settings: Settings, week: Week) -> Path:
    """Returns the folder of the week's Data Docs."""
    return settings.data_dir / "data_docs" / week.name


def _weeks_before(settings: Settings, week: Week, rules: Rules) -> int:
    """Counts the weeks with messages that a coverage baseline would use."""
    trailing = [week.plus(-n) for n in range(1, rules.baseline_weeks + 1)]
    return len(set(trailing) & set(read_bronze(settings).files))


def _record(settings: Settings, week: Week, results: tuple[CheckResult, ...]) -> None:
    rows = [{"week": week.name, **vars(result)} for result in results]
    table = pa.Table.from_pylist(rows, schema=arrow_schema(RESULTS))
    gone = [f for f in active_files(open_delta(settings, RESULTS)) if f.partition["week"] == week.name]
    commit(
        settings,
        RESULTS,
        stage_by_partition(table_folder(settings, RESULTS), RESULTS, table, week.name),
        gone,
    )
