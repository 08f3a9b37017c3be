"""Small worlds of ships for disclosure control: their values as in gold, and who is behind them.

Calls, transits and voyages are lists; totals are taken over them by plain loops, so the contributors here are a second
implementation of `transforms.contributors`.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import polars as pl
import pyarrow as pa

from ais_indicators.contracts.types import arrow_schema
from ais_indicators.transforms.contributions import FLOW_VALUES, PORT_VALUES
from ais_indicators.transforms.trade_flows import trade_flows
from tests.subject_rules import SHIP_RULES

WEEK = "2026-W10"
PORTS, STRAITS, FLOWS = (
    f"gold.{name}_weekly" for name in ("port_activity", "chokepoint_transits", "trade_flows")
)
COUNTRIES = {"AAONE": "AAA", "AATWO": "AAA", "BBONE": "BBB", "BBTWO": "BBB", "CCONE": "CCC"}


@dataclass(frozen=True)
class Call:
    """One ship's week in one port."""

    ship: str
    port: str
    vessel_class: str = "tanker"
    arrivals: int = 1
    departures: int = 1
    in_progress: int = 0
    tonnage: float = 1000.0
    operator: str | None = None


@dataclass(frozen=True)
class Voyage:
    """One voyage that ended in the week."""

    ship: str
    origin: str | None
    destination: str
    tonnes: float = 1000.0
    vessel_class: str = "tanker"
    loaded: float = 0.0
    operator: str | None = None


def port_table(calls: Sequence[Call], week: str = WEEK) -> pa.Table:
    """Port activity of some calls."""
    cells: dict[tuple[str, str], list[Call]] = defaultdict(list)
    for call in calls:
        for port, kind in product((call.port, "_T"), (call.vessel_class, "_T")):
            cells[port, kind].append(call)
    rows = [
        _row(PORTS, value, unit, week=week, port_locode=port, vessel_class=kind, indicator=name)
        for (port, kind), of in cells.items()
        for name, value, unit in _port_figures(of)
    ]
    return pa.Table.from_pylist(rows, schema=arrow_schema(PORTS))


def _port_figures(of: Sequence[Call]) -> list[tuple[str, float | None, str]]:
    return [
        ("arrivals", float(sum(c.arrivals for c in of)), "calls"),
        ("departures", float(sum(c.departures for c in of)), "calls"),
        ("calls_in_progress", float(sum(c.in_progress for c in of)), "calls"),
        ("unique_vessels", float(len({c.ship for c in of})), "ships"),
        ("vessels_waiting", 0.0, "ships"),
        ("arrivals_gross_tonnage", sum(c.tonnage * c.arrivals for c in of), "GT"),
        ("median_hours_in_port", 10.0, "h"),
        ("share_complete_calls", None, "share"),
    ]


def flow_table(voyages: Sequence[Voyage], week: str = WEEK) -> pa.Table:
    """Trade flows of some voyages, by the product's own totals."""
    draws = pl.DataFrame(schema={"voyage_id": pl.String, "draw": pl.Int32, "net_load_t": pl.Float64})
    flows = trade_flows(voyage_rows(voyages), draws, False, SHIP_RULES).with_columns(
        week=pl.lit(week), status_reason=pl.lit(None, pl.String)
    )
    return flows.select(arrow_schema(FLOWS).names).to_arrow().cast(arrow_schema(FLOWS))


def voyage_rows(voyages: Sequence[Voyage]) -> pl.DataFrame:
    """Rows of `silver.voyages`, in the columns that flows need."""
    rows = [
        {
            "voyage_id": str(number),
            "vessel_id": v.ship,
            "vessel_class": v.vessel_class,
            "counts_for_trade": True,
            "origin_locode": v.origin,
            "origin_country_iso3": COUNTRIES.get(v.origin or ""),
            "destination_locode": v.destination,
            "destination_country_iso3": COUNTRIES[v.destination],
            "tonnes_unloaded": v.tonnes,
            "tonnes_loaded": v.loaded,
            "deadweight_t": 2 * v.tonnes + 500.0,
            "sea_distance_nm": distance(v.origin, v.destination),
            "hull_source": "register",
            "is_imputed": False,
            "measurement_sd_t": 10.0,
            "imputation_sd_t": 0.0,
        }
        for number, v in enumerate(voyages)
    ]
    floats = ("tonnes_unloaded", "tonnes_loaded", "deadweight_t", "sea_distance_nm", "measurement_sd_t")
    texts = ("origin_locode", "origin_country_iso3")
    return pl.DataFrame(rows).with_columns(pl.col(floats).cast(pl.Float64), pl.col(texts).cast(pl.String))


def distance(origin: str | None, destination: str) -> float | None:
    """A made-up way by sea between two ports, the same both ways."""
    if origin is None:
        return None
    ports = sorted(COUNTRIES)
    low, high = sorted((ports.index(origin), ports.index(destination)))
    return 0.0 if low == high else 100.0 + 37.0 * low + 11.0 * high * high


