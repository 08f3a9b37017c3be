"""The release check: what it passes, what it stops, and what it reports."""

import importlib
import logging
import math
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import fields
from datetime import datetime
from importlib.util import LazyLoader
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest
import scipy

from ais_indicators.checks.engine import DuckDbEngine, connect
from ais_indicators.checks.great_expectations import LeanFinder
from ais_indicators.checks.model import VIEWS_TABLE, load_checks
from ais_indicators.checks.overrides import Override, let_pass
from ais_indicators.checks.release_check import register_views, run_release_check
from ais_indicators.checks.results import CheckResult, failed_critical, failed_warnings, report
from ais_indicators.checks.suites import NAME, build_suite
from ais_indicators.checks.weeks import WeekChecks, stop_on_failure
from ais_indicators.cli.weeks import CHECK_MODULE, load_check_meanwhile
from ais_indicators.contracts.model import load_contract
from ais_indicators.periods import Week
from ais_indicators.releasing.check_views import ports_with_ships
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
    return run_release_check(frames(good_ports(), [cell()]), docs, ENOUGH, good_views())


def test_a_good_week_passes(passed: tuple[CheckResult, ...]) -> None:
    assert failures(passed) == {}
    assert {r.failed_rows for r in passed} == {0}
    assert failed_critical(passed) == failed_warnings(passed) == ()


