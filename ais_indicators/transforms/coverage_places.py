"""How much of a week was heard at ports, straits and countries, from the outage hours of the cells that they lie in.

A place takes each hour from its own cell of resolution 3; where that expects too little to be assessed, from the
wider cells that hold it and at last from the whole feed. An hour in which the vessels in a port show that its receiver
failed is an outage of the port, whatever else was heard of the cell (`transforms.port_outages`). Source: methodology
11; the wider cells are ours.

Hours in which the feed has no message are missing everywhere, so they count against all hours of the period; what was
heard in the others counts against those of them that can be assessed, and where none can, they pass as heard. One day
of seven without a baseline is an index of 1/7. Source: methodology 11.
"""

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ais_indicators.periods import Week
from ais_indicators.rules import Rules
from ais_indicators.transforms.bounded import bounded_share
from ais_indicators.transforms.coverage import (
    HEARD,
    HOURS,
    NOT_ASSESSED,
    OUTAGE,
    UNCLEAR,
    areas_of,
    silent_hours,
)
from ais_indicators.units import HOURS_PER_DAY

TOTAL: Final = "_T"
_CODES: Final = (NOT_ASSESSED, HEARD, OUTAGE, UNCLEAR)
_NOT_ASSESSED, _HEARD, _OUTAGE, _UNCLEAR = range(len(_CODES))
_PLACE: Final = ["place_kind", "place_code"]

PLACE_SCHEMA: Final = {
    "place_kind": pl.String,
    "place_code": pl.String,
    "country_iso3": pl.String,
    "h3_res3": pl.Int64,
}
"""A port or strait, its country where it has one, and the cell in which it lies."""


def place_hours(
    hours: pl.DataFrame, places: pl.DataFrame, port_outages: pl.DataFrame | None = None, *, rules: Rules
) -> pl.DataFrame:
    """Gives each place the status of each hour.

    Args:
        hours: Rows of `silver.coverage_hours` of one week.
        places: Columns of `PLACE_SCHEMA`.
        port_outages: Columns `place_code` and `hour_of_week` of hours in which receivers missed a port, whatever else
            was heard of its cell; None for none.
        rules: Rules of the lake's subject.

    Returns:
        Columns `place_kind`, `place_code`, `hour_of_week`, `is_assessed`, `is_outage`, `is_unclear`, `is_wider`,
        `is_silent`.
    """
    status, is_wider = _resolved(hours, places["h3_res3"], rules)
    if port_outages is not None:
        is_out = _is_port_out(port_outages, places)
        status[is_out], is_wider[is_out] = _OUTAGE, False
    repeated = {name: np.repeat(places[name].to_numpy(), HOURS) for name in _PLACE}
    return pl.DataFrame(
        {
            **repeated,
            "hour_of_week": np.tile(np.arange(HOURS, dtype=np.int32), places.height),
            "is_assessed": ((status == _HEARD) | (status == _OUTAGE)).ravel(),
            "is_outage": (status == _OUTAGE).ravel(),
            "is_unclear": (status == _UNCLEAR).ravel(),
            "is_wider": is_wider.ravel(),
        },
        schema_overrides=dict.fromkeys(_PLACE, pl.String),
    ).with_columns(_is_silent(hours))


def _is_port_out(port_outages: pl.DataFrame, places: pl.DataFrame) -> NDArray[np.bool_]:
    """Returns whether the receivers missed each place in each hour, shape (places, 168)."""
    ports = places.with_row_index("place").filter(place_kind="port")
    rows = port_outages.join(ports, on="place_code", how="inner")
    is_out = np.zeros((places.height, HOURS), np.bool_)
    is_out[rows["place"].to_numpy(), rows["hour_of_week"].to_numpy()] = True
    return is_out


def missing_hours(hours: pl.DataFrame, cells: pl.Series, rules: Rules) -> NDArray[np.bool_]:
    """Finds the hours in which the receivers heard nothing of each cell, shape (cells, 168).

    Args:
        hours: Rows of `silver.coverage_hours` of one week.
        cells: H3 cells of resolution 3.
        rules: Rules of the lake's subject.
    """
    missing: NDArray[np.bool_] = _resolved(hours, cells, rules)[0] == _OUTAGE
    return missing


