"""Puts messages into six-bit codes as ITU-R M.1371 lays them out; compiled. Each function gives the number of bits."""

from typing import Any, Final

from ais_indicators.compiled import njit
from ais_simulator.radio.records import BASE_STATION, CLASS_B

SHORT_BITS: Final = 168  # types 1, 3, 4, 18, 24
AID_BITS: Final = 272  # type 21
MOST_CODES: Final = 71  # of type 5
_LETTERS: Final = 64
"""Codes of the letters begin with `@` as 0; the signs before it stand for themselves."""

_NO_HOUR, _NO_MINUTE = 24, 60
_BY_GPS: Final = 1


@njit("void(uint8[:],int64,int64,int64)", cache=True)
def put_bits(codes: Any, first: int, width: int, value: int) -> None:
    """Puts an unsigned value, or a signed one in two's complement, into codes that are still 0.

    Args:
        codes: Six-bit codes.
        first: First bit.
        width: Number of bits, at most 56.
        value: The value.
    """
    last = first + width - 1
    place = last // 6
    rest = (int(value) & ((1 << width) - 1)) << (5 - last % 6)
    while place >= first // 6:
        codes[place] |= rest & 63
        rest >>= 6
        place -= 1


@njit(cache=True)
def put_letters(codes: Any, first: int, text: Any, begin: int, end: int, most: int) -> None:
    """Puts a text of the six-bit alphabet; what is left of its field stays 0, which is `@`."""
    for n in range(min(end - begin, most)):
        byte = int(text[begin + n])
        put_bits(codes, first + 6 * n, 6, byte - _LETTERS if byte >= _LETTERS else byte)


@njit(cache=True)
def put_position(codes: Any, row: Any, second: Any) -> int:
    """Returns a position of class A (types 1 and 3) or B (18)."""
    put_bits(codes, 0, 6, row.message_type)
    put_bits(codes, 8, 30, row.mmsi)
    shift = 0
    if row.message_type == CLASS_B:
        shift = -4
        put_bits(codes, 141, 1, 1)  # carrier sense
        put_bits(codes, 143, 3, 7)  # calling, both bands, message 22
    else:
        put_bits(codes, 38, 4, row.navigational_status)
        put_bits(codes, 42, 8, row.rot)
    put_bits(codes, 50 + shift, 10, row.sog_tenths)
    put_bits(codes, 60 + shift, 1, 1)
    put_bits(codes, 61 + shift, 28, row.longitude_steps)
    put_bits(codes, 89 + shift, 27, row.latitude_steps)
    put_bits(codes, 116 + shift, 12, row.cog_tenths)
    put_bits(codes, 128 + shift, 9, row.heading_degrees)
    put_bits(codes, 137 + shift, 6, second % 60)
    return SHORT_BITS


@njit(cache=True)
def put_shore(codes: Any, row: Any, date: Any, second: Any, name: Any, begin: int, end: int) -> int:
    """Puts a base station's report (type 4) with its date, or an aid to navigation (21) with its name."""
    put_bits(codes, 0, 6, row.message_type)
    put_bits(codes, 8, 30, row.mmsi)
    if row.message_type == BASE_STATION:
        put_bits(codes, 38, 14, date[0])
        put_bits(codes, 52, 4, date[1])
        put_bits(codes, 56, 5, date[2])
        put_bits(codes, 61, 5, second // 3600)
        put_bits(codes, 66, 6, second // 60 % 60)
        put_bits(codes, 72, 6, second % 60)
        put_bits(codes, 79, 28, row.longitude_steps)
        put_bits(codes, 107, 27, row.latitude_steps)
        put_bits(codes, 134, 4, _BY_GPS)
        return SHORT_BITS
    put_letters(codes, 43, name, begin, end, 20)
    put_bits(codes, 164, 28, row.longitude_steps)
    put_bits(codes, 192, 27, row.latitude_steps)
    put_bits(codes, 249, 4, _BY_GPS)
    put_bits(codes, 253, 6, second % 60)
    return AID_BITS


@njit(cache=True)
def put_voyages(
    codes: Any, numbers: Any, dimensions: Any, eta: Any, name: Any, name_first: Any, call: Any,
    call_first: Any, destination: Any, destination_first: Any,
) -> None:  # fmt: skip
    """Puts type 5 of each version of static data.

    Args:
        codes: Six-bit codes, shape (n, 71), all 0.
        numbers: MMSI, IMO number, ship type, tenths of draught; shape (n, 4).
        dimensions: To bow, stern, port and starboard in m; shape (n, 4).
        eta: Month, day, hour, minute; shape (n, 4); month 0 if none.
        name: Bytes of all names.
        name_first: First byte of each, and at the end the number of all.
        call: Bytes of all call signs.
        call_first: First byte of each call sign.
        destination: Bytes of all destinations.
        destination_first: First byte of each destination.
    """
    for n in range(codes.shape[0]):
        own = codes[n]
        put_bits(own, 0, 6, 5)
        put_bits(own, 8, 30, numbers[n, 0])
        put_bits(own, 40, 30, numbers[n, 1])
        put_letters(own, 70, call, call_first[n], call_first[n + 1], 7)
        put_letters(own, 112, name, name_first[n], name_first[n + 1], 20)
        put_bits(own, 232, 8, numbers[n, 2])
        _put_dimensions(own, 240, dimensions[n])
        put_bits(own, 270, 4, _BY_GPS)
        put_bits(own, 274, 4, eta[n, 0])
        put_bits(own, 278, 5, eta[n, 1])
        put_bits(own, 283, 5, eta[n, 2] if eta[n, 0] else _NO_HOUR)
        put_bits(own, 288, 6, eta[n, 3] if eta[n, 0] else _NO_MINUTE)
        put_bits(own, 294, 8, numbers[n, 3])
        put_letters(own, 302, destination, destination_first[n], destination_first[n + 1], 20)


@njit(cache=True)
def put_parts(
    codes: Any, numbers: Any, dimensions: Any, name: Any, name_first: Any, call: Any, call_first: Any
) -> None:
    """Puts type 24 A and then B of each version, both of 28 codes; arguments as for `put_voyages`."""
    for n in range(codes.shape[0]):
        part_a, part_b = codes[n, :28], codes[n, 28:]
        for part, number in ((part_a, 0), (part_b, 1)):
            put_bits(part, 0, 6, 24)
            put_bits(part, 8, 30, numbers[n, 0])
            put_bits(part, 38, 2, number)
        put_letters(part_a, 40, name, name_first[n], name_first[n + 1], 20)
        put_bits(part_b, 40, 8, numbers[n, 2])
        put_letters(part_b, 90, call, call_first[n], call_first[n + 1], 7)
        _put_dimensions(part_b, 132, dimensions[n])


@njit(cache=True)
def _put_dimensions(codes: Any, first: int, metres: Any) -> None:
    put_bits(codes, first, 9, metres[0])
    put_bits(codes, first + 9, 9, metres[1])
    put_bits(codes, first + 18, 6, metres[2])
    put_bits(codes, first + 24, 6, metres[3])
