"""Matching points with areas, and leaving them: edges, overlaps, the antimeridian, the poles."""

import math
import pickle
from collections.abc import Sequence
from datetime import date

import numpy as np
import pyarrow as pa
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ais_indicators.compiled import njit
from ais_indicators.geo.distance import great_circle_km
from ais_indicators.geo.outlines import Outlines, is_beyond_margin, polygon_km2, unwrapped
from ais_indicators.geo.port_files import PortArea
from ais_indicators.geo.port_index import PortIndex
from ais_indicators.geo.tessellation import cover_with_cells
from ais_indicators.units import EARTH_RADIUS_KM
from tests.examples import examples
from tests.subject_rules import SHIP_RULES

NOBODY = -1
KM = math.degrees(1.0 / EARTH_RADIUS_KM)
"""Degrees of great circle that are one kilometre."""


def port(
    code: str = "NLRTM",
    shape: BaseGeometry | tuple[float, float] = (51.9, 4.1),
    kind: str = "port",
    valid_from: date | None = None,
    valid_to: date | None = None,
    number: int = 0,
) -> PortArea:
    """An area: a polygon, or the latitude and longitude of a point."""
    if isinstance(shape, tuple):
        size = math.pi * SHIP_RULES.point_port_entry_km**2
        latitude, longitude = shape
        return PortArea(number, code, code, None, kind, None, latitude, longitude, size, valid_from, valid_to)
    centre = shape.representative_point()
    longitude = (centre.x + 180.0) % 360.0 - 180.0
    return PortArea(
        number, code, code, None, kind, shape, centre.y, longitude, polygon_km2(shape), valid_from, valid_to
    )


def index_of(*areas: PortArea) -> PortIndex:
    numbered = [PortArea(**{**vars(area), "area_id": n}) for n, area in enumerate(areas)]
    return PortIndex.build(
        numbered, cover_with_cells(numbered, SHIP_RULES.port_cell_resolution, rules=SHIP_RULES), SHIP_RULES
    )


def match(index: PortIndex, *points: tuple[float, float]) -> list[tuple[str | None, str | None]]:
    """Codes of the port and the anchorage at each (latitude, longitude)."""
    latitude, longitude = np.array(points, np.float64).reshape(-1, 2).T
    found = index.match(latitude, longitude)
    assert all(numbers.dtype == np.int32 for numbers in found)
    names = [*index.port_locodes, None]
    return [(names[p], names[a]) for p, a in zip(*found, strict=True)]


def ports_at(index: PortIndex, *points: tuple[float, float]) -> list[str | None]:
    return [code for code, _ in match(index, *points)]


BASIN = shapely.box(4.0, 51.0, 4.2, 51.1)


def test_inside_on_the_edge_and_outside() -> None:
    inside, corner, edge = (51.05, 4.1), (51.1, 4.2), (51.1, 4.123)
    outside = (51.1 + 1e-9, 4.123)
    index = index_of(port("NLRTM", BASIN))
    assert ports_at(index, inside, corner, edge, outside, (10.0, 4.1)) == [
        "NLRTM",
        "NLRTM",
        "NLRTM",
        None,
        None,
    ]


def test_a_slanted_edge_is_inside_and_straight_in_degrees() -> None:
    triangle = shapely.Polygon([(4.0, 51.0), (5.0, 51.0), (4.5, 51.5)])
    index = index_of(port("NLRTM", triangle))
    on_edge = (51.25, 4.25)
    assert ports_at(index, on_edge, (51.25, 4.25 - 1e-9), (51.25 + 1e-9, 4.25)) == ["NLRTM", None, None]


def test_a_hole_is_outside_but_its_edge_is_inside() -> None:
    index = index_of(port("NLRTM", BASIN - shapely.box(4.05, 51.03, 4.15, 51.07)))
    assert ports_at(index, (51.05, 4.1), (51.03, 4.1), (51.029, 4.1)) == [None, "NLRTM", "NLRTM"]


def test_of_overlapping_areas_the_smaller_wins() -> None:
    """Also where a cell lies wholly inside the larger area and only touches the smaller one."""
    pier = shapely.box(4.10, 51.05, 4.1003, 51.0502)
    index = index_of(port("NLRTM", BASIN), port("NLVLA", pier))
    beside = (51.05, 4.1005)
    assert ports_at(index, (51.0501, 4.1001), beside) == ["NLVLA", "NLRTM"]


