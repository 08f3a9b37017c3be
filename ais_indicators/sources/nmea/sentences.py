"""Converts bytes to sentences: one compiled pass that splits each line and classifies it."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ais_indicators.compiled import njit
from ais_indicators.rules import Rules
from ais_indicators.sources.lines import LONGEST_LINE_BYTES
from ais_indicators.sources.nmea.checksums import is_sum_right
from ais_indicators.sources.nmea.clocks import NO_CLOCK, PGHP, clock_line
from ais_indicators.sources.nmea.forms import AFTER, ANY_FORM, ANYWHERE, BEFORE, Form, form_of
from ais_indicators.sources.nmea.groups import OWN_TIME, resolve_groups
from ais_indicators.sources.nmea.plain_lines import NOT_PLAIN, read_plain_line
from ais_indicators.sources.nmea.stamps import NO_STAMP, ORDER_UNCLEAR, OTHER_FORM, ZONE_UNKNOWN, read_stamp
from ais_indicators.sources.nmea.tags import SUM_WRONG, read_tag_blocks
from ais_indicators.sources.nmea.timestamps import NO_TIME, digits_at

Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]
"""Places of sentences among those of a buffer."""

Sentences = NDArray[Any]
"""One element per line except blank lines, comments, `$PGHP` lines and single tag blocks; also overlong lines.

