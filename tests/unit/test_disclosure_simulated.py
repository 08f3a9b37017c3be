"""The protected tables of a simulated ocean under a second attacker: no suppressed value can be worked out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl
import pyarrow as pa
import pytest

from ais_indicators.contracts.profiles import find_profile
from ais_indicators.contracts.types import arrow_schema
from ais_indicators.disclosure.protect import protect
from ais_indicators.disclosure.published import Published
from ais_indicators.geo.sea_network import sea_distances_nm
from ais_indicators.periods import Period, Week
from ais_indicators.pipelines.derive_voyages import voyages_of_calls
from ais_indicators.transforms.chokepoint_activity import weekly_chokepoint_activity
from ais_indicators.transforms.contributions import (
    port_contributions,
    strait_contributions,
)
from ais_indicators.transforms.contributors import flow_contributors, port_contributors, strait_contributors
from ais_indicators.transforms.inland import NO_INLAND_TRAFFIC
from ais_indicators.transforms.port_activity import weekly_port_activity, with_register
from ais_indicators.transforms.trade_flows import trade_flows
from ais_simulator.ocean.harbours import HARBOURS
from benchmarks.silent_sea import SilentSea, sail
from tests.examples import is_full
from tests.second_attack import Attacker, attack_flows, attack_ports, attack_straits, too_narrow
from tests.subject_rules import SHIP_RULES

WEEK = Week.parse("2026-W02")
PORTS, STRAITS, FLOWS = (
    f"gold.{name}_weekly" for name in ("port_activity", "chokepoint_transits", "trade_flows")
)
COUNTRIES = {harbour.locode: harbour.country_iso3 for harbour in HARBOURS}
COUNTS = (
    "arrivals",
    "departures",
    "calls_in_progress",
    "unique_vessels",
    "transits",
    "incomplete_transits",
    "ships",
)
LEAST, MOST = 0.1, 0.75
MOST_VALUES = 60 if is_full() else 10
"""So many values of each table are attacked, spread over it: each takes two programmes."""


@dataclass(frozen=True)
class World:
    """Gold of one week of a simulated ocean, who is behind it, what each ship contributes, and its release."""

    own: Mapping[str, pl.DataFrame]
    gold: Mapping[str, pa.Table]
    behind: pl.DataFrame
    released: Mapping[str, pl.DataFrame]
    ways: Mapping[Any, float]


def _as_contracted(name: str, rows: pa.Table) -> pa.Table:
    """The columns of the contract; no value is marked."""
    marked = rows.append_column("status_reason", pa.nulls(rows.num_rows, pa.string()))
    return marked.select(arrow_schema(name).names).cast(arrow_schema(name))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    sea = sail("standard", 11, 150, Period(WEEK.plus(-1), WEEK), tmp_path_factory.mktemp("sea"))
    ships = sea.hulls.ships.select(
        "vessel_id", "register_class", "deadweight_t",
        gross_tonnage=pl.col("deadweight_t") * 0.6, operator=pl.lit(None, pl.String),
    )  # fmt: skip
    voyages, draws, ways = _voyages(sea)
    calls, transits = _calls(sea), _transits(sea)
    payloads = transits.select("transit_id", "payload_t").drop_nulls()
    gold = {
        PORTS: _ports(calls, ships),
        STRAITS: _straits(transits, ships, payloads),
        FLOWS: trade_flows(voyages, draws, False, SHIP_RULES).with_columns(week=pl.lit(WEEK.name)).to_arrow(),
    }
    gold = {name: _as_contracted(name, rows) for name, rows in gold.items()}
    of_week = transits.filter(pl.col("arrival_week") == WEEK.name)
    behind = pl.concat(
        [
            port_contributors(calls, _nobody(), ships, WEEK.start, WEEK.end, rules=SHIP_RULES),
            strait_contributors(of_week, _nobody(), ships, payloads, SHIP_RULES),
            flow_contributors(voyages, ships, SHIP_RULES),
        ]
    )
    own = {  # small worlds of flows are in `test_disclosure`: this one would take half a minute more
        PORTS: port_contributions(calls, _nobody(), ships, WEEK, NO_INLAND_TRAFFIC, SHIP_RULES),
        STRAITS: strait_contributions(transits.drop("payload_t"), _nobody(), ships, payloads, WEEK),
    }
    released = protect(gold, behind, own, find_profile("confidential"), COUNTRIES, Published(), SHIP_RULES)
    return World(own, gold, behind, {name: pl.DataFrame(rows) for name, rows in released.items()}, ways)


def _ports(calls: pl.DataFrame, ships: pl.DataFrame) -> pa.Table:
    """The product's own totals of simulated calls."""
    known = ships.select("vessel_id", "register_class", "gross_tonnage")
    here, lying = (with_register(rows, known) for rows in (calls, _nobody()))
    return (
        weekly_port_activity(here, lying, [WEEK], WEEK, rules=SHIP_RULES)
        .with_columns(adjustment=pl.lit("N"))
        .to_arrow()
    )


