"""Port files: what areas a port has, read from GeoJSON, from the World Port Index or from the bundled list.

A file that cannot be used at all raises one error. A single bad shape is repaired or left out, and named in the
problems; the other areas are used.
"""

import csv
import hashlib
import json
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from shapely.geometry.base import BaseGeometry

from ais_indicators.contracts.types import arrow_schema
from ais_indicators.errors import BadInputError
from ais_indicators.geo.countries import ISO3, iso3_of, iso3_of_locode
from ais_indicators.geo.distance import great_circle_km
from ais_indicators.geo.exchanged import are_exchanged
from ais_indicators.geo.outlines import polygon_km2, shifted, unwrapped
from ais_indicators.geo.searoute_data import searoute_file
from ais_indicators.geo.shapes import (
    ShapeError,
    area_or_point,
    day_of,
    features_of,
    flag_of,
    repaired_polygon,
    required_text,
)
from ais_indicators.geo.unlocodes import EDITION, LOCODE
from ais_indicators.geo.world_port_index import NUMBER, is_world_port_index, read_world_port_index
from ais_indicators.rules import PLANES, SHIPS, Rules, Subject
from ais_indicators.units import EARTH_RADIUS_KM, FULL_TURN_DEGREES, HALF_TURN_DEGREES

AREA_KINDS: dict[Subject, tuple[str, ...]] = {SHIPS: ("port", "berth", "anchorage"), PLANES: ("airport",)}
"""Kinds of areas by what visits them; the first is that of an area that names none."""
ENTRY_KINDS = tuple(kinds[0] for kinds in AREA_KINDS.values())
"""Kinds of the areas that a visit is to."""
AIRPORT_CODE = re.compile(r"[A-Z][A-Z0-9]{2,3}")
"""An IATA code has three characters, one of ICAO four."""
CIRCLE_CORNERS = 64
NAMED_PAIRS = 5
"""How many overlapping pairs of circles are named; the others are counted."""


@dataclass(frozen=True)
class PortArea:
    """One area of one port.

    Attributes:
        area_id: Number of the area within its file.
        port_locode: UN/LOCODE without the space, or `WPI` and the World Port Index number; of an airport its code.
        port_name: Name of the port.
        country_iso3: ISO 3166-1 alpha-3 code, if known.
        area_kind: `port`, `berth`, `anchorage` or `airport`.
        geometry: Polygon in degrees, whose longitudes run on past 180 at the antimeridian. None: the port is
            a point.
        centre_latitude: Degrees north of the point, or of a point inside the polygon.
        centre_longitude: Degrees east of it, -180 to 180.
        area_km2: Size.
        valid_from: First day of validity; None: always.
        valid_to: First day on which it is no longer valid; None: for ever.
        inland_waters: Whether the port is on a river, lake or canal that seagoing vessels rarely reach.
    """

    area_id: int
    port_locode: str
    port_name: str
    country_iso3: str | None
    area_kind: str
    geometry: BaseGeometry | None
    centre_latitude: float
    centre_longitude: float
    area_km2: float
    valid_from: date | None = None
    valid_to: date | None = None
    inland_waters: bool = False

    @property
    def label(self) -> str:
        """Returns how the area is named to people."""
        return f"{self.port_locode} ({self.port_name})"


@dataclass(frozen=True)
class PortFile:
    """A port file as read: its areas, what was wrong in it, and which file it was."""

    areas: tuple[PortArea, ...]
    problems: tuple[str, ...]
    source_name: str
    sha256: str


