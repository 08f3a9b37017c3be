"""Estimate of the running week, from its days so far and the usual shares of such days.

For each indicator the ratio of the week's total to the days so far is assumed to be that of the weeks before, all
together. The errors that this would have had in each of them give the interval (Student's t).
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import polars as pl
from scipy.stats import t as student_t

from ais_indicators.rules import Rules

KEY: Final = ["port_locode", "vessel_class", "indicator"]


def nowcast(daily: pl.DataFrame, week: str, before: Sequence[str], days: int, rules: Rules) -> pl.DataFrame:
    """Takes the nowcast of arrivals and departures.

    Args:
        daily: Rows of `gold.port_activity_daily` of the week and of those before it.
        week: Name of the running week.
        before: Names of whole weeks before it.
        days: Whole days of the week so far.
        rules: Rules of the lake's subject.

    Returns:
        Columns of `KEY`, `value`, `interval_low`, `interval_high` and `unit`, one row per indicator with any value so
        far in the week or before; none with fewer than the rule's weeks.
    """
    if len(before) < rules.nowcast_min_weeks:
        return pl.DataFrame(schema=dict.fromkeys(KEY, pl.String))
    is_early = pl.col("observed_on").dt.weekday() <= days
    counted = daily.filter(pl.col("indicator").is_in(["arrivals", "departures"]))
    sums = counted.group_by(*KEY, "week", "unit").agg(
        early=pl.col("value").filter(is_early).sum(), total=pl.col("value").sum()
    )
    keys = sums.select(*KEY, "unit").unique().sort(KEY)
    grid = keys.join(pl.DataFrame({"week": sorted({*before, week})}), how="cross")
    full = grid.join(sums, on=[*KEY, "unit", "week"], how="left").with_columns(
        pl.col("early", "total").fill_null(0.0)
    )
    ordered = full.sort(*KEY, "week")
    shape = (keys.height, len(before) + 1)
    early, total = (ordered[name].to_numpy().reshape(shape) for name in ("early", "total"))
    return keys.with_columns(**_estimated(early[:, :-1], total[:, :-1], early[:, -1], rules))


def _estimated(
    early: np.ndarray, total: np.ndarray, so_far: np.ndarray, rules: Rules
) -> dict[str, pl.Series]:
    """Estimates and intervals; `early` and `total` have the shape (indicators, weeks)."""
    weeks = early.shape[1]
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = total.sum(axis=1) / early.sum(axis=1)
        value = np.where(early.sum(axis=1) > 0, so_far * scale, so_far + total.mean(axis=1))
        missed = total - np.where(early.sum(axis=1) > 0, scale, 1.0)[:, None] * early
        grown = np.sqrt(np.maximum(value, 1.0) / np.maximum(total.mean(axis=1), 1.0))
    spread = np.sqrt((missed**2).sum(axis=1) / (weeks - 1) * (1 + 1 / weeks)) * grown
    reach = student_t.ppf(0.5 + rules.interval_share / 2, weeks - 1) * spread
    return {
        "value": pl.Series(value),
        "interval_low": pl.Series(np.maximum(value - reach, so_far)),
        "interval_high": pl.Series(value + reach),
    }
