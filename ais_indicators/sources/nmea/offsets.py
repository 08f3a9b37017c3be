"""Reads the zone after a clock time: an offset, the name of a zone, AM or PM; compiled.

Only names that mean one offset all over the world are understood: BST, CST, EST, IST and the like are not.
"""

from typing import Any, Final

import numpy as np

from ais_indicators.compiled import njit
from ais_indicators.sources.nmea.timestamps import digits_at

HAS_ZONE, IS_LOCAL, NOT_UNDERSTOOD = range(3)

_HOURS_BY_NAME: Final = {
    "Z": 0, "UT": 0, "UTC": 0, "GMT": 0, "WET": 0, "WEST": 1, "CET": 1, "MEZ": 1, "CEST": 2, "MESZ": 2, "EET": 2,
    "EEST": 3, "HKT": 8, "SGT": 8, "JST": 9, "KST": 9, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13,
}  # fmt: skip
_OTHER_WORDS: Final = ("INFO", "DEBUG", "WARN", "ERROR", "TRACE", "FATAL", "AIS", "NMEA", "RX", "TX")
"""Words in capitals that programs write after a time and that name no zone."""

_LONGEST_NAME: Final = 5
_CASE: Final = 32
_MICROS_PER_MINUTE: Final = 60_000_000
_MOST_HOURS: Final = 14
_MINUTES: Final = 60


def _code(name: str) -> int:
    return int.from_bytes(name.encode(), "big")


_NAMES: Final = np.array([_code(name) for name in _HOURS_BY_NAME], np.int64)
_HOURS: Final = np.array(list(_HOURS_BY_NAME.values()), np.int64)
_WORDS: Final = np.array([_code(name) for name in _OTHER_WORDS], np.int64)
_FROM_HERE: Final = np.array([_code(name) for name in ("Z", "UT", "UTC", "GMT")], np.int64)
"""Names that an offset may follow, as in `UTC+02:00`."""


@njit(cache=True)
def half_day_at(text: Any, start: int, end: int) -> tuple[int, int]:
    """Reads AM (0) or PM (1), with or without points, after blanks; returns -1 and `start` where there is neither."""
    at = _after_blanks(text, start, end)
    if at >= end or not _is_letter(text[at]):
        return -1, start
    letter, at = _capital(text[at]), at + 1
    at += at < end and text[at] == ord(".")
    if not (letter == ord("A") or letter == ord("P")) or at >= end or _capital(text[at]) != ord("M"):
        return -1, start
    at += 1
    at += at < end and text[at] == ord(".")
    if at < end and (_is_letter(text[at]) or ord("0") <= text[at] <= ord("9")):
        return -1, start
    return (1 if letter == ord("P") else 0), at


@njit(cache=True)
def zone_at(text: Any, start: int, end: int) -> tuple[int, int, int]:
    """Reads the zone of a clock time that ends at a place.

    Returns:
        Microseconds east of Greenwich; `HAS_ZONE`, `IS_LOCAL` where no zone is named, or `NOT_UNDERSTOOD`; the
        place after it.
    """
    at = _after_blanks(text, start, end)
    is_next = at < end and text[at] == ord("(")
    at += is_next
    if at < end and _is_sign(text[at]):
        return _offset_at(text, at, end, start)
    if at >= end or not _is_letter(text[at]):
        return _zone_in_column(text, start, end)
    code, has_small, after = _word_at(text, at, end)
    place = _place_of(code, _NAMES)
    if place >= 0 and _is_name_over(text, after, end):
        if after < end and _is_sign(text[after]) and _place_of(code, _FROM_HERE) >= 0:
            return _offset_at(text, after, end, start)
        after += after < end and text[after] == ord(")")
        return _HOURS[place] * 60 * _MICROS_PER_MINUTE, HAS_ZONE, after
    if after < end and text[after] == ord("/"):
        return 0, NOT_UNDERSTOOD, after
    if has_small or code == 0 or _place_of(code, _WORDS) >= 0 or not _is_name_over(text, after, end):
        return 0, (NOT_UNDERSTOOD if at == start else IS_LOCAL), start
    return 0, NOT_UNDERSTOOD, after


@njit(cache=True)
def _zone_in_column(text: Any, start: int, end: int) -> tuple[int, int, int]:
    """Reads a known name in a column of its own, after a comma, semicolon or bar."""
    at = start
    if at < end and (text[at] == ord(",") or text[at] == ord(";") or text[at] == ord("|")):
        code, _, after = _word_at(text, at + 1, end)
        place = _place_of(code, _NAMES)
        if place >= 0 and (after >= end or not ord("0") <= text[after] <= ord("9")):
            return _HOURS[place] * 60 * _MICROS_PER_MINUTE, HAS_ZONE, after
    return 0, IS_LOCAL, start


@njit(cache=True)
def _offset_at(text: Any, sign_at: int, end: int, start: int) -> tuple[int, int, int]:
    """Reads `+2`, `+02`, `+0200` or `+02:00`; a sign that no digit follows is none."""
    hours, after = digits_at(text, sign_at + 1, end)
    digits = after - sign_at - 1
    if digits == 0:
        return 0, IS_LOCAL, start
    minutes = 0
    if digits == 4:  # noqa: PLR2004 - hhmm
        hours, minutes = hours // 100, hours % 100
    elif digits <= 2 and after < end and text[after] == ord(":"):  # noqa: PLR2004
        minutes, last = digits_at(text, after + 1, end)
        digits = 4 if last - after == 3 else 5  # noqa: PLR2004
        after = last
    is_read = digits in (1, 2, 4) and hours <= _MOST_HOURS and minutes < _MINUTES
    if not is_read or (after < end and (_is_letter(text[after]) or text[after] == ord("."))):
        return 0, NOT_UNDERSTOOD, after
    sign = 1 if text[sign_at] == ord("+") else -1
    return sign * (hours * 60 + minutes) * _MICROS_PER_MINUTE, HAS_ZONE, after


@njit(cache=True)
def _word_at(text: Any, start: int, end: int) -> tuple[int, bool, int]:
    """Returns the letters at a place: as a number of their capitals, 0 if they are too many; whether one is small."""
    at, code, has_small = start, 0, False
    while at < end and _is_letter(text[at]):
        has_small = has_small or text[at] >= ord("a")
        code = code * 256 + _capital(text[at]) if at - start < _LONGEST_NAME else 0
        at += 1
    return (code if at - start <= _LONGEST_NAME else 0), has_small, at


@njit(cache=True)
def _is_name_over(text: Any, at: int, end: int) -> bool:
    return at >= end or not (ord("0") <= text[at] <= ord("9") or text[at] == ord("_") or text[at] == ord("/"))


@njit(cache=True)
def _place_of(code: int, codes: Any) -> int:
    for place in range(codes.size):
        if codes[place] == code:
            return place
    return -1


@njit(cache=True)
def _after_blanks(text: Any, start: int, end: int) -> int:
    at = start
    while at < end and text[at] == ord(" "):
        at += 1
    return at


@njit(cache=True)
def _is_sign(byte: int) -> bool:
    return byte == ord("+") or byte == ord("-")


@njit(cache=True)
def _is_letter(byte: int) -> bool:
    return ord("A") <= byte <= ord("Z") or ord("a") <= byte <= ord("z")


@njit(cache=True)
def _capital(byte: int) -> int:
    return int(byte) - _CASE if byte >= ord("a") else int(byte)
