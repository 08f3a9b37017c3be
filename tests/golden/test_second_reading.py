"""Golden cases of the second reading: the values of the method's sections 1, 3, 4 and 5, a small table each.

The port is a square of 0.2 degrees around (50, 1). Its north edge lies at 50.1; 1 km farther is 50.10899.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.second_reading import (
    Area,
    Atlas,
    Event,
    Fix,
    Reading,
    Ring,
    circles_from_wpi,
    great_circle_km,
    is_acceptable,
    read,
    reason_against,
)

SHIP = 366053209
MINUTE = 60
HOUR = 3600
DAY = 24 * HOUR
START = 1_600_000_000

IN_PORT = (50.0, 1.0)
AT_EDGE_INSIDE = (50.0999, 1.0)
AT_EDGE_MARGIN = (50.1080, 1.0)
BEYOND_MARGIN = (50.1095, 1.0)
AT_SEA = (50.3, 1.0)
AT_ANCHOR = (50.2, 1.0)

KM_PER_DEGREE_NORTH = math.pi * 6371 / 180


def rectangle(south: float, west: float, north: float, east: float) -> Ring:
    """Return a closed ring of (longitude, latitude)."""
    return ((west, south), (east, south), (east, north), (west, north), (west, south))


def port(locode: str, *rings: Ring, kind: str = "port") -> Area:
    """Return an area with polygons."""
    return Area(locode, kind, rings, None)


PORT = port("XXPRT", rectangle(49.9, 0.9, 50.1, 1.1))
ANCHORAGE = port("XXPRT", rectangle(50.18, 0.9, 50.22, 1.1), kind="anchorage")


def fix(
    at: float, place: tuple[float, float], sog: float | None = 12.0, *, mmsi: int = SHIP, start: int = START
) -> Fix:
    """Return one fix, `at` seconds after the start."""
    return Fix(mmsi, int(start + at), place[0], place[1], sog, None, None, 1)


def stay(
    first: float,
    last: float,
    place: tuple[float, float] = IN_PORT,
    sog: float = 0.0,
    every: int = 10 * MINUTE,
) -> list[Fix]:
    """Return fixes at one place from the first second to the last, both included."""
    between = range(int(first), int(last), every)
    return [*(fix(at, place, sog) for at in between), fix(last, place, sog)]


def only(reading: Reading) -> Event:
    """Return the one event of a reading."""
    (event,) = reading.events
    return event


def seeded(seed: int) -> random.Random:
    """Return chance that repeats itself."""
    return random.Random(seed)


def north(km: float) -> float:
    """Return the degrees of latitude in some km."""
    return km / KM_PER_DEGREE_NORTH


# --- Section 1 ----------------------------------------------------------------------------------------------


def test_great_circle_golden() -> None:
    """Phoenix to New York, on R = 6,371 km."""
    assert great_circle_km(33.4484, -112.0740, 40.7128, -74.0059) == pytest.approx(
        3443.706085594739, rel=1e-13
    )


def test_a_step_over_the_antimeridian_is_short() -> None:
    """From 179.9 to -179.9 is 0.2 degrees."""
    assert great_circle_km(0, 179.9, 0, -179.9) == pytest.approx(0.2 * KM_PER_DEGREE_NORTH)


# --- Section 3 ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mmsi", "second", "latitude", "longitude", "reason"),
    [
        (366053209, START, 50.0, 1.0, None),
        (201000000, START, 50.0, 1.0, None),
        (775999999, START, 50.0, 1.0, None),
        (200999999, START, 50.0, 1.0, "mmsi_not_a_ship"),
        (776000000, START, 50.0, 1.0, "mmsi_not_a_ship"),
        (1193046, START, 50.0, 1.0, "mmsi_not_a_ship"),
        (2010000000, START, 50.0, 1.0, "mmsi_not_a_ship"),
        (0, START, 91.0, 181.0, "mmsi_not_a_ship"),
        (SHIP, START, 91.0, 181.0, "latitude_not_available"),
        (SHIP, START, None, 1.0, "latitude_not_available"),
        (SHIP, START, 90.0, 1.0, None),
        (SHIP, START, -90.0, 1.0, None),
        (SHIP, START, 90.001, 1.0, "latitude_out_of_range"),
        (SHIP, START, 50.0, 181.0, "longitude_not_available"),
        (SHIP, START, 50.0, 180.0, None),
        (SHIP, START, 50.0, -180.0, None),
        (SHIP, START, 50.0, -180.001, "longitude_out_of_range"),
        (SHIP, START, 0.0, 0.0, "null_island"),
        (SHIP, START, 0.0, 1.0, None),
        (SHIP, None, 50.0, 1.0, "timestamp_missing"),
        (SHIP, None, 0.0, 0.0, "null_island"),
    ],
)
def test_reason_against_a_row(
    mmsi: int, second: int | None, latitude: float | None, longitude: float, reason: str | None
) -> None:
    """The first reason in the method's order, on both sides of each bound."""
    assert reason_against(mmsi, second, latitude, longitude) == reason
    assert is_acceptable(mmsi, second, latitude, longitude) is (reason is None)


@pytest.mark.parametrize(
    ("km", "rejected", "tracks"),
    [
        (0.0, {"duplicate_message": 1}, 1),
        (0.999, {"conflicting_position": 1}, 1),
        (1.001, {}, 2),
    ],
)
def test_two_rows_of_one_second(km: float, rejected: dict[str, int], tracks: int) -> None:
    """The same place repeats, a near one conflicts, a farther one may be another ship."""
    reading = read([fix(0, IN_PORT), fix(0, (IN_PORT[0] + north(km), IN_PORT[1]))], [])
    assert (reading.rejected, len(reading.tracks)) == (rejected, tracks)


def test_a_copy_of_a_conflicting_row_is_a_duplicate() -> None:
    """A row repeats any earlier row of its second, also a rejected one."""
    near = (IN_PORT[0] + 0.001, IN_PORT[1])
    reading = read([fix(0, IN_PORT), fix(0, near, 1.0), fix(0, near, 2.0)], [])
    assert reading.rejected == {"conflicting_position": 1, "duplicate_message": 1}


