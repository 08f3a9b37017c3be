"""A lake with published releases and references, made without Spark: two weeks, the first of them published twice."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from ais_indicators.contracts.model import load_contract
from ais_indicators.contracts.types import arrow_schema
from ais_indicators.io.delta import commit, create_tables
from ais_indicators.io.staging import stage_by_partition
from ais_indicators.io.store import table_folder
from ais_indicators.periods import Week
from ais_indicators.publish.files import RELEASED_TABLES, write_release_files
from ais_indicators.releasing.history import release_folder
from ais_indicators.releasing.record import append_release
from ais_indicators.settings import Settings
from tests.release_records import release_record

Row = dict[str, Any]
FIRST, SECOND = "2020-W53", "2021-W01"
FIRST_ID, REVISED_ID, SECOND_ID = "2020-W53-first", "2020-W53-revised", "2021-W01-only"
VOYAGES, EVENTS = "silver.voyages", "silver.chokepoint_transits"
ATTRIBUTION = 'Office of Coasts, "stations"'
ACTIVITY, TRANSITS, FLOWS, QUALITY, INTERFERENCE, DARK, STATUS = RELEASED_TABLES


def arrivals(port: str, vessel_class: str, value: float | None, **columns: Any) -> Row:
    """A row of port activity: arrivals of normal status, missing without a value."""
    row = {
        "week": FIRST,
        "port_locode": port,
        "vessel_class": vessel_class,
        "indicator": "arrivals",
        "adjustment": "N",
        "value": value,
        "unit": "calls",
        "obs_status": "O" if value is None else "P",
        "conf_status": "F",
    }
    return row | columns


def transits(gate: str, vessel_class: str, value: float | None, **columns: Any) -> Row:
    """A row of transits in both directions."""
    row = {
        "week": FIRST,
        "gate_code": gate,
        "direction": "_T",
        "vessel_class": vessel_class,
        "indicator": "transits",
        "value": value,
        "unit": "transits",
        "obs_status": "O" if value is None else "P",
        "conf_status": "F",
    }
    return row | columns


def tonnes(reporter: str, direction: str, vessel_class: str, value: float | None, **columns: Any) -> Row:
    """A row of tonnes of a port's trade with all others."""
    row = {
        "week": FIRST,
        "reporter_level": "port",
        "reporter": reporter,
        "partner": "_T",
        "direction": direction,
        "vessel_class": vessel_class,
        "indicator": "tonnes",
        "value": value,
        "unit": "t",
        "voyages": 2,
        "missing_share": 0.0,
        "imputed_share": 0.25,
        "standard_error": None if value is None else 0.1 + 0.2,
        "interval_low": None,
        "interval_high": None,
        "obs_status": "O" if value is None else "P",
        "conf_status": "F",
    }
    return row | columns


def quality(indicator: str, value: float | None, unit: str = "share", **columns: Any) -> Row:
    """A row of quality."""
    row = {"week": FIRST, "indicator": indicator, "value": value, "unit": unit}
    return row | {"obs_status": "O" if value is None else "A"} | columns


def interference(area: str, kind: str, vessels: int | None, **columns: Any) -> Row:
    """A row of an area in which vessels were shown where they were not."""
    row = {
        "week": FIRST,
        "area_code": area,
        "kind": kind,
        "vessels": vessels,
        "vessel_hours": None if vessels is None else 6 * vessels,
        "days": None if vessels is None else 2,
        "latitude": 26.5,
        "longitude": 56.25,
        "obs_status": "P",
        "conf_status": "F",
    }
    return row | columns


def dark(region: str, vessels: int | None, **columns: Any) -> Row:
    """A row of a region in which vessels went dark, a day each."""
    row = {
        "week": FIRST,
        "region_code": region,
        "dark_vessels": vessels,
        "silent_vessel_hours": None if vessels is None else 24.0 * vessels,
        "heard_vessel_hours": None if vessels is None else 1000.0,
        "usual_silent_vessel_hours": None,
        "sender_index": None,
        "obs_status": "P",
        "conf_status": "F",
    }
    return row | columns


def chokepoint(gate: str, status: str, observed: float | None, **columns: Any) -> Row:
    """A row of a chokepoint's status, with a usual week of 20 transits."""
    row = {
        "week": FIRST,
        "gate_code": gate,
        "chokepoint_status": status,
        "status_reason": None,
        "observed_transits": observed,
        "usual_transits": 20.0,
        "usual_transits_low": 14.5,
        "usual_transits_high": 26.5,
        "baseline_weeks": 8,
        "coverage_index": 1.0,
        "sender_index": 0.95,
        "obs_status": "P",
        "conf_status": "F",
    }
    return row | columns


