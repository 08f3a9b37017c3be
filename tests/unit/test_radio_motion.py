"""When sets send, and what: intervals at both sides of each threshold, and places against a slow reading."""

import itertools
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ais_indicators.geo.distance import great_circle_km
from ais_simulator.radio import day_messages, messages
from ais_simulator.radio.records import NO_HEADING, NO_ROT, NO_STATUS
from ais_simulator.radio.reporting import position_interval_s
from ais_simulator.scenario import Faults, Scenario
from tests.examples import examples
from tests.radio_sea import DAY, DAY_S, HARWICH, ROTTERDAM, Place, Sailing, busy_sea, lying, sea

CLEAR = Scenario()
KNOT_KM_S = 1.852 / 3600


def positions(legs: list[list[Sailing]], thin_s: int = 60, seed: int = 1, **keywords: Any) -> Any:
    return day_messages(sea(legs, **keywords), CLEAR, thin_s, seed).positions


def degrees(rows: Any) -> tuple[Any, Any]:
    return rows["latitude_steps"] / 600_000, rows["longitude_steps"] / 600_000


def km_between(rows: Any, place: Place) -> Any:
    pairs = zip(*degrees(rows), strict=True)
    return np.array([great_circle_km(*place, *pair) for pair in pairs])


def slow_place(start: Place, end: Place, share: float) -> Place:
    """A place on a great circle, by plain rotation of one unit vector towards the other."""

    def vector(place: Place) -> Any:
        phi, lam = np.radians(place)
        return np.array([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)])

    a, b = vector(start), vector(end)
    angle = np.arccos(np.clip(a @ b, -1, 1))
    p = (np.sin((1 - share) * angle) * a + np.sin(share * angle) * b) / np.sin(angle)
    return float(np.degrees(np.arcsin(p[2]))), float(np.degrees(np.arctan2(p[1], p[0])))


# --- intervals --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("is_class_b", "status", "knots", "seconds"),
    [
        (False, 1, 0.0, 180),
        (False, 5, 3.0, 180),
        (False, 5, 3.1, 10),
        (False, 0, 0.0, 10),
        (False, 0, 14.0, 10),
        (False, 0, 14.1, 6),
        (False, 7, 23.0, 6),
        (False, 0, 23.1, 2),
        (True, 0, 2.0, 180),
        (True, 0, 2.1, 30),
        (True, 5, 25.0, 30),
    ],
)
def test_intervals_of_the_standard(is_class_b: bool, status: int, knots: float, seconds: int) -> None:
    found = position_interval_s(np.array([is_class_b]), np.array([status]), np.array([knots]))
    assert found.tolist() == [seconds]


@pytest.mark.parametrize(
    ("knots", "thin_s", "seconds"), [(10, 0, 10), (20, 0, 6), (25, 0, 2), (25, 60, 60), (0, 60, 180)]
)
def test_a_ship_sends_at_its_interval_all_day(knots: float, thin_s: int, seconds: int) -> None:
    end = (ROTTERDAM[0] + knots * 24 / 60, ROTTERDAM[1])
    rows = positions([[Sailing(end=end, status=0 if knots else 5)]], thin_s)
    assert set(np.diff(rows["sent_s"]).tolist()) == {seconds}
    assert rows.size == DAY_S // seconds


def test_ships_have_phases_of_their_own() -> None:
    rows = positions([lying()] * 50)
    first = {ship: int(rows["sent_s"][rows["ship"] == ship].min()) for ship in range(50)}
    assert len(set(first.values())) > 35


def test_thinned_messages_are_some_of_all() -> None:
    legs = [[Sailing(end=HARWICH, status=0)], lying(), lying(1)]
    full, thin = positions(legs, 0), positions(legs, 60)
    everything = {row.tobytes() for row in full}
    assert all(row.tobytes() in everything for row in thin)


def test_the_interval_goes_on_over_midnight() -> None:
    today, tomorrow = (
        positions([lying(), [Sailing(end=HARWICH, status=0)]], 0, day=DAY + timedelta(days=n)) for n in (0, 1)
    )
    for ship, interval in ((0, 180), (1, 10)):
        last = today["sent_s"][today["ship"] == ship].max() - DAY_S
        assert tomorrow["sent_s"][tomorrow["ship"] == ship].min() - last == interval


