"""No column of silver and gold leaves the bounds of its contract, whatever the weights.

Bounded columns are read from the contracts: each one that holds doubles is either computed here from random weights or
listed with the reason why arithmetic cannot take it out of its bounds.
"""

from collections.abc import Iterator

import duckdb
import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ais_indicators.checks.model import BATCH, checks_of
from ais_indicators.contracts.model import Column, all_tables, bound_value, load_contract
from ais_indicators.transforms.bounded import bounded_mean, bounded_share
from tests.bounded_rows import MAKERS as OTHER_MAKERS
from tests.bounded_rows import Tables, amounts
from tests.bounded_voyages import voyage_rows
from tests.examples import examples
from tests.subject_rules import SHIP_RULES

LAYERS = ("silver", "gold")
MAKERS = {**OTHER_MAKERS, "voyages": voyage_rows}
CONNECTION = duckdb.connect(config={"threads": 1})
AS_DELIVERED = "As it was delivered; the row rules of bronze hold it in bounds."
WHOLE_SECONDS = "Whole seconds, which are not below 0, over the seconds of an hour or a minute."
WAY_SAILED = "Distances are not below 0, and sums of them never fall."
CENTRE = "The centre of an H3 cell."
COUNTED = "Counts, quotients of counts, order statistics and sums in decimals of what is not below 0."

BOUNDED_BELOW = "The larger of 0 and a difference."

NOT_FROM_RANDOM_WEIGHTS = {
    "gold.cell_activity_weekly.hours": WHOLE_SECONDS,
    "gold.chokepoint_status_weekly.coverage_index": COUNTED,
    "gold.chokepoint_status_weekly.observed_transits": COUNTED,
    "gold.chokepoint_status_weekly.sender_index": COUNTED,
    "gold.chokepoint_status_weekly.usual_transits": COUNTED,
    "gold.chokepoint_status_weekly.usual_transits_high": COUNTED,
    "gold.chokepoint_status_weekly.usual_transits_low": COUNTED,
    "gold.chokepoint_transits_weekly.value": COUNTED,
    "silver.chokepoint_transits.gap_hours": WHOLE_SECONDS,
    "silver.chokepoint_transits.transit_hours": WHOLE_SECONDS,
    "gold.interference_weekly.latitude": CENTRE,
    "gold.interference_weekly.longitude": CENTRE,
    "silver.displacements.jump_km": WAY_SAILED,
    "silver.displacements.latitude": AS_DELIVERED,
    "silver.displacements.longitude": AS_DELIVERED,
    "silver.displacements.spread_km": WAY_SAILED,
    "silver.draught_reports.draught_m": AS_DELIVERED,
    "silver.port_calls.arrival_half_width_hours": BOUNDED_BELOW,
    "silver.port_calls.departure_half_width_hours": BOUNDED_BELOW,
    "silver.port_calls.gap_hours": WHOLE_SECONDS,
    "silver.port_calls.longest_stop_minutes": WHOLE_SECONDS,
    "silver.port_calls.sailed_at_entry_nm": WAY_SAILED,
    "silver.port_calls.sailed_at_exit_nm": WAY_SAILED,
    "silver.port_calls.stay_hours": WHOLE_SECONDS,
    "silver.port_calls.stop_hours": WHOLE_SECONDS,
    "silver.port_calls.waiting_hours": WHOLE_SECONDS,
    "silver.positions.latitude": AS_DELIVERED,
    "silver.positions.longitude": AS_DELIVERED,
    "silver.vessels.length_m": AS_DELIVERED,
    "silver.vessels.width_m": AS_DELIVERED,
    "silver.voyages.sea_distance_nm": "Lengths of ways on the network of sea lanes, looked up by pair of ports.",
}
"""Bounded columns of doubles that no maker computes, with the reason."""

NOT_OF_ARITHMETIC = {
    "arrivals_without_ships",
    "coverage_baseline_missing",
    "release_not_empty",
    "totals_not_above_parts",
    "units_match_indicators",
}
"""Declared checks of rows that the makers leave out: units, counts of ships, and totals of counts."""


def bounded_columns() -> Iterator[tuple[str, Column]]:
    """Columns of doubles with a bound in silver and gold."""
    for table in all_tables():
        if table.startswith(LAYERS):
            for column in load_contract(table).columns:
                if column.type == "double" and limits(column) != (None, None, None):
                    yield table, column


def limits(column: Column) -> tuple[float | None, float | None, float | None]:
    return (
        bound_value(column.minimum, SHIP_RULES),
        bound_value(column.maximum, SHIP_RULES),
        bound_value(column.below, SHIP_RULES),
    )


def with_interval() -> list[str]:
    """Tables whose values have an interval."""
    return [name for name in all_tables() if "interval_low" in load_contract(name).column_names]


def out_of_bounds(rows: pl.DataFrame, column: Column) -> list[float]:
    """Values that break the contract; what is not finite breaks any bound."""
    minimum, maximum, below = limits(column)
    value = pl.col(column.name)
    broken = ~value.is_finite()
    if minimum is not None:
        broken |= value < minimum
    if maximum is not None:
        broken |= value > maximum
    if below is not None:
        broken |= value >= below
    return rows.filter(broken)[column.name].to_list()


