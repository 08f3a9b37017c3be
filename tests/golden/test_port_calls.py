"""Golden cases of the product's fold: sections 3 to 5 and 14 of the method, numbered, a small table each.

The port is a square of 0.2 degrees around (50, 1). Its north edge lies at 50.1; 1 km farther is 50.10899. Every
case runs the fold of production, day after day and week after week, and looks at its rows of `silver.port_calls`.
`tests/golden/test_second_reading.py` has the same values for the reference implementation.
"""

import math
import random
from collections.abc import Sequence
from functools import cache
from typing import Any

import pytest

from ais_indicators.geo.port_index import PortIndex
from tests.fold_harness import ProductReading, port_index
from tests.second_reading import Area, Fix

Event = dict[str, Any]
Place = tuple[float, float]

SHIP = 366053209
MINUTE = 60
HOUR = 3600
DAY = 24 * HOUR
MONDAY = 1_600_041_600  # 2020-09-14T00:00:00Z
START = MONDAY + 12 * HOUR

IN_PORT = (50.0, 1.0)
OUTER_BASIN = (50.05, 1.0)
INNER_ANCHORAGE = (50.02, 1.0)
AT_EDGE_INSIDE = (50.0999, 1.0)
AT_EDGE_MARGIN = (50.1080, 1.0)
BEYOND_MARGIN = (50.1095, 1.0)
AT_SEA = (50.3, 1.0)
AT_ANCHOR = (50.2, 1.0)
WILD = (20.0, 20.0)

KM_PER_DEGREE_NORTH = math.pi * 6371 / 180
KM_PER_NAUTICAL_MILE = 1.852


def box(locode: str, south: float, west: float, north: float, east: float, kind: str = "port") -> Area:
    """Builds a rectangular area."""
    return Area(locode, kind, (((west, south), (east, south), (east, north), (west, north)),))


PORT = box("XXPRT", 49.9, 0.9, 50.1, 1.1)
SMALLER = box("XXSML", 49.99, 0.99, 50.01, 1.01)
ANCHORAGE = box("XXPRT", 50.18, 0.9, 50.22, 1.1, "anchorage")
FAR_PORT = box("XXFAR", 54.4, 0.9, 54.6, 1.1)
WILD_PORT = box("XXWLD", 19.9, 19.9, 20.1, 20.1)
DATE_LINE_PORT = box("XXDAT", -0.1, 179.9, 0.1, 180.1)
POLAR_POINT = Area("XXPOL", "port", (), (89.9, 180.0))


@cache
def index_of(areas: tuple[Area, ...]) -> PortIndex:
    """Makes the product's look-up once for all cases with these areas."""
    return port_index(areas)


def fold(fixes: Sequence[Fix], *areas: Area) -> ProductReading:
    """Folds with the product, over the port alone unless areas are given."""
    return ProductReading(fixes, index_of(areas or (PORT,)))


def fix(at: float, place: Place, sog_knots: float | None = 12.0, mmsi: int = SHIP) -> Fix:
    """Builds a fix, `at` seconds after the start."""
    return Fix(mmsi, int(START + at), place[0], place[1], sog_knots, None, None, 1)


def stay(
    first: float,
    last: float,
    place: Place = IN_PORT,
    sog_knots: float = 0.0,
    every: int = 10 * MINUTE,
) -> list[Fix]:
    """Builds fixes at one place from the first second to the last, both included."""
    return [
        *(fix(at, place, sog_knots) for at in range(int(first), int(last), every)),
        fix(last, place, sog_knots),
    ]


def only(reading: ProductReading) -> Event:
    """Gives the one event of a reading."""
    (event,) = reading.events
    return event


def north(km: float) -> float:
    """Degrees of latitude in some km."""
    return km / KM_PER_DEGREE_NORTH


def types_of(reading: ProductReading) -> list[tuple[str, str]]:
    """Port and type of each event."""
    return [(event["port_locode"], event["event_type"]) for event in reading.events]


# --- 1 to 3: the two golden calls of section 5 ------------------------------------------------------------

GOLDEN_CALL = [
    (1476422802, AT_SEA, 12.0),
    (1476426402, INNER_ANCHORAGE, 5.0),
    (1476430743, IN_PORT, 0.1),
    (1476436086, IN_PORT, 0.6),
    (1476450000, IN_PORT, 0.4),
    (1476464000, IN_PORT, 0.4),
    (1476476000, IN_PORT, 0.4),
    (1476488638, IN_PORT, 0.1),
    (1476489542, IN_PORT, 0.6),
    (1476495140, AT_SEA, 12.0),
]


