"""Golden cases of rest, silences, neighbouring areas and short calls (methodology 6).

The port, the helpers and the start are those of `test_port_calls`. Each case runs the fold of production.
"""

import math
import random
from collections.abc import Sequence

import numpy as np
import pytest

from tests.fold_harness import ProductReading
from tests.golden.test_port_calls import (
    AT_SEA,
    HOUR,
    IN_PORT,
    KM_PER_DEGREE_NORTH,
    KM_PER_NAUTICAL_MILE,
    MINUTE,
    PORT,
    SHIP,
    START,
    Place,
    box,
    fix,
    fold,
    index_of,
    north,
    only,
    types_of,
)
from tests.second_reading import Area, Fix

NEIGHBOUR = box("XXNXT", 50.1, 0.9, 50.3, 1.1)
ROADS = box("XXPRT", 50.1, 0.9, 50.14, 1.1, "anchorage")
SMALL = box("XXSML", 49.995, 0.995, 50.005, 1.005)


def noisy(place: Place, metres: float, seed: int) -> Place:
    """A place with a normal error."""
    draw = random.Random(seed)
    km = metres / 1000
    return place[0] + north(draw.gauss(0, km)), place[1] + north(draw.gauss(0, km))


def call_with(fixes: Sequence[Fix]) -> ProductReading:
    """Folds a stay between a fix an hour before and one an hour after it."""
    first, last = fixes[0].second - START, fixes[-1].second - START
    return fold([fix(first - HOUR, AT_SEA), *fixes, fix(last + HOUR, AT_SEA)])


# --- section 1: rest is assessed by movement ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("knots", "every"),
    [
        (0.6, 24 * MINUTE),
        (0.3, 10 * MINUTE),
        (0.2, 10 * MINUTE),
        (0.3, HOUR),
        (None, 10 * MINUTE),
        (0.0, HOUR),
    ],
)
def test_a_berth_of_12_hours_is_one_call_whatever_the_speed_says(knots: float | None, every: int) -> None:
    event = only(call_with([fix(at, IN_PORT, knots) for at in range(0, 12 * HOUR + 1, every)]))
    assert (event["event_type"], event["confidence"], event["stop_hours"]) == ("port_call", 4, 12)


@pytest.mark.parametrize(("every", "metres"), [(10, 3), (60, 10), (180, 5)])
@pytest.mark.parametrize("seed", range(3))
def test_without_speed_noise_of_metres_does_not_end_a_stop(every: int, metres: float, seed: int) -> None:
    stay = [fix(at, noisy(IN_PORT, metres, 100 * seed + at), None) for at in range(0, 6 * HOUR, every)]
    event = only(call_with(stay))
    assert (event["event_type"], event["confidence"]) == ("port_call", 4)
    assert event["longest_stop_minutes"] == pytest.approx(6 * 60, abs=every / MINUTE + 1)


@pytest.mark.parametrize("every", [10, MINUTE, 10 * MINUTE])
def test_a_speed_stuck_at_zero_makes_no_call_of_a_vessel_that_sails_through(every: int) -> None:
    """30 km at 12 kn, 22 of them in the port."""
    knots, way_km = 12.0, 30.0
    seconds = int(way_km / KM_PER_NAUTICAL_MILE / knots * HOUR)
    rows = [fix(at, (50.14 - north(way_km * at / seconds), 1.0), 0.0) for at in range(0, seconds, every)]
    event = only(fold(rows))
    assert (event["event_type"], event["stop_hours"]) == ("passage", 0)


def test_a_wild_position_of_minutes_does_not_end_a_stop() -> None:
    off = (IN_PORT[0] + north(0.3), IN_PORT[1])
    places = [off if n in (100, 101, 200) else IN_PORT for n in range(300)]
    event = only(call_with([fix(MINUTE * n, place, 0.0) for n, place in enumerate(places)]))
    assert event["longest_stop_minutes"] == 299


