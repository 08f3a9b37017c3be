"""Real ports with invented areas: where ships moor, wait and pass, each in its port's own frame.

Codes, names and points are those of the list that searoute 1.6.0 bundles (searoute/data/ports.geojson); `lane` is a
node of its network some 20 to 100 km off, on open water. The areas are ours: plausible, and no port's real limits.
"""

import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol

from ais_indicators.units import KM_PER_DEGREE

Place = tuple[float, float]
"""Latitude and longitude."""
Corners = tuple[tuple[float, float], ...]
"""Kilometres in a port's frame: seaward, and to the right of that."""

COORDINATE_DECIMALS: Final = 6

PORT: Final[Corners] = ((-2.0, -2.0), (-2.0, 2.0), (3.0, 3.2), (7.0, 2.5), (7.0, -2.5), (3.0, -3.2))
ANCHORAGE_NEAR_KM, ANCHORAGE_FAR_KM = 9.5, 14.0  # seaward: over 1.6 km from the port's edge
ANCHORAGE_INNER_KM, ANCHORAGE_OUTER_KM = 2.5, 7.0  # next to the fairway
ANCHORAGE_MARGIN_KM: Final = 0.5  # who lies at anchor swings
QUAYS: Final[dict[str, tuple[float, float, float, float]]] = {
    "dry": (-0.25, 0.25, -1.8, 0.2),
    "liquid": (1.2, 1.6, 1.4, 2.6),
    "passenger": (-0.25, 0.25, 0.6, 1.6),
    "service": (0.9, 1.2, -2.2, -1.4),
}
"""Berth areas: least and greatest km seaward, least and greatest to the right."""
QUAY_MARGIN_KM: Final = 0.1
BASIN_KM: Final = 2.2  # where ships turn
PORT_EDGE_KM: Final = 7.5  # just outside the port's seaward edge
PASSING_KM: Final = 5.0  # where ships cross a port's waters without calling
PASSING_HALF_WIDTH_KM: Final = 6.0
SEA_BUOY_KM: Final = 15.0  # where sea passages begin and end
LANE_OFFSET_KM: Final = 0.15  # ships keep to starboard in the fairway


class PortSite(Protocol):
    """Data of a port for the port file and the truth."""

    @property
    def locode(self) -> str:
        """Returns the UN/LOCODE."""

    @property
    def name(self) -> str:
        """Returns the name."""

    @property
    def country_iso3(self) -> str:
        """Returns the country's ISO 3166-1 alpha-3 code."""

    @property
    def point(self) -> Place:
        """Returns a place in it."""

    @property
    def areas(self) -> list[tuple[str, list[Place]]]:
        """Returns the kind and corners of each of its areas."""

    @property
    def properties(self) -> tuple[tuple[str, Any], ...]:
        """Returns further properties of its areas in the port file."""