@pytest.mark.parametrize("seed", range(5))
def test_01_the_golden_call_in_any_input_order(seed: int) -> None:
    rows = [fix(second - START, place, sog) for second, place, sog in GOLDEN_CALL]
    random.Random(seed).shuffle(rows)
    event = only(fold(rows))
    assert (event["event_type"], event["confidence"]) == ("port_call", 4)
    assert (event["arrived_at_utc"], event["departed_at_utc"]) == (1476426402, 1476495140)
    assert event["stay_hours"] == pytest.approx(19.0938888889, abs=5e-11)
    assert event["stop_hours"] == pytest.approx((1476489542 - GOLDEN_CALL[2][0]) / HOUR, abs=1e-12)


def test_02_the_golden_stay() -> None:
    first, last = 1475241790 - START, 1475290556 - START
    rows = [fix(first - HOUR, AT_SEA), *stay(first, last - HOUR, every=HOUR), fix(last, AT_SEA)]
    assert only(fold(rows))["stay_hours"] == pytest.approx(13.5461111111, abs=5e-11)


@pytest.mark.parametrize(
    ("before", "after", "confidence"),
    [(True, True, 4), (True, False, 3), (False, True, 3), (False, False, 2)],
)
def test_03_confidence_says_which_ends_were_seen(before: bool, after: bool, confidence: int) -> None:
    rows = stay(0, HOUR)
    rows += [fix(-HOUR, AT_SEA)] if before else []
    rows += [fix(2 * HOUR, AT_SEA)] if after else []
    event = only(fold(rows))
    assert event["confidence"] == confidence
    assert event["arrived_at_utc"] == (START if before else None)
    assert event["departed_at_utc"] == (START + 2 * HOUR if after else None)
    assert (event["first_seen_at_utc"], event["last_seen_at_utc"]) == (START, START + HOUR)
    assert event["call_status"] == ("closed" if after else "open")


# --- 4 to 8: stops ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "event_type"),
    [(30 * MINUTE - 1, "passage"), (30 * MINUTE, "port_call"), (30 * MINUTE + 1, "port_call")],
)
def test_04_a_stop_of_30_minutes_makes_a_call(seconds: int, event_type: str) -> None:
    rows = [fix(-HOUR, AT_SEA), fix(0, IN_PORT, 0.1), fix(seconds, IN_PORT, 0.6), fix(2 * HOUR, AT_SEA)]
    event = only(fold(rows))
    assert (event["event_type"], event["confidence"]) == (event_type, 4 if event_type == "port_call" else 1)
    assert event["longest_stop_minutes"] == pytest.approx(seconds / MINUTE)


@pytest.mark.parametrize(
    ("knots", "fast", "stop_minutes"),
    [(0.1, 2.0, 80), (2.0, 2.0, 80), (2.1, 0.1, 0), (0.1, 2.1, 0)],
    ids=["slow", "as fast as a vessel at rest", "the fix before is faster", "the fix is faster"],
)
def test_05_over_31_minutes_the_speed_at_both_ends_decides(
    knots: float, fast: float, stop_minutes: int
) -> None:
    rows = [fix(0, IN_PORT, knots), fix(40 * MINUTE, IN_PORT, fast), fix(80 * MINUTE, IN_PORT, knots)]
    event = only(fold(rows))
    assert event["stop_hours"] == pytest.approx(stop_minutes / 60)


@pytest.mark.parametrize(("seconds", "stop_minutes"), [(30 * MINUTE, 60), (30 * MINUTE + 1, 0)])
def test_05_and_over_30_minutes_the_way_made(seconds: int, stop_minutes: int) -> None:
    rows = [fix(n * seconds, IN_PORT, 6.0) for n in range(3)]
    assert only(fold(rows))["stop_hours"] == pytest.approx(stop_minutes / 60)


@pytest.mark.parametrize(("km", "stop_minutes"), [(0.119, 60), (0.121, 0)])
def test_06_a_vessel_that_moved_over_120_m_was_under_way(km: float, stop_minutes: int) -> None:
    places = [(IN_PORT[0] + north(km * n), IN_PORT[1]) for n in range(5)]
    event = only(fold([fix(15 * MINUTE * n, place, 0.0) for n, place in enumerate(places)]))
    assert event["stop_hours"] == pytest.approx(stop_minutes / 60)