def test_every_row_is_counted_once() -> None:
    """Rows in = fixes of tracks + rejected rows."""
    rows = [fix(0, IN_PORT), fix(0, IN_PORT), fix(9, (91.0, 1.0)), fix(60, IN_PORT), fix(60, (0.0, 0.0))]
    reading = read(rows, [])
    assert sum(track.fixes for track in reading.tracks) + reading.rejected.total() == len(rows)


# --- Section 4 ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("knots", "tracks"), [(49.9, 1), (50.0, 1), (50.004, 1), (50.006, 2), (50.1, 2)])
def test_implied_speed(knots: float, tracks: int) -> None:
    """Up to 50 knots, compared after rounding to 0.01, a fix is the same ship's."""
    one_hour_on = (IN_PORT[0] + north(knots * 1.852), IN_PORT[1])
    assert len(read([fix(0, IN_PORT), fix(HOUR, one_hour_on)], []).tracks) == tracks


def test_two_ships_500_km_apart_on_one_mmsi() -> None:
    """They are two tracks, neither loses a fix."""
    far = (IN_PORT[0] + north(500), IN_PORT[1])
    rows = [f for at in range(0, HOUR, MINUTE) for f in (fix(at, IN_PORT), fix(at + 20, far))]
    reading = read(rows, [])
    assert [track.fixes for track in reading.tracks] == [60, 60]
    assert not reading.rejected


def test_one_wild_fix_is_a_stub_and_loses_no_ship() -> None:
    """The wild fix is a track of one fix and gives no event, though it lies in a port."""
    rows = [*stay(0, HOUR, AT_SEA, 12.0, MINUTE), fix(90, (20.0, 20.0))]
    reading = read(rows, [port("XXWLD", rectangle(19.0, 19.0, 21.0, 21.0))])
    assert [track.fixes for track in reading.tracks] == [61, 1]
    assert reading.events == []


@pytest.mark.parametrize("seconds", [1, 2, 30, 60])
def test_moored_jitter_is_one_track(seconds: int) -> None:
    """11 m of noise a second is 21 kn, or 43 kn from side to side: within 1 km it is no speed."""
    noise = seeded(seconds)
    places = [(50.0 + noise.uniform(-1e-4, 1e-4), 1.0 + noise.uniform(-1e-4, 1e-4)) for _ in range(500)]
    reading = read([fix(n * seconds, place, 0.0) for n, place in enumerate(places)], [])
    assert ([track.fixes for track in reading.tracks], reading.rejected) == ([500], {})


def test_a_fix_goes_to_the_nearest_track_and_a_tie_to_the_oldest() -> None:
    """Two tracks 3 km apart; a fix nearer to the later one, then one just between them on the equator."""
    west, east = (10.0, 0.0), (10.0, 0.03)
    rows = [fix(0, west), fix(0, east), fix(HOUR, (10.0, 0.02))]
    assert [t.fixes for t in read(rows, []).tracks] == [1, 2]
    tie = [fix(0, west), fix(0, east), fix(HOUR, (10.0, 0.015))]
    assert [t.fixes for t in read(tie, []).tracks] == [2, 1]


@pytest.mark.parametrize(("silent", "fixes"), [(30 * 60 - 1, [12, 4]), (30 * 60, [13, 3])])
def test_a_track_that_was_here_lately_comes_before_a_silent_one_that_is_nearer(
    silent: int, fixes: list[int]
) -> None:
    """A ship 300 m off a minute ago, and a track that ended 100 m off; latitude 0.009 is 1 km."""
    berth, km = 10.0, 0.009
    both = [fix(at, (latitude, 0.0)) for at in (0, 10, 20) for latitude in (berth - 3 * km, berth)]
    last = 20 + silent
    steps = [
        fix(last - 60 * n, (berth - (0.1 + 0.3 * n) * km, 0.0)) for n in range(10) if 0.1 + 0.3 * n < 2.9
    ]
    assert [track.fixes for track in read([*both, *steps], []).tracks] == fixes


def far_ships(*fixes_each: int) -> list[Fix]:
    """Return ships of one MMSI 10 degrees apart, opened in this order, with so many fixes each."""
    return [
        fix(ship + 10 * number, (-40.0 + 10 * ship, 50.0))
        for ship, fixes in enumerate(fixes_each)
        for number in range(fixes)
    ]


@pytest.mark.parametrize(
    ("fixes_each", "newcomer_replaces"),
    [((3, 2, 1, 3), 2), ((3, 2, 2, 3), 1), ((1, 1, 1, 1), 0), ((3, 3, 3, 3), None)],
)
def test_a_fifth_track_takes_the_place_of_a_stub(
    fixes_each: tuple[int, ...], newcomer_replaces: int | None
) -> None:
    """The stub with the fewest fixes, then the longest silent; without a stub the fix is rejected."""
    newcomer = fix(100, (60.0, -50.0))
    reading = read([*far_ships(*fixes_each), newcomer], [])
    assert reading.rejected == ({"implied_speed_above_maximum": 1} if newcomer_replaces is None else {})
    later = [fix(200, (-40.0 + 10 * ship, 50.0)) for ship in range(4)]
    for ship, row in enumerate(later):
        joined = read([*far_ships(*fixes_each), newcomer, row], []).tracks[ship].fixes == fixes_each[ship] + 1
        assert joined is (ship != newcomer_replaces)


@pytest.mark.parametrize(
    ("place", "silence", "tracks"),
    [
        (AT_SEA, 14 * DAY, 1),
        (AT_SEA, 14 * DAY + 1, 2),
        (IN_PORT, 14 * DAY + 1, 1),
        (AT_EDGE_MARGIN, 14 * DAY + 1, 2),
        (IN_PORT, 60 * DAY, 1),
        (IN_PORT, 60 * DAY + 1, 2),
    ],
)
def test_a_track_closes_after_silence(place: tuple[float, float], silence: int, tracks: int) -> None:
    """After 14 days, 60 in a port; the margin alone is no visit."""
    assert len(read([fix(0, place, 0.0), fix(silence, place, 0.0)], [PORT]).tracks) == tracks