def _straits(transits: pl.DataFrame, ships: pl.DataFrame, payloads: pl.DataFrame) -> pa.Table:
    """The product's own totals of simulated transits."""
    known = ships.select("vessel_id", "register_class", "deadweight_t")
    passed = transits.drop("payload_t")
    return weekly_chokepoint_activity(passed, _nobody(), known, payloads, [WEEK], WEEK, SHIP_RULES).to_arrow()


def _nobody() -> pl.DataFrame:
    return pl.DataFrame(arrow_schema("silver.waiting_vessels").empty_table())


def _calls(sea: SilentSea) -> pl.DataFrame:
    return sea.calls.with_columns(
        event_type=pl.lit("port_call"),
        stop_hours=pl.lit(5.0),
        longest_stop_minutes=pl.lit(60.0),
        gap_hours=pl.lit(0.0),
        waiting_hours=pl.lit(0.0),
        at_rest_when_last_seen=pl.lit(False),
        entry_after_gap=pl.lit(False),
        exit_after_gap=pl.lit(False),
        arrival_week=pl.col("arrived_at_utc").dt.strftime("%G-W%V"),
        settled_week=pl.lit("open"),
    )


def _transits(sea: SilentSea) -> pl.DataFrame:
    ended = pl.col("ended").is_not_null()
    return (
        sea.truth.transits.drop_nulls(["began", "imo"])
        .with_row_index("number")
        .with_columns(
            transit_id=pl.col("number").cast(pl.Int64),
            vessel_id=pl.format("imo-{}", "imo"),
            track_id="imo",
            entered_at_utc="began",
            left_at_utc="ended",
            transit_hours=pl.lit(3.0),
            is_complete=ended,
            is_inferred=pl.lit(False),
            is_counted=pl.col("is_counted") & ended,
            is_jumped=pl.lit(False),
            gap_hours=pl.lit(0.0),
            arrival_week=pl.col("began").dt.strftime("%G-W%V"),
            settled_week=pl.lit("open"),
        )
    )


def _voyages(sea: SilentSea) -> tuple[pl.DataFrame, pl.DataFrame, dict[Any, float]]:
    """Voyages that ended in the week, their draws, and the ways by sea between ports."""
    weeks = Period(WEEK, WEEK)
    voyages, draws = voyages_of_calls(sea.calls, sea.reports, sea.hulls, weeks, WEEK, rules=SHIP_RULES)
    for end in ("origin", "destination"):
        country = pl.col(f"{end}_locode").replace_strict(COUNTRIES, default=None, return_dtype=pl.String)
        voyages = voyages.with_columns(country.alias(f"{end}_country_iso3"))
    lanes = voyages.select("origin_locode", "destination_locode").drop_nulls().unique().sort(pl.all())
    found = sea_distances_nm({h.locode: h.point for h in HARBOURS}, lanes.rows())
    with_ways = voyages.join(
        lanes.with_columns(sea_distance_nm=pl.Series(found, dtype=pl.Float64)),
        on=["origin_locode", "destination_locode"],
        how="left",
    )
    return with_ways, draws, {lane: way or 0.0 for lane, way in zip(lanes.rows(), found, strict=True)}


