"""Task `compute_trade_flows`: voyages to weekly flows between ports and countries, week by week, in polars."""

from collections.abc import Iterator, Sequence
from typing import Final

import polars as pl

from ais_indicators.io.freshness import COVERAGE
from ais_indicators.io.week_rows import read_weeks
from ais_indicators.periods import Week
from ais_indicators.pipelines.derive_voyages import DRAWS, VOYAGES
from ais_indicators.transforms.trade_flows import covered_flows, trade_flows
from ais_indicators.weekly_table import Computed, FoldedLake, WeeklyTable, by_week, finality

FLOWS: Final = "gold.trade_flows_weekly"
SOURCES: Final = (VOYAGES, DRAWS, COVERAGE)


def _compute(lake: FoldedLake, stale: Sequence[Week]) -> Iterator[Computed]:
    for week in stale:
        voyages, draws, coverage = (read_weeks(lake.settings, table, [week]) for table in SOURCES)
        flows = trade_flows(voyages.drop("week"), draws.drop("week"), lake.is_final(week), lake.rules)
        yield [week], {FLOWS: covered_flows(flows.with_columns(week=pl.lit(week.name)), coverage, lake.rules)}


WEEKLY_TABLES: Final = (WeeklyTable((FLOWS,), by_week(SOURCES), _compute, mark=finality),)
run = WEEKLY_TABLES[0].run