def test_06_two_stops_of_20_minutes_make_no_call() -> None:
    """The vessel shifts by 500 m after 20 minutes."""
    shifted = (IN_PORT[0] + north(0.5), IN_PORT[1])
    rows = [*stay(0, 20 * MINUTE), *stay(35 * MINUTE, 55 * MINUTE, shifted)]
    event = only(fold(rows))
    assert (event["event_type"], event["longest_stop_minutes"]) == ("passage", 20)
    assert event["stop_hours"] == pytest.approx(40 / 60)


def test_07_without_sog_the_way_made_decides() -> None:
    """0 kn over the first hour, 3 kn over the second, from the positions."""
    moved = (IN_PORT[0] + north(3 * KM_PER_NAUTICAL_MILE), IN_PORT[1])
    rows = [fix(0, IN_PORT, None), fix(HOUR, IN_PORT, None), fix(2 * HOUR, moved, None)]
    assert only(fold(rows))["stop_hours"] == pytest.approx(1)


def test_08_passing_at_12_knots_is_a_passage() -> None:
    event = only(fold([fix(MINUTE * n, (50.3 - north(0.37) * n, 1.0)) for n in range(180)]))
    assert (event["event_type"], event["confidence"], event["stop_hours"]) == ("passage", 1, 0)


# --- 9 to 11: gaps ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "gap_hours", "event_type"), [(4 * HOUR - 1, 0.0, "passage"), (4 * HOUR, 4.0, "port_call")]
)
def test_09_a_gap_of_4_hours_makes_a_call(seconds: int, gap_hours: float, event_type: str) -> None:
    rows = [fix(-HOUR, AT_SEA), fix(0, IN_PORT), fix(seconds, IN_PORT), fix(seconds + HOUR, AT_SEA)]
    event = only(fold(rows))
    assert (event["gap_hours"], event["event_type"]) == (gap_hours, event_type)


@pytest.mark.parametrize(("silence", "entry_after_gap"), [(4 * HOUR - 1, False), (4 * HOUR, True)])
def test_10_an_entry_after_a_gap_says_so(silence: int, entry_after_gap: bool) -> None:
    event = only(fold([fix(-silence, AT_SEA), *stay(0, HOUR), fix(2 * HOUR, AT_SEA)]))
    assert (event["entry_after_gap"], event["exit_after_gap"]) == (entry_after_gap, False)
    assert event["arrival_is_estimated"] == entry_after_gap
    confidence = 3 if entry_after_gap else 4
    assert (event["arrived_at_utc"], event["confidence"]) == (START, confidence)
    assert event["stay_hours"] == pytest.approx(2 + (event["arrival_half_width_hours"] or 0))


@pytest.mark.parametrize(
    ("silence", "exit_after_gap", "confidence"), [(4 * HOUR - 1, False, 4), (4 * HOUR, True, 3)]
)
def test_10_an_exit_after_a_gap_is_dated_at_the_last_fix_in_port(
    silence: int, exit_after_gap: bool, confidence: int
) -> None:
    rows = [fix(-HOUR, AT_SEA), *stay(0, HOUR), fix(HOUR + silence, AT_SEA)]
    event = only(fold(rows))
    assert (event["exit_after_gap"], event["departure_is_estimated"]) == (exit_after_gap, exit_after_gap)
    departed = START + HOUR + (0 if exit_after_gap else silence)
    assert (event["departed_at_utc"], event["confidence"], event["gap_hours"]) == (departed, confidence, 0)
    sailed = 0.3 * KM_PER_DEGREE_NORTH / KM_PER_NAUTICAL_MILE / 12
    assert event["stay_hours"] == pytest.approx(
        1 + (4 - sailed) / 2 if exit_after_gap else (HOUR + silence) / HOUR
    )


def test_11_an_exit_after_a_gap_alone_makes_no_call() -> None:
    """The silence ended beyond the margin, so it is no gap of the visit."""
    rows = [fix(-HOUR, AT_SEA), fix(0, IN_PORT), fix(5 * HOUR, AT_SEA)]
    assert types_of(fold(rows)) == [("XXPRT", "passage")]


