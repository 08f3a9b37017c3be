"""Port areas from the data: where ships lie still, where they swing, and what is too little to be an area."""

import math
from datetime import timedelta
from pathlib import Path

import h3
import pyarrow as pa
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from ais_indicators.geo.distance import great_circle_km
from ais_indicators.geo.port_derivation import Derivation, derive_areas
from ais_indicators.geo.stays import CELL_SHIPS, add_up, cell_ships
from ais_indicators.units import KM_PER_NAUTICAL_MILE
from tests.lying_ships import (
    ENOUGH,
    HOURS,
    MONDAY,
    QUAY,
    ROADS,
    SCENE,
    STILL_KM,
    SWINGING_KM,
    Fix,
    Place,
    derived,
    kinds,
    lies,
    off,
    port,
    read_back,
    ships,
    table,
)
from tests.subject_rules import SHIP_RULES

# --- what becomes an area ----------------------------------------------------------------------------------


def test_a_quay_is_a_berth_and_the_roads_are_an_anchorage_of_the_nearest_port() -> None:
    fixes = ships(ENOUGH, QUAY) + ships(ENOUGH + 1, ROADS, first=100, spread_km=SWINGING_KM)
    found = derived(fixes, [port(), port(off(QUAY, east_km=50.0), "NLAMS")])
    anchorage, berth = found.areas
    assert kinds(found) == ["anchorage", "berth"]
    assert {(one.area.port_locode, one.area.port_name, one.area.country_iso3) for one in found.areas} == {
        ("NLRTM", "Port NLRTM", "NLD")
    }
    assert [one.area.area_id for one in found.areas] == [0, 1]
    assert (berth.ships, anchorage.ships) == (ENOUGH, ENOUGH + 1)
    assert berth.stationary_hours == pytest.approx(ENOUGH * HOURS)
    assert anchorage.stationary_hours == pytest.approx((ENOUGH + 1) * HOURS)
    assert berth.port_distance_km < 0.3
    assert anchorage.port_distance_km == pytest.approx(great_circle_km(*QUAY, *ROADS), abs=0.3)
    assert (found.sparse_cells, found.far_from_ports, found.drawn_already) == (0, 0, 0)


@pytest.mark.parametrize(("swinging", "expected"), [(ENOUGH, ["berth"]), (ENOUGH + 1, ["anchorage"])])
def test_the_kind_is_that_of_the_longer_time(swinging: int, expected: list[str]) -> None:
    """All in one cell."""
    middle = h3.cell_to_latlng(h3.latlng_to_cell(*QUAY, SHIP_RULES.derive_cell_resolution))
    swung = [
        fix for n in range(swinging) for fix in lies(100 + n, middle, 1.5 * SHIP_RULES.derive_berth_spread_km)
    ]
    lain = [fix for n in range(ENOUGH) for fix in lies(n, middle)]
    assert kinds(derived(lain + swung)) == expected


def test_every_fix_of_a_cluster_lies_in_its_area() -> None:
    fixes = ships(ENOUGH, QUAY) + ships(ENOUGH, ROADS, first=100, spread_km=SWINGING_KM)
    whole = shapely.union_all([one.area.geometry for one in derived(fixes).areas])
    assert all(shapely.intersects_xy(whole, fix[4], fix[3]) for fix in fixes)


def test_an_area_is_little_larger_than_what_the_ships_take_up() -> None:
    (berth,) = derived(ships(ENOUGH, QUAY)).areas
    assert 0.01 < berth.area.area_km2 < 0.2


def test_the_water_between_ships_at_anchor_is_filled() -> None:
    corners = [off(ROADS, north, east) for north in (0.0, 0.9) for east in (0.0, 0.9)]
    fixes = [
        fix
        for n, corner in enumerate(corners)
        for fix in ships(ENOUGH, corner, first=100 * n + 1, spread_km=SWINGING_KM)
    ]
    (anchorage,) = derived(fixes).areas
    middle = off(ROADS, 0.45, 0.45)
    assert shapely.intersects_xy(anchorage.area.geometry, middle[1], middle[0])


def test_a_lone_ship_is_left_out_and_its_cells_are_counted() -> None:
    found = derived(ships(ENOUGH, QUAY) + lies(99, ROADS, SWINGING_KM))
    assert kinds(found) == ["berth"]
    assert found.sparse_cells > 0