def test_static_messages_come_every_six_minutes() -> None:
    made = day_messages(sea([lying(), lying()], class_b=[1]), CLEAR, 0, 1)
    for message_type, part in ((5, 0), (24, 0), (24, 1)):
        of_kind = (made.statics["message_type"] == message_type) & (made.statics["part"] == part)
        seconds = made.statics["sent_s"][of_kind]
        assert seconds.size == 240
        assert set(np.diff(seconds).tolist()) == {360}


# --- places -----------------------------------------------------------------------------------------------------


@settings(max_examples=examples(40), deadline=None)
@given(
    latitude=st.floats(-89.9, 89.9),
    longitude=st.floats(-180, 180),
    turn=st.floats(0, 2 * np.pi),
    knots=st.floats(1, 30),
)
def test_a_leg_is_a_great_circle(latitude: float, longitude: float, turn: float, knots: float) -> None:
    start = (latitude, longitude)
    reach = knots / 60 * 24
    end = (
        float(np.clip(latitude + reach * np.cos(turn), -89.9, 89.9)),
        float((longitude + reach * np.sin(turn) / np.cos(np.radians(latitude)) + 180) % 360 - 180),
    )
    rows = positions([[Sailing(start=start, end=end, status=0)]], 7200)
    whole_km = great_circle_km(*start, *end)
    for row in rows:
        share = row["sent_s"] / DAY_S
        place = slow_place(start, end, share)
        assert km_between(np.array([row]), place)[0] < 0.02
        assert abs(row["sog_tenths"] / 10 - whole_km / DAY_S / KNOT_KM_S) < 0.45
        ahead = slow_place(start, end, share + 1e-4)
        bearing = slow_bearing(place, ahead)
        if abs(place[0]) < 89:
            assert abs((row["cog_tenths"] / 10 - bearing + 180) % 360 - 180) < 5.5


def slow_bearing(start: Place, end: Place) -> float:
    phi_a, lam_a, phi_b, lam_b = np.radians([*start, *end])
    east = np.sin(lam_b - lam_a) * np.cos(phi_b)
    north = np.cos(phi_a) * np.sin(phi_b) - np.sin(phi_a) * np.cos(phi_b) * np.cos(lam_b - lam_a)
    return float(np.degrees(np.arctan2(east, north)))


def test_over_the_antimeridian_the_way_is_short() -> None:
    rows = positions([[Sailing(start=(0.0, 179.0), end=(0.0, -179.0), status=0)]], 0)
    _, longitude = degrees(rows)
    assert (np.abs(longitude) >= 178.99).all()
    assert (longitude > 0).any()
    assert (longitude < 0).any()
    steps_km = [great_circle_km(0.0, a, 0.0, b) for a, b in itertools.pairwise(longitude)]
    assert max(steps_km) < 0.1


def test_over_the_pole_no_step_is_long() -> None:
    rows = positions([[Sailing(start=(88.0, 10.0), end=(88.0, -170.0), status=0)]], 60)
    latitude, longitude = degrees(rows)
    places = list(zip(latitude, longitude, strict=True))
    steps_km = [great_circle_km(*a, *b) for a, b in itertools.pairwise(places)]
    assert max(steps_km) < 0.5
    assert latitude.max() <= 90
    assert latitude.max() > 89.99


def test_a_moored_ship_stays_and_is_slow_enough_to_stop() -> None:
    rows = positions([lying(5)], 0)
    assert km_between(rows, ROTTERDAM).max() < 0.02
    assert set(rows["sog_tenths"].tolist()) == {0, 1}
    assert np.ptp(rows["heading_degrees"]) <= 7 or np.ptp((rows["heading_degrees"] + 180) % 360) <= 7


def test_a_ship_at_anchor_swings_slowly() -> None:
    rows = positions([lying(1)], 0)
    off_km = km_between(rows, ROTTERDAM)
    assert 0.045 < np.median(off_km) < 0.105
    assert set(rows["sog_tenths"].tolist()) == {0, 1}
    apart = rows[::20]  # an hour
    for one, other in itertools.pairwise(apart):
        km = great_circle_km(*(float(x) for x in degrees(one)), *(float(x) for x in degrees(other)))
        assert km < 0.2 * 1.852


