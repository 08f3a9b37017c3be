"""Tracks: which fix belongs to which physical ship (methodology 5). Compiled, plain arrays in and out.

The rows of one ship bucket and one day come in the method's order, so any shuffle of the input gives the same
result; the carried state makes days, weeks and batches invisible.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ais_indicators.compiled import njit
from ais_indicators.fold.motion import is_too_fast, move_track
from ais_indicators.fold.records import (
    CONFLICTING,
    DUPLICATE,
    FOREVER,
    NEVER,
    NOWHERE,
    STRAIT,
    TOO_FAST,
    TRACK,
    VISIT,
    WAIT,
    Records,
)
from ais_indicators.fold.steady import accept, reject, repeats_previous_row, take_steady_fixes
from ais_indicators.fold.transits import end_transits, settle_transits, step_transits
from ais_indicators.fold.unseen_straits import infer_transits
from ais_indicators.fold.visits import Step, end_visits, find_active, make_room, settle_visits, step_visits
from ais_indicators.geo.distance import great_circle_km
from ais_indicators.hashing import GOLDEN_RATIO, spread_bits

COORDINATE_STEPS = 1e7
"""Steps a degree with which a coordinate enters a track's identifier."""
_spread = njit("uint64(uint64)", cache=True)(spread_bits)


class Fixes(NamedTuple):
    """The fixes of one ship bucket and day in the method's order, one element per fix.

    `says_rest` is whether the navigational status is `at anchor` or `moored`; `gate` as `GateIndex.match`.
    """

    mmsi: NDArray[np.int64]
    second: NDArray[np.int64]
    latitude: NDArray[np.float64]
    longitude: NDArray[np.float64]
    sog_knots: NDArray[np.float64]
    says_rest: NDArray[np.bool_]
    port: NDArray[np.int32]
    anchorage: NDArray[np.int32]
    gate: NDArray[np.int32]


class Verdicts(NamedTuple):
    """What became of each fix.

    Attributes:
        code: ACCEPTED or a code of REJECT_REASONS.
        track_id: Track that took it, 0 when rejected.
        seconds_since_previous: Seconds since the track's previous fix, NEVER for its first.
    """

    code: NDArray[np.int8]
    track_id: NDArray[np.int64]
    seconds_since_previous: NDArray[np.int64]


class Ship(NamedTuple):
    """Workspace of one MMSI: its open tracks by slot, and for each their visits, waits and straits.

    `merged` has room for one visit that is put together.
    """

    tracks: Records
    visits: Records
    waits: Records
    straits: Records
    is_open: NDArray[np.bool_]
    merged: Records


class Out(NamedTuple):
    """Growing output: what settled, then the state, with the number of each in the one element of `counts`."""

    tracks: Records
    visits: Records
    carried_tracks: Records
    carried_visits: Records
    carried_waits: Records
    transits: Records
    carried_straits: Records
    counts: Records


def new_ship(max_open_tracks: int, max_visits: int, max_waits: int, max_straits: int) -> Ship:
    """Makes an empty workspace."""
    return Ship(
        np.zeros(max_open_tracks, TRACK),
        np.zeros((max_open_tracks, max_visits + 1), VISIT),
        np.zeros((max_open_tracks, max_waits), WAIT),
        np.zeros((max_open_tracks, max_straits), STRAIT),
        np.zeros(max_open_tracks, np.bool_),
        np.zeros(1, VISIT),
    )


