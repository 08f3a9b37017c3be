"""Times beside NMEA sentences, which carry none themselves; compiled.

A time is that of the line's tag block (`c:`), of the receiver's column before or after the sentence, or of the
`$PGHP` line before it. It is never taken from the clock.
"""

from typing import Any, Final

from ais_indicators.compiled import njit

NO_TIME: Final = -(2**63)
"""Microseconds of a sentence without a time."""

_ZERO, _NINE = ord("0"), ord("9")
_MICROSECONDS: Final = 1_000_000
_DAY_SECONDS: Final = 86_400
_DIGITS_OF_SECONDS: Final = 10
_DIGITS_OF_MILLISECONDS: Final = 13
_DIGITS_OF_MICROSECONDS: Final = 16
_DIGITS_OF_DATE: Final = 8
_DIGITS_OF_DATE_AND_TIME: Final = 14
_PARTS_OF_A_TIME: Final = 6
_PGHP_FIELDS: Final = 8


@njit(cache=True)
def microseconds_of(year: int, month: int, day: int, hour: int, minute: int, second: int) -> int:
    """Microseconds since 1970 of a date and time in UTC; `NO_TIME` where there is no such date.

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
    """Reads the number that begins at a place; gives it and the place after it (the same where there is none)."""
    number, at = 0, start
    while at < end and _ZERO <= text[at] <= _NINE and at - start <= _DIGITS_OF_MICROSECONDS:
        number = number * 10 + (text[at] - _ZERO)
        at += 1
    return number, at


@njit(cache=True)
def fraction_at(text: Any, start: int, end: int) -> tuple[int, int]:
    """Reads `.25` as microseconds; gives them and the place after them."""
    if start + 1 >= end or not (text[start] == ord(".") or text[start] == ord(",")):
        return 0, start
    _, at = digits_at(text, start + 1, end)
    micros, weight = 0, 100_000
    for place in range(start + 1, at):
        micros += (text[place] - _ZERO) * weight
        weight //= 10
    return (micros, at) if at > start + 1 else (0, start)


@njit(cache=True)
def epoch_of(number: int, digits: int) -> int:
    """Microseconds of seconds (10 digits), milliseconds (13) or microseconds (16) since 1970, by their length."""
    if digits == _DIGITS_OF_SECONDS:
        return number * _MICROSECONDS
    if digits == _DIGITS_OF_MILLISECONDS:
        return number * 1000
    return number if digits == _DIGITS_OF_MICROSECONDS else NO_TIME


@njit(cache=True)
def time_in(text: Any, start: int, end: int) -> int:
    """Finds the time in a receiver's column: seconds since 1970, or a date and time in UTC or with an offset.

    Args:
        text: Bytes.
        start: First byte to look at.
        end: The byte after the last one.

    Returns:
        Microseconds since 1970, or `NO_TIME`.
    """
    at = start
    while at < end:
        if not _ZERO <= text[at] <= _NINE:
            at += 1
            continue
        number, after = digits_at(text, at, end)
        digits = after - at
        is_word = at > start and (_is_letter(text[at - 1]) or text[at - 1] == ord("-"))
        if not is_word:
            found = epoch_of(number, digits)
            if found != NO_TIME:
                is_whole = digits == _DIGITS_OF_SECONDS
                return found + fraction_at(text, after, end)[0] if is_whole else found
            if digits == 4 or digits in (_DIGITS_OF_DATE, _DIGITS_OF_DATE_AND_TIME):  # noqa: PLR2004 - a year
                found = _date_and_time(text, at, end)
                if found != NO_TIME:
                    return found
        at = after
    return NO_TIME


@njit(cache=True)
def _is_letter(byte: int) -> bool:
    return ord("A") <= byte <= ord("Z") or ord("a") <= byte <= ord("z")


@njit(cache=True)
def _date_and_time(text: Any, start: int, end: int) -> int:
    """Reads `2010-06-11T11:46:11.25Z`, with other separators or none; an offset such as `+02:00` is taken off."""
    widths = (4, 2, 2, 2, 2, 2)
    parts = [0, 0, 0, 0, 0, 0]
    at = start
    for place in range(_PARTS_OF_A_TIME):
        while place and at < end and at - start < 24 and not _ZERO <= text[at] <= _NINE:  # noqa: PLR2004
            at += 1
        if at + widths[place] > end:
            return NO_TIME
        number, after = digits_at(text, at, at + widths[place])
        if after != at + widths[place]:
            return NO_TIME
        parts[place], at = number, after
    micros, at = fraction_at(text, at, end)
    whole = microseconds_of(parts[0], parts[1], parts[2], parts[3], parts[4], parts[5])
    if whole == NO_TIME:
        return NO_TIME
    return whole + micros - _offset_at(text, at, end)


@njit(cache=True)
def _offset_at(text: Any, start: int, end: int) -> int:
    """Microseconds east of Greenwich of an offset such as `+02:00`; 0 where there is none."""
    if start + 3 > end or not (text[start] == ord("+") or text[start] == ord("-")):
        return 0
    hours, at = digits_at(text, start + 1, start + 3)
    if at != start + 3:
        return 0
    at += at < end and text[at] == ord(":")
    minutes = digits_at(text, at, min(at + 2, end))[0]
    sign = 1 if text[start] == ord("+") else -1
    return sign * (hours * 60 + minutes) * 60 * _MICROSECONDS


@njit(cache=True)
def pghp_time(text: Any, start: int, end: int) -> int:
    """Time of a `$PGHP,1,year,month,day,hour,minute,second,millisecond,...` line that begins at `start`."""
    fields = [0, 0, 0, 0, 0, 0, 0, 0]
    at = start + len("$PGHP,")
    for place in range(_PGHP_FIELDS):
        number, after = digits_at(text, at, end)
        if after == at or after >= end or text[after] != ord(","):
            return NO_TIME
        fields[place], at = number, after + 1
    whole = microseconds_of(fields[1], fields[2], fields[3], fields[4], fields[5], fields[6])
    return whole if whole == NO_TIME else whole + fields[7] * 1000
