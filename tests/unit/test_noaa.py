"""NOAA files: every layout in every packing, and no bad line that costs another one."""

import gzip
import os
import pickle
import zipfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet
import pytest
import zstandard

from ais_indicators.contracts.row_rules import RowSplit, apply_row_rules
from ais_indicators.errors import BadInputError
from ais_indicators.sources import (
    BRONZE_MESSAGES,
    FILE_LINE,
    SourceBlock,
    guess_delivery,
    inspect,
    plan,
    raw_schema,
    read_chunk,
)

HEADER_SHORT = "MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName,IMO,CallSign,VesselType"
HEADER_2015 = HEADER_SHORT + ",Status,Length,Width,Draft,Cargo"
HEADER_2018 = HEADER_2015 + ",TransceiverClass"
HEADER_2025 = (
    "mmsi,base_date_time,longitude,latitude,sog,cog,heading,vessel_name,imo,call_sign,vessel_type,status,"
    "length,width,draft,cargo,transceiver"
)
LINE_2015 = (
    "366940480,2017-01-04T11:39:36,52.48730,-174.02316,10.0,-140.7,267.0,EARLY DAWN,IMO7821130,WDB7319,1001,"
    "under way using engine,32.95,8.82,4.0,31"
)
LINE_2018 = (
    "636021061,2023-01-11T00:00:00,26.09241,-80.04806,8.8,272.7,270.0,MSC NAISHA III,IMO9307839,5LCB4,70,8.0,"
    "208.0,30.0,8.0,70.0,A"
)
LINE_2025 = (
    "366996430,2026-03-31 00:00:00,-82.55641,38.40362,0.1,295.2,100,CAPT JEFF IRBY,9134270,WDK7088,31,12,"
    "20,8,3.3,,A"
)
ROW_2018 = {
    "mmsi": 636021061,
    "message_type": None,
    "observed_at_utc": datetime(2023, 1, 11, tzinfo=UTC),
    "latitude": 26.09241,
    "longitude": -80.04806,
    "sog_knots": 8.8,
    "cog_degrees": 272.7,
    "heading_degrees": 270.0,
    "navigational_status": 8,
    "imo_number": 9307839,
    "vessel_name": "MSC NAISHA III",
    "call_sign": "5LCB4",
    "ais_ship_type": 70,
    "length_m": 208.0,
    "width_m": 30.0,
    "draught_m": 8.0,
    "destination": None,
    "eta_utc": None,
    "transceiver_class": "A",
    "altitude_m": None,
    "ground_flag": None,
    "station": None,
    "value_flags": None,
}


def line(header: str = HEADER_2018, **fields: str) -> str:
    """A line of the layout, good but for the fields given under NOAA's names."""
    good = {HEADER_2015: LINE_2015, HEADER_2018: LINE_2018, HEADER_2025: LINE_2025}[header]
    return ",".join((dict(zip(header.split(","), good.split(","), strict=True)) | fields).values())


def read(path: Path, target_bytes: int = 1 << 26) -> SourceBlock:
    """All rows of a file."""
    chunks = plan(inspect(path), path.parent / "scratch", target_bytes)
    blocks = [block for chunk in chunks for block in read_chunk(chunk)]
    rows, unreadable = (pa.concat_tables([getattr(b, n) for b in blocks]) for n in ("rows", "unreadable"))
    return SourceBlock(rows.drop_columns(FILE_LINE), unreadable)


def read_lines(tmp_path: Path, lines: Sequence[str | bytes], header: str = HEADER_2018) -> SourceBlock:
    path = tmp_path / "day.csv"
    path.write_bytes(
        b"".join(text if isinstance(text, bytes) else f"{text}\n".encode() for text in (header, *lines))
    )
    return read(path)


def after_rules(tmp_path: Path, header: str = HEADER_2018, **fields: str) -> RowSplit:
    return apply_row_rules(read_lines(tmp_path, [line(header, **fields)], header).rows, BRONZE_MESSAGES, None)


def raw_rows(block: SourceBlock) -> list[str]:
    return [str(text) for text in block.unreadable["raw_row"].to_pylist()]


# --- layouts


def test_the_layout_of_2018_fills_every_column(tmp_path: Path) -> None:
    rows = read_lines(tmp_path, [LINE_2018]).rows
    assert rows.schema == raw_schema()
    assert rows.to_pylist() == [ROW_2018]


