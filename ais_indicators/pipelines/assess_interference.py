"""Task `assess_interference`: areas in which vessels were shown falsely, and in which they lost their position."""

from collections.abc import Iterator, Sequence
from typing import Final

import polars as pl

from ais_indicators.evidence.jamming import read_jammed_hours
from ais_indicators.io.freshness import DISPLACEMENTS, MESSAGE_HOURS, POSITION_LOSSES, baseline
from ais_indicators.io.week_rows import read_weeks
from ais_indicators.periods import Week
from ais_indicators.transforms.interference import weekly_interference
from ais_indicators.week_windows import trailing
from ais_indicators.weekly_table import Computed, FoldedLake, Input, WeeklyTable, finality

INTERFERENCE: Final = "gold.interference_weekly"


def _compute(lake: FoldedLake, stale: Sequence[Week]) -> Iterator[Computed]:
    settings = lake.settings
    for week in stale:
        displaced, losses = (read_weeks(settings, of, [week]) for of in (DISPLACEMENTS, POSITION_LOSSES))
        jammed = read_jammed_hours(settings, week, trailing(week, lake.folded, lake.rules), lake.rules)
        rows = weekly_interference(displaced, losses, jammed)
        status = pl.lit(lake.obs_status(week))
        yield [week], {INTERFERENCE: rows.with_columns(obs_status=status, conf_status=pl.lit("F"))}


WEEKLY_TABLES: Final = (
    WeeklyTable(
        (INTERFERENCE,),
        (Input(DISPLACEMENTS), Input(POSITION_LOSSES, baseline), Input(MESSAGE_HOURS, baseline)),
        _compute,
        mark=finality,
    ),
)
run = WEEKLY_TABLES[0].run
