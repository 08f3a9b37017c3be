"""The main job in DuckDB SQL (`sql/duckdb/`), as fast as its authors could make it.

It sorts once and streams its windows over the sorted table. H3 cells come from an Arrow function over
h3ronpy, those of resolution 8 only near ports. Parquet is compressed as lightly as the product's. Memory is
not limited.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from duckdb.func import PythonUDFType
from h3ronpy.vector import coordinates_to_cells

from benchmarks.contract import Observation, Place
from benchmarks.queries import query
from benchmarks.stages import Stopwatch

_STAGES = {
    "1_bronze": "ingest",
    "2_ordered": "fold",
    "3_fixes": "fold",
    "4_inside": "fold",
    "5_positions": "fold",
    "6_port_fixes": "fold",
    "7_visits": "fold",
    "8_port_calls": "fold",
    "9_weekly": "gold",
}
_UNORDERED = ("1_bronze", "4_inside", "5_positions")
"""Steps whose rows need no order, which spares their writers from keeping one."""

_state: dict[str, Any] = {}


def prepare(place: Place) -> None:
    """Opens a connection with its functions and reference tables, and takes the folder to write to."""
    if "connection" not in _state:
        _state["connection"] = _connect(place)
    place.out.mkdir(parents=True, exist_ok=True)
    _state["out"] = place.out


def run_once(csv_paths: Sequence[Path], week_names: Sequence[str]) -> Mapping[str, float]:  # noqa: ARG001
    """Runs the SQL files one after the other; the weeks are those that the rows are of."""
    watch = Stopwatch()
    places = {"out": _state["out"], "csv_paths": [str(path) for path in csv_paths]}
    for name, stage in _STAGES.items():
        with watch.stage(stage):
            _run(f"SET preserve_insertion_order = {str(name not in _UNORDERED).lower()}")
            _run(query("duckdb", name, out=places["out"], csv_paths=_sql_list(csv_paths)))
    return watch.seconds


def weekly_counts() -> list[Observation]:
    """Reads the weekly Parquet file."""
    rows = _run(
        f"SELECT week, port_locode, vessel_class, indicator, value FROM '{_file('port_activity_weekly')}'"
    )
    return [Observation(*row) for row in rows]


def rows_out() -> Mapping[str, int]:
    """Counts the rows of each Parquet file."""
    tables = ("bronze", "positions", "port_calls", "port_activity_weekly")
    return {table: _run(f"SELECT count(*) FROM '{_file(table)}'")[0][0] for table in tables}


def gate_and_release(week_names: Sequence[str]) -> float | None:  # noqa: ARG001
    """The peer has no gate and no release."""
    return None


def stop() -> None:
    """Closes the connection."""
    _state.pop("connection").close()


def _connect(place: Place) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    _state["connection"] = connection
    _run(f"SET threads = {place.cores}")
    for resolution in (6, 8):
        connection.create_function(
            f"h3_cell_res{resolution}",
            _cells_at(resolution),
            ["DOUBLE", "DOUBLE"],
            "BIGINT",
            type=PythonUDFType.ARROW,
        )
    for statement in query("duckdb", "0_prepare", reference=place.reference).split(";\n"):
        if statement.strip():
            _run(statement)
    return connection


def _cells_at(resolution: int) -> Callable[[pa.ChunkedArray, pa.ChunkedArray], pa.Array]:
    def cells(latitude: pa.ChunkedArray, longitude: pa.ChunkedArray) -> pa.Array:
        found = coordinates_to_cells(latitude.combine_chunks(), longitude.combine_chunks(), resolution)
        return pa.array(found).view(pa.int64())

    return cells


def _run(statement: str) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = _state["connection"].execute(statement).fetchall()
    return rows


def _file(table: str) -> Path:
    return Path(_state["out"]) / f"{table}.parquet"


def _sql_list(paths: Sequence[Path]) -> str:
    return "[" + ", ".join(f"'{path}'" for path in paths) + "]"
