"""Messages of a day: what the sets send, what receivers take of it, and the faults in it.

A message depends only on the seed, its ship and its second, so a day is made a few hours at a time, each sorted
separately, in little more memory than the day's messages take.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ais_indicators.units import SECONDS_PER_DAY, SECONDS_PER_HOUR
from ais_simulator.model import DayAtSea, Ints
from ais_simulator.radio import sets
from ais_simulator.radio.faults import KINDS, Fate, build_fate, copies, cuts, spoil
from ais_simulator.radio.interference import find_dark, hit_hours, interfere
from ais_simulator.radio.motion import Circles, Habits, circles, habits, reports
from ais_simulator.radio.order import by_second
from ais_simulator.radio.passes import Passes
from ais_simulator.radio.reception import Receivers, build_receivers, receive
from ais_simulator.radio.records import (
    CLASS_B_STATIC,
    HIT_HOUR,
    POSITION,
    STATIC,
    VOYAGE,
    DayMessages,
    Records,
    Sets,
    start_of_day_s,
)
from ais_simulator.radio.reporting import STATIC_S, Schedule, phases_s, position_interval_s, schedule
from ais_simulator.radio.shore import shore_messages
from ais_simulator.radio.wrong_clocks import WrongClocks
from ais_simulator.scenario import Scenario

WINDOW_S: Final = 3 * SECONDS_PER_HOUR
"""How much of a day is made at a time."""

POSITION_KIND, VOYAGE_KIND, PART_A_KIND, PART_B_KIND = range(4)
"""Numbers that distinguish messages of one ship in one second."""


@dataclass(frozen=True)
class _Day:
    """What all windows of a day share."""

    sea: DayAtSea
    start_s: int
    seed: int
    thin_s: int
    legs: Circles
    own: Habits
    phase_s: Ints
    sets: Sets
    first_version: Ints
    receivers: Receivers
    fate: Fate
    passes: Passes | None
    clocks: WrongClocks | None
    counts: Counter[str]
    hit_hours: list[Records] = field(default_factory=list)


def day_messages(sea: DayAtSea, scenario: Scenario, thin_s: int, seed: int) -> DayMessages:
    """Makes all messages of a day.

    Args:
        sea: What is true on the day.
        scenario: How much is heard, and what goes wrong how often.
        thin_s: Keeps one fix per ship in each so many seconds; 0 keeps all.
        seed: Seed of all chances.
    """
    legs, start = circles(sea.motion), start_of_day_s(sea.day)
    ships, clock = len(sea.fleet), scenario.faults.receiver_clock_offset
    day = _Day(
        sea=sea, start_s=start, seed=seed, thin_s=thin_s, legs=legs, own=habits(seed, ships),
        phase_s=phases_s(seed, ships), sets=sets.build_sets(sea),
        first_version=sets.versions_of_ships(sea.statics, ships),
        receivers=build_receivers(sea, legs, scenario, seed),
        fate=build_fate(scenario.faults, ships, seed),
        passes=Passes.build(scenario.satellite, seed) if scenario.satellite else None,
        clocks=WrongClocks.build(clock, sea.stations, seed) if clock else None, counts=Counter(),
    )  # fmt: skip
    heard = _static_messages(day)
    shore = shore_messages(sea, len(sea.statics.mmsi), day.receivers.hears_everything, seed)
    shore["mmsi"] = day.sets.mmsi[shore["version"]]
    positions = _joined(list(_windows(day, heard, shore)))
    statics = _finished(day, heard, "statics")
    position_cuts, static_cuts = (cuts(records, day.fate, start) for records in (positions, statics))
    day.counts["positions.truncated"] += position_cuts.row.size
    day.counts["statics.truncated"] += static_cuts.row.size
    return DayMessages(
        sea.day,
        positions,
        statics,
        day.sets,
        day.clocks.stations if day.clocks else sea.stations,
        position_cuts,
        static_cuts,
        dict(+day.counts),
        np.concatenate([np.zeros(0, HIT_HOUR), *day.hit_hours]),
    )


def _windows(day: _Day, heard: Records, shore: Records) -> Iterator[Records]:
    """Yields the position messages of some hours at a time, in order."""
    first_heard = sets.first_of_ships(heard, len(day.sea.fleet))
    usual_s = sets.usual_static_s(day.phase_s, day.start_s)
    motion = day.sea.motion
    usual = position_interval_s(
        day.sea.fleet.is_class_b[motion.ship], motion.navigational_status, day.legs.knots
    )
    interval_s = np.maximum(usual, day.thin_s)
    for from_s in range(0, SECONDS_PER_DAY, WINDOW_S):
        to_s = from_s + WINDOW_S
        sent = _sent(day, interval_s, (day.start_s + from_s, day.start_s + to_s))
        records = _received(day, sent, POSITION_KIND, "positions")
        if day.sea.hits:
            _interfere(day, records)
        sets.set_known(records, heard, first_heard, day.first_version, day.sets.mmsi, usual_s)
        _count(day, "positions", KINDS, spoil(records, day.fate, POSITION_KIND, day.start_s))
        again = copies(records, day.fate, POSITION_KIND, day.start_s, to_s - 1)
        day.counts["positions.duplicate"] += again.size
        on_shore = shore[(shore["sent_s"] >= from_s) & (shore["sent_s"] < to_s)]
        parts = [on_shore, records, again]
        if day.clocks:
            repeated = [day.clocks.repeat(part, POSITION_KIND, day.start_s) for part in (on_shore, records)]
            day.counts["positions.receiver_clock_offset"] += sum(part.size for part in repeated)
            parts += repeated
        yield by_second(np.concatenate(parts), from_s, to_s)


def _sent(day: _Day, interval_s: Ints, span: tuple[int, int], *, is_static: bool = False) -> Schedule:
    """Returns the times at which the sets send; where only satellites receive, only during their passes."""
    if day.passes:
        return day.passes.schedule(day.sea.motion, interval_s, day.phase_s, span, is_static=is_static)
    return schedule(day.sea.motion, interval_s, day.phase_s, *span)


def _joined(parts: list[Records]) -> Records:
    """Joins parts; each one is released once it is copied, so that the day is not in memory twice."""
    whole = np.empty(sum(part.size for part in parts), POSITION)
    end = whole.size
    while parts:
        part = parts.pop()
        whole[end - part.size : end] = part
        end -= part.size
    return whole


def _received(day: _Day, sent: Schedule, kind: int, table: str) -> Records:
    """Returns what is received of the messages of a schedule, true, with its sender's version."""
    records = reports(day.sea.motion, day.legs, sent, day.sea.fleet, day.own, day.seed, day.start_s)
    sets.set_versions(records, day.first_version, day.sets.since_s, day.sets.mmsi, day.start_s)
    if day.sea.hits:
        records = _sent_in_spite(day, records, kind, table)
    is_received, counts = receive(records, day.receivers, kind, day.start_s)
    _count(day, table, ("lost", "collision"), counts)
    return records if is_received.all() else records[is_received]


