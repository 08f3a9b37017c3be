"""Transits of straits, fix by fix (methodology 7). Compiled; called by `fold.kernel`.

A gate has a box across the strait and an area at either end of it, its sides. What a track is at one gate, as a table;
S is one side and T the other:

| the track at the gate | fix | next |
|---|---|---|
| away, or next to S | in the gate | INSIDE, having come from S if that is still known, else from nowhere |
| away, or next to S | on S | next to S |
| next to S | in none of the three for longer than an excursion, or none at all for longer than the memory | away |
| next to S, no fix between | on T, within the memory | next to T: a transit, `jumped` |
| INSIDE from S | in the gate | INSIDE: however many days, one transit |
| INSIDE from S | on T | next to T: a transit, complete |
| INSIDE from S | on S | next to S: no transit |
| INSIDE from nowhere, entry not seen | on T | next to T: a transit towards T, incomplete |
| INSIDE from nowhere, entry seen | on T | next to T: no transit, it came from the shore |
| INSIDE | in none of the three | INSIDE still, until that has lasted longer than an excursion |
| INSIDE from S | an excursion that began with a silence has lasted, or the track closes | away: incomplete |
| INSIDE | any other excursion has lasted | away: no transit |

Sides that were not seen but inferred (`fold.unseen_straits`) are sides like others; a transit is then no complete one.
An entry was not seen when it is the track's first fix or ends a silence of the gap rule. A stub gives no transits.
"""

from ais_indicators.compiled import njit
from ais_indicators.fold.records import (
    FOREVER,
    GATE_AREAS,
    IN_GATE,
    NEVER,
    NOWHERE,
    SIDE_A,
    SIDE_B,
    UNSEEN_SIDE,
)


@njit(cache=True)
def step_transits(ship, slot, here, second, silence, knots, out, rules):  # type: ignore[no-untyped-def]
    """Moves the track in `slot` on by one fix, which it already holds, at all gates that it knows.

    Args:
        ship: Workspace of the ship (`fold.kernel.Ship`).
        slot: Which of its tracks.
        here: Code of the gate's area that holds the fix (`geo.gate_index`), or NOWHERE.
        second: Time of the fix.
        silence: Seconds since the track's previous fix, or NEVER.
        knots: Speed that decides stops, NaN when unknown.
        out: Where transits go.
        rules: `Thresholds`.
    """
    gate = NOWHERE if here == NOWHERE else here // GATE_AREAS
    for index in range(ship.tracks[slot].straits):
        strait = ship.straits[slot, index]
        if strait.gate != gate:
            _go_away(strait, second, silence, rules)
    settle_transits(ship, slot, second, out, rules)
    track = ship.tracks[slot]
    if gate == NOWHERE:
        track.straits_due = _next_due(ship, slot, rules)
        return
    track.straits_due = NEVER
    strait = ship.straits[slot, find_strait(ship, slot, gate, rules)]
    if not strait.is_inside and _forgotten_second(strait, rules) <= second:
        strait.side, strait.is_side_inferred = UNSEEN_SIDE, 0
    if here % GATE_AREAS == IN_GATE:
        _take_inside(strait, second, silence, rules)
    else:
        take_side(track, strait, here % GATE_AREAS, second, silence, 0, out, rules)
    stay_at_gate(strait, second, knots, rules)


@njit(cache=True, forceinline=True)
def stay_at_gate(strait, second, knots, rules):  # type: ignore[no-untyped-def]
    """Adds a fix in the area of the gate where the track's last fix was, or was brought to by this one."""
    _take_stillness(strait, second, knots, rules)
    strait.last_second = second


@njit(cache=True)
def second_of_next_transit(ship, slot, here, rules):  # type: ignore[no-untyped-def]
    """Returns the first second at which `step_transits` would do more than `stay_at_gate`, for fixes that stay `here`.

    Args:
        ship: Workspace of the ship (`fold.kernel.Ship`).
        slot: Which of its tracks; it holds its last fix already.
        here: Code of the gate's area that holds the last fix and the ones to come, or NOWHERE.
        rules: `Thresholds`.
    """
    track = ship.tracks[slot]
    if track.straits == 0:
        return FOREVER
    if here == NOWHERE:
        return track.straits_due
    due = FOREVER
    for index in range(track.straits):
        strait = ship.straits[slot, index]
        if strait.gate != here // GATE_AREAS:
            due = min(due, _due_second(strait, rules))
    return due