class Harbour(NamedTuple):
    """One port: `anchorage_side` is 1 where the anchorage lies right of the fairway (seen seaward), else -1."""

    locode: str
    name: str
    country_iso3: str
    mid: int
    cluster: str
    point: Place
    lane: Place
    anchorage_side: int
    size: float
    properties: tuple[tuple[str, Any], ...] = ()

    @property
    def seaward_rad(self) -> float:
        """Returns the bearing toward the lanes of the sea network."""
        north = self.lane[0] - self.point[0]
        east = (self.lane[1] - self.point[1]) * math.cos(math.radians(self.point[0]))
        return math.atan2(east, north)

    def at(self, seaward_km: float, right_km: float = 0.0) -> Place:
        """Returns a place in the port's own frame."""
        bearing = self.seaward_rad
        cosine, sine = math.cos(bearing), math.sin(bearing)
        north_km, east_km = seaward_km * cosine - right_km * sine, seaward_km * sine + right_km * cosine
        longitude_km = KM_PER_DEGREE * math.cos(math.radians(self.point[0]))
        return self.point[0] + north_km / KM_PER_DEGREE, self.point[1] + east_km / longitude_km

    @property
    def sea_buoy(self) -> Place:
        """Returns where sea passages begin and end."""
        return self.at(SEA_BUOY_KM)

    def berth(self, quay: str, slot: int, slots: int) -> Place:
        """Returns the place of a berth: those of a quay lie in a row."""
        near, far, left, right = QUAYS[quay]
        step = (right - left - 2 * QUAY_MARGIN_KM) / max(slots, 1)
        return self.at((near + far) / 2, left + QUAY_MARGIN_KM + (slot + 0.5) * step)

    def anchor_place(self, seaward_share: float, right_share: float) -> Place:
        """Returns a place in the anchorage, by shares of its length and width."""
        length = ANCHORAGE_FAR_KM - ANCHORAGE_NEAR_KM - 2 * ANCHORAGE_MARGIN_KM
        width = ANCHORAGE_OUTER_KM - ANCHORAGE_INNER_KM - 2 * ANCHORAGE_MARGIN_KM
        right_km = ANCHORAGE_INNER_KM + ANCHORAGE_MARGIN_KM + right_share * width
        return self.at(
            ANCHORAGE_NEAR_KM + ANCHORAGE_MARGIN_KM + seaward_share * length, self.anchorage_side * right_km
        )

    @property
    def areas(self) -> list[tuple[str, list[Place]]]:
        """Returns the kind and corners of each of its areas, in degrees."""
        side = self.anchorage_side
        anchorage: Corners = (
            (ANCHORAGE_NEAR_KM, side * ANCHORAGE_INNER_KM), (ANCHORAGE_NEAR_KM, side * ANCHORAGE_OUTER_KM),
            (ANCHORAGE_FAR_KM, side * ANCHORAGE_OUTER_KM), (ANCHORAGE_FAR_KM, side * ANCHORAGE_INNER_KM),
        )  # fmt: skip
        quays: list[Corners] = [
            ((near, left), (near, right), (far, right), (far, left))
            for near, far, left, right in QUAYS.values()
        ]
        kinds = [("port", PORT), *(("berth", quay) for quay in quays), ("anchorage", anchorage)]
        return [(kind, [rounded_place(self.at(*corner)) for corner in corners]) for kind, corners in kinds]


