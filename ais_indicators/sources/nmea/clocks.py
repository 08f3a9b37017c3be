"""Reads lines that carry the time of the sentences after them; compiled.

`$PGHP` (Gatehouse), `$PSTT,10A`, `$--ZDA` and `$--RMC` hold for every later sentence without a time of its own, until
the next such line and for at most `clock_line_window_lines` lines. One that cannot be read, or whose checksum is
wrong, ends the time before it and begins none.
"""

from typing import Any, Final

import numpy as np

from ais_indicators.compiled import njit
from ais_indicators.sources.nmea.checksums import is_sum_right
from ais_indicators.sources.nmea.timestamps import NO_TIME, digits_at, fraction_at, microseconds_of

NO_CLOCK, PGHP, OTHER_CLOCK = range(3)

_COMMA, _STAR = ord(","), ord("*")
_PGHP_FIELDS: Final = 8
_MOST_FIELDS: Final = 12
_CENTURY: Final = 2000


@njit(cache=True)
def clock_line(text: Any, start: int, end: int) -> tuple[int, int]:
    """Reads a line that begins with a dollar sign.

    Args:
        text: Bytes.
        start: Its dollar sign.
        end: The byte after its last one.

    Returns:
        Which kind of clock it is, and its time in microseconds since 1970 or `NO_TIME`.
    """
    if _has(text, start, end, "$PGHP,"):
        return PGHP, pghp_time(text, start, end)
    is_pstt = _has(text, start, end, "$PSTT,10A,")
    is_zda = _has(text, start + 3, end, "ZDA,")
    is_rmc = _has(text, start + 3, end, "RMC,")
    if not (is_pstt or is_zda or is_rmc):
        return NO_CLOCK, NO_TIME
    starts = np.full(_MOST_FIELDS, end, np.int64)
    star, count = start, 0
    while star < end and text[star] != _STAR:
        if text[star] == _COMMA and count < _MOST_FIELDS:
            starts[count] = star + 1
            count += 1
        star += 1
    starts[count:] = star
    if star < end and not is_sum_right(text, start + 1, star, end):
        return OTHER_CLOCK, NO_TIME
    if is_pstt:
        return OTHER_CLOCK, _compact(text, starts[1], starts[2], star)
    return OTHER_CLOCK, _zda(text, starts, star) if is_zda else _rmc(text, starts, star)


@njit(cache=True)
def _has(text: Any, start: int, end: int, letters: str) -> bool:
    if end - start < len(letters):
        return False
    same = 0
    for place in range(len(letters)):
        same += text[start + place] == ord(letters[place])
    return same == len(letters)


@njit(cache=True)
def _number(text: Any, start: int, end: int, digits: int) -> int:
    """Returns the number of an exact count of digits at a place; -1 if it has another count."""
    if start + digits > end:
        return -1
    number, after = digits_at(text, start, start + digits)
    return number if after == start + digits else -1


@njit(cache=True)
def _with_clock(text: Any, clock: int, end: int, year: int, month: int, day: int) -> int:
    """Returns the time of a date and of `hhmmss.ff` at a place."""
    hour, minute = _number(text, clock, end, 2), _number(text, clock + 2, end, 2)
    second = _number(text, clock + 4, end, 2)
    if hour < 0 or minute < 0 or second < 0 or year < 0:
        return NO_TIME
    micros, after = fraction_at(text, clock + 6, end)
    if after < end and text[after] != _COMMA:
        return NO_TIME
    whole = microseconds_of(year, month, day, hour, minute, second)
    return whole if whole == NO_TIME else whole + micros


@njit(cache=True)
def _compact(text: Any, date: int, clock: int, end: int) -> int:
    """Reads a time such as `20120110,155519`."""
    year, month, day = (
        _number(text, date, end, 4),
        _number(text, date + 4, end, 2),
        _number(text, date + 6, end, 2),
    )
    return _with_clock(text, clock, end, year, month, day)


@njit(cache=True)
def _zda(text: Any, starts: Any, end: int) -> int:
    """Reads `$GPZDA,hhmmss.ff,day,month,year,...`."""
    day, month, year = (
        _number(text, starts[1], end, 2),
        _number(text, starts[2], end, 2),
        _number(text, starts[3], end, 4),
    )
    return _with_clock(text, starts[0], end, year, month, day)


@njit(cache=True)
def _rmc(text: Any, starts: Any, end: int) -> int:
    """Reads `$GPRMC,hhmmss.ff,A,...` with the date `ddmmyy` in field nine; `V` in place of `A` is not a time."""
    if starts[1] >= end or text[starts[1]] != ord("A"):
        return NO_TIME
    day, month = _number(text, starts[8], end, 2), _number(text, starts[8] + 2, end, 2)
    year = _number(text, starts[8] + 4, end, 2)
    return NO_TIME if year < 0 else _with_clock(text, starts[0], end, _CENTURY + year, month, day)


@njit(cache=True)
def pghp_time(text: Any, start: int, end: int) -> int:
    """Returns the time of a `$PGHP,1,year,month,day,hour,minute,second,millisecond,...` line that begins at `start`."""
    fields = [0, 0, 0, 0, 0, 0, 0, 0]
    at = start + len("$PGHP,")
    for place in range(_PGHP_FIELDS):
        number, after = digits_at(text, at, end)
        if after == at or after >= end or text[after] != _COMMA:
            return NO_TIME
        fields[place], at = number, after + 1
    whole = microseconds_of(fields[1], fields[2], fields[3], fields[4], fields[5], fields[6])
    return whole if whole == NO_TIME else whole + fields[7] * 1000
