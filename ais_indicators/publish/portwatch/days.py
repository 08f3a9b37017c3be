"""Daily values in PortWatch's columns: released weekly values, split by UTC day.

A day has the calls and transits that began on it, and the tonnes of the calls that began on it.
"""

from typing import Final

import polars as pl

from ais_indicators.periods import DAYS_PER_WEEK, Week
from ais_indicators.publish.portwatch.tables import ALL, PLACE, ROW

KEY: Final = (*PLACE, "vessel_class")
FOUND: Final = (*KEY, "value")
SAME: Final = 1e-9
"""Sums of doubles that differ by less, relative to the larger, are the same sum in another order."""


def calls_by_day(daily: pl.DataFrame) -> pl.DataFrame:
    """Counts arrivals by day: the columns of `FOUND`.

    Args:
        daily: Rows of `gold.port_activity_daily`.
    """
    arrivals = daily.filter(pl.col("port_locode") != ALL, indicator="arrivals")
    return arrivals.select(
        date="observed_on", portid="port_locode", vessel_class="vessel_class", value="value"
    )


def tonnes_by_day(voyages: pl.DataFrame, column: str) -> pl.DataFrame:
    """Adds tonnes of the calls that ended voyages, by the day of arrival: the columns of `FOUND`.

    Args:
        voyages: Rows of `silver.voyages`.
        column: `tonnes_unloaded` or `tonnes_loaded`.
    """
    counted = voyages.filter("counts_for_trade").drop_nulls("destination_locode").sort("voyage_id")
    return _summed(
        counted.select(
            date=pl.col("destination_entered_at_utc").dt.date(),
            portid="destination_locode",
            vessel_class="vessel_class",
            value=column,
        )
    )


def transits_by_day(transits: pl.DataFrame, column: str | None = None) -> pl.DataFrame:
    """Counts or adds transits that count, by the day of entry: the columns of `FOUND`.

    Args:
        transits: Rows of `silver.chokepoint_transits` with the class of the register if it has the ship.
        column: What to add up; none counts the transits.
    """
    counted = transits.filter("is_counted").sort("transit_id")
    return _summed(
        counted.select(
            date=pl.col("entered_at_utc").dt.date(),
            portid="gate_code",
            vessel_class="vessel_class",
            value=pl.lit(1.0) if column is None else pl.col(column),
        )
    )


def _summed(events: pl.DataFrame) -> pl.DataFrame:
    """Adds by day, place and class, and over all classes; nothing if no value is known."""
    both = pl.concat([events, events.with_columns(vessel_class=pl.lit(ALL))])
    known = pl.col("value").is_not_null()
    return both.group_by(KEY, maintain_order=True).agg(value=pl.when(known.any()).then(pl.col("value").sum()))


def all_days(found: pl.DataFrame, weekly: pl.DataFrame) -> pl.DataFrame:
    """Lists each day of the places that have a value for the week; zero over all classes on days without events.

    Args:
        found: Columns of `FOUND`.
        weekly: What is released of the weeks, in the columns of `ROW`.

    Returns:
        The columns of `ROW`, with a row over all classes for every place and day, and the status of the week.
    """
    steps = pl.DataFrame({"step": range(DAYS_PER_WEEK)})
    grid = (
        weekly.filter(pl.col("value").is_not_null(), vessel_class=ALL)
        .join(steps, how="cross")
        .select("portid", "obs_status", date=pl.col("date") + pl.duration(days="step"))
    )
    kept = found.join(grid, on=PLACE, how="inner").select(ROW)
    is_all = kept.filter(vessel_class=ALL)
    rest = grid.join(is_all, on=PLACE, how="anti").with_columns(vessel_class=pl.lit(ALL), value=0.0)
    return pl.concat([kept, rest.select(ROW)]).sort(KEY)


def weeks_that_differ(days: pl.DataFrame, weekly: pl.DataFrame) -> list[str]:
    """Finds weeks in which the days do not add up to the released value, for some place and class.

    Args:
        days: What `all_days` gives.
        weekly: What is released of the weeks, in the columns of `ROW`.
    """
    released = weekly.filter(pl.col("value").is_not_null()).select(*KEY, "value")
    both = (
        days.with_columns(date=pl.col("date").dt.truncate("1w"))
        .group_by(KEY)
        .agg(of_days=pl.col("value").sum())
        .join(released, on=KEY, how="full", coalesce=True)
        .with_columns(pl.col("of_days", "value").fill_null(0.0))
    )
    apart = (pl.col("of_days") - pl.col("value")).abs()
    is_other = apart > SAME * pl.max_horizontal("of_days", "value")
    return sorted({Week.of(day).name for day in both.filter(is_other)["date"]})
