"""Revisions after first publication, by lag: revision triangles and their summary.

The lag is counted in weeks of data, not in calendar time: a vintage of lag 3 knew three weeks more than the first one,
so that a backfill of many weeks in an hour gives the same result as weekly runs. A revision is the later value minus
the first one (OECD and Eurostat, Guidelines for revisions analysis).
"""

from typing import Final

import polars as pl

TRIANGLE: Final = ("indicator", "week", "lag_weeks", "value", "first_value", "revision")


def revision_triangle(vintages: pl.DataFrame, reached: pl.DataFrame, lags: int) -> pl.DataFrame:
    """Returns the value of each indicator and week at each lag: the one served last by then.

    Args:
        vintages: One row per published value: `indicator, week, lag_weeks, release_sequence, value`.
        reached: `week, reached_lag_weeks`: number of weeks of data since a week was first published.
        lags: The longest lag.

    Returns:
        Columns of `TRIANGLE`, one row per indicator, week and lag of 1 or more that the week has reached.
    """
    first = vintages.sort("release_sequence").group_by("indicator", "week", maintain_order=True).first()
    asked = (
        first.select("indicator", "week", first_value="value")
        .join(reached, on="week")
        .join(pl.DataFrame({"lag_weeks": range(1, lags + 1)}, {"lag_weeks": pl.Int64}), how="cross")
        .filter(pl.col("lag_weeks") <= pl.col("reached_lag_weeks"))
    )
    known = vintages.select("indicator", "week", "value", "release_sequence", known_lag="lag_weeks")
    return (
        asked.join(known, on=["indicator", "week"])
        .filter(pl.col("known_lag") <= pl.col("lag_weeks"))
        .sort("indicator", "week", "lag_weeks", "release_sequence")
        .group_by("indicator", "week", "lag_weeks", maintain_order=True)
        .last()
        .with_columns(revision=pl.col("value") - pl.col("first_value"))
        .select(TRIANGLE)
    )


def revision_table(triangle: pl.DataFrame) -> pl.DataFrame:
    """Summarises revisions by indicator and lag, over the weeks in which both values are given.

    Returns:
        `indicator, lag_weeks, weeks, mean_revision, mean_absolute_revision`, `relative_mean_absolute_revision` (the
        sum of absolute revisions over that of absolute later values; null where that is 0) and `share_revised`.
    """
    size = pl.col("revision").abs()
    later = pl.col("value").abs().sum()
    return (
        triangle.drop_nulls("revision")
        .group_by("indicator", "lag_weeks", maintain_order=True)
        .agg(
            weeks=pl.len(),
            mean_revision=pl.col("revision").mean(),
            mean_absolute_revision=size.mean(),
            relative_mean_absolute_revision=pl.when(later > 0).then(size.sum() / later),
            share_revised=(pl.col("revision") != 0).mean(),
        )
        .sort("indicator", "lag_weeks")
    )
