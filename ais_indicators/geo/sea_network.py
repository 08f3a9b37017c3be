"""The shortest way by sea between two places, on the network of sea lanes that the package searoute bundles.

A way is a polyline in degrees. Gates can be shut: the lanes that cross them are taken out, and ships go another way.
"""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from ais_indicators.geo.gates import read_gates
from ais_indicators.geo.searoute_data import searoute_file
from ais_indicators.units import (
    EARTH_RADIUS_KM,
    FULL_TURN_DEGREES,
    HALF_TURN_DEGREES,
    KM_PER_NAUTICAL_MILE,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CLOSED_PASSAGES: Final = ("northwest",)  # ice: no trade goes there
NODE_DECIMALS: Final = 5
SHORTEST_LANE_KM: Final = 0.001  # a lane of length 0 would be none to the sparse graph
SIMPLIFY_DEGREES: Final = 0.003  # 0.3 km: vertices that bend a way by less are dropped
LONGEST_LEG_KM: Final = 300.0
"""Longer stretches are cut: between near points a great circle keeps to the line that is straight in degrees."""
NO_NODE: Final = -9999
"""scipy's mark of a node without a predecessor."""


def distances_km(latitude: Floats, longitude: Floats) -> Floats:
    """Returns the great-circle distances from each point to the next."""
    phi, lam = np.radians(latitude), np.radians(longitude)
    h = np.sin(np.diff(phi) / 2) ** 2 + np.cos(phi[:-1]) * np.cos(phi[1:]) * np.sin(np.diff(lam) / 2) ** 2
    km: Floats = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(h, 1.0)))
    return km


def wrapped(longitude: Floats) -> Floats:
    """Returns longitudes brought into -180 to 180."""
    return (longitude + HALF_TURN_DEGREES) % FULL_TURN_DEGREES - HALF_TURN_DEGREES


def lane_lengths_km(nodes: Floats, lanes: Ints) -> Floats:
    """Returns the length of each lane between two nodes."""
    ends = nodes[lanes].reshape(-1, 2)
    return np.maximum(distances_km(ends[:, 1], ends[:, 0])[::2], SHORTEST_LANE_KM)


def lanes_touching(nodes: Floats, lanes: Ints, area: shapely.Geometry) -> NDArray[np.bool_]:
    """Returns which lanes touch an area, whose longitudes may run on past 180."""
    west, south, east, north = area.bounds
    middle = (west + east) / 2.0
    start, end = (nodes[lanes[:, number], 1] for number in (0, 1))
    near = np.flatnonzero((np.minimum(start, end) <= north) & (np.maximum(start, end) >= south))
    ends = nodes[lanes[near]]
    ends[:, :, 0] = middle + wrapped(ends[:, :, 0] - middle)
    goes_round = np.abs(ends[:, 0, 0] - ends[:, 1, 0]) > HALF_TURN_DEGREES
    near, ends = near[~goes_round], ends[~goes_round]
    found = np.zeros(len(lanes), dtype=bool)
    found[near] = shapely.intersects(shapely.linestrings(ends), area)
    return found


class SeaNetwork:
    """Nodes and lanes, and the ways between nodes that were asked for so far."""

    def __init__(self, nodes: Floats, lanes: Ints) -> None:
        """Takes nodes as rows of longitude and latitude, and lanes as rows of two node numbers."""
        self.nodes = nodes
        self.lanes = lanes
        self.lengths_km = lane_lengths_km(nodes, lanes)
        self._graphs: dict[frozenset[str], csr_matrix] = {}
        self._trees: dict[tuple[int, frozenset[str]], Ints] = {}

    def nearest(self, latitude: float, longitude: float) -> int:
        """Returns the node nearest to a place."""
        east = wrapped(self.nodes[:, 0] - longitude) * np.cos(np.radians(latitude))
        return int(np.argmin(east**2 + (self.nodes[:, 1] - latitude) ** 2))

    def way(self, start: int, end: int, shut: frozenset[str] = frozenset()) -> Ints | None:
        """Returns nodes of the shortest way from one node to another; None if shut gates leave none."""
        before = self._tree(start, shut)
        way = [end]
        while way[-1] != start:
            way.append(int(before[way[-1]]))
            if way[-1] == NO_NODE:
                return None
        return np.array(way[::-1], dtype=np.int64)

    def _tree(self, start: int, shut: frozenset[str]) -> Ints:
        key = start, shut
        if key not in self._trees:
            _, before = dijkstra(self._graph(shut), directed=False, indices=start, return_predecessors=True)
            self._trees[key] = before
        return self._trees[key]

    def _graph(self, shut: frozenset[str]) -> csr_matrix:
        if shut not in self._graphs:
            keep = np.ones(len(self.lanes), dtype=bool)
            for code in sorted(shut):
                keep &= ~self.crosses(code)
            lanes, size = self.lanes[keep], len(self.nodes)
            self._graphs[shut] = csr_matrix(
                (self.lengths_km[keep], (lanes[:, 0], lanes[:, 1])), shape=(size, size)
            )
        return self._graphs[shut]

    def crosses(self, gate_code: str) -> NDArray[np.bool_]:
        """Returns which lanes touch a gate."""
        gate = next(gate for gate in read_gates() if gate.code == gate_code)
        return lanes_touching(self.nodes, self.lanes, gate.areas["gate"])


