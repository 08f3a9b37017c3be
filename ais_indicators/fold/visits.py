"""Stops, waits and visits of one track, fix by fix (methodology 5). Compiled; called by `fold.kernel`.

A visit's phases as a table; `here` is the port whose area holds the fix:

| phase of the track | fix | next |
|---|---|---|
| in no visit | `here` is a port left less than the merge time ago | ACTIVE again, the same visit |
| in no visit | `here` is a port | ACTIVE, a new visit |
| ACTIVE at P | inside P, or in no port and within P's margin | ACTIVE |
| ACTIVE at P | in another port, or beyond P's margin | EXITED, then as `in no visit` |
| EXITED | the merge time has passed and the track is no stub | settled |
| ACTIVE | the track closes | ENDED_UNSEEN, settled |
"""

from ais_indicators.compiled import njit
from ais_indicators.fold.records import ACTIVE, ENDED_UNSEEN, EXITED, NEVER, NOWHERE
from ais_indicators.geo.outlines import is_beyond_margin


@njit(cache=True, forceinline=True)
def step_visits(ship, slot, here, anchorage, second, silence, knots, outlines, rules):  # type: ignore[no-untyped-def]
    """Moves the visits and waits of the track in `slot` on by one fix, which the track already holds.

    Args:
        ship: Workspace of the ship (`fold.kernel.Ship`).
        slot: Which of its tracks.
        here: Port whose area holds the fix, or NOWHERE.
        anchorage: Port whose anchorage holds the fix, or NOWHERE.
        second: Time of the fix.
        silence: Seconds since the track's previous fix, or NEVER.
        knots: Speed that decides stops, NaN when unknown.
        outlines: Geometry of the ports.
        rules: `Thresholds`.
    """
    track = ship.tracks[slot]
    active = find_active(ship, slot)
    if active != NOWHERE:
        visit = ship.visits[slot, active]
        if here == visit.port or (
            here == NOWHERE and not is_beyond_margin(outlines, visit.port, track.latitude, track.longitude)
        ):
            stay(visit, second, silence, knots, rules)
            return
        _leave(ship, slot, visit, second, silence, rules)
    if here != NOWHERE:
        _end_anchorage_stop(ship, slot, rules)
        _enter(ship, slot, here, second, silence, knots, rules)
    else:
        _step_anchorage(ship, slot, anchorage, second, knots, rules)


@njit(cache=True, forceinline=True)
def find_active(ship, slot):  # type: ignore[no-untyped-def]
    """Index of the track's ACTIVE visit, or NOWHERE. There is at most one."""
    for index in range(ship.tracks[slot].visits):
        if ship.visits[slot, index].phase == ACTIVE:
            return index
    return NOWHERE


@njit(cache=True, forceinline=True)
def longest_stop(visit):  # type: ignore[no-untyped-def]
    """Seconds of the longest stop; one that still runs lasts to the visit's last fix."""
    if visit.stop_since == NEVER:
        return visit.longest_stop_seconds
    return max(visit.longest_stop_seconds, visit.last_second - visit.stop_since)


@njit(cache=True, forceinline=True)
def stay(visit, second, silence, knots, rules):  # type: ignore[no-untyped-def]
    """Adds a fix at the visit's port to the visit."""
    if silence >= rules.gap_seconds:
        visit.gaps += 1
        visit.gap_seconds += silence
    _take_speed(visit, second, knots, rules)


@njit(cache=True, forceinline=True)
def _take_speed(visit, second, knots, rules):  # type: ignore[no-untyped-def]
    visit.last_second = second
    if visit.stop_since == NEVER:
        if knots < rules.stop_below_knots:
            visit.stop_since = second
    elif knots > rules.stop_ends_above_knots:
        length = second - visit.stop_since
        visit.stop_seconds += length
        visit.longest_stop_seconds = max(visit.longest_stop_seconds, length)
        visit.stop_since = NEVER


