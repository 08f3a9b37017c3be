"""Task `compute_cell_activity`: ships in H3 cells to the weekly cell activity that maps show."""

from collections.abc import Iterator, Sequence
from typing import Final

from ais_indicators.io.week_rows import read_weeks
from ais_indicators.periods import Week
from ais_indicators.transforms.cell_activity import weekly_cell_activity
from ais_indicators.weekly_table import Computed, FoldedLake, Input, WeeklyTable

WEEKLY: Final = "gold.cell_activity_weekly"
SOURCE: Final = "silver.cell_weeks"


def _compute(lake: FoldedLake, stale: Sequence[Week]) -> Iterator[Computed]:
    for week in stale:
        yield [week], {WEEKLY: weekly_cell_activity(read_weeks(lake.settings, SOURCE, [week]))}


WEEKLY_TABLES: Final = (WeeklyTable((WEEKLY,), (Input(SOURCE),), _compute),)
run = WEEKLY_TABLES[0].run
