"""Reads what identifies inland vessels in some weeks of a lake."""

from collections.abc import Sequence

import polars as pl

from ais_indicators.io.delta import read_files
from ais_indicators.io.references import inland_ports
from ais_indicators.periods import Week
from ais_indicators.pipelines.freshness import CALLS, files_of_events
from ais_indicators.rules import rule
from ais_indicators.settings import Settings
from ais_indicators.transforms.inland import (
    NO_INLAND_TRAFFIC,
    VISIT_COLUMNS,
    InlandTraffic,
    find_inland_traffic,
)


def read_inland_traffic(settings: Settings, weeks: Sequence[Week], ships: pl.DataFrame) -> InlandTraffic:
    """Reads the ports on inland waters and the vessels that called at ports of the sea.

    Args:
        settings: Of the lake.
        weeks: Consecutive weeks, in order.
        ships: Vessels that the register knows, column `vessel_id`.
    """
    ports = inland_ports(settings)
    if not ports:
        return NO_INLAND_TRAFFIC
    first = weeks[0].plus(-int(rule("inland_sea_call_weeks")))
    files = files_of_events(settings, CALLS, first, weeks[-1])
    visits = pl.DataFrame(read_files(settings, CALLS, files, VISIT_COLUMNS))
    return find_inland_traffic(visits, ports, ships["vessel_id"], weeks)