NO_USUAL: dict[str, Any] = dict.fromkeys(("usual_transits", "usual_transits_low", "usual_transits_high"))
SUPPRESSED: dict[str, Any] = {"obs_status": "Q", "conf_status": "A"}
FIRST_ROWS: dict[str, list[Row]] = {
    ACTIVITY: [
        arrivals("_T", "_T", 12.0),
        arrivals("NLRTM", "_T", 9.0),
        arrivals("NLRTM", "container", 4.0),
        arrivals("NLRTM", "dry_bulk", 1.0),
        arrivals("NLRTM", "cargo_unspecified", 2.0),
        arrivals("NLRTM", "tanker", 1.0),
        arrivals("NLRTM", "other", 1.0),
        arrivals("NLRTM", "_T", 7.25, indicator="median_hours_in_port", unit="h"),
        arrivals("WPI10", "_T", 3.0),
        arrivals("WPI10", "container", None, **SUPPRESSED),
        arrivals("WPI10", "tanker", 2.0),
    ],
    TRANSITS: [
        transits("suez", "_T", 5.0),
        transits("suez", "container", 2.0),
        transits("suez", "tanker", 3.0),
        transits("suez", "container", 1.0, direction="side_a_to_side_b"),
        transits("suez", "_T", 1234.5, indicator="payload_t", unit="t"),
        transits("suez", "container", 1000.25, indicator="payload_t", unit="t"),
        transits("suez", "tanker", None, indicator="payload_t", unit="t"),
        transits("own_gate", "_T", 0.0),
    ],
    FLOWS: [
        tonnes("NLRTM", "import", "_T", 100.5),
        tonnes("NLRTM", "import", "container", 60.25),
        tonnes("NLRTM", "import", "tanker", 40.25),
        tonnes("NLRTM", "export", "_T", 10.0),
        tonnes("NLRTM", "export", "container", None),
        tonnes("NLRTM", "export", "tanker", 10.0),
        tonnes("NLD", "import", "_T", 0.1 + 0.2, reporter_level="country", partner="BEL"),
        tonnes("_T", "import", "_T", 7e9, reporter_level="world", indicator="tonne_miles", unit="t nmi"),
    ],
    QUALITY: [quality("coverage_index", None), quality("messages_per_day", 1200.0, "messages")],
    INTERFERENCE: [
        interference("84426a7ffffffff", "circle", 12),
        interference("83426afffffffff", "jamming", None, **SUPPRESSED),
    ],
    DARK: [dark("_T", 9), dark("8142bffffffffff", 9)],
    STATUS: [
        chokepoint("suez", "restricted", 5.0),
        chokepoint("own_gate", "not_known", None, status_reason="too_few_weeks", obs_status="O", **NO_USUAL),
    ],
}
"""Rows of the first week as they were published first."""


def _revised() -> dict[str, list[Row]]:
    """One observation changed, one suppressed since, one gone and one new."""
    activity = [dict(row) for row in FIRST_ROWS[ACTIVITY]]
    activity[0]["value"] = 13.0
    activity[4] |= {"value": None, **SUPPRESSED}
    del activity[7]
    activity.append(arrivals("NLRTM", "passenger", 1.0))
    return FIRST_ROWS | {ACTIVITY: activity}


REVISED_ROWS = _revised()
SECOND_ROWS = {
    table: [row | {"week": SECOND} for row in rows if row["obs_status"] not in ("Q", "O")]
    for table, rows in FIRST_ROWS.items()
}
SECOND_ROWS[TRANSITS].append(transits("suez", "tanker", 234.25, indicator="payload_t", unit="t", week=SECOND))
DAYS = Week.parse(SECOND).days
DAILY: list[Row] = [
    {
        "observed_on": day,
        "port_locode": port,
        "vessel_class": vessel_class,
        "indicator": "arrivals",
        "value": value,
        "unit": "calls",
        "obs_status": "P",
        "week": SECOND,
    }
    for day, port, vessel_class, value in (
        (DAYS[0], "NLRTM", "_T", 5.0),
        (DAYS[0], "NLRTM", "container", 4.0),
        (DAYS[0], "NLRTM", "dry_bulk", 1.0),
        (DAYS[6], "NLRTM", "_T", 4.0),
        (DAYS[6], "NLRTM", "cargo_unspecified", 2.0),
        (DAYS[6], "NLRTM", "tanker", 1.0),
        (DAYS[6], "NLRTM", "other", 1.0),
        (DAYS[2], "WPI10", "_T", 3.0),
        (DAYS[2], "WPI10", "tanker", 2.0),
    )
]
"""Days of the second week, which add up to it."""


def voyage(number: int, day: date, vessel_class: str, unloaded: float, loaded: float, **columns: Any) -> Row:
    """A voyage that ended with a call in Rotterdam."""
    row: Row = {one.name: False for one in load_contract(VOYAGES).columns if one.type == "boolean"}
    row |= {
        "voyage_id": f"{number}-{number + 1}",
        "vessel_id": f"imo-{number}",
        "vessel_class": vessel_class,
        "voyage_status": "ended",
        "origin_left_at_utc": _at(DAYS[0], hour=0),
        "destination_locode": "NLRTM",
        "destination_entered_at_utc": _at(day, hour=23),
        "departure_draught_code": "reported",
        "hull_source": "register",
        "register_match": "imo",
        "payload_arrival_t": unloaded,
        "tonnes_unloaded": unloaded,
        "tonnes_loaded": loaded,
        "counts_for_trade": True,
        "week": SECOND,
    }
    return row | columns