@pytest.mark.parametrize(("minutes", "longest"), [(9, 149), (10, 69)])
def test_an_excursion_shorter_than_the_window_is_an_error(minutes: int, longest: float) -> None:
    off = (IN_PORT[0] + north(0.3), IN_PORT[1])
    places = [off if 70 <= n < 70 + minutes else IN_PORT for n in range(150)]
    event = only(call_with([fix(MINUTE * n, place, 0.0) for n, place in enumerate(places)]))
    assert event["longest_stop_minutes"] == longest


# --- section 2: gaps at either end of a visit ---------------------------------------------------------------


def satellite_track(stays: int, stay_hours: float, every_hours: float, knots: float, seed: int) -> list[Fix]:
    """Fixes every so many hours of a vessel that sails out 60 nautical miles and comes back to the port."""
    draw, begin, rows = random.Random(seed), 0.0, []
    away = 60.0 / knots
    cycle = stay_hours + 2 * away + 10.0
    at = draw.uniform(0, every_hours)
    while begin < stays * cycle:
        number, phase = divmod(at, cycle)
        if number >= stays:
            break
        if phase < stay_hours:
            rows.append(fix(at * HOUR, IN_PORT, 0.0))
        else:
            out = min(phase - stay_hours, away, cycle - phase)
            speed = 0.1 if away < phase - stay_hours < away + 10 else knots
            rows.append(fix(at * HOUR, (IN_PORT[0] + north(out * knots * KM_PER_NAUTICAL_MILE), 1.0), speed))
        at += every_hours * draw.uniform(0.95, 1.05)
        begin = number * cycle
    return rows


@pytest.mark.parametrize(("every_hours", "stay_hours"), [(5, 6), (8, 12), (10, 12)])
@pytest.mark.parametrize("seed", range(3))
def test_of_20_calls_between_satellite_passes_19_are_found(
    every_hours: float, stay_hours: float, seed: int
) -> None:
    found = types_of(fold(satellite_track(20, stay_hours, every_hours, 12.0, seed)))
    assert sum(kind == "port_call" for _, kind in found) >= 19
    assert sum(kind == "port_call" for _, kind in found) <= 20


@pytest.mark.parametrize("every_hours", [0.5, 2, 5, 8, 10])
@pytest.mark.parametrize("knots", [8.0, 12.0, 16.0])
def test_vessels_that_pass_through_make_no_calls(every_hours: float, knots: float) -> None:
    """20 vessels sail through the middle of the port, each seen at other times."""
    calls = 0
    for number in range(20):
        first = every_hours * number / 20 - 24
        hours = np.arange(first, 24, every_hours)
        rows = [
            fix(hour * HOUR, (50.0 + north(hour * knots * KM_PER_NAUTICAL_MILE), 1.0), knots)
            for hour in hours
        ]
        calls += sum(kind == "port_call" for _, kind in types_of(fold(rows)))
    assert calls == 0


def seen_once(
    before_hours: float, after_hours: float, knots: float = 0.0, status: int | None = None
) -> list[Fix]:
    """A vessel 24 nautical miles off, once in the port, and as far off again, sailing 12 kn."""
    off = (IN_PORT[0] + north(24 * KM_PER_NAUTICAL_MILE), 1.0)
    once = fix(0, IN_PORT, knots)._replace(navigational_status=status)
    return [fix(-before_hours * HOUR, off), once, fix(after_hours * HOUR, off)]


@pytest.mark.parametrize(("hours", "kind"), [(2.25, "port_call"), (2.249, "passage")])
def test_time_that_sailing_does_not_explain_is_a_stop(hours: float, kind: str) -> None:
    """At 12 kn the way there and back takes four hours; 30 minutes more are a call."""
    event = only(fold(seen_once(hours, hours)))
    assert event["event_type"] == kind


@pytest.mark.parametrize(
    ("knots", "status", "kind"),
    [
        (0.5, None, "port_call"),
        (0.6, None, "passage"),
        (2.0, 5, "port_call"),
        (2.0, 1, "port_call"),
        (2.1, 5, "passage"),
        (2.0, 0, "passage"),
    ],
)
def test_one_fix_at_rest_is_needed(knots: float, status: int | None, kind: str) -> None:
    assert only(fold(seen_once(6, 6, knots, status)))["event_type"] == kind


