"""The announced arrival: AIS sends its month, day, hour and minute, and never its year (ITU-R M.1371, type 5)."""

from typing import Final

import numpy as np

from ais_indicators.sources.instants import FIRST_YEAR, MOST_DAYS, Instants, Whole, instants_at

_TWO_DIGITS: Final = 100


def eta_near(month: Whole, day: Whole, hour: Whole, minute: Whole, observed_micros: Whole) -> Instants:
    """Gives each announced arrival the year that brings it nearest to its message; of two as near, the later.

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
    years = np.stack([year + 1, year, year - 1])
    distance = np.stack([np.abs(_roughly(each, month, day, hour, minute) - observed) for each in years])
    nearest = np.take_along_axis(years, distance.argmin(axis=0)[np.newaxis], axis=0)[0]
    return instants_at(nearest, month, day, hour, minute, np.zeros_like(year))


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


def _roughly(year: Whole, month: Whole, day: Whole, hour: Whole, minute: Whole) -> Instants:
    """The arrival in a year, where 29 February is the day after the 28th in every year."""
    first_of_month = instants_at(year, month, np.ones_like(year), hour, minute, np.zeros_like(year))
    rough: Instants = first_of_month + (np.clip(day, 1, MOST_DAYS) - 1).astype("timedelta64[D]")
    return rough
