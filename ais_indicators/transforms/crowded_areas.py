"""Finds areas to which several vessels are displaced on one day, and their shape (methodology 8)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl
from h3.api import basic_int as h3

from ais_indicators.rules import Rules
from ais_indicators.transforms.shapes import CIRCLE, KINDS, POINT, Outline, outline_of
from ais_indicators.transforms.shown_vessels import FalseRun
from ais_indicators.units import SECONDS_PER_HOUR, SECONDS_PER_MINUTE

SHOWN_AT: Final = "to_h3_res4"
"""Column with the cell in which a stretch is shown."""


@dataclass(frozen=True)
class CrowdedArea:
    """Neighbouring cells in which enough vessels are displaced on one day, and the shape in which they are shown."""

    cells: frozenset[int]
    kind: int


def connected_areas(cells: Iterable[int]) -> list[set[int]]:
    """Puts cells together that are neighbours, or have neighbours that are; in the order of their least cells."""
    left = set(cells)
    areas = []
    while left:
        area, ahead = set(), {min(left)}
        while ahead:
            area |= ahead
            left -= ahead
            ahead = {near for cell in ahead for near in h3.grid_disk(cell, 1)} & left
        areas.append(area)
    return areas


def crowded_areas(
    rows: pl.DataFrame, column: str = SHOWN_AT, shown: Sequence[FalseRun] = (), *, rules: Rules
) -> list[CrowdedArea]:
    """Returns the areas to which enough vessels are displaced: cells with their neighbours, put together.

    Fewer are enough at one point or on one circle, where ships cannot be, and where they come from far away at once.

    Args:
        rows: Stretches.
        column: Where they lie.
        shown: Runs of other vessels that count too.
        rules: Rules of the lake's subject.
    """
    by_cell: dict[int, set[int]] = defaultdict(set)
    for mmsi, cell in [*rows.select("mmsi", column).iter_rows(), *((run.mmsi, run.cell) for run in shown)]:
        by_cell[cell].add(mmsi)
    areas = [
        CrowdedArea(frozenset(cells), _kind_of(rows, column, cells, shown, rules))
        for cells in connected_areas(crowded_cells(by_cell, rules.interference_min_vessels))
    ]
    if column != SHOWN_AT:
        return areas
    on_shape, at_once = rules.interference_min_vessels_on_shape, rules.interference_min_vessels_at_once
    for needed, is_enough in ((on_shape, _is_on_shape), (at_once, _came_at_once)):
        taken = {cell for area in areas for cell in area.cells}
        elsewhere = {cell: vessels for cell, vessels in by_cell.items() if cell not in taken}
        few = [
            CrowdedArea(frozenset(cells), _kind_of(rows, column, cells, shown, rules))
            for cells in connected_areas(crowded_cells(elsewhere, needed) - taken)
            if cells & elsewhere.keys()
        ]
        areas += [area for area in few if is_enough(rows, area, shown, rules)]
    return sorted(areas, key=lambda area: min(area.cells))


def watched_cells(evidence: pl.DataFrame, left: Iterable[tuple[int, int]], rules: Rules) -> set[int]:
    """Returns the cells in which enough vessels jump to a place or from it, some of them to it.

    Args:
        evidence: Stretches.
        left: MMSIs that jump away, and the cells in which they were.
        rules: Rules of the lake's subject.
    """
    to_cell, either = defaultdict[int, set[int]](set), defaultdict[int, set[int]](set)
    for mmsi, cell in evidence.select("mmsi", SHOWN_AT).iter_rows():
        to_cell[cell].add(mmsi)
        either[cell].add(mmsi)
    for mmsi, cell in left:
        either[cell].add(mmsi)
    watched: set[int] = set()
    for cell in to_cell:
        displaced, all_vessels = (_vessels_near(cell, by_cell) for by_cell in (to_cell, either))
        if (
            len(displaced) >= rules.interference_min_vessels_displaced
            and len(all_vessels) >= rules.interference_watched_vessels
        ):
            watched |= set(h3.grid_disk(cell, 1))
    return watched


def _is_on_shape(_rows: pl.DataFrame, area: CrowdedArea, _shown: Sequence[FalseRun], _rules: Rules) -> bool:
    return KINDS[area.kind] in (POINT, CIRCLE)


def _came_at_once(rows: pl.DataFrame, area: CrowdedArea, shown: Sequence[FalseRun], rules: Rules) -> bool:
    """Returns whether enough vessels of an area come from far away, and were displaced there at the same time.

    Others that are shown there from far away count too, but some must be displaced at the same time.
    """
    far_km = rules.interference_at_once_min_jump_km
    far = rows.filter(is_in(SHOWN_AT, [area]), pl.col("jump_km") >= far_km).sort("began", "mmsi")
    within_s = int(rules.interference_at_once_minutes * SECONDS_PER_MINUTE)
    others = {run.mmsi for run in shown if run.cell in area.cells and run.jump_km >= far_km}
    missing = rules.interference_min_vessels_at_once - len(others - set(far["mmsi"]))
    least = max(rules.interference_min_vessels_displaced, missing)
    return any(
        far.filter(pl.col("began").is_between(first, first + within_s))["mmsi"].n_unique() >= least
        for first in far["began"].unique()
    )


def crowded_cells(by_cell: Mapping[int, set[int]], enough: int) -> set[int]:
    """Returns the cells, with their neighbours, that hold enough vessels together with their neighbours."""
    crowded: set[int] = set()
    for cell in by_cell:
        if len(_vessels_near(cell, by_cell)) >= enough:
            crowded |= set(h3.grid_disk(cell, 1))
    return crowded


def _vessels_near(cell: int, by_cell: Mapping[int, set[int]]) -> set[int]:
    """Returns the vessels in a cell and its neighbours."""
    return set().union(*(by_cell.get(one, ()) for one in h3.grid_disk(cell, 1)))


def _kind_of(
    rows: pl.DataFrame, column: str, cells: set[int], shown: Sequence[FalseRun], rules: Rules
) -> int:
    """Returns the number of an area's kind: of its stretches, otherwise of the runs."""
    of_area = rows.filter(pl.col(column).is_in(sorted(cells)))
    if of_area.height:
        return outline_of(*positions_of(of_area), rules=rules).kind
    return min(run.kind for run in shown if run.cell in cells)


