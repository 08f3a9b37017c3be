"""Both executors leave the same tables: files of three layouts, a run a week with releases, and a backfill.

`make test` compares runs a week with Spark and the backfill with a pool of local processes, each with one local
process, as far as the last task that asks for an executor; `make test-all` compares all three both ways and goes on
to the releases.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import polars as pl
import pytest
from pyspark.sql import SparkSession

from ais_indicators import runner
from ais_indicators.contracts.model import all_tables
from ais_indicators.io.spread import Executor, open_executor
from ais_indicators.job import Job
from ais_indicators.periods import Period, Week
from ais_indicators.settings import ExecutorChoice, Settings
from ais_indicators.tasks import weekly_order
from ais_simulator import Simulation, simulate_weeks
from ais_simulator.radio import Format
from ais_simulator.simulation import SimulatedSea
from setup.object_store import ObjectStore, known_to_workers
from tests.examples import is_full
from tests.messages import assert_same_content, table

WEEKS = Period(Week.parse("2026-W02"), Week.parse("2026-W03"))
LAYOUTS: tuple[Format, ...] = ("noaa", "nmea", "dma")
EXECUTORS: dict[str, ExecutorChoice] = {"pool": "local", "spark": "spark"}
LAST_TASK = None if is_full() else "track_vessels"
"""Last task that is run. Those after it ask for no executor, so each of their steps is the same code."""

ASK_FOR_EXECUTORS = {"false_positions", "ingest_messages", "job", "track_vessels"}
OF_THE_RUN = {
    "task_run_id",
    "run_id",
    "started_at_utc",
    "finished_at_utc",
    "seconds",
    "published_at_utc",
    "figure_files",
    "folded_weeks",
    "input_fingerprint",
    "history_fingerprint",
}
"""Columns of moments, of random file names, and of how the input was cut into files for the cores."""

Tables = Mapping[str, pl.DataFrame]
Way = Callable[[Settings, list[SimulatedSea]], None]


@pytest.fixture(scope="module")
def seas(tmp_path_factory: pytest.TempPathFactory) -> list[SimulatedSea]:
    """The same two weeks of a few ships in three layouts."""
    folder = tmp_path_factory.mktemp("seas")
    wanted = Simulation(WEEKS.first.name, len(WEEKS.weeks), 8, 5, thin_s=900)
    return [
        simulate_weeks(replace(wanted, message_format=layout), folder / layout, jobs=1) for layout in LAYOUTS
    ]


def files_of(seas: list[SimulatedSea], first: int, last: int) -> tuple[Path, ...]:
    """Files of some days, each in another layout than the day before."""
    return tuple(seas[day % len(seas)].message_files[day] for day in range(first, last))


@cache
def executor_of(lake: Settings) -> Executor:
    """The lake's executor, whose workers start once and serve all its jobs."""
    return open_executor(lake)


def job(lake: Settings, weeks: Period | None = None, paths: tuple[Path, ...] = ()) -> Job:
    made = Job(lake, weeks, paths)
    made.executor = executor_of(lake)
    return made


def weekly(lake: Settings, seas: list[SimulatedSea]) -> None:
    """A delivery, a run and a release a week; then a file comes late."""
    for number, week in enumerate(WEEKS):
        take_in(lake, files_of(seas, 7 * number, 7 * number + (6 if number == 0 else 7)))
        runner.run_weekly(job(lake, Period(week, week)), until=LAST_TASK)
    take_in(lake, files_of(seas, 6, 7))
    runner.run_weekly(job(lake, Period(WEEKS.last, WEEKS.last)), until=LAST_TASK)


def backfill(lake: Settings, seas: list[SimulatedSea]) -> None:
    """All files, then both weeks in one go."""
    take_in(lake, files_of(seas, 0, 14))
    runner.run_weekly(job(lake, WEEKS), until=LAST_TASK)


def take_in(lake: Settings, files: tuple[Path, ...]) -> None:
    runner.run_task("ingest_messages", job(lake, paths=files))


def tables_after(way: Way, lake: Settings, seas: list[SimulatedSea]) -> Tables:
    """Follows a way in an empty lake, and reads all rows of all tables."""
    runner.run_task("load_ports", Job(lake, paths=(seas[0].ports_file,)))
    runner.run_task("load_vessels", Job(lake, paths=(seas[0].register_file,)))
    way(lake, seas)
    return {name: in_order(table(lake, name)) for name in all_tables()}


def in_order(rows: pl.DataFrame) -> pl.DataFrame:
    kept = rows.drop(OF_THE_RUN & set(rows.columns))
    return kept.sort(kept.columns)


@pytest.mark.parametrize(
    ("way", "others"),
    [
        (weekly, ["pool", "spark"] if is_full() else ["spark"]),
        (backfill, ["pool", "spark"] if is_full() else ["pool"]),
    ],
    ids=["weekly", "backfill"],
)
def test_all_rows_of_all_tables_are_the_same(
    way: Way, others: list[str], seas: list[SimulatedSea], spark: SparkSession, tmp_path: Path
) -> None:
    assert spark
    local = tables_after(way, Settings(tmp_path / "local", cores=1, executor="local"), seas)
    for name in ("silver.port_calls", "silver.positions", "quarantine.messages"):
        assert local[name].height > 0, name
    assert (local["gold.port_activity_weekly"].height > 0) == is_full()
    assert local["ops.ingested_files"]["layout"].n_unique() == len(LAYOUTS)
    for name in others:
        lake = Settings(tmp_path / name, cores=2, shuffle_partitions=1, executor=EXECUTORS[name])
        assert_same_content(tables_after(way, lake, seas), local)


def test_no_task_after_the_fold_asks_for_an_executor() -> None:
    package = Path(runner.__file__).parent
    steps = [package / "job.py", *(package / "pipelines").glob("*.py"), *(package / "tracking").glob("*.py")]
    asking = {path.stem for path in steps if "executor" in path.read_text(encoding="utf-8")}
    order = [step.name for step in weekly_order()]
    assert asking - {"worker_modules"} == ASK_FOR_EXECUTORS
    assert not ASK_FOR_EXECUTORS & set(order[order.index("track_vessels") + 1 :])


def folded_in_store(lake: Settings, seas: list[SimulatedSea]) -> Tables:
    """Takes days of each layout in and folds them, and reads the tables of both steps."""
    runner.run_task("load_ports", Job(lake, paths=(seas[0].ports_file,)))
    take_in(lake, files_of(seas, 0, 7 if is_full() else len(seas)))
    runner.run_weekly(Job(lake, Period(WEEKS.first, WEEKS.first)), until="track_vessels")
    names = ("bronze.ais_messages", "quarantine.messages", "silver.positions", "silver.port_calls")
    return {name: in_order(table(lake, name)) for name in names}


def test_workers_of_spark_write_the_same_tables_to_an_object_store(
    seas: list[SimulatedSea], spark: SparkSession, object_store: ObjectStore, tmp_path: Path
) -> None:
    assert spark
    here = Settings(tmp_path / "here", cores=1, executor="local", lake_url=f"{object_store.url}/here")
    there = Settings(tmp_path / "there", cores=2, executor="spark", lake_url=f"{object_store.url}/there")
    local = folded_in_store(here, seas)
    assert local["silver.positions"].height > 0
    with known_to_workers(object_store):
        assert_same_content(folded_in_store(there, seas), local)
    assert not list(there.lake.rglob("*.parquet"))
