"""Transits that nobody heard, case by case: what a silence hides, and what the fold of production makes of it.

The strait lies along the equator as in `test_transits`: side A from 0.2 W to 0, the gate from 0 to 0.2 E, side B from
0.2 to 0.4 E. A sea lane runs through it. With the gate shut, ships go round the land: `AROUND_KM` from side to side.
A degree is 111.195 km.
"""

from typing import Any

import numpy as np
import pytest

from ais_indicators.geo.gate_index import GateIndex
from ais_indicators.geo.port_index import PortIndex
from ais_indicators.geo.strait_ways import COLUMNS, ROWS, StraitWays
from ais_indicators.periods import Week
from tests.fold_harness import ProductReading
from tests.golden.test_transits import GATE, HOUR, A, B, Steps, facts
from tests.second_reading import Fix

MONDAY = Week.parse("2026-W47").start_second
KM_PER_DEGREE = 111.195
AROUND_KM = 400.0
WEST, EAST, DEEP = -1.0, 1.0, 0.15
KNOTS = 12.0
REACH = KNOTS * 1.25 * 1.852
"""Kilometres that a ship of 12 kn sails at most in an hour of silence: 27.78."""

THROUGH_KM = (0.8 + 0.6) * KM_PER_DEGREE
"""From WEST to side A and from side B to EAST: 155.7 km, which take 5.60 h."""


