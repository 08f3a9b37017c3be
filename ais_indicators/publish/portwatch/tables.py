"""Released rows in PortWatch's columns.

A class without a row had no ship, so it is 0 if the place has a value of normal reliability over all classes. A missing
or suppressed value is left out, and so is each sum that includes it.
"""

from collections.abc import Iterable, Mapping
from functools import reduce
from typing import Final

import polars as pl

from ais_indicators.publish.places import Places
from ais_indicators.publish.portwatch.identities import sum_of
from ais_indicators.publish.portwatch.layout import (
    CALLS,
    CAPACITY,
    CARGO,
    CLASSES,
    DRY,
    EXPORT,
    IMPORT,
    OBJECT_ID,
    STRAITS,
    TANKER,
    TRANSITS,
    UNSPECIFIED,
    Layout,
    Measure,
    strait_ids,
)
from ais_indicators.publish.portwatch.ports import numbers_of

ALL: Final = "_T"
PLACE: Final = ("date", "portid")
Rows = Mapping[Measure, pl.DataFrame]
"""Rows in the columns of `ROW` by measure."""
_LOW: Final = "U"
_TYPES: Final = {"long": pl.Int64(), "double": pl.Float64()}
ROW: Final = (*PLACE, "vessel_class", "value", "obs_status")


def port_rows(activity: pl.DataFrame, flows: pl.DataFrame) -> Rows:
    """Returns the released values of ports by week, for each measure.

    Args:
        activity: Rows of `gold.port_activity_weekly`.
        flows: Rows of `gold.trade_flows_weekly`.
    """
    calls = _arrivals(activity)
    tonnes = flows.filter(reporter_level="port", partner=ALL, indicator="tonnes")
    sides = {
        one: _with_idle_ports(weekly_rows(tonnes.filter(direction=one.prefix), "reporter"), calls)
        for one in (IMPORT, EXPORT)
    }
    return {CALLS: calls, **sides}


def strait_rows(transits: pl.DataFrame) -> Rows:
    """Returns the released values of chokepoints by week, for each measure.

    Args:
        transits: Rows of `gold.chokepoint_transits_weekly`.
    """
    both = transits.filter(direction=ALL)
    return {
        measure: weekly_rows(both.filter(indicator=indicator), "gate_code")
        for measure, indicator in ((TRANSITS, "transits"), (CAPACITY, "payload_t"))
    }


def laid_out(rows: Rows, layout: Layout, places: Places) -> pl.DataFrame:
    """Lays out the rows of a file.

    Args:
        rows: Of each measure of the file.
        layout: The file.
        places: Names of its ports with their countries, or of its chokepoints.
    """
    wide = _joined([_spread(rows[measure], measure) for measure in layout.measures])
    return _with_names(wide, layout, places)


def _arrivals(activity: pl.DataFrame) -> pl.DataFrame:
    """Returns arrivals as counted, by port."""
    counted = activity.filter(pl.col("port_locode") != ALL, indicator="arrivals", adjustment="N")
    return weekly_rows(counted, "port_locode")


def weekly_rows(figures: pl.DataFrame, place: str) -> pl.DataFrame:
    """Returns released rows in the columns of `ROW`: the date is the Monday of the week."""
    monday = (pl.col("week") + "-1").str.to_date("%G-W%V-%u")
    return figures.select(
        monday.alias("date"), pl.col(place).alias("portid"), "vessel_class", "value", "obs_status"
    )


def _with_idle_ports(tonnes: pl.DataFrame, calls: pl.DataFrame) -> pl.DataFrame:
    """Adds zero tonnes for ports without a voyage that counts for trade, in weeks that have flows."""
    idle = (
        calls.filter(pl.col("date").is_in(tonnes["date"].unique().implode()), vessel_class=ALL)
        .filter(pl.col("value").is_not_null())
        .join(tonnes, on=PLACE, how="anti")
    )
    return pl.concat([tonnes, idle.with_columns(value=0.0)])


def _spread(rows: pl.DataFrame, measure: Measure) -> pl.DataFrame:
    """Lays out one row per place and date: `date, portid`, a column per class, cargo, and all."""
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
    """Returns the released value over all classes, for measures of which that is the total."""
    value = pl.col("value") if measure.covers_all else pl.lit(None, pl.Float64)
    return rows.filter(vessel_class=ALL).select(*PLACE, over_all=value)


def _with_sums(wide: pl.DataFrame, measure: Measure) -> pl.DataFrame:
    """Adds cargo and the total. On dates without a ship of known type, the types are left out, not 0."""
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


def _with_names(rows: pl.DataFrame, layout: Layout, places: Places) -> pl.DataFrame:
    """Brings rows to the columns of a file, sorted by date and place."""
    day = pl.col("date").dt
    names, numbers = _names_and_numbers(rows, layout, places)
    return (
        rows.sort(PLACE)
        .with_columns(
            year=day.year(),
            month=day.month(),
            day=day.day(),
            portname=_looked_up(names, "portid"),
            ISO3=_looked_up(places.countries, None),
            country=_looked_up(_country_names(places), None),
            portid=_looked_up(numbers, "portid"),
        )
        .with_columns(pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias(OBJECT_ID))
        .select(layout.columns)
    )


def _names_and_numbers(
    rows: pl.DataFrame, layout: Layout, places: Places
) -> tuple[dict[str, str], dict[str, str]]:
    """Returns names and numbers of PortWatch, by our codes; ours if PortWatch has none."""
    if layout.is_of_straits:
        return {**places.gates, **STRAITS}, strait_ids()
    ports = numbers_of(rows["portid"])
    return (
        {**places.ports, **{code: port.name for code, port in ports.items()}},
        {code: port.port_id for code, port in ports.items()},
    )


def _country_names(places: Places) -> dict[str, str]:
    names = places.country_names()
    return {port: names[country] for port, country in places.countries.items()}


def _looked_up(known: Mapping[str, str], otherwise: str | None) -> pl.Expr:
    """Looks up the replacement of a place's code, else the value of a column, else nothing."""
    default = pl.lit(None, pl.String) if otherwise is None else pl.col(otherwise)
    if not known:
        return default
    return pl.col("portid").replace_strict(dict(known), default=default, return_dtype=pl.String)
