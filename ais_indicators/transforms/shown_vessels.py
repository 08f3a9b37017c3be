"""Finds the fixes of a vessel that interference showed in a place that it could have reached (methodology 8).

A vessel near the false place does not jump far, and one that was not heard for long may have sailed there. Once jumping
vessels have shown the shape and its time, such fixes are known by how the vessel came there and left: by steps that no
vessel makes, or that its own speed denies, from and to a track that goes on elsewhere; or by following the very shape.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ais_indicators.geo.cells import h3_cells
from ais_indicators.geo.distance import great_circle_km, steps_km
from ais_indicators.rules import Rules
from ais_indicators.transforms.shapes import CIRCLE, KINDS, POINT, Bools, Floats, Shape, plane_km
from ais_indicators.units import KM_PER_NAUTICAL_MILE, SECONDS_PER_HOUR, SECONDS_PER_MINUTE

Longs = NDArray[np.int64]

SAILED, UNSEEN, JUMPED = 0, 1, 2
"""How a vessel came from one fix to the next."""

NONE: Final = -1


class FalseRun(NamedTuple):
    """Fixes of a vessel that are false although it could have reached them.

    Attributes:
        mmsi: Of the vessel.
        began: First second of the run.
        until: Second before which it ends.
        kind: Number of the kind in `KINDS`.
        cell: H3 cell of resolution 4 of its first fix.
        believed_cell: That of a fix of the vessel's own track before or after it.
        jump_km: Way from there to the run.
    """

    mmsi: int
    began: int
    until: int
    kind: int
    cell: int
    believed_cell: int
    jump_km: float


class VesselWeek(NamedTuple):
    """The fixes of one MMSI in one week, in order of time.

    Attributes:
        second: Epoch seconds.
        latitude: Degrees north.
        longitude: Degrees east.
        sog_knots: Reported speed, NaN if none.
    """

    second: Longs
    latitude: Floats
    longitude: Floats
    sog_knots: Floats

    def km(self, one: int, other: int) -> float:
        """Returns the distance of two fixes."""
        latitude, longitude = self.latitude, self.longitude
        return float(great_circle_km(latitude[one], longitude[one], latitude[other], longitude[other]))


class _Part(NamedTuple):
    """Consecutive fixes on the shape.

    Attributes:
        first: Place of the first fix.
        last: Place of the last one.
        entry: How the vessel came to the first.
        exit: How it left the last.
        before: Place of the last fix off the shape before them, `NONE` where there is none.
        after: Place of the first fix off the shape after them, `NONE` where there is none.
        is_longer: Whether the vessel was on the shape before its time, or is after it.
    """

    first: int
    last: int
    entry: int
    exit: int
    before: int
    after: int
    is_longer: bool


def shown_runs(mmsi: int, fixes: VesselWeek, shapes: Sequence[Shape], rules: Rules) -> list[FalseRun]:
    """Returns the fixes of a vessel on shapes that are false, as runs.

    A number that jumps often while no shape shows vessels belongs to several vessels, and one may be there: then only
    the fixes that go round a circle are false. Where a vessel was shown on one shape without a jump of its own, the
    shapes that it jumps to are its returns.

    Args:
        mmsi: Of the vessel.
        fixes: Its fixes of the shapes' week, those that are known to be false too.
        shapes: All shapes of the week.
        rules: Rules of the lake's subject.
    """
    times = [_is_time(fixes, shape, rules) for shape in shapes]
    near = [shape.outline.holds(fixes.latitude, fixes.longitude, rules) for shape in shapes]
    if not any((on & is_time).any() for on, is_time in zip(near, times, strict=True)):
        return []
    steps, km = _steps(_without_false_speeds(fixes, shapes, near, times), rules)
    is_shared = _is_shared(steps, km, ~np.any(times, axis=0), rules)
    found = {}
    for shape, near_it, is_time in zip(shapes, near, times, strict=True):
        on = near_it & is_time
        if on.any() and is_shared and _is_there(fixes, near_it, is_time, rules):
            on = _round_circle(fixes, shape, on, rules)
        if on.any():
            found[shape] = _runs_on(mmsi, fixes, shape, near_it, on, steps, rules)
    without_jump = [run for shape, runs in found.items() if mmsi not in shape.vessels for run in runs]
    return without_jump or [run for runs in found.values() for run in runs]


def _without_false_speeds(
    fixes: VesselWeek, shapes: Sequence[Shape], near: Sequence[Bools], times: Sequence[Bools]
) -> VesselWeek:
    """Sets the speed at points to 0: a vessel that is shown at a point lies still, whatever it reports."""
    at_point = [
        on & is_time
        for shape, on, is_time in zip(shapes, near, times, strict=True)
        if KINDS[shape.outline.kind] == POINT
    ]
    if not at_point:
        return fixes
    return fixes._replace(sog_knots=np.where(np.any(at_point, axis=0), 0.0, fixes.sog_knots))


def _is_shared(steps: Longs, km: Floats, is_calm: Bools, rules: Rules) -> bool:
    """Returns whether a number jumps far more often than one vessel's wild positions, in times without a shape."""
    is_far = (steps[1:-1] == JUMPED) & (km > rules.interference_min_jump_km)
    return int((is_far & is_calm[1:] & is_calm[:-1]).sum()) > rules.interference_most_places


