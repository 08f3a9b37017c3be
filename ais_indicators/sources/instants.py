"""Dates and times of the calendar as arrays of instants: microseconds since 1970 in UTC, NaT where there is none."""

from datetime import MAXYEAR, MINYEAR
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ais_indicators.units import SECONDS_PER_HOUR, SECONDS_PER_MINUTE

Instants = NDArray[np.datetime64]
Whole = NDArray[np.int64]

NO_INSTANT: Final = np.datetime64("NaT", "us")

FIRST_YEAR: Final = 1970
MONTHS: Final = 12
MOST_DAYS: Final = 31
HOURS: Final = 24
MINUTES: Final = 60
_SECONDS: Final = 60


def instants_at(year: Whole, month: Whole, day: Whole, hour: Whole, minute: Whole, second: Whole) -> Instants:
    """Puts the parts of dates and times together; NaT where there is no such date or time.

    >>> february = np.array([2024, 2023]), np.array([2, 2]), np.array([29, 29])
    >>> instants_at(*february, *np.array([[12, 12], [30, 30], [0, 0]])).astype(str).tolist()
    ['2024-02-29T12:30:00.000000', 'NaT']

    Args:
        year: 1 to 9999; all arrays have one element per instant.
        month: 1 to 12.
        day: 1 to the month's last day.
        hour: 0 to 23.
        minute: 0 to 59.
        second: 0 to 59.
    """
    is_date = is_within(year, MINYEAR, MAXYEAR) & is_within(month, 1, MONTHS) & is_within(day, 1, MOST_DAYS)
    is_time = (
        is_within(hour, 0, HOURS - 1) & is_within(minute, 0, MINUTES - 1) & is_within(second, 0, _SECONDS - 1)
    )
    is_possible = is_date & is_time
    in_month = np.where(is_possible, (year - FIRST_YEAR) * MONTHS + month - 1, 0).astype("datetime64[M]")
    on_day = in_month.astype("datetime64[D]") + np.where(is_possible, day - 1, 0)
    in_day = np.where(is_possible, hour * SECONDS_PER_HOUR + minute * SECONDS_PER_MINUTE + second, 0)
    found: Instants = on_day.astype("datetime64[us]") + in_day.astype("timedelta64[s]")
    found[~is_possible | (on_day.astype("datetime64[M]") != in_month)] = NO_INSTANT
    return found


def is_within(values: Whole, lowest: int, highest: int) -> NDArray[np.bool_]:
    """Returns which values are not below the lowest or above the highest."""
    inside: NDArray[np.bool_] = (values >= lowest) & (values <= highest)
    return inside
