"""Which layout a file has, and how a table under its own names becomes rows of bronze."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Self

import pyarrow as pa

from ais_indicators.contracts.row_rules import Mask
from ais_indicators.errors import BadInputError
from ais_indicators.rules import SHIPS, Rules, Subject
from ais_indicators.sources import noaa
from ais_indicators.sources.blocks import SourceBlock, unreadable_rows, with_lines
from ais_indicators.sources.csv_blocks import CsvShape, RawRows, parse_lines
from ais_indicators.sources.geometry import GEOMETRY
from ais_indicators.sources.heartbeats import LAYOUT as HEARTBEAT
from ais_indicators.sources.heartbeats import heartbeat_block, heartbeat_shape, looks_like_heartbeat
from ais_indicators.sources.json_lines import looks_like_json, paths_in, places_of
from ais_indicators.sources.lines import LINE_FEED
from ais_indicators.sources.lost_digits import quarantined, without_lost_digits
from ais_indicators.sources.mapping import (
    Mapping,
    choose_format,
    feed_columns,
    file_columns,
    first_texts,
    open_columns,
    shipped_mappings,
    to_rows,
    with_formats,
    without_surrogates,
)
from ais_indicators.sources.nmea import LAYOUT as NMEA
from ais_indicators.sources.nmea import looks_like_nmea
from ais_indicators.sources.packing import header_line, header_names
from ais_indicators.sources.row_shape import header_of_rows
from ais_indicators.sources.table_zones import in_zone
from ais_indicators.sources.texts import DECIMAL
from ais_indicators.sources.unknown import (
    refuse_json_array,
    refuse_near_miss,
    refuse_odd_header,
    refuse_other_delimiter,
    refuse_unknown_json,
    refuse_unreadable_text,
)
from ais_indicators.sources.zones import UTC_TIMES, SourceTimes

MMSI: Final = "mmsi"
OBSERVED_AT: Final = "observed_at_utc"
TIMESTAMP_UNREADABLE: Final = "timestamp_unreadable"
_PLACES: Final = ("latitude", "longitude")
"""Columns of which nearly every value is another, so that coding them would only cost."""


@dataclass(frozen=True)
class Layout:
    """How a table or log is written.

    Attributes:
        name: Such as `noaa_2018`, `nmea`, or that of a mapping.
        header: Names of its columns; none in a log of sentences.
        mapping: What it is read by, where no code of ours is.
        times: How its source writes times, of a layout without a mapping.
    """

    name: str
    header: tuple[str, ...]
    mapping: Mapping | None = None
    times: SourceTimes = UTC_TIMES

    @property
    def subject(self) -> Subject:
        """Returns the subject of its messages."""
        return SHIPS if self.mapping is None else self.mapping.subject

    @property
    def is_nmea(self) -> bool:
        """Returns whether it is a log of sentences."""
        return self.name == NMEA

    @property
    def is_json(self) -> bool:
        """Returns whether it has an object of JSON a line."""
        return self.mapping is not None and self.mapping.format == "json"

    @property
    def has_header(self) -> bool:
        """Returns whether the first line names the columns."""
        return not (self.is_nmea or self.is_json)

    def csv_shape(self, file_name: str) -> CsvShape:
        """Returns how lines of CSV are read."""
        if self.name == HEARTBEAT:
            return heartbeat_shape(self.header)
        if self.mapping is None:
            return noaa.csv_shape(self.header)
        places = feed_columns(self.mapping, self.header, file_name)
        kept = set(self.kept_columns(file_name))
        names = tuple(name if name in kept else None for name in self.header)
        types = {places[name]: pa.string() for name in _PLACES if name in places}
        return CsvShape(names, types, self.mapping.delimiter)

    def kept_columns(self, file_name: str) -> list[str]:
        """Returns the file's columns that are read, in its order."""
        if self.mapping is None:
            bronze = noaa.bronze_names(self.header)
            return [name for name, ours in zip(self.header, bronze, strict=True) if ours]
        kept = file_columns(self.mapping, self.header, file_name)
        return [name for name in self.header if name in kept]

    def named(self, table: pa.Table) -> pa.Table:
        """Returns a table under its file's names, under those that `block` asks for."""
        return noaa.raw_table(table) if self.mapping is None else table

    def block(self, raw: RawRows, rules: Rules) -> SourceBlock:
        """Returns rows of bronze of a table as read.

        Args:
            raw: Columns under the file's own names, or under those of bronze as NOAA's CSV is read, and the lines that
                could not be read.
            rules: Rules of the lake's subject.

        Raises:
            TypeError: A column's type cannot hold its values (of Parquet; also `ArrowException`).
        """
        if self.name == HEARTBEAT:
            return heartbeat_block(raw)
        lost = unreadable_rows(raw.unreadable, raw.unreadable_lines)
        if (column := self._mmsi_column(raw.table)) is not None:
            raw, without_digits = without_lost_digits(raw, column)
            lost = lost if without_digits is None else pa.concat_tables([lost, without_digits])
        if self.mapping is None:
            positions = without_surrogates(noaa.to_bronze(raw.table, self.name, rules), rules)
            numbered = with_lines(positions, raw.lines)
            return SourceBlock(numbered, lost) if self.times.is_utc else in_zone(numbered, lost, self.times)
        rows = to_rows(raw.table, self.mapping, rules)
        if rows.is_unreadable is not None:
            lost = pa.concat_tables([lost, quarantined(raw, rows.is_unreadable, TIMESTAMP_UNREADABLE)])
        return SourceBlock(
            _with_time(rows.positions, raw, rows.is_position, rows.is_unreadable),
            lost,
            _with_time(rows.statics, raw, rows.is_static, rows.is_unreadable),
            dict(rows.set_aside),
        )

    def with_forms(self, file_name: str, beginning: Callable[[], pa.Table | None]) -> Self:
        """Returns the layout with the one format in which a file writes its times.

        Args:
            file_name: What to call the file in messages.
            beginning: Reads the first rows of the file, under its own names; None if there are none.

        Raises:
            BadInputError: The first rows fit formats that contradict each other.
        """
        if self.mapping is None or not (names := open_columns(self.mapping)):
            return self
        table, formats = beginning(), dict[str, str]()
        first = self.mapping.columns[OBSERVED_AT].time_format
        usual = first[0] if len(first) == 1 else None
        for name in sorted(names, key=lambda name: name != OBSERVED_AT):
            options = self.mapping.columns[name].time_format
            texts = None if table is None else first_texts(table, self.mapping, name)
            formats[name] = (
                options[0] if texts is None else choose_format(texts, options, name, file_name, usual)
            )
            usual = formats[name] if name == OBSERVED_AT else usual
        return replace(self, mapping=with_formats(self.mapping, formats))

    def _mmsi_column(self, table: pa.Table) -> str | None:
        """Returns the column of a table whose MMSIs can lose digits: none where they are hashes or in base 16."""
        if self.mapping is None:
            return MMSI
        mapped = self.mapping.columns[MMSI]
        if mapped.base != DECIMAL or mapped.hashed:
            return None
        return feed_columns(self.mapping, table.column_names, self.name).get(MMSI)


