"""What one fix adds to the track that takes it (methodology 5). Compiled; called by `fold.kernel`."""

import math

import numpy as np

from ais_indicators.compiled import njit
from ais_indicators.fold.records import NEVER
from ais_indicators.units import KM_PER_NAUTICAL_MILE, SECONDS_PER_HOUR


@njit(cache=True, forceinline=True)
def move_track(track, second, latitude, longitude, km, sog_knots, rules):  # type: ignore[no-untyped-def]
    """Adds the fix to the track; returns the silence before it and the speed that decides stops.

    Moves within the radius of rest of a vessel that lies still are position errors and do not add to the distance
    sailed. `needs_km` names the fixes for which so small a `km` matters.
    """
    silence, knots = NEVER, sog_knots
    if track.fixes > 0:
        silence = second - track.last_second
        if silence >= rules.gap_seconds:
            track.gaps += 1
        if math.isnan(knots):
            knots = km / KM_PER_NAUTICAL_MILE / (silence / SECONDS_PER_HOUR)
        if (
            knots > rules.stop_ends_above_knots
            or silence >= rules.min_stop_seconds
            or km > rules.rest_radius_km
        ):
            track.sailed_km += km
    track.fixes += 1
    track.last_second, track.latitude, track.longitude = second, latitude, longitude
    track.knots = 0.0 if math.isnan(knots) else knots
    return silence, knots


@njit(cache=True, forceinline=True)
def needs_km(sog_knots, silence, rules):  # type: ignore[no-untyped-def]
    """Returns whether `move_track` uses a distance that is within the radius of rest."""
    return not sog_knots <= rules.stop_ends_above_knots or silence >= rules.min_stop_seconds


@njit(cache=True, forceinline=True)
def is_too_fast(km, silence, rules):  # type: ignore[no-untyped-def]
    """Returns whether no vessel sails so far in that time; within the same place any time is enough."""
    if km <= rules.same_place_km:
        return False
    knots = km / KM_PER_NAUTICAL_MILE / (silence / SECONDS_PER_HOUR)
    return np.round(knots, 2) > rules.max_implied_speed_knots
