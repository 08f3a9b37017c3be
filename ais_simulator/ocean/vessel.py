"""One ship as its crew handles it: where it is, what it carries, what it sends, and the moves it can make."""

from typing import Final

import numpy as np

from ais_indicators.geo.distance import great_circle_km
from ais_indicators.units import KM_PER_NAUTICAL_MILE, SECONDS_PER_HOUR, SECONDS_PER_MINUTE
from ais_simulator.model import Fleet
from ais_simulator.ocean.cargo import BALLAST_SHARE, SEA_WATER_T_PER_M3, draught_of_payload
from ais_simulator.ocean.fleet import Trade, kind_of
from ais_simulator.ocean.harbours import Place
from ais_simulator.ocean.records import Log, Typed
from ais_simulator.ocean.routes import Way

UNDER_WAY, AT_ANCHOR, MOORED, FISHING = 0, 1, 5, 7  # navigational status of ITU-R M.1371
WEATHER_SPREAD: Final = 0.04  # of speed, from leg to leg
SLOWEST_WEATHER, FASTEST_WEATHER = 0.88, 1.08
BALLAST_CLASSES: Final = ("dry_bulk", "tanker")
DRAUGHT_DECIMALS: Final = 1
SHORTEST_LEG_S: Final = 0.01  # vertices that fall together with others are passed over


class Vessel:
    """A ship's present state; its own generator makes all its draws."""

    def __init__(
        self, ship: int, fleet: Fleet, trade: Trade, log: Log, stream: list[int], kind: str | None = None
    ) -> None:
        """Makes the ship; `stream` seeds its generator, `kind` is given for ships outside the usual pattern."""
        self.ship = ship
        self.fleet = fleet
        self.kind = kind or kind_of(ship)
        self.trade = trade
        self.log = log
        self.rng = np.random.default_rng([*stream, ship])
        self.now_s = 0.0
        self.place: Place = (0.0, 0.0)
        self.port = trade.ports[0]
        self.payload_t = 0.0
        self.sailed_km = 0.0
        self.mmsi = int(fleet.mmsi[ship])
        self.sent_draught_m = 0.0
        self.destination = ""
        self.eta_s = 0.0
        self.new_numbers = 0
        self._draught: tuple[float, float] | None = None
        self.last_identity_s = 0.0
        self.vessel_class = str(fleet.vessel_class[ship])
        self.deadweight_t = float(fleet.deadweight_t[ship])
        self.length_m = float(fleet.length_m[ship])
        self.knots = float(fleet.service_knots[ship])

    def hours(self, least: float, most: float) -> float:
        """Returns a random time between two, in seconds."""
        return float(self.rng.uniform(least, most)) * SECONDS_PER_HOUR

    def chance(self, share: float) -> bool:
        """Returns whether something happens that does so in a share of cases; draws in any case."""
        return bool(self.rng.random() < share)

    def sail(self, places: list[Place], knots: float, status: int = UNDER_WAY) -> None:
        """Goes along places at one speed."""
        for place in places:
            km = great_circle_km(*self.place, *place)
            ends_s = self.now_s + km / (KM_PER_NAUTICAL_MILE * knots) * SECONDS_PER_HOUR
            if ends_s - self.now_s > SHORTEST_LEG_S:
                self.log.leg(self.ship, self.now_s, ends_s, self.place, place, status)
                self.now_s, self.place = ends_s, place
                self.sailed_km += km

    def follow(self, way: Way, knots: float) -> None:
        """Goes along a way at sea, a little faster or slower with the weather; steps first to its start."""
        self.sail([(float(way.latitude[0]), float(way.longitude[0]))], knots)
        weather = np.clip(
            self.rng.normal(1.0, WEATHER_SPREAD, len(way.leg_km)), SLOWEST_WEATHER, FASTEST_WEATHER
        )
        lasts = way.leg_km / (KM_PER_NAUTICAL_MILE * knots * weather) * SECONDS_PER_HOUR
        seconds = self.now_s + np.concatenate([[0.0], np.cumsum(lasts)])
        stops = np.append(True, lasts > SHORTEST_LEG_S)
        stops[-1] = True
        latitude, longitude = way.latitude[stops], way.longitude[stops]
        latitude[0], longitude[0] = self.place
        if seconds[-1] - seconds[0] > SHORTEST_LEG_S:
            self.log.sail(self.ship, seconds[stops], latitude, longitude, UNDER_WAY)
            self.now_s, self.place = float(seconds[-1]), (float(latitude[-1]), float(longitude[-1]))
            self.sailed_km += way.km

    def stay_until(self, second: float, status: int) -> None:
        """Lies still for a known time."""
        if second > self.now_s:
            self.log.leg(self.ship, self.now_s, second, self.place, self.place, status)
            self.now_s = second

    @property
    def draught_m(self) -> float:
        """Returns the true draught with the present payload; tankers and bulk carriers without cargo take ballast."""
        if self._draught is None or self._draught[0] != self.payload_t:
            self._draught = self.payload_t, self._draught_of_payload()
        return self._draught[1]

    def _draught_of_payload(self) -> float:
        design = float(self.fleet.design_draught_m[self.ship])
        if self.deadweight_t <= 0:
            return design
        if self.payload_t <= 0 and self.vessel_class in BALLAST_CLASSES:
            return BALLAST_SHARE * design
        size = (self.fleet.length_m, self.fleet.width_m, self.fleet.deadweight_t, self.fleet.design_draught_m)
        length, width, deadweight, _ = (column[self.ship : self.ship + 1] for column in size)
        block = self.fleet.displacement_t[self.ship] / (length * width * design * SEA_WATER_T_PER_M3)
        payload = np.array([self.payload_t])
        return float(draught_of_payload(payload, length, width, deadweight, np.array([design]), block)[0])

    def type_in(self, second: float, destination: str, eta_s: float) -> None:
        """Changes what the set sends."""
        rounded = round(self.sent_draught_m, DRAUGHT_DECIMALS)
        eta = eta_s // SECONDS_PER_MINUTE * SECONDS_PER_MINUTE
        row = Typed(self.ship, second, self.mmsi, rounded, destination, eta)
        self.log.typed.setdefault(self.ship, []).append(row)
        self.destination, self.eta_s = destination, eta
