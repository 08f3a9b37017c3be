"""Paths of planes: legs between waypoints, and where a plane is at any second of them.

A leg is a great circle that is flown or rolled with an even change of speed and height. A path is built leg by leg, and
asked for many seconds at once.
"""

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ais_indicators.units import EARTH_RADIUS_KM
from ais_simulator.flights.airports import Airport
from ais_simulator.sphere import Floats, Point, along, arcs, bearings, unit_vectors

METRES_PER_KM: Final = 1000.0
SLOWEST_M_PER_S: Final = 0.5
"""A leg has at least this mean speed, so that it ends."""


class Phase(IntEnum):
    """What a plane does on a leg."""

    TAXI_OUT = 0
    TAKE_OFF = 1
    CLIMB = 2
    CRUISE = 3
    APPROACH = 4
    LANDING = 5
    TAXI_IN = 6
    CIRCUIT = 7
    TOUCH = 8


ON_GROUND: Final = (Phase.TAXI_OUT, Phase.TAKE_OFF, Phase.LANDING, Phase.TAXI_IN, Phase.TOUCH)


@dataclass(frozen=True)
class Track:
    """Where a plane was at some seconds: arrays of shape (n,).

    Attributes:
        second: Epoch seconds.
        latitude: Degrees north.
        longitude: Degrees east.
        altitude_m: Height above the sea.
        height_m: Height above the field of the airport that the leg belongs to.
        speed_m_per_s: Speed over ground.
        climb_m_per_s: Change of height.
        course_degrees: Course over ground.
        phase: Of `Phase`.
        since_phase_s: Seconds since the leg's phase began.
    """

    second: Floats
    latitude: Floats
    longitude: Floats
    altitude_m: Floats
    height_m: Floats
    speed_m_per_s: Floats
    climb_m_per_s: Floats
    course_degrees: Floats
    phase: NDArray[np.int64]
    since_phase_s: Floats

    @property
    def is_on_ground(self) -> NDArray[np.bool_]:
        """Returns whether the wheels are on the ground."""
        return np.isin(self.phase, ON_GROUND)


@dataclass
class Path:
    """A path that grows by legs.

    Attributes:
        start_second: Epoch second at which it begins.
        place: Where it has come to.
        altitude_m: How high.
        speed_m_per_s: How fast.
    """

    start_second: float
    place: Point
    altitude_m: float
    speed_m_per_s: float = 0.0
    _seconds: list[float] = field(default_factory=list)
    _waypoints: list[tuple[float, float, float, float]] = field(default_factory=list)
    _phases: list[Phase] = field(default_factory=list)
    _fields: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._seconds.append(self.start_second)
        self._note()

    @property
    def now(self) -> float:
        """Returns the epoch second that it has reached."""
        return self._seconds[-1]

    def go(self, to: Point, altitude_m: float, speed_m_per_s: float, phase: Phase, airport: Airport) -> None:
        """Adds a leg.

        Args:
            to: Where it ends.
            altitude_m: Height at its end.
            speed_m_per_s: Speed at its end.
            phase: What the plane does on it.
            airport: Whose field heights are counted from.
        """
        km = EARTH_RADIUS_KM * float(arcs(_vector(self.place), _vector(to))[0])
        mean = max((self.speed_m_per_s + speed_m_per_s) / 2, SLOWEST_M_PER_S)
        self._end_leg(km * METRES_PER_KM / mean, to, altitude_m, speed_m_per_s, phase, airport)

    def stand(self, seconds: float, phase: Phase, airport: Airport) -> None:
        """Adds a halt."""
        self._end_leg(seconds, self.place, self.altitude_m, 0.0, phase, airport)

    def track(self, second: Floats) -> Track:
        """Returns where the plane is at seconds of the path."""
        times = np.array(self._seconds)
        leg = np.clip(np.searchsorted(times, second, side="right") - 1, 0, len(self._phases) - 1)
        latitude, longitude, altitude, speed = np.array(self._waypoints).T
        lasts = np.diff(times)[leg]
        gone = second - times[leg]
        gain = (speed[leg + 1] - speed[leg]) / lasts
        whole = (speed[leg] + speed[leg + 1]) / 2 * lasts
        share = np.where(
            whole > 0, (speed[leg] * gone + gain * gone**2 / 2) / np.where(whole > 0, whole, 1.0), 0.0
        )
        ends = unit_vectors(latitude, longitude)
        places = along(ends[leg], ends[leg + 1], np.clip(share, 0.0, 1.0))
        phases = np.array(self._phases)
        begins = np.flatnonzero(np.append(True, phases[1:] != phases[:-1]))
        since = times[begins[np.searchsorted(begins, leg, side="right") - 1]]
        rise = (altitude[leg + 1] - altitude[leg]) / lasts
        height = altitude[leg] + rise * gone
        return Track(
            second, *places, height, height - np.array(self._fields)[leg], speed[leg] + gain * gone, rise,
            bearings(*places, ends[leg + 1]), phases[leg], second - since,
        )  # fmt: skip

    def _end_leg(
        self,
        seconds: float,
        to: Point,
        altitude_m: float,
        speed_m_per_s: float,
        phase: Phase,
        airport: Airport,
    ) -> None:
        self.place, self.altitude_m, self.speed_m_per_s = to, altitude_m, speed_m_per_s
        self._seconds.append(self.now + seconds)
        self._phases.append(phase)
        self._fields.append(airport.elevation_m)
        self._note()

    def _note(self) -> None:
        self._waypoints.append((*self.place, self.altitude_m, self.speed_m_per_s))


def part_of_way(start: Point, end: Point, km: float) -> Point:
    """Returns the place at a given distance from one place towards another, at most half-way."""
    whole = EARTH_RADIUS_KM * float(arcs(_vector(start), _vector(end))[0])
    share = np.array([min(km / whole, 0.5)]) if whole > 0 else np.zeros(1)
    latitude, longitude = along(_vector(start), _vector(end), share)
    return Point(float(latitude[0]), float(longitude[0]))


def _vector(place: Point) -> Floats:
    return unit_vectors(np.array([place.latitude]), np.array([place.longitude]))
