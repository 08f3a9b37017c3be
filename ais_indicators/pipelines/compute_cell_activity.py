"""Task `compute_cell_activity`: ships in H3 cells to the weekly cell activity that maps show."""

from ais_indicators.periods import Week
from ais_indicators.pipelines.fold_plan import read_folded_weeks
from ais_indicators.pipelines.freshness import cell_signatures, stale_weeks
from ais_indicators.pipelines.gold import read_weeks, replace_rows
from ais_indicators.pipelines.job import Job
from ais_indicators.transforms.cell_activity import weekly_cell_activity

WEEKLY = "gold.cell_activity_weekly"
SOURCE = "silver.cell_weeks"


def run(job: Job) -> list[Week]:
    """Computes every folded week whose cells changed since; returns those weeks."""
    settings = job.settings
    signatures = cell_signatures(settings, read_folded_weeks(settings))
    stale = stale_weeks(settings, WEEKLY, signatures)
    for week in stale:
        cells = weekly_cell_activity(read_weeks(settings, SOURCE, [week]))
        replace_rows(settings, WEEKLY, cells.to_arrow(), [week], signatures)
    return stale
