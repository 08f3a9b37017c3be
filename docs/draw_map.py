"""Draws the map of the README: where ships were in a week, and how many called at each port.

The picture was made from one real day of public NOAA messages (1 January 2020: Gulf, West and inland waters) and
the World Port Index, with the land of Natural Earth (1:50m, public domain):

    .venv/bin/python docs/draw_map.py --data-dir LAKE --week 2020-W01 --land natural_earth_50m_land.geojson

Any lake with a week will do, and the land is optional; `--bounds` is west, south, east, north in degrees.
"""

import io
import json
import math
from pathlib import Path
from typing import Annotated

import matplotlib as mpl
import polars as pl
import typer
from h3.api.basic_int import cell_to_boundary
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection, PolyCollection
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.text import Text
from PIL import Image
from shapely.geometry import box, shape
from shapely.geometry.base import BaseGeometry

from ais_indicators import open_table

Bounds = tuple[float, float, float, float]

GULF_COAST: Bounds = (-98.0, 26.9, -81.8, 30.9)
CARGO_CLASSES = ("container", "dry_bulk", "general_cargo", "roro", "cargo_unspecified", "tanker")
LABELLED_PORTS = 16
HOURS_SHOWN = (0.1, 1.0, 10.0, 100.0, 1000.0)
SHIPS_SHOWN = (1, 4, 8)
POINTS_PER_SHIP = 16.0
CELL_MARGIN_DEGREES = 0.1  # more than a cell's radius, so that the picture is filled to its edge
EAST_EDGE_SHARE = 0.9  # labels of ports further to the east stand to the left of them
WIDTH_INCHES, KEY_INCHES, DOTS_PER_INCH = 11.0, 0.62, 150
COLOURS = 128
SEA, LAND, SHORE, INK, PORT = "#f7f9fa", "#e4e2dc", "#b9b5aa", "#22303a", "#c8321e"


def draw(
    week: Annotated[str, typer.Option(help="ISO week.")],
    data_dir: Annotated[Path | None, typer.Option(help="Folder of the lake's state.")] = None,
    land: Annotated[Path | None, typer.Option(help="GeoJSON of land to lay under the cells.")] = None,
    bounds: Annotated[Bounds, typer.Option(help="West, south, east, north in degrees.")] = GULF_COAST,
    out: Annotated[Path, typer.Option(help="PNG to write.")] = Path("docs/port-activity-map.png"),
) -> None:
    """Draws the ship hours of each H3 cell in a week, and the cargo ships and tankers in each port."""
    figure, axes = _sheet(bounds)
    if land is not None:
        _draw_land(axes, land, bounds)
    cells = _draw_cells(axes, ship_hours(week, data_dir, bounds))
    ports = port_ships(week, data_dir, bounds)
    _draw_ports(axes, ports)
    _draw_keys(figure, axes, cells)
    _save(figure, out)


def ship_hours(week: str, data_dir: Path | None, bounds: Bounds) -> pl.DataFrame:
    """One row an H3 cell that touches the bounds: its `outline` in degrees and its ship `hours`, the least first."""
    west, south, east, north = bounds
    hours: pl.DataFrame = (
        open_table("gold.cell_activity_weekly", data_dir=data_dir)
        .filter(pl.col("week") == week)
        .group_by("h3_res6")
        .agg(pl.col("hours").sum())
        .filter(pl.col("hours") > 0)
        .sort("hours", "h3_res6")
        .collect()
    )
    outlines = [[(x, y) for y, x in cell_to_boundary(cell)] for cell in hours["h3_res6"]]
    inside = [
        west - CELL_MARGIN_DEGREES < outline[0][0] < east + CELL_MARGIN_DEGREES
        and south - CELL_MARGIN_DEGREES < outline[0][1] < north + CELL_MARGIN_DEGREES
        for outline in outlines
    ]
    cells: pl.DataFrame = hours.with_columns(outline=pl.Series(outlines, dtype=pl.Object)).filter(inside)
    return cells


def port_ships(week: str, data_dir: Path | None, bounds: Bounds) -> pl.DataFrame:
    """One row a port in the bounds where cargo ships or tankers were in a call: name, place, `ships`, most first."""
    west, south, east, north = bounds
    ships = (
        open_table("gold.port_activity_weekly", data_dir=data_dir)
        .filter(
            pl.col("week") == week,
            pl.col("indicator") == "unique_vessels",
            pl.col("vessel_class").is_in(CARGO_CLASSES),
        )
        .group_by("port_locode")
        .agg(ships=pl.col("value").sum())
    )
    places = (
        open_table("reference.ports", data_dir=data_dir)
        .filter(pl.col("area_kind") == "port")
        .sort("version_sequence", "area_id")
        .group_by("port_locode")
        .agg(pl.col("port_name", "centre_longitude", "centre_latitude").last())
    )
    joined: pl.DataFrame = (
        ships.join(places, on="port_locode")
        .filter(
            pl.col("ships") > 0,
            pl.col("centre_longitude").is_between(west, east),
            pl.col("centre_latitude").is_between(south, north),
        )
        .sort("ships", "port_locode", descending=[True, False])
        .collect()
    )
    return joined