def _resolved(
    hours: pl.DataFrame, cells: pl.Series, rules: Rules
) -> tuple[NDArray[np.int8], NDArray[np.bool_]]:
    """Returns the status of each cell's hours, from wider cells if its own is unknown, and whether it is from there.

    Unclear hours take an outage of a wider cell. Where all that could be assessed is unclear, no vessel fell silent in
    the week, and they also take that a wider cell was heard: a strait that vessels stay away from.
    """
    areas, grid = _statuses(hours)
    levels = [_at(areas, grid, area.to_numpy()) for area in areas_of(cells, rules)]
    status, is_wider = levels[0].copy(), np.zeros_like(levels[0], np.bool_)
    for wider in levels[1:]:
        nothing_else = ~((status == _HEARD) | (status == _OUTAGE)).any(axis=1, keepdims=True)
        takes = (status == _NOT_ASSESSED) & ((wider == _HEARD) | (wider == _OUTAGE))
        takes |= (status == _UNCLEAR) & ((wider == _OUTAGE) | (nothing_else & (wider == _HEARD)))
        status[takes] = wider[takes]
        is_wider |= takes
    return status, is_wider


def _is_silent(hours: pl.DataFrame) -> pl.Expr:
    """Marks the hours in which the whole feed has no message."""
    return pl.col("hour_of_week").is_in(silent_hours(hours).implode()).alias("is_silent")


def cell_coverage(hours: pl.DataFrame, cells: pl.Series) -> pl.DataFrame:
    """Gives each H3 cell its row of `gold.coverage_weekly`, by its own hours alone."""
    is_cell = hours.filter(pl.col("area").is_in(cells.implode()))
    status = pl.col("hour_status")
    rows = is_cell.select(
        place_kind=pl.lit("cell"),
        place_code=pl.col("area").map_elements(lambda cell: f"{cell:x}", return_dtype=pl.String),
        is_assessed=status.is_in([HEARD, OUTAGE]),
        is_outage=status == OUTAGE,
        is_unclear=status == UNCLEAR,
        is_wider=pl.lit(False),
        is_silent=_is_silent(hours),
    )
    return _summed(rows, _PLACE).drop("silent_hours").with_columns(usual_arrivals=pl.lit(None, pl.Float64))


def weekly_coverage(
    by_hour: pl.DataFrame, places: pl.DataFrame, usual: pl.DataFrame, rules: Rules
) -> pl.DataFrame:
    """Takes the coverage of ports and straits, of each country, and of all ports.

    Args:
        by_hour: What `place_hours` gives.
        places: Columns of `PLACE_SCHEMA`.
        usual: Columns `place_code` and `usual_arrivals`, one row per port that has them.
        rules: Rules of the lake's subject.

    Returns:
        Rows of `gold.coverage_weekly` without the week and the cells, in the order of its key.
    """
    summed = _summed(by_hour, _PLACE).join(usual, on="place_code", how="left", maintain_order="left")
    is_port = pl.col("place_kind") == "port"
    own = summed.with_columns(usual_arrivals=pl.when(is_port).then("usual_arrivals"))
    ports = own.filter(is_port).join(places.select("place_code", "country_iso3"), on="place_code", how="left")
    of_country = ports.drop_nulls("country_iso3").with_columns(
        place_kind=pl.lit("country"), place_code=pl.col("country_iso3")
    )
    of_all = ports.with_columns(place_kind=pl.lit("all"), place_code=pl.lit(TOTAL))
    joined = [_joined(rows, rules=rules).select(own.columns) for rows in (of_country, of_all)]
    return pl.concat([own, *joined]).drop("silent_hours").sort(_PLACE)


