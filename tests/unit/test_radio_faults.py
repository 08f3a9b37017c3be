"""Reception and faults: each alone changes only what it should, and is counted."""

from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from ais_indicators.geo.distance import great_circle_km
from ais_simulator.radio import DayMessages, day_messages
from ais_simulator.radio.records import SATELLITE
from ais_simulator.scenario import Faults, Scenario
from tests.radio_sea import DAY, DAY_S, ROTTERDAM, Sailing, lying, sea

NEAR, FAR = (51.9, 4.0), (51.0, 2.0)
LEGS = [
    lying(5, ROTTERDAM),
    lying(1, NEAR),
    [Sailing(start=(51.5, 3.0), end=(53.0, 4.5), status=0)],
    lying(5, FAR),
    lying(0, (52.0, 4.1)),
]
STATIONS = [(51.95, 4.05, 60.0), (51.0, 2.0, 60.0)]


def made(coverage: str = "everything", thin_s: int = 60, **rates: Any) -> DayMessages:
    scenario = Scenario.model_validate({"coverage": coverage, "faults": rates})
    return day_messages(sea(LEGS, class_b=[4], stations=STATIONS), scenario, thin_s, 5)


@pytest.fixture(scope="module")
def clear() -> DayMessages:
    return made()


def changed(one: Any, other: Any) -> Any:
    return np.array([a.tobytes() != b.tobytes() for a, b in zip(one, other, strict=True)])


def alike(row: Any, values: dict[str, int]) -> bytes:
    """A record's bytes with some values put in."""
    row = row.copy()
    for name, value in values.items():
        row[name] = value
    return bytes(row.tobytes())


def of_ships(rows: Any) -> Any:
    return rows[rows["ship"] >= 0]


# --- faults -----------------------------------------------------------------------------------------------------


def test_without_faults_nothing_is_counted(clear: DayMessages) -> None:
    assert not clear.fault_counts


def test_losses_take_rows_away(clear: DayMessages) -> None:
    lossy = made(lost_share=0.1)
    lost = lossy.fault_counts["positions.lost"]
    assert clear.positions.size - lossy.positions.size == lost
    assert 0.08 < lost / clear.positions.size < 0.12
    known = {"known_version": 0, "known_since_s": 0}  # a lost static message is not known
    left, whole = ({alike(r, known) for r in rows} for rows in (lossy.positions, clear.positions))
    assert left < whole
    assert clear.statics.size - lossy.statics.size == lossy.fault_counts["statics.lost"]


def test_collisions_come_with_company(clear: DayMessages) -> None:
    crowded = made(collision_share_per_ship=0.1)
    rows = of_ships(crowded.positions)
    sent = of_ships(clear.positions)
    left = {ship: (rows["ship"] == ship).sum() / (sent["ship"] == ship).sum() for ship in range(5)}
    assert left[3] == 1.0  # alone with its station
    assert 0.6 < left[0] < 0.92
    assert sent.size - rows.size == crowded.fault_counts["positions.collision"]


def test_copies_come_after_their_message(clear: DayMessages) -> None:
    doubled = made(duplicate_share=0.05)
    copies = doubled.positions[doubled.positions["copy"] == 1]
    assert np.array_equal(doubled.positions[doubled.positions["copy"] == 0], clear.positions)
    assert copies.size == doubled.fault_counts["positions.duplicate"]
    assert 0.03 < copies.size / clear.positions.size < 0.07
    originals = {(r["ship"], r["stamped_s"]): r for r in clear.positions}
    for copy in copies:
        original = originals[copy["ship"], copy["stamped_s"]]
        assert 0 <= copy["sent_s"] - original["sent_s"] <= 1
        assert copy["latitude_steps"] == original["latitude_steps"]
    assert doubled.fault_counts["statics.duplicate"] == doubled.statics.size - clear.statics.size


def test_jumps_are_hundreds_of_kilometres(clear: DayMessages) -> None:
    jumpy = made(position_jump_share=0.02)
    rows = changed(clear.positions, jumpy.positions)
    assert rows.sum() == jumpy.fault_counts["positions.position_jump"] > 10
    for before, after in zip(clear.positions[rows], jumpy.positions[rows], strict=True):
        places = [r[f"{n}_steps"] / 600_000 for r in (before, after) for n in ("latitude", "longitude")]
        assert 199 < great_circle_km(*places) < 801
        after["latitude_steps"], after["longitude_steps"] = (
            before["latitude_steps"],
            before["longitude_steps"],
        )
        assert before == after


