"""Reads the data of stations: their heartbeats, and what each received."""

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import polars as pl

from ais_indicators.io.delta import open_delta, read_rows
from ais_indicators.io.freshness import STATION_HOURS
from ais_indicators.io.version_cache import once_a_version
from ais_indicators.io.week_rows import read_weeks
from ais_indicators.periods import DAYS_PER_WEEK, Week
from ais_indicators.rules import Rules
from ais_indicators.settings import Settings
from ais_indicators.transforms.station_coverage import (
    station_cells,
    station_states,
    up_or_down,
    with_stations,
)

HEARTBEATS: Final = "bronze.receiver_heartbeats"
_COLUMNS: Final = ["station", "started_at_utc", "ended_at_utc", "lines"]


def read_heartbeats(settings: Settings) -> pl.DataFrame:
    """Reads all heartbeats, in one order; those in two files count once."""
    return once_a_version(
        open_delta(settings, HEARTBEATS),
        "heartbeats",
        lambda: pl.DataFrame(read_rows(settings, HEARTBEATS, _COLUMNS)).unique().sort(_COLUMNS),
    )


def heartbeat_marks(heartbeats: pl.DataFrame) -> dict[Week, str]:
    """Hashes the heartbeats of each week; one over Sunday midnight belongs to both weeks."""
    ends = pl.concat(
        [heartbeats.with_columns(day=pl.col(name).dt.date()) for name in ("started_at_utc", "ended_at_utc")]
    )
    weeks = (
        ends.with_columns(monday=pl.col("day").dt.truncate("1w"))
        .drop("day")
        .unique()
        .sort("monday", *_COLUMNS)
    )
    return {
        Week.of(monday): hashlib.sha256(str(rows.drop("monday").rows()).encode()).hexdigest()
        for (monday,), rows in weeks.group_by("monday", maintain_order=True)
    }


def assessed_by_stations(
    settings: Settings, hours: pl.DataFrame, week: Week, before: Sequence[Week], rules: Rules
) -> pl.DataFrame:
    """Sets the status of a week's hours by the stations' heartbeats; without heartbeats nothing changes.

    Args:
        settings: Settings of the lake.
        hours: Rows of `silver.coverage_hours` of the week.
        week: The week.
        before: The existing trailing weeks.
        rules: Rules of the lake's subject.
    """
    near = _near(settings, week, rules)
    return (
        hours
        if near.is_empty()
        else with_stations(hours, *_cells_and_states(settings, near, week, before, rules))
    )


def hours_up(settings: Settings, week: Week, before: Sequence[Week], rules: Rules) -> pl.DataFrame:
    """Finds the hours of a week in which all stations of an area were up, by their heartbeats.

    Args:
        settings: Settings of the lake.
        week: The week.
        before: The existing trailing weeks.
        rules: Rules of the lake's subject.

    Returns:
        Columns `area` and `hour_of_week`; no row without heartbeats.
    """
    near = _near(settings, week, rules)
    if near.is_empty():
        return pl.DataFrame(schema={"area": pl.Int64, "hour_of_week": pl.Int32})
    by_hour = up_or_down(*_cells_and_states(settings, near, week, before, rules))
    return by_hour.filter("all_up").select("area", "hour_of_week")


def _near(settings: Settings, week: Week, rules: Rules) -> pl.DataFrame:
    """Reads the heartbeats of a week and of the weeks of its baseline."""
    since = week.start - timedelta(days=DAYS_PER_WEEK * rules.baseline_weeks)
    is_near = (pl.col("ended_at_utc") > since) & (pl.col("started_at_utc") < week.plus(1).start)
    return read_heartbeats(settings).filter(is_near)


def _cells_and_states(
    settings: Settings, heartbeats: pl.DataFrame, week: Week, before: Sequence[Week], rules: Rules
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Reads which areas each station hears, and in which hours of the week it was up."""
    cells = station_cells(read_weeks(settings, STATION_HOURS, before), rules)
    return cells, station_states(heartbeats, read_weeks(settings, STATION_HOURS, [week]), week)
