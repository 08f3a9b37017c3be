"""Values as feeds write them: units, marks, times, and the types of Parquet files."""

import doctest
from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from ais_indicators.contracts.row_rules import apply_row_rules
from ais_indicators.sources.blocks import BRONZE_MESSAGES
from ais_indicators.sources.mapping import columns, to_rows, units
from tests.mappings import GOOD_ROW, NEEDED, mapping, read, read_row, refusal, utc
from tests.subject_rules import SHIP_RULES

# --- units


@pytest.mark.parametrize(
    ("column", "unit", "given", "expected"),
    [
        ("sog_knots", "km/h", "18.52", 10.0),
        ("sog_knots", "m/s", "5.144444444", 9.999999999),
        ("sog_knots", "0.1 knot", "1023", 102.3),
        ("sog_knots", "knots", "12.3", 12.3),
        ("length_m", "ft", "1000", 304.8),
        ("draught_m", "decimeter", "123", 12.3),
        ("draught_m", "0.1 m", "-5", -0.5),
        ("cog_degrees", "radian", "3.141592653589793", 180.0),
        ("latitude", "arcminute", "3447.0", 57.45),
        ("longitude", "0.0001 arcminute", "-4950000", -8.25),
    ],
)
def test_a_unit_is_converted_to_that_of_the_column(
    tmp_path: Path, column: str, unit: str, given: str, expected: float
) -> None:
    how = {column: {"from": "value", "unit": unit}}
    assert read_row(tmp_path, how, {"value": given})[column] == expected
    assert read_row(tmp_path, how, {"value": float(given)})[column] == expected


def test_a_mark_is_in_the_unit_of_the_feed(tmp_path: Path) -> None:
    how = {"sog_knots": {"from": "speed", "unit": "km/h", "missing": [999]}}
    raw = {name: [value] * 3 for name, value in GOOD_ROW.items()} | {"speed": ["999.0", "18.52", "999"]}
    assert [row["sog_knots"] for row in read(raw, mapping(tmp_path, how))] == [None, 10.0, None]


@pytest.mark.parametrize(
    "unit", ["kg", "m", "furlongs per", "nm/h", "0.1", "", "0 knot", "percent", "m/0", "%"]
)
def test_a_unit_that_cannot_be_converted_is_refused(tmp_path: Path, unit: str) -> None:
    problem = refusal(tmp_path, {"sog_knots": {"from": "speed", "unit": unit}})
    assert problem.startswith(f"office.yaml: columns.sog_knots.unit: '{unit}'")


def test_the_examples_of_units_and_codes_hold() -> None:
    assert (doctest.testmod(units), doctest.testmod(columns)) == ((0, 2), (0, 1))


def test_an_angle_is_not_just_any_number(tmp_path: Path) -> None:
    assert "cannot be converted" in refusal(tmp_path, {"cog_degrees": {"from": "c", "unit": "percent"}})


# --- values that are missing or cannot be read


def test_marks_of_the_file_and_of_the_column_are_missing(tmp_path: Path) -> None:
    columns = {
        "draught_m": {"from": "draught", "missing": [99.9, "deep"]},
        "vessel_name": {"from": "name", "missing": ["NO NAME"]},
        "heading_degrees": {"from": "heading"},
    }
    raw = {name: [value] * 4 for name, value in GOOD_ROW.items()} | {
        "draught": ["99.9", " deep", "-", "7.5"],
        "name": ["NO NAME", "-", " ", " ANNA "],
        "heading": ["-", "99.9", "", "NaN"],
    }
    rows = read(raw, mapping(tmp_path, columns, missing=["-"]))
    assert [row["draught_m"] for row in rows] == [None, None, None, 7.5]
    assert [row["vessel_name"] for row in rows] == [None, None, None, "ANNA"]
    assert [row["heading_degrees"] for row in rows] == [None, 99.9, None, None]
    assert {row["value_flags"] for row in rows} == {None}