def test_of_areas_of_one_size_the_first_code_wins() -> None:
    index = index_of(port("NLVLA", (51.9, 4.1)), port("BEANR", (51.9, 4.12)))
    assert ports_at(index, (51.9, 4.1), (51.9, 4.11), (51.9, 4.07)) == ["BEANR", "BEANR", "NLVLA"]


def test_anchorages_are_found_beside_ports_and_berths_are_not_matched() -> None:
    roads, berth = shapely.box(4.15, 51.0, 4.4, 51.1), shapely.box(4.01, 51.01, 4.02, 51.02)
    index = index_of(port("NLRTM", BASIN), port("BEANR", roads, "anchorage"), port("NLVLA", berth, "berth"))
    points = [(51.05, 4.1), (51.05, 4.17), (51.05, 4.3), (51.015, 4.015)]
    assert match(index, *points) == [("NLRTM", None), ("NLRTM", "BEANR"), (None, "BEANR"), ("NLRTM", None)]
    assert index.port_locodes == ("BEANR", "NLRTM", "NLVLA")


@pytest.mark.parametrize("latitude", [0.0, 51.9, 89.0, -89.9])
@pytest.mark.parametrize("longitude", [4.1, 180.0, -180.0])
def test_a_point_port_is_entered_within_3_km(latitude: float, longitude: float) -> None:
    index = index_of(port("NLRTM", (latitude, longitude)))
    step = -1.0 if latitude > 0 else 1.0
    at = [
        (latitude + step * km * KM, -longitude if abs(longitude) == 180.0 else longitude)
        for km in (2.99, 3.01)
    ]
    assert ports_at(index, *at) == ["NLRTM", None]


def test_an_area_over_the_antimeridian() -> None:
    index = index_of(port("FJSUV", shapely.box(179.9, -17.1, 180.1, -17.0)))
    points = [
        (-17.05, 179.95),
        (-17.05, -179.95),
        (-17.05, 180.0),
        (-17.05, -180.0),
        (-17.05, -179.9),
        (-17.05, 179.8),
    ]
    assert ports_at(index, *points) == ["FJSUV"] * 5 + [None]


def test_areas_at_the_poles() -> None:
    index = index_of(
        port("NLNNN", shapely.box(0.0, 88.99, 3.0, 89.01)),
        port("NLSSS", shapely.box(-180.0, -90.0, 180.0, -89.95)),
    )
    points = [(89.0, 1.5), (89.02, 1.5), (89.0, 3.1), (-90.0, 77.0), (-89.96, 180.0), (-89.94, 180.0)]
    assert ports_at(index, *points) == ["NLNNN", None, None, "NLSSS", "NLSSS", None]


def test_coordinates_out_of_range_are_nowhere() -> None:
    index = index_of(port("NLRTM", BASIN))
    assert ports_at(index, (math.nan, 4.1), (51.05, math.nan), (91.0, 4.1), (51.05, 364.1)) == [None] * 4


def test_no_points_and_no_areas() -> None:
    assert match(index_of(port())) == []
    assert match(index_of(), (51.9, 4.1)) == [(None, None)]


def test_the_validity_of_areas() -> None:
    index = index_of(
        port("NLRTM", BASIN, valid_to=date(2025, 1, 1)),
        port("BEANR", BASIN, valid_from=date(2025, 1, 1)),
        port("SGSIN", (1.2, 103.8)),
    )
    inside = (51.05, 4.1)
    assert ports_at(index.on(date(2024, 12, 31)), inside, (1.2, 103.8)) == ["NLRTM", "SGSIN"]
    assert ports_at(index.on(date(2025, 1, 1)), inside, (1.2, 103.8)) == ["BEANR", "SGSIN"]
    assert index.on(date(2025, 1, 1)).port_locodes == index.port_locodes
    assert index_of(port()).on(date(2025, 1, 1)).port_locodes == ("NLRTM",)


def test_a_port_without_a_valid_area_is_left_at_once() -> None:
    index = index_of(port("NLRTM", BASIN, valid_to=date(2025, 1, 1)))
    assert not is_beyond_margin(index.on(date(2024, 12, 31)).outlines, 0, 51.05, 4.1)
    assert is_beyond_margin(index.on(date(2025, 1, 1)).outlines, 0, 51.05, 4.1)


def test_nothing_is_copied_while_all_areas_are_valid() -> None:
    index = index_of(port(valid_from=date(2020, 1, 1)))
    assert index.on(date(2025, 1, 1)) is index


