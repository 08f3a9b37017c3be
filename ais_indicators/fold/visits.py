"""Visits and waits of one track, fix by fix (methodology 6). Compiled; called by `fold.kernel`.

A visit's phases as a table; `here` is the port whose area holds the fix. A fix holds a visit if it continues the run of
the visit (`fold.rest`), so that a vessel at rest changes no port; in an anchorage it holds only a vessel at rest.
Beyond P's margin, or where P has no area any more, only an excursion holds.

| phase of the track | fix | next |
|---|---|---|
| in no visit | `here` is a port left less than the merge time ago, no wait since | ACTIVE, next piece of a chain |
| in no visit | `here` is a port | ACTIVE, a new visit |
| ACTIVE at P | inside P, or in no area and within P's margin, or holds the visit | ACTIVE |
| ACTIVE at P | in another port, in an anchorage, or beyond P's margin | EXITED, then as `in no visit` |
| EXITED | the merge time has passed and the track is no stub | settled |
| ACTIVE | the track closes | ENDED_UNSEEN, settled |
"""

from typing import NamedTuple

from ais_indicators.compiled import njit
from ais_indicators.fold.records import ACTIVE, ENDED_UNSEEN, EXITED, NEVER, NOWHERE
from ais_indicators.fold.rest import (
    BROKEN,
    EXCURSION,
    STILL,
    begin_run,
    is_at_rest,
    known_knots,
    rests_at_fix,
    run_seconds,
    step_run,
)
from ais_indicators.fold.sailing import extend_chain, is_call_by_silence, is_call_by_stop, merge_pieces
from ais_indicators.geo.outlines import is_beyond_margin


class Step(NamedTuple):
    """One fix of a track, compared with the track's fix before it.

    Attributes:
        second: Time of the fix.
        silence: Seconds since the fix before, or NEVER.
        km: Distance from it; 0 if `fold.motion.needs_km` says that it does not matter.
        knots: SOG, else the speed made since the fix before, NaN when neither is known.
        knots_before: The same of the fix before, 0 when not known.
        says_rest: Whether the navigational status is `at anchor` or `moored`.
    """

    second: int
    silence: int
    km: float
    knots: float
    knots_before: float
    says_rest: bool


@njit(cache=True, forceinline=True)
def step_visits(ship, slot, here, anchorage, step, outlines, out, rules):  # type: ignore[no-untyped-def]
    """Moves the visits and waits of the track in `slot` on by one fix, which the track already holds.

    Args:
        ship: Workspace of the ship (`fold.kernel.Ship`).
        slot: Which of its tracks.
        here: Port whose area holds the fix, or NOWHERE.
        anchorage: Port whose anchorage holds the fix, or NOWHERE.
        step: The fix, as `Step`.
        outlines: Geometry of the ports.
        out: Where settled visits go (`fold.kernel.Out`).
        rules: `Thresholds`.
    """
    track = ship.tracks[slot]
    active = find_active(ship, slot)
    if active != NOWHERE:
        visit = ship.visits[slot, active]
        before = run_seconds(track)
        state = step_run(track, step, rules.rest_radius_km, rules)
        if _goes_on(visit, track, state, here, anchorage, outlines, rules):
            stay(visit, track, step, state, here, before, rules)
            return
        _leave(ship, slot, visit, step, rules)
    if here != NOWHERE:
        _end_anchorage_stay(ship, slot, rules)
        _enter(ship, slot, here, step, out, rules)
    else:
        _step_anchorage(ship, slot, anchorage, step, rules)


@njit(cache=True, forceinline=True)
def _goes_on(visit, track, state, here, anchorage, outlines, rules):  # type: ignore[no-untyped-def]
    """Returns whether the fix belongs to the visit: by its area, or because it holds a vessel at rest there."""
    if here == visit.port or state == EXCURSION:
        return True
    if here != NOWHERE and state != STILL:
        return False
    if here == NOWHERE and anchorage != NOWHERE and (state != STILL or not is_at_rest(track, rules)):
        return False
    return not is_beyond_margin(outlines, visit.port, track.latitude, track.longitude)


@njit(cache=True, forceinline=True)
def find_active(ship, slot):  # type: ignore[no-untyped-def]
    """Returns the index of the track's ACTIVE visit, or NOWHERE. There is at most one."""
    for index in range(ship.tracks[slot].visits):
        if ship.visits[slot, index].phase == ACTIVE:
            return index
    return NOWHERE


