"""Task `compute_chokepoint_activity`: transits and waiting ships to the weekly indicators of straits."""

from collections.abc import Sequence
from functools import partial
from typing import Final

import polars as pl

from ais_indicators.io.delta import read_files
from ais_indicators.io.frames import frame_of_files
from ais_indicators.io.staging import TableFile
from ais_indicators.io.vessel_registers import known_ships
from ais_indicators.periods import Week
from ais_indicators.pipelines.fold_plan import newest_week, read_folded_weeks
from ais_indicators.pipelines.freshness import (
    COVERAGE,
    TRANSITS,
    VOYAGES,
    WAITING,
    chunks,
    files_of_events,
    files_of_weeks,
    stale_weeks,
    transit_signatures,
    weeks_of_voyages,
)
from ais_indicators.pipelines.gold import WEEKS_AT_ONCE, read_weeks, replace_weeks
from ais_indicators.pipelines.job import Job
from ais_indicators.settings import Settings
from ais_indicators.transforms.chokepoint_activity import weekly_chokepoint_activity
from ais_indicators.transforms.coverage_status import covered
from ais_indicators.transforms.transit_payloads import VOYAGE_COLUMNS, transit_payloads

WEEKLY: Final = "gold.chokepoint_transits_weekly"
SHIPS: Final = "vessel_id string, register_class string, deadweight_t double"
PAYLOADS: Final = "transit_id bigint, payload_t double"
TRANSIT_COLUMNS: Final = ("transit_id", "vessel_id", "entered_at_utc")
SHIP_COLUMNS: Final = [column.split()[0] for column in SHIPS.split(", ")]


def run(job: Job) -> list[Week]:
    """Computes every folded week whose transits or waiting ships changed since; gives those weeks."""
    settings = job.settings
    newest = newest_week(settings)
    known = known_ships(settings)
    signatures = transit_signatures(settings, read_folded_weeks(settings), newest, known.signature)
    stale = stale_weeks(settings, WEEKLY, signatures)
    for weeks in chunks(stale, WEEKS_AT_ONCE):
        files = files_of_events(settings, TRANSITS, weeks[0], weeks[-1])
        transits = frame_of_files(job.spark, settings, TRANSITS, files)
        waiting = frame_of_files(job.spark, settings, WAITING, files_of_weeks(settings, WAITING, weeks))
        ships = job.spark.createDataFrame(known.ships.select(SHIP_COLUMNS).to_arrow(), SHIPS)
        payloads = job.spark.createDataFrame(_payloads(settings, files, weeks).to_arrow(), PAYLOADS)
        rows = weekly_chokepoint_activity(transits, waiting, ships, payloads, weeks, newest)
        gates = read_weeks(settings, COVERAGE, weeks).filter(place_kind="gate")
        finish = partial(covered, coverage=gates, on=["week", "gate_code"], place=["week", "place_code"])
        replace_weeks(settings, WEEKLY, rows, weeks, signatures, finish)
    return stale


def _payloads(settings: Settings, files: list[TableFile], weeks: Sequence[Week]) -> pl.DataFrame:
    """Payloads of the transits in some files, from the voyages that can lead through the weeks."""
    of_weeks = files_of_weeks(settings, VOYAGES, weeks_of_voyages(weeks))
    transits = read_files(settings, TRANSITS, files, TRANSIT_COLUMNS)
    voyages = read_files(settings, VOYAGES, of_weeks, VOYAGE_COLUMNS)
    return transit_payloads(pl.DataFrame(transits), pl.DataFrame(voyages))
