"""Rows of releases in PortWatch's columns, with daily values if these are requested and may be shown."""

from typing import Final

import polars as pl

from ais_indicators.publish.files import PORT_ACTIVITY
from ais_indicators.publish.headlines import FLOWS
from ais_indicators.publish.portwatch.layout import (
    CHOKEPOINTS_DAILY,
    CHOKEPOINTS_WEEKLY,
    PORTS_DAILY,
    PORTS_WEEKLY,
    Layout,
)
from ais_indicators.publish.portwatch.tables import laid_out, port_rows, strait_rows
from ais_indicators.publish.vintages import contract_rows
from ais_indicators.releasing.known_places import known_places
from ais_indicators.releasing.known_then import Known
from ais_indicators.releasing.portwatch_days import (
    assessed_days,
    calls_and_tonnes,
    see_that_nothing_is_held_back,
    transits_and_payloads,
)
from ais_indicators.rules import Rules
from ais_indicators.settings import Settings

CHOKEPOINTS: Final = "gold.chokepoint_transits_weekly"


def portwatch_tables(
    settings: Settings, known: Known, is_daily: bool, rules: Rules
) -> dict[Layout, pl.DataFrame]:
    """Returns the rows of each file.

    Raises:
        WrongUseError: Daily values are requested that are not available.
    """
    ports = port_rows(contract_rows(known.vintages, PORT_ACTIVITY), contract_rows(known.vintages, FLOWS))
    straits = strait_rows(contract_rows(known.vintages, CHOKEPOINTS))
    rows = {PORTS_WEEKLY: ports, CHOKEPOINTS_WEEKLY: straits}
    if is_daily:
        see_that_nothing_is_held_back(settings, known)
        rows[PORTS_DAILY] = assessed_days(settings, known, calls_and_tonnes(settings, known), ports, rules)
        passed = transits_and_payloads(settings, known, rules)
        rows[CHOKEPOINTS_DAILY] = assessed_days(settings, known, passed, straits, rules)
    places = known_places(settings, known)
    return {layout: laid_out(measures, layout, places) for layout, measures in rows.items()}