def narrow(
    world: World,
    name: str,
    mind: Attacker,
    key: list[str],
    most: int = MOST_VALUES,
    but: pl.DataFrame | None = None,
) -> list[Any]:
    """Values of cells of few ships, or dominated by one, that the attacker bounds too narrowly; some left out."""
    rows = world.released[name]
    secret = rows.filter(pl.col("conf_status").is_in(["A", "O"])).select(key).unique()
    secret = secret if but is None else secret.join(but, on=key, how="anti")
    gold = pl.DataFrame(world.gold[name]).join(secret, on=key).filter(pl.col("value") > 0)
    true = gold.join(world.behind.filter(table_name=name), on=key).sort(*key, "indicator")
    step = max(true.height // most, 1)
    found = []
    for row in true.gather_every(step).iter_rows(named=True):
        value = (*(row[part] for part in key), row["indicator"])
        if value in mind.names:
            share = max(LEAST, row["largest_share"] / MOST - 1)
            bounds = too_narrow(mind, value, row["value"], share, row["indicator"] in COUNTS)
            found += [(value, row["value"], bounds)] if bounds else []
    assert secret.height > 0
    return found


def test_ports_reports_nothing(world: World) -> None:
    assert narrow(world, PORTS, attack_ports(world.released[PORTS]), ["port_locode", "vessel_class"]) == []


def test_straits_reports_nothing(world: World) -> None:
    mind = attack_straits(world.released[STRAITS])
    assert narrow(world, STRAITS, mind, ["gate_code", "direction", "vessel_class"]) == []


def test_flows_reports_nothing(world: World) -> None:
    mind = attack_flows(world.released[FLOWS], pl.DataFrame(world.gold[FLOWS]), COUNTRIES, world.ways)
    key = ["reporter_level", "reporter", "partner", "direction", "vessel_class"]
    assert narrow(world, FLOWS, mind, key) == []


@pytest.mark.parametrize("name", [PORTS, STRAITS])
def test_owners_of_ships_learn_nothing(world: World, name: str) -> None:
    """The ships that are in most cells attack; they know their own part, and their cells where they are alone."""
    attack, key = {
        PORTS: (attack_ports, ["port_locode", "vessel_class"]),
        STRAITS: (attack_straits, ["gate_code", "direction", "vessel_class"]),
    }[name]
    own = world.own[name]
    alone = own.filter(pl.len().over(key) == 1).select(key)
    (ship, *_) = (
        own.group_by("vessel_id").len().sort("len", "vessel_id", descending=[True, False])["vessel_id"]
    )
    mind, mine = attack(world.released[name]), own.filter(vessel_id=ship)
    families = [one for one in mine.columns if one not in (*key, "vessel_id", "contributor")]
    for row in (
        mine.unpivot(families, index=key).join(alone.with_columns(alone=True), on=key, how="left").rows()
    ):
        *cell, family, value, is_alone = row
        of = (*cell, family)
        if of in mind.names and of not in mind.fixed:
            (mind.fixed if is_alone else mind.least)[of] = value
    assert mind.least or mind.fixed
    assert narrow(world, name, mind, key, MOST_VALUES // 2, mine.select(key)) == []


def test_contributions_add_up_to_gold(world: World) -> None:
    for name, own in world.own.items():
        key = [one for one in world.released[name].columns if one in own.columns]
        families = [one for one in own.columns if one not in (*key, "vessel_id", "contributor")]
        sums = (
            own.group_by(key)
            .agg(pl.col(families).sum())
            .unpivot(families, index=key, variable_name="indicator")
        )
        both = (
            pl.DataFrame(world.gold[name])
            .drop_nulls("value")
            .join(sums, on=[*key, "indicator"], suffix="_own")
        )
        assert both.height > len(families)
        assert ((both["value"] - both["value_own"]).abs() <= 1e-6 * both["value"].clip(1.0)).all()


def test_the_attacker_finds_what_is_left_open(world: World) -> None:
    """Without the secondary suppression the same attack works, so the tests above can fail."""
    rows, gold = world.released[STRAITS], pl.DataFrame(world.gold[STRAITS])
    is_primary = pl.col("conf_status").is_in(["A", "O"])
    key = ["gate_code", "direction", "vessel_class", "indicator"]
    careless = rows.join(gold.select(*key, open="value"), on=key).with_columns(
        value=pl.when(is_primary).then("value").otherwise("open"),
        obs_status=pl.when(is_primary).then("obs_status").otherwise(pl.lit("P")),
    )
    assert narrow(world, STRAITS, attack_straits(careless), key[:3], most=200) != []
