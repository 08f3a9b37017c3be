"""The release gate: what it lets through, what it stops, and what it says."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql.types import StructField, StructType

from ais_indicators.checks.gate import run_gate
from ais_indicators.checks.model import load_checks
from ais_indicators.checks.results import CheckResult, failed_critical, failed_warnings, report
from ais_indicators.checks.suites import NAME, build_suite, contract_expectations
from ais_indicators.contracts.model import load_contract
from ais_indicators.contracts.types import spark_schema
from ais_indicators.rules import rule

PORTS, CELLS = "gold.port_activity_weekly", "gold.cell_activity_weekly"
WEEK = "2026-W47"
UNITS = {
    "arrivals": "calls",
    "departures": "calls",
    "calls_in_progress": "calls",
    "unique_vessels": "ships",
    "median_hours_in_port": "h",
    "median_hours_waiting": "h",
    "arrivals_gross_tonnage": "GT",
    "share_complete_calls": "share",
}
ENOUGH = {"coverage_baseline_weeks": float(rule("min_baseline_weeks"))}
TOO_FEW = {"coverage_baseline_weeks": rule("min_baseline_weeks") - 1.0}

PER_SHIP = rule("max_arrivals_per_ship_and_week")
MAX_STAY = rule("max_hours_in_port")
FEWEST = rule("min_movements_to_compare")
MOST_OF_ONE_END = FEWEST * (1 + rule("max_movement_imbalance_share")) / 2

Row = dict[str, Any]


# --- builders ------------------------------------------------------------------------------------


def observation(
    indicator: str, value: float | None, vessel_class: str | None = "tanker", **columns: Any
) -> Row:
    """Builds a row of the weekly port activity, consistent unless columns say otherwise."""
    row = {
        "week": WEEK,
        "port_locode": "NLRTM",
        "vessel_class": vessel_class,
        "indicator": indicator,
        "value": None if value is None else float(value),
        "unit": UNITS.get(indicator, "calls"),
        "obs_status": "O" if value is None else "P",
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
        "median_hours_waiting": None,
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


def frame(spark: SparkSession, table: str, rows: Sequence[Row]) -> DataFrame:
    """A frame with the contract's columns and types, but nulls let in, as a faulty step might leave them."""
    nullable = StructType([StructField(f.name, f.dataType, True) for f in spark_schema(table)])
    return spark.createDataFrame([tuple(row[c] for c in nullable.names) for row in rows], nullable)


def frames(spark: SparkSession, ports: Sequence[Row], cells: Sequence[Row]) -> dict[str, DataFrame]:
    return {PORTS: frame(spark, PORTS, ports), CELLS: frame(spark, CELLS, cells)}


def failures(results: Iterable[CheckResult]) -> dict[str, int]:
    """Failed rows by the name of the failed check."""
    return {r.check_name: r.failed_rows for r in results if not r.passed}


def by_name(results: Iterable[CheckResult]) -> dict[str, CheckResult]:
    return {r.check_name: r for r in results}


# --- a week that may be published ----------------------------------------------------------------


@pytest.fixture(scope="module")
def docs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("gate") / "docs" / WEEK


@pytest.fixture(scope="module")
def passed(spark: SparkSession, docs: Path) -> tuple[CheckResult, ...]:
    return run_gate(frames(spark, good_ports(), [cell()]), docs, ENOUGH)


def test_a_good_week_passes(passed: tuple[CheckResult, ...]) -> None:
    assert failures(passed) == {}
    assert {r.failed_rows for r in passed} == {0}
    assert failed_critical(passed) == failed_warnings(passed) == ()


def test_results_come_by_table_then_contract_then_declared_checks(passed: tuple[CheckResult, ...]) -> None:
    suites = [build_suite(table, ENOUGH).expectations for table in (CELLS, PORTS)]
    expected = [expectation.meta[NAME] for suite in suites for expectation in suite if expectation.meta]
    assert [r.check_name for r in passed] == expected
    assert expected[-9:] == [check.name for check in load_checks() if check.table == PORTS]


def test_names_do_not_repeat(passed: tuple[CheckResult, ...]) -> None:
    assert len({r.check_name for r in passed}) == len(passed)


def test_a_result_is_a_row_of_its_table() -> None:
    columns = [c for c in load_contract("ops.check_results").column_names if c != "week"]
    assert [field.name for field in fields(CheckResult)] == columns


def test_a_result_says_how_many_rows_it_looked_at(passed: tuple[CheckResult, ...]) -> None:
    looked = {name: result.checked_rows for name, result in by_name(passed).items()}
    assert looked[f"{PORTS}.value_between"] == len(good_ports())
    assert looked["arrivals_without_ships"] == 8
    assert looked["totals_not_above_parts"] == 12
    assert looked["arrivals_against_departures"] == looked["release_not_empty"] == 1
    assert looked["cell_ships_within_messages"] == 1


