"""Task `compute_cell_activity`: ships in H3 cells to the weekly cell activity that maps show."""

from pyspark.sql import functions as sf

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
        cells = job.spark.read.format("delta").load(str(settings.table_path(SOURCE)))
        wanted = cells.where(sf.col("week").isin([week.name for week in weeks]))
        replace_weeks(settings, WEEKLY, weekly_cell_activity(wanted), weeks, signatures)
    return stale