# --- Section 5: the golden call -----------------------------------------------------------------------------

GOLDEN_CALL = [
    fix(1476422802, AT_SEA, 12.0, start=0),
    fix(1476426402, IN_PORT, 5.0, start=0),
    fix(1476430743, IN_PORT, 0.1, start=0),
    fix(1476436086, IN_PORT, 0.6, start=0),
    fix(1476450000, IN_PORT, 0.4, start=0),
    fix(1476464000, IN_PORT, 0.4, start=0),
    fix(1476476000, IN_PORT, 0.4, start=0),
    fix(1476488638, IN_PORT, 0.1, start=0),
    fix(1476489542, IN_PORT, 0.6, start=0),
    fix(1476495140, AT_SEA, 12.0, start=0),
]


@given(st.permutations(GOLDEN_CALL))
def test_golden_call_in_any_input_order(rows: list[Fix]) -> None:
    """One call of 19.0938888889 h, confidence 4."""
    event = only(read(rows, [PORT]))
    assert (event.event_type, event.arrived_at, event.departed_at) == ("port_call", 1476426402, 1476495140)
    assert event.stay_hours == pytest.approx(19.0938888889, abs=5e-11)
    # Version 2, section 1: the place does not change from the second fix on, so it is one stop, not two.
    assert event.stop_hours == pytest.approx((1476489542 - 1476430743) / HOUR)
    assert event.confidence == 4


def test_golden_stay() -> None:
    """From 1475241790 to 1475290556 is 13.5461111111 h."""
    inside = [fix(at, IN_PORT, 0.1, start=0) for at in range(1475241790, 1475290556, HOUR)]
    rows = [fix(1475240000, AT_SEA, start=0), *inside, fix(1475290556, AT_SEA, start=0)]
    assert only(read(rows, [PORT])).stay_hours == pytest.approx(13.5461111111, abs=5e-11)


# --- Section 5: entry and exit ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "confidence"),
    [(True, True, 4), (True, False, 3), (False, True, 3), (False, False, 2)],
)
def test_confidence_of_a_call(before: bool, after: bool, confidence: int) -> None:
    """4 with both ends seen, 3 with one, 2 with neither; an unseen end has no time."""
    rows = stay(0, HOUR)
    rows += [fix(-HOUR, AT_SEA)] if before else []
    rows += [fix(2 * HOUR, AT_SEA)] if after else []
    event = only(read(rows, [PORT]))
    assert event.confidence == confidence
    assert event.arrived_at == (START if before else None)
    assert event.departed_at == (START + 2 * HOUR if after else None)
    assert (event.first_seen, event.last_seen) == (START, START + HOUR)
    assert event.is_open is not after


@pytest.mark.parametrize(("period_end", "is_open"), [(60 * DAY, True), (60 * DAY + 1, False)])
def test_an_open_call_closes_unseen_with_its_track(period_end: int, is_open: bool) -> None:
    """At the period's end the call is open, or closed without a departure."""
    event = only(read(stay(-HOUR, 0), [PORT], START + period_end))
    assert (event.is_open, event.departed_at) == (is_open, None)


def test_passing_at_12_knots_is_a_passage() -> None:
    """No stop, no gap: a passage, confidence 1."""
    # Version 2, section 1: the positions must move too; 12 kn is 3.7 km in 10 min.
    passing = [fix(HOUR + 600 * n, (49.91 + n * north(3.704), 1.0)) for n in range(6)]
    rows = [fix(0, (49.7, 1.0)), *passing, fix(3 * HOUR, AT_SEA)]
    event = only(read(rows, [PORT]))
    assert (event.event_type, event.confidence, event.stop_hours) == ("passage", 1, 0)


def test_jitter_at_the_edge_is_one_visit() -> None:
    """Fixes in turn inside and up to 1 km outside are one visit, to its last fix in the margin."""
    places = [AT_EDGE_INSIDE, AT_EDGE_MARGIN] * 60
    rows = [fix(n * MINUTE, place, 0.0) for n, place in enumerate(places)]
    event = only(read([fix(-25 * MINUTE, AT_SEA), *rows, fix(3 * HOUR, AT_SEA)], [PORT]))
    assert (event.first_seen, event.last_seen) == (START, START + 119 * MINUTE)
    # Version 2, section 1: 0.9 km a minute is movement, whatever SOG says.
    assert (event.event_type, event.stop_hours) == ("passage", 0)


def test_noise_across_the_edge_is_one_stop() -> None:
    """Fixes in turn 22 m inside and 22 m outside are one visit at rest."""
    places = [(50.0998, 1.0), (50.1002, 1.0)] * 60
    rows = [fix(n * MINUTE, place, 0.0) for n, place in enumerate(places)]
    event = only(read([fix(-HOUR, AT_SEA), *rows, fix(3 * HOUR, AT_SEA)], [PORT]))
    assert event.event_type == "port_call"
    assert event.stop_hours == pytest.approx(119 / 60)


def test_exit_is_beyond_the_margin_only() -> None:
    """At 0.9 km the visit goes on, at 1.06 km it ends; the margin alone begins none."""
    rows = [
        fix(0, AT_EDGE_MARGIN),
        fix(60, AT_EDGE_INSIDE),
        fix(120, AT_EDGE_MARGIN),
        fix(180, BEYOND_MARGIN),
    ]
    event = only(read(rows, [PORT]))
    assert (event.arrived_at, event.last_seen, event.departed_at) == (START + 60, START + 120, START + 180)