# --- 12 to 17: entry, exit, merging -------------------------------------------------------------------------


@pytest.mark.parametrize(("seconds", "events"), [(HOUR - 1, 1), (HOUR, 2)])
def test_12_visits_less_than_an_hour_apart_are_one(seconds: int, events: int) -> None:
    """59:59 from exit to entry is the same visit, 60:00 another."""
    rows = [fix(-HOUR, AT_SEA), *stay(0, HOUR), fix(2 * HOUR, AT_SEA), *stay(2 * HOUR + seconds, 5 * HOUR)]
    found = fold([*rows, fix(6 * HOUR, AT_SEA)]).events
    assert len(found) == events
    assert (found[0]["arrived_at_utc"], found[-1]["departed_at_utc"]) == (START, START + 6 * HOUR)


def test_13_jitter_at_the_edge_is_one_visit() -> None:
    places = [AT_EDGE_INSIDE, (AT_EDGE_INSIDE[0] + north(0.1), 1.0)] * 60
    rows = [fix(n * MINUTE, place, 0.0) for n, place in enumerate(places)]
    event = only(fold([fix(-HOUR, AT_SEA), *rows, fix(3 * HOUR, AT_SEA)]))
    assert (event["first_seen_at_utc"], event["last_seen_at_utc"]) == (START, START + 119 * MINUTE)
    assert event["stop_hours"] == pytest.approx(119 / 60)


def test_14_the_margin_keeps_a_visit_and_begins_none() -> None:
    """0.9 km out the visit goes on, 1.06 km out it ends."""
    places = [AT_EDGE_MARGIN, AT_EDGE_INSIDE, AT_EDGE_MARGIN, BEYOND_MARGIN]
    event = only(fold([fix(n * MINUTE, place) for n, place in enumerate(places)]))
    assert (event["arrived_at_utc"], event["last_seen_at_utc"], event["departed_at_utc"]) == (
        START + 60,
        START + 120,
        START + 180,
    )


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
def test_15_a_point_on_the_edge_is_inside(place: Place, is_inside: bool) -> None:
    rows = [fix(n * MINUTE, place) for n in range(3)]
    assert types_of(fold(rows)) == ([("XXPRT", "passage")] if is_inside else [])


@pytest.mark.parametrize(("km", "events"), [(2.99, 1), (3.01, 0)])
def test_16_a_port_known_as_a_point_is_entered_within_3_km(km: float, events: int) -> None:
    rows = [fix(n * MINUTE, (50.0 + north(km), 1.0)) for n in range(3)]
    assert len(fold(rows, Area("XXPNT", "port", (), (50.0, 1.0))).events) == events


@pytest.mark.parametrize(("km", "departed"), [(3.99, None), (4.01, START + 2 * HOUR)])
def test_17_and_left_beyond_4_km(km: float, departed: int | None) -> None:
    off = (50.0 + north(km), 1.0)
    rows = [fix(hour * HOUR, place) for hour, place in enumerate([IN_PORT, IN_PORT, off, off])]
    event = only(fold(rows, Area("XXPNT", "port", (), IN_PORT)))
    assert event["departed_at_utc"] == departed


# --- 18 to 20: two ports ------------------------------------------------------------------------------------


def test_18_of_overlapping_ports_the_smaller_wins() -> None:
    """The smaller one ends the visit to the larger at its first fix and begins its own."""
    rows = [
        fix(-HOUR, AT_SEA),
        *stay(0, HOUR, OUTER_BASIN),
        *stay(2 * HOUR, 4 * HOUR, IN_PORT),
        fix(5 * HOUR, AT_SEA),
    ]
    first, second = fold(rows, PORT, SMALLER).events
    assert (first["port_locode"], first["departed_at_utc"], first["confidence"]) == (
        "XXPRT",
        START + 2 * HOUR,
        4,
    )
    assert (second["port_locode"], second["arrived_at_utc"], second["confidence"]) == (
        "XXSML",
        START + 2 * HOUR,
        4,
    )


def test_19_the_order_of_the_areas_in_the_file_does_not_matter() -> None:
    rows = [fix(-HOUR, AT_SEA), *stay(0, HOUR, OUTER_BASIN), *stay(2 * HOUR, 4 * HOUR)]
    assert fold(rows, PORT, SMALLER).events == fold(rows, SMALLER, PORT).events


