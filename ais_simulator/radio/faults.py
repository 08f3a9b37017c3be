"""Faults of received messages: wrong places, times and values, copies, and lines cut off.

Each message draws its own fate, so a fault hits the same messages whatever other faults are on. The faults of
reception (lost, collision) are in `reception`, those of numbers and draughts in the ocean's static data.
"""

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ais_indicators.compiled import njit
from ais_indicators.units import EARTH_RADIUS_KM, SECONDS_PER_HOUR, SECONDS_PER_MINUTE
from ais_simulator.model import Ints
from ais_simulator.radio.draws import Stream, chance, draw, ship_chances, stream_key
from ais_simulator.radio.records import (
    CLASS_B,
    NO_COG,
    NO_HEADING,
    NO_LATITUDE,
    NO_LONGITUDE,
    NO_SOG,
    ON_SHORE,
    POSITION,
    STEPS_PER_DEGREE,
    Cuts,
    Records,
)
from ais_simulator.scenario import Faults

SLOW_CLOCK_S: Final = 30
WRONG_TIME_S: Final = (5 * SECONDS_PER_MINUTE, 6 * SECONDS_PER_HOUR)
JUMP_KM: Final = (200.0, 800.0)
TENTHS: Final = 10
LEAST_LEFT, MOST_LEFT = 0.15, 0.85
"""How much of a line that is cut off is left."""

KINDS: Final = (
    "slow_clock",
    "wrong_time",
    "position_jump",
    "position_not_available",
    "sog_not_available",
    "cog_not_available",
    "heading_not_available",
    "latitude_out_of_range",
    "longitude_out_of_range",
    "cog_out_of_range",
    "heading_out_of_range",
    "sog_at_its_end",
    "sog_missing",
    "sog_stuck",
)
"""Kinds of faults of a single message; the last two affect all messages of a vessel."""

(
    _SLOW_CLOCK, _WRONG_TIME, _JUMP, _NO_POSITION, _NO_SOG, _NO_COG, _NO_HEADING,
    _LATITUDE_OUT, _LONGITUDE_OUT, _COG_OUT, _HEADING_OUT, _SOG_AT_END, _SOG_MISSING, _SOG_STUCK,
) = range(len(KINDS))  # fmt: skip
_VALUES: Final = _SOG_AT_END + 1 - _NO_POSITION
_AS_IT_IS: Final = -1
ODD_LATITUDE: Final = 95 * STEPS_PER_DEGREE
ODD_LONGITUDE: Final = 200 * STEPS_PER_DEGREE
_ODD_COG: Final = 4000  # 400 degrees, which twelve bits hold
_ODD_HEADING: Final = 400
_MOST_SOG: Final = 1022
"""102.2 kn, which says "that or more"."""

_HOW: Final = 1
"""Salt of a fault's size; salt 0, or that of the message's kind, says whether it happens."""


@dataclass(frozen=True)
class Fate:
    """How often messages go wrong on a day, as the compiled code takes it.

    Attributes:
        clock_s: By how much each ship's clock is wrong.
        sog_tenths: The only speed that each ship sends, `NO_SOG` for none at all; -1 where its set works.
        rates: Chance of a wrong time, a jump, and a value not available.
        keys: Of the same three streams.
        duplicate_share: Chance of a copy.
        duplicate_key: Of its stream.
        truncated_share: Chance of a line cut off.
        truncated_key: Of its stream.
    """

    clock_s: NDArray[np.int32]
    sog_tenths: NDArray[np.int16]
    rates: NDArray[np.float64]
    keys: NDArray[np.uint64]
    duplicate_share: float
    duplicate_key: np.uint64
    truncated_share: float
    truncated_key: np.uint64


def build_fate(faults: Faults, ships: int, seed: int) -> Fate:
    """Draws the ships with a wrong clock, and keeps the rates of the rest."""
    clocks = ship_chances(stream_key(seed, Stream.SLOW_CLOCK), ships)
    is_late = clocks < faults.slow_clock_share / 2.0
    is_early = (clocks < faults.slow_clock_share) & ~is_late
    streams = (Stream.WRONG_TIME, Stream.JUMP, Stream.NOT_AVAILABLE)
    return Fate(
        clock_s=(SLOW_CLOCK_S * (is_late.astype(np.int32) - is_early)).astype(np.int32),
        sog_tenths=_sent_sog(faults, ships, seed),
        rates=np.array([faults.wrong_time_share, faults.position_jump_share, faults.not_available_share]),
        keys=np.array([stream_key(seed, stream) for stream in streams]),
        duplicate_share=faults.duplicate_share,
        duplicate_key=stream_key(seed, Stream.DUPLICATE),
        truncated_share=faults.truncated_share,
        truncated_key=stream_key(seed, Stream.TRUNCATED),
    )


