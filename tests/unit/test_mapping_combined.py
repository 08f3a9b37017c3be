"""Mapping files that make one column of several, count time otherwise, or hold static reports alone."""

from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from ais_indicators.errors import BadInputError
from ais_indicators.sources.mapping import to_rows
from tests.bad_files import take
from tests.mappings import GOOD_ROW, MMSI, mapping, read_row, refusal, utc
from tests.subject_rules import SHIP_RULES

SIZE = {
    "length_m": {"sum": ["bow", "stern"]},
    "width_m": {"sum": ["port", "starboard"]},
}
FOUR = {"eta_utc": {"parts": ["month", "day", "hour", "minute"]}}
TWO = {"observed_at_utc": {"join": ["date", "clock"], "time_format": "%d.%m.%Y %H:%M:%S"}}


def sized(tmp_path: Path, bow: Any, stern: Any) -> tuple[Any, Any]:
    row = read_row(tmp_path, SIZE, {"bow": bow, "stern": stern, "port": "10", "starboard": "8"})
    assert row["width_m"] == 18.0
    return row["length_m"], row["value_flags"]


@pytest.mark.parametrize(
    ("bow", "stern", "expected"),
    [
        ("100", "50", (150.0, None)),
        (100, 50, (150.0, None)),
        ("0", "50", (50.0, None)),
        ("", "50", (None, None)),
        ("100", None, (None, None)),
        ("x", "50", (None, "length_unreadable")),
    ],
)
def test_a_length_is_bow_and_stern(tmp_path: Path, bow: Any, stern: Any, expected: tuple[Any, Any]) -> None:
    assert sized(tmp_path, bow, stern) == expected


def test_a_sum_has_one_unit(tmp_path: Path) -> None:
    how = {"length_m": {"sum": ["bow", "stern"], "unit": "0.1 m", "missing": [9999]}}
    assert read_row(tmp_path, how, {"bow": "1000", "stern": "505"})["length_m"] == 150.5
    assert read_row(tmp_path, how, {"bow": "1000", "stern": "9999"})["length_m"] is None


def test_a_sum_of_columns_of_which_one_is_absent_is_missing(tmp_path: Path) -> None:
    assert read_row(tmp_path, {"length_m": {"sum": ["bow", "stern"]}}, {"bow": "1"})["length_m"] is None


@pytest.mark.parametrize(
    ("day", "clock", "expected"),
    [
        ("16.11.2026", "10:00:00", "2026-11-16 10:00:00"),
        (" 16.11.2026 ", "10:00:00 ", "2026-11-16 10:00:00"),
        ("16.11.2026", "", None),
        ("16.11.2026", "25:00:00", None),
    ],
)
def test_a_time_of_two_columns(tmp_path: Path, day: str, clock: str, expected: str | None) -> None:
    row = read_row(tmp_path, TWO, {"date": day, "clock": clock})
    assert row["observed_at_utc"] == (None if expected is None else utc(expected))


def test_a_time_of_two_typed_columns(tmp_path: Path) -> None:
    how = {"observed_at_utc": {"join": ["date", "clock"]}}
    typed = {"date": pa.array([date(2026, 11, 16)]), "clock": pa.array([time(10, 0, 1)], pa.time32("s"))}
    assert read_row(tmp_path, how, typed)["observed_at_utc"] == utc("2026-11-16 10:00:01")


def test_the_form_of_two_columns_is_chosen_for_the_file(tmp_path: Path) -> None:
    forms = ["%m/%d/%Y %H:%M", "%d/%m/%Y %H:%M"]
    how = mapping(
        tmp_path,
        {"observed_at_utc": {"join": ["d", "c"], "time_format": forms}},
        recognised_by=["mmsi", "d", "c"],
    )
    lines = [
        "mmsi,d,c,lat,lon",
        "219063000,13/11/2025,10:00,57.5,8.25",
        "219063000,10/11/2025,10:00,57.5,8.25",
    ]
    (tmp_path / "x.csv").write_text("\n".join(lines), encoding="utf-8")
    expected = [utc("2025-11-13 10:00:00"), utc("2025-11-10 10:00:00")]
    assert [row["observed_at_utc"] for row in take(tmp_path / "x.csv", mappings=[how]).accepted] == expected


