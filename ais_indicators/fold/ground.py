"""Determines whether planes are on the ground, which replaces the test of a ship inside a port's area."""

import numpy as np
from numpy.typing import NDArray

from ais_indicators.rules import Rules


def is_on_ground(
    ground_flag: NDArray[np.float64], sog_knots: NDArray[np.float64], altitude_m: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Returns which fixes are of a plane on the ground.

    The plane's own flag says so, unless it is faster or higher than anything on the ground can be. Where there is no
    flag, a plane that is as slow as in taxiing is on the ground, for none flies so slowly but a helicopter. Without
    evidence it is in the air: an arrival needs evidence.

    Args:
        ground_flag: 1 on the ground, 0 in the air, NaN unknown; shape (n,), as the other arrays.
        sog_knots: Speed over ground, NaN if unknown.
        altitude_m: Height, NaN if unknown.
    """
    rules = Rules.for_subject("planes")
    is_too_fast = sog_knots > rules.ground_max_speed_knots
    is_too_high = altitude_m > rules.ground_max_altitude_m
    is_slow = sog_knots < rules.stop_below_knots
    says_so = np.where(np.isnan(ground_flag), is_slow, ground_flag == 1)
    found: NDArray[np.bool_] = says_so & ~is_too_fast & ~is_too_high
    return found
