"""Converts the times of a table from the zone that its source declares to UTC.

Rows of a table are in no order of time, so those of the hour that comes twice in autumn have a reason.
"""

import json

import numpy as np
import pyarrow as pa

from ais_indicators.sources.blocks import FILE_LINE, SourceBlock, unreadable_rows
from ais_indicators.sources.zones import (
    FINE,
    REPEATED,
    REPEATED_HOUR,
    SKIPPED_HOUR,
    SourceTimes,
    offsets_of,
    zone_named,
)

_TIME = "observed_at_utc"


def in_zone(rows: pa.Table, lost: pa.Table, times: SourceTimes) -> SourceBlock:
    """Converts the times of rows; those that cannot be converted join the lost ones, as JSON.

    Args:
        rows: Rows with the columns of `raw_schema`, their times as written, and their lines.
        lost: Rows that could not be read.
        times: What the source declares.
    """
    column = rows[_TIME].combine_chunks()
    is_known = column.is_valid().to_numpy(zero_copy_only=False)
    local = column.cast(pa.int64()).fill_null(0).to_numpy()
    east, _, states = offsets_of(local, zone_named(times.time_zone))
    converted = pa.array(local - east, mask=~is_known).cast(column.type)
    is_fine = (states == FINE) | ~is_known
    place = rows.column_names.index(_TIME)
    kept = rows.set_column(place, rows.schema.field(_TIME), converted)
    if is_fine.all():
        return SourceBlock(kept, lost)
    bad = rows.filter(pa.array(~is_fine))
    reasons = np.where(states[~is_fine] == REPEATED, REPEATED_HOUR, SKIPPED_HOUR).tolist()
    numbers = bad[FILE_LINE].to_numpy()
    written = [
        json.dumps({name: value for name, value in row.items() if value is not None}, default=str)
        for row in bad.drop_columns([FILE_LINE]).to_pylist()
    ]
    lines = unreadable_rows(written, numbers, reasons).select(lost.column_names)
    return SourceBlock(kept.filter(pa.array(is_fine)), pa.concat_tables([lost, lines]))
