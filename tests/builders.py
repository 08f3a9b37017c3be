"""Rows for tests, whole from a few keywords."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from zlib import crc32

import polars as pl
import pyarrow as pa

from ais_indicators.contracts.types import arrow_schema
from ais_indicators.periods import Week
from ais_indicators.transforms.port_activity import with_register
from ais_indicators.units import SECONDS_PER_HOUR

Row = dict[str, Any]


def utc(text: str) -> datetime:
    """Reads `2026-11-16 10:00` as UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def port_call(
    arrived: str | None = "2026-11-17 08:00",
    departed: str | None = "2026-11-18 08:00",
    *,
    first_seen: str | None = None,
    last_seen: str | None = None,
    status: str | None = None,
    track: int = 1,
    port: str = "NLRTM",
    vessel_class: str = "tanker",
    **columns: Any,
) -> Row:
    """Builds a row of `silver.port_calls`.

    Args:
        arrived: Entry; None: not seen.
        departed: Exit; None: open or not seen.
        first_seen: First fix of the visit; the entry unless given.
        last_seen: Last fix of the visit; the exit unless given.
        status: `closed` with an exit and `open` without, unless given.
        track: Track of the ship.
        port: Port visited.
        vessel_class: Class of the ship.
        columns: Any other column in place of what follows from these.
    """
    entry, leave = arrived and utc(arrived), departed and utc(departed)
    ends_seen = (arrived is not None) + (departed is not None)
    row: Row = {
        "port_call_id": crc32(repr((track, port, arrived, departed, first_seen, last_seen)).encode()),
        "mmsi": 244_000_000 + track,
        "track_id": track,
        "vessel_id": f"mmsi-{244_000_000 + track}",
        "port_locode": port,
        "event_type": "port_call",
        "first_seen_at_utc": utc(first_seen) if first_seen else entry,
        "arrived_at_utc": entry,
        "departed_at_utc": leave,
        "last_seen_at_utc": utc(last_seen) if last_seen else leave,
        "call_status": status or ("closed" if departed else "open"),
        "entry_after_gap": False,
        "exit_after_gap": False,
        "arrival_is_estimated": False,
        "departure_is_estimated": False,
        "arrival_half_width_hours": None,
        "departure_half_width_hours": None,
        "stay_hours": (leave - entry).total_seconds() / SECONDS_PER_HOUR if entry and leave else None,
        "stop_hours": 1.0,
        "longest_stop_minutes": 60.0,
        "at_rest_when_last_seen": False,
        "gap_hours": 0.0,
        "waiting_hours": 0.0,
        "sailed_at_entry_nm": None,
        "sailed_at_exit_nm": None,
        "confidence": 2 + ends_seen,
        "vessel_class": vessel_class,
        "arrival_week": Week.of(entry.date()).name if entry else None,
        "settled_week": Week.of(leave.date()).name if leave else "open",
    }
    return row | columns


def transit(
    entered: str = "2026-11-17 08:00",
    hours: float = 2.0,
    *,
    track: int = 1,
    gate: str = "suez",
    direction: str = "side_a_to_side_b",
    **columns: Any,
) -> Row:
    """Builds a row of `silver.chokepoint_transits`: a complete transit that counts, unless columns say else."""
    entry = utc(entered)
    row: Row = {
        "transit_id": crc32(repr((track, gate, entered)).encode()),
        "mmsi": 244_000_000 + track,
        "track_id": track,
        "vessel_id": f"mmsi-{244_000_000 + track}",
        "gate_code": gate,
        "direction": direction,
        "entered_at_utc": entry,
        "left_at_utc": entry + timedelta(hours=hours),
        "transit_hours": float(hours),
        "is_complete": True,
        "is_inferred": False,
        "is_counted": True,
        "is_jumped": False,
        "gap_hours": 0.0,
        "vessel_class": "tanker",
        "arrival_week": Week.of(entry.date()).name,
        "settled_week": Week.of(entry.date()).name,
    }
    return row | columns


def waiting_vessel(track: int, place: str, *, week: str = "2026-W47", **columns: Any) -> Row:
    """Builds a row of `silver.waiting_vessels`: a tanker that lies still at an anchorage, unless columns say else."""
    row: Row = {
        "track_id": track,
        "mmsi": 244_000_000 + track,
        "vessel_id": f"mmsi-{244_000_000 + track}",
        "vessel_class": "tanker",
        "place_kind": "anchorage",
        "place_code": place,
        "is_inside": False,
        "is_still": True,
        "since_utc": Week.parse(week).start,
        "last_seen_at_utc": Week.parse(week).end,
        "week": week,
        "ship_bucket": 0,
    }
    return row | columns


def frame(table: str, rows: Iterable[Row]) -> pl.DataFrame:
    """Makes rows into a frame with the types of a table's contract; a row must have exactly its columns."""
    schema, listed = arrow_schema(table), list(rows)
    assert all(set(row) == set(schema.names) for row in listed)
    return pl.DataFrame(pa.Table.from_pylist(listed, schema=schema))


Ship = tuple[str, str | None, float | None]
"""A ship of the register: its `vessel_id`, class and gross tonnage."""


def calls_frame(rows: Iterable[Row], register: Iterable[Ship] = ()) -> pl.DataFrame:
    """Makes rows of `port_call` into a frame of `silver.port_calls` with what a register says of the ships."""
    return with_register(frame("silver.port_calls", rows), _ships(register))


def waiting_frame(rows: Iterable[Row], register: Iterable[Ship] = ()) -> pl.DataFrame:
    """Makes rows of `waiting_vessel` into a frame of `silver.waiting_vessels` in the same way."""
    return with_register(frame("silver.waiting_vessels", rows), _ships(register))


def _ships(register: Iterable[Ship]) -> pl.DataFrame:
    schema = {"vessel_id": pl.String, "register_class": pl.String, "gross_tonnage": pl.Float64}
    return pl.DataFrame(list(register), schema=schema, orient="row")
