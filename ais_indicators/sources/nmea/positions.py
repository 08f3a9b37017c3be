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
_LAYOUTS: Final = np.array(
    # status, its width, sog, its width, longitude, its width, latitude, its width, cog, its width, heading, its width
    [
        [38, 4, 50, 10, 61, 28, 89, 27, 116, 12, 128, 9],
        [0, 0, 46, 10, 57, 28, 85, 27, 112, 12, 124, 9],
        [40, 4, 79, 6, 44, 18, 62, 17, 85, 9, 0, 0],
    ],
    np.int64,
)
"""First bit and width of each field, for class A, class B and long range."""

_NO_STATUS, _NO_HEADING, _NO_COURSE = 15, 511, 360.0
_NO_SPEED: Final = 102.3
NO_LONG_RANGE_SPEED, NO_LONG_RANGE_COURSE = 63, 511
_MINUTES_10000: Final = 600_000.0
_MINUTES_10: Final = 600.0


@dataclass(frozen=True)
class Positions:
    """Position messages; every array has one element a message.

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
    _decode(
        payloads.text, payloads.start, types, _LAYOUTS, mmsi, latitude, longitude, sog, cog, heading, status
    )
    return Positions(types.astype(np.int32), mmsi, latitude, longitude, sog, cog, heading, status)


@njit(cache=True)
def _decode(
    text: Any,
    starts: Any,
    types: Any,
    layouts: Any,
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
        is_long_range = types[n] == LONG_RANGE
        at = layouts[2 if is_long_range else int(types[n] == CLASS_B)]
        mmsi[n] = field(text, payload, 8, 30)
        status[n] = field(text, payload, at[0], at[1]) if at[1] else _NO_STATUS
        speed, course = field(text, payload, at[2], at[3]), field(text, payload, at[8], at[9])
        scale = _MINUTES_10 if is_long_range else _MINUTES_10000
        longitude[n] = signed(field(text, payload, at[4], at[5]), at[5]) / scale
        latitude[n] = signed(field(text, payload, at[6], at[7]), at[7]) / scale
        heading[n] = field(text, payload, at[10], at[11]) if at[11] else _NO_HEADING
        if is_long_range:
            sog[n] = _NO_SPEED if speed == NO_LONG_RANGE_SPEED else float(speed)
            cog[n] = _NO_COURSE if course == NO_LONG_RANGE_COURSE else float(course)
        else:
            sog[n], cog[n] = speed / 10.0, course / 10.0
