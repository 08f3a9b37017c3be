"""Decodes the position messages of fixed length: types 1, 2, 3 (class A), 18 (class B), 27 (long range); compiled.

Fields lie where ITU-R M.1371 puts them. "Not available" leaves as the value that the bronze contract knows for it.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ais_indicators.compiled import njit
from ais_indicators.sources.nmea.payloads import Payloads, field, signed

FIXED_TYPES: Final = (1, 2, 3, 18, 27)
FEWEST_BITS: Final = {1: 168, 2: 168, 3: 168, 18: 168, 27: 96}
"""Length of each type; a payload with fewer bits was cut off."""

LONG_RANGE: Final = 27
CLASS_B: Final = 18
_NO_STATUS, _NO_HEADING, _NO_COURSE = 15, 511, 360.0
_NO_SPEED: Final = 102.3
NO_LONG_RANGE_SPEED, NO_LONG_RANGE_COURSE = 63, 511
_MINUTES_10000: Final = 600_000.0
_MINUTES_10: Final = 600.0


@dataclass(frozen=True)
class Positions:
    """Position messages; every array has one element per message.

    Attributes:
        message_type: Type of ITU-R M.1371.
        mmsi: MMSI of the sender.
        latitude: Degrees north; 91 where not available.
        longitude: Degrees east; 181 where not available.
        sog_knots: Speed over ground; 102.3 where not available, 102.2 for that or more.
        cog_degrees: Course over ground; 360 where not available.
        heading_degrees: True heading; 511 where not available.
        navigational_status: 15 where not available or not carried.
    """

    message_type: NDArray[np.int32]
    mmsi: NDArray[np.int64]
    latitude: NDArray[np.float64]
    longitude: NDArray[np.float64]
    sog_knots: NDArray[np.float64]
    cog_degrees: NDArray[np.float64]
    heading_degrees: NDArray[np.float64]
    navigational_status: NDArray[np.int32]


def decode_positions(payloads: Payloads) -> Positions:
    """Decodes messages of `FIXED_TYPES` that have at least the fewest bits.

    Args:
        payloads: The messages.
    """
    count = payloads.start.size
    mmsi, status = np.empty(count, np.int64), np.empty(count, np.int32)
    latitude, longitude, sog, cog, heading = (np.empty(count, np.float64) for _ in range(5))
    types = payloads.message_type
    _decode(payloads.text, payloads.start, types, mmsi, latitude, longitude, sog, cog, heading, status)
    return Positions(types.astype(np.int32), mmsi, latitude, longitude, sog, cog, heading, status)


@njit(cache=True)
def _decode(
    text: Any,
    starts: Any,
    types: Any,
    mmsi: Any,
    latitude: Any,
    longitude: Any,
    sog: Any,
    cog: Any,
    heading: Any,
    status: Any,
) -> None:
    for n in range(starts.size):
        payload = starts[n]
        mmsi[n] = field(text, payload, 8, 30)
        status[n], heading[n], scale = _NO_STATUS, _NO_HEADING, _MINUTES_10000
        if types[n] == LONG_RANGE:
            status[n], scale = field(text, payload, 40, 4), _MINUTES_10
            speed, east, north, course = _motion(text, payload, 79, 6, 44, 18, 62, 17, 85, 9)
        elif types[n] == CLASS_B:
            heading[n] = field(text, payload, 124, 9)
            speed, east, north, course = _motion(text, payload, 46, 10, 57, 28, 85, 27, 112, 12)
        else:
            status[n], heading[n] = field(text, payload, 38, 4), field(text, payload, 128, 9)
            speed, east, north, course = _motion(text, payload, 50, 10, 61, 28, 89, 27, 116, 12)
        longitude[n], latitude[n] = east / scale, north / scale
        if types[n] == LONG_RANGE:
            sog[n] = _NO_SPEED if speed == NO_LONG_RANGE_SPEED else float(speed)
            cog[n] = _NO_COURSE if course == NO_LONG_RANGE_COURSE else float(course)
        else:
            sog[n], cog[n] = speed / 10.0, course / 10.0


# Inline, so that the compiler knows the places of the fields: that is four times as fast as with places from a table.
@njit(cache=True, inline="always")
def _motion(
    text: Any,
    payload: int,
    sog_at: int,
    sog_bits: int,
    longitude_at: int,
    longitude_bits: int,
    latitude_at: int,
    latitude_bits: int,
    cog_at: int,
    cog_bits: int,
) -> tuple[int, int, int, int]:
    """Reads speed, longitude, latitude and course, in the units of the message, by first bit and width."""
    speed, course = field(text, payload, sog_at, sog_bits), field(text, payload, cog_at, cog_bits)
    longitude = signed(field(text, payload, longitude_at, longitude_bits), longitude_bits)
    latitude = signed(field(text, payload, latitude_at, latitude_bits), latitude_bits)
    return speed, longitude, latitude, course
