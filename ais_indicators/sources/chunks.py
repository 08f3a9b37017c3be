"""From a chunk of a file to rows with the columns of bronze."""

from collections.abc import Iterator
from typing import Final

import pyarrow as pa
from pyarrow import parquet

from ais_indicators.sources.blocks import SourceBlock, together
from ais_indicators.sources.csv_blocks import parse_lines
from ais_indicators.sources.files import Chunk
from ais_indicators.sources.nmea import read_nmea
from ais_indicators.sources.packing import readable

_BLOCK_BYTES: Final = 8 * 1024 * 1024
"""CSV bytes that are parsed at a time: small enough for the processor's cache."""

_BATCH_ROWS: Final = 65536


def read_chunk(chunk: Chunk) -> Iterator[SourceBlock]:
    """Reads a chunk in blocks of some megabytes, in the order of the file.

    Raises:
        BadInputError: The file is damaged.
    """
    if chunk.layout.is_nmea:
        return _read_sentences(chunk)
    return _read_row_groups(chunk) if chunk.is_parquet else _read_lines(chunk)


def _read_sentences(chunk: Chunk) -> Iterator[SourceBlock]:
    with readable(chunk.source_name), chunk.path.open("rb") as stream:
        yield read_nmea(stream, chunk.start, chunk.end)


def _read_lines(chunk: Chunk) -> Iterator[SourceBlock]:
    """Rows of the lines that begin in the chunk."""
    shape = chunk.layout.csv_shape(chunk.source_name)
    for lines in _line_blocks(chunk):
        parts = [chunk.layout.block(part.table, part.unreadable) for part in parse_lines(lines, shape)]
        yield together(parts)


def _line_blocks(chunk: Chunk) -> Iterator[bytes]:
    """The lines that begin in a chunk, in blocks of whole lines."""
    with readable(chunk.source_name), chunk.path.open("rb") as stream:
        position = chunk.start
        if position > chunk.first_line:  # the line that holds the byte before belongs to the chunk before
            stream.seek(position - 1)
            position += len(stream.readline()) - 1
        stream.seek(position)
        while position < chunk.end:
            lines = stream.read(min(_BLOCK_BYTES, chunk.end - position))
            if not lines.endswith(b"\n"):
                lines += stream.readline()
            if not lines:
                return
            position += len(lines)
            yield lines


def _read_row_groups(chunk: Chunk) -> Iterator[SourceBlock]:
    """Rows of a Parquet file, some at a time."""
    kept = chunk.layout.kept_columns(chunk.source_name)
    groups = list(range(chunk.start, chunk.end))
    with readable(chunk.source_name), parquet.ParquetFile(chunk.path) as file:
        for batch in file.iter_batches(_BATCH_ROWS, row_groups=groups, columns=kept, use_threads=False):
            yield chunk.layout.block(chunk.layout.named(pa.Table.from_batches([batch])))
