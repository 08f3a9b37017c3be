"""Simulated airports: real names and approximate places, each with a runway, a taxiway and an apron."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from ais_simulator.sphere import Point, shifted

AREA_BEYOND_KM: Final = 0.6
"""How far an area reaches beyond the ends of the runway, and to the side where no apron is."""
AREA_APRON_KM: Final = 2.2
"""How far an area reaches to the side of the apron."""


@dataclass(frozen=True)
class Airport:
    """One airport.

    Attributes:
        code: ICAO code.
        name: Name.
        country_iso3: ISO 3166-1 alpha-3 code.
        latitude: Degrees north of the middle of the runway.
        longitude: Degrees east of it.
        elevation_m: Height of the field.
        runway_degrees: Direction in which planes land and take off.
        runway_km: Length of the runway.
        weight: How much traffic it draws relative to the others.
    """

    code: str
    name: str
    country_iso3: str
    latitude: float
    longitude: float
    elevation_m: float
    runway_degrees: float
    runway_km: float
    weight: float

    def at(self, along_km: float, across_km: float) -> Point:
        """Returns the place at given distances along the runway from its middle and to the right of it."""
        turn = np.radians(self.runway_degrees)
        north = along_km * np.cos(turn) - across_km * np.sin(turn)
        east = along_km * np.sin(turn) + across_km * np.cos(turn)
        return shifted(Point(self.latitude, self.longitude), float(north), float(east))

    @property
    def threshold_km(self) -> float:
        """Returns where the runway begins, along it from its middle."""
        return -self.runway_km / 2

    def ring(self) -> list[list[float]]:
        """Returns the area of the airport as a closed ring of longitudes and latitudes, anticlockwise."""
        end = self.runway_km / 2 + AREA_BEYOND_KM
        corners = [
            (-end, -AREA_BEYOND_KM),
            (-end, AREA_APRON_KM),
            (end, AREA_APRON_KM),
            (end, -AREA_BEYOND_KM),
        ]
        points = [self.at(*corner) for corner in corners]
        return [[place.longitude, place.latitude] for place in (*points, points[0])]


AIRPORTS: Final = (
    Airport("EDDF", "Frankfurt", "DEU", 50.033, 8.571, 111, 69, 4.0, 1.0),
    Airport("EHAM", "Amsterdam", "NLD", 52.309, 4.764, -3, 183, 3.8, 1.0),
    Airport("EGLL", "London Heathrow", "GBR", 51.471, -0.462, 25, 270, 3.9, 1.2),
    Airport("LFPG", "Paris Charles de Gaulle", "FRA", 49.010, 2.548, 119, 265, 4.2, 1.1),
    Airport("LEMD", "Madrid", "ESP", 40.472, -3.563, 609, 323, 4.1, 0.9),
    Airport("LIRF", "Rome Fiumicino", "ITA", 41.800, 12.239, 5, 161, 3.9, 0.7),
    Airport("EKCH", "Copenhagen", "DNK", 55.618, 12.656, 5, 41, 3.6, 0.5),
    Airport("ENGM", "Oslo", "NOR", 60.194, 11.100, 208, 14, 3.6, 0.4),
    Airport("ESSA", "Stockholm Arlanda", "SWE", 59.652, 17.919, 42, 7, 3.3, 0.4),
    Airport("LOWW", "Vienna", "AUT", 48.110, 16.570, 183, 164, 3.6, 0.5),
    Airport("LSZH", "Zurich", "CHE", 47.465, 8.549, 432, 160, 3.7, 0.5),
    Airport("EPWA", "Warsaw", "POL", 52.166, 20.967, 110, 330, 3.7, 0.4),
    Airport("LPPT", "Lisbon", "PRT", 38.781, -9.136, 114, 26, 3.8, 0.5),
    Airport("EIDW", "Dublin", "IRL", 53.421, -6.270, 74, 276, 2.6, 0.5),
)
"""Places are rounded to some hundred metres, and runways are not where the real ones are."""


def write_airports(path: Path, airports: Iterable[Airport] = AIRPORTS) -> Path:
    """Writes the areas of airports as GeoJSON (RFC 7946) that `ports load` reads in a lake of planes."""
    features = [
        {
            "type": "Feature",
            "properties": {
                "port_locode": airport.code,
                "port_name": airport.name,
                "country_iso3": airport.country_iso3,
                "area_kind": "airport",
            },
            "geometry": {"type": "Polygon", "coordinates": [airport.ring()]},
        }
        for airport in airports
    ]
    lines = ",\n".join(json.dumps(feature) for feature in features)
    text = f'{{"type": "FeatureCollection", "features": [\n{lines}\n]}}\n'
    path.write_text(text, encoding="utf-8", newline="\n")
    return path
