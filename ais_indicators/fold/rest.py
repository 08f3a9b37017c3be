"""Detects rest by movement: runs of fixes that stay within a small radius (methodology 6). Compiled.

A run is measured within one visit, or within one stay in the anchorages of a port. SOG is missing, stuck or noisy in
practice, so it decides only where the fixes are too far apart to see a movement between them.
"""

import math

from ais_indicators.compiled import njit
from ais_indicators.geo.distance import great_circle_km, is_surely_beyond, is_surely_within

BROKEN = 0
"""The vessel moved away: a new run begins with the fix."""
STILL = 1
"""The fix continues the run."""
EXCURSION = 2
"""The fix is off, but so shortly after a rest that it may be a position error."""


@njit(cache=True, forceinline=True)
def begin_run(track, second):  # type: ignore[no-untyped-def]
    """Begins a run with the fix that the track holds."""
    track.run_since, track.run_near = second, second
    _measure_from(track, second)


@njit(cache=True, forceinline=True)
def step_run(track, step, radius_km, rules):  # type: ignore[no-untyped-def]
    """Moves the run of the track on by the fix that it holds; returns BROKEN, STILL or EXCURSION.

    The radius is measured from the first fix of the run, and from a later one whenever the window has passed: a vessel
    that swings or creeps is at rest while it makes less than the radius in a window.
    """
    if _hides_a_movement(step, rules):
        begin_run(track, step.second)
        return BROKEN
    if _is_near(track, radius_km):
        track.run_near = step.second
        if step.second - track.run_second >= rules.rest_window_seconds:
            _measure_from(track, step.second)
        return STILL
    if is_at_rest(track, rules) and step.second - track.run_near < rules.rest_window_seconds:
        return EXCURSION
    begin_run(track, step.second)
    return BROKEN


@njit(cache=True, forceinline=True)
def is_at_rest(track, rules):  # type: ignore[no-untyped-def]
    """Returns whether the run has lasted long enough to say that the vessel is at rest."""
    return run_seconds(track) >= rules.rest_window_seconds


@njit(cache=True, forceinline=True)
def run_seconds(track):  # type: ignore[no-untyped-def]
    """Returns the length of the run in seconds."""
    return track.run_near - track.run_since


@njit(cache=True, forceinline=True)
def rests_at_fix(track, step, state, rules):  # type: ignore[no-untyped-def]
    """Returns whether the fix shows a vessel at rest: by its movement, else by its speed or its navigational status."""
    if state == STILL and is_at_rest(track, rules):
        return True
    if step.silence > rules.sparse_step_seconds and step.knots <= rules.stop_ends_above_knots:
        return True
    return step.says_rest and not step.knots > rules.rest_knots_most


@njit(cache=True, forceinline=True)
def _hides_a_movement(step, rules):  # type: ignore[no-untyped-def]
    """Returns whether the vessel may have sailed off and come back since the fix before."""
    if step.silence >= rules.gap_seconds:
        return True
    is_sparse = step.silence > rules.sparse_step_seconds
    return is_sparse and (step.knots > rules.rest_knots_most or step.knots_before > rules.rest_knots_most)


@njit(cache=True, forceinline=True)
def _measure_from(track, second):  # type: ignore[no-untyped-def]
    track.run_second, track.run_latitude, track.run_longitude = second, track.latitude, track.longitude


@njit(cache=True, forceinline=True)
def _is_near(track, radius_km):  # type: ignore[no-untyped-def]
    """Returns whether the track's fix lies within the radius of its run; nearly all are decided without a cosine."""
    latitude, longitude = track.latitude, track.longitude
    if is_surely_within(radius_km, track.run_latitude, track.run_longitude, latitude, longitude):
        return True
    if is_surely_beyond(radius_km, track.run_latitude, latitude):
        return False
    return great_circle_km(track.run_latitude, track.run_longitude, latitude, longitude) <= radius_km


@njit(cache=True, forceinline=True)
def known_knots(knots):  # type: ignore[no-untyped-def]
    """Returns the speed, 0 if it is not known."""
    return 0.0 if math.isnan(knots) else knots