def test_ends_in_silences_are_estimated_with_their_half_widths() -> None:
    """Seen 6 h before and 5 h after, each time 2 h of sailing away."""
    event = only(fold(seen_once(6, 5)))
    assert (event["arrived_at_utc"], event["departed_at_utc"]) == (START, START)
    assert (event["arrival_is_estimated"], event["departure_is_estimated"]) == (True, True)
    assert event["arrival_half_width_hours"] == pytest.approx(2)
    assert event["departure_half_width_hours"] == pytest.approx(1.5)
    assert (event["confidence"], event["stay_hours"]) == (2, pytest.approx(3.5))


def test_a_vessel_that_switches_off_after_berthing_has_called() -> None:
    rows = [
        fix(-20 * MINUTE, (50.14, 1.0)),
        fix(0, IN_PORT, 3.0),
        *(fix(MINUTE * n, IN_PORT, 0.0) for n in range(5, 17)),
    ]
    event = only(fold([*rows, fix(20 * HOUR, AT_SEA)]))
    assert (event["event_type"], event["arrival_is_estimated"], event["departure_is_estimated"]) == (
        "port_call",
        False,
        True,
    )
    assert (event["confidence"], event["arrival_half_width_hours"]) == (3, None)


# --- section 4: ports side by side, and the anchorage next to the port ---------------------------------------


@pytest.mark.parametrize(("share_north", "port"), [(0.3, "XXPRT"), (0.7, "XXNXT")])
@pytest.mark.parametrize("seed", range(3))
def test_jitter_across_a_common_border_is_one_call(share_north: float, port: str, seed: int) -> None:
    draw = random.Random(seed)
    places = [(50.1 + (0.0002 if draw.random() < share_north else -0.0002), 1.0) for _ in range(300)]
    rows = [fix(-HOUR, (49.5, 1.0)), *(fix(2 * MINUTE * n, place, 0.0) for n, place in enumerate(places))]
    event = only(fold([*rows, fix(12 * HOUR, (49.5, 1.0))], PORT, NEIGHBOUR))
    assert (event["port_locode"], event["event_type"], event["confidence"]) == (port, "port_call", 4)


def sailing(first: Place, last: Place, begin: int, knots: float = 8.0) -> list[Fix]:
    """Fixes every minute between two places on a meridian, the second one left out."""
    km = (last[0] - first[0]) * KM_PER_DEGREE_NORTH
    minutes = math.ceil(abs(km) / KM_PER_NAUTICAL_MILE / knots * 60)
    return [
        fix(begin + MINUTE * n, (first[0] + (last[0] - first[0]) * n / minutes, first[1]), knots)
        for n in range(minutes)
    ]


OFF_THE_PORT, CLIPPED = (50.1 + north(0.6), 1.0), (50.1 - north(0.5), 1.0)


def clip_and_anchor(hours: float) -> list[Fix]:
    """A vessel clips the port's edge, goes out again and anchors 600 m off it for some hours."""
    inward = sailing((50.3, 1.0), CLIPPED, 0)
    outward = sailing(CLIPPED, OFF_THE_PORT, inward[-1].second + MINUTE - START, 4.0)
    begin = outward[-1].second + MINUTE - START
    return [
        *inward,
        *outward,
        *(fix(begin + 6 * MINUTE * n, OFF_THE_PORT, 0.1) for n in range(round(10 * hours))),
    ]


def test_a_vessel_that_clips_the_port_and_anchors_has_waited() -> None:
    rows = clip_and_anchor(40)
    rows += [fix(rows[-1].second - START + HOUR, (50.4, 1.0))]
    assert types_of(fold(rows, PORT, ROADS)) == [("XXPRT", "passage")]