def test_results_come_by_table_then_contract_then_declared_checks(passed: tuple[CheckResult, ...]) -> None:
    suites = [
        build_suite(table, ENOUGH).expectations
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
    return run_release_check(frames(bad_ports(), bad_cells()), docs, TOO_FEW, good_views())


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
    results = run_release_check(frames(few, [cell()]), tmp_path, TOO_FEW, good_views())
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
    return by_name(run_release_check(given, tmp_path_factory.mktemp("unevaluated"), ENOUGH, good_views()))


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
    results = by_name(run_release_check(given, tmp_path, ENOUGH, good_views()))
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
        run_release_check({PORTS: frame(PORTS, good_ports())}, tmp_path, {}, {})


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


# --- what other stages, weeks and releases say ------------------------------------------------------

LATE, EVEN = datetime(2026, 11, 16, 7), datetime(2026, 11, 16, 8)
NEAR: Mapping[str, tuple[str, Row, Row]] = {
    "every_message_accounted_for": ("weeks", {"rejected": 99}, {"rejected": 100}),
    "cells_add_up_to_positions": ("weeks", {"cell_messages": 6_999}, {"cell_messages": 7_000}),
    "day_volume_as_usual": ("days", {"usual_messages": 1_667.0}, {"usual_messages": 1_666.0}),
    "ships_where_ships_were": ("days", {"known_cell_share": 0.69}, {"known_cell_share": 0.7}),
    "feed_not_frozen": ("hours", {"equal_hours": 3}, {"equal_hours": 2}),
    "every_day_heard": ("days", {"messages": 0}, {"messages": 1}),
    "usual_ports_present": ("ports", {"has_figures": False}, {"has_figures": False, "usual_arrivals": 6.9}),
    "departure_after_arrival": ("calls", {"departed_at_utc": LATE}, {"departed_at_utc": EVEN}),
    "stay_not_negative": ("calls", {"stay_hours": -0.1}, {"stay_hours": 0.0}),
    "no_week_without_messages": ("tables", {"is_folded": False}, {"rows": 0, "is_folded": False}),
    "register_in_use_is_the_newest": ("weeks", {"register_used": "first"}, {"register_used": None}),
    "register_match_as_usual": ("weeks", {"register_match_share": 0.719}, {"register_match_share": 0.721}),
    "interference": ("places", {"interfered_vessel_hours": 1.0}, {"interfered_vessel_hours": 0.0}),
    "interference_not_widespread": ("weeks", {"interfered_share": 0.101}, {"interfered_share": 0.1}),
    "revision_within_history": ("revisions", {"value": 110.1}, {"value": 110.0}),
}
"""For each check of the views: the view, what just breaks it, and what just does not."""


def test_each_check_of_the_views_has_a_case() -> None:
    assert set(NEAR) == {check.name for check in load_checks() if check.table == VIEWS_TABLE}


@pytest.mark.parametrize(("side", "failed"), [("beyond", True), ("within", False)])
def test_checks_of_the_views_hold_on_one_side_of_their_threshold(side: str, failed: bool) -> None:
    for check in load_checks():
        if check.table == VIEWS_TABLE:
            view, beyond, within = NEAR[check.name]
            with closing(connect()) as connection:
                views = good_views(**{view: beyond if side == "beyond" else within})
                register_views(connection, views)
                engine = DuckDbEngine(connection, views["weeks"])
                broken = engine.count(check.failing_query({}))
            assert (broken > 0) == failed, check.name


def test_a_marked_place_is_warned_of_and_the_warning_says_what_to_do(tmp_path: Path) -> None:
    views = good_views(places={"marked_values": 1})
    found = by_name(run_release_check(frames(good_ports(), [cell()]), tmp_path, ENOUGH, views))[
        "interference"
    ]
    assert (found.passed, found.severity, found.failed_rows) == (False, "warning", 1)
    assert found.detail.startswith("1 of 1 rows, such as place_kind port, place_code NLRTM")
    assert "docs/integrity.md has the sentences" in found.detail


def test_widespread_interference_stops_a_release_until_a_person_lets_it_pass(tmp_path: Path) -> None:
    views = good_views(weeks={"interfered_share": 0.2})
    checks = WeekChecks(
        Week.parse(WEEK), run_release_check(frames(good_ports(), [cell()]), tmp_path, ENOUGH, views)
    )
    (failed,) = checks.failed_critical
    assert failed.check_name == "interference_not_widespread"
    assert "--override interference_not_widespread" in failed.detail
    override = Override((failed.check_name,), "A. Person", "a drill of the coast guard")
    remaining, overridden = let_pass([checks], override)
    stop_on_failure(remaining)
    assert [one.check for one in overridden[checks.week]] == [failed.check_name]


# --- how it is loaded ----------------------------------------------------------------------------


def test_great_expectations_is_loaded_without_charts_statistics_and_spark() -> None:
    unwanted = ["altair.vegalite", "scipy.stats._stats_py", "pyspark.ml", "boto3"]
    code = (
        "import sys; import ais_indicators.checks.great_expectations; "
        f"sys.exit(', '.join(name for name in {unwanted} if sys.modules.get(name)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == ""


def test_modules_that_were_to_wait_work_when_they_are_asked() -> None:
    assert scipy.stats.norm.cdf(0.0) == 0.5
    assert importlib.import_module("altair").Chart


def test_the_check_is_loaded_while_others_work() -> None:
    load_check_meanwhile().join()
    assert CHECK_MODULE in sys.modules


def test_other_threads_find_what_looks_absent_to_the_check() -> None:
    finder = LeanFinder()
    with pytest.raises(ModuleNotFoundError, match="does not use pyspark"):
        finder.find_spec("pyspark")
    lazy = finder.find_spec("altair", None)
    assert lazy is not None
    assert isinstance(lazy.loader, LazyLoader)
    with ThreadPoolExecutor(1) as another:
        assert another.submit(finder.find_spec, "pyspark").result() is None
        assert another.submit(finder.find_spec, "altair").result() is None


def test_spark_is_loaded_while_the_check_is() -> None:
    code = (
        "from ais_indicators.cli.weeks import load_check_meanwhile; "
        "thread = load_check_meanwhile(); import pyspark.sql; thread.join(); "
        "import ais_indicators.checks.release_check, pyspark.sql.functions"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == ""
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("value", "status", "has_ships"),
    [(0.0, "P", False), (None, "M", False), (1.0, "P", True), (None, "O", True)],
)
def test_rows_of_0_do_not_make_a_port_present(value: float | None, status: str, has_ships: bool) -> None:
    rows = pl.DataFrame(
        {"port_locode": ["NLRTM"], "value": [value], "obs_status": [status]},
        schema_overrides={"value": pl.Float64},
    )
    assert ports_with_ships(rows).to_list() == (["NLRTM"] if has_ships else [])
