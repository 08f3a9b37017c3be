"""The second reading of transits: section 8 of the method once more, plain and slow, to assess the product.

It keeps each track whole and looks back over it: first at which area of a gate every fix lies, then chains of fixes
that nothing interrupts, then what is before and after each stretch inside the gate. It shares no code with
`ais_indicators`; which fix belongs to which track it takes from the second reading of tracks.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import NamedTuple

import shapely

from tests.second_reading import Atlas, Fix, Track, follow_tracks

HOUR = 3600
GAP_SECONDS = 4 * HOUR
MEMORY_SECONDS = 24 * HOUR
EXCURSION_SECONDS = HOUR
RECOUNT_SECONDS = 48 * HOUR
MIN_TRACK_FIXES = 3
INSIDE = "gate"
OTHER = {"side_a": "side_b", "side_b": "side_a"}


class Strait(NamedTuple):
    """One gate: its box and its two sides, in degrees."""

    code: str
    gate: shapely.Polygon
    side_a: shapely.Polygon
    side_b: shapely.Polygon


class Passage(NamedTuple):
    """One transit; `left` is None where it was not seen."""

    mmsi: int
    gate_code: str
    direction: str
    entered: int
    left: int | None
    gap_hours: float
    is_complete: bool
    is_jumped: bool
    is_counted: bool


class Stretch(NamedTuple):
    """Numbers of fixes that follow each other in a chain in one area."""

    area: str
    numbers: list[int]


def read_transits(fixes: Iterable[Fix], straits: Sequence[Strait], period_end_second: int) -> list[Passage]:
    """Read fixes of any MMSIs, in any order; the period's end closes tracks and interrupts chains."""
    ships: defaultdict[int, list[Fix]] = defaultdict(list)
    for fix in fixes:
        ships[fix.mmsi].append(fix)
    found: list[Passage] = []
    for mmsi in sorted(ships):
        for track in follow_tracks(ships[mmsi], Atlas([]), Counter()):
            track.close_if_silent(period_end_second)
            where = [area_of(fix, straits) for fix in track.fixes]
            for strait in straits:
                areas = [area if code == strait.code else None for code, area in where]
                found += counted(passages_of(track, strait.code, areas, period_end_second))
    return sorted(found, key=lambda p: (p.mmsi, p.entered, p.gate_code, p.direction))


def area_of(fix: Fix, straits: Sequence[Strait]) -> tuple[str | None, str | None]:
    """Return the gate and its area that hold a fix; of overlapping gates the smaller, of its areas the gate."""
    point = shapely.Point(fix.longitude, fix.latitude)
    for strait in sorted(straits, key=lambda s: (shapely.area(s.gate), s.code)):
        for area in (INSIDE, *OTHER):
            if getattr(strait, area).intersects(point):
                return strait.code, area
    return None, None


def passages_of(track: Track, code: str, areas: list[str | None], end: int) -> list[Passage]:
    """Return the passages of one track at one gate, none of them counted yet."""
    passages = []
    for chain in chains_of(track.fixes, areas):
        stretches = [
            Stretch(str(area), list(numbers)) for area, numbers in groupby(chain, key=lambda n: areas[n])
        ]
        for place, stretch in enumerate(stretches):
            before = stretches[place - 1] if place else None
            after = stretches[place + 1] if place + 1 < len(stretches) else None
            if stretch.area == INSIDE:
                passage = through_gate(track, code, before, stretch, after, end)
            else:
                passage = over_gate(track, code, before, stretch)
            if passage is not None:
                passages.append(passage)
    return passages


def chains_of(fixes: list[Fix], areas: list[str | None]) -> list[list[int]]:
    """Split the fixes at the gate where the ship was elsewhere, or silent next to it, for too long."""
    chains: list[list[int]] = []
    for number, area in enumerate(areas):
        if area is None:
            continue
        if chains and not is_interrupted(fixes, areas, chains[-1][-1], number):
            chains[-1].append(number)
        else:
            chains.append([number])
    return chains


def is_interrupted(fixes: list[Fix], areas: list[str | None], last: int, number: int) -> bool:
    """Say whether between two fixes at the gate the ship may have gone."""
    silence = fixes[number].second - fixes[last].second
    if number > last + 1:
        elsewhere = fixes[number].second - fixes[last + 1].second
        return elsewhere > EXCURSION_SECONDS or silence > MEMORY_SECONDS
    return areas[last] != INSIDE and silence > MEMORY_SECONDS


def through_gate(
    track: Track, code: str, before: Stretch | None, inside: Stretch, after: Stretch | None, end: int
) -> Passage | None:
    """Return the passage that a stretch inside the gate is, if it is one."""
    first, last = inside.numbers[0], inside.numbers[-1]
    if after is None:
        if before is None or not was_lost(track, last, end) or len(track.fixes) < MIN_TRACK_FIXES:
            return None
        return passage(track, code, before.area, first, None, inside.numbers)
    until = after.numbers[0]
    if until + 1 < MIN_TRACK_FIXES:
        return None
    if before is not None:
        if before.area == after.area:
            return None
        return passage(track, code, before.area, first, until, [*inside.numbers, until], is_complete=True)
    if first > 0 and silence_before(track, first) < GAP_SECONDS:
        return None
    return passage(track, code, OTHER[after.area], first, until, [*inside.numbers, until])


def was_lost(track: Track, last: int, end: int) -> bool:
    """Say whether a ship that was last seen inside is inside still, or left in a silence that is over."""
    if last + 1 == len(track.fixes):
        return True
    away = track.fixes[last + 1].second
    is_over = min(track.fixes[last].second + MEMORY_SECONDS, away + EXCURSION_SECONDS) + 1 <= end - 1
    return silence_before(track, last + 1) >= GAP_SECONDS and (is_over or not track.is_open)


def over_gate(track: Track, code: str, before: Stretch | None, beside: Stretch) -> Passage | None:
    """Return the passage of a ship that was on one side at one fix and on the other at the next."""
    first = beside.numbers[0]
    if before is None or before.area != OTHER[beside.area] or before.numbers[-1] != first - 1:
        return None
    if first + 1 < MIN_TRACK_FIXES:
        return None
    return passage(track, code, before.area, first - 1, first, [first], is_complete=True, is_jumped=True)


def passage(
    track: Track, code: str, side: str, first: int, until: int | None, numbers: list[int],
    *, is_complete: bool = False, is_jumped: bool = False,
) -> Passage:  # fmt: skip
    """Make a passage; its gaps are the long silences that its fixes end."""
    silences = [silence_before(track, n) for n in numbers if n > 0]
    return Passage(
        mmsi=track.fixes[0].mmsi,
        gate_code=code,
        direction=f"{side}_to_{OTHER[side]}",
        entered=track.fixes[first].second,
        left=None if until is None else track.fixes[until].second,
        gap_hours=sum(s for s in silences if s >= GAP_SECONDS) / HOUR,
        is_complete=is_complete,
        is_jumped=is_jumped,
        is_counted=False,
    )


def silence_before(track: Track, number: int) -> int:
    """Return the seconds since the fix before."""
    return track.fixes[number].second - track.fixes[number - 1].second


def counted(passages: list[Passage]) -> list[Passage]:
    """Mark those that count: complete, and 48 h after the last that did."""
    marked, last = [], None
    for one in passages:
        counts = one.is_complete and (last is None or one.entered - last >= RECOUNT_SECONDS)
        last = one.entered if counts else last
        marked.append(one._replace(is_counted=counts))
    return marked
