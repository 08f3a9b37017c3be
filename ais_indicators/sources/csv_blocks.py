"""Converts complete lines of CSV to columns: typed and at once if they are well formed, else line by line.

One bad line would fail the typed parse of its complete block. Such a block is split until the bad line is in a small
part, and only that one is read line by line: the others lose only some milliseconds.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv as arrow_csv

from ais_indicators.sources.lines import LINE_FEED, LONGEST_LINE_BYTES, count_line_feeds, may_hold_long_line
from ais_indicators.sources.texts import EMPTY_TEXTS

_PARTS: Final = 8
"""Into how many parts a block is cut when its typed parse fails."""

_LINE_BY_LINE_BYTES: Final = 16 * 1024
"""Up to this size a failed block is read line by line."""

_QUOTE: Final = b'"'
_RETURN: Final = b"\r"
_DICTIONARY: Final = pa.dictionary(pa.int32(), pa.string())


@dataclass(frozen=True)
class CsvShape:
    """How the lines of a file are to be read.

    Attributes:
        names: Name to give each field; None for a field that is not kept.
        types: Type of fields that are parsed straight; the others hold few distinct texts, interpreted later.
        delimiter: Separator of fields.
    """

    names: tuple[str | None, ...]
    types: Mapping[str, pa.DataType]
    delimiter: str = ","

    @property
    def kept(self) -> list[str]:
        """Names of the fields that are kept."""
        return [name for name in self.names if name]


@dataclass(frozen=True)
class RawRows:
    """Lines as read.

    Attributes:
        table: One row per line that has the header's number of fields, under the shape's names.
        lines: Number of each row's line.
        unreadable: The other lines, as they stand in the file; of longer ones than the longest the beginning.
        unreadable_lines: Their numbers.
    """

    table: pa.Table
    lines: NDArray[np.int64]
    unreadable: list[str] = field(default_factory=list)
    unreadable_lines: list[int] = field(default_factory=list)


def parse_lines(lines: bytes, shape: CsvShape, first: int = 1) -> Iterator[RawRows]:
    """Reads whole lines without their header; none is lost, empty ones apart.

    Args:
        lines: Lines that end in a line feed, the last one perhaps without. Line feeds inside quotes are not
            understood: such lines are unreadable.
        shape: How to read them.
        first: Number of the first of them in its file. Lines end with a line feed, as editors count.
    """
    if not may_hold_long_line(lines):
        yield from _parse_short_lines(lines, shape, first)
        return
    for is_long, run in groupby(_numbered(lines, first), lambda line: _is_long(line[1])):
        part = list(run)
        if is_long:
            numbers, long = zip(*part, strict=True)
            yield RawRows(
                _no_rows(shape), np.empty(0, np.int64), [_shown(line) for line in long], list(numbers)
            )
        else:
            yield from _parse_short_lines(b"".join(line for _, line in part), shape, part[0][0])


def _numbered(lines: bytes, first: int) -> Iterator[tuple[int, bytes]]:
    """Yields each line with its end, and its number."""
    for line in lines.splitlines(keepends=True):
        yield first, line
        first += line.endswith(LINE_FEED)


def _is_long(line: bytes) -> bool:
    return len(line.rstrip(b"\r\n")) > LONGEST_LINE_BYTES


def _shown(line: bytes) -> str:
    return line.rstrip(b"\r\n")[:LONGEST_LINE_BYTES].decode(errors="backslashreplace")


def _no_rows(shape: CsvShape) -> pa.Table:
    return pa.table({name: pa.array([], pa.binary()) for name in shape.kept})


def _parse_short_lines(lines: bytes, shape: CsvShape, first: int) -> Iterator[RawRows]:
    whole = _parse_typed(lines, shape, first)
    if whole is not None:
        yield whole
        return
    parts = list(cut_lines(lines, max(len(lines) // _PARTS, 1)))
    if len(lines) <= _LINE_BY_LINE_BYTES or len(parts) == 1:
        yield _parse_line_by_line(lines, shape, first)
        return
    for part in parts:
        yield from _parse_short_lines(part, shape, first)
        first += part.count(LINE_FEED)


def cut_lines(lines: bytes, target_bytes: int) -> Iterator[bytes]:
    """Cuts whole lines into parts of about a size, each of whole lines."""
    start = 0
    while start < len(lines):
        feed = lines.find(b"\n", min(start + target_bytes, len(lines)) - 1)
        end = len(lines) if feed < 0 else feed + 1
        yield lines[start:end]
        start = end


def _parse_typed(lines: bytes, shape: CsvShape, first: int) -> RawRows | None:
    """Reads all lines at once; None if one of them is not well formed."""
    if not _is_utf8(lines):
        return None
    has_quotes = _QUOTE in lines
    unreadable: list[tuple[int, str]] = []
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(lines),
            arrow_csv.ReadOptions(use_threads=False, block_size=len(lines), column_names=_field_names(shape)),
            arrow_csv.ParseOptions(
                delimiter=shape.delimiter,
                quote_char='"' if has_quotes else False,
                invalid_row_handler=_collector(unreadable),
            ),
            _convert_options(shape),
        )
    except pa.ArrowInvalid:
        return None
    if has_quotes and _has_open_quote(lines, table.num_rows + len(unreadable), shape.delimiter):
        return None
    filled = _filled_lines(lines, table.num_rows + len(unreadable)) + first
    places = [place - 1 for place, _ in unreadable]
    return RawRows(
        table, np.delete(filled, places), [line for _, line in unreadable], filled[places].tolist()
    )


def _filled_lines(lines: bytes, expected: int) -> NDArray[np.int64]:
    """Places of the lines that are not empty, from 0.

    A lone carriage return ends a row but not a line, so its rows share a place. Where there is one, as many rows as
    lines do not mean that each line holds one row: another line may be empty.
    """
    has_row_each = count_line_feeds(lines) + (not lines.endswith(LINE_FEED)) == expected
    if has_row_each and not _has_lone_return(lines):
        return np.arange(expected)
    numbered = _numbered(lines, 0)
    return np.array([number for number, line in numbered if line.strip(b"\r\n")], np.int64)


def _has_lone_return(lines: bytes) -> bool:
    return _RETURN in lines and lines.count(_RETURN) != lines.count(_RETURN + LINE_FEED)


def _has_open_quote(lines: bytes, lines_read: int, delimiter: str) -> bool:
    """Returns whether an open quote swallowed line ends, or is in the last line, where it can swallow none."""
    filled = [line for line in lines.splitlines() if line]
    return lines_read != len(filled) or _fields(filled[-1], delimiter) is None


def _is_utf8(lines: bytes) -> bool:
    if lines.isascii():
        return True
    try:
        lines.decode()
    except UnicodeDecodeError:
        return False
    return True


def _field_names(shape: CsvShape) -> list[str]:
    """Returns the shape's names, with numbered ones for fields that are not kept."""
    return [name or f"field {place}" for place, name in enumerate(shape.names)]