def _sheet(bounds: Bounds) -> tuple[Figure, Axes]:
    """A sheet with room for the keys below the map; a kilometre is as long to the east as to the north."""
    west, south, east, north = bounds
    stretch = 1.0 / math.cos(math.radians((south + north) / 2))
    map_inches = WIDTH_INCHES * (north - south) / (east - west) * stretch
    figure = Figure(figsize=(WIDTH_INCHES, map_inches + KEY_INCHES))
    foot = KEY_INCHES / (map_inches + KEY_INCHES)
    axes = figure.add_axes((0.0, foot, 1.0, 1.0 - foot), facecolor=SEA)
    axes.set(xlim=(west, east), ylim=(south, north), aspect=stretch, xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    return figure, axes


def _draw_land(axes: Axes, path: Path, bounds: Bounds) -> None:
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    window = box(*bounds).buffer(1.0)
    shown = [shape(feature["geometry"]).buffer(0).intersection(window) for feature in features]
    rings = [part.exterior.coords for area in shown for part in _polygons(area)]
    axes.add_collection(PolyCollection(rings, facecolor=LAND, edgecolor=SHORE, linewidth=0.6))


def _polygons(area: BaseGeometry) -> list[BaseGeometry]:
    return [
        part for part in getattr(area, "geoms", [area]) if part.geom_type == "Polygon" and not part.is_empty
    ]


def _draw_cells(axes: Axes, cells: pl.DataFrame) -> PolyCollection:
    """Draws the cells with the hours on a logarithmic scale, the busiest on top."""
    collection = PolyCollection(
        cells["outline"].to_list(),
        array=cells["hours"].to_numpy(),
        norm=LogNorm(HOURS_SHOWN[0], HOURS_SHOWN[-1], clip=True),
        cmap=mpl.colormaps["YlGnBu"],
        edgecolor="none",
    )
    axes.add_collection(collection)
    return collection


def _draw_ports(axes: Axes, ports: pl.DataFrame) -> None:
    """Draws a circle for each port, and the names of the busiest as far as they find room."""
    _circles(axes, ports["centre_longitude"], ports["centre_latitude"], ports["ships"])
    taken: list[Text] = []
    for row in ports.select("port_name", "ships", "centre_longitude", "centre_latitude").iter_rows():
        if len(taken) < LABELLED_PORTS:
            _label(axes, taken, *row)


def _circles(axes: Axes, x: pl.Series, y: pl.Series, ships: pl.Series) -> PathCollection:
    sizes = (ships * POINTS_PER_SHIP).to_numpy()
    return axes.scatter(x, y, s=sizes, facecolor="none", edgecolor=PORT, linewidth=1.4)


def _label(axes: Axes, taken: list[Text], name: str, ships: float, x: float, y: float) -> None:
    """Writes a port's name and ships next to its circle, unless a busier port's label is there."""
    west, east = axes.get_xlim()
    side = -1.0 if x > west + EAST_EDGE_SHARE * (east - west) else 1.0
    text = axes.annotate(
        f"{name} {ships:.0f}",
        (x, y),
        xytext=(side * (3.0 + math.sqrt(POINTS_PER_SHIP * ships) / 2), 4.0),
        textcoords="offset points",
        ha="left" if side > 0 else "right",
        fontsize=9,
        color=INK,
        path_effects=[withStroke(linewidth=3.0, foreground="white")],
    )
    where = text.get_window_extent()
    if any(where.overlaps(other.get_window_extent()) for other in taken):
        text.remove()
    else:
        taken.append(text)


def _draw_keys(figure: Figure, axes: Axes, cells: PolyCollection) -> None:
    """Explains colours and circles below the map."""
    foot = axes.get_position().y0
    place = figure.add_axes((0.03, foot * 0.52, 0.26, foot * 0.24))
    scale = figure.colorbar(cells, cax=place, orientation="horizontal", ticks=HOURS_SHOWN, format="%g")
    scale.ax.tick_params(which="minor", length=0)
    scale.ax.tick_params(labelsize=8, colors=INK)
    scale.outline.set_visible(False)
    figure.text(0.305, foot * 0.54, "ship hours in an H3 cell (some 36 km²)", fontsize=9.5, color=INK)
    nowhere = pl.Series([], dtype=pl.Float64)
    circles = [_circles(axes, nowhere, nowhere, pl.Series([float(n)])) for n in SHIPS_SHOWN]
    figure.legend(
        circles,
        [str(n) for n in SHIPS_SHOWN],
        loc="center left",
        bbox_to_anchor=(0.575, foot * 0.62),
        ncols=len(SHIPS_SHOWN),
        frameon=False,
        fontsize=9.5,
        labelcolor=INK,
    )
    figure.text(0.79, foot * 0.54, "cargo ships and tankers in a call", fontsize=9.5, color=INK)


def _save(figure: Figure, out: Path) -> None:
    """Writes the picture with few colours, which makes the file small."""
    drawn = io.BytesIO()
    figure.savefig(drawn, dpi=DOTS_PER_INCH)
    Image.open(drawn).convert("RGB").quantize(COLOURS).save(out, optimize=True)


if __name__ == "__main__":
    typer.run(draw)
