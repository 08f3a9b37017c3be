"""The land of the globe, to draw maps on.

Natural Earth, 1:50m (public domain), made coarser by `docs/simplify_land.py`.
"""

import gzip
import json
from functools import cache
from importlib import resources
from typing import Final

import numpy as np
import shapely

LAND_FILE: Final = "land.json.gz"


@cache
def read_land() -> tuple[shapely.Polygon, ...]:
    """Returns polygons in degrees, corners some 3 km off at most; longitudes run on past 180 where one crosses it."""
    packed = resources.files("ais_indicators.geo").joinpath(LAND_FILE).read_bytes()
    polygons = [shapely.Polygon(rings[0], rings[1:]) for rings in json.loads(gzip.decompress(packed))]
    return tuple(shapely.make_valid(np.array(polygons, dtype=object)))
