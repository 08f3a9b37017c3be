"""Cuts what arrives from a station into lines with one sentence each."""

import re
from itertools import pairwise
from typing import Final

LONGEST_SENTENCE_BYTES: Final = 1024
"""A sentence has at most 82 characters; tag blocks and columns of a receiver are added."""

_LINE_END: Final = re.compile(rb"[\r\n]+")
_STARTS: Final = re.compile(rb"(?:\\[^\\]*\\)*[!$]")
"""Where a sentence with its tag blocks begins."""

_TAG_BLOCKS_ALONE: Final = re.compile(rb"\s*(?:\\[^\\]*\\)+\s*")
_BLANKS: Final = b" \t\0"


class LineSplitter:
    """Collects the bytes of one connection and returns complete sentences.

    Attributes:
        lost: Pieces that were dropped: without a sentence, cut off, or too long.
    """

    def __init__(self) -> None:
        self.lost = 0
        self._rest = b""
        self._tag_blocks = b""
        self._is_skipping = False

    def feed(self, data: bytes) -> list[bytes]:
        """Adds bytes of a stream; returns the sentences that are complete with them."""
        *lines, self._rest = _LINE_END.split(self._rest + data)
        if lines and self._is_skipping:
            lines, self._is_skipping = lines[1:], False
        found = [sentence for line in lines for sentence in self._sentences(line)]
        if len(self._rest) > LONGEST_SENTENCE_BYTES:
            found += self._cut_rest()
        return found

    def feed_datagram(self, data: bytes) -> list[bytes]:
        """Adds a datagram, which ends its last sentence whether or not a line end follows."""
        return [sentence for line in _LINE_END.split(data) for sentence in self._sentences(line)]

    def finish(self) -> list[bytes]:
        """Ends the stream; returns the last sentence if it lacks only its line end."""
        rest, self._rest = self._rest, b""
        if self._is_skipping or not rest.strip(_BLANKS):
            self._is_skipping = False
            return []
        if has_right_checksum(rest):
            return self._sentences(rest)
        self.lost += 1
        return []

    def _cut_rest(self) -> list[bytes]:
        """Removes the complete sentences from a stream without line ends; drops what is too long."""
        if self._is_skipping:
            self._rest = b""
            return []
        *complete, last = _split_sentences(self._rest)
        self._rest = last
        if len(last) > LONGEST_SENTENCE_BYTES:
            self.lost += 1
            self._rest, self._is_skipping = b"", True
        return complete

    def _sentences(self, line: bytes) -> list[bytes]:
        """Splits one line into its sentences; keeps tag blocks on separate lines for the next one.

        Blank lines and comments (`#`) are not counted, since they never hold a message.
        """
        line = line.strip(_BLANKS)
        if not line or line.startswith(b"#"):
            return []
        if _TAG_BLOCKS_ALONE.fullmatch(line):
            self._tag_blocks += line
            if len(self._tag_blocks) > LONGEST_SENTENCE_BYTES:
                self.lost, self._tag_blocks = self.lost + 1, b""
            return []
        line, self._tag_blocks = self._tag_blocks + line, b""
        pieces = _split_sentences(line)
        usable = [p for p in pieces if len(p) <= LONGEST_SENTENCE_BYTES and _STARTS.search(p)]
        self.lost += len(pieces) - len(usable)
        return usable


def has_right_checksum(line: bytes) -> bool:
    """Compares the checksum at the end of a line's sentence with its characters.

    >>> has_right_checksum(b"!AIVDM,1,1,,A,13`fL1PP140KCELMBO7SS?wH0@Jv,0*50")
    True
    """
    begin = max(line.rfind(b"!"), line.rfind(b"$"))
    star = line.find(b"*", begin)
    if begin < 0 or star < 0:
        return False
    digits = line[star + 1 : star + 3]
    return re.fullmatch(rb"[0-9A-Fa-f]{2}", digits) is not None and int(digits, 16) == checksum(
        line[begin + 1 : star]
    )


def checksum(text: bytes) -> int:
    """Computes the exclusive or of all bytes, as in NMEA 0183."""
    value = 0
    for byte in text:
        value ^= byte
    return value


def _split_sentences(line: bytes) -> list[bytes]:
    """Splits after each sentence that another one follows without a line end; returns at least one piece."""
    starts = [match.start() for match in _STARTS.finditer(line)]
    edges = [0, *starts[1:], len(line)]
    return [line[a:b] for a, b in pairwise(edges)]
