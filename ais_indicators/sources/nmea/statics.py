"""Decodes the static reports: types 5 (class A) and 24 (class B, in parts A and B); compiled.

Fields lie where ITU-R M.1371 puts them. "Not available" leaves as the value that the bronze contract knows for it.
"""

from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ais_indicators.compiled import njit
from ais_indicators.sources.nmea.payloads import Payloads, field, letters

STATIC_TYPES: Final = (5, 24)
FEWEST_BITS: Final = {5: 420, 24: 160}
"""Bits up to the end of what is used: real sets leave out the spare bits at the end, and some the last letter."""

Arrival = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]
"""Month, day, hour and minute of the announced arrivals."""

NUMBERS: Final = (
    "mmsi", "part", "imo_number", "ais_ship_type", "to_bow_m", "to_stern_m", "to_port_m", "to_starboard_m",
    "draught_tenths", "eta_month", "eta_day", "eta_hour", "eta_minute", "mothership_mmsi",
)  # fmt: skip
ARRIVAL: Final = ("eta_month", "eta_day", "eta_hour", "eta_minute")
TEXTS: Final = {"vessel_name": 20, "call_sign": 7, "destination": 20}
NONE: Final = -1
"""A number that the message or its part does not carry."""

NO_PART, PART_A, PART_B = NONE, 0, 1
_VOYAGE: Final = 5
_PART_B_BITS: Final = 162
_AUXILIARY_CRAFT: Final = 98
_MMSI_TAIL: Final = 10_000_000


def decode_statics(payloads: Payloads) -> tuple[dict[str, pa.Array], Arrival, NDArray[np.bool_]]:
    """Decodes messages of `STATIC_TYPES` that have at least the fewest bits.

    Args:
        payloads: The messages.

    Returns:
        Columns of bronze, one element per message; the parts of the announced arrival, `NONE` where not carried; and
        which messages are none that the standard knows (of type 24, other parts than A and B).
    """
    count = payloads.start.size
    numbers = np.full((len(NUMBERS), count), NONE, np.int64)
    name, call_sign, destination = (np.zeros((count, width), np.uint8) for width in TEXTS.values())
    _decode(
        payloads.text,
        payloads.start,
        payloads.bits,
        payloads.message_type,
        numbers,
        name,
        call_sign,
        destination,
    )
    found = dict(zip(NUMBERS, numbers, strict=True))
    is_unknown = (payloads.message_type != _VOYAGE) & (found["part"] == NO_PART)
    month, day, hour, minute = (found[part] for part in ARRIVAL)
    columns = _columns(payloads, found) | _texts((name, call_sign, destination))
    return columns, (month, day, hour, minute), is_unknown


def _columns(payloads: Payloads, found: dict[str, NDArray[np.int64]]) -> dict[str, pa.Array]:
    """Returns the numbers as columns, null if they are not carried."""
    kept = ("imo_number", "ais_ship_type", "mothership_mmsi")
    columns = {name: pa.array(found[name], mask=found[name] == NONE) for name in ("mmsi", *kept)}
    columns["message_type"] = pa.array(payloads.message_type)
    parts = pa.DictionaryArray.from_arrays(
        pa.array(found["part"].astype(np.int32), mask=found["part"] == NO_PART), pa.array(["A", "B"])
    )
    columns["part"] = parts.cast(pa.string())
    for name, one, other in (
        ("length_m", "to_bow_m", "to_stern_m"),
        ("width_m", "to_port_m", "to_starboard_m"),
    ):
        columns[name] = pa.array((found[one] + found[other]).astype(np.float64), mask=found[one] == NONE)
    draught = found["draught_tenths"]
    columns["draught_m"] = pa.array(draught / 10.0, mask=draught == NONE)
    return columns


def _texts(found: tuple[NDArray[np.uint8], ...]) -> dict[str, pa.Array]:
    """Returns letters as columns of text, null where there is no text."""
    columns = {}
    for (name, width), characters in zip(TEXTS.items(), found, strict=True):
        count = len(characters)
        offsets, letters_found = np.empty(count + 1, np.int32), np.empty(count * width, np.uint8)
        _pack(characters, offsets, letters_found)
        is_there = np.packbits(characters[:, 0] != 0, bitorder="little")
        buffers = [pa.py_buffer(part) for part in (is_there, offsets, letters_found[: offsets[-1]])]
        columns[name] = pa.Array.from_buffers(pa.string(), count, buffers)
    return columns


@njit(cache=True)
def _pack(characters: Any, offsets: Any, letters_found: Any) -> None:
    """Joins texts, each of which ends at its first 0."""
    at = offsets[0] = 0
    for n in range(characters.shape[0]):
        for place in range(characters.shape[1]):
            if characters[n, place] == 0:
                break
            letters_found[at] = characters[n, place]
            at += 1
        offsets[n + 1] = at


@njit(cache=True)
def _decode(
    text: Any,
    starts: Any,
    bits: Any,
    types: Any,
    numbers: Any,
    name: Any,
    call_sign: Any,
    destination: Any,
) -> None:
    for n in range(starts.size):
        payload, row = starts[n], numbers[:, n]
        row[0] = field(text, payload, 8, 30)
        if types[n] == _VOYAGE:
            _take_voyage(text, payload, row)
            letters(text, payload, bits[n], 70, call_sign[n])
            letters(text, payload, bits[n], 112, name[n])
            letters(text, payload, bits[n], 302, destination[n])
            continue
        part = field(text, payload, 38, 2)
        if part == PART_A:
            row[1] = part
            letters(text, payload, bits[n], 40, name[n])
        elif part == PART_B and bits[n] >= _PART_B_BITS:
            row[1] = part
            _take_part_b(text, payload, row)
            letters(text, payload, bits[n], 90, call_sign[n])
            if (
                row[0] // _MMSI_TAIL == _AUXILIARY_CRAFT
            ):  # in place of dimensions it names the ship it belongs to
                row[4:8] = NONE
                row[13] = field(text, payload, 132, 30)


# The compiler knows the place of each field, which is four times as fast as with places from a table.
@njit(cache=True)
def _take_voyage(text: Any, payload: int, row: Any) -> None:
    """Reads the numbers of type 5 in the order of `NUMBERS`, by first bit and width."""
    row[2] = field(text, payload, 40, 30)
    row[3] = field(text, payload, 232, 8)
    row[4], row[5] = field(text, payload, 240, 9), field(text, payload, 249, 9)
    row[6], row[7] = field(text, payload, 258, 6), field(text, payload, 264, 6)
    row[8] = field(text, payload, 294, 8)
    row[9], row[10] = field(text, payload, 274, 4), field(text, payload, 278, 5)
    row[11], row[12] = field(text, payload, 283, 5), field(text, payload, 288, 6)


@njit(cache=True)
def _take_part_b(text: Any, payload: int, row: Any) -> None:
    """Reads the numbers of type 24, part B."""
    row[3] = field(text, payload, 40, 8)
    row[4], row[5] = field(text, payload, 132, 9), field(text, payload, 141, 9)
    row[6], row[7] = field(text, payload, 150, 6), field(text, payload, 156, 6)
