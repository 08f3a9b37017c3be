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
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl

from ais_indicators.notebook import open_table
from ais_indicators.periods import Week
from benchmarks.inputs import SHARED
from benchmarks.long_backfill import run
from benchmarks.provenance import add_options, begin, write_page
from benchmarks.real_year_causes import portland_calls, unseen_at_portland
from benchmarks.real_year_marks import marks
from benchmarks.real_year_report import is_met, text_of, write_pictures
from benchmarks.real_year_shipments import (
    CRUDE_BARRELS_PER_TONNE,
    SAME_DRAUGHT_M,
    calls_of,
    shipments_of,
    tonnes_of,
)

DATA: Final = SHARED / "ais" / "noaa_2009_zone19"
IMPORTS: Final = SHARED / "truth" / "eia_petroleum_imports_2007-01_2009-05.csv"
VESSEL_TYPES: Final = (SHARED / "truth" / "eu_mrv_2018.csv.gz", SHARED / "truth" / "eu_mrv_2019.csv.gz")
LNG: Final = "LNG carrier"
OIL_BERTHS: Final = "USBO2"
OIL_BERTHS_BOXES: Final = ((-71.08, 42.378, -71.005, 42.402), (-70.98, 42.23, -70.955, 42.252))
"""Where tankers lie at Boston, as west, south, east and north: Mystic River with Chelsea Creek, and Fore River. The
port file has the container terminal alone."""
OIL_PORTS: Final = {OIL_BERTHS: "BOSTON", "USPSM": "PORTSMOUTH", "USPVD": "PROVIDENCE"}
PORTLAND, SAN_JUAN, BOSTON = "USPWM", "PRSJU", "USBOS"
CARGO: Final = ("cargo_unspecified", "container", "general_cargo", "dry_bulk", "roro")
DEEP_M: Final = 12.0
CRUDE_DEADWEIGHT_T: Final = 80_000.0
"""Tankers from this deadweight on carry crude at Portland; those that bring products there are of 55,000 t or less."""
LEAST_DESCRIBED_SHARE: Final = 0.5
"""A week of which fewer messages come with static data has neither draughts nor classes of new vessels."""
LEAST_DAYS: Final = 7
"""A month with fewer days in described weeks is not compared: calls of a day are not its share of the month's."""
PASSENGER_TYPES: Final = (60, 69)
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
    described = described_weeks(lake, weeks)
    tankers = voyages.filter(vessel_class="tanker").join(sizes_of(lake), on="vessel_id", how="left")
    oil = tankers.filter(~pl.col("vessel_id").is_in(lng_carriers(VESSEL_TYPES)))
    return {
        "weeks": [week.name for week in weeks],
        "undescribed": [week.name for week in weeks if week not in described],
        "calls": {
            "container": by_week(calls, weeks, BOSTON, CARGO), "tanker": by_week(calls, weeks, PORTLAND, ("tanker",)),
            "cargo": by_week(calls, weeks, SAN_JUAN, CARGO), "cruise": by_week(calls, weeks, SAN_JUAN, ("passenger",)),
        },
        "other": _other(calls, ais_types_of(lake)),
        "portland": crude(tankers, described) | causes(lake, tankers, calls, described),
        "oil": monthly(oil, draws, described), "with_lng": monthly(tankers, draws, described),
        "gaps": gaps(oil, calls, weeks), "reported": reported_ends(oil), "marks": marks(lake),
    }  # fmt: skip


def lng_carriers(files: Sequence[Path]) -> list[str]:
    """Returns vessels whose cargo is liquefied natural gas: AIS calls them tankers, and it is no petroleum.

    Args:
        files: The EU's MRV data by year, with `imo_number` and `ship_type`.
    """
    tables = [pl.read_csv(file, columns=["imo_number", "ship_type"]) for file in files if file.is_file()]
    rows = pl.concat(tables).filter(ship_type=LNG) if tables else pl.DataFrame({"imo_number": []})
    return [f"imo-{number}" for number in rows["imo_number"].unique().sort().to_list()]


