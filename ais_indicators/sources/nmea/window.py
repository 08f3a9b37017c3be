"""The bytes of a part of a file, with the lines around it that decide about its fragments."""

from dataclasses import dataclass
from typing import IO, Final

import numpy as np

from ais_indicators.sources.nmea.sentences import Bytes

_STEP_BYTES: Final = 64 * 1024
_LINE_FEED: Final = b"\n"


@dataclass(frozen=True)
class Window:
    """Bytes of a part of a file and of the lines around it.

    Attributes:
        text: Whole lines, shape (n,).
        owned_from: First byte of the part's own lines in `text`.
        owned_to: The byte after them.
        begins_file: Whether the file begins with `text`.
        ends_file: Whether it ends with it.
    """

    text: Bytes
    owned_from: int
    owned_to: int
    begins_file: bool
    ends_file: bool

    def line(self, start: int, end: int) -> str:
        """Text between two bytes."""
        return self.text[start:end].tobytes().decode("utf-8", "replace")


def read_window(stream: IO[bytes], start: int, end: int, lines: int) -> Window:
    """Reads the lines that begin in a part of a file, and some before and after them.

    Args:
        stream: The uncompressed file.
        start: First byte of the part.
        end: The byte after the last one.
        lines: How many lines to read on either side.
    """
    own_start, own_end = _line_start(stream, start), _line_start(stream, end)
    before = _lines_before(stream, own_start, lines)
    stream.seek(own_start)
    own = stream.read(own_end - own_start)
    after, is_end = _lines_after(stream, lines)
    text = np.frombuffer(before + own + after, np.uint8).copy()
    return Window(text, len(before), len(before) + len(own), len(before) == own_start, is_end)


def _line_start(stream: IO[bytes], at: int) -> int:
    """First byte at or after a place at which a line begins."""
    if at == 0:
        return 0
    stream.seek(at - 1)
    return at - 1 + len(stream.readline())


def _lines_before(stream: IO[bytes], end: int, lines: int) -> bytes:
    """At least so many whole lines that end at a place, or all there are."""
    text, at = b"", end
    while at > 0 and text.count(_LINE_FEED) <= lines:
        step = min(_STEP_BYTES, at)
        at -= step
        stream.seek(at)
        text = stream.read(step) + text
    return text if at == 0 else text[text.find(_LINE_FEED) + 1 :]


def _lines_after(stream: IO[bytes], lines: int) -> tuple[bytes, bool]:
    """At least so many whole lines from here, or all there are; and whether the file ends with them."""
    text = b""
    while text.count(_LINE_FEED) <= lines:
        piece = stream.read(_STEP_BYTES)
        if not piece:
            return text, True
        text += piece
    return text[: text.rfind(_LINE_FEED) + 1], False