def contributors(calls: Iterable[Call] = (), voyages: Iterable[Voyage] = ()) -> pl.DataFrame:
    """Rows of `gold.contributors_weekly` without the week."""
    behind: dict[tuple[str, ...], list[tuple[str, str, float, float]]] = defaultdict(list)
    for call in calls:
        for port, kind in product((call.port, "_T"), (call.vessel_class, "_T")):
            at: tuple[str, ...] = (PORTS, port, "_Z", "_Z", "_Z", "_Z", "_Z", kind)
            weight = call.tonnage * call.arrivals
            behind[at].append((call.ship, call.operator or call.ship, weight, 1.0))
    for voyage in voyages:
        for cell in _cells_of(voyage):
            for kind in (voyage.vessel_class, "_T"):
                tonnes = voyage.loaded if cell[2:] == ("_T", "export") else voyage.tonnes
                owner = voyage.operator or voyage.ship
                behind[(FLOWS, "_Z", "_Z", *cell, kind)].append(
                    (voyage.ship, owner, tonnes, 2 * voyage.tonnes + 500.0)
                )
    names = (
        "table_name", "port_locode", "gate_code", "reporter_level", "reporter", "partner", "direction", "vessel_class",
    )  # fmt: skip
    rows = []
    for key, of in behind.items():
        row: dict[str, Any] = dict(zip(names, key, strict=True))
        row["ships"] = len({ship for ship, *_ in of})
        row["largest_share"] = _largest(of)
        is_lane = row["reporter_level"] == "port" and row["partner"] not in ("_T", "_U")
        row["sea_distance_nm"] = distance(row["reporter"], row["partner"]) if is_lane else None
        rows.append(row)
    return pl.DataFrame(rows, schema_overrides={"sea_distance_nm": pl.Float64})


def contributions(calls: Iterable[Call] = (), voyages: Iterable[Voyage] = ()) -> dict[str, pl.DataFrame]:
    """What each ship contributes to each cell, by table."""
    at_ports = [
        {
            "port_locode": port,
            "vessel_class": kind,
            "vessel_id": call.ship,
            "contributor": call.operator or call.ship,
            **{name: value for name, value, _ in _port_figures([call]) if name in PORT_VALUES},
        }
        for call in calls
        for port, kind in product((call.port, "_T"), (call.vessel_class, "_T"))
    ]
    of_flows = [
        {
            **dict(zip(("reporter_level", "reporter", "partner", "direction"), cell, strict=True)),
            "vessel_class": kind,
            "vessel_id": voyage.ship,
            "contributor": voyage.operator or voyage.ship,
            "voyages": 1.0,
            "deadweight": 2 * voyage.tonnes + 500.0,
            "tonnes": (tonnes := voyage.loaded if cell[2:] == ("_T", "export") else voyage.tonnes),
            "tonne_miles": 0.0
            if cell[2:] == ("_T", "export")
            else tonnes * (distance(voyage.origin, voyage.destination) or 0.0),
            "ships": 1.0,
        }
        for voyage in voyages
        for cell in _cells_of(voyage)
        for kind in (voyage.vessel_class, "_T")
    ]
    return {PORTS: _by_ship(at_ports, PORT_VALUES), FLOWS: _by_ship(of_flows, FLOW_VALUES)}


def _by_ship(rows: list[dict[str, Any]], values: Sequence[str]) -> pl.DataFrame:
    """Sums of each ship and cell; a ship counts once."""
    if not rows:
        return pl.DataFrame()
    frame = pl.DataFrame(rows)
    once = [name for name in ("unique_vessels", "ships") if name in values]
    key = [name for name in frame.columns if name not in values]
    sums = [pl.col(name).max() if name in once else pl.col(name).sum() for name in values]
    return frame.group_by(key, maintain_order=True).agg(sums)


def _cells_of(voyage: Voyage) -> list[tuple[str, str, str, str]]:
    """Level, reporter, partner and direction of the flows that a voyage is in."""
    here, there = voyage.destination, voyage.origin
    cells = [("world", "_T", "_T", "import"), ("world", "_T", "_T", "export")]
    for level, to, came in (
        ("port", here, there),
        ("country", COUNTRIES[here], COUNTRIES.get(there or "")),
    ):
        cells += [
            (level, to, "_T", "import"),
            (level, to, "_T", "export"),
            (level, to, came or "_U", "import"),
        ]
        cells += [(level, came, to, "export")] if came else []
    return cells


def _largest(of: Sequence[tuple[str, str, float, float]]) -> float:
    for place in (2, 3):
        sums: dict[str, float] = defaultdict(float)
        for one in of:
            sums[one[1]] += float(one[place])
        if sum(sums.values()) > 0:
            return max(sums.values()) / sum(sums.values())
    return 1.0 / len({owner for _, owner, *_ in of})


def _row(table: str, value: float | None, unit: str, **key: str) -> dict[str, Any]:
    return {
        **key,
        **({"adjustment": "N"} if table == PORTS else {}),
        "value": value,
        "unit": unit,
        "obs_status": "O" if value is None else "P",
        "conf_status": "F",
        "status_reason": None,
    }