@njit(cache=True)
def fold_fixes(fixes, carried, ship, out, verdicts, outlines, ways, rules):  # type: ignore[no-untyped-def]
    """Folds one day's fixes of one ship bucket into the carried state.

    Args:
        fixes: `Fixes` in the method's order.
        carried: `Carried`: tracks by MMSI and age, and what belongs to them in the same order.
        ship: Empty workspace.
        out: Where settled and carried elements go.
        verdicts: Filled for each fix.
        outlines: Geometry of the ports.
        ways: Ways by sea round the straits (`StraitWays`).
        rules: `Thresholds`.
    """
    cursor = np.zeros(4, np.int64)
    index = 0
    while index < fixes.mmsi.size:
        mmsi = fixes.mmsi[index]
        _carry_silent_ships(mmsi, carried, cursor, out)
        _load_ship(mmsi, carried, cursor, ship)
        while index < fixes.mmsi.size and fixes.mmsi[index] == mmsi:
            slot = _take_fix(fixes, index, ship, out, verdicts, outlines, ways, rules)
            index += 1
            if slot != NOWHERE:
                index = take_steady_fixes(fixes, index, ship, slot, verdicts, outlines, rules)
        _store_ship(ship, out)
    _carry_silent_ships(FOREVER, carried, cursor, out)


@njit(cache=True)
def settle_until(end_second, carried, ship, out, rules):  # type: ignore[no-untyped-def]
    """Closes the tracks and settles the visits and transits that are final before `end_second`, without a fix."""
    cursor = np.zeros(4, np.int64)
    while cursor[0] < carried.tracks.size:
        _load_ship(carried.tracks[cursor[0]].mmsi, carried, cursor, ship)
        for slot in range(ship.tracks.size):
            if ship.is_open[slot]:
                _close_if_silent(ship, slot, end_second - 1, out, rules)
            if ship.is_open[slot]:
                settle_visits(ship, slot, end_second - 1, NEVER, out, rules)
                settle_transits(ship, slot, end_second - 1, out, rules)
        _store_ship(ship, out)


@njit(cache=True, forceinline=True)
def _take_fix(fixes, index, ship, out, verdicts, outlines, ways, rules):  # type: ignore[no-untyped-def]
    """Returns the fix to a track and returns its slot, or NOWHERE when the fix is rejected."""
    second, latitude, longitude = fixes.second[index], fixes.latitude[index], fixes.longitude[index]
    if repeats_previous_row(fixes, index):
        reject(verdicts, index, DUPLICATE)
        return NOWHERE
    for slot in range(ship.tracks.size):
        if ship.is_open[slot]:
            _close_if_silent(ship, slot, second, out, rules)
    slot, moved_km = _find_track(ship, second, latitude, longitude, rules)
    if slot == ship.tracks.size:
        reject(verdicts, index, CONFLICTING)
        return NOWHERE
    if slot == NOWHERE:
        slot, moved_km = _open_track(ship, fixes, index, out, rules), 0.0
    if slot == NOWHERE:
        reject(verdicts, index, TOO_FAST)
        return NOWHERE
    track = ship.tracks[slot]
    before = (track.latitude, track.longitude, track.knots)
    silence, knots = move_track(track, second, latitude, longitude, moved_km, fixes.sog_knots[index], rules)
    accept(verdicts, index, track.track_id, silence)
    if track.visits > 0:
        third = second if track.fixes == rules.min_track_fixes else NEVER
        settle_visits(ship, slot, second, third, out, rules)
        make_room(ship, slot, second, out, rules)
    step = Step(second, silence, moved_km, knots, before[2], fixes.says_rest[index])
    step_visits(ship, slot, fixes.port[index], fixes.anchorage[index], step, outlines, out, rules)
    if silence >= rules.unseen_passage_seconds:
        leap = (before[0], before[1], max(before[2], track.knots))
        infer_transits(ship, slot, leap, fixes.gate[index], second, silence, ways, out, rules)
    if fixes.gate[index] != NOWHERE or (track.straits > 0 and second >= track.straits_due):
        step_transits(ship, slot, fixes.gate[index], second, silence, knots, out, rules)
    return slot


