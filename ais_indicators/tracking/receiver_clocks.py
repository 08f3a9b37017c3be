"""Clocks of stations: from base station reports, and from messages received twice."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ais_indicators.io.store import read_parquet
from ais_indicators.rules import Rules

TABLE: Final = "silver.receiver_clocks"
_KEY: Final = ["station", "hour_utc"]
_OFFSET: Final = "clock_offset_seconds"
ECHO_SCHEMA: Final[dict[str, Any]] = {
    "station": pl.String,
    "hour_utc": pl.Datetime("us", "UTC"),
    "clock_offset_seconds": pl.Int64,
    "echoes": pl.Int64,
}
"""Echoes that one station received in one hour with one offset."""

_COUNTS: Final[dict[str, Any]] = {
    "station": pl.String,
    "hour_utc": pl.Datetime("us", "UTC"),
    _OFFSET: pl.Int64,
    "reports": pl.Int64,
}


def read_base_stations(locations: Sequence[str]) -> pl.DataFrame:
    """Reads files of `bronze.base_station_reports`: reports by station, hour and offset."""
    if not locations:
        return pl.DataFrame(schema=_COUNTS)
    columns = ["station", "observed_at_utc", _OFFSET, "reports"]
    parts = [pl.DataFrame(read_parquet(location, columns=columns)) for location in locations]
    rows = pl.concat(parts).rename({"observed_at_utc": "hour_utc"}).cast(pl.Schema(_COUNTS))
    return rows.group_by(*_KEY, _OFFSET).agg(pl.col("reports").sum()).sort(*_KEY, _OFFSET)


def receiver_clocks(base_stations: pl.DataFrame, echoes: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Estimates the clock offset of each station in each hour.

    Args:
        base_stations: Result of `read_base_stations`.
        echoes: Columns of `ECHO_SCHEMA`, in which rows may repeat.
        rules: Rules of the lake's subject.

    Returns:
        Rows of `silver.receiver_clocks` without the week, in the order of its key.
    """
    reported = _medians(base_stations, "reports", "base_station_reports", "base_station_offset_seconds")
    repeated = _medians(echoes, "echoes", "echoes", "echo_offset_seconds")
    is_enough = pl.col("base_station_reports") >= rules.station_clock_min_reports
    best = pl.when(is_enough).then("base_station_offset_seconds").otherwise("echo_offset_seconds")
    return (
        reported.join(repeated, on=_KEY, how="full", coalesce=True)
        .with_columns(pl.col("base_station_reports", "echoes").fill_null(0))
        .with_columns(clock_offset_seconds=best)
        .sort(_KEY)
    )


def _medians(counts: pl.DataFrame, of: str, total: str, median: str) -> pl.DataFrame:
    """Takes the total and the median offset of each station and hour from counts by offset."""
    if counts.is_empty():
        return counts.select(*_KEY, pl.col(of).alias(total), pl.col(_OFFSET).cast(pl.Float64).alias(median))
    summed = counts.group_by(*_KEY, _OFFSET).agg(pl.col(of).sum()).sort(*_KEY, _OFFSET)
    before = pl.col(of).cum_sum() - pl.col(of)
    after = pl.col(of).cum_sum()
    low, high = (pl.col(of).sum() - 1) // 2, pl.col(of).sum() // 2
    middles = [
        pl.col(_OFFSET).filter((before <= middle) & (middle < after)).first().cast(pl.Float64)
        for middle in (low, high)
    ]
    return summed.group_by(_KEY, maintain_order=True).agg(
        pl.col(of).sum().alias(total), ((middles[0] + middles[1]) / 2).alias(median)
    )


class StationClocks:
    """Stations with wrong clocks, by hour, from base station reports."""

    def __init__(self, base_stations: pl.DataFrame, rules: Rules) -> None:
        if base_stations.is_empty():
            self._off = base_stations.select(*_KEY, _OFFSET)
            return
        clocks = receiver_clocks(base_stations, pl.DataFrame(schema=ECHO_SCHEMA), rules)
        is_off = pl.col(_OFFSET).abs() > float(rules.station_clock_off_seconds)
        self._off = clocks.filter(is_off).select(*_KEY, _OFFSET)

    @property
    def some_are_behind(self) -> bool:
        """Returns whether some station's clock is behind."""
        return bool((self._off[_OFFSET] > 0).any())

    def are_off(self, stations: pl.Series, seconds: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Returns whether the clock of the station that received each message is off.

        Args:
            stations: Station of each message, null if unknown.
            seconds: Epoch seconds of each.
        """
        if self._off.is_empty() or stations.null_count() == stations.len():
            return np.zeros(seconds.size, np.bool_)
        hours = pl.from_epoch(pl.Series(seconds), "s").dt.truncate("1h").cast(pl.Datetime("us", "UTC"))
        rows = pl.DataFrame({"station": stations.cast(pl.String), "hour_utc": hours})
        found = rows.join(self._off, on=_KEY, how="left", maintain_order="left")[_OFFSET]
        return found.is_not_null().to_numpy()
