"""Makes the land that maps are drawn on, `ais_indicators/geo/land.json.gz`, from a GeoJSON file of land.

The packaged file was made from the land of Natural Earth (1:50m, public domain):

    .venv/bin/python docs/simplify_land.py natural_earth_50m_land.geojson
"""

import gzip
import json
from pathlib import Path

import numpy as np
import shapely
import typer
from shapely.geometry import shape

TOLERANCE_DEGREES = 0.03  # 3 km: on a map of a small country a pixel or two
SMALLEST_SQUARE_DEGREES = 0.002  # some 20 km2: smaller islands are hidden by the dot of a port
SOUTH_END_DEGREES = -60.0  # Antarctica winds around the pole, and no cargo goes there
DECIMALS = 2
TURN = 360.0
OUT = Path("ais_indicators/geo/land.json.gz")


def simplify_land(land: Path, out: Path = OUT) -> None:
    """Drops corners, small islands and Antarctica, and writes each polygon as its rings of longitude and latitude."""
    features = json.loads(land.read_text(encoding="utf-8"))["features"]
    parts = shapely.get_parts([shape(feature["geometry"]) for feature in features])
    whole = [_unbroken(part) for part in parts if part.bounds[3] > SOUTH_END_DEGREES]
    kept = [part for part in whole if part.area >= SMALLEST_SQUARE_DEGREES]
    simple = shapely.get_parts(shapely.simplify(kept, TOLERANCE_DEGREES))
    rings = [
        [shapely.get_coordinates(ring).round(DECIMALS).tolist() for ring in (one.exterior, *one.interiors)]
        for one in simple
    ]
    text = json.dumps(rings, separators=(",", ":")).encode()
    out.write_bytes(gzip.compress(text, mtime=0))


def _unbroken(part: shapely.Polygon) -> shapely.Polygon:
    """Lets longitudes run on past 180 where a ring crosses the antimeridian; its middle is in -180 to 180."""
    rings = []
    for ring in (part.exterior, *part.interiors):
        points = shapely.get_coordinates(ring)
        points[:, 0] = np.unwrap(points[:, 0], period=TURN)
        west, east = points[:, 0].min(), points[:, 0].max()
        points[:, 0] -= TURN * np.floor((west + east + TURN) / 2 / TURN)  # its middle in -180 to 180
        rings.append(points)
    return shapely.Polygon(rings[0], rings[1:])


if __name__ == "__main__":
    typer.run(simplify_land)
