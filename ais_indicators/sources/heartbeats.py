"""Heartbeat files of `ais-indicators receive`: what each station delivered in a period."""

from collections.abc import Sequence
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from ais_indicators.sources.blocks import (
    SourceBlock,
    heartbeat_schema,
    raw_schema,
    unreadable_rows,
    with_lines,
)
from ais_indicators.sources.csv_blocks import CsvShape, RawRows

LAYOUT: Final = "receiver_heartbeat"
_TIME_FORMAT: Final = "%Y-%m-%dT%H:%M:%SZ"
_NUMBER: Final = r"^-?\d{1,15}(\.\d{1,6})?$"


def looks_like_heartbeat(header: Sequence[str]) -> bool:
    """Returns whether a file has the columns of a heartbeat."""
    names: list[str] = heartbeat_schema().names
    return list(header) == names


def heartbeat_shape(header: Sequence[str]) -> CsvShape:
    """Returns how its lines are read: as text, so that one bad value costs one row."""
    return CsvShape(tuple(header), {name: pa.string() for name in header})


def heartbeat_block(raw: RawRows) -> SourceBlock:
    """Converts lines to rows; a value that cannot be read is null, and the row rules quarantine its row."""
    columns = [
        _converted(raw.table[field.name].cast(pa.string()), field.type) for field in heartbeat_schema()
    ]
    rows = pa.table(columns, schema=heartbeat_schema())
    return SourceBlock(
        with_lines(raw_schema().empty_table(), []),
        unreadable_rows(raw.unreadable, raw.unreadable_lines),
        heartbeats=with_lines(rows, raw.lines),
    )


def _converted(texts: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    """Reads texts as values of a type; null where a text is none."""
    if pa.types.is_string(kind):
        return pc.if_else(pc.equal(texts, ""), None, texts)
    if pa.types.is_timestamp(kind):
        times = pc.strptime(texts, format=_TIME_FORMAT, unit="us", error_is_null=True)
        return pc.assume_timezone(times, "UTC")
    numbers = pc.if_else(pc.match_substring_regex(texts, _NUMBER), texts, None).cast(pa.float64())
    if pa.types.is_integer(kind):
        numbers = pc.if_else(pc.equal(pc.floor(numbers), numbers), numbers, None)
    return numbers.cast(kind)
