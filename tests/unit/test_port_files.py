"""Port files: what is read, what is repaired or left out and said so, and what cannot be read at all."""

import json
import math
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import shapely

from ais_indicators.contracts.types import arrow_schema
from ais_indicators.errors import BadInputError
from ais_indicators.geo.port_files import PortFile, areas_from_arrow, areas_to_arrow, read_port_file
from ais_indicators.geo.port_geojson import feature_of
from ais_indicators.units import EARTH_RADIUS_KM
from tests.subject_rules import SHIP_RULES

SQUARE = [[4.0, 51.0], [4.1, 51.0], [4.1, 51.1], [4.0, 51.1], [4.0, 51.0]]
BOW_TIE = [[4.0, 51.0], [4.1, 51.1], [4.1, 51.0], [4.0, 51.1], [4.0, 51.0]]
LINE = [[4.0, 51.0], [4.1, 51.1], [4.0, 51.0], [4.0, 51.0]]
WPI_HEADER = "World Port Index Number,Main Port Name,UN/LOCODE,Country Code,Latitude,Longitude\n"


def box(west: float, south: float, east: float, north: float) -> list[list[float]]:
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def feature(
    ring: list[list[float]] | None = None, geometry: dict[str, Any] | None = None, **properties: Any
) -> dict[str, Any]:
    country = "BEL" if properties.get("port_locode") == "BEANR" else "NLD"
    given = {"port_locode": "NLRTM", "port_name": "Rotterdam", "country_iso3": country} | properties
    shape = geometry or {"type": "Polygon", "coordinates": [ring or SQUARE]}
    return {"type": "Feature", "properties": given, "geometry": shape}


def read(folder: Path, features: Sequence[Any]) -> PortFile:
    path = folder / "ports.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return read_port_file(path, SHIP_RULES)


def read_wpi(folder: Path, *rows: str, header: str = WPI_HEADER) -> PortFile:
    path = folder / "wpi.csv"
    path.write_text(header + "".join(row + "\n" for row in rows))
    return read_port_file(path, SHIP_RULES)


def test_a_polygon_becomes_one_area_of_kind_port_by_default(tmp_path: Path) -> None:
    found = read(tmp_path, [feature()])
    (area,) = found.areas
    assert (area.area_id, area.port_locode, area.port_name) == (0, "NLRTM", "Rotterdam")
    assert (area.country_iso3, area.area_kind, area.valid_from, area.valid_to) == ("NLD", "port", None, None)
    assert area.geometry is not None
    assert area.geometry.contains(shapely.Point(area.centre_longitude, area.centre_latitude))
    assert found.problems == ()
    assert found.source_name == "ports.geojson"
    assert len(found.sha256) == 64


def test_a_polygon_has_its_size_on_the_sphere(tmp_path: Path) -> None:
    (area,) = read(tmp_path, [feature()]).areas
    band = math.sin(math.radians(51.1)) - math.sin(math.radians(51.0))
    assert area.area_km2 == pytest.approx(EARTH_RADIUS_KM**2 * math.radians(0.1) * band, rel=1e-9)


def test_a_hole_is_no_part_of_the_size(tmp_path: Path) -> None:
    hole = {"type": "Polygon", "coordinates": [SQUARE, box(4.02, 51.02, 4.08, 51.08)]}
    (whole,), (holed,) = read(tmp_path, [feature()]).areas, read(tmp_path, [feature(geometry=hole)]).areas
    assert 0.6 < holed.area_km2 / whole.area_km2 < 0.66


def test_a_point_is_a_circle(tmp_path: Path) -> None:
    (area,) = read(tmp_path, [feature(geometry={"type": "Point", "coordinates": [4.0, 51.0]})]).areas
    assert area.geometry is None
    assert (area.centre_latitude, area.centre_longitude) == (51.0, 4.0)
    assert area.area_km2 == math.pi * SHIP_RULES.point_port_entry_km**2


def test_validity_is_read(tmp_path: Path) -> None:
    (area,) = read(tmp_path, [feature(valid_from="2024-01-01", valid_to="2025-07-01")]).areas
    assert (area.valid_from, area.valid_to) == (date(2024, 1, 1), date(2025, 7, 1))


def test_a_country_that_is_not_given_follows_from_the_code(tmp_path: Path) -> None:
    found = read(tmp_path, [feature(country_iso3=None, port_locode="BE ANR")])
    assert (found.areas[0].port_locode, found.areas[0].country_iso3) == ("BEANR", "BEL")
    assert found.problems == ()


