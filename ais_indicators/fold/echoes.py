"""Finds echoes: messages of a moving vessel that a wrong clock or a rebroadcast repeats at another time.

A vessel under way never sends the same position, speed, course and heading twice, so two such messages are one message
with two times. Source: methodology 4.
"""

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ais_indicators.compiled import njit
from ais_indicators.fold.echo_copies import earlier_places, slow_copies
from ais_indicators.hashing import GOLDEN_RATIO
from ais_indicators.rules import Rules
from ais_indicators.units import SECONDS_PER_HOUR

Bools = NDArray[np.bool_]
Longs = NDArray[np.int64]
Floats = NDArray[np.float64]
Memory = NDArray[Any]

CONTENT: Final = np.dtype(
    [("mmsi", np.int64), ("second", np.int64), ("content", np.uint64), ("flags", np.int64)]
)
"""One message that later ones may repeat: its content as a hash, and its flags."""

SHIFT: Final = np.dtype([("mmsi", np.int64), ("seconds", np.int64), ("last_second", np.int64)])
"""One vessel's messages have come twice, so many seconds apart; negative where the earlier ones were wrong."""

MOVING, OFF = 1, 2
"""Flags: the vessel moves; the clock of the station that heard the message is off."""

_KEPT, _LATER, _EARLIER = 0, 1, 2
_FOLD_BITS: Final = np.uint64(29)


class EchoMemory(NamedTuple):
    """What a day's echoes rest on from the days before.

    Attributes:
        messages: Kept messages of the last days, elements of `CONTENT` by MMSI and second.
        shifts: Elements of `SHIFT` by MMSI and seconds.
    """

    messages: Memory
    shifts: Memory

    @classmethod
    def empty(cls) -> "EchoMemory":
        """Remembers nothing."""
        return cls(np.empty(0, CONTENT), np.empty(0, SHIFT))


class Limits(NamedTuple):
    """The rules of echoes, in knots and seconds."""

    least_knots: float
    least_seconds: int
    most_seconds: int
    tolerance_seconds: int
    max_implied_speed_knots: float

    @classmethod
    def from_rules(cls, rules: Rules) -> "Limits":
        """Takes them from the rules of the lake's subject."""
        return cls(
            rules.echo_min_sog_knots,
            rules.echo_min_offset_seconds,
            int(rules.echo_max_offset_hours * SECONDS_PER_HOUR),
            rules.echo_offset_tolerance_seconds,
            rules.max_implied_speed_knots,
        )


class Heard(NamedTuple):
    """Messages of one ship bucket in the method's order; every array has one element per message.

    Attributes:
        mmsi: MMSI.
        second: Epoch seconds.
        latitude: Degrees north.
        longitude: Degrees east.
        sog_knots: Speed, NaN if unknown, as the next two.
        cog_degrees: Course.
        heading_degrees: Heading.
        is_off: Whether the clock of the station that heard it is off.
    """

    mmsi: Longs
    second: Longs
    latitude: Floats
    longitude: Floats
    sog_knots: Floats
    cog_degrees: Floats
    heading_degrees: Floats
    is_off: Bools

    def of(self, chosen: Any) -> "Heard":
        """Returns some of the messages, by a mask or their places."""
        return Heard(*(values[chosen] for values in self))


@dataclass(frozen=True)
class Echoes:
    """The echoes of a day.

    Attributes:
        places: Places of the echoes among the day's messages, in order.
        offset_seconds: For each the seconds to add to its time to get that of the message that it repeats.
        memory: What the days after rest on.
    """

    places: Longs
    offset_seconds: Longs
    memory: EchoMemory


