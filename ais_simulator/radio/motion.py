"""Where ships truly are in the seconds of sending, and what their sets make of it: position, speed, course, heading.

A leg is a circle in the plane of two unit vectors, so that neither the antimeridian nor a pole is special.
"""

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from ais_indicators.compiled import njit
from ais_indicators.units import EARTH_RADIUS_KM, KM_PER_NAUTICAL_MILE, SECONDS_PER_HOUR
from ais_simulator.model import Fleet, Floats, Motion
from ais_simulator.radio.draws import Stream, bell, chance, draw, ship_chances, stream_key
from ais_simulator.radio.records import (
    AT_ANCHOR,
    CLASS_A,
    CLASS_A_AT_REST,
    CLASS_B,
    NO_HEADING,
    NO_ROT,
    NO_STATUS,
    POSITION,
    STEPS_PER_DEGREE,
    Records,
)
from ais_simulator.radio.reporting import Schedule

SMALLEST_ARC_RADIANS: Final = 1e-9
"""Six millimetres: a ship that lies still."""

RESTING_MAXIMUM_KNOTS: Final = 0.1
"""Slower than a set's speed can tell."""

GPS_ERROR_KM: Final = 0.003
"""Standard deviation north and east; ITU-R M.1371 calls 10 m accurate."""

SWING_KM: Final = (0.05, 0.1)
"""Radius of the circle about the anchor: some lengths of chain and ship."""

TIDE_S: Final = 12.42 * SECONDS_PER_HOUR
"""Period of the main tide of the moon (M2): a ship at anchor swings once, at under 0.05 kn."""

SWING_BEGINS_IN_S: Final = SECONDS_PER_HOUR
"""The swing grows and ends within an hour, so that dropping and weighing anchor is no leap."""

SOG_ERROR_KNOTS: Final = 0.1
COURSE_ERROR_DEGREES: Final = 1.5
RESTING_SOG_SHARE: Final = 0.2  # of a resting ship's messages say 0.1 kn, the others 0.0
MOST_SOG_TENTHS: Final = 1021  # 102.2 would say "or more"
NO_ROT_SHARE: Final = 0.2  # ships without a gyro's rate of turn; many in real files
MOST_ROT: Final = 3  # a ship on its course turns by less than half a degree a minute
_DEGREES: Final = math.degrees(1.0)
_FULL_TURN_TENTHS: Final = 3600
_FULL_TURN: Final = 360
_RADIANS_PER_NAUTICAL_MILE: Final = KM_PER_NAUTICAL_MILE / EARTH_RADIUS_KM
_PLACE, _SPEED, _COURSE, _TURN = range(4)
"""Salts of a message's noise."""


@dataclass(frozen=True)
class Circles:
    """Legs as parts of great circles, one element per leg.

    Attributes:
        start: Unit vector of the leg's begin, shape (n, 3).
        ahead: Unit vector a quarter of a circle further on the leg, shape (n, 3).
        arc: Radians.
        knots: Speed.
    """

    start: Floats
    ahead: Floats
    arc: Floats
    knots: Floats


@dataclass(frozen=True)
class Habits:
    """Habits of each ship, one element per ship.

    Attributes:
        berth_degrees: How it lies when moored.
        swing_km: Radius of its swing at anchor.
        swing_radians: Where it is on that circle at the epoch.
        has_rot: Whether its set knows the rate of turn.
    """

    berth_degrees: Floats
    swing_km: Floats
    swing_radians: Floats
    has_rot: Any


def unit_vectors(latitude: Floats, longitude: Floats) -> Floats:
    """Places in degrees as unit vectors, shape (n, 3)."""
    phi, lam = np.radians(latitude), np.radians(longitude)
    return np.column_stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)])


def circles(motion: Motion) -> Circles:
    """Returns legs as parts of great circles."""
    start = unit_vectors(motion.from_latitude, motion.from_longitude)
    end = unit_vectors(motion.to_latitude, motion.to_longitude)
    across = end - start * np.sum(start * end, axis=1, keepdims=True)
    sine = np.linalg.norm(np.cross(start, end), axis=1)
    arc = np.arctan2(sine, np.sum(start * end, axis=1))
    is_still = arc < SMALLEST_ARC_RADIANS
    length = np.where(is_still, 1.0, np.linalg.norm(across, axis=1))
    arc = np.where(is_still, 0.0, arc)
    hours = (motion.ends_s - motion.begins_s) / SECONDS_PER_HOUR
    return Circles(start, across / length[:, None], arc, arc / _RADIANS_PER_NAUTICAL_MILE / hours)


def habits(seed: int, ships: int) -> Habits:
    """Draws the habits of each ship."""
    key = stream_key(seed, Stream.HABIT)
    berth, swing, turn, rot = (ship_chances(key + np.uint64(n), ships) for n in range(4))
    return Habits(
        berth_degrees=berth * _FULL_TURN,
        swing_km=SWING_KM[0] + swing * (SWING_KM[1] - SWING_KM[0]),
        swing_radians=turn * 2.0 * math.pi,
        has_rot=rot >= NO_ROT_SHARE,
    )


