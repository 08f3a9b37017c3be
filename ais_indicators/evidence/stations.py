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
from ais_indicators.rules import rule
from ais_indicators.settings import Settings
from ais_indicators.transforms.station_coverage import station_cells, station_states, with_stations

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
    settings: Settings, hours: pl.DataFrame, week: Week, before: Sequence[Week]
) -> pl.DataFrame:
    """Sets the status of a week's hours by the stations' heartbeats; without heartbeats nothing changes.

    Args:
        settings: Settings of the lake.
        hours: Rows of `silver.coverage_hours` of the week.
        week: The week.
        before: The existing trailing weeks.
    """
    since = week.start - timedelta(days=DAYS_PER_WEEK * int(rule("baseline_weeks")))
    is_near = (pl.col("ended_at_utc") > since) & (pl.col("started_at_utc") < week.plus(1).start)
    heartbeats = read_heartbeats(settings).filter(is_near)
    if heartbeats.is_empty():
        return hours
    cells = station_cells(read_weeks(settings, STATION_HOURS, before))
    states = station_states(heartbeats, read_weeks(settings, STATION_HOURS, [week]), week)
    return with_stations(hours, cells, states)
