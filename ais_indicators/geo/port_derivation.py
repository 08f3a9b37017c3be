"""Port areas from the data: where several ships lay becomes berths and anchorages of the nearest port.

The steps are those of the berth cookbook of the UN task team on AIS (UNECE machine learning group 2022: counts of
stationary messages in fine H3 cells, then DBSCAN over the cells) and of Global Fishing Watch's anchorages (places
where enough different ships lay, named after the nearest port of the World Port Index):

1. A cell is a berth's if ships lay there longer still than swinging (`geo.stays`), else an anchorage's.
2. The cells of either kind are clustered by DBSCAN on the sphere; a cell counts by its ships.
3. A cluster with enough different ships becomes a polygon: its cells, with the water between them.
4. It is named after the port that is nearest to its middle. One that is too far from any port is left out, as
   is one on which an area of the same kind is drawn already.

An anchorage that serves several ports goes to the nearest; who knows better edits the file. Everything here is arrays
and rows in memory: no Spark, no reading or writing.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry
from sklearn.cluster import DBSCAN
from sklearn.neighbors import BallTree

from ais_indicators.geo.cell_polygons import cell_centres, polygon_of_cells, to_radians
from ais_indicators.geo.outlines import polygon_km2, shifted
from ais_indicators.geo.port_files import PortArea
from ais_indicators.rules import Rules
from ais_indicators.units import EARTH_RADIUS_KM, FULL_TURN_DEGREES, HALF_TURN_DEGREES, SECONDS_PER_HOUR

CLUSTER_KM = {"berth": "derive_berth_cluster_km", "anchorage": "derive_anchorage_cluster_km"}
"""Rule of the distance that joins two cells, by kind of area."""

NO_CLUSTER = -1

EDGE_SAMPLE_KM = 0.5
"""Samples along the edge of a port's polygon from which its distance is taken."""

DEGREES_PER_KM = HALF_TURN_DEGREES / (math.pi * EARTH_RADIUS_KM)


@dataclass(frozen=True)
class DerivedArea:
    """One berth or anchorage found in the data.

    Attributes:
        area: The area, named after its port.
        ships: How many different ships lay in its cells.
        stationary_hours: How long they lay there, all together.
        port_distance_km: From its middle to the port: to the point, or to the edge of the polygon; 0 inside.
    """

    area: PortArea
    ships: int
    stationary_hours: float
    port_distance_km: float


@dataclass(frozen=True)
class Derivation:
    """Derived areas, and how many clusters were left out, by reason.

    Attributes:
        areas: The areas, ordered by port, kind and place.
        sparse_cells: Cells in which ships lay, but too few different ones in the cell and around it.
        far_from_ports: Clusters of cells whose middle is farther from any port than the rule allows.
        drawn_already: Clusters that an area of the same kind in the port file overlaps.
    """

    areas: tuple[DerivedArea, ...]
    sparse_cells: int
    far_from_ports: int
    drawn_already: int


class _Cells(NamedTuple):
    """Cells in which ships lay, sorted; every array has one entry per cell.

    Attributes:
        cell: H3 cell.
        place: Its centre on the unit sphere, shape (cells, 3).
        ships: How many ships lay in it.
        seconds: How long, all together.
        is_berth: Whether they lay still for at least half of the time.
    """

    cell: NDArray[np.int64]
    place: NDArray[np.float64]
    ships: NDArray[np.int64]
    seconds: NDArray[np.int64]
    is_berth: NDArray[np.bool_]


class _Cluster(NamedTuple):
    """One cluster: its kind, the numbers of its cells, its different ships, its middle on the unit sphere."""

    kind: str
    members: NDArray[np.int64]
    ships: int
    seconds: int
    middle: NDArray[np.float64]


