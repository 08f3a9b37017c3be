"""The reference implementation of unseen transits: every way by sea is searched for each silence, plain and slow.

It shares no code with `ais_indicators` and uses another method for the same answer: both fixes are joined to the lanes
nearby, the lanes that touch the gate are taken away, and the shortest way from one fix to the other is searched for.
"""

import itertools
import json
import math
from heapq import heappop, heappush
from importlib.resources import files
from typing import Any

import shapely

EARTH_RADIUS_KM = 6371.0
JOINED_WITHIN_KM = 25.0
STEP_KM = 20.0

Place = tuple[float, float]
"""Longitude and latitude in degrees."""


def kilometres(one: Place, other: Place) -> float:
    """The great circle between two places."""
    (lon_a, lat_a), (lon_b, lat_b) = ((math.radians(x), math.radians(y)) for x, y in (one, other))
    h = math.sin((lat_b - lat_a) / 2) ** 2
    h += math.cos(lat_a) * math.cos(lat_b) * math.sin((lon_b - lon_a) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(h)))


class Sea:
    """The lanes within a box of degrees, cut into short steps, as neighbours of each place."""

    def __init__(self, west: float, south: float, east: float, north: float) -> None:
        self.box = shapely.box(west, south, east, north)
        self.steps: list[tuple[Place, Place]] = []
        text = (files("searoute") / "data" / "marnet_searoute.geojson").read_text(encoding="utf-8")
        for feature in json.loads(text)["features"]:
            if feature["properties"].get("passage") == "northwest":
                continue
            shape: dict[str, Any] = feature["geometry"]
            lines = shape["coordinates"] if shape["type"] == "MultiLineString" else [shape["coordinates"]]
            for line in lines:
                for start, end in itertools.pairwise(line):
                    self._add((start[0], start[1]), (end[0], end[1]))

    def _add(self, start: Place, end: Place) -> None:
        if abs(start[0] - end[0]) > 180 or not shapely.LineString([start, end]).intersects(self.box):
            return
        parts = max(1, math.ceil(kilometres(start, end) / STEP_KM))
        places = [
            (
                round(start[0] + (end[0] - start[0]) * n / parts, 5),
                round(start[1] + (end[1] - start[1]) * n / parts, 5),
            )
            for n in range(parts + 1)
        ]
        self.steps += list(itertools.pairwise(places))

    def shortest_km(self, start: Place, end: Place, shut: shapely.Polygon | None = None) -> float:
        """The shortest way from one place to another, where a gate may be shut; infinite where there is none."""
        neighbours: dict[Place, list[tuple[float, Place]]] = {}
        for one, other in self.steps:
            if shut is not None and shapely.LineString([one, other]).intersects(shut):
                continue
            km = kilometres(one, other)
            neighbours.setdefault(one, []).append((km, other))
            neighbours.setdefault(other, []).append((km, one))
        last = {place: km for place in neighbours if (km := kilometres(place, end)) < JOINED_WITHIN_KM}
        queue = [(km, place) for place in neighbours if (km := kilometres(start, place)) < JOINED_WITHIN_KM]
        queue.sort()
        done: set[Place] = set()
        best = math.inf
        while queue:
            km, place = heappop(queue)
            if km >= best:
                break
            if place in done:
                continue
            done.add(place)
            if place in last:
                best = min(best, km + last[place])
            for more, other in neighbours[place]:
                if other not in done:
                    heappush(queue, (km + more, other))
        return best
