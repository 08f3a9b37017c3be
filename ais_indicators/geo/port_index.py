"""Which port's area holds each of many points, at millions of points a second.

A coarse grid drops the points far from any area. The others are looked up by H3 cell: where a cell lies
wholly inside an area that decides, else the exact test does. Of several areas that hold a point the smallest
wins.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Self

import h3
import numpy as np
import pyarrow as pa
from h3ronpy.vector import cells_to_coordinates
from numpy.typing import NDArray

from ais_indicators.compiled import njit
from ais_indicators.geo.cells import FARTHEST_CORNER, group_points
from ais_indicators.geo.outlines import Outlines, areas_by_port, build_outlines, contains
from ais_indicators.geo.port_files import ENTRY_KINDS, PortArea
from ais_indicators.rules import Rules
from ais_indicators.units import EARTH_RADIUS_KM, HALF_TURN_DEGREES

TILES_PER_DEGREE = 8
TILE_ROWS = 180 * TILES_PER_DEGREE
TILE_COLUMNS = 360 * TILES_PER_DEGREE
MAX_LATITUDE = 90.0
NO_PORT = -1
MATCHED_KINDS = (*ENTRY_KINDS, "anchorage")
FIRST_DAY, LAST_DAY = np.iinfo(np.int32).min, np.iinfo(np.int32).max


@dataclass(frozen=True)
class PortIndex:
    """Areas of ports, ready to be matched with points.

    Attributes:
        port_locodes: Code of each port, sorted; its place is the port number.
        resolution: H3 resolution of the cells.
        tiles: Squares of 1/8 degree, from 90 S and 180 W, that a cell below may touch, shape (1440, 2880).
        cells: H3 cells that ports and anchorages touch, sorted, shape (cells,).
        cell_first: The areas that touch cell c are entries `cell_first[c]` to `cell_first[c + 1]` of the two
            arrays that follow, shape (cells + 1,).
        cell_area: Number of the area; areas are numbered from the smallest up, so the first that holds a
            point wins.
        cell_is_inner: Whether the cell lies wholly inside the area.
        area_port: Port number of each area.
        area_is_port: Whether the area is of kind `port` or `airport`.
        valid_from_day: First day of validity of each area, in days since 1970-01-01.
        valid_to_day: First day on which it is no longer valid.
        outlines: The areas' outlines, for exact tests in compiled code.
    """

    port_locodes: tuple[str, ...]
    resolution: int
    tiles: NDArray[np.bool_]
    cells: NDArray[np.int64]
    cell_first: NDArray[np.int64]
    cell_area: NDArray[np.int32]
    cell_is_inner: NDArray[np.bool_]
    area_port: NDArray[np.int32]
    area_is_port: NDArray[np.bool_]
    valid_from_day: NDArray[np.int32]
    valid_to_day: NDArray[np.int32]
    outlines: Outlines

    @classmethod
    def build(cls, areas: Sequence[PortArea], cells: pa.Table, rules: Rules) -> Self:
        """Builds the index.

        Args:
            areas: Areas of one version of the port file.
            cells: `area_id`, `h3_res8` and `is_inner`, as `tessellation.cover_with_cells` gives them at the
                rule's resolution.
            rules: Rules of the lake's subject.

        Raises:
            ValueError: A cell belongs to none of the areas.
        """
        ordered = sorted(areas, key=lambda area: (area.area_km2, area.port_locode, area.area_id))
        locodes = tuple(sorted({area.port_locode for area in ordered}))
        number = {locode: n for n, locode in enumerate(locodes)}
        area_port = np.array([number[area.port_locode] for area in ordered], np.int32)
        is_port = np.array([area.area_kind in ENTRY_KINDS for area in ordered], np.bool_)
        centres = np.array([(a.centre_latitude, a.centre_longitude) for a in ordered], np.float64).reshape(
            -1, 2
        )
        owned = np.where(is_port, area_port, NO_PORT).astype(np.int32)
        resolution = rules.port_cell_resolution
        cell, area, is_inner = _entries(ordered, cells)
        unique, first = np.unique(cell, return_index=True)
        return cls(
            port_locodes=locodes,
            resolution=resolution,
            tiles=_tiles(unique, resolution),
            cells=unique,
            cell_first=np.append(first, len(cell)).astype(np.int64),
            cell_area=area,
            cell_is_inner=is_inner,
            area_port=area_port,
            area_is_port=is_port,
            valid_from_day=_days([area.valid_from for area in ordered], FIRST_DAY),
            valid_to_day=_days([area.valid_to for area in ordered], LAST_DAY),
            outlines=build_outlines([area.geometry for area in ordered], centres, owned, len(locodes), rules),
        )

    def on(self, day: date) -> Self:
        """Returns the index of the areas that are valid on a day; ports keep their numbers."""
        number = _day_number(day)
        is_valid = (self.valid_from_day <= number) & (number < self.valid_to_day)
        if is_valid.all():
            return self
        kept = is_valid[self.cell_area]
        owned = np.where(is_valid & self.area_is_port, self.area_port, NO_PORT).astype(np.int32)
        port_first, port_areas = areas_by_port(owned, len(self.port_locodes))
        return replace(
            self,
            cell_first=np.append(0, np.cumsum(kept))[self.cell_first],
            cell_area=self.cell_area[kept],
            cell_is_inner=self.cell_is_inner[kept],
            outlines=self.outlines._replace(port_first=port_first, port_areas=port_areas),
        )

    def match(
        self, latitude: NDArray[np.float64], longitude: NDArray[np.float64]
    ) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Finds the port and the anchorage that hold each point.

        Args:
            latitude: Degrees north, shape (n,).
            longitude: Degrees east, shape (n,).

        Returns:
            Number of the port of the smallest area of kind `port`, and of the smallest of kind `anchorage`,
            that holds the point, each of shape (n,); -1 where there is none. Of areas of one size the first
            by code wins. A point out of range lies in no area.
        """
        port, anchorage = np.full((2, len(latitude)), NO_PORT, np.int32)
        near = _near(self.tiles, latitude, longitude)
        if near.size == 0:
            return port, anchorage
        latitude, longitude = latitude[near], longitude[near]
        groups, cells = group_points(latitude, longitude, self.resolution)
        row = np.minimum(np.searchsorted(self.cells, cells), len(self.cells) - 1)
        row = np.where(self.cells[row] == cells, row, -1)
        port[near], anchorage[near] = _match(
            latitude, longitude, row[groups], self.cell_first, self.cell_area, self.cell_is_inner,
            self.area_port, self.area_is_port, self.outlines,
        )  # fmt: skip
        return port, anchorage


