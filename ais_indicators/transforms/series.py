"""Series of weekly values: index, change on the year, four-week mean, seasonally adjusted, and their breaks.

Source: methodology 12. A week's values depend only on values up to that week.
"""

from collections.abc import Iterable
from typing import Final

import numpy as np
import polars as pl

from ais_indicators.periods import Week
from ais_indicators.rules import Rules
from ais_indicators.transforms.seasonal import WEEKS_A_YEAR, seasonally_adjusted
from ais_indicators.transforms.week_calendar import WeekCalendar

KEY: Final = ["source", "place_level", "place_code", "direction", "vessel_class", "indicator"]
FIGURE_SCHEMA: Final = {
    "week": pl.String,
    **dict.fromkeys(KEY, pl.String),
    "value": pl.Float64,
    "unit": pl.String,
    "obs_status": pl.String,
}
"""A weekly value from which series are made; adjusted for coverage if necessary."""

_MEAN_WEEKS: Final = 4
_WEEK_53: Final = "W53"
_WORST_FIRST: Final = ("Q", "O", "B", "E", "U", "P", "A")


def series_of_week(figures: pl.DataFrame, week: Week, breaks: Iterable[str], rules: Rules) -> pl.DataFrame:
    """Computes the series of one week.

    Args:
        figures: Columns of `FIGURE_SCHEMA`, of the week and all before it that are known.
        week: The week.
        breaks: Ports whose areas are others than in the week before.
        rules: Rules of the lake's subject.

    Returns:
        Rows of `gold.series_weekly` without the week and nowcasts, in the order of its key.
    """
    known = figures.filter(pl.col("week") <= week.name)
    now = known.filter(week=week.name)
    parts = [
        _index(known, now),
        _change_on_year(known, now, week),
        _mean_4_weeks(known, now, week),
        _adjusted(known, now, week, rules),
    ]
    return (
        with_breaks(pl.concat(parts), breaks)
        .with_columns(
            interval_low=pl.lit(None, pl.Float64),
            interval_high=pl.lit(None, pl.Float64),
        )
        .sort(*KEY, "transformation")
    )


def with_breaks(rows: pl.DataFrame, changed_ports: Iterable[str]) -> pl.DataFrame:
    """Marks what has no value, and what cannot be held against the week before since ports' areas changed."""
    changed = pl.Series(sorted(changed_ports), dtype=pl.String)
    is_world = (pl.col("source") == "port_activity") & (pl.col("place_level") == "world")
    is_port = (pl.col("place_level") == "port") & pl.col("place_code").is_in(changed.implode())
    is_break = is_port | (is_world & (changed.len() > 0))
    is_missing = pl.col("value").is_null()
    comment = pl.when(is_break).then(pl.lit("areas of ports changed"))
    return rows.with_columns(
        obs_status=pl.when(is_missing & (pl.col("obs_status") != "Q"))
        .then(pl.lit("O"))
        .when(is_break & ~is_missing)
        .then(pl.lit("B"))
        .otherwise("obs_status"),
        obs_comment=pl.concat_str("obs_comment", comment, separator="; ", ignore_nulls=True).replace(
            "", None
        ),
    )


def year_before(week: Week) -> Week:
    """Returns the same ISO week of the year before; of a week 53, week 52."""
    return week.year_before


def base_year(weeks: Iterable[str]) -> str | None:
    """Returns the first ISO year with all of its weeks."""
    names = sorted(set(weeks))
    for year in sorted({name[:4] for name in names}):
        last = Week.parse(f"{int(year) + 1}-W01").plus(-1).name
        wanted = [f"{year}-W{number:02d}" for number in range(1, int(last[-2:]) + 1)]
        if set(wanted) <= set(names):
            return year
    return None