def test_numbers_do_not_depend_on_the_order_of_the_file(tmp_path: Path) -> None:
    features = [
        feature(port_locode=code, area_kind=kind, ring=box(x, 10, x + 0.1, 10.1))
        for x, (code, kind) in enumerate([("SGSIN", "port"), ("SGSIN", "berth"), ("BEANR", "port")])
    ]
    forward, backward = read(tmp_path, features).areas, read(tmp_path, features[::-1]).areas
    assert forward == backward
    named = [(a.area_id, a.port_locode, a.area_kind) for a in forward]
    assert named == [(0, "BEANR", "port"), (1, "SGSIN", "berth"), (2, "SGSIN", "port")]


def test_a_feature_given_twice_is_taken_once(tmp_path: Path) -> None:
    found = read(tmp_path, [feature(), feature()])
    assert len(found.areas) == 1
    assert found.problems == ("NLRTM (Rotterdam): given twice, taken once",)


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (feature(port_locode=None), "port_locode is missing"),
        (feature(port_name=" "), "port_name is missing"),
        (feature(area_kind="dock"), "area_kind 'dock' is none of port, berth, anchorage"),
        (feature(valid_from="soon"), "valid_from 'soon' is no date"),
        (feature(valid_from="2025-01-01", valid_to="2025-01-01"), "valid_to is not after its valid_from"),
        (feature(ring=box(4, 89.9, 5, 90.1)), "out of range"),
        (feature(ring=box(180, 10, 180.1, 11)), "out of range"),
        (feature(ring=[[4, 51], [4, float("nan")], [5, 51], [4, 51]]), "out of range"),
        (feature(geometry={"type": "Polygon", "coordinates": []}), "empty"),
        (feature(geometry={"type": "Polygon", "coordinates": [[[4, 51], [5, 51]]]}), "form no shape"),
        (feature(geometry={"type": "LineString", "coordinates": SQUARE}), "a LineString is neither"),
        (feature(ring=LINE), "encloses no area"),
        ({"type": "Feature", "properties": None, "geometry": None}, "port_locode is missing"),
        ("no feature", "port_locode is missing"),
    ],
)
def test_a_bad_shape_is_named_and_the_rest_goes_on(tmp_path: Path, bad: Any, why: str) -> None:
    found = read(tmp_path, [bad, feature(port_locode="BEANR", ring=box(5, 10, 5.1, 10.1))])
    assert [area.port_locode for area in found.areas] == ["BEANR"]
    (problem,) = found.problems
    assert "left out" in problem
    assert why in problem
    assert problem.startswith(("NLRTM", "Rotterdam", "feature 0"))


def test_a_self_intersection_is_repaired_and_named(tmp_path: Path) -> None:
    found = read(tmp_path, [feature(ring=BOW_TIE)])
    (area,), (problem,) = found.areas, found.problems
    assert area.geometry is not None
    assert area.geometry.is_valid
    assert problem.startswith("NLRTM Rotterdam: repaired (Self-intersection")
    (square,) = read(tmp_path, [feature()]).areas
    assert area.area_km2 == pytest.approx(square.area_km2 / 2, rel=0.01)


def test_a_false_country_is_named_and_left_unknown(tmp_path: Path) -> None:
    found = read(tmp_path, [feature(country_iso3="Holland")])
    assert found.areas[0].country_iso3 is None
    assert "'Holland' is no ISO 3166-1" in found.problems[0]


@pytest.mark.parametrize("west", [179.9, -179.9])
def test_longitudes_run_on_past_180(tmp_path: Path, west: float) -> None:
    ring = box(179.9, -17.1, -179.9, -17.0)
    ring = ring if west > 0 else [*ring[1:4], ring[0], ring[1]]
    (area,) = read(tmp_path, [feature(ring=ring)]).areas
    (same_size,) = read(tmp_path, [feature(ring=box(10.0, -17.1, 10.2, -17.0))]).areas
    assert area.geometry is not None
    assert area.geometry.bounds == pytest.approx((179.9, -17.1, 180.1, -17.0))
    assert area.area_km2 == pytest.approx(same_size.area_km2)
    assert -180.0 <= area.centre_longitude <= 180.0


def test_two_halves_cut_at_the_antimeridian_are_one_area(tmp_path: Path) -> None:
    halves = [[box(179.9, -17.1, 180, -17)], [box(-180, -17.1, -179.9, -17)]]
    found = read(tmp_path, [feature(geometry={"type": "MultiPolygon", "coordinates": halves})])
    geometry = found.areas[0].geometry
    assert geometry is not None
    assert geometry.geom_type == "Polygon"
    assert geometry.bounds == pytest.approx((179.9, -17.1, 180.1, -17.0))
    assert found.problems == ()


