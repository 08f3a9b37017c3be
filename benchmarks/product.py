"""The main job by the product's own Python interface, in one warm process."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from deltalake import DeltaTable

from ais_indicators import runner
from ais_indicators.contracts.model import all_tables
from ais_indicators.job import Job
from ais_indicators.periods import Period, Week
from ais_indicators.settings import Settings
from benchmarks.contract import Observation, Place
from benchmarks.stages import Stopwatch

_state: dict[str, Any] = {}


def prepare(place: Place) -> None:
    """Makes a lake with the ports loaded."""
    _state["settings"] = Settings(data_dir=place.out, cores=place.cores)
    runner.run_task("load_ports", _job(paths=(place.ports_csv,)))


def run_once(csv_paths: Sequence[Path], week_names: Sequence[str]) -> Mapping[str, float]:
    """Takes the files in, folds them and commits the weekly tables."""
    watch = Stopwatch()
    with watch.stage("ingest"):
        runner.run_task("ingest_messages", _job(paths=tuple(csv_paths)))
    with watch.stage("fold"):
        runner.run_weekly(_job(week_names), only="track_vessels")
    with watch.stage("gold"):
        for task in ("compute_port_activity", "compute_cell_activity"):
            runner.run_weekly(_job(week_names), only=task)
    return watch.seconds


def weekly_counts() -> list[Observation]:
    """Reads `gold.port_activity_weekly`."""
    table = _table("gold.port_activity_weekly").to_pyarrow_table(columns=list(Observation._fields))
    return [Observation(**row) for row in table.to_pylist()]


def rows_out() -> Mapping[str, int]:
    """Counts the rows of each table that holds any."""
    counts = {name: _table(name).to_pyarrow_dataset().count_rows() for name in all_tables()}
    return {name: rows for name, rows in counts.items() if rows}


def gate_and_release(week_names: Sequence[str]) -> float | None:
    """Runs the release check and publishes the release."""
    watch = Stopwatch()
    with watch.stage("publish"):
        runner.run_weekly(_job(week_names), only="publish_release")
    return watch.seconds["publish"]


def stop() -> None:
    """Needs nothing: the workers end with their jobs."""


def _job(week_names: Sequence[str] = (), paths: tuple[Path, ...] = ()) -> Job:
    period = Period(Week.parse(week_names[0]), Week.parse(week_names[-1])) if week_names else None
    return Job(settings=_state["settings"], period=period, paths=paths)


def _table(name: str) -> DeltaTable:
    return DeltaTable(_state["settings"].table_path(name))
