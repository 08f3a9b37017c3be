"""Finds the weeks of each weekly table that the next run would recompute. Reads only, without Spark."""

from collections.abc import Iterable, Mapping

from ais_indicators.io.subject import lake_subject
from ais_indicators.io.vessel_registers import known_ships
from ais_indicators.periods import Week
from ais_indicators.pipelines.assess_chokepoints import STATUS, stale_chokepoints
from ais_indicators.pipelines.assess_coverage import stale_coverage
from ais_indicators.pipelines.assess_interference import INTERFERENCE, stale_interference
from ais_indicators.pipelines.compute_contributors import CONTRIBUTORS, stale_contributors
from ais_indicators.pipelines.compute_series import SERIES, stale_series
from ais_indicators.pipelines.compute_trade_flows import FLOWS, stale_flows
from ais_indicators.pipelines.derive_voyages import DRAWS, VOYAGES, stale_voyages
from ais_indicators.pipelines.fold_plan import newest_week, read_folded_weeks
from ais_indicators.pipelines.freshness import (
    call_signatures,
    cell_signatures,
    stale_weeks,
    transit_signatures,
)
from ais_indicators.pipelines.measure_quality import QUALITY, stale_quality
from ais_indicators.settings import Settings
from ais_indicators.tasks import tables_written

PORTS = ("gold.port_activity_weekly", "gold.port_activity_daily")
STRAITS = "gold.chokepoint_transits_weekly"
CELLS = "gold.cell_activity_weekly"


def stale_tables(settings: Settings) -> dict[str, list[Week]]:
    """Finds the weeks of each weekly table whose inputs have changed since they were computed.

    Tables that one task writes together are recomputed together.

    Args:
        settings: Of a lake that holds messages.

    Returns:
        The weeks in order, by table, for every table that the weekly tasks after the fold write week by week.
    """
    folded, newest = read_folded_weeks(settings), newest_week(settings)
    register = known_ships(settings).signature
    calls = call_signatures(settings, folded, newest, register)
    transits = transit_signatures(settings, folded, newest, register)
    found = {
        **_together(PORTS, *(stale_weeks(settings, table, calls) for table in PORTS)),
        STRAITS: stale_weeks(settings, STRAITS, transits),
        STATUS: stale_chokepoints(settings),
        CELLS: stale_weeks(settings, CELLS, cell_signatures(settings, folded)),
        **_together((VOYAGES, DRAWS), stale_voyages(settings)),
        FLOWS: stale_flows(settings),
        **stale_coverage(settings),
        INTERFERENCE: stale_interference(settings),
        SERIES: stale_series(settings),
        QUALITY: stale_quality(settings),
        CONTRIBUTORS: stale_contributors(settings),
    }
    written = tables_written(lake_subject(settings))
    return {table: found[table] for table in sorted(found.keys() & written)}


def tables_by_week(stale: Mapping[str, Iterable[Week]]) -> dict[Week, list[str]]:
    """Groups the result of `stale_tables` by week: the tables of each, by name."""
    found: dict[Week, list[str]] = {}
    for table in sorted(stale):
        for week in stale[table]:
            found.setdefault(week, []).append(table)
    return found


def _together(tables: Iterable[str], *stale: Iterable[Week]) -> dict[str, list[Week]]:
    weeks = sorted({week for of_table in stale for week in of_table})
    return dict.fromkeys(tables, weeks)
