"""Reads evidence of whether the receivers of ports worked: which vessels fell silent in port, and which still sent."""

from collections.abc import Sequence

import polars as pl

from ais_indicators.evidence.stations import hours_up
from ais_indicators.io.delta import read_rows
from ais_indicators.io.freshness import DISPLACEMENTS, POSITION_LOSSES, SILENCES
from ais_indicators.periods import Week
from ais_indicators.rules import Rules
from ais_indicators.settings import Settings
from ais_indicators.transforms.port_outages import (
    SENT_SCHEMA,
    outages_of_receivers,
    port_outages,
    silences_in_port,
    without_received,
)


def read_port_outages(
    settings: Settings,
    week: Week,
    before: Sequence[Week],
    calls: pl.DataFrame,
    ports: pl.DataFrame,
    senders: pl.DataFrame,
    rules: Rules,
) -> pl.DataFrame:
    """Finds the hours of a week in which receivers missed a port though its cell was heard.

    Args:
        settings: Settings of the lake.
        week: The week.
        before: The existing trailing weeks.
        calls: Port calls that touch these weeks, as `port_outages` takes them.
        ports: Columns of `PLACE_SCHEMA`.
        senders: Rows of `silver.sender_weeks` of the week.
        rules: Rules of the lake's subject.

    Returns:
        Columns `place_code` and `hour_of_week`, in order.
    """
    weeks = [*before, week]
    columns = ["track_id", "silent_from_utc", "heard_again_at_utc", "week"]
    in_port = silences_in_port(calls, _read(settings, SILENCES, columns, weeks))
    suspected = port_outages(calls, in_port, in_port, before, week, rules)
    if suspected.is_empty():
        return suspected
    fallen = in_port.filter(pl.col("place_code").is_in(suspected["place_code"].unique().implode()))
    cut_off = without_received(fallen, _received(settings, weeks, fallen["mmsi"].unique().sort()))
    found = port_outages(calls, in_port, cut_off, before, week, rules)
    return outages_of_receivers(found, ports, senders, hours_up(settings, week, before, rules), rules)


def _received(settings: Settings, weeks: Sequence[Week], mmsi: pl.Series) -> pl.DataFrame:
    """Reads when some vessels were received without an accepted position; columns of `SENT_SCHEMA`."""
    is_wanted = pl.col("mmsi").is_in(mmsi.implode())
    displaced = _read(
        settings, DISPLACEMENTS, ["mmsi", "first_at_utc", "last_at_utc", "false_position_kind"], weeks
    )
    lost = _read(settings, POSITION_LOSSES, ["mmsi", "hour_utc"], weeks).filter(is_wanted)
    false = displaced.filter(is_wanted).drop_nulls("false_position_kind")
    # Of an hour with losses it is not known when they were: one that begins after the last fix counts.
    times = [
        false.select("mmsi", from_utc="first_at_utc", until_utc="last_at_utc"),
        lost.select("mmsi", from_utc="hour_utc", until_utc="hour_utc"),
    ]
    return pl.concat([rows.cast(SENT_SCHEMA) for rows in times])  # type: ignore[arg-type]


def _read(settings: Settings, table: str, columns: Sequence[str], weeks: Sequence[Week]) -> pl.DataFrame:
    filters = [("week", "in", [week.name for week in weeks])]
    return pl.DataFrame(read_rows(settings, table, columns, filters))
