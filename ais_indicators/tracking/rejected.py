"""Rows of quarantine for the messages of a day that the fold rejects."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ais_indicators.fold.records import ACCEPTED, REJECT_REASONS


def rejected_rows(
    rows: pa.Table, code: NDArray[np.int8], left_out: Sequence[tuple[str, pa.Table]], columns: Sequence[str]
) -> tuple[pa.Table, Counter[str]]:
    """Returns the rows of `quarantine.messages` of a day, and their number by reason.

    Args:
        rows: The messages that the kernel was given.
        code: Its verdict on each.
        left_out: The messages that it was not given, by reason.
        columns: Columns of the messages to keep.
    """
    lost = np.flatnonzero(code != ACCEPTED)
    reasons = [REJECT_REASONS[int(verdict)] for verdict in code[lost]]
    reasons += [reason for reason, part in left_out for _ in range(part.num_rows)]
    parts = [rows.select(columns).take(pa.array(lost)), *(part.select(columns) for _, part in left_out)]
    rejected = pa.concat_tables(parts).append_column("reject_reasons", pa.array(reasons, pa.string()))
    for name, kind in (("raw_row", pa.string()), ("file_line", pa.int64()), ("file_sha256", pa.string())):
        rejected = rejected.append_column(name, pa.nulls(rejected.num_rows, kind))
    return rejected, Counter(reasons)