def find_echoes(day: Heard, memory: EchoMemory, limits: Limits, following: Heard | None = None) -> Echoes:
    """Finds the echoes among one day's messages of a ship bucket.

    Args:
        day: The day's messages.
        memory: What the days before left.
        limits: Rules.
        following: Messages of the day after; an echo of one of them is found if its own station's clock is off.
    """
    moving = _moving(day, limits)
    if moving.size == 0 and memory.messages.size == 0:
        return Echoes(np.empty(0, np.int64), np.empty(0, np.int64), memory)
    now = contents_of(day.of(moving), MOVING)
    ahead = np.empty(0, CONTENT)
    if following is not None:
        ahead = contents_of(following.of(_moving(following, limits)), MOVING)
    before = memory.messages[memory.messages["flags"] & MOVING != 0]
    items, origin = _merged(before, now, ahead)
    verdict, offset = _verdicts(items, origin, limits)
    today = origin == _TODAY
    verdict, offset = verdict[today], offset[today]
    if not verdict.any() and memory.shifts.size == 0:
        no_slow, none = np.empty(0, CONTENT), np.empty(0, np.int64)
        return Echoes(none, none, _remembered(memory.messages, now, no_slow, memory.shifts, day, limits))
    if (verdict == _LATER).any():
        verdict, offset = _by_track(day.of(moving), verdict, offset, limits)
    is_echo = np.zeros(day.mmsi.size, np.bool_)
    offsets = np.zeros(day.mmsi.size, np.int64)
    is_echo[moving], offsets[moving] = verdict != _KEPT, offset
    shifts = _shifts(memory.shifts, day.mmsi, day.second, offsets, is_echo, limits)
    slow = np.empty(0, np.int64)
    if shifts.size:
        slow = np.flatnonzero(np.isin(day.mmsi, shifts["mmsi"]) & ~_is_moving(day, limits))
        around = np.concatenate([memory.messages, ahead, _slow_ahead(following, shifts, limits)])
        _add_slow(day, slow, is_echo, offsets, around, shifts, limits)
    places = np.flatnonzero(is_echo)
    kept = now if places.size == 0 else now[~is_echo[moving]]
    still = contents_of(day.of(slow), 0)
    memory = _remembered(memory.messages, kept, still, shifts, day, limits)
    return Echoes(places, offsets[places], memory)


def contents_of(heard: Heard, flags: int) -> Memory:
    """Returns messages as elements of `CONTENT`."""
    made = np.empty(heard.mmsi.size, CONTENT)
    made["mmsi"], made["second"] = heard.mmsi, heard.second
    content = np.zeros(heard.mmsi.size, np.uint64)
    for values in (
        heard.latitude, heard.longitude, heard.sog_knots, heard.cog_degrees, heard.heading_degrees
    ):  # fmt: skip
        bits = (np.where(np.isnan(values), -1.0, values) + 0.0).view(np.uint64)
        content = (content ^ bits) * GOLDEN_RATIO
        content ^= content >> _FOLD_BITS
    made["content"] = content
    made["flags"] = flags + OFF * heard.is_off
    return made


_BEFORE, _TODAY, _AHEAD = range(3)


def _is_moving(heard: Heard, limits: Limits) -> Bools:
    """Returns whether each message carries all that an echo is known by, of a vessel that moves."""
    has_direction = ~(np.isnan(heard.cog_degrees) | np.isnan(heard.heading_degrees))
    moving: Bools = (heard.sog_knots >= limits.least_knots) & has_direction
    return moving


def _moving(heard: Heard, limits: Limits) -> Longs:
    return np.flatnonzero(_is_moving(heard, limits))


def _merged(before: Memory, now: Memory, ahead: Memory) -> tuple[Memory, NDArray[np.int8]]:
    """Returns all messages by MMSI and second, and where each is from."""
    sizes = (before.size, now.size, ahead.size)
    origin = np.repeat(np.array([_BEFORE, _TODAY, _AHEAD], np.int8), sizes)
    if before.size == 0 and ahead.size == 0:
        return now, origin
    items = np.concatenate([before, now, ahead])
    order = np.argsort(items["mmsi"], kind="stable")  # the three are in order of time already
    return items[order], origin[order]


def _verdicts(items: Memory, origin: NDArray[np.int8], limits: Limits) -> tuple[NDArray[np.int8], Longs]:
    """Returns which messages are echoes, and the seconds from each to the message that it repeats."""
    verdict, offset = np.zeros(items.size, np.int8), np.zeros(items.size, np.int64)
    _compare(
        np.ascontiguousarray(items["mmsi"]), np.ascontiguousarray(items["second"]),
        np.ascontiguousarray(items["content"]), np.ascontiguousarray(items["flags"]), origin,
        limits.least_seconds, limits.most_seconds, verdict, offset,
    )  # fmt: skip
    return verdict, offset


