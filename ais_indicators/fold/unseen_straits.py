"""Transits that nobody heard: a ship was before a strait, is behind it after a silence, and had no other way.

With the gate shut, let the way by sea from the fix before a silence to side A and side B be a and b, from the fix after
it a' and b' (`geo.strait_ways`). In the time of the silence the ship made at most s: its hours times the speed that it
sent at either end, times a margin. Then it

- passed from A to B if the strait was within reach, a + b' <= s, and no other way was: b - b' > s or a' - a > s, the
  least that is left to sail from one fix to the other if the gate is shut;
- came into the gate from A if a <= s and b > s, where it was in the gate at the fix after;
- left it by B if b' <= s and a' > s, where it was in the gate at the fix before.

Where the ship was on the one side or in the gate by its own messages, `fold.transits` reads that; here is only what
lies between two fixes. Compiled; called by `fold.kernel` before it.
"""

import math

from ais_indicators.compiled import njit
from ais_indicators.fold.records import GATE_AREAS, IN_GATE, NEVER, NOWHERE, SIDE_A, SIDE_B, UNSEEN_SIDE
from ais_indicators.fold.transits import find_strait, give_out, take_side
from ais_indicators.geo.distance import great_circle_km, is_surely_beyond
from ais_indicators.geo.strait_ways import COLUMNS, ROWS
from ais_indicators.units import HALF_TURN_DEGREES, KM_PER_NAUTICAL_MILE, SECONDS_PER_HOUR


@njit(cache=True)
def infer_transits(ship, slot, leap, here, second, silence, ways, out, rules):  # type: ignore[no-untyped-def]
    """Takes note of what a silence of the track in `slot` hides; the track already holds the fix that ends it.

    Args:
        ship: Workspace of the ship (`fold.kernel.Ship`).
        slot: Which of its tracks.
        leap: Latitude and longitude of the fix before, and the larger speed of both ends in knots.
        here: Code of the gate's area that holds the fix after, or NOWHERE.
        second: Its time.
        silence: Seconds since the fix before.
        ways: `StraitWays`.
        out: Where transits go.
        rules: `Thresholds`.
    """
    track = ship.tracks[slot]
    place, sailed_km = (track.latitude, track.longitude), _most_km(leap[2], silence, rules)
    before = _nearest_mark(ways, leap, NOWHERE, rules)
    after = _nearest_mark(ways, place, NOWHERE, rules)
    if before[0] == NOWHERE or after[0] == NOWHERE:
        return
    found = 0
    for gate in range(ways.to_side_km.shape[0]):
        near, far = (
            _mark_outside(ways, leap, before, gate, rules),
            _mark_outside(ways, place, after, gate, rules),
        )
        was_inside = _was_inside(ship, slot, gate, second - silence)
        is_inside = here == GATE_AREAS * gate + IN_GATE
        side_before, side_after = _sides(ways.to_side_km[gate], near, far, was_inside, is_inside, sailed_km)
        if (side_before == NOWHERE and side_after == NOWHERE) or found == rules.max_remembered_gates:
            continue
        found += 1
        _take_note(ship, slot, gate, side_before, side_after, here, second, silence, out, rules)


@njit(cache=True)
def _take_note(ship, slot, gate, side_before, side_after, here, second, silence, out, rules):  # type: ignore[no-untyped-def]
    """Moves what is remembered of the track at the gate on by what was inferred, unless its own fixes tell it."""
    track = ship.tracks[slot]
    strait = ship.straits[slot, find_strait(ship, slot, gate, rules)]
    seen_before = (
        strait.side if not strait.is_inside and strait.last_second == second - silence else UNSEEN_SIDE
    )
    seen_after = max(UNSEEN_SIDE, here - GATE_AREAS * gate) if here < GATE_AREAS * (gate + 1) else UNSEEN_SIDE
    if side_after == NOWHERE:
        if strait.is_inside or seen_before != UNSEEN_SIDE:
            return
        strait.side, strait.is_side_inferred = side_before, 1
    elif side_before == NOWHERE:
        if seen_after != UNSEEN_SIDE:
            return
        take_side(track, strait, side_after, second, silence, 1, out, rules)
    else:
        if seen_before != UNSEEN_SIDE and (seen_after != UNSEEN_SIDE or seen_before != side_before):
            return
        strait.is_inside, strait.side, strait.is_side_inferred = 0, side_before, 1
        strait.entered_second = second - silence
        strait.gap_seconds = silence if silence >= rules.gap_seconds else 0
        give_out(track, strait, side_after, second, 1, 1, out, rules)
        strait.side = side_after
    strait.last_second, strait.away_second, strait.away_silence_seconds = second, NEVER, 0
    track.straits_due = NEVER