def sea_distances_nm(
    points: Mapping[str, tuple[float, float]], pairs: Sequence[tuple[str, str]]
) -> list[float | None]:
    """Returns the shortest ways by sea between ports in nautical miles; None where a port's place is not known.

    Args:
        points: Latitude and longitude of each port.
        pairs: Ports from and to; those from one port stand together, so that its ways are searched for once.
    """
    network = sea_network()
    return [_distance_nm(network, points.get(origin), points.get(goal)) for origin, goal in pairs]


def _distance_nm(
    network: SeaNetwork, origin: tuple[float, float] | None, goal: tuple[float, float] | None
) -> float | None:
    """Returns the distance from port to nearest node, along the lanes, and from the last node to the other port."""
    if origin is None or goal is None:
        return None
    if origin == goal:
        return 0.0
    way = network.way(network.nearest(*origin), network.nearest(*goal))
    if way is None:
        return None
    nodes = network.nodes[way]
    latitude = np.concatenate([[origin[0]], nodes[:, 1], [goal[0]]])
    longitude = np.concatenate([[origin[1]], nodes[:, 0], [goal[1]]])
    return float(distances_km(latitude, longitude).sum() / KM_PER_NAUTICAL_MILE)


def polyline(longitude: Floats, latitude: Floats) -> tuple[Floats, Floats]:
    """Returns a way without needless vertices and without long legs: latitudes and longitudes."""
    east = np.unwrap(longitude, period=FULL_TURN_DEGREES)
    line = shapely.LineString(np.column_stack([east, latitude])).simplify(SIMPLIFY_DEGREES)
    points = shapely.get_coordinates(line)
    cuts = np.ceil(distances_km(points[:, 1], points[:, 0]) / LONGEST_LEG_KM).astype(int)
    parts = [
        np.linspace(a, b, max(cut, 1), endpoint=False)
        for a, b, cut in zip(points[:-1], points[1:], cuts, strict=True)
    ]
    points = np.vstack([*parts, points[-1:]])
    return points[:, 1], wrapped(points[:, 0])


@cache
def sea_network() -> SeaNetwork:
    """Returns the network of the installed searoute, read once."""
    text = searoute_file("marnet_searoute.geojson").read_text(encoding="utf-8")
    numbers: dict[tuple[float, float], int] = {}
    lanes: dict[tuple[int, int], None] = {}
    for feature in json.loads(text)["features"]:
        if feature["properties"].get("passage") in CLOSED_PASSAGES:
            continue
        for line in _lines(feature["geometry"]):
            nodes = [_number(point, numbers) for point in line]
            lanes |= {(min(a, b), max(a, b)): None for a, b in pairwise(nodes) if a != b}
    return SeaNetwork(np.array(list(numbers)), np.array(list(lanes), dtype=np.int64))


def _lines(geometry: dict[str, Any]) -> list[list[list[float]]]:
    lines: list[list[list[float]]] = geometry["coordinates"]
    return lines if geometry["type"] == "MultiLineString" else [lines]  # type: ignore[list-item]


def _number(point: list[float], numbers: dict[tuple[float, float], int]) -> int:
    """Returns the number of a place's node; 180 and -180 are one place, and lines past 180 are wrapped."""
    longitude = (point[0] + HALF_TURN_DEGREES) % FULL_TURN_DEGREES - HALF_TURN_DEGREES
    key = round(longitude, NODE_DECIMALS), round(point[1], NODE_DECIMALS)
    return numbers.setdefault(key, len(numbers))
