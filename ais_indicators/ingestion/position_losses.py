"""Counts messages without a usable position when files are taken in."""

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ais_indicators.contracts.row_rules import REJECT_REASONS, SEPARATOR

BRONZE_LOSSES: Final = "bronze.position_losses"
NOT_AVAILABLE: Final = frozenset({"latitude_not_available", "longitude_not_available"})
INVALID: Final = frozenset({"latitude_out_of_range", "longitude_out_of_range", "null_island"})
LOSS_COUNTS: Final = ("not_available_messages", "invalid_messages")


def count_losses(rejected: pa.Table) -> pa.Table:
    """Counts rejected position reports that lack only a usable position, by MMSI and hour.

    Args:
        rejected: Rows that the rules of `bronze.ais_messages` rejected.

    Returns:
        Columns of `bronze.position_losses` but for the file's hash and the partitions; a message of which one
        coordinate is not available and the other invalid counts as not available.
    """
    coded = rejected[REJECT_REASONS].combine_chunks().dictionary_encode()
    reasons = [frozenset(label.split(SEPARATOR)) for label in coded.dictionary.to_pylist()]
    kinds = np.array(
        [0 if not of <= NOT_AVAILABLE | INVALID else 1 if of & NOT_AVAILABLE else 2 for of in reasons]
    )
    kind = kinds[coded.indices.to_numpy()] if kinds.size else np.zeros(0, np.int64)
    rows = pa.table(
        {
            "mmsi": rejected["mmsi"],
            "observed_at_utc": pc.floor_temporal(rejected["observed_at_utc"], unit="hour"),
            "not_available_messages": pa.array((kind == 1).astype(np.int64)),
            "invalid_messages": pa.array((kind == 2).astype(np.int64)),  # noqa: PLR2004
        }
    ).filter(pa.array(kind > 0))
    return add_up_losses(rows)


def add_up_losses(rows: pa.Table) -> pa.Table:
    """Adds up counts of one MMSI and hour."""
    key = ["mmsi", "observed_at_utc"]
    added = rows.group_by(key).aggregate([(name, "sum") for name in LOSS_COUNTS])
    names = {f"{name}_sum": name for name in LOSS_COUNTS}
    named = added.rename_columns([names.get(name, name) for name in added.column_names])
    return named.sort_by([(name, "ascending") for name in key])
