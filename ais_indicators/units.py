"""Conversions between nautical and metric units, exact by definition."""

from math import radians
from typing import Final

EARTH_RADIUS_KM: Final = 6371.0
"""Radius of the sphere on which every distance is measured (methodology 1)."""

KM_PER_DEGREE: Final = radians(EARTH_RADIUS_KM)
"""Length of a degree of latitude."""

KM_PER_NAUTICAL_MILE: Final = 1.852
SECONDS_PER_MINUTE: Final = 60
SECONDS_PER_HOUR: Final = 3600
SECONDS_PER_DAY: Final = 86400
HOURS_PER_DAY: Final = 24
SECONDS_PER_WEEK: Final = 7 * SECONDS_PER_DAY
FIRST_MONDAY_SECOND: Final = 4 * SECONDS_PER_DAY
"""Epoch second of 1970-01-05, a Monday: weeks are counted from it."""

MICROSECONDS_PER_SECOND: Final = 1_000_000
HALF_TURN_DEGREES: Final = 180.0
FULL_TURN_DEGREES: Final = 360.0
