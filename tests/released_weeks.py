"""Releases for tests that read them: made-up values in published files and in the record, without Spark."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from ais_indicators.contracts.types import arrow_schema
from ais_indicators.geo.gates import read_gates
from ais_indicators.io.delta import commit, create_tables, table_version
from ais_indicators.io.staging import stage
from ais_indicators.io.store import table_folder
from ais_indicators.periods import Week
from ais_indicators.publish.files import PORT_ACTIVITY, write_release_files
from ais_indicators.releasing.history import read_history, release_folder
from ais_indicators.releasing.record import append_release
from ais_indicators.settings import Settings
from tests.release_records import release_record

Row = dict[str, Any]
PUBLISHED = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOSTILE = '<script>alert(1)</script> & "Port"'
PORTS = {
    "XXAAA": ("Aaport", "FRA", 49.5, 0.1),
    "XXBBB": (HOSTILE, "GBR", 51.9, 1.3),
    "XXCCC": ("Ceport", "ESP", 36.1, -5.4),
}
"""Ports of the made-up port file: name, country, degrees north and east."""

UNITS = {"arrivals": "calls", "departures": "calls", "calls_in_progress": "calls", "unique_vessels": "ships"}


def activity(port: str, value: float | None, indicator: str = "arrivals", **columns: Any) -> Row:
    """A row of `gold.port_activity_weekly` without its week, provisional and of all classes unless columns say else."""
    row = {
        "port_locode": port,
        "vessel_class": "_T",
        "indicator": indicator,
        "adjustment": "N",
        "value": value,
        "unit": UNITS.get(indicator, "h"),
        "obs_status": "P",
        "conf_status": "F",
    }
    return row | columns


def imports(tonnes: float, error: float, reporter: str = "_T", level: str = "world", **columns: Any) -> Row:
    """A row of `gold.trade_flows_weekly`: tonnes put ashore, with a 90 % interval."""
    row = {
        "reporter_level": level,
        "reporter": reporter,
        "partner": "_T",
        "direction": "import",
        "vessel_class": "_T",
        "indicator": "tonnes",
        "value": tonnes,
        "unit": "t",
        "voyages": 5,
        "missing_share": 0.0,
        "imputed_share": 0.25,
        "standard_error": error,
        "interval_low": tonnes - 1.645 * error,
        "interval_high": tonnes + 1.645 * error,
        "obs_status": "P",
        "conf_status": "F",
    }
    return row | columns


def transits(gate: str, value: float, indicator: str = "transits", unit: str = "transits") -> Row:
    """A row of `gold.chokepoint_transits_weekly` over both directions and all classes."""
    return {
        "gate_code": gate,
        "direction": "_T",
        "vessel_class": "_T",
        "indicator": indicator,
        "value": value,
        "unit": unit,
        "obs_status": "P",
        "conf_status": "F",
    }


def usual_week(arrivals: float = 100.0) -> dict[str, list[Row]]:
    """Three ports, two classes, a strait and trade; every indicator of the total, so that no headline is missing."""
    shares = {"XXAAA": 0.5, "XXBBB": 0.3, "XXCCC": 0.2}
    rows = [activity(port, round(arrivals * share), name) for port, share in shares.items() for name in UNITS]
    rows += [activity("_T", arrivals, name) for name in UNITS]
    hours = {"median_hours_in_port": 8.5, "median_hours_waiting": 3.25}
    rows += [activity(port, value, name) for port in (*PORTS, "_T") for name, value in hours.items()]
    rows += [activity("_T", arrivals / 2, vessel_class=name) for name in ("container", "tanker")]
    flows = [imports(1000 * arrivals, 2000.0), imports(600 * arrivals, 1000.0, "FRA", "country")]
    quality = [{"indicator": "coverage_index", "value": 0.98, "unit": "share", "obs_status": "A"}]
    return {
        PORT_ACTIVITY: rows,
        "gold.chokepoint_transits_weekly": [
            transits("suez", 7),
            transits("suez", 6, "unique_vessels", "ships"),
        ],
        "gold.trade_flows_weekly": flows,
        "gold.quality_weekly": quality,
    }


def integrity_week(**statuses: str) -> dict[str, list[Row]]:
    """Every shipped chokepoint, open unless a status is given, and neither dark vessels nor false positions."""
    status = [
        {
            "gate_code": gate.code,
            "chokepoint_status": (word := statuses.get(gate.code, "open")),
            "status_reason": "not_in_feed" if word == "not_known" else None,
            "observed_transits": {"closed": 5.0, "restricted": 41.0, "not_known": None}.get(word, 100.0),
            "usual_transits": None if word == "not_known" else 102.0,
            "usual_transits_low": None if word == "not_known" else 83.0,
            "usual_transits_high": None if word == "not_known" else 121.0,
            "baseline_weeks": 8,
            "coverage_index": 1.0,
            "sender_index": 1.0,
            "obs_status": "O" if word == "not_known" else "P",
            "conf_status": "F",
        }
        for gate in read_gates()
    ]
    heard = {
        "region_code": "_T",
        "dark_vessels": 2,
        "silent_vessel_hours": 40.0,
        "heard_vessel_hours": 9000.0,
    }
    return {
        "gold.interference_weekly": [],
        "gold.dark_vessels_weekly": [heard | {"obs_status": "P", "conf_status": "F"}],
        "gold.chokepoint_status_weekly": status,
    }


def interfered(area: str, kind: str, vessels: int | None, place: tuple[float, float]) -> Row:
    """A row of `gold.interference_weekly` without its week; suppressed without vessels."""
    return {
        "area_code": area,
        "kind": kind,
        "vessels": vessels,
        "vessel_hours": None if vessels is None else 10 * vessels,
        "days": None if vessels is None else 3,
        "latitude": place[0],
        "longitude": place[1],
        "obs_status": "Q" if vessels is None else "P",
        "conf_status": "A" if vessels is None else "F",
    }


def empty_lake(folder: Path) -> Settings:
    """A lake with the made-up port file and no release."""
    settings = Settings(folder / "data")
    create_tables(settings)
    ports = [
        {
            "port_version": "first",
            "version_sequence": 1,
            "area_id": number,
            "port_locode": code,
            "port_name": name,
            "country_iso3": country,
            "area_kind": "port",
            "centre_latitude": latitude,
            "centre_longitude": longitude,
            "area_km2": 1.0,
            "inland_waters": False,
        }
        for number, (code, (name, country, latitude, longitude)) in enumerate(PORTS.items())
    ]
    put_rows(settings, "reference.ports", ports, {"port_version": "first"})
    return settings


def put_rows(settings: Settings, table: str, rows: Iterable[Row], partition: Mapping[str, str]) -> int:
    """Puts rows into a table of the lake; gives its version."""
    schema = arrow_schema(table)
    whole = [{name: row.get(name) for name in schema.names} for row in rows]
    part = pa.Table.from_pylist(whole, schema=schema).drop_columns(list(partition))
    commit(settings, table, [stage(table_folder(settings, table), table, part, dict(partition), "made")])
    return table_version(settings, table)


def publish(settings: Settings, week: str, tables: Mapping[str, list[Row]], **columns: Any) -> str:
    """Publishes a week's rows, a minute after the release before; gives the identifier."""
    sequence = read_history(settings).last_sequence + 1
    release_id = f"{week}-{sequence:012x}"
    of_week = {
        table: pa.Table.from_pylist([{"week": week} | row for row in rows], schema=arrow_schema(table))
        for table, rows in tables.items()
    }
    files = write_release_files(of_week, release_folder(settings, release_id))
    record = {
        "release_id": release_id,
        "release_sequence": sequence,
        "week": week,
        "published_at_utc": PUBLISHED + timedelta(minutes=sequence),
        "content_sha256": files.content_sha256,
        "observations": files.observations,
        "code_version": "0.1.0",
        "rules_hash": "rules",
        "port_version": "first",
        "attributions": ("Made-up feed",),
        "newest_week": week,
        "overrides": (),
        "disclosure": {"profile": "open", "tables": {}},
    }
    append_release(settings, release_record(**(record | columns)))
    return release_id


def publish_arrivals(folder: Path, arrivals: Mapping[str, float]) -> Settings:
    """Makes a lake with a release of each week that has so many arrivals."""
    settings = empty_lake(folder)
    for week, count in arrivals.items():
        publish(settings, week, usual_week(count))
    return settings


def weeks_to(last: str, count: int) -> list[str]:
    """So many weeks, the last one given."""
    return [Week.parse(last).plus(step - count + 1).name for step in range(count)]