def described_weeks(lake: Path, weeks: Sequence[Week]) -> list[Week]:
    """Returns the weeks of which enough messages come with static data."""
    reported, heard = (
        dict(
            open_table(table, data_dir=lake).group_by("week").agg(pl.col("messages").sum())
            .collect().iter_rows()
        )
        for table in ("silver.vessel_reports", "silver.message_hours")
    )  # fmt: skip
    least = LEAST_DESCRIBED_SHARE
    return [week for week in weeks if reported.get(week.name, 0) >= least * heard.get(week.name, 1)]


def sizes_of(lake: Path) -> pl.DataFrame:
    """Returns the newest name and length that each vessel sent."""
    history = open_table("silver.vessels", data_dir=lake).collect()
    return (
        history.sort("valid_from_utc")
        .group_by("vessel_id")
        .agg(pl.col("vessel_name", "length_m").drop_nulls().last())
    )


def ais_types_of(lake: Path) -> dict[int, list[int]]:
    """Returns the AIS types that each MMSI ever sent."""
    types = (
        open_table("silver.vessel_reports", data_dir=lake)
        .drop_nulls("ais_ship_type")
        .group_by("mmsi")
        .agg(pl.col("ais_ship_type").unique().sort())
        .collect()
    )
    return dict(types.iter_rows())


def crude(tankers: pl.DataFrame, described: Sequence[Week]) -> dict[str, Any]:
    """Returns what deep tankers and those of crude's sizes brought to Portland in weeks with static data."""
    here = in_weeks(tankers, described).filter(destination_locode=PORTLAND, counts_for_trade=True)
    deep = here.filter(pl.col("arrival_draught_m") >= DEEP_M)
    large = here.filter(pl.col("deadweight_t") >= CRUDE_DEADWEIGHT_T)
    carried, landed = (float(deep[name].sum()) for name in ("payload_arrival_t", "tonnes_unloaded"))
    days = len(described) * 7
    daily = {name: float(large[name].sum()) * CRUDE_BARRELS_PER_TONNE / days
             for name in ("payload_arrival_t", "tonnes_unloaded")}  # fmt: skip
    return {
        "calls": deep.height, "carried_t": carried, "landed_t": landed, "landed_share": landed / carried,
        "large_calls": large.height, "barrels_per_day": daily["tonnes_unloaded"],
        "carried_barrels_per_day": daily["payload_arrival_t"], "is_ballast": int(deep["is_ballast"].sum()),
        "each": _each(deep),
    }  # fmt: skip


def causes(
    lake: Path, tankers: pl.DataFrame, calls: pl.DataFrame, described: Sequence[Week]
) -> dict[str, Any]:
    """Returns the calls of crude tankers at Portland with their reasons, and what may be missing from them."""
    large = in_weeks(tankers, described).filter(
        pl.col("deadweight_t") >= CRUDE_DEADWEIGHT_T, destination_locode=PORTLAND
    )
    unclassed = sum(by_week(calls, described, PORTLAND, ("other",)))
    return {
        "days": len(described) * 7, "large_each": portland_calls(lake, large),
        "unseen": unseen_at_portland(lake, unclassed, large["stay_hours"].median(), described),
    }  # fmt: skip


def in_weeks(tankers: pl.DataFrame, weeks: Sequence[Week]) -> pl.DataFrame:
    """Returns the calls that began in some weeks."""
    began = pl.col("destination_entered_at_utc").dt.strftime("%G-W%V")
    return tankers.filter(began.is_in([week.name for week in weeks]))


def by_week(calls: pl.DataFrame, weeks: Sequence[Week], port: str, classes: Sequence[str]) -> list[int]:
    """Returns the calls of some classes at a port that began in each week."""
    began = calls.filter(pl.col("vessel_class").is_in(classes), port_locode=port).select(
        week=pl.coalesce("arrived_at_utc", "first_seen_at_utc").dt.strftime("%G-W%V")
    )
    count = dict(began.group_by("week").len().iter_rows())
    return [count.get(week.name, 0) for week in weeks]


