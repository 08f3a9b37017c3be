"""Reads the UTC time in reports of base stations (message type 4)."""

import re
from datetime import UTC, datetime
from typing import Final

_TYPE_4: Final = re.compile(rb"!..VD[MO],1,1,\d?,[^,]?,(4[0-W`-w]{27,}),[0-5]\*")
_FIELDS: Final = ((38, 14), (52, 4), (56, 5), (61, 5), (66, 6), (72, 6))
"""First bit and number of bits of year, month, day, hour, minute and second."""

_ARMOUR_ZERO: Final = 48
_ARMOUR_GAP_FROM: Final = 40
_ARMOUR_GAP: Final = 8
_SIXBIT: Final = 6


def reported_time(line: bytes) -> float | None:
    """Returns the time in a base station report in seconds since 1970; None for other lines or an invalid time."""
    match = _TYPE_4.search(line)
    if match is None:
        return None
    bits = 0
    for character in match[1][:28]:
        value = character - _ARMOUR_ZERO
        bits = bits << _SIXBIT | (value - _ARMOUR_GAP if value > _ARMOUR_GAP_FROM else value)
    length = 28 * _SIXBIT
    year, month, day, hour, minute, second = (
        bits >> (length - first - count) & ((1 << count) - 1) for first, count in _FIELDS
    )
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp()
    except ValueError:  # a field that is not available: year 0, hour 24, minute 60
        return None