Fields as in `SENTENCE`.
"""

SENTENCE: Final = np.dtype(
    [
        ("line_start", np.int64),  # first byte of the line
        ("line_end", np.int64),  # byte after its last one, without the line break
        ("line", np.int64),  # number of the line in the buffer
        ("payload_start", np.int64),
        ("payload_end", np.int64),
        ("micros", np.int64),  # time in microseconds since 1970, or NO_TIME
        ("station", np.int64),  # hash of the tag block's `s:`, 0 without one
        ("station_start", np.int64),  # first byte of its name
        ("station_end", np.int64),
        (
            "group",
            np.int64,
        ),  # hash of the tag block's group id, after `resolve_groups` the group's own number; 0 without
        ("fragments", np.int16),  # how many the message has
        ("fragment", np.int16),  # which of them this is, from 1
        ("sequence", np.int16),  # sequential message id, -1 without one
        ("group_part", np.int16),  # which line of the group this is, from 1
        ("group_total", np.int16),  # how many lines the group has
        ("channel", np.uint8),  # A, B, 1, 2 as a byte, 0 without one
        ("fill_bits", np.uint8),
        ("state", np.uint8),  # place in STATES
        (
            "time",
            np.uint8,
        ),  # 0 none or that of a clock line, OWN_TIME, or LOCAL_TIME until its zone is applied
        ("stamp", np.uint8),  # kind of the sentence's time stamp, as in `stamps`
        ("place", np.uint8),  # position of the stamp: BEFORE or AFTER the sentence
    ],
    align=True,
)

_PIECE: Final = np.dtype((np.void, SENTENCE.itemsize))

STATES: Final = (
    "",
    "other_sentence",
    "unreadable_row",
    "checksum_wrong",
    "fragment_count_zero",
    "fragment_number_wrong",
    "payload_missing",
    "payload_not_armoured",
    "time_zone_not_understood",
    "time_form_differs",
    "date_order_unclear",
    "time_in_repeated_hour",
    "time_in_skipped_hour",
)
"""What a line is: a usable AIS sentence (''), another sentence (set aside), or the reason against it."""

(
    GOOD, OTHER, UNREADABLE, CHECKSUM, NO_COUNT, WRONG_NUMBER, NO_PAYLOAD, NOT_ARMOURED,
    TIME_ZONE, TIME_FORM, DATE_ORDER, REPEATED_HOUR, SKIPPED_HOUR,
) = range(len(STATES))  # fmt: skip

USED_TAGS: Final = 255
"""State of a tag block on a line of its own whose sentence follows: no line for quarantine."""

NO_TAGS, OWN_TAGS, ONLY_TAGS = range(3)

_BACKSLASH, _BANG, _COMMA, _DOLLAR, _HASH, _STAR = (ord(c) for c in "\\!,$#*")
_LINE_FEED, _RETURN, _SPACE = ord("\n"), ord("\r"), ord(" ")
_MOST_FILL_BITS: Final = 5


@njit(cache=True)
def count_lines(text: Any) -> int:
    """Returns the upper bound on the sentences in a buffer."""
    lines = 1
    for byte in text:
        lines += byte == _LINE_FEED
    return lines


def take(sentences: Sentences, places: Places) -> Sentences:
    """Copies some sentences, each as one piece of memory: four times as fast as by field."""
    taken: Sentences = sentences.view(_PIECE)[places].view(SENTENCE)
    return taken


def scan(text: Bytes, rules: Rules) -> Sentences:
    """Splits a log in one buffer of complete lines into its sentences.

    Args:
        text: Bytes of shape (n,).
        rules: Rules of the lake's subject.
    """
    sentences = scan_lines(text, form_of(scan_lines(text, ANY_FORM, rules)), rules)
    resolve_groups(sentences, begins_file=True, rules=rules)
    return sentences


def scan_lines(text: Bytes, form: Form, rules: Rules) -> Sentences:
    """Takes each line apart alone: groups are not resolved, and times without a zone are as written."""
    sentences = np.zeros(count_lines(text), SENTENCE)
    limit = rules.clock_line_window_lines
    found, used = _scan(text, sentences, form.place, form.kind, limit)
    if used:
        return take(sentences, np.flatnonzero(sentences["state"][:found] != USED_TAGS))
    return sentences[:found]


@njit(cache=True)
def _scan(text: Any, sentences: Any, place: int, kind: int, limit: int) -> tuple[int, int]:
    """Fills one element per sentence or lone tag block; returns their number, and how many of them are used blocks."""
    found = line = start = used = 0
    clock, clock_end, tags_from, tag_end = NO_TIME, -1, 0, -1
    while start < text.size:
        sentence = sentences[found]
        sentence.micros = NO_TIME
        end = read_plain_line(text, start, sentence)
        tags, after, is_sentence = OWN_TAGS if text[start] == _BACKSLASH else NO_TAGS, end, True
        if end == NOT_PLAIN:
            after = _line_end(text, start)
            first, end = _without_blanks(text, start, after)
            clock_kind, time = NO_CLOCK, NO_TIME
            is_long = after - start > LONGEST_LINE_BYTES
            if not is_long and end > first and text[first] == _DOLLAR:
                clock_kind, time = clock_line(text, first, end)
            if clock_kind != NO_CLOCK:
                clock, clock_end = time, line + limit
            is_sentence = is_long or (end > first and text[first] != _HASH and clock_kind != PGHP)
            if is_sentence:
                sentence.micros, sentence.state = NO_TIME, UNREADABLE if is_long else GOOD
                tags = NO_TAGS if is_long else _take_apart(text, first, end, sentence, place, kind)
        if is_sentence:
            sentence.line_start, sentence.line_end, sentence.line = start, end, line
            if tag_end >= 0 or tags == ONLY_TAGS:
                used += _apply_lone_tags(sentences, tags_from, found, tags, line <= tag_end)
                tags_from = tags_from if line <= tag_end and tags == ONLY_TAGS else found
                tag_end = line + limit if tags == ONLY_TAGS else -1
            if tags == NO_TAGS and sentence.fragment > 1 and found > 0:
                _continue_message(sentences[found - 1], sentence)
            if sentence.micros != NO_TIME:
                sentence.time = max(sentence.time, OWN_TIME)
            elif line <= clock_end:
                sentence.micros = clock
            found += 1
        start, line = _line_end(text, after) + 1, line + 1
    return found, used


@njit(cache=True)
def _continue_message(before: Any, sentence: Any) -> None:
    """Gives a fragment without a tag block the station of the fragment before it, if they are of one message."""
    is_next = (
        before.state == GOOD
        and before.group == 0
        and sentence.state == GOOD
        and before.fragments == sentence.fragments
        and before.fragment + 1 == sentence.fragment
        and before.sequence == sentence.sequence
        and before.channel == sentence.channel
    )
    if is_next and sentence.station == 0 and sentence.group == 0:
        sentence.station = before.station
        sentence.station_start, sentence.station_end = before.station_start, before.station_end


@njit(cache=True)
def _line_end(text: Any, start: int) -> int:
    """Returns the first line feed from a place on, or the end."""
    after = start
    while after < text.size and text[after] != _LINE_FEED:
        after += 1
    return after


@njit(cache=True)
def _without_blanks(text: Any, start: int, after: int) -> tuple[int, int]:
    """Returns the first byte of a line and the byte after its last one, without blanks around it."""
    first, end = start, after
    while end > first and (text[end - 1] == _RETURN or text[end - 1] == _SPACE):
        end -= 1
    while first < end and text[first] == _SPACE:
        first += 1
    return first, end


@njit(cache=True)
def _apply_lone_tags(sentences: Any, tags_from: int, place: int, tags: int, is_near: bool) -> int:
    """Returns the tag blocks on lines of their own to the sentence after them, where it has none itself.

    A block that is not used so is a line whose sentence was cut off.

    Args:
        sentences: All elements; the lone blocks are those from `tags_from` to before `place`.
        tags_from: Place of the first of them.
        place: Place of the line after them.
        tags: Which tag blocks that line has.
        is_near: Whether it is near enough.

    Returns:
        How many blocks were used.
    """
    sentence = sentences[place]
    count = place - tags_from
    if tags == ONLY_TAGS:
        sentence.state = UNREADABLE
    if is_near and count > 0 and (tags == ONLY_TAGS or (tags == NO_TAGS and sentence.state != UNREADABLE)):
        before = sentences[place - 1]
        if before.micros != NO_TIME and (tags == NO_TAGS or sentence.micros == NO_TIME):
            sentence.micros, sentence.time = before.micros, OWN_TIME
            if sentence.state >= TIME_ZONE:
                sentence.state = GOOD
        if sentence.station == 0:
            sentence.station = before.station
            sentence.station_start, sentence.station_end = before.station_start, before.station_end
        if sentence.group == 0:
            sentence.group, sentence.group_part = before.group, before.group_part
            sentence.group_total = before.group_total
        if tags == NO_TAGS:
            for tag in range(tags_from, place):
                sentences[tag].state = USED_TAGS
            return count
    for tag in range(tags_from, place):
        if tags != ONLY_TAGS:
            sentences[tag].group = 0
    return 0


@njit(cache=True)
def _take_apart(text: Any, start: int, end: int, sentence: Any, place: int, kind: int) -> int:
    """Splits one line into the part before the sentence, the sentence, and the part after it.

    Returns:
        Which tag blocks the line has: `NO_TAGS`, `ONLY_TAGS` where nothing else is in it, or `OWN_TAGS`.
    """
    at = start
    while at < end and not (text[at] == _BANG or text[at] == _DOLLAR or text[at] == _BACKSLASH):
        at += 1
    column_end, tags = at, NO_TAGS
    if at < end and text[at] == _BACKSLASH:
        tags = OWN_TAGS
        at = read_tag_blocks(text, at, end, sentence)
        if at < 0:
            sentence.state = CHECKSUM if at == SUM_WRONG else UNREADABLE
            return tags
        if at == end and column_end == start:
            return ONLY_TAGS
    while at < end and not (text[at] == _BANG or text[at] == _DOLLAR):
        at += 1
    if at + 6 >= end:
        sentence.state = UNREADABLE
        return tags
    is_ais = text[at] == _BANG and text[at + 3] == ord("V") and text[at + 4] == ord("D")
    if not (is_ais and (text[at + 5] == ord("M") or text[at + 5] == ord("O")) and text[at + 6] == _COMMA):
        sentence.state = OTHER
        return tags
    star = at
    while star < end and text[star] != _STAR:
        star += 1
    _read_fields(text, at + 7, star, sentence)
    if sentence.state == GOOD and not is_sum_right(text, at + 1, star, end):
        sentence.state = CHECKSUM
    for byte in range(star, end):
        if text[byte] == _BANG:  # a line break was lost, and with the line a second sentence would be
            sentence.state = UNREADABLE
    if sentence.micros == NO_TIME:
        _read_column(text, start, column_end, star + 3, end, sentence, place, kind)
    return tags


@njit(cache=True)
def _read_column(
    text: Any, start: int, before: int, after: int, end: int, sentence: Any, place: int, kind: int
) -> None:
    """Reads the time of a receiver's column, from the file's one place for it and in the file's form."""
    if start < before and place in (BEFORE, ANYWHERE):
        read_stamp(text, start, before, kind, sentence)
        sentence.place = BEFORE
    if after < end and (place == AFTER or (place == ANYWHERE and sentence.stamp == NO_STAMP)):
        read_stamp(text, after, end, kind, sentence)
        sentence.place = AFTER
    if sentence.state == GOOD:
        if sentence.stamp == ZONE_UNKNOWN:
            sentence.state = TIME_ZONE
        elif sentence.stamp == OTHER_FORM:
            sentence.state = TIME_FORM
        elif sentence.stamp == ORDER_UNCLEAR:
            sentence.state = DATE_ORDER


@njit(cache=True)
def _read_fields(text: Any, start: int, end: int, sentence: Any) -> None:
    """Reads `fragments,fragment,sequence,channel,payload,fill bits` and validates them."""
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
        sentence.state = NO_PAYLOAD if fragment == 1 or fragment < fragments else GOOD
    else:
        for at in range(commas[3] + 1, commas[4]):
            byte = text[at]
            if not (48 <= byte <= 87 or 96 <= byte <= 119):  # noqa: PLR2004 - the armour of NMEA 0183
                sentence.state = NOT_ARMOURED
                return
