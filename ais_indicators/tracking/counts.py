"""Counts of one bucket's fold by cell, hour and port in a week: no events, and nothing carried over."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import polars as pl

from ais_indicators.fold.records import NOWHERE, Thresholds
from ais_indicators.fold.runs import run_ends, run_starts
from ais_indicators.geo.cell_parents import parent_cells
from ais_indicators.periods import Week
from ais_indicators.rules import Rules
from ais_indicators.tracking.silences import DayOfFixes, Silences, time_of
from ais_indicators.tracking.spells import Spells
from ais_indicators.units import SECONDS_PER_HOUR

CELLS: Final = "silver.cell_weeks"
HOURS: Final = "silver.message_hours"
SILENCES: Final = "silver.silences"
SPELLS: Final = "silver.heard_spells"
STATIONARY: Final = "silver.stationary_vessels"
_CELL_KEY: Final = ["track_id", "mmsi", "h3_res6"]
_HOUR_KEY: Final = ["h3_res3", "hour_utc"]
_STATIONARY_KEY: Final = ["port_locode", "track_id"]


class WeekCounts:
    """Counts of one bucket and week, day by day."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._thresholds = Thresholds.from_rules(rules)
        self._cells: list[pl.DataFrame] = []
        self._hours: list[pl.DataFrame] = []
        self._stationary: list[pl.DataFrame] = []
        self._silences = Silences(rules)
        self._spells = Spells(rules)

    def take(self, fixes: DayOfFixes, port_locodes: Sequence[str]) -> None:
        """Takes the fixes of a day."""
        runs = _runs_by_cell_and_hour(fixes, self._thresholds)
        self._cells.append(_by_track_and_cell(runs))
        self._hours.append(_by_cell_and_hour(runs, self._rules))
        self._stationary.append(_stationary(fixes, port_locodes, self._thresholds))
        self._silences.take(fixes)
        self._spells.take(fixes)

    def cells(self) -> pl.DataFrame:
        """Returns columns of `silver.cell_weeks` but for the class."""
        return _added(self._cells, _CELL_KEY, ["messages", "seconds"])

    def hours(self) -> pl.DataFrame:
        """Returns columns of `silver.message_hours`; an hour lies in one day, so days only stand side by side."""
        return pl.concat(self._hours).sort(_HOUR_KEY) if self._hours else pl.DataFrame()

    def silences(self, week: Week) -> pl.DataFrame:
        """Returns columns of `silver.silences`, once all days of the week are taken."""
        return self._silences.until(week.end_second)

    def spells(self) -> pl.DataFrame:
        """Returns columns of `silver.heard_spells`."""
        return self._spells.rows()

    def stationary(self) -> pl.DataFrame:
        """Returns columns of `silver.stationary_vessels`."""
        return _added(self._stationary, _STATIONARY_KEY, ["messages"])


def _added(days: Sequence[pl.DataFrame], key: list[str], sums: list[str]) -> pl.DataFrame:
    return pl.concat(days).group_by(key).agg(pl.col(sums).sum()).sort(key) if days else pl.DataFrame()


def _runs_by_cell_and_hour(fixes: DayOfFixes, thresholds: Thresholds) -> pl.DataFrame:
    """Adds up consecutive fixes of a track in one cell and hour; silences of the gap rule or longer add no seconds."""
    since = fixes.seconds_since_previous
    seconds = np.where((since < 0) | (since >= thresholds.gap_seconds), 0, since)
    hour = fixes.second // SECONDS_PER_HOUR
    starts = run_starts(fixes.track_id, fixes.cell, hour)
    return pl.DataFrame(
        {
            "track_id": fixes.track_id[starts],
            "mmsi": fixes.mmsi[starts],
            "h3_res6": fixes.cell[starts],
            "hour": hour[starts],
            "messages": run_ends(starts, since.size) - starts,
            "seconds": np.add.reduceat(seconds, starts) if starts.size else seconds,
        }
    )


def _by_track_and_cell(runs: pl.DataFrame) -> pl.DataFrame:
    """Adds up messages and seconds by track and cell."""
    return runs.group_by(_CELL_KEY).agg(pl.col("messages", "seconds").sum())


def _by_cell_and_hour(runs: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Counts messages and tracks by hour and the cell in which coverage is assessed."""
    cell = parent_cells(runs["h3_res6"].to_numpy(), rules.coverage_cell_resolution)
    return (
        runs.with_columns(h3_res3=cell)
        .group_by("h3_res3", "hour")
        .agg(pl.col("messages").sum(), vessels=pl.col("track_id").n_unique().cast(pl.Int64))
        .select(
            "h3_res3",
            time_of(pl.col("hour") * SECONDS_PER_HOUR).alias("hour_utc"),
            "messages",
            "vessels",
        )
    )


def _stationary(fixes: DayOfFixes, port_locodes: Sequence[str], thresholds: Thresholds) -> pl.DataFrame:
    """Counts the slow fixes inside ports by port and track."""
    slow = np.flatnonzero((fixes.port != NOWHERE) & (fixes.sog_knots < thresholds.stop_below_knots))
    port, track_id = fixes.port[slow], fixes.track_id[slow]
    starts = run_starts(port, track_id)
    runs = {
        "port": port[starts],
        "track_id": track_id[starts],
        "messages": run_ends(starts, slow.size) - starts,
    }
    counted = pl.DataFrame(runs).group_by("port", "track_id").agg(pl.col("messages").sum())
    names = pl.Series("port_locode", list(port_locodes), pl.String)
    return counted.select(
        names.gather(counted["port"]).alias("port_locode"), pl.col("track_id"), pl.col("messages")
    )
