"""Berths and the queue for them, first come first served, at each quay of each port."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from ais_indicators.units import EARTH_RADIUS_KM, KM_PER_NAUTICAL_MILE
from ais_simulator.ocean.fleet import FORMS, Trade
from ais_simulator.ocean.harbours import BY_LOCODE, HARBOURS

GOAL_OCCUPANCY: Final = 0.9
"""Share of the time in which a berth is meant to be taken: busy enough for queues, not for ever longer ones."""
DETOUR: Final = 1.3  # ways by sea are longer than great circles
USUAL_HOURS: Final = {
    "container": 18.0, "dry_bulk": 52.0, "general_cargo": 40.0, "roro": 14.0, "tanker": 36.0, "cruise": 10.0,
    "ferry": 2.0,
}  # fmt: skip
"""Usual time at a berth by kind of ship, nights and Sundays included."""
FIXED_SLOTS: Final = {"passenger": 6, "service": 10}
"""Quays that are never full: ferries and cruise ships have their own places, boats lie side by side."""


def quay_of(kind: str, trade_kind: str) -> str:
    """Returns the quay that ships of a kind go to."""
    if trade_kind in ("shuttle", "cruise"):
        return "passenger"
    if trade_kind in ("tug", "fishing", "pilot"):
        return "service"
    return "liquid" if kind == "tanker" else "dry"


@dataclass
class Quay:
    """The berths of one quay: how many, who lies where, who waits."""

    slots: int
    is_limited: bool
    taken: dict[int, int] = field(default_factory=dict)
    waiting: list[int] = field(default_factory=list)

    def take(self, ship: int) -> int | None:
        """Returns a free berth, or None if there is none; keeps to the order of the queue."""
        if not self.is_limited:
            return ship % self.slots
        if self.waiting and self.waiting[0] != ship:
            return None
        for slot in range(self.slots):
            if slot not in self.taken:
                self.taken[slot] = ship
                return slot
        return None

    def leave(self, ship: int) -> None:
        """Releases the berth of a ship."""
        self.taken = {slot: other for slot, other in self.taken.items() if other != ship}


def build_quays(trades: Iterable[tuple[str, Trade]]) -> dict[tuple[str, str], Quay]:
    """Quays by port and name, with berths for the ships' expected calls; `trades` holds kind and trade of each."""
    load = dict.fromkeys([(harbour.locode, quay) for harbour in HARBOURS for quay in ("dry", "liquid")], 0.0)
    for kind, trade in trades:
        quay = quay_of(kind, trade.kind)
        if quay in FIXED_SLOTS:
            continue
        cycle = _sailing_hours(kind, trade) + USUAL_HOURS[kind]
        for port in trade.ports:
            load[port, quay] += USUAL_HOURS[kind] / cycle / len(trade.ports)
    quays = {key: Quay(max(1, round(busy / GOAL_OCCUPANCY)), True) for key, busy in load.items()}
    fixed = {(h.locode, quay): Quay(slots, False) for h in HARBOURS for quay, slots in FIXED_SLOTS.items()}
    return quays | fixed


def _sailing_hours(kind: str, trade: Trade) -> float:
    """Returns the mean time from one port of a trade to the next."""
    legs = list(zip(trade.ports, trade.ports[1:] + trade.ports[:1], strict=True))
    km = sum(_distance_km(a, b) for a, b in legs) / len(legs)
    return DETOUR * km / KM_PER_NAUTICAL_MILE / FORMS[kind].knots


def _distance_km(origin: str, destination: str) -> float:
    (phi_a, lam_a), (phi_b, lam_b) = (
        map(math.radians, BY_LOCODE[locode].point) for locode in (origin, destination)
    )
    cosine = math.sin(phi_a) * math.sin(phi_b) + math.cos(phi_a) * math.cos(phi_b) * math.cos(lam_b - lam_a)
    return EARTH_RADIUS_KM * math.acos(min(1.0, cosine))