def test_a_mark_in_text_is_found_among_numbers(tmp_path: Path) -> None:
    how = {"imo_number": {"from": "imo"}}
    assert read_row(tmp_path, how, {"imo": -1}, missing=["-1"])["imo_number"] is None
    assert read_row(tmp_path, how, {"imo": "-1.0"}, missing=[-1])["imo_number"] is None


def test_nothing_and_infinity(tmp_path: Path) -> None:
    how = {"sog_knots": {"from": "speed"}, "navigational_status": {"from": "status"}}
    speeds, statuses = [float("nan"), float("inf"), None, 5.0], [float("nan"), float("inf"), None, 5.0]
    raw: dict[str, Any] = {name: [value] * 4 for name, value in GOOD_ROW.items()}
    raw |= {"speed": speeds, "status": statuses}
    for as_text in (False, True):
        if as_text:
            raw |= {"speed": ["NaN", "inf", None, "5"], "status": ["nan", "Infinity", None, "5.0"]}
        rows = read(raw, mapping(tmp_path, how))
        assert [row["sog_knots"] for row in rows] == [None, float("inf"), None, 5.0]
        assert [row["navigational_status"] for row in rows] == [None, None, None, 5]
        assert [row["value_flags"] for row in rows] == [None, "navigational_status_unreadable", None, None]


def test_a_latitude_that_is_no_number_is_missing_and_infinity_is_out_of_range(tmp_path: Path) -> None:
    raw = {name: [value] * 3 for name, value in GOOD_ROW.items()} | {"lat": ["nan", "inf", "north"]}
    positions = to_rows(pa.table(raw), mapping(tmp_path), SHIP_RULES).positions
    assert positions["latitude"].to_pylist() == [None, float("inf"), None]
    assert positions["value_flags"].to_pylist() == [None] * 3
    reasons = apply_row_rules(positions, BRONZE_MESSAGES, None, SHIP_RULES).reasons
    assert reasons == {"latitude_not_available": 2, "latitude_out_of_range": 1}


def test_one_bad_number_costs_no_other(tmp_path: Path) -> None:
    raw = {name: [value] * 4 for name, value in GOOD_ROW.items()} | {"speed": ["1.5", "fast", "1.5", "+2e1"]}
    rows = read(raw, mapping(tmp_path, {"sog_knots": {"from": "speed"}}))
    assert [row["sog_knots"] for row in rows] == [1.5, None, 1.5, 20.0]
    assert [row["value_flags"] for row in rows] == [None, "sog_unreadable", None, None]


def test_a_number_of_another_kind_cannot_be_read(tmp_path: Path) -> None:
    how = {"ais_ship_type": {"from": "type"}, "imo_number": {"from": "imo"}}
    row = read_row(tmp_path, how, {"type": "70.5", "imo": "IMO9134270", "mmsi": "21906300x"})
    assert (row["ais_ship_type"], row["imo_number"], row["mmsi"]) == (None, 9134270, None)
    assert row["value_flags"] == "ais_ship_type_unreadable"
    assert read_row(tmp_path, how, {"type": 2**31, "imo": 2**31})["imo_number"] == 2**31
    assert read_row(tmp_path, how, {"type": 2**31, "imo": 2**31})["value_flags"] == "ais_ship_type_unreadable"


def test_decimal_commas(tmp_path: Path) -> None:
    how = {name: NEEDED[name] | {"decimal_comma": True} for name in ("latitude", "longitude")}
    row = read_row(tmp_path, how, {"lat": "57,8794", "lon": "-8,5"})
    assert (row["latitude"], row["longitude"]) == (57.8794, -8.5)
    assert read_row(tmp_path, how, {"lat": "57.8794", "lon": "8"})["latitude"] is None
    assert read_row(tmp_path, {}, {"lat": "57,8794"})["latitude"] is None


def test_a_constant_fills_every_row(tmp_path: Path) -> None:
    row = read_row(tmp_path, {"transceiver_class": {"constant": "A"}, "length_m": {"constant": 30}}, {})
    assert (row["transceiver_class"], row["length_m"], row["value_flags"]) == ("A", 30.0, None)


