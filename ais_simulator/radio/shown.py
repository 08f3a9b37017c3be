"""Where a false position shows a vessel: at a point, on a circle, at a berth, or on an airport."""

import math
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np

from ais_indicators.compiled import njit
from ais_indicators.units import FULL_TURN_DEGREES, KM_PER_DEGREE, KM_PER_NAUTICAL_MILE, SECONDS_PER_HOUR
from ais_simulator.model import Floats, Hit, Ints
from ais_simulator.radio.draws import bell, chance, draw
from ais_simulator.shocks import AirportTarget, CircleTarget, PointTarget, PortTarget, Spoofing

SCATTER_KM: Final = 0.003
"""Standard deviation of a false position about the place that is meant: metres, as of a true one."""

WILD_SHARE: Final = 0.5
WILD_KNOTS: Final = 60.0
"""At a point this share of the vessels claims any speed up to this; the others claim to be at rest."""

DRIFT_KM: Final = (0.1, 0.3)
DRIFT_HOURS: Final = (0.5, 2.0)
"""At an airport: how far a vessel drifts from the point, and how long it takes to come round."""

RESTING_KNOTS: Final = 0.1
_TENTHS: Final = 10
_FULL_TURN_TENTHS: Final = 3600
_TURN_RADIANS: Final = 2.0 * math.pi
_PACE, _PHASE, _REACH, _IS_WILD = range(1, 5)
"""Salts of what is a vessel's own during a shock; salt 0 decides whether it hits a message."""

_NORTH, _EAST, _SOG, _COG = range(5, 9)
"""Salts of a message."""


class Shown(NamedTuple):
    """What messages say, one element per message."""

    latitude: Floats
    longitude: Floats
    sog_tenths: Ints
    cog_tenths: Ints


class _Motion(NamedTuple):
    """How vessels seem to move about the target's centre, one element per message."""

    north_km: Floats
    east_km: Floats
    knots: Floats
    course_degrees: Floats


@dataclass(frozen=True)
class MessageDraws:
    """Random numbers of messages under one shock.

    Attributes:
        key: Of the shock's stream.
        ship: Sender of each message.
        second: Epoch second of each message.
    """

    key: np.uint64
    ship: Ints
    second: Ints

    def each(self, salt: int) -> Floats:
        """Returns one number from 0 to under 1 a message."""
        return _drawn(self.key, self.ship, self.second, salt, False)

    def own(self, salt: int) -> Floats:
        """Returns the number of each message's vessel, the same in all its messages."""
        return _drawn(self.key, self.ship, np.zeros_like(self.second), salt, False)

    def between(self, salt: int, span: tuple[float, float]) -> Floats:
        """Returns a value between two of each message's vessel, the same in all its messages."""
        return span[0] + self.own(salt) * (span[1] - span[0])

    def scatter_km(self, salt: int) -> Floats:
        """Returns the error of each message's position in one direction."""
        return SCATTER_KM * _drawn(self.key, self.ship, self.second, salt, True)


def shown(hit: Hit, shock: Spoofing, draws: MessageDraws) -> Shown:
    """Returns the position, speed and course that a spoofing shock puts into messages.

    Args:
        hit: The shock on this day.
        shock: The shock itself.
        draws: Random numbers of the messages.
    """
    target = shock.target
    since_s: Floats = draws.second.astype(np.float64) - shock.span_s[0]
    if isinstance(target, PortTarget):
        latitude, longitude = hit.berth_latitude[draws.ship], hit.berth_longitude[draws.ship]
    else:
        latitude, longitude = (
            np.full(draws.ship.size, value) for value in (target.latitude, target.longitude)
        )
    if isinstance(target, CircleTarget):
        motion = _on_circle(target, draws, since_s)
    elif isinstance(target, AirportTarget):
        motion = _adrift(draws, since_s)
    else:
        motion = _at_rest(draws, WILD_SHARE if isinstance(target, PointTarget) else 0.0)
    north_km, east_km = motion.north_km + draws.scatter_km(_NORTH), motion.east_km + draws.scatter_km(_EAST)
    east_degrees = east_km / KM_PER_DEGREE / np.cos(np.radians(latitude))
    return Shown(
        latitude + north_km / KM_PER_DEGREE,
        (longitude + east_degrees + FULL_TURN_DEGREES / 2) % FULL_TURN_DEGREES - FULL_TURN_DEGREES / 2,
        np.rint(motion.knots * _TENTHS).astype(np.int64),
        np.rint(motion.course_degrees * _TENTHS).astype(np.int64) % _FULL_TURN_TENTHS,
    )


def _at_rest(draws: MessageDraws, wild_share: float) -> _Motion:
    """Returns vessels at one place, some of which claim to move at any speed."""
    still, sog = np.zeros(draws.ship.size), draws.each(_SOG)
    knots = np.where(draws.own(_IS_WILD) < wild_share, WILD_KNOTS * sog, RESTING_KNOTS * np.rint(sog))
    return _Motion(still, still, knots, draws.each(_COG) * FULL_TURN_DEGREES)


def _on_circle(target: CircleTarget, draws: MessageDraws, since_s: Floats) -> _Motion:
    """Returns vessels that go round clockwise, each at a speed of its own."""
    knots = draws.between(_PACE, target.knots)
    turns = since_s / SECONDS_PER_HOUR * knots * KM_PER_NAUTICAL_MILE / target.radius_km
    angle = draws.own(_PHASE) * _TURN_RADIANS + turns
    return _Motion(
        target.radius_km * np.cos(angle),
        target.radius_km * np.sin(angle),
        knots,
        np.degrees(angle) + FULL_TURN_DEGREES / 4,
    )


def _adrift(draws: MessageDraws, since_s: Floats) -> _Motion:
    """Returns vessels on slow rounds close to a point."""
    reach, hours = draws.between(_REACH, DRIFT_KM), draws.between(_PACE, DRIFT_HOURS)
    angle = _TURN_RADIANS * (draws.own(_PHASE) + since_s / SECONDS_PER_HOUR / hours)
    return _Motion(
        reach * np.cos(angle),
        reach * np.sin(angle),
        reach * _TURN_RADIANS / hours / KM_PER_NAUTICAL_MILE,
        np.degrees(angle) + FULL_TURN_DEGREES / 4,
    )


def _drawn(key: np.uint64, ship: Ints, second: Ints, salt: int, is_bell: bool) -> Floats:
    numbers = np.empty(ship.size)
    _draw_all(key, ship, second, salt, is_bell, numbers)
    return numbers


@njit(cache=True)
def _draw_all(key: Any, ship: Any, second: Any, salt: int, is_bell: bool, numbers: Any) -> None:
    for row in range(ship.size):
        bits = draw(key, ship[row], second[row], salt)
        numbers[row] = bell(bits) if is_bell else chance(bits)
