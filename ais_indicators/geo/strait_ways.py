"""How far it is by sea to either side of each strait if the strait were shut, for places along all sea lanes.

A ship that was heard before a strait and, after a silence, beyond it has passed it if every other way was too long for
the time. These distances decide that: with the gate shut, a ship near side A has a long way round to side B, or none.
They are measured on the network of sea lanes (`geo.sea_network`), whose lanes are cut where they touch a gate and have
a mark every few kilometres, so that each fix at sea has a mark nearby.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple, Self

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from ais_indicators.geo.sea_network import lane_lengths_km, lanes_touching, sea_network, wrapped
from ais_indicators.units import HALF_TURN_DEGREES

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CUT_KM: Final = 5.0  # half of the shortest side of a packaged gate: each side has a node of its own
MARK_KM: Final = 40.0
REACH_KM: Final = 3000.0
"""Ways that are longer count as this long: a fast ship sails them in three days."""

ROWS: Final = 180
COLUMNS: Final = 360
SIDES: Final = ("side_a", "side_b")


class StraitWays(NamedTuple):
    """Marks along the lanes, by squares of a degree, and their distances to the sides of gates that are shut.

    Attributes:
        first: The marks in square n are `first[n]` up to `first[n + 1]`; squares go by rows from 90 S and 180 W, shape
            (180 * 360 + 1,).
        latitude: Degrees north of each mark, shape (m,).
        longitude: Degrees east, shape (m,).
        to_side_km: Way by sea to side A and side B of each gate without passing it, at most `REACH_KM`; NaN inside
            the gate, and where no lane leads to it. Shape (gates, 2, m).
    """

    first: NDArray[np.int32]
    latitude: Floats
    longitude: Floats
    to_side_km: NDArray[np.float32]

    @classmethod
    def empty(cls) -> Self:
        """Returns those of no gates: nothing is inferred."""
        nothing = np.empty(0)
        return cls(
            np.zeros(ROWS * COLUMNS + 1, np.int32), nothing, nothing, np.empty((0, len(SIDES), 0), np.float32)
        )


class Lanes(NamedTuple):
    """Lanes between nodes: places of the nodes (longitude, latitude), pairs of nodes, lengths."""

    nodes: Floats
    pairs: Ints
    km: Floats


@lru_cache(maxsize=4)
def strait_ways(outlines: tuple[tuple[bytes, ...] | None, ...]) -> StraitWays:
    """Returns the distances of some gates.

    Args:
        outlines: Gate, side A and side B of each gate by its number, as WKB in degrees; None for a gate that has none
            on the day.
    """
    if not any(outlines):
        return StraitWays.empty()
    gates = [None if one is None else [shapely.from_wkb(area) for area in one] for one in outlines]
    network = sea_network()
    whole = Lanes(network.nodes, network.lanes, network.lengths_km)
    lanes = _cut([area for gate in gates if gate for area in gate], whole)
    to_node = np.full((len(gates), len(SIDES), len(lanes.nodes)), np.nan)
    for number, gate in enumerate(gates):
        if gate is not None:
            to_node[number] = _to_sides(lanes, *gate)
    return _marked(lanes, to_node)


def _cut(areas: Sequence[shapely.Geometry], lanes: Lanes) -> Lanes:
    """Cuts the lanes that touch an area into short pieces."""
    touched = np.zeros(len(lanes.pairs), dtype=bool)
    for area in areas:
        touched |= lanes_touching(lanes.nodes, lanes.pairs, area)
    places, lane, share = _along(lanes, np.where(touched, np.ceil(lanes.km / CUT_KM), 1).astype(int))
    number = len(lanes.nodes) + np.arange(len(places))
    begins = np.concatenate([lanes.pairs[:, 0], number])
    order = np.lexsort((np.concatenate([np.zeros(len(lanes.pairs)), share]), _of_lane(lanes, lane)))
    chain, chain_lane = begins[order], _of_lane(lanes, lane)[order]
    is_last = np.append(chain_lane[1:] != chain_lane[:-1], True)
    ends = np.where(is_last, lanes.pairs[chain_lane, 1], np.roll(chain, -1))
    nodes, pairs = np.vstack([lanes.nodes, places]), np.column_stack([chain, ends])
    return Lanes(nodes, pairs, lane_lengths_km(nodes, pairs))


def _of_lane(lanes: Lanes, lane: Ints) -> Ints:
    return np.concatenate([np.arange(len(lanes.pairs)), lane])


def _along(lanes: Lanes, parts: Ints) -> tuple[Floats, Ints, Floats]:
    """Places that divide each lane into equal parts: longitude and latitude, lane, share of it that lies before."""
    inner = parts - 1
    lane = np.repeat(np.arange(len(parts)), inner)
    step = np.arange(len(lane)) - np.repeat(np.cumsum(inner) - inner, inner) + 1
    share = step / parts[lane]
    start, end = (lanes.nodes[lanes.pairs[lane, side]] for side in (0, 1))
    longitude = wrapped(start[:, 0] + wrapped(end[:, 0] - start[:, 0]) * share)
    latitude = start[:, 1] + (end[:, 1] - start[:, 1]) * share
    return np.column_stack([longitude, latitude]), lane, share


def _to_sides(lanes: Lanes, gate: shapely.Geometry, *sides: shapely.Geometry) -> Floats:
    """Ways from each node to either side while the gate is shut; NaN inside it and for a side without a lane."""
    keep = ~lanes_touching(lanes.nodes, lanes.pairs, gate)
    pairs, size = lanes.pairs[keep], len(lanes.nodes)
    graph = csr_matrix((lanes.km[keep], (pairs[:, 0], pairs[:, 1])), shape=(size, size))
    found = np.full((len(SIDES), size), np.nan)
    for number, side in enumerate(sides):
        begins = np.flatnonzero(_holds(side, lanes.nodes) & ~_holds(gate, lanes.nodes))
        if begins.size:
            ways = dijkstra(graph, directed=False, indices=begins, min_only=True, limit=REACH_KM)
            found[number] = np.minimum(ways, REACH_KM)
    found[:, _holds(gate, lanes.nodes)] = np.nan
    return found


def _holds(area: shapely.Geometry, nodes: Floats) -> NDArray[np.bool_]:
    middle = (area.bounds[0] + area.bounds[2]) / 2.0
    held: NDArray[np.bool_] = shapely.contains_xy(area, middle + wrapped(nodes[:, 0] - middle), nodes[:, 1])
    return held


def _marked(lanes: Lanes, to_node: Floats) -> StraitWays:
    """Marks at all nodes and along the lanes, in the order of the squares that hold them."""
    places, lane, share = _along(lanes, np.maximum(np.ceil(lanes.km / MARK_KM), 1).astype(int))
    before, after = share * lanes.km[lane], (1.0 - share) * lanes.km[lane]
    start, end = lanes.pairs[lane, 0], lanes.pairs[lane, 1]
    along = np.minimum(to_node[:, :, start] + before, to_node[:, :, end] + after)
    at = np.vstack([lanes.nodes, places])
    row = np.clip(np.floor(at[:, 1] + ROWS / 2), 0, ROWS - 1).astype(np.int64)
    column = np.floor(at[:, 0] + HALF_TURN_DEGREES).astype(np.int64) % COLUMNS
    square = row * COLUMNS + column
    order = np.lexsort((at[:, 0], at[:, 1], square))
    first = np.searchsorted(square[order], np.arange(ROWS * COLUMNS + 1)).astype(np.int32)
    ways = np.minimum(np.concatenate([to_node, along], axis=2), REACH_KM)[:, :, order]
    ways = ways.astype(np.float32, order="C")  # as `empty` has it: a second layout is a second compilation
    return StraitWays(first, at[order, 1].copy(), at[order, 0].copy(), ways)
