"""Takes the runs of fixes at which nothing begins and nothing ends; they are nearly all. Compiled.

A vessel under way in open water, at its berth or at anchor sends thousands of fixes that only move its track on. Which
track takes such a fix, and that no visit, wait or transit changes its phase, follows from a few seconds that stay the
same for the run. The loop below has only what is left to do, and hands each fix that might be more back to
`fold.kernel`, which can decide any fix. The result is the same with and without this module.
"""

import numpy as np

from ais_indicators.compiled import njit
from ais_indicators.fold.motion import is_too_fast, move_track, needs_km
from ais_indicators.fold.records import ACCEPTED, EXITED, NEVER, NOWHERE
from ais_indicators.fold.rest import run_seconds, step_run
from ais_indicators.fold.transits import find_strait_at, second_of_next_transit, stay_at_gate
from ais_indicators.fold.visits import Step, find_active, lie_at_anchorage, stay
from ais_indicators.geo.distance import great_circle_km, is_surely_within
from ais_indicators.geo.outlines import is_beyond_margin


@njit(cache=True)
def take_steady_fixes(fixes, index, ship, slot, verdicts, outlines, rules):  # type: ignore[no-untyped-def]
    """Returns consecutive fixes of one MMSI to the track that took the previous one, while they do nothing but move it.

    Args:
        fixes: `fold.kernel.Fixes`.
        index: First fix to look at.
        ship: Workspace of the vessel (`fold.kernel.Ship`).
        slot: Which of its tracks.
        verdicts: Filled for each fix taken.
        outlines: Geometry of the ports.
        rules: `Thresholds`.

    Returns:
        The first fix that was not taken.
    """
    track, active, here = ship.tracks[slot], find_active(ship, slot), fixes.gate[index - 1]
    visit = ship.visits[slot, max(active, 0)]
    strait = ship.straits[slot, max(find_strait_at(ship, slot, here), 0)]
    after, before, longest, farthest_km = _steady_bounds(ship, slot, here, rules)
    while index < fixes.mmsi.size and fixes.mmsi[index] == track.mmsi:
        second, sog_knots = fixes.second[index], fixes.sog_knots[index]
        latitude, longitude = fixes.latitude[index], fixes.longitude[index]
        port, anchorage, gate = fixes.port[index], fixes.anchorage[index], fixes.gate[index]
        silence = second - track.last_second
        if not (after < second < before and 0 < silence < longest and gate == here):
            break
        if active == NOWHERE and (port != NOWHERE or anchorage != track.anchorage_port):
            break
        if active != NOWHERE and _may_leave(visit, port, anchorage, outlines, latitude, longitude):
            break
        km = _moved_km(track, latitude, longitude, sog_knots, silence, rules)
        if km > farthest_km or is_too_fast(km, silence, rules):
            break
        knots_before = track.knots
        silence, knots = move_track(track, second, latitude, longitude, km, sog_knots, rules)
        if active != NOWHERE or anchorage != NOWHERE:
            step = Step(second, silence, km, knots, knots_before, fixes.says_rest[index])
            if active == NOWHERE:
                lie_at_anchorage(ship, slot, step, rules)
            else:
                run_before = run_seconds(track)
                state = step_run(track, step, rules.rest_radius_km, rules)
                stay(visit, track, step, state, port, run_before, rules)
        if here != NOWHERE:
            stay_at_gate(strait, second, knots, rules)
        accept(verdicts, index, track.track_id, silence)
        index += 1
    return index


@njit(cache=True, forceinline=True)
def _may_leave(visit, port, anchorage, outlines, latitude, longitude):  # type: ignore[no-untyped-def]
    """Returns whether a fix of a vessel in port is elsewhere, or outside the port's margin."""
    return port != visit.port and (
        port != NOWHERE or anchorage != NOWHERE or is_beyond_margin(outlines, visit.port, latitude, longitude)
    )


@njit(cache=True, forceinline=True)
def repeats_previous_row(fixes, index):  # type: ignore[no-untyped-def]
    """Returns whether the fix is the same message as the one before it."""
    before = index - 1
    return (
        before >= 0
        and fixes.second[before] == fixes.second[index]
        and fixes.mmsi[before] == fixes.mmsi[index]
        and fixes.latitude[before] == fixes.latitude[index]
        and fixes.longitude[before] == fixes.longitude[index]
    )


@njit(cache=True, forceinline=True)
def reject(verdicts, index, code):  # type: ignore[no-untyped-def]
    """Writes that no track takes the fix."""
    verdicts.code[index], verdicts.track_id[index] = code, 0
    verdicts.seconds_since_previous[index] = NEVER


@njit(cache=True, forceinline=True)
def accept(verdicts, index, track_id, silence):  # type: ignore[no-untyped-def]
    """Writes which track takes the fix."""
    verdicts.code[index], verdicts.track_id[index] = ACCEPTED, track_id
    verdicts.seconds_since_previous[index] = silence


@njit(cache=True)
def _steady_bounds(ship, slot, here, rules):  # type: ignore[no-untyped-def]
    """Returns the bounds within which a fix at the same places can only be this track's and changes no phase.

    These are the second after which and the one before which it lies, the silence that it stays below and the distance
    that it does not exceed. A stub has no such bounds, nor has a track that has no room for one more visit. Another
    track of the MMSI can claim the fix if it is no stub and was heard lately, and can conflict with it at its own last
    second; a fix that moved farther than the same place has to be compared with all of them.
    """
    track = ship.tracks[slot]
    after, before, farthest_km = NEVER, second_of_next_transit(ship, slot, here, rules), np.inf
    longest = min(rules.unseen_passage_seconds, rules.gap_seconds, rules.track_silence_seconds)
    longest = min(longest, rules.stale_track_seconds, rules.gate_memory_seconds)
    if track.fixes < rules.min_track_fixes or track.visits >= rules.max_unsettled_visits:
        before = NEVER
    for index in range(track.visits):
        visit = ship.visits[slot, index]
        if visit.phase == EXITED:
            before = min(before, visit.departed_second + rules.merge_visits_seconds)
    for other in range(ship.tracks.size):
        if other != slot and ship.is_open[other]:
            rival = ship.tracks[other]
            lately = 1 if rival.fixes < rules.min_track_fixes else rules.stale_track_seconds
            after = max(after, rival.last_second + lately - 1)
            before = min(before, rival.last_second + rules.track_silence_seconds + 1)
            farthest_km = rules.same_place_km
    return after, before, longest, farthest_km


@njit(cache=True, forceinline=True)
def _moved_km(track, latitude, longitude, sog_knots, silence, rules):  # type: ignore[no-untyped-def]
    """Returns how far the fix is from the track's last one; 0 if that is near and nothing depends on it."""
    if not needs_km(sog_knots, silence, rules) and is_surely_within(
        min(rules.rest_radius_km, rules.same_place_km), track.latitude, track.longitude, latitude, longitude
    ):
        return 0.0
    return great_circle_km(track.latitude, track.longitude, latitude, longitude)
