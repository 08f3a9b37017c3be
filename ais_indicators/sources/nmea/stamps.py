"""Reads the time in a receiver's column before or after a sentence, as a whole and in a known form; compiled.

The forms are seconds, milliseconds or microseconds since 1970, and dates with a clock time that begin with the year,
the day or the month. `forms` chooses one for a file; a stamp in another form is an error of its row.
"""

from typing import Any, Final

from ais_indicators.compiled import njit
from ais_indicators.sources.nmea.offsets import IS_LOCAL, NOT_UNDERSTOOD, half_day_at, zone_at
from ais_indicators.sources.nmea.timestamps import (
    DIGITS_OF_MICROSECONDS,
    DIGITS_OF_MILLISECONDS,
    DIGITS_OF_SECONDS,
    NO_TIME,
    digits_at,
    epoch_at,
    fraction_at,
    microseconds_of,
)

(
    NO_STAMP, SECONDS, MILLISECONDS, MICROSECONDS, YEAR_FIRST, DAY_FIRST, MONTH_FIRST, EITHER_FIRST,
    ZONE_UNKNOWN, OTHER_FORM, ORDER_UNCLEAR, ANY_STAMP,
) = range(12)  # fmt: skip
"""Kinds of stamps; then why one is not used; then what a search for the file's form asks for."""

UTC_TIME, LOCAL_TIME = 1, 2
"""Values of a sentence's `time`: in UTC, or in the zone of its source because the stamp names none."""

_ZERO, _NINE = ord("0"), ord("9")
_BETWEEN: Final = " Tt,;_-\t"
_MOST_BETWEEN: Final = 3
_LAST_MONTH: Final = 12
_MIDDAY: Final = 12


@njit(cache=True)
def read_stamp(text: Any, start: int, end: int, kind: int, sentence: Any) -> None:
    """Reads the first stamp of a kind between two places into a sentence.

    Args:
        text: Bytes.
        start: First byte to look at.
        end: The byte after the last one.
        kind: The file's kind of stamp, or `ANY_STAMP` to search for it. With `NO_STAMP`, of a file whose beginning
            has none, those are read that can mean one thing only: counts, and dates that begin with the year.
        sentence: Receives `stamp`, and `micros` and `time` where the stamp fits.
    """
    at = start
    while at < end:
        if not _is_digit(text[at]):
            at = _after_word(text, at, end) if _is_letter(text[at]) or text[at] == ord("-") else at + 1
            continue
        found, micros, zone, after = _stamp_at(text, at, end, kind)
        if found != NO_STAMP and found != OTHER_FORM and kind == ANY_STAMP:
            sentence.stamp = found
            return
        is_clear = kind == NO_STAMP and SECONDS <= found <= YEAR_FIRST
        if found != NO_STAMP and (found == kind or is_clear):
            if kind == EITHER_FIRST:
                sentence.stamp = ORDER_UNCLEAR
            elif zone == NOT_UNDERSTOOD:
                sentence.stamp = ZONE_UNKNOWN
            else:
                sentence.stamp, sentence.micros = found, micros
                sentence.time = LOCAL_TIME if zone == IS_LOCAL else UTC_TIME
            return
        if found != NO_STAMP and kind != ANY_STAMP and not (found == OTHER_FORM and kind == NO_STAMP):
            sentence.stamp = OTHER_FORM
        at = max(after, _after_word(text, at, end))


@njit(cache=True)
def _is_letter(byte: int) -> bool:
    return ord("A") <= byte <= ord("Z") or ord("a") <= byte <= ord("z") or byte == ord("_")


@njit(cache=True)
def _is_digit(byte: int) -> bool:
    return _ZERO <= byte <= _NINE


@njit(cache=True)
def _is_in(byte: int, letters: str) -> bool:
    for letter in letters:  # noqa: SIM110 - compiled code knows no any()
        if byte == ord(letter):
            return True
    return False


@njit(cache=True)
def _after_word(text: Any, start: int, end: int) -> int:
    """Returns the place after the letters, digits, points and dashes that begin at `start`."""
    at = start + 1
    while at < end and (_is_digit(text[at]) or _is_letter(text[at]) or _is_in(text[at], ".-")):
        at += 1
    return at


@njit(cache=True)
def _ends(text: Any, at: int, end: int) -> bool:
    """Returns whether a number can end here: no letter or digit follows, and no sign followed by a digit."""
    if at >= end:
        return True
    if _is_digit(text[at]) or _is_letter(text[at]):
        return False
    return not (_is_in(text[at], ".-:/") and at + 1 < end and _is_digit(text[at + 1]))