def test_20_visits_merge_over_a_visit_to_the_port_inside() -> None:
    rows = [
        *stay(0, HOUR, OUTER_BASIN),
        *stay(HOUR + 600, HOUR + 1200),
        *stay(2 * HOUR, 3 * HOUR, OUTER_BASIN),
    ]
    larger, smaller = fold(rows, PORT, SMALLER).events
    assert (larger["port_locode"], larger["first_seen_at_utc"]) == ("XXPRT", START)
    assert larger["last_seen_at_utc"] == START + 3 * HOUR
    assert (smaller["port_locode"], smaller["event_type"]) == ("XXSML", "passage")


# --- 21 to 23: waiting --------------------------------------------------------------------------------------


def waited(rows: Sequence[Fix]) -> list[float]:
    """Waiting hours of each event at the port with an anchorage."""
    return [event["waiting_hours"] for event in fold(rows, PORT, ANCHORAGE).events]


@pytest.mark.parametrize(("seconds", "hours"), [(30 * MINUTE - 1, 0.0), (30 * MINUTE, 0.5)])
def test_21_a_wait_is_a_stop_of_30_minutes_at_anchor(seconds: int, hours: float) -> None:
    rows = [fix(-HOUR, AT_SEA), fix(0, AT_ANCHOR, 0.1), fix(seconds, AT_ANCHOR, 0.6)]
    assert waited([*rows, *stay(2 * HOUR, 3 * HOUR)]) == [hours]


@pytest.mark.parametrize(("entry", "hours"), [(26 * HOUR, 3.0), (26 * HOUR + 1, 0.0)])
def test_22_the_last_wait_ends_at_most_24_hours_before_entry(entry: int, hours: float) -> None:
    """The stops of 1 h and 2 h since the last call both count when the last one ended 24:00:00 before, not later."""
    old = [*stay(-100 * HOUR, -99 * HOUR, AT_ANCHOR), fix(-98 * HOUR, AT_SEA)]
    recent = [*stay(0, 2 * HOUR, AT_ANCHOR), fix(3 * HOUR, AT_SEA)]
    assert waited([*old, *recent, *stay(entry, entry + HOUR)]) == [hours]


def test_23_a_wait_belongs_to_the_next_call() -> None:
    wait, call = stay(0, HOUR, AT_ANCHOR), stay(2 * HOUR, 3 * HOUR)
    passage = stay(2 * HOUR, 2 * HOUR + 600, IN_PORT, 12.0)
    again = [fix(4 * HOUR, AT_SEA), *stay(6 * HOUR, 7 * HOUR)]
    assert waited([*wait, *call, *again]) == [1, 0]
    assert waited([*wait, *passage, *again]) == [1, 1]


# --- 24 to 30: tracks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("knots", "tracks"), [(49.9, 1), (50.0, 1), (50.004, 1), (50.006, 2), (50.1, 2)])
def test_24_the_same_ship_up_to_50_knots(knots: float, tracks: int) -> None:
    """Compared after rounding to 0.01 kn."""
    one_hour_on = (IN_PORT[0] + north(knots * KM_PER_NAUTICAL_MILE), IN_PORT[1])
    assert fold([fix(0, IN_PORT), fix(HOUR, one_hour_on)]).tracks == tracks


def test_25_two_ships_500_km_apart_on_one_mmsi() -> None:
    """Each keeps all its fixes and makes its own call."""
    far = (IN_PORT[0] + north(500), IN_PORT[1])
    rows = [f for at in range(0, 2 * HOUR, MINUTE) for f in (fix(at, IN_PORT, 0.0), fix(at + 20, far, 0.0))]
    reading = fold(rows, PORT, FAR_PORT)
    assert (reading.tracks, reading.stubs, reading.rejected) == (2, 0, {})
    assert types_of(reading) == [("XXPRT", "port_call"), ("XXFAR", "port_call")]
    assert [event["stop_hours"] for event in reading.events] == [pytest.approx(119 / 60)] * 2
    assert len({event["track_id"] for event in reading.events}) == 2


def test_26_one_wild_fix_is_a_stub_and_loses_no_ship() -> None:
    rows = [fix(-HOUR, AT_SEA), *stay(0, HOUR, every=MINUTE), fix(90, WILD, 0.0), fix(2 * HOUR, AT_SEA)]
    reading = fold(rows, PORT, WILD_PORT)
    assert (reading.tracks, reading.stubs, reading.rejected) == (2, 1, {})
    assert types_of(reading) == [("XXPRT", "port_call")]