def _sent_sog(faults: Faults, ships: int, seed: int) -> NDArray[np.int16]:
    """Draws the ships that send no speed or always the same; those that could do both send none."""
    sent = np.full(ships, _AS_IT_IS, np.int16)
    if faults.sog_stuck is not None:
        key = stream_key(seed, Stream.SOG_STUCK)
        values = np.rint(np.array(faults.sog_stuck.knots) * TENTHS).astype(np.int16)
        which = (ship_chances(key + np.uint64(1), ships) * values.size).astype(np.int64)
        is_stuck = ship_chances(key, ships) < faults.sog_stuck.vessel_share
        sent[is_stuck] = values[which[is_stuck]]
    if faults.sog_missing is not None:
        key = stream_key(seed, Stream.SOG_MISSING)
        sent[ship_chances(key, ships) < faults.sog_missing.vessel_share] = NO_SOG
    return sent


def spoil(records: Records, fate: Fate, kind: int, day_start_s: int) -> Ints:
    """Spoils received messages of ships in place; a static message can only be stamped wrongly.

    Args:
        records: `POSITION` or `STATIC` records.
        fate: How often.
        kind: A number that distinguishes messages of one ship in one second.
        day_start_s: Epoch second of the day's start.

    Returns:
        How many messages each of `KINDS` hit.
    """
    counts = np.zeros(len(KINDS), np.int64)
    if records.dtype == POSITION and (fate.sog_tenths != _AS_IT_IS).any():
        sent = fate.sog_tenths[records["ship"]]
        is_missing, is_set = sent == NO_SOG, sent != _AS_IT_IS
        records["sog_tenths"][is_set] = sent[is_set]
        counts[_SOG_MISSING] = is_missing.sum()
        counts[_SOG_STUCK] = (is_set & ~is_missing).sum()
    if fate.rates.any() or fate.clock_s.any():
        _stamp(records, fate.clock_s, fate.rates[0], fate.keys[0], 2 * kind, day_start_s, counts)
        if records.dtype == POSITION:
            _misplace(records, fate.rates, fate.keys, day_start_s, counts)
    return counts


def copies(records: Records, fate: Fate, kind: int, day_start_s: int, last_s: int) -> Records:
    """Returns the messages that come twice, a second time: as they were, a second later in the file.

    Args:
        records: As for `spoil`, spoilt.
        fate: How often.
        kind: As for `spoil`.
        day_start_s: As for `spoil`.
        last_s: Greatest second in which a copy may come.
    """
    if fate.duplicate_share == 0:
        return records[:0]
    chosen = np.zeros(records.size, np.bool_)
    _choose(records, fate.duplicate_share, fate.duplicate_key, kind, day_start_s, chosen)
    again = records[chosen]
    again["sent_s"] = np.minimum(again["sent_s"] + 1, last_s)
    again["copy"] = 1
    return again


def cuts(records: Records, fate: Fate, day_start_s: int) -> Cuts:
    """Returns the messages, in the order of the file, whose line is cut off."""
    if fate.truncated_share == 0:
        return Cuts(np.zeros(0, np.int64), np.zeros(0))
    chosen = np.zeros(records.size, np.bool_)
    _choose(records, fate.truncated_share, fate.truncated_key, 0, day_start_s, chosen)
    rows = np.flatnonzero(chosen)
    shares = np.empty(rows.size)
    _choose_shares(records[rows], fate.truncated_key, day_start_s, shares)
    return Cuts(rows, LEAST_LEFT + shares * (MOST_LEFT - LEAST_LEFT))


