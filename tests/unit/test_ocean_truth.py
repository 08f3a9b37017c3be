"""The truth of the simulated ocean against a brute-force reading of the ships' legs, second by second."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow.parquet as pq
import pytest
import shapely

from ais_indicators.geo.gates import read_gates
from ais_indicators.units import SECONDS_PER_DAY
from ais_simulator.model import DayAtSea, Floats
from ais_simulator.ocean import Ocean
from ais_simulator.ocean.harbours import HARBOURS, Harbour
from ais_simulator.ocean.sightings import GATE, SIDE_A, SIDE_B
from ais_simulator.ocean.truth_tables import TABLES
from ais_simulator.ocean.visits import GateTracker, PortTracker, Stops, Visit
from ais_simulator.scenario import Faults, Scenario

FIRST, SHIPS, SEED, DAYS = date(2026, 5, 11), 20, 7, 2
FIRST_S = int(datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=UTC).timestamp())
END_S = FIRST_S + DAYS * SECONDS_PER_DAY
KM_PER_DEGREE = 111.19492664455873
Table = list[dict[str, Any]]


def read(folder: Path) -> dict[str, Table]:
    return {name: pq.read_table(folder / f"{name}.parquet").to_pylist() for name in TABLES}


def run(folder: Path, days: int, ships: int, scenario: Scenario) -> tuple[list[DayAtSea], dict[str, Table]]:
    ocean = Ocean(FIRST, ships, SEED, scenario)
    truth = ocean.truth(folder)
    seen = list(ocean.days(days, truth))
    truth.close()
    return seen, read(folder)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[DayAtSea], dict[str, Table]]:
    return run(tmp_path_factory.mktemp("small"), DAYS, SHIPS, Scenario())


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[DayAtSea], dict[str, Table]]:
    scenario = Scenario(faults=Faults(mmsi_changes_per_ship_year=8, outages_per_station_year=12))
    return run(tmp_path_factory.mktemp("month"), 18, 40, scenario)


class Path1s(NamedTuple):
    """One ship's place and speed at each second."""

    latitude: Floats
    longitude: Floats
    knots: Floats


def path_of(days: list[DayAtSea], ship: int) -> Path1s:
    seconds = np.arange(FIRST_S, END_S)
    latitude, longitude, knots = (np.full(len(seconds), np.nan) for _ in range(3))
    for number, day in enumerate(days):
        m, begin = day.motion, FIRST_S + number * SECONDS_PER_DAY
        for leg in np.flatnonzero(m.ship == ship):
            rows = slice(
                max(int(np.ceil(m.begins_s[leg])), begin) - FIRST_S,
                max(min(int(np.ceil(m.ends_s[leg])), begin + SECONDS_PER_DAY) - FIRST_S, 0),
            )
            share = (seconds[rows] - m.begins_s[leg]) / (m.ends_s[leg] - m.begins_s[leg])
            start, end = (
                vector(m.from_latitude[leg], m.from_longitude[leg]),
                vector(m.to_latitude[leg], m.to_longitude[leg]),
            )
            arc = float(np.arccos(np.clip(start @ end, -1, 1)))
            is_still = np.array_equal(start, end)
            points = np.outer(1 - share, start) + np.outer(share, end)
            if arc > 1e-4:
                points = np.outer(np.sin((1 - share) * arc), start) + np.outer(np.sin(share * arc), end)
            latitude[rows] = np.degrees(np.arctan2(points[:, 2], np.hypot(points[:, 0], points[:, 1])))
            longitude[rows] = np.degrees(np.arctan2(points[:, 1], points[:, 0]))
            hours = (m.ends_s[leg] - m.begins_s[leg]) / 3_600
            knots[rows] = 0.0 if is_still else arc * 6_371 / 1.852 / hours
    assert not np.isnan(latitude).any()
    return Path1s(latitude, longitude, knots)


def vector(latitude: float, longitude: float) -> Floats:
    phi, lam = np.radians(latitude), np.radians(longitude)
    return np.array([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)])