def test_the_index_travels_to_workers() -> None:
    index = pickle.loads(pickle.dumps(index_of(port("NLRTM", BASIN), port("BEANR"))))  # noqa: S301
    assert ports_at(index, (51.05, 4.1), (51.9, 4.1)) == ["NLRTM", "BEANR"]
    assert is_beyond_margin(index.outlines, 1, 51.2, 4.1)


@pytest.mark.parametrize("ports_more", [0, 1, 2, 1000, 10**9])
def test_a_port_that_only_a_carried_state_knows_is_left_wherever_the_ship_is(ports_more: int) -> None:
    """Its number follows those of the version's ports; nothing may be read behind the end of the arrays."""
    index = index_of(port("NLRTM", BASIN))
    assert is_beyond_margin(index.outlines, 1 + ports_more, 51.05, 4.1)


def test_cells_of_another_version_are_refused() -> None:
    cells = pa.table({"area_id": [7], "h3_res8": [615221609893986303], "is_inner": [True]})
    with pytest.raises(ValueError, match="another version"):
        PortIndex.build([port()], cells, SHIP_RULES)


@njit(cache=False)
def _count_beyond(outlines: Outlines, latitudes: NDArray[np.float64], longitude: float) -> int:
    count = 0
    for latitude in latitudes:
        count += is_beyond_margin(outlines, 0, latitude, longitude)
    return count


def test_outlines_are_used_inside_compiled_code() -> None:
    outlines = index_of(port("NLRTM", BASIN)).outlines
    assert _count_beyond(outlines, np.array([51.05, 51.1 + 0.5 * KM, 51.1 + 2 * KM]), 4.1) == 1


def is_left(shapes: Sequence[BaseGeometry | tuple[float, float]], latitude: float, longitude: float) -> bool:
    index = index_of(*(port("NLRTM", shape) for shape in shapes), port("NLVLA", (latitude, longitude)))
    return bool(is_beyond_margin(index.outlines, 0, latitude, longitude))


@pytest.mark.parametrize(("km", "expected"), [(2.99, False), (3.01, False), (3.99, False), (4.01, True)])
@pytest.mark.parametrize("longitude", [4.1, 180.0])
def test_a_point_port_is_left_beyond_4_km(km: float, expected: bool, longitude: float) -> None:
    east = -179.9999999999 if longitude == 180.0 else longitude
    assert is_left([(51.9, longitude)], 51.9 + km * KM, east) is expected


def east_of(latitude: float, longitude: float, km: float) -> float:
    """Longitude of the point at a latitude that lies some km from a meridian."""
    sine = math.sin(math.radians(km * KM)) / math.cos(math.radians(latitude))
    return (longitude + math.degrees(math.asin(sine)) + 180.0) % 360.0 - 180.0


AT_89 = shapely.box(10.0, 88.9, 20.0, 89.0)
SUVA = shapely.box(179.9, -17.1, 180.1, -17.0)


@pytest.mark.parametrize(("km", "expected"), [(0.0, False), (0.999, False), (1.001, True)])
@pytest.mark.parametrize(
    ("shape", "place"),
    [
        (BASIN, lambda km: (51.1 + km * KM, 4.1)),
        (BASIN, lambda km: (51.05, east_of(51.05, 4.2, km))),
        (BASIN, lambda km: (51.1 + km * KM * 0.6, east_of(51.1 + km * KM * 0.6, 4.2, km * 0.8))),
        (SUVA, lambda km: (-17.1 - km * KM, -179.95)),
        (SUVA, lambda km: (-17.05, east_of(-17.05, -179.9, km))),
        (AT_89, lambda km: (89.0 + km * KM, 15.0)),
        (AT_89, lambda km: (88.95, east_of(88.95, 20.0, km))),
        (AT_89, lambda km: (88.9 - km * KM, 10.0)),
    ],
    ids=[
        "north",
        "east",
        "corner",
        "antimeridian south",
        "antimeridian east",
        "89 N",
        "89 N east",
        "89 N south",
    ],
)
def test_a_polygon_is_left_beyond_the_margin(shape, place, km: float, expected: bool) -> None:  # type: ignore[no-untyped-def]
    assert is_left([shape], *place(km)) is expected


def test_a_port_is_left_only_when_all_its_areas_are() -> None:
    other = shapely.box(4.0, 51.1 + 2.0 * KM, 4.2, 51.2)
    between = (51.1 + 1.5 * KM, 4.1)
    assert is_left([BASIN], *between)
    assert not is_left([BASIN, other], *between)
    assert is_left([BASIN, other], 51.11, 4.3)