def _other(calls: pl.DataFrame, types: Mapping[int, list[int]]) -> list[dict[str, Any]]:
    """Calls of vessels without a class, by vessel and port, with the AIS types that they ever sent."""
    other = calls.filter(vessel_class="other")
    first = pl.col("first_seen_at_utc").min()
    rows = (
        other.group_by("vessel_id", "port_locode")
        .agg(pl.len().alias("calls"), pl.col("mmsi").unique().sort(), first=first.dt.strftime("%Y-%m-%d"),
             week=first.dt.strftime("%G-W%V"))
        .sort("vessel_id", "port_locode")
        .to_dicts()
    )  # fmt: skip
    least, most = PASSENGER_TYPES
    for row in rows:
        sent = sorted({kind for mmsi in row.pop("mmsi") for kind in types.get(mmsi, [])})
        row |= {
            "types": sent,
            "is_cruise": row["port_locode"] == SAN_JUAN and any(least <= kind <= most for kind in sent),
        }
    return rows


def _each(deep: pl.DataFrame) -> list[dict[str, Any]]:
    return deep.sort("destination_entered_at_utc").select(
        "vessel_id", "stay_hours", "arrival_draught_m", "onward_draught_m", "onward_draught_code", "payload_arrival_t",
        "tonnes_unloaded", arrived=pl.col("destination_entered_at_utc").dt.strftime("%Y-%m-%d"),
    ).to_dicts()  # fmt: skip


def monthly(tankers: pl.DataFrame, draws: pl.DataFrame, described: Sequence[Week]) -> list[dict[str, Any]]:
    """Returns tonnes unloaded by port and month with their 90 % interval, and the official imports of the same days.

    Only weeks with static data count on either side: without draughts no tonnes are known.
    """
    imports = pl.read_csv(IMPORTS)
    entered = pl.col("destination_entered_at_utc")
    named = in_weeks(tankers, described).with_columns(month=entered.dt.strftime("%Y%m").cast(pl.Int64))
    names = dict(tankers.select("vessel_id", "vessel_name").drop_nulls().iter_rows())
    rows = []
    for port, official in OIL_PORTS.items():
        for month in sorted(named["month"].unique().to_list()):
            of = imports.filter(port=official, month=month)
            if of.is_empty() or days_of(month, described) < LEAST_DAYS:
                continue
            part = named.filter(destination_locode=port, month=month)
            value = float(part["tonnes_unloaded"].sum())
            half = NORMAL_90 * spread_t(part, draws)
            each = calls_of(part, names)
            rows.append(
                {"port": official, "month": month, "tonnes": value, "low": max(value - half, 0.0),
                 "high": value + half, "calls": part.height,
                 "missing": int(part["tonnes_unloaded"].null_count()),
                 "imports_t": imports_t(of) * covered_share(month, described),
                 "calls_each": each, "shipments_each": shipments_of(of, each)}
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
    pairs = imports.select("product", "thousand_barrels").iter_rows()
    return sum((tonnes_of(product, barrels) for product, barrels in pairs), start=0.0)


def covered_share(month: int, weeks: Sequence[Week]) -> float:
    """Returns the share of a month's days that lie in the weeks.

    >>> covered_share(200901, [Week.parse("2009-W02"), Week.parse("2009-W05")])
    0.41935483870967744
    """
    return days_of(month, weeks) / monthrange(month // 100, month % 100)[1]


def days_of(month: int, weeks: Sequence[Week]) -> int:
    """Returns how many days of a month lie in the weeks."""
    return sum(day.year * 100 + day.month == month for week in weeks for day in week.days)


if __name__ == "__main__":
    raise SystemExit(main())
