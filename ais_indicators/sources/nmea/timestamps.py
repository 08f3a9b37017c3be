"""Reads dates, clock times and counts since 1970; compiled.

A sentence carries no time itself. Its time is that of the line's tag block (`c:`), of the receiver's column before
or after it (`stamps`), or of a clock line before it (`clocks`). It is never taken from the computer's clock.
"""

from typing import Any, Final

from ais_indicators.compiled import njit

NO_TIME: Final = -(2**63)
"""Microseconds of a sentence without a time."""

_ZERO, _NINE = ord("0"), ord("9")
_MICROSECONDS: Final = 1_000_000
_MOST_FRACTION_DIGITS: Final = 9
_DAY_SECONDS: Final = 86_400
DIGITS_OF_SECONDS: Final = 10
DIGITS_OF_MILLISECONDS: Final = 13
DIGITS_OF_MICROSECONDS: Final = 16


@njit(cache=True)
def microseconds_of(year: int, month: int, day: int, hour: int, minute: int, second: int) -> int:
    """Returns microseconds since 1970 of a date and time in UTC; `NO_TIME` where there is no such date.

    >>> microseconds_of(2010, 6, 11, 11, 46, 11) // 1_000_000
    1276256771
    """
    if not (1970 <= year <= 2262 and 1 <= month <= 12 and 1 <= day <= 31):  # noqa: PLR2004 - the calendar
        return NO_TIME
    if not (0 <= hour <= 23 and 0 <= minute <= 59 and 0 <= second <= 60):  # noqa: PLR2004 - the clock
        return NO_TIME
    is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    if day > 28 + (month != 2 or is_leap) + (month != 2) + (month in (1, 3, 5, 7, 8, 10, 12)):  # noqa: PLR2004
        return NO_TIME
    shifted = year - (month <= 2)  # noqa: PLR2004 - the year begins in March, so that the leap day ends it
    era, of_era = shifted // 400, shifted % 400
    of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    days = era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468
    return (days * _DAY_SECONDS + hour * 3600 + minute * 60 + second) * _MICROSECONDS


@njit(cache=True)
def digits_at(text: Any, start: int, end: int) -> tuple[int, int]:
    """Reads the number that begins at a place; returns it and the place after it (the same where there is none)."""
    number, at = 0, start
    while at < end and _ZERO <= text[at] <= _NINE and at - start <= DIGITS_OF_MICROSECONDS:
        number = number * 10 + (text[at] - _ZERO)
        at += 1
    return number, at


@njit(cache=True)
def fraction_at(text: Any, start: int, end: int) -> tuple[int, int]:
    """Reads `.25` as microseconds; returns them and the place after them.

    A fraction has at most nine digits; more are none.
    """
    if start + 1 >= end or text[start] != ord("."):
        return 0, start
    number, at = digits_at(text, start + 1, end)
    digits = at - start - 1
    if digits == 0 or digits > _MOST_FRACTION_DIGITS:
        return 0, start
    for _ in range(digits, 6):
        number *= 10
    for _ in range(6, digits):
        number //= 10
    return number, at


@njit(cache=True)
def epoch_at(text: Any, start: int, end: int) -> tuple[int, int]:
    """Reads seconds (10 digits), milliseconds (13) or microseconds (16) since 1970, with or without a fraction.

    Returns:
        Microseconds since 1970 and the place after the number; `NO_TIME` and `start` for other numbers of digits.
    """
    number, at = digits_at(text, start, end)
    digits = at - start
    fraction, after = fraction_at(text, at, end)
    if digits == DIGITS_OF_SECONDS:
        return number * _MICROSECONDS + fraction, after
    if digits == DIGITS_OF_MILLISECONDS:
        return number * 1000 + fraction // 1000, after
    return (number, after) if digits == DIGITS_OF_MICROSECONDS else (NO_TIME, start)
