"""`python -m benchmarks.real_year`: 21 real weeks of one region, compared with what is known of it.

NOAA's data of 2009 for UTM zone 19 go into an empty lake and through one backfill, by an office's commands. Calls are
compared with the timetables of the region, tonnes with the official imports of oil by port and month. `--data DIR` runs
another half year of the same layout: Parquet files `*_YYYY-Www.parquet`, a mapping file and a port file.
"""

import argparse
import json
import shutil
import tempfile
from calendar import monthrange
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl

from ais_indicators.notebook import open_table
from ais_indicators.periods import Week
from benchmarks.inputs import SHARED
from benchmarks.long_backfill import run
from benchmarks.provenance import add_options, begin, write_page
from benchmarks.real_year_report import NO_STATICS, is_met, text_of, write_pictures

DATA: Final = SHARED / "ais" / "noaa_2009_zone19"
IMPORTS: Final = SHARED / "truth" / "eia_petroleum_imports_2007-01_2009-05.csv"
OIL_BERTHS: Final = "USBO2"
OIL_BERTHS_BOXES: Final = ((-71.08, 42.378, -71.005, 42.402), (-70.98, 42.23, -70.955, 42.252))
"""Where tankers lie at Boston, as west, south, east and north: Mystic River with Chelsea Creek, and Fore River. The
port file has the container terminal alone."""
OIL_PORTS: Final = {OIL_BERTHS: "BOSTON", "USPSM": "PORTSMOUTH", "USPVD": "PROVIDENCE"}
PORTLAND, SAN_JUAN, BOSTON = "USPWM", "PRSJU", "USBOS"
CARGO: Final = ("cargo_unspecified", "container", "general_cargo", "dry_bulk", "roro")
DEEP_M: Final = 12.0
SAME_DRAUGHT_M: Final = 0.5
"""A departure draught within this of the arrival's is taken as the old value by the report, not by the method."""
BARRELS_PER_TONNE: Final = {
    "residual": 6.62, "asphalt": 6.05, "distillate": 7.23, "jet": 7.77, "kerosene": 7.77, "propane": 11.65,
    "motor gas": 8.50, "mgbc": 8.50, "naphtha": 8.74, "ethanol": 7.95, "lubricants": 6.99,
}  # fmt: skip
"""Barrels in a tonne by product: conversion factors of the United Nations' Energy Statistics Yearbook
(unstats.un.org/unsd/energy/yearbook/conversion.htm); ethanol by its density of 0.791."""
CRUDE_BARRELS_PER_TONNE: Final = 7.32
NORMAL_90: Final = 1.645


def main(arguments: list[str] | None = None) -> int:
    """Measures and writes `real_year.md`, `real_year.json` and two pictures; ends with 1 where a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.real_year", description=main.__doc__)
    parser.add_argument(
        "--data", type=Path, default=DATA, help="folder with weeks, mapping file and port file"
    )
    parser.add_argument(
        "--lake", type=Path, help="lake that such a run made before; nothing is computed again"
    )
    add_options(parser)
    chosen = parser.parse_args(arguments)
    records = begin("real_year", chosen)
    if not chosen.data.is_dir():
        print(f"skipped: {chosen.data} is not there")
        return 0
    folder = Path(tempfile.mkdtemp(prefix="ais-real-year-"))
    try:
        lake = chosen.lake or folder / "data"
        steps = [] if chosen.lake else compute(chosen.data, folder, lake)
        found = {"steps": steps, **compare(lake, weeks_of(chosen.data))}
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    write_pictures(found, chosen.out)
    write_page("real_year", chosen.out, found, text_of(found), records)
    return 0 if is_met(found) else 1


def weeks_of(data: Path) -> list[Week]:
    """Returns the weeks of a folder, from the names of its files."""
    return sorted(Week.parse(path.stem[-8:]) for path in data.glob("*.parquet"))


def compute(data: Path, folder: Path, lake: Path) -> list[dict[str, Any]]:
    """Takes a folder in and backfills its weeks; returns time and memory of each command."""
    ports = folder / "ports.geojson"
    ports.write_text(json.dumps(with_oil_berths(_only(data, "*.geojson"))), encoding="utf-8")
    weeks = weeks_of(data)
    steps = []
    for words in (
        ("init",),
        ("ports", "load", ports),
        ("ingest", *sorted(data.glob("*.parquet")), "--mapping", _only(data, "*.yaml")),
        ("backfill", "--from", weeks[0].name, "--to", weeks[-1].name),
    ):
        measured = run(lake, *words)
        steps.append({"command": words[0], **vars(measured)})
        print(steps[-1], flush=True)
    return steps


def with_oil_berths(file: Path) -> dict[str, Any]:
    """Returns the areas of a port file with those of Boston's oil berths."""
    areas: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    named = {
        "port_locode": OIL_BERTHS,
        "port_name": "Boston oil berths",
        "country_iso3": "USA",
        "area_kind": "port",
    }
    rings = [
        [[[west, south], [east, south], [east, north], [west, north], [west, south]]]
        for west, south, east, north in OIL_BERTHS_BOXES
    ]
    geometry = {"type": "MultiPolygon", "coordinates": rings}
    areas["features"].append({"type": "Feature", "properties": named, "geometry": geometry})
    return areas


