"""Random numbers that belong to a message, not to a place in a sequence; compiled.

A draw is a hash of (key of the stream, ship, second, salt). So what happens to a message depends on nothing but
itself: not on other ships, on the part of the day that is made at a time, or on the rates of other faults.
"""

from enum import IntEnum, auto
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ais_indicators.compiled import njit
from ais_indicators.hashing import GOLDEN_RATIO, spread_bits, unit_interval

_SALT_STEP: Final = np.uint64(0xD1342543DE82EF95)  # another odd number, so that salts and ships differ
_SHIFT_16, _LOW_16 = np.uint64(16), np.uint64(0xFFFF)
_UNIT_16: Final = 2.0**-16
_SUM_SPREAD: Final = 3.0**0.5
"""Four uniform numbers have a sum of variance a third."""


class Stream(IntEnum):
    """What numbers are drawn for: each stream is independent of the others."""

    PHASE = auto()
    HABIT = auto()
    NOISE = auto()
    MOTION = auto()
    STATION = auto()
    SATELLITE = auto()
    LOST = auto()
    COLLISION = auto()
    DUPLICATE = auto()
    JUMP = auto()
    WRONG_TIME = auto()
    SLOW_CLOCK = auto()
    TRUNCATED = auto()
    NOT_AVAILABLE = auto()
    SHORE = auto()
    PASS = auto()
    WRONG_CLOCK = auto()
    SOG_MISSING = auto()
    SOG_STUCK = auto()
    SHOCK = auto()


def stream_key(seed: int, stream: Stream) -> np.uint64:
    """Returns the key of a stream under a seed, by NumPy's own way of mixing seeds."""
    key: np.uint64 = np.random.SeedSequence([seed, int(stream)]).generate_state(1, np.uint64)[0]
    return key


_spread = njit("uint64(uint64)", cache=True)(spread_bits)
chance = njit("float64(uint64)", cache=True)(unit_interval)


@njit("uint64(uint64,int64,int64,int64)", cache=True)
def draw(key: Any, ship: int, second: int, salt: int) -> Any:
    """Returns 64 random bits of one message; `salt` distinguishes several draws of a stream."""
    own = _spread(key + np.uint64(ship) * GOLDEN_RATIO + np.uint64(salt) * _SALT_STEP)
    return _spread(own + np.uint64(second) * GOLDEN_RATIO)


@njit("float64(uint64)", cache=True)
def bell(bits: Any) -> float:
    """Returns a nearly normal number of standard deviation 1, never beyond 3.5: the sum of four uniform draws."""
    total = np.float64(bits & _LOW_16)
    for _ in range(3):
        bits = bits >> _SHIFT_16
        total += np.float64(bits & _LOW_16)
    return (total * _UNIT_16 - 2.0) * _SUM_SPREAD


@njit(cache=True)
def _ship_chances(key: Any, chances: Any) -> None:
    for ship in range(chances.size):
        chances[ship] = chance(draw(key, ship, 0, 0))


def ship_chances(key: np.uint64, ships: int) -> NDArray[np.float64]:
    """Returns one number from 0 to under 1 per ship, the same on every day."""
    chances = np.empty(ships)
    _ship_chances(key, chances)
    return chances
