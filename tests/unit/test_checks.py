"""The checks of `quality/checks.yaml` on both sides of their thresholds, and what a contract asks."""

import math
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from ais_indicators.checks.engine import DuckDbEngine, connect
from ais_indicators.checks.model import VIEWS_TABLE, load_checks
from ais_indicators.checks.suites import NAME, contract_expectations
from ais_indicators.contracts.model import load_contract
from tests.gate_rows import (
    CELLS,
    ENOUGH,
    FEWEST,
    MAX_STAY,
    MOST_OF_ONE_END,
    PER_SHIP,
    PER_SHUTTLE,
    TOO_FEW,
    TOTAL_FLOW,
    Row,
    cell,
    chokepoint,
    flow,
    frame,
    good_ports,
    observation,
    quality,
    strait,
)
from tests.subject_rules import SHIP_RULES

# --- both sides of each threshold ----------------------------------------------------------------


def calls_and_ships(arrivals: float | None, *ships: float | None, of: str = "tanker") -> list[Row]:
    return [observation("arrivals", arrivals, of), *(observation("unique_vessels", n, of) for n in ships)]


def by_class(indicator: str, total: float | None, *classes: float | None) -> list[Row]:
    names = ("tanker", "roro", "other")
    rows = [observation(indicator, n, name) for n, name in zip(classes, names, strict=False)]
    return [*rows, observation(indicator, total, "_T")]


def movements(arrivals: float, departures: float) -> list[Row]:
    return [observation("arrivals", arrivals), observation("departures", departures)]


WAY, BACK = "side_a_to_side_b", "side_b_to_side_a"


def transits(total: float, *by_direction: float) -> list[Row]:
    ways = zip(by_direction, (WAY, BACK), strict=False)
    return [strait("transits", total), *(strait("transits", n, way) for n, way in ways)]