def _is_there(fixes: VesselWeek, near: Bools, is_time: Bools, rules: Rules) -> bool:
    """Returns whether one of the vessels of a number is heard at a shape at another time, or on its way there."""
    if (near & ~is_time).any():
        return True
    unseen_s = rules.interference_unseen_hours * SECONDS_PER_HOUR
    km_per_second = rules.interference_return_knots * KM_PER_NAUTICAL_MILE / SECONDS_PER_HOUR
    for place in np.flatnonzero(near).tolist():
        seconds = np.abs(fixes.second - fixes.second[place])
        others = np.flatnonzero(~near & (seconds <= unseen_s))
        if any(fixes.km(place, other) <= km_per_second * seconds[other] for other in others.tolist()):
            return True
    return False


def _round_circle(fixes: VesselWeek, shape: Shape, on: Bools, rules: Rules) -> Bools:
    """Returns which fixes on a shape go round its circle, which no vessel that is there does; none on other shapes."""
    if KINDS[shape.outline.kind] != CIRCLE:
        return np.zeros_like(on)
    exact = on & shape.outline.exactly_on(fixes.latitude, fixes.longitude, rules)
    is_followed = shape.outline.is_followed(fixes.latitude[exact], fixes.longitude[exact], rules=rules)
    return exact if is_followed else np.zeros_like(on)


def _is_time(fixes: VesselWeek, shape: Shape, rules: Rules) -> Bools:
    """Returns which fixes are of the time in which a shape shows vessels."""
    slack_s = float(rules.interference_min_minutes) * SECONDS_PER_MINUTE
    is_late = fixes.second >= shape.from_second - slack_s
    return np.asarray(is_late & (fixes.second <= shape.until_second + slack_s))


def _runs_on(
    mmsi: int, fixes: VesselWeek, shape: Shape, near: Bools, on: Bools, steps: Longs, rules: Rules
) -> list[FalseRun]:
    """Returns the runs on one shape; `on` is where the vessel is `near` it in its time."""
    parts = _parts(near, on, steps)
    exact = [_is_exact(fixes, part, shape, rules) for part in parts]
    if _all_follow(fixes, on, parts, shape, rules):
        exact = [True] * len(parts)
    is_sure = mmsi in shape.vessels or any(exact) or _has_evidence(fixes, near, parts, rules)
    runs = [
        _run(mmsi, fixes, part, shape, rules)
        for part, follows in zip(parts, exact, strict=True)
        if follows
        or (is_sure and (_is_shown(part) or _is_followed(fixes, part, shape, rules)))
        or _jumps_from_berth(fixes, near & ~on, part, rules)
    ]
    return [run for run in runs if run.began < run.until]


def _is_followed(fixes: VesselWeek, part: _Part, shape: Shape, rules: Rules) -> bool:
    """Returns whether a vessel follows the exact shape, however it came there."""
    chosen = slice(part.first, part.last + 1)
    return shape.outline.is_followed(fixes.latitude[chosen], fixes.longitude[chosen], rules=rules)


def _is_shown(part: _Part) -> bool:
    """Returns whether fixes of a vessel that is shown on the shape are false; while it sails near, they may be true."""
    ends = part.entry, part.exit
    return JUMPED in ends or SAILED not in ends