def test_wrong_times_stay_in_their_file(clear: DayMessages) -> None:
    late = made(wrong_time_share=0.02)
    rows = changed(clear.positions, late.positions)
    assert rows.sum() == late.fault_counts["positions.wrong_time"] > 10
    assert np.array_equal(clear.positions["sent_s"], late.positions["sent_s"])
    off = np.abs(late.positions["stamped_s"] - late.positions["sent_s"])[rows]
    assert off.min() >= 300
    assert off.max() <= 21_600


def test_a_wrong_clock_is_the_ships_own_every_day() -> None:
    wrong = made(slow_clock_share=0.5)
    off = wrong.positions["stamped_s"] - wrong.positions["sent_s"]
    by_ship = [set(off[wrong.positions["ship"] == ship].tolist()) for ship in range(5)]
    assert all(len(one) == 1 for one in by_ship)
    assert {0, 30} <= {abs(seconds) for one in by_ship for seconds in one}
    assert wrong.fault_counts["positions.slow_clock"] == (off != 0).sum()
    of_statics = wrong.statics["stamped_s"] - wrong.statics["sent_s"]
    assert [set(of_statics[wrong.statics["ship"] == ship].tolist()) for ship in range(5)] == by_ship
    scenario = Scenario(faults=Faults(slow_clock_share=0.5))
    tomorrow = day_messages(sea(LEGS, day=DAY + timedelta(days=1), class_b=[4]), scenario, 60, 5).positions
    off = tomorrow["stamped_s"] - tomorrow["sent_s"]
    assert [set(off[tomorrow["ship"] == ship].tolist()) for ship in range(5)] == by_ship


def test_values_that_are_not_available(clear: DayMessages) -> None:
    found = made(not_available_share=0.2)
    counts = {name.removeprefix("positions."): n for name, n in found.fault_counts.items()}
    rows = found.positions[changed(clear.positions, found.positions)]
    assert sum(counts.values()) == rows.size
    assert counts["position_not_available"] == (rows["latitude_steps"] == 91 * 600_000).sum()
    assert counts["latitude_out_of_range"] == (rows["latitude_steps"] == 95 * 600_000).sum()
    assert counts["longitude_out_of_range"] == (rows["longitude_steps"] == 200 * 600_000).sum()
    assert counts["sog_not_available"] == (rows["sog_tenths"] == 1023).sum()
    assert counts["sog_at_its_end"] == (rows["sog_tenths"] == 1022).sum()
    assert counts["cog_not_available"] == (rows["cog_tenths"] == 3600).sum()
    assert counts["cog_out_of_range"] == (rows["cog_tenths"] == 4000).sum()
    of_class_a = rows["message_type"] != 18
    assert counts["heading_not_available"] == (rows["heading_degrees"][of_class_a] == 511).sum()
    assert counts["heading_out_of_range"] == (rows["heading_degrees"] == 400).sum()
    assert (rows["ship"] >= 0).all()


def test_cuts_leave_the_messages_as_they_are(clear: DayMessages) -> None:
    cut = made(truncated_share=0.05)
    assert np.array_equal(clear.positions, cut.positions)
    assert cut.position_cuts.row.size == cut.fault_counts["positions.truncated"] > 20
    assert (np.diff(cut.position_cuts.row) > 0).all()
    assert ((cut.position_cuts.share > 0) & (cut.position_cuts.share < 1)).all()


def test_a_fault_hits_the_same_messages_beside_another() -> None:
    alone, together = made(position_jump_share=0.02), made(position_jump_share=0.02, not_available_share=0.1)
    assert alone.fault_counts["positions.position_jump"] == together.fault_counts["positions.position_jump"]
    more = made(position_jump_share=0.05)
    assert changed(made().positions, more.positions)[changed(made().positions, alone.positions)].all()


# --- reception --------------------------------------------------------------------------------------------------


