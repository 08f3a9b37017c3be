"""Areas as GeoJSON that a person can edit and `ports load` reads: one feature a line."""

import json
from collections.abc import Sequence
from typing import Any

import shapely
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from ais_indicators.geo.outlines import shifted
from ais_indicators.geo.port_files import PortArea
from ais_indicators.geo.shapes import MAX_LATITUDE
from ais_indicators.units import FULL_TURN_DEGREES, HALF_TURN_DEGREES

Feature = dict[str, Any]


def feature_of(area: PortArea, **informative: Any) -> Feature:
    """Returns one area as a GeoJSON feature.

    Args:
        area: The area.
        informative: Further properties, for people; reading a port file passes over them.
    """
    names = ("port_locode", "port_name", "country_iso3", "area_kind")
    properties = {name: getattr(area, name) for name in names}
    validity = {"valid_from": area.valid_from, "valid_to": area.valid_to}
    properties |= {name: day.isoformat() for name, day in validity.items() if day}
    if area.inland_waters:
        properties |= {"inland_waters": True}
    shape = shapely.Point(area.centre_longitude, area.centre_latitude)
    if area.geometry is not None:
        shape = _cut(area.geometry)
    return {"type": "Feature", "properties": properties | informative, "geometry": mapping(shape)}


def geojson_text(features: Sequence[Feature], **about: Any) -> str:
    """Returns a feature collection as text.

    Args:
        features: Its features, in this order.
        about: What else the file says of itself.
    """
    head = {"type": "FeatureCollection", **about}
    lines = ",\n".join(json.dumps(feature, ensure_ascii=False) for feature in features)
    return f'{json.dumps(head, ensure_ascii=False)[:-1]}, "features": [\n{lines}\n]}}\n'


def _cut(polygon: BaseGeometry) -> BaseGeometry:
    """Cuts a polygon that runs on past 180 at the antimeridian, as RFC 7946 (3.1.9) asks."""
    if polygon.bounds[2] <= HALF_TURN_DEGREES:
        return polygon
    globe = shapely.box(-HALF_TURN_DEGREES, -MAX_LATITUDE, HALF_TURN_DEGREES, MAX_LATITUDE)
    beyond = shapely.transform(
        shapely.intersection(polygon, shifted(globe)), lambda points: points - (FULL_TURN_DEGREES, 0.0)
    )
    parts = shapely.get_parts([shapely.intersection(polygon, globe), beyond])
    return shapely.MultiPolygon(shapely.get_parts(parts[shapely.area(parts) > 0]).tolist())
