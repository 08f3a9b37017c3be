"""Outlines of port areas as plain arrays, and two exact tests on them in compiled code.

Does an area hold a point, and is a point farther than the exit margin outside every area of a port? Edges are
straight in degrees and belong to the area; longitudes run on past 180 where a polygon crosses the
antimeridian. A port that is known as a point is a circle, wider on the way out.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ais_indicators.compiled import njit
from ais_indicators.geo.distance import great_circle_km, wrap_degrees
from ais_indicators.rules import Rules
from ais_indicators.units import EARTH_RADIUS_KM, FULL_TURN_DEGREES, HALF_TURN_DEGREES

SPLITTER = 134217729.0
"""2**27 + 1: splits a double into two halves whose products are exact."""

SIDE_ROUNDING = 4e-16
"""A determinant above this share of its terms has the right sign in spite of rounding (Shewchuk 1997)."""

QUARTER_TURN_DEGREES = 90.0


def _width(geometry: BaseGeometry) -> float:
    west, _, east, _ = geometry.bounds
    return float(east - west)


def unwrapped(geometry: BaseGeometry) -> BaseGeometry:
    """Lets the longitudes of a shape that is wider than half the globe run on past 180."""
    if _width(geometry) <= HALF_TURN_DEGREES:
        return geometry
    parts = [_unwrapped_polygon(part) for part in shapely.get_parts(geometry)]
    if len(parts) == 1:
        return parts[0]
    parts = [shifted(part) if part.bounds[2] <= 0 else part for part in parts]
    whole = shapely.union_all(parts) if shapely.is_valid(parts).all() else shapely.MultiPolygon(parts)
    return whole if _width(whole) < _width(geometry) else geometry


def shifted(geometry: BaseGeometry) -> BaseGeometry:
    """Returns the same shape one turn further east."""
    return shapely.transform(geometry, lambda points: np.add(points, (FULL_TURN_DEGREES, 0.0)))


def _unwrapped_polygon(polygon: BaseGeometry) -> BaseGeometry:
    """Goes round each ring in steps of less than half a turn.

    A ring that then does not close goes round a pole, and one that then has no area is a band round the
    globe: both are meant as drawn.
    """
    if _width(polygon) <= HALF_TURN_DEGREES:
        return polygon
    rings = [_unwrapped_ring(shapely.get_coordinates(ring)) for ring in shapely.get_rings(polygon)]
    west = rings[0][:, 0].min()
    holes = [np.add(hole, (FULL_TURN_DEGREES * (hole[:, 0].min() < west), 0.0)) for hole in rings[1:]]
    if any((ring[0] != ring[-1]).any() for ring in rings):
        return polygon
    gone_round = shapely.Polygon(rings[0], holes)
    return gone_round if gone_round.area > 0 else polygon


def _unwrapped_ring(points: NDArray[np.float64]) -> NDArray[np.float64]:
    turns = -np.cumsum(np.round(np.diff(points[:, 0], prepend=points[0, 0]) / FULL_TURN_DEGREES))
    turns -= turns[np.argmin(points[:, 0] + FULL_TURN_DEGREES * turns)]
    return points + np.column_stack([FULL_TURN_DEGREES * turns, np.zeros(len(points))])


def polygon_km2(polygon: BaseGeometry) -> float:
    """Returns the size on the sphere of a polygon whose edges are straight in degrees, exact up to rounding.

    >>> octant = shapely.Polygon([(0, 0), (90, 0), (90, 90), (0, 90)])
    >>> round(polygon_km2(octant) / (4 * math.pi * EARTH_RADIUS_KM**2), 9)
    0.125
    """
    parts = shapely.get_parts(polygon)
    size = 0.0
    for part in parts:
        shell, *holes = (_ring_km2(np.radians(shapely.get_coordinates(r))) for r in shapely.get_rings(part))
        size += shell - sum(holes)
    return size


def _ring_km2(points: NDArray[np.float64]) -> float:
    longitude, latitude = points[:, 0], points[:, 1]
    half_step = np.diff(latitude) / 2.0
    mean_sine = np.sin(latitude[:-1] + half_step) * np.sinc(half_step / math.pi)
    return float(EARTH_RADIUS_KM**2 * abs(np.sum((mean_sine - np.sin(latitude[0])) * np.diff(longitude))))


class Outlines(NamedTuple):
    """The areas' outlines; every array is indexed by area unless said otherwise.

    Attributes:
        centres: Latitude and longitude of the centre in degrees, shape (areas, 2).
        boxes: West, south, east, north in degrees, shape (areas, 4); the east may run on past 180.
        edge_first: The area's edges are rows `edge_first[a]` to `edge_first[a + 1]` of `edges`, shape (areas
            + 1,). A circle has none.
        edges: Longitude and latitude of both ends in degrees, shape (edges, 4).
        port_first: The areas of kind `port` of port number p are `port_areas[port_first[p]:port_first[p +
            1]]`, shape (ports + 1,).
        port_areas: Area numbers, port by port.
        entry_km: Radius of a circle.
        exit_km: Radius beyond which a circle is left.
        margin_km: Distance beyond which a polygon is left.
    """

    centres: NDArray[np.float64]
    boxes: NDArray[np.float64]
    edge_first: NDArray[np.int64]
    edges: NDArray[np.float64]
    port_first: NDArray[np.int32]
    port_areas: NDArray[np.int32]
    entry_km: float
    exit_km: float
    margin_km: float


def build_outlines(
    geometries: Sequence[BaseGeometry | None],
    centres: NDArray[np.float64],
    area_port: NDArray[np.int32],
    ports: int,
    rules: Rules,
) -> Outlines:
    """Lays areas out in arrays.

    Args:
        geometries: Polygon of each area, None for a circle.
        centres: Latitude and longitude of each area's centre in degrees, shape (areas, 2).
        area_port: Port number of each area of kind `port`, -1 for the others, shape (areas,).
        ports: How many ports there are.
        rules: Rules of the lake's subject.
    """
    shapes = np.array(geometries, dtype=object)
    parts, area_of_part = shapely.get_parts(shapes, return_index=True)
    rings, part_of_ring = shapely.get_rings(parts, return_index=True)
    points, ring_of_point = shapely.get_coordinates(rings, return_index=True)
    is_edge = ring_of_point[1:] == ring_of_point[:-1]
    area_of_edge = area_of_part[part_of_ring[ring_of_point[1:][is_edge]]]
    port_first, port_areas = areas_by_port(area_port, ports)
    return Outlines(
        centres=np.ascontiguousarray(centres, np.float64),
        boxes=shapely.bounds(shapes).reshape(-1, 4),
        edge_first=np.searchsorted(area_of_edge, np.arange(len(shapes) + 1)).astype(np.int64),
        edges=np.ascontiguousarray(np.hstack([points[:-1], points[1:]])[is_edge], np.float64),
        port_first=port_first,
        port_areas=port_areas,
        entry_km=rules.point_port_entry_km,
        exit_km=rules.point_port_exit_km,
        margin_km=rules.exit_margin_km,
    )


def areas_by_port(area_port: NDArray[np.int32], ports: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Lists the areas port by port; areas with port number -1 are left out.

    >>> first, areas = areas_by_port(np.array([1, -1, 0, 1], np.int32), 3)
    >>> first.tolist(), areas.tolist()
    ([0, 1, 3, 3], [2, 0, 3])
    """
    order = np.argsort(area_port, kind="stable")
    order = order[area_port[order] >= 0]
    first = np.searchsorted(area_port[order], np.arange(ports + 1))
    return first.astype(np.int32), order.astype(np.int32)


