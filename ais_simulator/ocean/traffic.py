"""The traffic of all ships: an event simulation that always advances the ship with the earliest next event."""

import heapq
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from ais_indicators.units import SECONDS_PER_DAY, SECONDS_PER_MINUTE
from ais_simulator.model import Fleet, Motion
from ais_simulator.ocean.added import AddedVessel, begin_added_life
from ais_simulator.ocean.berths import build_quays
from ais_simulator.ocean.fleet import Trade, kind_of
from ais_simulator.ocean.harbour_craft import craft_life
from ais_simulator.ocean.identities import Identities
from ais_simulator.ocean.lives import Life, trading_life
from ais_simulator.ocean.records import Log
from ais_simulator.ocean.shocks import Shocks
from ais_simulator.ocean.vessel import Vessel
from ais_simulator.scenario import Scenario

LIFE_STREAM: Final = 2
TRADE_WARM_UP_DAYS: Final = (
    38.0,
    50.0,
)  # before the first day, so that it finds ships at sea, waiting and at work
CRAFT_WARM_UP_DAYS: Final = (2.0, 5.0)
CALL_UP_MINUTES: Final = 20.0  # from a berth's getting free to the next ship's weighing anchor
CRAFT: Final = ("tug", "pilot", "fishing")


class Traffic:
    """All ships' lives up to the second reached."""

    def __init__(
        self, fleet: Fleet, trades: list[Trade], scenario: Scenario, seed: int, first_s: float,
        fixed: frozenset[int], added: Sequence[AddedVessel] = (),
    ) -> None:  # fmt: skip
        """Begins the lives before `first_s`.

        Args:
            fleet: All ships, the added ones last.
            trades: Of the ships that trade with each other.
            scenario: Faults and shocks.
            seed: Of all random draws.
            first_s: First second of the simulation.
            fixed: Ships whose number never changes.
            added: The other ships; they share nothing with those that trade, and draw from streams of their own.
        """
        self.log = Log()
        self.shocks = Shocks(scenario, trades)
        self.faults = scenario.faults
        self.identities = Identities(scenario.faults, fixed, first_s)
        self.quays = build_quays((kind_of(ship), trade) for ship, trade in enumerate(trades))
        self._granted: dict[int, int] = {}
        self._heap: list[tuple[float, int]] = []
        self._lives: list[Life] = []
        self._started: set[int] = set()
        for ship, trade in enumerate(trades):
            vessel = Vessel(ship, fleet, trade, self.log, [seed, LIFE_STREAM])
            is_craft = trade.kind in CRAFT
            days = vessel.rng.uniform(*(CRAFT_WARM_UP_DAYS if is_craft else TRADE_WARM_UP_DAYS))
            vessel.now_s = vessel.last_identity_s = float(np.floor(first_s - days * SECONDS_PER_DAY))
            vessel.port = trade.ports[int(vessel.rng.integers(len(trade.ports)))]
            self._lives.append((craft_life if is_craft else trading_life)(vessel, self))
            self._heap.append((vessel.now_s, ship))
        for ship, one in enumerate(added, len(trades)):
            begins_s, life = begin_added_life(ship, one, fleet, self.log, seed, first_s)
            self._lives.append(life)
            self._heap.append((begins_s, ship))
        heapq.heapify(self._heap)

    def advance(self, until_s: float) -> None:
        """Lets all events before a second happen."""
        while self._heap and self._heap[0][0] < until_s:
            second, ship = heapq.heappop(self._heap)
            next_s = self._go_on(ship, second)
            if next_s is not None:
                heapq.heappush(self._heap, (next_s, ship))

    def _go_on(self, ship: int, second: float) -> float | None:
        if ship in self._started:
            return self._lives[ship].send(second)
        self._started.add(ship)
        return next(self._lives[ship])

    def grant(self, port: str, quay: str, now_s: float) -> None:
        """Assigns free berths to those that wait, in order, and calls them up."""
        berths = self.quays[port, quay]
        while berths.waiting:
            slot = berths.take(berths.waiting[0])
            if slot is None:
                return
            ship = berths.waiting.pop(0)
            self._granted[ship] = slot
            heapq.heappush(self._heap, (now_s + CALL_UP_MINUTES * SECONDS_PER_MINUTE, ship))

    def granted_slot(self, ship: int) -> int:
        """Returns the berth that a waiting ship was given."""
        return self._granted.pop(ship)

    def motions(self, first_s: float) -> Iterator[tuple[float, Motion]]:
        """Yields day after day from a midnight on: the second at which it begins, and the legs that touch it."""
        self.advance(first_s)
        self.log.forget_before(first_s)
        begin_s = first_s
        while True:
            end_s = begin_s + SECONDS_PER_DAY
            self.advance(end_s)
            yield begin_s, self.log.take_legs(begin_s, end_s)
            begin_s = end_s
