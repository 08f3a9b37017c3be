"""Vessels shown where they could have been are found by a known shape; those that are there are kept (method 2, 9)."""

import math
import random
from collections.abc import Iterable, Mapping

import numpy as np
import polars as pl
import pytest

from ais_indicators.transforms.interference import FalsePositions, find_false_positions, find_shapes
from ais_indicators.transforms.shapes import AREA, CIRCLE, KINDS, POINT, outline_of
from ais_indicators.transforms.shown_vessels import FalseRun, VesselWeek, shown_runs
from tests.golden.test_displacements import (
    DAY,
    HOUR,
    KM,
    MINUTE,
    PORT,
    SEA,
    START,
    Fix,
    false_vessels,
    fleet,
    fold,
    near,
    on_circle,
    sailing,
    spoofed,
    still,
    stretches,
)
from tests.subject_rules import SHIP_RULES

NEAR = 20
"""MMSI of the vessel that is looked at."""

BEGIN, END = 6 * HOUR, 12 * HOUR
"""When the fleet is shown at `PORT`."""


def runs_of(
    fixes: Iterable[Fix], sog_knots: float = math.nan, others: Mapping[Fix, float] | None = None
) -> list[FalseRun]:
    """The runs of all vessels on the shapes of the first week, each fix with the same reported speed but for others."""
    rows = sorted(fixes)
    of_fleet = stretches(rows)
    shapes = find_shapes(of_fleet, find_false_positions(of_fleet, rules=SHIP_RULES), SHIP_RULES)
    found = []
    for mmsi in sorted({fix.mmsi for fix in rows}):
        own = [fix for fix in rows if fix.mmsi == mmsi]
        second = np.array([fix.second for fix in own], np.int64)
        latitude, longitude = (np.array([fix[n] for fix in own]) for n in (2, 3))
        sog = np.array([(others or {}).get(fix, sog_knots) for fix in own])
        week = VesselWeek(second, latitude, longitude, sog)
        found += shown_runs(mmsi, week, shapes, SHIP_RULES) if shapes else []
    return found


def found(fixes: Iterable[Fix]) -> FalsePositions:
    rows = list(fixes)
    of_all = stretches(rows)
    runs = runs_of(rows)
    return find_false_positions(
        of_all,
        {find_shapes(of_all, FalsePositions(), SHIP_RULES)[0].week: runs} if runs else {},
        rules=SHIP_RULES,
    )


def lost(fixes: Iterable[Fix], mmsi: int = NEAR) -> list[Fix]:
    """The fixes of one vessel that are rejected."""
    rows = list(fixes)
    return sorted(fix for fix in fold(rows, found(rows)).rejected if fix.mmsi == mmsi)


def covered(
    fixes: Iterable[Fix], sog_knots: float = math.nan, others: Mapping[Fix, float] | None = None
) -> int:
    """How many fixes of the vessel lie in its runs."""
    rows = list(fixes)
    runs = [run for run in runs_of(rows, sog_knots, others) if run.mmsi == NEAR]
    return sum(run.began <= fix.second < run.until for fix in rows for run in runs if fix.mmsi == NEAR)


def spread_fleet() -> list[Fix]:
    """Six vessels shown at berths 0.3 km apart, the first at `PORT`: an area."""
    return [fix for mmsi in range(1, 7) for fix in spoofed(mmsi, near(PORT, 0.0, 0.3 * (mmsi - 1)))]


def shown_from(km: float, begin: int = BEGIN, end: int = END) -> list[Fix]:
    """A vessel so far from the port that is shown in it for some hours."""
    home = near(PORT, km)
    return [
        *still(home, -DAY, begin, NEAR),
        *still(PORT, begin, end, NEAR),
        *still(home, end, 24 * HOUR, NEAR),
    ]


def test_vessel_near_the_false_place_is_found_though_it_jumps_no_20_km() -> None:
    fixes = shown_from(12.0)
    assert stretches(fixes).is_empty()
    assert lost([*fleet(6), *fixes]) == [fix for fix in fixes if (fix.latitude, fix.longitude) == PORT]


