"""Folds one day of one ship bucket, or one week's end, into the carried state."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ais_indicators.fold.kernel import Fixes, Out, Ship, Verdicts, fold_fixes, new_ship, settle_until
from ais_indicators.fold.records import (
    COUNTS,
    STRAIT,
    TRACK,
    TRANSIT,
    VISIT,
    WAIT,
    Carried,
    Records,
    Settled,
    Thresholds,
)
from ais_indicators.geo.outlines import Outlines
from ais_indicators.geo.strait_ways import StraitWays


@dataclass(frozen=True)
class FoldedDay:
    """What one day gave.

    Attributes:
        carried: State after the day.
        settled: Tracks, visits and transits that became final.
        verdicts: One per fix.
    """

    carried: Carried
    settled: Settled
    verdicts: Verdicts


def fold_day(
    fixes: Fixes, carried: Carried, outlines: Outlines, ways: StraitWays, thresholds: Thresholds
) -> FoldedDay:
    """Folds the fixes of one UTC day and ship bucket.

    Args:
        fixes: In the method's order (`fold.order.method_order`).
        carried: State before the day.
        outlines: Geometry of the ports valid on the day.
        ways: Ways by sea round its straits.
        thresholds: Thresholds of the method.
    """
    rows = fixes.mmsi.size
    verdicts = Verdicts(np.zeros(rows, np.int8), np.zeros(rows, np.int64), np.zeros(rows, np.int64))
    out = _room_for(carried, rows, thresholds)
    fold_fixes(fixes, carried, _workspace(thresholds), out, verdicts, outlines, ways, thresholds)
    return FoldedDay(_carried(out), _settled(out), verdicts)


def fold_week_end(carried: Carried, end_second: int, thresholds: Thresholds) -> tuple[Carried, Settled]:
    """Settles what is final before a week's end though no fix said so."""
    out = _room_for(carried, 0, thresholds)
    settle_until(end_second, carried, _workspace(thresholds), out, thresholds)
    return _carried(out), _settled(out)


def visits_of_full_tracks(carried: Carried, thresholds: Thresholds) -> NDArray[np.void]:
    """Returns the unsettled visits of the tracks that are no stubs: the ones that count as events so far."""
    is_full = carried.tracks["fixes"] >= thresholds.min_track_fixes
    return carried.visits[np.repeat(is_full, carried.tracks["visits"])]


def _workspace(thresholds: Thresholds) -> Ship:
    return new_ship(
        thresholds.max_open_tracks,
        thresholds.max_unsettled_visits,
        thresholds.max_waiting_ports,
        thresholds.max_remembered_gates,
    )


def _room_for(carried: Carried, rows: int, thresholds: Thresholds) -> Out:
    """Output arrays that no input can overrun; untouched pages cost nothing."""
    tracks = carried.tracks.size + rows
    visits = carried.visits.size + rows
    waits = min(tracks * thresholds.max_waiting_ports, carried.waits.size + 2 * rows)
    straits = carried.straits.size + rows * (1 + thresholds.max_remembered_gates)
    return Out(
        np.empty(tracks, TRACK),
        np.empty(visits, VISIT),
        np.empty(tracks, TRACK),
        np.empty(visits, VISIT),
        np.empty(waits, WAIT),
        np.empty(straits, TRANSIT),
        np.empty(straits, STRAIT),
        np.zeros(1, COUNTS),
    )


def _carried(out: Out) -> Carried:
    return Carried(*(_filled(out, f"carried_{name}") for name in Carried._fields))


def _settled(out: Out) -> Settled:
    return Settled(*(_filled(out, name) for name in Settled._fields))


def _filled(out: Out, name: str) -> Records:
    array: Records = getattr(out, name)
    return array[: out.counts[name][0]].copy()
