"""Task `assess_chokepoints`: transits and coverage to the weekly status of every chokepoint."""

from collections.abc import Iterator, Sequence
from typing import Final

import polars as pl

from ais_indicators.io.delta import active_files, open_delta
from ais_indicators.io.freshness import COVERAGE
from ais_indicators.io.gate_references import gate_areas
from ais_indicators.io.week_rows import read_weeks
from ais_indicators.periods import Week
from ais_indicators.rules import Rules
from ais_indicators.settings import Settings
from ais_indicators.transforms.chokepoint_status import TABLE, chokepoint_status
from ais_indicators.weekly_table import Computed, FoldedLake, WeeklyTable, by_week, finality

STATUS: Final = TABLE
SOURCES: Final = ("gold.chokepoint_transits_weekly", COVERAGE)


def _compute(lake: FoldedLake, stale: Sequence[Week]) -> Iterator[Computed]:
    settings = lake.settings
    for week in stale:
        areas = pl.DataFrame(gate_areas(settings, lake.folded[week].gate_version))
        gates = areas["gate_code"].unique().to_list()
        transits, coverage = (read_weeks(settings, table, [week]) for table in SOURCES)
        before = read_weeks(settings, STATUS, _look_back(settings, week, lake.rules))
        yield (
            [week],
            {STATUS: chokepoint_status(gates, transits, coverage, before, lake.obs_status(week), lake.rules)},
        )


def _look_back(settings: Settings, week: Week, rules: Rules) -> list[Week]:
    """Returns the existing earlier weeks that can be usual ones, in order."""
    known = {Week.parse(str(f.partition["week"])) for f in active_files(open_delta(settings, STATUS))}
    wanted = (week.plus(-n) for n in range(rules.chokepoint_look_back_weeks, 0, -1))
    return [one for one in wanted if one in known]


def _references(lake: FoldedLake) -> dict[Week, list[str]]:
    return {week: [of.gate_version] for week, of in lake.folded.items()}


WEEKLY_TABLES: Final = (
    # Usual weeks leave out closed ones, which rest on usual weeks of their own.
    WeeklyTable((STATUS,), by_week(SOURCES), _compute, _references, finality, rests_on_earlier=True),
)
run = WEEKLY_TABLES[0].run
