"""Rows of the tables that the release check reads, for its tests."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import pyarrow as pa

from ais_indicators.contracts.types import arrow_schema
from tests.subject_rules import SHIP_RULES

PORTS, CELLS = "gold.port_activity_weekly", "gold.cell_activity_weekly"
STRAITS, FLOWS = "gold.chokepoint_transits_weekly", "gold.trade_flows_weekly"
QUALITY = "gold.quality_weekly"
INTERFERENCE, DARK = "gold.interference_weekly", "gold.dark_vessels_weekly"
STATUS = "gold.chokepoint_status_weekly"
WEEK = "2026-W47"
UNITS = {
    "arrivals": "calls",
    "departures": "calls",
    "calls_in_progress": "calls",
    "unique_vessels": "ships",
    "median_hours_in_port": "h",
    "p90_hours_in_port": "h",
    "median_hours_at_berth": "h",
    "p90_hours_at_berth": "h",
    "median_hours_waiting": "h",
    "p90_hours_waiting": "h",
    "vessels_waiting": "ships",
    "arrivals_gross_tonnage": "GT",
    "share_complete_calls": "share",
}
STRAIT_UNITS = {
    "unique_vessels": "ships",
    "vessels_inside": "ships",
    "vessels_waiting": "ships",
    "deadweight_t": "t",
    "payload_t": "t",
    "median_hours": "h",
    "share_known_payload": "share",
    "share_inferred": "share",
}
ENOUGH = {"coverage_baseline_weeks": float(SHIP_RULES.min_baseline_weeks)}
TOO_FEW = {"coverage_baseline_weeks": SHIP_RULES.min_baseline_weeks - 1.0}

PER_SHIP = SHIP_RULES.max_arrivals_per_ship_and_week
PER_SHUTTLE = SHIP_RULES.max_arrivals_per_shuttle_and_week
MAX_STAY = SHIP_RULES.max_hours_in_port
FEWEST = SHIP_RULES.min_movements_to_compare
MOST_OF_ONE_END = FEWEST * (1 + SHIP_RULES.max_movement_imbalance_share) / 2

Row = dict[str, Any]


def observation(
    indicator: str, value: float | None, vessel_class: str | None = "tanker", **columns: Any
) -> Row:
    """Builds a row of the weekly port activity, consistent unless columns say otherwise."""
    row = {
        "week": WEEK,
        "port_locode": "NLRTM",
        "vessel_class": vessel_class,
        "indicator": indicator,
        "adjustment": "N",
        "value": None if value is None else float(value),
        "unit": UNITS.get(indicator, "calls"),
        "obs_status": "O" if value is None else "P",
        "conf_status": "F",
        "status_reason": None,
    }
    return row | columns


def port_week(port: str, vessel_class: str, ships: float, calls: float) -> list[Row]:
    """All indicators of one port and class."""
    values: dict[str, float | None] = {
        "arrivals": calls,
        "departures": calls,
        "calls_in_progress": calls,
        "unique_vessels": ships,
        "median_hours_in_port": 20.5,
        "p90_hours_in_port": 40.5,
        "median_hours_at_berth": 18.5,
        "p90_hours_at_berth": 38.5,
        "median_hours_waiting": None,
        "p90_hours_waiting": None,
        "vessels_waiting": 0,
        "arrivals_gross_tonnage": None,
        "share_complete_calls": 1.0,
    }
    return [observation(name, value, vessel_class, port_locode=port) for name, value in values.items()]


def good_ports() -> list[Row]:
    """A week that may be published: two ports, two classes, and a ship that called at both."""
    return [
        *port_week("NLRTM", "tanker", ships=30, calls=40),
        *port_week("NLRTM", "cargo_unspecified", ships=20, calls=25),
        *port_week("NLRTM", "_T", ships=50, calls=65),
        *port_week("BEANR", "tanker", ships=10, calls=10),
        *port_week("BEANR", "_T", ships=10, calls=10),
        *port_week("_T", "tanker", ships=39, calls=50),
        *port_week("_T", "cargo_unspecified", ships=20, calls=25),
        *port_week("_T", "_T", ships=59, calls=75),
    ]


def cell(h3_res6: int = 604_189_641_121_202_175, **columns: Any) -> Row:
    row = {"week": WEEK, "h3_res6": h3_res6, "vessel_class": "tanker", "messages": 9, "unique_vessels": 2}
    return row | {"hours": 1.5} | columns


def changed(rows: Iterable[Row], where: Mapping[str, Any], **columns: Any) -> list[Row]:
    """The rows with other columns where they match."""
    return [row | columns if where.items() <= row.items() else row for row in rows]


def frame(table: str, rows: Sequence[Row]) -> pa.Table:
    """A table with the contract's columns and types, but nulls let in, as a faulty step might leave them."""
    nullable = pa.schema(field.with_nullable(True) for field in arrow_schema(table))
    return pa.Table.from_pylist(
        [{name: row.get(name) for name in nullable.names} for row in rows], schema=nullable
    )