def derive_areas(cell_ships: pa.Table, known: Sequence[PortArea], rules: Rules) -> Derivation:
    """Finds berths and anchorages.

    Args:
        cell_ships: `geo.stays.CELL_SHIPS`, one row per cell and ship, in any order.
        known: Areas of the port file that the new ones go with: ports to be named after, and berths and
            anchorages that are drawn already.
        rules: Rules of the lake's subject.

    Returns:
        The areas, numbered from 0, and what was left out.
    """
    cells = _cells(cell_ships)
    clusters = [c for c in _clusters(cells, cell_ships, rules) if c.ships >= rules.derive_min_ships]
    ports, km = _nearest_ports(clusters, [area for area in known if area.area_kind == "port"])
    near = np.flatnonzero(km <= rules.derive_max_port_distance_km)
    found = [_derived(clusters[n], cells, ports[n], float(km[n]), rules) for n in near]
    drawn = _Drawn(known)
    new = [derived for derived in found if not drawn.overlaps(derived.area)]
    return Derivation(
        areas=_numbered(new),
        sparse_cells=len(cells.cell) - sum(len(c.members) for c in clusters),
        far_from_ports=len(clusters) - len(near),
        drawn_already=len(found) - len(new),
    )


def _numbered(found: Sequence[DerivedArea]) -> tuple[DerivedArea, ...]:
    """Orders areas by port, kind and place, and numbers them."""
    names = ("port_locode", "area_kind", "centre_latitude", "centre_longitude")
    ordered = sorted(found, key=lambda derived: tuple(getattr(derived.area, name) for name in names))
    return tuple(replace(d, area=replace(d.area, area_id=number)) for number, d in enumerate(ordered))


# --- cells and clusters ----------------------------------------------------------------------------


def _cells(cell_ships: pa.Table) -> _Cells:
    rows = cell_ships.group_by("h3_cell", use_threads=False).aggregate(
        [("still_seconds", "sum"), ("swinging_seconds", "sum"), ("mmsi", "count_distinct")]
    )
    rows = rows.sort_by("h3_cell")
    names = ("h3_cell", "still_seconds_sum", "swinging_seconds_sum", "mmsi_count_distinct")
    cell, still, swinging, ships = (rows[name].to_numpy() for name in names)
    return _Cells(cell, cell_centres(cell), ships, still + swinging, still >= swinging)


def _clusters(cells: _Cells, cell_ships: pa.Table, rules: Rules) -> Iterator[_Cluster]:
    """Yields the clusters of either kind, whatever the number of their ships."""
    owner = np.searchsorted(cells.cell, cell_ships["h3_cell"].to_numpy())
    mmsi = cell_ships["mmsi"].to_numpy()
    for kind, is_kind in (("berth", cells.is_berth), ("anchorage", ~cells.is_berth)):
        label = np.full(len(cells.cell), NO_CLUSTER)
        label[is_kind] = _labels(
            cells.place[is_kind], cells.ships[is_kind], rules.value(CLUSTER_KM[kind]), rules
        )
        ships = _different_ships(label[owner], mmsi)
        for number, members in enumerate(_members(label)):
            seconds = cells.seconds[members]
            middle = seconds @ cells.place[members]
            yield _Cluster(
                kind, members, int(ships[number]), int(seconds.sum()), middle / np.linalg.norm(middle)
            )


