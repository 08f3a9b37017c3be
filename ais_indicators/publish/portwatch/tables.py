"""Released rows in PortWatch's columns.

A class without a row had no ship, so it is 0 where the place has a figure of normal reliability over all classes. A
value that is missing or suppressed is left out, and with it each sum that it is part of.
"""

from collections.abc import Iterable, Mapping
from functools import reduce
from typing import Final

import polars as pl

from ais_indicators.periods import DAYS_PER_WEEK, Week
from ais_indicators.publish.places import Places
from ais_indicators.publish.portwatch.identities import sum_of
from ais_indicators.publish.portwatch.layout import (
    CALLS,
    CAPACITY,
    CARGO,
    CHOKEPOINTS_WEEKLY,
    CLASSES,
    DRY,
    EXPORT,
    IMPORT,
    PORTS_DAILY,
    PORTS_WEEKLY,
    TANKER,
    TRANSITS,
    UNSPECIFIED,
    Layout,
    Measure,
    strait_ids,
)

ALL: Final = "_T"
PLACE: Final = ("date", "portid")
_LOW: Final = "U"
_TYPES: Final = {"long": pl.Int64(), "double": pl.Float64()}
_ROW: Final = (*PLACE, "vessel_class", "value", "obs_status")


def ports_weekly(activity: pl.DataFrame, flows: pl.DataFrame, places: Places) -> pl.DataFrame:
    """Port calls and tonnes by port and week.

    Args:
        activity: Rows of `gold.port_activity_weekly`.
        flows: Rows of `gold.trade_flows_weekly`.
        places: Names of the ports and their countries.
    """
    calls = _arrivals(activity)
    tonnes = flows.filter(reporter_level="port", partner=ALL, indicator="tonnes")
    sides = [
        _spread(_with_idle_ports(_rows(tonnes.filter(direction=one.prefix), "reporter"), calls), one)
        for one in (IMPORT, EXPORT)
    ]
    return _laid_out(_joined([_spread(calls, CALLS), *sides]), PORTS_WEEKLY, places)


def chokepoints_weekly(transits: pl.DataFrame, places: Places) -> pl.DataFrame:
    """Transits and their payload by strait and week.

    Args:
        transits: Rows of `gold.chokepoint_transits_weekly`.
        places: Names of the straits.
    """
    both = transits.filter(direction=ALL)
    measures = [
        _spread(_rows(both.filter(indicator=indicator), "gate_code"), measure)
        for measure, indicator in ((TRANSITS, "transits"), (CAPACITY, "payload_t"))
    ]
    return _laid_out(_joined(measures), CHOKEPOINTS_WEEKLY, places)


def daily_arrivals(daily: pl.DataFrame, activity: pl.DataFrame) -> pl.DataFrame:
    """Arrivals by port, class and day, each day of the ports that have a figure for the week.

    Args:
        daily: Rows of `gold.port_activity_daily`.
        activity: Rows of `gold.port_activity_weekly` of the same weeks.

    Returns:
        `date, portid, vessel_class, value, obs_status`, with a row over all classes for every port and day.
    """
    weekly = _arrivals(activity).filter(vessel_class=ALL)
    days = weekly.filter(pl.col("value").is_not_null()).join(
        pl.DataFrame({"step": range(DAYS_PER_WEEK)}), how="cross"
    )
    grid = days.select(
        date=pl.col("date") + pl.duration(days="step"), portid="portid", of_week=pl.col("obs_status")
    )
    found = (
        daily.filter(indicator="arrivals")
        .rename({"observed_on": "date", "port_locode": "portid"})
        .select(_ROW)
        .join(grid, on=PLACE, how="inner")
    )
    rest = grid.join(found.filter(vessel_class=ALL), on=PLACE, how="anti").with_columns(
        vessel_class=pl.lit(ALL), value=0.0, obs_status=pl.col("of_week")
    )
    return pl.concat([found.select(_ROW), rest.select(_ROW)]).sort(*PLACE, "vessel_class")


def weeks_that_differ(arrivals: pl.DataFrame, activity: pl.DataFrame) -> list[str]:
    """Weeks in which the arrivals of the days are not together those of the week, for some port and class.

    Args:
        arrivals: What `daily_arrivals` gives.
        activity: Rows of `gold.port_activity_weekly` of the same weeks.
    """
    key = [*PLACE, "vessel_class"]
    weekly = _arrivals(activity).filter(pl.col("value").is_not_null()).select(*key, "value")
    summed = (
        arrivals.with_columns(date=pl.col("date").dt.truncate("1w"))
        .group_by(key)
        .agg(of_days=pl.col("value").sum())
        .join(weekly, on=key, how="full", coalesce=True)
    )
    differs = summed.filter(pl.col("of_days").fill_null(0) != pl.col("value").fill_null(0))
    return sorted({Week.of(day).name for day in differs["date"]})


def ports_daily(arrivals: pl.DataFrame, places: Places) -> pl.DataFrame:
    """Port calls by port and day; tonnes are not known by day, so their columns are empty.

    Args:
        arrivals: What `daily_arrivals` gives, judged by the coverage of the days.
        places: Names of the ports and their countries.
    """
    return _laid_out(_spread(arrivals, CALLS), PORTS_DAILY, places)


def _arrivals(activity: pl.DataFrame) -> pl.DataFrame:
    """Arrivals as they were counted, by port."""
    counted = activity.filter(pl.col("port_locode") != ALL, indicator="arrivals", adjustment="N")
    return _rows(counted, "port_locode")