def test_codes_stand_for_texts_and_for_numbers(tmp_path: Path) -> None:
    how = {"ais_ship_type": {"from": "kind", "codes": {"container": 71, 7: 70}}}
    assert read_row(tmp_path, how, {"kind": " CONTAINER"})["ais_ship_type"] == 71
    assert read_row(tmp_path, how, {"kind": 7})["ais_ship_type"] == 70
    assert read_row(tmp_path, how, {"kind": 7.0})["ais_ship_type"] == 70
    assert read_row(tmp_path, how, {"kind": "36"})["ais_ship_type"] == 36


def test_a_mark_does_not_meet_a_code(tmp_path: Path) -> None:
    how = {"navigational_status": {"from": "status", "codes": {"sailing": 0}}}
    assert read_row(tmp_path, how, {"status": "sailing"}, missing=[0])["navigational_status"] == 0
    assert read_row(tmp_path, how, {"status": "0"}, missing=[0])["navigational_status"] is None


# --- times


@pytest.mark.parametrize(
    ("time_format", "given", "expected"),
    [
        ("iso", "2026-11-16T10:00:00", "2026-11-16 10:00:00"),
        ("iso", "2026-11-16 10:00:00.25", "2026-11-16 10:00:00.250000"),
        ("iso", "2026-11-16T12:00:00+02:00", "2026-11-16 10:00:00"),
        ("iso", "1970-01-01 00:00:00", "1970-01-01 00:00:00"),
        ("iso", "2090-12-31 23:59:59", "2090-12-31 23:59:59"),
        ("iso", "0001-01-01 00:00:00", "0001-01-01 00:00:00"),
        ("%d/%m/%Y %H:%M:%S", "01/02/2026 03:04:05", "2026-02-01 03:04:05"),
        ("%d/%m/%Y %H:%M:%S", "1/2/2026 3:04:05", "2026-02-01 03:04:05"),
        ("%m/%d/%Y %I:%M:%S %p", "02/01/2026 03:04:05 PM", "2026-02-01 15:04:05"),
        ("%d %b %Y", "01 Feb 2026", "2026-02-01 00:00:00"),
        ("%Y%m%d", "20260201", "2026-02-01 00:00:00"),
        ("%Y%m%d", 20260201, "2026-02-01 00:00:00"),
        ("%Y%m%d", 20260201.0, "2026-02-01 00:00:00"),
        ("%Y-%m-%d %H:%M:%S%z", "2026-02-01 03:04:05+0100", "2026-02-01 02:04:05"),
        ("epoch_s", "0", "1970-01-01 00:00:00"),
        ("epoch_s", "1700000000.5", "2023-11-14 22:13:20.500000"),
        ("epoch_s", 1700000000, "2023-11-14 22:13:20"),
        ("epoch_ms", 1700000000123, "2023-11-14 22:13:20.123000"),
        ("epoch_s", 3818448000, "2091-01-01 00:00:00"),
    ],
)
def test_times_in_many_formats(tmp_path: Path, time_format: str, given: Any, expected: str) -> None:
    how = {"observed_at_utc": {"from": "time", "time_format": time_format}}
    assert read_row(tmp_path, how, {"time": given})["observed_at_utc"] == utc(expected)


@pytest.mark.parametrize(
    ("time_format", "given"),
    [
        ("%d/%m/%Y %H:%M:%S", "2026-02-01 03:04:05"),
        ("%d/%m/%Y %H:%M:%S", "02/13/2026 03:04:05"),
        ("%d/%m/%Y %H:%M:%S", "30/02/2026 03:04:05"),
        ("%d/%m/%Y %H:%M:%S", "01/02/2026 24:00:00"),
        ("%d/%m/%Y %H:%M:%S", "01/02/0000 00:00:00"),
        ("%d/%m/%Y %H:%M:%S", "01/02/202a 00:00:00"),
        ("iso", "16/11/2026 10:00:00"),
        ("iso", "2026-11-16 10:00:60"),
        ("iso", "yesterday"),
        ("epoch_s", "1e300"),
        ("epoch_s", float("inf")),
        ("epoch_s", "noon"),
        ("%Y%m%d", 2026),
    ],
)
def test_a_time_in_another_format_is_missing(tmp_path: Path, time_format: str, given: Any) -> None:
    how = {"observed_at_utc": {"from": "time", "time_format": time_format}}
    row = read_row(tmp_path, how, {"time": given})
    assert (row["observed_at_utc"], row["value_flags"]) == (None, None)