@pytest.mark.parametrize(
    ("place", "is_inside"),
    [
        ((50.1, 1.0), True),
        ((50.1, 1.1), True),
        ((49.95, 0.9), True),
        ((math.nextafter(50.1, 51), 1.0), False),
        ((49.95, math.nextafter(0.9, 0)), False),
    ],
)
def test_an_edge_is_inside(place: tuple[float, float], is_inside: bool) -> None:
    """A place on a side or corner is in the port, the next number outside is not."""
    assert (Atlas([PORT]).port_of(fix(0, place)) == "XXPRT") is is_inside


def test_a_slanted_edge_is_inside_and_a_hole_is_not() -> None:
    """Sides are straight in degrees; the hole's own side is inside."""
    triangle: Ring = ((0.0, 10.0), (3.0, 10.0), (0.0, 13.0))
    atlas = Atlas([port("XXTRI", triangle, rectangle(10.5, 0.5, 11.0, 1.0))])
    inside = {
        (11.5, 1.5): True,
        (11.5, 1.51): False,
        (10.75, 0.75): False,
        (10.75, 0.5): True,
        (10.2, 0.2): True,
    }
    assert {place: atlas.port_of(fix(0, place)) == "XXTRI" for place in inside} == inside


@pytest.mark.parametrize(
    ("km", "is_inside", "is_kept"), [(2.99, True, True), (3.01, False, True), (4.01, False, False)]
)
def test_a_points_only_port(km: float, is_inside: bool, is_kept: bool) -> None:
    """Entry within 3 km, exit beyond 4 km."""
    atlas = Atlas([Area("XXPNT", "port", (), (50.0, 1.0))])
    row = fix(0, (50.0 + north(km), 1.0))
    assert (atlas.port_of(row) == "XXPNT") is is_inside
    assert atlas.is_within_margin(row, "XXPNT") is is_kept


@pytest.mark.parametrize("longitude", [179.95, 180.0, -180.0, -179.95])
def test_a_port_over_the_antimeridian(longitude: float) -> None:
    """Polygon and circle reach over it, for fixes on both sides."""
    polygon = port("XXPOL", ((179.9, -1.0), (-179.9, -1.0), (-179.9, 1.0), (179.9, 1.0)))
    circle = Area("XXPNT", "port", (), (30.0, 179.975 if longitude > 0 else -179.975))
    atlas = Atlas([polygon, circle])
    assert atlas.port_of(fix(0, (0.5, longitude))) == "XXPOL"
    assert atlas.is_within_margin(fix(0, (1.005, longitude)), "XXPOL")
    assert not atlas.is_within_margin(fix(0, (1.01, longitude)), "XXPOL")
    assert atlas.port_of(fix(0, (30.0, longitude))) == "XXPNT"


def test_a_call_over_the_antimeridian_and_one_at_89_9_north() -> None:
    """The track is one, the visit is one."""
    # Version 2, section 1: the steps are 67 m and 58 m, for 120 m and more are no rest.
    across = [fix(n * MINUTE, (0.0, 179.9997 if n % 2 else -179.9997), 0.0) for n in range(60)]
    event = only(read(across, [Area("XXPNT", "port", (), (0.0, 180.0))]))
    assert event.stop_hours == pytest.approx(59 / 60)
    polar = [fix(n * MINUTE, (89.9, 179.85 + 0.3 * (n % 2)), 0.0) for n in range(60)]
    rows = [Fix(r.mmsi, r.second, r.latitude, (r.longitude + 180) % 360 - 180, r.sog_knots) for r in polar]
    assert only(read(rows, [Area("XXPOL", "port", (), (89.9, 180.0))])).stop_hours == pytest.approx(59 / 60)


# --- Section 5: two ports -----------------------------------------------------------------------------------

SMALLER = port("XXSML", rectangle(49.99, 0.99, 50.01, 1.01))


def test_of_overlapping_ports_the_smaller_wins() -> None:
    """The smaller one ends the visit to the larger at its first fix and begins its own."""
    outer = (50.05, 1.0)
    rows = [fix(-HOUR, AT_SEA), *stay(0, HOUR, outer), *stay(2 * HOUR, 4 * HOUR), fix(5 * HOUR, AT_SEA)]
    first, second = read(rows, [PORT, SMALLER]).events
    assert (first.port_locode, first.departed_at, first.confidence) == ("XXPRT", START + 2 * HOUR, 4)
    assert (second.port_locode, second.arrived_at, second.confidence) == ("XXSML", START + 2 * HOUR, 4)


def test_equal_areas_are_settled_by_locode() -> None:
    """Text order, whichever comes first in the list."""
    areas = [Area("XXBBB", "port", (), (50.0, 1.0)), Area("XXAAA", "port", (), (50.0, 1.001))]
    assert Atlas(areas).port_of(fix(0, IN_PORT)) == "XXAAA"
    assert Atlas(areas[::-1]).port_of(fix(0, IN_PORT)) == "XXAAA"


def test_a_port_of_two_areas_is_left_when_both_are() -> None:
    """Between two areas of one port, within 1 km of either, the visit goes on."""
    second_part = port("XXPRT", rectangle(50.115, 0.9, 50.2, 1.1))
    rows = [*stay(0, HOUR), fix(2 * HOUR, BEYOND_MARGIN), *stay(3 * HOUR, 4 * HOUR, (50.15, 1.0))]
    assert only(read(rows, [PORT, second_part])).last_seen == START + 4 * HOUR
    assert only(read(rows, [PORT])).departed_at == START + 2 * HOUR


# --- Section 5: stops, gaps, merging ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "event_type"),
    [(30 * MINUTE - 1, "passage"), (30 * MINUTE, "port_call"), (30 * MINUTE + 1, "port_call")],
)
def test_a_stop_of_30_minutes_makes_a_call(seconds: int, event_type: str) -> None:
    """29:59 is a passage, 30:00 a call."""
    rows = [fix(-HOUR, AT_SEA), fix(0, IN_PORT, 0.1), fix(seconds, IN_PORT, 0.6), fix(2 * HOUR, AT_SEA)]
    event = only(read(rows, [PORT]))
    assert (event.event_type, event.stop_hours) == (event_type, seconds / HOUR)


