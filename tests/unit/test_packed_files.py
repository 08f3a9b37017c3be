"""Files in every packing give the same rows, and one that cannot be taken in says so."""

import gzip
import os
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest
import zstandard

from ais_indicators.errors import BadInputError
from ais_indicators.sources import (
    inspect,
    plan,
)
from tests.noaa_files import (
    CSV,
    HEADER_2018,
    HEADER_2025,
    LINE_2018,
    ROW_2018,
    raw_rows,
    read,
    written,
)
from tests.subject_rules import SHIP_RULES


def in_zip(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("folder/", b"")
        archive.writestr("readme.txt", b"no data")
        archive.writestr("__MACOSX/._a.csv", b"\x00")
        for name, content in members.items():
            archive.writestr(f"folder/{name}.csv", content)
    return path


PACKINGS: dict[str, Callable[[Path], Path]] = {
    "csv": lambda folder: written(folder / "x.csv", CSV),
    "gzip": lambda folder: written(folder / "x.csv.gz", gzip.compress(CSV)),
    "zstd": lambda folder: written(folder / "x.csv.zst", zstandard.compress(CSV)),
    "zip": lambda folder: in_zip(folder / "x.zip", a=CSV),
}


@pytest.mark.parametrize("packing", list(PACKINGS))
def test_every_packing_gives_the_same_rows(tmp_path: Path, packing: str) -> None:
    path = PACKINGS[packing](tmp_path)
    source = inspect(path, rules=SHIP_RULES)
    assert (source.format, source.layout, source.name) == (packing, "noaa_2018", path.name)
    assert source.members[0].layout.header == tuple(HEADER_2018.split(","))
    block = read(path)
    assert (block.rows.to_pylist(), raw_rows(block)) == ([ROW_2018] * 2, ["short"])


def test_an_archive_may_hold_several_tables_with_their_columns_in_any_order(tmp_path: Path) -> None:
    turned = "\n".join(",".join(reversed(text.split(","))) for text in (HEADER_2018, LINE_2018))
    path = in_zip(tmp_path / "x.zip", a=CSV, b=turned.encode())
    assert [member.name for member in inspect(path, rules=SHIP_RULES).members] == [
        "folder/a.csv",
        "folder/b.csv",
    ]
    assert read(path).rows.to_pylist() == [ROW_2018] * 3


def test_frames_that_follow_each_other_are_one_file(tmp_path: Path) -> None:
    halves = (CSV[:200], CSV[200:])
    for name, compress in (("x.gz", gzip.compress), ("x.zst", zstandard.compress)):
        path = written(tmp_path / name, b"".join(compress(half) for half in halves))
        assert read(path).rows.num_rows == 2


def test_a_file_is_unpacked_once_and_never_by_half(tmp_path: Path) -> None:
    source = inspect(written(tmp_path / "x.csv.gz", gzip.compress(CSV)), rules=SHIP_RULES)
    scratch = tmp_path / "scratch"
    (chunk,) = plan(source, scratch, rules=SHIP_RULES)
    first = chunk.path.stat()
    assert plan(source, scratch, rules=SHIP_RULES) == [chunk]
    assert chunk.path.stat().st_mtime_ns == first.st_mtime_ns
    assert list(scratch.iterdir()) == [chunk.path]


@pytest.mark.parametrize(("workers", "expected"), [(1, 3), (2, 4), (3, 3), (4, 4)])
def test_chunks_of_a_csv_keep_all_workers_busy(tmp_path: Path, workers: int, expected: int) -> None:
    path = written(tmp_path / "x.csv", CSV)
    rows_of_bytes = path.stat().st_size - len(CSV.splitlines()[0]) - 1
    third = -(-rows_of_bytes // 3)
    chunks = plan(inspect(path, rules=SHIP_RULES), tmp_path, third, workers, rules=SHIP_RULES)
    assert len(chunks) == expected
    assert sum(chunk.end - chunk.start for chunk in chunks) == rows_of_bytes
    assert len(plan(inspect(path, rules=SHIP_RULES), tmp_path, rows_of_bytes, workers, rules=SHIP_RULES)) == 1


def test_chunks_travel_to_workers(tmp_path: Path) -> None:
    chunks = plan(
        inspect(written(tmp_path / "x.csv", CSV), rules=SHIP_RULES),
        tmp_path,
        target_bytes=50,
        rules=SHIP_RULES,
    )
    assert len(chunks) > 1
    assert pickle.loads(pickle.dumps(chunks)) == chunks  # noqa: S301
    assert len(pickle.dumps(chunks[0])) < 2000


def parquet_table(**types: pa.DataType) -> pa.Table:
    """The row of 2018 with its fields in some other types."""
    usual: dict[str, pa.DataType] = {"MMSI": pa.int64(), "BaseDateTime": pa.timestamp("us")}
    numbers = ("LAT", "LON", "SOG", "COG", "Heading", "VesselType", "Status", "Length", "Width", "Draft")
    fields = dict(zip(HEADER_2018.split(","), LINE_2018.split(","), strict=True))
    columns = {}
    for name, text in fields.items():
        column = pa.array([text] * 3)
        if name in numbers or name in usual:
            column = column.cast(usual.get(name, pa.float64()))
        columns[name] = column.cast(types.get(name, column.type))
    return pa.table(columns)


@pytest.mark.parametrize(
    "types",
    [
        {},
        {"MMSI": pa.int32(), "VesselType": pa.int16(), "Status": pa.int8()},
        {"MMSI": pa.float64(), "BaseDateTime": pa.timestamp("ns")},
        {"BaseDateTime": pa.timestamp("s", "UTC"), "VesselName": pa.dictionary(pa.int32(), pa.string())},
        {"SOG": pa.float32(), "COG": pa.float32(), "Draft": pa.float32()},
        {"VesselName": pa.large_string(), "IMO": pa.binary(), "VesselType": pa.string()},
        {name: pa.string() for name in HEADER_2018.split(",")},
    ],
    ids=str,
)
def test_parquet_of_any_sensible_types_gives_the_same_rows(
    tmp_path: Path, types: dict[str, pa.DataType]
) -> None:
    path = tmp_path / "x.parquet"
    pyarrow.parquet.write_table(parquet_table(**types), path, row_group_size=1)
    source = inspect(path, rules=SHIP_RULES)
    assert (source.format, source.layout) == ("parquet", "noaa_2018")
    assert len(plan(source, tmp_path, target_bytes=200, rules=SHIP_RULES)) == 2
    assert read(path, target_bytes=200).rows.to_pylist() == [ROW_2018] * 3


def test_texts_and_codes_of_parquet_are_read_as_those_of_csv(tmp_path: Path) -> None:
    odd = {"MMSI": [2**62, 0, 366940480], "VesselName": ["", " A ", None], "VesselType": [1004.0, 70.5, None]}
    table = parquet_table()
    for name, values in odd.items():
        column = pa.array(values, table.schema.field(name).type)
        table = table.set_column(table.column_names.index(name), name, column)
    pyarrow.parquet.write_table(table, tmp_path / "x.parquet")
    rows = read(tmp_path / "x.parquet").rows
    assert rows["vessel_name"].to_pylist() == [None, "A", None]
    assert rows["ais_ship_type"].to_pylist() == [70, None, None]
    assert rows["value_flags"].to_pylist() == [None, "ais_ship_type_unreadable", None]
    assert rows["mmsi"].to_pylist() == odd["MMSI"]


# --- files that cannot be taken in


def cut(content: bytes) -> bytes:
    return content[: len(content) * 2 // 3]


def of_types(folder: Path, **types: pa.DataType) -> Path:
    pyarrow.parquet.write_table(parquet_table(**types), folder / "x.parquet")
    return folder / "x.parquet"


NOISE = os.urandom(50_000).hex().encode()
LARGE = CSV + b"\n".join([NOISE[n : n + 80] for n in range(0, len(NOISE), 80)])
BAD_FILES: dict[str, tuple[Callable[[Path], Path], str]] = {
    "not there": (lambda folder: folder / "x.csv", "no such file"),
    "folder": (lambda folder: folder, "is a folder"),
    "empty": (lambda folder: written(folder / "x.csv", b""), "x.csv: is empty"),
    "other layout": (
        lambda folder: written(folder / "x.csv", b"a,b\n1,2\n"),
        "x.csv: unknown layout.*MMSI.*: a, b",
    ),
    "no header": (lambda folder: written(folder / "x.csv", LINE_2018.encode()), "header included"),
    "no position": (
        lambda folder: written(folder / "x.csv", b"MMSI,BaseDateTime,LAT\n"),
        "it has no LON",
    ),
    "column twice": (
        lambda folder: written(folder / "x.csv", f"{HEADER_2018},LAT\n".encode()),
        "more than one column holds latitude",
    ),
    "old line ends": (lambda folder: written(folder / "x.csv", CSV.replace(b"\n", b"\r")), "unknown layout"),
    "not text": (lambda folder: written(folder / "x.csv", b"\x80\x00" * 9), "unknown layout"),
    "gzip cut off": (lambda folder: written(folder / "x.gz", cut(gzip.compress(LARGE))), "x.gz: is damaged"),
    "zstd cut off": (
        lambda folder: written(folder / "x.zst", cut(zstandard.compress(LARGE))),
        "x.zst: is damaged",
    ),
    "zip cut off": (
        lambda folder: written(folder / "y.zip", cut(in_zip(folder / "x.zip", a=LARGE).read_bytes())),
        "y.zip: is damaged",
    ),
    "zip damaged": (
        lambda folder: written(
            folder / "y.zip",
            in_zip(folder / "x.zip", a=LARGE).read_bytes().replace(b"\x00\x00\x00", b"\xff" * 3),
        ),
        "y.zip: is damaged",
    ),
    "zip of other things": (lambda folder: in_zip(folder / "x.zip"), "contains no file of messages"),
    "zip of a bad table": (
        lambda folder: in_zip(folder / "x.zip", a=CSV, b=b"a,b\n"),
        r"x.zip \(folder/b.csv\): unknown layout",
    ),
    "zip of two layouts": (
        lambda folder: in_zip(folder / "x.zip", a=CSV, b=HEADER_2025.encode()),
        "holds 2 layouts",
    ),
    "parquet cut off": (
        lambda folder: written(folder / "y.parquet", cut(of_types(folder).read_bytes())),
        "y.parquet: is damaged",
    ),
    "parquet with counted time": (
        lambda folder: of_types(folder, BaseDateTime=pa.int64()),
        "x.parquet: a column's type does not fit",
    ),
}


@pytest.mark.parametrize("case", list(BAD_FILES))
def test_a_file_that_cannot_be_taken_in_says_so_in_one_sentence(tmp_path: Path, case: str) -> None:
    build, words = BAD_FILES[case]
    path = build(tmp_path)
    with pytest.raises(BadInputError, match=words):
        plan(inspect(path, rules=SHIP_RULES), tmp_path / "scratch", rules=SHIP_RULES)
    assert not list(tmp_path.glob("scratch/*"))
