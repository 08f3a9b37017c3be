"""What coverage does to values: low reliability, an adjusted value next to the plain one, or none at all.

Receivers that failed, vessels that were dark, false positions and jamming each mark a value, and the reason goes with
it. Only an outage takes a value away or adjusts it: arrivals and departures that were seen are divided by the share of
hours that were heard, as if vessels came as often in the others, and a zero under an outage is not a value.
Source: methodology 8 and 11.
"""

from collections.abc import Sequence
from typing import Final

import polars as pl

from ais_indicators.periods import DAYS_PER_WEEK
from ais_indicators.rules import Rules
from ais_indicators.transforms.coverage import HOURS
from ais_indicators.transforms.sender_coverage import SENDER_INDEX
from ais_indicators.transforms.sender_places import INTERFERED_SHARE, JAMMED, SHOWN
from ais_indicators.transforms.zeros import NOT_APPLICABLE

INDEX: Final = "coverage_index"
REASON: Final = "status_reason"
OUTAGE, VESSELS_DARK, INTERFERENCE, JAMMING = "outage", "vessels_dark", "interference", "jamming"
"""Codes of `status_reason`; where several hold, the first counts."""

PLAIN, ADJUSTED = "N", "COVERAGE"
"""Codes of the column `adjustment`: not adjusted, and adjusted for coverage."""

ADJUSTED_INDICATORS: Final = ("arrivals", "departures")
STOCKS: Final = ("calls_in_progress", "vessels_waiting")
"""Indicators of the week's end."""

MARKS: Final = (INDEX, SENDER_INDEX, INTERFERED_SHARE, SHOWN, JAMMED)
"""Columns of `gold.coverage_weekly` that mark values."""

_OUTRANKING: Final = ("Q", "O", "B", "E")
"""Statuses that stay though the reliability is low (methodology 14)."""


