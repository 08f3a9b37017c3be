"""Cells of areas: none that touches is missing, none that is called inner reaches outside."""

import math

import h3
import numpy as np
import pyarrow as pa
import pytest
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ais_indicators.geo.cells import h3_cells
from ais_indicators.geo.distance import great_circle_km
from ais_indicators.geo.port_files import PortArea
from ais_indicators.geo.tessellation import cover_with_cells
from ais_indicators.units import EARTH_RADIUS_KM
from tests.subject_rules import SHIP_RULES

RESOLUTION = 8
KM = math.degrees(1.0 / EARTH_RADIUS_KM)


def area(
    geometry: BaseGeometry | None, latitude: float = 0.0, longitude: float = 0.0, number: int = 0
) -> PortArea:
    return PortArea(number, "XXAAA", "A", None, "port", geometry, latitude, longitude, 1.0)


def cover(*areas: PortArea) -> tuple[set[int], set[int]]:
    """All cells, and the inner ones."""
    table = cover_with_cells(areas, RESOLUTION, rules=SHIP_RULES)
    cells, is_inner = table["h3_res8"].to_numpy(), table["is_inner"].to_numpy()
    return set(cells.tolist()), set(cells[is_inner].tolist())


def points_near(
    polygon: BaseGeometry, count: int = 20_000
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Random points in the polygon's box and some way around it."""
    west, south, east, north = polygon.bounds
    rng = np.random.default_rng(7)
    width, height = max(east - west, 0.01), max(north - south, 0.01)
    longitude = rng.uniform(west - width / 5, east + width / 5, count)
    return np.clip(rng.uniform(south - height / 5, north + height / 5, count), -90, 90), longitude


POLYGONS = {
    "a harbour": shapely.Polygon([(4, 51), (4.12, 51.02), (4.1, 51.08), (4.05, 51.03), (4.01, 51.07)]),
    "with a hole": shapely.box(4, 51, 4.2, 51.1) - shapely.box(4.05, 51.03, 4.12, 51.07),
    "two parts": shapely.union(shapely.box(4, 51, 4.05, 51.05), shapely.box(4.1, 51, 4.2, 51.02)),
    "smaller than a cell": shapely.box(4.0, 51.0, 4.0005, 51.0004),
    "narrower than a cell": shapely.Polygon([(4, 51), (4.3, 51.1), (4.3, 51.1003), (4, 51.0003)]),
    "over the antimeridian": shapely.box(179.93, -17.05, 180.06, -16.98),
    "over the equator and Greenwich": shapely.box(-0.06, -0.05, 0.05, 0.04),
    "at 89 N": shapely.Polygon([(0, 88.98), (3, 88.97), (4, 89.03), (1, 89.02)]),
    "to the north pole": shapely.box(0, 89.95, 120, 90),
    "round the north pole": shapely.box(-180, 89.96, 180, 90),
    "round the south pole": shapely.box(-180, -90, 180, -89.96),
}


@pytest.mark.parametrize("polygon", POLYGONS.values(), ids=POLYGONS)
def test_a_point_inside_lies_in_a_listed_cell_and_one_outside_in_no_inner_cell(polygon: BaseGeometry) -> None:
    cells, inner = cover(area(polygon))
    latitude, longitude = points_near(polygon)
    is_in = shapely.intersects_xy(polygon, longitude, latitude)
    for turn in (-360.0, 360.0):
        is_in |= shapely.intersects_xy(polygon, longitude + turn, latitude)
    found = h3_cells(latitude, longitude, RESOLUTION)
    assert is_in.any() or polygon.area < 1e-5
    assert set(found[is_in].tolist()) <= cells
    assert not set(found[~is_in].tolist()) & inner


@pytest.mark.parametrize(
    "name", ["a harbour", "with a hole", "over the antimeridian", "narrower than a cell"]
)
def test_every_cell_of_the_edge_is_listed_and_not_inner(name: str) -> None:
    polygon = POLYGONS[name]
    edge = shapely.get_coordinates(shapely.segmentize(polygon.boundary, 1e-5))
    cells, inner = cover(area(polygon))
    crossed = set(h3_cells(edge[:, 1], edge[:, 0], RESOLUTION).tolist())
    assert crossed <= cells
    assert not crossed & inner


def test_cells_between_the_edges_are_inner() -> None:
    cells, inner = cover(area(POLYGONS["with a hole"]))
    border = cells - inner
    assert len(inner) > 60
    assert h3_cells(np.array([51.085]), np.array([4.17]), RESOLUTION)[0] in inner
    assert h3_cells(np.array([51.05]), np.array([4.085]), RESOLUTION)[0] not in cells
    assert all(any(h3.str_to_int(n) not in inner for n in h3.grid_disk(h3.int_to_str(c))) for c in border)


def test_a_tiny_polygon_has_only_border_cells() -> None:
    cells, inner = cover(area(POLYGONS["smaller than a cell"]))
    assert 1 <= len(cells) <= 3
    assert not inner


CENTRES = [
    (51.9, 4.48),
    (0.0, 180.0),
    (-17.0, -179.99),
    (89.0, 30.0),
    (90.0, 0.0),
    (-89.99, 12.0),
    (58.28, -5.25),
]


@pytest.mark.parametrize(("latitude", "longitude"), CENTRES)
def test_cells_of_a_circle(latitude: float, longitude: float) -> None:
    cells, inner = cover(area(None, latitude, longitude))
    for cell in inner:
        corners = h3.cell_to_boundary(h3.int_to_str(cell))
        assert max(great_circle_km(latitude, longitude, *corner) for corner in corners) <= 3.0
    rng = np.random.default_rng(3)
    distance, bearing = 3.0 * KM * np.sqrt(rng.uniform(0, 1, 5000)), rng.uniform(0, 2 * math.pi, 5000)
    points = [destination(latitude, longitude, d, b) for d, b in zip(distance, bearing, strict=True)]
    found = h3_cells(np.array(points)[:, 0], np.array(points)[:, 1], RESOLUTION)
    assert set(found.tolist()) <= cells
    assert len(cells - set(found.tolist())) <= 6
    assert len(inner) >= 15


def destination(latitude: float, longitude: float, degrees: float, bearing: float) -> tuple[float, float]:
    """The point some degrees of great circle away."""
    phi, lam, arc = math.radians(latitude), math.radians(longitude), math.radians(degrees)
    start = np.array([math.cos(phi) * math.cos(lam), math.cos(phi) * math.sin(lam), math.sin(phi)])
    north = np.array([-math.sin(phi) * math.cos(lam), -math.sin(phi) * math.sin(lam), math.cos(phi)])
    east = np.array([-math.sin(lam), math.cos(lam), 0.0])
    way = north * math.cos(bearing) + east * math.sin(bearing)
    x, y, z = start * math.cos(arc) + way * math.sin(arc)
    return math.degrees(math.asin(max(-1.0, min(1.0, z)))), math.degrees(math.atan2(y, x))


def test_rows_are_integers_ordered_by_area_and_cell() -> None:
    areas = [
        area(None, 51.9, 4.5, number=2),
        area(POLYGONS["a harbour"], number=1),
        area(None, 1.2, 103.8, number=0),
    ]
    table = cover_with_cells(areas, RESOLUTION, rules=SHIP_RULES)
    assert table.schema.types == [pa.int32(), pa.int64(), pa.bool_()]
    rows = list(zip(table["area_id"].to_pylist(), table["h3_res8"].to_pylist(), strict=True))
    assert rows == sorted(set(rows))
    assert {number for number, _ in rows} == {0, 1, 2}


def test_progress_is_reported_and_no_areas_are_no_cells() -> None:
    progress: list[tuple[int, int]] = []
    areas = [area(None, 51.9, 4.5), area(POLYGONS["a harbour"], number=1)]
    cover_with_cells(areas, RESOLUTION, lambda done, total: progress.append((done, total)), rules=SHIP_RULES)
    assert progress == [(1, 2), (2, 2)]
    assert cover_with_cells([], RESOLUTION, rules=SHIP_RULES).num_rows == 0


def test_other_resolutions_hold_too() -> None:
    for resolution in (5, 7, 9):
        table = cover_with_cells([area(POLYGONS["a harbour"])], resolution, rules=SHIP_RULES)
        latitude, longitude = points_near(POLYGONS["a harbour"])
        is_in = shapely.intersects_xy(POLYGONS["a harbour"], longitude, latitude)
        found = h3_cells(latitude, longitude, resolution)
        inner = table["h3_res8"].to_numpy()[table["is_inner"].to_numpy()]
        assert set(found[is_in].tolist()) <= set(table["h3_res8"].to_pylist())
        assert not set(found[~is_in].tolist()) & set(inner.tolist())
