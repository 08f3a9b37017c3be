"""Covers areas with H3 cells, so that a fix's cell shows at once whether the exact test is needed.

Every cell that touches an area is listed, and a cell counts as inner only if it surely lies inside: both
tests leave a metre of room, and the bend of a cell's edges (straight on the sphere) against an area's
(straight in degrees) on top. Close to a pole that bend is too large for a cell to be called inner, and cells
are listed by neighbourhood.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import h3
import numpy as np
import pyarrow as pa
import shapely
from h3ronpy import grid_disk
from h3ronpy.vector import cells_to_coordinates, cells_to_wkb_polygons
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ais_indicators.geo.cells import FARTHEST_CORNER, h3_cells
from ais_indicators.geo.port_files import PortArea
from ais_indicators.rules import Rules
from ais_indicators.units import EARTH_RADIUS_KM, FULL_TURN_DEGREES, HALF_TURN_DEGREES, KM_PER_DEGREE

ROOM_KM = 0.001
"""Room that both tests leave."""

LARGEST_STRETCH = 0.5
"""A cell that would have to be enlarged by more than this share is never called inner."""

LARGEST_TURN_DEGREES = 10.0
"""A cell that reaches over more degrees of longitude to either side of its centre is never called inner."""

SAMPLES_PER_EDGE = 2.5
"""Samples of an area along an edge of a cell: every cell that touches it holds one, or a neighbour does."""

SHORTEST_EDGE = 0.6
"""The shortest edge of a cell is longer than this share of the resolution's average."""

CIRCLES_AT_ONCE = 256
SAMPLES_AT_ONCE = 1_000_000

Progress = Callable[[int, int], None]
"""Called with the number of areas done, and in total."""

SCHEMA = pa.schema(
    [
        pa.field("area_id", pa.int32(), nullable=False),
        pa.field("h3_res8", pa.int64(), nullable=False),
        pa.field("is_inner", pa.bool_(), nullable=False),
    ]
)


class Cover(NamedTuple):
    """Cells of areas, one row per cell of an area: the area's number, the cell, whether it is inner."""

    area_id: NDArray[np.int32]
    cell: NDArray[np.int64]
    is_inner: NDArray[np.bool_]


class _Boundaries(NamedTuple):
    """Corners of many cells in one array, in the order of the cells.

    Attributes:
        latitude: Degrees north of each corner; a cell's first corner is repeated at its end.
        longitude: Degrees east of each corner, -180 to 180.
        cell: Number of the cell of each corner.
        first: Number of the first corner of each cell.
    """

    latitude: NDArray[np.float64]
    longitude: NDArray[np.float64]
    cell: NDArray[np.int64]
    first: NDArray[np.int64]


def cover_with_cells(
    areas: Sequence[PortArea], resolution: int, progress: Progress | None = None, *, rules: Rules
) -> pa.Table:
    """Lists the H3 cells that areas touch.

    Args:
        areas: Polygons, and points whose circle has the radius at which a point port is entered.
        resolution: H3 resolution.
        progress: Called with the progress, from time to time.
        rules: Rules of the lake's subject.

    Returns:
        `area_id`, `h3_res8` (the cell, whatever the resolution) and `is_inner`, ordered by area and cell.
    """
    circles = [area for area in areas if area.geometry is None]
    polygons = [area for area in areas if area.geometry is not None]
    covers = []
    for start in range(0, len(circles), CIRCLES_AT_ONCE):
        chunk = circles[start : start + CIRCLES_AT_ONCE]
        covers.append(_cover_circles(chunk, resolution, rules))
        _tell(progress, start + len(chunk), len(areas))
    for number, area in enumerate(polygons, len(circles) + 1):
        covers.append(_cover_polygon(area.area_id, area.geometry, resolution))
        _tell(progress, number, len(areas))
    if not covers:
        return SCHEMA.empty_table()
    columns = [np.concatenate(column) for column in zip(*covers, strict=True)]
    order = np.lexsort((columns[1], columns[0]))
    return pa.table([pa.array(column[order]) for column in columns], schema=SCHEMA)


def _tell(progress: Progress | None, done: int, total: int) -> None:
    if progress is not None:
        progress(done, total)


def _edge_km(resolution: int) -> float:
    return float(h3.average_hexagon_edge_length(resolution, unit="km"))


def _boundaries(cells: NDArray[np.int64]) -> _Boundaries:
    polygons = shapely.from_wkb(pa.array(cells_to_wkb_polygons(cells)).to_numpy(zero_copy_only=False))
    points, cell = shapely.get_coordinates(polygons, return_index=True)
    return _Boundaries(points[:, 1], points[:, 0], cell, np.searchsorted(cell, np.arange(len(cells))))


