"""Reads what each vessel contributes to the released tables of a week, for disclosure control.

Only releases under a protected profile need it, so none of it is stored.
"""

import polars as pl

from ais_indicators.evidence.inland_waters import read_inland_traffic
from ais_indicators.evidence.jamming import read_jammed_hours
from ais_indicators.evidence.senders import DARK, INTERFERENCE, read_dark_by_vessel
from ais_indicators.io.delta import read_files
from ais_indicators.io.freshness import (
    CALLS,
    DISPLACEMENTS,
    POSITION_LOSSES,
    TRANSITS,
    VOYAGES,
    WAITING,
    files_of_events,
    files_of_weeks,
    weeks_of_voyages,
)
from ais_indicators.io.vessel_registers import known_ships
from ais_indicators.io.week_rows import read_weeks
from ais_indicators.io.weeks import read_folded_weeks
from ais_indicators.periods import Week
from ais_indicators.publish.files import PORT_ACTIVITY
from ais_indicators.rules import Rules
from ais_indicators.settings import Settings
from ais_indicators.transforms.chokepoint_activity import TABLE as STRAITS
from ais_indicators.transforms.chokepoint_activity import TRANSIT_COLUMNS
from ais_indicators.transforms.contributions import (
    flow_contributions,
    port_contributions,
    strait_contributions,
    vessel_contributions,
)
from ais_indicators.transforms.interference import interference_by_vessel
from ais_indicators.transforms.port_activity import CALL_COLUMNS
from ais_indicators.transforms.transit_payloads import VOYAGE_COLUMNS, transit_payloads
from ais_indicators.week_windows import trailing

FLOWS = "gold.trade_flows_weekly"


def read_contributions(settings: Settings, week: Week, rules: Rules) -> dict[str, pl.DataFrame]:
    """Reads the contributions of each vessel to each cell, by table.

    Args:
        settings: The lake.
        week: The week.
        rules: Rules of the lake's subject.
    """
    ships = known_ships(settings).ships
    waiting = read_weeks(settings, WAITING, [week])
    calls = _read(settings, CALLS, week, CALL_COLUMNS)
    transits = _read(settings, TRANSITS, week, TRANSIT_COLUMNS)
    voyages = files_of_weeks(settings, VOYAGES, weeks_of_voyages([week], rules))
    carried = pl.DataFrame(read_files(settings, VOYAGES, voyages, VOYAGE_COLUMNS))
    inland = read_inland_traffic(settings, [week], ships, rules)
    return {
        PORT_ACTIVITY: port_contributions(calls, waiting, ships, week, inland, rules),
        STRAITS: strait_contributions(transits, waiting, ships, transit_payloads(transits, carried), week),
        FLOWS: flow_contributions(read_weeks(settings, VOYAGES, [week]), ships),
        **_of_integrity(settings, week, rules),
    }


def _of_integrity(settings: Settings, week: Week, rules: Rules) -> dict[str, pl.DataFrame]:
    before = trailing(week, read_folded_weeks(settings), rules)
    interfered = interference_by_vessel(
        read_weeks(settings, DISPLACEMENTS, [week]),
        read_weeks(settings, POSITION_LOSSES, [week]),
        read_jammed_hours(settings, week, before, rules),
    )
    dark = read_dark_by_vessel(settings, week, before, rules).with_columns(heard_vessel_hours=0.0)
    return {
        INTERFERENCE: vessel_contributions(interfered, ("vessels", "vessel_hours")),
        DARK: vessel_contributions(dark, ("dark_vessels", "silent_vessel_hours", "heard_vessel_hours")),
    }


def _read(settings: Settings, table: str, week: Week, columns: tuple[str, ...]) -> pl.DataFrame:
    return pl.DataFrame(read_files(settings, table, files_of_events(settings, table, week, week), columns))