def heard(legs: list[list[Sailing]], thin_s: int = 60, **keywords: Any) -> Any:
    scenario = Scenario(coverage="receivers")
    return of_ships(day_messages(sea(legs, **keywords), scenario, thin_s, 5).positions)


def test_near_a_station_all_is_heard_and_its_name_is_noted() -> None:
    rows = heard([lying(5, ROTTERDAM)], stations=STATIONS)
    assert rows.size == DAY_S // 180
    assert set(rows["station"].tolist()) == {0}


def test_reception_fades_at_the_end_of_the_range() -> None:
    station = [(0.0, 0.0, 100.0)]
    degrees = [km / 111.19493 for km in (79, 85, 90, 95)]
    rows = heard([lying(0, (0.0, lon)) for lon in degrees], stations=station)
    share = [((rows["ship"] == ship) & (rows["station"] == 0)).sum() / 1440 for ship in range(4)]
    assert share[0] == 1.0
    assert share[1:] == pytest.approx([0.75, 0.5, 0.25], abs=0.05)


def test_at_sea_only_a_satellite_hears_in_few_short_passes() -> None:
    rows = heard([lying(0, (10.0, -30.0)), lying(0, (10.0, -30.0))], thin_s=0, class_b=[1])
    assert set(rows["station"].tolist()) == {SATELLITE}
    seconds = np.unique(rows["sent_s"][rows["ship"] == 0])
    begins = np.flatnonzero(np.diff(seconds, prepend=-DAY_S) > 1800)
    assert 1 <= begins.size <= 6
    for first, last in zip(begins, [*(begins[1:] - 1), seconds.size - 1], strict=True):
        assert seconds[last] - seconds[first] < 900
    assert 0 < (rows["ship"] == 1).sum() < (rows["ship"] == 0).sum()


def test_the_neighbourhood_of_the_poles_is_passed_more_often() -> None:
    north, equator = (heard([lying(0, (latitude, 0.0))], thin_s=0).size for latitude in (80.0, 0.0))
    assert north > 2 * equator


@pytest.mark.parametrize("place", [(0.0, 179.9), (0.0, -179.9), (89.8, 77.0), (-89.9, 0.0), (60.0, 4.9)])
def test_a_station_hears_all_round_it(place: tuple[float, float]) -> None:
    ships = [(place[0] + dn * 0.3, place[1] + de * 0.3) for dn in (-1, 0, 1) for de in (-1, 0, 1)]
    within = [(min(max(a, -90.0), 90.0), (b + 180) % 360 - 180) for a, b in ships]
    rows = heard([lying(0, one) for one in within], thin_s=3600, stations=[(*place, 70.0)])
    assert (rows["station"] == 0).sum() == 9 * 24


def test_an_outage_silences_its_station_alone() -> None:
    outage = [(0, 10_000.0, 20_000.0)]
    rows, before = (heard(LEGS, stations=STATIONS, outages=one) for one in (outage, []))
    on_land = rows["station"] >= 0
    silent = (rows["sent_s"] >= 10_000) & (rows["sent_s"] < 20_000)
    assert not (rows["station"][silent] == 0).any()
    assert (rows["station"][~silent & (rows["ship"] == 0)] == 0).all()
    far = [one[(one["ship"] == 3) & (one["station"] >= 0)] for one in (rows, before)]
    assert np.array_equal(*far)
    assert on_land.sum() < (before["station"] >= 0).sum()


def test_stations_and_an_aid_are_heard_hourly_but_in_an_outage() -> None:
    scenario = Scenario(coverage="receivers")
    outages = [(0, 0.0, 43_200.0)]
    rows = day_messages(sea(LEGS, stations=STATIONS, outages=outages), scenario, 60, 5).positions
    shore = rows[rows["ship"] < 0]
    assert (shore["mmsi"][shore["message_type"] == 4] == 2_440_002).sum() == 24
    assert 11 <= (shore["mmsi"] == 2_440_001).sum() <= 12
    aid = shore[shore["message_type"] == 21]
    assert set(aid["mmsi"].tolist()) == {992_441_001}
    assert (
        great_circle_km(*STATIONS[0][:2], aid["latitude_steps"][0] / 6e5, aid["longitude_steps"][0] / 6e5)
        < 10
    )
