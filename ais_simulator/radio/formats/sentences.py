"""Puts codes into sentences of NMEA 0183 behind a tag block; compiled."""

from typing import Any, Final

import numpy as np

from ais_indicators.compiled import njit
from ais_simulator.radio.formats.digits import COMMA, put_blob, put_byte, put_number

_BACKSLASH, _BANG, _STAR = (ord(c) for c in "\\!*")
_NINE: Final = 9
_LOW_CODES, _LOW_ARMOUR, _HIGH_ARMOUR = 40, 48, 56
"""Armour of NMEA 0183: codes under 40 begin at `0`, the others go on at a grave accent."""

_VERB: Final = np.frombuffer(b"AIVDM,", np.uint8)


@njit("int64(uint8[::1],int64,int64)", cache=True)
def put_checksum(out: Any, start: int, at: int) -> int:
    """Writes the exclusive or of the bytes since `start` as `*hh`."""
    total = 0
    for place in range(start, at):
        total ^= int(out[place])
    out[at] = _STAR
    for place, digit in ((at + 1, total >> 4), (at + 2, total & 15)):
        out[place] = digit + (ord("0") if digit <= _NINE else ord("A") - 10)
    return at + 3


@njit(cache=True)
def put_tag(out: Any, at: int, station: Any, second: Any, stations: Any, station_first: Any) -> int:
    r"""Writes a tag block: `\s:r002440001,c:1767571200*hh\`."""
    start = put_byte(out, at, _BACKSLASH)
    out[start], out[start + 1] = ord("s"), ord(":")
    at = put_blob(out, start + 2, stations, station_first[station + 2], station_first[station + 3])
    out[at], out[at + 1], out[at + 2] = COMMA, ord("c"), ord(":")
    at = put_number(out, at + 3, second)
    return put_byte(out, put_checksum(out, start, at), _BACKSLASH)


@njit("int64(uint8[::1],int64,uint8[::1],int64,int64,int64,int64,int64,int64,int64)", cache=True)
def put_sentence(
    out: Any, at: int, codes: Any, first: int, end: int, fragments: int, fragment: int, sequence: int,
    channel: int, fill_bits: int,
) -> int:  # fmt: skip
    """Writes a sentence; sequence -1 writes none."""
    start = put_byte(out, at, _BANG)
    at = put_blob(out, start, _VERB, 0, _VERB.size)
    at = put_byte(out, put_number(out, at, fragments), COMMA)
    at = put_byte(out, put_number(out, at, fragment), COMMA)
    if sequence >= 0:
        at = put_number(out, at, sequence)
    at = put_byte(out, at, COMMA)
    at = put_byte(out, put_byte(out, at, channel), COMMA)
    for place in range(first, end):
        code = codes[place]
        out[at] = code + (_LOW_ARMOUR if code < _LOW_CODES else _HIGH_ARMOUR)
        at += 1
    at = put_number(out, put_byte(out, at, COMMA), fill_bits)
    return put_checksum(out, start, at)
