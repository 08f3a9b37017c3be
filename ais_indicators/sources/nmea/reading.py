"""From a part of a file of sentences to rows of bronze."""

import re
from bisect import bisect_left
from collections import Counter
from typing import IO, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ais_indicators.rules import Rules
from ais_indicators.sources.blocks import (
    SourceBlock,
    raw_schema,
    static_schema,
    unreadable_rows,
    with_lines,
)
from ais_indicators.sources.eta import eta_near
from ais_indicators.sources.nmea import base_stations, library, positions, statics
from ais_indicators.sources.nmea.base_stations import BASE_STATION, clock_offsets
from ais_indicators.sources.nmea.forms import ANY_FORM, form_of, read_beginning
from ais_indicators.sources.nmea.fragments import FRAGMENT_REASONS, MISSING, ORPHAN, Assembled, assemble
from ais_indicators.sources.nmea.groups import resolve_groups
from ais_indicators.sources.nmea.library import EXTENDED_TYPE, decode_by_library
from ais_indicators.sources.nmea.payloads import TYPE_BITS, Payloads, joined_payloads, single_payloads
from ais_indicators.sources.nmea.positions import CLASS_B, FIXED_TYPES, decode_positions
from ais_indicators.sources.nmea.sentences import (
    GOOD,
    OTHER,
    STATES,
    Places,
    Sentences,
    count_lines,
    scan_lines,
)
from ais_indicators.sources.nmea.statics import STATIC_TYPES, decode_statics
from ais_indicators.sources.nmea.stations import StationNames
from ais_indicators.sources.nmea.timestamps import NO_TIME
from ais_indicators.sources.nmea.window import Window, read_window
from ais_indicators.sources.nmea.zones import LogZone
from ais_indicators.sources.zones import UTC_TIMES, SourceTimes

LAYOUT: Final = "nmea"
AT_FILE_EDGE: Final = "fragment_at_file_edge"
"""Reason of a fragment whose others may stand in the file before or after."""

TRUNCATED: Final = "payload_truncated"
UNDECODABLE: Final = "payload_undecodable"

_SENTENCE: Final = re.compile(rb"!..VD[MO],")
_TYPES: Final = range(1 << TYPE_BITS)
_FEWEST: Final = positions.FEWEST_BITS | statics.FEWEST_BITS | library.FEWEST_BITS
_FEWEST_BITS: Final = np.array([_FEWEST.get(kind, 0) for kind in _TYPES])
_NO_DECODER, _FIXED, _STATIC, _SLOW = range(4)
_DECODER: Final = (
    dict.fromkeys(FIXED_TYPES, _FIXED) | dict.fromkeys(STATIC_TYPES, _STATIC) | {EXTENDED_TYPE: _SLOW}
)
_DECODERS: Final = np.array([_DECODER.get(kind, _NO_DECODER) for kind in _TYPES], np.uint8)
_FINE, _TRUNCATED, _UNDECODABLE = range(3)


def looks_like_nmea(start: bytes) -> bool:
    """Returns whether the beginning of a file holds an AIS sentence."""
    return _SENTENCE.search(start) is not None


def read_nmea(
    stream: IO[bytes],
    start: int,
    end: int,
    first_number: int = 1,
    times: SourceTimes = UTC_TIMES,
    *,
    rules: Rules,
) -> SourceBlock:
    """Reads the messages whose first sentence begins between two bytes of a file.

    Args:
        stream: The uncompressed file.
        start: First byte.
        end: The byte after the last one. A line belongs to the part in which it begins.
        first_number: Number of its first line in the file.
        times: How its source writes times.
        rules: Rules of the lake's subject.
    """
    beginning = np.frombuffer(read_beginning(stream), np.uint8)
    form = form_of(scan_lines(beginning, ANY_FORM, rules), times.date_order)
    window = read_window(stream, start, end, rules.fragment_window_lines)
    sentences = scan_lines(window.text, form, rules)
    if not times.is_utc:
        LogZone(stream, form, times, rules).convert(sentences, window.first_byte - window.owned_from)
    resolve_groups(sentences, window.begins_file, rules)
    sorter = _Sorter(window, sentences, first_number, rules)
    sorter.sort()
    return sorter.block()