def test_a_hole_goes_over_the_antimeridian_with_its_shell(tmp_path: Path) -> None:
    rings = [box(179.0, 10.0, -179.0, 11.0), box(-179.6, 10.4, -179.4, 10.6)]
    (area,) = read(tmp_path, [feature(geometry={"type": "Polygon", "coordinates": rings})]).areas
    assert area.geometry is not None
    assert area.geometry.is_valid
    assert not area.geometry.contains(shapely.Point(180.5, 10.5))
    assert area.geometry.contains(shapely.Point(179.5, 10.5))


def test_a_cap_over_the_pole_stays_as_drawn(tmp_path: Path) -> None:
    corners = [(-180, 80), (-60, 80), (60, 80), (180, 80), (180, 90), (-180, 90), (-180, 80)]
    ring = [[float(x), float(y)] for x, y in corners]
    (area,) = read(tmp_path, [feature(ring=ring)]).areas
    cap = 2 * math.pi * EARTH_RADIUS_KM**2 * (1 - math.sin(math.radians(80)))
    assert area.area_km2 == pytest.approx(cap)


def overlap_problems(folder: Path, *features: dict[str, Any]) -> tuple[str, ...]:
    return read(folder, features).problems


def test_overlapping_ports_are_named(tmp_path: Path) -> None:
    small = feature(port_locode="NLVLA", port_name="Vlaardingen", ring=box(4.0, 51.0, 4.05, 51.05))
    (problem,) = overlap_problems(tmp_path, feature(), small)
    assert problem.startswith("NLVLA (Vlaardingen) and NLRTM (Rotterdam) overlap")


def test_a_polygon_that_overlaps_a_circle_is_named(tmp_path: Path) -> None:
    point = feature(port_locode="BEANR", geometry={"type": "Point", "coordinates": [4.14, 51.05]})
    assert "BEANR (Rotterdam) and NLRTM" in overlap_problems(tmp_path, feature(), point)[0]
    point = feature(port_locode="BEANR", geometry={"type": "Point", "coordinates": [4.145, 51.05]})
    assert overlap_problems(tmp_path, feature(), point) == ()


def test_overlaps_are_seen_across_the_antimeridian(tmp_path: Path) -> None:
    east = feature(port_locode="FJSUV", port_name="Suva", ring=box(-179.95, -17.1, -179.8, -17.0))
    assert "FJSUV" in overlap_problems(tmp_path, feature(ring=box(179.9, -17.1, -179.9, -17)), east)[0]


@pytest.mark.parametrize(
    "other",
    [
        feature(port_locode="BEANR", ring=box(4.1, 51.0, 4.2, 51.1)),
        feature(area_kind="berth", port_locode="BEANR"),
        feature(port_name="Rotterdam Europoort"),
    ],
    ids=["only touches", "a berth", "the same port"],
)
def test_these_are_no_overlaps(tmp_path: Path, other: dict[str, Any]) -> None:
    assert overlap_problems(tmp_path, feature(), other) == ()


def test_areas_valid_one_after_the_other_do_not_overlap(tmp_path: Path) -> None:
    until = feature(valid_to="2025-01-01")
    since = feature(port_locode="BEANR", valid_from="2025-01-01")
    assert overlap_problems(tmp_path, until, since) == ()


@pytest.mark.parametrize(("apart_km", "problems"), [(5.99, 1), (6.01, 0)])
def test_overlapping_circles_are_counted(tmp_path: Path, apart_km: float, problems: int) -> None:
    north = 51.0 + math.degrees(apart_km / EARTH_RADIUS_KM)
    points = [
        feature(port_locode=code, geometry={"type": "Point", "coordinates": [4.0, latitude]})
        for code, latitude in (("NLRTM", 51.0), ("BEANR", north))
    ]
    found = overlap_problems(tmp_path, *points)
    assert len(found) == problems
    assert all(p.startswith("1 pairs of point ports overlap") and "BEANR" in p for p in found)


def test_the_world_port_index_is_read(tmp_path: Path) -> None:
    found = read_wpi(
        tmp_path, "31090,Rotterdam,NL RTM,Netherlands,51.9,4.48", "950,Maurer, ,United States,40.5,-74.2"
    )
    assert [(a.port_locode, a.port_name, a.country_iso3) for a in found.areas] == [
        ("NLRTM", "Rotterdam", "NLD"),
        ("WPI00950", "Maurer", "USA"),
    ]  # fmt: skip
    assert all(a.geometry is None and a.area_kind == "port" for a in found.areas)
    assert found.problems == ()