@pytest.mark.parametrize(
    ("km", "sog_knots", "is_found"),
    [(4.7, math.nan, True), (4.5, math.nan, False), (1.6, 0.0, True), (1.5, 0.0, False), (1.6, 0.5, False)],
    ids=["over 30 knots", "under", "at rest", "slow enough", "sailing"],
)
def test_step_is_a_jump_by_its_speed_or_what_the_vessel_says(
    km: float, sog_knots: float, is_found: bool
) -> None:
    assert (covered([*fleet(6), *shown_from(km)], sog_knots) > 0) is is_found


@pytest.mark.parametrize(("vessels", "false"), [(2, 0), (3, 0), (4, 5), (5, 6)])
def test_vessels_near_the_place_count_for_the_cluster(vessels: int, false: int) -> None:
    places = [
        near(PORT, 0.0, 0.4 * number) for number in range(vessels)
    ]  # an area, for which five are needed
    shown = [fix for number, place in enumerate(places, start=1) for fix in spoofed(number, place)]
    rows = [*shown, *shown_from(12.0)]
    known = found(rows)
    numbers = {mmsi for _, mmsi, _ in known.stretches} | {
        run.mmsi for of in known.runs.values() for run in of
    }
    assert len(numbers) == false


@pytest.mark.parametrize("others", [2, 3], ids=["too few to look", "enough to look"])
def test_two_vessels_that_jump_are_no_reason_to_look_at_others(others: int) -> None:
    near_ones = [fix._replace(mmsi=NEAR + n) for n in range(4) for fix in shown_from(12.0)]
    known = found([*fleet(others), *near_ones])
    numbers = {run.mmsi for of in known.runs.values() for run in of}
    assert ({NEAR, NEAR + 1, NEAR + 2, NEAR + 3} <= numbers, bool(numbers)) == (others == 3, others == 3)


def arriving(begin: int, stays: int, mmsi: int = NEAR) -> list[Fix]:
    """A vessel that sails to the port, lies there and sails off."""
    out = sailing(0, 2 * HOUR, mmsi, start=PORT)
    to = [fix._replace(second=START + begin - (fix.second - START)) for fix in out]
    lies = still(PORT, begin + 300, begin + stays, mmsi)
    off = [fix._replace(second=fix.second + begin + stays) for fix in out]
    return [*to, *lies, *off]


def test_vessel_that_sails_in_while_others_are_shown_is_there() -> None:
    assert covered([*fleet(6), *arriving(8 * HOUR, 3 * HOUR)]) == 0


def test_vessel_that_lay_there_before_or_stays_is_there() -> None:
    fixes = still(PORT, -DAY, DAY, NEAR)
    assert covered([*fleet(6), *fixes]) == 0


def test_vessel_that_lay_there_and_is_shown_there_too_keeps_its_fixes_of_before_and_after() -> None:
    """It lies 1.2 km from where it is shown, which is the same place but for the jumps."""
    berth = near(PORT, 1.2)
    spread = [
        fix._replace(latitude=fix.latitude + fix.mmsi * 1.1 * KM) if fix.latitude == PORT[0] else fix
        for fix in fleet(6)
    ]
    lies = [*still(berth, -DAY, BEGIN, NEAR), *still(berth, END, DAY, NEAR)]
    runs = [
        run
        for run in runs_of([*spread, *lies, *still(near(PORT, 2.4), BEGIN, END, NEAR)], 0.0)
        if run.mmsi == NEAR
    ]
    assert [(run.began - START, run.until - START) for run in runs] == []
    far = [*still(near(PORT, 9.0), BEGIN, 8 * HOUR, NEAR), *still(near(PORT, 2.4), 8 * HOUR, 9 * HOUR, NEAR)]
    rest = [*still(near(PORT, 9.0), 9 * HOUR, END, NEAR)]
    runs = [run for run in runs_of([*spread, *lies, *far, *rest], 0.0) if run.mmsi == NEAR]
    assert [(run.began - START, run.until - START) for run in runs] == [(8 * HOUR, 9 * HOUR - 299)]