def layout_of(file_name: str, start: bytes, mappings: Sequence[Mapping]) -> Layout:
    """Recognises a log or CSV by its beginning.

    Args:
        file_name: What to call it in messages.
        start: Its first bytes.
        mappings: The office's own; they come before the shipped ones.

    Raises:
        BadInputError: No layout fits.
    """
    refuse_unreadable_text(file_name, start)
    line, known = header_line(start), (*mappings, *shipped_mappings())
    if looks_like_json(start):
        return _json_layout(file_name, start, [mapping for mapping in known if mapping.format == "json"])
    header = header_names(line)
    if looks_like_heartbeat(header):
        return Layout(HEARTBEAT, header)
    known = tuple(mapping for mapping in known if mapping.format != "json")
    found = _mapped(file_name, lambda mapping: header_names(line, mapping.delimiter), known)
    if found is None and not noaa.has_needed_columns(header):
        if looks_like_nmea(start):  # asked last, for a ship's name in a table may look like a sentence
            return Layout(NMEA, ())
        refuse_odd_header(file_name, start)
        refuse_other_delimiter(file_name, start, known)
    layout = _with_rows(found or _noaa(file_name, header, known), file_name, start[len(line) :])
    return layout.with_forms(file_name, lambda: _first_rows(layout, file_name, start[len(line) :]))


def _with_rows(layout: Layout, file_name: str, lines: bytes) -> Layout:
    """Returns the layout with a header that fits the first rows; of NOAA only with places in columns of their own."""
    if layout.mapping is None and GEOMETRY in noaa.bronze_names(layout.header):
        raise BadInputError(
            f"{file_name}: its places are in a column {GEOMETRY}, which is read from Parquet alone; write columns LAT "
            "and LON"
        )
    delimiter = "," if layout.mapping is None else layout.mapping.delimiter
    return replace(layout, header=header_of_rows(file_name, layout.header, lines, delimiter))


def _json_layout(file_name: str, start: bytes, mappings: Sequence[Mapping]) -> Layout:
    """Returns the layout of a file of JSON by the paths of its first objects."""
    refuse_json_array(file_name, start)
    paths = paths_in(start)
    mapping = next((one for one in mappings if one.recognises(paths)), None)
    if mapping is None:
        refuse_unknown_json(file_name, paths, mappings)
    return Layout(mapping.layout, tuple(names[0] for names in places_of(mapping)), mapping)


def _with_time(rows: pa.Table, raw: RawRows, mask: Mask, is_unreadable: Mask | None) -> pa.Table:
    """Returns rows of one table with their lines, without those whose time cannot be read."""
    numbered = with_lines(rows, raw.lines[mask])
    return numbered if is_unreadable is None else numbered.filter(pa.array(~is_unreadable[mask]))


def _first_rows(layout: Layout, file_name: str, lines: bytes) -> pa.Table | None:
    """Returns the first complete lines of a CSV after its header, as read; None for none."""
    complete = lines[: lines.rfind(LINE_FEED) + 1] or lines
    parts = [part.table for part in parse_lines(complete, layout.csv_shape(file_name)) if part.table.num_rows]
    return pa.concat_tables(parts, promote_options="permissive") if parts else None


def layout_of_columns(file_name: str, header: Sequence[str], mappings: Sequence[Mapping]) -> Layout:
    """Recognises a Parquet file by its columns.

    Raises:
        BadInputError: No layout fits.
    """
    known = (*mappings, *shipped_mappings())
    return _mapped(file_name, lambda _: tuple(header), known) or _noaa(file_name, tuple(header), known)


def _mapped(
    file_name: str, header_for: Callable[[Mapping], tuple[str, ...]], mappings: Sequence[Mapping]
) -> Layout | None:
    """Returns the first mapping that knows its header."""
    for mapping in mappings:
        names = header_for(mapping)
        if mapping.recognises(names):
            file_columns(mapping, names, file_name)
            return Layout(mapping.layout, names, mapping)
    return None


def _noaa(file_name: str, header: tuple[str, ...], mappings: Sequence[Mapping]) -> Layout:
    """Returns a layout of NOAA."""
    if not noaa.has_needed_columns(header):
        refuse_near_miss(file_name, header, mappings)
    return Layout(noaa.recognise(header, file_name), header)
