"""Reads what identifies inland vessels in some weeks of a lake."""

from collections.abc import Sequence

import polars as pl

from ais_indicators.io.delta import read_files
from ais_indicators.io.freshness import CALLS, files_of_events
from ais_indicators.io.references import inland_ports
from ais_indicators.periods import Week
from ais_indicators.rules import Rules
from ais_indicators.settings import Settings
from ais_indicators.transforms.inland import (
    NO_INLAND_TRAFFIC,
    VISIT_COLUMNS,
    InlandTraffic,
    find_inland_traffic,
)
from ais_indicators.weekly_table import FoldedLake, Input


def inland_call_paths(lake: FoldedLake, week: Week) -> list[str]:
    """Lists the ports on inland waters and the files of the calls that tell their traffic apart; none without any."""
    ports = inland_ports(lake.settings)
    return [*ports, *lake.paths(Input(CALLS, _sea_call_weeks), week)] if ports else []


def _sea_call_weeks(week: Week, rules: Rules) -> tuple[Week, Week]:
    return week.plus(-rules.inland_sea_call_weeks), week


def read_inland_traffic(
    settings: Settings, weeks: Sequence[Week], ships: pl.DataFrame, rules: Rules
) -> InlandTraffic:
    """Reads the ports on inland waters and the vessels that called at ports of the sea.

    Args:
        settings: Of the lake.
        weeks: Consecutive weeks, in order.
        ships: Vessels that the register knows, column `vessel_id`.
        rules: Rules of the lake's subject.
    """
    ports = inland_ports(settings)
    if not ports:
        return NO_INLAND_TRAFFIC
    files = files_of_events(settings, CALLS, _sea_call_weeks(weeks[0], rules)[0], weeks[-1])
    visits = pl.DataFrame(read_files(settings, CALLS, files, VISIT_COLUMNS))
    return find_inland_traffic(visits, ports, ships["vessel_id"], weeks, rules)