def _index(known: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
    """Computes the index to the mean week of the base year; null without a complete year with values."""
    year = base_year(known["week"]) or "none"
    base = (
        known.filter(pl.col("week").str.starts_with(year))
        .group_by(KEY)
        .agg(base=pl.when(pl.col("value").is_not_null().all()).then(pl.col("value").mean()))
    )
    value = pl.when(pl.col("base") > 0).then(100 * pl.col("value") / pl.col("base"))
    return _rows(now.join(base, on=KEY, how="left"), "index", value, unit="index", comment=f"{year}=100")


def _change_on_year(known: pl.DataFrame, now: pl.DataFrame, week: Week) -> pl.DataFrame:
    then = year_before(week)
    before = known.filter(week=then.name).select(*KEY, then="value", then_status="obs_status")
    value = pl.when(pl.col("then") > 0).then(100 * (pl.col("value") / pl.col("then") - 1))
    joined = now.join(before, on=KEY, how="left").with_columns(obs_status=_worst("obs_status", "then_status"))
    comment = f"week 53 on {then}" if week.name.endswith(_WEEK_53) else None
    return _rows(joined, "change_on_year", value, unit="percent", comment=comment)


def _mean_4_weeks(known: pl.DataFrame, now: pl.DataFrame, week: Week) -> pl.DataFrame:
    names = [week.plus(-n).name for n in range(_MEAN_WEEKS)]
    rank = pl.col("obs_status").replace_strict(_WORST_FIRST, range(len(_WORST_FIRST)), return_dtype=pl.Int8)
    means = (
        known.filter(pl.col("week").is_in(names))
        .group_by(KEY)
        .agg(mean=pl.col("value").mean(), weeks=pl.col("value").count(), worst=rank.min())
        .with_columns(
            obs_status=pl.col("worst").replace_strict(
                range(len(_WORST_FIRST)), _WORST_FIRST, return_dtype=pl.String
            )
        )
    )
    joined = now.drop("obs_status").join(means, on=KEY, how="left")
    return _rows(joined, "mean_4_weeks", pl.when(pl.col("weeks") == _MEAN_WEEKS).then("mean"))


def _adjusted(known: pl.DataFrame, now: pl.DataFrame, week: Week, rules: Rules) -> pl.DataFrame:
    """Series of two years and more whose usual level is not too low to have a season."""
    first = Week.parse(known["week"].min() or week.name)  # type: ignore[arg-type]
    weeks = [first.plus(n) for n in range(week.minus(first) + 1)]
    if len(weeks) < 2 * WEEKS_A_YEAR:
        return _rows(now, "seasonally_adjusted", pl.lit(None, pl.Float64)).clear()
    calendar = WeekCalendar.of(weeks, rules)
    place = {w.name: n for n, w in enumerate(weeks)}
    found = []
    for key, rows in known.sort(*KEY, "week").group_by(KEY, maintain_order=True):
        values = np.full(len(weeks), np.nan)
        values[[place[name] for name in rows["week"]]] = rows["value"].fill_null(np.nan).to_numpy()
        begin = int(np.argmax(np.isfinite(values)))
        if np.isfinite(values).any() and np.nanmedian(values) >= float(rules.series_min_level):
            found.append((*key, seasonally_adjusted(values[begin:], calendar.part(begin), rules)))
    schema = {**dict.fromkeys(KEY, pl.String), "adjusted": pl.Float64}
    adjusted = pl.DataFrame(found, schema=schema, orient="row").drop_nulls("adjusted")
    joined = now.join(adjusted, on=KEY, how="inner")
    return _rows(joined, "seasonally_adjusted", pl.col("adjusted"))


def _worst(*columns: str) -> pl.Expr:
    """Returns the status of highest precedence among some columns, nulls aside."""
    ranks = [
        pl.col(name).replace_strict(_WORST_FIRST, range(len(_WORST_FIRST)), return_dtype=pl.Int8)
        for name in columns
    ]
    return pl.min_horizontal(ranks).replace_strict(
        range(len(_WORST_FIRST)), _WORST_FIRST, return_dtype=pl.String
    )


def _rows(
    of: pl.DataFrame, transformation: str, value: pl.Expr, unit: str | None = None, comment: str | None = None
) -> pl.DataFrame:
    return of.select(
        *KEY,
        pl.lit(transformation).alias("transformation"),
        value.cast(pl.Float64).alias("value"),
        (pl.col("unit") if unit is None else pl.lit(unit)).alias("unit"),
        "obs_status",
        pl.lit(comment, pl.String).alias("obs_comment"),
    )
