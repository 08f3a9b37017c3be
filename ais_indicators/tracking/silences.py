"""Times in which tracks sent nothing, which distinguish an outage from vessels that left.

A track that was in one cell before and after, or lay still when it was last heard, stayed; others sailed on in the
meantime.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ais_indicators.fold.runs import run_ends, run_starts
from ais_indicators.geo.cell_parents import parent_cells
from ais_indicators.rules import Rules
from ais_indicators.units import MICROSECONDS_PER_SECOND, SECONDS_PER_HOUR

_FIX: Final = {"track_id": pl.Int64, "second": pl.Int64, "h3_res3": pl.Int64, "sog_knots": pl.Float64}
_SILENCE: Final = ["track_id", "h3_res3", "until", "second", "stayed"]
_KEY: Final = ["track_id", "silent_from_utc"]


@dataclass(frozen=True)
class DayOfFixes:
    """The accepted fixes of one day, one element per fix.

    Attributes:
        mmsi: Of the sender.
        track_id: Its track.
        second: Epoch second.
        cell: H3 cell of the resolution of cell activity.
        seconds_since_previous: Since the track's fix before, negative for its first.
        sog_knots: Speed over ground; not a number where unknown.
        port: Number of the port whose area holds it, or `NOWHERE`.
    """

    mmsi: NDArray[np.int64]
    track_id: NDArray[np.int64]
    second: NDArray[np.int64]
    cell: NDArray[np.int64]
    seconds_since_previous: NDArray[np.int64]
    sog_knots: NDArray[np.float64]
    port: NDArray[np.int32]


class Silences:
    """The silences of one bucket and week, day by day; those that began before the week are of an earlier one."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._shortest_s = int(rules.coverage_silence_hours * SECONDS_PER_HOUR)
        self._last = pl.DataFrame(schema=_FIX)
        self._ended: list[pl.DataFrame] = []

    def take(self, fixes: DayOfFixes) -> None:
        """Takes the fixes of a day; of a track's they come in the order of time."""
        after = np.flatnonzero(fixes.seconds_since_previous >= self._shortest_s)
        ends = (
            _frame(fixes, after, self._rules)
            .select("track_id", until="second", next_h3_res3="h3_res3")
            .with_columns(second=pl.col("until") - fixes.seconds_since_previous[after])
        )
        last_of_run = run_ends(run_starts(fixes.track_id), fixes.track_id.size) - 1
        last = pl.concat([self._last, _frame(fixes, last_of_run, self._rules)])
        before = pl.concat(
            [last, _frame(fixes, np.setdiff1d(after - 1, np.append(last_of_run, -1)), self._rules)]
        )
        stayed = pl.col("h3_res3") == pl.col("next_h3_res3")
        ended = ends.join(before, on=["track_id", "second"], how="inner").with_columns(stayed=stayed)
        self._ended.append(ended.select(_SILENCE))
        self._last = last.group_by("track_id", maintain_order=True).last()

    def until(self, end_second: int) -> pl.DataFrame:
        """Returns columns of `silver.silences`; none where no fix was taken.

        Args:
            end_second: Epoch second in which the week ends.
        """
        if self._last.is_empty():
            return pl.DataFrame()
        is_silent = pl.col("second") <= end_second - self._shortest_s
        lay_still = pl.col("sog_knots") < self._rules.coverage_silent_below_knots
        still_silent = self._last.filter(is_silent).with_columns(
            until=pl.lit(None, pl.Int64), stayed=lay_still.fill_null(False)
        )
        return (
            pl.concat([*self._ended, still_silent.select(_SILENCE)])
            .select(
                "track_id",
                "h3_res3",
                time_of(pl.col("second")).alias("silent_from_utc"),
                time_of(pl.col("until")).alias("heard_again_at_utc"),
                "stayed",
            )
            .sort(_KEY)
        )


def _frame(fixes: DayOfFixes, rows: NDArray[np.int64], rules: Rules) -> pl.DataFrame:
    """Returns some fixes in columns of `_FIX`."""
    columns = {
        "track_id": fixes.track_id[rows],
        "second": fixes.second[rows],
        "h3_res3": parent_cells(fixes.cell[rows], rules.coverage_cell_resolution),
        "sog_knots": fixes.sog_knots[rows],
    }
    return pl.DataFrame(columns, schema=_FIX)


def time_of(second: pl.Expr) -> pl.Expr:
    """Returns epoch seconds as an instant in UTC."""
    return (second * MICROSECONDS_PER_SECOND).cast(pl.Datetime("us", "UTC"))