@pytest.mark.parametrize(("fixes", "events"), [(2, 0), (3, 1)])
def test_27_a_stub_of_2_fixes_gives_no_events(fixes: int, events: int) -> None:
    reading = fold([fix(n * HOUR, IN_PORT, 0.0) for n in range(fixes)])
    assert (len(reading.events), reading.tracks, reading.stubs) == (events, 1, int(events == 0))


@pytest.mark.parametrize("seconds", [1, 2, 30, 60])
def test_28_moored_jitter_is_one_track(seconds: int) -> None:
    """11 m of noise a second is 21 kn, or 43 kn from side to side: within 1 km it is no speed."""
    noise = random.Random(seconds)
    places = [(50.0 + noise.uniform(-1e-4, 1e-4), 1.0 + noise.uniform(-1e-4, 1e-4)) for _ in range(500)]
    reading = fold([fix(n * seconds, place, 0.0) for n, place in enumerate(places)])
    assert (reading.tracks, reading.rejected) == (1, {})
    assert only(reading)["stop_hours"] == pytest.approx(499 * seconds / HOUR)


@pytest.mark.parametrize(
    ("place", "silence", "tracks"),
    [
        (AT_SEA, 14 * DAY, 1),
        (AT_SEA, 14 * DAY + 1, 2),
        (AT_EDGE_MARGIN, 14 * DAY + 1, 2),
        (IN_PORT, 14 * DAY + 1, 1),
        (IN_PORT, 60 * DAY, 1),
        (IN_PORT, 60 * DAY + 1, 2),
    ],
    ids=[
        "14 d",
        "14 d + 1 s",
        "in the margin only",
        "14 d + 1 s in port",
        "60 d in port",
        "60 d + 1 s in port",
    ],
)
def test_29_a_track_closes_after_silence(place: Place, silence: int, tracks: int) -> None:
    assert fold([fix(0, place, 0.0), fix(silence, place, 0.0)]).tracks == tracks


@pytest.mark.parametrize(
    ("silence", "statuses", "gap_hours"),
    [(60 * DAY, ["open"], [60 * 24.0]), (60 * DAY + 1, ["unseen", "open"], [0.0, 0.0])],
)
def test_30_a_call_closes_unseen_with_its_track(
    silence: int, statuses: list[str], gap_hours: list[float]
) -> None:
    rows = [fix(-HOUR, AT_SEA), *stay(0, HOUR), *stay(HOUR + silence, 2 * HOUR + silence)]
    events = fold(rows).events
    assert [event["call_status"] for event in events] == statuses
    assert [event["gap_hours"] for event in events] == gap_hours
    assert [event["departed_at_utc"] for event in events] == [None] * len(statuses)


# --- 31 to 33: the ends of the map --------------------------------------------------------------------------


def test_31_a_track_over_the_antimeridian() -> None:
    """Five hours east along the equator at 12 kn, 0.2 degrees an hour, through a port on both sides of the line."""
    longitudes = [179.5, 179.7, 179.95, -179.95, -179.7]
    reading = fold([fix(n * HOUR, (0.0, east)) for n, east in enumerate(longitudes)], DATE_LINE_PORT)
    assert (reading.tracks, reading.rejected) == (1, {})
    event = only(reading)
    assert (event["arrived_at_utc"], event["departed_at_utc"]) == (START + 2 * HOUR, START + 4 * HOUR)


def test_32_a_call_over_the_antimeridian() -> None:
    """A moored ship's longitudes alternate between 179.9997 and -179.9997."""
    rows = [fix(n * MINUTE, (0.0, 179.9997 if n % 2 else -179.9997), 0.0) for n in range(60)]
    reading = fold(rows, DATE_LINE_PORT)
    assert (reading.tracks, types_of(reading)) == (1, [("XXDAT", "port_call")])
    assert only(reading)["stop_hours"] == pytest.approx(59 / 60)