def test_the_layout_of_2025_has_longitude_first(tmp_path: Path) -> None:
    (row,) = read_lines(tmp_path, [LINE_2025], HEADER_2025).rows.to_pylist()
    assert (row["latitude"], row["longitude"]) == (38.40362, -82.55641)
    assert row["observed_at_utc"] == datetime(2026, 3, 31, tzinfo=UTC)
    assert (row["imo_number"], row["navigational_status"], row["transceiver_class"]) == (9134270, 12, "A")
    assert (row["draught_m"], row["ais_ship_type"], row["call_sign"]) == (3.3, 31, "WDK7088")


def test_the_layout_of_2015_has_status_in_words_and_signed_courses(tmp_path: Path) -> None:
    (row,) = read_lines(tmp_path, [LINE_2015], HEADER_2015).rows.to_pylist()
    assert (row["cog_degrees"], row["navigational_status"], row["ais_ship_type"]) == (268.9, 0, 30)
    assert (row["length_m"], row["draught_m"], row["transceiver_class"]) == (32.95, 4.0, None)


@pytest.mark.parametrize(
    ("header", "layout"),
    [
        (HEADER_2015, "noaa_2015"),
        (HEADER_2018, "noaa_2018"),
        (HEADER_SHORT, "noaa_2018"),
        (HEADER_2018.replace("Transceiver", "Transciever"), "noaa_2018"),
        (HEADER_2025, "noaa_2025"),
        ("mmsi,base_date_time,longitude,latitude", "noaa_2025"),
        ("\ufeff" + HEADER_2018, "noaa_2018"),
        (",".join(f'"{name}"' for name in HEADER_2015.split(",")), "noaa_2015"),
        (HEADER_2018 + "\r", "noaa_2018"),
    ],
)
def test_a_layout_is_recognised_by_its_header(tmp_path: Path, header: str, layout: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text(header + "\n", encoding="utf-8")
    source = inspect(path)
    assert (source.layout, source.format, source.size_bytes) == (layout, "csv", path.stat().st_size)
    assert source.members[0].layout.header[0].lower() == "mmsi"
    assert plan(source, tmp_path) == []


def test_columns_are_found_by_name_and_may_be_absent_or_unknown(tmp_path: Path) -> None:
    header = "Extra,LON,MMSI,LAT,BaseDateTime"
    (row,) = read_lines(tmp_path, ["?,-94.4,235010170,29.1,2020-01-01T00:00:00"], header).rows.to_pylist()
    assert (row["mmsi"], row["latitude"], row["longitude"]) == (235010170, 29.1, -94.4)
    assert row["sog_knots"] is None
    assert row["value_flags"] is None


# --- values


@pytest.mark.parametrize(
    ("delivered", "taken", "flag"),
    [
        ("-140.7", 268.9, None),
        ("-0.1", None, "cog_out_of_range"),  # 409.5
        ("-49.6", None, None),  # 360.0: not available
        ("-49.7", 359.9, None),
        ("-204.8", 204.8, None),
        ("-204.7", 204.9, None),
        ("0.0", 0.0, None),
        ("204.7", 204.7, None),
    ],
)
def test_a_signed_course_of_2015_is_corrected_before_the_sentinels(
    tmp_path: Path, delivered: str, taken: float | None, flag: str | None
) -> None:
    accepted = after_rules(tmp_path, HEADER_2015, COG=delivered).accepted
    assert (accepted["cog_degrees"][0].as_py(), accepted["value_flags"][0].as_py()) == (taken, flag)


@pytest.mark.parametrize(
    ("delivered", "taken", "flag"),
    [("-28.1", 74.3, None), ("-0.1", None, None), ("-0.2", None, "sog_censored"), ("-51.2", 51.2, None)],
)
def test_a_signed_speed_of_2015_is_corrected_before_the_sentinels(
    tmp_path: Path, delivered: str, taken: float | None, flag: str | None
) -> None:
    accepted = after_rules(tmp_path, HEADER_2015, SOG=delivered).accepted
    assert (accepted["sog_knots"][0].as_py(), accepted["value_flags"][0].as_py()) == (taken, flag)


def test_a_negative_course_of_later_years_is_out_of_range(tmp_path: Path) -> None:
    accepted = after_rules(tmp_path, COG="-140.7", SOG="-0.1", Heading="511.0").accepted
    assert accepted["cog_degrees"][0].as_py() is None
    assert accepted["heading_degrees"][0].as_py() is None
    assert accepted["value_flags"][0].as_py() == "sog_out_of_range,cog_out_of_range"


@pytest.mark.parametrize(
    ("field", "delivered", "column", "taken", "flag"),
    [
        ("Status", "undefined", "navigational_status", 15, None),
        ("Status", "At anchor", "navigational_status", 1, None),
        ("Status", "restricted maneuverability", "navigational_status", 3, None),
        ("Status", "power-driven vessel towing astern", "navigational_status", 11, None),
        ("Status", "5", "navigational_status", 5, None),
        ("Status", "asleep", "navigational_status", None, "navigational_status_unreadable"),
        ("Status", "", "navigational_status", None, None),
        ("VesselType", "1004", "ais_ship_type", 70, None),
        ("VesselType", "1012", "ais_ship_type", 60, None),
        ("VesselType", "1017", "ais_ship_type", 80, None),
        ("VesselType", "1019.0", "ais_ship_type", 37, None),
        ("VesselType", "1025", "ais_ship_type", 31, None),
        ("VesselType", "1026", "ais_ship_type", 1026, None),
        ("VesselType", "70.5", "ais_ship_type", None, "ais_ship_type_unreadable"),
        ("VesselType", "99999999999", "ais_ship_type", None, "ais_ship_type_unreadable"),
        ("IMO", "IMO9134270", "imo_number", 9134270, None),
        ("IMO", "9134270", "imo_number", 9134270, None),
        ("IMO", "IMO0000000", "imo_number", 0, None),
        ("IMO", "", "imo_number", None, None),
        ("IMO", "IMOABC", "imo_number", None, "imo_number_unreadable"),
        ("VesselName", "  NADA  ", "vessel_name", "NADA", None),
        ("VesselName", "NA", "vessel_name", "NA", None),
        ("VesselName", "", "vessel_name", None, None),
        ("VesselName", "ÅÄÖ", "vessel_name", "ÅÄÖ", None),
        ("VesselName", '"A ""B"", C"', "vessel_name", 'A "B", C', None),
        ("Length", "x", "length_m", None, "length_unreadable"),
        ("Draft", "NaN", "draught_m", None, None),
        ("SOG", "x", "sog_knots", None, "sog_unreadable"),
        ("Heading", " 267.0 ", "heading_degrees", 267.0, None),
    ],
)
def test_one_field(
    tmp_path: Path, field: str, delivered: str, column: str, taken: Any, flag: str | None
) -> None:
    (row,) = read_lines(tmp_path, [line(HEADER_2015, **{field: delivered})], HEADER_2015).rows.to_pylist()
    assert (row[column], row["value_flags"]) == (taken, flag)


@pytest.mark.parametrize(
    ("field", "delivered", "reason"),
    [
        ("MMSI", "36694048O", "mmsi_not_a_ship"),
        ("MMSI", "", "mmsi_not_a_ship"),
        ("MMSI", "366940480.0", None),
        ("BaseDateTime", "2023-02-30T00:00:00", "timestamp_missing"),
        ("BaseDateTime", "11/01/2023 00:00", "timestamp_missing"),
        ("BaseDateTime", "", "timestamp_missing"),
        ("BaseDateTime", "2023-01-11 00:00:00", None),
        ("BaseDateTime", "2023-01-11T00:00:00.5", None),
        ("BaseDateTime", "2023-01-11T00:00:00Z", None),
        ("BaseDateTime", "0001-01-01T00:00:00+14:00", "timestamp_missing"),
        ("LAT", "26,5", "unreadable_row"),
        ("LAT", "26.5N", "latitude_not_available"),
        ("LAT", "91", "latitude_not_available"),
        ("LON", "-181", "longitude_out_of_range"),
    ],
)
def test_a_row_without_a_needed_value_is_rejected(
    tmp_path: Path, field: str, delivered: str, reason: str | None
) -> None:
    block = read_lines(tmp_path, [line(**{field: delivered}), LINE_2018])
    result = apply_row_rules(block.rows, BRONZE_MESSAGES, None)
    quarantined = pa.concat_tables([result.rejected, block.unreadable], promote_options="default")
    assert quarantined["reject_reasons"].to_pylist() == ([reason] if reason else [])
    assert result.accepted.num_rows == (1 if reason else 2)


def test_a_zone_is_turned_into_utc(tmp_path: Path) -> None:
    rows = read_lines(tmp_path, [line(BaseDateTime="2023-01-11T02:00:00+02:00")]).rows
    assert rows["observed_at_utc"][0].as_py() == ROW_2018["observed_at_utc"]


# --- bad lines

BAD_LINES: list[bytes] = [
    b"366940480,2017-01-04T11:39:36,52.4\n",
    b"too,many" + b"," * 30 + b"\n",
    b"   \n",
    b"\xff\xfe\x00\n",
    b'"open quote,' + LINE_2018.encode() + b"\n",
]


@pytest.mark.parametrize("bad", BAD_LINES)
@pytest.mark.parametrize("count", [1, 400])
def test_a_bad_line_is_kept_as_it_is_and_costs_no_other(tmp_path: Path, bad: bytes, count: int) -> None:
    block = read_lines(tmp_path, [LINE_2018] * count + [bad] + [LINE_2018] * count)
    assert block.rows.to_pylist() == [ROW_2018] * (2 * count)
    assert raw_rows(block) == [bad.decode(errors="backslashreplace").strip("\r\n")]
    assert block.unreadable["reject_reasons"].to_pylist() == ["unreadable_row"]


def test_a_cut_off_last_line_is_unreadable(tmp_path: Path) -> None:
    cut = LINE_2018[:40].encode()
    block = read_lines(tmp_path, [LINE_2018, cut])
    assert (block.rows.num_rows, raw_rows(block)) == (1, [cut.decode()])


def test_a_last_line_without_line_feed_is_read(tmp_path: Path) -> None:
    assert read_lines(tmp_path, [LINE_2018, LINE_2018.encode()]).rows.num_rows == 2


def test_a_name_in_another_encoding_is_flagged_and_the_fix_kept(tmp_path: Path) -> None:
    latin = (line(VesselName="BJÖRN") + "\n").encode("latin-1")
    first, second = read_lines(tmp_path, [latin, LINE_2018]).rows.to_pylist()
    assert (first["vessel_name"], first["value_flags"]) == (None, "vessel_name_unreadable")
    assert {**first, "vessel_name": "MSC NAISHA III", "value_flags": None} == second == ROW_2018


def test_a_line_feed_inside_quotes_breaks_only_its_own_line(tmp_path: Path) -> None:
    block = read_lines(tmp_path, [LINE_2018, line(VesselName='"A\nB"'), LINE_2018])
    assert block.rows.to_pylist() == [ROW_2018] * 2
    assert block.unreadable.num_rows == 2


def test_a_very_long_line_is_one_bad_line(tmp_path: Path) -> None:
    block = read_lines(tmp_path, [LINE_2018, b"x" * 300_000 + b"\n", LINE_2018])
    assert (block.rows.num_rows, block.unreadable.num_rows) == (2, 1)


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_line_endings_and_empty_lines_are_no_rows(tmp_path: Path, ending: str) -> None:
    path = tmp_path / "x.csv"
    text = ending.join(["\ufeff" + HEADER_2018, LINE_2018, "", line(SOG="?"), "short", ""])
    path.write_bytes(text.encode())
    block = read(path)
    assert block.rows["sog_knots"].to_pylist() == [8.8, None]
    assert block.rows["transceiver_class"].to_pylist() == ["A", "A"]
    assert raw_rows(block) == ["short"]


def test_quoted_fields_are_read(tmp_path: Path) -> None:
    quoted = ",".join(f'"{field}"' for field in LINE_2018.split(","))
    block = read_lines(tmp_path, [quoted, LINE_2018], ",".join(f'"{n}"' for n in HEADER_2018.split(",")))
    assert block.rows.to_pylist() == [ROW_2018] * 2


# --- packings

CSV = "\n".join([HEADER_2018, LINE_2018, "short", LINE_2018, ""]).encode()


def in_zip(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("folder/", b"")
        archive.writestr("readme.txt", b"no data")
        archive.writestr("__MACOSX/._a.csv", b"\x00")
        for name, content in members.items():
            archive.writestr(f"folder/{name}.csv", content)
    return path


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
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
    source = inspect(path)
    assert (source.format, source.layout, source.name) == (packing, "noaa_2018", path.name)
    assert source.members[0].layout.header == tuple(HEADER_2018.split(","))
    block = read(path)
    assert (block.rows.to_pylist(), raw_rows(block)) == ([ROW_2018] * 2, ["short"])


def test_an_archive_may_hold_several_tables_with_their_columns_in_any_order(tmp_path: Path) -> None:
    turned = "\n".join(",".join(reversed(text.split(","))) for text in (HEADER_2018, LINE_2018))
    path = in_zip(tmp_path / "x.zip", a=CSV, b=turned.encode())
    assert [member.name for member in inspect(path).members] == ["folder/a.csv", "folder/b.csv"]
    assert read(path).rows.to_pylist() == [ROW_2018] * 3


def test_frames_that_follow_each_other_are_one_file(tmp_path: Path) -> None:
    halves = (CSV[:200], CSV[200:])
    for name, compress in (("x.gz", gzip.compress), ("x.zst", zstandard.compress)):
        path = written(tmp_path / name, b"".join(compress(half) for half in halves))
        assert read(path).rows.num_rows == 2


def test_a_file_is_unpacked_once_and_never_by_half(tmp_path: Path) -> None:
    source = inspect(written(tmp_path / "x.csv.gz", gzip.compress(CSV)))
    scratch = tmp_path / "scratch"
    (chunk,) = plan(source, scratch)
    first = chunk.path.stat()
    assert plan(source, scratch) == [chunk]
    assert chunk.path.stat().st_mtime_ns == first.st_mtime_ns
    assert list(scratch.iterdir()) == [chunk.path]


@pytest.mark.parametrize(("workers", "expected"), [(1, 3), (2, 4), (3, 3), (4, 4)])
def test_chunks_of_a_csv_keep_all_workers_busy(tmp_path: Path, workers: int, expected: int) -> None:
    path = written(tmp_path / "x.csv", CSV)
    rows_of_bytes = path.stat().st_size - len(CSV.splitlines()[0]) - 1
    third = -(-rows_of_bytes // 3)
    chunks = plan(inspect(path), tmp_path, third, workers)
    assert len(chunks) == expected
    assert sum(chunk.end - chunk.start for chunk in chunks) == rows_of_bytes
    assert len(plan(inspect(path), tmp_path, rows_of_bytes, workers)) == 1


def test_chunks_travel_to_workers(tmp_path: Path) -> None:
    chunks = plan(inspect(written(tmp_path / "x.csv", CSV)), tmp_path, target_bytes=50)
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
    source = inspect(path)
    assert (source.format, source.layout) == ("parquet", "noaa_2018")
    assert len(plan(source, tmp_path, target_bytes=200)) == 2
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
        plan(inspect(path), tmp_path / "scratch")
    assert not list(tmp_path.glob("scratch/*"))


# --- delivery


@pytest.mark.parametrize(
    ("times", "is_known"),
    [
        (["2023-01-11 00:00", "2023-01-11 06:00"], True),
        (["2023-01-11 00:00", "2023-01-11 12:00", "2199-01-01 00:00"], True),
        (["2023-01-11 12:00", "2023-01-11 12:01"], False),
        (["2024-01-12 12:00:00"], False),
        (["2024-01-12 12:00:01"], True),
        (["2090-01-01 00:00"], True),
        ([], True),
    ],
)
def test_the_delivery_is_the_files_time_unless_its_rows_are_up_to_a_year_later(
    tmp_path: Path, times: list[str], is_known: bool
) -> None:
    path = written(tmp_path / "x.csv", CSV)
    modified = datetime(2023, 1, 11, 12, tzinfo=UTC)
    os.utime(path, (modified.timestamp(), modified.timestamp()))
    column = [datetime.fromisoformat(text).replace(tzinfo=UTC) for text in times]
    rows = pa.chunked_array([pa.array([*column, None], pa.timestamp("us", "UTC"))])
    assert guess_delivery(path, rows) == (modified if is_known else None)