def chokepoint(status: str, observed: float | None, **columns: Any) -> Row:
    """Builds a row of a chokepoint's status, with a usual week of four transits."""
    row = {
        "week": WEEK,
        "gate_code": "suez",
        "chokepoint_status": status,
        "status_reason": None,
        "observed_transits": observed,
        "usual_transits": 4.0,
        "usual_transits_low": 1.0,
        "usual_transits_high": 9.0,
        "baseline_weeks": 8,
        "coverage_index": 1.0,
        "sender_index": 1.0,
        "obs_status": "P",
        "conf_status": "F",
    }
    return row | columns


def frames(ports: Sequence[Row], cells: Sequence[Row]) -> dict[str, pa.Table]:
    """Rows of all tables that the gate looks at; of straits and flows a good row each."""
    rows = {
        PORTS: ports,
        CELLS: cells,
        STRAITS: good_straits(),
        FLOWS: [flow("import"), flow("export"), TOTAL_FLOW],
        QUALITY: [quality(0.97)],
        INTERFERENCE: [],
        DARK: [],
        STATUS: [chokepoint("open", 4.0)],
    }
    return {table: frame(table, of) for table, of in rows.items()}


def quality(value: float, indicator: str = "coverage_index", unit: str = "share") -> Row:
    """A quality indicator."""
    return {
        "week": WEEK,
        "indicator": indicator,
        "value": value,
        "unit": unit,
        "obs_status": "A",
    }


def strait(indicator: str, value: float | None, direction: str = "_T", **columns: Any) -> Row:
    """Builds a row of the weekly transits of straits, consistent unless columns say otherwise."""
    row = {
        "week": WEEK,
        "gate_code": "suez",
        "direction": direction,
        "vessel_class": "_T",
        "indicator": indicator,
        "value": None if value is None else float(value),
        "unit": STRAIT_UNITS.get(indicator, "transits"),
        "obs_status": "O" if value is None else "P",
        "conf_status": "F",
        "status_reason": None,
    }
    return row | columns


def good_straits() -> list[Row]:
    """Transits both ways of three ships, one of which came back."""
    return [
        *(
            strait("transits", n, to)
            for n, to in ((3, "side_a_to_side_b"), (1, "side_b_to_side_a"), (4, "_T"))
        ),
        strait("unique_vessels", 3),
        strait("payload_t", 90.0),
        strait("deadweight_t", 100.0),
    ]


def flow(direction: str, value: float | None = 100.0, **columns: Any) -> Row:
    """Builds a row of the weekly trade flows: what the Netherlands got from Belgium, seen from either side."""
    reporter, partner = ("NLD", "BEL") if direction == "import" else ("BEL", "NLD")
    row = {
        "week": WEEK,
        "reporter_level": "country",
        "reporter": reporter,
        "partner": partner,
        "direction": direction,
        "vessel_class": "tanker",
        "indicator": "tonnes",
        "value": value,
        "unit": "t",
        "voyages": 3,
        "missing_share": 0.0,
        "imputed_share": 0.0,
        "standard_error": 10.0,
        "interval_low": 80.0,
        "interval_high": 120.0,
        "obs_status": "O" if value is None else "P",
        "conf_status": "F",
        "status_reason": None,
    }
    return row | columns


TOTAL_FLOW = flow("import", partner="_T")


# --- what the gate reads besides ---------------------------------------------------------------------------

GOOD_VIEWS: Mapping[str, Row] = {
    "weeks": {
        "week": WEEK,
        "is_expired": False,
        "messages": 7_100,
        "positions": 7_000,
        "rejected": 100,
        "cell_messages": 7_000,
        "register_loaded": "second",
        "register_used": "second",
        "register_match_share": 0.9,
        "usual_register_match_share": 0.9,
        "register_weeks": 8,
        "interfered_vessel_hours": 100.0,
        "interfered_share": 0.05,
    },
    "days": {
        "observed_on": date(2026, 11, 22),
        "messages": 1_000,
        "usual_messages": 1_000.0,
        "weeks_before": 8,
        "known_cell_share": 1.0,
    },
    "hours": {"messages": 50, "vessels": 30, "equal_hours": 1},
    "ports": {"port_locode": "NLRTM", "usual_arrivals": 50.0, "coverage_index": 1.0, "has_figures": True},
    "calls": {
        "port_call_id": 1,
        "first_seen_at_utc": datetime(2026, 11, 16, 8),
        "arrived_at_utc": datetime(2026, 11, 16, 8),
        "departed_at_utc": datetime(2026, 11, 17, 8),
        "last_seen_at_utc": datetime(2026, 11, 17, 8),
        "stay_hours": 24.0,
        "stop_hours": 20.0,
        "waiting_hours": 0.0,
    },
    "tables": {"table_name": PORTS, "week": WEEK, "rows": 9, "is_folded": True},
    "places": {
        "place_kind": "port",
        "place_code": "NLRTM",
        "marked_values": 0,
        "interfered_vessel_hours": 0.0,
    },
    "revisions": {"indicator": "arrivals", "published": 100.0, "value": 100.0},
}
"""A row of each view that breaks no check."""


def good_views(**changes: Row) -> dict[str, pa.Table]:
    """Views of one row each, with some columns of some views changed."""
    return {name: _typed(row, changes.get(name, {})) for name, row in GOOD_VIEWS.items()}


def _typed(row: Row, change: Row) -> pa.Table:
    """A changed row with the types of the good one, so that a null has a type."""
    return pa.Table.from_pylist([row | change], schema=pa.Table.from_pylist([row]).schema)
