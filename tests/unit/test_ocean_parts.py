"""What the simulated ocean is built of: draughts, numbers, ports, gates and ways by sea."""

import csv
from pathlib import Path

import numpy as np
import pytest
import shapely

from ais_indicators.geo.distance import great_circle_km
from ais_indicators.geo.gates import AREA_KINDS, Gate, gates_geojson, read_gates
from ais_indicators.geo.port_files import read_port_file
from ais_indicators.geo.sea_network import distances_km, polyline, sea_network, wrapped
from ais_simulator.ocean.cargo import draught_of_payload
from ais_simulator.ocean.fleet import FORMS, build_fleet, build_trade, imo_number, write_register
from ais_simulator.ocean.harbours import ANCHORAGE_NEAR_KM, HARBOURS, PORT, write_ports
from ais_simulator.ocean.routes import cut, gate_distances, way_between
from ais_simulator.ocean.working_hours import finished_s, pace
from tests.subject_rules import SHIP_RULES

SEED = 7
NETWORK_RUNS_NOT = ("bering",)  # its lanes lead to the closed northwest passage alone
GOLDEN_SHIP = {"L": 151.0, "W": 24.0, "DWT": 13_623.0, "d": 8.9, "Cb": 0.73}


def golden_draught(payload_t: float) -> float:
    length, width, deadweight, draught, block = (np.array([value]) for value in GOLDEN_SHIP.values())
    return float(draught_of_payload(np.array([payload_t]), length, width, deadweight, draught, block)[0])


@pytest.mark.parametrize(
    ("payload_t", "draught_m"),
    [
        pytest.param(13_623.0, 8.9, id="full load is the design draught"),
        pytest.param(0.4476308595 * 13_623, 6.4, id="the golden call of methodology 9"),
        pytest.param(13_623.0 - 7_524.9248, 6.4, id="after unloading 7,524.9248 t"),
    ],
)
def test_draught_is_the_one_at_which_the_method_reads_the_payload(payload_t: float, draught_m: float) -> None:
    assert golden_draught(payload_t) == pytest.approx(draught_m, abs=1e-6)


def test_draught_rises_with_payload_for_all_ships() -> None:
    fleet = build_fleet(60, SEED)
    carries = fleet.deadweight_t > 0
    length, width, deadweight, design = (
        column[carries]
        for column in (fleet.length_m, fleet.width_m, fleet.deadweight_t, fleet.design_draught_m)
    )
    block = fleet.displacement_t[carries] / (length * width * design * 1.025)
    draughts = np.array(
        [
            draught_of_payload(share * deadweight, length, width, deadweight, design, block)
            for share in np.linspace(0, 1, 11)
        ]
    )
    assert (np.diff(draughts, axis=0) > 0).all()
    assert (draughts > 0).all()
    np.testing.assert_allclose(draughts[-1], design, rtol=1e-9)


