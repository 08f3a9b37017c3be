"""Vessels behind the cells of the released tables: one row per cell and week, with its ships and largest share.

The cells are those of the values: every combination of one or all ports, classes, directions. A ship is identified by
its `vessel_id`; its contributor is the register's operator, else the ship itself.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import combinations
from typing import Final

import polars as pl

from ais_indicators.rules import Rules
from ais_indicators.transforms.bounded import bounded_share
from ais_indicators.transforms.inland import NO_INLAND_TRAFFIC, InlandTraffic, in_totals, mark_inland

TOTAL: Final = "_T"
UNKNOWN: Final = "_U"
"""Partner of the voyages whose origin is not known; no released cell has it."""

NOT_APPLICABLE: Final = "_Z"
PORTS: Final = "gold.port_activity_weekly"
STRAITS: Final = "gold.chokepoint_transits_weekly"
FLOWS: Final = "gold.trade_flows_weekly"
_DIMENSIONS: Final = (
    "port_locode", "gate_code", "reporter_level", "reporter", "partner", "direction", "vessel_class",
)  # fmt: skip


def port_contributors(
    calls: pl.DataFrame,
    waiting: pl.DataFrame,
    ships: pl.DataFrame,
    begin: datetime,
    end: datetime,
    inland: InlandTraffic = NO_INLAND_TRAFFIC,
    *,
    rules: Rules,
) -> pl.DataFrame:
    """Returns contributors to port activity in one week.

    Args:
        calls: `silver.port_calls`, all that can touch the week: `vessel_id, port_locode, event_type, vessel_class` and
            the times.
        waiting: `silver.waiting_vessels` of the week.
        ships: Columns of `KnownShips.ships`.
        begin: First moment of the week.
        end: First moment after it.
        inland: What inland vessels are known by in the week.
        rules: Rules of the lake's subject.

    Returns:
        Columns of `gold.contributors_weekly` without the week.
    """
    lying = (
        waiting.filter(pl.col("place_kind") == "anchorage")
        .pipe(_with_ships, ships)
        .select("vessel_id", "unit", "vessel_class", port_locode="place_code", calls=0.0, gt=0.0)
    )
    happenings = mark_inland(
        pl.concat([_calling(calls, ships, begin, end), lying], how="diagonal_relaxed"),
        inland,
        pl.lit(begin.date()),
    )
    by_port = _over_totals(happenings, ("port_locode",))
    members = pl.concat([by_port, by_port.filter(in_totals()).with_columns(vessel_class=pl.lit(TOTAL))])
    return _contributors(members, PORTS, (("gt",), ("calls",)), rules)


def _calling(calls: pl.DataFrame, ships: pl.DataFrame, begin: datetime, end: datetime) -> pl.DataFrame:
    """Returns one row per port call of a period: the gross tonnage `gt` counts where the ship arrives in it."""
    start, stop = (pl.lit(moment).cast(pl.Datetime("us", "UTC")) for moment in (begin, end))
    departed, last_seen = pl.col("departed_at_utc"), pl.col("last_seen_at_utc")
    is_present = (pl.col("first_seen_at_utc") < stop) & (last_seen >= start)
    is_departing = departed.is_between(start, stop, closed="left")
    is_arriving = pl.col("arrived_at_utc").is_between(start, stop, closed="left").fill_null(False)
    return (
        calls.filter((pl.col("event_type") == "port_call") & (is_present | is_departing.fill_null(False)))
        .pipe(_with_ships, ships)
        .select(
            "vessel_id",
            "unit",
            "port_locode",
            "vessel_class",
            calls=1.0,
            arrives=is_arriving,
            gt="gross_tonnage",
        )
        .with_columns(gt=pl.when("arrives").then("gt").fill_null(0.0))
        .drop("arrives")
    )


def strait_contributors(
    transits: pl.DataFrame, waiting: pl.DataFrame, ships: pl.DataFrame, payloads: pl.DataFrame, rules: Rules
) -> pl.DataFrame:
    """Returns contributors to the values of chokepoints in one week.

    Args:
        transits: `silver.chokepoint_transits` of the week by `arrival_week`.
        waiting: `silver.waiting_vessels` of the week.
        ships: Columns of `KnownShips.ships`.
        payloads: Columns `transit_id` and `payload_t`.
        rules: Rules of the lake's subject.
    """
    counted = pl.col("is_counted").cast(pl.Float64)
    passed = (
        transits.filter(pl.col("is_counted") | ~(pl.col("is_complete") | pl.col("is_inferred")))
        .join(payloads, on="transit_id", how="left")
        .pipe(_with_ships, ships)
        .select(
            "vessel_id", "unit", "vessel_class", "gate_code", "direction",
            transits=counted,
            payload=pl.col("payload_t").fill_null(0.0) * counted,
            deadweight=pl.col("deadweight_t").fill_null(0.0) * counted,
        )
    )  # fmt: skip
    stayed = (
        waiting.filter(pl.col("place_kind") == "gate")
        .pipe(_with_ships, ships)
        .select(
            "vessel_id", "unit", "vessel_class", gate_code="place_code", direction=pl.lit(None, pl.String),
            transits=0.0, payload=0.0, deadweight=0.0,
        )
    )  # fmt: skip
    happenings = pl.concat([passed, stayed], how="diagonal_relaxed")
    members = _over_totals(happenings, ("direction", "vessel_class")).drop_nulls("direction")
    return _contributors(members, STRAITS, (("payload", "deadweight"), ("transits",)), rules)


def flow_contributors(voyages: pl.DataFrame, ships: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Returns contributors to the trade flows of one week.

    Args:
        voyages: `silver.voyages` of the week.
        ships: Columns of `KnownShips.ships`.
        rules: Rules of the lake's subject.
    """
    operators = ships.select("vessel_id", "operator")
    counted = (
        voyages.filter("counts_for_trade")
        .join(operators, on="vessel_id", how="left", maintain_order="left")
        .with_columns(_unit(), voyages=pl.lit(1.0))
    )
    members = pl.concat([_flow_members(counted, *flow) for flow in _flows()])
    with_classes = pl.concat([members, members.with_columns(vessel_class=pl.lit(TOTAL))])
    return _contributors(with_classes, FLOWS, (("tonnes",), ("deadweight",), ("voyages",)), rules)