def reports(
    motion: Motion, legs: Circles, sent: Schedule, fleet: Fleet, own: Habits, seed: int, day_start_s: int
) -> Records:
    """Returns what the sets send, ship by ship in the order of time; versions and stations are filled in later.

    Args:
        motion: Legs.
        legs: The same as circles.
        sent: When they are sent.
        fleet: Ships.
        own: What is each ship's own.
        seed: Seed of the noise.
        day_start_s: Epoch second that seconds are counted from.
    """
    records = np.zeros(int(sent.count.sum()), POSITION)
    _fill(
        records, sent.leg, sent.first_s, sent.step_s, sent.count, day_start_s,
        motion.ship, motion.begins_s, motion.ends_s, motion.navigational_status,
        legs.start, legs.ahead, legs.arc, legs.knots, fleet.is_class_b,
        own.berth_degrees, own.swing_km, own.swing_radians, own.has_rot,
        stream_key(seed, Stream.NOISE), stream_key(seed, Stream.MOTION),
    )  # fmt: skip
    return records


@njit(cache=True)
def _fill(
    records: Any, leg: Any, first_s: Any, step_s: Any, count: Any, day_start_s: int,
    ship: Any, begins_s: Any, ends_s: Any, status: Any,
    start: Any, ahead: Any, arc: Any, knots: Any, is_class_b: Any,
    berth: Any, swing_km: Any, swing_radians: Any, has_rot: Any, place_key: Any, motion_key: Any,
) -> None:  # fmt: skip
    """Fills one record per message."""
    row = 0
    for n in range(leg.size):
        at, one = leg[n], ship[leg[n]]
        is_resting = knots[at] < RESTING_MAXIMUM_KNOTS
        is_at_anchor = is_resting and status[at] == AT_ANCHOR
        for number in range(count[n]):
            second = first_s[n] + number * step_s[n]
            record = records[row]
            row += 1
            record.sent_s = record.stamped_s = second - day_start_s
            record.ship = one
            angle = arc[at] * (second - begins_s[at]) / (ends_s[at] - begins_s[at])
            turn = second * (2.0 * math.pi / TIDE_S) + swing_radians[one]
            radius = 0.0
            if is_at_anchor:
                since = min(second - begins_s[at], ends_s[at] - second) / SWING_BEGINS_IN_S
                radius = swing_km[one] * min(1.0, since)
            noise = draw(place_key, one, second, _PLACE)
            north = radius * math.cos(turn) + GPS_ERROR_KM * bell(noise)
            east = radius * math.sin(turn) + GPS_ERROR_KM * bell(draw(place_key, one, second, _SPEED))
            course = _place(record, start[at], ahead[at], angle, north, east)
            _set_motion(record, is_resting, knots[at], course, motion_key, one, second)
            if is_class_b[one]:
                record.message_type, record.navigational_status = CLASS_B, NO_STATUS
                record.heading_degrees, record.rot = NO_HEADING, NO_ROT
                continue
            bow = course
            if is_resting:
                bow = turn * _DEGREES if is_at_anchor else berth[one]
            _set_class_a(record, bow, is_resting, has_rot[one], draw(motion_key, one, second, _TURN))
            record.navigational_status = status[at]


@njit(cache=True)
def _place(record: Any, start: Any, ahead: Any, angle: float, north_km: float, east_km: float) -> float:
    """Sets a place at a distance in km from the true one; returns the course in degrees."""
    cosine, sine = math.cos(angle), math.sin(angle)
    x = start[0] * cosine + ahead[0] * sine
    y = start[1] * cosine + ahead[1] * sine
    z = start[2] * cosine + ahead[2] * sine
    dx = ahead[0] * cosine - start[0] * sine
    dy = ahead[1] * cosine - start[1] * sine
    dz = ahead[2] * cosine - start[2] * sine
    level = math.hypot(x, y)
    cos_lon, sin_lon = (x / level, y / level) if level > 0.0 else (1.0, 0.0)
    eastward = dy * cos_lon - dx * sin_lon
    northward = dz * level - z * (dx * cos_lon + dy * sin_lon)
    north, east = north_km / EARTH_RADIUS_KM, east_km / EARTH_RADIUS_KM
    x += -z * cos_lon * north - sin_lon * east
    y += -z * sin_lon * north + cos_lon * east
    z += level * north
    record.latitude_steps = round(math.atan2(z, math.hypot(x, y)) * _DEGREES * STEPS_PER_DEGREE)
    record.longitude_steps = round(math.atan2(y, x) * _DEGREES * STEPS_PER_DEGREE)
    return math.atan2(eastward, northward) * _DEGREES


@njit(cache=True)
def _set_motion(
    record: Any, is_resting: bool, knots: float, course: float, key: Any, ship: int, second: int
) -> None:
    """Sets speed and course over ground; those of a ship at rest point anywhere."""
    bits = draw(key, ship, second, _SPEED)
    turned = draw(key, ship, second, _COURSE)
    if is_resting:
        record.sog_tenths = 1 if chance(bits) < RESTING_SOG_SHARE else 0
        record.cog_tenths = int(chance(turned) * _FULL_TURN_TENTHS)
        return
    sog = round((knots + SOG_ERROR_KNOTS * bell(bits)) * 10.0)
    record.sog_tenths = min(max(sog, 0), MOST_SOG_TENTHS)
    record.cog_tenths = round((course + COURSE_ERROR_DEGREES * bell(turned)) * 10.0) % _FULL_TURN_TENTHS


@njit(cache=True)
def _set_class_a(record: Any, bow_degrees: float, is_resting: bool, has_rot: bool, bits: Any) -> None:
    """Sets what class B does not send."""
    record.message_type = CLASS_A_AT_REST if is_resting else CLASS_A
    record.heading_degrees = round(bow_degrees + bell(bits)) % _FULL_TURN
    record.rot = NO_ROT
    if has_rot:
        record.rot = 0 if is_resting else int(chance(bits) * (2 * MOST_ROT + 1)) - MOST_ROT