@pytest.mark.parametrize("is_point", [True, False])
def test_speed_that_is_reported_at_a_point_is_not_believed(is_point: bool) -> None:
    """It jumps by 4 km in 5 minutes, and reports 50 knots while it lies there; in an area it may sail."""
    fixes = shown_from(4.0)
    fast = {fix: 50.0 for fix in fixes if (fix.latitude, fix.longitude) == PORT}
    others = fleet(6) if is_point else [fix for fix in spread_fleet() if fix.mmsi in range(1, 7)]
    assert covered([*others, *fixes], 0.0, fast) == (len(fast) if is_point else 0)


@pytest.mark.parametrize(
    ("jumps", "off_km", "is_found"),
    [(True, 0.0, True), (True, 0.1, False), (False, 0.0, False)],
    ids=["shown before", "next to the point", "not shown before"],
)
def test_vessel_that_is_shown_at_a_point_is_false_at_the_very_point(
    jumps: bool, off_km: float, is_found: bool
) -> None:
    """It seems to sail to the point and from it, 2 km in 5 minutes at 10 knots, and was shown there before or not."""
    before = shown_from(12.0, 7 * HOUR, 8 * HOUR) if jumps else still(near(PORT, 12.0), -DAY, DAY, NEAR)
    on_its_way = [
        *still(near(PORT, 2.0), 9 * HOUR, 9 * HOUR + 5 * MINUTE, NEAR),
        *still(near(PORT, 2.0), 10 * HOUR, 10 * HOUR + 5 * MINUTE, NEAR),
    ]
    at_point = still(near(PORT, off_km), 9 * HOUR + 5 * MINUTE, 10 * HOUR, NEAR)
    early = [fix for fix in before if fix.second - START < 8 * HOUR + 15 * MINUTE]
    speeds = dict.fromkeys(on_its_way, 10.0)
    rows = [*early, *on_its_way, *at_point]
    runs = [run for run in runs_of([*fleet(6), *rows], 0.0, speeds) if run.mmsi == NEAR]
    lost_there = [fix for fix in at_point for run in runs if run.began <= fix.second < run.until]
    assert lost_there == (at_point if is_found else [])


@pytest.mark.parametrize("lies_there", [True, False])
def test_vessel_shown_at_another_berth_of_its_port_jumps_from_its_own(lies_there: bool) -> None:
    """Its berth is 1.6 km from where it is shown; at both others are shown too. Some messages are true."""
    berth = near(PORT, 0.0, 1.6)
    shown = still(PORT, BEGIN, END, NEAR)
    true = [fix._replace(latitude=berth[0], longitude=berth[1]) for fix in shown[20::20]]
    of_vessel = [*(fix for fix in shown if fix.second not in {one.second for one in true}), *true]
    lies = [*still(berth, -DAY, BEGIN, NEAR), *still(berth, END, DAY, NEAR)] if lies_there else []
    runs = [run for run in runs_of([*spread_fleet(), *of_vessel, *lies], 0.0) if run.mmsi == NEAR]
    lost_fixes = {fix for fix in of_vessel + lies for run in runs if run.began <= fix.second < run.until}
    assert lost_fixes == ({fix for fix in of_vessel if fix not in true} if lies_there else set())


def test_vessel_at_its_berth_with_a_wild_position_in_the_port_loses_that_position_alone() -> None:
    wild = Fix(NEAR, START + 9 * HOUR, *near(PORT, 0.0, 1.6))
    lies = [fix for fix in still(PORT, -DAY, DAY, NEAR) if fix.second != wild.second]
    runs = [run for run in runs_of([*spread_fleet(), *lies, wild], 0.0) if run.mmsi == NEAR]
    assert [fix for fix in [*lies, wild] for run in runs if run.began <= fix.second < run.until] == [wild]


@pytest.mark.parametrize(("late", "is_false"), [(25 * MINUTE, True), (35 * MINUTE, False)])
def test_time_of_a_shape_ends_when_fewer_than_three_are_shown(late: int, is_false: bool) -> None:
    stays_on = [fix for mmsi in (1, 2) for fix in still(PORT, END, 20 * HOUR, mmsi)]
    others = [fix for fix in fleet(6) if not (fix.mmsi in (1, 2) and END <= fix.second - START < 20 * HOUR)]
    home = near(PORT, 12.0)
    shown = still(PORT, END - 5 * MINUTE, END + late, NEAR)
    fixes = [*still(home, -DAY, END - 5 * MINUTE, NEAR), *shown, *still(home, END + late, DAY, NEAR)]
    assert (covered([*others, *stays_on, *fixes]) > 0) is is_false


