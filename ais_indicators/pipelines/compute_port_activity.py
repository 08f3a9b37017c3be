"""Task `compute_port_activity`: port calls to the daily and weekly port indicators."""

from pyspark.sql import functions as sf

from ais_indicators.periods import Week
from ais_indicators.pipelines.fold_plan import newest_week, read_folded_weeks
from ais_indicators.pipelines.freshness import call_signatures, chunks, stale_weeks
from ais_indicators.pipelines.gold import WEEKS_AT_ONCE, replace_weeks
from ais_indicators.pipelines.job import Job
from ais_indicators.transforms.port_activity import daily_port_activity, weekly_port_activity

WEEKLY = "gold.port_activity_weekly"
DAILY = "gold.port_activity_daily"
CALLS = "silver.port_calls"


def run(job: Job) -> list[Week]:
    """Computes every folded week whose port calls changed since; gives those weeks."""
    settings = job.settings
    newest = newest_week(settings)
    signatures = call_signatures(settings, read_folded_weeks(settings), newest)
    stale = sorted({*stale_weeks(settings, WEEKLY, signatures), *stale_weeks(settings, DAILY, signatures)})
    for weeks in chunks(stale, WEEKS_AT_ONCE):
        calls = job.spark.read.format("delta").load(str(settings.table_path(CALLS)))
        touching = calls.where(sf.col("settled_week") >= weeks[0].name)
        replace_weeks(settings, WEEKLY, weekly_port_activity(touching, weeks, newest), weeks, signatures)
        replace_weeks(settings, DAILY, daily_port_activity(touching, weeks, newest), weeks, signatures)
    return stale