def test_no_fixes_give_no_areas() -> None:
    assert cell_ships(table([]), SHIP_RULES).schema == CELL_SHIPS
    assert derived([]) == Derivation((), 0, 0, 0)


def test_a_ship_that_comes_again_and_again_is_one_ship() -> None:
    visits = [
        fix
        for ship in range(1, ENOUGH)
        for day in range(3)
        for fix in lies(ship, QUAY, start=MONDAY + timedelta(days=day))
    ]
    assert derived(visits).areas == ()
    (berth,) = derived(visits + lies(ENOUGH, QUAY)).areas
    assert berth.ships == ENOUGH


# --- both sides of each threshold --------------------------------------------------------------------------


@pytest.mark.parametrize(("count", "expected"), [(ENOUGH - 1, []), (ENOUGH, ["berth"])])
def test_so_many_ships_make_an_area(count: int, expected: list[str]) -> None:
    assert kinds(derived(ships(count, QUAY))) == expected


@pytest.mark.parametrize(("share", "expected"), [(0.99, ["berth"]), (1.0, [])])
def test_a_ship_is_stationary_below_a_speed(share: float, expected: list[str]) -> None:
    sog = share * SHIP_RULES.derive_stationary_below_knots
    assert kinds(derived(ships(ENOUGH, QUAY, sog_knots=sog))) == expected


@pytest.mark.parametrize(("share", "lain"), [(0.99, True), (1.01, False)])
def test_without_a_speed_the_way_from_the_fix_before_decides(share: float, lain: bool) -> None:
    step_km = share * SHIP_RULES.derive_stationary_below_knots * KM_PER_NAUTICAL_MILE / 6.0
    fixes = [(1, 1, MONDAY + timedelta(minutes=10 * n), *off(ROADS, step_km * n), None) for n in range(8)]
    assert (cell_ships(table(fixes), SHIP_RULES).num_rows > 0) == lain


def test_a_fast_fix_ends_a_stay() -> None:
    """The same place before and after, each time too short."""
    hours = 0.6 * SHIP_RULES.derive_min_stay_hours
    later = MONDAY + timedelta(hours=hours, minutes=2)
    before, after = lies(1, QUAY, hours=hours), lies(1, QUAY, hours=hours, start=later)
    assert cell_ships(table(before + after), SHIP_RULES).num_rows > 0
    fast = (244_000_001, 1, later - timedelta(minutes=1), *QUAY, 5.0)
    assert cell_ships(table([*before, fast, *after]), SHIP_RULES).num_rows == 0


@pytest.mark.parametrize(("share", "expected"), [(0.99, []), (1.0, ["berth"])])
def test_a_stay_lasts_at_least_so_long(share: float, expected: list[str]) -> None:
    hours = share * SHIP_RULES.derive_min_stay_hours
    assert kinds(derived(ships(ENOUGH, QUAY, hours=hours))) == expected


@pytest.mark.parametrize(("share", "expected"), [(0.99, ["berth"]), (1.01, ["anchorage"])])
def test_the_spread_reports_a_berth_from_an_anchorage(share: float, expected: list[str]) -> None:
    spread = share * SHIP_RULES.derive_berth_spread_km
    assert kinds(derived(ships(ENOUGH, QUAY, spread_km=spread))) == expected


@pytest.mark.parametrize(("share", "stays"), [(0.99, True), (1.01, False)])
def test_a_ship_that_is_spread_wider_was_adrift(share: float, stays: bool) -> None:
    """It goes to and fro; the spread is the reach divided by the root of two."""
    reach = math.sqrt(2.0) * share * SHIP_RULES.derive_stay_radius_km
    steps = [reach * math.sin(math.tau * n / 60.0) for n in range(60)]
    fixes = [(1, 1, MONDAY + timedelta(minutes=6 * n), *off(ROADS, s), 0.4) for n, s in enumerate(steps)]
    assert (cell_ships(table(fixes), SHIP_RULES).num_rows > 0) == stays


@pytest.mark.parametrize(("share", "lain"), [(0.99, True), (1.01, False)])
def test_a_stay_ends_where_the_next_fix_is_too_far(share: float, lain: bool) -> None:
    """Half the time here and half there: only both together are long enough."""
    half = 0.5 * SHIP_RULES.derive_min_stay_hours
    there = off(QUAY, north_km=share * SHIP_RULES.derive_stay_radius_km)
    fixes = lies(1, QUAY, 0.0, half) + lies(1, there, 0.0, half, start=MONDAY + timedelta(hours=half + 0.1))
    assert (cell_ships(table(fixes), SHIP_RULES).num_rows > 0) == lain