def visits_by_force(path: Path1s, harbour: Harbour) -> list[tuple[int | None, int | None, bool]]:
    """Entry, exit and whether there was a stop of 30 minutes, of each visit of one ship."""
    near = np.hypot(path.latitude[::600] - harbour.point[0], path.longitude[::600] - harbour.point[1]) < 0.5
    if not near.any():
        return []
    near = np.hypot(path.latitude - harbour.point[0], path.longitude - harbour.point[1]) < 0.3
    ring = np.array(next(corners for kind, corners in harbour.areas if kind == "port"))[:, ::-1]
    inside, beyond = (np.zeros(len(near), dtype=bool) for _ in range(2))
    inside[near] = shapely.intersects_xy(shapely.Polygon(ring), path.longitude[near], path.latitude[near])
    scale = np.array([np.cos(np.radians(harbour.point[0])), 1.0]) * KM_PER_DEGREE
    points = shapely.points(np.column_stack([path.longitude, path.latitude])[near] * scale)
    beyond[:] = True
    beyond[near] = shapely.distance(points, shapely.Polygon(ring * scale)) > 1.0
    visits, row = [], 0
    while row < len(inside) and inside[row:].any():
        entry = row + int(np.argmax(inside[row:]))
        out = beyond[entry:]
        end = entry + int(np.argmax(out)) if out.any() else len(inside)
        visits.append((entry, end))
        row = end
    merged: list[list[tuple[int, int]]] = []
    for visit in visits:
        if merged and visit[0] - merged[-1][-1][1] < 3_600:
            merged[-1].append(visit)
        else:
            merged.append([visit])
    return [
        (
            None if parts[0][0] == 0 else FIRST_S + parts[0][0],
            None if parts[-1][1] == len(inside) else FIRST_S + parts[-1][1],
            any(longest_stop(path.knots[a:b]) >= 1_800 for a, b in parts),
        )
        for parts in merged
    ]


def longest_stop(knots: Floats) -> int:
    longest, begun = 0, None
    for second in np.flatnonzero(np.diff(knots, prepend=np.nan, append=np.nan) != 0).tolist():
        speed = knots[second] if second < len(knots) else np.inf
        if begun is None and speed < 0.2:
            begun = second
        elif begun is not None and speed > 0.5:
            longest, begun = max(longest, second - begun), None
    return longest


def seconds_of(value: datetime | None) -> int | None:
    return None if value is None else int(value.timestamp())


def test_visits_are_those_of_a_reading_each_second(small: tuple[list[DayAtSea], dict[str, Table]]) -> None:
    days, tables = small
    fleet = days[0].fleet
    found = {
        (row["mmsi"], row["port_locode"], seconds_of(row["arrived_at_utc"]), True): seconds_of(
            row["departed_at_utc"]
        )
        for row in tables["port_calls"]
    } | {
        (row["mmsi"], row["port_locode"], seconds_of(row["entered_at_utc"]), False): seconds_of(
            row["left_at_utc"]
        )
        for row in tables["passages"]
    }
    expected = {}
    for ship in range(SHIPS):
        path = path_of(days, ship)
        for harbour in HARBOURS:
            for entry, end, is_call in visits_by_force(path, harbour):
                expected[int(fleet.mmsi[ship]), harbour.locode, entry, is_call] = end
    assert len(expected) > 25
    assert found.keys() == expected.keys()
    for key, end in expected.items():
        other = found[key]
        assert (other is None) == (end is None)
        assert (
            other is None or end is None or abs(other - end) <= 1
        )  # the margin's distance is taken otherwise


def test_cargo_adds_up_and_fits_the_ship(month: tuple[list[DayAtSea], dict[str, Table]]) -> None:
    days, tables = month
    fleet = days[0].fleet
    deadweight = dict(zip(fleet.imo_number.tolist(), fleet.deadweight_t.tolist(), strict=True))
    design = dict(zip(fleet.imo_number.tolist(), fleet.design_draught_m.tolist(), strict=True))
    closed = [row for row in tables["port_calls"] if row["payload_departure_t"] is not None]
    assert len(closed) > 100
    for row in closed:
        net = row["tonnes_loaded"] - row["tonnes_unloaded"]
        assert row["payload_departure_t"] - row["payload_arrival_t"] == pytest.approx(net, abs=0.2)
        assert 0 <= row["payload_arrival_t"] <= deadweight[row["imo"]]
        assert 0 <= row["payload_departure_t"] <= deadweight[row["imo"]]
        assert 0 < row["draught_departure_m"] <= design[row["imo"]] + 0.001
        assert row["arrived_at_utc"] is None or row["arrived_at_utc"] <= row["berthed_at_utc"]
        assert row["departed_at_utc"] is None or row["unberthed_at_utc"] <= row["departed_at_utc"]
        if row["anchored_at_utc"] is not None:
            assert row["anchored_at_utc"] <= row["aweigh_at_utc"] <= row["berthed_at_utc"]
            assert row["arrived_at_utc"] is None or row["aweigh_at_utc"] < row["arrived_at_utc"]


def test_voyages_join_the_calls_of_a_ship(month: tuple[list[DayAtSea], dict[str, Table]]) -> None:
    _, tables = month
    arrivals = {(row["imo"], row["arrived_at_utc"]): row for row in tables["port_calls"]}
    for voyage in tables["voyages"]:
        call = arrivals[voyage["imo"], voyage["arrived_at_utc"]]
        assert call["port_locode"] == voyage["destination_locode"]
        assert call["payload_arrival_t"] == voyage["tonnes_on_board"]
        assert voyage["distance_nm"] > 10
        if voyage["departed_at_utc"] is not None:
            hours = (voyage["arrived_at_utc"] - voyage["departed_at_utc"]).total_seconds() / 3_600
            assert voyage["distance_nm"] / hours < 40


