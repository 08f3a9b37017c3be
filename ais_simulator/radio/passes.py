"""When sets are heard where only satellites listen: in passes some hours apart.

Satellites in orbits that turn with the sun pass each place at about the same local times, so a pass comes later the
farther west a place lies.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ais_indicators.units import (
    FULL_TURN_DEGREES,
    SECONDS_PER_DAY,
    SECONDS_PER_HOUR,
    SECONDS_PER_MINUTE,
)
from ais_simulator.model import Floats, Ints, Motion
from ais_simulator.radio.draws import Stream, ship_chances, stream_key
from ais_simulator.radio.reporting import Schedule
from ais_simulator.scenario import SatellitePasses

SECONDS_PER_DEGREE: Final = SECONDS_PER_DAY / FULL_TURN_DEGREES


@dataclass(frozen=True)
class Passes:
    """Passes of a scenario.

    Attributes:
        every_s: From one pass to the next.
        lasts_s: How long one lasts.
        jitter_s: How much earlier or later one begins, at most.
        is_single: Whether a vessel is heard once a pass.
        static_every: Static messages are heard in one of so many passes.
        seed: Seed of the jitter.
    """

    every_s: int
    lasts_s: int
    jitter_s: float
    is_single: bool
    static_every: int
    seed: int

    @classmethod
    def build(cls, given: SatellitePasses, seed: int) -> "Passes":
        """Takes the passes of a scenario."""
        return cls(
            every_s=round(given.pass_every_hours * SECONDS_PER_HOUR),
            lasts_s=round(given.pass_minutes * SECONDS_PER_MINUTE),
            jitter_s=given.jitter_minutes * SECONDS_PER_MINUTE,
            is_single=given.fixes == "one",
            static_every=given.static_every_passes,
            seed=seed,
        )

    def schedule(
        self,
        motion: Motion,
        interval_s: Ints,
        phase_s: Ints,
        span: tuple[int, int],
        *,
        is_static: bool = False,
    ) -> Schedule:
        """Returns the seconds of a span in which sets send while a satellite listens.

        Args:
            motion: Legs.
            interval_s: Seconds between messages, one element per leg.
            phase_s: One element per ship.
            span: First epoch second and the one after the last.
            is_static: Whether it is about static messages, which are heard in few passes.
        """
        west_s = -motion.from_longitude * SECONDS_PER_DEGREE % self.every_s
        first = int((span[0] - self.lasts_s - self.jitter_s) // self.every_s) - 1
        last = int((span[1] + self.jitter_s) // self.every_s)
        parts = []
        for number in range(first, last + 1):
            begins = number * self.every_s + west_s + self._jitter(number)
            heard = np.ones(len(motion.ship), np.bool_)
            if is_static:
                heard = (number + phase_s[motion.ship]) % self.static_every == 0
            parts.append(self._one_pass(motion, begins, interval_s, phase_s, span, heard))
        leg, second, step, count = (np.concatenate(column) for column in zip(*parts, strict=True))
        order = np.lexsort((second, leg))
        return Schedule(leg[order], second[order], step[order], count[order])

    def _jitter(self, number: int) -> float:
        """Returns how much later than usual a pass begins, by its number alone."""
        key = stream_key(self.seed, Stream.PASS) + np.uint64(number)
        return float((2.0 * ship_chances(key, 1)[0] - 1.0) * self.jitter_s)

    def _one_pass(
        self,
        motion: Motion,
        begins: Floats,
        interval_s: Ints,
        phase_s: Ints,
        span: tuple[int, int],
        heard: NDArray[np.bool_],
    ) -> tuple[Ints, Ints, Ints, Ints]:
        """Returns leg, first second, step and count of one pass; one message per vessel or as many as it sends."""
        begin = np.floor(begins).astype(np.int64)
        phase = phase_s[motion.ship]
        from_s = np.maximum(np.ceil(motion.begins_s).astype(np.int64), span[0])
        to_s = np.minimum(np.ceil(motion.ends_s).astype(np.int64), span[1])
        if self.is_single:
            first = begin + phase % self.lasts_s
            count = ((first >= from_s) & (first < to_s) & heard).astype(np.int64)
        else:
            from_s, to_s = np.maximum(from_s, begin), np.minimum(to_s, begin + self.lasts_s)
            first = from_s + (phase - from_s) % interval_s
            count = np.where(heard, np.maximum(-((first - to_s) // interval_s), 0), 0)
        leg = np.flatnonzero(count > 0)
        return leg, first[leg], interval_s[leg], count[leg]
