"""Small map of chokepoints by status and of areas with false or lost positions, as inline SVG.

Statuses differ by shape as well as by colour, so that readers need not distinguish colours.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ais_indicators.publish.pages.map import Window, land_path, picture, window_around

AREA_PX: Final = 7.0
AREA_PX_PER_ROOT_SHIP: Final = 1.5
LARGEST_AREA_PX: Final = 24.0
SHAPES: Final = {
    "area": '<circle r="{size:.1f}" fill="#7b3294" fill-opacity=".3" stroke="#7b3294" stroke-width="1.5"/>',
    "not_known": '<circle r="4" fill="#fff" stroke="#5b6770" stroke-width="1.5" stroke-dasharray="2 2"/>',
    "open": '<circle r="5" fill="#1b7837" stroke="#fff"/>',
    "restricted": '<path d="M0-9 9 7H-9z" fill="#b04a00" stroke="#fff"/>',
    "closed": '<path d="M-8-8H8V8H-8zM-4-4 4 4M4-4-4 4" fill="#b2182b" stroke="#fff" stroke-width="2"/>',
}
"""Drawing of each kind around its place, in drawing order."""


@dataclass(frozen=True)
class Mark:
    """One symbol on the map.

    Attributes:
        kind: A status of chokepoints, or `area`.
        latitude: Degrees north.
        longitude: Degrees east.
        ships: Ships affected in an area; None if suppressed.
    """

    kind: str
    latitude: float
    longitude: float
    ships: float | None = None

    @property
    def shape(self) -> str:
        """Returns its drawing, around its place."""
        size = min(AREA_PX + AREA_PX_PER_ROOT_SHIP * math.sqrt(self.ships or 0.0), LARGEST_AREA_PX)
        return SHAPES[self.kind].format(size=size)


def draw_integrity(marks: Sequence[Mark], title: str, alternative: str) -> str:
    """Draws the map around its symbols.

    Args:
        marks: The symbols, at least one.
        title: Name of the picture.
        alternative: Description in words.
    """
    places = np.array([(mark.longitude, mark.latitude) for mark in marks])
    window = window_around(places[:, 0], places[:, 1])
    order = list(SHAPES)
    upwards = sorted(marks, key=lambda mark: (order.index(mark.kind), mark.latitude, mark.longitude))
    drawn = "".join(_placed(mark, window) for mark in upwards)
    return picture(window, [land_path(window), drawn], title, alternative, "integrity")


def _placed(mark: Mark, window: Window) -> str:
    ((x, y),) = window.place(np.array([mark.longitude]), np.array([mark.latitude]))
    return f'<g transform="translate({x:.1f} {y:.1f})">{mark.shape}</g>'
