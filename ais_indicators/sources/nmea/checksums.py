"""Verifies the checksums of NMEA 0183; compiled."""

from typing import Any

from ais_indicators.compiled import njit

_NO_DIGIT = 1024


@njit(cache=True)
def is_sum_right(text: Any, start: int, star: int, end: int) -> bool:
    """Returns whether the two hexadecimal digits after the star are the exclusive or of the bytes before it."""
    if star + 2 >= end:
        return False
    written = hexadecimal(text[star + 1]) * 16 + hexadecimal(text[star + 2])
    computed = 0
    for at in range(start, star):
        computed ^= int(text[at])
    return computed == written


@njit(cache=True)
def hexadecimal(byte: int) -> int:
    """Returns the value of a hexadecimal digit; 1024 for any other byte."""
    if ord("0") <= byte <= ord("9"):
        return int(byte) - ord("0")
    if ord("A") <= byte <= ord("F"):
        return int(byte) - ord("A") + 10
    return int(byte) - ord("a") + 10 if ord("a") <= byte <= ord("f") else _NO_DIGIT