def transit(number: int, day: date, vessel_class: str, vessel_id: str, **columns: Any) -> Row:
    """A transit of Suez that counts."""
    row: Row = {
        "transit_id": number,
        "mmsi": 244000000 + number,
        "track_id": number,
        "vessel_id": vessel_id,
        "gate_code": "suez",
        "direction": "side_a_to_side_b",
        "entered_at_utc": _at(day, hour=1),
        "is_complete": True,
        "is_inferred": False,
        "is_counted": True,
        "is_jumped": False,
        "gap_hours": 0.0,
        "vessel_class": vessel_class,
        "arrival_week": SECOND,
        "settled_week": SECOND,
    }
    return row | columns


def _at(day: date, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


ENDED_VOYAGES: list[Row] = [
    voyage(1, DAYS[0], "container", 20.125, 0.0),
    voyage(2, DAYS[0], "container", 40.125, 0.0),
    voyage(3, DAYS[6], "tanker", 40.25, 10.0),
    voyage(4, DAYS[3], "passenger", 7.0, 7.0, counts_for_trade=False),
    voyage(5, DAYS[5], "container", 1000.25, 0.0, counts_for_trade=False),
    voyage(6, DAYS[5], "tanker", 234.25, 0.0, counts_for_trade=False),
]
"""Voyages whose tonnes are those of the second week."""

ENTERED_TRANSITS: list[Row] = [
    transit(1, DAYS[4], "container", "imo-5"),
    transit(2, DAYS[5], "tanker", "imo-6"),
    transit(3, DAYS[1], "container", "imo-90"),
    transit(4, DAYS[1], "tanker", "imo-91"),
    transit(5, DAYS[2], "tanker", "imo-92"),
    transit(6, DAYS[2], "tanker", "imo-92", is_counted=False),
]
"""Transits that are those of the second week; of two of them the payload is known."""


def tables(rows: Mapping[str, Iterable[Row]]) -> dict[str, pa.Table]:
    """Rows as the tables that are published."""
    return {name: pa.Table.from_pylist(list(some), schema=arrow_schema(name)) for name, some in rows.items()}


def make_lake(folder: Path) -> Settings:
    """Makes the lake: releases, references, and the days of the second week."""
    settings = Settings(folder / "data")
    create_tables(settings)
    append_rows(
        settings,
        "reference.ports",
        [port_row("NLRTM", "Rotterdam", "NLD"), port_row("WPI10", "Tiny, port", None)],
    )
    append_rows(
        settings, "reference.gates", [_gate("suez", "Suez Canal"), _gate("own_gate", "A gate of ours")]
    )
    append_rows(settings, "gold.port_activity_daily", DAILY)
    append_rows(settings, VOYAGES, ENDED_VOYAGES)
    append_rows(settings, EVENTS, ENTERED_TRANSITS)
    publish(settings, FIRST_ID, 1, FIRST_ROWS, day=date(2021, 1, 5))
    publish(settings, REVISED_ID, 2, REVISED_ROWS, day=date(2021, 1, 12))
    publish(settings, SECOND_ID, 3, SECOND_ROWS, day=date(2021, 1, 12))
    return settings


def publish(
    settings: Settings,
    release_id: str,
    sequence: int,
    rows: Mapping[str, Iterable[Row]],
    day: date,
    **columns: Any,
) -> None:
    """Puts a release on disk and on record, published at nine in the morning."""
    written = write_release_files(tables(rows), release_folder(settings, release_id))
    record: Row = {
        "release_id": release_id,
        "release_sequence": sequence,
        "week": release_id[: len(FIRST)],
        "published_at_utc": datetime(day.year, day.month, day.day, 9, tzinfo=UTC),
        "content_sha256": written.content_sha256,
        "observations": written.observations,
        "attributions": (ATTRIBUTION,),
    }
    append_release(settings, release_record(**(record | columns)))


def append_rows(settings: Settings, table: str, rows: list[Row]) -> None:
    """Appends rows to a table of the lake."""
    made = pa.Table.from_pylist(rows, schema=arrow_schema(table))
    staged = stage_by_partition(table_folder(settings, table), table, made, "made")
    commit(settings, table, staged)


def port_row(code: str, name: str, country: str | None, **columns: Any) -> Row:
    """A row of the first version of the ports."""
    row: Row = {
        "port_version": "first",
        "version_sequence": 1,
        "area_id": 0 if country else 1,
        "port_locode": code,
        "port_name": name,
        "country_iso3": country,
        "area_kind": "port",
        "centre_latitude": 52.0,
        "centre_longitude": 4.0,
        "area_km2": 1.0,
        "inland_waters": False,
    }
    return row | columns


def _gate(code: str, name: str) -> Row:
    return {
        "gate_version": "first",
        "version_sequence": 1,
        "area_id": len(name),
        "gate_code": code,
        "gate_name": name,
        "area_kind": "gate",
        "geometry_wkb": b"",
        "area_km2": 1.0,
    }
