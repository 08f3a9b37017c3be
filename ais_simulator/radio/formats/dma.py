"""Files of the Danish Maritime Authority: 26 columns, one row per position, the last static values on each."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np

from ais_indicators.compiled import njit
from ais_indicators.units import SECONDS_PER_DAY
from ais_simulator.radio.formats.digits import (
    COMMA,
    LINE_FEED,
    put_blob,
    put_byte,
    put_clock,
    put_decimal,
    put_number,
    rounded,
)
from ais_simulator.radio.formats.files import Blobs, Bytes, csv_blocks, csv_field, days_around, texts_of
from ais_simulator.radio.formats.names import DMA_SHIP_GROUP, DMA_SHIP_TYPE, DMA_STATUS, of_type
from ais_simulator.radio.formats.noaa import cut_line
from ais_simulator.radio.records import (
    AID_TO_NAVIGATION,
    BASE_STATION,
    CLASS_B,
    NO_COG,
    NO_HEADING,
    NO_ROT,
    NO_SOG,
    Cuts,
    DayMessages,
    Records,
    Sets,
)

HEADER: Final = (
    "# Timestamp,Type of mobile,MMSI,Latitude,Longitude,Navigational status,ROT,SOG,COG,Heading,IMO,Callsign,Name,"
    "Ship type,Cargo type,Width,Length,Type of position fixing device,Draught,Destination,ETA,Data source type,A,B,C,D"
)
_MOBILES: Final = ("Class A", "Class B", "Base Station", "AtoN")
_DECIMALS: Final = 6
_TEN: Final = 10
_STEPS_PER_TEN_UNITS: Final = 6
"""Ten millionths of a degree are six ten-thousandths of a minute."""

_NUMBERS_BYTES: Final = 192
_ROT_SCALE: Final = 4.733
_ROT_CODES: Final = range(-128, 128)


def blocks(messages: DayMessages) -> Iterator[Any]:
    """Yields the file's bytes."""
    texts = static_texts(messages.sets)
    days = days_around(messages.day, "%d/%m/%Y ")
    statuses = Blobs.of(DMA_STATUS[code] for code in range(len(DMA_STATUS)))
    turns = Blobs.of("" if code == NO_ROT else str(degrees_a_minute(code)) for code in _ROT_CODES)
    mobiles = Blobs.of(_MOBILES)

    def write(rows: Records, cuts: Cuts, out: Bytes) -> int:
        return int(
            _write(
                rows, out, cuts.row, cuts.share, days.text, days.first, mobiles.text, mobiles.first,
                statuses.text, statuses.first, turns.text, turns.first, texts.text, texts.first,
            )
        )  # fmt: skip

    yield from csv_blocks(messages, HEADER, _NUMBERS_BYTES + texts.longest, write)


def degrees_a_minute(code: int) -> float:
    """Returns the rate of turn of its code.

    >>> degrees_a_minute(-3)
    -0.4
    """
    return round((code / _ROT_SCALE) ** 2 * (1 if code >= 0 else -1), 1)


def static_texts(sets: Sets) -> Blobs:
    """Returns for each version the fields from the IMO number to the end of a line."""
    lines = []
    metres = [
        texts_of(m)
        for m in (
            sets.width_m,
            sets.length_m,
            sets.to_bow_m,
            sets.to_stern_m,
            sets.to_port_m,
            sets.to_starboard_m,
        )
    ]
    imo = texts_of(sets.imo_number, "Unknown")
    for n, is_class_b in enumerate(sets.is_class_b.tolist()):
        width, length, *ends = (text[n] for text in metres)
        has_voyage = not is_class_b
        draught, eta = int(sets.draught_tenths[n]), int(sets.eta_s[n])
        fields = [
            imo[n] if has_voyage else "Unknown",
            csv_field(sets.call_sign[n] or "Unknown"),
            csv_field(sets.vessel_name[n]),
            of_type(int(sets.ais_ship_type[n]), DMA_SHIP_TYPE, DMA_SHIP_GROUP, "Undefined"),
            "",
            width,
            length,
            "GPS",
            str(draught / 10.0) if has_voyage and draught else "",
            csv_field((has_voyage and sets.destination[n]) or "Unknown"),
            datetime.fromtimestamp(eta, UTC).strftime("%d/%m/%Y %H:%M:%S") if has_voyage and eta else "",
            "AIS",
            *ends,
        ]
        lines.append(",".join(fields))
    return Blobs.of(lines)


@njit(cache=True)
def _mobile(message_type: Any) -> int:
    """Returns the place in the names of mobiles."""
    if message_type == CLASS_B:
        return 1
    if message_type == BASE_STATION:
        return 2
    return 3 if message_type == AID_TO_NAVIGATION else 0


@njit(cache=True)
def _write(
    rows: Any, out: Any, cut_row: Any, cut_share: Any, days: Any, day_first: Any, mobiles: Any,
    mobile_first: Any, statuses: Any, status_first: Any, turns: Any, turn_first: Any, texts: Any,
    text_first: Any,
) -> int:  # fmt: skip
    """Writes a line a row."""
    at, cut = 0, 0
    for n in range(rows.size):
        row, start = rows[n], at
        day, second = divmod(np.int64(row.stamped_s), SECONDS_PER_DAY)
        at = put_blob(out, at, days, day_first[day + 1], day_first[day + 2])
        at = put_byte(out, put_clock(out, at, second), COMMA)
        mobile = _mobile(row.message_type)
        at = put_byte(out, put_blob(out, at, mobiles, mobile_first[mobile], mobile_first[mobile + 1]), COMMA)
        at = put_byte(out, put_number(out, at, row.mmsi), COMMA)
        latitude = rounded(np.int64(row.latitude_steps) * _TEN, _STEPS_PER_TEN_UNITS)
        at = put_byte(out, put_decimal(out, at, latitude, _DECIMALS), COMMA)
        longitude = rounded(np.int64(row.longitude_steps) * _TEN, _STEPS_PER_TEN_UNITS)
        at = put_byte(out, put_decimal(out, at, longitude, _DECIMALS), COMMA)
        status = np.int64(row.navigational_status)
        at = put_byte(out, put_blob(out, at, statuses, status_first[status], status_first[status + 1]), COMMA)
        turn = np.int64(row.rot) - NO_ROT
        at = put_byte(out, put_blob(out, at, turns, turn_first[turn], turn_first[turn + 1]), COMMA)
        if row.sog_tenths != NO_SOG:
            at = put_decimal(out, at, row.sog_tenths, 1)
        at = put_byte(out, at, COMMA)
        if row.cog_tenths != NO_COG:
            at = put_decimal(out, at, row.cog_tenths, 1)
        at = put_byte(out, at, COMMA)
        if row.heading_degrees != NO_HEADING:
            at = put_number(out, at, row.heading_degrees)
        at = put_byte(out, at, COMMA)
        version = row.known_version
        at = put_blob(out, at, texts, text_first[version], text_first[version + 1])
        if cut < cut_row.size and cut_row[cut] == n:
            at = cut_line(out, start, at, cut_share[cut])
            cut += 1
        at = put_byte(out, at, LINE_FEED)
    return at
