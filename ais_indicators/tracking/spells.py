"""Times in which an MMSI was heard, whatever the track: the silences of vessels are between them."""

from typing import Final

import numpy as np
import polars as pl

from ais_indicators.fold.runs import run_ends, run_starts
from ais_indicators.geo.cell_parents import parent_cells
from ais_indicators.rules import Rules
from ais_indicators.tracking.silences import DayOfFixes, time_of
from ais_indicators.units import SECONDS_PER_HOUR

_SPELL: Final = {"mmsi": pl.Int64, "first": pl.Int64, "last": pl.Int64, "h3_res3": pl.Int64}


class Spells:
    """The spells of one bucket and week, day by day."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._silence_s = int(rules.dark_silence_hours * SECONDS_PER_HOUR)
        self._days: list[pl.DataFrame] = []

    def take(self, fixes: DayOfFixes) -> None:
        """Takes the fixes of a day, those of a number together and in the order of time."""
        since = np.diff(fixes.second, prepend=0)
        starts = run_starts(fixes.mmsi, np.cumsum(since >= self._silence_s))
        last = run_ends(starts, fixes.mmsi.size) - 1
        of_day = {
            "mmsi": fixes.mmsi[starts],
            "first": fixes.second[starts],
            "last": fixes.second[last],
            "h3_res3": parent_cells(fixes.cell[last], self._rules.coverage_cell_resolution),
        }
        self._days.append(pl.DataFrame(of_day, schema=_SPELL))

    def rows(self) -> pl.DataFrame:
        """Returns columns of `silver.heard_spells`: what is closer together than a silence is one spell."""
        since = pl.col("first") - pl.col("last").shift(1).over("mmsi")
        return (
            pl.concat([pl.DataFrame(schema=_SPELL), *self._days])
            .sort("mmsi", "first", "last")
            .with_columns(spell=(since >= self._silence_s).fill_null(False).cum_sum().over("mmsi"))
            .group_by("mmsi", "spell", maintain_order=True)
            .agg(pl.col("first").first(), pl.col("last").last(), pl.col("h3_res3").last())
            .select(
                "mmsi",
                time_of(pl.col("first")).alias("heard_from_utc"),
                time_of(pl.col("last")).alias("heard_until_utc"),
                "h3_res3",
            )
        )