def test_and_one_that_then_berths_has_one_call_after_its_wait() -> None:
    rows = clip_and_anchor(20)
    rows += sailing(OFF_THE_PORT, IN_PORT, rows[-1].second + MINUTE - START)
    begin = rows[-1].second + MINUTE - START
    rows += [fix(begin + 6 * MINUTE * n, IN_PORT, 0.0) for n in range(101)]
    rows += sailing(IN_PORT, (50.4, 1.0), begin + 10 * HOUR + MINUTE)
    clip, call = fold(rows, PORT, ROADS).events
    assert (clip["event_type"], call["event_type"]) == ("passage", "port_call")
    assert call["waiting_hours"] == pytest.approx(20, abs=0.2)
    assert call["stay_hours"] == pytest.approx(11.5, abs=0.1)


def test_a_short_wait_between_two_visits_keeps_them_apart() -> None:
    rows = clip_and_anchor(0.7)
    rows += sailing(OFF_THE_PORT, IN_PORT, rows[-1].second + MINUTE - START)
    begin = rows[-1].second + MINUTE - START
    rows += [fix(begin + 6 * MINUTE * n, IN_PORT, 0.0) for n in range(101)]
    assert types_of(fold(rows, PORT, ROADS)) == [("XXPRT", "passage"), ("XXPRT", "port_call")]


# --- section 5: ferries -------------------------------------------------------------------------------------


def ferry(trips: int, quay_minutes: int, crossing_minutes: int, stops: bool = True) -> list[Fix]:
    """Fixes every minute of a ferry between two small ports on a meridian, one trip a crossing."""
    ends = (50.0, 50.15)
    rows, at = [], 0
    for trip in range(trips):
        first, last = ends[trip % 2], ends[1 - trip % 2]
        if stops:
            rows += [fix(at + MINUTE * n, (first, 1.0), 0.1) for n in range(quay_minutes)]
            at += MINUTE * quay_minutes
        way = [first + (last - first) * n / crossing_minutes for n in range(crossing_minutes)]
        rows += [fix(at + MINUTE * n, (place, 1.0), 16.0) for n, place in enumerate(way)]
        at += MINUTE * crossing_minutes
    return rows


FERRY_PORTS = (SMALL, box("XXOTH", 50.145, 0.995, 50.155, 1.005))


def calls_of(rows: Sequence[Fix], vessel_class: str, *areas: Area) -> list[str]:
    """Ports of the calls of a vessel of a class."""
    week = ProductReading(rows, index_of(areas), classes={SHIP: vessel_class})
    return [event["port_locode"] for event in week.events if event["event_type"] == "port_call"]


@pytest.mark.parametrize(("quay_minutes", "trips"), [(15, 196), (25, 98)])
@pytest.mark.parametrize("vessel_class", ["passenger", "roro"])
def test_each_call_of_a_ferry_counts(quay_minutes: int, trips: int, vessel_class: str) -> None:
    calls = calls_of(ferry(trips, quay_minutes, 20), vessel_class, *FERRY_PORTS)
    assert (calls.count("XXSML"), calls.count("XXOTH")) == (trips // 2, trips // 2)


@pytest.mark.parametrize(("minutes", "calls"), [(4, 0), (5, 20)])
def test_a_stop_of_5_minutes_is_a_call_of_a_ferry(minutes: int, calls: int) -> None:
    assert len(calls_of(ferry(20, minutes, 20), "passenger", *FERRY_PORTS)) == calls


def test_a_ferry_that_passes_without_stopping_makes_no_call() -> None:
    assert calls_of(ferry(40, 0, 20, stops=False), "passenger", *FERRY_PORTS) == []


def test_a_tug_on_the_same_way_is_counted_as_before() -> None:
    """Its visits are merged where it is back within an hour, and stops of 15 minutes make no call."""
    assert calls_of(ferry(20, 15, 20), "other", *FERRY_PORTS) == []
    assert len(calls_of(ferry(20, 31, 20), "other", *FERRY_PORTS)) == 20
    assert len(calls_of(ferry(20, 15, 10), "other", *FERRY_PORTS)) == 0