def lane(around_km: float = AROUND_KM, gate_from: float = 0.01) -> StraitWays:
    """Marks every tenth of a degree on the equator from 5 W to 5 E; those from `gate_from` to 0.2 E are in the gate."""
    longitude = np.round(np.arange(-5.0, 5.05, 0.1) + 1e-9, 1)
    to_a = np.maximum(np.maximum(-0.2 - longitude, longitude), 0.0) * KM_PER_DEGREE
    to_b = np.maximum(np.maximum(0.2 - longitude, longitude - 0.4), 0.0) * KM_PER_DEGREE
    west, inside = longitude <= 0.0, (longitude >= gate_from) & (longitude < 0.2)
    ways = np.array([np.where(west, to_a, to_b + around_km), np.where(west, to_a + around_km, to_b)])
    ways[:, inside] = np.nan
    square = (ROWS // 2) * COLUMNS + np.floor(longitude + 180).astype(int)
    first = np.searchsorted(square, np.arange(ROWS * COLUMNS + 1)).astype(np.int32)
    return StraitWays(first, np.zeros(longitude.size), longitude, ways[None].astype(np.float32))


def read(
    index: PortIndex,
    gates: GateIndex,
    steps: Steps,
    knots: float = KNOTS,
    ways: StraitWays | None = None,
) -> list[dict[str, Any]]:
    """Transits of one ship: hours since Monday and longitudes on the equator."""
    fixes = [Fix(366000001, MONDAY + round(hour * HOUR), 0.0, float(place), knots) for hour, place in steps]
    return ProductReading(fixes, index, gates, ways=ways or lane()).transits.to_dicts()


def described(row: dict[str, Any]) -> tuple[Any, ...]:
    """`facts` with an i for an inferred transit."""
    side, entered, left, said, gap = facts(row)
    return side, pytest.approx(entered), left, said + "i" * row["is_inferred"], gap


LEAD = [(-1.0, -1.2), (-0.5, -1.1)]
"""Two fixes on the way to WEST, so that the track is no stub."""

SLOW_LEAD = [(-6.0, -1.2), (-5.0, -1.1)]
"""Two on the way to A."""

CASES: dict[str, tuple[Steps, list[tuple[Any, ...]]]] = {
    "over the strait in a silence": ([*LEAD, (0, WEST), (8, EAST)], [("a", 0, 8, "cji", 8)]),
    "and back": (
        [(-1, 1.2), (-0.5, 1.1), (0, EAST), (8, WEST)], [("b", 0, 8, "cji", 8)]),
    "no other way is short enough": ([*LEAD, (0, WEST), (14.3, EAST)], [("a", 0, 14.3, "cji", 14.3)]),
    "another way was short enough": ([*LEAD, (0, WEST), (20.1, EAST)], []),
    "too fast for the strait as well": ([*LEAD, (0, WEST), (5.5, EAST)], []),
    "just fast enough": ([*LEAD, (0, WEST), (5.7, EAST)], [("a", 0, 5.7, "cji", 5.7)]),
    "away and back on one side": ([*LEAD, (0, WEST), (8, -1.5)], []),
    "lost in it, heard behind it": (
        [(0, A), (1, GATE), (2, DEEP), (10, EAST)], [("a", 1, 10, "ci", 8)]),
    "lost in it, heard before it": ([(0, A), (1, GATE), (2, DEEP), (10, WEST)], []),
    "first heard in it, seen behind it": (
        [*LEAD, (0, WEST), (8, GATE), (9, B)], [("a", 8, 9, "ci", 8)]),
    "first heard in it, seen before it": ([*LEAD, (0, WEST), (8, GATE), (9, A)], []),
    "heard in it alone": (
        [*LEAD, (0, WEST), (8, GATE), (16, EAST)], [("a", 8, 16, "ci", 16)]),
    "seen on one side alone": ([*SLOW_LEAD, (0, A), (8, EAST)], [("a", 0, 8, "cji", 8)]),
    "seen on both sides is no inference": ([*SLOW_LEAD, (0, A), (3, B)], [("a", 0, 3, "ccj", 0)]),
    "47 h later it does not count": (
        [*LEAD, (0, WEST), (8, EAST), (46.9, EAST), (54, WEST)],
        [("a", 0, 8, "cji", 8), ("b", 46.9, 54, "ji", 7.1)]),
    "48 h later it counts": (
        [*LEAD, (0, WEST), (8, EAST), (48, EAST), (56, WEST)],
        [("a", 0, 8, "cji", 8), ("b", 48, 56, "cji", 8)]),
    "two fixes are a stub": ([(0, WEST), (8, EAST)], []),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_a_silence_hides(index: PortIndex, gates: GateIndex, case: str) -> None:
    steps, expected = CASES[case]
    assert [described(row) for row in read(index, gates, steps)] == [
        (side, begin, end, said, pytest.approx(gap)) for side, begin, end, said, gap in expected
    ]


def test_an_inferred_transit_is_not_complete_and_has_no_hours(index: PortIndex, gates: GateIndex) -> None:
    [row] = read(index, gates, [*LEAD, (0, WEST), (8, EAST)])
    assert (row["is_complete"], row["is_counted"], row["transit_hours"]) == (False, True, None)


@pytest.mark.parametrize(
    ("knots", "hours", "expected"),
    [
        pytest.param(5.0, 8, 0, id="5 kn at both ends: 6.25 kn do not reach the strait"),
        pytest.param(4.9, 8, 1, id="slower is not under way: 25 kn are taken"),
        pytest.param(30.0, 5, 1, id="25 kn are the most: 231 km"),
        pytest.param(30.0, 3.3, 0, id="25 kn are the most: 153 km"),
    ],
)
def test_the_speed_that_is_taken(
    index: PortIndex,
    gates: GateIndex,
    knots: float,
    hours: float,
    expected: int,
) -> None:
    assert len(read(index, gates, [*LEAD, (0, WEST), (hours, EAST)], knots)) == expected


@pytest.mark.parametrize(("seconds", "expected"), [(1799, 0), (1800, 1)])
def test_silences_of_half_an_hour_are_looked_at(
    index: PortIndex,
    gates: GateIndex,
    seconds: int,
    expected: int,
) -> None:
    end = 1 + seconds / HOUR
    rows = read(index, gates, [(0, A), (1, DEEP), (end, 0.45), (end + 0.1, 0.5)])
    assert [row["is_inferred"] for row in rows] == [True] * expected


@pytest.mark.parametrize(("degrees_north", "expected"), [(0.89, 1), (0.91, 0)])
def test_a_fix_over_100_km_from_every_lane_reports_nothing(
    index: PortIndex,
    gates: GateIndex,
    degrees_north: float,
    expected: int,
) -> None:
    fixes = [Fix(366000001, MONDAY + round(h * HOUR), 0.0, x, KNOTS) for h, x in [*LEAD, (0, WEST)]]
    fixes.append(Fix(366000001, MONDAY + 12 * HOUR, degrees_north, EAST, KNOTS))
    assert ProductReading(fixes, index, gates, ways=lane(900.0)).transits.height == expected


def test_without_a_lane_nothing_is_inferred(index: PortIndex, gates: GateIndex) -> None:
    assert read(index, gates, [*LEAD, (0, WEST), (8, EAST)], ways=StraitWays.empty()) == []


def test_beside_the_gate_the_nearest_mark_outside_it_counts(index: PortIndex, gates: GateIndex) -> None:
    steps: Steps = [*SLOW_LEAD, (0, -0.04), (8, EAST)]
    [row] = read(index, gates, steps, ways=lane(gate_from=0.0))
    assert (row["is_inferred"], row["direction"]) == (True, "side_a_to_side_b")
