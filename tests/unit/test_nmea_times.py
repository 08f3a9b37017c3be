"""Times of NMEA sentences: forms, zones, clock lines, and the hours of a change of clocks."""

import io
import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ais_indicators.sources.blocks import SourceBlock
from ais_indicators.sources.nmea import forms
from ais_indicators.sources.nmea.reading import read_nmea
from ais_indicators.sources.zones import SourceTimes
from tests.examples import examples
from tests.subject_rules import SHIP_RULES
from tests.unit.test_nmea import MOORED, only, read, reasons, sum_of

SECONDS = 1426032001
MOMENT = datetime.fromtimestamp(SECONDS, UTC)
COPENHAGEN = SourceTimes("Europe/Copenhagen")


def times_of(block: SourceBlock) -> list[datetime | None]:
    """Times of the positions."""
    found: list[datetime | None] = block.rows["observed_at_utc"].to_pylist()
    return found


def read_as(times: SourceTimes, *lines: str) -> SourceBlock:
    """Reads lines of a source that declares how it writes times."""
    text = "\n".join([*lines, ""]).encode()
    return read_nmea(io.BytesIO(text), 0, len(text), times=times, rules=SHIP_RULES)


def at(text: str) -> datetime:
    """An instant of ISO 8601 in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# --- zones ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "hours_east"),
    [
        ("", 0), ("Z", 0), (" Z", 0), (" UTC", 0), ("UTC", 0), (" GMT", 0), (" utc", 0),
        ("+02:00", 2), (" +02:00", 2), ("+0200", 2), (" +0200", 2), ("+02", 2), (" -03:30", -3.5), (" -0330", -3.5),
        (" UTC+2", 2), (" GMT-05:00", -5), (" CET", 1), (" CEST", 2), (" (CEST)", 2), (";CEST;", 2), (" EET", 2),
        (" EEST", 3), (" MESZ", 2), (".250 +0200", 2), (",250 CEST", 2),
    ],
)  # fmt: skip
def test_a_zone_that_is_understood_is_converted(zone: str, hours_east: float) -> None:
    row = only(read(f"2024-06-11 22:26:40{zone} {MOORED}"))
    part = timedelta(milliseconds=250 if "250" in zone else 0)
    assert row["observed_at_utc"] == at("2024-06-11 22:26:40") - timedelta(hours=hours_east) + part


@pytest.mark.parametrize(
    "zone", [" BST", " EST", " CST", " IST", " XYZ", " +25:00", " +02:75", " +12345", " Europe/Oslo"]
)
def test_a_zone_that_is_not_understood_goes_to_quarantine(zone: str) -> None:
    block = read(f"2024-06-11 22:26:40 {MOORED}", f"2024-06-11 22:26:40{zone} {MOORED}")
    assert (times_of(block), reasons(block)) == ([at("2024-06-11 22:26:40")], ["time_zone_not_understood"])


@pytest.mark.parametrize("word", [" station7", " INFO", " rx", " -", ",-118", ";ABC;", " | r003"])
def test_another_column_after_the_time_is_no_zone(word: str) -> None:
    assert only(read(f"2024-06-11 22:26:40{word} {MOORED}"))["observed_at_utc"] == at("2024-06-11 22:26:40")


@pytest.mark.parametrize(
    ("clock", "utc"),
    [
        ("10:26:40 PM", "22:26:40"), ("10:26:40 AM", "10:26:40"), ("12:26:40 AM", "00:26:40"),
        ("12:26:40 pm", "12:26:40"), ("10:26:40PM", "22:26:40"), ("9:26:40 p.m.", "21:26:40"),
        ("10:26:40 PM +0200", "20:26:40"), ("10:26:40 PM CEST", "20:26:40"),
    ],
)  # fmt: skip
def test_half_days(clock: str, utc: str) -> None:
    assert only(read(f"2024-06-11 {clock} {MOORED}"))["observed_at_utc"] == at(f"2024-06-11 {utc}")


@pytest.mark.parametrize("clock", ["13:26:40 PM", "00:26:40 AM"])
def test_an_hour_that_no_half_day_has_does_not_fit(clock: str) -> None:
    block = read(f"2024-06-11 10:26:40 PM {MOORED}", f"2024-06-11 {clock} {MOORED}")
    assert reasons(block) == ["time_form_differs"]


# --- forms ------------------------------------------------------------------------------------------------------


def test_the_time_in_a_tag_block_needs_no_column() -> None:
    assert only(read(f"2024-06-11 22:26:40 BST \\c:{SECONDS}\\{MOORED}"))["observed_at_utc"] == MOMENT


def test_a_second_count_is_no_fraction() -> None:
    assert only(read(f"{MOORED},{SECONDS},1426032999"))["observed_at_utc"] == MOMENT
    assert only(read(f"{SECONDS},1426032999 {MOORED}"))["observed_at_utc"] == MOMENT
    assert only(read(f"{SECONDS} {MOORED},1426032999"))["observed_at_utc"] == MOMENT


def test_a_fraction_is_no_date() -> None:
    assert "observed_at_utc" not in only(read(f"12.20150311000001 {MOORED}"))
    assert "observed_at_utc" not in only(read(f"{MOORED},x0.20150311 000001"))


def test_day_first_with_microseconds() -> None:
    block = read(
        f"11/10/2022 12:34:56.201510 {MOORED}",
        f"13/10/2022 01:02:03.101112 {MOORED}",
        f"10/13/2022 01:02:03.101112 {MOORED}",
    )
    assert times_of(block) == [at("2022-10-11 12:34:56.201510"), at("2022-10-13 01:02:03.101112")]
    assert reasons(block) == ["time_form_differs"]


def test_month_first() -> None:
    block = read(f"6/7/2024 9:26:40 PM {MOORED}", f"6/13/2024 9:26:41 PM {MOORED}")
    assert times_of(block) == [at("2024-06-07 21:26:40"), at("2024-06-13 21:26:41")]


def test_points_mean_day_first() -> None:
    assert only(read(f"07.06.2024 21:26:40 {MOORED}"))["observed_at_utc"] == at("2024-06-07 21:26:40")


def test_an_order_that_is_unclear_is_never_guessed() -> None:
    line = f"06/07/2024 21:26:40 {MOORED}"
    assert reasons(read(line, line)) == ["date_order_unclear"] * 2
    assert times_of(read_as(SourceTimes(date_order="day_first"), line)) == [at("2024-07-06 21:26:40")]
    assert times_of(read_as(SourceTimes(date_order="month_first"), line)) == [at("2024-06-07 21:26:40")]


def test_the_first_date_that_is_clear_decides() -> None:
    block = read(*(f"{date}/2024 21:26:40 {MOORED}" for date in ("06/07", "13/07", "07/13")))
    assert times_of(block) == [at("2024-07-06 21:26:40"), at("2024-07-13 21:26:40")]
    assert reasons(block) == ["time_form_differs"]


FORMS = {
    "seconds": f"{SECONDS} {MOORED}",
    "milliseconds": f"{SECONDS}000 {MOORED}",
    "microseconds": f"{SECONDS}000000 {MOORED}",
    "iso": f"2015-03-11T00:00:01Z {MOORED}",
    "day first": f"11.03.2015 00:00:01 {MOORED}",
}


@pytest.mark.parametrize(("first", "other"), list(itertools.permutations(FORMS, 2)))
def test_a_row_in_another_form_than_the_files_goes_to_quarantine(first: str, other: str) -> None:
    block = read(FORMS[first], FORMS[other])
    assert (times_of(block), reasons(block)) == ([MOMENT], ["time_form_differs"])


def test_a_stamp_in_the_other_place_is_not_read() -> None:
    assert times_of(read(FORMS["seconds"], f"{MOORED},1426032999")) == [MOMENT, None]
    assert times_of(read(f"{MOORED},1426032001", f"1426032999 {MOORED}")) == [MOMENT, None]


@pytest.mark.parametrize(
    "stamp", ["2015-13-11 00:00:01", "2015-02-29 00:00:01", "2015-03-11 24:00:01", "1426032001.1234567890"]
)
def test_a_stamp_that_is_no_time_goes_to_quarantine(stamp: str) -> None:
    assert reasons(read(FORMS["iso"], f"{stamp} {MOORED}")) == ["time_form_differs"]


def test_without_a_form_only_clear_stamps_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """The form is that of the beginning, whatever comes later."""
    monkeypatch.setattr(forms, "BEGINNING_BYTES", 200)
    block = read(*[MOORED] * 5, FORMS["seconds"], FORMS["iso"], f"13/10/2022 01:02:03 {MOORED}")
    assert times_of(block) == [*[None] * 5, MOMENT, MOMENT]
    assert reasons(block) == ["time_form_differs"]


# --- clock lines ------------------------------------------------------------------------------------------------


def clock(body: str) -> str:
    """A `$` line with its checksum."""
    return f"${body}*{sum_of(body):02X}"


CLOCKS = {
    "pghp": "$PGHP,1,2015,3,11,0,0,1,0,219,,2190048,1,28*23",
    "pstt": clock("PSTT,10A,20150311,000001"),
    "zda": clock("GPZDA,000001.00,11,03,2015,00,00"),
    "rmc": clock("GPRMC,000001,A,4807.038,N,01131.000,E,022.4,084.4,110315,003.1,W"),
    "gnss": clock("GNRMC,000001.00,A,4807.038,N,01131.000,E,022.4,084.4,110315,003.1,W,A"),
}


@pytest.mark.parametrize("line", CLOCKS.values(), ids=CLOCKS)
def test_a_clock_line_holds_for_sentences_after_it_until_the_next(line: str) -> None:
    later = clock("GPZDA,000101.50,11,03,2015,00,00")
    block = read(MOORED, line, MOORED, "$GPGSV,x", MOORED, f"\\c:1426032009\\{MOORED}", MOORED, later, MOORED)
    wanted = [
        None,
        MOMENT,
        MOMENT,
        datetime.fromtimestamp(1426032009, UTC),
        MOMENT,
        at("2015-03-11 00:01:01.500"),
    ]
    assert times_of(block) == wanted


def test_a_clock_line_holds_within_the_window_of_lines() -> None:
    limit = SHIP_RULES.clock_line_window_lines
    assert limit <= SHIP_RULES.fragment_window_lines
    block = read(CLOCKS["zda"], *["$GPGSV,x"] * (limit - 1), MOORED, MOORED)
    assert times_of(block) == [MOMENT, None]


@pytest.mark.parametrize(
    "line",
    [
        clock("GPRMC,000001,V,,,,,,,110315,,"),
        clock("GPZDA,,11,03,2015,00,00"),
        clock("GPZDA,000001.00,31,02,2015,00,00"),
        "$GPZDA,000001.00,11,03,2015,00,00*00",
        clock("PSTT,10A,2015031,000001"),
    ],
)
def test_a_clock_line_without_a_time_ends_the_one_before(line: str) -> None:
    assert times_of(read(CLOCKS["pghp"], line, MOORED)) == [None]


def test_other_lines_of_the_makers_are_no_clock() -> None:
    assert times_of(read(CLOCKS["pghp"], "$PSTT,01*2E", MOORED)) == [MOMENT]


# --- zones of a source ------------------------------------------------------------------------------------------


def local(hour: int, minute: int, day: str = "2024-10-27") -> str:
    """A line with a time that names no zone."""
    return f"{day} {hour:02}:{minute:02}:00 {MOORED}"


def test_times_without_a_zone_are_in_that_of_their_source() -> None:
    lines = [local(12, 0, "2024-06-11"), local(12, 0, "2024-01-11"), f"2024-06-11 12:00:00Z {MOORED}"]
    assert times_of(read_as(COPENHAGEN, *lines)) == [
        at("2024-06-11 10:00"),
        at("2024-01-11 11:00"),
        at("2024-06-11 12:00"),
    ]
    assert times_of(read_as(SourceTimes("-03:30"), lines[0])) == [at("2024-06-11 15:30")]
    assert times_of(read_as(COPENHAGEN, f"{SECONDS} {MOORED}")) == [MOMENT]
    assert times_of(read_as(COPENHAGEN, CLOCKS["zda"], MOORED)) == [MOMENT]


def test_the_repeated_hour_is_read_in_the_order_of_the_file() -> None:
    lines = [local(1, 50), local(2, 10), local(2, 50), local(2, 5), local(2, 55), local(3, 5)]
    wanted = [
        "2024-10-26 23:50",
        "2024-10-27 00:10",
        "2024-10-27 00:50",
        "2024-10-27 01:05",
        "2024-10-27 01:55",
        "2024-10-27 02:05",
    ]
    assert times_of(read_as(COPENHAGEN, *lines)) == [at(time) for time in wanted]


def test_a_log_that_ends_or_begins_in_the_repeated_hour() -> None:
    assert times_of(read_as(COPENHAGEN, local(1, 55), local(2, 5))) == [
        at("2024-10-26 23:55"),
        at("2024-10-27 00:05"),
    ]
    assert times_of(read_as(COPENHAGEN, local(2, 55), local(3, 5))) == [
        at("2024-10-27 01:55"),
        at("2024-10-27 02:05"),
    ]


@pytest.mark.parametrize(
    "lines",
    [
        [local(2, 10)],
        [local(1, 55), local(2, 10), local(2, 55), local(3, 5)],
        [local(0, 10), local(2, 10), local(4, 5)],
        [local(2, 10), local(2, 50), local(2, 5), local(2, 50), local(2, 5)],
    ],
)
def test_a_repeated_hour_that_cannot_be_decided_goes_to_quarantine(lines: list[str]) -> None:
    block = read_as(COPENHAGEN, *lines)
    assert set(reasons(block)) == {"time_in_repeated_hour"}
    assert block.unreadable.num_rows == sum(" 02:" in line for line in lines)


def test_the_skipped_hour_goes_to_quarantine() -> None:
    block = read_as(COPENHAGEN, *(local(hour, 30, "2024-03-31") for hour in (1, 2, 3)))
    assert times_of(block) == [at("2024-03-31 00:30"), at("2024-03-31 01:30")]
    assert reasons(block) == ["time_in_skipped_hour"]


ROWS = st.lists(
    st.sampled_from(
        [
            *FORMS.values(), *CLOCKS.values(), MOORED, local(1, 50), local(2, 10), local(2, 50), local(3, 10),
            f"2024-06-11 22:26:40 BST {MOORED}", f"06/07/2024 21:26:40 {MOORED}", f"{MOORED},1426032001", "",
        ]
    ),
    max_size=30,
)  # fmt: skip


@settings(deadline=None, max_examples=examples(60))
@given(ROWS, st.lists(st.integers(0, 3000), max_size=4), st.sampled_from([SourceTimes(), COPENHAGEN]))
def test_a_file_may_be_cut_anywhere(lines: list[str], cuts: list[int], times: SourceTimes) -> None:
    text = "\n".join([*lines, ""]).encode()
    whole = read_nmea(io.BytesIO(text), 0, len(text), times=times, rules=SHIP_RULES)
    edges = sorted({0, len(text), *(min(cut, len(text)) for cut in cuts)})
    parts = [
        read_nmea(io.BytesIO(text), a, b, times=times, rules=SHIP_RULES) for a, b in itertools.pairwise(edges)
    ]
    for name in ("rows", "unreadable"):
        wanted = [str(row) for row in getattr(whole, name).drop_columns(["file_line"]).to_pylist()]
        found = [
            str(row) for part in parts for row in getattr(part, name).drop_columns(["file_line"]).to_pylist()
        ]
        assert sorted(found) == sorted(wanted), name
