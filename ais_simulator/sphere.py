"""Great circles on whole arrays, on the sphere of `EARTH_RADIUS_KM`; degrees in, degrees out."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ais_indicators.units import EARTH_RADIUS_KM, FULL_TURN_DEGREES, KM_PER_DEGREE

Floats = NDArray[np.float64]

SMALLEST_ARC: Final = 1e-12  # radians: a leg of micrometres is a ship that lies still


class Point(NamedTuple):
    """A place on the sphere."""

    latitude: float
    longitude: float


def shifted(origin: Point, north_km: float, east_km: float) -> Point:
    """Returns the place so many kilometres north and east: flat, and so only for some tens of kilometres."""
    longitude_km = KM_PER_DEGREE * float(np.cos(np.radians(origin.latitude)))
    return Point(origin.latitude + north_km / KM_PER_DEGREE, origin.longitude + east_km / longitude_km)


def unit_vectors(latitude: Floats, longitude: Floats) -> Floats:
    """Places as rows of x, y, z on the unit sphere."""
    phi, lam = np.radians(latitude), np.radians(longitude)
    return np.column_stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)])


def arcs(start: Floats, end: Floats) -> Floats:
    """Returns angles in radians between unit vectors, exact for small ones too."""
    sine: Floats = np.linalg.norm(np.cross(start, end), axis=1)
    angle: Floats = np.arctan2(sine, np.sum(start * end, axis=1))
    return angle


def along(start: Floats, end: Floats, fraction: Floats) -> tuple[Floats, Floats]:
    """Returns latitudes and longitudes at a fraction of each great circle (spherical linear interpolation)."""
    arc = arcs(start, end)
    still = arc < SMALLEST_ARC
    sine = np.where(still, 1.0, np.sin(arc))
    weight_start = np.where(still, 1.0, np.sin((1 - fraction) * arc) / sine)
    weight_end = np.where(still, 0.0, np.sin(fraction * arc) / sine)
    x, y, z = (start * weight_start[:, None] + end * weight_end[:, None]).T
    return np.degrees(np.arctan2(z, np.hypot(x, y))), np.degrees(np.arctan2(y, x))


def bearings(latitude: Floats, longitude: Floats, end: Floats) -> Floats:
    """Courses from places toward unit vectors, 0 to 360."""
    phi, lam = np.radians(latitude), np.radians(longitude)
    east = -np.sin(lam) * end[:, 0] + np.cos(lam) * end[:, 1]
    north = -np.sin(phi) * (np.cos(lam) * end[:, 0] + np.sin(lam) * end[:, 1]) + np.cos(phi) * end[:, 2]
    return np.degrees(np.arctan2(east, north)) % FULL_TURN_DEGREES


def distances_km(centre: Point, latitude: Floats, longitude: Floats) -> Floats:
    """Returns distances of places from a centre."""
    middle = unit_vectors(np.array([centre.latitude]), np.array([centre.longitude]))
    places = unit_vectors(latitude, longitude)
    return arcs(np.broadcast_to(middle, places.shape), places) * EARTH_RADIUS_KM
