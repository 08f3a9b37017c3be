"""Task `compute_chokepoint_activity`: transits and waiting ships to the weekly indicators of chokepoints."""

from collections.abc import Iterator, Sequence
from typing import Final

import polars as pl

from ais_indicators.io.delta import read_files
from ais_indicators.io.freshness import (
    COVERAGE,
    TRANSITS,
    VOYAGES,
    WAITING,
    chunks,
    counted_weeks,
    files_of_events,
    files_of_weeks,
    weeks_at_sea,
    weeks_of_voyages,
)
from ais_indicators.io.week_rows import WEEKS_AT_ONCE, heard_places, read_weeks
from ais_indicators.periods import Week
from ais_indicators.pipelines.compute_port_activity import COVERED
from ais_indicators.rules import Rules
from ais_indicators.settings import Settings
from ais_indicators.transforms.chokepoint_activity import (
    TRANSIT_COLUMNS,
    weekly_chokepoint_activity,
    with_empty_gates,
)
from ais_indicators.transforms.coverage_status import covered
from ais_indicators.transforms.transit_payloads import VOYAGE_COLUMNS, transit_payloads
from ais_indicators.week_windows import trailing_weeks
from ais_indicators.weekly_table import Computed, FoldedLake, Input, WeeklyTable, finality

WEEKLY: Final = "gold.chokepoint_transits_weekly"
SHIP_COLUMNS: Final = ("vessel_id", "register_class", "deadweight_t")


def _compute(lake: FoldedLake, stale: Sequence[Week]) -> Iterator[Computed]:
    settings, newest = lake.settings, lake.newest
    ships = lake.ships.ships.select(SHIP_COLUMNS)
    for weeks in chunks(stale, WEEKS_AT_ONCE):
        files = files_of_events(settings, TRANSITS, trailing_weeks(weeks[0], lake.rules)[0], weeks[-1])
        transits = pl.DataFrame(read_files(settings, TRANSITS, files, TRANSIT_COLUMNS))
        waiting = read_weeks(settings, WAITING, weeks)
        payloads = transit_payloads(transits, _voyages(settings, weeks, lake.rules))
        rows = weekly_chokepoint_activity(transits, waiting, ships, payloads, weeks, newest, lake.rules)
        heard = heard_places(settings, "gate", weeks, lake.rules)
        rows = with_empty_gates(rows, transits, ships, heard, weeks, newest, lake.rules)
        gates = read_weeks(settings, COVERAGE, weeks).filter(place_kind="gate")
        yield weeks, {WEEKLY: covered(rows, gates, ["week", "gate_code"], ["week", "place_code"], lake.rules)}


def _voyages(settings: Settings, weeks: Sequence[Week], rules: Rules) -> pl.DataFrame:
    """Reads the voyages that can lead through the weeks."""
    files = files_of_weeks(settings, VOYAGES, weeks_of_voyages(weeks, rules))
    return pl.DataFrame(read_files(settings, VOYAGES, files, VOYAGE_COLUMNS))


def _references(lake: FoldedLake) -> dict[Week, list[str]]:
    return {week: [lake.ships.signature] for week in lake.folded}


STRAIT_INPUTS: Final = (Input(TRANSITS, counted_weeks), Input(VOYAGES, weeks_at_sea), *COVERED)
WEEKLY_TABLES: Final = (WeeklyTable((WEEKLY,), STRAIT_INPUTS, _compute, _references, finality),)
run = WEEKLY_TABLES[0].run