@njit(cache=True, forceinline=True)
def _sides(to_side_km, near, far, was_inside, is_inside, sailed_km):  # type: ignore[no-untyped-def]
    """Returns the sides of a gate between which a ship moved in a silence; NOWHERE for an unknown one.

    Marks come with how far they are from the fixes; of an end of the silence inside the gate nothing is asked.
    """
    if was_inside and is_inside:
        return NOWHERE, NOWHERE
    if was_inside:
        return NOWHERE, _side_of(to_side_km, far[0], far[1], sailed_km)
    if is_inside:
        return _side_of(to_side_km, near[0], near[1], sailed_km), NOWHERE
    if near[0] == NOWHERE or far[0] == NOWHERE:
        return NOWHERE, NOWHERE
    side = _side_passed_from(to_side_km, near[0], far[0], near[1] + far[1], sailed_km)
    return side, NOWHERE if side == NOWHERE else SIDE_A + SIDE_B - side


@njit(cache=True, forceinline=True)
def _was_inside(ship, slot, gate, second):  # type: ignore[no-untyped-def]
    """Returns whether the track's fix of that second was in the gate."""
    for index in range(ship.tracks[slot].straits):
        strait = ship.straits[slot, index]
        if strait.gate == gate:
            return strait.is_inside == 1 and strait.last_second == second
    return False


@njit(cache=True, forceinline=True)
def _most_km(knots, silence, rules):  # type: ignore[no-untyped-def]
    """Returns the longest way that the ship can have sailed in a silence."""
    if knots < rules.sailing_knots_least:
        knots = rules.sailing_knots_most
    knots = min(rules.sailing_knots_most, rules.sailing_knots_margin * knots)
    return knots * KM_PER_NAUTICAL_MILE * silence / SECONDS_PER_HOUR


@njit(cache=True, forceinline=True)
def _side_of(to_side_km, mark, off_km, sailed_km):  # type: ignore[no-untyped-def]
    """Returns the only side of a gate that lies within reach of a mark, or NOWHERE."""
    if mark == NOWHERE:
        return NOWHERE
    a, b = to_side_km[0, mark] - off_km, to_side_km[1, mark] - off_km
    if a <= sailed_km and b > sailed_km:
        return SIDE_A
    if b <= sailed_km and a > sailed_km:
        return SIDE_B
    return NOWHERE


@njit(cache=True, forceinline=True)
def _side_passed_from(to_side_km, before, after, off_km, sailed_km):  # type: ignore[no-untyped-def]
    """Returns the side from which a ship passed the gate between two marks, or NOWHERE."""
    a, b = to_side_km[0, before], to_side_km[1, before]
    a_after, b_after = to_side_km[0, after], to_side_km[1, after]
    if a + b_after - off_km <= sailed_km and max(b - b_after, a_after - a) - off_km > sailed_km:
        return SIDE_A
    if b + a_after - off_km <= sailed_km and max(a - a_after, b_after - b) - off_km > sailed_km:
        return SIDE_B
    return NOWHERE


@njit(cache=True, forceinline=True)
def _mark_outside(ways, place, nearest, gate, rules):  # type: ignore[no-untyped-def]
    """Returns the mark nearest to a place outside a gate, and its distance in km; usually the nearest of all."""
    if math.isnan(ways.to_side_km[gate, 0, nearest[0]]):
        return _nearest_mark(ways, place, gate, rules)
    return nearest


@njit(cache=True)
def _nearest_mark(ways, place, gate, rules):  # type: ignore[no-untyped-def]
    """Returns the mark nearest to a place, outside a gate if given, and its distance in km; NOWHERE if none is near."""
    best, best_km = NOWHERE, rules.lane_within_km
    row = math.floor(place[0] + ROWS / 2)
    column = math.floor(place[1] + HALF_TURN_DEGREES)
    for beside in range(max(0, row - 1), min(ROWS, row + 2)):
        for next_to in range(column - 1, column + 2):
            square = beside * COLUMNS + next_to % COLUMNS
            for mark in range(ways.first[square], ways.first[square + 1]):
                if gate != NOWHERE and math.isnan(ways.to_side_km[gate, 0, mark]):
                    continue
                if is_surely_beyond(best_km, place[0], ways.latitude[mark]):
                    continue
                km = great_circle_km(place[0], place[1], ways.latitude[mark], ways.longitude[mark])
                if km < best_km:
                    best, best_km = mark, km
    return best, best_km
