"""Time of reception: the machine's clock, with small backward steps held and large ones recorded."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

JUMP_SECONDS: Final = 10.0
"""A smaller step of the machine's clock is treated as the work of a time service, which corrects it gradually."""


@dataclass(frozen=True)
class Reading:
    """One reading of the clock.

    Attributes:
        utc: Seconds since 1970.
        steady: Seconds of a clock that never jumps.
        has_jumped: Whether the machine's clock jumped since the reading before.
    """

    utc: float
    steady: float
    has_jumped: bool = False


class ReceptionClock:
    """Clock whose times never go back, except when the machine's clock was set.

    A backward step of up to `JUMP_SECONDS` is held: the last time is returned until the machine's clock has reached it.
    A larger step, back or forward, is treated as a correction of a wrong clock and reported with `has_jumped`.
    """

    def __init__(
        self, wall: Callable[[], float] = time.time, steady: Callable[[], float] = time.monotonic
    ) -> None:
        self._wall, self._steady = wall, steady
        self._last_wall, self._last_steady = wall(), steady()
        self._latest = self._last_wall

    def read(self) -> Reading:
        """Reads the clock."""
        wall, steady = self._wall(), self._steady()
        step = wall - self._last_wall - (steady - self._last_steady)
        self._last_wall, self._last_steady = wall, steady
        if abs(step) > JUMP_SECONDS or self._latest - wall > JUMP_SECONDS:
            self._latest = wall
            return Reading(wall, steady, has_jumped=True)
        self._latest = max(self._latest, wall)
        return Reading(self._latest, steady)

    def read_steady(self) -> float:
        """Reads the clock that never jumps, in seconds."""
        return self._steady()