def _sent_in_spite(day: _Day, records: Records, kind: int, table: str) -> Records:
    """Returns messages of vessels that are not dark; notes what receivers would have received of the rest."""
    shock = find_dark(records, day.sea.hits, day.start_s)
    is_kept = shock < 0
    if is_kept.all():
        return records
    withheld = records[~is_kept]
    is_missed, _ = receive(withheld, day.receivers, kind, day.start_s)
    day.counts[f"{table}.dark"] += int(is_missed.sum())
    if kind == POSITION_KIND:
        day.hit_hours.append(hit_hours(withheld, shock[~is_kept], is_missed))
    return records[is_kept]


def _interfere(day: _Day, records: Records) -> None:
    """Changes positions of received messages, and notes which hours of which vessels had any."""
    true = records.copy()
    shock = interfere(records, day.sea.hits, day.seed, day.start_s)
    day.hit_hours.append(hit_hours(true, shock))
    for hit in day.sea.hits:
        day.counts[f"positions.{hit.shock.kind}"] += int((shock == hit.number).sum())


def _static_messages(day: _Day) -> Records:
    """Returns received static messages with true times, by ship and time."""
    motion, is_class_b = day.sea.motion, day.sea.fleet.is_class_b
    interval_s = np.full(len(motion.ship), max(STATIC_S, day.thin_s))
    sent = _sent(day, interval_s, (day.start_s, day.start_s + SECONDS_PER_DAY), is_static=True)
    of_class_b = is_class_b[motion.ship[sent.leg]]
    parts = [
        _as_statics(_received(day, _chosen(sent, ~of_class_b), VOYAGE_KIND, "statics"), VOYAGE, 0),
        _as_statics(_received(day, _chosen(sent, of_class_b), PART_A_KIND, "statics"), CLASS_B_STATIC, 0),
        _as_statics(_received(day, _chosen(sent, of_class_b), PART_B_KIND, "statics"), CLASS_B_STATIC, 1),
    ]
    records = np.concatenate(parts)
    return records[np.lexsort((records["part"], records["sent_s"], records["ship"]))]


def _chosen(sent: Schedule, chosen: NDArray[np.bool_]) -> Schedule:
    return Schedule(sent.leg[chosen], sent.first_s[chosen], sent.step_s[chosen], sent.count[chosen])


def _as_statics(records: Records, message_type: int, part: int) -> Records:
    statics = np.zeros(records.size, STATIC)
    for name in ("sent_s", "stamped_s", "ship", "version", "station"):
        statics[name] = records[name]
    statics["message_type"], statics["part"] = message_type, part
    return statics


def _finished(day: _Day, heard: Records, table: str) -> Records:
    """Returns static messages with their faults and copies, in the order of the file."""
    parts = []
    for kind, message_type, part in (
        (VOYAGE_KIND, VOYAGE, 0),
        (PART_A_KIND, CLASS_B_STATIC, 0),
        (PART_B_KIND, CLASS_B_STATIC, 1),
    ):
        own = heard[(heard["message_type"] == message_type) & (heard["part"] == part)]
        _count(day, table, KINDS, spoil(own, day.fate, kind, day.start_s))
        again = copies(own, day.fate, kind, day.start_s, SECONDS_PER_DAY - 1)
        day.counts[f"{table}.duplicate"] += again.size
        parts += [own, again]
        if day.clocks:
            repeated = day.clocks.repeat(own, kind, day.start_s)
            day.counts[f"{table}.receiver_clock_offset"] += repeated.size
            parts.append(repeated)
    records = np.concatenate(parts)
    return by_second(records[np.argsort(records["ship"], kind="stable")], 0, SECONDS_PER_DAY)


def _count(day: _Day, table: str, kinds: tuple[str, ...], counts: Ints) -> None:
    for kind, count in zip(kinds, counts.tolist(), strict=True):
        day.counts[f"{table}.{kind}"] += count