def test_numbers_are_of_the_right_form_and_unique() -> None:
    fleet = build_fleet(500, SEED)
    numbers = fleet.imo_number[fleet.imo_number > 0]
    assert [imo_number(int(number) // 10) for number in numbers] == numbers.tolist()
    assert set((numbers // 1_000_000).tolist()) <= {2, 3}
    assert len(set(numbers.tolist())) == len(numbers)
    assert len(set(fleet.mmsi.tolist())) == len(fleet)
    assert ((fleet.mmsi // 1_000_000 >= 201) & (fleet.mmsi // 1_000_000 <= 775)).all()


def test_a_ship_does_not_depend_on_the_size_of_the_fleet() -> None:
    few, many = build_fleet(30, SEED), build_fleet(90, SEED)
    for name in few.__dataclass_fields__:
        assert getattr(few, name).tolist() == getattr(many, name)[:30].tolist()


def test_classes_dimensions_and_types_are_plausible() -> None:
    fleet = build_fleet(400, SEED)
    assert set(fleet.vessel_class.tolist()) == {form.vessel_class for form in FORMS.values()}
    assert 0.65 < (fleet.vessel_class != "other").mean() < 0.75
    assert (fleet.deadweight_t < fleet.displacement_t).all()
    assert (fleet.width_m < fleet.length_m / 2).all()
    tanker, passenger = fleet.vessel_class == "tanker", fleet.vessel_class == "passenger"
    assert set((fleet.ais_ship_type[tanker] // 10).tolist()) == {8}
    assert set((fleet.ais_ship_type[passenger] // 10).tolist()) == {6}
    assert 0 < fleet.is_class_b.sum() < 60
    assert max(map(len, fleet.vessel_name)) <= 20
    assert max(map(len, fleet.call_sign)) <= 7


def test_tramps_can_load_and_unload() -> None:
    for trade in (build_trade(ship, SEED) for ship in range(400)):
        if trade.kind == "tramp":
            assert set(trade.exporters) < set(trade.ports)


def test_the_register_holds_the_ships_with_an_imo_number(tmp_path: Path) -> None:
    fleet = build_fleet(40, SEED)
    rows = list(csv.DictReader(write_register(fleet, tmp_path / "register.csv").open()))
    assert [int(row["imo"]) for row in rows] == fleet.imo_number[fleet.imo_number > 0].tolist()
    assert ",".join(rows[0]) == "imo,mmsi,name,class,dwt,gt,length,width,design_draught,displacement"


def test_our_loader_takes_the_ports_without_a_word(tmp_path: Path) -> None:
    ports = read_port_file(write_ports(tmp_path / "ports.geojson"), SHIP_RULES)
    assert ports.problems == ()
    assert {area.port_locode for area in ports.areas} == {harbour.locode for harbour in HARBOURS}
    shapes = [
        area.geometry for area in ports.areas if area.area_kind != "berth" and area.geometry is not None
    ]
    tree = shapely.STRtree(shapes)
    assert all(i == j for i, j in tree.query(shapes, predicate="intersects").T.tolist())
    by_port = {a.port_locode: a.geometry for a in ports.areas if a.area_kind == "port"}
    for area in ports.areas:
        if area.area_kind == "berth":
            assert shapely.contains(by_port[area.port_locode], area.geometry)


def test_anchorages_lie_beyond_the_exit_margin_of_their_port() -> None:
    assert ANCHORAGE_NEAR_KM - max(seaward for seaward, _ in PORT) >= 1.6


def test_work_takes_longer_at_night_on_sunday_and_at_new_year() -> None:
    noon, night, sunday = 1_778_673_600, 1_778_630_400, 1_779_019_200
    assert pace(noon, "BEL", 3.2) == 1.0
    assert pace(night, "BEL", 3.2) < 1.0
    assert pace(sunday, "BEL", 3.2) < 1.0
    new_year = 1_771_300_800  # 2026-02-17 04:00 UTC
    assert pace(new_year, "CHN", 120.0) < pace(new_year, "JPN", 135.0)
    assert finished_s(noon, 2.0, "BEL", 3.2) == noon + 7_200


def side_sequence(gate: Gate, longitude: np.ndarray, latitude: np.ndarray) -> list[str]:
    points = [
        np.column_stack([lon + share * wrapped(np.array([east]))[0], lat + share * north])
        for lon, lat, east, north in zip(
            longitude, latitude, np.diff(longitude), np.diff(latitude), strict=False
        )
        for share in [np.linspace(0, 1, 150)]
    ]
    sampled = np.vstack(points)
    seen = np.full(len(sampled), "", dtype=object)
    for kind in reversed(AREA_KINDS):
        seen[shapely.intersects_xy(gate.areas[kind], sampled[:, 0], sampled[:, 1])] = kind
    changes = np.flatnonzero(np.append(True, seen[1:] != seen[:-1]))
    return [kind for kind in seen[changes] if kind]


@pytest.mark.parametrize(
    "gate", [g for g in read_gates() if g.code not in NETWORK_RUNS_NOT], ids=lambda g: g.code
)
def test_the_network_crosses_each_gate_from_side_to_side(gate: Gate) -> None:
    network = sea_network()
    reach_km = 3 * gate.half_length_km + 30
    found = []
    for far in (1.0, 1.5, 2.0, 3.0, 5.0):
        ends = [network.nearest(*gate.at(sign * far * reach_km, 0.0)[::-1]) for sign in (-1, 1)]
        nodes = network.way(ends[0], ends[1])
        assert nodes is not None
        latitude, longitude = polyline(*network.nodes[nodes].T)
        found.append("-".join(side_sequence(gate, longitude, latitude)))
    assert any("side_a-gate-side_b" in way for way in found), found


def test_gates_are_geojson_of_28_straits() -> None:
    features = gates_geojson()["features"]
    assert len({f["properties"]["gate_code"] for f in features}) == 28
    assert len(features) == 28 * 3
    for feature in features:
        polygon = shapely.geometry.shape(feature["geometry"])
        assert polygon.is_valid
        assert polygon.exterior.is_ccw
        assert (feature["properties"]["side_name"] is None) == (feature["properties"]["area_kind"] == "gate")


def test_every_port_can_be_reached_and_legs_are_short() -> None:
    for harbour in HARBOURS[1:]:
        way = way_between(HARBOURS[0].locode, harbour.locode)
        assert way is not None
        assert way.leg_km.max() < 320
        direct_km = great_circle_km(*HARBOURS[0].point, *harbour.point)
        assert way.km > direct_km - 40


def test_a_way_over_the_antimeridian_stays_in_range_and_in_one_piece() -> None:
    way = way_between("CNTAO", "USLGB")
    assert way is not None
    assert np.abs(way.longitude).max() <= 180
    assert (np.abs(np.diff(way.longitude)) > 180).sum() == 1
    assert way.leg_km.max() < 320


def test_a_blocked_strait_is_sailed_round() -> None:
    usual, other = way_between("GBFXT", "SGSIN"), way_between("GBFXT", "SGSIN", frozenset({"suez"}))
    assert usual is not None
    assert other is not None
    assert other.km > usual.km + 3_000
    assert gate_distances("GBFXT", "SGSIN", "suez") is not None
    assert way_between("ROCND", "GRPIR", frozenset({"bosporus"})) is None


def test_a_way_cut_in_two_is_the_same_way() -> None:
    way = way_between("GBFXT", "BEZEE")
    assert way is not None
    before, after = cut(way, 61.0)
    assert before.km == pytest.approx(61.0, abs=0.2)
    assert before.km + after.km == pytest.approx(way.km, abs=0.2)
    assert distances_km(after.latitude, after.longitude).sum() == pytest.approx(after.km)