@njit(cache=True)
def _product(a: float, b: float) -> tuple[float, float]:
    """Returns the product of two doubles without loss, as a double and its error (Dekker)."""
    product = a * b
    a_high = SPLITTER * a - (SPLITTER * a - a)
    b_high = SPLITTER * b - (SPLITTER * b - b)
    a_low, b_low = a - a_high, b - b_high
    return product, a_low * b_low - (((product - a_high * b_high) - a_low * b_high) - a_high * b_low)


@njit(cache=True)
def _difference(a: float, b: float) -> tuple[float, float]:
    """Returns the difference of two doubles without loss, as a double and its error (Knuth)."""
    difference = a - b
    part = difference - a
    return difference, (a - (difference - part)) - (b + part)


@njit(cache=True)
def _long_product(a: tuple[float, float], b: tuple[float, float]) -> tuple[float, float]:
    """Returns the product of two numbers that are each a double and its error."""
    high, low = _product(a[0], b[0])
    return high, low + (a[0] * b[1] + a[1] * b[0])


@njit(cache=True)
def _side(ax: float, ay: float, bx: float, by: float, x: float, y: float) -> float:
    """Returns on which side of the line from a to b a point lies: positive left, negative right, 0 on it.

    The sign is right although doubles are rounded: close calls are made with twice the digits.
    """
    left, right = (ax - x) * (by - y), (ay - y) * (bx - x)
    if abs(left - right) > SIDE_ROUNDING * (abs(left) + abs(right)):
        return left - right
    long_left = _long_product(_difference(ax, x), _difference(by, y))
    long_right = _long_product(_difference(ay, y), _difference(bx, x))
    return (long_left[0] - long_right[0]) + (long_left[1] - long_right[1])


