"""Indicators of chokepoints: one row is one observation of one gate, direction, vessel class and week.

A transit belongs to the week of its entry. It counts when the vessel was seen on both sides and none of its other
transits counted within the rule's hours before. Vessels that wait or are inside have no direction yet: their indicators
are over both directions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from ais_indicators.contracts.model import load_contract
from ais_indicators.periods import Week
from ais_indicators.rules import Rules
from ais_indicators.transforms.columns import count_if, exact_sum, over_all, percentile, vessels_if
from ais_indicators.transforms.port_activity import FREE, TOTAL, final_or_provisional, observation_status
from ais_indicators.transforms.zeros import (
    classes_seen,
    observed_places,
    with_totals,
    with_zero_rows,
    without_events,
)

TABLE: Final = "gold.chokepoint_transits_weekly"
TRANSIT_COLUMNS: Final = (
    "transit_id",
    "vessel_id",
    "track_id",
    "vessel_class",
    "gate_code",
    "direction",
    "entered_at_utc",
    "arrival_week",
    "transit_hours",
    "is_complete",
    "is_inferred",
    "is_counted",
)
"""Columns of `silver.chokepoint_transits` that the indicators and their payloads need."""

_GATE, _DIRECTION, _CLASS = "gate_code", "direction", "vessel_class"
_MEDIAN: Final = 0.5


@dataclass(frozen=True)
class Indicator:
    """One indicator.

    Attributes:
        name: Its code.
        unit: Unit of its value.
        value: Its aggregate over what happened at a gate in a week, null if there is nothing to aggregate.
        has_direction: Whether it is also computed by direction.
    """

    name: str
    unit: str
    value: pl.Expr
    has_direction: bool = True


def weekly_chokepoint_activity(
    transits: pl.DataFrame,
    waiting: pl.DataFrame,
    ships: pl.DataFrame,
    payloads: pl.DataFrame,
    weeks: Sequence[Week],
    newest_week: Week,
    rules: Rules,
) -> pl.DataFrame:
    """Computes the indicators of each week by gate, direction and class, with totals over directions and classes.

    A gate, direction and class with a transit has all indicators that have a direction; one with a vessel inside or
    waiting has the others too, counts of 0 among them. Rows of observed chokepoints without either are those of
    `transforms.zeros`.

    Args:
        transits: `silver.chokepoint_transits`.
        waiting: `silver.waiting_vessels`.
        ships: Columns `vessel_id`, `register_class` and `deadweight_t`, one row per ship.
        payloads: Columns `transit_id` and `payload_t`, one row per transit whose payload is known.
        weeks: Weeks that are wanted.
        newest_week: The newest week that holds data: older weeks than the revision rule allows are final.
        rules: Rules of the lake's subject.

    Returns:
        Rows of `gold.chokepoint_transits_weekly` without `status_reason`.
    """
    return (
        _observations(weekly_events(transits, waiting, ships, payloads, weeks))
        .pipe(without_events, ["week", _GATE, _DIRECTION, _CLASS], SUMS, RATIOS)
        .with_columns(
            obs_status=observation_status(newest_week, pl.col("is_applicable"), rules=rules),
            conf_status=pl.lit(FREE),
        )
        .select(name for name in load_contract(TABLE).column_names if name != "status_reason")
    )


def weekly_events(
    transits: pl.DataFrame,
    waiting: pl.DataFrame,
    ships: pl.DataFrame,
    payloads: pl.DataFrame,
    weeks: Sequence[Week],
) -> pl.DataFrame:
    """Lists the transits and waiting vessels of each week; arguments of `weekly_chokepoint_activity`."""
    return (
        _happenings(transits.join(payloads, on="transit_id", how="left"), waiting)
        .filter(pl.col("week").is_in([week.name for week in weeks]))
        .join(ships, on="vessel_id", how="left")
        .with_columns(pl.coalesce("register_class", _CLASS).alias(_CLASS))
    )


def _happenings(transits: pl.DataFrame, waiting: pl.DataFrame) -> pl.DataFrame:
    """Lists transits in the week of their entry, and vessels at a gate in the week that ended then, one per row.

    A transit is counted, or one of its sides is not known; one that came too soon after the ship's last is neither.
    """
    is_incomplete = ~(pl.col("is_complete") | pl.col("is_inferred"))
    shared = ("vessel_id", "track_id", _CLASS)
    passed = transits.filter(pl.col("is_counted") | is_incomplete).select(
        *shared,
        _GATE,
        _DIRECTION,
        pl.col("arrival_week").alias("week"),
        "transit_hours",
        "payload_t",
        "is_inferred",
        is_transit="is_counted",
        is_incomplete=is_incomplete,
    )
    stayed = waiting.filter(place_kind="gate").select(
        *shared, pl.col("place_code").alias(_GATE), "week", "is_inside", "is_still"
    )
    flags = pl.col("is_transit", "is_incomplete", "is_inferred", "is_inside", "is_still")
    return pl.concat([passed, stayed], how="diagonal").with_columns(flags.fill_null(False))


def _observations(happenings: pl.DataFrame) -> pl.DataFrame:
    """Computes the indicators over every combination of one or all directions and classes, one per row."""
    keys = ["week", _GATE, _DIRECTION, _CLASS]
    directed = happenings.filter(pl.col(_DIRECTION).is_not_null())
    by_direction = over_all(directed, [keys, ["week", _GATE, _DIRECTION]], _values(has_direction=True), TOTAL)
    over_both = over_all(
        happenings.drop(_DIRECTION), [["week", _GATE, _CLASS], ["week", _GATE]], _values(), TOTAL
    ).with_columns(pl.lit(TOTAL).alias(_DIRECTION))
    return pl.concat(
        rows.unpivot(index=keys, variable_name="indicator", value_name="value")
        for rows in (by_direction, over_both)
    ).with_columns(unit=pl.col("indicator").replace_strict(UNITS, return_dtype=pl.String))


def _values(has_direction: bool = False) -> dict[str, pl.Expr]:
    """Aggregates by name: all, or only those that are computed by direction."""
    return {i.name: i.value for i in INDICATORS if i.has_direction or not has_direction}


def _of_transits(column: str) -> pl.Expr:
    return pl.when(pl.col("is_transit")).then(pl.col(column))


def _share_known(column: str) -> pl.Expr:
    """Returns the share of the transits for which the column is known, null without any transit."""
    transits = count_if(pl.col("is_transit"))
    return pl.when(transits > 0).then(_of_transits(column).count() / transits)


INDICATORS: Final = (
    Indicator("transits", "transits", count_if(pl.col("is_transit"))),
    Indicator("incomplete_transits", "transits", count_if(pl.col("is_incomplete"))),
    Indicator("unique_vessels", "ships", vessels_if(pl.col("is_transit"))),
    Indicator("deadweight_t", "t", exact_sum(_of_transits("deadweight_t"))),
    Indicator("payload_t", "t", exact_sum(_of_transits("payload_t"))),
    Indicator("share_known_payload", "share", _share_known("payload_t")),
    Indicator("share_inferred", "share", _of_transits("is_inferred").cast(pl.Float64).mean()),
    Indicator("median_hours", "h", percentile(_of_transits("transit_hours"), _MEDIAN)),
    Indicator("vessels_inside", "ships", vessels_if(pl.col("is_inside")), has_direction=False),
    Indicator("vessels_waiting", "ships", vessels_if(pl.col("is_still")), has_direction=False),
)

UNITS: Final = {i.name: i.unit for i in INDICATORS}
"""Unit of each indicator."""

SUMS: Final = {"deadweight_t": "transits", "payload_t": "transits"}
"""Sums over events, with the indicator that counts these."""

RATIOS: Final[dict[str, str | None]] = dict.fromkeys(
    ("share_known_payload", "share_inferred", "median_hours"), "transits"
)
"""Medians and shares over events, with the indicator that counts these."""

DIRECTIONS: Final = ("side_a_to_side_b", "side_b_to_side_a")


def with_empty_gates(
    rows: pl.DataFrame,
    transits: pl.DataFrame,
    ships: pl.DataFrame,
    coverage: pl.DataFrame,
    weeks: Sequence[Week],
    newest_week: Week,
    rules: Rules,
) -> pl.DataFrame:
    """Adds the rows of observed chokepoints, and of classes seen there, without a transit in a week.

    Args:
        rows: What `weekly_chokepoint_activity` returns.
        transits: `silver.chokepoint_transits` of the weeks and of those within which a class counts as seen.
        ships: Columns `vessel_id` and `register_class`, one row per ship.
        coverage: Columns `week`, `place_code` and `cell_messages` of gates, of the same weeks.
        weeks: The weeks of the rows.
        newest_week: The newest week that holds data.
        rules: Rules of the lake's subject.
    """
    entered = pl.col("entered_at_utc")
    events = (
        transits.filter("is_counted")
        .join(ships.select("vessel_id", "register_class"), on="vessel_id", how="left")
        .with_columns(
            pl.coalesce("register_class", _CLASS).alias(_CLASS),
            first_seen_at_utc=entered,
            last_seen_at_utc=entered,
        )
    )
    seen = classes_seen(events, _GATE, weeks, rules)
    cells = with_totals(observed_places(coverage, seen, _GATE, weeks, rules), seen, _GATE, over_places=False)
    final = final_or_provisional(newest_week, rules)
    both = cells.with_columns(pl.lit(TOTAL).alias(_DIRECTION))
    ways = cells.join(pl.DataFrame({_DIRECTION: DIRECTIONS}), how="cross")
    directed = {i.name: i.unit for i in INDICATORS if i.has_direction}
    with_both = with_zero_rows(rows, both, UNITS, list(RATIOS), final)
    return with_zero_rows(with_both, ways, directed, list(RATIOS), final)