@njit(cache=True, forceinline=True)
def _find_track(ship, second, latitude, longitude, rules):  # type: ignore[no-untyped-def]
    """Returns the slot of the track that takes the fix, NOWHERE, or the number of slots on a conflict; and its move.

    Of those that can take it a stub comes last: a message with a wrong time lies where the ship was or will be, and
    the nearest track would be that one. First come tracks that were heard here lately: where one ship has become two
    tracks, it would else leave a bit of itself at each berth, and go over to it whenever it comes back. Then the
    nearest, then the oldest.
    """
    best, best_rank = NOWHERE, (True, True, np.inf, np.int64(0))
    for slot in range(ship.tracks.size):
        if not ship.is_open[slot]:
            continue
        track = ship.tracks[slot]
        km = great_circle_km(track.latitude, track.longitude, latitude, longitude)
        if track.last_second == second:
            if km <= rules.same_place_km:
                return ship.tracks.size, 0.0
            continue
        if is_too_fast(km, second - track.last_second, rules):
            continue
        is_stub = track.fixes < rules.min_track_fixes
        is_elsewhere = km > rules.same_place_km or second - track.last_second >= rules.stale_track_seconds
        rank = (is_stub, is_elsewhere, km, track.opened)
        if best == NOWHERE or rank < best_rank:
            best, best_rank = slot, rank
    return best, best_rank[2]


@njit(cache=True)
def _open_track(ship, fixes, index, out, rules):  # type: ignore[no-untyped-def]
    slot, opened = NOWHERE, np.int64(0)
    for other in range(ship.tracks.size):
        if ship.is_open[other]:
            opened = max(opened, ship.tracks[other].opened + 1)
        elif slot == NOWHERE:
            slot = other
    if slot == NOWHERE:
        slot = _find_stub(ship, rules)
        if slot == NOWHERE:
            return NOWHERE
        _close_track(ship, slot, fixes.second[index], out, rules)
    track = ship.tracks[slot]
    ship.is_open[slot] = True
    track.track_id = make_track_id(
        fixes.mmsi[index], fixes.second[index], fixes.latitude[index], fixes.longitude[index]
    )
    track.mmsi, track.opened = fixes.mmsi[index], opened
    track.first_second, track.last_second = fixes.second[index], NEVER
    track.latitude, track.longitude = fixes.latitude[index], fixes.longitude[index]
    track.fixes, track.gaps, track.visits, track.waits, track.straits = 0, 0, 0, 0, 0
    track.anchorage_port, track.run_since, track.run_near, track.run_second = NOWHERE, NEVER, NEVER, NEVER
    track.run_latitude, track.run_longitude = 0.0, 0.0
    track.straits_due, track.settled_second = NEVER, NEVER
    track.sailed_km, track.knots = 0.0, 0.0
    return slot


@njit(cache=True)
def _find_stub(ship, rules):  # type: ignore[no-untyped-def]
    """Returns the slot of the stub that gives way: the fewest fixes, then the longest silent, then the oldest."""
    best = NOWHERE
    for slot in range(ship.tracks.size):
        track = ship.tracks[slot]
        if track.fixes >= rules.min_track_fixes:
            continue
        if best == NOWHERE or (track.fixes, track.last_second, track.opened) < (
            ship.tracks[best].fixes,
            ship.tracks[best].last_second,
            ship.tracks[best].opened,
        ):
            best = slot
    return best


@njit(cache=True, forceinline=True)
def _close_if_silent(ship, slot, second, out, rules):  # type: ignore[no-untyped-def]
    track = ship.tracks[slot]
    silence = second - track.last_second
    if silence <= rules.track_silence_seconds:
        return
    limit = rules.track_silence_seconds
    if find_active(ship, slot) != NOWHERE:
        limit = rules.track_silence_in_port_seconds
    if silence > limit:
        _close_track(ship, slot, track.last_second + limit + 1, out, rules)


@njit(cache=True)
def _close_track(ship, slot, closed_second, out, rules):  # type: ignore[no-untyped-def]
    end_visits(ship, slot, closed_second, out, rules)
    end_transits(ship, slot, out, rules)
    track = ship.tracks[slot]
    track.settled_second = closed_second
    count = out.counts[0]
    out.tracks[count.tracks] = track
    count.tracks += 1
    ship.is_open[slot] = False