@njit(cache=True, forceinline=True)
def find_strait_at(ship, slot, here):  # type: ignore[no-untyped-def]
    """Returns the index of what the track knows of the gate whose area is `here`, or NOWHERE."""
    for index in range(ship.tracks[slot].straits):
        if ship.straits[slot, index].gate == here // GATE_AREAS:
            return index
    return NOWHERE


@njit(cache=True)
def settle_transits(ship, slot, until, out, rules):  # type: ignore[no-untyped-def]
    """Writes the transits that ended unseen, and forgets the gates that are no longer relevant by `until`."""
    track = ship.tracks[slot]
    kept = 0
    for index in range(track.straits):
        strait = ship.straits[slot, index]
        forgotten = _forgotten_second(strait, rules)
        if strait.is_inside and strait.away_second != NEVER and forgotten <= until:
            if strait.away_silence_seconds > 0:
                _give_out_unseen(track, strait, out, rules)
            strait.is_inside, strait.side, strait.is_side_inferred = 0, UNSEEN_SIDE, 0
        if strait.is_inside or _idle_second(strait, rules) > until:
            ship.straits[slot, kept] = strait
            kept += 1
    track.straits = kept


@njit(cache=True)
def _next_due(ship, slot, rules):  # type: ignore[no-untyped-def]
    """Returns the first second at which a gate of a track that keeps away from all of them has something to tell."""
    due = ship.tracks[slot].last_second + rules.gate_memory_seconds
    for index in range(ship.tracks[slot].straits):
        due = min(due, _due_second(ship.straits[slot, index], rules))
    return due


@njit(cache=True, forceinline=True)
def _due_second(strait, rules):  # type: ignore[no-untyped-def]
    """Returns when a gate that the track keeps away from has something to tell."""
    return _forgotten_second(strait, rules) if strait.is_inside else _idle_second(strait, rules)


@njit(cache=True, forceinline=True)
def _idle_second(strait, rules):  # type: ignore[no-untyped-def]
    """Returns when a gate that the track is not inside is no longer relevant: its side is old, and it counts again."""
    return max(_forgotten_second(strait, rules), strait.counted_second + rules.transit_recount_seconds)


@njit(cache=True)
def end_transits(ship, slot, out, rules):  # type: ignore[no-untyped-def]
    """Writes the transits of a track that closes inside a gate."""
    track = ship.tracks[slot]
    for index in range(track.straits):
        strait = ship.straits[slot, index]
        if strait.is_inside and (strait.away_second == NEVER or strait.away_silence_seconds > 0):
            _give_out_unseen(track, strait, out, rules)
    track.straits = 0


@njit(cache=True)
def find_strait(ship, slot, gate, rules):  # type: ignore[no-untyped-def]
    """Returns the index of a gate in the track's memory; a new one replaces the longest unseen if there is no room."""
    track = ship.tracks[slot]
    oldest = 0
    for index in range(track.straits):
        if ship.straits[slot, index].gate == gate:
            return index
        if ship.straits[slot, index].last_second < ship.straits[slot, oldest].last_second:
            oldest = index
    if track.straits < rules.max_remembered_gates:
        oldest = track.straits
        track.straits += 1
    strait = ship.straits[slot, oldest]
    strait.gate, strait.is_inside, strait.side, strait.is_side_inferred = gate, 0, UNSEEN_SIDE, 0
    strait.entered_second, strait.is_entry_unseen, strait.last_second = NEVER, 0, NEVER
    strait.away_second, strait.away_silence_seconds, strait.gap_seconds = NEVER, 0, 0
    strait.still_since, strait.counted_second = NEVER, NEVER
    return oldest