def test_33_a_ship_at_89_9_north() -> None:
    """Half a degree of longitude is 0.1 km there; across the pole it is 22 km to the other side."""
    swinging = [fix(n * MINUTE, (89.9, 179.75 if n % 2 else -179.75), 0.0) for n in range(60)]
    over_the_pole = [fix(2 * HOUR, (89.99, 180.0)), fix(3 * HOUR, (89.9, 0.0))]
    reading = fold([*swinging, *over_the_pole], POLAR_POINT)
    assert (reading.tracks, reading.rejected) == (1, {})
    event = only(reading)
    assert (event["event_type"], event["departed_at_utc"]) == ("port_call", START + 2 * HOUR)
    assert event["stop_hours"] == pytest.approx(59 / 60)


# --- 34 to 37: rows that say the same, or nearly ------------------------------------------------------------


@pytest.mark.parametrize(
    ("km", "rejected", "tracks"),
    [(0.0, {"duplicate_message": 1}, 1), (0.999, {"conflicting_position": 1}, 1), (1.001, {}, 2)],
)
def test_34_two_rows_of_one_second(km: float, rejected: dict[str, int], tracks: int) -> None:
    """The same place repeats, a near one conflicts, a farther one may be another ship."""
    reading = fold([fix(0, IN_PORT), fix(0, (IN_PORT[0] + north(km), IN_PORT[1]))])
    assert (reading.rejected, reading.tracks) == (rejected, tracks)


def approach(every: int, seconds_off: int = 0) -> list[Fix]:
    """A ship comes in at 12 kn, lies for an hour and goes out again, by a clock that is some seconds off."""
    speed = north(12 * KM_PER_NAUTICAL_MILE / HOUR)
    edge, berth = 50.1 + north(5), 50.05
    under_way = int((edge - berth) / speed)
    rows = []
    for at in range(0, 2 * under_way + HOUR, every):
        is_moored = under_way <= at < under_way + HOUR
        way = min(at, under_way) if at < under_way + HOUR else 2 * under_way + HOUR - at
        rows.append(fix(at + seconds_off, (edge - speed * way, 1.0), 0.0 if is_moored else 12.0))
    return rows


@pytest.mark.parametrize("every", [60, 30], ids=["between the others", "on the others' seconds"])
def test_35_a_second_receiver_with_a_clock_30_s_off_changes_no_call(every: int) -> None:
    """One track and one call, whose ends move by 30 s at most; rows on one second conflict and are counted."""
    alone, both = fold(approach(every)), fold([*approach(every), *approach(every, seconds_off=30)])
    assert both.tracks == alone.tracks == 1
    assert bool(both.rejected) is (every == 30)
    expected, found = only(alone), only(both)
    assert (found["event_type"], found["confidence"]) == ("port_call", 4)
    for name in ("arrived_at_utc", "departed_at_utc", "last_seen_at_utc"):
        assert abs(found[name] - expected[name]) <= 30
    assert found["stop_hours"] == pytest.approx(expected["stop_hours"], abs=30.1 / HOUR)


def test_36_a_fifth_ship_on_one_number_is_rejected_and_counted() -> None:
    """Four full tracks leave no room; the fix is `implied_speed_above_maximum`."""
    rows = [fix(ship + 10 * n, (-40.0 + 10 * ship, 50.0)) for ship in range(4) for n in range(3)]
    reading = fold([*rows, fix(100, (60.0, -50.0))])
    assert (reading.tracks, reading.rejected) == (4, {"implied_speed_above_maximum": 1})


def test_46_a_ship_that_became_two_tracks_stays_one_from_then_on() -> None:
    """A ferry's second track ended at its berth: it neither takes the ferry at berth nor leaves the ferry without."""
    lost = [fix(at, IN_PORT, 0.0) for at in (0, 10, 20)]
    legs = [AT_SEA[0] - north(0.3) * n for n in range(1, int((AT_SEA[0] - IN_PORT[0]) / north(0.3)))]
    way_in = [fix(40 * MINUTE + n * MINUTE, (latitude, 1.0)) for n, latitude in enumerate(legs)]
    lies_from = 40 * MINUTE + len(legs) * MINUTE
    berth = stay(lies_from, lies_from + HOUR, every=MINUTE)
    way_out = [
        fix(lies_from + HOUR + n * MINUTE, (latitude, 1.0)) for n, latitude in enumerate(reversed(legs), 1)
    ]
    rows = [*(fix(at, AT_SEA) for at in (0, 10, 20)), *lost, *way_in, *berth, *way_out]
    (call,) = [event for event in fold(rows).events if event["departed_at_utc"] is not None]
    assert (call["event_type"], call["confidence"], call["stop_hours"]) == (
        "port_call",
        4,
        pytest.approx(1, abs=0.05),
    )


