"""When each set sends: the intervals of ITU-R M.1371, each ship in its own phase.

A set sends at the epoch seconds that leave its phase as remainder when divided by its interval. So a day depends on no
earlier day, and thinned messages are a selection of those at the full rate.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ais_indicators.units import SECONDS_PER_DAY
from ais_simulator.model import Floats, Ints, Motion
from ais_simulator.radio.draws import Stream, ship_chances, stream_key
from ais_simulator.radio.records import AT_ANCHOR, MOORED

RESTING_S: Final = 180
RESTING_MAXIMUM_KNOTS: Final = 3.0
SLOW_S, SLOW_MAXIMUM_KNOTS = 10, 14.0
QUICK_S, QUICK_MAXIMUM_KNOTS = 6, 23.0
FAST_S: Final = 2
CLASS_B_S: Final = 30
CLASS_B_RESTING_MAXIMUM_KNOTS: Final = 2.0
"""Intervals without change of course: ITU-R M.1371-5, annex 1, tables 1 and 2."""

STATIC_S: Final = 360
"""Static and voyage data every six minutes (the same tables)."""


@dataclass(frozen=True)
class Schedule:
    """Seconds of sending, one element per leg with at least one.

    Attributes:
        leg: Index into the motion.
        first_s: Epoch second of the first message.
        step_s: From one to the next.
        count: How many.
    """

    leg: Ints
    first_s: Ints
    step_s: Ints
    count: Ints


def position_interval_s(
    is_class_b: NDArray[np.bool_], navigational_status: Ints, speed_knots: Floats
) -> Ints:
    """Returns seconds between the position messages of sets.

    >>> a, b = np.array([False] * 2), np.array([True] * 2)
    >>> position_interval_s(a, np.array([0, 5]), np.array([14.1, 3.0])).tolist()
    [6, 180]
    >>> position_interval_s(b, np.array([0, 0]), np.array([2.0, 2.1])).tolist()
    [180, 30]
    """
    is_resting = np.isin(navigational_status, (AT_ANCHOR, MOORED)) & (speed_knots <= RESTING_MAXIMUM_KNOTS)
    of_class_a = np.select(
        [is_resting, speed_knots <= SLOW_MAXIMUM_KNOTS, speed_knots <= QUICK_MAXIMUM_KNOTS],
        [RESTING_S, SLOW_S, QUICK_S],
        FAST_S,
    )
    of_class_b = np.where(speed_knots <= CLASS_B_RESTING_MAXIMUM_KNOTS, RESTING_S, CLASS_B_S)
    return np.where(is_class_b, of_class_b, of_class_a).astype(np.int64)


def phases_s(seed: int, ships: int) -> Ints:
    """Returns the phase of each ship, by its number in the fleet alone."""
    chances = ship_chances(stream_key(seed, Stream.PHASE), ships)
    return (chances * SECONDS_PER_DAY).astype(np.int64)


def schedule(motion: Motion, interval_s: Ints, phase_s: Ints, from_s: int, to_s: int) -> Schedule:
    """Returns the seconds in which the sets send.

    Args:
        motion: Legs.
        interval_s: Seconds between messages, one element per leg.
        phase_s: One element per ship.
        from_s: First epoch second.
        to_s: The one after the last.
    """
    begin = np.maximum(np.ceil(motion.begins_s), from_s).astype(np.int64)
    end = np.minimum(np.ceil(motion.ends_s), to_s).astype(np.int64)
    first = begin + (phase_s[motion.ship] - begin) % interval_s
    count = np.maximum(-((first - end) // interval_s), 0)
    leg = np.flatnonzero(count > 0)
    return Schedule(leg, first[leg], interval_s[leg], count[leg])