def test_an_optional_time_in_another_format_is_flagged(tmp_path: Path) -> None:
    how = {"eta_utc": {"from": "eta", "time_format": "%d/%m/%Y"}}
    assert read_row(tmp_path, how, {"eta": "tomorrow"})["value_flags"] == "eta_unreadable"


@pytest.mark.parametrize(
    ("local", "expected"),
    [
        ("2026-01-15 12:00:00", "2026-01-15 11:00:00"),
        ("2026-07-15 12:00:00", "2026-07-15 10:00:00"),
        ("2026-07-15 12:00:00Z", "2026-07-15 12:00:00"),
        ("2026-10-25 01:59:59", "2026-10-24 23:59:59"),
        ("2026-10-25 02:00:00", None),
        ("2026-10-25 02:59:59.5", None),
        ("2026-10-25 03:00:00", "2026-10-25 02:00:00"),
        ("2026-03-29 01:59:59", "2026-03-29 00:59:59"),
        ("2026-03-29 02:30:00", None),
        ("2026-03-29 03:00:00", "2026-03-29 01:00:00"),
    ],
)
def test_local_times_follow_their_zone(tmp_path: Path, local: str, expected: str | None) -> None:
    """A time that comes twice in autumn or not at all in spring is not guessed."""
    how = {"observed_at_utc": {"from": "time", "time_zone": "Europe/Copenhagen"}}
    instant = utc(expected) if expected else None
    assert read_row(tmp_path, how, {"time": local})["observed_at_utc"] == instant
    if not local.endswith("Z"):
        typed = pa.array([datetime.fromisoformat(local)], pa.timestamp("ms"))
        assert read_row(tmp_path, how, {"time": typed})["observed_at_utc"] == instant


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (pa.array([1_700_000_000], pa.timestamp("s")), "2023-11-14 22:13:20"),
        (pa.array([1_700_000_000_123_456_789], pa.timestamp("ns")), "2023-11-14 22:13:20.123456"),
        (pa.array([-1], pa.timestamp("ns")), "1969-12-31 23:59:59.999999"),
        (pa.array([1_700_000_000_000_000], pa.timestamp("us", "America/New_York")), "2023-11-14 22:13:20"),
        (pa.array([date(2023, 11, 14)], pa.date32()), "2023-11-14 00:00:00"),
        (pa.array([date(2023, 11, 14)], pa.date64()), "2023-11-14 00:00:00"),
        (pa.array([2**62], pa.timestamp("s")), None),
        (pa.array([2**62], pa.timestamp("us")), None),
        (pa.array([None], pa.timestamp("us")), None),
    ],
)
def test_times_as_parquet_holds_them(tmp_path: Path, typed: pa.Array, expected: str | None) -> None:
    row = read_row(tmp_path, {}, {"time": typed})
    assert row["observed_at_utc"] == (utc(expected) if expected else None)