def _day_number(day: date) -> int:
    return (day - date(1970, 1, 1)).days


def _days(days: Sequence[date | None], otherwise: int) -> NDArray[np.int32]:
    return np.array([otherwise if day is None else _day_number(day) for day in days], np.int32)


def _entries(
    areas: Sequence[PortArea], cells: pa.Table
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.bool_]]:
    """Returns the cell, place of its area in `areas` and whether it is inner, by cell and place; without berths."""
    ids = np.array([area.area_id for area in areas], np.int64)
    order = np.argsort(ids)
    given = cells["area_id"].to_numpy()
    if not np.isin(given, ids).all():
        raise ValueError("the cells belong to another version of the port file: they name unknown areas")
    area = order[np.searchsorted(ids, given, sorter=order)].astype(np.int32)
    cell, is_inner = cells["h3_res8"].to_numpy(), cells["is_inner"].to_numpy()
    is_matched = np.array([area.area_kind in MATCHED_KINDS for area in areas], np.bool_)[area]
    order = np.lexsort((area, cell))
    order = order[is_matched[order]]
    return cell[order].astype(np.int64), area[order], is_inner[order].astype(np.bool_)


def _tiles(cells: NDArray[np.int64], resolution: int) -> NDArray[np.bool_]:
    """Marks the tiles that cells may touch."""
    tiles = np.zeros((TILE_ROWS, TILE_COLUMNS), np.bool_)
    if cells.size:
        centres = pa.record_batch(cells_to_coordinates(cells))
        reach_km = FARTHEST_CORNER * h3.average_hexagon_edge_length(resolution, unit="km")
        _mark(
            tiles,
            centres["lat"].to_numpy(),
            centres["lng"].to_numpy(),
            math.degrees(reach_km / EARTH_RADIUS_KM),
        )
    return tiles


