"""Finds the gate area that holds each of many points: by a table of small squares, then by the exact test.

Nearly all points lie in a square that no gate touches, so they cost one look. Gates are few and wide: unlike ports
they need no H3 cells.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final, NamedTuple, Self

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ais_indicators.compiled import njit
from ais_indicators.geo.gate_files import GateArea
from ais_indicators.geo.gates import AREA_KINDS
from ais_indicators.geo.outlines import Outlines, build_outlines, contains
from ais_indicators.geo.strait_ways import StraitWays, strait_ways
from ais_indicators.rules import Rules
from ais_indicators.units import HALF_TURN_DEGREES

SQUARES_PER_DEGREE: Final = 4
SQUARE_ROWS: Final = 180 * SQUARES_PER_DEGREE
SQUARE_COLUMNS: Final = 360 * SQUARES_PER_DEGREE
MAX_LATITUDE: Final = 90.0
NO_AREA: Final = -1
KINDS: Final = len(AREA_KINDS)


class Squares(NamedTuple):
    """The look-up of one set of areas.

    Attributes:
        entry: Number of the list of areas that each square may touch, -1 for none, shape (720, 1440), from 90 S and
            180 W.
        first: The areas of list n are `areas[first[n]:first[n + 1]]`, the one that wins first.
        areas: Numbers of areas.
        code: Result for a point in an area: `KINDS` times the gate's number, plus the kind's.
    """

    entry: NDArray[np.int32]
    first: NDArray[np.int32]
    areas: NDArray[np.int32]
    code: NDArray[np.int32]


@dataclass(frozen=True)
class GateIndex:
    """The areas of one version of the gates, ready to be matched with points.

    Attributes:
        areas: The areas.
    """

    areas: tuple[GateArea, ...]

    @cached_property
    def gate_codes(self) -> tuple[str, ...]:
        """Returns the name of each gate, sorted; its place is the gate's number, whatever day it is."""
        return tuple(sorted({area.gate_code for area in self.areas}))

    def match(
        self, day: date, latitude: NDArray[np.float64], longitude: NDArray[np.float64], rules: Rules
    ) -> NDArray[np.int32]:
        """Finds the area that holds each point.

        Args:
            day: The day whose areas count.
            latitude: Degrees north, shape (n,).
            longitude: Degrees east, shape (n,).
            rules: Rules of the lake's subject.

        Returns:
            `KINDS` times the gate's number plus the place of the area's kind in `AREA_KINDS`, -1 where there is none,
            shape (n,). An edge belongs to its area. Of a gate's own areas the gate wins, of several gates the one
            whose gate area is the smallest. A point out of range lies in no area.
        """
        squares, outlines = self._on(day, rules)
        return np.asarray(_match(latitude, longitude, squares, outlines), np.int32)

    def ways(self, day: date) -> StraitWays:
        """Returns ways by sea round the gates of a day, numbered like them; a copy of the index has them ready."""
        valid = self._valid_on(day)
        if valid not in self._ways:
            shapes = {(a.gate_code, a.area_kind): a.geometry for a in map(self.areas.__getitem__, valid)}
            self._ways[valid] = strait_ways(tuple(self._outline(code, shapes) for code in self.gate_codes))
        return self._ways[valid]

    def _outline(self, code: str, shapes: Mapping[tuple[str, str], BaseGeometry]) -> tuple[bytes, ...] | None:
        """Returns the gate and sides as WKB, or None if one of them is missing."""
        kinds = [shapes.get((code, kind)) for kind in AREA_KINDS]
        return None if None in kinds else tuple(shapely.to_wkb(shape) for shape in kinds)

    def _on(self, day: date, rules: Rules) -> tuple[Squares, Outlines]:
        valid = self._valid_on(day)
        if valid not in self._built:
            self._built[valid] = _build([self.areas[n] for n in valid], self.gate_codes, rules)
        return self._built[valid]

    def _valid_on(self, day: date) -> tuple[int, ...]:
        return tuple(n for n, area in enumerate(self.areas) if area.is_valid_on(day))

    @cached_property
    def _ways(self) -> dict[tuple[int, ...], StraitWays]:
        return {}

    @cached_property
    def _built(self) -> dict[tuple[int, ...], tuple[Squares, Outlines]]:
        return {}

    @classmethod
    def empty(cls) -> Self:
        """Returns the index of no gates."""
        return cls(())