CASES: list[tuple[str, str, list[Row], int]] = [
    ("release_not_empty", "one row", [observation("arrivals", 1)], 0),
    ("release_not_empty", "no row", [], 1),
    ("units_match_indicators", "its own", [observation("arrivals", 1)], 0),
    ("units_match_indicators", "another's", [observation("arrivals", 1, unit="ships")], 1),
    ("units_match_indicators", "an unknown indicator", [observation("length", 1)], 1),
    ("missing_values_are_marked", "missing", [observation("arrivals", None)], 0),
    ("missing_values_are_marked", "suppressed", [observation("arrivals", None, obs_status="Q")], 0),
    ("missing_values_are_marked", "a median of none", [observation("arrivals", None, obs_status="M")], 0),
    ("missing_values_are_marked", "a value of none", [observation("arrivals", 0, obs_status="M")], 1),
    ("missing_values_are_marked", "estimated", [observation("arrivals", 1, obs_status="E")], 0),
    (
        "missing_values_are_marked",
        "a gap called provisional",
        [observation("arrivals", None, obs_status="P")],
        1,
    ),
    ("missing_values_are_marked", "a value called missing", [observation("arrivals", 0, obs_status="O")], 1),
    ("arrivals_without_ships", "all that two ships can make", calls_and_ships(2 * PER_SHIP, 2), 0),
    ("arrivals_without_ships", "one more", calls_and_ships(2 * PER_SHIP + 1, 2), 1),
    ("arrivals_without_ships", "a ferry", calls_and_ships(PER_SHUTTLE, 1, of="passenger"), 0),
    ("arrivals_without_ships", "a hurried ferry", calls_and_ships(PER_SHUTTLE + 1, 1, of="passenger"), 1),
    ("arrivals_without_ships", "all classes", calls_and_ships(PER_SHIP + 1, 1, of="_T"), 0),
    ("arrivals_without_ships", "no ship", calls_and_ships(1, 0), 1),
    ("arrivals_without_ships", "ships not counted", calls_and_ships(1), 1),
    ("arrivals_without_ships", "ships suppressed", calls_and_ships(1, None), 0),
    ("arrivals_without_ships", "no arrivals, no ships", calls_and_ships(0), 0),
    ("arrivals_without_ships", "arrivals missing", calls_and_ships(None, 0), 0),
    ("shares_within_bounds", "none", [observation("share_complete_calls", 0)], 0),
    ("shares_within_bounds", "all", [observation("share_complete_calls", 1)], 0),
    ("shares_within_bounds", "missing", [observation("share_complete_calls", None)], 0),
    ("shares_within_bounds", "more than all", [observation("share_complete_calls", 1.000001)], 1),
    ("shares_within_bounds", "less than none", [observation("share_complete_calls", -0.000001)], 1),
    ("shares_within_bounds", "no number", [observation("share_complete_calls", math.nan)], 1),
    ("shares_within_bounds", "another share", [observation("arrivals", 2, unit="share")], 1),
    ("median_stay_within_bounds", "the longest", [observation("median_hours_in_port", MAX_STAY)], 0),
    ("median_stay_within_bounds", "longer", [observation("median_hours_in_port", MAX_STAY + 0.01)], 1),
    ("median_stay_within_bounds", "missing", [observation("median_hours_in_port", None)], 0),
    (
        "median_stay_within_bounds",
        "a long wait is no stay",
        [observation("median_hours_waiting", MAX_STAY + 1)],
        0,
    ),
    ("totals_not_above_parts", "ships all different", by_class("unique_vessels", 5, 3, 2), 0),
    ("totals_not_above_parts", "ships above the sum", by_class("unique_vessels", 6, 3, 2), 1),
    ("totals_not_above_parts", "ships in both classes", by_class("unique_vessels", 3, 3, 2), 0),
    ("totals_not_above_parts", "ships below a class", by_class("unique_vessels", 2, 3, 2), 1),
    ("totals_not_above_parts", "calls that add up", by_class("arrivals", 5, 3, 2), 0),
    ("totals_not_above_parts", "calls above the sum", by_class("arrivals", 6, 3, 2), 1),
    ("totals_not_above_parts", "calls below the sum", by_class("departures", 4, 3, 2), 1),
    ("totals_not_above_parts", "a class suppressed", by_class("arrivals", 6, 3, 2, None), 0),
    ("totals_not_above_parts", "less than the classes shown", by_class("arrivals", 4, 3, 2, None), 1),
    ("totals_not_above_parts", "total suppressed", by_class("arrivals", None, 3, 2), 0),
    ("totals_not_above_parts", "no total", [observation("arrivals", 3)], 1),
    ("totals_not_above_parts", "a total of nothing", by_class("arrivals", 1), 1),
    ("totals_not_above_parts", "medians do not add up", by_class("median_hours_in_port", 9, 3, 2), 0),
    ("arrivals_against_departures", "at the bound", movements(MOST_OF_ONE_END, FEWEST - MOST_OF_ONE_END), 0),
    (
        "arrivals_against_departures",
        "over it",
        movements(MOST_OF_ONE_END + 1, FEWEST - MOST_OF_ONE_END - 1),
        1,
    ),
    ("arrivals_against_departures", "departures over it", movements(0, FEWEST), 1),
    ("arrivals_against_departures", "too few to tell", movements(FEWEST - 1, 0), 0),
    ("arrivals_against_departures", "departures not counted", [observation("arrivals", FEWEST)], 1),
    ("strait_units_match_indicators", "its own", [strait("median_hours", 5)], 0),
    ("strait_units_match_indicators", "another's", [strait("median_hours", 5, unit="t")], 1),
    ("strait_missing_values_are_marked", "missing", [strait("deadweight_t", None)], 0),
    ("strait_missing_values_are_marked", "of none", [strait("deadweight_t", None, obs_status="M")], 0),
    ("strait_missing_values_are_marked", "a gap", [strait("deadweight_t", None, obs_status="P")], 1),
    ("strait_directions_add_up", "both ways", transits(4, 3, 1), 0),
    ("strait_directions_add_up", "one way", transits(3, 3), 0),
    ("strait_directions_add_up", "one too few", transits(3, 3, 1), 1),
    ("strait_directions_add_up", "no total", [strait("transits", 3, WAY)], 1),
    ("strait_ships_within_transits", "a ship each", [strait("transits", 3), strait("unique_vessels", 3)], 0),
    ("strait_ships_within_transits", "too many", [strait("transits", 2), strait("unique_vessels", 3)], 1),
    ("strait_ships_within_transits", "none", [strait("transits", 2), strait("unique_vessels", 0)], 1),
    ("strait_payload_within_deadweight", "full", [strait("payload_t", 9), strait("deadweight_t", 9)], 0),
    ("strait_payload_within_deadweight", "more", [strait("payload_t", 9.1), strait("deadweight_t", 9)], 1),
    ("strait_payload_within_deadweight", "no register", [strait("payload_t", 9)], 0),
    ("flow_missing_values_are_marked", "missing", [flow("import", None)], 0),
    ("flow_missing_values_are_marked", "a gap", [flow("import", None, obs_status="P")], 1),
    ("flow_voyages_are_told", "told", [flow("import")], 0),
    ("flow_voyages_are_told", "not given", [flow("import", voyages=None)], 1),
    ("flow_intervals_hold_their_value", "at the end", [flow("import", 120.0)], 0),
    ("flow_intervals_hold_their_value", "above", [flow("import", 120.1)], 1),
    ("flow_intervals_hold_their_value", "below", [flow("import", 79.9)], 1),
    ("flow_has_one_value_at_both_ends", "the same", [flow("import"), flow("export")], 0),
    ("flow_has_one_value_at_both_ends", "another", [flow("import"), flow("export", 100.1)], 1),
    ("flow_has_one_value_at_both_ends", "one end only", [flow("import")], 1),
    ("flow_has_one_value_at_both_ends", "missing at both", [flow("import", None), flow("export", None)], 0),
    ("flow_partners_within_total", "all known", [flow("import"), TOTAL_FLOW], 0),
    ("flow_partners_within_total", "more", [flow("import", 100.1), TOTAL_FLOW], 1),
    ("flow_partners_within_total", "no total", [flow("import")], 1),
    ("quality_shares_within_bounds", "all", [quality(1.0)], 0),
    ("quality_shares_within_bounds", "more than all", [quality(1.01)], 1),
    ("station_clocks_are_right", "none", [quality(0.0, "stations_with_wrong_clock", "stations")], 0),
    ("station_clocks_are_right", "one", [quality(1.0, "stations_with_wrong_clock", "stations")], 1),
    ("unknown_status_says_why", "closed and observed", [chokepoint("closed", 0.0)], 0),
    ("unknown_status_says_why", "closed unobserved", [chokepoint("closed", None)], 1),
    ("unknown_status_says_why", "a reason", [chokepoint("not_known", None, status_reason="outage")], 0),
    ("unknown_status_says_why", "no reason", [chokepoint("not_known", None)], 1),
    ("unknown_status_says_why", "known with a reason", [chokepoint("open", 4.0, status_reason="outage")], 1),
    ("usual_transits_within_interval", "at an end", [chokepoint("open", 4.0, usual_transits_low=4.0)], 0),
    ("usual_transits_within_interval", "below", [chokepoint("open", 4.0, usual_transits_low=4.1)], 1),
    ("usual_transits_within_interval", "no baseline", [chokepoint("open", 4.0, usual_transits=None)], 0),
    ("cell_ships_within_messages", "a message each", [cell(messages=2, unique_vessels=2)], 0),
    ("cell_ships_within_messages", "a silent ship", [cell(messages=2, unique_vessels=3)], 1),
]