def _convert_options(shape: CsvShape) -> Any:
    kept = shape.kept
    return arrow_csv.ConvertOptions(
        include_columns=kept,
        column_types={name: shape.types.get(name, _DICTIONARY) for name in kept},
        null_values=list(EMPTY_TEXTS),
        timestamp_parsers=[arrow_csv.ISO8601],
    )


def _collector(unreadable: list[tuple[int, str]]) -> Any:
    def collect(row: Any) -> str:
        unreadable.append(
            (row.number, row.text.rstrip("\r\n"))
        )  # its place among the lines that are not empty
        return "skip"

    return collect


def _parse_line_by_line(lines: bytes, shape: CsvShape, first: int) -> RawRows:
    """Reads each line separately and leaves all fields as bytes."""
    rows: list[list[bytes]] = []
    numbers: list[int] = []
    unreadable: list[tuple[int, str]] = []
    for number, ended in _numbered(lines, first):
        line = ended.rstrip(b"\r\n")
        fields = _fields(line, shape.delimiter)
        if fields is not None and len(fields) == len(shape.names):
            rows.append(fields)
            numbers.append(number)
        elif line:
            unreadable.append((number, _shown(line)))
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(shape.names)
    kept = {n: pa.array(c, pa.binary()) for n, c in zip(shape.names, columns, strict=True) if n}
    return RawRows(
        pa.table(kept),
        np.array(numbers, np.int64),
        [line for _, line in unreadable],
        [number for number, _ in unreadable],
    )


def _fields(line: bytes, delimiter: str) -> list[bytes] | None:
    """Returns the fields of one line; None where a quote stays open."""
    if _QUOTE not in line:
        return line.split(delimiter.encode())
    text = line.decode(errors="surrogateescape")
    try:
        parsed = list(csv.reader([text, ""], delimiter=delimiter))
    except csv.Error:
        return None
    if len(parsed) == 1:  # an open quote has swallowed the empty line
        return None
    return [field.encode(errors="surrogateescape") for field in parsed[0]]
