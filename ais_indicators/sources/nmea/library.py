"""Messages that pyais decodes: class B extended positions (19), and fixed types that came in fragments."""

from typing import Any, Final

import pyais
from pyais.exceptions import AISBaseException

from ais_indicators.sources.nmea.payloads import Payloads, field
from ais_indicators.sources.nmea.positions import LONG_RANGE, NO_LONG_RANGE_COURSE, NO_LONG_RANGE_SPEED

EXTENDED_TYPE: Final = 19
FEWEST_BITS: Final = {EXTENDED_TYPE: 312}
_SHIP_TYPE_AT, _SHIP_TYPE_BITS = 263, 8


def decode_by_library(payloads: Payloads, place: int) -> dict[str, Any] | None:
    """Returns the fields of one message under the names of bronze columns; None for what cannot be decoded."""
    armoured, fill_bits = payloads.armoured(place)
    try:
        message = pyais.decode(f"!AIVDM,1,1,,A,{armoured},{fill_bits}*00").asdict(enum_as_int=True)
    except AISBaseException:
        return None
    ship_type = None
    if message["msg_type"] == EXTENDED_TYPE:  # pyais brings it to the nearest code that it knows a name for
        ship_type = int(field(payloads.text, payloads.start[place], _SHIP_TYPE_AT, _SHIP_TYPE_BITS))
    return {**_position(message), "ais_ship_type": ship_type}


def _position(message: dict[str, Any]) -> dict[str, Any]:
    """Returns fields of a position, with the static ones of type 19."""
    is_long_range = message["msg_type"] == LONG_RANGE
    has_speed = not (is_long_range and message["speed"] == NO_LONG_RANGE_SPEED)
    has_course = not (is_long_range and message["course"] == NO_LONG_RANGE_COURSE)
    return {
        "mmsi": message["mmsi"],
        "message_type": message["msg_type"],
        "latitude": message["lat"],
        "longitude": message["lon"],
        "sog_knots": float(message["speed"]) if has_speed else None,
        "cog_degrees": float(message["course"]) if has_course else None,
        "heading_degrees": _float(message.get("heading")),
        "navigational_status": message.get("status"),
        "vessel_name": (message.get("shipname") or "").strip(" @") or None,
        "length_m": _sum(message, "to_bow", "to_stern"),
        "width_m": _sum(message, "to_port", "to_starboard"),
        "transceiver_class": "B" if message["msg_type"] == EXTENDED_TYPE else None,
    }


def _sum(message: dict[str, Any], one: str, other: str) -> float | None:
    """Returns metres to both ends together; None if an end is not carried."""
    ends = message.get(one), message.get(other)
    return None if ends[0] is None or ends[1] is None else float(ends[0] + ends[1])


def _float(value: Any) -> float | None:
    return None if value is None else float(value)
