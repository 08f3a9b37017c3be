"""Task `measure_quality`: the quality indicators of every release."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import polars as pl

from ais_indicators.fold.identities import is_imo_number
from ais_indicators.io.delta import read_files, read_rows
from ais_indicators.io.freshness import CALLS, COVERAGE, VOYAGES, files_of_events
from ais_indicators.io.log_counts import POSITIONS, rows_by_day
from ais_indicators.io.week_rows import read_weeks
from ais_indicators.periods import Week
from ais_indicators.rules import Rules
from ais_indicators.settings import Settings
from ais_indicators.tracking.receiver_clocks import TABLE as CLOCKS
from ais_indicators.transforms.quality import CALL_COLUMNS, QualitySources, quality_of_week
from ais_indicators.week_windows import trailing
from ais_indicators.weekly_table import Computed, FoldedLake, WeeklyTable, by_week

QUALITY: Final = "gold.quality_weekly"
REPORTS: Final = "silver.vessel_reports"
MATCHES: Final = "silver.register_matches"
ACTIVITY: Final = "gold.port_activity_weekly"
FLOWS: Final = "gold.trade_flows_weekly"
BY_WEEK: Final = (COVERAGE, REPORTS, VOYAGES, ACTIVITY, FLOWS, CLOCKS)


def _compute(lake: FoldedLake, stale: Sequence[Week]) -> Iterator[Computed]:
    messages, matches = _messages(lake), pl.DataFrame(read_rows(lake.settings, MATCHES))
    for week in stale:
        yield (
            [week],
            {
                QUALITY: quality_of_week(
                    _sources(lake.settings, week, messages, matches, lake.rules), week, lake.rules
                )
            },
        )


def _messages(lake: FoldedLake) -> dict[Week, int]:
    """Accepted fixes of each folded week."""
    positions = rows_by_day(lake.settings, POSITIONS)
    return {week: sum(positions[day] for day in week.days) for week in lake.folded}


def _references(lake: FoldedLake) -> dict[Week, list[str]]:
    """Returns the numbers of fixes up to each week, and how its vessels were found in the register."""
    messages, matches = _messages(lake), pl.DataFrame(read_rows(lake.settings, MATCHES))
    matched = {str(name): rows.sort("register_match").rows() for (name,), rows in matches.group_by("week")}
    return {
        week: [
            str([messages[at] for at in [*trailing(week, messages, lake.rules), week]]),
            str(matched.get(week.name)),
        ]
        for week in messages
    }


def _sources(
    settings: Settings, week: Week, messages: Mapping[Week, int], matches: pl.DataFrame, rules: Rules
) -> QualitySources:
    coverage, reports, voyages, activity, flows, clocks = (
        read_weeks(settings, table, [week]) for table in BY_WEEK
    )
    return QualitySources(
        messages=messages[week],
        messages_before=tuple(messages[at] for at in trailing(week, messages, rules)),
        coverage=coverage,
        reports=reports.with_columns(is_valid_imo=is_imo_number(pl.col("imo_number"))),
        calls=pl.DataFrame(
            read_files(settings, CALLS, files_of_events(settings, CALLS, week, week), CALL_COLUMNS)
        ),
        matches=matches.filter(week=week.name),
        voyages=voyages,
        activity=activity,
        flows=flows,
        clocks=clocks,
    )


WEEKLY_TABLES: Final = (WeeklyTable((QUALITY,), by_week((*BY_WEEK, CALLS)), _compute, _references),)
run = WEEKLY_TABLES[0].run
