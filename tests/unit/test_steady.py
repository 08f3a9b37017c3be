"""Runs of fixes that only move their track on: which fix still belongs to one, on both sides of each bound."""

from typing import Any

import numpy as np
import pytest
from shapely import box

from ais_indicators.fold.day import fold_day
from ais_indicators.fold.kernel import Fixes, Ship, Verdicts, new_ship
from ais_indicators.fold.records import (
    ACCEPTED,
    ACTIVE,
    EXITED,
    GATE_AREAS,
    IN_GATE,
    NEVER,
    NOWHERE,
    SIDE_A,
    SIDE_B,
    Carried,
    Thresholds,
)
from ais_indicators.fold.steady import take_steady_fixes
from ais_indicators.geo.distance import great_circle_km, is_surely_beyond, is_surely_within
from ais_indicators.geo.outlines import build_outlines
from ais_indicators.geo.strait_ways import StraitWays
from ais_indicators.rules import Rules
from tests.subject_rules import SHIP_RULES

RULES = Thresholds.from_rules(Rules.for_subject("ships"))
MINUTE, HOUR, DAY = 60, 3600, 86400
START = 1_577_836_800
PORT, OTHER_PORT = 0, 1
OUTLINES = build_outlines(
    [box(0.0, 0.0, 0.1, 0.1), box(1.0, 1.0, 1.1, 1.1)],
    np.zeros((2, 2)),
    np.array([PORT, OTHER_PORT], np.int32),
    2,
    SHIP_RULES,
)
SEA = {
    "latitude": 0.5,
    "longitude": 0.5,
    "sog_knots": 10.0,
    "says_rest": False,
    "port": NOWHERE,
    "anchorage": NOWHERE,
    "gate": NOWHERE,
}
BERTH = SEA | {"latitude": 0.05, "longitude": 0.05, "sog_knots": 0.0, "port": PORT}
ROADS = SEA | {"sog_knots": 0.0, "anchorage": PORT}
GATE = SEA | {"gate": IN_GATE}
WAITS = {1: 0.2, 10: 0.2, 60: 0.3, 600: 0.2, 1799: 0.06, 1800: 0.02, 4 * HOUR: 0.019, 15 * DAY: 0.001}
"""Seconds between two fixes of a random day, and how often."""
KM = 1 / 111.19492664455873
"""Degrees of latitude that make a km."""


def fixes_of(*rows: dict[str, Any]) -> Fixes:
    """Fixes of one MMSI; `at` is in seconds since the start."""
    kinds = {"says_rest": np.bool_, "port": np.int32, "anchorage": np.int32, "gate": np.int32}
    columns: dict[str, Any] = {
        name: np.array([row[name] for row in rows], kinds.get(name, np.float64)) for name in SEA
    }
    second = np.array([START + row["at"] for row in rows], np.int64)
    return Fixes(np.full(len(rows), 366000001), second, **columns)


def put_track(ship: Ship, slot: int, fix: dict[str, Any], fixes: int = 10) -> Any:
    """Opens a track that has taken that fix."""
    track = ship.tracks[slot]
    ship.is_open[slot] = True
    track["track_id"], track["mmsi"], track["fixes"] = 7 + slot, 366000001, fixes
    track["last_second"] = START + fix["at"]
    track["latitude"], track["longitude"] = fix["latitude"], fix["longitude"]
    track["anchorage_port"] = fix["anchorage"]
    track["run_since"], track["run_near"], track["run_second"] = [track["last_second"]] * 3
    track["run_latitude"], track["run_longitude"] = fix["latitude"], fix["longitude"]
    track["straits_due"] = NEVER
    return track


def put_visit(ship: Ship, port: int, phase: int, departed: int = NEVER) -> None:
    """Adds a visit to the track in slot 0."""
    visit = ship.visits[0, ship.tracks[0]["visits"]]
    visit["port"], visit["phase"], visit["departed_second"] = port, phase, departed
    ship.tracks[0]["visits"] += 1


