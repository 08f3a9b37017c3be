"""The days of the simulated ocean: the same each time, without gaps, with the faults and shocks asked for."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from ais_indicators.errors import BadInputError
from ais_indicators.geo.gates import read_gates
from ais_indicators.units import SECONDS_PER_DAY
from ais_simulator.model import DayAtSea
from ais_simulator.ocean import Ocean
from ais_simulator.ocean.harbours import BY_LOCODE
from ais_simulator.ocean.sightings import INSIDE, gate_area, port_area, see
from ais_simulator.ocean.stations import outages_on
from ais_simulator.ocean.visits import leg_knots
from ais_simulator.scenario import Faults, Scenario

FIRST, SHIPS, SEED = date(2026, 5, 11), 40, 7
CLEAR = Scenario()


def first_s(day: date = FIRST) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def run(days: int, scenario: Scenario = CLEAR, ships: int = SHIPS, seed: int = SEED) -> list[DayAtSea]:
    return list(Ocean(FIRST, ships, seed, scenario).days(days))


def faulty(**rates: Any) -> Scenario:
    return Scenario(faults=Faults(**rates))


def same(one: DayAtSea, other: DayAtSea) -> bool:
    return all(
        np.array_equal(getattr(getattr(one, part), name), getattr(getattr(other, part), name))
        for part in ("motion", "statics", "outages", "fleet", "stations")
        for name in getattr(one, part).__dataclass_fields__
    )


@pytest.fixture(scope="module")
def week() -> list[DayAtSea]:
    return run(7)


def test_the_same_seed_gives_the_same_days_and_another_gives_others(week: list[DayAtSea]) -> None:
    again = run(7)
    assert all(same(one, other) for one, other in zip(week, again, strict=True))
    assert not same(week[0], run(1, seed=8)[0])


def test_a_longer_run_leaves_earlier_days_as_they_were(week: list[DayAtSea]) -> None:
    assert all(same(one, other) for one, other in zip(run(3), week, strict=False))


def test_legs_follow_on_each_other_and_cover_the_day(week: list[DayAtSea]) -> None:
    for number, day in enumerate(week):
        motion, begin_s = day.motion, first_s() + number * SECONDS_PER_DAY
        assert set(motion.ship.tolist()) == set(range(SHIPS))
        follows = motion.ship[1:] == motion.ship[:-1]
        assert (motion.ends_s > motion.begins_s).all()
        assert (motion.ends_s[:-1] == motion.begins_s[1:])[follows].all()
        for axis in ("latitude", "longitude"):
            ends, starts = getattr(motion, f"to_{axis}")[:-1], getattr(motion, f"from_{axis}")[1:]
            np.testing.assert_allclose(ends[follows], starts[follows], atol=1e-9)
        is_first, is_last = np.append(True, ~follows), np.append(~follows, True)
        assert (motion.begins_s[is_first] <= begin_s).all()
        assert (motion.ends_s[is_last] >= begin_s + SECONDS_PER_DAY).all()
        assert np.abs(motion.to_longitude).max() <= 180


def test_speeds_are_plausible_and_moored_ships_lie_still(week: list[DayAtSea]) -> None:
    for day in week:
        knots, status = leg_knots(day.motion), day.motion.navigational_status
        assert knots.max() < 28
        assert (knots[np.isin(status, (1, 5))] == 0).all()
        assert set(status.tolist()) <= {0, 1, 5, 7}


def test_each_ship_has_static_data_before_the_day_begins(week: list[DayAtSea]) -> None:
    for number, day in enumerate(week):
        begin_s = first_s() + number * SECONDS_PER_DAY
        statics = day.statics
        assert set(statics.ship[statics.since_s <= begin_s].tolist()) == set(range(SHIPS))
        order = np.lexsort((statics.since_s, statics.ship))
        assert (order == np.arange(len(order))).all()
        assert (statics.since_s < begin_s + SECONDS_PER_DAY).all()
        np.testing.assert_allclose(statics.draught_m, np.round(statics.draught_m, 1))
        assert max(map(len, statics.destination)) <= 20
        assert (statics.draught_m <= day.fleet.design_draught_m[statics.ship] + 0.06).all()


def test_the_first_day_finds_ships_at_sea_at_anchor_or_moored(week: list[DayAtSea]) -> None:
    motion, noon_s = week[0].motion, first_s() + SECONDS_PER_DAY // 2
    at_noon = motion.navigational_status[(motion.begins_s <= noon_s) & (motion.ends_s > noon_s)]
    assert {0, 5} <= set(at_noon.tolist())
    assert (at_noon == 0).sum() > SHIPS / 5


def changes_of(days: Sequence[DayAtSea], ship_field: str) -> dict[int, set[float]]:
    values: dict[int, set[float]] = {}
    for day in days:
        for ship, value in zip(
            day.statics.ship.tolist(), getattr(day.statics, ship_field).tolist(), strict=True
        ):
            values.setdefault(ship, set()).add(value)
    return values


def test_a_stale_draught_never_changes(week: list[DayAtSea]) -> None:
    assert any(len(draughts) > 1 for draughts in changes_of(week, "draught_m").values())
    stale = changes_of(run(3, faulty(stale_draught_share=1)), "draught_m")
    assert all(len(draughts) == 1 for draughts in stale.values())


def test_a_zero_draught_is_sent_after_each_call() -> None:
    for day in run(4, faulty(zero_draught_share=1)):
        departed = day.statics.eta_s > 0
        assert departed.any()
        assert (day.statics.draught_m[departed] == 0).all()


def test_a_late_draught_comes_within_hours_of_departure_while_the_destination_stands(
    week: list[DayAtSea],
) -> None:
    late = run(5, faulty(late_draught_share=1))
    pairs = 0
    for day in late:
        statics = day.statics
        again = (statics.ship[1:] == statics.ship[:-1]) & (statics.eta_s[1:] == statics.eta_s[:-1])
        again &= (statics.draught_m[1:] != statics.draught_m[:-1]) & (statics.eta_s[1:] > 0)
        waits = np.diff(statics.since_s)[again]
        pairs += len(waits)
        assert ((waits > 0) & (waits <= 12 * 3_600)).all()
    assert pairs > 5
    assert all(np.array_equal(a.motion.ship, b.motion.ship) for a, b in zip(week, late, strict=False))


def test_a_ship_gets_a_new_number_under_its_imo_number() -> None:
    days = run(7, faulty(mmsi_changes_per_ship_year=20))
    numbers = changes_of(days, "mmsi")
    changed = [ship for ship, values in numbers.items() if len(values) > 1]
    assert len(changed) > 5
    owners = [number for values in numbers.values() for number in values]
    assert len(owners) == len(set(owners))
    assert all(len(values) == 1 for values in changes_of(days, "imo_number").values())


def test_a_number_is_handed_over_days_later() -> None:
    days = run(18, faulty(mmsi_handovers_per_ship_year=20), ships=20)
    holders: dict[int, dict[int, list[float]]] = {}
    for day in days:
        rows = zip(
            day.statics.ship.tolist(), day.statics.mmsi.tolist(), day.statics.since_s.tolist(), strict=True
        )
        for ship, mmsi, since in rows:
            holders.setdefault(mmsi, {}).setdefault(ship, []).append(since)
    handed = {mmsi: ships for mmsi, ships in holders.items() if len(ships) > 1}
    assert handed
    for ships in handed.values():
        ordered = sorted(ships.values(), key=min)
        assert all(min(after) - max(before) > 86_400 for before, after in pairwise(ordered))


def test_two_ships_in_different_regions_share_a_number() -> None:
    ocean = Ocean(FIRST, SHIPS, SEED, faulty(shared_mmsi_share=0.1))
    numbers, counts = np.unique(ocean.fleet.mmsi, return_counts=True)
    assert sorted(counts.tolist())[-5:] == [1, 2, 2, 2, 2]
    for number in numbers[counts == 2]:
        one, other = (ocean.trades[ship] for ship in np.flatnonzero(ocean.fleet.mmsi == number))
        regions = [{BY_LOCODE[port].cluster for port in trade.ports} for trade in (one, other)]
        assert regions[0].isdisjoint(regions[1])


def test_no_fault_leaves_numbers_alone(week: list[DayAtSea]) -> None:
    assert all(len(values) == 1 for values in changes_of(week, "mmsi").values())
    assert all(len(day.outages.station) == 0 for day in week)


def test_outages_come_at_their_rate_and_length() -> None:
    ocean = Ocean(FIRST, 20, SEED, CLEAR)
    faults = Faults(outages_per_station_year=52, outage_hours=(3, 12))
    days = [date.fromordinal(FIRST.toordinal() + n) for n in range(28)]
    outages = [outages_on(day, ocean.stations, faults, SEED) for day in days]
    rows = {
        (station, begin, end)
        for o in outages
        for station, begin, end in zip(
            o.station.tolist(), o.begins_s.tolist(), o.ends_s.tolist(), strict=True
        )
    }
    assert len(rows) == pytest.approx(4 * len(ocean.stations.mmsi), rel=0.25)
    assert all(3 * 3_600 <= end - begin <= 12 * 3_600 for _, begin, end in rows)


def shock(**fields: Any) -> Scenario:
    times = {"from_utc": "2026-05-13T00:00:00Z", "to_utc": "2026-05-17T00:00:00Z"}
    return Scenario.model_validate({"shocks": [times | fields]})


def codes_of(days: Sequence[DayAtSea], area: Any) -> list[tuple[int, int, int]]:
    rows = []
    for number, day in enumerate(days):
        seen = see(day.motion, first_s() + number * SECONDS_PER_DAY, [area])
        rows += list(zip(seen.ship.tolist(), seen.second.tolist(), seen.code.tolist(), strict=True))
    return sorted(rows)


def entries(rows: list[tuple[int, int, int]], into: int) -> list[int]:
    """Seconds at which a ship comes into an area."""
    pairs = pairwise([(-1, 0, 0), *rows])
    return [b[1] for a, b in pairs if b[2] == into and a[0] == b[0] and a[2] != into]


def test_no_ship_enters_a_closed_port() -> None:
    begin, end = first_s(date(2026, 5, 13)), first_s(date(2026, 5, 17))
    area = port_area(BY_LOCODE["FIHEL"])
    usual = entries(codes_of(run(9), area), INSIDE)
    assert sum(begin <= second < end for second in usual) > 3
    closed = entries(codes_of(run(9, shock(kind="port_closed", port_locode="FIHEL")), area), INSIDE)
    assert not [second for second in closed if begin <= second < end]
    assert [second for second in closed if second >= end]


def test_no_ship_enters_a_blocked_strait() -> None:
    begin, end = first_s(date(2026, 5, 13)), first_s(date(2026, 5, 17))
    gate = next(gate for gate in read_gates() if gate.code == "korea")
    usual = entries(codes_of(run(9, ships=60), gate_area(gate)), 2)
    assert sum(begin <= second < end for second in usual) >= 2
    blocked = codes_of(run(9, shock(kind="strait_blocked", gate="korea"), ships=60), gate_area(gate))
    assert not [second for second in entries(blocked, 2) if begin <= second < end]


def test_a_new_lane_draws_ships_to_its_ports() -> None:
    lane = shock(kind="new_lane", between=["FIHEL", "FRLEH"], ships=4)
    long = [s.model_copy(update={"to_utc": datetime(2026, 7, 1, tzinfo=UTC)}) for s in lane.shocks]
    days = list(Ocean(FIRST, 20, SEED, Scenario(shocks=tuple(long))).days(14))
    names = {"FIHEL", "FRLEH", "HELSINKI", "LE HAVRE"}

    def bound(day: DayAtSea) -> set[int]:
        rows = zip(day.statics.ship.tolist(), day.statics.destination.tolist(), strict=True)
        return {ship for ship, destination in rows if destination in names}

    before = set.union(*(bound(day) for day in run(14, ships=20)))
    after = set.union(*(bound(day) for day in days))
    assert len(after - before) >= 2


def test_a_shock_at_an_unknown_port_or_strait_is_refused() -> None:
    with pytest.raises(BadInputError, match="XXXXX"):
        Ocean(FIRST, 20, SEED, shock(kind="port_closed", port_locode="XXXXX"))
    with pytest.raises(BadInputError, match="styx"):
        Ocean(FIRST, 20, SEED, shock(kind="strait_blocked", gate="styx"))


def test_stations_have_numbers_of_coast_stations() -> None:
    stations = Ocean(FIRST, 20, SEED, CLEAR).stations
    assert len(set(stations.mmsi.tolist())) == len(stations.mmsi)
    assert ((stations.mmsi // 10_000 >= 201) & (stations.mmsi // 10_000 <= 775)).all()
    assert ((stations.range_km >= 40) & (stations.range_km <= 90)).all()
