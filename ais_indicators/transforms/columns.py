"""Column logic that several tables share: of time, in UTC, and of sums, percentiles and totals."""

from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl

EXACT: Final = pl.Decimal(38, 6)
"""Amounts up to a hundred thousand billion billion billion; adding decimals loses nothing."""


def iso_week(moment: pl.Expr) -> pl.Expr:
    """Names the ISO 8601 week, with its ISO year, of a date or timestamp: 2021-01-03 is in `2020-W53`."""
    return moment.dt.strftime("%G-W%V")


def monday_of(moment: pl.Expr) -> pl.Expr:
    """Returns the first day of the ISO week of a date or timestamp: 2021-01-03 is in the week of 2020-12-28."""
    return moment.dt.date().dt.truncate("1w")


def dates_between(first: pl.Expr, last: pl.Expr, step_days: int) -> pl.Expr:
    """Lists the dates from the first to the last, both included, at an interval of some days."""
    return pl.date_ranges(first, last, interval=f"{step_days}d")


def count_if(condition: pl.Expr) -> pl.Expr:
    """Counts the rows for which a condition is true; unknown is not true."""
    return condition.fill_null(False).sum()


def vessels_if(condition: pl.Expr) -> pl.Expr:
    """Counts the vessels (`vessel_id`) with a row for which a condition is true, each once under all its MMSIs."""
    return pl.when(condition).then(pl.col("vessel_id")).drop_nulls().n_unique()


def exact_sum(amount: pl.Expr) -> pl.Expr:
    """Adds amounts up to the same sum in whatever order the rows come; sums of doubles differ.

    Amounts are rounded to a millionth of their unit. The sum is null if no amount is known.
    """
    total = amount.cast(EXACT).sum().cast(pl.Float64)
    return pl.when(amount.is_not_null().any()).then(total)


def percentile(value: pl.Expr, share: float) -> pl.Expr:
    """Returns the percentile between the two values next to it, in proportion; null if no value is known."""
    ordered = value.drop_nulls().sort()
    position = (ordered.len().cast(pl.Float64) - 1.0) * share
    below, above = position.floor(), position.ceil()
    lower, higher = (ordered.get(p.cast(pl.Int64), null_on_oob=True) for p in (below, above))
    between = (above - position) * lower + (position - below) * higher
    return pl.when(ordered.len() > 0).then(pl.when(lower == higher).then(lower).otherwise(between))


def over_all(
    rows: pl.DataFrame, sets: Sequence[Sequence[str]], values: Mapping[str, pl.Expr], total: str
) -> pl.DataFrame:
    """Aggregates rows over several sets of keys at once.

    Args:
        rows: What is aggregated.
        sets: Keys of each aggregation; the first has all of them.
        values: Aggregates by name, each cast to a double.
        total: Value of a key over which an aggregation goes.

    Returns:
        All keys, as text where they can be a total, and the values: the rows of each set, one below the other.
    """
    keys = sets[0]
    aggregates = [value.cast(pl.Float64).alias(name) for name, value in values.items()]
    totals = {
        key: pl.lit(total) for key in keys if any(key not in one for one in sets)
    }  # keys of every set keep their type
    return pl.concat(
        rows.group_by(*one)
        .agg(aggregates)
        .with_columns(**{key: text for key, text in totals.items() if key not in one})
        .select(*keys, *values)
        for one in sets
    )
