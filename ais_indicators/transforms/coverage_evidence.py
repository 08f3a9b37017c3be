"""Outage or fewer vessels: what the vessels and the cells around say of hours with too few messages.

Receivers that fail cut off the vessels that were there: they fall silent together. Vessels that stay away from a closed
strait, or sail on, do not. So a run of low hours is an outage only where vessels fell silent in it, where the vessels
are there with hardly a message, or where it goes on with an outage of the week before. An hour without such evidence
was heard where the receivers show that they work. Source: methodology 8, point 5.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import h3.api.numpy_int as h3
import numpy as np
import polars as pl
from numpy.typing import NDArray

from ais_indicators.periods import Week
from ais_indicators.rules import Rules
from ais_indicators.units import SECONDS_PER_HOUR

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

_FEED: Final = 0
"""Area of the feed as a unit, which has no neighbours."""


@dataclass(frozen=True)
class Heard:
    """What was heard of each area in each hour and what is usual, shape (areas, 168) each.

    Attributes:
        messages: Messages.
        vessels: Vessels that sent them.
        usual_messages: Median of the baseline; not a number without one.
        usual_vessels: The same of vessels.
        can: Whether the hour can be assessed.
        is_low: Assessed hours with too few messages.
        is_quiet: Hours that cannot be assessed with as few.
        goes_on: Whether the area was in an outage when the week before ended, shape (areas,).
    """

    messages: Floats
    vessels: Floats
    usual_messages: Floats
    usual_vessels: Floats
    can: Bools
    is_low: Bools
    is_quiet: Bools
    goes_on: Bools


@dataclass(frozen=True)
class Begins:
    """When vessels fell silent in each area, in hours since the week's begin, in order.

    Attributes:
        stayed: Of vessels that stayed in their cell.
        every: Of all vessels.
    """

    stayed: Sequence[Floats]
    every: Sequence[Floats]


def begins_of_silences(
    silences: pl.DataFrame, levels: Sequence[pl.Series], areas: NDArray[np.int64], week: Week
) -> Begins:
    """Lists when vessels fell silent in each area.

    Args:
        silences: Rows of `silver.silences`.
        levels: The areas that hold the cell of each row, one series a level.
        areas: The areas to list, in order.
        week: The week.
    """
    hours = (silences["silent_from_utc"] - week.start).dt.total_seconds().to_numpy() / SECONDS_PER_HOUR
    stayed = silences["stayed"].to_numpy()
    values = [level.to_numpy() for level in levels]
    return Begins(
        _by_area([(level[stayed], hours[stayed]) for level in values], areas),
        _by_area([(level, hours) for level in values], areas),
    )


def _by_area(
    levels: Sequence[tuple[NDArray[np.int64], Floats]], areas: NDArray[np.int64]
) -> Sequence[Floats]:
    of_area: dict[int, list[Floats]] = {}
    for values, hours in levels:
        order = np.lexsort((hours, values))
        names, first = np.unique(values[order], return_index=True)
        for name, part in zip(names.tolist(), np.split(hours[order], first[1:]), strict=False):
            of_area.setdefault(name, []).append(part)
    return [np.sort(np.concatenate(of_area.get(area, [np.zeros(0)]))) for area in areas.tolist()]


def outage_and_observed(
    heard: Heard, begins: Begins, areas: NDArray[np.int64], rules: Rules
) -> tuple[Bools, Bools]:
    """Finds which low hours are of an outage, and which were observed though little was heard.

    Where few vessels are usual, a run of low hours is an outage if vessels that stayed fell silent at its begin. Where
    more are usual, it is one from the hour on in which a share of them fell silent. Hours that cannot be assessed do
    not end a run, and a break of an hour does not end an outage.
    """
    outage, observed = np.zeros_like(heard.is_low), np.zeros_like(heard.is_low)
    sure, lead = float(rules.coverage_sure_vessels), rules.coverage_silence_lead_hours
    for area in np.flatnonzero(heard.is_low.any(axis=1)).tolist():
        out_until = 0 if heard.goes_on[area] else None
        for first, end in runs(heard.is_low[area] | heard.is_quiet[area]):
            low = first + np.flatnonzero(heard.is_low[area, first:end])
            if low.size == 0:
                continue
            many = np.nanmax(heard.usual_vessels[area, low]) >= sure
            goes_on = out_until is not None and first - out_until <= lead
            begin = first if goes_on else _outage_begin(heard, begins, area, low, many, rules)
            if begin is not None:
                outage[area, first if begin == low[0] else begin : end] = True
                out_until = end
            if many:
                observed[area, low] = True
        if observed[area].any():
            observed[area] &= _shows_observed(heard, areas, area, rules)
    return outage, observed & ~outage


def _outage_begin(
    heard: Heard, begins: Begins, area: int, low: NDArray[np.int64], many: bool, rules: Rules
) -> int | None:
    """Returns the first of a run's low hours from which on it is an outage; None if it is none."""
    lead = rules.coverage_silence_lead_hours
    if not many:
        near = np.array([low[0] - lead, low[0] + lead])
        return int(low[0]) if np.diff(np.searchsorted(begins.stayed[area], near))[0] > 0 else None
    usual = heard.usual_vessels[area, low]
    if heard.vessels[area, low].mean() >= rules.coverage_thinned_vessel_share * usual.mean():
        return int(low[0])
    fell_silent = np.searchsorted(begins.every[area], low + lead) - np.searchsorted(
        begins.every[area], low - lead
    )
    enough = fell_silent >= np.maximum(rules.coverage_silent_vessel_share * usual, 1.0)
    return int(low[np.argmax(enough)]) if enough.any() else None


def _shows_observed(heard: Heard, areas: NDArray[np.int64], area: int, rules: Rules) -> Bools:
    """Returns whether receivers show in each hour that they work, shape (168,).

    A vessel of the area sends about as many messages as is usual for one, or most of the cells around that can be
    assessed are heard.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        usual_rate = heard.usual_messages[area] / heard.usual_vessels[area]
        rate = heard.messages[area] / heard.vessels[area]
        sends_as_usual = rate >= rules.coverage_thinned_vessel_share * usual_rate
    around = _neighbours(areas, area)
    assessed = heard.can[around]
    is_heard = (assessed & ~heard.is_low[around]).sum(axis=0)
    shows: Bools = sends_as_usual | (2 * is_heard > assessed.sum(axis=0))
    return shows


def _neighbours(areas: NDArray[np.int64], area: int) -> NDArray[np.int64]:
    """Places of the areas next to one, of those of which anything was heard."""
    if areas[area] == _FEED:
        return np.zeros(0, np.int64)
    ring = np.asarray(h3.grid_disk(int(areas[area]), 1), np.int64)
    found = np.flatnonzero(np.isin(areas, ring))
    return np.asarray(found[found != area])


def runs(flags: NDArray[Any]) -> list[tuple[int, int]]:
    """Returns the first and one past the last place of each run of true values."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