def _rows(figures: pl.DataFrame, place: str) -> pl.DataFrame:
    """Columns of `_ROW`: the date is the Monday of the week."""
    monday = (pl.col("week") + "-1").str.to_date("%G-W%V-%u")
    return figures.select(
        monday.alias("date"), pl.col(place).alias("portid"), "vessel_class", "value", "obs_status"
    )


def _with_idle_ports(tonnes: pl.DataFrame, calls: pl.DataFrame) -> pl.DataFrame:
    """Nought tonnes for ports without a voyage that counts for trade, in weeks that have flows at all."""
    idle = (
        calls.filter(pl.col("date").is_in(tonnes["date"].unique().implode()), vessel_class=ALL)
        .filter(pl.col("value").is_not_null())
        .join(tonnes, on=PLACE, how="anti")
    )
    return pl.concat([tonnes, idle.with_columns(value=0.0)])


def _spread(rows: pl.DataFrame, measure: Measure) -> pl.DataFrame:
    """One row a place and date, a column a class, cargo, and all: `date, portid` and the measure's columns."""
    is_whole = pl.col("value").is_not_null() & (pl.col("obs_status") != _LOW)
    totals = rows.filter(vessel_class=ALL).select(*PLACE, is_whole=is_whole)
    values = rows.select(*PLACE, "vessel_class", "value", is_found=pl.lit(True))
    wide = (
        totals.join(pl.DataFrame({"vessel_class": CLASSES}), how="cross")
        .join(values, on=[*PLACE, "vessel_class"], how="left")
        .with_columns(
            value=pl.when(pl.col("is_found").is_null() & pl.col("is_whole")).then(0.0).otherwise("value"),
            column=pl.col("vessel_class").replace_strict({one: measure.column(one) for one in CLASSES}),
        )
        .pivot("column", index=PLACE, values="value", on_columns=[measure.column(one) for one in CLASSES])
    )
    return (
        _with_sums(wide, measure)
        .join(_totals(rows, measure), on=PLACE, how="left")
        .select(
            *PLACE,
            *(name for name in (*measure.columns, measure.column(UNSPECIFIED)) if name != measure.total),
            pl.coalesce(measure.total, pl.col("over_all").cast(_TYPES[measure.type])).alias(measure.total),
        )
    )


def _totals(rows: pl.DataFrame, measure: Measure) -> pl.DataFrame:
    """The released figure over all classes, of measures of which that is the total: `date, portid, over_all`."""
    value = pl.col("value") if measure.covers_all else pl.lit(None, pl.Float64)
    return rows.filter(vessel_class=ALL).select(*PLACE, over_all=value)


def _with_sums(wide: pl.DataFrame, measure: Measure) -> pl.DataFrame:
    """Adds cargo and the total. On dates of which no ship's kind is known, the kinds are left out, not 0."""
    dry = [measure.column(one) for one in DRY]
    unspecified, cargo = measure.column(UNSPECIFIED), measure.column(CARGO)
    of_kinds = pl.sum_horizontal(pl.col(name).sum().over("date") for name in dry)
    is_unknown = (of_kinds == 0) & (pl.col(unspecified).sum().over("date") > 0)
    return (
        wide.with_columns(pl.col(pl.Float64).cast(_TYPES[measure.type]), is_unknown=is_unknown)
        .with_columns(
            pl.when("is_unknown").then(unspecified).otherwise(sum_of([*dry, unspecified])).alias(cargo)
        )
        .with_columns(pl.when(~pl.col("is_unknown")).then(name).alias(name) for name in dry)
        .with_columns(sum_of([cargo, measure.column(TANKER)]).alias(measure.total))
        .drop("is_unknown")
    )


def _joined(frames: Iterable[pl.DataFrame]) -> pl.DataFrame:
    return reduce(lambda one, other: one.join(other, on=PLACE, how="full", coalesce=True), frames)


def _laid_out(rows: pl.DataFrame, layout: Layout, places: Places) -> pl.DataFrame:
    """Brings rows into the columns of a file, sorted by date and place."""
    day = pl.col("date").dt
    is_strait = layout is CHOKEPOINTS_WEEKLY
    names = places.gates if is_strait else places.ports
    missing = [
        pl.lit(None, _TYPES[one.type]).alias(one.name)
        for one in layout.contract.columns
        if one.type in _TYPES and one.name not in rows.columns
    ]
    codes = strait_ids() if is_strait else {}
    return (
        rows.sort(PLACE)
        .with_columns(missing)
        .with_columns(
            year=day.year(),
            month=day.month(),
            day=day.day(),
            portname=_looked_up(names, "portid"),
            ISO3=_looked_up(places.countries, None),
            country=_looked_up(_country_names(places), None),
            portid=_looked_up(codes, "portid"),
        )
        .select(layout.columns)
    )


def _country_names(places: Places) -> dict[str, str]:
    names = places.country_names()
    return {port: names[country] for port, country in places.countries.items()}


def _looked_up(known: Mapping[str, str], otherwise: str | None) -> pl.Expr:
    """What stands for a place's code, else the value of a column, else nothing."""
    default = pl.lit(None, pl.String) if otherwise is None else pl.col(otherwise)
    if not known:
        return default
    return pl.col("portid").replace_strict(dict(known), default=default, return_dtype=pl.String)