class _Sorter:
    """Sorts the sentences of a window into rows, lines for quarantine, and counts; only those that it owns."""

    def __init__(self, window: Window, sentences: Sentences, first_number: int, rules: Rules) -> None:
        self.window = window
        self.rules = rules
        self.sentences = sentences
        self.number_of_first = first_number + 1 - count_lines(window.text[: window.owned_from])
        starts = self.sentences["line_start"]
        self.owned = slice(bisect_left(starts, window.owned_from), bisect_left(starts, window.owned_to))
        self.station_names = StationNames(window.text, sentences)
        self.set_aside: Counter[str] = Counter()
        self.positions: list[pa.Table] = []
        self.statics: list[pa.Table] = []
        self.base_stations: list[pa.Table] = []
        self.lost: list[tuple[Places, str]] = []

    def sort(self) -> None:
        """Takes every owned sentence."""
        self._take_unusable()
        assembled = assemble(self.window.text, self.sentences, self.rules)
        self._take_fragments(assembled)
        singles = assembled.singles[self._is_owned(assembled.singles)]
        whole = np.arange(singles.size + 1)
        self._take(single_payloads(self.window.text, self.sentences, singles), singles, whole)
        chained, chains = self._owned_chains(assembled)
        self._take(joined_payloads(self.window.text, self.sentences, chained, chains), chained, chains)

    def block(self) -> SourceBlock:
        """Returns all that was taken; lines for quarantine in the order of the file."""
        lost = sorted((chain.tolist(), reason) for places, reason in self.lost for chain in _rows(places))
        lines = ["\n".join(self._line(place) for place in chain) for chain, _ in lost]
        times = _times(self.sentences["micros"][[chain[0] for chain, _ in lost]]) if lost else None
        return SourceBlock(
            rows=_together(self.positions, raw_schema()),
            unreadable=unreadable_rows(
                lines, self._numbers([chain[0] for chain, _ in lost]), [reason for _, reason in lost], times
            ),
            statics=_together(self.statics, static_schema()),
            set_aside=dict(+self.set_aside),
            base_stations=pa.concat_tables(self.base_stations).combine_chunks(),
        )

    def _take_unusable(self) -> None:
        """Notes sentences that are not AIS, and those that a line's own faults rule out."""
        states = self.sentences["state"][self.owned].copy()
        self.set_aside[STATES[OTHER]] += int((states == OTHER).sum())
        for state in np.unique(states[(states != GOOD) & (states != OTHER)]).tolist():
            self.lost.append((np.flatnonzero(states == state) + self.owned.start, STATES[state]))

    def _take_fragments(self, assembled: Assembled) -> None:
        """Notes fragments in no message; those near the file's edges may belong to one across it."""
        owned = self._is_owned(assembled.left)
        left, reasons = assembled.left[owned], assembled.reasons[owned]
        if not left.size:
            return
        near = self.rules.fragment_window_lines
        lines = self.sentences["line"][left]
        last = count_lines(self.window.text) - 2
        at_edge = (self.window.begins_file & (lines < near) & (reasons == ORPHAN)) | (
            self.window.ends_file & (last - lines < near) & (reasons == MISSING)
        )
        self._lend_times(left[at_edge & (reasons == ORPHAN)])
        at_edge &= self.sentences["micros"][left] != NO_TIME
        self.lost.append((left[at_edge], AT_FILE_EDGE))
        for code, reason in enumerate(FRAGMENT_REASONS):
            self.lost.append((left[~at_edge & (reasons == code)], reason))

    def _lend_times(self, orphans: Places) -> None:
        """Copies to fragments without a time that of the next sentence with one, to tell which file came first.

        It is no message's time: a message has that of its first fragment that says one.
        """
        micros = self.sentences["micros"]
        for place in orphans[micros[orphans] == NO_TIME].tolist():
            later = micros[place:]
            micros[place] = next((known for known in later.tolist() if known != NO_TIME), NO_TIME)

    def _owned_chains(self, assembled: Assembled) -> tuple[Places, Places]:
        """Returns the chains whose first sentence is owned, as `Assembled` has them."""
        lengths = np.diff(assembled.chains)
        owned = self._is_owned(assembled.chained[assembled.chains[:-1]])
        chained = assembled.chained[np.repeat(owned, lengths)]
        return chained, np.append(0, np.cumsum(lengths[owned]))

    def _take(self, payloads: Payloads, places: Places, first: Places) -> None:
        """Sorts complete messages by type.

        Args:
            payloads: The messages.
            places: Their sentences, message after message.
            first: For each message where its sentences begin in `places`, and at the end their number.
        """
        kinds = payloads.message_type
        decoders = _DECODERS[kinds]
        is_fixed = (decoders == _FIXED) & (np.diff(first) == 1)
        is_static = decoders == _STATIC
        is_slow = (decoders != _NO_DECODER) & ~is_fixed & ~is_static
        for kind, count in zip(
            *np.unique(kinds[~is_fixed & ~is_static & ~is_slow], return_counts=True), strict=True
        ):
            self.set_aside[f"type_{kind}"] += int(count)
        is_whole = payloads.bits >= _FEWEST_BITS[kinds]
        lost = np.where((is_fixed | is_static | is_slow) & ~is_whole, _TRUNCATED, _FINE)
        times, numbers = self._times_of(places, first), self._numbers(places[first[:-1]])
        heard_by = self._stations_of(places, first)
        chosen = np.flatnonzero((kinds == BASE_STATION) & (payloads.bits >= base_stations.FEWEST_BITS))
        heard = self.station_names.of(heard_by[chosen])
        self.base_stations.append(clock_offsets(payloads.of(chosen), times[chosen], heard))
        chosen = np.flatnonzero(is_fixed & is_whole)
        self._take_positions(payloads.of(chosen), times[chosen], numbers[chosen], heard_by[chosen])
        chosen = np.flatnonzero(is_static & is_whole)
        lost[chosen[self._take_statics(payloads.of(chosen), times[chosen], numbers[chosen])]] = _UNDECODABLE
        chosen = np.flatnonzero(is_slow & is_whole)
        is_unknown = self._take_slow(payloads.of(chosen), times[chosen], numbers[chosen], heard_by[chosen])
        lost[chosen[is_unknown]] = _UNDECODABLE
        for message in np.flatnonzero(lost != _FINE).tolist():
            chain = places[first[message] : first[message + 1]].reshape(1, -1)
            self.lost.append((chain, TRUNCATED if lost[message] == _TRUNCATED else UNDECODABLE))

    def _times_of(self, places: Places, first: Places) -> NDArray[np.int64]:
        """Returns the time of the first sentence of each message that has one."""
        micros = self.sentences["micros"]
        times: NDArray[np.int64] = micros[places[first[:-1]]]
        for message in np.flatnonzero((times == NO_TIME) & (np.diff(first) > 1)).tolist():
            later = micros[places[first[message] : first[message + 1]]]
            times[message] = next((time for time in later.tolist() if time != NO_TIME), NO_TIME)
        return times

    def _stations_of(self, places: Places, first: Places) -> NDArray[np.int64]:
        """Returns the hash of the station of each message, 0 for none; all sentences of a message have the same."""
        stations: NDArray[np.int64] = self.sentences["station"][places[first[:-1]]]
        return stations

    def _is_owned(self, places: Places) -> NDArray[np.bool_]:
        return (places >= self.owned.start) & (places < self.owned.stop)

    def _numbers(self, places: Places | list[int]) -> Places:
        """Numbers in the file of the lines of some sentences."""
        numbers: Places = self.sentences["line"][places] + self.number_of_first
        return numbers

    def _take_positions(self, payloads: Payloads, micros: Places, numbers: Places, heard_by: Places) -> None:
        """Positions of fixed length."""
        found = decode_positions(payloads)
        columns = {name: pa.array(values) for name, values in vars(found).items()}
        columns["observed_at_utc"] = _times(micros)
        is_class_b = pa.array((found.message_type == CLASS_B).astype(np.int32))
        classes = pa.DictionaryArray.from_arrays(is_class_b, pa.array(["A", "B"]))
        columns["transceiver_class"] = classes.cast(pa.string())
        columns["station"] = self.station_names.of(heard_by)
        self.positions.append(with_lines(_conformed(columns, micros.size, raw_schema()), numbers))

    def _take_statics(self, payloads: Payloads, micros: Places, numbers: Places) -> NDArray[np.bool_]:
        """Takes the static reports; returns which messages are not static reports."""
        columns, arrival, is_unknown = decode_statics(payloads)
        columns["observed_at_utc"] = _times(micros)
        arrivals = eta_near(*arrival, micros)
        columns["eta_utc"] = pa.array(arrivals).cast(pa.timestamp("us", "UTC"))
        rows = with_lines(_conformed(columns, micros.size, static_schema()), numbers)
        self.statics.append(rows.filter(pa.array(~is_unknown)) if is_unknown.any() else rows)
        return is_unknown

    def _take_slow(
        self, payloads: Payloads, micros: Places, numbers: Places, heard_by: Places
    ) -> NDArray[np.bool_]:
        """Messages that pyais decodes; returns which it cannot."""
        fields = [decode_by_library(payloads, place) for place in range(micros.size)]
        rows = [row for row in fields if row is not None]
        is_unknown = np.array([row is None for row in fields], np.bool_)
        if rows:
            columns = {name: pa.array([row[name] for row in rows]) for name in rows[0]}
            columns["observed_at_utc"] = _times(micros[~is_unknown])
            columns["station"] = self.station_names.of(heard_by[~is_unknown])
            found = _conformed(columns, len(rows), raw_schema())
            self.positions.append(with_lines(found, numbers[~is_unknown]))
        return is_unknown

    def _line(self, place: int) -> str:
        sentence = self.sentences[place]
        return self.window.line(int(sentence["line_start"]), int(sentence["line_end"]))


def _rows(places: Places) -> Places:
    """Places as chains: those of shape (n,) are one sentence each."""
    return places.reshape(-1, 1) if places.ndim == 1 else places


def _times(micros: NDArray[np.int64]) -> pa.Array:
    return pa.array(micros, mask=micros == NO_TIME).cast(pa.timestamp("us", "UTC"))


def _conformed(columns: dict[str, pa.Array], rows: int, schema: pa.Schema) -> pa.Table:
    """Returns the columns of a schema; missing columns are null."""
    arrays = [
        columns[field.name].cast(field.type) if field.name in columns else pa.nulls(rows, field.type)
        for field in schema
    ]
    return pa.table(arrays, schema=schema)


def _together(tables: list[pa.Table], schema: pa.Schema) -> pa.Table:
    filled = [table for table in tables if table.num_rows]
    if len(filled) == 1:
        return filled[0]
    return pa.concat_tables(filled).combine_chunks() if filled else with_lines(schema.empty_table(), [])
