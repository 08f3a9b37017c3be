"""One column of bronze from several of a feed: a sum, a date and a time, or the parts of an announced arrival."""

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ais_indicators.contracts.row_rules import Mask
from ais_indicators.sources.mapping.columns import (
    ReadColumn,
    Reading,
    as_texts,
    either,
    read_column,
    without_marks,
)
from ais_indicators.sources.mapping.yearless import codes_of_parts

_BLANK: Final = " "


def read_combined(columns: Sequence[pa.Array], reading: Reading) -> ReadColumn:
    """Reads several columns of a feed as one. A row in which one of them is missing has no value.

    Args:
        columns: As they were read from the file, each of shape (n,), in the order of the mapping file.
        reading: What they are to become.

    Raises:
        TypeError: An Arrow type holds no such values.
    """
    if reading.mapped.join:
        return read_column(joined_texts(columns, reading), reading)
    if reading.mapped.sum:
        return _added([read_column(column, reading) for column in columns])
    parts = [read_column(column, replace(reading, kind="long")) for column in columns]
    return _arrivals(parts)


def joined_texts(columns: Sequence[pa.Array], reading: Reading) -> pa.Array:
    """Joins the texts of columns with a blank; null if one of them means "not available"."""
    texts = [without_marks(_plain_texts(column), reading) for column in columns]
    return pc.binary_join_element_wise(*texts, _BLANK)


def _plain_texts(column: pa.Array) -> pa.Array:
    """Returns a column as text; dates and times of a day as ISO 8601 writes them."""
    if pa.types.is_date(column.type) or pa.types.is_time(column.type):
        return column.cast(pa.string())
    return as_texts(column)


def _added(parts: Sequence[ReadColumn]) -> ReadColumn:
    return ReadColumn(reduce(pc.add, (part.values for part in parts)), _any_unreadable(parts))


def _arrivals(parts: Sequence[ReadColumn]) -> ReadColumn:
    """Returns arrivals as numbers MMDDHHmm."""
    numbers = (part.values.fill_null(0).to_numpy().astype(np.int64) for part in parts)
    missing = reduce(np.logical_or, (part.values.is_null().to_numpy(zero_copy_only=False) for part in parts))
    return ReadColumn(pa.array(codes_of_parts(*numbers), pa.int64(), mask=missing), _any_unreadable(parts))


def _any_unreadable(parts: Sequence[ReadColumn]) -> Mask | None:
    return reduce(either, (part.unreadable for part in parts))
