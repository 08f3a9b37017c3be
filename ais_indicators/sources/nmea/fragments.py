"""Puts messages of several sentences together.

The fragments of a message stand in order, one after the other among those of the same station, channel and
sequence number, within a time-out. Those of one group of tag blocks (`groups`) may come in any order. What does not
fit stays a line with a reason. The outcome for a line depends on the lines near it alone, so a file can be cut
anywhere as long as each part sees a window of lines around it.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ais_indicators.rules import Rules
from ais_indicators.sources.nmea.sentences import GOOD, Bytes, Places, Sentences, take
from ais_indicators.sources.nmea.timestamps import NO_TIME
from ais_indicators.units import MICROSECONDS_PER_SECOND

FRAGMENT_REASONS: Final = ("", "fragment_orphan", "fragment_missing", "fragment_repeated")
"""Why a fragment is in no message: its beginning was not there, a later one did not come, it came twice."""

_MOST: Final = 1024
"""More than the number of fragments and the sequence number of a sentence can be, which end at 1000."""

FITS, ORPHAN, MISSING, REPEATED = range(len(FRAGMENT_REASONS))


@dataclass(frozen=True)
class Assembled:
    """Outcome for the usable sentences of a buffer.

    Attributes:
        singles: Places of the sentences that are a complete message, shape (s,).
        chained: Places of the fragments that are put together, message after message.
        chains: For each of these messages where it begins in `chained`, and at the end their number; shape (m + 1,).
        left: Places of the fragments that are in no message, shape (l,), in order.
        reasons: Place in `FRAGMENT_REASONS` for each of `left`.
    """

    singles: Places
    chained: Places
    chains: Places
    left: Places
    reasons: NDArray[np.uint8]


def assemble(text: Bytes, sentences: Sentences, rules: Rules) -> Assembled:
    """Puts the fragments of a buffer together.

    Args:
        text: The buffer that the sentences lie in.
        sentences: Its sentences, in the order of their lines.
        rules: Rules of the lake's subject.
    """
    usable = sentences["state"] == GOOD
    fragments = sentences["fragments"].copy()
    singles = np.flatnonzero(usable & (fragments == 1))
    places = np.flatnonzero(usable & (fragments > 1))
    if places.size == 0:
        return Assembled(singles, places, np.zeros(1, np.int64), places, np.zeros(0, np.uint8))
    parts = take(sentences, places)
    order = _order(places, parts)
    places, parts = places[order], take(parts, order)
    is_same = _same_message_as_before(parts, rules)
    follows = is_same & (parts["fragment"] == _before(parts["fragment"]) + 1) & (parts["fragment"] > 1)
    begins = np.flatnonzero(~follows)
    lengths = np.diff(begins, append=places.size)
    has_first = parts["fragment"][begins] == 1
    is_whole = np.repeat(has_first & (lengths == parts["fragments"][begins]), lengths)
    reasons = np.repeat(np.where(has_first, MISSING, ORPHAN).astype(np.uint8), lengths)
    reasons[_repeats(text, parts, is_same)] = REPEATED
    left = np.flatnonzero(~is_whole)
    in_order = np.argsort(places[left])
    chained = places[is_whole]
    chains = np.append(np.flatnonzero(parts["fragment"][is_whole] == 1), chained.size)
    return Assembled(singles, chained, chains, places[left][in_order], reasons[left][in_order])


def _order(places: Places, parts: Sentences) -> Places:
    """Sorts fragments of one key together: in the order of the file, those of a group by their number."""
    # One whole number holds three parts of the key, so that the sort goes through them once.
    key = parts["channel"].astype(np.int64) * _MOST + parts["sequence"] + 1
    key = key * _MOST + parts["fragments"]
    station = parts["station"]
    if parts["group"].any():
        in_group = np.where(parts["group"] == 0, places, parts["fragment"])
        return np.lexsort((places, in_group, key, station, parts["group"]))
    return np.lexsort((key, station)) if (station != station[0]).any() else np.argsort(key, kind="stable")


def _before(values: NDArray[np.int16]) -> NDArray[np.int16]:
    return np.concatenate([values[:1], values[:-1]])


def _same_message_as_before(parts: Sentences, rules: Rules) -> NDArray[np.bool_]:
    """Returns whether a fragment has the key of the previous one, and is close enough in lines and time."""
    same = np.zeros(parts.size, np.bool_)
    same[1:] = np.abs(np.diff(parts["line"])) <= rules.fragment_window_lines
    for name in ("group", "station", "channel", "sequence", "fragments"):
        same[1:] &= parts[name][1:] == parts[name][:-1]
    micros = parts["micros"]
    known = (micros[1:] != NO_TIME) & (micros[:-1] != NO_TIME)
    silence = np.where(known, np.abs(np.where(known, micros[1:], 0) - np.where(known, micros[:-1], 0)), 0)
    same[1:] &= silence <= rules.fragment_timeout_seconds * MICROSECONDS_PER_SECOND
    return same


def _repeats(text: Bytes, parts: Sentences, is_same: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Returns fragments of one number that follow each other and say the same."""
    again = np.flatnonzero(is_same & (parts["fragment"] == _before(parts["fragment"])))
    pairs = [
        (place - 1, place)
        for place in again.tolist()
        if _payload(text, parts, place - 1) == _payload(text, parts, place)
    ]
    return np.array(pairs, np.int64).ravel()


def _payload(text: Bytes, parts: Sentences, place: int) -> bytes:
    return text[parts["payload_start"][place] : parts["payload_end"][place]].tobytes()