@njit(cache=True)
def _table_size(mmsi: Any) -> int:
    """Returns a power of two that is at least twice the messages of any one vessel."""
    longest = start = 0
    for place in range(1, mmsi.size + 1):
        if place == mmsi.size or mmsi[place] != mmsi[start]:
            longest, start = max(longest, place - start), place
    size = 16
    while size < 2 * longest:
        size *= 2
    return size


@njit(cache=True)
def _compare(
    mmsi: Any,
    second: Any,
    content: Any,
    flags: Any,
    origin: Any,
    least: int,
    most: int,
    verdict: Any,
    offset: Any,
) -> None:
    """Compares each message with the last one kept of its MMSI that has its content.

    The table is one for all vessels: a slot of an earlier vessel is free, so nothing is cleared between them.
    """
    size = _table_size(mmsi)
    slots = np.full(size, -1, np.int64)
    first = 0
    for place in range(mmsi.size):
        if mmsi[place] != mmsi[first]:
            first = place
        slot = int(content[place] >> np.uint64(20)) & (size - 1)
        while slots[slot] >= first and content[slots[slot]] != content[place]:
            slot = (slot + 1) & (size - 1)
        earlier = slots[slot]
        if earlier < first:
            slots[slot] = place
            continue
        apart = second[place] - second[earlier]
        if apart < least:
            continue
        if apart > most:
            slots[slot] = place
            continue
        if flags[earlier] & OFF and not flags[place] & OFF and origin[earlier] == _TODAY:
            verdict[earlier], offset[earlier], slots[slot] = _EARLIER, apart, place
        elif origin[place] == _TODAY:
            verdict[place], offset[place] = _LATER, -apart


def _by_track(
    moving: Heard, verdict: NDArray[np.int8], offset: Longs, limits: Limits
) -> tuple[NDArray[np.int8], Longs]:
    """Turns a vessel's verdicts round where the earlier messages are those that do not continue its track.

    Args:
        moving: The day's messages that can be echoes.
        verdict: Of each; those of a vessel that a station with a wrong clock heard stay.
        offset: Seconds to the message that it repeats.
        limits: Rules.
    """
    turned, turned_offset = verdict.copy(), offset.copy()
    of_clocks = np.unique(moving.mmsi[moving.is_off])
    for mmsi in np.setdiff1d(moving.mmsi[verdict == _LATER], of_clocks).tolist():
        low, high = np.searchsorted(moving.mmsi, [mmsi, mmsi + 1])
        later = low + np.flatnonzero(verdict[low:high] == _LATER)
        wanted = moving.second[later] + offset[later]
        earlier = _places_of(moving, low, high, later, wanted)
        has = earlier >= 0
        later, earlier = later[has], earlier[has]
        if later.size == 0:
            continue
        every = np.arange(low, high)
        without_later = np.setdiff1d(every, low + np.flatnonzero(verdict[low:high] == _LATER))
        without_earlier = np.setdiff1d(every, earlier)
        if _jumps(moving, without_earlier, limits) < _jumps(moving, without_later, limits):
            turned[later], turned_offset[later] = _KEPT, 0
            turned[earlier], turned_offset[earlier] = _EARLIER, moving.second[later] - moving.second[earlier]
    return turned, turned_offset


def _places_of(moving: Heard, low: int, high: int, later: Longs, wanted: Longs) -> Longs:
    """Returns the place of the message that each later one repeats; -1 where it is of an earlier day."""
    places = np.empty(later.size, np.int64)
    contents = np.column_stack([values[low:high] for values in moving[2:7]])
    earlier_places(moving.second[low:high], contents, later - low, wanted, places)
    return np.where(places < 0, places, low + places)


