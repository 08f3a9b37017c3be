"""The main job the plain Spark way: spark.read.csv, window functions, DataFrame writes to Delta.

One warm session with as many local threads as the others have; its memory is not kept small.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pyspark import StorageLevel
from pyspark.sql import DataFrame, SparkSession

from ais_indicators.io.session import build_session
from ais_indicators.settings import Settings
from benchmarks import spark_steps as steps
from benchmarks.contract import Observation, Place
from benchmarks.spark_weekly import weekly
from benchmarks.stages import Stopwatch

DRIVER_MEMORY = "4g"
SHUFFLE_PARTITIONS = 8

_state: dict[str, Any] = {}


def prepare(place: Place) -> None:
    """Starts Spark the first time, and takes the folder to write to."""
    if "spark" not in _state:
        settings = Settings(place.out, place.cores, DRIVER_MEMORY, SHUFFLE_PARTITIONS)
        _state["spark"] = build_session(settings)
        _state["reference"] = place.reference
    _state["out"] = place.out


def run_once(csv_paths: Sequence[Path], week_names: Sequence[str]) -> Mapping[str, float]:  # noqa: ARG001
    """Runs the steps one after the other; the weeks are those that the rows are of."""
    watch = Stopwatch()
    with watch.stage("ingest"):
        raw = _spark().read.csv([str(p) for p in csv_paths], header=True, schema=steps.CSV_SCHEMA)
        _write(steps.bronze(raw), "bronze", "observed_on")
    with watch.stage("fold"):
        _fold()
    with watch.stage("gold"):
        _write(weekly(_read("port_calls")), "port_activity_weekly", "week")
    return watch.seconds


def weekly_counts() -> list[Observation]:
    """Reads the weekly Delta table."""
    rows = _read("port_activity_weekly").select(*Observation._fields).collect()
    return [Observation(*row) for row in rows]


def rows_out() -> Mapping[str, int]:
    """Counts the rows of each Delta table."""
    return {t: _read(t).count() for t in ("bronze", "positions", "port_calls", "port_activity_weekly")}


def gate_and_release(week_names: Sequence[str]) -> float | None:  # noqa: ARG001
    """The peer has no gate and no release."""
    return None


def stop() -> None:
    """Ends the session."""
    _spark().stop()


def _fold() -> None:
    """Writes the positions and the port calls; the tracked fixes are kept between the two."""
    ports, cells, tiles = (_reference(name) for name in ("ports", "port_cells", "port_tiles"))
    messages = _read("bronze")
    tracked = steps.fixes(steps.placed(messages, ports, cells, tiles)).persist(StorageLevel.MEMORY_AND_DISK)
    _write(tracked.select(*_POSITIONS), "positions", "observed_on")
    visited = steps.visits(tracked, ports)
    _write(steps.port_calls(visited, tracked, messages, ports), "port_calls")
    tracked.unpersist()


_POSITIONS = (
    "mmsi",
    "track_id",
    "observed_at_utc",
    "latitude",
    "longitude",
    "sog_knots",
    "cog_degrees",
    "heading_degrees",
    "seconds_since_previous",
    "port_locode",
    "h3_res6",
    "observed_on",
)


def _spark() -> SparkSession:
    session: SparkSession = _state["spark"]
    return session


def _reference(name: str) -> DataFrame:
    return _spark().read.parquet(str(_state["reference"] / f"{name}.parquet"))


def _path(table: str) -> str:
    return str(_state["out"] / table)


def _read(table: str) -> DataFrame:
    return _spark().read.format("delta").load(_path(table))


def _write(rows: DataFrame, table: str, *partition_by: str) -> None:
    writer = rows.write.format("delta").option("delta.enableDeletionVectors", "false")
    (writer.partitionBy(*partition_by) if partition_by else writer).save(_path(table))
