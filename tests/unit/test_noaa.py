"""NOAA files: every layout in every packing, and no bad line that costs another one."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet
import pytest

from ais_indicators.contracts.row_rules import apply_row_rules
from ais_indicators.sources import (
    BRONZE_MESSAGES,
    guess_delivery,
    inspect,
    plan,
    raw_schema,
)
from tests.noaa_files import (
    CSV,
    HEADER_2015,
    HEADER_2018,
    HEADER_2025,
    HEADER_SHORT,
    LINE_2015,
    LINE_2018,
    LINE_2025,
    ROW_2018,
    after_rules,
    line,
    raw_rows,
    read,
    read_lines,
    written,
)
from tests.subject_rules import SHIP_RULES

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
    source = inspect(path, rules=SHIP_RULES)
    assert (source.layout, source.format, source.size_bytes) == (layout, "csv", path.stat().st_size)
    assert source.members[0].layout.header[0].lower() == "mmsi"
    assert plan(source, tmp_path, rules=SHIP_RULES) == []


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
    result = apply_row_rules(block.rows, BRONZE_MESSAGES, None, SHIP_RULES)
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
    assert guess_delivery(path, rows, SHIP_RULES) == (modified if is_known else None)
