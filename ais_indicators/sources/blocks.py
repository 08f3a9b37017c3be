"""What a source gives: rows with the columns of bronze, and lines that could not be read."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike

from ais_indicators.contracts.row_rules import REJECT_REASONS
from ais_indicators.contracts.types import arrow_schema

BRONZE_MESSAGES: Final = "bronze.ais_messages"
BRONZE_STATICS: Final = "bronze.ais_static_messages"
BRONZE_HEARTBEATS: Final = "bronze.receiver_heartbeats"
BRONZE_BASE_STATIONS: Final = "bronze.base_station_reports"
UNREADABLE_ROW: Final = "unreadable_row"
RAW_ROW: Final = "raw_row"
STATION: Final = "station"
FILE_LINE: Final = "file_line"
"""Column in addition to those of the contract: line of a row in its file, from 1; in Parquet its row."""

_LONGEST_RAW_ROW: Final = 4096
"""Characters of a line that quarantine keeps: enough to see what it was."""


@cache
def raw_schema() -> pa.Schema:
    """Returns columns of position rows: the contract's without the partitions and the file's hash."""
    return _raw(BRONZE_MESSAGES)


@cache
def static_schema() -> pa.Schema:
    """Returns columns of static reports: the contract's without the partitions and the file's hash."""
    return _raw(BRONZE_STATICS)


@cache
def heartbeat_schema() -> pa.Schema:
    """Returns columns of a receiver's heartbeat: the contract's without the file's hash."""
    return _raw(BRONZE_HEARTBEATS)


BASE_STATION_SCHEMA: Final = pa.schema(
    [
        ("mmsi", pa.int64()),
        ("station", pa.string()),
        ("observed_at_utc", pa.timestamp("us", "UTC")),
        ("clock_offset_seconds", pa.int64()),
    ]
)
"""Columns of base station reports as they are heard: of `bronze.base_station_reports`, one row per report."""


@dataclass(frozen=True)
class SourceBlock:
    """Some rows of a chunk, before the row rules. All counts together are the rows that were read.

    Attributes:
        rows: One row per position message, with the columns of `raw_schema` and `file_line`.
        unreadable: One row per line that could not be read into columns: those of `rows`, all null but `file_line` and
            the time where it is known, `reject_reasons` and the line itself as `raw_row`.
        statics: One row per static report, with the columns of `static_schema` and `file_line`.
        set_aside: Messages that are none of a ship's position or identity, by what they are.
        heartbeats: One row per station and period, with the columns of `heartbeat_schema` and `file_line`.
        base_stations: One row per base station report of a named station, with the columns of `BASE_STATION_SCHEMA`;
            the reports are counted in `set_aside` too.
    """

    rows: pa.Table
    unreadable: pa.Table
    statics: pa.Table = field(default_factory=lambda: with_lines(static_schema().empty_table(), []))
    set_aside: dict[str, int] = field(default_factory=dict)
    heartbeats: pa.Table = field(default_factory=lambda: with_lines(heartbeat_schema().empty_table(), []))
    base_stations: pa.Table = field(default_factory=BASE_STATION_SCHEMA.empty_table)

    @property
    def by_table(self) -> tuple[tuple[str, pa.Table], ...]:
        """Returns rows by the table of bronze that they are for."""
        return (
            (BRONZE_MESSAGES, self.rows),
            (BRONZE_STATICS, self.statics),
            (BRONZE_HEARTBEATS, self.heartbeats),
        )


def together(parts: Sequence[SourceBlock]) -> SourceBlock:
    """Returns one block of several, in their order."""
    if len(parts) == 1:
        return parts[0]
    set_aside: Counter[str] = Counter()
    for part in parts:
        set_aside.update(part.set_aside)
    return SourceBlock(
        pa.concat_tables([part.rows for part in parts]).combine_chunks(),
        pa.concat_tables([part.unreadable for part in parts]),
        pa.concat_tables([part.statics for part in parts]).combine_chunks(),
        dict(set_aside),
        pa.concat_tables([part.heartbeats for part in parts]).combine_chunks(),
        pa.concat_tables([part.base_stations for part in parts]).combine_chunks(),
    )


def with_lines(rows: pa.Table, numbers: ArrayLike) -> pa.Table:
    """Returns rows with the number of the line of each."""
    return rows.append_column(FILE_LINE, pa.array(np.asarray(numbers, np.int64)))


def unreadable_rows(
    lines: Sequence[str],
    numbers: ArrayLike,
    reasons: Sequence[str] | None = None,
    times: pa.Array | None = None,
) -> pa.Table:
    """Returns rows for quarantine of lines that could not be read.

    Args:
        lines: The lines as delivered.
        numbers: Number of each line in its file.
        reasons: Why, a line each; without them `unreadable_row`.
        times: `observed_at_utc` of the lines, where known.
    """
    columns = {f.name: pa.nulls(len(lines), f.type) for f in raw_schema()}
    if times is not None:
        columns["observed_at_utc"] = times
    columns[REJECT_REASONS] = pa.array(reasons or [UNREADABLE_ROW] * len(lines), pa.string())
    columns[RAW_ROW] = pa.array([line[:_LONGEST_RAW_ROW] for line in lines], pa.string())
    return with_lines(pa.table(columns), numbers)


def _raw(table: str) -> pa.Schema:
    fields = [f for f in arrow_schema(table, with_partitions=False) if f.name != "file_sha256"]
    return pa.schema([f.with_nullable(True) for f in fields])