@pytest.mark.parametrize(("share", "lain"), [(0.99, True), (1.0, False)])
def test_a_silence_ends_a_stay(share: float, lain: bool) -> None:
    fixes = lies(1, QUAY, hours=share * SHIP_RULES.gap_hours, fixes=2)
    assert (cell_ships(table(fixes), SHIP_RULES).num_rows > 0) == lain


@pytest.mark.parametrize("kind", ["berth", "anchorage"])
@pytest.mark.parametrize(("share", "areas"), [(0.6, 1), (3.0, 2)])
def test_places_near_each_other_are_one_area(kind: str, share: float, areas: int) -> None:
    spread = {"berth": STILL_KM, "anchorage": 0.06}[kind]
    there = off(QUAY, north_km=share * SHIP_RULES.value(f"derive_{kind}_cluster_km") + 0.05)
    fixes = [fix for n in range(ENOUGH) for fix in lies(n, QUAY, spread)]
    fixes += [fix for n in range(ENOUGH) for fix in lies(100 + n, there, spread)]
    assert kinds(derived(fixes)) == [kind] * areas


@pytest.mark.parametrize(("share", "left_out"), [(0.99, 0), (1.01, 1)])
def test_an_area_far_from_any_port_is_left_out_and_counted(share: float, left_out: int) -> None:
    km = share * SHIP_RULES.derive_max_port_distance_km
    found = derived(ships(ENOUGH, QUAY), [port(off(QUAY, north_km=km))])
    assert (len(found.areas), found.far_from_ports) == (1 - left_out, left_out)


def test_without_a_port_all_areas_are_far_from_any() -> None:
    assert derived(ships(ENOUGH, QUAY), []).far_from_ports == 1


# --- names -------------------------------------------------------------------------------------------------


def box(place: Place, half_km: float) -> shapely.Polygon:
    (south, west), (north, east) = off(place, -half_km, -half_km), off(place, half_km, half_km)
    return shapely.box(west, south, east, north)


def test_a_port_whose_polygon_holds_the_area_is_nearest_and_the_smallest_wins() -> None:
    ports = [
        port(off(QUAY, 15.0), "NLBIG", polygon=box(QUAY, 20.0)),
        port(off(QUAY, 5.0), "NLSML", polygon=box(QUAY, 10.0)),
        port(off(QUAY, 1.0), "NLPNT"),
    ]
    (berth,) = derived(ships(ENOUGH, QUAY), ports).areas
    assert (berth.area.port_locode, berth.port_distance_km) == ("NLSML", 0.0)


def test_the_distance_to_a_polygon_is_the_one_to_its_edge() -> None:
    far = off(QUAY, north_km=15.0)
    (berth,) = derived(ships(ENOUGH, QUAY), [port(far, polygon=box(far, 10.0))]).areas
    assert berth.port_distance_km == pytest.approx(5.0, abs=0.3)


def test_only_areas_of_kind_port_give_names() -> None:
    ports = [port(off(QUAY, 5.0), "NLRTM"), port(off(QUAY, 3.0), "NLANC", "anchorage")]
    (berth,) = derived(ships(ENOUGH, QUAY), ports).areas
    assert berth.area.port_locode == "NLRTM"


@pytest.mark.parametrize(("kind", "drawn"), [("berth", 1), ("anchorage", 0)])
def test_an_area_that_is_drawn_already_is_not_drawn_again(kind: str, drawn: int) -> None:
    known = [port(), port(QUAY, kind=kind, polygon=box(QUAY, 0.2))]
    found = derived(ships(ENOUGH, QUAY), known)
    assert (len(found.areas), found.drawn_already) == (1 - drawn, drawn)


# --- anywhere on the globe, in any order ------------------------------------------------------------------


