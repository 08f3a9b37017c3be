"""Rows of silver and gold from random weights, for the property that no column leaves its bounds.

Each maker computes tables with the transforms of the pipeline. Weights are of the kinds with which sums of doubles go
wrong in the last digit: many magnitudes, tenths, all equal, zeros among them.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, Final

import numpy as np
import polars as pl

from ais_indicators.periods import Week
from ais_indicators.transforms.contributors import flow_contributors, port_contributors, strait_contributors
from ais_indicators.transforms.coverage import HOURS, coverage_hours, heard_by_area
from ais_indicators.transforms.coverage_places import cell_coverage, daily_coverage, weekly_coverage
from ais_indicators.transforms.coverage_status import covered, covered_port_activity
from ais_indicators.transforms.nowcast import nowcast
from ais_indicators.transforms.quality import QualitySources, quality_of_week
from ais_indicators.transforms.sender_coverage import DARK, HEARD, SILENT, sender_weeks
from ais_indicators.transforms.sender_places import (
    INTERFERED,
    INTERFERED_VESSELS,
    INTERFERENCE_SCHEMA,
    JAMMED,
    SHOWN,
    dark_vessels,
    place_senders,
)
from ais_indicators.transforms.trade_flows import covered_flows, trade_flows
from ais_indicators.transforms.vessels import weekly_matches
from tests.subject_rules import SHIP_RULES

Rng = np.random.Generator
Tables = dict[str, pl.DataFrame]

WEEK: Final = Week.parse("2026-W09")
START: Final = WEEK.start
TIME: Final = pl.Datetime("us", "UTC")
CLASSES: Final = ("container", "dry_bulk", "general_cargo", "roro", "tanker")
PORTS: Final = {"NLRTM": "NLD", "NLAMS": "NLD", "BEANR": "BEL", "FJSUV": "FJI"}
CELLS: Final = (0x830000FFFFFFFFF, 0x830001FFFFFFFFF, 0x830002FFFFFFFFF, 0x830003FFFFFFFFF)


def amounts(rng: Rng, size: int, unknown: float = 0.0) -> pl.Series:
    """Amounts that are not below 0, some of them missing."""
    kind = rng.integers(4)
    values = (
        rng.uniform(0, 2e5, size),
        10.0 ** rng.uniform(-6, 9, size),
        0.1 * rng.integers(0, 40, size),
        np.full(size, rng.uniform(0, 2e5)),
    )[kind]
    values = np.where(rng.random(size) < rng.choice((0.0, 0.3)), 0.0, values)
    return pl.Series(values).set(pl.Series(rng.random(size) < unknown), None)


def chosen(rng: Rng, of: Sequence[Any], size: int) -> list[Any]:
    """Some of the values, drawn at random."""
    return [of[place] for place in rng.integers(0, len(of), size)]


def flags(rng: Rng, size: int) -> np.ndarray:
    """True and false, often all of one kind."""
    return np.asarray(rng.random(size) < rng.choice((0.0, 0.1, 0.5, 1.0)))


def voyages_of_week(rng: Rng, size: int) -> pl.DataFrame:
    """What flows and contributors need of `silver.voyages`: weights of any size."""
    ends = {
        end: pl.Series(chosen(rng, [*PORTS, None], size), dtype=pl.String)
        for end in ("origin", "destination")
    }
    tonnes = amounts(rng, size, unknown=rng.choice((0.0, 0.2, 1.0)))
    is_loading = pl.Series(flags(rng, size))
    return pl.DataFrame(
        {
            "voyage_id": [f"{n}-{n + 1}" for n in range(size)],
            "vessel_id": [f"imo-{n}" for n in rng.integers(0, max(size // 2, 1), size)],
            "vessel_class": chosen(rng, CLASSES, size),
            "counts_for_trade": True,
            "deadweight_t": amounts(rng, size) + 1.0,
            "hull_source": np.where(flags(rng, size), "ratio", "register"),
            "is_imputed": pl.Series(flags(rng, size)) & (tonnes > 0).fill_null(False),
            "tonnes_unloaded": tonnes * (~is_loading).cast(pl.Float64),
            "tonnes_loaded": tonnes * is_loading.cast(pl.Float64),
            "measurement_sd_t": amounts(rng, size),
            "imputation_sd_t": amounts(rng, size),
            "sea_distance_nm": pl.Series(rng.uniform(0, 12_000, size)).set(pl.Series(flags(rng, size)), None),
            **{f"{end}_locode": of for end, of in ends.items()},
            **{f"{end}_country_iso3": of.replace_strict(PORTS, default=None) for end, of in ends.items()},
        }
    )


def flow_rows(rng: Rng, size: int) -> Tables:
    voyages = voyages_of_week(rng, size)
    net = (voyages["tonnes_loaded"] - voyages["tonnes_unloaded"]).fill_null(0.0).to_numpy()
    number = SHIP_RULES.imputation_draws
    drawn = np.flatnonzero(voyages["is_imputed"].to_numpy())
    draws = pl.DataFrame(
        {
            "voyage_id": voyages["voyage_id"].gather(np.repeat(drawn, number)),
            "draw": np.tile(np.arange(1, number + 1), drawn.size),
            "net_load_t": np.repeat(net[drawn], number) * rng.choice((1.0, 0.5), drawn.size * number),
        }
    )
    of_places = pl.concat(
        [
            pl.DataFrame({"place_kind": "port", "place_code": list(PORTS)}),
            pl.DataFrame({"place_kind": "country", "place_code": sorted(set(PORTS.values()))}),
            pl.DataFrame({"place_kind": "all", "place_code": ["_T"]}),
        ]
    )
    coverage = of_places.with_columns(coverage_index=pl.Series(rng.uniform(0.3, 1.0, of_places.height)))
    flows = covered_flows(
        trade_flows(voyages, draws, bool(rng.integers(2)), SHIP_RULES), coverage, SHIP_RULES
    )
    return {"gold.trade_flows_weekly": flows.with_columns(week=pl.lit(WEEK.name))}


def contributor_rows(rng: Rng, size: int) -> Tables:
    voyages = voyages_of_week(rng, size)
    ids = voyages["vessel_id"].unique(maintain_order=True)
    ships = pl.DataFrame(
        {
            "vessel_id": ids,
            "register_class": pl.Series(chosen(rng, [*CLASSES, None], ids.len()), dtype=pl.String),
            "gross_tonnage": amounts(rng, ids.len(), unknown=0.2),
            "deadweight_t": amounts(rng, ids.len(), unknown=0.2),
            "operator": pl.Series(chosen(rng, ["A", "B", None], ids.len()), dtype=pl.String),
        }
    )
    of_ships = voyages.select("vessel_id", "vessel_class")
    calls = of_ships.with_columns(
        port_locode=pl.Series(chosen(rng, list(PORTS), size)),
        event_type=pl.lit("port_call"),
        **{name: pl.lit(START, TIME) for name in ("first_seen_at_utc", "arrived_at_utc", "last_seen_at_utc")},
        departed_at_utc=pl.lit(None, TIME),
        at_rest_when_last_seen=pl.Series(flags(rng, size)),
    )
    waiting = of_ships.head(0).with_columns(place_kind=pl.lit("gate"), place_code=pl.lit("suez"))
    transits = of_ships.with_columns(
        transit_id=pl.int_range(size),
        gate_code=pl.lit("suez"),
        direction=pl.Series(chosen(rng, ("a_to_b", "b_to_a"), size)),
        is_counted=pl.Series(flags(rng, size)),
        is_complete=pl.lit(False),
        is_inferred=pl.lit(False),
    )
    payloads = pl.DataFrame({"transit_id": range(size), "payload_t": amounts(rng, size)})
    parts = [
        port_contributors(calls, waiting, ships, WEEK.start, WEEK.end, rules=SHIP_RULES),
        strait_contributors(transits, waiting, ships, payloads, SHIP_RULES),
        flow_contributors(voyages, ships, SHIP_RULES),
    ]
    return {"gold.contributors_weekly": pl.concat(parts).with_columns(week=pl.lit(WEEK.name))}


def coverage_rows(rng: Rng, size: int) -> Tables:
    """Coverage of ports with any weights: all heard, or heard in part."""
    codes = [f"NL{n:03d}" for n in range(size)]
    places = pl.DataFrame(
        {"place_kind": "port", "place_code": codes, "country_iso3": chosen(rng, ["NLD", "BEL"], size)}
    )
    usual = pl.DataFrame({"place_code": codes, "usual_arrivals": amounts(rng, size, unknown=0.1)})
    rows = size * HOURS
    is_outage = flags(rng, rows)
    by_hour = pl.DataFrame(
        {
            "place_kind": np.repeat("port", rows),
            "place_code": np.repeat(codes, HOURS),
            "hour_of_week": np.tile(np.arange(HOURS, dtype=np.int32), size),
            "is_assessed": is_outage | flags(rng, rows),
            "is_outage": is_outage,
            "is_unclear": False,
            "is_silent": np.tile(flags(rng, HOURS), size),
            "is_wider": flags(rng, rows),
        }
    )
    status = np.select([is_outage, by_hour["is_assessed"].to_numpy()], ["outage", "heard"], "not_assessed")
    hours = pl.DataFrame(
        {
            "area": np.repeat(np.arange(size), HOURS),
            "hour_status": status,
            "messages": 1,
            "hour_of_week": by_hour["hour_of_week"],
        }
    )
    weekly = [
        weekly_coverage(by_hour, places, usual, SHIP_RULES),
        cell_coverage(hours, pl.Series(range(size))),
    ]
    return {
        "gold.coverage_weekly": pl.concat(weekly, how="diagonal").with_columns(week=pl.lit(WEEK.name)),
        "gold.coverage_daily": daily_coverage(by_hour, usual, WEEK, SHIP_RULES),
    }


def baseline_rows(rng: Rng, size: int) -> Tables:
    """Usual messages and ships of each hour from the weeks before."""

    def heard(week: Week) -> pl.DataFrame:
        count = size * 20
        return pl.DataFrame(
            {
                "h3_res3": pl.Series(chosen(rng, CELLS, count), dtype=pl.Int64),
                "hour_utc": [week.start + timedelta(hours=int(h)) for h in rng.integers(0, HOURS, count)],
                "messages": rng.integers(1, 1000, count),
                "vessels": rng.integers(1, 10, count),
            }
        ).with_columns(pl.col("hour_utc").cast(TIME))

    silences = pl.DataFrame(schema={"silent_from_utc": TIME, "h3_res3": pl.Int64, "stayed": pl.Boolean})
    before: list[pl.DataFrame] = []
    for week in (WEEK.plus(n) for n in range(-SHIP_RULES.min_baseline_weeks, 1)):
        rows = coverage_hours(
            heard_by_area(heard(week), week, SHIP_RULES), before, silences, week, SHIP_RULES
        )
        before.append(rows.with_columns(week=pl.lit(week.name)))
    return {"silver.coverage_hours": before[-1]}


def sender_rows(rng: Rng, size: int) -> Tables:
    """Vessel-hours heard and silent by cell from weeks of any size, and the places that lie in the cells."""

    def cells() -> pl.DataFrame:
        ranges = ((HEARD, 10_000, 20_000), (SILENT, 0, 3_000), (DARK, 0, 50))
        numbers = {name: rng.integers(low, high, len(CELLS)) for name, low, high in ranges}
        return pl.DataFrame({"area": CELLS, **numbers}, schema_overrides={"area": pl.Int64})

    before: list[pl.DataFrame] = []
    for _ in range(SHIP_RULES.min_baseline_weeks + 1):
        before.append(sender_weeks(cells(), before, SHIP_RULES))
    codes = [f"NL{n:03d}" for n in range(size)]
    places = pl.DataFrame(
        {
            "place_kind": "port",
            "place_code": codes,
            "country_iso3": "NLD",
            "h3_res3": chosen(rng, CELLS, size),
        },
        schema_overrides={"h3_res3": pl.Int64},
    )
    usual = pl.DataFrame({"place_code": codes, "usual_arrivals": amounts(rng, size, unknown=0.1)})
    false = pl.DataFrame(
        {
            "h3_res3": CELLS,
            INTERFERED: rng.integers(0, 500, len(CELLS)),
            SHOWN: amounts(rng, len(CELLS)),
            JAMMED: rng.integers(0, 168, len(CELLS)),
            INTERFERED_VESSELS: rng.integers(0, 40, len(CELLS)),
        }
    ).cast(INTERFERENCE_SCHEMA)  # type: ignore[arg-type]
    return {
        "silver.sender_weeks": before[-1],
        "gold.coverage_weekly": place_senders(before[-1], false, places, usual, rules=SHIP_RULES),
        "gold.dark_vessels_weekly": dark_vessels(before[-1], pl.lit("P"), SHIP_RULES),
    }


def activity_rows(rng: Rng, size: int) -> Tables:
    """Port activity as it is assessed by coverage, from counts and hours as they were computed before."""
    units = {
        "arrivals": "calls",
        "departures": "calls",
        "share_complete_calls": "share",
        "median_hours_in_port": "h",
    }
    indicators = list(units)
    rows = pl.DataFrame(
        {
            "week": WEEK.name,
            "port_locode": np.repeat([f"NL{n:03d}" for n in range(size)], len(indicators)),
            "vessel_class": "_T",
            "indicator": indicators * size,
            "value": rng.integers(0, 2, size * len(indicators)).astype(np.float64),
            "unit": list(units.values()) * size,
            "obs_status": "P",
            "conf_status": "F",
        }
    )
    codes = rows["port_locode"].unique(maintain_order=True)
    coverage = pl.DataFrame(
        {
            "week": WEEK.name,
            "place_kind": "port",
            "place_code": codes,
            "coverage_index": rng.uniform(0.4, 1.0, codes.len()),
            "usual_arrivals": amounts(rng, codes.len()),
        }
    )
    last_day = coverage.select("week", "place_code", "coverage_index").with_columns(
        observed_on=pl.lit(WEEK.days[-1]), coverage_index=pl.Series(rng.uniform(0.0, 1.0, codes.len()))
    )
    return {
        "gold.port_activity_weekly": covered_port_activity(rows, coverage, last_day, SHIP_RULES),
        "gold.port_activity_daily": covered(
            rows.drop("conf_status"), coverage, ["port_locode"], ["place_code"], SHIP_RULES
        ).drop("status_reason"),
    }


def quality_rows(rng: Rng, size: int) -> Tables:
    made = flow_rows(rng, size) | coverage_rows(rng, min(size, 8)) | match_rows(rng, size)
    codes = [f"{end}_draught_code" for end in ("departure", "arrival")]
    coverage = made["gold.coverage_weekly"].with_columns(
        vessels_by_calls=pl.lit(int(rng.integers(0, 9))), vessels_stationary=pl.lit(int(rng.integers(0, 9)))
    )
    activity = pl.DataFrame(
        [("_T", "_T", "share_complete_calls", "N", float(rng.random()), "A")],
        schema=["port_locode", "vessel_class", "indicator", "adjustment", "value", "obs_status"],
        orient="row",
    )
    sources = QualitySources(
        messages=int(rng.integers(0, 10**6)),
        messages_before=tuple(int(n) for n in rng.integers(0, 10**6, 6)),
        coverage=coverage,
        reports=pl.DataFrame({"mmsi": rng.integers(0, size, size), "is_valid_imo": flags(rng, size)}),
        calls=pl.DataFrame(
            {
                "vessel_id": chosen(rng, ("imo-9134270", "mmsi-366053209"), size),
                "event_type": chosen(rng, ("port_call", "passage"), size),
                "arrival_week": chosen(rng, (WEEK.name, WEEK.plus(1).name), size),
                "arrival_is_estimated": flags(rng, size),
            }
        ),
        matches=made["silver.register_matches"],
        voyages=pl.DataFrame(
            {
                "counts_for_trade": flags(rng, size),
                **{name: chosen(rng, ("reported", "none"), size) for name in codes},
            }
        ),
        activity=activity,
        flows=made["gold.trade_flows_weekly"],
    )
    return {
        "gold.quality_weekly": quality_of_week(sources, WEEK, SHIP_RULES).with_columns(week=pl.lit(WEEK.name))
    }


def match_rows(rng: Rng, size: int) -> Tables:
    """How a register that knows any part of the ships knows them."""
    named = pl.DataFrame(
        {
            "week": WEEK.name,
            "vessel_id": [f"imo-{n}" for n in range(size)],
            "imo_number": 9_000_000 + np.arange(size),
            "mmsi": 244_000_000 + np.arange(size),
            "vessel_name": [f"SHIP {n}" for n in range(size)],
        }
    )
    register = named.filter(pl.Series(flags(rng, size))).select("imo_number", "mmsi", "vessel_name")
    return {"silver.register_matches": weekly_matches(named, register)}


def nowcast_rows(rng: Rng, size: int) -> Tables:
    """Nowcasts of a running week, from counts of any size."""
    weeks = [WEEK.plus(n) for n in range(-SHIP_RULES.nowcast_min_weeks - int(rng.integers(3)), 1)]
    days = int(rng.integers(1, 7))
    scale = int(rng.choice((1, 10, 10**6)))
    daily = pl.DataFrame(
        [
            (port, "_T", "arrivals", "calls", week.name, day, float(rng.integers(0, scale + 1)))
            for port in (f"NL{n:03d}" for n in range(min(size, 6)))
            for week in weeks
            for number, day in enumerate(week.days)
            if number < days or week != weeks[-1]
        ],
        schema=["port_locode", "vessel_class", "indicator", "unit", "week", "observed_on", "value"],
        orient="row",
    )
    found = nowcast(daily, weeks[-1].name, [w.name for w in weeks[:-1]], days, SHIP_RULES)
    return {"gold.series_weekly": found.with_columns(week=pl.lit(WEEK.name))}


MAKERS: Final[dict[str, Callable[[Rng, int], Tables]]] = {
    "flows": flow_rows,
    "contributors": contributor_rows,
    "coverage": coverage_rows,
    "baselines": baseline_rows,
    "senders": sender_rows,
    "activity": activity_rows,
    "quality": quality_rows,
    "matches": match_rows,
    "nowcasts": nowcast_rows,
}
