"""Task `compute_cell_activity`: ships in H3 cells to the weekly cell activity that maps show."""

from ais_indicators.io.delta import active_files, open_delta
from ais_indicators.io.frames import frame_of_files
from ais_indicators.periods import Week
from ais_indicators.pipelines.fold_plan import read_folded_weeks
from ais_indicators.pipelines.freshness import cell_signatures, chunks, stale_weeks
from ais_indicators.pipelines.gold import WEEKS_AT_ONCE, replace_weeks
from ais_indicators.pipelines.job import Job
from ais_indicators.transforms.cell_activity import weekly_cell_activity

WEEKLY = "gold.cell_activity_weekly"
SOURCE = "silver.cell_weeks"


def run(job: Job) -> list[Week]:
    """Computes every folded week whose cells changed since; gives those weeks."""
    settings = job.settings
    signatures = cell_signatures(settings, read_folded_weeks(settings))
    stale = stale_weeks(settings, WEEKLY, signatures)
    for weeks in chunks(stale, WEEKS_AT_ONCE):
        names = {week.name for week in weeks}
        files = [f for f in active_files(open_delta(settings, SOURCE)) if f.partition["week"] in names]
        cells = frame_of_files(job.spark, settings, SOURCE, files)
        replace_weeks(settings, WEEKLY, weekly_cell_activity(cells), weeks, signatures)
    return stale
