"""Payloads: six bits a character, in armour; fields by first bit and width; compiled."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ais_indicators.compiled import njit
from ais_indicators.sources.nmea.sentences import Bytes, Places, Sentences, take

TYPE_BITS: Final = 6
_BITS: Final = 6
_ALL_BITS: Final = (1 << _BITS) - 1
_CODES: Final = np.zeros(256, np.uint8)
"""Six bits of each character of a payload; the armour leaves out eight characters in the middle."""

_CODES[48:88], _CODES[96:120] = range(40), range(40, 64)
_PADDING: Final = 0
_LETTERS: Final = 32
"""Six-bit text: codes under this are the letters from `@`, the others stand for themselves."""


@dataclass(frozen=True)
class Payloads:
    """Complete messages as they were sent; every array but `text` has one element per message.

    Attributes:
        text: Bytes that hold all payloads.
        start: First byte of the payload.
        bits: Length of the payload, without the bits that fill its last character.
        message_type: Type of ITU-R M.1371.
    """

    text: Bytes
    start: NDArray[np.int64]
    bits: NDArray[np.int64]
    message_type: NDArray[np.int64]

    def of(self, chosen: Any) -> "Payloads":
        """Returns some of the messages, by a mask or their places."""
        return Payloads(self.text, self.start[chosen], self.bits[chosen], self.message_type[chosen])

    def armoured(self, place: int) -> tuple[str, int]:
        """Returns characters of one payload, and how many bits fill its last one."""
        characters = -(-int(self.bits[place]) // _BITS)
        start = int(self.start[place])
        text = self.text[start : start + characters].tobytes().decode("ascii")
        return text, characters * _BITS - int(self.bits[place])


def single_payloads(text: Bytes, sentences: Sentences, places: Places) -> Payloads:
    """Returns payloads of sentences that are a message each.

    Args:
        text: The buffer that the sentences lie in.
        sentences: All sentences of the buffer.
        places: Places of those that are a message, shape (n,).
    """
    start, bits = np.empty(places.size, np.int64), np.empty(places.size, np.int64)
    _find_payloads(sentences, places, start, bits)
    return Payloads(text, start, bits, _types(text, start))


def joined_payloads(text: Bytes, sentences: Sentences, places: Places, first: Places) -> Payloads:
    """Returns payloads of messages of several sentences, their fragments joined.

    Args:
        text: The buffer that the sentences lie in.
        sentences: All sentences of the buffer.
        places: Places of the fragments, message after message.
        first: For each message where its fragments begin in `places`, and at the end their number.
    """
    parts = take(sentences, places)
    starts, ends = (np.ascontiguousarray(parts[name]) for name in ("payload_start", "payload_end"))
    after = np.concatenate([[0], np.cumsum(ends - starts)])
    joined = np.empty(int(after[-1]), np.uint8)
    _join(text, starts, ends, joined)
    start = after[first[:-1]]
    bits = (after[first[1:]] - start) * _BITS - parts["fill_bits"][first[1:] - 1]
    return Payloads(joined, start, bits, _types(joined, start))


def _types(text: Bytes, start: NDArray[np.int64]) -> NDArray[np.int64]:
    return _CODES[text[start]].astype(np.int64)


@njit(cache=True)
def _find_payloads(sentences: Any, places: Any, start: Any, bits: Any) -> None:
    for n in range(places.size):
        sentence = sentences[places[n]]
        start[n] = sentence.payload_start
        bits[n] = (sentence.payload_end - sentence.payload_start) * _BITS - sentence.fill_bits


@njit(cache=True)
def _join(text: Any, starts: Any, ends: Any, joined: Any) -> None:
    at = np.uint64(0)
    for n in range(starts.size):
        for place in range(np.uint64(starts[n]), np.uint64(ends[n])):
            joined[at] = text[place]
            at += np.uint64(1)


@njit(cache=True)
def six_bits(byte: int) -> int:
    """Returns six bits of a character of a payload."""
    return int(_CODES[byte])


@njit(cache=True)
def field(text: Any, payload: int, first: int, width: int) -> int:
    """Returns an unsigned field of at most 56 bits of the payload that begins at a byte."""
    at, last = first // 6, (first + width - 1) // 6
    value = 0
    # Places without a sign: with one, each would be compared with 0, as it could count from the end.
    for place in range(np.uint64(payload + at), np.uint64(payload + last + 1)):
        value = (value << 6) | six_bits(text[place])
    surplus = (last + 1) * 6 - (first + width)
    return (value >> surplus) & ((1 << width) - 1)


@njit(cache=True)
def signed(value: int, width: int) -> int:
    """Returns a field's value in two's complement."""
    return value - (1 << width) if value >> (width - 1) else value


@njit(cache=True)
def letters(text: Any, payload: int, bits: int, first: int, into: Any) -> None:
    """Reads six-bit text up to its padding sign, without blanks around it; what is left of `into` stays 0.

    Args:
        text: Bytes.
        payload: First byte of the payload.
        bits: Length of the payload: a text that is cut off ends there.
        first: First bit of the text.
        into: Characters, shape (length,), all 0.
    """
    length, last = 0, 0
    at, lead = payload + first // _BITS, first % _BITS
    for n in range(min(into.size, (bits - first) // _BITS)):
        code = six_bits(text[at + n])
        if lead:
            code = ((code << lead) & _ALL_BITS) | (six_bits(text[at + n + 1]) >> (_BITS - lead))
        if code == _PADDING:
            break
        if length == 0 and code == ord(" "):
            continue
        into[length] = code + 64 if code < _LETTERS else code
        length += 1
        if code != ord(" "):
            last = length
    for n in range(last, length):
        into[n] = 0
