"""Whether latitude and longitude stand in each other's place throughout a list of ports or a feed."""

import json
from collections.abc import Iterable
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ais_indicators.geo.countries import iso3_of_locode
from ais_indicators.geo.land import share_on_land
from ais_indicators.geo.searoute_data import searoute_file
from ais_indicators.rules import Rules
from ais_indicators.units import EARTH_RADIUS_KM

MOST: Final = 0.5
"""More than this share of the ports has to speak for the exchange."""

MOST_LATITUDE: Final = 90.0
Floats = NDArray[np.float64]
Place = tuple[str, float, float]
"""ISO3 code of a port's country, its latitude and its longitude in degrees."""


def are_exchanged(places: Iterable[Place], rules: Rules) -> bool:
    """Returns whether most ports are far from every known port of their country, and near one when exchanged.

    Args:
        places: Of the ports whose country is known; others say nothing.
        rules: Rules of the lake's subject.
    """
    assessed = votes = 0
    for country, latitude, longitude in places:
        known = _unit_vectors_by_country().get(country)
        if known is not None:
            assessed += 1
            votes += _is_far(known, latitude, longitude, rules) and not _is_far(
                known, longitude, latitude, rules
            )
    return votes > MOST * assessed


def are_positions_exchanged(latitude: Floats, longitude: Floats, rules: Rules) -> bool:
    """Returns whether latitude and longitude seem to be exchanged.

    Hardly any position is near a port, and exchanged many are; or most are on land, and exchanged hardly any is.

    Args:
        latitude: Degrees north, shape (n,).
        longitude: Degrees east, shape (n,).
        rules: Rules of the lake's subject.
    """
    if not latitude.size:
        return False
    if _share_near(latitude, longitude, rules) > rules.as_given_near_share:
        return False
    possible = np.abs(longitude) <= MOST_LATITUDE
    exchanged = longitude[possible], latitude[possible]
    if _share_near(*exchanged, rules=rules) * possible.mean() >= rules.exchanged_near_share:
        return True
    return bool(
        possible.all()
        and share_on_land(latitude, longitude) >= rules.as_given_land_share
        and share_on_land(*exchanged) <= rules.exchanged_land_share
    )


def _share_near(latitude: Floats, longitude: Floats, rules: Rules) -> float:
    """Returns the share of places within the limit of any known port; 0 of none."""
    if not latitude.size:
        return 0.0
    _, ports = _bundled_ports()
    nearest = (_unit_vectors(latitude, longitude).T @ ports.T).max(axis=1)
    return float((nearest >= np.cos(rules.near_port_km / EARTH_RADIUS_KM)).mean())


def _is_far(known: Any, latitude: float, longitude: float, rules: Rules) -> bool:
    """Returns whether a place is farther than the limit from all of some points on the unit sphere."""
    nearest = np.clip((known @ _unit_vectors(latitude, longitude)).max(), -1.0, 1.0)
    return bool(np.arccos(nearest) * EARTH_RADIUS_KM > rules.exchanged_port_km)


@cache
def _bundled_ports() -> tuple[tuple[str, ...], Floats]:
    """Returns codes of the bundled ports, and their places as vectors of length 1, shape (n, 3)."""
    document = json.loads(searoute_file("ports.geojson").read_bytes())
    places = np.array([feature["geometry"]["coordinates"] for feature in document["features"]])
    codes = tuple(str(feature["properties"]["port"]) for feature in document["features"])
    return codes, _unit_vectors(places[:, 1], places[:, 0]).T


@cache
def _unit_vectors_by_country() -> dict[str, Floats]:
    """Places of the bundled ports whose code is in UN/LOCODE, by ISO3 code of their country."""
    codes, vectors = _bundled_ports()
    countries = np.array([iso3_of_locode(code) or "" for code in codes])
    return {country: vectors[countries == country] for country in np.unique(countries).tolist() if country}


def _unit_vectors(latitude: float | Floats, longitude: float | Floats) -> Any:
    phi, theta = np.radians(latitude), np.radians(longitude)
    return np.array([np.cos(phi) * np.cos(theta), np.cos(phi) * np.sin(theta), np.sin(phi)])