@pytest.mark.parametrize(
    ("row", "code", "country", "why"),
    [
        ('1,A,"GB ME""""",United Kingdom,50,1', "WPI00001", "GBR", "malformed, taken as WPI00001"),
        ("1,A, ,Wake Island,50,1", "WPI00001", None, "'Wake Island' has no ISO 3166-1 code"),
        ("1,A,CO AMB,Dominican Republic,19,-71", "COAMB", "DOM", "COAMB is not in UN/LOCODE 2023-1"),
        ("1,A,CO BAQ,Dominican Republic,11,-75", "COBAQ", "COL", "UN/LOCODE says COL, its country DOM"),
    ],
)
def test_oddities_of_the_world_port_index_are_named(
    tmp_path: Path, row: str, code: str, country: str | None, why: str
) -> None:
    found = read_wpi(tmp_path, row)
    assert [(a.port_locode, a.country_iso3) for a in found.areas] == [(code, country)]
    assert why in found.problems[0]


@pytest.mark.parametrize("place", ["91,1", "50,181", "north,1", ","])
def test_a_row_without_a_place_is_left_out(tmp_path: Path, place: str) -> None:
    found = read_wpi(tmp_path, f"1,Nowhere,NL RTM,Netherlands,{place}", "2,A,BE ANR,Belgium,51,4")
    assert [a.port_locode for a in found.areas] == ["BEANR"]
    assert found.problems[0].startswith("NL RTM Nowhere: left out")


def test_without_a_file_the_bundled_list_is_read() -> None:
    found = read_port_file(None, SHIP_RULES)
    assert len(found.areas) > 3900
    assert found.source_name.startswith("searoute 1.")
    assert {"NLRTM", "SGSIN", "USHOU"} <= {a.port_locode for a in found.areas}
    assert all(len(a.port_locode) == 5 for a in found.areas)
    assert next(a.country_iso3 for a in found.areas if a.port_locode == "SGSIN") == "SGP"
    assert any("pairs of point ports overlap" in p for p in found.problems)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"port,lat,lon\n", "neither JSON nor the World Port Index"),
        (b"", "neither JSON"),
        (b"[1, 2]", "no features"),
        (b'{"type": "FeatureCollection", "features": []}', "no features"),
        (
            b'{"type": "FeatureCollection", "features": [{"type": "Feature"}]}',
            "has no usable area; feature 0",
        ),
        (b"\xff\xfe\x00", "not text in UTF-8"),
        (WPI_HEADER.replace(",Latitude", "").encode(), "lacks the column Latitude"),
        (WPI_HEADER.encode(), "has no usable area"),
    ],
)
def test_an_unusable_file_is_one_clear_error(tmp_path: Path, content: bytes, why: str) -> None:
    path = tmp_path / "ports.txt"
    path.write_bytes(content)
    with pytest.raises(BadInputError, match=why):
        read_port_file(path, SHIP_RULES)


def test_a_missing_file_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"none\.geojson cannot be read"):
        read_port_file(tmp_path / "none.geojson", SHIP_RULES)


def test_areas_come_back_from_their_table(tmp_path: Path) -> None:
    point = feature(port_locode="BEANR", geometry={"type": "Point", "coordinates": [4.0, 40.0]})
    areas = read(tmp_path, [feature(valid_from="2024-01-01", area_kind="anchorage"), point]).areas
    table = areas_to_arrow(areas, "v1", 1)
    assert table.schema == arrow_schema("reference.ports")
    assert table["port_version"].to_pylist() == ["v1", "v1"]
    assert areas_from_arrow(table.take([1, 0])) == areas


def test_a_file_without_any_area_of_kind_port_is_read(tmp_path: Path) -> None:
    found = read(tmp_path, [feature(area_kind="berth")])
    assert [area.area_kind for area in found.areas] == ["berth"]


def test_ports_on_inland_waters_are_marked(tmp_path: Path) -> None:
    point = {"type": "Point", "coordinates": [6.72, 51.44]}
    given = [
        feature(inland_waters=True),
        feature(geometry=point, port_locode="DEDUI", country_iso3="DEU", inland_waters=True),
        feature(geometry=point, port_locode="DENSS", country_iso3="DEU"),
    ]
    found = read(tmp_path, given)
    marks = {area.port_locode: area.inland_waters for area in found.areas}
    assert marks == {"NLRTM": True, "DEDUI": True, "DENSS": False}
    assert areas_from_arrow(areas_to_arrow(found.areas, "v", 1)) == found.areas
    written = [feature_of(area)["properties"].get("inland_waters") for area in found.areas]
    assert written == [True, None, True]


def test_a_mark_of_inland_waters_is_true_or_false(tmp_path: Path) -> None:
    found = read(tmp_path, [feature(inland_waters="yes"), feature(port_locode="BEANR")])
    assert [area.port_locode for area in found.areas] == ["BEANR"]
    assert found.problems[0].endswith("its inland_waters 'yes' is neither true nor false")