@pytest.mark.parametrize(
    ("name", "rows", "expected"), [pytest.param(n, r, e, id=f"{n}: {text}") for n, text, r, e in CASES]
)
def test_a_check_knows_its_threshold(name: str, rows: list[Row], expected: int) -> None:
    assert broken_rows(name, rows, ENOUGH) == expected


@pytest.mark.parametrize(("facts", "expected"), [(ENOUGH, 0), (TOO_FEW, 1)], ids=["enough weeks", "too few"])
def test_a_baseline_needs_its_weeks(facts: Mapping[str, float], expected: int) -> None:
    assert broken_rows("coverage_baseline_missing", good_ports(), facts) == expected


def test_each_declared_check_has_cases_on_both_sides() -> None:
    sides = {(name, bool(expected)) for name, _, _, expected in CASES}
    elsewhere = {check.name for check in load_checks() if check.table == VIEWS_TABLE}  # test_gate has them
    names = {check.name for check in load_checks()} - {"coverage_baseline_missing"} - elsewhere
    assert sides == {(name, is_broken) for name in names for is_broken in (True, False)}


def broken_rows(name: str, rows: Sequence[Row], facts: Mapping[str, float]) -> int:
    """Counts the rows that break a declared check by its query alone."""
    check = next(check for check in load_checks() if check.name == name)
    with closing(connect()) as connection:
        return DuckDbEngine(connection, frame(check.table, rows)).count(
            check.failing_query(facts, SHIP_RULES)
        )


