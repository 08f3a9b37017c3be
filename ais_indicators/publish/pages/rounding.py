"""Rounding of values for readers: to what the interval of a value supports, and not coarser.

The step is the largest power of ten of which half is at most a share of the interval's half width
(`rounding_half_width_share`). So rounding moves a value by at most that share of its uncertainty, and the half width
keeps one to two digits. Values without an interval keep the decimals of their unit. Data files are not rounded.
"""

import math
from typing import Final

from ais_indicators.rules import Rules

_SMALLEST: Final = 1e-12


def supported_step(low: float | None, high: float | None, finest: float, rules: Rules) -> float:
    """Finds the step that an interval supports.

    Args:
        low: Lower end; None where no interval is published.
        high: Upper end.
        finest: Step of the unit's usual decimals: a step is never smaller.
        rules: Rules of the lake's subject.

    >>> supported_step(106_710.0, 113_290.0, 1.0, Rules.for_subject("ships"))
    1000.0
    >>> supported_step(None, None, 1.0, Rules.for_subject("ships"))
    1.0
    """
    if low is None or high is None or high - low <= _SMALLEST:
        return finest
    most = 2.0 * rules.rounding_half_width_share * (high - low) / 2.0
    exponent = math.floor(math.log10(most))
    if 10.0 ** (exponent + 1) <= most:  # the computed logarithm of a power of ten can be slightly too small
        exponent += 1
    return max(finest, 10.0**exponent)


def round_to(value: float, step: float) -> float:
    """Rounds a value to a multiple of a step, halves away from zero.

    >>> round_to(109_500.0, 1000.0)
    110000.0
    """
    return math.copysign(math.floor(abs(value) / step + 0.5) * step, value) + 0.0


def decimals_of(step: float) -> int:
    """Counts the decimals that a step of a power of ten needs.

    >>> decimals_of(0.01), decimals_of(1000.0)
    (2, 0)
    """
    return max(0, -round(math.log10(step)))