def assessed_by_coverage(rows: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Sets value, status and reason of values by the coverage of the place that they are about.

    Args:
        rows: Columns `value`, `obs_status` and those of `MARKS`, null if they cannot be said.
        rules: Rules of the lake's subject.

    Returns:
        The same rows and columns, and `status_reason`.
    """
    index = pl.col(INDEX)
    is_low = (index < rules.coverage_low_index).fill_null(False)
    is_gone = (index < rules.coverage_no_figure_index).fill_null(False)
    is_zero = is_low & (pl.col("value") == 0).fill_null(False)
    is_taken = (is_gone | is_zero) & pl.col("value").is_not_null()
    value = pl.when(~is_gone & ~is_zero).then("value")
    reason = _reason(is_low, rules)
    status = (
        pl.when(value.is_null() & (pl.col("obs_status") == NOT_APPLICABLE) & ~is_low)
        .then(pl.lit(NOT_APPLICABLE))
        .when(value.is_null() & ~pl.col("obs_status").is_in(["Q"]))
        .then(pl.lit("O"))
        .when(reason.is_not_null() & ~pl.col("obs_status").is_in(_OUTRANKING))
        .then(pl.lit("U"))
        .otherwise("obs_status")
    )
    assessed = rows.with_columns(value=value, obs_status=status, is_taken=is_taken, reason=reason)
    says_why = pl.when((pl.col("obs_status") == "U") | ((pl.col("obs_status") == "O") & pl.col("is_taken")))
    return assessed.with_columns(says_why.then("reason").alias(REASON)).drop("is_taken", "reason")


def _reason(is_low: pl.Expr, rules: Rules) -> pl.Expr:
    """Returns why values of a place are of low reliability; null if they are not.

    Where a cluster of vessels is shown, some that no jump gives away may be left in the values.
    """
    jammed = pl.col(JAMMED) / HOURS
    return (
        pl.when(is_low)
        .then(pl.lit(OUTAGE))
        .when(pl.col(SENDER_INDEX) < rules.sender_low_index)
        .then(pl.lit(VESSELS_DARK))
        .when((pl.col(INTERFERED_SHARE) > rules.interfered_low_share) | (pl.col(SHOWN) > 0))
        .then(pl.lit(INTERFERENCE))
        .when(jammed > rules.jammed_low_share)
        .then(pl.lit(JAMMING))
        .otherwise(pl.lit(None, pl.String))
    )


def covered_port_activity(
    rows: pl.DataFrame, coverage: pl.DataFrame, by_day: pl.DataFrame, rules: Rules
) -> pl.DataFrame:
    """Sets values and statuses of weekly port activity by coverage, and adds adjusted values.

    Args:
        rows: `gold.port_activity_weekly` without `adjustment` and `status_reason`, zeros of observed ports among them.
        coverage: Rows of `gold.coverage_weekly` of the same weeks.
        by_day: Rows of `gold.coverage_daily` of the same weeks.
        rules: Rules of the lake's subject.

    Returns:
        Rows of `gold.port_activity_weekly`. The zeros of a port of which an outage left no call are missing.
    """
    ports = coverage.filter(pl.col("place_kind").is_in(["port", "all"])).rename({"place_code": "port_locode"})
    marked = _with_marks(rows, ports, ["week", "port_locode"], ["week", "port_locode"])
    plain = assessed_by_coverage(_by_last_day(marked, by_day, rules), rules).with_columns(
        adjustment=pl.lit(PLAIN)
    )
    is_cut = (pl.col("obs_status") == "U") & (pl.col(REASON) == OUTAGE)
    is_adjusted = pl.col("indicator").is_in(ADJUSTED_INDICATORS) & is_cut
    adjusted = (
        plain.filter(is_adjusted)
        .with_columns(
            value=pl.col("value") / pl.col(INDEX), obs_status=pl.lit("E"), adjustment=pl.lit(ADJUSTED)
        )
        .with_columns(pl.lit(None, pl.String).alias(REASON))
    )
    return pl.concat([plain, adjusted]).drop(MARKS)


def _by_last_day(rows: pl.DataFrame, by_day: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Lowers the index of what is counted at the week's end to that of its last day; no value is taken away for it.

    An outage at the week's end leaves vessels out, though it is short for a week.
    """
    last_days = by_day.filter(pl.col("observed_on").dt.weekday() == DAYS_PER_WEEK).select(
        "week",
        port_locode="place_code",
        last_day=pl.col(INDEX).clip(lower_bound=rules.coverage_no_figure_index),
    )
    joined = rows.join(last_days, on=["week", "port_locode"], how="left", maintain_order="left")
    is_stock = pl.col("indicator").is_in(STOCKS)
    index = pl.when(is_stock).then(pl.min_horizontal(INDEX, "last_day")).otherwise(INDEX)
    return joined.with_columns(index.alias(INDEX)).drop("last_day")


def covered(
    rows: pl.DataFrame, coverage: pl.DataFrame, on: Sequence[str], place: Sequence[str], rules: Rules
) -> pl.DataFrame:
    """Marks values by the coverage of the places that they are about.

    Args:
        rows: Values.
        coverage: Columns named as in `place`, and those of `MARKS` that there are.
        on: Columns of the values that name the place.
        place: The same of the coverage.
        rules: Rules of the lake's subject.

    Returns:
        The rows, and `status_reason` as last column.
    """
    marked = _with_marks(rows, coverage, on, place)
    return assessed_by_coverage(marked, rules).select(*rows.columns, REASON)


def with_weekly_marks(daily: pl.DataFrame, weekly: pl.DataFrame) -> pl.DataFrame:
    """Joins to the coverage of days what the week says of the vessels: there is no sender part of a day.

    Args:
        daily: Rows of `gold.coverage_daily`.
        weekly: Rows of `gold.coverage_weekly` of the same weeks.
    """
    others = [name for name in MARKS if name != INDEX]
    of_week = weekly.filter(pl.col("place_kind").is_in(["port", "all"])).select("week", "place_code", *others)
    return daily.join(of_week, on=["week", "place_code"], how="left", maintain_order="left")


def _with_marks(
    rows: pl.DataFrame, coverage: pl.DataFrame, on: Sequence[str], place: Sequence[str]
) -> pl.DataFrame:
    """Joins the marks of places to values, null if the coverage does not have them."""
    missing = [pl.lit(None, pl.Float64).alias(name) for name in MARKS if name not in coverage.columns]
    marks = coverage.with_columns(missing).select(*place, *MARKS)
    return rows.join(marks, left_on=on, right_on=place, how="left")
