"""ISO weeks and the periods that a run covers. No clock is read here."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import total_ordering

from ais_indicators.errors import WrongUseError

DAYS_PER_WEEK = 7
WEEKS_OF_EVERY_YEAR = 52
_WEEK_PATTERN = re.compile(r"(\d{4})-W(\d{2})")


@total_ordering
@dataclass(frozen=True)
class Week:
    """One ISO 8601 week, Monday to Sunday in UTC.

    Attributes:
        monday: Its first day.
    """

    monday: date

    @classmethod
    def parse(cls, text: str) -> "Week":
        """Reads a name such as `2026-W47`.

        Raises:
            WrongUseError: The text is not an ISO week, or the year has no such week.

        >>> str(Week.parse("2020-W53").monday)
        '2020-12-28'
        """
        match = _WEEK_PATTERN.fullmatch(text.strip())
        if match is None:
            raise WrongUseError(f"'{text}' is not an ISO week; write it like 2026-W47")
        year, number = int(match[1]), int(match[2])
        try:
            return cls(date.fromisocalendar(year, number, 1))
        except ValueError as error:
            raise WrongUseError(f"'{text}' is not a week of {year}: {error}") from error

    @classmethod
    def of(cls, day: date) -> "Week":
        """Returns the week that contains a day.

        >>> Week.of(date(2021, 1, 3)).name
        '2020-W53'
        """
        return cls(day - timedelta(days=day.weekday()))

    @classmethod
    def of_second(cls, second: int) -> "Week":
        """Returns the week that contains an epoch second."""
        return cls.of(datetime.fromtimestamp(second, UTC).date())

    @property
    def name(self) -> str:
        """Returns the name, `2026-W47`; names sort as the weeks do."""
        year, number, _ = self.monday.isocalendar()
        return f"{year:04d}-W{number:02d}"

    @property
    def days(self) -> tuple[date, ...]:
        """Returns its seven days."""
        return tuple(self.monday + timedelta(days=n) for n in range(DAYS_PER_WEEK))

    @property
    def start(self) -> datetime:
        """Returns its first instant, UTC."""
        return datetime.combine(self.monday, time(), UTC)

    @property
    def end(self) -> datetime:
        """Returns the first instant after it, UTC."""
        return self.plus(1).start

    @property
    def start_second(self) -> int:
        """Returns `start` in epoch seconds."""
        return int(self.start.timestamp())

    @property
    def end_second(self) -> int:
        """Returns `end` in epoch seconds."""
        return int(self.end.timestamp())

    def plus(self, weeks: int) -> "Week":
        """Returns the week this number of weeks later (or earlier)."""
        return Week(self.monday + timedelta(days=DAYS_PER_WEEK * weeks))

    @property
    def year_before(self) -> "Week":
        """Returns the same ISO week of the previous year; for week 53, week 52.

        >>> Week.parse("2026-W53").year_before.name
        '2025-W52'
        """
        year, number, _ = self.monday.isocalendar()
        return Week(date.fromisocalendar(year - 1, min(number, WEEKS_OF_EVERY_YEAR), 1))

    def minus(self, other: "Week") -> int:
        """Returns the number of weeks from the other week to this one."""
        return (self.monday - other.monday).days // DAYS_PER_WEEK

    def __lt__(self, other: "Week") -> bool:
        return self.monday < other.monday

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Period:
    """Consecutive weeks, both ends included.

    Attributes:
        first: Its first week.
        last: Its last week.
    """

    first: Week
    last: Week

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise WrongUseError(f"the period ends in {self.last}, before it begins in {self.first}")

    @property
    def weeks(self) -> tuple[Week, ...]:
        """Returns its weeks in order."""
        return tuple(self.first.plus(n) for n in range(self.last.minus(self.first) + 1))

    def chunks(self, weeks: int) -> "Iterator[Period]":
        """Yields its weeks in runs of at most `size` weeks."""
        for begin in range(0, len(self.weeks), weeks):
            part = self.weeks[begin : begin + weeks]
            yield Period(part[0], part[-1])

    def __iter__(self) -> Iterator[Week]:
        return iter(self.weeks)

    def __str__(self) -> str:
        return self.first.name if self.first == self.last else f"{self.first} to {self.last}"


def is_week_within(week: str, first: str | None, last: str | None) -> bool:
    """Returns whether a named ISO week lies between two others, both included; None is no limit."""
    return (first is None or first <= week) and (last is None or week <= last)
