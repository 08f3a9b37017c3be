"""The World Port Index as the peers use it: circles, and the H3 cells and tiles they touch. Never timed."""

import csv
import math
from collections import defaultdict
from pathlib import Path

import h3
import pyarrow as pa
import pyarrow.parquet as pq

from ais_indicators.rules import SHIPS, Rules
from ais_indicators.units import EARTH_RADIUS_KM

TILES_PER_DEGREE = 50
"""Tiles a degree of the coarse grid that spares fixes far from any port the computing of an H3 cell."""

_RINGS = 8
"""Rings of resolution-8 cells around a port: every cell that its circle can touch, with room to spare."""

Point = tuple[float, float]
Row = dict[str, int | float | bool | str]


def write_port_tables(wpi_path: Path, folder: Path) -> None:
    """Writes `ports`, `port_cells` and `port_tiles` as Parquet, the reference tables of both peers.

    A port is one row with up to two circles (the index has a few codes twice). Ports are numbered in the
    order of their codes, which settles overlaps of circles of one size.
    """
    circles = _circles_by_port(wpi_path)
    locodes = sorted(circles)
    points = [(number, point) for number, locode in enumerate(locodes) for point in circles[locode]]
    folder.mkdir(parents=True, exist_ok=True)
    _write(
        [_port_row(number, locode, circles[locode]) for number, locode in enumerate(locodes)], folder, "ports"
    )
    _write([row for number, point in points for row in _cell_rows(number, point)], folder, "port_cells")
    tiles = {tile for _, point in points for tile in _tiles(point)}
    _write([{"tile": tile} for tile in sorted(tiles)], folder, "port_tiles")


def _write(rows: list[Row], folder: Path, name: str) -> None:
    pq.write_table(pa.Table.from_pylist(rows), folder / f"{name}.parquet")


def _circles_by_port(wpi_path: Path) -> dict[str, list[Point]]:
    circles: defaultdict[str, list[Point]] = defaultdict(list)
    with wpi_path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            locode = "".join(row["UN/LOCODE"].split())
            locode = locode or f"WPI{int(float(row['World Port Index Number'])):05d}"
            circles[locode].append((float(row["Latitude"]), float(row["Longitude"])))
    return circles


def _port_row(number: int, locode: str, circles: list[Point]) -> Row:
    """Returns one port; a single circle is in both places, so that queries need no special case."""
    if len(circles) > 2:
        raise ValueError(f"{locode} has {len(circles)} circles; the peers' tables hold two")
    (latitude_1, longitude_1), (latitude_2, longitude_2) = circles[0], circles[-1]
    return {
        "port": number,
        "port_locode": locode,
        "latitude_1": latitude_1,
        "longitude_1": longitude_1,
        "latitude_2": latitude_2,
        "longitude_2": longitude_2,
    }


def _cell_rows(number: int, circle: Point) -> list[Row]:
    """The cells that a circle touches; `is_inner` where the whole cell lies in it."""
    radius_km = Rules.for_subject(SHIPS).point_port_entry_km
    rows: list[Row] = []
    for cell in h3.grid_disk(
        h3.latlng_to_cell(*circle, Rules.for_subject(SHIPS).port_cell_resolution), _RINGS
    ):
        centre = h3.cell_to_latlng(cell)
        away_km = _km(centre, circle)
        reach_km = max(_km(centre, corner) for corner in h3.cell_to_boundary(cell))
        if away_km - reach_km <= radius_km:
            rows.append(
                {
                    "cell": h3.str_to_int(cell),
                    "port": number,
                    "is_inner": away_km + reach_km <= radius_km,
                    "port_latitude": circle[0],
                    "port_longitude": circle[1],
                }
            )
    return rows


def _tiles(circle: Point) -> set[int]:
    """Numbers of the tiles that the box around a circle of the exit radius touches (`tile_of` in the SQL)."""
    latitude, longitude = circle
    north = math.degrees(Rules.for_subject(SHIPS).point_port_exit_km / EARTH_RADIUS_KM) * 1.01
    east = north / math.cos(math.radians(min(abs(latitude) + north, 89.0)))
    rows = range(_tile(latitude - north + 90), _tile(latitude + north + 90) + 1)
    columns = range(_tile(longitude - east + 180), _tile(longitude + east + 180) + 1)
    width = 360 * TILES_PER_DEGREE
    return {row * width + column % width for row in rows for column in columns}


def _tile(degrees: float) -> int:
    return math.floor(degrees * TILES_PER_DEGREE)


def _km(a: Point, b: Point) -> float:
    """Great-circle distance in km on the method's sphere."""
    (phi_a, lambda_a), (phi_b, lambda_b) = (tuple(map(math.radians, point)) for point in (a, b))
    half = math.sin((phi_b - phi_a) / 2) ** 2
    half += math.cos(phi_a) * math.cos(phi_b) * math.sin((lambda_b - lambda_a) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(half)))
