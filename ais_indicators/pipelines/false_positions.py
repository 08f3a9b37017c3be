"""Decides which buckets are folded again without false positions: a cluster is of vessels of several buckets."""

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from ais_indicators.io.store import table_folder
from ais_indicators.periods import Week
from ais_indicators.pipelines.fold_parts import BucketPlan, BucketResult
from ais_indicators.settings import Settings
from ais_indicators.transforms.interference import STRETCH_SCHEMA, FalsePositions, find_false_positions
from ais_indicators.units import SECONDS_PER_DAY


def without_false_positions(
    plans: Sequence[BucketPlan], results: Sequence[BucketResult]
) -> dict[int, BucketPlan]:
    """Returns the plans of the buckets that hold false positions that their fold did not know of, by place.

    Stretches do not depend on which of them are false, so folding again once is enough.

    Args:
        plans: The plans of all buckets.
        results: What came of them, in the same order.
    """
    columns = list(STRETCH_SCHEMA)
    stretches = [result.stretches.select(columns) for result in results if result.stretches.height]
    found = find_false_positions(pl.concat(stretches)) if stretches else FalsePositions()
    again = {}
    for place, (plan, result) in enumerate(zip(plans, results, strict=True)):
        if result.stretches.is_empty():
            continue
        needed = found.of_numbers(set(result.stretches["mmsi"]))
        if needed != _left_out(result.stretches):
            again[place] = replace(plan, false_positions=needed)
    return again


def drop_staged(settings: Settings, results: Sequence[BucketResult]) -> None:
    """Removes the files of results that will not be committed."""
    for result in results:
        for table, file in result.files:
            table_folder(settings, table).remove(file.path)


def _left_out(stretches: pl.DataFrame) -> FalsePositions:
    """Returns what a fold knew from earlier weeks."""
    rows = stretches.filter(pl.col("false_kind") != 0).select("day", "mmsi", "began", "false_kind")
    return FalsePositions(
        {
            (Week.of_second(day * SECONDS_PER_DAY), mmsi, began): kind
            for day, mmsi, began, kind in rows.iter_rows()
        }
    )