def test_a_file_without_one_of_two_needed_columns_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="no column date or clock"):
        to_rows(
            pa.table({name: [value] for name, value in GOOD_ROW.items()} | {"date": ["x"]}),
            mapping(tmp_path, TWO),
            SHIP_RULES,
        )


@pytest.mark.parametrize(
    ("parts", "expected", "flags"),
    [
        ((11, 20, 6, 30), "2026-11-20 06:30:00", None),
        (("1", "5", "0", "0"), "2027-01-05 00:00:00", None),
        (("0", "0", "24", "60"), None, None),
        (("11", "20", "24", "60"), None, None),
        (("11", "", "6", "30"), None, None),
        (("11", "200", "6", "30"), None, None),
        (("11", "x", "6", "30"), None, "eta_unreadable"),
    ],
)
def test_an_arrival_of_four_columns(
    tmp_path: Path, parts: tuple[Any, ...], expected: str | None, flags: str | None
) -> None:
    given = dict(zip(("month", "day", "hour", "minute"), parts, strict=True))
    row = read_row(tmp_path, FOUR, given)
    assert row["eta_utc"] == (None if expected is None else utc(expected))
    assert row["value_flags"] == flags


@pytest.mark.parametrize(
    ("time_format", "given", "expected", "flags"),
    [
        ("%m-%d %H:%M", "11-20 06:30", "2026-11-20 06:30:00", None),
        ("%d/%m %H:%M", "20/11 06:30", "2026-11-20 06:30:00", None),
        ("%m-%d %H:%M", "00-00 00:00", None, None),
        ("%m-%d %H:%M", "00-00 24:60", None, None),
        ("%m-%d %H:%M", "tomorrow", None, "eta_unreadable"),
        ("eta_20_bits", 811520, "2026-12-12 08:00:00", None),
        ("eta_20_bits", "811520", "2026-12-12 08:00:00", None),
        ("eta_20_bits", 1596, None, None),
        ("eta_20_bits", 0, None, None),
        ("eta_20_bits", "x", None, "eta_unreadable"),
    ],
)
def test_an_arrival_without_its_year(
    tmp_path: Path, time_format: str, given: Any, expected: str | None, flags: str | None
) -> None:
    row = read_row(tmp_path, {"eta_utc": {"from": "eta", "time_format": time_format}}, {"eta": given})
    assert (row["eta_utc"], row["value_flags"]) == (None if expected is None else utc(expected), flags)


@pytest.mark.parametrize("as_text", [True, False])
@pytest.mark.parametrize(
    ("unit", "number", "expected"),
    [
        ("epoch_us", 1671993152318353, datetime.fromisoformat("2022-12-25 18:32:32.318353+00:00")),
        ("epoch_ns", 1671993152318353999, datetime.fromisoformat("2022-12-25 18:32:32.318353+00:00")),
        ("epoch_ns", -1, datetime.fromisoformat("1969-12-31 23:59:59.999999+00:00")),
        ("epoch_us", 2**62, None),
        ("epoch_ns", 7, None),
    ],
)
def test_epochs_finer_than_milliseconds_are_exact(
    tmp_path: Path, unit: str, number: int, expected: datetime | None, as_text: bool
) -> None:
    how = {"observed_at_utc": {"from": "time", "time_format": unit, "missing": [7]}}
    given = str(number) if as_text else number
    assert read_row(tmp_path, how, {"time": given})["observed_at_utc"] == expected


def test_epochs_as_decimals_are_read_too(tmp_path: Path) -> None:
    how = {"observed_at_utc": {"from": "time", "time_format": "epoch_us"}}
    assert read_row(tmp_path, how, {"time": "1.671993152E15"})["observed_at_utc"] == utc(
        "2022-12-25 18:32:32"
    )


