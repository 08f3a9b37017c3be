"""Writes numbers and times as text into a buffer of bytes; compiled.

Each function gives the place after what it wrote. Their types are named, for else each kind of integer that a
record holds would have a function compiled for it.
"""

from typing import Any, Final

from ais_indicators.compiled import njit

COMMA, POINT, MINUS, ZERO, COLON, LINE_FEED = (ord(c) for c in ",.-0:\n")
_MINUTE, _HOUR = 60, 3600
_MOST_DIGITS: Final = 20


@njit("int64(uint8[::1],int64,int64)", cache=True)
def put_byte(out: Any, at: int, byte: int) -> int:
    """Writes one byte."""
    out[at] = byte
    return at + 1


@njit(cache=True)
def put_blob(out: Any, at: int, blob: Any, first: int, end: int) -> int:
    """Copies bytes."""
    for place in range(first, end):
        out[at] = blob[place]
        at += 1
    return at


@njit("int64(uint8[::1],int64,int64)", cache=True)
def put_number(out: Any, at: int, number: Any) -> int:
    """Writes a whole number."""
    if number < 0:
        out[at] = MINUS
        at, number = at + 1, -number
    digits, rest = 1, number
    while rest > 9:  # noqa: PLR2004
        rest //= 10
        digits += 1
    for place in range(at + digits - 1, at - 1, -1):
        out[place] = ZERO + number % 10
        number //= 10
    return at + digits


@njit("int64(uint8[::1],int64,int64,int64)", cache=True)
def put_fixed(out: Any, at: int, number: Any, digits: int) -> int:
    """Writes a number with leading zeros."""
    for place in range(at + digits - 1, at - 1, -1):
        out[place] = ZERO + number % 10
        number //= 10
    return at + digits


@njit("int64(uint8[::1],int64,int64,int64)", cache=True)
def put_decimal(out: Any, at: int, steps: Any, decimals: int) -> int:
    """Writes a number that counts tenths, hundredths and so on: -5 with one decimal is -0.5."""
    if steps < 0:
        out[at] = MINUS
        at, steps = at + 1, -steps
    unit = 10**decimals
    at = put_number(out, at, steps // unit)
    out[at] = POINT
    return put_fixed(out, at + 1, steps % unit, decimals)


@njit("int64(uint8[::1],int64,int64)", cache=True)
def put_clock(out: Any, at: int, second_of_day: Any) -> int:
    """Writes `HH:MM:SS`."""
    at = put_fixed(out, at, second_of_day // _HOUR, 2)
    out[at] = COLON
    at = put_fixed(out, at + 1, second_of_day // _MINUTE % _MINUTE, 2)
    out[at] = COLON
    return put_fixed(out, at + 1, second_of_day % _MINUTE, 2)


@njit("int64(int64,int64)", cache=True)
def rounded(number: Any, divisor: int) -> Any:
    """Returns a whole number divided and rounded, halves away from zero."""
    half = divisor // 2
    return (number + half) // divisor if number >= 0 else -((half - number) // divisor)
