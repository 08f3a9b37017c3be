"""From bytes to sentences: one compiled pass that takes each line apart and judges it."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ais_indicators.compiled import njit
from ais_indicators.sources.lines import LONGEST_LINE_BYTES
from ais_indicators.sources.nmea.timestamps import NO_TIME, digits_at, epoch_of, pghp_time, time_in

Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]
"""Places of sentences among those of a buffer."""

Sentences = NDArray[Any]
"""One element a line that is not blank, not a comment and not a `$PGHP` line, or is overlong; fields as in
`SENTENCE`."""

SENTENCE: Final = np.dtype(
    [
        ("line_start", np.int64),  # first byte of the line
        ("line_end", np.int64),  # byte after its last one, without the line break
        ("line", np.int64),  # number of the line in the buffer
        ("payload_start", np.int64),
        ("payload_end", np.int64),
        ("micros", np.int64),  # time in microseconds since 1970, or NO_TIME
        ("station", np.int64),  # hash of the tag block's `s:`, 0 without one
        ("fragments", np.int16),  # how many the message has
        ("fragment", np.int16),  # which of them this is, from 1
        ("sequence", np.int16),  # sequential message id, -1 without one
        ("channel", np.uint8),  # A, B, 1, 2 as a byte, 0 without one
        ("fill_bits", np.uint8),
        ("state", np.uint8),  # place in STATES
    ],
    align=True,
)

STATES: Final = (
    "",
    "other_sentence",
    "unreadable_row",
    "checksum_wrong",
    "fragment_count_zero",
    "fragment_number_wrong",
    "payload_missing",
    "payload_not_armoured",
)
"""What a line is: a usable AIS sentence (''), another sentence (set aside), or the reason against it."""

GOOD, OTHER, UNREADABLE, CHECKSUM, NO_COUNT, WRONG_NUMBER, NO_PAYLOAD, NOT_ARMOURED = range(len(STATES))

_BACKSLASH, _BANG, _COMMA, _DOLLAR, _HASH, _STAR = (ord(c) for c in "\\!,$#*")
_LINE_FEED, _RETURN, _SPACE = ord("\n"), ord("\r"), ord(" ")
_MOST_FILL_BITS: Final = 5
_HASH_PRIME: Final = 1_099_511_628_211


@njit(cache=True)
def count_lines(text: Any) -> int:
    """Upper bound on the sentences in a buffer."""
    lines = 1
    for byte in text:
        lines += byte == _LINE_FEED
    return lines


def scan(text: Bytes) -> Sentences:
    """Takes a buffer of whole lines apart.

    Args:
        text: Bytes of shape (n,).
    """
    sentences = np.zeros(count_lines(text), SENTENCE)
    return sentences[: _scan(text, sentences)]


@njit(cache=True)
def _scan(text: Any, sentences: Any) -> int:
    """Fills one element a sentence; gives their number."""
    found, line, start = 0, 0, 0
    micros_before = NO_TIME
    while start < text.size:
        after = start
        while after < text.size and text[after] != _LINE_FEED:
            after += 1
        first, end = start, after
        while end > first and (text[end - 1] == _RETURN or text[end - 1] == _SPACE):
            end -= 1
        while first < end and text[first] == _SPACE:
            first += 1
        is_long = after - start > LONGEST_LINE_BYTES
        if is_long or (end > first and text[first] != _HASH):
            if not is_long and _begins(text, first, end, "$PGHP,"):
                micros_before = pghp_time(text, first, end)
            else:
                sentence = sentences[found]
                sentence.line_start, sentence.line_end, sentence.line = start, end, line
                sentence.micros = NO_TIME
                if is_long:
                    sentence.state = UNREADABLE
                else:
                    _take_apart(text, first, end, sentence)
                if sentence.micros == NO_TIME:
                    sentence.micros = micros_before
                micros_before = NO_TIME
                found += 1
        start, line = after + 1, line + 1
    return found


@njit(cache=True)
def _begins(text: Any, start: int, end: int, with_what: str) -> bool:
    if end - start < len(with_what):
        return False
    same = 0
    for place in range(len(with_what)):
        same += text[start + place] == ord(with_what[place])
    return same == len(with_what)


@njit(cache=True)
def _take_apart(text: Any, start: int, end: int, sentence: Any) -> None:
    """Reads one line: what stands before the sentence, the sentence, what stands after it."""
    at = start
    while at < end and not (text[at] == _BANG or text[at] == _DOLLAR or text[at] == _BACKSLASH):
        at += 1
    sentence.micros = time_in(text, start, at)
    if at < end and text[at] == _BACKSLASH:
        close = at + 1
        while close < end and text[close] != _BACKSLASH:
            close += 1
        if close == end or not _read_tag_block(text, at + 1, close, sentence):
            sentence.state = CHECKSUM if close < end else UNREADABLE
            return
        at = close + 1
    while at < end and not (text[at] == _BANG or text[at] == _DOLLAR):
        at += 1
    if at + 6 >= end:
        sentence.state = UNREADABLE
        return
    is_ais = text[at] == _BANG and text[at + 3] == ord("V") and text[at + 4] == ord("D")
    if not (is_ais and (text[at + 5] == ord("M") or text[at + 5] == ord("O")) and text[at + 6] == _COMMA):
        sentence.state = OTHER
        return
    star = at
    while star < end and text[star] != _STAR:
        star += 1
    _read_fields(text, at + 7, star, sentence)
    if sentence.state == GOOD and not _is_sum_right(text, at + 1, star, end):
        sentence.state = CHECKSUM
    for place in range(star, end):
        if text[place] == _BANG:  # a line break was lost, and with the line a second sentence would be
            sentence.state = UNREADABLE
    if sentence.micros == NO_TIME and star + 3 < end:
        sentence.micros = time_in(text, star + 3, end)


@njit(cache=True)
def _is_sum_right(text: Any, start: int, star: int, end: int) -> bool:
    """Whether the two hexadecimal digits after the star are the exclusive or of the bytes before it."""
    if star + 2 >= end:
        return False
    told = _hexadecimal(text[star + 1]) * 16 + _hexadecimal(text[star + 2])
    made = 0
    for at in range(start, star):
        made ^= int(text[at])
    return made == told


@njit(cache=True)
def _hexadecimal(byte: int) -> int:
    if ord("0") <= byte <= ord("9"):
        return int(byte) - ord("0")
    if ord("A") <= byte <= ord("F"):
        return int(byte) - ord("A") + 10
    return int(byte) - ord("a") + 10 if ord("a") <= byte <= ord("f") else 1024


@njit(cache=True)
def _read_tag_block(text: Any, start: int, end: int, sentence: Any) -> bool:
    """Reads `s:station,c:1426032001` with its checksum; whether the checksum holds (or is absent)."""
    star = start
    while star < end and text[star] != _STAR:
        star += 1
    at = start
    while at < star:
        close = at
        while close < star and text[close] != _COMMA:
            close += 1
        if close > at + 2 and text[at + 1] == ord(":"):
            if text[at] == ord("c"):
                number, after = digits_at(text, at + 2, close)
                if after == close:
                    sentence.micros = epoch_of(number, close - at - 2)
            elif text[at] == ord("s"):
                station = np.int64(close - at)
                for place in range(at + 2, close):
                    station = (station ^ np.int64(text[place])) * np.int64(_HASH_PRIME)
                sentence.station = station
        at = close + 1
    return star == end or _is_sum_right(text, start, star, end)


@njit(cache=True)
def _read_fields(text: Any, start: int, end: int, sentence: Any) -> None:
    """Reads `fragments,fragment,sequence,channel,payload,fill bits` and judges them."""
    commas = [0, 0, 0, 0, 0]
    found = 0
    for at in range(start, end):
        if text[at] == _COMMA:
            if found < 5:  # noqa: PLR2004 - six fields have five commas
                commas[found] = at
            found += 1
    if found != 5:  # noqa: PLR2004
        sentence.state = UNREADABLE
        return
    fragments, after_count = digits_at(text, start, commas[0])
    fragment, after_number = digits_at(text, commas[0] + 1, commas[1])
    sequence, after_sequence = digits_at(text, commas[1] + 1, commas[2])
    fill, after_fill = digits_at(text, commas[4] + 1, end)
    has_no_number = after_count == start or after_number == commas[0] + 1
    if has_no_number or after_count != commas[0] or after_number != commas[1] or after_sequence != commas[2]:
        sentence.state = UNREADABLE
        return
    sentence.fragments, sentence.fragment = min(fragments, 1000), min(fragment, 1000)
    sentence.sequence = min(sequence, 1000) if commas[2] > commas[1] + 1 else -1
    sentence.channel = text[commas[2] + 1] if commas[3] > commas[2] + 1 else 0
    sentence.payload_start, sentence.payload_end = commas[3] + 1, commas[4]
    sentence.fill_bits = min(fill, _MOST_FILL_BITS + 1)
    if after_fill != end or fill > _MOST_FILL_BITS:
        sentence.state = UNREADABLE
    elif fragments == 0:
        sentence.state = NO_COUNT
    elif fragment == 0 or fragment > fragments:
        sentence.state = WRONG_NUMBER
    elif commas[4] == commas[3] + 1:
        sentence.state = NO_PAYLOAD
    else:
        for at in range(commas[3] + 1, commas[4]):
            byte = text[at]
            if not (48 <= byte <= 87 or 96 <= byte <= 119):  # noqa: PLR2004 - the armour of NMEA 0183
                sentence.state = NOT_ARMOURED
                return
