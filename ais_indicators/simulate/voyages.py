"""A ship's life as legs and stays, and its true motion at any second of it."""

from enum import IntEnum
from typing import Final, Self

import numpy as np
import pandas as pd
from numpy.random import Generator
from numpy.typing import NDArray

from ais_indicators.geo.distance import great_circle_km
from ais_indicators.simulate.ports import FAIRWAY_KM, OPEN_COAST_KM, PASSING_KM, PORTS, Port
from ais_indicators.simulate.ships import TUG, Ship
from ais_indicators.simulate.sphere import Point, along, arcs, bearings, shifted, unit_vectors
from ais_indicators.units import EARTH_RADIUS_KM, KM_PER_NAUTICAL_MILE, SECONDS_PER_DAY, SECONDS_PER_HOUR

EARLIER_LIFE_DAYS: Final = (5.0, 15.0)  # so the first week finds ships at sea, waiting and at berths
APPROACH_KNOTS: Final = 10.0
HARBOUR_KNOTS: Final = 5.0
WAIT_SHARE: Final = 0.4  # of arrivals at ports with an anchorage
WAIT_HOURS: Final = (2.0, 20.0)
PASSING_SHARE: Final = 0.15  # of sea passages: they cross another port's waters
FISHING_KNOTS: Final = 3.0
FISHING_GROUND_KM: Final = (25.0, 70.0)  # from the end of the channel
FISHING_HAULS: Final = 6
HAUL_KM: Final = 8.0
ASSIST_HOURS: Final = (0.2, 1.0)  # a tug keeps its place in the fairway


class Status(IntEnum):
    """Navigational status of ITU-R M.1371, as far as these ships use it."""

    UNDER_WAY = 0
    AT_ANCHOR = 1
    MOORED = 5
    FISHING = 7


class Course:
    """Places and the seconds at which a ship is there; in between it keeps to a great circle and a speed."""

    def __init__(self, second: float, place: Point) -> None:
        self.seconds = [second]
        self.places = [place]
        self.statuses: list[Status] = []

    def sail(self, place: Point, knots: float, status: Status = Status.UNDER_WAY) -> Self:
        """Adds a leg."""
        return self._add(
            place, great_circle_km(*self.places[-1], *place) / KM_PER_NAUTICAL_MILE / knots, status
        )

    def stay(self, hours: float, status: Status) -> Self:
        """Adds a stay where the ship is."""
        return self._add(self.places[-1], hours, status)

    def _add(self, place: Point, hours: float, status: Status) -> Self:
        self.seconds.append(self.seconds[-1] + hours * SECONDS_PER_HOUR)
        self.places.append(place)
        self.statuses.append(status)
        return self

    def at(self, seconds: NDArray[np.int64]) -> pd.DataFrame:
        """One row a second within the course: LAT, LON, SOG, COG (no meaning in a stay) and Status."""
        ends = np.array(self.seconds)
        leg = np.searchsorted(ends, seconds, side="right") - 1
        nodes = unit_vectors(*np.array(self.places).T)
        start, end, duration = nodes[leg], nodes[leg + 1], np.diff(ends)[leg]
        latitude, longitude = along(start, end, (seconds - ends[leg]) / duration)
        sog_knots = arcs(start, end) * EARTH_RADIUS_KM / KM_PER_NAUTICAL_MILE / (duration / SECONDS_PER_HOUR)
        cog_deg = bearings(latitude, longitude, end)
        status = np.array(self.statuses, dtype=np.int64)[leg]
        return pd.DataFrame(
            {"LAT": latitude, "LON": longitude, "SOG": sog_knots, "COG": cog_deg, "Status": status}
        )


def live(ship: Ship, start_second: int, end_second: int, rng: Generator) -> Course:
    """A ship's course from before the first second until after the last; a later end only adds to it."""
    begin = start_second - rng.uniform(*EARLIER_LIFE_DAYS) * SECONDS_PER_DAY
    course, port = Course(begin, ship.home.somewhere_in("berth", rng)), ship.home
    while course.seconds[-1] <= end_second:
        course.stay(rng.uniform(*ship.ship_class.berth_hours), Status.MOORED)
        course.sail(port.at(FAIRWAY_KM), HARBOUR_KNOTS)
        if ship.ship_class.trades:
            port = _trade(course, ship, port, rng)
        elif ship.ship_class is TUG:
            course.stay(rng.uniform(*ASSIST_HOURS), Status.UNDER_WAY)
        else:
            _fish(course, ship, rng)
        course.sail(port.somewhere_in("berth", rng), HARBOUR_KNOTS)
    return course


def _trade(course: Course, ship: Ship, port: Port, rng: Generator) -> Port:
    """Sails to another port's fairway, some past a third port, some after a wait; returns the port."""
    others = [n for n, other in enumerate(PORTS) if other is not port]
    goal, passed = (PORTS[n] for n in rng.choice(others, size=2, replace=False))
    course.sail(port.sea, APPROACH_KNOTS)
    if rng.random() < PASSING_SHARE and passed.channel_km == OPEN_COAST_KM:
        course.sail(passed.at(PASSING_KM), ship.speed_knots)
    course.sail(goal.sea, ship.speed_knots)
    if rng.random() < WAIT_SHARE and goal.has_anchorage:
        course.sail(goal.somewhere_in("anchorage", rng), APPROACH_KNOTS)
        course.stay(rng.uniform(*WAIT_HOURS), Status.AT_ANCHOR)
    course.sail(goal.at(FAIRWAY_KM), APPROACH_KNOTS)
    return goal


def _fish(course: Course, ship: Ship, rng: Generator) -> None:
    """Out to a ground, some hauls there, and back to the fairway."""
    home, knots = ship.home, ship.speed_knots
    ground = home.at(home.channel_km + rng.uniform(*FISHING_GROUND_KM))
    course.sail(home.sea, knots).sail(ground, knots)
    for north_km, east_km in rng.uniform(-HAUL_KM, HAUL_KM, size=(FISHING_HAULS, 2)):
        course.sail(shifted(ground, north_km, east_km), FISHING_KNOTS, Status.FISHING)
    course.sail(home.sea, knots).sail(home.at(FAIRWAY_KM), knots)