@njit(cache=True, forceinline=True)
def _go_away(strait, second, silence, rules):  # type: ignore[no-untyped-def]
    """Handles a fix in none of the gate's areas; the first one shows how the track left."""
    if strait.away_second == NEVER:
        strait.away_second = second
        strait.away_silence_seconds = silence if silence >= rules.gap_seconds else 0
        strait.still_since = NEVER


@njit(cache=True, forceinline=True)
def _forgotten_second(strait, rules):  # type: ignore[no-untyped-def]
    """Returns when a track that keeps away is no longer at the gate: sooner if it was seen elsewhere."""
    silent = strait.last_second + rules.gate_memory_seconds + 1
    if strait.away_second == NEVER:
        return silent
    return min(silent, strait.away_second + rules.gate_excursion_seconds + 1)


@njit(cache=True, forceinline=True)
def _take_inside(strait, second, silence, rules):  # type: ignore[no-untyped-def]
    is_gap = silence >= rules.gap_seconds
    if not strait.is_inside:
        strait.is_inside, strait.entered_second, strait.gap_seconds = 1, second, 0
        strait.is_entry_unseen = 1 if is_gap or silence == NEVER else 0
    if is_gap:
        strait.gap_seconds += silence
    strait.away_second, strait.away_silence_seconds = NEVER, 0


@njit(cache=True)
def take_side(track, strait, side, second, silence, is_inferred, out, rules):  # type: ignore[no-untyped-def]
    """Handles a track on a side, by its fix or by inference."""
    other = SIDE_A + SIDE_B - side
    gap = silence if silence >= rules.gap_seconds else 0
    if strait.is_inside:
        strait.gap_seconds += gap
        if strait.side == other or (strait.side == UNSEEN_SIDE and strait.is_entry_unseen):
            give_out(track, strait, side, second, 0, is_inferred, out, rules)
    elif strait.side == other and strait.away_second == NEVER:
        strait.entered_second, strait.gap_seconds = strait.last_second, gap
        give_out(track, strait, side, second, 1, is_inferred, out, rules)
    strait.is_inside, strait.side, strait.is_side_inferred = 0, side, is_inferred
    strait.away_second, strait.away_silence_seconds = NEVER, 0


@njit(cache=True, forceinline=True)
def _take_stillness(strait, second, knots, rules):  # type: ignore[no-untyped-def]
    if strait.still_since == NEVER:
        if knots < rules.stop_below_knots:
            strait.still_since = second
    elif knots > rules.stop_ends_above_knots:
        strait.still_since = NEVER


@njit(cache=True)
def _give_out_unseen(track, strait, out, rules):  # type: ignore[no-untyped-def]
    """Writes the transit of a ship that was lost inside: it came from a side, and where it went was not seen."""
    if strait.side != UNSEEN_SIDE:
        give_out(track, strait, UNSEEN_SIDE, NEVER, 0, 0, out, rules)


@njit(cache=True)
def give_out(track, strait, to_side, left_second, is_jumped, is_inferred, out, rules):  # type: ignore[no-untyped-def]
    """Writes a transit; one whose sides are both known counts if none did for the rule's hours."""
    if track.fixes < rules.min_track_fixes:
        return
    is_known = strait.side != UNSEEN_SIDE and to_side != UNSEEN_SIDE
    counts_from = strait.counted_second + rules.transit_recount_seconds
    count = out.counts[0]
    transit = out.transits[count.transits]
    count.transits += 1
    transit.track_id, transit.mmsi, transit.gate = track.track_id, track.mmsi, strait.gate
    transit.from_side, transit.to_side = strait.side, to_side
    transit.entered_second, transit.left_second = strait.entered_second, left_second
    transit.gap_seconds, transit.is_jumped = strait.gap_seconds, is_jumped
    transit.is_inferred = 1 if is_known and (is_inferred or strait.is_side_inferred) else 0
    transit.is_counted = 1 if is_known and strait.entered_second >= counts_from else 0
    if transit.is_counted:
        strait.counted_second = strait.entered_second
