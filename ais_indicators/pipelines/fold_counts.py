"""What one bucket's fold counts by cell, hour and port as it goes through a week: no event, and nothing carried on."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import polars as pl

from ais_indicators.fold.records import NOWHERE, Thresholds
from ais_indicators.geo.cell_parents import parent_cells
from ais_indicators.periods import Week
from ais_indicators.pipelines.fold_silences import DayOfFixes, Silences, time_of
from ais_indicators.rules import rule
from ais_indicators.units import SECONDS_PER_HOUR

CELLS: Final = "silver.cell_weeks"
HOURS: Final = "silver.message_hours"
SILENCES: Final = "silver.silences"
STATIONARY: Final = "silver.stationary_vessels"
_CELL_KEY: Final = ["track_id", "mmsi", "h3_res6"]
_HOUR_KEY: Final = ["h3_res3", "hour_utc"]
_STATIONARY_KEY: Final = ["port_locode", "track_id"]


class WeekCounts:
    """Counts of one bucket and week, day by day."""

    def __init__(self, rules: Thresholds) -> None:
        self._rules = rules
        self._cells: list[pl.DataFrame] = []
        self._hours: list[pl.DataFrame] = []
        self._stationary: list[pl.DataFrame] = []
        self._silences = Silences()

    def take(self, fixes: DayOfFixes, port_locodes: Sequence[str]) -> None:
        """Takes the fixes of a day."""
        self._cells.append(_by_track_and_cell(fixes, self._rules))
        self._hours.append(_by_cell_and_hour(fixes))
        self._stationary.append(_stationary(fixes, port_locodes, self._rules))
        self._silences.take(fixes)

    def cells(self) -> pl.DataFrame:
        """Columns of `silver.cell_weeks` but for the class."""
        return _added(self._cells, _CELL_KEY, ["messages", "seconds"])

    def hours(self) -> pl.DataFrame:
        """Columns of `silver.message_hours`; an hour lies in one day, so days only stand side by side."""
        return pl.concat(self._hours).sort(_HOUR_KEY) if self._hours else pl.DataFrame()

    def silences(self, week: Week) -> pl.DataFrame:
        """Columns of `silver.silences`, once all days of the week are taken."""
        return self._silences.until(week.end_second)

    def stationary(self) -> pl.DataFrame:
        """Columns of `silver.stationary_vessels`."""
        return _added(self._stationary, _STATIONARY_KEY, ["messages"])


def _added(days: Sequence[pl.DataFrame], key: list[str], sums: list[str]) -> pl.DataFrame:
    return pl.concat(days).group_by(key).agg(pl.col(sums).sum()).sort(key) if days else pl.DataFrame()


def _by_track_and_cell(fixes: DayOfFixes, rules: Thresholds) -> pl.DataFrame:
    """Adds up messages and seconds by track and cell; silences of the gap rule or longer add none."""
    since = fixes.seconds_since_previous
    seconds = np.where((since < 0) | (since >= rules.gap_seconds), 0, since)
    columns = {"track_id": fixes.track_id, "mmsi": fixes.mmsi, "h3_res6": fixes.cell, "seconds": seconds}
    return (
        pl.DataFrame(columns)
        .group_by(_CELL_KEY)
        .agg(messages=pl.len().cast(pl.Int64), seconds=pl.col("seconds").sum())
    )


def _by_cell_and_hour(fixes: DayOfFixes) -> pl.DataFrame:
    """Counts messages and tracks by hour and the cell in which coverage is judged."""
    cell = parent_cells(fixes.cell, int(rule("coverage_cell_resolution")))
    columns = {"h3_res3": cell, "hour": fixes.second // SECONDS_PER_HOUR, "track_id": fixes.track_id}
    return (
        pl.DataFrame(columns)
        .group_by("h3_res3", "hour", "track_id")
        .len("messages")
        .group_by("h3_res3", "hour")
        .agg(messages=pl.col("messages").sum().cast(pl.Int64), vessels=pl.len().cast(pl.Int64))
        .select(
            "h3_res3",
            time_of(pl.col("hour") * SECONDS_PER_HOUR).alias("hour_utc"),
            "messages",
            "vessels",
        )
    )


def _stationary(fixes: DayOfFixes, port_locodes: Sequence[str], rules: Thresholds) -> pl.DataFrame:
    """Counts the slow fixes inside ports by port and track."""
    slow = np.flatnonzero((fixes.port != NOWHERE) & (fixes.sog_knots < rules.stop_below_knots))
    columns = {"port": fixes.port[slow], "track_id": fixes.track_id[slow]}
    counted = pl.DataFrame(columns).group_by("port", "track_id").agg(messages=pl.len().cast(pl.Int64))
    names = pl.Series("port_locode", list(port_locodes), pl.String)
    return counted.select(
        names.gather(counted["port"]).alias("port_locode"), pl.col("track_id"), pl.col("messages")
    )
