"""Finds displaced stretches: fixes of a vessel that lie where its track could not reach (methodology 8).

For each MMSI two places are remembered: home, the track that is believed, and away, where a displaced stretch lies. A
stretch is no proof of a false position: one number may belong to two vessels. Only stretches of several vessels in one
area are, which no single bucket can know. So nothing here depends on what was found to be false: the same messages give
the same stretches, in any order of the input and any cut in days or files. Compiled, plain arrays in and out.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ais_indicators.compiled import njit
from ais_indicators.fold.motion import is_too_fast
from ais_indicators.fold.records import NEVER, NOWHERE
from ais_indicators.fold.runs import run_ends, run_starts
from ais_indicators.fold.whereabouts import STRETCH, DisplacementLimits, Longs, Records, with_new_numbers
from ais_indicators.geo.distance import SURE_SHARE, great_circle_km
from ais_indicators.units import EARTH_RADIUS_KM, KM_PER_NAUTICAL_MILE, SECONDS_PER_HOUR

Floats = NDArray[np.float64]


class DisplacedDay(NamedTuple):
    """The displaced stretches of one ship bucket and day.

    Attributes:
        rows: Elements of `STRETCH` by MMSI and first fix.
        places: Places of their fixes among the day's messages, in order.
        row_of_place: The row that each belongs to.
        memory: Elements of `WHEREABOUTS` by MMSI, after the day.
    """

    rows: Records
    places: Longs
    row_of_place: Longs
    memory: Records


def find_displacements(
    mmsi: Longs,
    second: Longs,
    latitude: Floats,
    longitude: Floats,
    memory: Records,
    limits: DisplacementLimits,
) -> DisplacedDay:
    """Finds the displaced stretches among one day's messages of a ship bucket.

    Stretches that cannot be evidence of interference are left out: those of a vessel whose home was not known before,
    and of a number that several vessels share.

    Args:
        mmsi: MMSI of the messages in the method's order, shape (n,), as the next three.
        second: Epoch seconds.
        latitude: Degrees north.
        longitude: Degrees east.
        memory: Elements of `WHEREABOUTS` by MMSI, before the day; it is not changed.
        limits: Rules.
    """
    starts = run_starts(mmsi)
    kept = with_new_numbers(memory, mmsi[starts])
    elements = np.searchsorted(kept["mmsi"], mmsi[starts])
    row_of = np.full(mmsi.size, NOWHERE, np.int64)
    rows = np.empty(starts.size * (2 * limits.most_places + 1), STRETCH)
    ends = run_ends(starts, mmsi.size)
    count = _fold_numbers(second, latitude, longitude, starts, ends, kept, elements, row_of, rows, limits)
    places = np.flatnonzero(row_of != NOWHERE)
    return DisplacedDay(rows[:count].copy(), places, row_of[places], kept)


@njit(cache=True)
def _fold_numbers(second, latitude, longitude, starts, ends, memory, elements, row_of, rows, limits):  # type: ignore[no-untyped-def]
    """Goes through the messages of every number and returns how many rows it filled.

    In the fresh days a number begins at most `most_places` stretches that count. A day touches two such times at most,
    and one stretch goes on from the day before, so `rows` has room.
    """
    count = 0
    for number in range(starts.size):
        own, index, row = memory[elements[number]], starts[number], NOWHERE
        while index < ends[number]:
            index = _stay_home(second, latitude, longitude, index, ends[number], own, limits)
            if index < ends[number]:
                fix = (second[index], latitude[index], longitude[index])
                row, is_away = _step(fix, own, row, rows, limits)
                if is_away:
                    row = count if row == NOWHERE else row
                    count += _add_to_row(fix, own, rows[row], row == count)
                    row_of[index] = row
                index += 1
    return count


@njit(cache=True, forceinline=True)
def _stay_home(second, latitude, longitude, index, end, own, limits):  # type: ignore[no-untyped-def]
    """Takes fixes so near to the one before that no rule needs their distance; returns the first that is not.

    Nearly all fixes are, so this decides how fast the search is. Where there is a stretch to compare with, only fixes
    at the same place pass.
    """
    if own.home_fixes == 0:
        return index
    km = limits.min_jump_km if own.began == NEVER else limits.same_place_km
    reach = np.degrees(SURE_SHARE * km / EARTH_RADIUS_KM)
    last, north, east, fixes = own.home_second, own.home_latitude, own.home_longitude, own.home_fixes
    while index < end and abs(latitude[index] - north) + abs(longitude[index] - east) < reach:
        fixes += second[index] > last
        last, north, east = second[index], latitude[index], longitude[index]
        index += 1
    own.home_second, own.home_latitude, own.home_longitude, own.home_fixes = last, north, east, fixes
    return index


@njit(cache=True)
def _step(fix, own, row, rows, limits):  # type: ignore[no-untyped-def]
    """Takes one fix home or to the stretch.

    Returns:
        The day's row of the stretch that is remembered after it, `NOWHERE` for none yet; and whether the fix belongs to
        a stretch that counts.
    """
    if own.home_fixes == 0:
        own.home_since, own.home_fixes = fix[0], 1
        own.home_second, own.home_latitude, own.home_longitude = fix
        own.run_second, own.run_latitude, own.run_longitude = fix
        return NOWHERE, False
    if own.began != NEVER and _is_over(fix[0], own, limits):
        if own.away_second > own.home_second:
            _settle_away(own)
        own.began = NEVER
        row = NOWHERE
    if own.began == NEVER:
        is_away = _leaves_home(fix, own, limits)
        return NOWHERE, is_away and own.is_candidate == 1
    return _compare_places(fix, own, row, rows, limits)


@njit(cache=True)
def _is_over(second, own, limits):  # type: ignore[no-untyped-def]
    """Returns whether a stretch is forgotten: it was not heard for long, or home was not while it was.

    A stretch after a short run, which may be what is false, needs less time to be believed.
    """
    if second - own.away_second > limits.resume_seconds:
        return True
    is_doubtful = own.link_second != NEVER and own.link_until - own.link_second < limits.sure_home_seconds
    if is_doubtful and second - max(own.began, own.home_second) > limits.resume_seconds:
        return True
    return own.away_second > own.home_second and second - own.home_second > limits.home_silence_seconds


@njit(cache=True)
def _leaves_home(fix, own, limits):  # type: ignore[no-untyped-def]
    """Takes a fix home, or begins a stretch with it and returns True."""
    km = great_circle_km(own.home_latitude, own.home_longitude, fix[1], fix[2])
    if _can_reach(km, fix[0] - own.home_second, limits):
        if km > limits.min_jump_km:
            own.run_second, own.run_latitude, own.run_longitude = fix
        _go_home(fix, own)
        return False
    _begin(fix, own, km, limits)
    return True


@njit(cache=True)
def _compare_places(fix, own, row, rows, limits):  # type: ignore[no-untyped-def]
    """Gives a fix to home or to the stretch that is remembered, or ends the stretch; returns as `_step`."""
    home_km = great_circle_km(own.home_latitude, own.home_longitude, fix[1], fix[2])
    away_km = great_circle_km(own.away_latitude, own.away_longitude, fix[1], fix[2])
    first_km = great_circle_km(own.first_latitude, own.first_longitude, fix[1], fix[2])
    goes_on = _can_reach(away_km, fix[0] - own.away_second, limits)
    is_inside = first_km <= min(limits.area_km, own.jump_km / 2.0)
    is_nearer = home_km < min(first_km, away_km) if is_inside else home_km <= away_km or not goes_on
    if is_nearer and _sails(home_km, fix[0] - own.home_second, limits):
        _go_home(fix, own)
        return row, False
    if is_inside:
        own.away_fixes += fix[0] > own.away_second
        own.away_second, own.away_latitude, own.away_longitude = fix
        if own.is_candidate == 0 and _is_established(own, limits):
            _settle_away(own)
            own.began = NEVER
        return row, own.is_candidate == 1
    if goes_on:
        if row != NOWHERE:
            rows[row].sailed_off = 1
        _sail_off(fix, own, limits)
        return NOWHERE, False
    if fix[0] == own.began:
        return row, False  # two stretches of one number must not begin in one second
    _begin(fix, own, home_km, limits)
    return NOWHERE, own.is_candidate == 1


@njit(cache=True)
def _begin(fix, own, km, limits):  # type: ignore[no-untyped-def]
    """Begins a stretch; it counts if home was heard before and the number is not known to be of several vessels."""
    if own.places_since == NEVER or fix[0] - own.places_since > limits.fresh_seconds:
        own.places, own.places_since = 0, fix[0]
    own.places += 1
    if own.places > limits.most_places or fix[0] <= own.shared_until:
        own.shared_until = fix[0] + limits.shared_seconds
    has_home = own.home_fixes >= limits.home_fixes and own.home_second - own.home_since >= limits.home_seconds
    own.is_candidate = 1 if has_home and fix[0] > own.shared_until else 0
    own.from_latitude, own.from_longitude = own.home_latitude, own.home_longitude
    own.began, own.jump_km, own.away_fixes, own.false_kind = fix[0], km, 1, 0
    own.first_latitude, own.first_longitude = fix[1], fix[2]
    own.away_second, own.away_latitude, own.away_longitude = fix
    own.link_second, own.link_until = own.run_second, own.home_second
    own.link_latitude, own.link_longitude = own.run_latitude, own.run_longitude
    run_km = great_circle_km(own.run_latitude, own.run_longitude, own.home_latitude, own.home_longitude)
    if fix[0] - own.run_second > limits.fresh_seconds or run_km > limits.area_km:
        own.link_second = NEVER


@njit(cache=True)
def _sail_off(fix, own, limits):  # type: ignore[no-untyped-def]
    """Believes a stretch that sails out of its area.

    If home was heard in between, these are two vessels: the number is marked as shared, and the two places change their
    parts.
    """
    is_shared = own.home_second >= own.began
    second, latitude, longitude = own.home_second, own.home_latitude, own.home_longitude
    _settle_away(own)
    _go_home(fix, own)
    own.began = NEVER
    if is_shared:
        own.shared_until = fix[0] + limits.shared_seconds
        own.began, own.is_candidate, own.away_fixes, own.false_kind = fix[0], 0, 1, 0
        own.link_second = NEVER
        own.jump_km = great_circle_km(latitude, longitude, fix[1], fix[2])
        own.from_latitude, own.from_longitude = fix[1], fix[2]
        own.first_latitude, own.first_longitude = latitude, longitude
        own.away_second, own.away_latitude, own.away_longitude = second, latitude, longitude


@njit(cache=True)
def _settle_away(own):  # type: ignore[no-untyped-def]
    """Makes the stretch's place home."""
    own.home_since, own.home_fixes, own.run_second = own.began, own.away_fixes, NEVER
    own.home_second, own.home_latitude, own.home_longitude = (
        own.away_second,
        own.away_latitude,
        own.away_longitude,
    )


