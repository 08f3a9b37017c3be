"""Times of tables: a stamp is read as a whole, by one form for a file."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from ais_indicators.errors import BadInputError
from ais_indicators.sources.stamps import read_stamp
from ais_indicators.sources.texts import read_time
from tests.bad_files import Outcome, take
from tests.mappings import mapping, utc

DAY_FIRST = "%d/%m/%Y %H:%M:%S.%f"
MONTH_FIRST = "%m/%d/%Y %H:%M:%S.%f"
BOTH = [MONTH_FIRST, DAY_FIRST]
START = datetime(2022, 11, 8, 4, 35, 1, 318353, UTC)
SIXTY = [START + timedelta(hours=7 * n) for n in range(60)]
"""Of these the rows of twelve days can be read month first as well."""


def taken(folder: Path, stamps: list[str], time_format: Any, target_bytes: int = 1 << 26) -> Outcome:
    lines = [f"219063000,{stamp},57.5,8.25" for stamp in stamps]
    (folder / "feed.csv").write_text("\n".join(["mmsi,time,lat,lon", *lines]) + "\n", encoding="utf-8")
    how = mapping(folder, {"observed_at_utc": {"from": "time", "time_format": time_format}})
    return take(folder / "feed.csv", target_bytes, [how])


def times(outcome: Outcome) -> list[datetime]:
    return [row["observed_at_utc"] for row in outcome.accepted]


@pytest.mark.parametrize("time_format", [DAY_FIRST, BOTH, BOTH[::-1]], ids=["alone", "second", "first"])
def test_day_first_stamps_with_microseconds_keep_their_month(tmp_path: Path, time_format: Any) -> None:
    found = taken(tmp_path, [moment.strftime(DAY_FIRST) for moment in SIXTY], time_format)
    assert times(found) == SIXTY


def test_month_first_stamps_keep_their_month(tmp_path: Path) -> None:
    found = taken(tmp_path, [moment.strftime(MONTH_FIRST) for moment in SIXTY], BOTH)
    assert times(found) == SIXTY


def test_a_row_in_another_form_than_its_file_goes_to_quarantine(tmp_path: Path) -> None:
    stamps = [moment.strftime(DAY_FIRST) for moment in SIXTY]
    found = taken(tmp_path, [*stamps, "11/25/2022 04:35:01.5", "2022-11-25 04:35:01", ""], BOTH)
    assert times(found) == SIXTY
    assert found.reasons == {"timestamp_unreadable": 2, "timestamp_missing": 1}


@pytest.mark.parametrize("time_format", [BOTH, BOTH[::-1]])
def test_a_file_that_fits_both_is_refused_and_says_what_to_write(tmp_path: Path, time_format: Any) -> None:
    with pytest.raises(BadInputError) as caught:
        taken(tmp_path, ["05/06/2022 04:35:01.5", "05/05/2022 04:35:02.5"], time_format)
    assert 'write the right one alone in the mapping file, such as time_format: "%' in str(caught.value)
    assert DAY_FIRST in str(caught.value)
    assert times(taken(tmp_path, ["05/06/2022 04:35:01.5"], DAY_FIRST)) == [utc("2022-06-05 04:35:01.5")]


@pytest.mark.parametrize(
    ("arrivals", "expected"),
    [
        (["", "05/06/2022 04:35:01.5"], utc("2022-06-05 04:35:01.5")),
        (["05/06/2022 04:35:01.5", ""], utc("2022-06-05 04:35:01.5")),
    ],
)
def test_an_arrival_that_fits_both_is_read_as_the_times_of_its_file(
    tmp_path: Path, arrivals: list[str], expected: datetime
) -> None:
    both = {"eta_utc": {"from": "eta", "time_format": BOTH}}
    how = mapping(tmp_path, {"observed_at_utc": {"from": "time", "time_format": BOTH}, **both})
    lines = [f"219063000,25/05/2022 00:00:00.5,57.5,8.25,{eta}" for eta in arrivals]
    (tmp_path / "x.csv").write_text("\n".join(["mmsi,time,lat,lon,eta", *lines]), encoding="utf-8")
    arrived = [row["eta_utc"] for row in take(tmp_path / "x.csv", mappings=[how]).accepted]
    assert set(arrived) == {None, expected}
    iso = mapping(tmp_path, {"observed_at_utc": {"from": "time"}, **both})
    (tmp_path / "x.csv").write_text("\n".join(["mmsi,time,lat,lon,eta", *lines]), encoding="utf-8")
    with pytest.raises(BadInputError, match="eta_utc fit"):
        take(tmp_path / "x.csv", mappings=[iso])


def test_a_file_without_rows_is_taken_in(tmp_path: Path) -> None:
    assert taken(tmp_path, [], BOTH).rows == 0


def test_formats_that_no_text_fits_both_are_no_choice_to_refuse(tmp_path: Path) -> None:
    with_seconds = ["%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S"]
    found = taken(tmp_path, ["05/06/2022 04:35", "05/06/2022 04:35:01"], with_seconds)
    assert times(found) == [utc("2022-06-05 04:35:00")]
    assert found.reasons == {"timestamp_unreadable": 1}


def test_the_form_comes_from_the_beginning_not_from_the_chunk(tmp_path: Path) -> None:
    """The last part of the file alone fits both."""
    stamps = [moment.strftime(DAY_FIRST) for moment in SIXTY] + ["05/06/2022 04:35:01.5"] * 400
    whole = taken(tmp_path, stamps, BOTH)
    parts = taken(tmp_path, stamps, BOTH, target_bytes=512)
    assert times(whole)[-1] == utc("2022-06-05 04:35:01.5")
    assert whole == parts


@given(
    st.lists(
        st.sampled_from(
            [
                "25/11/2022 04:35:01.5",
                "11/25/2022 04:35:01.5",
                "05/06/2022 01:02:03.25",
                "2022-11-25 04:35:01",
                "x",
            ]
        ),
        max_size=40,
    ),
    st.integers(20, 400),
)
def test_cutting_a_file_changes_no_row(
    tmp_path_factory: pytest.TempPathFactory, stamps: list[str], target_bytes: int
) -> None:
    folder = tmp_path_factory.mktemp("feed")
    try:
        whole = taken(folder, stamps, [*BOTH, "iso"])
    except BadInputError:
        with pytest.raises(BadInputError):
            taken(folder, stamps, [*BOTH, "iso"], target_bytes)
        return
    assert taken(folder, stamps, [*BOTH, "iso"], target_bytes) == whole
    assert whole.rows == len(stamps)


def test_the_form_of_parquet_comes_from_its_first_rows(tmp_path: Path) -> None:
    stamps = [moment.strftime(DAY_FIRST) for moment in SIXTY]
    rows = {"mmsi": [219063000] * 60, "time": stamps, "lat": [57.5] * 60, "lon": [8.25] * 60}
    how = mapping(tmp_path, {"observed_at_utc": {"from": "time", "time_format": BOTH}}, format="parquet")
    parquet.write_table(pa.table(rows), tmp_path / "x.parquet", row_group_size=7)
    assert times(take(tmp_path / "x.parquet", 1, [how])) == SIXTY


@pytest.mark.parametrize(
    ("text", "form", "expected"),
    [
        ("2022-12-29 18:22:32.318353 +0000 UTC", "iso", "2022-12-29 18:22:32.318353"),
        ("2022-12-29 18:22:32.318353123 +0000 UTC", "iso", "2022-12-29 18:22:32.318353"),
        ("2022-12-29 18:22:32.999999999", "iso", "2022-12-29 18:22:32.999999"),
        ("2022-12-29 18:22:32.1 UTC", "iso", "2022-12-29 18:22:32.1"),
        ("2011-04-12 10:40:27 GMT", "iso", "2011-04-12 10:40:27"),
        ("2022-12-29T18:22:32.123456789Z", "iso", "2022-12-29 18:22:32.123456"),
        ("2022-12-29 18:22:32 +0200", "iso", "2022-12-29 16:22:32"),
        ("29/12/2022 18:22:32 UTC", "%d/%m/%Y %H:%M:%S", "2022-12-29 18:22:32"),
        ("29/12/2022 18:22:32 UTC", "%d/%m/%Y %H:%M:%S %Z", "2022-12-29 18:22:32"),
        ("29/12/2022 18:22:32.123456789", DAY_FIRST, "2022-12-29 18:22:32.123456"),
        ("2016-12-31 23:59:60", "iso", "2017-01-01 00:00:00"),
        ("2015-06-30T23:59:60.5Z", "iso", "2015-07-01 00:00:00.5"),
        ("2017-01-01 01:59:60 +0200", "iso", "2017-01-01 00:00:00"),
        ("31/12/2016 23:59:60", "%d/%m/%Y %H:%M:%S", "2017-01-01 00:00:00"),
    ],
)
def test_stamps_that_are_read(text: str, form: str, expected: str) -> None:
    assert read_stamp(text, form, UTC) == utc(expected)
    if form == "iso":
        assert read_time(text) == utc(expected)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("2022-12-29 18:22:32 +0200 UTC", "iso"),
        ("2022-12-29 18:22:32 CET", "iso"),
        ("2022-12-29 18:22:32.1234567890", "iso"),
        ("2022-12-29 18:22:60", "iso"),
        ("2022-12-30 23:59:60", "iso"),
        ("2022-12-29 18:22:61", "iso"),
        ("2022-12-29 18:22:32 x", "iso"),
        ("x 2022-12-29 18:22:32", "iso"),
        ("29/12/2022 18:22:32 CET", "%d/%m/%Y %H:%M:%S %Z"),
        ("29/12/2022 18:22:32", "%d/%m/%Y %H:%M:%S %Z"),
        ("29/12/2022 18:22:32.5", "%d/%m/%Y %H:%M:%S"),
        ("2022129182232", "%Y%m%d%H%M%S"),
    ],
)
def test_stamps_that_are_refused(text: str, form: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_stamp(text, form, UTC)


def test_utc_at_the_end_goes_before_the_zone_of_the_mapping() -> None:
    cairo = ZoneInfo("Africa/Cairo")
    assert read_stamp("2022-12-29 18:22:32 UTC", "iso", cairo) == utc("2022-12-29 18:22:32")
    assert read_stamp("2022-12-29 18:22:32", "iso", cairo) == utc("2022-12-29 16:22:32")
    offset = timezone(timedelta(hours=2))
    assert read_stamp("2017-01-01 01:59:60", "iso", offset) == utc("2017-01-01 00:00:00")


def test_a_number_side_by_side_with_others_needs_all_its_digits(tmp_path: Path) -> None:
    found = taken(tmp_path, ["20221108043501", "2022118043501"], "%Y%m%d%H%M%S")
    assert times(found) == [utc("2022-11-08 04:35:01")]
    assert found.reasons == {"timestamp_unreadable": 1}


def test_noaa_reads_the_same_endings(tmp_path: Path) -> None:
    stamps = ["2023-01-11T00:00:00", "2022-12-29 18:22:32.318353 +0000 UTC", "2016-12-31T23:59:60"]
    lines = [f"366940480,{stamp},26.5,-90.1" for stamp in stamps]
    (tmp_path / "x.csv").write_text("\n".join(["MMSI,BaseDateTime,LAT,LON", *lines]), encoding="utf-8")
    expected = ["2023-01-11 00:00:00", "2022-12-29 18:22:32.318353", "2017-01-01 00:00:00"]
    assert times(take(tmp_path / "x.csv")) == [utc(text) for text in expected]
