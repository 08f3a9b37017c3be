"""The country of a port: by a code that is in UN/LOCODE, else as given; and lists whose coordinates are exchanged."""

import json
import math
from pathlib import Path
from typing import Any

import pytest

from ais_indicators.errors import BadInputError
from ais_indicators.geo.countries import iso3_of_locode
from ais_indicators.geo.exchanged import are_exchanged
from ais_indicators.geo.port_files import PortFile, read_port_file
from ais_indicators.geo.unlocodes import is_unlocode, read_unlocodes
from ais_indicators.units import EARTH_RADIUS_KM
from tests.subject_rules import SHIP_RULES

ROTTERDAM = (51.95, 4.05)
OLDER_HEADER = "INDEX_NO,REGION_NO,PORT_NAME,COUNTRY,LATITUDE,LONGITUDE,LAT_DEG\n"


def point(code: str, latitude: float, longitude: float, country: str | None = None) -> dict[str, Any]:
    named = {"port_locode": code, "port_name": code.title(), "country_iso3": country}
    return {
        "type": "Feature",
        "properties": {name: value for name, value in named.items() if value},
        "geometry": {"type": "Point", "coordinates": [longitude, latitude]},
    }


def read(folder: Path, *features: dict[str, Any]) -> PortFile:
    path = folder / "ports.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return read_port_file(path, SHIP_RULES)


@pytest.mark.parametrize(
    ("code", "listed"),
    [("NLRTM", True), ("FJSUV", True), ("NLQQQ", False), ("ROTTERDAM", False), ("", False)],
)
def test_a_code_is_in_the_list_or_not(code: str, listed: bool) -> None:
    assert is_unlocode(code) is listed


def test_the_list_has_all_countries_and_only_codes_of_five_characters() -> None:
    codes = read_unlocodes()
    assert len(codes) > 110_000
    assert {len(code) for code in codes} == {5}
    assert len({code[:2] for code in codes}) > 240


@pytest.mark.parametrize(
    ("code", "given", "country", "problem"),
    [
        ("NLRTM", None, "NLD", None),
        ("NL RTM", None, "NLD", None),
        ("ROTTERDAM", None, None, "ROTTERDAM is not in UN/LOCODE 2023-1; give country_iso3"),
        ("NLQQQ", None, None, "NLQQQ is not in UN/LOCODE 2023-1; give country_iso3"),
        ("ROTTERDAM", "NLD", "NLD", None),
        ("NLRTM", "BEL", "BEL", "its UN/LOCODE says NLD, its country_iso3 BEL"),
    ],
)
def test_a_code_that_only_looks_like_one_has_no_country(
    tmp_path: Path, code: str, given: str | None, country: str | None, problem: str | None
) -> None:
    found = read(tmp_path, point(code, *ROTTERDAM, given))
    assert [area.country_iso3 for area in found.areas] == [country]
    assert [problem in said for said in found.problems] == ([True] if problem else [])  # type: ignore[operator]


def test_bundled_ports_have_the_country_of_a_listed_code_only() -> None:
    for area in read_port_file(None, SHIP_RULES).areas:
        if is_unlocode(area.port_locode):
            assert area.country_iso3 == iso3_of_locode(area.port_locode), area.label


def test_a_file_whose_latitudes_stand_first_is_refused(tmp_path: Path) -> None:
    right = [("NLRTM", 51.95, 4.05), ("NLAMS", 52.4, 4.8), ("NLVLI", 51.45, 3.6)]
    assert len(read(tmp_path, *(point(*one) for one in right)).areas) == 3
    exchanged = [point(code, longitude, latitude) for code, latitude, longitude in right]
    with pytest.raises(BadInputError, match="where latitude and longitude are exchanged"):
        read(tmp_path, *exchanged)


def test_half_of_the_ports_is_not_most(tmp_path: Path) -> None:
    found = read(tmp_path, point("NLRTM", *ROTTERDAM), point("NLAMS", 4.8, 52.4))
    assert [area.port_locode for area in found.areas] == ["NLAMS", "NLRTM"]


@pytest.mark.parametrize(("km", "exchanged"), [(495.0, True), (505.0, False)])
def test_an_exchanged_place_is_near_its_country_up_to_the_limit(km: float, exchanged: bool) -> None:
    (port,) = (area for area in read_port_file(None, SHIP_RULES).areas if area.country_iso3 == "BRB")
    north = port.centre_latitude + math.degrees(km / EARTH_RADIUS_KM)
    assert SHIP_RULES.exchanged_port_km == 500.0
    assert are_exchanged([("BRB", port.centre_longitude, north)], SHIP_RULES) is exchanged
    assert are_exchanged([("BRB", north, port.centre_longitude)], SHIP_RULES) is False
    assert (
        are_exchanged([("XXX", port.centre_longitude, north)], SHIP_RULES) is False
    )  # no such country is known


def test_older_editions_of_the_world_port_index_are_read(tmp_path: Path) -> None:
    path = tmp_path / "wpi.csv"
    path.write_text(OLDER_HEADER + "31090,31000,ROTTERDAM,NL,51.9,4.48,51\n950,1,NOWHERE,XX,40.5,-74.2,40\n")
    found = read_port_file(path, SHIP_RULES)
    assert [(a.port_locode, a.port_name, a.country_iso3) for a in found.areas] == [
        ("WPI00950", "NOWHERE", None),
        ("WPI31090", "ROTTERDAM", "NLD"),
    ]
    assert found.problems == ("NOWHERE: the country 'XX' has no ISO 3166-1 code of its own",)
