"""From a chunk of a file to rows with the columns of bronze."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import pyarrow as pa
from pyarrow import parquet

from ais_indicators.contracts.row_rules import REJECT_REASONS
from ais_indicators.sources.csv_blocks import parse_lines
from ais_indicators.sources.files import Chunk
from ais_indicators.sources.noaa import bronze_names, raw_schema, raw_table, to_bronze
from ais_indicators.sources.packing import readable

UNREADABLE_ROW: Final = "unreadable_row"
RAW_ROW: Final = "raw_row"

_BLOCK_BYTES: Final = 8 * 1024 * 1024
"""CSV bytes that are parsed at a time: small enough for the processor's cache."""

_BATCH_ROWS: Final = 65536


@dataclass(frozen=True)
class SourceBlock:
    """Some rows of a chunk, before the row rules. Both counts together are the lines that were read.

    Attributes:
        rows: One row a message, with the columns of `raw_schema`.
        unreadable: One row a line that could not be read into columns: those of `raw_schema`, all null,
            `reject_reasons` and the line itself as `raw_row`.
    """

    rows: pa.Table
    unreadable: pa.Table


def read_chunk(chunk: Chunk) -> Iterator[SourceBlock]:
    """Reads a chunk in blocks of some megabytes, in the order of the file.

    Raises:
        BadInputError: The file is damaged.
    """
    return _read_row_groups(chunk) if chunk.is_parquet else _read_lines(chunk)


def _read_lines(chunk: Chunk) -> Iterator[SourceBlock]:
    """Rows of the lines that begin in the chunk."""
    for lines in _line_blocks(chunk):
        parts = list(parse_lines(lines, chunk.header))
        rows = pa.concat_tables([to_bronze(part.table, chunk.layout) for part in parts])
        yield SourceBlock(
            rows=rows.combine_chunks(),
            unreadable=_unreadable([line for part in parts for line in part.unreadable]),
        )


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
    kept = [name for name, bronze in zip(chunk.header, bronze_names(chunk.header), strict=True) if bronze]
    groups = list(range(chunk.start, chunk.end))
    with readable(chunk.source_name), parquet.ParquetFile(chunk.path) as file:
        for batch in file.iter_batches(_BATCH_ROWS, row_groups=groups, columns=kept, use_threads=False):
            rows = to_bronze(raw_table(pa.Table.from_batches([batch])), chunk.layout)
            yield SourceBlock(rows, _unreadable([]))


def _unreadable(lines: list[str]) -> pa.Table:
    """Rows for quarantine of lines that could not be read."""
    columns = {field.name: pa.nulls(len(lines), field.type) for field in raw_schema()}
    columns[REJECT_REASONS] = pa.array([UNREADABLE_ROW] * len(lines), pa.string())
    columns[RAW_ROW] = pa.array(lines, pa.string())
    return pa.table(columns)