def test_raw_units_of_ais(tmp_path: Path) -> None:
    how = {
        "latitude": {"from": "lat", "unit": "degree/600000"},
        "longitude": {"from": "lon", "unit": "degree/600000"},
        "sog_knots": {"from": "sog", "unit": "0.1 knot"},
        "cog_degrees": {"from": "cog", "unit": "0.1 degree"},
    }
    row = read_row(tmp_path, how, {"lat": "30453520", "lon": "-818067", "sog": "59", "cog": "2351"})
    assert (row["latitude"], row["longitude"]) == (pytest.approx(50.755866667), pytest.approx(-1.363445))
    assert (row["sog_knots"], row["cog_degrees"]) == (5.9, 235.1)
    none = read_row(tmp_path, how, {"lat": "54600000", "lon": "108600000", "sog": "1023", "cog": "3600"})
    assert [none[n] for n in ("latitude", "longitude", "sog_knots", "cog_degrees")] == [
        91.0,
        181.0,
        102.3,
        360.0,
    ]


def static_columns() -> dict[str, Any]:
    return {"latitude": None, "longitude": None, "vessel_name": {"from": "name"}, **SIZE}


def test_a_file_of_static_reports_alone_has_no_positions(tmp_path: Path) -> None:
    how = mapping(tmp_path, static_columns(), rows="statics")
    lines = [
        "mmsi,time,name,bow,stern,port,starboard",
        f"{MMSI},2025-11-16 10:00:00,AURORA,100,50,10,8",
        f"{MMSI},16/11/2025,AURORA,100,50,10,8",
        "99,2025-11-16 10:00:00,BUOY,0,0,0,0",
    ]
    (tmp_path / "x.csv").write_text("\n".join(lines), encoding="utf-8")
    found = take(tmp_path / "x.csv", mappings=[how])
    (row,) = found.accepted
    assert (row["mmsi"], row["vessel_name"], row["length_m"]) == (MMSI, "AURORA", 150.0)
    assert "latitude" not in row
    assert found.reasons == {"timestamp_unreadable": 1, "mmsi_not_a_ship": 1}


def test_a_file_of_static_reports_maps_no_position(tmp_path: Path) -> None:
    assert "latitude" in refusal(tmp_path, {}, rows="statics")
    assert "columns: latitude, longitude must be mapped" in refusal(
        tmp_path, {"latitude": None, "longitude": None}
    )


@pytest.mark.parametrize(
    ("column", "mapped", "problem"),
    [
        ("length_m", {"sum": ["bow"]}, "columns.length_m: a single column is given with from"),
        ("length_m", {"sum": []}, "columns.length_m: names no column"),
        (
            "length_m",
            {"sum": ["bow", "stern"], "from": "length"},
            "columns.length_m: needs one of from, constant",
        ),
        (
            "length_m",
            {"sum": ["bow", "stern"], "codes": {"long": 300}},
            "columns.length_m.codes: is not allowed",
        ),
        (
            "vessel_name",
            {"sum": ["a", "b"]},
            "columns.vessel_name.sum: is not allowed in a column of type string",
        ),
        (
            "length_m",
            {"join": ["a", "b"]},
            "columns.length_m.join: is not allowed in a column of type double",
        ),
        (
            "eta_utc",
            {"parts": ["month", "day", "hour"]},
            "columns.eta_utc.parts: must name the columns of month, day",
        ),
        (
            "observed_at_utc",
            {"parts": ["month", "day", "hour", "minute"]},
            "columns.observed_at_utc.parts: lacks the year",
        ),
        (
            "observed_at_utc",
            {"join": ["d", "t"], "time_format": "%m-%d %H:%M"},
            "columns.observed_at_utc.time_format: %m-%d %H:%M lacks the year",
        ),
    ],
)
def test_a_combination_that_cannot_work_is_named(
    tmp_path: Path, column: str, mapped: dict[str, Any], problem: str
) -> None:
    assert refusal(tmp_path, {column: mapped}).startswith(f"office.yaml: {problem}")