# --- types of Parquet files


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (pa.array([12.3], pa.float32()), 12.3),
        (pa.array([12.34567], pa.float32()), 12.34567),
        (pa.array([12], pa.int8()), 12.0),
        (pa.array([Decimal("12.30")], pa.decimal128(6, 2)), 12.3),
        (pa.array(["12.3"], pa.large_string()), 12.3),
        (pa.array(["12.3"], pa.string_view()), 12.3),
        (pa.array([b"12.3"], pa.binary()), 12.3),
        (pa.array(["12.3"]).dictionary_encode(), 12.3),
        (pa.array([12.3]).dictionary_encode(), 12.3),
        (pa.array([float("nan")], pa.float32()), None),
        (pa.array([float("inf")], pa.float32()), float("inf")),
        (pa.array([None], pa.null()), None),
        (pa.array([None], pa.string()).dictionary_encode(), None),
    ],
)
def test_numbers_as_parquet_holds_them(tmp_path: Path, typed: pa.Array, expected: float | None) -> None:
    row = read_row(tmp_path, {"sog_knots": {"from": "speed"}}, {"speed": typed})
    assert (row["sog_knots"], row["value_flags"]) == (expected, None)


def test_float32_positions_and_marks(tmp_path: Path) -> None:
    lat, speed = pa.array([57.12345], pa.float32()), pa.array([102.3], pa.float32())
    row = read_row(
        tmp_path, {"sog_knots": {"from": "speed", "missing": [102.3]}}, {"lat": lat, "speed": speed}
    )
    assert (row["latitude"], row["sog_knots"]) == (57.12345, None)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (pa.array([123]), "123"),
        (pa.array([123.0]), "123"),
        (pa.array([1.5]), "1.5"),
        (pa.array([float("nan")]), None),
        (pa.array(["  "]), None),
    ],
)
def test_text_as_parquet_holds_it(tmp_path: Path, typed: pa.Array, expected: str | None) -> None:
    assert read_row(tmp_path, {"call_sign": {"from": "sign"}}, {"sign": typed})["call_sign"] == expected


def test_bytes_that_are_no_text_are_unreadable(tmp_path: Path) -> None:
    how = {"vessel_name": {"from": "name"}, "sog_knots": {"from": "speed"}}
    raw = {name: [value] * 2 for name, value in GOOD_ROW.items()}
    raw |= {"name": pa.array([b"\xff\xfe", b"ANNA"]), "speed": pa.array([b"\xff", b"1.5"])}
    first, second = read(raw, mapping(tmp_path, how))
    assert (first["vessel_name"], first["sog_knots"]) == (None, None)
    assert first["value_flags"] == "sog_unreadable,vessel_name_unreadable"
    assert (second["vessel_name"], second["sog_knots"], second["value_flags"]) == ("ANNA", 1.5, None)


@pytest.mark.parametrize(
    ("column", "typed"),
    [
        ("lat", pa.array([datetime(2026, 1, 1)])),
        ("lat", pa.array([True])),
        ("lat", pa.array([[1.0]])),
        ("time", pa.array([1700000000])),
        ("time", pa.array([True])),
    ],
)
def test_a_column_whose_type_cannot_hold_the_values_is_named(
    tmp_path: Path, column: str, typed: pa.Array
) -> None:
    with pytest.raises(TypeError, match=rf"^{column}: "):
        read_row(tmp_path, {}, {column: typed})


def test_an_empty_file_gives_empty_tables_and_still_shows_wrong_types(tmp_path: Path) -> None:
    raw = pa.table({name: pa.array([], pa.string()) for name in GOOD_ROW})
    rows = to_rows(raw, mapping(tmp_path), SHIP_RULES)
    assert (rows.positions.num_rows, rows.statics.num_rows, rows.set_aside) == (0, 0, Counter())
    with pytest.raises(TypeError, match=r"^lat: "):
        to_rows(raw.set_column(2, "lat", pa.array([], pa.bool_())), mapping(tmp_path), SHIP_RULES)


def test_columns_in_several_chunks_and_with_other_dictionaries(tmp_path: Path) -> None:
    one, other = (pa.table({n: pa.array([v]).dictionary_encode() for n, v in (GOOD_ROW | {"lat": lat}).items()})
                  for lat in ("1", "2"))  # fmt: skip
    rows = to_rows(pa.concat_tables([one, other]), mapping(tmp_path), SHIP_RULES).positions
    assert rows["latitude"].to_pylist() == [1.0, 2.0]