def daily_coverage(by_hour: pl.DataFrame, usual: pl.DataFrame, week: Week, rules: Rules) -> pl.DataFrame:
    """Takes the coverage of each port and of all on each day.

    Returns:
        Rows of `gold.coverage_daily` without the week, in the order of its key.
    """
    days = pl.lit(week.monday) + pl.duration(days=pl.col("hour_of_week") // HOURS_PER_DAY)
    key = ["observed_on", "place_code"]
    ports = by_hour.filter(pl.col("place_kind") == "port").with_columns(observed_on=days.cast(pl.Date))
    of_ports = _summed(ports, key).join(usual, on="place_code", how="left", maintain_order="left")
    of_all = _joined(
        of_ports.with_columns(place_kind=pl.lit("all"), place_code=pl.lit(TOTAL)),
        ["observed_on"],
        rules=rules,
    )
    columns = [*key, "assessed_hours", "outage_hours", "coverage_index"]
    return pl.concat([of_ports.select(columns), of_all.select(columns)]).sort(key)


def _summed(by_hour: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    """Adds up hours and takes the coverage index: the share of those assessed that were heard.

    With hours in which the feed is silent, it is the share of all hours that are not, times the share of what can be
    assessed of them that was heard.
    """
    count = pl.Int64
    return (
        by_hour.group_by(key)
        .agg(
            assessed_hours=pl.col("is_assessed").sum().cast(count),
            assessed_wider_hours=(pl.col("is_assessed") & pl.col("is_wider")).sum().cast(count),
            outage_hours=pl.col("is_outage").sum().cast(count),
            unclear_hours=pl.col("is_unclear").sum().cast(count),
            silent_hours=(pl.col("is_silent") & pl.col("is_outage")).sum().cast(count),
            hours=pl.len().cast(count),
        )
        .with_columns(coverage_index=_index())
        .drop("hours")
        .sort(key)
    )


def _index() -> pl.Expr:
    """Takes the coverage index from sums of hours; null if nothing can be assessed."""
    assessed, outage, silent, hours = map(pl.col, ("assessed_hours", "outage_hours", "silent_hours", "hours"))
    heard_of_others = (
        pl.when(assessed > silent).then((assessed - outage) / (assessed - silent)).otherwise(pl.lit(1.0))
    )
    return (
        pl.when(silent > 0)
        .then((hours - silent) / hours * heard_of_others)
        .when(assessed > 0)
        .then(1.0 - outage / assessed)
    )


def _joined(ports: pl.DataFrame, further_key: list[str] | None = None, *, rules: Rules) -> pl.DataFrame:
    """Returns coverage of several ports together: the mean of their indexes, weighted by usual arrivals.

    Without usual arrivals there are no weights. The hours in which the feed is silent are then still missing, the same
    for all ports: the plain mean.
    """
    weight = pl.when(pl.col("coverage_index").is_not_null()).then("usual_arrivals")
    return (
        ports.group_by([*_PLACE, *(further_key or [])])
        .agg(
            pl.col("assessed_hours", "assessed_wider_hours", "outage_hours", "unclear_hours").sum(),
            pl.col("silent_hours").max(),
            mean_index=pl.col("coverage_index").mean(),
            weighted=(weight * pl.col("coverage_index")).sum(),
            weights=weight.sum(),
            usual_arrivals=pl.when(pl.col("usual_arrivals").count() > 0).then(pl.col("usual_arrivals").sum()),
        )
        .with_columns(
            coverage_index=pl.coalesce(
                bounded_share(pl.col("weighted"), pl.col("weights"), rules),
                pl.when(pl.col("silent_hours") > 0).then("mean_index"),
            )
        )
    )


def _statuses(hours: pl.DataFrame) -> tuple[NDArray[np.int64], NDArray[np.int8]]:
    """Returns the areas in order, and the code of each one's hours, shape (areas, 168)."""
    ordered = hours.sort("area", "hour_of_week")
    codes = ordered["hour_status"].replace_strict(_CODES, range(len(_CODES)), return_dtype=pl.Int8)
    return ordered["area"].to_numpy()[::HOURS], codes.to_numpy().reshape(-1, HOURS)


def _at(areas: NDArray[np.int64], grid: NDArray[np.int8], wanted: NDArray[np.int64]) -> NDArray[np.int8]:
    """Returns codes of some areas; those of which nothing was ever heard are not assessed."""
    place = np.minimum(np.searchsorted(areas, wanted), max(areas.size - 1, 0))
    if areas.size == 0:
        return np.full((wanted.size, HOURS), _NOT_ASSESSED, np.int8)
    return np.where((areas[place] == wanted)[:, None], grid[place], np.int8(_NOT_ASSESSED))
