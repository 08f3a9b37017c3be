"""Verifies the checksums of NMEA 0183; compiled."""

from typing import Any, Final

import numpy as np

from ais_indicators.compiled import njit

_NO_DIGIT: Final = 1024
_DIGITS: Final = np.full(256, _NO_DIGIT, np.int16)
"""Value of each hexadecimal digit."""

_DIGITS[48:58], _DIGITS[65:71], _DIGITS[97:103] = range(10), range(10, 16), range(10, 16)


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
    return int(_DIGITS[byte])
