"""Map of a week as inline SVG: land, H3 cells by the hours that ships spent in them, and ports by their ships.

Degrees are drawn on a plane, with longitudes scaled by the cosine of the middle latitude. The window covers the ports
and cells of the week; if they are on both sides of the antimeridian, it crosses it.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import Any, Final

import h3
import numpy as np
import polars as pl
import shapely
from h3.api.basic_int import cell_to_boundary, cell_to_latlng
from numpy.typing import NDArray

from ais_indicators.geo.cell_parents import parent_cells
from ais_indicators.geo.land import read_land
from ais_indicators.units import EARTH_RADIUS_KM, FULL_TURN_DEGREES, HALF_TURN_DEGREES

WIDTH_PX: Final = 960.0
LONGEST_HEIGHT_PX: Final = 640.0
SHORTEST_HEIGHT_PX: Final = 300.0
MARGIN_SHARE: Final = 0.06
SMALLEST_WINDOW_DEGREES: Final = 1.0
HIGHEST_LATITUDE: Final = 80.0
SMALLEST_CELL_PX: Final = 2.2
"""Edge of a cell in pixels: finer cells are merged until they are this large."""

MOST_CELLS: Final = 4000
"""Limit that keeps the map under 200 kB."""

LABELS: Final = 8
DOT_PX: Final = 2.5
DOT_PX_PER_ROOT_SHIP: Final = 1.1
LARGEST_DOT_PX: Final = 16.0
LABEL_PX: Final = 13
SHADES: Final = ("#dbe7f1", "#b3cde3", "#7fa9cf", "#477fb3", "#1f5a92")
"""From few ship hours to many, by powers of ten."""

FIRST_STEP_HOURS: Final = 1.0
STEP_FACTOR: Final = 10.0
SEA, LAND, SHORE, INK, PORT = "#f6f9fb", "#e6e3dc", "#b9b5aa", "#1c2b36", "#b04a00"
_SIMPLIFY_PX: Final = 0.5
_SMALLEST_LAND_PX2: Final = 1.0

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Dot:
    """One port on the map.

    Attributes:
        name: Its name.
        latitude: Degrees north.
        longitude: Degrees east.
        ships: Ships that were there; None if that is suppressed or missing.
    """

    name: str
    latitude: float
    longitude: float
    ships: float | None


@dataclass(frozen=True)
class Window:
    """The part of the globe that is drawn.

    Attributes:
        west: Degrees east of its left edge; longitudes continue from it, also past 180.
        south: Degrees north of its lower edge.
        degrees_wide: From left to right.
        degrees_high: From bottom to top.
    """

    west: float
    south: float
    degrees_wide: float
    degrees_high: float

    @property
    def height_px(self) -> float:
        """Returns the height of the picture, which is `WIDTH_PX` wide."""
        return self.degrees_high * self._px_per_latitude

    @property
    def px_per_km(self) -> float:
        """Returns the scale along a meridian."""
        return self._px_per_latitude / math.radians(EARTH_RADIUS_KM)

    def place(self, longitude: Floats, latitude: Floats) -> Floats:
        """Converts points to pixels, shape (n, 2); each longitude as far east of the left edge as possible."""
        east = (longitude - self.west) % FULL_TURN_DEGREES
        x = east * WIDTH_PX / self.degrees_wide
        return np.column_stack([x, self.down(latitude)])

    def down(self, latitude: Floats) -> Floats:
        """Returns pixels from the upper edge."""
        return self.height_px - (latitude - self.south) * self._px_per_latitude

    @property
    def _px_per_latitude(self) -> float:
        middle = math.radians(self.south + self.degrees_high / 2)
        return WIDTH_PX / (self.degrees_wide * math.cos(middle))


def window_around(longitude: Floats, latitude: Floats) -> Window:
    """Finds the window that contains some places with a margin; the widest gap between longitudes is left out."""
    east = np.unique(longitude % FULL_TURN_DEGREES)
    gaps = np.diff(np.append(east, east[0] + FULL_TURN_DEGREES))
    widest = int(np.argmax(gaps))
    west = float(east[(widest + 1) % len(east)])
    wide = FULL_TURN_DEGREES - float(gaps[widest])
    south, north = float(np.min(latitude)), float(np.max(latitude))
    margin = max(MARGIN_SHARE * max(wide, north - south), SMALLEST_WINDOW_DEGREES / 2)
    wide, west = min(wide + 2 * margin, FULL_TURN_DEGREES), west - margin
    south, north = max(south - margin, -HIGHEST_LATITUDE), min(north + margin, HIGHEST_LATITUDE)
    if wide == FULL_TURN_DEGREES:
        west = -HALF_TURN_DEGREES
    return _in_shape(west, south, wide, north - south)


def _in_shape(west: float, south: float, wide: float, high: float) -> Window:
    """Widens the window in the direction in which it is too narrow for the page."""
    window = Window(west, south, wide, high)
    if window.height_px > LONGEST_HEIGHT_PX:
        wider = min(wide * window.height_px / LONGEST_HEIGHT_PX, FULL_TURN_DEGREES)
        return Window(west - (wider - wide) / 2, south, wider, high)
    if window.height_px < SHORTEST_HEIGHT_PX:
        higher = high * SHORTEST_HEIGHT_PX / window.height_px
        low = max(south - (higher - high) / 2, -HIGHEST_LATITUDE)
        return Window(west, low, wide, min(higher, HIGHEST_LATITUDE - low))
    return window


@dataclass(frozen=True)
class Map:
    """A drawn map.

    Attributes:
        svg: The picture.
        cells: Number of cells.
        resolution: H3 resolution of the cells; None without cells.
        steps: Hours from which each of the `SHADES` counts.
    """

    svg: str
    cells: int
    resolution: int | None
    steps: Sequence[float]


def draw_map(dots: Sequence[Dot], cells: pl.DataFrame | None, title: str, alternative: str) -> Map | None:
    """Draws ports and cells; None if there is nothing to draw.

    Args:
        dots: The ports.
        cells: Columns `cell` (H3 index) and `hours`; None if cells must not be shown.
        title: Name of the picture.
        alternative: Description in words.
    """
    shown = cells if cells is not None and cells.height else None
    centres = _centres(shown["cell"].to_numpy()) if shown is not None else np.empty((0, 2))
    points = np.array([(dot.longitude, dot.latitude) for dot in dots]).reshape(-1, 2)
    places = np.concatenate([points, centres])
    if not len(places):
        return None
    window = window_around(places[:, 0], places[:, 1])
    steps = [FIRST_STEP_HOURS * STEP_FACTOR**power for power in range(len(SHADES))]
    resolution, drawn, count = None, "", 0
    if shown is not None:
        resolution, merged = _merged(shown, window)
        drawn, count = _cell_paths(merged, window, steps), merged.height
    parts = [land_path(window), drawn, _dot_marks(dots, window), _labels(dots, window)]
    return Map(picture(window, parts, title, alternative, "map"), count, resolution, steps)


def _centres(cells: NDArray[np.int64]) -> Floats:
    return np.array([cell_to_latlng(int(cell))[::-1] for cell in cells]).reshape(-1, 2)


def _merged(cells: pl.DataFrame, window: Window) -> tuple[int, pl.DataFrame]:
    """Merges cells until they are large enough to see and few enough to draw."""
    resolution = h3.get_resolution(h3.int_to_str(int(cells["cell"][0])))
    while True:
        parents = pl.Series("cell", parent_cells(cells["cell"].to_numpy(), resolution))
        merged = cells.with_columns(parents).group_by("cell").agg(pl.col("hours").sum()).sort("cell")
        edge_px = h3.average_hexagon_edge_length(resolution, unit="km") * window.px_per_km
        if resolution == 0 or (edge_px >= SMALLEST_CELL_PX and merged.height <= MOST_CELLS):
            return resolution, merged
        resolution -= 1


def _cell_paths(cells: pl.DataFrame, window: Window, steps: Sequence[float]) -> str:
    """Draws one path per shade, of the cells with that many hours."""
    paths: list[list[str]] = [[] for _ in SHADES]
    for cell, hours in cells.iter_rows():
        shade = max(0, sum(hours >= step for step in steps) - 1)
        corners = np.array(cell_to_boundary(cell))
        outline = window.place(corners[:, 1], corners[:, 0])
        if np.ptp(outline[:, 0]) < WIDTH_PX / 2:  # else it is on both edges of a map of the complete globe
            paths[shade].append(_path(outline))
    return "".join(
        f'<path fill="{SHADES[number]}" d="{"".join(of)}"/>' for number, of in enumerate(paths) if of
    )


def land_path(window: Window) -> str:
    """Draws the land in the window, with as many corners as are visible."""
    east, north = window.west + window.degrees_wide, window.south + window.degrees_high
    tolerance = _SIMPLIFY_PX * window.degrees_wide / WIDTH_PX
    outlines = []
    for turn in (-FULL_TURN_DEGREES, 0.0, FULL_TURN_DEGREES):
        shifted = shapely.transform(list(read_land()), lambda points, by=turn: np.add(points, (by, 0.0)))
        inside = shapely.clip_by_rect(np.array(shifted), window.west, window.south, east, north)
        simple = shapely.simplify(shapely.get_parts(inside), tolerance)
        outlines += [ring for part in shapely.get_parts(simple) for ring in _rings(part)]
    drawn = "".join(_land_ring(ring, window) for ring in outlines)
    return f'<path fill="{LAND}" stroke="{SHORE}" stroke-width=".6" fill-rule="evenodd" d="{drawn}"/>'


def _rings(part: Any) -> list[Floats]:
    if part.geom_type != "Polygon" or part.is_empty:
        return []
    return [shapely.get_coordinates(ring) for ring in (part.exterior, *part.interiors)]


def _land_ring(ring: Floats, window: Window) -> str:
    east = (ring[:, 0] - window.west) * WIDTH_PX / window.degrees_wide
    flat = np.column_stack([east, window.down(ring[:, 1])])
    return _path(flat) if shapely.Polygon(flat).area >= _SMALLEST_LAND_PX2 else ""


def _path(points: Floats) -> str:
    """Converts an outline to a path of short relative steps, to a tenth of a pixel."""
    tenths = np.round(points * 10).astype(int)
    tenths = tenths[np.append(True, np.any(np.diff(tenths, axis=0), axis=1))]
    steps = [(b - a) for a, b in pairwise(tenths)]
    first = tenths[0]
    return (
        f"M{_tenth(first[0])} {_tenth(first[1])}l"
        + " ".join(f"{_tenth(x)} {_tenth(y)}" for x, y in steps)
        + "z"
    )


def _tenth(value: int) -> str:
    return f"{value / 10:g}"


def _dot_marks(dots: Sequence[Dot], window: Window) -> str:
    """Draws circles whose area grows with the ships; hollow ones if their number is suppressed or unknown."""
    marks = []
    for dot, (x, y) in zip(dots, _on_paper(dots, window), strict=True):
        face = f'fill="none" stroke="{PORT}" stroke-width="1.5"'
        radius = DOT_PX
        if dot.ships is not None:
            face = f'fill="{PORT}" fill-opacity=".75" stroke="#fff" stroke-width=".8"'
            radius = min(DOT_PX + DOT_PX_PER_ROOT_SHIP * math.sqrt(dot.ships), LARGEST_DOT_PX)
        marks.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" {face}/>')
    return "".join(marks)


def _labels(dots: Sequence[Dot], window: Window) -> str:
    """Labels the ports with most ships, without overlaps."""
    ranked = sorted(
        zip(dots, _on_paper(dots, window), strict=True),
        key=lambda pair: (-(pair[0].ships or 0), pair[0].name),
    )
    taken: list[tuple[float, float, float, float]] = []
    texts: list[str] = []
    for dot, (x, y) in ranked:
        wide = LABEL_PX * 0.6 * len(dot.name)
        left = x + 8 if x + 8 + wide < WIDTH_PX else x - 8 - wide
        box = (left, y - LABEL_PX, left + wide, y + LABEL_PX / 2)
        if len(texts) == LABELS or not dot.ships or any(_overlap(box, other) for other in taken):
            continue
        taken.append(box)
        texts.append(f'<text x="{left:.1f}" y="{y + LABEL_PX / 3:.1f}">{escape(dot.name)}</text>')
    style = f'font-size="{LABEL_PX}" fill="{INK}" stroke="#fff" stroke-width="3" paint-order="stroke"'
    return f'<g class="labels" {style}>{"".join(texts)}</g>'


def _overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _on_paper(dots: Iterable[Dot], window: Window) -> Floats:
    points = np.array([(dot.longitude, dot.latitude) for dot in dots]).reshape(-1, 2)
    return window.place(points[:, 0], points[:, 1])


def picture(window: Window, parts: Iterable[str], title: str, alternative: str, name: str) -> str:
    """Assembles the parts of a picture.

    Args:
        window: What it shows.
        parts: Its drawings, lowest first.
        title: Its title.
        alternative: Description in words.
        name: Prefix of its identifiers, unique on a page.
    """
    height = round(window.height_px)
    return (
        f'<svg viewBox="0 0 {WIDTH_PX:.0f} {height}" role="img" aria-labelledby="{name}-title {name}-desc">'
        f'<title id="{name}-title">{escape(title)}</title><desc id="{name}-desc">{escape(alternative)}</desc>'
        f'<rect width="{WIDTH_PX:.0f}" height="{height}" fill="{SEA}"/>{"".join(parts)}</svg>'
    )
