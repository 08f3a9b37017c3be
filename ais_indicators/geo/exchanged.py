"""Whether latitude and longitude stand in each other's place throughout a list of ports."""

import json
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any, Final

import numpy as np
import shapely

from ais_indicators.geo.countries import iso3_of_locode
from ais_indicators.rules import rule
from ais_indicators.units import EARTH_RADIUS_KM

MOST: Final = 0.5
"""More than this share of the ports has to speak for the exchange."""

Place = tuple[str, float, float]
"""ISO3 code of a port's country, its latitude and its longitude in degrees."""


def are_exchanged(places: Iterable[Place]) -> bool:
    """Whether most ports are far from every known port of their country, and near one when exchanged.

    Args:
        places: Of the ports whose country is known; others say nothing.
    """
    judged = votes = 0
    for country, latitude, longitude in places:
        known = _unit_vectors_by_country().get(country)
        if known is not None:
            judged += 1
            votes += _is_far(known, latitude, longitude) and not _is_far(known, longitude, latitude)
    return votes > MOST * judged


def _is_far(known: Any, latitude: float, longitude: float) -> bool:
    """Whether a place is farther than the limit from all of some points on the unit sphere."""
    nearest = np.clip((known @ _unit_vectors(latitude, longitude)).max(), -1.0, 1.0)
    return bool(np.arccos(nearest) * EARTH_RADIUS_KM > rule("exchanged_port_km"))


@cache
def _unit_vectors_by_country() -> dict[str, Any]:
    """Places of the bundled ports, as vectors of length 1, shape (n, 3), by ISO3 code."""
    document = json.loads((files("searoute") / "data" / "ports.geojson").read_bytes())
    places: dict[str, list[Any]] = {}
    for feature in document["features"]:
        if country := iso3_of_locode(feature["properties"]["port"]):
            point = shapely.geometry.shape(feature["geometry"])
            places.setdefault(country, []).append(_unit_vectors(point.y, point.x))
    return {country: np.array(vectors) for country, vectors in places.items()}


def _unit_vectors(latitude: float, longitude: float) -> Any:
    phi, theta = np.radians(latitude), np.radians(longitude)
    return np.array([np.cos(phi) * np.cos(theta), np.cos(phi) * np.sin(theta), np.sin(phi)])
