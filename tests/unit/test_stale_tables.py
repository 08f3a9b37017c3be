"""What `status` and a backfill's plan say of weeks whose tables rest on something else than when they were computed."""

import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from ais_indicators import runner
from ais_indicators.contracts.model import load_contract
from ais_indicators.contracts.types import arrow_schema
from ais_indicators.io.delta import active_files, commit, create_tables, open_delta
from ais_indicators.io.staging import stage
from ais_indicators.io.store import table_folder
from ais_indicators.job import Job
from ais_indicators.operations.backfill_plan import plan_backfill
from ais_indicators.operations.lake_status import read_status
from ais_indicators.operations.stale_tables import stale_tables
from ais_indicators.periods import Period, Week
from ais_indicators.pipelines import (
    assess_coverage,
    assess_interference,
    compute_contributors,
    compute_series,
    compute_trade_flows,
    derive_voyages,
    measure_quality,
)
from ais_indicators.pipelines.assess_chokepoints import STATUS
from ais_indicators.pipelines.compute_cell_activity import WEEKLY as CELLS
from ais_indicators.pipelines.compute_series import ACTIVITY, DAILY, SERIES, STRAITS
from ais_indicators.settings import Settings
from ais_indicators.tasks import task, weekly_order
from tests.subject_rules import SHIP_RULES

FIRST, SECOND, THIRD = WEEKS = tuple(Week.parse(f"2026-W{number:02d}") for number in (2, 3, 4))
NOT_WEEK_BY_WEEK = ("track_vessels", "identify_vessels", "check_release", "publish_release")
"""Tasks whose tables are made otherwise: `state` says whether the fold is due, and the others keep records."""

WITHOUT_SPARK = (
    derive_voyages,
    assess_interference,
    assess_coverage,
    compute_trade_flows,
    compute_series,
    measure_quality,
    compute_contributors,
)
TEXT = "x"
OF_TYPE: dict[pa.DataType, Any] = {
    pa.int64(): 1,
    pa.int32(): 1,
    pa.float64(): 0.0,
    pa.string(): TEXT,
    pa.bool_(): False,
    pa.binary(): b"",
    pa.date32(): date(2026, 1, 5),
    pa.timestamp("us", "UTC"): datetime(2026, 1, 5, tzinfo=UTC),
}


def put(settings: Settings, table: str, key: str, **partition: Any) -> None:
    """Puts a file of one row, in which nothing is missing that must be there, in place of its partition's."""
    schema = arrow_schema(table, with_partitions=False)
    named = {name: value for name, value in partition.items() if name in schema.names}
    row = {f.name: None if f.nullable else OF_TYPE[f.type] for f in schema} | named
    rows = pa.Table.from_pylist([row], schema=schema)
    parts = {name: partition[name] for name in load_contract(table).partition_by}
    texts = {name: str(value) for name, value in parts.items()}
    gone = [file for file in active_files(open_delta(settings, table)) if dict(file.partition) == texts]
    commit(settings, table, [stage(table_folder(settings, table), table, rows, parts, key)], gone)


@pytest.fixture(scope="module")
def computed(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Three weeks of messages, on record as folded, of which nothing came out; tables made with Spark are stale.

    Not to be changed.
    """
    settings = Settings(tmp_path_factory.mktemp("stale") / "data")
    create_tables(settings)
    put(settings, "reference.ports", "ports", port_version=TEXT)
    put(settings, "reference.gates", "gates", gate_version=TEXT)
    for week in WEEKS:
        put(settings, "bronze.ais_messages", "messages", observed_on=week.monday, ship_bucket=0)
        put(settings, "silver.fold_state", "state", week=week.plus(1).name, ship_bucket=0)
        put(settings, ACTIVITY, "first", week=week.name)
    for module in WITHOUT_SPARK:
        module.run(Job(settings))
    return settings


@pytest.fixture
def lake(computed: Settings, tmp_path: Path) -> Settings:
    """A copy of it."""
    shutil.copytree(computed.data_dir, tmp_path / "data")
    return Settings(tmp_path / "data")


def stale_in_status(settings: Settings, table: str) -> list[str]:
    weeks = read_status(settings, SHIP_RULES)["weeks"]
    return [week["week"] for week in weeks if table in week["stale_tables"]]


def test_every_table_that_is_computed_week_by_week_is_asked(computed: Settings) -> None:
    written = {name for step in weekly_order() if step.name not in NOT_WEEK_BY_WEEK for name in step.writes}
    assert {name for name in written if load_contract(name).partition_by != ("week",)} == set()
    assert set(stale_tables(computed, SHIP_RULES)) == written


def test_what_was_computed_is_current(computed: Settings) -> None:
    with_spark = {ACTIVITY, DAILY, STRAITS, STATUS, CELLS}
    assert {table for table, weeks in stale_tables(computed, SHIP_RULES).items() if weeks} == with_spark


def test_series_are_stale_from_the_week_on_whose_values_changed(lake: Settings) -> None:
    put(lake, ACTIVITY, "second", week=SECOND.name)
    assert stale_in_status(lake, SERIES) == [SECOND.name, THIRD.name]
    compute_series.run(Job(lake))
    assert stale_in_status(lake, SERIES) == []


@pytest.mark.parametrize(
    ("table", "together"),
    [
        (assess_coverage.DAILY, {assess_coverage.DAILY, assess_coverage.WEEKLY}),
        (derive_voyages.DRAWS, {derive_voyages.DRAWS, derive_voyages.VOYAGES}),
        (DAILY, {DAILY, ACTIVITY}),
    ],
)
def test_tables_that_one_task_writes_together_are_stale_together(
    lake: Settings, table: str, together: set[str]
) -> None:
    put(lake, table, "other", week=THIRD.name)
    stale = stale_tables(lake, SHIP_RULES)
    assert {name for name in together if THIRD in stale[name]} == together


def test_a_backfill_reports_the_weeks_that_it_computes_again_without_folding_them(lake: Settings) -> None:
    put(lake, ACTIVITY, "second", week=SECOND.name)
    job = Job(lake, Period(FIRST, FIRST))
    plan = plan_backfill(job, [task("compute_series")])
    assert (plan.folded, plan.stale) == (None, (SECOND.name, THIRD.name))
    compute_series.run(Job(lake))
    assert plan_backfill(job, runner.tasks_before_check("ships", "compute_series")).stale == ()
