"""Reads a lake's false positions, dark vessels and closed chokepoints for the evaluation. Without Spark."""

from typing import Final

import polars as pl

from ais_indicators.contracts.model import all_tables
from ais_indicators.io.delta import is_table, open_delta, read_rows
from ais_indicators.settings import Settings
from ais_simulator.evaluation.integrity import (
    DARK_VESSELS,
    INTERFERENCE,
    LOSSES,
    STATUS,
    VESSEL_HOUR,
    LakeRows,
)
from ais_simulator.evaluation.scores import PORT_CALL

CALLS: Final = "silver.port_calls"
TRANSITS: Final = "silver.chokepoint_transits"
POSITIONS: Final = "silver.positions"
QUARANTINE: Final = "quarantine.messages"
PORT_ACTIVITY: Final = "gold.port_activity_weekly"
GATE_ACTIVITY: Final = "gold.chokepoint_transits_weekly"
FALSE_POSITION: Final = "false_position"
TOTAL: Final = "_T"


def lake_rows(settings: Settings) -> LakeRows:
    """Reads the tables that `score_integrity` compares with the truth; None for missing ones."""
    losses, interference = _optional(settings, LOSSES), _optional(settings, INTERFERENCE)
    dark, status = _optional(settings, DARK_VESSELS), _optional(settings, STATUS)
    return LakeRows(
        calls=_calls(settings),
        transits=_transits(settings),
        heard=_heard(settings),
        rejected=_rejected(settings),
        arrivals=_arrivals(settings),
        gate_transits=_gate_transits(settings),
        losses=None if losses is None else losses.select(VESSEL_HOUR),
        interference=None if interference is None else interference.select("week", "kind"),
        dark_vessels=None if dark is None else dark.filter(region_code=TOTAL).select("week", "dark_vessels"),
        status=None if status is None else status.select("week", "gate_code", "chokepoint_status"),
    )


def _optional(settings: Settings, table: str) -> pl.DataFrame | None:
    """Reads a table that earlier builds do not have."""
    if table not in all_tables() or not is_table(settings, table):
        return None
    return pl.DataFrame(read_rows(settings, table))


def _calls(settings: Settings) -> pl.DataFrame:
    rows = pl.DataFrame(read_rows(settings, CALLS)).filter(event_type=PORT_CALL)
    return rows.select(
        "mmsi",
        "port_locode",
        began="first_seen_at_utc",
        ended=pl.coalesce("departed_at_utc", "last_seen_at_utc"),
    )


def _transits(settings: Settings) -> pl.DataFrame:
    rows = pl.DataFrame(read_rows(settings, TRANSITS)).filter("is_counted")
    return rows.select(
        "mmsi", "gate_code", began="entered_at_utc", ended=pl.coalesce("left_at_utc", "entered_at_utc")
    )


def _heard(settings: Settings) -> pl.DataFrame:
    positions = pl.scan_delta(open_delta(settings, POSITIONS))
    return positions.select("mmsi", _hour()).unique().collect()


def _rejected(settings: Settings) -> pl.DataFrame:
    rows = read_rows(
        settings, QUARANTINE, ["mmsi", "observed_at_utc", "reject_reasons"], filters=[("stage", "=", "fold")]
    )
    is_false = pl.col("reject_reasons").str.split(",").list.contains(FALSE_POSITION)
    return pl.DataFrame(rows).filter(is_false).select("mmsi", _hour()).unique()


def _hour() -> pl.Expr:
    return pl.col("observed_at_utc").dt.truncate("1h").alias("hour_utc")


def _arrivals(settings: Settings) -> pl.DataFrame:
    rows = pl.DataFrame(read_rows(settings, PORT_ACTIVITY))
    weekly = rows.filter(
        pl.col("port_locode") != TOTAL, indicator="arrivals", vessel_class=TOTAL, adjustment="N"
    )
    return weekly.select("week", "port_locode", "value", "obs_status")


def _gate_transits(settings: Settings) -> pl.DataFrame:
    rows = pl.DataFrame(read_rows(settings, GATE_ACTIVITY))
    weekly = rows.filter(indicator="transits", vessel_class=TOTAL, direction=TOTAL)
    return weekly.select("week", "gate_code", "value", "obs_status")