# --- a week that must not be ---------------------------------------------------------------------


def bad_ports() -> list[Row]:
    """The good week, broken once for each check; expectations of it are counted by hand below."""
    antwerp = {"port_locode": "BEANR", "vessel_class": "tanker"}
    rows = changed(good_ports(), {"port_locode": "BEANR", "indicator": "arrivals"}, value=PER_SHIP * 10 + 1.0)
    rows = changed(rows, antwerp | {"indicator": "share_complete_calls"}, value=1.5)
    rows = changed(rows, antwerp | {"indicator": "median_hours_in_port"}, value=MAX_STAY + 1.0)
    rows = changed(rows, antwerp | {"indicator": "median_hours_waiting"}, obs_status="P")
    rows = changed(rows, antwerp | {"indicator": "departures"}, value=-1.0)
    rows = changed(rows, antwerp | {"indicator": "unique_vessels"}, unit="calls")
    rows = changed(rows, antwerp | {"indicator": "calls_in_progress"}, value=math.nan)
    return [
        *rows,
        observation("arrivals", 1.0, "yacht", week="2026-47", obs_status="X"),
        *[observation("length", 1.0, None, unit="m", port_locode=None)] * 2,
    ]


def bad_cells() -> list[Row]:
    return [
        cell(1, unique_vessels=9),
        cell(2, unique_vessels=10),
        cell(3, hours=math.inf),
        cell(4, messages=0),
    ]


@pytest.fixture(scope="module")
def stopped(spark: SparkSession, docs: Path, passed: tuple[CheckResult, ...]) -> tuple[CheckResult, ...]:
    assert passed
    return run_gate(frames(spark, bad_ports(), bad_cells()), docs, TOO_FEW)


BROKEN = {
    f"{CELLS}.messages_between": 1,
    f"{CELLS}.hours_between": 1,
    "cell_ships_within_messages": 2,
    f"{PORTS}.week_pattern": 1,
    f"{PORTS}.port_locode_not_null": 2,
    f"{PORTS}.vessel_class_not_null": 2,
    f"{PORTS}.vessel_class_one_of": 1,
    f"{PORTS}.indicator_one_of": 2,
    f"{PORTS}.value_between": 2,
    f"{PORTS}.unit_one_of": 2,
    f"{PORTS}.obs_status_one_of": 1,
    f"{PORTS}.key_unique": 2,
    "units_match_indicators": 3,
    "missing_values_are_marked": 1,
    "arrivals_without_ships": 3,
    "shares_within_bounds": 1,
    "median_stay_within_bounds": 1,
    "totals_not_above_parts": 3,
    "coverage_baseline_missing": 1,
}


def test_each_broken_check_fails_by_name_with_its_count(stopped: tuple[CheckResult, ...]) -> None:
    assert failures(stopped) == BROKEN


def test_only_the_critical_ones_stop_the_release(stopped: tuple[CheckResult, ...]) -> None:
    assert [r.check_name for r in failed_warnings(stopped)] == ["coverage_baseline_missing"]
    assert {r.check_name for r in failed_critical(stopped)} == set(BROKEN) - {"coverage_baseline_missing"}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (
            "shares_within_bounds",
            "1 of 8 rows, such as week 2026-W47, port_locode BEANR, vessel_class tanker",
        ),
        ("cell_ships_within_messages", "2 of 4 rows, such as week 2026-W47, h3_res6 2"),
        ("coverage_baseline_missing", "weeks_before 3.0"),
        (f"{PORTS}.value_between", "2 of 67 rows, such as -1.0 | nan"),
        (f"{PORTS}.vessel_class_one_of", "1 of 67 rows, such as yacht"),
    ],
)
def test_a_failure_shows_what_was_found(stopped: tuple[CheckResult, ...], name: str, words: str) -> None:
    assert words in by_name(stopped)[name].detail


def test_a_report_has_the_failures_first_and_the_critical_ones_before(
    stopped: tuple[CheckResult, ...],
) -> None:
    outcomes = [row[:2] for row in report(stopped)]
    critical, warnings = outcomes.count(("failed", "critical")), outcomes.count(("failed", "warning"))
    assert outcomes[:critical] == [("failed", "critical")] * (len(BROKEN) - 1)
    assert outcomes[critical : critical + warnings] == [("failed", "warning")]
    assert {outcome for outcome, _ in outcomes[critical + warnings :]} == {"passed"}


def test_the_order_of_rows_changes_no_result(
    spark: SparkSession, tmp_path: Path, stopped: tuple[CheckResult, ...]
) -> None:
    shuffled = frames(spark, bad_ports()[::-1], bad_cells()[::-1])
    again = run_gate({name: f.repartition(3) for name, f in reversed(shuffled.items())}, tmp_path, TOO_FEW)
    assert again == stopped