@njit(cache=True, forceinline=True)
def stay(visit, track, step, state, here, run_before, rules):  # type: ignore[no-untyped-def]
    """Adds a fix that continues the visit to it; `run_before` is the length of the track's run before the fix."""
    if step.silence >= rules.gap_seconds:
        visit.gaps += 1
        visit.gap_seconds += step.silence
    visit.longest_silence_seconds = max(visit.longest_silence_seconds, step.silence)
    _take_fix(visit, track, step, state, rules)
    if state == STILL:
        _add_stop(visit, run_before, run_seconds(track), rules)
        if here == visit.port:
            visit.own_still += 1
        elif here != NOWHERE:
            if visit.rival_port == NOWHERE:
                visit.rival_port = here
            if visit.rival_port == here:
                visit.rival_still += 1


@njit(cache=True, forceinline=True)
def _take_fix(visit, track, step, state, rules):  # type: ignore[no-untyped-def]
    visit.last_second, visit.knots_last = step.second, track.knots
    visit.sailed_at_last_km = track.sailed_km
    visit.rests_last = 1 if rests_at_fix(track, step, state, rules) else 0
    visit.rest_fixes += visit.rests_last


@njit(cache=True, forceinline=True)
def _add_stop(visit, before, length, rules):  # type: ignore[no-untyped-def]
    """Takes a run that grew by the fix from `before` to `length` seconds."""
    visit.longest_stop_seconds = max(visit.longest_stop_seconds, length)
    if length >= rules.short_stop_seconds:
        visit.stop_seconds += length
        if before >= rules.short_stop_seconds:
            visit.stop_seconds -= before


@njit(cache=True)
def _leave(ship, slot, visit, step, rules):  # type: ignore[no-untyped-def]
    track = ship.tracks[slot]
    visit.phase = EXITED
    visit.departed_second = step.second
    visit.exit_silence_seconds, visit.exit_km, visit.knots_after = step.silence, step.km, track.knots
    visit.sailed_at_exit_km = track.sailed_km
    visit.longest_silence_seconds = max(visit.longest_silence_seconds, step.silence)
    if visit.pieces > 1:
        ship.merged[0] = visit
        visit = ship.merged[0]
        merge_pieces(visit)
    if is_call_by_stop(visit, rules.min_stop_seconds) or is_call_by_silence(
        visit, rules.min_stop_seconds, rules
    ):
        track.waits = 0


@njit(cache=True)
def _enter(ship, slot, port, step, out, rules):  # type: ignore[no-untyped-def]
    track = ship.tracks[slot]
    begin_run(track, step.second)
    index = _find_chain(ship, slot, port, step.second, rules)
    if index == NOWHERE:
        index = track.visits
        track.visits += 1
        visit = ship.visits[slot, index]
        visit.track_id, visit.mmsi, visit.port = track.track_id, track.mmsi, port
        visit.pieces, visit.goes_on, visit.settled_second = 1, 0, NEVER
    else:
        visit = ship.visits[slot, index]
        visit.goes_on = 1
        _give_out_visit(visit, step.second, out)
        visit.goes_on = 0
        extend_chain(visit)
        visit.pieces += 1
    _begin_piece(visit, track, step)
    visit.waiting_seconds = _waited(ship, slot, port, step.second, rules)
    _take_fix(visit, track, step, BROKEN, rules)


@njit(cache=True)
def _find_chain(ship, slot, port, second, rules):  # type: ignore[no-untyped-def]
    """Returns the index of the visit that a new one at the port continues, or NOWHERE: left recently, no wait since."""
    for index in range(ship.tracks[slot].visits - 1, -1, -1):
        visit = ship.visits[slot, index]
        if visit.port != port or second - visit.departed_second >= rules.merge_visits_seconds:
            continue
        for waits in range(ship.tracks[slot].waits):
            if ship.waits[slot, waits].last_end > visit.departed_second:
                return NOWHERE
        return index
    return NOWHERE


@njit(cache=True)
def _begin_piece(visit, track, step):  # type: ignore[no-untyped-def]
    """Begins a visit with the fix that the track holds."""
    is_seen = step.silence != NEVER
    visit.phase = ACTIVE
    visit.first_second = step.second
    visit.arrived_second = step.second if is_seen else NEVER
    visit.entry_silence_seconds = step.silence if is_seen else 0
    visit.entry_km = step.km if is_seen else 0.0
    visit.knots_before = step.knots_before if is_seen else 0.0
    visit.knots_first = known_knots(step.knots)
    visit.sailed_at_entry_km, visit.sailed_at_exit_km = track.sailed_km, track.sailed_km
    visit.longest_silence_seconds = visit.entry_silence_seconds
    visit.stop_seconds, visit.longest_stop_seconds, visit.gaps, visit.gap_seconds = 0, 0, 0, 0
    visit.rest_fixes, visit.own_still, visit.rival_port, visit.rival_still = 0, 0, NOWHERE, 0
    visit.departed_second, visit.exit_silence_seconds = NEVER, 0
    visit.exit_km, visit.knots_after = 0.0, 0.0