@pytest.mark.parametrize("seed", range(3))
def test_37_any_order_of_rows_gives_the_same_rows(seed: int) -> None:
    """Two ships on one number, repeats, conflicts and wild fixes over two days and a week's end."""
    noise = random.Random(7)
    rows = [fix(noise.randrange(5 * DAY, 7 * DAY), AT_SEA, noise.choice([0.0, 12.0])) for _ in range(60)]
    rows += [
        fix(noise.randrange(5 * DAY, 7 * DAY), IN_PORT, noise.choice([0.0, None, 5.0])) for _ in range(60)
    ]
    rows += [
        fix(at, (noise.uniform(-80, 80), noise.uniform(-180, 180)))
        for at in range(5 * DAY, 6 * DAY, 2 * HOUR)
    ]
    rows += [row._replace(latitude=row.latitude + 0.001) for row in rows[::7]] + rows[::5]
    expected = fold(rows, PORT, ANCHORAGE)
    random.Random(seed).shuffle(rows)
    shuffled = fold(rows, PORT, ANCHORAGE)
    assert expected.events
    assert (shuffled.events, shuffled.rejected) == (expected.events, expected.rejected)


# --- 38 to 39: week ends ------------------------------------------------------------------------------------

SUNDAY_MIDNIGHT = 7 * DAY - 12 * HOUR  # seconds after the start, which is noon of a Monday


def test_38_a_stay_across_sunday_midnight_is_one_call_of_the_arrivals_week() -> None:
    rows = [
        fix(SUNDAY_MIDNIGHT - 5 * HOUR, AT_SEA),
        *stay(SUNDAY_MIDNIGHT - 4 * HOUR, SUNDAY_MIDNIGHT + 4 * HOUR, every=HOUR),
        fix(SUNDAY_MIDNIGHT + 5 * HOUR, AT_SEA),
    ]
    event = only(fold(rows))
    assert (event["arrival_week"], event["stay_hours"], event["confidence"]) == ("2020-W38", 9, 4)


@pytest.mark.parametrize(("seconds", "events"), [(HOUR - 1, 1), (HOUR, 2)])
def test_39_visits_merge_over_a_weeks_end_too(seconds: int, events: int) -> None:
    out = SUNDAY_MIDNIGHT - 30 * MINUTE
    rows = [
        fix(out - 4 * HOUR, AT_SEA),
        *stay(out - 3 * HOUR, out - HOUR),
        fix(out, AT_SEA),
        *stay(out + seconds, out + 4 * HOUR),
    ]
    assert len(fold(rows).events) == events


# --- 24: the way sailed -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sog_knots", "silence"), [(0.5, 30 * MINUTE - 1), (0.5, 30 * MINUTE), (0.6, MINUTE)]
)
def test_24_the_way_sailed_adds_up_but_for_the_trembling_of_a_ship_that_lies_still(
    sog_knots: float, silence: int
) -> None:
    """Entry at 50.0999 N and exit at 50.3 N; a little way north and back before. Moves in port are sailed too."""
    trembling = [
        fix(-2 * HOUR, AT_SEA),
        fix(-2 * HOUR + silence, (50.301, 1.0), sog_knots),
        fix(-HOUR, AT_SEA, 10.0),
    ]
    moored = [
        fix(0, AT_EDGE_INSIDE, 5.0),
        fix(HOUR, IN_PORT),
        fix(2 * HOUR, IN_PORT),
        fix(3 * HOUR, AT_EDGE_INSIDE, 5.0),
    ]
    (event,) = fold([*trembling, *moored, fix(4 * HOUR, AT_SEA, 10.0)], PORT).events
    still = 0.0 if (sog_knots, silence) == (0.5, 30 * MINUTE - 1) else 0.001
    degree_nm = KM_PER_DEGREE_NORTH / KM_PER_NAUTICAL_MILE
    assert event["sailed_at_entry_nm"] == pytest.approx((still + 0.001 + 0.2001) * degree_nm, rel=1e-9)
    beyond = event["sailed_at_exit_nm"] - event["sailed_at_entry_nm"]
    assert beyond == pytest.approx((0.0999 + 0.0999 + 0.2001) * degree_nm, rel=1e-9)