def _flows() -> Sequence[tuple[str, pl.Expr, pl.Expr, str]]:
    """Returns the level, reporter, partner and direction of each kind of flow (`transforms.trade_flows`)."""
    everyone = pl.lit(TOTAL)
    flows: list[tuple[str, pl.Expr, pl.Expr, str]] = [
        ("world", everyone, everyone, "import"),
        ("world", everyone, everyone, "export"),
    ]
    for level, name in (("port", "locode"), ("country", "country_iso3")):
        here, there = pl.col(f"destination_{name}"), pl.col(f"origin_{name}")
        flows += [
            (level, here, there.fill_null(UNKNOWN), "import"),
            (level, there, here, "export"),
            (level, here, everyone, "import"),
            (level, here, everyone, "export"),
        ]
    return flows


def _flow_members(
    voyages: pl.DataFrame, level: str, reporter: pl.Expr, partner: pl.Expr, direction: str
) -> pl.DataFrame:
    """Returns one row per flow of a kind and voyage that belongs to it."""
    is_loaded = (pl.lit(direction) == "export") & (partner == TOTAL)
    is_lane = (pl.lit(level) == "port") & ~partner.is_in([TOTAL, UNKNOWN])
    tonnes = pl.when(is_loaded).then("tonnes_loaded").otherwise("tonnes_unloaded")
    return voyages.select(
        "vessel_id", "unit", "vessel_class", "voyages",
        reporter_level=pl.lit(level),
        reporter=reporter,
        partner=partner,
        direction=pl.lit(direction),
        tonnes=tonnes.fill_null(0.0),
        deadweight=pl.col("deadweight_t").fill_null(0.0),
        sea_distance_nm=pl.when(is_lane).then("sea_distance_nm"),
    ).drop_nulls(["reporter", "partner"])  # fmt: skip


def _unit() -> pl.Expr:
    """Returns the contributor to which a ship's tonnes belong: its operator, or the ship itself."""
    return pl.coalesce(pl.format("operator {}", "operator"), pl.format("ship {}", "vessel_id")).alias("unit")


def _with_ships(rows: pl.DataFrame, ships: pl.DataFrame) -> pl.DataFrame:
    """Adds the register's data on the ships; the class stays where the register has none."""
    return rows.join(ships, on="vessel_id", how="left", maintain_order="left").with_columns(
        _unit(), vessel_class=pl.coalesce("register_class", "vessel_class")
    )


def _over_totals(rows: pl.DataFrame, dimensions: Sequence[str]) -> pl.DataFrame:
    """Returns the rows once for every combination of one or all of each dimension."""
    sets = [chosen for n in range(len(dimensions) + 1) for chosen in combinations(dimensions, n)]
    return pl.concat([rows.with_columns(pl.lit(TOTAL).alias(name) for name in chosen) for chosen in sets])


def _contributors(
    members: pl.DataFrame, table: str, measures: Sequence[tuple[str, ...]], rules: Rules
) -> pl.DataFrame:
    """Returns ships and the largest share of each cell.

    Args:
        members: One row per cell and happening in it, with `vessel_id`, `unit` and the measures.
        table: The released table.
        measures: What shares are taken of: the first group of which a cell has any, in it the larger share.
        rules: Rules of the lake's subject.
    """
    names = [name for group in measures for name in group]
    cell = [name for name in _DIMENSIONS if name in members.columns]
    ships = members.group_by(cell).agg(
        ships=pl.col("vessel_id").n_unique().cast(pl.Int64),
        sea_distance_nm=_distance(members),
    )
    by_unit = (
        members.sort(*cell, "unit", *names)
        .group_by(*cell, "unit", maintain_order=True)
        .agg(pl.col(names).sum())
    )
    shares = by_unit.group_by(cell, maintain_order=True).agg(
        **{name: bounded_share(pl.col(name).max(), pl.col(name).sum(), rules) for name in names}
    )
    alone = 1.0 / ships.join(by_unit.group_by(cell).len(), on=cell, maintain_order="left")["len"]
    largest = pl.coalesce(*(pl.max_horizontal(group) for group in measures), pl.lit(None, pl.Float64))
    missing = [name for name in _DIMENSIONS if name not in cell]
    return (
        ships.with_columns(alone=alone)
        .join(shares, on=cell)
        .with_columns(
            pl.lit(table).alias("table_name"),
            *(pl.lit(NOT_APPLICABLE).alias(name) for name in missing),
            largest_share=pl.coalesce(largest, "alone"),
        )
        .select("table_name", *_DIMENSIONS, "ships", "largest_share", "sea_distance_nm")
        .sort("table_name", *_DIMENSIONS)
    )


def _distance(members: pl.DataFrame) -> pl.Expr:
    return (
        pl.col("sea_distance_nm").max() if "sea_distance_nm" in members.columns else pl.lit(None, pl.Float64)
    )
