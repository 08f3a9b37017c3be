"""Hashes of 64 bits by SplitMix64 (Steele, Lea and Flood 2014), for NumPy arrays and, compiled, for single numbers.

Identifiers and random draws that are published follow from these functions, so their results must never change.
"""

from typing import Any, Final

import numpy as np

GOLDEN_RATIO: Final = np.uint64(0x9E3779B97F4A7C15)
"""2**64 divided by the golden ratio: the step of SplitMix64, and Knuth's multiplier for numbers that end alike."""
FIRST_MULTIPLIER: Final = np.uint64(0xBF58476D1CE4E5B9)
SECOND_MULTIPLIER: Final = np.uint64(0x94D049BB133111EB)
_SHIFT_30, _SHIFT_27, _SHIFT_31, _SHIFT_11 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)
_UNIT_53: Final = 2.0**-53


def spread_bits(bits: Any) -> Any:
    """Spreads each bit over all others: the finaliser of SplitMix64.

    Numba compiles it as it is, so arrays and compiled numbers share one definition.

    >>> spread_bits(np.array([1], np.uint64)).tolist()
    [6238072747940578789]
    """
    bits = (bits ^ (bits >> _SHIFT_30)) * FIRST_MULTIPLIER
    bits = (bits ^ (bits >> _SHIFT_27)) * SECOND_MULTIPLIER
    return bits ^ (bits >> _SHIFT_31)


def unit_interval(bits: Any) -> Any:
    """Converts hashes to numbers from 0 to less than 1; it compiles too."""
    return (bits >> _SHIFT_11) * _UNIT_53