@njit(cache=True)
def _load_ship(mmsi, carried, cursor, ship):  # type: ignore[no-untyped-def]
    """Takes the carried tracks of one MMSI, with all that belongs to them, into the workspace."""
    slot = 0
    while cursor[0] < carried.tracks.size and carried.tracks[cursor[0]].mmsi == mmsi:
        track = carried.tracks[cursor[0]]
        ship.tracks[slot] = track
        ship.is_open[slot] = True
        for index in range(track.visits):
            ship.visits[slot, index] = carried.visits[cursor[1] + index]
        for index in range(track.waits):
            ship.waits[slot, index] = carried.waits[cursor[2] + index]
        for index in range(track.straits):
            ship.straits[slot, index] = carried.straits[cursor[3] + index]
        _move_cursor(cursor, track)
        slot += 1
    for empty in range(slot, ship.tracks.size):
        ship.is_open[empty] = False


@njit(cache=True, forceinline=True)
def _move_cursor(cursor, track):  # type: ignore[no-untyped-def]
    cursor[0] += 1
    cursor[1] += track.visits
    cursor[2] += track.waits
    cursor[3] += track.straits


@njit(cache=True)
def _store_ship(ship, out):  # type: ignore[no-untyped-def]
    """Appends the workspace's open tracks to the carried state, the oldest first."""
    for _ in range(ship.tracks.size):
        first = NOWHERE
        for slot in range(ship.tracks.size):
            if ship.is_open[slot] and (
                first == NOWHERE or ship.tracks[slot].opened < ship.tracks[first].opened
            ):
                first = slot
        if first == NOWHERE:
            return
        ship.is_open[first] = False
        _carry_track(ship.tracks[first], ship.visits[first], ship.waits[first], ship.straits[first], out)


@njit(cache=True)
def _carry_silent_ships(before_mmsi, carried, cursor, out):  # type: ignore[no-untyped-def]
    """Copies the carried tracks of ships that sent nothing today."""
    while cursor[0] < carried.tracks.size and carried.tracks[cursor[0]].mmsi < before_mmsi:
        track = carried.tracks[cursor[0]]
        visits, waits = carried.visits[cursor[1] :], carried.waits[cursor[2] :]
        _carry_track(track, visits, waits, carried.straits[cursor[3] :], out)
        _move_cursor(cursor, track)


@njit(cache=True, forceinline=True)
def _carry_track(track, visits, waits, straits, out):  # type: ignore[no-untyped-def]
    """Appends a track, and the first of the elements given as many as belong to it, to the carried state."""
    count = out.counts[0]
    out.carried_tracks[count.carried_tracks] = track
    count.carried_tracks += 1
    for index in range(track.visits):
        out.carried_visits[count.carried_visits] = visits[index]
        count.carried_visits += 1
    for index in range(track.waits):
        out.carried_waits[count.carried_waits] = waits[index]
        count.carried_waits += 1
    for index in range(track.straits):
        out.carried_straits[count.carried_straits] = straits[index]
        count.carried_straits += 1


@njit(cache=True)
def make_track_id(mmsi, second, latitude, longitude):  # type: ignore[no-untyped-def]
    """Returns the identifier of the track that begins with this fix: a 63-bit hash of its content."""
    mixed = _spread(np.uint64(mmsi) + GOLDEN_RATIO)
    mixed = _spread((mixed ^ np.uint64(second)) + GOLDEN_RATIO)
    mixed = _spread((mixed ^ np.uint64(np.int64(np.round(latitude * COORDINATE_STEPS)))) + GOLDEN_RATIO)
    mixed = _spread((mixed ^ np.uint64(np.int64(np.round(longitude * COORDINATE_STEPS)))) + GOLDEN_RATIO)
    return np.int64(mixed >> np.uint64(1))