def test_two_stops_of_20_minutes_make_no_call() -> None:
    """One stop counts, not a sum; the hours are the sum."""
    # Version 2, section 1: two stops are two places.
    places = [IN_PORT, IN_PORT, (50.01, 1.0), (50.01, 1.0)]
    rows = [fix(20 * MINUTE * n, place, 0.1) for n, place in enumerate(places)]
    event = only(read(rows, [PORT]))
    assert event.event_type == "passage"
    assert event.stop_hours == pytest.approx(40 / 60)


@pytest.mark.parametrize(
    ("slow", "fast", "stop_minutes"),
    [
        (0.19, 0.51, 50),
        (0.2, 0.51, 50),
        (0.19, 0.5, 50),
        (None, 0.51, 50),
        (0.19, 2.0, 50),
        (0.19, 2.01, 10),
        (2.0, 0.51, 50),
        (2.01, 0.51, 10),
    ],
)
def test_sog_ends_a_stop_only_over_a_sparse_step(slow: float | None, fast: float, stop_minutes: int) -> None:
    """Above 2 kn on either side of a silence over 30 min the stop before has ended."""
    # Version 2, section 1: a stop has no thresholds of SOG any more; 0.2 and 0.5 kn change nothing.
    rows = [fix(0, IN_PORT, slow), fix(40 * MINUTE, IN_PORT, fast), fix(50 * MINUTE, IN_PORT, 0.3)]
    assert only(read(rows, [PORT])).stop_hours == pytest.approx(stop_minutes / 60)


def test_without_sog_the_way_made_decides() -> None:
    """0 kn over the first hour, 3 kn over the second, from the positions."""
    moved = (IN_PORT[0] + north(3 * 1.852), IN_PORT[1])
    rows = [fix(0, IN_PORT, None), fix(HOUR, IN_PORT, None), fix(2 * HOUR, moved, None)]
    assert only(read(rows, [PORT])).stop_hours == 1


@pytest.mark.parametrize(("seconds", "gap_hours"), [(4 * HOUR - 1, 0.0), (4 * HOUR, 4.0)])
def test_a_gap_of_4_hours_makes_a_call(seconds: int, gap_hours: float) -> None:
    """3:59:59 is none, 4:00:00 is one."""
    rows = [fix(-HOUR, AT_SEA), fix(0, IN_PORT), fix(seconds, IN_PORT), fix(seconds + HOUR, AT_SEA)]
    event = only(read(rows, [PORT]))
    assert (event.gap_hours, event.event_type) == (gap_hours, "port_call" if gap_hours else "passage")


@pytest.mark.parametrize(
    ("seconds", "exit_after_gap", "confidence"), [(4 * HOUR - 1, False, 4), (4 * HOUR, True, 3)]
)
def test_an_exit_after_a_gap(seconds: int, exit_after_gap: bool, confidence: int) -> None:
    """Its departure is estimated at the last fix, and its hours are no gap and no stay."""
    rows = [fix(-HOUR, AT_SEA), *stay(0, HOUR), fix(HOUR + seconds, AT_SEA)]
    event = only(read(rows, [PORT]))
    assert (event.exit_after_gap, event.confidence) == (exit_after_gap, confidence)
    # Version 2, section 2: the published departure is the bound on the port's side.
    departed_at = START + HOUR + (0 if exit_after_gap else seconds)
    assert (event.departed_at, event.gap_hours) == (departed_at, 0)
    assert event.departure_is_estimated is exit_after_gap
    assert event.stay_hours == (1 if exit_after_gap else (HOUR + seconds) / HOUR)


@pytest.mark.parametrize(("seconds", "events"), [(HOUR - 1, 1), (HOUR, 2)])
def test_visits_less_than_an_hour_apart_are_one(seconds: int, events: int) -> None:
    """Re-entry 59:59 after the exit is the same visit, 60:00 another."""
    rows = [fix(-HOUR, AT_SEA), *stay(0, HOUR), fix(2 * HOUR, AT_SEA), *stay(2 * HOUR + seconds, 5 * HOUR)]
    reading = read([*rows, fix(6 * HOUR, AT_SEA)], [PORT])
    assert len(reading.events) == events
    assert (reading.events[0].arrived_at, reading.events[-1].departed_at) == (START, START + 6 * HOUR)


def test_a_stop_does_not_go_on_over_a_merged_excursion() -> None:
    """10 min still, out for 30 min at speed, back still for 10 min: two stops of 10 min, so a passage."""
    # Version 2, section 1: a run lies within one visit piece; in version 1 it was one stop of 50 min, a call.
    rows = [*stay(0, 600), fix(1200, AT_EDGE_MARGIN, 0.3), fix(1800, BEYOND_MARGIN, 9.0), *stay(2400, 3000)]
    event = only(read(rows, [PORT]))
    assert event.event_type == "passage"
    assert event.stop_hours == pytest.approx(20 / 60)


def test_an_excursion_is_no_gap_of_the_visit() -> None:
    """5 h of silence, one fix at sea, back at once: merged, and without a gap."""
    rows = [fix(-HOUR, AT_SEA), fix(0, IN_PORT), fix(5 * HOUR, BEYOND_MARGIN), fix(5 * HOUR + 600, IN_PORT)]
    event = only(read([*rows, fix(6 * HOUR, AT_SEA)], [PORT]))
    assert (event.event_type, event.gap_hours, event.exit_after_gap) == ("passage", 0, False)


def test_visits_merge_over_a_visit_to_another_port() -> None:
    """Ten minutes in the smaller port inside do not split the stay in the larger one."""
    outer = (50.05, 1.0)
    rows = [*stay(0, HOUR, outer), *stay(HOUR + 600, HOUR + 1200), *stay(2 * HOUR, 3 * HOUR, outer)]
    larger, smaller = read(rows, [PORT, SMALLER]).events
    assert (larger.port_locode, larger.first_seen, larger.last_seen) == ("XXPRT", START, START + 3 * HOUR)
    assert (smaller.port_locode, smaller.event_type) == ("XXSML", "passage")


