"""From sightings to events: visits to ports, stops in them, and passages of straits, ship by ship."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from ais_indicators.units import EARTH_RADIUS_KM, KM_PER_NAUTICAL_MILE, SECONDS_PER_HOUR, SECONDS_PER_MINUTE
from ais_simulator.model import Floats, Motion
from ais_simulator.ocean.sightings import FAR, GATE, INSIDE, SIDE_A, SIDE_B

STOP_BEGINS_KNOTS, STOP_ENDS_KNOTS = 0.2, 0.5
MIN_STOP_S: Final = 30 * SECONDS_PER_MINUTE
MIN_FERRY_STOP_S: Final = 5 * SECONDS_PER_MINUTE
"""Shortest stop of a ferry (methodology 6)."""
MERGE_S: Final = SECONDS_PER_HOUR
RECOUNT_S: Final = 48 * SECONDS_PER_HOUR
"""All of methodology 6 and 7."""
KEPT_STOPS: Final = 64
"""Stops of 30 minutes kept of a ship: more than a day can hold, so each visit still has one of its own."""
SEAM_S: Final = 5
"""A gate and its sides meet in edges rounded to a decimetre: a ship may be in none of them for a second."""


@dataclass
class Visit:
    """One ship in one port; parts are entry and exit, None if not within the simulation."""

    ship: int
    port: int
    parts: list[tuple[int | None, int | None]]

    @property
    def entered_s(self) -> int | None:
        """Returns the first second inside."""
        return self.parts[0][0]

    @property
    def left_s(self) -> int | None:
        """Returns the first second beyond the margin."""
        return self.parts[-1][1]


@dataclass(frozen=True)
class Transit:
    """One ship through one strait."""

    ship: int
    gate: int
    is_forward: bool
    entered_s: int
    left_s: int
    is_counted: bool


class PortTracker:
    """Visits of all ships, merged where they are less than an hour apart."""

    def __init__(self, first_s: int) -> None:
        """Takes the first second of the simulation: who is in a port then came before."""
        self._first_s = first_s
        self._open: dict[int, Visit] = {}
        self._left: dict[int, Visit] = {}

    def see(self, ship: int, second: int, port: int, code: int) -> Iterator[Visit]:
        """Takes one sighting, in the order of seconds of a ship; returns visits that have become final."""
        here = self._open.get(ship)
        if here is not None and (
            (here.port == port and code == FAR) or (here.port != port and code == INSIDE)
        ):
            here.parts[-1] = here.parts[-1][0], second
            self._left[ship] = self._open.pop(ship)
            here = None
        if here is None and code == INSIDE:
            yield from self._enter(ship, second, port)

    def _enter(self, ship: int, second: int, port: int) -> Iterator[Visit]:
        before = self._left.pop(ship, None)
        if before is not None and before.port == port and second - (before.left_s or second) < MERGE_S:
            before.parts.append((second, None))
            self._open[ship] = before
            return
        if before is not None:
            yield before
        self._open[ship] = Visit(ship, port, [(None if second == self._first_s else second, None)])

    def settle(self, until_s: int) -> Iterator[Visit]:
        """Visits that no later entry can prolong."""
        done = [ship for ship, visit in self._left.items() if (visit.left_s or 0) + MERGE_S <= until_s]
        yield from (self._left.pop(ship) for ship in sorted(done))

    def close(self) -> Iterator[Visit]:
        """Visits still open when the simulation ends."""
        for visits in (self._left, self._open):
            yield from (visits.pop(ship) for ship in sorted(visits))


@dataclass
class _Strait:
    """Where a ship is in one gate."""

    side: int | None = None
    entered_s: int | None = None
    out_since_s: int | None = None
    counted_s: int | None = None


class GateTracker:
    """Transits of all ships."""

    def __init__(self) -> None:
        """Begins with all ships elsewhere."""
        self._states: dict[tuple[int, int], _Strait] = {}

    def see(self, ship: int, second: int, gate: int, code: int) -> Transit | None:
        """Takes one sighting; returns the transit that it ends, if any."""
        state = self._states.setdefault((ship, gate), _Strait())
        if code == FAR:
            state.out_since_s = second if state.out_since_s is None else state.out_since_s
            return None
        if state.out_since_s is not None and second - state.out_since_s > SEAM_S:
            state.side = state.entered_s = None
        state.out_since_s = None
        if code == GATE:
            state.entered_s = second if state.entered_s is None else state.entered_s
            return None
        transit = self._across(state, ship, second, gate, code)
        state.side, state.entered_s = code, None
        return transit

    def _across(self, state: _Strait, ship: int, second: int, gate: int, code: int) -> Transit | None:
        if state.entered_s is None or state.side not in (SIDE_A, SIDE_B) or state.side == code:
            return None
        is_counted = state.counted_s is None or state.entered_s - state.counted_s >= RECOUNT_S
        if is_counted:
            state.counted_s = state.entered_s
        return Transit(ship, gate, code == SIDE_B, state.entered_s, second, is_counted)


@dataclass
class Stops:
    """Times in which ships lie still: from a leg under 0.2 kn to the first above 0.5 kn; None: it goes on.

    Attributes:
        runs: Begin and end of the stops of each ship.
        shortest_s: Shortest stop of a call, of ships for which it is not `MIN_STOP_S`.
    """

    runs: dict[int, list[list[float | None]]] = field(default_factory=dict)
    shortest_s: Mapping[int, int] = field(default_factory=dict)

    def add_day(self, motion: Motion, begin_s: float) -> None:
        """Takes a day's legs."""
        knots = leg_knots(motion)
        slow, fast = knots < STOP_BEGINS_KNOTS, knots > STOP_ENDS_KNOTS
        rows = np.flatnonzero(slow | fast)
        times = np.maximum(motion.begins_s[rows], begin_s).tolist()
        for ship, is_slow, at_s in zip(motion.ship[rows].tolist(), slow[rows].tolist(), times, strict=True):
            runs = self.runs.setdefault(ship, [])
            is_open = bool(runs) and runs[-1][1] is None
            if is_slow and not is_open:
                runs.append([at_s, None])
            elif not is_slow and is_open:
                runs[-1][1] = at_s
                self._tidy(runs, self.shortest_s.get(ship, MIN_STOP_S))

    @staticmethod
    def _tidy(runs: list[list[float | None]], shortest_s: int) -> None:
        """Drops stops too short for a call, and the oldest of many, so that a ship that never leaves has few."""
        begun, ended = runs[-1]
        if ended is not None and begun is not None and ended - begun < shortest_s:
            runs.pop()
        del runs[:-KEPT_STOPS]

    def is_call(self, visit: Visit, until_s: float) -> bool:
        """Returns whether a visit holds one stop long enough."""
        shortest_s = self.shortest_s.get(visit.ship, MIN_STOP_S)
        return any(
            min(run[1] or until_s, left_s or until_s) - max(run[0] or 0.0, entered_s or 0.0) >= shortest_s
            for run in self.runs.get(visit.ship, [])
            for entered_s, left_s in visit.parts
        )

    def forget(self, ship: int, before_s: float) -> None:
        """Drops a ship's stops that ended by a second."""
        self.runs[ship] = [run for run in self.runs.get(ship, []) if run[1] is None or run[1] > before_s]


def leg_knots(motion: Motion) -> Floats:
    """Returns speeds of legs."""
    phi_a, phi_b = np.radians(motion.from_latitude), np.radians(motion.to_latitude)
    half_east = np.radians(motion.to_longitude - motion.from_longitude) / 2
    h = np.sin((phi_b - phi_a) / 2) ** 2 + np.cos(phi_a) * np.cos(phi_b) * np.sin(half_east) ** 2
    km = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(h, 1.0)))
    hours = (motion.ends_s - motion.begins_s) / SECONDS_PER_HOUR
    knots: Floats = km / KM_PER_NAUTICAL_MILE / hours
    return knots
