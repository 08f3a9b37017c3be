r"""Reads the tag blocks of NMEA 4.10 in front of a sentence (`\g:1-2-1234,s:r003,c:1426032001*hh\`); compiled.

The source (`s:`), the time (`c:`) and the group (`g:1-2-1234`, or `1G2:1234` in older feeds) are used. Several
blocks in a row count as one; where two name the same field, the later one holds.
"""

from typing import Any, Final

from ais_indicators.compiled import njit
from ais_indicators.sources.nmea.checksums import is_sum_right
from ais_indicators.sources.nmea.timestamps import digits_at, epoch_at

NOT_CLOSED: Final = -1
SUM_WRONG: Final = -2
MOST_PARTS: Final = 62
"""Greatest number of lines of a group: one bit each in an integer of 64 bits."""

_BACKSLASH, _COLON, _COMMA, _DASH, _SPACE, _STAR = (ord(c) for c in "\\:,- *")
_HASH_PRIME: Final = 1_099_511_628_211


@njit(cache=True)
def read_tag_blocks(text: Any, start: int, end: int, sentence: Any) -> int:
    """Reads the tag blocks that begin at `start` into a sentence.

    Args:
        text: Bytes.
        start: The first block's first backslash.
        end: The byte after the line's last one.
        sentence: Receives `micros`, `station` and where it is named, `group`, `group_part` and `group_total`.

    Returns:
        The byte after the last block; `NOT_CLOSED` or `SUM_WRONG`.
    """
    at = start
    while at < end and text[at] == _BACKSLASH:
        close = at + 1
        while close < end and text[close] != _BACKSLASH:
            close += 1
        if close == end:
            return NOT_CLOSED
        if not _read_block(text, at + 1, close, sentence):
            sentence.group = 0
            return SUM_WRONG
        at = close + 1
        while at < end and text[at] == _SPACE:
            at += 1
    return at


@njit(cache=True)
def _read_block(text: Any, start: int, end: int, sentence: Any) -> bool:
    """Reads the fields of one block; returns whether its checksum is right or absent."""
    star = start
    while star < end and text[star] != _STAR:
        star += 1
    at = start
    while at < star:
        close = at
        while close < star and text[close] != _COMMA:
            close += 1
        _read_field(text, at, close, sentence)
        at = close + 1
    return star == end or is_sum_right(text, start, star, end)


@njit(cache=True)
def _read_field(text: Any, start: int, end: int, sentence: Any) -> None:
    if end <= start + 2:
        return
    if text[start + 1] != _COLON:
        _read_old_group(text, start, end, sentence)
    elif text[start] == ord("c"):
        micros, after = epoch_at(text, start + 2, end)
        if after == end:
            sentence.micros = micros
    elif text[start] == ord("s"):
        sentence.station = _hash(text, start + 2, end)
        sentence.station_start, sentence.station_end = start + 2, end
    elif text[start] == ord("g"):
        _read_group(text, start + 2, end, sentence)


@njit(cache=True)
def _read_old_group(text: Any, start: int, end: int, sentence: Any) -> None:
    """Reads `1G2:1234`, as feeds before NMEA 4.10 write it."""
    part, at = digits_at(text, start, end)
    if at in (start, end) or text[at] != ord("G"):
        return
    total, after = digits_at(text, at + 1, end)
    if after > at + 1 and after + 1 < end and text[after] == _COLON:
        _set_group(part, total, _hash(text, after + 1, end), sentence)


@njit(cache=True)
def _read_group(text: Any, start: int, end: int, sentence: Any) -> None:
    """Reads `1-2-1234`: the line's number in the group, the number of lines, and the group's id."""
    part, at = digits_at(text, start, end)
    if at == start or at >= end or text[at] != _DASH:
        return
    total, after = digits_at(text, at + 1, end)
    if after == at + 1 or after + 1 >= end or text[after] != _DASH:
        return
    _set_group(part, total, _hash(text, after + 1, end), sentence)


@njit(cache=True)
def _set_group(part: int, total: int, group: int, sentence: Any) -> None:
    if 1 <= part <= total <= MOST_PARTS and total > 1:
        sentence.group, sentence.group_part, sentence.group_total = group, part, total


@njit(cache=True)
def _hash(text: Any, start: int, end: int) -> int:
    """Hashes some bytes to a number other than 0."""
    value = end - start + 2
    for place in range(start, end):
        value = (value ^ int(text[place])) * _HASH_PRIME
    return value if value != 0 else 1
