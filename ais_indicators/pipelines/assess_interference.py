"""Task `assess_interference`: areas in which vessels were shown falsely, and in which they lost their position."""

from typing import Final

import polars as pl

from ais_indicators.periods import Week
from ais_indicators.pipelines.assess_coverage import trailing
from ais_indicators.pipelines.fold_plan import newest_week, read_folded_weeks
from ais_indicators.pipelines.freshness import (
    DISPLACEMENTS,
    MESSAGE_HOURS,
    POSITION_LOSSES,
    is_final,
    paths_by_week,
    sign,
    stale_weeks,
)
from ais_indicators.pipelines.gold import read_weeks, replace_rows
from ais_indicators.pipelines.jamming_evidence import read_jammed_hours
from ais_indicators.pipelines.job import Job
from ais_indicators.settings import Settings
from ais_indicators.transforms.interference import weekly_interference

INTERFERENCE: Final = "gold.interference_weekly"


def run(job: Job) -> list[Week]:
    """Computes every folded week whose displacements or losses changed since; returns those weeks."""
    settings = job.settings
    signatures = _signatures(settings)
    stale = stale_weeks(settings, INTERFERENCE, signatures)
    newest = newest_week(settings)
    for week in stale:
        losses = read_weeks(settings, POSITION_LOSSES, [week])
        jammed = read_jammed_hours(settings, week, trailing(week, signatures))
        rows = weekly_interference(read_weeks(settings, DISPLACEMENTS, [week]), losses, jammed)
        status = pl.lit("A" if is_final(week, newest) else "P")
        named = rows.with_columns(week=pl.lit(week.name), obs_status=status, conf_status=pl.lit("F"))
        replace_rows(settings, INTERFERENCE, named.to_arrow(), [week], signatures)
    return stale


def stale_interference(settings: Settings) -> list[Week]:
    """Finds the weeks that would be computed again."""
    return stale_weeks(settings, INTERFERENCE, _signatures(settings))


def _signatures(settings: Settings) -> dict[Week, str]:
    """Signature of each folded week: its displacements, and the losses and messages of it and its trailing weeks."""
    folded, newest = sorted(read_folded_weeks(settings)), newest_week(settings)
    displaced = paths_by_week(settings, DISPLACEMENTS)
    tables = [paths_by_week(settings, table) for table in (POSITION_LOSSES, MESSAGE_HOURS)]
    return {
        week: sign(
            [
                *displaced[week.name],
                *(p for of in (*trailing(week, folded), week) for paths in tables for p in paths[of.name]),
            ],
            is_final(week, newest),
        )
        for week in folded
    }
