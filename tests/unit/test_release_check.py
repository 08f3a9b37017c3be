"""The release check: what it passes, what it stops, and what it reports."""

import logging
import math
import re
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path

import pyarrow as pa
import pytest

from ais_indicators.checks.model import VIEWS_TABLE, load_checks
from ais_indicators.checks.release_check import run_release_check
from ais_indicators.checks.results import CheckResult, failed_critical, failed_warnings, report
from ais_indicators.checks.suites import NAME, build_suite
from ais_indicators.contracts.model import load_contract
from tests.gate_rows import (
    CELLS,
    DARK,
    ENOUGH,
    FLOWS,
    INTERFERENCE,
    MAX_STAY,
    PER_SHIP,
    PORTS,
    QUALITY,
    STATUS,
    STRAITS,
    TOO_FEW,
    WEEK,
    Row,
    cell,
    changed,
    frame,
    frames,
    good_ports,
    good_views,
    observation,
)
from tests.subject_rules import SHIP_RULES


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
def passed(docs: Path) -> tuple[CheckResult, ...]:
    return run_release_check(frames(good_ports(), [cell()]), docs, ENOUGH, good_views(), SHIP_RULES)


def test_a_good_week_passes(passed: tuple[CheckResult, ...]) -> None:
    assert failures(passed) == {}
    assert {r.failed_rows for r in passed} == {0}
    assert failed_critical(passed) == failed_warnings(passed) == ()


def test_results_come_by_table_then_contract_then_declared_checks(passed: tuple[CheckResult, ...]) -> None:
    suites = [
        build_suite(table, ENOUGH, SHIP_RULES).expectations
        for table in (VIEWS_TABLE, CELLS, STATUS, STRAITS, DARK, INTERFERENCE, PORTS, QUALITY, FLOWS)
    ]
    expected = [expectation.meta[NAME] for suite in suites for expectation in suite if expectation.meta]
    assert [r.check_name for r in passed] == expected
    of_flows = [check.name for check in load_checks() if check.table == FLOWS]
    assert expected[-len(of_flows) :] == of_flows


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


ROWS = len(bad_ports())


def bad_cells() -> list[Row]:
    return [
        cell(1, unique_vessels=9),
        cell(2, unique_vessels=10),
        cell(3, hours=math.inf),
        cell(4, messages=0),
    ]


@pytest.fixture(scope="module")
def stopped(docs: Path, passed: tuple[CheckResult, ...]) -> tuple[CheckResult, ...]:
    assert passed
    return run_release_check(frames(bad_ports(), bad_cells()), docs, TOO_FEW, good_views(), SHIP_RULES)


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
    "arrivals_without_ships": 2,
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
        ("coverage_baseline_missing", f"1 of 1 rows, such as observations {ROWS}, weeks_before 3.0"),
        (f"{PORTS}.value_between", f"2 of {ROWS} rows, such as -1.0 | nan"),
        (f"{PORTS}.vessel_class_one_of", f"1 of {ROWS} rows, such as yacht"),
        (f"{PORTS}.port_locode_not_null", f"2 of {ROWS} rows"),
    ],
)
def test_a_failure_shows_what_was_found(stopped: tuple[CheckResult, ...], name: str, words: str) -> None:
    assert by_name(stopped)[name].detail.startswith(words)


def test_a_report_has_the_failures_first_and_the_critical_ones_before(
    stopped: tuple[CheckResult, ...],
) -> None:
    outcomes = [row[:2] for row in report(stopped)]
    critical, warnings = outcomes.count(("failed", "critical")), outcomes.count(("failed", "warning"))
    assert outcomes[:critical] == [("failed", "critical")] * (len(BROKEN) - 1)
    assert outcomes[critical : critical + warnings] == [("failed", "warning")]
    assert {outcome for outcome, _ in outcomes[critical + warnings :]} == {"passed"}


def in_pieces(rows: pa.Table) -> pa.Table:
    """The same rows in several chunks, as several files give them."""
    return pa.concat_tables(rows.slice(start, 3) for start in range(0, max(len(rows), 1), 3))


def test_the_order_of_rows_changes_no_result(tmp_path: Path, stopped: tuple[CheckResult, ...]) -> None:
    shuffled = frames(bad_ports()[::-1], bad_cells()[::-1])
    again = run_release_check(
        {name: in_pieces(rows) for name, rows in reversed(shuffled.items())},
        tmp_path,
        TOO_FEW,
        good_views(),
        SHIP_RULES,
    )
    assert again == stopped


