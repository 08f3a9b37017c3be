"""The announced arrival: AIS sends its month, day, hour and minute, and never its year (ITU-R M.1371, type 5)."""

from datetime import MAXYEAR, MINYEAR
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ais_indicators.sources.instants import (
    FIRST_YEAR,
    HOURS,
    MINUTES,
    MONTHS,
    MOST_DAYS,
    NO_INSTANT,
    Instants,
    Whole,
    is_within,
)
from ais_indicators.units import SECONDS_PER_HOUR, SECONDS_PER_MINUTE

Durations = NDArray[np.timedelta64]

SHORTEST_MONTH_DAYS: Final = 28
_TWO_DIGITS: Final = 100


def eta_near(month: Whole, day: Whole, hour: Whole, minute: Whole, observed_micros: Whole) -> Instants:
    """Adds to each announced arrival the year that brings it nearest to its message; on a tie, the later year.

    Args:
        month: 1 to 12, shape (n,); anything else, such as 0, is not available, as for the other parts.
        day: 1 to 31.
        hour: 0 to 23; 24 is not available.
        minute: 0 to 59; 60 is not available.
        observed_micros: Time of the message in microseconds since 1970; the least integer where not known.

    Returns:
        `datetime64[us]` in UTC, shape (n,). NaT where a part is not available, where the message has no time,
        and on 29 February where the nearest year has none.
    """
    observed = observed_micros.astype("datetime64[us]")
    year = observed.astype("datetime64[Y]").astype(np.int64) + FIRST_YEAR
    is_possible = is_within(month, 1, MONTHS) & is_within(day, 1, MOST_DAYS)
    is_possible &= is_within(hour, 0, HOURS - 1) & is_within(minute, 0, MINUTES - 1)
    is_possible &= is_within(year, MINYEAR + 1, MAXYEAR - 1)
    months = np.where(is_possible, (year - FIRST_YEAR) * MONTHS + month - 1, 0)
    # 29 February is the day after the 28th in every year, until the year is chosen.
    seconds = ((day - 1) * HOURS + hour) * SECONDS_PER_HOUR + minute * SECONDS_PER_MINUTE
    after_first = np.where(is_possible, seconds, 0).astype("timedelta64[s]").astype("timedelta64[us]")
    found, least = _in_year(months + MONTHS, after_first, observed)
    for earlier in (months, months - MONTHS):
        arrival, distance = _in_year(earlier, after_first, observed)
        is_nearer = distance < least
        found, least = np.where(is_nearer, arrival, found), np.where(is_nearer, distance, least)
    in_other_month = np.zeros(day.size, np.bool_)
    late = np.flatnonzero(day > SHORTEST_MONTH_DAYS)
    in_other_month[late] = found[late].astype("datetime64[M]").astype(np.int64) % MONTHS != month[late] - 1
    found[~is_possible | in_other_month] = NO_INSTANT
    return found


def _in_year(months: Whole, after_first: Durations, observed: Instants) -> tuple[Instants, Durations]:
    """Returns instants some time after the first of a month, and how far they are from others."""
    first: Instants = months.astype("datetime64[M]").astype("datetime64[us]")
    found: Instants = first + after_first
    distance: Durations = np.abs(found - observed)
    return found, distance


def eta_of_code(code: Whole, observed_micros: Whole) -> Instants:
    """Reads arrivals written as whole numbers MMDDHHmm: 6141100 is 14 June, 11:00; 2460 is not available.

    Args:
        code: The numbers, shape (n,).
        observed_micros: As for `eta_near`.
    """
    rest, minute = np.divmod(code, _TWO_DIGITS)
    rest, hour = np.divmod(rest, _TWO_DIGITS)
    month, day = np.divmod(rest, _TWO_DIGITS)
    return eta_near(month, day, hour, minute, observed_micros)