@pytest.mark.parametrize("latitude", [0.0, -17.0, 66.0])
def test_a_cluster_over_the_antimeridian_is_one_area(latitude: float, tmp_path: Path) -> None:
    quay, same = off((latitude, 180.0), east_km=-0.05), off((latitude, 20.0), east_km=-0.05)
    (berth,), (elsewhere,) = (derived(ships(ENOUGH, at), [port(at)]).areas for at in (quay, same))
    west, _, east, _ = shapely.bounds(berth.area.geometry)
    assert 179.9 < west < 180.0 < east < 180.1
    assert abs(berth.area.centre_longitude) > 179.9
    assert 0.3 < berth.area.area_km2 / elsewhere.area.area_km2 < 3.0
    (back,) = read_back(tmp_path, [berth.area])
    assert back.area_km2 == pytest.approx(berth.area.area_km2, rel=1e-6)
    assert shapely.symmetric_difference(back.geometry, berth.area.geometry).area < 1e-10


@pytest.mark.parametrize("side", [1, -1], ids=["north", "south"])
@pytest.mark.parametrize("latitude", [85.0, 89.9, 89.995])
def test_near_a_pole(latitude: float, side: int, tmp_path: Path) -> None:
    fixes = [fix for n in range(ENOUGH) for fix in lies(n + 1, (side * latitude, 170.0 + 5.0 * (n % 2)))]
    fixes = fixes if latitude > 89.99 else ships(ENOUGH, (side * latitude, 179.999))
    (berth,) = derived(fixes, [port((side * latitude, 179.0))]).areas
    assert shapely.is_valid(berth.area.geometry)
    assert 0.005 < berth.area.area_km2 < 5.0
    assert len(read_back(tmp_path, [berth.area])) == 1


@pytest.mark.parametrize("side", [1, -1], ids=["north", "south"])
def test_over_a_pole(side: int, tmp_path: Path) -> None:
    fixes = [fix for n in range(2 * ENOUGH) for fix in lies(n + 1, (side * 89.9995, 36.0 * n - 180.0))]
    (berth,) = derived(fixes, [port((side * 89.99, 0.0))]).areas
    assert shapely.intersects_xy(berth.area.geometry, 12.0, side * 90.0)
    assert berth.area.area_km2 < 1.0
    assert len(read_back(tmp_path, [berth.area])) == 1


@settings(deadline=None)
@given(st.permutations(SCENE))
def test_the_order_of_the_rows_does_not_matter(fixes: list[Fix]) -> None:
    assert cell_ships(table(fixes), SHIP_RULES).equals(cell_ships(table(SCENE), SHIP_RULES))


@settings(deadline=None)
@given(st.permutations(sorted({fix[1] for fix in SCENE})), st.integers(1, 5))
def test_files_in_any_order_add_up_to_the_same(tracks: list[int], size: int) -> None:
    parts = [set(tracks[n : n + size]) for n in range(0, len(tracks), size)]
    tables = [cell_ships(table(fix for fix in SCENE if fix[1] in part), SHIP_RULES) for part in parts]
    assert add_up(tables).equals(cell_ships(table(SCENE), SHIP_RULES))
    assert derive_areas(add_up(tables), [port()], SHIP_RULES) == derived(SCENE)


def test_weeks_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ais_indicators.geo.stays.ROWS_AT_ONCE", 3)
    once = cell_ships(table(SCENE), SHIP_RULES)
    often = add_up(once for _ in range(20))
    assert often.drop_columns(["still_seconds", "swinging_seconds"]).equals(once.select(["h3_cell", "mmsi"]))
    for name in ("still_seconds", "swinging_seconds"):
        assert often[name].to_pylist() == [20 * seconds for seconds in once[name].to_pylist()]


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 4), st.floats(0, 24), st.floats(0, 1), st.floats(0, 1)), max_size=40)
)
def test_no_ship_lies_longer_than_it_was_seen(rows: list[tuple[int, float, float, float]]) -> None:
    fixes = [
        (track, track, MONDAY + timedelta(hours=hours), *off(QUAY, north, east), 0.1)
        for track, hours, north, east in rows
    ]
    found = cell_ships(table(fixes), SHIP_RULES)
    assert all(a + b > 0 for a, b in zip(*(found[n].to_pylist() for n in CELL_SHIPS.names[2:]), strict=True))
    for track in {fix[1] for fix in fixes}:
        times = [fix[2] for fix in fixes if fix[1] == track]
        own = found.filter(pa.compute.equal(found["mmsi"], track))
        lain = sum(own["still_seconds"].to_pylist()) + sum(own["swinging_seconds"].to_pylist())
        assert lain <= (max(times) - min(times)).total_seconds() + 1
