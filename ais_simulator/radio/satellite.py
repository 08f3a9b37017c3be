"""Position of a satellite that listens, second by second.

One satellite in a circular orbit near the poles, whose orbit turns with the sun, passes each place at the equator some
three times a day and the poles on every orbit, for some minutes each. Its position follows from the time alone.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ais_indicators.units import EARTH_RADIUS_KM, SECONDS_PER_DAY

ORBIT_S: Final = 5862
"""Period at 650 km, where satellites with AIS receivers fly (Kepler's third law)."""

INCLINATION_RADIANS: Final = np.radians(98.0)
"""At this height the orbit's plane turns once a year, with the sun."""

FOOTPRINT_KM: Final = 2000.0
"""How far from the point below it the satellite hears; its horizon is at 2,750 km."""

HEARS_FROM_COSINE: Final = float(np.cos(FOOTPRINT_KM / EARTH_RADIUS_KM))


def points_below(day_start_s: int) -> NDArray[np.float64]:
    """Returns the points below the satellite in each second of a day, as unit vectors, shape (86400, 3)."""
    second = day_start_s + np.arange(SECONDS_PER_DAY)
    around = 2.0 * np.pi * (second % ORBIT_S) / ORBIT_S
    turned = 2.0 * np.pi * (second % SECONDS_PER_DAY) / SECONDS_PER_DAY
    x, level = np.cos(around), np.sin(around) * np.cos(INCLINATION_RADIANS)
    east, north = np.cos(turned), -np.sin(turned)
    return np.column_stack(
        [x * east - level * north, x * north + level * east, np.sin(around) * np.sin(INCLINATION_RADIANS)]
    )
