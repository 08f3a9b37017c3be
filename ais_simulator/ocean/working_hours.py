"""When ports work fast and when they do not: nights, Sundays and holidays, which give series their rhythm."""

from datetime import date
from functools import cache
from typing import Final

from ais_indicators.units import SECONDS_PER_DAY, SECONDS_PER_HOUR

DEGREES_PER_HOUR: Final = 15.0  # of longitude: local time without borders
DAY_SHIFTS: Final = (6, 22)  # local hours
SUNDAY: Final = 7  # ISO weekday
NIGHT_PACE, SUNDAY_PACE, HOLIDAY_PACE = 0.7, 0.6, 0.2
FIXED_HOLIDAYS: Final = ((12, 25), (12, 26), (1, 1))
NEW_YEAR_COUNTRIES: Final = ("CHN", "HKG", "TWN", "VNM", "KOR", "SGP")
NEW_YEAR_DAYS: Final = 7
LUNAR_NEW_YEARS: Final = (
    "2015-02-19", "2016-02-08", "2017-01-28", "2018-02-16", "2019-02-05", "2020-01-25", "2021-02-12", "2022-02-01",
    "2023-01-22", "2024-02-10", "2025-01-29", "2026-02-17", "2027-02-06", "2028-01-26", "2029-02-13", "2030-02-03",
    "2031-01-23", "2032-02-11", "2033-01-31", "2034-02-19", "2035-02-08",
)  # fmt: skip
"""First days of the Chinese calendar's years; later ones have no such holiday here."""


@cache
def _day_pace(day: int, country_iso3: str) -> float:
    """Returns the pace of a whole day, by its number since 1970."""
    on = date.fromordinal(day + date(1970, 1, 1).toordinal())
    new_years = [date.fromisoformat(text) for text in LUNAR_NEW_YEARS]
    if (on.month, on.day) in FIXED_HOLIDAYS:
        return HOLIDAY_PACE
    if country_iso3 in NEW_YEAR_COUNTRIES and any(
        0 <= (on - first).days < NEW_YEAR_DAYS for first in new_years
    ):
        return HOLIDAY_PACE
    return SUNDAY_PACE if on.isoweekday() == SUNDAY else 1.0


def pace(second: float, country_iso3: str, longitude: float) -> float:
    """Returns how fast a port works in the hour that a second lies in; 1 on a working day.

    >>> pace(1_778_673_600, "BEL", 3.2)  # a Wednesday at noon
    1.0
    """
    local = second + longitude / DEGREES_PER_HOUR * SECONDS_PER_HOUR
    day, rest = divmod(local, SECONDS_PER_DAY)
    by_day = _day_pace(int(day), country_iso3)
    is_day = DAY_SHIFTS[0] <= rest / SECONDS_PER_HOUR < DAY_SHIFTS[1]
    return by_day if is_day else by_day * NIGHT_PACE


def finished_s(begin_s: float, hours: float, country_iso3: str, longitude: float) -> float:
    """Returns when a number of hours of work at full pace is done."""
    second, left = begin_s, hours
    while left > 0:
        speed = pace(second, country_iso3, longitude)
        step = min(1.0, left / speed)
        second, left = second + step * SECONDS_PER_HOUR, left - step * speed
    return second
