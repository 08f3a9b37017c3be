"""Ships that change their number: a new one, one that another ship has laid down, or one that two ships send."""

from dataclasses import replace
from typing import Final

import numpy as np

from ais_indicators.units import SECONDS_PER_DAY
from ais_simulator.model import Fleet
from ais_simulator.ocean.fleet import MID_FACTOR, NEW_MMSI_FIRST, Trade
from ais_simulator.ocean.harbours import BY_LOCODE
from ais_simulator.ocean.records import IdentityChange
from ais_simulator.ocean.vessel import Vessel
from ais_simulator.scenario import Faults

SHARED_STREAM: Final = 3
DAYS_PER_YEAR: Final = 365.25
IDLE_DAYS: Final = (3.0, 21.0)  # that a laid-down number is sent by nobody
NUMBERS_PER_SHIP: Final = 50


class Identities:
    """Numbers in use and laid down; asked at each stay at a berth."""

    def __init__(self, faults: Faults, fixed: frozenset[int], first_s: float) -> None:
        """Takes the rates, the ships that never change (they share a number), and when changes begin."""
        self._rates = faults.mmsi_changes_per_ship_year, faults.mmsi_handovers_per_ship_year
        self._fixed = fixed
        self._first_s = first_s
        self._laid_down: list[tuple[float, int, int]] = []

    def at_berth(self, vessel: Vessel, begin_s: float, end_s: float) -> list[IdentityChange]:
        """Changes during a stay; the vessel has its new number afterwards."""
        years = (begin_s - max(vessel.last_identity_s, self._first_s)) / SECONDS_PER_DAY / DAYS_PER_YEAR
        vessel.last_identity_s = begin_s
        draws = vessel.rng.random(3)
        idle_s = float(vessel.rng.uniform(*IDLE_DAYS)) * SECONDS_PER_DAY
        if vessel.ship in self._fixed or begin_s < self._first_s:
            return []
        at_s = float(np.floor(begin_s + draws[2] * (end_s - begin_s)))
        taken = self._take_up(vessel, at_s)
        if taken:
            return [taken]
        change, handover = (draws[n] < -np.expm1(-rate * years) for n, rate in enumerate(self._rates))
        if not change and not handover:
            return []
        kind, before = "laid_down" if handover else "new_number", vessel.mmsi
        vessel.new_numbers += 1
        serial = NEW_MMSI_FIRST + vessel.ship * NUMBERS_PER_SHIP + vessel.new_numbers
        vessel.mmsi = before // MID_FACTOR * MID_FACTOR + serial % MID_FACTOR
        if handover:
            self._laid_down.append((at_s + idle_s, before, vessel.ship))
        return [IdentityChange(kind, vessel.ship, before, vessel.mmsi, at_s)]

    def _take_up(self, vessel: Vessel, at_s: float) -> IdentityChange | None:
        """Lets the first other ship that comes to a berth take a free number."""
        for number, (free_s, mmsi, giver) in enumerate(self._laid_down):
            if free_s <= at_s and giver != vessel.ship:
                del self._laid_down[number]
                before, vessel.mmsi = vessel.mmsi, mmsi
                return IdentityChange("taken_up", vessel.ship, before, mmsi, at_s)
        return None


def share_numbers(
    fleet: Fleet, trades: list[Trade], share: float, seed: int, at_s: float
) -> tuple[Fleet, list[IdentityChange]]:
    """Assigns to a share of the ships the MMSI of another ship, which stays in another region."""
    at_home = [ship for ship, trade in enumerate(trades) if not trade.is_long_haul]
    rng = np.random.default_rng([seed, SHARED_STREAM])
    order = [at_home[i] for i in rng.permutation(len(at_home))]
    mmsi, used = fleet.mmsi.copy(), set[int]()
    changes: list[IdentityChange] = []
    for ship in order:
        if len(changes) >= round(share * len(fleet)):
            break
        other = next(
            (o for o in order if o not in used and _regions(trades[o]).isdisjoint(_regions(trades[ship]))),
            None,
        )
        if ship in used or other is None:
            continue
        used |= {ship, other}
        changes.append(IdentityChange("shared", ship, int(mmsi[ship]), int(mmsi[other]), at_s))
        mmsi[ship] = mmsi[other]
    return replace(fleet, mmsi=mmsi), changes


def _regions(trade: Trade) -> set[str]:
    return {BY_LOCODE[port].cluster for port in trade.ports}