@njit(cache=True)
def _go_home(fix, own):  # type: ignore[no-untyped-def]
    """Adds a fix to the believed track."""
    own.home_fixes += fix[0] > own.home_second
    own.home_second, own.home_latitude, own.home_longitude = fix


@njit(cache=True)
def _is_established(own, limits):  # type: ignore[no-untyped-def]
    """Returns whether a stretch of a vessel without a home has been heard long enough, alone, to be its home."""
    is_alone = own.home_second < own.began and own.away_fixes >= limits.home_fixes
    return is_alone and own.away_second - own.began >= limits.home_seconds


@njit(cache=True)
def _can_reach(km, silence, limits):  # type: ignore[no-untyped-def]
    """Returns whether a vessel can have moved so far, by the fold's own rule; a short way needs no time."""
    if km <= limits.min_jump_km:
        return True
    return silence > 0 and not is_too_fast(km, silence, limits)


@njit(cache=True)
def _sails(km, silence, limits):  # type: ignore[no-untyped-def]
    """Returns whether a vessel sails so far: after days away the fold's rule would allow any place as a return."""
    return km <= max(
        limits.min_jump_km, limits.return_knots * KM_PER_NAUTICAL_MILE * silence / SECONDS_PER_HOUR
    )


@njit(cache=True)
def _add_to_row(fix, own, row, is_new):  # type: ignore[no-untyped-def]
    """Adds a fix to the day's row of its stretch; returns whether the row is new."""
    second, latitude, longitude = fix
    if is_new:
        row.mmsi, row.began, row.first_second, row.last_second = own.mmsi, own.began, second, NEVER
        row.fixes, row.hours, row.spread_km, row.sailed_off = 0, 0, 0.0, 0
        row.from_latitude, row.from_longitude = own.from_latitude, own.from_longitude
        row.to_latitude, row.to_longitude = own.first_latitude, own.first_longitude
        row.latitude, row.longitude = latitude, longitude
        row.jump_km, row.false_kind = own.jump_km, own.false_kind
        row.link_second, row.link_until = own.link_second, own.link_until
        row.link_latitude, row.link_longitude = own.link_latitude, own.link_longitude
    row.hours += row.last_second // SECONDS_PER_HOUR != second // SECONDS_PER_HOUR
    row.fixes += second > row.last_second
    row.last_second = second
    row.spread_km = max(row.spread_km, great_circle_km(row.latitude, row.longitude, latitude, longitude))
    return is_new