def put_strait(ship: Ship, gate: int, last: int, side: int, away: int = NEVER) -> None:
    """Adds a gate that the track in slot 0 knows."""
    strait = ship.straits[0, ship.tracks[0]["straits"]]
    strait["gate"], strait["side"], strait["last_second"], strait["away_second"] = gate, side, last, away
    strait["still_since"], strait["counted_second"] = NEVER, NEVER
    ship.tracks[0]["straits"] += 1


def workspace() -> Ship:
    """An empty workspace."""
    r = RULES
    return new_ship(r.max_open_tracks, r.max_unsettled_visits, r.max_waiting_ports, r.max_remembered_gates)


def is_taken(ship: Ship, before: dict[str, Any], after: dict[str, Any]) -> bool:
    """Whether the second fix is taken by the track in slot 0, which has the first one."""
    fixes = fixes_of({"at": 0} | before, after)
    verdicts = Verdicts(np.zeros(2, np.int8), np.zeros(2, np.int64), np.zeros(2, np.int64))
    taken = take_steady_fixes(fixes, 1, ship, 0, verdicts, OUTLINES, RULES) == 2
    assert not taken or [column[1] for column in verdicts] == [ACCEPTED, 7, after["at"]]
    return bool(taken)


@pytest.mark.parametrize(
    ("before", "after", "taken"),
    [
        pytest.param(SEA, {"at": 1}, True, id="the next second"),
        pytest.param(SEA, {"at": 0}, False, id="the same second"),
        pytest.param(
            SEA, {"at": 30 * MINUTE - 1}, True, id="a silence in which nothing passes a gate unseen"
        ),
        pytest.param(SEA, {"at": 30 * MINUTE}, False, id="a silence in which it may have"),
        pytest.param(SEA, {"at": 10 * MINUTE, "latitude": 0.5 + 15.4 * KM}, True, id="49.9 knots"),
        pytest.param(SEA, {"at": 10 * MINUTE, "latitude": 0.5 + 15.5 * KM}, False, id="50.2 knots"),
        pytest.param(SEA, {"at": MINUTE, "port": PORT}, False, id="into a port"),
        pytest.param(SEA, {"at": MINUTE, "anchorage": PORT}, False, id="into an anchorage"),
        pytest.param(SEA, {"at": MINUTE, "gate": IN_GATE}, False, id="into a gate"),
        pytest.param(ROADS, {"at": MINUTE}, True, id="still at the anchorage"),
        pytest.param(ROADS, {"at": MINUTE, "anchorage": OTHER_PORT}, False, id="to another anchorage"),
        pytest.param(ROADS, {"at": MINUTE, "anchorage": NOWHERE}, False, id="out of the anchorage"),
    ],
)
def test_a_track_in_no_port_takes_a_fix_that_changes_nothing(
    before: dict[str, Any], after: dict[str, Any], taken: bool
) -> None:
    ship = workspace()
    put_track(ship, 0, {"at": 0} | before)
    assert is_taken(ship, before, before | after) is taken


@pytest.mark.parametrize(("fixes", "taken"), [(2, False), (3, True)])
def test_a_stub_takes_none(fixes: int, taken: bool) -> None:
    ship = workspace()
    put_track(ship, 0, SEA | {"at": 0}, fixes)
    assert is_taken(ship, SEA, SEA | {"at": MINUTE}) is taken