def _only(data: Path, pattern: str) -> Path:
    (path,) = data.glob(pattern)
    return path


def compare(lake: Path, weeks: Sequence[Week]) -> dict[str, Any]:
    """Returns what the lake says, next to what is known."""
    calls = (
        open_table("silver.port_calls", data_dir=lake).filter(pl.col("event_type") == "port_call").collect()
    )
    voyages = (
        open_table("silver.voyages", data_dir=lake)
        .filter(pl.col("destination_call_id").is_not_null())
        .collect()
    )
    draws = (
        open_table("silver.voyage_draws", data_dir=lake).select("voyage_id", "draw", "net_load_t").collect()
    )
    tankers = voyages.filter(vessel_class="tanker")
    deep = tankers.filter(
        pl.col("arrival_draught_m") >= DEEP_M, destination_locode=PORTLAND, counts_for_trade=True
    )
    carried, landed = (float(deep[name].sum()) for name in ("payload_arrival_t", "tonnes_unloaded"))
    days = sum(week.name not in NO_STATICS for week in weeks) * 7
    return {
        "weeks": [week.name for week in weeks],
        "calls": {
            "container": by_week(calls, weeks, BOSTON, CARGO), "tanker": by_week(calls, weeks, PORTLAND, ("tanker",)),
            "cargo": by_week(calls, weeks, SAN_JUAN, CARGO), "cruise": by_week(calls, weeks, SAN_JUAN, ("passenger",)),
        },
        "other": _other(calls),
        "portland": {
            "calls": deep.height, "carried_t": carried, "landed_t": landed, "landed_share": landed / carried,
            "barrels_per_day": landed * CRUDE_BARRELS_PER_TONNE / days, "is_ballast": int(deep["is_ballast"].sum()),
            "each": _each(deep),
        },
        "oil": monthly(tankers, draws, weeks), "gaps": gaps(tankers, calls, weeks), "reported": reported_ends(tankers),
    }  # fmt: skip


def by_week(calls: pl.DataFrame, weeks: Sequence[Week], port: str, classes: Sequence[str]) -> list[int]:
    """Returns the calls of some classes at a port that began in each week."""
    began = calls.filter(pl.col("vessel_class").is_in(classes), port_locode=port).select(
        week=pl.coalesce("arrived_at_utc", "first_seen_at_utc").dt.strftime("%G-W%V")
    )
    count = dict(began.group_by("week").len().iter_rows())
    return [count.get(week.name, 0) for week in weeks]


def _other(calls: pl.DataFrame) -> list[dict[str, Any]]:
    """Calls of vessels without a class, by vessel and port."""
    other = calls.filter(vessel_class="other")
    first = pl.col("first_seen_at_utc").min().dt.strftime("%Y-%m-%d").alias("first")
    return (
        other.group_by("vessel_id", "port_locode")
        .agg(pl.len().alias("calls"), first)
        .sort(pl.all())
        .to_dicts()
    )


def _each(deep: pl.DataFrame) -> list[dict[str, Any]]:
    return deep.sort("destination_entered_at_utc").select(
        "vessel_id", "stay_hours", "arrival_draught_m", "onward_draught_m", "onward_draught_code", "payload_arrival_t",
        "tonnes_unloaded", arrived=pl.col("destination_entered_at_utc").dt.strftime("%Y-%m-%d"),
    ).to_dicts()  # fmt: skip


def monthly(tankers: pl.DataFrame, draws: pl.DataFrame, weeks: Sequence[Week]) -> list[dict[str, Any]]:
    """Returns tonnes unloaded by port and month with their 90 % interval, and the official imports of the same days.

    Only weeks with static data count on either side: without draughts no tonnes are known.
    """
    imports = pl.read_csv(IMPORTS)
    described = [week for week in weeks if week.name not in NO_STATICS]
    entered = pl.col("destination_entered_at_utc")
    named = tankers.filter(
        entered.dt.strftime("%G-W%V").is_in([week.name for week in described])
    ).with_columns(month=entered.dt.strftime("%Y%m").cast(pl.Int64))
    rows = []
    for port, official in OIL_PORTS.items():
        for month in sorted(named["month"].unique().to_list()):
            of = imports.filter(port=official, month=month)
            if of.is_empty():
                continue
            part = named.filter(destination_locode=port, month=month)
            value = float(part["tonnes_unloaded"].sum())
            half = NORMAL_90 * spread_t(part, draws)
            rows.append(
                {"port": official, "month": month, "tonnes": value, "low": max(value - half, 0.0),
                 "high": value + half, "calls": part.height,
                 "missing": int(part["tonnes_unloaded"].null_count()),
                 "imports_t": imports_t(of) * covered_share(month, described)}
            )  # fmt: skip
    return rows