def _members(label: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Numbers of the cells of each cluster.

    >>> [part.tolist() for part in _members(np.array([1, -1, 0, 1]))]
    [[2], [0, 3]]
    """
    order = np.argsort(label, kind="stable")
    order = order[label[order] != NO_CLUSTER]
    return np.split(order, np.flatnonzero(np.diff(label[order])) + 1) if len(order) else []


def _different_ships(label: NDArray[np.int64], mmsi: NDArray[np.int64]) -> NDArray[np.int64]:
    """Returns how many different ships each cluster has, from the cluster and ship of each row.

    >>> _different_ships(np.array([0, 0, 0, 1, -1]), np.array([7, 7, 8, 7, 9])).tolist()
    [2, 1]
    """
    is_in = label != NO_CLUSTER
    pairs = np.unique(np.column_stack([label[is_in], mmsi[is_in]]), axis=0)
    return np.bincount(pairs[:, 0])


def _labels(
    places: NDArray[np.float64], ships: NDArray[np.int64], km: float, rules: Rules
) -> NDArray[np.int64]:
    """Returns the number of each cell's cluster, `NO_CLUSTER` where too few ships lay around."""
    if len(places) == 0:
        return np.empty(0, np.int64)
    scan = DBSCAN(
        eps=km / EARTH_RADIUS_KM,
        min_samples=rules.derive_min_ships,
        metric="haversine",
        algorithm="ball_tree",
    )
    labels: NDArray[np.int64] = scan.fit(to_radians(places), sample_weight=ships).labels_
    return labels


# --- names -----------------------------------------------------------------------------------------


def _nearest_ports(
    clusters: Sequence[_Cluster], ports: Sequence[PortArea]
) -> tuple[list[PortArea], NDArray[np.float64]]:
    """Returns the port nearest to each cluster's middle and its distance in km; of polygons around it the smallest."""
    if not clusters or not ports:
        return [], np.full(len(clusters), np.inf)
    ordered = sorted(ports, key=lambda area: (area.area_km2, area.port_locode, area.area_id))
    samples = [_samples(area) for area in ordered]
    owner = np.repeat(np.arange(len(ordered)), [len(part) for part in samples])
    middles = to_radians(np.array([cluster.middle for cluster in clusters]))
    distance, nearest = BallTree(np.radians(np.vstack(samples)), metric="haversine").query(middles)
    port, km = owner[nearest[:, 0]], EARTH_RADIUS_KM * distance[:, 0]
    latitude, longitude = np.degrees(middles).T
    for number in reversed(range(len(ordered))):
        is_in = _holds(ordered[number].geometry, latitude, longitude)
        port[is_in], km[is_in] = number, 0.0
    return [ordered[number] for number in port], km


def _samples(port: PortArea) -> NDArray[np.float64]:
    """Returns points of a port as latitude and longitude in degrees: its edge, or the point that it is known as."""
    if port.geometry is None:
        return np.array([(port.centre_latitude, port.centre_longitude)])
    edge = shapely.segmentize(port.geometry.boundary, EDGE_SAMPLE_KM * DEGREES_PER_KM)
    points: NDArray[np.float64] = shapely.get_coordinates(edge)
    return points[:, ::-1]


def _holds(
    polygon: BaseGeometry | None, latitude: NDArray[np.float64], longitude: NDArray[np.float64]
) -> NDArray[np.bool_]:
    is_in = np.zeros(len(latitude), np.bool_)
    if polygon is not None:
        for turn in (0.0, FULL_TURN_DEGREES):
            is_in |= shapely.intersects_xy(polygon, longitude + turn, latitude)
    return is_in


class _Drawn:
    """The berths and anchorages of a port file that are polygons."""

    def __init__(self, known: Sequence[PortArea]) -> None:
        self._trees = {}
        for kind in CLUSTER_KM:
            shapes = [area.geometry for area in known if area.area_kind == kind and area.geometry is not None]
            self._trees[kind] = shapely.STRtree([*shapes, *(shifted(shape) for shape in shapes)])

    def overlaps(self, area: PortArea) -> bool:
        """Returns whether one of the same kind shares ground with an area."""
        tree, shape = self._trees[area.area_kind], area.geometry
        return any(len(tree.query(seen, predicate="intersects")) for seen in (shape, shifted(shape)))


def _derived(cluster: _Cluster, cells: _Cells, port: PortArea, km: float, rules: Rules) -> DerivedArea:
    polygon = polygon_of_cells(
        cells.cell[cluster.members],
        cluster.middle,
        filled_km=rules.value(CLUSTER_KM[cluster.kind]),
        margin_km=rules.derive_area_margin_km,
        tolerance_km=rules.derive_outline_tolerance_km,
    )
    inside = polygon.representative_point()
    area = replace(
        port,
        area_id=-1,
        area_kind=cluster.kind,
        geometry=polygon,
        centre_latitude=inside.y,
        centre_longitude=inside.x - FULL_TURN_DEGREES if inside.x > HALF_TURN_DEGREES else inside.x,
        area_km2=polygon_km2(polygon),
        valid_from=None,
        valid_to=None,
    )
    return DerivedArea(area, cluster.ships, cluster.seconds / SECONDS_PER_HOUR, km)