HARBOURS: Final = (
    Harbour("GBFXT", "Felixstowe", "GBR", 232, "north_europe", (51.9579, 1.3444), (51.7839, 1.6136), 1, 1.2),
    Harbour("FRLEH", "Le Havre", "FRA", 227, "north_europe", (49.4859, 0.1070), (49.6048, -0.3909), 1, 1.0),
    Harbour("BEZEE", "Zeebrugge", "BEL", 205, "north_europe", (51.3370, 3.2172), (51.5, 3.4), -1, 1.2),
    Harbour("DEWVN", "Wilhelmshaven", "DEU", 211, "north_europe", (53.5345, 8.1689), (53.9, 8.25), 1, 1.1),
    Harbour("DKFDH", "Frederikshavn", "DNK", 219, "north_europe", (57.4329, 10.5317), (57.8, 10.7333), 1, 0.6),
    Harbour("PLGDY", "Gdynia", "POL", 261, "north_europe", (54.5383, 18.5469), (54.4891, 19.1052), -1, 0.9),
    Harbour("FIHEL", "Helsinki", "FIN", 230, "north_europe", (60.1659, 24.9525), (59.8, 24.7), 1, 0.8),
    Harbour("EEMUU", "Muuga", "EST", 276, "north_europe", (59.5, 24.95), (59.8, 24.7), -1, 0.7),
    Harbour("ESALG", "Algeciras", "ESP", 224, "mediterranean", (36.1410, -5.4381), (35.9688, -5.3548), 1, 1.2),
    Harbour("ESBCN", "Barcelona", "ESP", 224, "mediterranean", (41.35, 2.1666), (41.1760, 2.3141), 1, 1.0),
    Harbour("FRFOS", "Fos Sur Mer", "FRA", 227, "mediterranean", (43.4130, 4.8877), (43.1443, 5.0394), 1, 0.9),
    Harbour("ITCVV", "Civitavecchia", "ITA", 247, "mediterranean", (42.0965, 11.7872), (41.9989, 11.3589), 1, 0.8),
    Harbour("GRPIR", "Piraeus", "GRC", 237, "mediterranean", (37.9502, 23.6381), (37.8372, 23.5054), -1, 1.0),
    Harbour("EGPSD", "Port Said", "EGY", 622, "mediterranean", (31.2653, 32.2860), (31.7, 32.1), 1, 1.0),
    Harbour("TRAMR", "Ambarli", "TUR", 271, "mediterranean", (40.9947, 28.5360), (40.8221, 28.5015), 1, 1.0),
    Harbour("ROCND", "Constanta", "ROU", 264, "mediterranean", (44.1715, 28.6642), (44.073, 29.0322), 1, 0.8),
    Harbour("EGSOK", "Ain Sokhna", "EGY", 622, "gulf_india", (29.6521, 32.3601), (29.7, 32.6), 1, 0.7),
    Harbour("OMSLL", "Salalah", "OMN", 461, "gulf_india", (16.9987, 54.0999), (16.2, 54.2), 1, 0.8),
    Harbour("AEJEA", "Jebel Ali", "ARE", 470, "gulf_india", (25.0194, 55.0518), (25.3216, 54.9906), 1, 1.3),
    Harbour("SADMN", "Dammam", "SAU", 403, "gulf_india", (26.4508, 50.1038), (26.8051, 50.2434), 1, 1.0),
    Harbour("INBOM", "Mumbai", "IND", 419, "gulf_india", (19.0466, 72.8372), (19.0, 72.4), 1, 1.1),
    Harbour("LKCMB", "Colombo", "LKA", 417, "gulf_india", (6.9308, 79.8486), (6.6749, 78.8688), 1, 0.9),
    Harbour("SGSIN", "Singapore", "SGP", 563, "south_east_asia", (1.2392, 103.8324), (1.1977, 103.6580), 1, 1.5),
    Harbour("THLCH", "Laem Chabang", "THA", 567, "south_east_asia", (13.0833, 100.8833), (12.9711, 100.6004), 1, 1.0),
    Harbour("VNVUT", "Vung Tau", "VNM", 574, "south_east_asia", (10.3567, 107.0639), (10.3095, 106.8640), 1, 0.9),
    Harbour("IDTPP", "Tanjung Priok", "IDN", 525, "south_east_asia", (-6.1009, 106.8910), (-5.9165, 106.8681), 1, 0.9),
    Harbour("PHMVS", "Mariveles", "PHL", 548, "south_east_asia", (14.4333, 120.5), (14.2623, 120.5351), 1, 0.8),
    Harbour("CNTAO", "Qingdao", "CHN", 412, "east_asia", (36.0649, 120.3853), (35.9, 121.0), 1, 1.3),
    Harbour("CNDLC", "Dalian", "CHN", 412, "east_asia", (38.9166, 121.65), (38.7, 122.0), 1, 1.0),
    Harbour("CNCWN", "Chiwan", "CHN", 412, "east_asia", (22.4785, 113.8750), (22.2382, 113.6933), 1, 1.2),
    Harbour("TWMAL", "Mailiao", "TWN", 416, "east_asia", (23.7686, 120.1849), (23.9125, 120.0), -1, 0.8),
    Harbour("KRPUS", "Pusan", "KOR", 440, "east_asia", (35.0982, 129.0357), (35.0, 129.2), 1, 1.3),
    Harbour("JPUKB", "Kobe", "JPN", 431, "east_asia", (34.6666, 135.1833), (34.3774, 135.1), 1, 1.0),
    Harbour("USGLS", "Galveston", "USA", 366, "americas", (29.2725, -94.8264), (29.3068, -94.6251), 1, 1.2),
    Harbour("MXVER", "Veracruz", "MEX", 345, "americas", (19.2, -96.1333), (19.5, -96.0), 1, 0.8),
    Harbour("USPEF", "Port Everglades", "USA", 366, "americas", (26.0666, -80.1188), (26.0985, -79.9385), 1, 0.8),
    Harbour("BSFPO", "Freeport", "BHS", 311, "americas", (26.5087, -78.6990), (26.3, -78.8), 1, 0.8),
    Harbour("COCTG", "Cartagena", "COL", 730, "americas", (10.4025, -75.5200), (10.8897, -75.7315), 1, 0.9),
    Harbour("PACTB", "Cristobal", "PAN", 351, "americas", (9.3411, -79.8980), (9.75, -80.0), 1, 1.0),
    Harbour("USLGB", "Long Beach", "USA", 366, "americas_west", (33.7385, -118.1933), (33.1674, -117.4356), 1, 1.2),
    Harbour("BRSSZ", "Santos", "BRA", 710, "south_atlantic", (-23.9737, -46.3207), (-24.3, -46.3), 1, 1.1),
    Harbour("UYMVD", "Montevideo", "URY", 770, "south_atlantic", (-34.9067, -56.1960), (-35.1, -56.5), 1, 0.8),
    Harbour("ZACPT", "Cape Town", "ZAF", 601, "south_africa", (-33.9457, 18.4309), (-33.8407, 18.2373), 1, 0.9),
)  # fmt: skip

