"""The land of the globe, to draw maps on, and to see whether positions are on it.

Natural Earth, 1:50m (public domain), made coarser by `docs/simplify_land.py`.
"""

import gzip
import json
from functools import cache
from importlib import resources
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import STRtree

from ais_indicators.units import FULL_TURN_DEGREES

LAND_FILE: Final = "land.json.gz"


@cache
def read_land() -> tuple[shapely.Polygon, ...]:
    """Returns polygons in degrees, corners some 3 km off at most; longitudes run on past 180 where one crosses it."""
    packed = resources.files("ais_indicators.geo").joinpath(LAND_FILE).read_bytes()
    polygons = [shapely.Polygon(rings[0], rings[1:]) for rings in json.loads(gzip.decompress(packed))]
    return tuple(shapely.make_valid(np.array(polygons, dtype=object)))


def share_on_land(latitude: NDArray[np.float64], longitude: NDArray[np.float64]) -> float:
    """Returns the share of positions on land; 0 of none.

    Args:
        latitude: Degrees north, shape (n,).
        longitude: Degrees east, shape (n,).
    """
    if not latitude.size:
        return 0.0
    points = [shapely.points(longitude + turn, latitude) for turn in (0.0, FULL_TURN_DEGREES)]
    on_land = [np.unique(_land_tree().query(of_turn, predicate="within")[0]) for of_turn in points]
    return float(np.unique(np.concatenate(on_land)).size / latitude.size)


@cache
def _land_tree() -> STRtree:
    return STRtree(read_land())