@pytest.mark.parametrize(
    ("after", "taken"),
    [
        pytest.param({}, True, id="inside the port"),
        pytest.param(
            {"port": NOWHERE, "latitude": -0.99 * OUTLINES.margin_km * KM},
            True,
            id="outside, within the margin",
        ),
        pytest.param(
            {"port": NOWHERE, "latitude": -1.01 * OUTLINES.margin_km * KM}, False, id="beyond the margin"
        ),
        pytest.param({"port": OTHER_PORT}, False, id="inside another port"),
        pytest.param({"anchorage": PORT}, True, id="an anchorage inside the port is none"),
    ],
)
def test_a_track_in_a_port_takes_a_fix_of_the_same_visit(after: dict[str, Any], taken: bool) -> None:
    before, ship = BERTH | {"latitude": 0.0}, workspace()
    put_track(ship, 0, {"at": 0} | before)
    put_visit(ship, PORT, ACTIVE)
    assert is_taken(ship, before, before | {"at": 20 * MINUTE} | after) is taken
    assert ship.visits[0, 0]["last_second"] == (START + 20 * MINUTE if taken else 0)


@pytest.mark.parametrize(("seconds_left", "taken"), [(61, True), (60, False)])
def test_a_visit_that_settles_at_the_fix_is_no_steady_one(seconds_left: int, taken: bool) -> None:
    ship = workspace()
    put_track(ship, 0, SEA | {"at": 0})
    put_visit(ship, OTHER_PORT, EXITED, START + seconds_left - RULES.merge_visits_seconds)
    assert is_taken(ship, SEA, SEA | {"at": MINUTE}) is taken


@pytest.mark.parametrize("visits", [RULES.max_unsettled_visits - 1, RULES.max_unsettled_visits])
def test_a_full_workspace_has_a_visit_to_settle(visits: int) -> None:
    ship = workspace()
    put_track(ship, 0, SEA | {"at": 0})
    for _ in range(visits):
        put_visit(ship, OTHER_PORT, EXITED, START)
    assert is_taken(ship, SEA, SEA | {"at": MINUTE}) is (visits < RULES.max_unsettled_visits)


@pytest.mark.parametrize(
    ("heard", "fixes", "moved_km", "taken"),
    [
        pytest.param(-30 * MINUTE, 10, 0.9, True, id="not heard for 30 minutes"),
        pytest.param(-30 * MINUTE + 2, 10, 0.9, False, id="heard within 30 minutes"),
        pytest.param(0, 2, 0.9, True, id="a stub"),
        pytest.param(1, 2, 0.9, False, id="a stub at the same second"),
        pytest.param(-30 * MINUTE, 10, 1.1, False, id="a move that any track may have made"),
        pytest.param(1 - 14 * DAY, 10, 0.9, True, id="silent for 14 days"),
        pytest.param(-14 * DAY, 10, 0.9, False, id="silent for longer: it closes"),
    ],
)
def test_another_track_of_the_number_may_have_a_claim(
    heard: int, fixes: int, moved_km: float, taken: bool
) -> None:
    ship = workspace()
    put_track(ship, 0, SEA | {"at": -MINUTE})
    put_track(ship, 1, SEA | {"at": heard}, fixes)
    fix = SEA | {"at": 1, "latitude": 0.5 + moved_km * KM}
    fixes_before = SEA | {"at": -MINUTE}
    verdicts = Verdicts(np.zeros(2, np.int8), np.zeros(2, np.int64), np.zeros(2, np.int64))
    index = take_steady_fixes(fixes_of(fixes_before, fix), 1, ship, 0, verdicts, OUTLINES, RULES)
    assert (index == 2) is taken


@pytest.mark.parametrize(
    ("after", "taken"),
    [
        pytest.param(IN_GATE, True, id="still in the gate"),
        pytest.param(SIDE_A, False, id="on a side of it"),
        pytest.param(GATE_AREAS + IN_GATE, False, id="in another gate"),
        pytest.param(NOWHERE, False, id="in none"),
    ],
)
def test_a_track_in_a_gate_takes_a_fix_in_the_same_area(after: int, taken: bool) -> None:
    ship = workspace()
    put_track(ship, 0, GATE | {"at": 0})
    put_strait(ship, 0, START, SIDE_B)
    assert is_taken(ship, GATE, GATE | {"at": MINUTE, "gate": after}) is taken
    assert ship.straits[0, 0]["last_second"] == START + MINUTE * taken