@pytest.mark.parametrize(
    ("goes_on", "last"),
    [(True, 11 * HOUR + 20 * MINUTE), (False, 9 * HOUR + 55 * MINUTE)],
    ids=["round the circle", "at a berth"],
)
def test_time_of_a_circle_ends_with_the_last_vessel_that_goes_round_it(goes_on: bool, last: int) -> None:
    """Three vessels go round until 10:00; one goes on until 11:30, or lies at a berth off the circle meanwhile.

    Every second fix is a sample of the shape.
    """
    fixes = list[Fix]()
    for mmsi in (1, 2, 3):
        for fix in on_circle(mmsi, 3.0):
            hour = (fix.second - START) / HOUR
            if (fix.latitude, fix.longitude) == SEA or hour < (11.5 if mmsi == 1 and goes_on else 10.0):
                fixes.append(fix)
    berth = near(PORT, 5.0)
    fixes += [] if goes_on else still(berth, 10 * HOUR, 11 * HOUR + 30 * MINUTE, 1)
    of_all = stretches(fixes)
    [shape] = find_shapes(of_all, find_false_positions(of_all, rules=SHIP_RULES), SHIP_RULES)
    assert shape.until_second == START + last


@pytest.mark.parametrize(("jumping", "is_found"), [(3, True), (6, False)])
def test_time_of_a_place_is_that_of_two_where_few_vessels_jump_there(jumping: int, is_found: bool) -> None:
    """Two are shown from 6 to 18 h, the others from 9 to 11 h; the vessel comes unseen at 7 h, jumps back at 15 h."""
    begins = {mmsi: (6, 18) if mmsi <= 2 else (9, 11) for mmsi in range(1, jumping + 1)}
    shown = [
        fix
        for mmsi, (begin, end) in begins.items()
        for fix in spoofed(mmsi, near(PORT, 0.0, 0.3 * mmsi), begin * HOUR, end * HOUR)
    ]
    home = near(PORT, 200.0)
    there = still(PORT, 7 * HOUR, 15 * HOUR, NEAR)
    vessel = [*still(home, -DAY, -8 * HOUR, NEAR), *there, *still(home, 15 * HOUR, DAY, NEAR)]
    assert covered([*shown, *vessel]) == (len(there) if is_found else 0)


@pytest.mark.parametrize(("hour", "is_in_shape"), [(30, False), (11, True)], ids=["afterwards", "meanwhile"])
def test_place_to_which_a_shown_vessel_sails_later_is_not_of_the_shape(hour: int, is_in_shape: bool) -> None:
    """It goes on with its stretch at the anchorage; only what is shown in the shape's time is of the shape."""
    anchorage = near(PORT, 14.0)
    late = [fix for fix in spoofed(7, end=11 * HOUR) if fix.second - START < 11 * HOUR]
    of_all = stretches([*spread_fleet(), *late, *still(anchorage, hour * HOUR, hour * HOUR + 10 * HOUR, 7)])
    [shape] = find_shapes(of_all, find_false_positions(of_all, rules=SHIP_RULES), SHIP_RULES)
    latitude, longitude = (np.array([axis]) for axis in anchorage)
    assert shape.outline.holds(latitude, longitude, SHIP_RULES).item() is is_in_shape


@pytest.mark.parametrize(
    ("gained", "way_km", "is_found"),
    [(10.5, 1250.0, True), (9.5, 1250.0, False), (10.5, 1300.0, False), (10.5, None, False)],
    ids=["sails its way", "no faster than shown", "too far to sail back", "never heard again"],
)
def test_one_position_of_a_vessel_under_way_shows_that_it_is_elsewhere(
    gained: float, way_km: float | None, is_found: bool
) -> None:
    """It comes and goes unseen. From its one true message a ship sails 1,277 km at most in the 23 h to its next."""
    shown = still(PORT, 7 * HOUR, 12 * HOUR, NEAR)
    true = Fix(NEAR, START + 9 * HOUR + 30, *near(PORT, 200.0))
    fixes = [*still(near(PORT, 300.0), -DAY, -12 * HOUR, NEAR), *shown, true]
    if way_km is not None:
        fixes += still(near(PORT, 200.0 - way_km), 32 * HOUR, 40 * HOUR, NEAR)
    rows = [*spread_fleet(), *fixes]
    assert covered(rows, 0.0, {true: gained}) == (len(shown) if is_found else 0)


