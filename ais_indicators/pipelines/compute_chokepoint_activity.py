"""Task `compute_chokepoint_activity`: transits and waiting ships to the weekly indicators of straits."""

from typing import Final

from ais_indicators.io.frames import frame_of_files
from ais_indicators.io.vessel_registers import known_ships
from ais_indicators.periods import Week
from ais_indicators.pipelines.fold_plan import newest_week, read_folded_weeks
from ais_indicators.pipelines.freshness import (
    TRANSITS,
    WAITING,
    chunks,
    event_signatures,
    files_of_events,
    files_of_weeks,
    stale_weeks,
)
from ais_indicators.pipelines.gold import WEEKS_AT_ONCE, replace_weeks
from ais_indicators.pipelines.job import Job
from ais_indicators.transforms.chokepoint_activity import weekly_chokepoint_activity

WEEKLY: Final = "gold.chokepoint_transits_weekly"
SHIPS: Final = "vessel_id string, register_class string, deadweight_t double"
SHIP_COLUMNS: Final = [column.split()[0] for column in SHIPS.split(", ")]


def run(job: Job) -> list[Week]:
    """Computes every folded week whose transits or waiting ships changed since; gives those weeks."""
    settings = job.settings
    newest = newest_week(settings)
    known = known_ships(settings)
    signatures = event_signatures(settings, TRANSITS, read_folded_weeks(settings), newest, known.signature)
    stale = stale_weeks(settings, WEEKLY, signatures)
    for weeks in chunks(stale, WEEKS_AT_ONCE):
        files = files_of_events(settings, TRANSITS, weeks[0], weeks[-1])
        transits = frame_of_files(job.spark, settings, TRANSITS, files)
        waiting = frame_of_files(job.spark, settings, WAITING, files_of_weeks(settings, WAITING, weeks))
        ships = job.spark.createDataFrame(known.ships.select(SHIP_COLUMNS).to_arrow(), SHIPS)
        rows = weekly_chokepoint_activity(transits, waiting, ships, weeks, newest)
        replace_weeks(settings, WEEKLY, rows, weeks, signatures)
    return stale
