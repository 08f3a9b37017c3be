"""In which areas ships are, to the second: legs are sampled, each second where an edge may lie between samples.

An area gives every place a code; what comes out are the seconds at which a ship's code in an area changes.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from ais_indicators.geo.gates import Gate
from ais_indicators.geo.sea_network import wrapped
from ais_indicators.units import EARTH_RADIUS_KM, KM_PER_DEGREE, SECONDS_PER_DAY
from ais_simulator.model import Floats, Ints, Motion
from ais_simulator.ocean.harbours import PortSite

FAR, MARGIN, INSIDE = 0, 1, 2
"""Codes of a port: beyond the exit margin, within it, in the port's polygon."""
SIDE_A, GATE, SIDE_B = 1, 2, 3
"""Codes of a gate; 0 is elsewhere."""
EXIT_MARGIN_KM: Final = 1.0
"""Methodology 5: a visit ends farther than this outside the polygon."""
SAMPLE_SECONDS: Final = 60
SLACK_KM: Final = 1.5  # a window on a leg is this much longer than the area, so that it ends outside it
DISTANCE_ERROR: Final = 1.05  # distances to edges are taken on a plane
STILL_KM: Final = 1e-6


class Area(NamedTuple):
    """One port or gate: polygons and their codes, the first that holds a place decides."""

    latitude: float
    longitude: float
    reach_km: float
    polygons: tuple[shapely.Polygon, ...]
    codes: tuple[int, ...]
    margin_km: float  # of the last polygon; 0: none

    def classify(self, latitude: Floats, longitude: Floats) -> tuple[Ints, Floats]:
        """Returns codes of places, and how many km they are from where the code would change, at least."""
        east = self.longitude + wrapped(longitude - self.longitude)
        code = np.zeros(len(latitude), dtype=np.int64)
        clearance = np.full(len(latitude), np.inf)
        for polygon, value in reversed(list(zip(self.polygons, self.codes, strict=True))):
            edge_km = _edge_km(polygon, latitude, east)
            inside = shapely.intersects_xy(polygon, east, latitude)
            clearance = np.minimum(clearance, edge_km)
            if self.margin_km:
                beyond = np.where(inside, -edge_km, edge_km)
                code[beyond <= self.margin_km] = MARGIN
                clearance = np.minimum(clearance, np.abs(beyond - self.margin_km))
            code[inside] = value
        return code, clearance


class Sightings(NamedTuple):
    """One element per ship, area and second at which its code there may be another than before."""

    ship: Ints
    second: Ints
    area: Ints
    code: Ints


def port_area(harbour: PortSite) -> Area:
    """Returns a port's polygon with the exit margin."""
    corners = next(corners for kind, corners in harbour.areas if kind == "port")
    polygon = shapely.Polygon([(longitude, latitude) for latitude, longitude in corners])
    reach_km = float(_point_km(np.array(corners), harbour.point).max())
    return Area(*harbour.point, reach_km + EXIT_MARGIN_KM, (polygon,), (INSIDE,), EXIT_MARGIN_KM)


def gate_area(gate: Gate) -> Area:
    """Returns a gate and its sides."""
    areas = gate.areas
    polygons = (areas["gate"], areas["side_a"], areas["side_b"])
    reach_km = max(
        float(_point_km(shapely.get_coordinates(polygon)[:, ::-1], (gate.latitude, gate.longitude)).max())
        for polygon in polygons
    )
    return Area(gate.latitude, gate.longitude, reach_km, polygons, (GATE, SIDE_A, SIDE_B), 0.0)


def see(motion: Motion, begin_s: float, areas: Sequence[Area]) -> Sightings:
    """Returns codes in all areas on the day that begins at a second, by ship, second and area."""
    legs = _Legs(motion, begin_s)
    parts = [_see_area(legs, area, number) for number, area in enumerate(areas)]
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    order = np.lexsort((columns[2], columns[1], columns[0]))
    return Sightings(*(column[order] for column in columns))


class _Legs:
    """A day's legs as vectors, each with the whole seconds at which a ship is on it."""

    def __init__(self, motion: Motion, begin_s: float) -> None:
        self.ship = motion.ship
        self.begins_s = motion.begins_s
        self.lasts_s = motion.ends_s - motion.begins_s
        self.first = np.ceil(np.maximum(motion.begins_s, begin_s)).astype(np.int64)
        self.last = np.ceil(np.minimum(motion.ends_s, begin_s + SECONDS_PER_DAY)).astype(np.int64) - 1
        self.start = unit_vectors(motion.from_latitude, motion.from_longitude)
        self.end = unit_vectors(motion.to_latitude, motion.to_longitude)
        cross = np.cross(self.start, self.end)
        sine = np.linalg.norm(cross, axis=1)
        self.arc = np.arctan2(sine, (self.start * self.end).sum(axis=1))
        self.km = self.arc * EARTH_RADIUS_KM
        self.is_still = self.km < STILL_KM
        self.pole = cross / np.where(sine > 0, sine, 1.0)[:, None]

    def places(self, leg: Ints, second: Ints) -> tuple[Floats, Floats]:
        """Returns latitudes and longitudes on legs at seconds."""
        share = (second - self.begins_s[leg]) / self.lasts_s[leg]
        arc, still = self.arc[leg], self.is_still[leg]
        sine = np.where(still, 1.0, np.sin(arc))
        near = np.where(still, 1.0, np.sin((1 - share) * arc) / sine)
        far = np.where(still, 0.0, np.sin(share * arc) / sine)
        x, y, z = (self.start[leg] * near[:, None] + self.end[leg] * far[:, None]).T
        return np.degrees(np.arctan2(z, np.hypot(x, y))), np.degrees(np.arctan2(y, x))