def test_dropping_anchor_is_no_leap() -> None:
    legs = [Sailing(0, 40_000, HARWICH, ROTTERDAM, 0), Sailing(40_000, DAY_S, ROTTERDAM, ROTTERDAM, 1)]
    rows = positions([legs], 0)
    at = int(np.searchsorted(rows["sent_s"], 40_000))
    assert km_between(rows[at - 1 : at + 3], ROTTERDAM).max() < 0.15


def test_values_stay_within_what_they_may_be() -> None:
    rows = day_messages(busy_sea(60), CLEAR, 60, 1).positions
    ships = rows[rows["ship"] >= 0]
    is_b = ships["message_type"] == 18
    assert (ships["cog_tenths"] < 3600).all()
    assert (ships["cog_tenths"] >= 0).all()
    assert (ships["heading_degrees"][~is_b] < 360).all()
    assert (ships["heading_degrees"][is_b] == NO_HEADING).all()
    assert (ships["navigational_status"][is_b] == NO_STATUS).all()
    assert (ships["rot"][is_b] == NO_ROT).all()
    assert {1, 3, 18} == set(ships["message_type"].tolist())


# --- identity and order -----------------------------------------------------------------------------------------


def test_a_change_of_static_data_holds_from_its_second() -> None:
    change = {"mmsi": 235_000_001, "draught_m": 9.1}
    made = day_messages(sea([lying(), lying()], changes=[(0, 30_000.5, change)]), CLEAR, 60, 1)
    rows = made.positions[made.positions["ship"] == 0]
    assert set(rows["mmsi"][rows["sent_s"] <= 30_000].tolist()) == {244_000_001}
    assert set(rows["mmsi"][rows["sent_s"] > 30_000].tolist()) == {235_000_001}
    assert (made.sets.mmsi[rows["known_version"]] == rows["mmsi"]).all()


def test_a_new_draught_is_known_when_a_static_message_brought_it() -> None:
    made = day_messages(sea([lying()], changes=[(0, 30_000, {"draught_m": 9.1})]), CLEAR, 60, 1)
    rows, statics = made.positions[made.positions["ship"] == 0], made.statics
    brought = int(statics["sent_s"][statics["sent_s"] >= 30_000].min())
    draught = made.sets.draught_tenths[rows["known_version"]]
    assert set(draught[rows["sent_s"] < brought].tolist()) == {50}
    assert set(draught[rows["sent_s"] >= brought].tolist()) == {91}


def test_the_same_day_is_the_same_and_another_seed_another() -> None:
    one, again = (day_messages(busy_sea(30), CLEAR, 60, 1) for _ in range(2))
    assert np.array_equal(one.positions, again.positions)
    assert np.array_equal(one.statics, again.statics)
    other = day_messages(busy_sea(30), CLEAR, 60, 2)
    assert not np.array_equal(one.positions[:100], other.positions[:100])


def test_a_further_ship_changes_nothing_of_the_others() -> None:
    few, more = positions([lying(), lying(1)]), positions([lying(), lying(1), lying()])
    assert np.array_equal(few, more[more["ship"] < 2])


def test_messages_are_in_the_order_of_their_seconds_and_ships() -> None:
    rows = day_messages(busy_sea(60), CLEAR, 60, 1).positions
    key = rows["sent_s"].astype(np.int64) * 1000 + rows["ship"] + 1
    assert (np.diff(key) >= 0).all()


def test_how_much_of_a_day_is_made_at_a_time_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = Scenario(coverage="receivers", faults=Faults(lost_share=0.1, not_available_share=0.1))
    parts = day_messages(busy_sea(30), scenario, 60, 1)
    monkeypatch.setattr(messages, "WINDOW_S", DAY_S)
    whole = day_messages(busy_sea(30), scenario, 60, 1)
    assert np.array_equal(parts.positions, whole.positions)
    assert parts.fault_counts == whole.fault_counts