def broken_checks(table: str, rows: pl.DataFrame) -> dict[str, list[tuple[object, ...]]]:
    """Rows that break a declared check of the table, by the check's name."""
    found = {}
    checks = [check for check in checks_of(table) if check.name not in NOT_OF_ARITHMETIC]
    if checks:
        CONNECTION.register("batch", rows.to_arrow())
    for check in checks:
        query = (
            check.failing_query({}, SHIP_RULES).replace(BATCH, "batch").replace("<=>", "IS NOT DISTINCT FROM")
        )
        found[check.name] = CONNECTION.execute(query).fetchall()
    return {name: broken for name, broken in found.items() if broken}


def made(maker: str, seed: int, size: int) -> Tables:
    return MAKERS[maker](np.random.default_rng(seed), size)


@pytest.fixture(scope="module")
def made_columns() -> set[str]:
    """Columns of which the makers give values."""
    return {
        f"{table}.{name}"
        for maker in MAKERS
        for seed in range(12)
        for table, rows in made(maker, seed, 40).items()
        for name in rows.columns
        if rows[name].is_not_null().any()
    }


def test_every_bounded_column_is_computed_here_or_has_a_reason(made_columns: set[str]) -> None:
    bounded = {f"{table}.{column.name}" for table, column in bounded_columns()}
    assert bounded - made_columns == set(NOT_FROM_RANDOM_WEIGHTS)


def test_every_interval_is_computed_here(made_columns: set[str]) -> None:
    ends = {f"{table}.{end}" for table in with_interval() for end in ("interval_low", "interval_high")}
    assert ends <= made_columns


SEEDS, SIZES = st.integers(0, 2**32 - 1), st.integers(1, 80)
OVER_ONE = (483, 80)
"""Seed and number of voyages that made an imputed share 1.0000000000000002 when it was a plain quotient of sums."""


@pytest.mark.parametrize("maker", sorted(MAKERS))
@settings(max_examples=examples(25))
@example(*OVER_ONE)
@given(SEEDS, SIZES)
def test_no_weights_take_a_column_out_of_its_bounds(maker: str, seed: int, size: int) -> None:
    for table, rows in made(maker, seed, size).items():
        for column in load_contract(table).columns:
            if column.name in rows.columns and column.type == "double":
                assert out_of_bounds(rows, column) == [], f"{table}.{column.name}"
        if table in with_interval():
            known = rows.filter(pl.col("value").is_not_null() & pl.col("interval_low").is_not_null())
            assert known["value"].is_between(known["interval_low"], known["interval_high"]).all(), table
        assert broken_checks(table, rows) == {}


@settings(max_examples=examples(25))
@given(SEEDS, SIZES)
def test_a_payload_is_never_above_the_deadweight(seed: int, size: int) -> None:
    rows = made("voyages", seed, size)["silver.voyages"]
    for end in ("departure", "arrival", "onward"):
        assert (rows[f"payload_{end}_t"] <= rows["deadweight_t"]).all()


@settings(max_examples=examples(60))
@given(SEEDS, SIZES)
def test_all_amounts_together_are_never_above_their_sum(seed: int, size: int) -> None:
    """Missing amounts between the others make the two sums go other ways: a plain quotient fails one time in six."""
    rng = np.random.default_rng(seed)
    rows = pl.DataFrame({"key": 1, "amount": amounts(rng, size, unknown=0.4)})
    known = pl.col("amount").filter(pl.col("amount") > 0).sum()
    found = rows.group_by("key").agg(share=bounded_share(known, pl.col("amount").sum(), SHIP_RULES))["share"]
    assert found.drop_nulls().is_between(0.0, 1.0).all()


def share(part: float, total: float) -> float | None:
    """The bounded share of two numbers."""
    found: float | None = pl.select(bounded_share(pl.lit(part), pl.lit(total), SHIP_RULES)).item()
    return found


ROUNDING = SHIP_RULES.rounding_share


@pytest.mark.parametrize(
    ("part", "total", "found"),
    [
        (1.0000000000000002, 1.0, 1.0),
        (1.0 + ROUNDING / 2, 1.0, 1.0),
        (1.0 + 2 * ROUNDING, 1.0, 1.0 + 2 * ROUNDING),
        (-ROUNDING / 2, 1.0, 0.0),
        (-2 * ROUNDING, 1.0, -2 * ROUNDING),
        (0.3, 3.0, 0.3 / 3.0),
        (0.0, 0.0, None),
        (1.0, -1.0, None),
    ],
)
def test_only_an_excess_as_small_as_rounding_makes_it_is_taken_away(
    part: float, total: float, found: float | None
) -> None:
    assert share(part, total) == found


@pytest.mark.parametrize(
    ("draws", "most", "found"),
    [
        ([4200.1] * 20, 4200.1, 4200.1),
        ([4200.1] * 20, float("nan"), 4200.100000000001),
        ([1.0, 2.0], 2.0, 1.5),
        ([3.0, 3.0], 2.0, 3.0),
    ],
)
def test_a_mean_of_draws_is_above_a_limit_only_where_a_draw_is(
    draws: list[float], most: float, found: float
) -> None:
    assert bounded_mean(np.array([draws]), np.array([most])).tolist() == [found]