def positions_of(evidence: pl.DataFrame, span: tuple[int, int] | None = None) -> tuple[Any, Any]:
    """Returns latitudes and longitudes of the samples of stretches, in degrees.

    Args:
        evidence: Stretches.
        span: First and last second of the samples; all without it.
    """
    columns = ("sample_latitude", "sample_longitude", "sample_second")
    latitude, longitude, second = (evidence[name].explode().to_numpy() for name in columns)
    if span is None:
        return latitude, longitude
    is_in_span = (second >= span[0]) & (second <= span[1])
    return latitude[is_in_span], longitude[is_in_span]


def followed_until(evidence: pl.DataFrame, outline: Outline, last_second: int, rules: Rules) -> int:
    """Returns until when some vessel follows a circle on, though it may be the last one that is shown there.

    No vessel that is there does. One that leaves the circle, or is not heard for a time, may have come afterwards.

    Args:
        evidence: Stretches.
        outline: The shape.
        last_second: Last second in which several vessels are shown on it.
        rules: Rules of the lake's subject.
    """
    if KINDS[outline.kind] != CIRCLE:
        return last_second
    unseen_s = rules.interference_unseen_hours * SECONDS_PER_HOUR
    until = last_second
    for _, of_vessel in evidence.sort("mmsi", "first_second").group_by("mmsi", maintain_order=True):
        latitude, longitude = positions_of(of_vessel)
        second = of_vessel["sample_second"].explode().to_numpy()
        is_break = ~outline.holds(latitude, longitude, rules) | (
            np.diff(second, prepend=second[0]) > unseen_s
        )
        later = np.flatnonzero(second > last_second)
        if later.size and later[0] > 0 and not is_break[later[0] - 1]:
            followed = later[np.cumsum(is_break[later]) == 0]
            until = max([until, *second[followed].tolist()])
    return until


def is_in(column: str, areas: Sequence[CrowdedArea]) -> pl.Expr:
    """Returns whether a column of cells lies in one of the areas; False where it has none."""
    return pl.col(column).is_in(sorted({cell for area in areas for cell in area.cells})).fill_null(False)