def _jumps(moving: Heard, places: Longs, limits: Limits) -> int:
    """Counts the steps between messages that no vessel could make."""
    latitude, longitude = np.radians(moving.latitude[places]), np.radians(moving.longitude[places])
    turn = np.abs(np.remainder(np.diff(longitude) + np.pi, 2 * np.pi) - np.pi)
    miles = np.degrees(np.hypot(np.diff(latitude), turn * np.cos(latitude[:-1]))) * 60.0
    hours = np.maximum(np.diff(moving.second[places]), 1) / SECONDS_PER_HOUR
    return int((miles > np.maximum(hours * limits.max_implied_speed_knots, _NOISE_MILES)).sum())


_NOISE_MILES: Final = 0.1
"""A step that is shorter is no jump: times are whole seconds and positions have noise."""


def _shifts(
    shifts: Memory, mmsi: Longs, second: Longs, offsets: Longs, is_echo: Bools, limits: Limits
) -> Memory:
    """Returns the seconds by which vessels' messages came twice, until the longest time apart has passed."""
    found = np.empty(int(is_echo.sum()), SHIFT)
    found["mmsi"], found["seconds"], found["last_second"] = mmsi[is_echo], -offsets[is_echo], second[is_echo]
    every = np.concatenate([shifts, found])
    if every.size == 0 or second.size == 0:
        return every
    every = every[every["last_second"] >= second.max() - limits.most_seconds]
    order = np.lexsort((-every["last_second"], every["seconds"], every["mmsi"]))
    every = every[order]
    is_first = np.ones(every.size, np.bool_)
    is_first[1:] = (np.diff(every["mmsi"]) != 0) | (np.diff(every["seconds"]) != 0)
    return np.asarray(every[is_first])


def _slow_ahead(following: Heard | None, shifts: Memory, limits: Limits) -> Memory:
    """Returns the next day's slow messages of vessels with echoes."""
    if following is None:
        return np.empty(0, CONTENT)
    is_slow = np.isin(following.mmsi, shifts["mmsi"]) & ~_is_moving(following, limits)
    return contents_of(following.of(is_slow), 0)


def _add_slow(
    day: Heard, slow: Longs, is_echo: Bools, offsets: Longs, around: Memory, shifts: Memory, limits: Limits
) -> None:
    """Marks the slow messages that repeat one at a known time apart though the vessel moved in between."""
    now = contents_of(day.of(slow), 0)
    under_way = day.of(_is_moving(day, limits) & ~is_echo)
    is_slow = around["flags"] & MOVING == 0
    held = np.concatenate([around[is_slow], now])
    mmsi = np.concatenate([around["mmsi"][~is_slow], under_way.mmsi])
    second = np.concatenate([around["second"][~is_slow], under_way.second])
    in_order, by_content = np.lexsort((second, mmsi)), np.lexsort((held["content"], held["mmsi"]))
    found = np.zeros(slow.size, np.int64)
    slow_copies(
        _columns(now, "mmsi", "second", "content"),
        _columns(held[by_content], "mmsi", "second", "content"),
        _columns(shifts, "mmsi", "seconds"),
        (mmsi[in_order], second[in_order]),
        limits.tolerance_seconds,
        found,
    )
    copies = np.flatnonzero(found)
    is_echo[slow[copies]], offsets[slow[copies]] = True, found[copies]


def _columns(rows: Memory, *names: str) -> tuple[NDArray[Any], ...]:
    return tuple(np.ascontiguousarray(rows[name]) for name in names)


def _remembered(
    before: Memory, moving: Memory, slow: Memory, shifts: Memory, day: Heard, limits: Limits
) -> EchoMemory:
    """Returns what the days after rest on: messages of the last days, slow ones of vessels with echoes alone."""
    since = int(day.second.max()) - limits.most_seconds if day.second.size else 0
    if before.size:
        is_needed = (before["flags"] & MOVING != 0) | np.isin(before["mmsi"], shifts["mmsi"])
        before = before[(before["second"] >= since) & is_needed]
    if before.size + slow.size == 0:
        return EchoMemory(moving, shifts)
    every = np.concatenate([before, moving, slow])
    if slow.size:
        order = np.lexsort((every["flags"], every["content"], every["second"], every["mmsi"]))
    else:
        order = np.argsort(every["mmsi"], kind="stable")  # each part is in order of time
    return EchoMemory(every[order], shifts)
