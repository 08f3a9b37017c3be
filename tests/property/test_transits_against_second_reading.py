"""The compiled transits and the second reading agree on random ships, in any order and batches of the rows."""

import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely import box

from ais_indicators.geo.gate_files import GateArea
from ais_indicators.geo.gate_index import GateIndex
from ais_indicators.geo.outlines import polygon_km2
from ais_indicators.geo.port_index import PortIndex
from ais_indicators.periods import Week
from tests.examples import examples
from tests.fold_harness import ProductReading, port_index
from tests.second_reading import Area, Fix
from tests.second_reading_transits import Passage, Strait, read_transits

MONDAY = Week.parse("2020-W01").start_second
STRAITS = (
    Strait("narrows", box(0.0, 0.0, 0.2, 0.1), box(-0.2, -0.02, 0.0, 0.12), box(0.2, -0.02, 0.4, 0.12)),
    Strait("sound", box(0.3, 0.0, 0.45, 0.1), box(0.45, 0.0, 0.6, 0.1), box(0.1, 0.05, 0.3, 0.15)),
)
"""Two gates of which one lies in part over the other."""

DAY = 86400
steps = st.tuples(
    st.sampled_from(
        [1, 60, 600, 1800, 3599, 3600, 3601, 14399, 14400, 40000, DAY, DAY + 1, 2 * DAY, 14 * DAY + 1]
    ),
    st.sampled_from([0.0, 0.001, 0.02, 0.05, 0.05, 0.1, -0.05, -0.1, 0.25, -0.25]),
    st.sampled_from([0.0, 0.0, 0.0, 0.01, -0.01, 0.07, -0.07]),
    st.sampled_from([0, 0, 0, 0, 0, 0, 0, 1]),
)
starts = st.tuples(st.sampled_from([-0.1, 0.0, 0.1, 0.3, 0.5, 0.7]), st.sampled_from([0.05, 0.1, 0.2]))


@pytest.fixture(scope="module")
def gates() -> GateIndex:
    shapes = [(s.code, kind, getattr(s, kind)) for s in STRAITS for kind in ("gate", "side_a", "side_b")]
    return GateIndex(
        tuple(
            GateArea(n, code, code, kind, None, polygon, polygon_km2(polygon))
            for n, (code, kind, polygon) in enumerate(shapes)
        )
    )


@pytest.fixture(scope="module")
def no_ports() -> PortIndex:
    return port_index([Area("XXAAA", "port", (((9.0, 9.0), (9.1, 9.0), (9.1, 9.1), (9.0, 9.1)),))])


def make_fixes(mmsi: int, start: tuple[float, float], path: list[tuple[int, float, float, int]]) -> list[Fix]:
    """Fixes of one MMSI: steps of seconds and degrees; the last of a step sends one fix from far away."""
    second, longitude, latitude = MONDAY, *start
    fixes = []
    for wait, east, north, is_wild in path:
        second += wait
        longitude, latitude = longitude + east, latitude + north
        fixes.append(Fix(mmsi, second, round(latitude + 5.0 * is_wild, 5), round(longitude, 5), 10.0))
    return fixes


def of_product(reading: ProductReading) -> list[Passage]:
    """The transits in the second reading's terms."""
    rows = reading.transits.to_dicts()
    passages = [
        Passage(
            row["mmsi"],
            row["gate_code"],
            row["direction"],
            int(row["entered_at_utc"].timestamp()),
            int(row["left_at_utc"].timestamp()) if row["left_at_utc"] else None,
            row["gap_hours"],
            row["is_complete"],
            row["is_jumped"],
            row["is_counted"],
        )
        for row in rows
    ]
    return sorted(passages, key=lambda p: (p.mmsi, p.entered, p.gate_code, p.direction))


@settings(max_examples=examples(60), deadline=None, suppress_health_check=list(HealthCheck))
@given(
    ships=st.lists(st.tuples(starts, st.lists(steps, min_size=1, max_size=40)), min_size=1, max_size=3),
    seed=st.integers(0, 999),
    repack=st.booleans(),
)
def test_agrees_with_second_reading(
    gates: GateIndex, no_ports: PortIndex, ships: Any, seed: int, repack: bool
) -> None:
    fixes = [f for n, (start, path) in enumerate(ships) for f in make_fixes(366000001 + n % 2, start, path)]
    end = Week.of_second(max(f.second for f in fixes)).end_second
    random.Random(seed).shuffle(fixes)
    product = ProductReading(fixes, no_ports, gates, repack_state=repack)
    assert of_product(product) == read_transits(fixes, STRAITS, end)