def unit_vectors(latitude: Floats, longitude: Floats) -> Floats:
    """Places as rows of x, y, z on the unit sphere."""
    phi, lam = np.radians(latitude), np.radians(longitude)
    return np.column_stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)])


def _windows(legs: _Legs, area: Area) -> tuple[Ints, Ints, Ints]:
    """Returns legs that come near an area, and the first and last second of it."""
    centre = unit_vectors(np.array([area.latitude]), np.array([area.longitude]))[0]
    reach_km = area.reach_km + SLACK_KM
    across = np.abs(np.arcsin(np.clip(legs.pole @ centre, -1, 1))) * EARTH_RADIUS_KM
    forward = np.cross(legs.pole, legs.start)
    along_km = np.arctan2(forward @ centre, legs.start @ centre) * EARTH_RADIUS_KM
    from_start = np.arccos(np.clip(legs.start @ centre, -1, 1)) * EARTH_RADIUS_KM
    half_km = np.sqrt(np.maximum(reach_km**2 - across**2, 0.0))
    near = np.where(
        legs.is_still, from_start <= reach_km,
        (across <= reach_km) & (along_km + half_km >= 0) & (along_km - half_km <= legs.km),
    )  # fmt: skip
    leg = np.flatnonzero(near & (legs.last >= legs.first))
    km_per_s = np.where(legs.is_still[leg], 1.0, legs.km[leg] / legs.lasts_s[leg])
    still = legs.is_still[leg]
    enters = legs.begins_s[leg] + np.where(still, 0.0, (along_km - half_km)[leg] / km_per_s)
    leaves = legs.begins_s[leg] + (along_km + half_km)[leg] / km_per_s
    first = np.maximum(legs.first[leg], np.floor(enters).astype(np.int64))
    last = np.where(still, first, np.minimum(legs.last[leg], np.ceil(leaves).astype(np.int64)))
    real = first <= last
    return leg[real], first[real], last[real]


def _see_area(legs: _Legs, area: Area, number: int) -> tuple[Ints, Ints, Ints, Ints]:
    leg, first, last = _windows(legs, area)
    leg, second = _grid(leg, first, last)
    code, clearance = area.classify(*legs.places(leg, second))
    fine_leg, fine_second = _between(legs, leg, second, code, clearance)
    if len(fine_leg):
        fine_code, _ = area.classify(*legs.places(fine_leg, fine_second))
        leg, second, code = (
            np.concatenate(pair) for pair in ((leg, fine_leg), (second, fine_second), (code, fine_code))
        )
    ship = legs.ship[leg]
    order = np.lexsort((second, ship))
    ship, second, code = ship[order], second[order], code[order]
    changes = np.ones(len(ship), dtype=bool)
    changes[1:] = (ship[1:] != ship[:-1]) | (code[1:] != code[:-1])
    return ship[changes], second[changes], np.full(int(changes.sum()), number), code[changes]


def _grid(leg: Ints, first: Ints, last: Ints) -> tuple[Ints, Ints]:
    """Returns seconds every `SAMPLE_SECONDS`, from the first to the last second of each window, both included."""
    counts = -(-(last - first) // SAMPLE_SECONDS) + 1
    rows = np.repeat(np.arange(len(leg)), counts)
    step = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
    return leg[rows], np.minimum(first[rows] + step * SAMPLE_SECONDS, last[rows])


def _between(legs: _Legs, leg: Ints, second: Ints, code: Ints, clearance: Floats) -> tuple[Ints, Ints]:
    """Returns the seconds between samples of a leg where the code may change."""
    km_per_s = legs.km[leg[:-1]] / legs.lasts_s[leg[:-1]]
    gap = np.diff(second)
    unsure = (clearance[:-1] + clearance[1:] <= km_per_s * gap * DISTANCE_ERROR) | (code[:-1] != code[1:])
    rows = np.flatnonzero((leg[:-1] == leg[1:]) & (gap > 1) & unsure)
    counts = gap[rows] - 1
    step = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.repeat(leg[rows], counts), np.repeat(second[rows], counts) + 1 + step


def _edge_km(polygon: shapely.Polygon, latitude: Floats, east: Floats) -> Floats:
    """Returns the distance to the nearest edge, on a plane that is true to scale about each place."""
    ring = shapely.get_coordinates(polygon)
    width = np.cos(np.radians(latitude))[:, None]
    x, y = (ring[:, 0] - east[:, None]) * width, ring[:, 1] - latitude[:, None]
    dx, dy = np.diff(x, axis=1), np.diff(y, axis=1)
    share = np.clip(-(x[:, :-1] * dx + y[:, :-1] * dy) / (dx**2 + dy**2), 0.0, 1.0)
    km: Floats = np.hypot(x[:, :-1] + share * dx, y[:, :-1] + share * dy).min(axis=1) * KM_PER_DEGREE
    return km


def _point_km(places: NDArray[np.float64], centre: tuple[float, float]) -> Floats:
    """Returns the great-circle distances of rows of latitude and longitude from a place."""
    vectors = unit_vectors(places[:, 0], places[:, 1])
    cosine = vectors @ unit_vectors(np.array([centre[0]]), np.array([centre[1]]))[0]
    km: Floats = np.arccos(np.clip(cosine, -1, 1)) * EARTH_RADIUS_KM
    return km