def _jumps_from_berth(fixes: VesselWeek, at_other_times: Bools, part: _Part, rules: Rules) -> bool:
    """Returns whether a vessel jumps from one place on the shape and back to it, where it lies at other times too.

    An area such as a port may hold the vessel's own berth, so that it is nowhere seen elsewhere.
    """
    if (part.entry, part.exit) != (JUMPED, JUMPED):
        return False
    berth = part.first - 1
    north, east = plane_km(
        fixes.latitude, fixes.longitude, (float(fixes.latitude[berth]), float(fixes.longitude[berth]))
    )
    is_at_berth = np.hypot(north, east) <= rules.same_place_km
    lies_there = int((at_other_times & is_at_berth).sum()) >= rules.interference_min_fixes
    return bool(is_at_berth[part.last + 1]) and lies_there


def _steps(fixes: VesselWeek, rules: Rules) -> tuple[Longs, Floats]:
    """Returns how each fix was reached from the one before, and at the end how the last was left; and the ways in km.

    The vessel was not seen on the way to the first fix and from the last one. A step is a jump if it is too fast for a
    ship, or over a short time much faster than the ship's own speed.
    """
    count = fixes.second.size
    steps = np.full(count + 1, UNSEEN, np.int64)
    seconds = np.diff(fixes.second)
    km = steps_km(fixes.latitude, fixes.longitude)
    knots = km / KM_PER_NAUTICAL_MILE * SECONDS_PER_HOUR / np.maximum(seconds, 1)
    said = np.maximum(fixes.sog_knots[:-1], fixes.sog_knots[1:])
    is_denied = (knots > said + rules.interference_denied_knots) & (
        seconds <= float(rules.interference_denied_minutes) * SECONDS_PER_MINUTE
    )
    moved = km > rules.same_place_km
    is_jump = moved & ((knots > rules.interference_return_knots) | is_denied)
    is_unseen = moved & (seconds > rules.interference_unseen_hours * SECONDS_PER_HOUR)
    steps[1:count] = np.where(is_jump, JUMPED, np.where(is_unseen, UNSEEN, SAILED))
    return steps, km


def _parts(near: Bools, on: Bools, steps: Longs) -> list[_Part]:
    """Cuts the fixes on the shape where the vessel was elsewhere in between, or jumps.

    A vessel that was at the place before the interference, or stays there after it, counts as sailed there.
    """
    count = on.size
    places = np.arange(count)
    previous_off = np.maximum.accumulate(np.where(near, NONE, places))
    next_off = np.minimum.accumulate(np.where(near, count, places)[::-1])[::-1]
    is_jump = steps[:-1] == JUMPED
    is_first = on & np.append(True, ~on[:-1] | is_jump[1:])
    is_last = on & np.append(~on[1:] | is_jump[1:], True)
    parts = []
    for first, last in zip(np.flatnonzero(is_first).tolist(), np.flatnonzero(is_last).tolist(), strict=True):
        was_there = first > 0 and near[first - 1] and not on[first - 1]
        stays = last + 1 < count and near[last + 1] and not on[last + 1]
        parts.append(
            _Part(
                first,
                last,
                SAILED if was_there else int(steps[first]),
                SAILED if stays else int(steps[last + 1]),
                int(previous_off[first]),
                int(next_off[last]) if next_off[last] < count else NONE,
                bool(was_there or stays),
            )
        )
    return parts


def _is_exact(fixes: VesselWeek, part: _Part, shape: Shape, rules: Rules) -> bool:
    """Returns whether a vessel follows the exact shape; at a point, which may be a berth, it must not sail there.

    Of a vessel that does not sail to a circle or from it, fewer fixes on it are enough.
    """
    sails = SAILED in (part.entry, part.exit)
    if KINDS[shape.outline.kind] == POINT and sails:
        return False
    is_unseen = KINDS[shape.outline.kind] == CIRCLE and not sails
    chosen = slice(part.first, part.last + 1)
    return shape.outline.is_followed(
        fixes.latitude[chosen],
        fixes.longitude[chosen],
        least=rules.interference_min_fixes_on_circle if is_unseen else rules.interference_min_fixes,
        rules=rules,
    )