def _build(areas: Sequence[GateArea], gate_codes: tuple[str, ...], rules: Rules) -> tuple[Squares, Outlines]:
    sizes: dict[str, float] = {}
    for area in areas:
        if area.area_kind == "gate":
            sizes[area.gate_code] = max(sizes.get(area.gate_code, 0.0), area.area_km2)

    def rank(area: GateArea) -> tuple[float, str, int, int]:
        kind = AREA_KINDS.index(area.area_kind)
        return sizes.get(area.gate_code, np.inf), area.gate_code, kind, area.area_id

    ordered = sorted(areas, key=rank)
    touched: dict[tuple[int, int], list[int]] = {}
    for number, area in enumerate(ordered):
        for square in _touched(area):
            touched.setdefault(square, []).append(number)
    entry = np.full((SQUARE_ROWS, SQUARE_COLUMNS), NO_AREA, np.int32)
    lists = []
    for number, (square, numbers) in enumerate(sorted(touched.items())):
        entry[square] = number
        lists.append(numbers)
    first = np.cumsum([0, *map(len, lists)]).astype(np.int32)
    flat = np.array([number for numbers in lists for number in numbers], np.int32)
    code = [KINDS * gate_codes.index(a.gate_code) + AREA_KINDS.index(a.area_kind) for a in ordered]
    outlines = build_outlines(
        [area.geometry for area in ordered],
        np.zeros((len(ordered), 2)),
        np.zeros(len(ordered), np.int32),
        1,
        rules,
    )
    return Squares(entry, first, flat, np.array(code, np.int32)), outlines


def _touched(area: GateArea) -> list[tuple[int, int]]:
    """Returns the row and column of the squares that an area touches, each once."""
    west, south, east, north = area.geometry.bounds
    rows = np.arange(_step(south, MAX_LATITUDE), min(_step(north, MAX_LATITUDE) + 1, SQUARE_ROWS))
    columns = np.arange(_step(west, HALF_TURN_DEGREES), _step(east, HALF_TURN_DEGREES) + 1)
    row, column = (grid.ravel() for grid in np.meshgrid(rows, columns, indexing="ij"))
    side = 1.0 / SQUARES_PER_DEGREE
    left, bottom = column * side - HALF_TURN_DEGREES, row * side - MAX_LATITUDE
    hit = shapely.intersects(shapely.box(left, bottom, left + side, bottom + side), area.geometry)
    pairs = zip(row[hit].tolist(), (column[hit] % SQUARE_COLUMNS).tolist(), strict=True)
    return sorted(set(pairs))


def _step(degrees: float, from_degrees: float) -> int:
    return int(np.floor((degrees + from_degrees) * SQUARES_PER_DEGREE))


@njit(cache=True)
def _match(latitude, longitude, squares, outlines):  # type: ignore[no-untyped-def]
    found = np.full(latitude.size, NO_AREA, np.int32)
    for n in range(latitude.size):
        if not (abs(latitude[n]) <= MAX_LATITUDE and abs(longitude[n]) <= HALF_TURN_DEGREES):
            continue
        row = min(SQUARE_ROWS - 1, int((latitude[n] + MAX_LATITUDE) * SQUARES_PER_DEGREE))
        column = min(SQUARE_COLUMNS - 1, int((longitude[n] + HALF_TURN_DEGREES) * SQUARES_PER_DEGREE))
        square = squares.entry[row, column]
        if square == NO_AREA:
            continue
        for place in range(squares.first[square], squares.first[square + 1]):
            area = squares.areas[place]
            if contains(outlines, area, latitude[n], longitude[n]):
                found[n] = squares.code[area]
                break
    return found
