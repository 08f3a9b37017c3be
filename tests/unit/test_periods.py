"""ISO weeks and periods: the golden values of the method's section 1, on both sides of each year's end."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ais_indicators.errors import ExitCode, WrongUseError
from ais_indicators.periods import Period, Week, is_week_within

DAY = 86400


@pytest.mark.parametrize(
    ("day", "week"),
    [
        ("2018-12-30", "2018-W52"),
        ("2018-12-31", "2019-W01"),
        ("2019-12-29", "2019-W52"),
        ("2019-12-30", "2020-W01"),
        ("2020-12-27", "2020-W52"),
        ("2020-12-28", "2020-W53"),
        ("2020-12-31", "2020-W53"),
        ("2021-01-03", "2020-W53"),
        ("2021-01-04", "2021-W01"),
        ("2024-12-29", "2024-W52"),
        ("2024-12-30", "2025-W01"),
        ("2026-12-27", "2026-W52"),
        ("2026-12-31", "2026-W53"),
        ("2027-01-03", "2026-W53"),
        ("2027-01-04", "2027-W01"),
    ],
)
def test_a_day_lies_in_its_iso_week(day: str, week: str) -> None:
    of_day = Week.of(date.fromisoformat(day))
    assert of_day.name == week
    assert Week.parse(week) == of_day
    assert date.fromisoformat(day) in of_day.days


@pytest.mark.parametrize(
    ("moment", "week"),
    [
        ("2021-01-03T23:59:59", "2020-W53"),
        ("2021-01-04T00:00:00", "2021-W01"),
        ("1970-01-01T00:00:00", "1970-W01"),
        ("1969-12-28T23:59:59", "1969-W52"),
    ],
)
def test_a_second_lies_in_the_week_of_its_utc_day(moment: str, week: str) -> None:
    second = int(datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp())
    assert Week.of_second(second).name == week


@given(st.dates(date(1971, 1, 1), date(2100, 12, 31)))
def test_weeks_are_those_of_the_standard_library(day: date) -> None:
    year, number, weekday = day.isocalendar()
    week = Week.of(day)
    assert week.name == f"{year:04d}-W{number:02d}"
    assert week.days[weekday - 1] == day
    assert week.start_second <= int(datetime(*day.timetuple()[:3], tzinfo=UTC).timestamp()) < week.end_second


@given(st.dates(date(1971, 1, 1), date(2100, 12, 31)), st.integers(-200, 200))
def test_names_sort_and_subtract_as_the_weeks_do(day: date, weeks: int) -> None:
    week, other = Week.of(day), Week.of(day).plus(weeks)
    assert other.minus(week) == weeks
    assert (other < week, other == week) == (other.name < week.name, other.name == week.name)
    assert other.end_second - other.start_second == 7 * DAY


@pytest.mark.parametrize(
    "text",
    [
        "2019-W53",
        "2021-W53",
        "2020-W54",
        "2020-W00",
        "2020-53",
        "2020W53",
        "2020-W5",
        "2020-w53",
        "W53",
        "",
        "2020-12-28",
    ],
)
def test_what_is_no_iso_week_is_wrong_use(text: str) -> None:
    with pytest.raises(WrongUseError, match=f"^'{text}' is not a") as caught:
        Week.parse(text)
    assert caught.value.exit_code is ExitCode.WRONG_USE


def test_a_week_may_stand_between_blanks() -> None:
    assert Week.parse(" 2020-W53\n").name == "2020-W53"


def test_a_period_holds_both_its_ends() -> None:
    period = Period(Week.parse("2020-W52"), Week.parse("2021-W01"))
    assert [week.name for week in period] == ["2020-W52", "2020-W53", "2021-W01"]
    assert str(period) == "2020-W52 to 2021-W01"


def test_a_period_may_be_one_week() -> None:
    week = Week.parse("2020-W53")
    assert Period(week, week).weeks == (week,)
    assert str(Period(week, week)) == "2020-W53"


def test_a_period_does_not_end_before_it_begins() -> None:
    with pytest.raises(WrongUseError, match="2020-W53, before it begins in 2021-W01"):
        Period(Week.parse("2021-W01"), Week.parse("2020-W53"))


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (None, None, True),
        ("2026-W07", None, True),
        ("2026-W08", None, False),
        (None, "2026-W07", True),
        (None, "2026-W06", False),
        ("2026-W07", "2026-W07", True),
    ],
)
def test_a_week_lies_between_two_of_which_each_may_be_missing(
    first: str | None, last: str | None, expected: bool
) -> None:
    assert is_week_within("2026-W07", first, last) is expected