# --- what a contract asks ------------------------------------------------------------------------


def asked(table: str) -> dict[str, dict[str, Any]]:
    """What the contract asks of a table, by name without the table's."""
    expectations = list(contract_expectations(load_contract(table), SHIP_RULES))
    assert {e.severity for e in expectations} == {"critical"}
    return {e.meta[NAME].removeprefix(f"{table}."): e.configuration.kwargs for e in expectations}


@pytest.mark.parametrize(
    ("table", "name", "kwargs"),
    [
        ("bronze.ais_messages", "mmsi_between", {"min_value": 201000000, "max_value": 1281474976710655}),
        (
            "bronze.ais_messages",
            "cog_degrees_between",
            {"min_value": 0, "max_value": 360, "strict_max": True},
        ),
        ("bronze.ais_messages", "sog_knots_between", {"max_value": 102.2, "strict_max": True}),
        ("bronze.ais_messages", "mmsi_not_one_of", {"value_set": [0, 1, 1193046, 123456789, 999999999]}),
        ("bronze.ais_messages", "draught_m_not_one_of", {"value_set": [0]}),
        ("bronze.ais_messages", "observed_at_utc_type", {"type_": "timestamp[us, tz=UTC]"}),
        ("silver.port_calls", "key_unique", {"column": "port_call_id"}),
        (CELLS, "key_unique", {"column_list": ["week", "h3_res6", "vessel_class"], "ignore_row_if": "never"}),
        (CELLS, "h3_res6_type", {"type_": "int64"}),
        (CELLS, "messages_between", {"min_value": 1}),
    ],
)
def test_a_contract_becomes_expectations(table: str, name: str, kwargs: dict[str, Any]) -> None:
    assert kwargs.items() <= asked(table)[name].items()


def test_a_contract_asks_nothing_that_it_does_not_say() -> None:
    names = set(asked("bronze.ais_messages"))
    assert "key_unique" not in names
    assert not names & {"observed_at_utc_between", "sog_knots_not_null", "vessel_name_one_of", "mmsi_pattern"}


@pytest.mark.parametrize("table", ["bronze.ais_messages", "silver.vessels", "silver.port_calls"])
def test_numbers_between_those_of_ships_and_those_of_hashes_are_found(table: str) -> None:
    query = asked(table)["mmsi_between_ranges"]["unexpected_rows_query"]
    rows = pa.table({"mmsi": [775999999, 776000000, 10**15 - 1, 10**15, 219063000]})
    with duckdb.connect() as connection:
        connection.register("numbers", rows)
        found = connection.sql(query.replace("{batch}", "numbers")).fetchall()
    assert found == [(776000000,), (10**15 - 1,)]
