"""Which area of which gate holds a point: the table of squares and the exact test against shapely."""

from datetime import date

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import box

from ais_indicators.geo.gate_files import GateArea, read_gate_file
from ais_indicators.geo.gate_index import KINDS, NO_AREA, GateIndex
from ais_indicators.geo.gates import AREA_KINDS
from ais_indicators.geo.outlines import polygon_km2
from tests.subject_rules import SHIP_RULES

DAY = date(2026, 1, 1)


def area(
    code: str,
    kind: str,
    west: float,
    east: float,
    height: float = 1.0,
    start: date | None = None,
    end: date | None = None,
) -> GateArea:
    polygon = box(west, 0, east, height)
    return GateArea(0, code, code, kind, None, polygon, polygon_km2(polygon), start, end)


def match(
    areas: list[GateArea], *points: tuple[float, float], day: date = DAY
) -> list[tuple[str, str] | None]:
    """Gate and kind of points given as longitude and latitude."""
    index = GateIndex(tuple(areas))
    x, y = np.array(points, float).T.copy()
    return [
        None if code == NO_AREA else (index.gate_codes[code // KINDS], AREA_KINDS[code % KINDS])
        for code in index.match(day, y, x, SHIP_RULES).tolist()
    ]


def test_an_edge_belongs_to_the_gate_before_its_sides() -> None:
    areas = [area("x", "side_a", -1, 0), area("x", "gate", 0, 1), area("x", "side_b", 1, 2)]
    places = [(-0.5, 0.5), (0.0, 0.5), (0.5, 0.5), (1.0, 0.0), (1.5, 0.5), (2.0, 1.0), (2.1, 0.5)]
    kinds = [None if found is None else found[1] for found in match(areas, *places)]
    assert kinds == ["side_a", "gate", "gate", "gate", "side_b", "side_b", None]


def test_of_two_gates_the_smaller_one_wins_with_all_its_areas() -> None:
    wide = [area("wide", "gate", 0, 3), area("wide", "side_a", -1, 0), area("wide", "side_b", 3, 4)]
    small = [area("small", "gate", 2, 2.5), area("small", "side_a", 1, 2), area("small", "side_b", 2.5, 3.5)]
    assert match([*wide, *small], (1.5, 0.5), (0.5, 0.5), (3.2, 0.5)) == [
        ("small", "side_a"),
        ("wide", "gate"),
        ("small", "side_b"),
    ]


def test_an_area_counts_on_its_days_and_gates_keep_their_numbers() -> None:
    old = area("b", "gate", 0, 1, end=date(2026, 1, 2))
    new = area("b", "gate", 1, 2, start=date(2026, 1, 2))
    other = area("a", "gate", 5, 6, start=date(2026, 1, 2))
    assert match([old, new, other], (0.5, 0.5), (1.5, 0.5)) == [("b", "gate"), None]
    assert match([old, new, other], (0.5, 0.5), (1.5, 0.5), day=date(2026, 1, 2)) == [None, ("b", "gate")]


def test_a_gate_may_lie_over_the_antimeridian() -> None:
    assert match([area("x", "gate", 179, 181)], (179.5, 0.5), (-179.5, 0.5), (180.0, 0.5), (-178.9, 0.5)) == [
        ("x", "gate"),
        ("x", "gate"),
        ("x", "gate"),
        None,
    ]


def test_points_out_of_range_lie_nowhere() -> None:
    areas = [area("x", "gate", -180, 180, height=90)]
    assert match(areas, (0.0, 91.0), (181.0, 1.0), (float("nan"), 1.0)) == [None, None, None]


def test_the_packaged_gates_are_matched_as_shapely_does() -> None:
    """A hundred points about each gate, and some on every corner."""
    areas = read_gate_file(None).areas
    random = np.random.default_rng(7)
    places: list[NDArray[np.float64]] = []
    for one in areas:
        west, south, east, north = one.geometry.buffer(0.3).bounds
        places.append(random.uniform((west, south), (east, north), (100, 2)))
        places.append(shapely.get_coordinates(one.geometry))
    x, y = np.concatenate(places).T.copy()
    index = GateIndex(areas)
    expected = np.full(x.size, NO_AREA)
    for one in sorted(areas, key=lambda a: AREA_KINDS.index(a.area_kind), reverse=True):
        inside = shapely.intersects_xy(one.geometry, x, y)
        expected[inside] = KINDS * index.gate_codes.index(one.gate_code) + AREA_KINDS.index(one.area_kind)
    assert index.match(DAY, y, x, SHIP_RULES).tolist() == expected.tolist()
