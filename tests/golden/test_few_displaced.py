"""Two displaced vessels are a cluster with others that came to the place unseen and jump away (methodology 8)."""

from collections.abc import Sequence

import pytest

from ais_indicators.transforms.interference import find_false_positions, find_shapes
from tests.golden.test_displacements import DAY, HOUR, MINUTE, PORT, Fix, near, spoofed, still, stretches
from tests.golden.test_shown_vessels import runs_of
from tests.subject_rules import SHIP_RULES

VISITOR = 20


def displaced(places: Sequence[tuple[float, float]], apart: int = 0, km: float = 0.0) -> list[Fix]:
    """Vessels shown at places from 6 h on, each so much later than the one before, from farther away by `km`."""
    fixes = []
    for mmsi, place in enumerate(places, start=1):
        begin, home = 6 * HOUR + (mmsi - 1) * apart, near(PORT, -222.0 - km, float(mmsi))
        fixes += still(home, -DAY, begin, mmsi)
        fixes += still(place, begin, 12 * HOUR, mmsi)
        fixes += still(home, 12 * HOUR, DAY, mmsi)
    return fixes


def visitor(mmsi: int = VISITOR, minutes: int = 300, km: float = 200.0, returns: bool = True) -> list[Fix]:
    """A vessel that is at the port after a silence of 19 hours, and then elsewhere at once, or after a silence."""
    away = near(PORT, km)
    until = 7 * HOUR + minutes * MINUTE
    after = until if returns else until + 20 * HOUR
    there = still(PORT, 7 * HOUR, until + 1, mmsi)
    return [*still(away, -DAY, -12 * HOUR, mmsi), *there, *still(away, after + 300, after + 8 * HOUR, mmsi)]


def false_vessels(fixes: Sequence[Fix]) -> set[int]:
    of_all, runs = stretches(fixes), runs_of(fixes)
    shapes = (
        find_shapes(of_all, find_false_positions(of_all, rules=SHIP_RULES), SHIP_RULES)
        if of_all.height
        else []
    )
    found = find_false_positions(of_all, {shapes[0].week: sorted(runs)} if runs else {}, rules=SHIP_RULES)
    stretched = {mmsi for (_, mmsi, _), kind in found.stretches.items() if kind > 0}
    return stretched | {run.mmsi for of_week in found.runs.values() for run in of_week}


POINT_OF_TWO, AREA_OF_TWO = [PORT, PORT], [PORT, near(PORT, 0.0, 0.5)]


@pytest.mark.parametrize(
    ("places", "visitors", "false"),
    [
        (POINT_OF_TWO, 0, set()),
        (POINT_OF_TWO, 1, {1, 2, VISITOR}),
        (AREA_OF_TWO, 1, set()),
        (AREA_OF_TWO, 2, set()),
        (AREA_OF_TWO, 3, {1, 2, VISITOR, VISITOR + 1, VISITOR + 2}),
        ([PORT], 2, set()),
    ],
    ids=["two alone", "two at a point", "three in an area", "four", "five", "one"],
)
def test_vessels_that_came_unseen_and_jump_away_count(
    places: list[tuple[float, float]], visitors: int, false: set[int]
) -> None:
    others = [fix for n in range(visitors) for fix in visitor(VISITOR + n)]
    assert false_vessels([*displaced(places), *others]) == false


@pytest.mark.parametrize(
    ("minutes", "returns", "is_found"),
    [(30, True, True), (25, True, False), (300, False, False)],
    ids=["half an hour", "for less", "nobody sees it leave"],
)
def test_other_vessel_was_there_for_half_an_hour_and_jumps(
    minutes: int, returns: bool, is_found: bool
) -> None:
    fixes = [*displaced(POINT_OF_TWO), *visitor(minutes=minutes, returns=returns)]
    assert (VISITOR in false_vessels(fixes)) is is_found


@pytest.mark.parametrize(
    ("apart", "km", "visitor_km", "is_found"),
    [
        (25 * MINUTE, 300.0, 600.0, True),
        (35 * MINUTE, 300.0, 600.0, False),
        (25 * MINUTE, 270.0, 600.0, False),
        (25 * MINUTE, 300.0, 490.0, False),
    ],
    ids=["at once", "one after the other", "displaced from nearer", "visitor from nearer"],
)
def test_two_displaced_at_once_from_far_away_are_a_cluster_with_another(
    apart: int, km: float, visitor_km: float, is_found: bool
) -> None:
    fixes = [*displaced(AREA_OF_TWO, apart, km), *visitor(km=visitor_km)]
    assert false_vessels(fixes) == ({1, 2, VISITOR} if is_found else set())


def test_vessels_displaced_from_far_away_one_after_the_other_are_none() -> None:
    places = [near(PORT, 0.0, 0.5 * n) for n in range(3)]
    assert false_vessels(displaced(places, 35 * MINUTE, 300.0)) == set()
    assert false_vessels([fix for n in (1, 2) for fix in spoofed(n, places[n])]) == set()
