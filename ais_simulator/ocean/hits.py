"""Which vessels a shock of the radio hits on a day: chosen when it begins, each by a chance of its own."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ais_indicators.errors import BadInputError
from ais_indicators.units import SECONDS_PER_DAY
from ais_simulator.model import Fleet, Floats, Hit, Motion
from ais_simulator.ocean.harbours import BY_LOCODE
from ais_simulator.scenario import Scenario
from ais_simulator.shocks import Dark, Jamming, PortTarget, RadioShock, Region, Spoofing
from ais_simulator.sphere import Point, along, distances_km, unit_vectors

HIT_STREAM: Final = 7
CHOICE, BERTH = 0, 1
"""Draws of one shock: whether it hits a vessel, and at which berth it shows it."""

QUAY, SLOTS = "dry", 20
Chosen = NDArray[np.bool_]


class Hits:
    """The vessels that each shock hits, for one run through the days in their order."""

    def __init__(self, scenario: Scenario, fleet: Fleet, seed: int) -> None:
        """Takes the shocks of what vessels send; the others are none of its business."""
        self._shocks = [
            (number, shock) for number, shock in enumerate(scenario.shocks) if isinstance(shock, RadioShock)
        ]
        self._fleet, self._seed = fleet, seed
        self._chosen: dict[int, Chosen] = {}

    def on_day(self, begin_s: float, motion: Motion) -> tuple[Hit, ...]:
        """Returns one element for each shock that touches the day.

        Raises:
            BadInputError: Fewer vessels are in a region than the shock is to hit.
        """
        hits = []
        for number, shock in self._shocks:
            from_s, to_s = shock.span_s
            if from_s >= begin_s + SECONDS_PER_DAY or to_s <= begin_s:
                continue
            if number not in self._chosen:
                self._chosen[number] = self._choose(number, shock, max(from_s, begin_s), motion)
            hits.append(Hit(number, shock, self._chosen[number], *self._berths(number, shock)))
        return tuple(hits)

    def _choose(self, number: int, shock: RadioShock, second: float, motion: Motion) -> Chosen:
        """Chooses vessels; where a share is given, each vessel is drawn independently."""
        chances = self._chances(number, CHOICE)
        if isinstance(shock, Jamming):
            return np.ones(len(self._fleet), np.bool_)
        if isinstance(shock, Dark):
            is_of_class = self._fleet.vessel_class == shock.vessel_class if shock.vessel_class else True
            return np.asarray((chances < shock.share) & is_of_class)
        if shock.includes_arrivals:
            return chances < float(shock.share or 0)
        inside = self._inside(shock.region, second, motion)
        if shock.share is not None:
            return inside & (chances < shock.share)
        return _lowest(chances, inside, shock)

    def _inside(self, region: Region, second: float, motion: Motion) -> Chosen:
        leg = np.flatnonzero((motion.begins_s <= second) & (motion.ends_s > second))
        fraction = (second - motion.begins_s[leg]) / (motion.ends_s[leg] - motion.begins_s[leg])
        latitude, longitude = along(
            unit_vectors(motion.from_latitude[leg], motion.from_longitude[leg]),
            unit_vectors(motion.to_latitude[leg], motion.to_longitude[leg]),
            fraction,
        )
        inside = np.zeros(len(self._fleet), np.bool_)
        centre = Point(region.latitude, region.longitude)
        inside[motion.ship[leg]] = distances_km(centre, latitude, longitude) <= region.radius_km
        return inside

    def _berths(self, number: int, shock: RadioShock) -> tuple[Floats, Floats]:
        """Berths at which vessels are shown, one per vessel; empty if no port is the target."""
        if not (isinstance(shock, Spoofing) and isinstance(shock.target, PortTarget)):
            return np.zeros(0), np.zeros(0)
        harbour = BY_LOCODE[shock.target.port_locode]
        slots = (self._chances(number, BERTH) * SLOTS).astype(int).tolist()
        places = np.array([harbour.berth(QUAY, slot, SLOTS) for slot in slots]).reshape(-1, 2)
        return places[:, 0], places[:, 1]

    def _chances(self, number: int, what: int) -> Floats:
        """Returns one number from 0 to under 1 per vessel, the same whatever the size of the fleet."""
        return np.random.default_rng([self._seed, HIT_STREAM, number, what]).random(len(self._fleet))


def _lowest(chances: Floats, inside: Chosen, shock: Spoofing) -> Chosen:
    """Chooses a number of the vessels inside: those with the lowest chances."""
    candidates = np.flatnonzero(inside)
    wanted = int(shock.vessels or 0)
    if candidates.size < wanted:
        raise BadInputError(
            f"the shock spoofing is to hit {wanted} vessels, and at {shock.from_utc:%Y-%m-%d %H:%M} UTC its region "
            f"holds {candidates.size}: make it wider, or simulate more ships"
        )
    chosen = np.zeros(chances.size, np.bool_)
    chosen[candidates[np.argsort(chances[candidates], kind="stable")[:wanted]]] = True
    return chosen