@njit(cache=True)
def _leave(ship, slot, visit, second, silence, rules):  # type: ignore[no-untyped-def]
    visit.phase = EXITED
    visit.departed_second = second
    visit.exit_silence_seconds = silence if silence >= rules.gap_seconds else 0
    visit.sailed_at_exit_km = ship.tracks[slot].sailed_km
    if longest_stop(visit) >= rules.min_stop_seconds or visit.gaps > 0:
        ship.tracks[slot].waits = 0


@njit(cache=True)
def _enter(ship, slot, port, second, silence, knots, rules):  # type: ignore[no-untyped-def]
    track = ship.tracks[slot]
    for index in range(track.visits - 1, -1, -1):
        visit = ship.visits[slot, index]
        if visit.port == port and second - visit.departed_second < rules.merge_visits_seconds:
            visit.phase = ACTIVE
            visit.departed_second = NEVER
            visit.exit_silence_seconds = 0
            _take_speed(visit, second, knots, rules)
            return
    visit = ship.visits[slot, track.visits]
    track.visits += 1
    visit.track_id, visit.mmsi, visit.port, visit.phase = track.track_id, track.mmsi, port, ACTIVE
    visit.first_second = second
    visit.arrived_second = NEVER if silence == NEVER else second
    visit.entry_silence_seconds = silence if silence >= rules.gap_seconds else 0
    visit.departed_second, visit.stop_since, visit.settled_second = NEVER, NEVER, NEVER
    visit.exit_silence_seconds, visit.stop_seconds, visit.longest_stop_seconds = 0, 0, 0
    visit.gaps, visit.gap_seconds = 0, 0
    visit.sailed_at_entry_km, visit.sailed_at_exit_km = track.sailed_km, track.sailed_km
    visit.waiting_seconds = _waited(ship, slot, port, second, rules)
    _take_speed(visit, second, knots, rules)


@njit(cache=True)
def _waited(ship, slot, port, second, rules):  # type: ignore[no-untyped-def]
    for index in range(ship.tracks[slot].waits):
        wait = ship.waits[slot, index]
        if wait.port == port and second - wait.last_end <= rules.max_waiting_before_entry_seconds:
            return wait.seconds
    return 0


@njit(cache=True, forceinline=True)
def _step_anchorage(ship, slot, port, second, knots, rules):  # type: ignore[no-untyped-def]
    track = ship.tracks[slot]
    if port != track.anchorage_port:
        _end_anchorage_stop(ship, slot, rules)
        track.anchorage_port = port
    if port != NOWHERE and lie_at_anchorage(track, second, knots, rules):
        end_stop_at_anchorage(ship, slot, second, rules)


@njit(cache=True, forceinline=True)
def lie_at_anchorage(track, second, knots, rules):  # type: ignore[no-untyped-def]
    """Adds a fix at the anchorage of the track to it; returns whether its stop there ends."""
    track.anchorage_last = second
    if track.anchorage_stop_since != NEVER:
        return knots > rules.stop_ends_above_knots
    if knots < rules.stop_below_knots:
        track.anchorage_stop_since = second
    return False


@njit(cache=True)
def end_stop_at_anchorage(ship, slot, second, rules):  # type: ignore[no-untyped-def]
    """Remembers the stop of a track that gets under way inside an anchorage."""
    track = ship.tracks[slot]
    _remember_wait(ship, slot, track.anchorage_port, track.anchorage_stop_since, second, rules)
    track.anchorage_stop_since = NEVER


@njit(cache=True)
def _end_anchorage_stop(ship, slot, rules):  # type: ignore[no-untyped-def]
    track = ship.tracks[slot]
    if track.anchorage_stop_since != NEVER:
        _remember_wait(
            ship, slot, track.anchorage_port, track.anchorage_stop_since, track.anchorage_last, rules
        )
    track.anchorage_port = NOWHERE
    track.anchorage_stop_since = NEVER


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
    """Gives out the EXITED visits that nothing can change any more by the second `until`.

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
    """Gives out every visit of a track that closes; a stub's visits are no events."""
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
    out.visits[out.counts[1]] = visit
    out.counts[1] += 1
