"""Transits of a strait, case by case: what a ship does at a gate, and what the fold of production makes of it.

The strait lies along the equator: side A from 0.2 W to 0, the gate from 0 to 0.2 E, side B from 0.2 to 0.4 E.
"""

from typing import Any

import pytest

from ais_indicators.geo.gate_index import GateIndex
from ais_indicators.geo.port_index import PortIndex
from ais_indicators.periods import Week
from tests.fold_harness import ProductReading
from tests.second_reading import Fix

MONDAY = Week.parse("2026-W47").start_second
HOUR = 3600
FAR_WEST, A, GATE, DEEP, B, FAR_EAST = -1.0, -0.1, 0.05, 0.15, 0.3, 1.2
ASHORE = "ashore"
"""Next to the gate, outside its three areas."""

Place = float | str
Steps = list[tuple[float, Place]]


def read(index: PortIndex, gates: GateIndex, steps: Steps, knots: float = 12.0) -> ProductReading:
    """Reads one ship: hours since Monday, and a longitude on the axis or a place next to it."""
    fixes = [
        Fix(366000001, MONDAY + round(hour * HOUR), 0.3 if place == ASHORE else 0.0,
            0.1 if place == ASHORE else float(place), knots)
        for hour, place in steps
    ]  # fmt: skip
    return ProductReading(fixes, index, gates)


def facts(row: dict[str, Any]) -> tuple[Any, ...]:
    """Direction, hour of entry and of leaving, and what is said of it."""
    hours = [
        None if row[name] is None else (row[name].timestamp() - MONDAY) / HOUR
        for name in ("entered_at_utc", "left_at_utc")
    ]
    names = ("is_complete", "is_counted", "is_jumped")
    return (row["direction"][5], *hours, "".join(n[3] for n in names if row[n]), row["gap_hours"])


CASES: dict[str, tuple[Steps, list[tuple[Any, ...]]]] = {
    "from A to B": ([(0, A), (1, GATE), (2, B)], [("a", 1, 2, "cc", 0)]),
    "from B to A": ([(0, B), (1, GATE), (2, A)], [("b", 1, 2, "cc", 0)]),
    "dated by the first fix inside": ([(0, A), (1, GATE), (2, DEEP), (3, B)], [("a", 1, 3, "cc", 0)]),
    "three days inside are one": (
        [(0, A), *((h, GATE) for h in range(1, 73)), (73, B)], [("a", 1, 73, "cc", 0)]),
    "in and back is none": ([(0, A), (1, GATE), (2, A), (3, FAR_WEST)], []),
    "in, back and through": ([(0, A), (1, GATE), (2, A), (3, GATE), (4, B)], [("a", 3, 4, "cc", 0)]),
    "a side alone is none": ([(0, FAR_WEST), (4, A), (8, FAR_WEST)], []),
    "back after 47 h does not count": (
        [(0, A), (1, GATE), (2, B), (47, B), (48.99, GATE), (50, A)],
        [("a", 1, 2, "cc", 0), ("b", 48.99, 50, "c", 0)]),
    "back after 48 h counts": (
        [(0, A), (1, GATE), (2, B), (47, B), (49, GATE), (50, A)],
        [("a", 1, 2, "cc", 0), ("b", 49, 50, "cc", 0)]),
    "a silence inside is reported": ([(0, A), (1, GATE), (6, DEEP), (7, B)], [("a", 1, 7, "cc", 5)]),
    "over the gate between two fixes": ([(0, FAR_WEST), (4, A), (6, B)], [("a", 4, 6, "ccj", 0)]),
    "over the gate in 24 h": ([(0, FAR_WEST), (4, A), (28, B)], [("a", 4, 28, "ccj", 24)]),
    "not over the gate in more": ([(0, FAR_WEST), (4, A), (28.001, B)], []),
    "round the gate is none": ([(0, FAR_WEST), (4, A), (5, ASHORE), (6, B)], []),
    "an hour ashore leaves it open": (
        [(0, A), (1, GATE), (2, ASHORE), (3, GATE), (4, B)], [("a", 1, 4, "cc", 0)]),
    "more than an hour ends it": ([(0, A), (1, GATE), (2, ASHORE), (3.001, GATE), (4, B)], []),
    "entry not seen": ([(0, GATE), (1, DEEP), (2, B)], [("a", 0, 2, "", 0)]),
    "from the shore is none": ([(0, ASHORE), (1, GATE), (2, B)], []),
    "lost in it": ([(0, A), (1, GATE), (2, DEEP), (20, FAR_EAST), (22, FAR_EAST)], [("a", 1, None, "", 0)]),
    "seen to leave it by the shore": ([(0, A), (1, GATE), (2, ASHORE), (4, FAR_EAST)], []),
    "inside still": ([(0, A), (1, GATE), (2, DEEP)], [("a", 1, None, "", 0)]),
    "two fixes are a stub": ([(0, A), (1, GATE)], []),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_ship_at_the_strait(index: PortIndex, gates: GateIndex, case: str) -> None:
    steps, expected = CASES[case]
    rows = read(index, gates, steps).transits.to_dicts()
    assert [facts(row) for row in rows] == [
        (side, pytest.approx(begin), end if end is None else pytest.approx(end), said, pytest.approx(gap))
        for side, begin, end, said, gap in expected
    ]


def test_a_transit_over_the_week_s_end_is_of_the_week_of_entry(index: PortIndex, gates: GateIndex) -> None:
    rows = read(index, gates, [(166, A), (167, GATE), (168, DEEP), (169, B)]).transits.to_dicts()
    assert [(row["arrival_week"], row["transit_hours"]) for row in rows] == [("2026-W47", 2.0)]


@pytest.mark.parametrize(
    ("steps", "knots", "expected"),
    [
        pytest.param([(160, A), (161, GATE), (167, GATE)], 12.0, [(True, False)], id="inside, under way"),
        pytest.param([(160, A), (161, A), (167, A)], 0.0, [(False, True)], id="still on a side"),
        pytest.param([(160, A), (161, GATE), (167, GATE)], 0.0, [(True, True)], id="still inside"),
        pytest.param([(160, A), (161, A), (167, A)], 12.0, [], id="under way on a side"),
        pytest.param([(140, A), (141, A), (143.9, A)], 0.0, [], id="last fix a day old"),
        pytest.param([(160, A), (161, A), (167, FAR_WEST)], 0.0, [], id="gone"),
    ],
)
def test_ships_at_the_strait_when_the_week_ends(
    index: PortIndex, gates: GateIndex, steps: Steps, knots: float, expected: list[tuple[bool, bool]]
) -> None:
    found = [row for frame in read(index, gates, steps, knots).waiting for row in frame.to_dicts()]
    assert [(row["is_inside"], row["is_still"]) for row in found] == expected