def gaps(tankers: pl.DataFrame, calls: pl.DataFrame, weeks: Sequence[Week]) -> list[dict[str, Any]]:
    """Returns by oil port what the imports could have come in, and what became of it."""
    imports = pl.read_csv(IMPORTS)
    months = {week.monday.year * 100 + week.monday.month for week in weeks}
    rows = []
    for port, official in OIL_PORTS.items():
        of = imports.filter(pl.col("month").is_in(months), port=official)
        part = tankers.filter(destination_locode=port).with_columns(
            pl.col("payload_arrival_t", "tonnes_unloaded").fill_nan(None).fill_null(0.0)
        )
        reported = part.filter(onward_draught_code="reported")
        rows.append(
            {"port": official, "shipments": int(of["shipments"].sum()), "calls": part.height,
             "unclassed": calls.filter(port_locode=port, vessel_class="other").height,
             "without_hull": part.filter(hull_source="none").height,
             "not_trade": part.filter(~pl.col("counts_for_trade")).height,
             "carried_t": float(part["payload_arrival_t"].sum()),
             "unloaded_t": float(part["tonnes_unloaded"].sum()), "reported": reported.height,
             "reported_carried_t": float(reported["payload_arrival_t"].sum()),
             "reported_unloaded_t": float(reported["tonnes_unloaded"].sum())}
        )  # fmt: skip
    return rows


def reported_ends(tankers: pl.DataFrame) -> list[dict[str, Any]]:
    """Returns what the reported departures from the oil ports say, counted by port."""
    change = pl.col("onward_draught_m") - pl.col("arrival_draught_m")
    end = (
        pl.when(pl.col("payload_onward_t") == 0).then(pl.lit("in ballast"))
        .when(change >= SAME_DRAUGHT_M).then(pl.lit("deeper than on arrival"))
        .when(change > -SAME_DRAUGHT_M).then(pl.lit("as on arrival"))
        .otherwise(pl.lit("less deep, not down to ballast"))
    )  # fmt: skip
    reported = tankers.filter(
        pl.col("destination_locode").is_in(list(OIL_PORTS)),
        change.is_not_nan(),
        onward_draught_code="reported",
    )
    return (
        reported.with_columns(end=end, port=pl.col("destination_locode").replace_strict(OIL_PORTS))
        .group_by("port", "end")
        .agg(pl.len().alias("calls"), pl.col("payload_arrival_t", "tonnes_unloaded").sum())
        .sort("port", "end")
        .to_dicts()
    )


def spread_t(part: pl.DataFrame, draws: pl.DataFrame) -> float:
    """Returns the standard deviation of the tonnes unloaded: measurement, and the draws of what was filled in."""
    of_draw = draws.join(part.select("voyage_id"), on="voyage_id", how="semi").group_by("draw").agg(
        tonnes=(-pl.col("net_load_t")).clip(lower_bound=0.0).sum()
    )  # fmt: skip
    between = float(np.var(of_draw["tonnes"].to_numpy(), ddof=1)) if of_draw.height > 1 else 0.0
    measured = float((part["measurement_sd_t"].fill_null(0.0).fill_nan(0.0) ** 2).sum())
    return float(np.sqrt(measured + (1.0 + 1.0 / max(of_draw.height, 1)) * between))


def imports_t(imports: pl.DataFrame) -> float:
    """Returns thousand barrels of products as tonnes."""
    total = 0.0
    for product, barrels in imports.select("product", "thousand_barrels").iter_rows():
        name = product.lower()
        factor = next(
            (value for key, value in BARRELS_PER_TONNE.items() if key in name), CRUDE_BARRELS_PER_TONNE
        )
        total += 1000.0 * barrels / factor
    return total


def covered_share(month: int, weeks: Sequence[Week]) -> float:
    """Returns the share of a month's days that lie in the weeks.

    >>> covered_share(200901, [Week.parse("2009-W02"), Week.parse("2009-W05")])
    0.41935483870967744
    """
    days_of_month = monthrange(month // 100, month % 100)[1]
    inside = sum(day.year * 100 + day.month == month for week in weeks for day in week.days)
    return inside / days_of_month


if __name__ == "__main__":
    raise SystemExit(main())