# --- Section 5: waiting -------------------------------------------------------------------------------------


def waited(rows: Iterable[Fix]) -> list[float]:
    """Return the waiting hours of each event at the port with an anchorage."""
    return [event.waiting_hours for event in read(rows, [PORT, ANCHORAGE]).events]


@pytest.mark.parametrize(("seconds", "hours"), [(30 * MINUTE - 1, 0.0), (30 * MINUTE, 0.5)])
def test_a_wait_is_30_minutes_at_anchor(seconds: int, hours: float) -> None:
    """29:59 is no wait."""
    rows = [fix(-HOUR, AT_SEA), fix(0, AT_ANCHOR, 0.1), fix(seconds, AT_ANCHOR, 0.6)]
    assert waited([*rows, *stay(2 * HOUR, 3 * HOUR)]) == [hours]


@pytest.mark.parametrize(("entry", "hours"), [(26 * HOUR, 3.0), (26 * HOUR + 1, 0.0)])
def test_the_last_wait_ends_at_most_24_hours_before_entry(entry: int, hours: float) -> None:
    """All stops since the last call count when the last of them is recent enough."""
    old = [*stay(-100 * HOUR, -99 * HOUR, AT_ANCHOR), fix(-98 * HOUR, AT_SEA)]
    recent = [*stay(0, 2 * HOUR, AT_ANCHOR), fix(3 * HOUR, AT_SEA)]
    assert waited([*old, *recent, *stay(entry, entry + HOUR)]) == [hours]


def test_a_wait_belongs_to_the_next_call() -> None:
    """A stop before a call is not waited again for the next one; a passage between takes nothing away."""
    wait = stay(0, HOUR, AT_ANCHOR)
    call = stay(2 * HOUR, 3 * HOUR)
    passage = stay(2 * HOUR, 2 * HOUR + 600, IN_PORT, 12.0)
    again = [fix(4 * HOUR, AT_SEA), *stay(6 * HOUR, 7 * HOUR)]
    assert waited([*wait, *call, *again]) == [1, 0]
    assert waited([*wait, *passage, *again]) == [1, 1]


# --- Version 2, section 1: rest is movement ------------------------------------------------------------------


def noisy(place: tuple[float, float], metres: float, noise: random.Random) -> tuple[float, float]:
    """Return the place with normal noise of some metres in each direction."""
    return (
        place[0] + north(noise.gauss(0, metres) / 1000),
        place[1] + north(noise.gauss(0, metres) / 1000) / math.cos(math.radians(place[0])),
    )


@pytest.mark.parametrize(
    ("every", "sog", "metres"),
    [
        (24 * MINUTE, 0.6, 5),
        (10 * MINUTE, 0.3, 5),
        (10 * MINUTE, 0.2, 5),
        (10, None, 3),
        (60, None, 10),
        (180, None, 5),
    ],
)
def test_twelve_hours_at_berth_are_a_call(every: int, sog: float | None, metres: float) -> None:
    """Noisy, missing or fixed SOG does not hide a stay."""
    noise = seeded(every)
    rows = [fix(at, noisy(IN_PORT, metres, noise), sog) for at in range(0, 12 * HOUR + 1, every)]
    event = only(read([fix(-HOUR, AT_SEA), *rows, fix(13 * HOUR, AT_SEA)], [PORT]))
    assert (event.event_type, event.confidence) == ("port_call", 4)
    assert event.stop_hours == pytest.approx(12, abs=0.1)


@pytest.mark.parametrize("every", [10, 60, 180])
def test_sog_fixed_at_0_does_not_make_a_call(every: int) -> None:
    """30 km through the port at 12 kn, SOG sent as 0.0."""
    wide = port("XXWID", rectangle(49.85, 0.9, 50.12, 1.1))
    km_s = 12 * 1.852 / HOUR
    rows = [fix(at, (49.8 + north(at * km_s), 1.0), 0.0) for at in range(0, 2 * HOUR, every)]
    assert only(read(rows, [wide])).event_type == "passage"


@pytest.mark.parametrize(("km", "stop_minutes"), [(0.119, 60), (0.121, 0)])
def test_the_radius_of_rest(km: float, stop_minutes: int) -> None:
    """Steps of 119 m to and fro are rest, steps of 121 m are not."""
    places = [IN_PORT, (50.0 + north(km), 1.0)]
    rows = [fix(n * 5 * MINUTE, places[n % 2], 0.0) for n in range(13)]
    assert only(read(rows, [PORT])).stop_hours == pytest.approx(stop_minutes / 60)


@pytest.mark.parametrize(("away", "stop_minutes"), [(599, 50), (600, 20 + 19.5)])
def test_an_excursion_of_under_10_minutes_does_not_end_a_run(away: int, stop_minutes: float) -> None:
    """A fix 556 m off until 9:59 after the last one near is passed over; at 10:00 a new run begins."""
    rows = [*stay(0, 20 * MINUTE), fix(20 * MINUTE + away, (50.005, 1.0), 0.0)]
    rows += [fix(30 * MINUTE + 30, IN_PORT, 0.0), fix(50 * MINUTE, IN_PORT, 0.0)]
    assert only(read(rows, [PORT])).stop_hours == pytest.approx(stop_minutes / 60)


# --- Version 2, section 2: gaps at either end ----------------------------------------------------------------

SAILING_HOURS = 2 * (AT_SEA[0] - IN_PORT[0]) * KM_PER_DEGREE_NORTH / (12 * 1.852)


