"""The straits in which transits are counted: a gate across each, and an area at either end of it.

A ship that is seen in `side_a`, then in the gate, then in `side_b` has passed the strait; the sides are a little
wider than the gate, so that whoever leaves it along the strait is seen on one. What the straits are is data
(`gates.yaml`), for an office to edit.
"""

import math
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

import shapely
from shapely.geometry import mapping

from ais_indicators.units import KM_PER_DEGREE
from ais_indicators.yaml_text import parse_yaml

GATES_FILE: Final = "gates.yaml"
AREA_KINDS: Final = ("gate", "side_a", "side_b")
SIDE_WIDENING: Final = 1.25
"""How much wider than the gate its sides are."""
SHORTEST_SIDE_KM: Final = 10.0  # at 25 kn a ship is in it for a quarter of an hour
COORDINATE_DECIMALS: Final = 6


@dataclass(frozen=True)
class Gate:
    """One strait's gate, a box about its centre.

    Attributes:
        code: Its name in tables.
        name: Its name to people.
        latitude: Degrees north of the centre.
        longitude: Degrees east of it.
        axis_deg: Bearing along the strait, from `side_a` to `side_b`.
        half_length_km: From the centre to either end, along the axis.
        half_width_km: From the centre to either edge, across it.
        side_a: What lies behind the one end.
        side_b: What lies before the other.
    """

    code: str
    name: str
    latitude: float
    longitude: float
    axis_deg: float
    half_length_km: float
    half_width_km: float
    side_a: str
    side_b: str

    @property
    def reach_km(self) -> float:
        """Returns how far from the centre an area of it may lie."""
        return math.hypot(self.half_length_km + self._side_length_km, self.half_width_km * SIDE_WIDENING)

    @property
    def areas(self) -> dict[str, shapely.Polygon]:
        """Returns the three polygons by kind, in degrees, rings anticlockwise."""
        ends, far = self.half_length_km, self.half_length_km + self._side_length_km
        wide = self.half_width_km * SIDE_WIDENING
        return {
            "gate": self._box(-ends, ends, self.half_width_km),
            "side_a": self._box(-far, -ends, wide),
            "side_b": self._box(ends, far, wide),
        }

    def at(self, along_km: float, across_km: float) -> tuple[float, float]:
        """Returns longitude and latitude of a place in the gate's own frame: along the axis, and to its right."""
        cosine, sine = math.cos(math.radians(self.axis_deg)), math.sin(math.radians(self.axis_deg))
        north_km, east_km = along_km * cosine - across_km * sine, along_km * sine + across_km * cosine
        longitude_km = KM_PER_DEGREE * math.cos(math.radians(self.latitude))
        return self.longitude + east_km / longitude_km, self.latitude + north_km / KM_PER_DEGREE

    @property
    def _side_length_km(self) -> float:
        return max(self.half_length_km, SHORTEST_SIDE_KM)

    def _box(self, near_km: float, far_km: float, half_width_km: float) -> shapely.Polygon:
        corners = [
            (near_km, half_width_km), (far_km, half_width_km), (far_km, -half_width_km), (near_km, -half_width_km)
        ]  # fmt: skip
        return shapely.Polygon(
            [[round(degrees, COORDINATE_DECIMALS) for degrees in self.at(*corner)] for corner in corners]
        )


@cache
def read_gates() -> tuple[Gate, ...]:
    """Returns the packaged gates, in the order of the file."""
    text = resources.files("ais_indicators.geo").joinpath(GATES_FILE).read_text(encoding="utf-8")
    return tuple(Gate(**entry) for entry in parse_yaml(text))


def gates_geojson() -> dict[str, Any]:
    """Returns all areas of all gates as a GeoJSON feature collection (RFC 7946)."""
    return {
        "type": "FeatureCollection",
        "features": [_feature(gate, kind) for gate in read_gates() for kind in AREA_KINDS],
    }


def _feature(gate: Gate, kind: str) -> dict[str, Any]:
    properties = {
        "gate_code": gate.code,
        "gate_name": gate.name,
        "area_kind": kind,
        "side_name": None if kind == "gate" else getattr(gate, kind),
    }
    return {"type": "Feature", "properties": properties, "geometry": mapping(gate.areas[kind])}
