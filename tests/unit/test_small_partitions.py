"""A few partitions of one small file each are read without a scan; in all other cases the caller scans the table."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from ais_indicators.io.small_partitions import MOST_FILES, read_small_partitions
from ais_indicators.io.staging import TableFile, stage
from ais_indicators.io.store import SMALL_BYTES, Folder
from tests.release_lake import ACTIVITY, FIRST, FIRST_ROWS, SECOND, tables

NAMES = ["value", "week", "port_locode"]
OF_FIRST = [("week", "=", FIRST)]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(str(tmp_path))


@pytest.fixture
def files(folder: Folder) -> list[TableFile]:
    """Two weeks of a table, a file each."""
    rows = tables(FIRST_ROWS)[ACTIVITY].drop_columns(["week"])
    return [stage(folder, ACTIVITY, part, {"week": week}, "made") for week, part in parts(rows)]


def parts(rows: pa.Table) -> list[tuple[str, pa.Table]]:
    return [(FIRST, rows), (SECOND, rows.slice(0, 2))]


def read(folder: Folder, files: list[TableFile], filters: Any, names: list[str] = NAMES) -> pa.Table | None:
    return read_small_partitions(folder, ACTIVITY, files, names, filters)


@pytest.mark.parametrize(
    "filters", [OF_FIRST, [("week", "==", FIRST)], [("week", "in", [FIRST, "2019-W01"])], OF_FIRST * 2]
)
def test_the_file_that_the_filters_leave_is_read(
    folder: Folder, files: list[TableFile], filters: Any
) -> None:
    rows = read(folder, files, filters)
    assert rows is not None
    assert rows.equals(tables(FIRST_ROWS)[ACTIVITY].select(NAMES))


def test_a_few_files_are_read_in_the_order_of_their_weeks(folder: Folder, files: list[TableFile]) -> None:
    both = [("week", "in", [SECOND, FIRST])]
    wanted = pa.concat_tables(part.select(["value"]) for _, part in parts(tables(FIRST_ROWS)[ACTIVITY]))
    for order in (files, files[::-1]):
        rows = read(folder, order, both, ["value", "week"])
        assert rows is not None
        assert rows.select(["value"]).equals(wanted)
        assert rows["week"].unique().to_pylist() == [FIRST, SECOND]


def test_without_a_filter_all_files_are_read(folder: Folder, files: list[TableFile]) -> None:
    rows = read(folder, files, None)
    assert rows is not None
    assert rows["week"].to_pylist() == [FIRST] * files[0].rows + [SECOND] * files[1].rows
    assert read(folder, files * 2, None) is None


def test_filters_that_leave_no_file_give_no_rows(folder: Folder, files: list[TableFile]) -> None:
    rows = read(folder, files, [("week", "in", ["2019-W01"])])
    assert rows is not None
    assert rows.equals(tables(FIRST_ROWS)[ACTIVITY].select(NAMES).slice(0, 0))


@pytest.mark.parametrize(("number", "is_read"), [(MOST_FILES, True), (MOST_FILES + 1, False)])
def test_many_files_are_left_to_a_scan(
    folder: Folder, files: list[TableFile], number: int, is_read: bool
) -> None:
    many = [replace(files[0], partition={"week": f"2021-W0{n}"}) for n in range(1, number + 1)]
    rows = read(folder, many, [("week", "in", [str(file.partition["week"]) for file in many])])
    assert (rows is not None) == is_read


def test_two_files_of_one_partition_are_left_to_a_scan(folder: Folder, files: list[TableFile]) -> None:
    assert read(folder, [files[0], files[0]], OF_FIRST) is None


def test_a_file_that_was_written_without_a_column_is_left_to_a_scan(
    folder: Folder, files: list[TableFile]
) -> None:
    path = Path(folder.location(files[0].path))
    folder.write(files[0].path, folder.read(files[0].path).drop_columns(["value"]))
    older = [replace(files[0], size=path.stat().st_size)]
    assert read(folder, older, OF_FIRST) is None
    assert read(folder, older, OF_FIRST, ["week", "port_locode"]) is not None


@pytest.mark.parametrize(
    "filters",
    [
        [("week", ">", FIRST)],
        [("week", "=", date(2021, 1, 4))],
        [("port_locode", "=", "NLRTM")],
        [OF_FIRST],
    ],
)
def test_other_filters_are_left_to_a_scan(folder: Folder, files: list[TableFile], filters: Any) -> None:
    assert read(folder, files, filters) is None


def test_only_small_files_that_are_there_are_read_so(folder: Folder, files: list[TableFile]) -> None:
    first = files[0]
    assert read(folder, [replace(first, size=SMALL_BYTES)], OF_FIRST) is not None
    assert read(folder, [replace(first, size=SMALL_BYTES + 1)], OF_FIRST) is None
    assert read(Folder("s3a://ais/lake"), files, OF_FIRST) is None
    assert read(folder, [], OF_FIRST) is None
    Path(folder.location(first.path)).write_bytes(b"no Parquet")
    assert read(folder, files, OF_FIRST) is None
    Path(folder.location(first.path)).unlink()
    assert read(folder, files, OF_FIRST) is None


def test_a_filter_on_a_partition_that_is_no_text_is_left_to_a_scan(folder: Folder) -> None:
    file = TableFile("a.parquet", {"observed_on": "2021-01-04", "ship_bucket": "1"}, 1, 1)
    asked = [("ship_bucket", "=", "1")]
    assert read_small_partitions(folder, "silver.positions", [file], ["mmsi"], asked) is None