@njit(cache=True)
def _mark(
    tiles: NDArray[np.bool_], latitude: NDArray[np.float64], longitude: NDArray[np.float64], reach: float
) -> None:
    """Marks every tile within `reach` degrees of great circle of a point."""
    for n in range(latitude.size):
        north, south = min(MAX_LATITUDE, latitude[n] + reach), max(-MAX_LATITUDE, latitude[n] - reach)
        shrink = math.cos(math.radians(max(north, -south)))
        width = min(HALF_TURN_DEGREES, reach / shrink) if shrink > 0.0 else HALF_TURN_DEGREES
        first = math.floor((longitude[n] - width + HALF_TURN_DEGREES) * TILES_PER_DEGREE)
        last = math.floor((longitude[n] + width + HALF_TURN_DEGREES) * TILES_PER_DEGREE)
        last_row = min(TILE_ROWS - 1, math.floor((north + MAX_LATITUDE) * TILES_PER_DEGREE))
        for row in range(math.floor((south + MAX_LATITUDE) * TILES_PER_DEGREE), last_row + 1):
            for column in range(first, last + 1):
                tiles[row, column % TILE_COLUMNS] = True


@njit(cache=True)
def _near(
    tiles: NDArray[np.bool_], latitude: NDArray[np.float64], longitude: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Numbers of the points that lie in a marked tile."""
    near, count = np.empty(latitude.size, np.int64), 0
    for n in range(latitude.size):
        if abs(latitude[n]) <= MAX_LATITUDE and abs(longitude[n]) <= HALF_TURN_DEGREES:
            row = min(TILE_ROWS - 1, int((latitude[n] + MAX_LATITUDE) * TILES_PER_DEGREE))
            column = min(TILE_COLUMNS - 1, int((longitude[n] + HALF_TURN_DEGREES) * TILES_PER_DEGREE))
            if tiles[row, column]:
                near[count] = n
                count += 1
    return near[:count]


@njit(cache=True)
def _match(
    latitude: NDArray[np.float64],
    longitude: NDArray[np.float64],
    row: NDArray[np.int64],
    cell_first: NDArray[np.int64],
    cell_area: NDArray[np.int32],
    cell_is_inner: NDArray[np.bool_],
    area_port: NDArray[np.int32],
    area_is_port: NDArray[np.bool_],
    outlines: Outlines,
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Tries the areas of each point's cell, the smallest first; `row` is the cell's place, -1 for none."""
    port, anchorage = np.full(row.size, NO_PORT, np.int32), np.full(row.size, NO_PORT, np.int32)
    for n in range(row.size):
        if row[n] < 0:
            continue
        if n > 0 and latitude[n] == latitude[n - 1] and longitude[n] == longitude[n - 1]:
            port[n], anchorage[n] = port[n - 1], anchorage[n - 1]
            continue
        for entry in range(cell_first[row[n]], cell_first[row[n] + 1]):
            area = cell_area[entry]
            found = port if area_is_port[area] else anchorage
            if found[n] == NO_PORT and (
                cell_is_inner[entry] or contains(outlines, area, latitude[n], longitude[n])
            ):
                found[n] = area_port[area]
    return port, anchorage