def _all_follow(fixes: VesselWeek, on: Bools, parts: list[_Part], shape: Shape, rules: Rules) -> bool:
    """Returns whether all fixes in a shape's time follow it, though each part may have too few fixes."""
    if KINDS[shape.outline.kind] == POINT and any(SAILED in (part.entry, part.exit) for part in parts):
        return False
    return shape.outline.is_followed(fixes.latitude[on], fixes.longitude[on], rules=rules)


def _has_evidence(fixes: VesselWeek, near: Bools, parts: list[_Part], rules: Rules) -> bool:
    """Returns whether the vessel's own track goes on elsewhere while it is shown at the place.

    At least one part must not be reached nor left by sailing, and a ship must be able to sail from the fix before it to
    the one after it. The jumps must lead from or to enough fixes elsewhere: one wild position is not a track, unless it
    is of a ship under way.
    """
    least = rules.interference_min_fixes
    is_confirmed, elsewhere = False, 0
    for part in parts:
        is_jump = JUMPED in (part.entry, part.exit)
        is_confirmed |= is_jump and SAILED not in (part.entry, part.exit) and _is_way(fixes, part, rules)
        if part.entry == JUMPED:
            is_track = _is_under_way(fixes, near, part.first - 1, part.first, rules)
            elsewhere += least if is_track else _fixes_elsewhere(near[: part.first][::-1][:least])
        if part.exit == JUMPED:
            is_track = _is_under_way(fixes, near, part.last + 1, part.last, rules)
            elsewhere += least if is_track else _fixes_elsewhere(near[part.last + 1 :][:least])
    return is_confirmed and elsewhere >= least


def _is_way(fixes: VesselWeek, part: _Part, rules: Rules) -> bool:
    """Returns whether a ship sails from the fix before a part to the one after it in the time."""
    return NONE in (part.before, part.after) or _sails_from(fixes, part.before, part.after, rules)


def _sails_from(fixes: VesselWeek, one: int, other: int, rules: Rules) -> bool:
    """Returns whether a ship sails from one fix to a later one in the time."""
    hours = (fixes.second[other] - fixes.second[one]) / SECONDS_PER_HOUR
    most_km = hours * rules.interference_return_knots * KM_PER_NAUTICAL_MILE
    return bool(fixes.km(one, other) <= max(rules.interference_min_jump_km, most_km))


def _is_under_way(fixes: VesselWeek, near: Bools, place: int, shown: int, rules: Rules) -> bool:
    """Returns whether a fix off the shape, next to one on it, is of a ship that sails its own way elsewhere.

    Within minutes it must report to be much faster than the vessel that is shown, which a wild position of that vessel
    does not, and lie where a ship sails from its last fix off the shape before it, and to the next one.
    """
    is_soon = abs(fixes.second[place] - fixes.second[shown]) <= (
        float(rules.interference_denied_minutes) * SECONDS_PER_MINUTE
    )
    gained = fixes.sog_knots[place] - fixes.sog_knots[shown]
    if near[place] or not is_soon or not gained > rules.interference_denied_knots:
        return False
    off = np.flatnonzero(~near)
    rank = int(np.searchsorted(off, place))
    if rank == 0 or rank + 1 == off.size:
        return False
    return _sails_from(fixes, int(off[rank - 1]), place, rules) and _sails_from(
        fixes, place, int(off[rank + 1]), rules
    )


def _fixes_elsewhere(near: Bools) -> int:
    """Counts the fixes off the shape before the first one on it."""
    return int(np.argmax(near)) if near.any() else near.size


def _run(mmsi: int, fixes: VesselWeek, part: _Part, shape: Shape, rules: Rules) -> FalseRun:
    """Returns a part as a run; for a vessel that stays on the shape longer, only the time of the shape itself."""
    own = part.before if part.before != NONE else part.after if part.after != NONE else part.first
    both = np.array([part.first, own])
    cell, believed = h3_cells(
        fixes.latitude[both], fixes.longitude[both], rules.interference_cell_resolution
    ).tolist()
    began, last = int(fixes.second[part.first]), int(fixes.second[part.last])
    if part.is_longer:
        began, last = max(began, shape.from_second), min(last, shape.until_second)
    return FalseRun(mmsi, began, last + 1, shape.outline.kind, cell, believed, fixes.km(part.first, own))