def read_port_file(path: Path | None, rules: Rules) -> PortFile:
    """Reads GeoJSON, the World Port Index CSV or, without a path, the list bundled with the package searoute.

    Args:
        path: The file, or None.
        rules: Rules of the lake's subject.

    Returns:
        The areas, numbered from 0 in the order of port, kind and place, and the problems found.

    Raises:
        BadInputError: The file as a whole cannot be used.
    """
    name = path.name if path else f"searoute {version('searoute')} ports.geojson"
    try:
        content = (path or searoute_file("ports.geojson")).read_bytes()
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise BadInputError(f"the port file {path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadInputError(f"the port file {name} is not text in UTF-8") from error
    problems: list[str] = []
    try:
        areas = _numbered(
            _read_text(text, name, is_bundled=path is None, problems=problems, rules=rules), problems
        )
    except csv.Error as error:
        raise BadInputError(f"the port file {name} is no readable CSV: {error}") from error
    if not areas:
        raise BadInputError(f"the port file {name} has no usable area; {'; '.join(problems[:NAMED_PAIRS])}")
    if are_exchanged(_places(areas), rules):
        raise BadInputError(
            f"the port file {name}: most ports lie far from their country, and in it where latitude and longitude "
            "are exchanged; write the longitude first in GeoJSON, and each under its own name in a table"
        )
    problems.extend(_overlaps(areas, rules))
    return PortFile(areas, tuple(problems), name, hashlib.sha256(content).hexdigest())


def _read_text(
    text: str, name: str, is_bundled: bool, problems: list[str], rules: Rules
) -> Iterator[PortArea]:
    is_index = is_world_port_index(text)
    if rules.subject != SHIPS and (is_bundled or is_index):
        raise BadInputError(
            f"{name} lists ports, and the lake follows {rules.subject}; name a GeoJSON file of their areas"
        )
    if is_index:
        return _read_index(text, name, problems, rules)
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadInputError(
            f"the port file {name} is neither JSON nor the World Port Index (no {NUMBER!r} in line 1)"
        ) from error
    features = features_of(document, f"the port file {name}")
    return _read_features([_bundled(f) for f in features] if is_bundled else features, problems, rules)


def _bundled(feature: dict[str, Any]) -> dict[str, Any]:
    """Renames the properties of the bundled list to those of our GeoJSON."""
    given = feature["properties"]
    country = iso3_of_locode(given["port"]) or iso3_of(given["cty"].replace("_", " "))
    locode = given["port"] if LOCODE.fullmatch(given["port"]) else None
    names = {"port_locode": locode, "port_name": given["name"], "country_iso3": country}
    return {"geometry": feature["geometry"], "properties": names}


def _places(areas: Iterable[PortArea]) -> Iterator[tuple[str, float, float]]:
    """Yields countries and places of ports, of those whose country is known."""
    for area in areas:
        if area.country_iso3 and area.area_kind in AREA_KINDS[SHIPS]:
            yield area.country_iso3, area.centre_latitude, area.centre_longitude


def _read_features(features: Sequence[Any], problems: list[str], rules: Rules) -> Iterator[PortArea]:
    for number, feature in enumerate(features):
        properties = feature.get("properties") if isinstance(feature, dict) else None
        properties = properties if isinstance(properties, dict) else {}
        named = [str(properties[key]) for key in ("port_locode", "port_name") if properties.get(key)]
        label = " ".join(named) or f"feature {number}"
        try:
            yield _area_of_feature(feature, properties, label, problems, rules)
        except ShapeError as error:
            problems.append(f"{label}: left out, {error}")


def _area_of_feature(
    feature: Any, properties: dict[str, Any], label: str, problems: list[str], rules: Rules
) -> PortArea:
    locode, name = (required_text(properties, key) for key in ("port_locode", "port_name"))
    kinds = AREA_KINDS[rules.subject]
    kind = properties.get("area_kind") or kinds[0]
    if kind not in kinds:
        raise ShapeError(
            f"its area_kind {kind!r} is none of {', '.join(kinds)}, and the lake follows {rules.subject}"
        )
    locode = locode.replace(" ", "").upper()
    of_code = _country_of(locode, kind)
    country = properties.get("country_iso3") or of_code
    if not ISO3.fullmatch(str(country)):
        problems.append(f"{label}: {_unknown_country(locode, country)}")
        country = None
    elif of_code not in (None, country):
        problems.append(
            f"{label}: its UN/LOCODE says {of_code}, its country_iso3 {country}; the latter is taken"
        )
    start, end = (day_of(properties, key) for key in ("valid_from", "valid_to"))
    inland_waters = flag_of(properties, "inland_waters")
    if start and end and start >= end:
        raise ShapeError("its valid_to is not after its valid_from")
    geometry = area_or_point(feature.get("geometry"))
    if geometry.geom_type == "Point":
        return _point_area(
            locode, name, country, kind, geometry.y, geometry.x, start, end, inland_waters, rules=rules
        )
    polygon = repaired_polygon(unwrapped(geometry), label, problems)
    centre = polygon.representative_point()
    longitude = centre.x - FULL_TURN_DEGREES if centre.x > HALF_TURN_DEGREES else centre.x
    return PortArea(
        -1, locode, name, country, kind, polygon, centre.y, longitude, polygon_km2(polygon), start, end,
        inland_waters,
    )  # fmt: skip


def _unknown_country(locode: str, given: Any) -> str:
    """Returns why a port's country is unknown, and what to do about it."""
    if given:
        return f"its country {given!r} is no ISO 3166-1 alpha-3 code, left unknown"
    return f"its country is left unknown, for {locode} is not in UN/LOCODE {EDITION}; give country_iso3"


def _country_of(code: str, kind: str) -> str | None:
    """Returns the ISO3 code of the country at the start of a port's code; airports have none, EGLL is not in Egypt.

    Raises:
        ShapeError: It is no code of an airport.
    """
    if kind in AREA_KINDS[SHIPS]:
        return iso3_of_locode(code)
    if not AIRPORT_CODE.fullmatch(code):
        raise ShapeError(f"its port_locode {code!r} is no code of IATA or ICAO, such as FRA or EDDF")
    return None


def _point_area(
    locode: str, name: str, country: str | None, kind: str, latitude: float, longitude: float,
    start: date | None = None, end: date | None = None, inland_waters: bool = False, *, rules: Rules,
) -> PortArea:  # fmt: skip
    size = math.pi * rules.point_port_entry_km**2
    return PortArea(
        -1, locode, name, country, kind, None, latitude, longitude, size, start, end, inland_waters
    )


def _read_index(text: str, name: str, problems: list[str], rules: Rules) -> Iterator[PortArea]:
    for row in read_world_port_index(text, name, problems):
        yield _point_area(
            row.locode, row.name, row.country_iso3, "port", row.latitude, row.longitude, rules=rules
        )


def _numbered(areas: Iterable[PortArea], problems: list[str]) -> tuple[PortArea, ...]:
    """Numbers the areas in an order that does not depend on the file's, a repeated one once."""
    unique: list[PortArea] = []
    for area in sorted(areas, key=_order):
        if unique and _order(unique[-1]) == _order(area):
            problems.append(f"{area.label}: given twice, taken once")
        else:
            unique.append(area)
    return tuple(replace(area, area_id=number) for number, area in enumerate(unique))


def _order(area: PortArea) -> tuple[Any, ...]:
    place = (area.centre_latitude, area.centre_longitude, shapely.to_wkb(area.geometry) or b"")
    validity = (area.valid_from or date.min, area.valid_to or date.max)
    return (
        area.port_locode,
        area.area_kind,
        *place,
        *validity,
        area.port_name,
        area.country_iso3 or "",
        area.inland_waters,
    )


def _overlaps(areas: Sequence[PortArea], rules: Rules) -> list[str]:
    """Names the pairs of ports whose areas of an entry kind overlap; pairs of circles are counted."""
    ports = [area for area in areas if area.area_kind in ENTRY_KINDS]
    footprints = np.array([_footprint(area, rules) for area in ports], dtype=object)
    tree = shapely.STRtree(footprints)
    turned = np.array([shifted(footprint) for footprint in footprints], dtype=object)
    pairs = {(min(i, j), max(i, j)) for seen in (footprints, turned) for i, j in tree.query(seen).T.tolist()}
    found = [(ports[i], ports[j]) for i, j in sorted(pairs) if _do_overlap(ports[i], ports[j], rules)]
    circles = [f"{a.label} and {b.label}" for a, b in found if a.geometry is None and b.geometry is None]
    problems = [
        f"{small.label} and {large.label} overlap: where they do, the smaller, {small.port_locode}, wins"
        for small, large in (
            sorted(pair, key=lambda area: (area.area_km2, area.port_locode)) for pair in found
        )
        if small.geometry is not None or large.geometry is not None
    ]
    if circles:
        named = "; ".join(circles[:NAMED_PAIRS])
        problems.append(
            f"{len(circles)} pairs of point ports overlap: the first by code wins. They begin: {named}"
        )
    return problems


def _footprint(area: PortArea, rules: Rules) -> BaseGeometry:
    """Returns the area's polygon; for a point port one that is drawn round its circle."""
    if area.geometry is not None:
        return area.geometry
    height = math.degrees(rules.point_port_entry_km / EARTH_RADIUS_KM)
    width = min(HALF_TURN_DEGREES, height / max(math.cos(math.radians(area.centre_latitude)), height / 360.0))
    angles = np.linspace(0.0, 2.0 * math.pi, CIRCLE_CORNERS, endpoint=False)
    points = np.column_stack([np.cos(angles) * width, np.sin(angles) * height])
    return shapely.Polygon(np.add(points, (area.centre_longitude, area.centre_latitude)))


def _do_overlap(a: PortArea, b: PortArea, rules: Rules) -> bool:
    """Returns whether two ports share some ground on some day."""
    start = max(a.valid_from or date.min, b.valid_from or date.min)
    end = min(a.valid_to or date.max, b.valid_to or date.max)
    if a.port_locode == b.port_locode or start >= end:
        return False
    if a.geometry is None and b.geometry is None:
        apart = great_circle_km(a.centre_latitude, a.centre_longitude, b.centre_latitude, b.centre_longitude)
        return bool(apart < 2.0 * rules.point_port_entry_km)
    one, other = _footprint(a, rules), _footprint(b, rules)
    return any(
        shapely.area(shapely.intersection(x, y)) > 0
        for x, y in ((one, other), (shifted(one), other), (one, shifted(other)))
    )


def areas_to_arrow(areas: Sequence[PortArea], port_version: str, version_sequence: int) -> pa.Table:
    """Lays areas out as rows of `reference.ports`."""
    rows = [
        {
            **{name: getattr(area, name) for name in PortArea.__dataclass_fields__ if name != "geometry"},
            "geometry_wkb": shapely.to_wkb(area.geometry),
            "port_version": port_version,
            "version_sequence": version_sequence,
        }
        for area in areas
    ]
    return pa.Table.from_pylist(rows, schema=arrow_schema("reference.ports"))


def areas_from_arrow(table: pa.Table) -> tuple[PortArea, ...]:
    """Reads the areas of one version back from rows of `reference.ports`, in the order of their numbers."""
    names = [name for name in PortArea.__dataclass_fields__ if name != "geometry"]
    rows = table.sort_by("area_id").to_pylist()
    return tuple(
        PortArea(**{name: row[name] for name in names}, geometry=shapely.from_wkb(row["geometry_wkb"]))
        for row in rows
    )