@njit(cache=True)
def _stamp_at(text: Any, at: int, end: int, kind: int) -> tuple[int, int, int, int]:
    """Reads the stamp that begins at a digit.

    Returns:
        Its kind, `OTHER_FORM` where it has the shape of a stamp but is none; its time; what `zone_at` says of its
        zone; the place after it.
    """
    after = digits_at(text, at, end)[1]
    digits = after - at
    if digits in (DIGITS_OF_SECONDS, DIGITS_OF_MILLISECONDS, DIGITS_OF_MICROSECONDS):
        micros, after = epoch_at(text, at, end)
        found = SECONDS + (digits - DIGITS_OF_SECONDS) // 3
        return (found if _ends(text, after, end) else OTHER_FORM), micros, 0, after
    found, year, month, day, after = _date_at(text, at, after, end, kind)
    if found == NO_STAMP:
        return NO_STAMP, NO_TIME, 0, after
    hour, minute, second, clock_end = _clock_at(text, after, end)
    if clock_end == after:
        return NO_STAMP, NO_TIME, 0, after
    fraction, after = _fraction_at(text, clock_end, end)
    half, after = half_day_at(text, after, end)
    if half >= 0:
        is_hour = 1 <= hour <= _MIDDAY
        hour = hour % _MIDDAY + half * _MIDDAY if is_hour else -1
    offset, zone, after = zone_at(text, after, end)
    micros = microseconds_of(year, month, day, hour, minute, second)
    if micros == NO_TIME or not (zone == NOT_UNDERSTOOD or _ends(text, after, end)):
        return OTHER_FORM, NO_TIME, 0, after
    return found, micros + fraction - offset, zone, after


@njit(cache=True)
def _date_at(text: Any, at: int, after: int, end: int, kind: int) -> tuple[int, int, int, int, int]:
    """Reads the date whose first number lies between two places; returns its kind, year, month, day, and its end."""
    first, _ = digits_at(text, at, after)
    digits = after - at
    if digits == 14 or digits == 8:  # noqa: PLR2004 - yyyymmdd, with hhmmss or without
        date = first // 1_000_000 if digits == 14 else first  # noqa: PLR2004
        return YEAR_FIRST, date // 10_000, date // 100 % 100, date % 100, at + 8
    if after >= end or digits > 4 or digits == 3 or not _is_in(text[after], "-/. ,_"):  # noqa: PLR2004
        return NO_STAMP, 0, 0, 0, after
    second, middle = digits_at(text, after + 1, end)
    has_second = 1 <= middle - after - 1 <= 2 and middle < end and text[middle] == text[after]  # noqa: PLR2004
    if not has_second:
        return NO_STAMP, 0, 0, 0, after
    third, last = digits_at(text, middle + 1, end)
    if digits == 4 and 1 <= last - middle - 1 <= 2:  # noqa: PLR2004
        return YEAR_FIRST, first, second, third, last
    if digits > 2 or last - middle - 1 != 4:  # noqa: PLR2004
        return NO_STAMP, 0, 0, 0, after
    if kind in (DAY_FIRST, MONTH_FIRST, EITHER_FIRST):
        found = kind
    elif first > _LAST_MONTH or (second <= _LAST_MONTH and text[after] == ord(".")):
        found = DAY_FIRST
    else:
        found = MONTH_FIRST if second > _LAST_MONTH else EITHER_FIRST
    is_month_first = found == MONTH_FIRST or (found == EITHER_FIRST and first <= _LAST_MONTH)
    month, day = (first, second) if is_month_first else (second, first)
    return found, third, month, day, last


@njit(cache=True)
def _clock_at(text: Any, start: int, end: int) -> tuple[int, int, int, int]:
    """Reads `22:26:40` or `222640` after a date; returns its parts and its end, or `start` where there is none."""
    at = start
    while at < end and at - start < _MOST_BETWEEN and _is_in(text[at], _BETWEEN):
        at += 1
    number, after = digits_at(text, at, end)
    digits = after - at
    if digits == 6:  # noqa: PLR2004 - hhmmss
        return number // 10_000, number // 100 % 100, number % 100, after
    if digits == 0 or digits > 2 or after >= end or not _is_in(text[after], ":.- ,_"):  # noqa: PLR2004
        return 0, 0, 0, start
    minute, middle = digits_at(text, after + 1, end)
    if middle - after != 3 or middle >= end or text[middle] != text[after]:  # noqa: PLR2004
        return 0, 0, 0, start
    second, last = digits_at(text, middle + 1, end)
    if last - middle != 3:  # noqa: PLR2004
        return 0, 0, 0, start
    return number, minute, second, last


@njit(cache=True)
def _fraction_at(text: Any, start: int, end: int) -> tuple[int, int]:
    """Reads `.25`, or `,250` and `,250000` as programs write it; another comma ends a column."""
    if start >= end or text[start] != ord(","):
        return fraction_at(text, start, end)
    number, after = digits_at(text, start + 1, end)
    digits = after - start - 1
    if not (digits == 3 or digits == 6) or (after < end and _is_in(text[after], ".:/")):  # noqa: PLR2004
        return 0, start
    return (number * 1000 if digits == 3 else number), after  # noqa: PLR2004