@njit(cache=True)
def _stamp(
    records: Any, clock_s: Any, rate: float, key: Any, salt: int, day_start_s: int, counts: Any
) -> None:
    """Stamps messages of wrong clocks, and some others, with a wrong time."""
    for row in range(records.size):
        record = records[row]
        if clock_s[record.ship] != 0:
            record.stamped_s += clock_s[record.ship]
            counts[_SLOW_CLOCK] += 1
        second = record.sent_s + day_start_s
        if rate > 0.0 and chance(draw(key, record.ship, second, salt)) < rate:
            how = 2.0 * chance(draw(key, record.ship, second, salt + _HOW)) - 1.0
            size = int(WRONG_TIME_S[0] + abs(how) * (WRONG_TIME_S[1] - WRONG_TIME_S[0]))
            record.stamped_s += size if how > 0.0 else -size
            counts[_WRONG_TIME] += 1


@njit(cache=True)
def _misplace(records: Any, rates: Any, keys: Any, day_start_s: int, counts: Any) -> None:
    """Moves some positions far away, and takes some values away."""
    for row in range(records.size):
        record = records[row]
        second, ship = record.sent_s + day_start_s, record.ship
        if rates[1] > 0.0 and chance(draw(keys[1], ship, second, 0)) < rates[1]:
            bits = draw(keys[1], ship, second, _HOW)
            _jump(record, chance(bits), chance(draw(keys[1], ship, second, 2 * _HOW)))
            counts[_JUMP] += 1
        if rates[2] > 0.0 and chance(draw(keys[2], ship, second, 0)) < rates[2]:
            which = _NO_POSITION + int(chance(draw(keys[2], ship, second, _HOW)) * _VALUES)
            if record.message_type == CLASS_B and which in (_NO_HEADING, _HEADING_OUT):
                which = _NO_SOG  # a set of class B has no heading to lose
            _take_value(record, which)
            counts[which] += 1


@njit(cache=True)
def _jump(record: Any, size: float, direction: float) -> None:
    """Moves a position hundreds of kilometres."""
    arc = (JUMP_KM[0] + size * (JUMP_KM[1] - JUMP_KM[0])) / EARTH_RADIUS_KM
    bearing = direction * 2.0 * math.pi
    phi = math.radians(record.latitude_steps / STEPS_PER_DEGREE)
    lam = math.radians(record.longitude_steps / STEPS_PER_DEGREE)
    north = math.sin(phi) * math.cos(arc) + math.cos(phi) * math.sin(arc) * math.cos(bearing)
    there = math.asin(min(1.0, max(-1.0, north)))
    east = math.sin(bearing) * math.sin(arc) * math.cos(phi)
    lam += math.atan2(east, math.cos(arc) - math.sin(phi) * math.sin(there))
    lam = math.atan2(math.sin(lam), math.cos(lam))
    record.latitude_steps = round(math.degrees(there) * STEPS_PER_DEGREE)
    record.longitude_steps = round(math.degrees(lam) * STEPS_PER_DEGREE)


@njit(cache=True)
def _take_value(record: Any, which: int) -> None:
    """Replaces a value by "not available" or by a value that does not exist."""
    if which == _NO_POSITION:
        record.latitude_steps, record.longitude_steps = NO_LATITUDE, NO_LONGITUDE
    elif which == _NO_SOG:
        record.sog_tenths = NO_SOG
    elif which == _NO_COG:
        record.cog_tenths = NO_COG
    elif which == _NO_HEADING:
        record.heading_degrees = NO_HEADING
    elif which == _LATITUDE_OUT:
        record.latitude_steps = ODD_LATITUDE
    elif which == _LONGITUDE_OUT:
        record.longitude_steps = ODD_LONGITUDE
    elif which == _COG_OUT:
        record.cog_tenths = _ODD_COG
    elif which == _HEADING_OUT:
        record.heading_degrees = _ODD_HEADING
    elif which == _SOG_AT_END:
        record.sog_tenths = _MOST_SOG


@njit(cache=True)
def _choose(records: Any, share: float, key: Any, kind: int, day_start_s: int, chosen: Any) -> None:
    """Chooses messages of ships by chance."""
    for row in range(records.size):
        record = records[row]
        salt = 4 * kind + 2 * record.copy
        bits = draw(key, record.ship, record.sent_s + day_start_s, salt + (record.message_type << 8))
        chosen[row] = record.ship != ON_SHORE and chance(bits) < share


@njit(cache=True)
def _choose_shares(records: Any, key: Any, day_start_s: int, shares: Any) -> None:
    for row in range(records.size):
        record = records[row]
        salt = 2 * record.copy + _HOW
        bits = draw(key, record.ship, record.sent_s + day_start_s, salt + (record.message_type << 8))
        shares[row] = chance(bits)