def test_calls_carry_the_number_sent_at_arrival(month: tuple[list[DayAtSea], dict[str, Table]]) -> None:
    days, tables = month
    changes = tables["identity_changes"]
    assert {change["kind"] for change in changes} == {"new_number"}
    for change in changes:
        if change["imo"] is not None:
            calls = [
                row for row in tables["port_calls"] if row["imo"] == change["imo"] and row["arrived_at_utc"]
            ]
            before = {row["mmsi"] for row in calls if row["arrived_at_utc"] < change["at_utc"]}
            after = {row["mmsi"] for row in calls if row["arrived_at_utc"] >= change["at_utc"]}
            assert change["mmsi_before"] not in after
            assert change["mmsi_after"] not in before
    assert all(change["at_utc"].timestamp() < FIRST_S + len(days) * SECONDS_PER_DAY for change in changes)


def test_tables_are_in_a_total_order_of_whole_seconds(month: tuple[list[DayAtSea], dict[str, Table]]) -> None:
    _, tables = month
    for name, column in (("port_calls", "departed_at_utc"), ("passages", "left_at_utc")):
        times = [row[column] for row in tables[name] if row[column] is not None]
        assert times == sorted(times)
        assert all(time.microsecond == 0 for time in times)
    transits = tables["chokepoint_transits"]
    assert len(transits) > 20
    assert [row["left_at_utc"] for row in transits] == sorted(row["left_at_utc"] for row in transits)
    assert {row["gate_code"] for row in transits} <= {gate.code for gate in read_gates()}
    assert tables["outages"]


def test_the_same_run_writes_the_same_bytes_and_a_longer_one_begins_with_them(tmp_path: Path) -> None:
    for name in ("one", "other"):
        run(tmp_path / name, 4, 20, Scenario())
    for table in TABLES:
        one, other = ((tmp_path / name / f"{table}.parquet").read_bytes() for name in ("one", "other"))
        assert one == other
    short = [row for row in read(tmp_path / "one")["port_calls"] if row["departed_at_utc"] is not None]
    _, long = run(tmp_path / "long", 6, 20, Scenario())
    assert long["port_calls"][: len(short) - 2] == short[:-2]


def visits(codes: list[tuple[int, int]]) -> list[Visit]:
    tracker = PortTracker(first_s=0)
    found = [visit for second, code in codes for visit in tracker.see(1, second, 5, code)]
    return [*found, *tracker.close()]


@pytest.mark.parametrize(
    ("gap_s", "count"), [pytest.param(3_599, 1, id="under an hour"), pytest.param(3_600, 2, id="an hour")]
)
def test_visits_less_than_an_hour_apart_are_one(gap_s: int, count: int) -> None:
    found = visits([(10, 2), (50, 1), (60, 0), (60 + gap_s, 2), (9_000, 0)])
    assert len(found) == count
    assert (found[0].entered_s, found[-1].left_s) == (10, 9_000)


def test_who_is_in_a_port_at_the_first_second_came_before() -> None:
    (visit,) = visits([(0, 2), (40, 1), (50, 0)])
    assert (visit.entered_s, visit.left_s) == (None, 50)


@pytest.mark.parametrize(
    ("lasts_s", "is_call"), [pytest.param(1_800, True, id="30 min"), pytest.param(1_799, False, id="less")]
)
def test_a_call_needs_one_stop_of_30_minutes(lasts_s: int, is_call: bool) -> None:
    stops = Stops({1: [[100.0, 100.0 + lasts_s], [4_000.0, 5_000.0]]})
    assert stops.is_call(Visit(1, 5, [(10, 9_000)]), 10_000) == is_call


@pytest.mark.parametrize(
    ("codes", "transits"),
    [
        pytest.param([(0, SIDE_A), (10, GATE), (20, SIDE_B)], 1, id="across"),
        pytest.param([(0, SIDE_A), (10, GATE), (20, SIDE_A)], 0, id="turned back"),
        pytest.param([(0, SIDE_A), (10, GATE), (20, 0), (21, SIDE_B)], 1, id="a second in the seam"),
        pytest.param([(0, SIDE_A), (10, GATE), (20, 0), (90, SIDE_B)], 0, id="round the side"),
        pytest.param([(0, GATE), (20, SIDE_B)], 0, id="began in the gate"),
        pytest.param(
            [(0, SIDE_B), (10, GATE), (20, SIDE_A), (30, GATE), (40, SIDE_B)], 2, id="there and back"
        ),
    ],
)
def test_a_transit_leads_from_one_side_to_the_other(codes: list[tuple[int, int]], transits: int) -> None:
    tracker = GateTracker()
    found = [t for second, code in codes if (t := tracker.see(1, second, 0, code))]
    assert len(found) == transits
    assert [t.is_counted for t in found] == [True, False][:transits]
