r"""Reads usable sentences of the usual form in one pass over their bytes; compiled.

The form is `!AIVDM,1,1,,A,payload,0*hh`, alone on its line or after one tag block. `sentences` reads every other line,
and every line with a fault: only there a line gets its reason. Both give the same values for the same line.
"""

from typing import Any, Final

import numpy as np

from ais_indicators.compiled import njit
from ais_indicators.sources.lines import LONGEST_LINE_BYTES
from ais_indicators.sources.nmea.checksums import hexadecimal
from ais_indicators.sources.nmea.tags import read_tag_blocks

NOT_PLAIN: Final = -1

_BACKSLASH, _BANG, _COMMA, _LINE_FEED, _RETURN, _STAR = (ord(c) for c in "\\!,\n\r*")
_ZERO, _NINE, _A, _Z = (ord(c) for c in "09AZ")
_HEAD_BYTES: Final = len("!AIVDM,1,1,1,A,")
_TAIL_BYTES: Final = len(",0*hh")
_TIME_TAG: Final = len(r"\c:1577836800*58") + 1
_MOST_FILL_BITS: Final = ord("5")
_MICROSECONDS: Final = 1_000_000
_ARMOUR: Final = np.array(
    [chr(byte) in "0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVW`abcdefghijklmnopqrstuvw" for byte in range(256)]
)
"""Whether a byte is a character of a payload: the armour of NMEA 0183."""


@njit(cache=True)
def read_plain_line(text: Any, start: int, sentence: Any) -> int:
    """Reads the line that begins at a byte, if it is a usable sentence of the usual form.

    Args:
        text: Bytes.
        start: First byte of the line.
        sentence: Receives all fields but those of the line and of a receiver's column. For `NOT_PLAIN` at most those
            of a tag block change, which the code for every form then reads again.

    Returns:
        The byte after the line's last one, without its line break; or `NOT_PLAIN`.
    """
    if text[start] == _BANG:
        return _read_sentence(text, start, start, sentence)
    if text[start] != _BACKSLASH:
        return NOT_PLAIN
    seconds = _time_tag(text, start)
    if seconds >= 0:
        end = _read_sentence(text, start + _TIME_TAG, start, sentence)
        if end != NOT_PLAIN:
            sentence.micros = seconds * _MICROSECONDS
        return end
    close = start + 1
    while close < text.size and text[close] != _BACKSLASH and text[close] != _LINE_FEED:
        close += 1
    if (
        _payload(text, close + 1, start)[0] == NOT_PLAIN
        or read_tag_blocks(text, start, close + 1, sentence) < 0
    ):
        return NOT_PLAIN
    return _read_sentence(text, close + 1, start, sentence)


@njit(cache=True)
def _time_tag(text: Any, start: int) -> int:
    r"""Reads a tag block that holds nothing but a time in seconds (`\c:1577836800*58\`); -1 for any other block."""
    star = start + _TIME_TAG - 4
    if start + _TIME_TAG > text.size or text[start + 1] != ord("c") or text[start + 2] != ord(":"):
        return -1
    seconds, total = 0, ord("c") ^ ord(":")
    for at in range(start + 3, star):
        byte = int(text[at])
        if not _ZERO <= byte <= _NINE:
            return -1
        seconds, total = seconds * 10 + byte - _ZERO, total ^ byte
    written = hexadecimal(text[star + 1]) * 16 + hexadecimal(text[star + 2])
    is_right = text[star] == _STAR and text[star + 3] == _BACKSLASH and written == total
    return seconds if is_right else -1


@njit(cache=True)
def _read_sentence(text: Any, start: int, line_start: int, sentence: Any) -> int:
    """Reads the sentence that begins at a byte and ends its line; returns as `read_plain_line` does."""
    first, comma = _payload(text, start, line_start)
    if first == NOT_PLAIN:
        return NOT_PLAIN
    sentence.payload_start, sentence.payload_end = first, comma
    sentence.fragments, sentence.fragment = int(text[start + 7]) - _ZERO, int(text[start + 9]) - _ZERO
    sentence.sequence = int(text[start + 11]) - _ZERO if text[start + 11] != _COMMA else -1
    sentence.channel = text[first - 2] if text[first - 2] != _COMMA else 0
    sentence.fill_bits = int(text[comma + 1]) - _ZERO
    return comma + _TAIL_BYTES


@njit(cache=True)
def _payload(text: Any, start: int, line_start: int) -> tuple[int, int]:
    """Returns the first byte of a sentence's payload and the comma after it; `NOT_PLAIN` for any unusual byte."""
    first = _payload_start(text, start)
    if first == NOT_PLAIN:
        return NOT_PLAIN, NOT_PLAIN
    total = _COMMA
    for at in range(start + 1, first):
        total ^= int(text[at])
    # A place without a sign saves a comparison for each byte, in the only loop over all bytes of a log.
    last: Any = np.uint64(first)
    for at in range(np.uint64(first), np.uint64(text.size)):
        last = at
        byte = text[at]
        if not _ARMOUR[byte]:
            break
        total ^= int(byte)
    comma = int(np.int64(last))
    end = comma + _TAIL_BYTES
    if comma == first or end + 1 >= text.size or end - line_start > LONGEST_LINE_BYTES - 2:
        return NOT_PLAIN, NOT_PLAIN
    is_end = text[end] == _LINE_FEED or (text[end] == _RETURN and text[end + 1] == _LINE_FEED)
    is_tail = (
        text[comma] == _COMMA and _ZERO <= text[comma + 1] <= _MOST_FILL_BITS and text[comma + 2] == _STAR
    )
    written = hexadecimal(text[comma + 3]) * 16 + hexadecimal(text[comma + 4])
    is_plain = is_end and is_tail and written == total ^ int(text[comma + 1])
    return (first, comma) if is_plain else (NOT_PLAIN, NOT_PLAIN)


@njit(cache=True)
def _payload_start(text: Any, start: int) -> int:
    """Returns the first byte of the payload after `!AIVDM,1,1,,A,` with one-digit numbers, or `NOT_PLAIN`."""
    if start + _HEAD_BYTES >= text.size or text[start] != _BANG:
        return NOT_PLAIN
    for at in range(start + 1, start + 3):
        if not _A <= text[at] <= _Z:
            return NOT_PLAIN
    is_ais = text[start + 3] == ord("V") and text[start + 4] == ord("D")
    is_ais = is_ais and (text[start + 5] == ord("M") or text[start + 5] == ord("O"))
    is_ais = is_ais and text[start + 6] == text[start + 8] == text[start + 10] == _COMMA
    if not (is_ais and _ZERO < text[start + 9] <= text[start + 7] <= _NINE):
        return NOT_PLAIN
    at = start + 11
    at += _ZERO <= text[at] <= _NINE
    if text[at] != _COMMA:
        return NOT_PLAIN
    at += 1
    at += _ARMOUR[text[at]]
    return at + 1 if text[at] == _COMMA else NOT_PLAIN
