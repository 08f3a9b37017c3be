"""Ways between the sea buoys of two ports, and ports that lie so near a way that ships pass through their waters."""

from functools import cache
from typing import Final, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from ais_indicators.geo.gates import read_gates
from ais_indicators.geo.sea_network import distances_km, polyline, sea_network, wrapped
from ais_simulator.ocean.harbours import BY_LOCODE, HARBOURS, PASSING_HALF_WIDTH_KM, PASSING_KM, Harbour

Floats = NDArray[np.float64]

MOST_DETOUR_KM: Final = 150.0
GATE_STEP_KM: Final = 1.0


class Way(NamedTuple):
    """A way by sea: its points, and the length of each leg."""

    latitude: Floats
    longitude: Floats
    leg_km: Floats

    @property
    def km(self) -> float:
        """Returns its length."""
        return float(self.leg_km.sum())


@cache
def lane_node(locode: str) -> int:
    """Returns the node of the sea network that a port's fairway leads to."""
    return sea_network().nearest(*BY_LOCODE[locode].lane)


@cache
def way_between(origin: str, destination: str, shut: frozenset[str] = frozenset()) -> Way | None:
    """Returns the shortest way from one port's sea buoy to another's; None if the shut gates leave none."""
    network = sea_network()
    nodes = network.way(lane_node(origin), lane_node(destination), shut)
    if nodes is None:
        return None
    start, end = BY_LOCODE[origin].sea_buoy, BY_LOCODE[destination].sea_buoy
    longitude = np.concatenate([[start[1]], network.nodes[nodes, 0], [end[1]]])
    latitude = np.concatenate([[start[0]], network.nodes[nodes, 1], [end[0]]])
    return _way(*polyline(longitude, latitude))


def _way(latitude: Floats, longitude: Floats) -> Way:
    return Way(latitude, longitude, distances_km(latitude, longitude))


@cache
def passed_ports(origin: str, destination: str) -> tuple[str, ...]:
    """Ports whose waters a ship may cross on its way for a small detour."""
    direct = way_between(origin, destination)
    if direct is None:
        return ()
    near = [harbour.locode for harbour in HARBOURS if _lies_near(harbour, direct)]
    found = []
    for locode in near:
        first, second = way_between(origin, locode), way_between(locode, destination)
        if locode in (origin, destination) or first is None or second is None:
            continue
        if first.km + second.km - direct.km < MOST_DETOUR_KM:
            found.append(locode)
    return tuple(found)


def _lies_near(harbour: Harbour, way: Way) -> bool:
    east = np.abs(wrapped(way.longitude - harbour.point[1])) * np.cos(np.radians(harbour.point[0]))
    degrees = np.hypot(east, way.latitude - harbour.point[0])
    return bool(degrees.min() * 111.0 < 2 * MOST_DETOUR_KM)


@cache
def way_past(origin: str, passed: str, destination: str) -> Way | None:
    """Returns the way through a third port's waters: in at one edge, out at the other, at sea speed."""
    first, second = way_between(origin, passed), way_between(passed, destination)
    if first is None or second is None:
        return None
    harbour = BY_LOCODE[passed]
    side = -harbour.anchorage_side
    across = [harbour.at(PASSING_KM + lift, side * right) for lift, right in _crossing()]
    latitude = np.concatenate([first.latitude, [place[0] for place in across], second.latitude])
    longitude = np.concatenate([first.longitude, [place[1] for place in across], second.longitude])
    return _way(latitude, longitude)


def _crossing() -> list[tuple[float, float]]:
    """Returns points of the crossing: seaward beyond the usual, and to the side that has no anchorage."""
    return [(1.0, PASSING_HALF_WIDTH_KM / 2), (0.0, 0.0), (1.0, -PASSING_HALF_WIDTH_KM / 4), (4.0, 0.0)]


@cache
def gate_distances(origin: str, destination: str, gate_code: str) -> float | None:
    """Returns how many km from the origin's sea buoy a way first meets a gate or its sides; None if it does not."""
    way = way_between(origin, destination)
    gate = next(gate for gate in read_gates() if gate.code == gate_code)
    if way is None:
        return None
    reach = shapely.union_all(list(gate.areas.values()))
    done = np.concatenate([[0.0], np.cumsum(way.leg_km)])
    km = np.arange(0.0, way.km, GATE_STEP_KM)
    east = np.interp(km, done, np.unwrap(way.longitude, period=360.0))
    east = gate.longitude + wrapped(east - gate.longitude)
    inside = shapely.intersects_xy(reach, east, np.interp(km, done, way.latitude))
    if not inside.any() or not _meets_gate(gate.areas["gate"], east, np.interp(km, done, way.latitude)):
        return None
    return max(float(km[np.argmax(inside)]) - GATE_STEP_KM, 0.0)


def _meets_gate(gate: shapely.Polygon, east: Floats, north: Floats) -> bool:
    return bool(shapely.intersects_xy(gate, east, north).any())


def cut(way: Way, km: float) -> tuple[Way, Way]:
    """Cuts a way in two at a distance in km from its start."""
    done = np.concatenate([[0.0], np.cumsum(way.leg_km)])
    leg = min(int(np.searchsorted(done, km, side="right")) - 1, len(way.leg_km) - 1)
    share = (km - done[leg]) / way.leg_km[leg] if way.leg_km[leg] > 0 else 0.0
    east = wrapped(np.diff(way.longitude[leg : leg + 2]))[0]
    point_longitude = wrapped(np.array([way.longitude[leg] + share * east]))
    point_latitude = way.latitude[leg : leg + 1] + share * np.diff(way.latitude[leg : leg + 2])
    before = _way(
        np.concatenate([way.latitude[: leg + 1], point_latitude]),
        np.concatenate([way.longitude[: leg + 1], point_longitude]),
    )
    after = _way(
        np.concatenate([point_latitude, way.latitude[leg + 1 :]]),
        np.concatenate([point_longitude, way.longitude[leg + 1 :]]),
    )
    return before, after