@pytest.mark.parametrize("is_heard_after", [True, False])
def test_vessel_that_came_after_a_silence_with_one_wild_position_is_there(is_heard_after: bool) -> None:
    berth = near(PORT, 0.1)
    away = still(near(PORT, 200.0), -DAY, -12 * HOUR, NEAR)
    lies = still(berth, 7 * HOUR, 11 * HOUR, NEAR)
    wild = Fix(NEAR, START + 9 * HOUR + 30, *near(PORT, 100.0))
    after = [fix._replace(second=fix.second + 11 * HOUR) for fix in sailing(0, 3 * HOUR, NEAR, start=berth)]
    assert covered([*fleet(6), *away, *lies, wild, *(after if is_heard_after else [])]) == 0


def test_vessel_that_came_after_a_silence_and_jumps_back_and_forth_is_not_there() -> None:
    home = near(PORT, 200.0)
    shown = still(PORT, 7 * HOUR, 12 * HOUR, NEAR)
    true = [Fix(NEAR, START + at * HOUR + 30, *home) for at in (8, 10)]
    fixes = [*still(home, -DAY, -12 * HOUR, NEAR), *shown, *true, *still(home, 12 * HOUR, 20 * HOUR, NEAR)]
    assert set(shown) <= set(lost([*fleet(6), *fixes]))
    assert not set(true) & set(lost([*fleet(6), *fixes]))


def test_number_of_two_vessels_of_which_one_lies_there_is_kept() -> None:
    berth, at_sea = near(PORT, 0.1), near(SEA, -300.0)
    of_one = sailing(-4 * HOUR, 7 * HOUR, NEAR, start=near(PORT, -300.0))
    fixes = [
        *of_one,
        *still(berth, 7 * HOUR, 11 * HOUR, NEAR),
        *(fix._replace(second=fix.second + 60) for fix in still(at_sea, -4 * HOUR, 20 * HOUR, NEAR)),
    ]
    assert covered([*fleet(6), *fixes]) == 0


def test_number_of_two_vessels_of_which_one_is_shown_there_is_false() -> None:
    """Satellites hear it seldom between the messages of the other vessel, which lies far away all week."""
    other = still(near(SEA, -900.0), -DAY, 3 * DAY, NEAR)
    at_sea = [
        Fix(NEAR, START + hour * HOUR + 60, *near(PORT, -300.0)) for hour in (-20, -16, -12, -8, 30, 40, 50)
    ]
    shown = [Fix(NEAR, START + hour * HOUR + 60, *PORT) for hour in (7, 9, 11)]
    assert lost([*fleet(6), *other, *at_sea, *shown]) == shown


def circling(mmsi: int, radius_km: float = 3.0) -> list[Fix]:
    """Fixes on the circle of `on_circle`, without those before and after."""
    return [fix for fix in on_circle(mmsi, radius_km) if (fix.latitude, fix.longitude) != SEA]


def test_vessel_that_follows_the_circle_is_found_however_it_came_there() -> None:
    others = [fix for mmsi in range(1, 7) for fix in on_circle(mmsi, 3.0)]
    round_it = [fix._replace(mmsi=NEAR) for fix in circling(7)]
    centre = still(PORT, -DAY, 6 * HOUR, NEAR), still(PORT, 12 * HOUR, DAY, NEAR)
    assert covered([*others, *centre[0], *round_it, *centre[1]]) == len(round_it)


def test_vessel_that_crosses_the_circle_or_lies_on_it_is_there() -> None:
    others = [fix for mmsi in range(1, 7) for fix in on_circle(mmsi, 3.0)]
    across = sailing(8 * HOUR, 10 * HOUR, NEAR, 8.0, near(PORT, -10.0))
    assert covered([*others, *across]) == 0
    assert covered([*others, *still(near(PORT, 3.0), 8 * HOUR, 10 * HOUR, NEAR)]) == 0


