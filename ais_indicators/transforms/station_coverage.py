"""Whether the stations of a cell were up in each hour, by their heartbeats: "receiver down" apart from "no vessels".

A station's cells are those in which it heard messages in the trailing weeks. An hour in which all of a cell's stations
were up was observed, however few messages there were; one in which all were down is an outage.
"""

from typing import Final

import polars as pl

from ais_indicators.periods import Week
from ais_indicators.rules import Rules
from ais_indicators.transforms.coverage import HEARD, HOURS, NOT_ASSESSED, OUTAGE, areas_of
from ais_indicators.units import SECONDS_PER_HOUR

STATION_CELLS: Final = {"station": pl.String, "area": pl.Int64}


def station_cells(before: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Finds the areas that each station hears.

    Args:
        before: Columns `week`, `station` and `h3_res3` of `silver.station_hours` of the trailing weeks.
        rules: Rules of the lake's subject.

    Returns:
        Columns of `STATION_CELLS`: cells in which the station heard messages in at least as many of these weeks as a
        baseline needs, the wider cells that hold them, and the feed as a unit.
    """
    heard = before.group_by("station", "h3_res3").agg(weeks=pl.col("week").n_unique())
    usual = heard.filter(pl.col("weeks") >= rules.min_baseline_weeks)
    areas = [
        pl.DataFrame({"station": usual["station"], "area": area}, schema=STATION_CELLS)
        for area in areas_of(usual["h3_res3"], rules)
    ]
    return pl.concat(areas).unique().sort("station", "area")


def station_states(heartbeats: pl.DataFrame, heard: pl.DataFrame, week: Week) -> pl.DataFrame:
    """Finds in which hours each station that has heartbeats was up.

    Args:
        heartbeats: Rows of `bronze.receiver_heartbeats`, of the week and of the weeks before.
        heard: Columns `station` and `hour_utc` of `silver.station_hours` of the week.
        week: The week.

    Returns:
        Columns `station`, `hour_of_week` and `is_up`, 168 rows a station. It was up where it delivered a line in a
        period of a heartbeat that touches the hour, or where it heard a message.
    """
    periods = heartbeats.select(
        "station",
        first=_hour_of_week(pl.col("started_at_utc"), week),
        last=_hour_of_week(pl.col("ended_at_utc") - pl.duration(microseconds=1), week),
        lines="lines",
    ).filter(pl.col("lines") > 0)
    of_lines = periods.select("station", hour_of_week=pl.int_ranges("first", pl.col("last") + 1)).explode(
        "hour_of_week"
    )
    of_messages = heard.select("station", hour_of_week=_hour_of_week(pl.col("hour_utc"), week))
    up = pl.concat([of_lines.cast({"hour_of_week": pl.Int64}), of_messages]).unique()
    hours = pl.DataFrame({"hour_of_week": pl.int_range(HOURS, eager=True)})
    stations = heartbeats.select("station").unique().sort("station")
    return (
        stations.join(hours, how="cross")
        .join(up.with_columns(is_up=pl.lit(True)), on=["station", "hour_of_week"], how="left")
        .with_columns(pl.col("is_up").fill_null(False))
        .sort("station", "hour_of_week")
    )


def with_stations(hours: pl.DataFrame, cells: pl.DataFrame, states: pl.DataFrame) -> pl.DataFrame:
    """Sets the status of the hours of which the stations' heartbeats say more than the messages do.

    Args:
        hours: Rows of `silver.coverage_hours` of one week.
        cells: What `station_cells` gives; areas with a station that has no heartbeats stay as they are.
        states: What `station_states` gives.

    Returns:
        The same rows. All stations up: `heard`. All stations down: `outage`, unless others heard as much as is usual.
    """
    by_hour = up_or_down(cells, states)
    status, messages = pl.col("hour_status"), pl.col("messages")
    is_heard_by_others = (status == HEARD) | ((status == NOT_ASSESSED) & (messages > 0))
    joined = hours.join(by_hour, on=["area", "hour_of_week"], how="left", maintain_order="left")
    return joined.with_columns(
        hour_status=pl.when(pl.col("all_up").fill_null(False))
        .then(pl.lit(HEARD))
        .when(pl.col("all_down").fill_null(False) & ~is_heard_by_others)
        .then(pl.lit(OUTAGE))
        .otherwise(status)
    ).drop("all_up", "all_down")


def up_or_down(cells: pl.DataFrame, states: pl.DataFrame) -> pl.DataFrame:
    """Finds the hours in which all stations of an area were up, or all down; arguments of `with_stations`.

    Returns:
        Columns `area`, `hour_of_week`, `all_up` and `all_down`, 168 rows an area of which all stations have heartbeats.
    """
    known = cells.with_columns(has_heartbeats=pl.col("station").is_in(states["station"].unique().implode()))
    areas = known.group_by("area").agg(pl.col("has_heartbeats").all()).filter("has_heartbeats").select("area")
    return (
        known.join(areas, on="area", how="semi")
        .join(states, on="station", how="inner")
        .group_by("area", "hour_of_week")
        .agg(all_up=pl.col("is_up").all(), all_down=(~pl.col("is_up")).all())
        .cast({"hour_of_week": pl.Int32})
    )


def _hour_of_week(time: pl.Expr, week: Week) -> pl.Expr:
    """Returns hours since the week's start, below 0 before it and 168 or more after it."""
    return (time - pl.lit(week.start)).dt.total_seconds().floordiv(SECONDS_PER_HOUR).cast(pl.Int64)