@pytest.mark.parametrize("area", [IN_GATE, NOWHERE])
@pytest.mark.parametrize(("seconds_left", "taken"), [(61, True), (60, False)])
def test_a_gate_left_behind_is_forgotten_in_time(area: int, seconds_left: int, taken: bool) -> None:
    ship = workspace()
    track = put_track(ship, 0, GATE | {"at": 0})
    if area == IN_GATE:
        put_strait(ship, 0, START, SIDE_B)
    last = START + seconds_left - RULES.gate_memory_seconds - 1
    put_strait(ship, 1, last, SIDE_B, START - 1)
    ship.straits[0, track["straits"] - 1]["counted_second"] = (
        START + seconds_left - RULES.transit_recount_seconds
    )
    track["straits_due"] = START + seconds_left if area == NOWHERE else NEVER
    fix = GATE | {"gate": area}
    assert is_taken(ship, fix, fix | {"at": MINUTE}) is taken


def random_day(rows: int) -> Fixes:
    """Fixes that go in and out of all places, stop, jump and fall silent, with runs of steady ones between."""
    random = np.random.default_rng(19)
    places = [SEA, BERTH, ROADS, GATE, GATE | {"gate": SIDE_A}, GATE | {"gate": SIDE_B}]
    waits, shares = zip(*WAITS.items(), strict=True)
    made: list[dict[str, Any]] = []
    at, place, latitude = 0, SEA, 0.5
    for _ in range(rows):
        if random.random() < 0.03:
            place = places[random.integers(len(places))]
            latitude = place["latitude"]
        at += int(random.choice(waits, p=shares))
        latitude += float(random.choice([0.0, 0.0001, -0.0001, 0.005, -0.005]))
        wild = 5.0 if random.random() < 0.02 else 0.0
        sog_knots = float(random.choice([0.0, 0.1, 0.7, 10.0, np.nan]))
        made.append(place | {"at": at, "latitude": latitude + wild, "sog_knots": sog_knots})
    return fixes_of(*made)


def test_runs_of_fixes_give_what_each_fix_alone_gives() -> None:
    """A call with a single fix has no run, so that the general case decides every fix."""
    fixes, ways = random_day(4000), StraitWays.empty()
    at_once = fold_day(fixes, Carried.empty(), OUTLINES, ways, RULES)
    carried, alone = Carried.empty(), []
    for n in range(fixes.mmsi.size):
        fix: list[Any] = [column[n : n + 1] for column in fixes]
        alone.append(fold_day(Fixes(*fix), carried, OUTLINES, ways, RULES))
        carried = alone[-1].carried
    verdicts = np.concatenate([np.column_stack(one.verdicts) for one in alone])
    np.testing.assert_array_equal(verdicts, np.column_stack(at_once.verdicts))
    for of_run, of_one in zip(at_once.carried, carried, strict=True):
        assert of_run.tobytes() == of_one.tobytes()
    for number, of_run in enumerate(at_once.settled):
        of_ones = np.concatenate([one.settled[number] for one in alone])
        assert of_run.size > 0
        assert sorted(map(bytes, of_run)) == sorted(map(bytes, of_ones))


def test_cheap_bounds_decide_only_what_the_distance_confirms() -> None:
    random = np.random.default_rng(19)
    decided = 0
    for latitude, longitude, north, east in random.uniform(
        (-90, -180, -0.02, -0.02), (89, 180, 0.02, 0.02), (4000, 4)
    ):
        there = latitude + north, (longitude + east + 180) % 360 - 180
        km = great_circle_km(latitude, longitude, *there)
        within, beyond = (
            is_surely_within(1.0, latitude, longitude, *there),
            is_surely_beyond(1.0, latitude, there[0]),
        )
        assert not (within and km >= 1.0)
        assert not (beyond and km <= 1.0)
        decided += within + beyond
    assert decided > 1000