def one_fix_in_port(sog: float, status: int | None, seconds_more: float) -> Event:
    """Return the event of one fix in port, half way of the sailing time of 12 kn and some seconds more."""
    total = SAILING_HOURS * HOUR + seconds_more
    inside = fix(total // 2, IN_PORT, sog)._replace(navigational_status=status)
    return only(read([fix(0, AT_SEA), inside, fix(math.ceil(total), AT_SEA)], [PORT]))


@pytest.mark.parametrize(
    ("sog", "status", "seconds_more", "event_type"),
    [
        (0.0, None, 30 * MINUTE, "port_call"),
        (0.0, None, 30 * MINUTE - 2, "passage"),
        (0.5, None, HOUR, "port_call"),
        (0.51, None, HOUR, "passage"),
        (0.51, 0, HOUR, "passage"),
        (0.51, 1, HOUR, "port_call"),
        (2.0, 5, HOUR, "port_call"),
        (2.01, 5, HOUR, "passage"),
    ],
)
def test_time_that_sailing_does_not_explain(
    sog: float, status: int | None, seconds_more: float, event_type: str
) -> None:
    """One fix at rest and 30 min more than sailing needs make a call with both ends estimated."""
    event = one_fix_in_port(sog, status, seconds_more)
    is_call = event_type == "port_call"
    assert (event.event_type, event.confidence) == (event_type, 2 if is_call else 1)
    assert (event.arrival_is_estimated, event.departure_is_estimated) == (is_call, is_call)
    assert (event.departed_at == event.last_seen) is is_call
    if is_call:
        widths = (event.arrival_half_width_hours or 0) + (event.departure_half_width_hours or 0)
        assert widths == pytest.approx(seconds_more / HOUR / 2, abs=1 / HOUR)


@pytest.mark.parametrize(("seconds", "is_estimated"), [(4 * HOUR - 1, False), (4 * HOUR, True)])
def test_an_entry_after_a_gap_is_estimated(seconds: int, is_estimated: bool) -> None:
    """From 4 h of silence on; 33.4 km at 12 kn explain 1.5 h of them."""
    event = only(read([fix(-seconds, AT_SEA), *stay(0, HOUR), fix(2 * HOUR, AT_SEA)], [PORT]))
    assert (event.arrival_is_estimated, event.confidence) == (is_estimated, 3 if is_estimated else 4)
    expected = pytest.approx((4 - SAILING_HOURS / 2) / 2) if is_estimated else None
    assert event.arrival_half_width_hours == expected


def satellite_events(
    every_hours: float, stay_hours: float, phase: float, knots: float = 12.0, *, is_passing: bool = False
) -> list[Event]:
    """Return the events of a vessel seen every so often that sails to the berth, stays and sails on."""
    rows = []
    for number in range(-4, 9):
        hours = (number + phase) * every_hours
        sailing = min(hours, 0.0) + max(hours - stay_hours, 0.0)
        km = sailing * knots * 1.852
        place = (50.0 + north(km if is_passing else abs(km)), 1.0)
        rows.append(fix(hours * HOUR, place, knots if sailing else 0.0))
    return read(rows, [PORT]).events


@pytest.mark.parametrize(("every_hours", "stay_hours"), [(5, 6), (8, 12), (10, 12)])
def test_calls_between_satellite_passes(every_hours: int, stay_hours: int) -> None:
    """At least 19 of 20 calls at different phases are found."""
    found = [satellite_events(every_hours, stay_hours, n / 20) for n in range(20)]
    calls = [sum(event.event_type == "port_call" for event in events) for events in found]
    assert max(calls) <= 1
    assert sum(calls) >= 19


@pytest.mark.parametrize("every_hours", [5, 8, 10])
def test_passing_vessels_between_satellite_passes(every_hours: int) -> None:
    """At most 1 of 20 vessels that pass at 8 to 16 kn is a call."""
    found = [
        satellite_events(every_hours, 0, n / 20, 8 + 8 * (n % 7) / 6, is_passing=True) for n in range(20)
    ]
    assert sum(event.event_type == "port_call" for events in found for event in events) <= 1


# --- Version 2, section 4: ports side by side and the anchorage next to the port -----------------------------

WEST = port("XXWST", rectangle(49.9, 0.9, 50.1, 1.0))
EAST = port("XXEST", rectangle(49.9, 1.00001, 50.1, 1.1))
ROADS = port("XXPRT", rectangle(50.1001, 0.9, 50.15, 1.1), kind="anchorage")
CLIP = [fix(-HOUR, (50.2, 0.5)), *(fix(60 * n, (50.0999, 0.95 + 0.004 * n), 8.0) for n in range(5))]
OFF_600_M = (50.1 + north(0.6), 0.97)


@pytest.mark.parametrize(("west_of_5", "port_locode"), [(2, "XXEST"), (3, "XXWST")])
def test_jitter_across_a_common_border_is_one_call(west_of_5: int, port_locode: str) -> None:
    """The port that holds most of the fixes at rest has the call, whichever was entered first."""
    for first in (0.9995, 1.0005):
        rows = [fix(0, (50.0, first), 0.0)]
        rows += [fix(MINUTE * n, (50.0, 0.9995 if n % 5 < west_of_5 else 1.0005), 0.0) for n in range(1, 601)]
        event = only(read([fix(-HOUR, AT_SEA), *rows, fix(12 * HOUR, AT_SEA)], [WEST, EAST]))
        assert (event.event_type, event.port_locode) == ("port_call", port_locode)


def test_clip_and_anchor_is_no_call() -> None:
    """A vessel that clips the port and anchors 600 m off for 40 h has waited, not called."""
    rows = [*CLIP, *stay(600, 600 + 40 * HOUR, OFF_600_M), fix(42 * HOUR, AT_SEA)]
    event = only(read(rows, [PORT, ROADS]))
    assert (event.event_type, event.departed_at, event.stop_hours) == ("passage", START + 600, 0)


def test_clip_wait_and_berth_is_one_call_with_its_wait() -> None:
    """A vessel that clips the port, waits 20 h and berths 10 h: the wait also ends the merging."""
    berthed = 600 + 20 * HOUR + 20 * MINUTE
    rows = [*CLIP, *stay(600, 600 + 20 * HOUR, OFF_600_M), *stay(berthed, berthed + 10 * HOUR)]
    events = read([*rows, fix(32 * HOUR, AT_SEA)], [PORT, ROADS]).events
    assert [(event.event_type, event.waiting_hours) for event in events] == [
        ("passage", 0),
        ("port_call", 20),
    ]
    assert events[1].stop_hours == pytest.approx(10)


@pytest.mark.parametrize(("minutes", "events"), [(29, 1), (30, 2)])
def test_a_wait_of_30_minutes_ends_the_merging(minutes: int, events: int) -> None:
    """With less the second visit within the hour continues the first."""
    rows = [*CLIP, *stay(600, 600 + minutes * MINUTE, OFF_600_M), *stay(45 * MINUTE, 2 * HOUR)]
    assert len(read(rows, [PORT, ROADS]).events) == events


# --- Version 2, section 5: ferries ---------------------------------------------------------------------------

FERRY_ENDS = {
    "XXAAA": port("XXAAA", rectangle(49.99, 0.99, 50.01, 1.01)),
    "XXBBB": port("XXBBB", rectangle(50.06, 0.99, 50.08, 1.01)),
}


def ferry(trips: int, quay_minutes: int, crossing_minutes: int = 20) -> list[Fix]:
    """Return a fix a minute of a vessel between two quays 7.8 km apart, so many times at each."""
    rows = [fix(-20 * MINUTE, (49.9, 1.0))]
    minute = 0
    for _ in range(trips):
        for quay, other in ((50.0, 50.07), (50.07, 50.0)):
            rows += [fix(MINUTE * (minute + n), (quay, 1.0), 0.0) for n in range(quay_minutes + 1)]
            minute += quay_minutes
            way = (other - quay) / crossing_minutes
            rows += [
                fix(MINUTE * (minute + n), (quay + way * n, 1.0), 12.6) for n in range(1, crossing_minutes)
            ]
            minute += crossing_minutes
    return [*rows, *(fix(MINUTE * (minute + n), (50.0 - 0.0035 * n, 1.0), 12.6) for n in range(20))]


def calls_by_port(rows: list[Fix], *, is_ferry: bool) -> dict[str, int]:
    """Return the number of calls at each end."""
    short_stops = frozenset({SHIP}) if is_ferry else frozenset[int]()
    events = read(rows, list(FERRY_ENDS.values()), short_stop_mmsis=short_stops).events
    return {
        locode: sum(e.port_locode == locode and e.event_type == "port_call" for e in events)
        for locode in FERRY_ENDS
    }


@pytest.mark.parametrize(
    ("trips", "quay_minutes", "calls"), [(98, 15, 98), (49, 25, 49), (9, 5, 9), (9, 4, 0)]
)
def test_ferries_call_at_each_end(trips: int, quay_minutes: int, calls: int) -> None:
    """Stops of 5 min and more are calls, and no visit is merged with the next one."""
    assert calls_by_port(ferry(trips, quay_minutes), is_ferry=True) == {"XXAAA": calls, "XXBBB": calls}


def test_a_ferry_that_passes_is_a_passage() -> None:
    """Without a stop its class makes no call."""
    rows = [fix(n * MINUTE, (49.9 + 0.0033 * n, 1.0), 12.0) for n in range(80)]
    events = read(rows, list(FERRY_ENDS.values()), short_stop_mmsis=frozenset({SHIP})).events
    assert [event.event_type for event in events] == ["passage", "passage"]


def test_a_tug_with_the_path_of_a_ferry_is_as_before() -> None:
    """15 min at the quay are no call, and its visits within the hour are merged."""
    events = read(ferry(9, 15), list(FERRY_ENDS.values())).events
    assert [(event.port_locode, event.event_type) for event in events] == [
        ("XXAAA", "passage"),
        ("XXBBB", "passage"),
    ]


# --- The whole ----------------------------------------------------------------------------------------------


def test_any_order_of_rows_gives_the_same_reading() -> None:
    """Two ships on one MMSI with repeats, conflicts, wild fixes and calls, shuffled ten times."""
    noise = seeded(7)
    rows = [fix(noise.randrange(0, 2 * DAY), AT_SEA, noise.choice([0.0, 12.0])) for _ in range(60)]
    rows += [fix(noise.randrange(0, 2 * DAY), IN_PORT, noise.choice([0.0, None, 5.0])) for _ in range(60)]
    rows += [fix(at, (noise.uniform(-80, 80), noise.uniform(-180, 180))) for at in range(0, DAY, 2 * HOUR)]
    rows += [row._replace(latitude=row.latitude + 0.001) for row in rows[::7]] + rows[::5]
    expected = read(rows, [PORT, ANCHORAGE], START + 3 * DAY)
    assert expected.events
    for _ in range(10):
        noise.shuffle(rows)
        assert read(rows, [PORT, ANCHORAGE], START + 3 * DAY) == expected


def test_splitting_by_mmsi_changes_nothing() -> None:
    """Ships do not touch each other."""
    ships = [[row._replace(mmsi=SHIP + n) for row in stay(0, (n + 1) * HOUR)] for n in range(3)]
    together = read([row for ship in ships for row in ship], [PORT]).events
    assert together == [event for ship in ships for event in read(ship, [PORT]).events]


def test_circles_from_the_world_port_index(tmp_path: Path) -> None:
    """The code without its space, or the number where there is none; two rows of a code are two circles."""
    table = tmp_path / "wpi.csv"
    table.write_text(
        "World Port Index Number,Main Port Name,UN/LOCODE,Latitude,Longitude\n"
        "7950,Keasbey, ,40.533333,-74.25\n"
        "1,Somewhere,BM FPT,32.3,-64.8\n"
        "2,Elsewhere,BM FPT,32.4,-64.7\n",
        encoding="utf-8-sig",
    )
    assert circles_from_wpi(table) == [
        Area("WPI07950", "port", (), (40.533333, -74.25)),
        Area("BMFPT", "port", (), (32.3, -64.8)),
        Area("BMFPT", "port", (), (32.4, -64.7)),
    ]
