"""Calendar effects of an ISO week: the share of each holiday in it, and its place in the year.

Some holidays move against the calendar (dates come from the library `holidays`; Indonesia keeps all four that move
trade most). Others have a fixed date, which falls into another ISO week, or divides over two, from year to year.
Source: methodology 12.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Final, NamedTuple

import holidays
import numpy as np
from numpy.typing import NDArray

from ais_indicators.periods import DAYS_PER_WEEK, Week
from ais_indicators.rules import Rules

_CALENDAR: Final = "ID"
_LANGUAGE: Final = "en_US"
_THURSDAY: Final = 3
_DAYS_A_YEAR: Final = 365.25


class _Holiday(NamedTuple):
    """A holiday: its name in the calendar, and the days it takes, counted from that one."""

    day: str
    first: int
    end: int


MOVING_HOLIDAYS: Final = {
    "lunar_new_year": _Holiday("Lunar New Year", 0, 7),
    "easter": _Holiday("Easter Sunday", -2, 2),
    "eid_al_fitr": _Holiday("Eid al-Fitr", 0, 3),
    "eid_al_adha": _Holiday("Eid al-Adha", 0, 3),
}
"""Lunar New Year stops factories for a week; Easter is Good Friday to Easter Monday; each Eid lasts three days."""

FIXED_HOLIDAYS: Final = {
    "christmas": ((12, 24), (12, 25), (12, 26)),
    "new_year": ((12, 31), (1, 1)),
}
"""Month and day of each day of the holidays that have a date."""

HOLIDAYS: Final = (*MOVING_HOLIDAYS, *FIXED_HOLIDAYS)
"""All holidays, in the order of their columns."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class WeekCalendar:
    """Consecutive weeks.

    Attributes:
        holidays: Share of each of `HOLIDAYS` that falls into each week, shape (weeks, holidays).
        seasons: A constant, then sine and cosine of the first harmonics of the year at the week's Thursday, shape
            (weeks, 1 + 2 harmonics).
    """

    holidays: Floats
    seasons: Floats

    @classmethod
    def of(cls, weeks: Sequence[Week], rules: Rules) -> "WeekCalendar":
        """Makes the calendar of some weeks."""
        return cls(holiday_shares(weeks), _seasons(weeks, rules))

    def part(self, begin: int, end: int | None = None) -> "WeekCalendar":
        """Takes the weeks from one place to before another."""
        return WeekCalendar(self.holidays[begin:end], self.seasons[begin:end])


def holiday_shares(weeks: Sequence[Week]) -> Floats:
    """Returns the share of each of `HOLIDAYS` that falls into each week, shape (weeks, holidays)."""
    rows = [
        [_moving_share(name, week) for name in MOVING_HOLIDAYS]
        + [
            sum((day.month, day.day) in days for day in week.days) / len(days)
            for days in FIXED_HOLIDAYS.values()
        ]
        for week in weeks
    ]
    return np.array(rows, np.float64).reshape(len(weeks), len(HOLIDAYS))


def _moving_share(name: str, week: Week) -> float:
    kept, first = MOVING_HOLIDAYS[name], week.monday.toordinal()
    days = sum(
        max(0, min(at + kept.end, first + DAYS_PER_WEEK) - max(at + kept.first, first))
        for year in {week.days[0].year, week.days[-1].year}
        for at in _ordinals(name, year)
    )
    return days / (kept.end - kept.first)


@cache
def _ordinals(name: str, year: int) -> tuple[int, ...]:
    """Returns days of a holiday in a year; the lunar year is shorter, so that a year may have two."""
    calendar = holidays.country_holidays(_CALENDAR, years=year, language=_LANGUAGE)
    wanted = MOVING_HOLIDAYS[name].day
    return tuple(day.toordinal() for day, text in sorted(calendar.items()) if wanted in text.split("; "))


def _seasons(weeks: Sequence[Week], rules: Rules) -> Floats:
    thursdays = [week.days[_THURSDAY] for week in weeks]
    of_year = np.array([(day - date(day.year, 1, 1)).days for day in thursdays], np.float64)
    turns = 2 * np.pi * of_year / _DAYS_A_YEAR
    harmonics = range(1, rules.series_holiday_harmonics + 1)
    waves = [wave(number * turns) for number in harmonics for wave in (np.sin, np.cos)]
    return np.stack([np.ones(len(weeks)), *waves], axis=1)
