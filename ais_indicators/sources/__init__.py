"""Taking in source files: from a file of any known layout to rows with the columns of bronze.

source = inspect(path)
for chunk in plan(source, scratch_dir):
    for block in read_chunk(chunk):
        split = apply_row_rules(block.rows, BRONZE_MESSAGES, delivered_at)
"""

from ais_indicators.sources.blocks import (
    BASE_STATION_SCHEMA,
    BRONZE_BASE_STATIONS,
    BRONZE_HEARTBEATS,
    BRONZE_MESSAGES,
    BRONZE_STATICS,
    FILE_LINE,
    SourceBlock,
    raw_schema,
)
from ais_indicators.sources.chunks import read_chunk
from ais_indicators.sources.files import (
    Chunk,
    SourceFile,
    guess_delivery,
    inspect,
    likely_delivery,
    modified_at,
    plan,
)

__all__ = [
    "BASE_STATION_SCHEMA",
    "BRONZE_BASE_STATIONS",
    "BRONZE_HEARTBEATS",
    "BRONZE_MESSAGES",
    "BRONZE_STATICS",
    "FILE_LINE",
    "Chunk",
    "SourceBlock",
    "SourceFile",
    "guess_delivery",
    "inspect",
    "likely_delivery",
    "modified_at",
    "plan",
    "raw_schema",
    "read_chunk",
]
