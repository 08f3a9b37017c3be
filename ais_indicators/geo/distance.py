"""Distance on the sphere, compiled, for scalars inside the fold and for the steps of a track."""

import math

import numpy as np
from numpy.typing import NDArray

from ais_indicators.compiled import njit
from ais_indicators.units import EARTH_RADIUS_KM, FULL_TURN_DEGREES, HALF_TURN_DEGREES

Floats = NDArray[np.float64]

SURE_SHARE = 0.999
"""A bound on a distance decides up to this share of it; rounding is far smaller."""


@njit(cache=True)
def wrap_degrees(angle: float) -> float:
    """Brings a difference of longitudes into -180 to 180 degrees.

    >>> round(wrap_degrees(-179.9 - 179.9), 9)
    0.2
    """
    if -HALF_TURN_DEGREES <= angle <= HALF_TURN_DEGREES:
        return angle
    return (angle + HALF_TURN_DEGREES) % FULL_TURN_DEGREES - HALF_TURN_DEGREES


@njit(cache=True)
def great_circle_km(latitude_a: float, longitude_a: float, latitude_b: float, longitude_b: float) -> float:
    """Returns the great-circle distance in km between two points in degrees (haversine, R = 6,371 km).

    >>> round(great_circle_km(33.4484, -112.0740, 40.7128, -74.0059), 6)
    3443.706086
    """
    phi_a, phi_b = math.radians(latitude_a), math.radians(latitude_b)
    half_dphi = (phi_b - phi_a) / 2.0
    half_dlambda = math.radians(longitude_b - longitude_a) / 2.0
    h = math.sin(half_dphi) ** 2 + math.cos(phi_a) * math.cos(phi_b) * math.sin(half_dlambda) ** 2
    return 2.0 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(h)))


@njit(cache=True)
def steps_km(latitude: Floats, longitude: Floats) -> Floats:
    """Returns distances in km between consecutive points in degrees, one fewer than points."""
    km = np.empty(max(latitude.size - 1, 0))
    for n in range(km.size):
        km[n] = great_circle_km(latitude[n], longitude[n], latitude[n + 1], longitude[n + 1])
    return km


@njit(cache=True)
def is_surely_within(
    km: float, latitude_a: float, longitude_a: float, latitude_b: float, longitude_b: float
) -> bool:
    """Returns whether two points are so close that `great_circle_km` is below `km`; False when in doubt.

    The way along a meridian and a parallel is never shorter than the great circle.
    """
    degrees = abs(latitude_b - latitude_a) + abs(longitude_b - longitude_a)
    return EARTH_RADIUS_KM * math.radians(degrees) < SURE_SHARE * km


@njit(cache=True)
def is_surely_beyond(km: float, latitude_a: float, latitude_b: float) -> bool:
    """Returns whether parallels are so far apart that `great_circle_km` of points on them is above `km`."""
    return SURE_SHARE * EARTH_RADIUS_KM * math.radians(abs(latitude_b - latitude_a)) > km
