"""NOAA MarineCadastre's files of 2018 on: 17 columns, one row per position, the last static values on each."""

from collections.abc import Iterator
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
from ais_simulator.radio.records import CLASS_A, CLASS_A_AT_REST, Cuts, DayMessages, Records, Sets

HEADER: Final = (
    "MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName,IMO,CallSign,VesselType,Status,"
    "Length,Width,Draft,Cargo,TransceiverClass"
)
_STEPS_PER_FIFTH_DECIMAL: Final = 6
"""A hundred-thousandth of a degree is six ten-thousandths of a minute."""

_DECIMALS: Final = 5
_NUMBERS_BYTES: Final = 96  # of the columns that are no static values, with their commas


def blocks(messages: DayMessages) -> Iterator[Any]:
    """Yields the file's bytes."""
    before, after = static_texts(messages.sets)
    days = days_around(messages.day, "%Y-%m-%dT")

    def write(rows: Records, cuts: Cuts, out: Bytes) -> int:
        return int(
            _write(
                rows, out, cuts.row, cuts.share, days.text, days.first, before.text, before.first, after.text,
                after.first,
            )
        )  # fmt: skip

    yield from csv_blocks(messages, HEADER, _NUMBERS_BYTES + before.longest + after.longest, write)


def static_texts(sets: Sets) -> tuple[Blobs, Blobs]:
    """Returns for each version the fields before and after the status, as written in a line."""
    imo = [f"IMO{text}" if text else "" for text in texts_of(sets.imo_number)]
    draught = ["" if tenths == 0 else str(tenths / 10.0) for tenths in sets.draught_tenths.tolist()]
    ship_type = texts_of(sets.ais_ship_type)
    metres = [[f"{text}.0" if text else "" for text in texts_of(m)] for m in (sets.length_m, sets.width_m)]
    before, after = [], []
    for n, is_class_b in enumerate(sets.is_class_b.tolist()):
        name, call_sign = csv_field(sets.vessel_name[n]), csv_field(sets.call_sign[n])
        before.append(f"{name},{'' if is_class_b else imo[n]},{call_sign},{ship_type[n]}")
        sunk = "" if is_class_b else draught[n]
        letter = "B" if is_class_b else "A"
        after.append(f"{metres[0][n]},{metres[1][n]},{sunk},{ship_type[n]},{letter}")
    return Blobs.of(before), Blobs.of(after)


@njit(cache=True)
def cut_line(out: Any, start: int, end: int, share: float) -> int:
    """Cuts off a line of CSV before its last comma, so that it lacks a field; returns its new end."""
    last = end - 1
    while last > start and out[last] != COMMA:
        last -= 1
    return start + max(1, int((last - start) * share))


@njit(cache=True)
def _write(
    rows: Any, out: Any, cut_row: Any, cut_share: Any, days: Any, day_first: Any,
    before: Any, before_first: Any, after: Any, after_first: Any,
) -> int:  # fmt: skip
    """Writes a line a row."""
    at, cut = 0, 0
    for n in range(rows.size):
        row, start = rows[n], at
        day, second = divmod(np.int64(row.stamped_s), SECONDS_PER_DAY)
        at = put_byte(out, put_number(out, at, row.mmsi), COMMA)
        at = put_blob(out, at, days, day_first[day + 1], day_first[day + 2])
        at = put_byte(out, put_clock(out, at, second), COMMA)
        at = put_decimal(out, at, rounded(row.latitude_steps, _STEPS_PER_FIFTH_DECIMAL), _DECIMALS)
        at = put_byte(out, at, COMMA)
        at = put_decimal(out, at, rounded(row.longitude_steps, _STEPS_PER_FIFTH_DECIMAL), _DECIMALS)
        at = put_byte(out, at, COMMA)
        at = put_byte(out, put_decimal(out, at, row.sog_tenths, 1), COMMA)
        at = put_byte(out, put_decimal(out, at, row.cog_tenths, 1), COMMA)
        at = put_byte(out, put_decimal(out, at, row.heading_degrees * 10, 1), COMMA)
        version = row.known_version
        at = put_blob(out, at, before, before_first[version], before_first[version + 1])
        at = put_byte(out, at, COMMA)
        if row.message_type == CLASS_A or row.message_type == CLASS_A_AT_REST:
            at = put_decimal(out, at, row.navigational_status * 10, 1)
        at = put_byte(out, at, COMMA)
        at = put_blob(out, at, after, after_first[version], after_first[version + 1])
        if cut < cut_row.size and cut_row[cut] == n:
            at = cut_line(out, start, at, cut_share[cut])
            cut += 1
        at = put_byte(out, at, LINE_FEED)
    return at