def test_inside_a_large_polygon_or_near_its_hole() -> None:
    holed = shapely.box(4.0, 51.0, 5.0, 52.0) - shapely.box(4.3, 51.3, 4.7, 51.7)
    assert not is_left([holed], 51.15, 4.15)
    assert is_left([holed], 51.5, 4.5)
    assert not is_left([holed], 51.3 + 0.9 * KM, 4.5)


# --- against a plain search through all areas ----------------------------------------------------


def plainly_holds(area: PortArea, latitude: float, longitude: float) -> bool:
    if area.geometry is None:
        apart = great_circle_km(latitude, longitude, area.centre_latitude, area.centre_longitude)
        return bool(apart <= SHIP_RULES.point_port_entry_km)
    turns = np.array([-360.0, 0.0, 360.0])
    return bool(shapely.intersects_xy(area.geometry, longitude + turns, np.full(3, latitude)).any())


def plainly_matched(areas: Sequence[PortArea], kind: str, latitude: float, longitude: float) -> str | None:
    held = [a for a in areas if a.area_kind == kind and plainly_holds(a, latitude, longitude)]
    return min(((a.area_km2, a.port_locode) for a in held), default=(0.0, None))[1]


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[PortArea], list[tuple[float, float]]]:
    """Some areas round one place, and points there: anywhere, on corners, on edges."""
    latitude = draw(st.one_of(st.floats(-89.9, 89.9), st.sampled_from([0.0, 60.0, 89.9, -89.9])))
    longitude = draw(st.one_of(st.floats(-180, 180), st.sampled_from([180.0, -180.0, 0.0])))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    stretch = KM / math.cos(math.radians(latitude))
    areas, points = [], []
    for number in range(draw(st.integers(1, 5))):
        code, kind = "XX" + "ABC"[rng.integers(3)] * 3, ("port", "port", "anchorage")[rng.integers(3)]
        middle = np.array([longitude, latitude]) + rng.uniform(-3, 3, 2) * (stretch, KM)
        if rng.uniform() < 0.3:
            wrapped = (middle[0] + 180.0) % 360.0 - 180.0
            areas.append(
                port(code, (float(np.clip(middle[1], -90, 90)), float(wrapped)), kind, number=number)
            )
            continue
        angles = np.sort(rng.uniform(0, 2 * math.pi, rng.integers(3, 12)))
        reach = rng.uniform(0.05, rng.choice([0.3, 6.0]), angles.size)
        ring: NDArray[np.float64] = middle + np.column_stack(
            [np.cos(angles) * reach * stretch, np.sin(angles) * reach * KM]
        )
        ring[:, 1] = np.clip(ring[:, 1], -90, 90)
        ring = np.round(ring, int(rng.integers(2, 12)))
        ring[:, 0] = (ring[:, 0] + 180.0) % 360.0 - 180.0
        shape = unwrapped(shapely.Polygon(ring))
        if shape.is_valid and shape.area > 0:
            areas.append(port(code, shape, kind, number=number))
            points += [(y, x) for x, y in np.vstack([ring, (ring + np.roll(ring, 1, axis=0)) / 2])]
    somewhere = np.array([latitude, longitude]) + rng.uniform(-9, 9, (300, 2)) * (KM, stretch)
    points += [tuple(point) for point in somewhere]
    points = [(min(90.0, max(-90.0, y)), (x + 180.0) % 360.0 - 180.0) for y, x in points]
    return areas, [(float(y), float(x)) for y, x in points]


@settings(max_examples=examples(60), deadline=None)
@given(worlds())
def test_matches_equal_a_plain_search(world: tuple[list[PortArea], list[tuple[float, float]]]) -> None:
    areas, points = world
    expected = [tuple(plainly_matched(areas, kind, *p) for kind in ("port", "anchorage")) for p in points]
    index = PortIndex.build(
        areas, cover_with_cells(areas, SHIP_RULES.port_cell_resolution, rules=SHIP_RULES), SHIP_RULES
    )
    assert match(index, *points) == expected


@settings(max_examples=examples(60), deadline=None)
@given(worlds())
def test_no_port_is_left_at_a_point_that_it_holds(
    world: tuple[list[PortArea], list[tuple[float, float]]],
) -> None:
    areas, points = world
    index = PortIndex.build(
        areas, cover_with_cells(areas, SHIP_RULES.port_cell_resolution, rules=SHIP_RULES), SHIP_RULES
    )
    numbers = index.match(*np.array(points).T)[0]
    for (latitude, longitude), number in zip(points, numbers, strict=True):
        assert number == NOBODY or not is_beyond_margin(index.outlines, number, latitude, longitude)
