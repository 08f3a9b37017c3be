"""Raw sentences as a network of receivers writes them: `!AIVDM` behind a tag block with station and time."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ais_indicators.compiled import njit
from ais_indicators.units import SECONDS_PER_DAY
from ais_simulator.model import Ints
from ais_simulator.radio.formats.digits import LINE_FEED, put_byte
from ais_simulator.radio.formats.files import BLOCK_ROWS, Blobs, part_of_cuts
from ais_simulator.radio.formats.sentences import put_sentence, put_tag
from ais_simulator.radio.formats.sixbit import MOST_CODES, put_parts, put_position, put_shore, put_voyages
from ais_simulator.radio.records import AID_TO_NAVIGATION, BASE_STATION, REPEATED, VOYAGE, DayMessages, Sets

_SENTENCE_BYTES: Final = 160
"""No sentence with its tag block is longer."""

_FIRST_FRAGMENT_CODES: Final = 56
"""Of a type 5, so that the sentence stays under the 82 characters of NMEA 0183."""

_AID_CODES: Final = 46
_SHORT_CODES: Final = 28
_A: Final = ord("A")
_SEQUENCES: Final = 10
_FEWEST_CUT: Final = (
    0.5  # of two fragments the first is cut off where less than this is left, else the second
)


def blocks(messages: DayMessages) -> Iterator[Any]:
    """Yields the file's bytes: positions and static messages by their second of sending."""
    sets, positions, statics = messages.sets, messages.positions, messages.statics
    stations = Blobs.of(["sSAT", "rALL", *(f"r{mmsi:09d}" for mmsi in messages.stations.mmsi.tolist())])
    names, payloads, dates = letters(sets.vessel_name), payloads_of(sets), _dates(messages)
    out = np.empty((BLOCK_ROWS + 2 * BLOCK_ROWS) * _SENTENCE_BYTES, np.uint8)
    static_start, sequence = 0, 0
    for start in range(0, max(positions.size, 1), BLOCK_ROWS):
        end = min(start + BLOCK_ROWS, positions.size)
        is_last = end == positions.size
        until_s = SECONDS_PER_DAY if is_last else int(positions["sent_s"][end])
        static_end = int(np.searchsorted(statics["sent_s"], until_s))
        needed = (end - start + 2 * (static_end - static_start)) * _SENTENCE_BYTES
        out = out if out.size >= needed else np.empty(needed, np.uint8)
        cuts = part_of_cuts(messages.position_cuts, start, end)
        static_cuts = part_of_cuts(messages.static_cuts, static_start, static_end)
        size, sequence = _write(
            out, positions[start:end], statics[static_start:static_end], sequence, messages.start_s,
            cuts.row, cuts.share, static_cuts.row, static_cuts.share, stations.text, stations.first,
            names.text, names.first, payloads, dates,
        )  # fmt: skip
        yield out[:size]
        static_start = static_end


def letters(texts: NDArray[Any]) -> Blobs:
    """Returns texts in the six-bit alphabet: capitals, and a question mark for characters that it lacks."""
    known = set(map(chr, range(ord(" "), ord("_") + 1))) - {"@"}
    return Blobs.of("".join(c if c in known else "?" for c in text.upper()) for text in texts.tolist())


def payloads_of(sets: Sets) -> NDArray[np.uint8]:
    """Returns six-bit codes of each version: type 5 for class A; 24 A and 24 B, 28 codes each, for class B."""
    codes = np.zeros((len(sets), MOST_CODES), np.uint8)
    names, calls, destinations = map(letters, (sets.vessel_name, sets.call_sign, sets.destination))
    numbers = np.column_stack([sets.mmsi, sets.imo_number, sets.ais_ship_type, sets.draught_tenths])
    dimensions = np.column_stack([sets.to_bow_m, sets.to_stern_m, sets.to_port_m, sets.to_starboard_m])
    put_voyages(
        codes, numbers, dimensions, _eta_parts(sets.eta_s), names.text, names.first, calls.text, calls.first,
        destinations.text, destinations.first,
    )  # fmt: skip
    parts = np.zeros((len(sets), 2 * _SHORT_CODES), np.uint8)
    put_parts(parts, numbers, dimensions, names.text, names.first, calls.text, calls.first)
    codes[sets.is_class_b, : 2 * _SHORT_CODES] = parts[sets.is_class_b]
    return codes


