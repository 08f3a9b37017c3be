"""Decides which buckets are folded again without false positions: a cluster is of vessels of several buckets."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import polars as pl

from ais_indicators.io.spread import Executor
from ais_indicators.io.store import table_folder
from ais_indicators.periods import Week
from ais_indicators.rules import Rules
from ais_indicators.settings import Settings
from ais_indicators.tracking.bucket_plans import BucketPlan, BucketResult
from ais_indicators.tracking.shown_vessels import find_shown_vessels
from ais_indicators.transforms.interference import (
    STRETCH_SCHEMA,
    FalsePositions,
    find_false_positions,
    find_shapes,
)
from ais_indicators.transforms.shown_vessels import FalseRun
from ais_indicators.units import SECONDS_PER_DAY


def without_false_positions(
    plans: Sequence[BucketPlan], results: Sequence[BucketResult], executor: Executor, rules: Rules
) -> dict[int, BucketPlan]:
    """Returns the plans of the buckets that hold false positions that their fold did not know of, by place.

    Stretches do not depend on which of them are false, so folding again once is enough.

    Args:
        plans: The plans of all buckets.
        results: What came of them, in the same order.
        executor: Looks through the messages of weeks in which vessels jump to one place together.
        rules: Rules of the lake's subject.
    """
    columns = list(STRETCH_SCHEMA)
    stretches = [result.stretches.select(columns) for result in results if result.stretches.height]
    if not stretches:
        return {}
    rows = pl.concat(stretches)
    shown = _shown_vessels(plans, rows, executor, rules)
    found = find_false_positions(rows, _all_of(shown), rules=rules)
    again = {}
    for place, (plan, result) in enumerate(zip(plans, results, strict=True)):
        numbers = {run.mmsi for of in shown.values() for run in of[place]}
        if result.stretches.height:
            numbers |= set(result.stretches["mmsi"])
        needed = found.of_numbers(numbers)
        known = _left_out(result.stretches) if result.stretches.height else FalsePositions()
        if needed != known:
            again[place] = replace(plan, false_positions=needed)
    return again


def _shown_vessels(
    plans: Sequence[BucketPlan], rows: pl.DataFrame, executor: Executor, rules: Rules
) -> dict[Week, list[list[FalseRun]]]:
    """Returns the runs of vessels that are shown where they could have been, by week and bucket.

    A week is looked through once it is known which stretches of the weeks before are false.
    """
    shown: dict[Week, list[list[FalseRun]]] = {}
    for week in plans[0].weeks:
        first, last = (at.start_second // SECONDS_PER_DAY for at in (week.week, week.week.plus(1)))
        of_week = rows.filter(pl.col("day").is_between(first, last, closed="left"))
        if of_week.height:
            found = find_false_positions(rows.filter(pl.col("day") < last), _all_of(shown), rules=rules)
            shapes = find_shapes(of_week, found, rules)
            if shapes:
                shown[week.week] = executor.run(plans, find_shown_vessels, (shapes, rules))
    return shown


def _all_of(shown: Mapping[Week, Sequence[Sequence[FalseRun]]]) -> dict[Week, list[FalseRun]]:
    """Returns the runs of all buckets, by week."""
    return {week: [run for of_bucket in of for run in of_bucket] for week, of in shown.items()}


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