@njit(cache=True)
def _waited(ship, slot, port, second, rules):  # type: ignore[no-untyped-def]
    for index in range(ship.tracks[slot].waits):
        wait = ship.waits[slot, index]
        if wait.port == port and second - wait.last_end <= rules.max_waiting_before_entry_seconds:
            return wait.seconds
    return 0


@njit(cache=True, forceinline=True)
def _step_anchorage(ship, slot, port, step, rules):  # type: ignore[no-untyped-def]
    track = ship.tracks[slot]
    if port != track.anchorage_port:
        _end_anchorage_stay(ship, slot, rules)
        track.anchorage_port = port
        begin_run(track, step.second)
    elif port != NOWHERE:
        lie_at_anchorage(ship, slot, step, rules)


@njit(cache=True, forceinline=True)
def lie_at_anchorage(ship, slot, step, rules):  # type: ignore[no-untyped-def]
    """Adds a fix in the same anchorage to the stay there; a run that it ends may have been a wait."""
    track = ship.tracks[slot]
    since, near = track.run_since, track.run_near
    if step_run(track, step, rules.anchor_radius_km, rules) == BROKEN:
        _remember_wait(ship, slot, track.anchorage_port, since, near, rules)


@njit(cache=True)
def _end_anchorage_stay(ship, slot, rules):  # type: ignore[no-untyped-def]
    track = ship.tracks[slot]
    if track.anchorage_port != NOWHERE:
        _remember_wait(ship, slot, track.anchorage_port, track.run_since, track.run_near, rules)
    track.anchorage_port = NOWHERE


@njit(cache=True)
def _remember_wait(ship, slot, port, begin, end, rules):  # type: ignore[no-untyped-def]
    if end - begin < rules.min_stop_seconds:
        return
    track = ship.tracks[slot]
    oldest = 0
    for index in range(track.waits):
        wait = ship.waits[slot, index]
        if wait.port == port:
            wait.seconds += end - begin
            wait.last_end = end
            return
        if wait.last_end < ship.waits[slot, oldest].last_end:
            oldest = index
    if track.waits < rules.max_waiting_ports:
        oldest = track.waits
        track.waits += 1
    wait = ship.waits[slot, oldest]
    wait.port, wait.seconds, wait.last_end = port, end - begin, end


@njit(cache=True)
def settle_visits(ship, slot, until, third_fix_second, out, rules):  # type: ignore[no-untyped-def]
    """Writes the EXITED visits that can no longer change by the second `until`.

    A stub's visits wait for its third fix, which may come at `third_fix_second` (else NEVER). Where there is no
    room for one more visit, the oldest EXITED one is settled at once.
    """
    track = ship.tracks[slot]
    if track.visits == 0 or track.fixes < rules.min_track_fixes:
        return
    kept = 0
    for index in range(track.visits):
        visit = ship.visits[slot, index]
        final = max(visit.departed_second + rules.merge_visits_seconds, third_fix_second)
        if visit.phase == EXITED and final <= until:
            _give_out_visit(visit, final, out)
        else:
            ship.visits[slot, kept] = visit
            kept += 1
    track.visits = kept


@njit(cache=True)
def make_room(ship, slot, second, out, rules):  # type: ignore[no-untyped-def]
    """Settles the oldest EXITED visit when the workspace of the track is full."""
    track = ship.tracks[slot]
    if track.visits < rules.max_unsettled_visits:
        return
    dropped = 1 if ship.visits[slot, 0].phase == ACTIVE else 0
    if track.fixes >= rules.min_track_fixes:
        _give_out_visit(ship.visits[slot, dropped], second, out)
    for index in range(dropped + 1, track.visits):
        ship.visits[slot, index - 1] = ship.visits[slot, index]
    track.visits -= 1


@njit(cache=True)
def end_visits(ship, slot, closed_second, out, rules):  # type: ignore[no-untyped-def]
    """Writes every visit of a track that closes; a stub's visits are not events."""
    track = ship.tracks[slot]
    if track.fixes >= rules.min_track_fixes:
        for index in range(track.visits):
            visit = ship.visits[slot, index]
            final = closed_second
            if visit.phase == EXITED:
                final = min(closed_second, visit.departed_second + rules.merge_visits_seconds)
            else:
                visit.phase = ENDED_UNSEEN
            _give_out_visit(visit, final, out)
    track.visits = 0


@njit(cache=True)
def _give_out_visit(visit, settled_second, out):  # type: ignore[no-untyped-def]
    visit.settled_second = settled_second
    count = out.counts[0]
    out.visits[count.visits] = visit
    count.visits += 1