@pytest.mark.parametrize("is_on_circle", [True, False])
def test_vessel_of_a_shared_number_that_goes_round_the_circle_is_false(is_on_circle: bool) -> None:
    """Another vessel uses its number far away, and it is heard within an hour's way of the circle afterwards."""
    others = [fix for mmsi in range(1, 7) for fix in on_circle(mmsi, 3.0, jitter_km=0.003)]
    away = (fix._replace(second=fix.second + 60) for fix in still(near(SEA, -900.0), -DAY, 3 * DAY, NEAR))
    near_it = near(PORT, 12.0)
    passing = (
        *still(near_it, -3 * HOUR, BEGIN - 30 * MINUTE, NEAR),
        *still(near_it, END + 30 * MINUTE, DAY, NEAR),
    )
    shown = (
        [fix._replace(mmsi=NEAR) for fix in circling(7)]
        if is_on_circle
        else still(near(PORT, 3.0), 6 * HOUR, 12 * HOUR, NEAR)
    )
    assert covered([*others, *away, *passing, *shown]) == (len(shown) if is_on_circle else 0)


@pytest.mark.parametrize(
    ("angles", "off_km", "is_found"),
    [((0, 90), 0.0, True), ((0,), 0.0, False), ((0, 90), 0.1, False), ((0, 1), 0.0, False)],
    ids=["two on it", "one", "one off it", "straight"],
)
def test_vessel_that_nobody_saw_come_is_found_by_two_fixes_on_the_circle(
    angles: tuple[int, ...], off_km: float, is_found: bool
) -> None:
    others = [fix for mmsi in range(1, 7) for fix in on_circle(mmsi, 3.0, jitter_km=0.003)]
    away = [
        *still(near(PORT, 300.0), -2 * DAY, -12 * HOUR, NEAR),
        *still(near(PORT, 300.0), 2 * DAY, 3 * DAY, NEAR),
    ]
    radius = 3.0 + off_km
    shown = [
        Fix(
            NEAR,
            START + (7 + 2 * number) * HOUR,
            *near(PORT, radius * math.sin(math.radians(at)), radius * math.cos(math.radians(at))),
        )
        for number, at in enumerate(angles)
    ]
    assert covered([*others, *away, *shown]) == (len(shown) if is_found else 0)


@pytest.mark.parametrize(("km", "is_found"), [(0.0, True), (0.1, False)])
def test_vessel_between_two_silences_is_found_at_the_very_point_alone(km: float, is_found: bool) -> None:
    away = [
        *still(near(PORT, 300.0), -2 * DAY, -12 * HOUR, NEAR),
        *still(near(PORT, 300.0), 2 * DAY, 3 * DAY, NEAR),
    ]
    shown = still(near(PORT, km), 7 * HOUR, 10 * HOUR, NEAR)
    spread = [fix._replace(latitude=fix.latitude + 2e-5 * (fix.second % 7 - 3)) for fix in fleet(6)]
    assert (covered([*spread, *away, *shown]) == len(shown)) is is_found


def test_returns_of_shown_vessels_are_no_cluster() -> None:
    harbour = near(PORT, 250.0)
    reached = [
        fix
        for mmsi in range(NEAR, NEAR + 6)
        for fix in (
            *still(harbour, -2 * DAY, -DAY, mmsi),
            *still(PORT, 0, 30 * HOUR, mmsi),
            *still(harbour, 30 * HOUR, 40 * HOUR, mmsi),
        )
    ]
    before = [fix for mmsi in range(1, 7) for fix in still(near(SEA, 0.0, float(mmsi)), -3 * DAY, -DAY, mmsi)]
    rows = [*before, *fleet(6, begin=0, end=30 * HOUR), *reached]
    gone = {(fix.mmsi, fix.latitude) for fix in fold(rows, found(rows)).rejected}
    assert gone == {(mmsi, PORT[0]) for mmsi in [*range(1, 7), *range(NEAR, NEAR + 6)]}