def _eta_parts(eta_s: Ints) -> Ints:
    """Returns the month, day, hour and minute of arrivals, shape (n, 4); zeros where there is none."""
    times = [datetime.fromtimestamp(second, UTC) for second in eta_s.tolist()]
    parts = np.array([[t.month, t.day, t.hour, t.minute] for t in times], np.int64).reshape(-1, 4)
    known: Ints = parts * (eta_s != 0)[:, None]
    return known


def _dates(messages: DayMessages) -> Ints:
    """Returns the year, month and day of the day before, the day, and the day after; shape (3, 3)."""
    days = [messages.day + timedelta(days=n) for n in (-1, 0, 1)]
    return np.array([[day.year, day.month, day.day] for day in days], np.int64)


@njit(cache=True)
def _write(
    out: Any, positions: Any, statics: Any, sequence: int, day_start_s: int, cut_row: Any, cut_share: Any,
    static_cut_row: Any, static_cut_share: Any, stations: Any, station_first: Any, names: Any,
    name_first: Any, payloads: Any, dates: Any,
) -> tuple[int, int]:  # fmt: skip
    """Writes messages by their second; returns the bytes written and the next sequence number."""
    at, cut, static_cut, static = 0, 0, 0, 0
    codes = np.zeros(_AID_CODES, np.uint8)
    for n in range(positions.size + 1):
        while static < statics.size and (
            n == positions.size or statics[static].sent_s <= positions[n].sent_s
        ):
            row, share = statics[static], 1.0
            if static_cut < static_cut_row.size and static_cut_row[static_cut] == static:
                share, static_cut = static_cut_share[static_cut], static_cut + 1
            own = payloads[row.version]
            at = _put_static(out, at, row, own, sequence, day_start_s, stations, station_first, share)
            sequence = (sequence + (row.message_type == VOYAGE)) % _SEQUENCES
            static += 1
        if n == positions.size:
            break
        start, one = at, positions[n]
        codes[:] = 0
        second, version = np.int64(one.stamped_s) + day_start_s, one.version
        # Who repeats a message repeats its content, and with it the sender's clock.
        own_s = np.int64(one.sent_s) if one.copy == REPEATED else np.int64(one.stamped_s)
        if one.message_type == BASE_STATION or one.message_type == AID_TO_NAVIGATION:
            date, of_day = divmod(own_s, SECONDS_PER_DAY)
            bits = put_shore(
                codes, one, dates[date + 1], of_day, names, name_first[version], name_first[version + 1]
            )
        else:
            bits = put_position(codes, one, own_s + day_start_s)
        at = put_tag(out, at, one.station, second, stations, station_first)
        at = put_sentence(out, at, codes, 0, (bits + 5) // 6, 1, 1, -1, _A + (one.ship & 1), -bits % 6)
        if cut < cut_row.size and cut_row[cut] == n:
            at, cut = start + max(1, int((at - start) * cut_share[cut])), cut + 1
        at = put_byte(out, at, LINE_FEED)
    return at, sequence


@njit(cache=True)
def _put_static(
    out: Any, at: int, row: Any, codes: Any, sequence: int, day_start_s: int, stations: Any,
    station_first: Any, share: float,
) -> int:  # fmt: skip
    """Writes a static message; one of its sentences is cut off where a share under 1 is left."""
    second, channel = np.int64(row.stamped_s) + day_start_s, _A + (row.ship & 1)
    fragments = 2 if row.message_type == VOYAGE else 1
    cut_fragment = 1 if fragments == 1 or share < _FEWEST_CUT else 2
    for fragment in range(1, fragments + 1):
        start = at
        at = put_tag(out, at, row.station, second, stations, station_first)
        if fragments == 1:
            first = _SHORT_CODES * row.part
            at = put_sentence(out, at, codes, first, first + _SHORT_CODES, 1, 1, -1, channel, 0)
        elif fragment == 1:
            at = put_sentence(out, at, codes, 0, _FIRST_FRAGMENT_CODES, 2, 1, sequence, channel, 0)
        else:
            at = put_sentence(out, at, codes, _FIRST_FRAGMENT_CODES, MOST_CODES, 2, 2, sequence, channel, 2)
        if share < 1.0 and fragment == cut_fragment:
            at = start + max(1, int((at - start) * share))
        at = put_byte(out, at, LINE_FEED)
    return at
