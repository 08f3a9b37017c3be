"""What each plane does in some weeks: flights of airliners from one airport to another, and of training planes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from ais_indicators.units import EARTH_RADIUS_KM, SECONDS_PER_DAY, SECONDS_PER_HOUR, SECONDS_PER_MINUTE
from ais_simulator.flights import pieces
from ais_simulator.flights.airports import AIRPORTS, Airport
from ais_simulator.flights.paths import Path
from ais_simulator.sphere import Point, arcs, unit_vectors

PLANE_STREAM: Final = 1
TRAINING_EVERY: Final = 6
"""One plane in so many is a training plane."""
FIRST_HOURS: Final = (4.5, 7.5)
LAST_START_HOUR: Final = 20.0
TURN_ROUND_MINUTES: Final = (30.0, 95.0)
TRAINING_BREAK_MINUTES: Final = (30.0, 150.0)
OVER_SHARE: Final = 0.1
"""Flights that lead right over another airport."""
GO_AROUND_SHARE: Final = 0.03
AWAY_SHARE: Final = 0.3
"""Training flights to another airport."""
LOW_PASS_SHARE: Final = 0.4
"""Of those the ones that pass low over it instead of touching it."""
MOST_TOUCHES: Final = 4
NEAR_KM: Final = 700.0
STAND_ALONG_KM: Final = 0.5
MOST_PLANES: Final = 4096
PLACE_STEP: Final = 1597
"""Odd, so that each plane of the most has a range of addresses of its own."""
FIRST_ADDRESS: Final = 0x00_1000
ADDRESSES_PER_PLANE: Final = 4000
CALL_LETTERS: Final = "ABCDEFGHKLMNPRSTUVWXYZ"
FLIGHT_NUMBERS: Final = (100, 9999)


@dataclass(frozen=True)
class Flight:
    """One flight from stand to stand.

    Attributes:
        mmsi: 24-bit address of the plane, as a number.
        call_sign: Of the flight.
        origin: Where it began.
        destination: Where it made its full stop.
        lifted_off: Epoch second.
        touched_down: Epoch second of the landing that ended it.
        touches: Airport and epoch second of each touch-and-go.
        path: Where the plane was.
    """

    mmsi: int
    call_sign: str
    origin: Airport
    destination: Airport
    lifted_off: float
    touched_down: float
    touches: tuple[tuple[Airport, float], ...]
    path: Path


@dataclass
class Plane:
    """One plane's life.

    Attributes:
        mmsi: 24-bit address, as a number.
        base: Where it starts.
        is_training: Whether it flies circuits instead of lines.
        flights: Its flights in their order.
    """

    mmsi: int
    base: Airport
    is_training: bool
    flights: list[Flight] = field(default_factory=list)


def simulate_plane(number: int, seed: int, first_second: float, days: int) -> Plane:
    """Simulates one plane; the result depends on its number and the seed only, not on other planes.

    Args:
        number: Which plane, from 0.
        seed: Seed of all random draws.
        first_second: Epoch second of the first day.
        days: How many days.
    """
    rng = np.random.default_rng([seed, PLANE_STREAM, number])
    place = number * PLACE_STEP % MOST_PLANES
    address = FIRST_ADDRESS + place * ADDRESSES_PER_PLANE + int(rng.integers(ADDRESSES_PER_PLANE))
    plane = Plane(address, _chosen(rng, AIRPORTS), number % TRAINING_EVERY == TRAINING_EVERY - 1)
    here, stand = plane.base, _stand(rng, plane.base)
    now = first_second
    for day in range(days):
        midnight = first_second + day * SECONDS_PER_DAY
        now = max(now, midnight + rng.uniform(*FIRST_HOURS) * SECONDS_PER_HOUR)
        while now < midnight + LAST_START_HOUR * SECONDS_PER_HOUR:
            path = Path(float(np.floor(now)), stand, here.elevation_m)
            flight = (_training if plane.is_training else _line)(rng, plane, here, path)
            plane.flights.append(flight)
            here, stand = flight.destination, flight.path.place
            pause = TRAINING_BREAK_MINUTES if plane.is_training else TURN_ROUND_MINUTES
            now = path.now + rng.uniform(*pause) * SECONDS_PER_MINUTE
    return plane


def _line(rng: np.random.Generator, plane: Plane, here: Airport, path: Path) -> Flight:
    """Flies from one airport to another, sometimes directly over a third, sometimes with a go-around."""
    to = _chosen(rng, [airport for airport in AIRPORTS if airport is not here])
    others = [airport for airport in AIRPORTS if airport not in (here, to)]
    over = others[int(rng.integers(len(others)))] if rng.random() < OVER_SHARE else None
    lifted_off = pieces.taxi_out(path, here)
    pieces.climb_out(path, here)
    pieces.cruise(path, to, over)
    if rng.random() < GO_AROUND_SHARE:
        pieces.go_around(path, to)
    touched_down = pieces.land(path, to, _stand(rng, to))
    return Flight(plane.mmsi, _call_sign(rng), here, to, lifted_off, touched_down, (), path)


def _training(rng: np.random.Generator, plane: Plane, here: Airport, path: Path) -> Flight:
    """Flies circuits at home or at a nearby airport, with touch-and-goes or a low pass, and returns home."""
    near = _near(here)
    at = near[int(rng.integers(len(near)))] if near and rng.random() < AWAY_SHARE else here
    is_low_pass = at is not here and rng.random() < LOW_PASS_SHARE
    touches: list[tuple[Airport, float]] = []
    lifted_off = pieces.taxi_out(path, here)
    if at is here:
        pieces.circuit(path, here)
    else:
        pieces.climb_out(path, here)
        pieces.cruise(path, at)
    if is_low_pass:
        pieces.low_pass(path, at)
    else:
        count = int(rng.integers(1, MOST_TOUCHES + 1))
        touches = [(at, pieces.touch_and_go(path, at)) for _ in range(count)]
    if at is not here:
        pieces.cruise(path, here)
    touched_down = pieces.land(path, here, _stand(rng, here))
    return Flight(plane.mmsi, _call_sign(rng), here, here, lifted_off, touched_down, tuple(touches), path)


def _chosen(rng: np.random.Generator, airports: Sequence[Airport]) -> Airport:
    weights = np.array([airport.weight for airport in airports])
    return airports[int(rng.choice(len(airports), p=weights / weights.sum()))]


def _near(here: Airport) -> list[Airport]:
    """Returns the other airports that a training flight may go to."""
    places = unit_vectors(*np.array([(a.latitude, a.longitude) for a in (here, *AIRPORTS)]).T)
    km = EARTH_RADIUS_KM * arcs(np.repeat(places[:1], len(AIRPORTS), axis=0), places[1:])
    return [a for a, far in zip(AIRPORTS, km, strict=True) if a is not here and far < NEAR_KM]


def _stand(rng: np.random.Generator, airport: Airport) -> Point:
    return pieces.stand_of(airport, float(rng.uniform(-STAND_ALONG_KM, STAND_ALONG_KM)))


def _call_sign(rng: np.random.Generator) -> str:
    letters = "".join(CALL_LETTERS[int(n)] for n in rng.integers(len(CALL_LETTERS), size=3))
    return f"{letters}{int(rng.integers(*FLIGHT_NUMBERS))}"