# --- warnings ------------------------------------------------------------------------------------


def test_a_warning_alone_stops_nothing(spark: SparkSession, tmp_path: Path) -> None:
    few = changed(good_ports(), {"indicator": "departures"}, value=0.0)
    more = {"NLRTM": 90.0, "_T": 100.0}
    for port, value in more.items():
        for vessel_class in ("tanker", "_T"):
            where = {"port_locode": port, "vessel_class": vessel_class, "indicator": "arrivals"}
            added = value + (25.0 if vessel_class == "_T" else 0.0)
            few = changed(few, where, value=added)
    results = run_gate(frames(spark, few, [cell()]), tmp_path, TOO_FEW)
    assert failures(results) == {"arrivals_against_departures": 1, "coverage_baseline_missing": 1}
    assert failed_critical(results) == ()


# --- what cannot be evaluated --------------------------------------------------------------------


@pytest.fixture(scope="module")
def unevaluated(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> dict[str, CheckResult]:
    """A week whose ports lack a column, have another too many, and hold a number as text."""
    given = frames(spark, good_ports(), [])
    given[PORTS] = given[PORTS].drop("obs_status").withColumn("note", F.lit("")).withColumn("week", F.lit(47))
    return by_name(run_gate(given, tmp_path_factory.mktemp("unevaluated"), ENOUGH))


@pytest.mark.parametrize(
    "name", [f"{PORTS}.obs_status_type", f"{PORTS}.obs_status_one_of", "missing_values_are_marked"]
)
def test_what_raises_has_failed(unevaluated: dict[str, CheckResult], name: str) -> None:
    result = unevaluated[name]
    assert (result.passed, result.failed_rows) == (False, 1)
    assert result.detail.startswith("could not be evaluated: ")


def test_columns_must_be_those_of_the_contract(unevaluated: dict[str, CheckResult]) -> None:
    assert unevaluated[f"{PORTS}.columns_present"].detail == "missing: obs_status; unexpected: note"


def test_a_type_must_be_that_of_the_contract(unevaluated: dict[str, CheckResult]) -> None:
    result = unevaluated[f"{PORTS}.week_type"]
    assert (result.passed, result.failed_rows, result.detail) == (False, 1, "found IntegerType")


def test_a_table_without_rows_breaks_no_rule_of_rows(unevaluated: dict[str, CheckResult]) -> None:
    cells = [r for r in unevaluated.values() if r.table_name == CELLS]
    assert {(r.passed, r.failed_rows, r.checked_rows) for r in cells} == {(True, 0, 0)}


def test_a_gate_without_its_inputs_does_not_run(spark: SparkSession, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=rf"the release gate needs {CELLS}, coverage_baseline_weeks"):
        run_gate({PORTS: frame(spark, PORTS, good_ports())}, tmp_path, {})


def test_nothing_is_left_in_the_session(spark: SparkSession, stopped: tuple[CheckResult, ...]) -> None:
    assert stopped
    assert [t.name for t in spark.catalog.listTables() if t.isTemporary] == []


# --- the pages -----------------------------------------------------------------------------------


def test_pages_of_the_latest_run_replace_those_of_the_one_before(
    docs: Path, stopped: tuple[CheckResult, ...]
) -> None:
    assert sorted(path.name for path in docs.iterdir()) == [f"{CELLS}.html", f"{PORTS}.html", "index.html"]
    index = (docs / "index.html").read_text(encoding="utf-8")
    assert index.count('class="failed"') == len(failures(stopped))
    assert 'href="gold.port_activity_weekly.html"' in index


def test_pages_are_readable_without_a_network(docs: Path, stopped: tuple[CheckResult, ...]) -> None:
    assert stopped
    for path in docs.iterdir():
        page = path.read_text(encoding="utf-8")
        assert re.findall(r"<(?:script|link|img|iframe)\b|url\(|@import", page) == []
        links = {link.split("#")[0] for link in re.findall(r'href="([^"]*)"', page)} - {""}
        assert [link for link in links if not (docs / link).is_file()] == []


def test_a_page_explains_each_declared_check(docs: Path, stopped: tuple[CheckResult, ...]) -> None:
    assert stopped
    page = " ".join((docs / f"{PORTS}.html").read_text(encoding="utf-8").split())
    assert all(check.name in page for check in load_checks() if check.table == PORTS)


# --- both sides of each threshold ----------------------------------------------------------------


def calls_and_ships(arrivals: float | None, *ships: float | None) -> list[Row]:
    return [observation("arrivals", arrivals), *(observation("unique_vessels", n) for n in ships)]


def by_class(indicator: str, total: float | None, *classes: float | None) -> list[Row]:
    names = ("tanker", "roro", "other")
    rows = [observation(indicator, n, name) for n, name in zip(classes, names, strict=False)]
    return [*rows, observation(indicator, total, "_T")]


def movements(arrivals: float, departures: float) -> list[Row]:
    return [observation("arrivals", arrivals), observation("departures", departures)]


CASES: list[tuple[str, str, list[Row], int]] = [
    ("release_not_empty", "one row", [observation("arrivals", 1)], 0),
    ("release_not_empty", "no row", [], 1),
    ("units_match_indicators", "its own", [observation("arrivals", 1)], 0),
    ("units_match_indicators", "another's", [observation("arrivals", 1, unit="ships")], 1),
    ("units_match_indicators", "an unknown indicator", [observation("length", 1)], 1),
    ("missing_values_are_marked", "missing", [observation("arrivals", None)], 0),
    ("missing_values_are_marked", "suppressed", [observation("arrivals", None, obs_status="Q")], 0),
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
    ("cell_ships_within_messages", "a message each", [cell(messages=2, unique_vessels=2)], 0),
    ("cell_ships_within_messages", "a silent ship", [cell(messages=2, unique_vessels=3)], 1),
]


@pytest.mark.parametrize(
    ("name", "rows", "expected"), [pytest.param(n, r, e, id=f"{n}: {text}") for n, text, r, e in CASES]
)
def test_a_check_knows_its_threshold(spark: SparkSession, name: str, rows: list[Row], expected: int) -> None:
    assert broken_rows(spark, name, rows, ENOUGH) == expected


@pytest.mark.parametrize(("facts", "expected"), [(ENOUGH, 0), (TOO_FEW, 1)], ids=["enough weeks", "too few"])
def test_a_baseline_needs_its_weeks(spark: SparkSession, facts: Mapping[str, float], expected: int) -> None:
    assert broken_rows(spark, "coverage_baseline_missing", good_ports(), facts) == expected


def test_each_declared_check_has_cases_on_both_sides() -> None:
    sides = {(name, bool(expected)) for name, _, _, expected in CASES}
    names = {check.name for check in load_checks()} - {"coverage_baseline_missing"}
    assert sides == {(name, is_broken) for name in names for is_broken in (True, False)}


def broken_rows(spark: SparkSession, name: str, rows: Sequence[Row], facts: Mapping[str, float]) -> int:
    """Counts the rows that break a declared check by its query alone."""
    check = next(check for check in load_checks() if check.name == name)
    frame(spark, check.table, rows).createOrReplaceTempView("case")
    try:
        return spark.sql(check.failing_query(facts).format(batch="case")).count()
    finally:
        spark.catalog.dropTempView("case")


# --- what a contract asks ------------------------------------------------------------------------


def asked(table: str) -> dict[str, dict[str, Any]]:
    """What the contract asks of a table, by name without the table's."""
    expectations = list(contract_expectations(load_contract(table)))
    assert {e.severity for e in expectations} == {"critical"}
    return {e.meta[NAME].removeprefix(f"{table}."): e.configuration.kwargs for e in expectations}


@pytest.mark.parametrize(
    ("table", "name", "kwargs"),
    [
        ("bronze.ais_messages", "mmsi_between", {"min_value": 201000000, "max_value": 775999999}),
        (
            "bronze.ais_messages",
            "cog_degrees_between",
            {"min_value": 0, "max_value": 360, "strict_max": True},
        ),
        ("bronze.ais_messages", "sog_knots_between", {"max_value": 102.2, "strict_max": True}),
        ("bronze.ais_messages", "mmsi_not_one_of", {"value_set": [0, 1, 1193046, 123456789, 999999999]}),
        ("bronze.ais_messages", "draught_m_not_one_of", {"value_set": [0]}),
        ("bronze.ais_messages", "observed_at_utc_type", {"type_": "TimestampType"}),
        ("silver.port_calls", "key_unique", {"column": "port_call_id"}),
        (CELLS, "key_unique", {"column_list": ["week", "h3_res6", "vessel_class"], "ignore_row_if": "never"}),
        (CELLS, "h3_res6_type", {"type_": "LongType"}),
        (CELLS, "messages_between", {"min_value": 1}),
    ],
)
def test_a_contract_becomes_expectations(table: str, name: str, kwargs: dict[str, Any]) -> None:
    assert kwargs.items() <= asked(table)[name].items()


def test_a_contract_asks_nothing_that_it_does_not_say() -> None:
    names = set(asked("bronze.ais_messages"))
    assert "key_unique" not in names
    assert not names & {"observed_at_utc_between", "sog_knots_not_null", "vessel_name_one_of", "mmsi_pattern"}