def test_fixes_of_a_stretch_and_of_runs_are_listed_once() -> None:
    """A vessel within 20 km of the place at times, so that some of its false fixes are taken for its own track."""
    passing = sailing(0, 14 * HOUR, NEAR, 10.0, near(PORT, -60.0, 5.0))
    shown = still(PORT, BEGIN, END, NEAR)
    own = [fix for fix in passing if not BEGIN <= fix.second - START < END]
    true = [
        fix._replace(second=fix.second + 30) for fix in passing[::12] if BEGIN <= fix.second - START < END
    ]
    before = still(near(PORT, -60.0, 5.0), -DAY, 0, NEAR)
    rows = [*fleet(6), *before, *own, *true, *shown]
    listed = fold(rows, found(rows)).listed.filter(mmsi=NEAR)
    assert listed["fixes"].sum() == len(lost(rows)) == len(shown)
    assert listed.select("mmsi", "stretch_began_at_utc", "day").is_unique().all()


def test_order_of_the_input_does_not_matter() -> None:
    fixes = [*fleet(6), *shown_from(12.0)]
    shuffled = random.Random(3).sample(fixes, len(fixes))
    assert runs_of(shuffled) == runs_of(fixes)
    assert found(shuffled) == found(fixes)


def test_no_shape_without_vessels_that_jump() -> None:
    rows = stretches([*fleet(2), *still(PORT, 0, DAY, NEAR)])
    assert find_shapes(rows, FalsePositions(), SHIP_RULES) == []
    assert false_vessels(shown_from(12.0)) == {}


@pytest.mark.parametrize(
    ("kind", "radius", "off_km", "holds"),
    [
        (POINT, 0.0, 0.19, True),
        (POINT, 0.0, 0.21, False),
        (CIRCLE, 3.0, 0.29, True),
        (CIRCLE, 3.0, 0.31, False),
        (CIRCLE, 0.3, 0.19, True),
        (CIRCLE, 0.3, 0.21, False),
    ],
)
def test_outline_holds_what_is_as_near_as_its_rule(
    kind: str, radius: float, off_km: float, holds: bool
) -> None:
    angles = np.linspace(0, 2 * math.pi, 24, endpoint=False)
    places = [near(PORT, radius * math.sin(a), radius * math.cos(a)) for a in angles]
    latitudes, longitudes = np.array(places).T
    outline = outline_of(latitudes, longitudes, SHIP_RULES)
    assert KINDS[outline.kind] == kind
    latitude, longitude = near(PORT, radius + off_km)
    assert outline.holds(np.array([latitude]), np.array([longitude]), SHIP_RULES)[0] == holds


@pytest.mark.parametrize(("at_point", "kind"), [(18, POINT), (17, AREA)])
def test_point_is_that_of_nine_fixes_in_ten(at_point: int, kind: str) -> None:
    """The others, which lie up to 20 km away, do not move it."""
    places = [near(PORT, 0.01 * (n % 2)) for n in range(at_point)]
    places += [near(PORT, 3.0 + n, 8.0 * (n - 1)) for n in range(20 - at_point)]
    latitudes, longitudes = (np.array([place[n] for place in places]) for n in (0, 1))
    outline = outline_of(latitudes, longitudes, SHIP_RULES)
    assert KINDS[outline.kind] == kind
    if kind == POINT:
        off_km = outline.off_km(*(np.array([axis]) for axis in near(PORT, 0.005))).item()
        assert off_km < 0.006
        assert outline.deviation_km < 0.01


@pytest.mark.parametrize(("km", "holds"), [(0.9, True), (2.1, False)])
def test_outline_of_an_area_holds_what_is_about_a_km_from_its_positions(km: float, holds: bool) -> None:
    places = [PORT, near(PORT, 1.0), near(PORT, 2.0, 0.5), near(PORT, 6.0, 1.0)]
    latitudes, longitudes = np.array(places).T
    outline = outline_of(latitudes, longitudes, SHIP_RULES)
    assert KINDS[outline.kind] == AREA
    latitude, longitude = near(PORT, -km)
    assert outline.holds(np.array([latitude]), np.array([longitude]), SHIP_RULES)[0] == holds


def test_displacements_do_not_depend_on_runs() -> None:
    rows = [*fleet(6), *shown_from(12.0)]
    with_runs, without = fold(rows, found(rows)).stretches, stretches(rows)
    of_fleet = pl.col("mmsi") != NEAR
    assert with_runs.filter(of_fleet).drop("false_kind").equals(without.filter(of_fleet).drop("false_kind"))
