"""From a chunk of a file to rows with the columns of bronze."""

from collections.abc import Iterator
from typing import Final

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from ais_indicators.rules import Rules
from ais_indicators.sources.blocks import SourceBlock, together
from ais_indicators.sources.csv_blocks import RawRows, parse_lines
from ais_indicators.sources.files import Chunk
from ais_indicators.sources.json_lines import BLOCK_BYTES as OBJECT_BYTES
from ais_indicators.sources.json_lines import read_objects
from ais_indicators.sources.lines import LINE_FEED, count_line_feeds, line_length, rest_of_line
from ais_indicators.sources.nmea import read_nmea
from ais_indicators.sources.packing import readable

_BLOCK_BYTES: Final = 8 * 1024 * 1024
"""CSV bytes that are parsed at a time: small enough for the processor's cache."""

_BATCH_ROWS: Final = 65536


def read_chunk(chunk: Chunk, rules: Rules) -> Iterator[SourceBlock]:
    """Reads a chunk in blocks of some megabytes, in the order of the file.

    Raises:
        BadInputError: The file is damaged.
    """
    if chunk.layout.is_nmea:
        return _read_sentences(chunk, rules)
    if chunk.layout.is_json:
        return _read_objects(chunk, rules)
    return _read_row_groups(chunk, rules) if chunk.is_parquet else _read_lines(chunk, rules)


def _read_sentences(chunk: Chunk, rules: Rules) -> Iterator[SourceBlock]:
    with readable(chunk.source_name), chunk.path.open("rb") as stream:
        yield read_nmea(stream, chunk.start, chunk.end, chunk.first_number, chunk.layout.times, rules=rules)


def _read_lines(chunk: Chunk, rules: Rules) -> Iterator[SourceBlock]:
    """Yields rows of the lines that begin in the chunk."""
    shape = chunk.layout.csv_shape(chunk.source_name)
    number = chunk.first_number
    for lines in _line_blocks(chunk):
        yield together([chunk.layout.block(part, rules) for part in parse_lines(lines, shape, number)])
        number += count_line_feeds(lines)


def _read_objects(chunk: Chunk, rules: Rules) -> Iterator[SourceBlock]:
    """Yields rows of the JSON objects whose lines begin in the chunk."""
    number, mapping = chunk.first_number, chunk.layout.mapping
    assert mapping is not None, "a layout of JSON is a mapping"  # noqa: S101
    for lines in _line_blocks(chunk, OBJECT_BYTES):
        raw, of_sentences = read_objects(lines, mapping, number, rules)
        fields = chunk.layout.block(raw, rules)
        yield fields if of_sentences is None else together([fields, of_sentences])
        number += count_line_feeds(lines)


def _line_blocks(chunk: Chunk, block_bytes: int = _BLOCK_BYTES) -> Iterator[bytes]:
    """Yields the lines that begin in a chunk, in blocks of whole lines."""
    with readable(chunk.source_name), chunk.path.open("rb") as stream:
        position = chunk.start
        if position > chunk.first_line:  # the line that holds the byte before belongs to the chunk before
            stream.seek(position - 1)
            position += line_length(stream) - 1
        stream.seek(position)
        while position < chunk.end:
            lines = stream.read(min(block_bytes, chunk.end - position))
            if not lines:
                raise EOFError("it became shorter while it was read")
            position += len(lines)
            if not lines.endswith(LINE_FEED):
                rest, length = rest_of_line(stream)
                lines, position = lines + rest, position + length
            yield lines


def _read_row_groups(chunk: Chunk, rules: Rules) -> Iterator[SourceBlock]:
    """Yields rows of a Parquet file, some at a time."""
    kept = chunk.layout.kept_columns(chunk.source_name)
    groups, number = list(range(chunk.start, chunk.end)), chunk.first_number
    with readable(chunk.source_name), parquet.ParquetFile(chunk.path) as file:
        for batch in file.iter_batches(_BATCH_ROWS, row_groups=groups, columns=kept, use_threads=False):
            columns = [_without_broken_text(column) for column in batch.columns]
            table = pa.table(columns, names=batch.schema.names)
            numbers = np.arange(number, number + table.num_rows)
            yield chunk.layout.block(RawRows(chunk.layout.named(table), numbers), rules)
            number += table.num_rows


def _without_broken_text(values: pa.Array) -> pa.Array:
    """Returns a column unchanged, or as bytes if its text is not UTF-8, which Parquet's readers do not check."""
    is_coded = pa.types.is_dictionary(values.type)
    texts = values.dictionary if is_coded else values
    if texts.type not in (pa.string(), pa.large_string(), pa.string_view()):
        return values
    try:
        texts.cast(pa.binary()).cast(pa.string())
    except pa.ArrowInvalid:
        return texts.cast(pa.binary()).take(values.indices) if is_coded else texts.cast(pa.binary())
    return values
