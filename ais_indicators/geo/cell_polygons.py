"""Polygons in degrees from clusters of H3 cells, wherever on the globe.

A polygon is drawn on a plane that touches the globe at the cluster's middle, so neither the antimeridian nor a pole
is special there. On the way back to degrees its longitudes run on past 180, as those of all areas do.
"""

import math

import numpy as np
import pyarrow as pa
import shapely
from h3ronpy.vector import cells_to_coordinates, cells_to_wkb_polygons
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ais_indicators.units import EARTH_RADIUS_KM, FULL_TURN_DEGREES, HALF_TURN_DEGREES

DEGREE_GRID = 1e-6
"""Corners are rounded to a tenth of a metre: shorter to read and to edit."""

MAX_LATITUDE = 90.0


def unit_vectors(latitude: NDArray[np.float64], longitude: NDArray[np.float64]) -> NDArray[np.float64]:
    """Returns points of the unit sphere, shape (n, 3), from degrees.

    >>> unit_vectors(np.array([0.0, 90.0]), np.array([180.0, 7.0])).round(9).tolist()
    [[-1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    phi, lam = np.radians(latitude), np.radians(longitude)
    return np.column_stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)])


def to_radians(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Returns latitude and longitude in radians of unit vectors, shape (n, 2), for the haversine metric."""
    latitude = np.arctan2(places[:, 2], np.hypot(places[:, 0], places[:, 1]))
    return np.column_stack([latitude, np.arctan2(places[:, 1], places[:, 0])])


def cell_centres(cells: NDArray[np.int64]) -> NDArray[np.float64]:
    """Returns centres of cells as unit vectors, shape (n, 3)."""
    centres = pa.record_batch(cells_to_coordinates(cells))
    return unit_vectors(centres["lat"].to_numpy(), centres["lng"].to_numpy())


def polygon_of_cells(
    cells: NDArray[np.int64],
    middle: NDArray[np.float64],
    filled_km: float,
    margin_km: float,
    tolerance_km: float,
) -> BaseGeometry:
    """Returns the cells of a cluster with the water between them.

    Widening the cells and narrowing them by the same distance fills gaps that hold no circle of that radius, and leaves
    the outer line as it was.

    Args:
        cells: H3 cells, some tens of km from the middle at most.
        middle: Unit vector of the point at which the plane touches the globe.
        filled_km: Radius of the circle that a gap must hold to stay one.
        margin_km: Room that is left around the cells.
        tolerance_km: How far the outline may move to lose corners.

    Returns:
        A valid polygon, or several, in degrees on a grid of `DEGREE_GRID`.
    """
    axes = _axes(middle)
    wkb = pa.array(cells_to_wkb_polygons(cells)).to_numpy(zero_copy_only=False)
    corners, cell = shapely.get_coordinates(shapely.from_wkb(wkb), return_index=True)
    flat = EARTH_RADIUS_KM * (unit_vectors(corners[:, 1], corners[:, 0]) @ axes.T)[:, :2]
    whole = shapely.union_all(shapely.polygons(shapely.linearrings(flat, indices=cell)))
    closed = whole.buffer(filled_km + margin_km).buffer(-filled_km).simplify(tolerance_km)
    return _rounded(_on_globe(closed, axes))


def _axes(middle: NDArray[np.float64]) -> NDArray[np.float64]:
    """Returns the directions east, north and up at a point of the unit sphere, as rows."""
    east = np.array([-middle[1], middle[0], 0.0])
    length = float(np.linalg.norm(east))
    east = east / length if length > 0.0 else np.array([0.0, 1.0, 0.0])
    return np.array([east, np.cross(middle, east), middle])


def _on_globe(flat: BaseGeometry, axes: NDArray[np.float64]) -> BaseGeometry:
    """Converts a shape from the plane to degrees; one that holds a pole becomes a cap down to its corners."""
    middle = math.degrees(math.atan2(axes[2, 1], axes[2, 0]))

    def to_degrees(points: NDArray[np.float64]) -> NDArray[np.float64]:
        x, y = points.T / EARTH_RADIUS_KM
        places = np.column_stack([x, y, np.sqrt(1.0 - x * x - y * y)]) @ axes
        latitude, longitude = np.degrees(to_radians(places)).T
        turn = longitude - middle
        turn -= FULL_TURN_DEGREES * np.round(turn / FULL_TURN_DEGREES)
        return np.column_stack([middle + turn, latitude])

    side = math.copysign(1.0, axes[2, 2])
    if shapely.intersects_xy(flat, *(side * EARTH_RADIUS_KM * axes[:2, 2])):
        lowest = np.abs(to_degrees(shapely.get_coordinates(flat))[:, 1]).min()
        south, north = sorted((side * lowest, side * MAX_LATITUDE))
        return shapely.box(-HALF_TURN_DEGREES, south, HALF_TURN_DEGREES, north)
    return shapely.transform(flat, to_degrees)


def _rounded(shape: BaseGeometry) -> BaseGeometry:
    """Brings the west to -180 or more and less than 180, and the corners to the grid."""
    turns = math.floor((shape.bounds[0] + HALF_TURN_DEGREES) / FULL_TURN_DEGREES)
    laid = shapely.transform(shape, lambda points: np.subtract(points, (FULL_TURN_DEGREES * turns, 0.0)))
    parts = shapely.get_parts(shapely.make_valid(laid))
    rounded = shapely.set_precision(shapely.union_all(parts[shapely.area(parts) > 0]), DEGREE_GRID)
    return shapely.set_precision(rounded, 0.0)  # what is cut from it later need not be rounded again
