"""Task `measure_quality`: the quality indicators of every release."""

from collections.abc import Mapping
from typing import Final

import polars as pl

from ais_indicators.fold.identities import is_imo_number
from ais_indicators.io.delta import read_files, read_rows
from ais_indicators.periods import Week
from ais_indicators.pipelines.assess_coverage import trailing
from ais_indicators.pipelines.fold_plan import read_folded_weeks
from ais_indicators.pipelines.freshness import (
    CALLS,
    COVERAGE,
    VOYAGES,
    files_of_events,
    paths_by_week,
    sign,
    stale_weeks,
)
from ais_indicators.pipelines.gold import read_weeks, replace_rows
from ais_indicators.pipelines.job import Job
from ais_indicators.pipelines.log_counts import POSITIONS, rows_by_day
from ais_indicators.pipelines.receiver_clocks import TABLE as CLOCKS
from ais_indicators.settings import Settings
from ais_indicators.transforms.quality import CALL_COLUMNS, QualitySources, quality_of_week

QUALITY: Final = "gold.quality_weekly"
REPORTS: Final = "silver.vessel_reports"
MATCHES: Final = "silver.register_matches"
ACTIVITY: Final = "gold.port_activity_weekly"
FLOWS: Final = "gold.trade_flows_weekly"
BY_WEEK: Final = (COVERAGE, REPORTS, VOYAGES, ACTIVITY, FLOWS, CLOCKS)


def run(job: Job) -> list[Week]:
    """Measures every folded week whose inputs changed since; returns those weeks."""
    settings = job.settings
    messages, matches = _messages(settings), pl.DataFrame(read_rows(settings, MATCHES))
    signatures = _signatures(settings, messages, matches)
    stale = stale_weeks(settings, QUALITY, signatures)
    for week in stale:
        rows = quality_of_week(_sources(settings, week, messages, matches), week)
        replace_rows(
            settings, QUALITY, rows.with_columns(week=pl.lit(week.name)).to_arrow(), [week], signatures
        )
    return stale


def stale_quality(settings: Settings) -> list[Week]:
    """Finds the weeks whose quality would be recomputed."""
    matches = pl.DataFrame(read_rows(settings, MATCHES))
    return stale_weeks(settings, QUALITY, _signatures(settings, _messages(settings), matches))


def _messages(settings: Settings) -> dict[Week, int]:
    """Counts accepted fixes of each folded week."""
    positions = rows_by_day(settings, POSITIONS)
    return {week: sum(positions[day] for day in week.days) for week in read_folded_weeks(settings)}


def _signatures(settings: Settings, messages: Mapping[Week, int], matches: pl.DataFrame) -> dict[Week, str]:
    """Signs the inputs of each week's quality."""
    paths = [paths_by_week(settings, table) for table in BY_WEEK]
    matched = {str(name): rows.sort("register_match").rows() for (name,), rows in matches.group_by("week")}
    return {
        week: sign(
            [
                *(path for of_table in paths for path in of_table[week.name]),
                *(file.path for file in files_of_events(settings, CALLS, week, week)),
                str([messages[at] for at in [*trailing(week, messages), week]]),
                str(matched.get(week.name)),
            ],
            False,
        )
        for week in messages
    }


def _sources(
    settings: Settings, week: Week, messages: Mapping[Week, int], matches: pl.DataFrame
) -> QualitySources:
    coverage, reports, voyages, activity, flows, clocks = (
        read_weeks(settings, table, [week]) for table in BY_WEEK
    )
    return QualitySources(
        messages=messages[week],
        messages_before=tuple(messages[at] for at in trailing(week, messages)),
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