BY_LOCODE: Final = {harbour.locode: harbour for harbour in HARBOURS}

BULK_EXPORTERS: Final = (
    "PLGDY", "ROCND", "INBOM", "IDTPP", "VNVUT", "CNDLC", "USGLS", "COCTG", "BRSSZ", "FRLEH", "EGSOK", "ZACPT",
    "USLGB",
)  # fmt: skip
"""Ports where bulk carriers load; at the others they unload."""
OIL_EXPORTERS: Final = (
    "SADMN", "AEJEA", "EGPSD", "ROCND", "USGLS", "COCTG", "SGSIN", "KRPUS", "DEWVN", "EEMUU", "BRSSZ", "USLGB",
)  # fmt: skip
"""Ports where tankers load crude or products."""
FERRY_LANES: Final = (("FIHEL", "EEMUU"), ("GBFXT", "BEZEE"), ("USPEF", "BSFPO"))


def write_ports(path: Path, harbours: Iterable[PortSite] = HARBOURS) -> Path:
    """Writes the areas of all ports as GeoJSON (RFC 7946) that `ports load` reads."""
    features = [feature for harbour in harbours for feature in _features(harbour)]
    lines = ",\n".join(json.dumps(feature) for feature in features)
    text = f'{{"type": "FeatureCollection", "features": [\n{lines}\n]}}\n'
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def _features(harbour: PortSite) -> list[dict[str, Any]]:
    names = {
        "port_locode": harbour.locode,
        "port_name": harbour.name,
        "country_iso3": harbour.country_iso3,
    } | dict(harbour.properties)
    return [
        {
            "type": "Feature",
            "properties": names | {"area_kind": kind},
            "geometry": {"type": "Polygon", "coordinates": [_ring(corners)]},
        }
        for kind, corners in harbour.areas
    ]


def _ring(corners: list[Place]) -> list[list[float]]:
    """Returns a closed ring of longitudes and latitudes, anticlockwise."""
    points = [[longitude, latitude] for latitude, longitude in corners]
    doubled = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(points, points[1:] + points[:1], strict=True))
    points = points if doubled > 0 else points[::-1]
    return [*points, points[0]]


def rounded_place(place: Place) -> Place:
    """Rounds a place to the decimals of the port file."""
    return round(place[0], COORDINATE_DECIMALS), round(place[1], COORDINATE_DECIMALS)
