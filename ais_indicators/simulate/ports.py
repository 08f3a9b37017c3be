"""Nine ports of the Gulf of Mexico, with boxes for their port, berth and anchorage areas.

Codes, names and points are those of the list that searoute 1.6.0 bundles (searoute/data/ports.geojson). The
boxes and the seaward directions are ours: plausible, and no port's real limits.
"""

import json
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.random import Generator

from ais_indicators.simulate.sphere import Point, shifted

Box = tuple[float, float, float, float]
"""Kilometres in a port's own frame: least and greatest seaward, least and greatest to the right of that."""

PORT_BOX: Final[Box] = (-1.5, 7.0, -3.0, 3.0)
BERTH_BOX: Final[Box] = (-0.15, 0.15, -0.8, 0.8)
ANCHORAGE_BOX: Final[Box] = (0.0, 4.0, 2.0, 6.0)  # from the end of the channel on: beside the fairway
BOX_MARGIN_KM: Final = 0.1  # ships lie so far inside a box that jitter does not carry them out
FAIRWAY_KM: Final = 7.5  # just outside the port's box: here ships slow down and speed up
PASSING_KM: Final = 5.0  # inside the port's box: here coastwise ships cross it without a stop
OPEN_COAST_KM: Final = 8.0  # length of the channel where no bay or shoal lies before the port
SEA_BUOY_KM: Final = 8.0  # from the end of the channel to where sea passages begin and end
COORDINATE_DECIMALS: Final = 6


class Port(NamedTuple):
    """One port and the frame of its boxes: `seaward_deg` points to open water, `channel_km` away."""

    locode: str
    name: str
    country_iso3: str
    point: Point
    seaward_deg: float
    has_anchorage: bool
    channel_km: float = OPEN_COAST_KM

    @property
    def sea(self) -> Point:
        """Where sea passages begin and end."""
        return self.at(self.channel_km + SEA_BUOY_KM)

    @property
    def areas(self) -> dict[str, Box]:
        """Its boxes by kind."""
        near, far, left, right = ANCHORAGE_BOX
        anchorage = (near + self.channel_km, far + self.channel_km, left, right)
        return {"port": PORT_BOX, "berth": BERTH_BOX} | (
            {"anchorage": anchorage} if self.has_anchorage else {}
        )

    def at(self, seaward_km: float, right_km: float = 0.0) -> Point:
        """A place in the port's own frame."""
        cosine, sine = np.cos(np.radians(self.seaward_deg)), np.sin(np.radians(self.seaward_deg))
        north_km, east_km = seaward_km * cosine - right_km * sine, seaward_km * sine + right_km * cosine
        return shifted(self.point, north_km, east_km)

    def somewhere_in(self, kind: str, rng: Generator) -> Point:
        """A random place in one of its areas."""
        near, far, left, right = self.areas[kind]
        seaward_km = rng.uniform(near + BOX_MARGIN_KM, far - BOX_MARGIN_KM)
        return self.at(seaward_km, rng.uniform(left + BOX_MARGIN_KM, right - BOX_MARGIN_KM))

    def feature(self, kind: str) -> dict[str, object]:
        """One area in GeoJSON, its ring anticlockwise (RFC 7946)."""
        near, far, left, right = self.areas[kind]
        corners = [(near, left), (near, right), (far, right), (far, left), (near, left)]
        ring = [[round(degrees, COORDINATE_DECIMALS) for degrees in self.at(*c)[::-1]] for c in corners]
        names = {"port_locode": self.locode, "port_name": self.name, "country_iso3": self.country_iso3}
        return {
            "type": "Feature",
            "properties": names | {"area_kind": kind},
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }


PORTS: Final = (
    Port("USGLS", "Galveston", "USA", Point(29.272552, -94.826467), 135, True),
    Port("MXVER", "Veracruz", "MEX", Point(19.2, -96.133333), 50, True),
    Port("USPME", "Port Manatee", "USA", Point(27.634855, -82.54451), 260, True, channel_km=26.0),
    Port("MXATM", "Altamira", "MEX", Point(22.482056, -97.864153), 80, True),
    Port("USFOC", "Port Fourchon", "USA", Point(29.107609, -90.21529), 165, False),
    Port("MXPGO", "Progreso", "MEX", Point(21.283086, -89.670412), 330, False, channel_km=12.0),
    Port("USFPO", "Freeport", "USA", Point(28.931974, -95.311984), 135, True),
    Port("MXCOA", "Coatzacoalcos", "MEX", Point(18.152609, -94.416136), 5, True),
    Port("USPIS", "Brownsville-Port Isabel", "USA", Point(26.074082, -97.21049), 95, False),
)


def write_ports(path: Path) -> Path:
    """Writes the areas of all ports as GeoJSON."""
    features = [port.feature(kind) for port in PORTS for kind in port.areas]
    text = json.dumps({"type": "FeatureCollection", "features": features}, indent=1)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")
    return path
