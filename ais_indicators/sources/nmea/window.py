"""The bytes of a part of a file, with the lines around it that decide about its fragments."""

from dataclasses import dataclass
from typing import IO, Final

import numpy as np

from ais_indicators.sources.lines import LINE_FEED, LONGEST_LINE_BYTES, line_length, rest_of_line
from ais_indicators.sources.nmea.sentences import Bytes

_STEP_BYTES: Final = 64 * 1024
_ROOM_BYTES: Final = 4 * _STEP_BYTES
"""Spare bytes behind a part's own: more than the lines after it have, but for long ones."""

_MOST_PIECES: Final = 1 + LONGEST_LINE_BYTES // _STEP_BYTES
"""Pieces without a line feed that are kept of a line: enough to tell that it is an overlong one."""


@dataclass(frozen=True)
class Window:
    """Bytes of a part of a file and of the lines around it.

    Attributes:
        text: Whole lines, shape (n,); of overlong ones the middle may be left out.
        owned_from: First byte of the part's own lines in `text`.
        owned_to: The byte after them.
        first_byte: Byte of the file at which the part's own lines begin.
        begins_file: Whether the file begins with `text`.
        ends_file: Whether it ends with it.
    """

    text: Bytes
    owned_from: int
    owned_to: int
    first_byte: int
    begins_file: bool
    ends_file: bool

    def line(self, start: int, end: int) -> str:
        """Returns the text between two bytes."""
        return self.text[start : min(end, start + LONGEST_LINE_BYTES)].tobytes().decode("utf-8", "replace")


def read_window(stream: IO[bytes], start: int, end: int, lines: int) -> Window:
    """Reads the lines that begin in a part of a file, and some before and after them.

    Args:
        stream: The uncompressed file.
        start: First byte of the part.
        end: The byte after the last one.
        lines: How many lines to read on either side.

    Raises:
        EOFError: The file ends before the part does.
    """
    own_start = _line_start(stream, start)
    before, is_start = _lines_before(stream, own_start, lines)
    stream.seek(own_start)
    own_to = len(before) + max(end - own_start, 0)
    text = np.empty(own_to + _ROOM_BYTES, np.uint8)
    text[: len(before)] = np.frombuffer(before, np.uint8)
    _read_into(stream, text[len(before) : own_to])
    is_cut = own_to > len(before) and text[own_to - 1] != ord(LINE_FEED)
    rest = rest_of_line(stream)[0] if is_cut else b""
    after, is_end = _lines_after(stream, lines)
    text = _with_end(text, own_to, rest + after)
    return Window(text, len(before), own_to + len(rest), own_start, is_start, is_end)


def _read_into(stream: IO[bytes], text: Bytes) -> None:
    """Fills an array with the next bytes of a stream without an intermediate copy."""
    filled = 0
    while filled < text.size:
        read = stream.readinto(text[filled:])  # type: ignore[attr-defined]
        if not read:
            raise EOFError("it became shorter while it was read")
        filled += read


def _with_end(text: Bytes, size: int, end: bytes) -> Bytes:
    """Returns the first bytes of an array followed by others: in its spare room, or in a new array if needed."""
    last = np.frombuffer(end, np.uint8)
    if size + last.size > text.size:
        return np.concatenate([text[:size], last])
    text[size : size + last.size] = last
    return text[: size + last.size]


def _line_start(stream: IO[bytes], at: int) -> int:
    """Returns the first byte at or after a place at which a line begins."""
    if at == 0:
        return 0
    stream.seek(at - 1)
    return at - 1 + line_length(stream)


def _lines_before(stream: IO[bytes], end: int, lines: int) -> tuple[bytes, bool]:
    """Returns at least some complete lines that end at a place, or all, and whether the file begins with them."""
    pieces: list[bytes] = []
    at, feeds, run = end, 0, 0
    while at > 0 and feeds <= lines:
        step = min(_STEP_BYTES, at)
        at -= step
        stream.seek(at)
        piece = stream.read(step)
        feeds, run = feeds + piece.count(LINE_FEED), 0 if LINE_FEED in piece else run + 1
        if run <= _MOST_PIECES:
            pieces.append(piece)
    text = b"".join(reversed(pieces))
    return (text, True) if at == 0 else (text[text.find(LINE_FEED) + 1 :], False)


def _lines_after(stream: IO[bytes], lines: int) -> tuple[bytes, bool]:
    """Returns at least some complete lines from here on, or all, and whether the file ends with them."""
    pieces: list[bytes] = []
    feeds = run = 0
    while feeds <= lines:
        piece = stream.read(_STEP_BYTES)
        if not piece:
            return b"".join(pieces), True
        feeds, run = feeds + piece.count(LINE_FEED), 0 if LINE_FEED in piece else run + 1
        if run <= _MOST_PIECES:
            pieces.append(piece)
    text = b"".join(pieces)
    return text[: text.rfind(LINE_FEED) + 1], False
