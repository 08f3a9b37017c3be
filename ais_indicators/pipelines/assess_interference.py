"""Task `assess_interference`: areas in which vessels were shown falsely, and in which they lost their position."""

from collections.abc import Iterator, Sequence
from typing import Final

import polars as pl

from ais_indicators.periods import Week
from ais_indicators.pipelines.assess_coverage import trailing
from ais_indicators.pipelines.freshness import DISPLACEMENTS, MESSAGE_HOURS, POSITION_LOSSES, baseline
from ais_indicators.pipelines.gold import read_weeks
from ais_indicators.pipelines.jamming_evidence import read_jammed_hours
from ais_indicators.pipelines.weekly_table import Computed, FoldedLake, Input, WeeklyTable, finality
from ais_indicators.transforms.interference import weekly_interference

INTERFERENCE: Final = "gold.interference_weekly"


def _compute(lake: FoldedLake, stale: Sequence[Week]) -> Iterator[Computed]:
    settings = lake.settings
    for week in stale:
        displaced, losses = (read_weeks(settings, of, [week]) for of in (DISPLACEMENTS, POSITION_LOSSES))
        jammed = read_jammed_hours(settings, week, trailing(week, lake.folded))
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
