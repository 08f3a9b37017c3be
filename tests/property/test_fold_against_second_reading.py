"""The compiled fold and the second reading agree on random ships, in any order and batches of the rows."""

import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ais_indicators.periods import Week
from tests.examples import examples
from tests.fold_harness import ProductReading, port_index
from tests.second_reading import Area, Fix, Reading, read

MONDAY = Week.parse("2020-W01").start_second
HARBOUR = Area("XXAAA", "port", (((0.0, 0.0), (0.2, 0.0), (0.2, 0.1), (0.0, 0.1)),))
DOCK_INSIDE = Area("XXBBB", "port", (((0.05, 0.03), (0.1, 0.03), (0.1, 0.07), (0.05, 0.07)),))
ROADS = Area("XXAAA", "anchorage", (((0.22, 0.0), (0.3, 0.0), (0.3, 0.1), (0.22, 0.1)),))
POINT = Area("XXCCC", "port", centre=(0.05, 0.4))
ACROSS = Area("XXDDD", "port", (((179.9, 0.0), (180.1, 0.0), (180.1, 0.1), (179.9, 0.1)),))
AREAS = (HARBOUR, DOCK_INSIDE, ROADS, POINT, ACROSS)

# Steps that bring ships in and out of areas, stop them, silence them, and send them far away at once.
# 0.00108 degrees are 0.12 km and 0.0045 degrees 0.5 km: the radii of rest in port and at anchor.
steps = st.tuples(
    st.sampled_from(
        [
            0,
            1,
            30,
            299,
            300,
            599,
            600,
            900,
            1799,
            1800,
            1801,
            3599,
            3600,
            5000,
            14399,
            14400,
            40000,
            14 * 86400 + 1,
        ]
    ),
    st.sampled_from(
        [0.0, 0.0, 0.0, 0.0001, 0.001, -0.001, 0.0012, 0.005, 0.02, -0.02, 0.06, -0.06, 0.1, -0.1]
    ),
    st.sampled_from([0.0, 0.0, 0.0, 0.0001, -0.0008, 0.0011, 0.0045, 0.01, -0.01, 0.03, -0.03]),
    st.sampled_from([None, 0.0, 0.0, 0.1, 0.2, 0.3, 0.5, 0.6, 2.0, 2.1, 12.0]),
    st.sampled_from([0, 0, 0, 0, 0, 0, 1]),
    st.sampled_from([None, None, 0, 1, 5]),
)
starts = st.tuples(st.sampled_from([0.01, 0.07, 0.25, 0.4, 179.95]), st.sampled_from([0.05, 0.02]))


def make_fixes(
    mmsi: int, start: tuple[float, float], path: list[tuple[int, float, float, float | None, int, int | None]]
) -> list[Fix]:
    """Fixes of one MMSI: steps of seconds, degrees, SOG, whether one fix comes from far away, and status."""
    second, longitude, latitude = MONDAY, start[0], start[1]
    fixes = []
    for wait, east, north, sog_knots, is_wild, status in path:
        second += wait
        longitude, latitude = longitude + east, latitude + north
        away = 5.0 * is_wild
        wrapped = (longitude + 180.0) % 360.0 - 180.0
        place = round(latitude + away, 5), round(wrapped, 5)
        fixes.append(Fix(mmsi, second, *place, sog_knots, navigational_status=status))
    return [fix for fix in fixes if (fix.latitude, fix.longitude) != (0, 0)]  # taken out before the fold


def of_product(reading: ProductReading) -> list[tuple[Any, ...]]:
    """The events in the second reading's terms."""
    return sorted(
        (
            e["mmsi"],
            e["first_seen_at_utc"],
            e["port_locode"],
            e["event_type"],
            e["arrived_at_utc"] or 0,
            e["departed_at_utc"] or 0,
            e["last_seen_at_utc"],
            round(e["stop_hours"], 6),
            round(e["gap_hours"], 6),
            e["confidence"],
            round(e["waiting_hours"], 6),
            e["entry_after_gap"],
            e["exit_after_gap"],
            e["call_status"] == "open",
            e["arrival_is_estimated"],
            e["departure_is_estimated"],
            _rounded(e["arrival_half_width_hours"]),
            _rounded(e["departure_half_width_hours"]),
        )
        for e in reading.events
    )


def of_second_reading(reading: Reading) -> list[tuple[Any, ...]]:
    """The same for the events of the reference implementation."""
    return sorted(
        (
            e.mmsi,
            e.first_seen,
            e.port_locode,
            e.event_type,
            e.arrived_at or 0,
            e.departed_at or 0,
            e.last_seen,
            round(e.stop_hours, 6),
            round(e.gap_hours, 6),
            e.confidence,
            round(e.waiting_hours, 6),
            e.entry_after_gap,
            e.exit_after_gap,
            e.is_open,
            e.arrival_is_estimated,
            e.departure_is_estimated,
            _rounded(e.arrival_half_width_hours),
            _rounded(e.departure_half_width_hours),
        )
        for e in reading.events
    )


def _rounded(hours: float | None) -> float:
    """Rounds hours; -1 where they are null, so that rows can be sorted."""
    return -1.0 if hours is None else round(hours, 6)


@pytest.fixture(scope="module")
def index() -> Any:
    return port_index(AREAS)


@settings(max_examples=examples(300), deadline=None, suppress_health_check=list(HealthCheck))
@given(
    ships=st.lists(st.tuples(starts, st.lists(steps, min_size=1, max_size=40)), min_size=1, max_size=3),
    seed=st.integers(0, 999),
    repack=st.booleans(),
    ferry=st.booleans(),
)
def test_agrees_with_second_reading(index: Any, ships: Any, seed: int, repack: bool, ferry: bool) -> None:
    fixes = [f for n, (start, path) in enumerate(ships) for f in make_fixes(366000001 + n % 2, start, path)]
    end = Week.of_second(max(f.second for f in fixes)).end_second
    random.Random(seed).shuffle(fixes)
    classes = {366000001: "passenger"} if ferry else {}
    product = ProductReading(fixes, index, repack_state=repack, classes=classes)
    assess = read(fixes, AREAS, end, short_stop_mmsis=frozenset(classes))
    assert of_product(product) == of_second_reading(assess)
    assert product.rejected == {k: v for k, v in assess.rejected.items() if v}
    assert (product.tracks, product.stubs) == (len(assess.tracks), sum(t.fixes < 3 for t in assess.tracks))
