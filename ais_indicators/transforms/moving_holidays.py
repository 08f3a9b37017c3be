"""Holidays that no calendar week holds every year: which share of each falls into an ISO week.

Dates come from the library `holidays`. Indonesia keeps all four that move trade most, so its calendar gives them.
"""

from collections.abc import Sequence
from functools import cache
from typing import Final, NamedTuple

import holidays
import numpy as np
from numpy.typing import NDArray

from ais_indicators.periods import DAYS_PER_WEEK, Week

_CALENDAR: Final = "ID"
_LANGUAGE: Final = "en_US"


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


def holiday_shares(weeks: Sequence[Week]) -> NDArray[np.float64]:
    """Share of each of `MOVING_HOLIDAYS` that falls into each week, shape (weeks, holidays)."""
    shares = np.zeros((len(weeks), len(MOVING_HOLIDAYS)))
    for row, week in enumerate(weeks):
        for column, (name, kept) in enumerate(MOVING_HOLIDAYS.items()):
            first = week.monday.toordinal()
            days = sum(
                max(0, min(at + kept.end, first + DAYS_PER_WEEK) - max(at + kept.first, first))
                for year in {week.days[0].year, week.days[-1].year}
                for at in _ordinals(name, year)
            )
            shares[row, column] = days / (kept.end - kept.first)
    return shares


@cache
def _ordinals(name: str, year: int) -> tuple[int, ...]:
    """Days of a holiday in a year; the lunar year is shorter, so that a year may have two."""
    calendar = holidays.country_holidays(_CALENDAR, years=year, language=_LANGUAGE)
    wanted = MOVING_HOLIDAYS[name].day
    return tuple(day.toordinal() for day, text in sorted(calendar.items()) if wanted in text.split("; "))