@njit(cache=True)
def _polygon_contains(edges: NDArray[np.float64], first: int, last: int, x: float, y: float) -> bool:
    """Counts the edges to the right of a point; a point on an edge is inside."""
    is_inside = False
    for n in range(first, last):
        ax, ay, bx, by = edges[n, 0], edges[n, 1], edges[n, 2], edges[n, 3]
        if (ax < x and bx < x) or (ay < y and by < y) or (ay > y and by > y):
            continue
        if ay == y and by == y:
            if min(ax, bx) <= x <= max(ax, bx):
                return True
            continue
        side = _side(ax, ay, bx, by, x, y)
        if side == 0.0:
            return True
        if (ay > y) != (by > y) and (side > 0.0) == (by > ay):
            is_inside = not is_inside
    return is_inside


@njit(cache=True)
def contains(outlines: Outlines, area: int, latitude: float, longitude: float) -> bool:
    """Returns whether an area holds a point, its edge included; a circle's edge is at the entry radius."""
    first, last = outlines.edge_first[area], outlines.edge_first[area + 1]
    if first == last:
        centre = outlines.centres[area]
        return great_circle_km(latitude, longitude, centre[0], centre[1]) <= outlines.entry_km
    west, south, east, north = outlines.boxes[area]
    if longitude < west:
        longitude += FULL_TURN_DEGREES
    elif longitude > east:
        longitude -= FULL_TURN_DEGREES
    if not (west <= longitude <= east and south <= latitude <= north):
        return False
    return _polygon_contains(outlines.edges, first, last, longitude, latitude)


@njit(cache=True)
def _km_to_box_at_least(outlines: Outlines, area: int, latitude: float, longitude: float) -> float:
    """Returns a distance in km that the nearest point of a polygon's box cannot undercut."""
    west, south, east, north = outlines.boxes[area]
    degrees_off = max(south - latitude, latitude - north, 0.0)
    half_width = 0.5 * (east - west)
    turn = max(abs(wrap_degrees(longitude - west - half_width)) - half_width, 0.0)
    turn = math.radians(min(turn, QUARTER_TURN_DEGREES))
    to_meridian = math.asin(math.cos(math.radians(latitude)) * math.sin(turn))
    return EARTH_RADIUS_KM * max(math.radians(degrees_off), to_meridian)


@njit(cache=True)
def _km_to_nearest_edge(outlines: Outlines, area: int, latitude: float, longitude: float) -> float:
    """Returns the great-circle distance in km to a polygon's edge.

    The nearest point is found on a flat map whose scale is right at the fix; so it is good for distances that
    are small against the distance to a pole, and errs to the far side elsewhere.
    """
    west, east = outlines.boxes[area, 0], outlines.boxes[area, 2]
    middle = 0.5 * (west + east)
    x0 = middle + wrap_degrees(longitude - middle)
    shrink = math.cos(math.radians(latitude))
    best, best_x, best_y = math.inf, 0.0, 0.0
    for n in range(outlines.edge_first[area], outlines.edge_first[area + 1]):
        ax, ay = (outlines.edges[n, 0] - x0) * shrink, outlines.edges[n, 1] - latitude
        dx, dy = (outlines.edges[n, 2] - x0) * shrink - ax, outlines.edges[n, 3] - latitude - ay
        length = dx * dx + dy * dy
        part = 0.0
        if length > 0.0:
            part = min(1.0, max(0.0, -(ax * dx + ay * dy) / length))
        x, y = ax + part * dx, ay + part * dy
        if x * x + y * y < best:
            best, best_x, best_y = x * x + y * y, x, y
    return great_circle_km(latitude, x0, latitude + best_y, x0 + best_x / shrink)


@njit(cache=True)
def _is_area_left(outlines: Outlines, area: int, latitude: float, longitude: float) -> bool:
    """Returns whether a fix is farther than the exit margin outside one area."""
    if outlines.edge_first[area] == outlines.edge_first[area + 1]:
        centre = outlines.centres[area]
        return great_circle_km(latitude, longitude, centre[0], centre[1]) > outlines.exit_km
    if _km_to_box_at_least(outlines, area, latitude, longitude) > outlines.margin_km:
        return True
    if contains(outlines, area, latitude, longitude):
        return False
    return _km_to_nearest_edge(outlines, area, latitude, longitude) > outlines.margin_km


@njit(cache=True)
def is_beyond_margin(outlines: Outlines, port: int, latitude: float, longitude: float) -> bool:
    """Returns whether a fix is farther than the exit margin outside every area of kind `port` of a port.

    Args:
        outlines: The areas.
        port: Port number, 0 or more. One without an area (none valid on the day, or a number that only a carried state
            knows since the version has the port no more) counts as left.
        latitude: Degrees north.
        longitude: Degrees east.
    """
    if port + 1 >= outlines.port_first.size:
        return True
    for n in range(outlines.port_first[port], outlines.port_first[port + 1]):
        if not _is_area_left(outlines, outlines.port_areas[n], latitude, longitude):
            return False
    return True