# --- warnings ------------------------------------------------------------------------------------


def test_a_warning_alone_stops_nothing(tmp_path: Path) -> None:
    few = changed(good_ports(), {"indicator": "departures"}, value=0.0)
    more = {"NLRTM": 90.0, "_T": 100.0}
    for port, value in more.items():
        for vessel_class in ("tanker", "_T"):
            where = {"port_locode": port, "vessel_class": vessel_class, "indicator": "arrivals"}
            added = value + (25.0 if vessel_class == "_T" else 0.0)
            few = changed(few, where, value=added)
    results = run_release_check(frames(few, [cell()]), tmp_path, TOO_FEW, good_views(), SHIP_RULES)
    assert failures(results) == {"arrivals_against_departures": 1, "coverage_baseline_missing": 1}
    assert failed_critical(results) == ()


# --- what cannot be evaluated --------------------------------------------------------------------


@pytest.fixture(scope="module")
def unevaluated(tmp_path_factory: pytest.TempPathFactory) -> dict[str, CheckResult]:
    """A week whose ports lack a column, have another too many, and hold a text as a number."""
    given = frames(good_ports(), [])
    ports = given[PORTS].drop_columns(["obs_status", "week"])
    ports = ports.append_column("note", pa.array([""] * len(ports)))
    given[PORTS] = ports.append_column("week", pa.array([47] * len(ports), pa.int32()))
    return by_name(
        run_release_check(given, tmp_path_factory.mktemp("unevaluated"), ENOUGH, good_views(), SHIP_RULES)
    )


@pytest.mark.parametrize(
    "name", [f"{PORTS}.obs_status_type", f"{PORTS}.obs_status_one_of", "missing_values_are_marked"]
)
def test_what_raises_has_failed(unevaluated: dict[str, CheckResult], name: str) -> None:
    result = unevaluated[name]
    assert (result.passed, result.failed_rows) == (False, 1)
    assert result.detail.startswith("could not be evaluated: ")


def test_what_can_be_evaluated_is(unevaluated: dict[str, CheckResult]) -> None:
    result = unevaluated["units_match_indicators"]
    assert (result.passed, result.checked_rows) == (True, len(good_ports()))


def test_what_raises_is_in_the_results_and_not_in_the_log(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    level = logging.getLogger("great_expectations").level
    given = frames([], [])
    given[PORTS] = given[PORTS].drop_columns(["obs_status"])
    results = by_name(run_release_check(given, tmp_path, ENOUGH, good_views(), SHIP_RULES))
    assert not results["missing_values_are_marked"].passed
    assert results["release_not_empty"].detail == "1 of 1 rows, such as observations 0"
    assert capfd.readouterr() == ("", "")
    assert logging.getLogger("great_expectations").level == level


def test_columns_must_be_those_of_the_contract(unevaluated: dict[str, CheckResult]) -> None:
    assert unevaluated[f"{PORTS}.columns_present"].detail == "missing: obs_status; unexpected: note"


def test_a_type_must_be_that_of_the_contract(unevaluated: dict[str, CheckResult]) -> None:
    result = unevaluated[f"{PORTS}.week_type"]
    assert (result.passed, result.failed_rows, result.detail) == (False, 1, "found int32")


def test_a_table_without_rows_breaks_no_rule_of_rows(unevaluated: dict[str, CheckResult]) -> None:
    cells = [r for r in unevaluated.values() if r.table_name == CELLS]
    assert {(r.passed, r.failed_rows, r.checked_rows) for r in cells} == {(True, 0, 0)}


def test_a_check_without_its_inputs_does_not_run(tmp_path: Path) -> None:
    lacking = f"{VIEWS_TABLE}, {CELLS}, {STATUS}, {STRAITS}, {QUALITY}, {FLOWS}, coverage"
    with pytest.raises(ValueError, match=f"the release check needs {lacking}"):
        run_release_check({PORTS: frame(PORTS, good_ports())}, tmp_path, {}, {}, SHIP_RULES)


# --- the pages -----------------------------------------------------------------------------------


def test_pages_of_the_latest_run_replace_those_of_the_one_before(
    docs: Path, stopped: tuple[CheckResult, ...]
) -> None:
    checked = (VIEWS_TABLE, CELLS, STATUS, STRAITS, DARK, INTERFERENCE, PORTS, QUALITY, FLOWS)
    pages = [*(f"{table}.html" for table in checked), "index.html"]
    assert sorted(path.name for path in docs.iterdir()) == pages
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