def _centres(cells: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Returns the latitude and longitude of cells in degrees."""
    batch = pa.record_batch(cells_to_coordinates(cells))
    return batch["lat"].to_numpy(), batch["lng"].to_numpy()


def _wrapped(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
    wrapped: NDArray[np.float64] = degrees - FULL_TURN_DEGREES * np.round(degrees / FULL_TURN_DEGREES)
    return wrapped


# --- circles ---------------------------------------------------------------------------------------


def _cover_circles(areas: Sequence[PortArea], resolution: int, rules: Rules) -> Cover:
    radius = rules.point_port_entry_km
    latitude = np.array([area.centre_latitude for area in areas])
    longitude = np.array([area.centre_longitude for area in areas])
    owner, cells = _disks(h3_cells(latitude, longitude, resolution), radius, resolution)
    x, y = _plane_km(latitude[owner], longitude[owner], *_centres(cells))
    is_near = np.hypot(x, y) <= radius + ROOM_KM + FARTHEST_CORNER * _edge_km(resolution)
    owner, cells = owner[is_near], cells[is_near]
    boundaries = _boundaries(cells)
    x, y = _plane_km(
        latitude[owner][boundaries.cell],
        longitude[owner][boundaries.cell],
        boundaries.latitude,
        boundaries.longitude,
    )
    is_inner = np.maximum.reduceat(np.hypot(x, y), boundaries.first) <= radius - ROOM_KM
    is_touched = _km_to_cell(x, y, boundaries) <= radius + ROOM_KM
    ids = np.array([area.area_id for area in areas], np.int32)[owner]
    return Cover(ids[is_touched], cells[is_touched], is_inner[is_touched])


def _disks(
    centres: NDArray[np.int64], radius_km: float, resolution: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Returns all cells that may lie within a distance of some cells: number of the cell in the middle, and cell."""
    row_km = 1.5 * SHORTEST_EDGE * _edge_km(resolution)
    lists = pa.array(grid_disk(centres, math.ceil(radius_km / row_km) + 1))
    sizes = np.diff(lists.offsets.to_numpy())
    return np.repeat(np.arange(len(centres)), sizes), lists.values.to_numpy().view(np.int64)


def _plane_km(
    latitude_0: NDArray[np.float64],
    longitude_0: NDArray[np.float64],
    latitude: NDArray[np.float64],
    longitude: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Maps points on planes that touch the globe at other points, true in distance and bearing from them."""
    phi_0, phi = np.radians(latitude_0), np.radians(latitude)
    turn = np.radians(longitude - longitude_0)
    east = np.cos(phi) * np.sin(turn)
    half = np.sin((phi - phi_0) / 2.0) ** 2 + np.cos(phi_0) * np.cos(phi) * np.sin(turn / 2.0) ** 2
    north = np.sin(phi - phi_0) + 2.0 * np.sin(phi_0) * np.cos(phi) * np.sin(turn / 2.0) ** 2
    distance = 2.0 * EARTH_RADIUS_KM * np.arcsin(np.minimum(1.0, np.sqrt(half)))
    stretch = distance / np.maximum(np.hypot(east, north), np.finfo(np.float64).tiny)
    return east * stretch, north * stretch


def _km_to_cell(
    x: NDArray[np.float64], y: NDArray[np.float64], boundaries: _Boundaries
) -> NDArray[np.float64]:
    """Returns the distance of each cell from the origin of its plane in km, 0 if it holds the origin."""
    x_next, y_next = np.roll(x, -1), np.roll(y, -1)
    dx, dy = x_next - x, y_next - y
    length = np.maximum(dx * dx + dy * dy, np.finfo(np.float64).tiny)
    part = np.clip(-(x * dx + y * dy) / length, 0.0, 1.0)
    is_edge = np.append(boundaries.cell[1:] == boundaries.cell[:-1], False)
    distance = np.where(is_edge, np.hypot(x + part * dx, y + part * dy), np.inf)
    crosses = is_edge & ((y > 0.0) != (y_next > 0.0)) & ((x * dy - y * dx > 0.0) == (dy > 0.0))
    holds_origin = np.add.reduceat(crosses.astype(np.int64), boundaries.first) % 2 == 1
    return np.where(holds_origin, 0.0, np.minimum.reduceat(distance, boundaries.first))


# --- polygons --------------------------------------------------------------------------------------


def _cover_polygon(area_id: int, polygon: BaseGeometry, resolution: int) -> Cover:
    shapely.prepare(polygon)
    west, _, east, _ = polygon.bounds
    cells = _candidates(polygon, resolution)
    shapes, is_flat = _enlarged(cells, 0.5 * (west + east))
    is_touched, is_inner = ~is_flat, np.zeros(len(cells), np.bool_)
    for turn in (0.0,) if east - west < HALF_TURN_DEGREES else (-FULL_TURN_DEGREES, 0.0, FULL_TURN_DEGREES):
        turned = shapely.transform(shapes, lambda points, by=turn: np.add(points, (by, 0.0)))
        is_touched[is_flat] |= shapely.intersects(polygon, turned)
        is_inner[is_flat] |= shapely.covers(polygon, turned)
    return Cover(np.full(is_touched.sum(), area_id, np.int32), cells[is_touched], is_inner[is_touched])


def _candidates(polygon: BaseGeometry, resolution: int) -> NDArray[np.int64]:
    """Returns all cells that touch a polygon and some more: those of a fine net of samples, and their neighbours."""
    step = _edge_km(resolution) / SAMPLES_PER_EDGE / KM_PER_DEGREE
    edge = shapely.get_coordinates(shapely.segmentize(polygon, step))
    found = [np.unique(h3_cells(edge[:, 1], edge[:, 0], resolution))]
    for latitude, longitude in _net(polygon.bounds, step):
        is_in = shapely.intersects_xy(polygon, longitude, latitude)
        found.append(np.unique(h3_cells(latitude[is_in], longitude[is_in], resolution)))
    disk = pa.array(grid_disk(np.unique(np.concatenate(found)), 1, flatten=True))
    return np.unique(disk.to_numpy(zero_copy_only=False).view(np.int64))


def _net(
    bounds: tuple[float, float, float, float], step: float
) -> Iterator[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Yields latitudes and longitudes of a net that fills a box, `step` degrees of latitude apart, in batches."""
    west, south, east, north = bounds
    rows = np.append(np.arange(south, north, step), north)
    steps = step / np.maximum(np.cos(np.radians(rows)), step / FULL_TURN_DEGREES)
    counts = np.ceil((east - west) / steps).astype(np.int64) + 1
    batches = np.cumsum(counts) // SAMPLES_AT_ONCE
    for batch in np.unique(batches):
        chosen = batches == batch
        first = np.cumsum(counts[chosen]) - counts[chosen]
        column = np.arange(counts[chosen].sum()) - np.repeat(first, counts[chosen])
        yield (
            np.repeat(rows[chosen], counts[chosen]),
            west + column * np.repeat(steps[chosen], counts[chosen]),
        )


def _enlarged(cells: NDArray[np.int64], middle: float) -> tuple[NDArray[np.object_], NDArray[np.bool_]]:
    """Returns cells as polygons in degrees, enlarged by the room that a test leaves.

    Args:
        cells: The cells, shape (n,).
        middle: Longitude in degrees, within half a turn of which the polygons are laid.

    Returns:
        The polygons, and for which cells they are given, shape (n,): the others bend too much in degrees.
    """
    boundaries, (latitude, longitude) = _boundaries(cells), _centres(cells)
    cell = boundaries.cell
    up, turn = boundaries.latitude - latitude[cell], _wrapped(boundaries.longitude - longitude[cell])
    x, y = turn * np.cos(np.radians(latitude))[cell] * KM_PER_DEGREE, up * KM_PER_DEGREE
    x_next, y_next = np.roll(x, -1), np.roll(y, -1)
    is_edge = np.append(cell[1:] == cell[:-1], False)
    length = np.maximum(np.hypot(x_next - x, y_next - y), np.finfo(np.float64).tiny)
    reach = np.where(is_edge, np.abs(x * y_next - y * x_next) / length, np.inf)
    slope = np.abs(np.sin(2.0 * np.radians(boundaries.latitude)))
    edge_turn = np.radians(np.roll(turn, -1) - turn)
    bend = np.where(
        is_edge, np.maximum(slope, np.roll(slope, -1)) * edge_turn**2 * EARTH_RADIUS_KM / 16.0, 0.0
    )
    room = ROOM_KM + np.maximum.reduceat(bend, boundaries.first)
    stretch = room / np.maximum(np.minimum.reduceat(reach, boundaries.first), np.finfo(np.float64).tiny)
    is_flat = (stretch <= LARGEST_STRETCH) & (
        np.maximum.reduceat(np.abs(turn), boundaries.first) <= LARGEST_TURN_DEGREES
    )
    factor, laid = 1.0 + np.minimum(stretch, LARGEST_STRETCH)[cell], middle + _wrapped(longitude - middle)
    points = np.column_stack([laid[cell] + turn * factor, latitude[cell] + up * factor])[is_flat[cell]]
    rings = shapely.linearrings(points, indices=np.cumsum(is_flat)[cell][is_flat[cell]] - 1)
    return shapely.polygons(rings), is_flat
