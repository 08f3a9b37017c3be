"""Release check: Great Expectations over the rows of a week that are to be published.

Importing this module loads Great Expectations, which takes seconds, so only code that runs the check imports it: the
command line reaches it through the pipeline of `check_release`, loaded when it runs.
"""

import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa

from ais_indicators.checks.engine import DuckDbEngine, connect
from ais_indicators.checks.great_expectations import (
    Batch,
    DefaultJinjaPageView,
    ExpectationSuiteValidationResult,
    RunIdentifier,
    ValidationResultsPageRenderer,
    Validator,
    built_once,
    calc_validation_statistics,
    gx,
)
from ais_indicators.checks.model import VIEWS_TABLE, Severity, checks_of, load_checks, view_name
from ais_indicators.checks.pages import INDEX_PAGE, index_page, stand_alone, table_page
from ais_indicators.checks.results import REPORT_HEADER, CheckResult, failed_critical, failed_warnings, report
from ais_indicators.checks.suites import NAME, build_suite
from ais_indicators.rules import Rules

__all__ = [
    "REPORT_HEADER",
    "CheckResult",
    "failed_critical",
    "failed_warnings",
    "report",
    "run_release_check",
]

_EXAMPLES: Final = 3
"""Number of broken rows or values that a result's detail shows."""

_COUNTS: Final = {"result_format": "BASIC", "partial_unexpected_count": 0}
_DETAILS: Final = {"result_format": "COMPLETE"}

_CHATTY_LOGGER: Final = "great_expectations"


@dataclass(frozen=True)
class _Looked:
    """Number of rows that were checked.

    Attributes:
        at_rows: Rows of the frame.
        by_check: Rows that each declared check selects from it; none if they cannot be selected.
    """

    at_rows: int
    by_check: Mapping[str, int]


def run_release_check(
    frames: Mapping[str, pa.Table],
    docs_dir: Path,
    facts: Mapping[str, float],
    views: Mapping[str, pa.Table],
    rules: Rules,
) -> tuple[CheckResult, ...]:
    """Checks the rows to be published and writes the results as static pages.

    Args:
        frames: The rows of the week to be published, by table name.
        views: Further tables that checks read (`{view:name}`), by name; that of `weeks` represents the table
            `gate.week`.
        docs_dir: Folder of the pages, `index.html` and one a table; created if missing; pages of an earlier run are
            replaced.
        facts: Numbers that the checks need and the rows do not hold (`{fact:name}` in `quality/checks.yaml`).
        rules: Rules of the lake's subject.

    Returns:
        One result per check: by table name, then the contract's checks, then the declared checks. A check that
        could not be evaluated has failed.

    Raises:
        ValueError: A table that has checks, or a fact that one needs, is not given.
    """
    looked_at = {**frames, **({VIEWS_TABLE: views["weeks"]} if "weeks" in views else {})}
    _require_inputs(looked_at, facts, views)
    docs_dir.mkdir(parents=True, exist_ok=True)
    results: list[CheckResult] = []
    with _quiet(), closing(connect()) as connection:
        register_views(connection, views)
        for table in sorted(looked_at):
            validated, of_table = _check_table(connection, table, looked_at[table], facts, rules)
            results += of_table
            (docs_dir / table_page(table)).write_text(_page(validated), encoding="utf-8")
    (docs_dir / INDEX_PAGE).write_text(index_page(results), encoding="utf-8")
    return tuple(results)


def _page(validated: Any) -> str:
    """Renders the outcome of one table's suite as a self-contained page."""
    return stand_alone(_page_view().render(ValidationResultsPageRenderer().render(validated)))


@cache
def _page_view() -> Any:
    """Keeps the page templates, which take longer to compile than to fill."""
    return DefaultJinjaPageView()


def _require_inputs(
    frames: Mapping[str, pa.Table], facts: Mapping[str, float], views: Mapping[str, pa.Table]
) -> None:
    """Verifies that every declared check has its inputs."""
    tables = sorted({c.table for c in load_checks()} - set(frames))
    lacking = sorted({fact for c in load_checks() for fact in c.facts} - set(facts))
    unseen = sorted({view for c in load_checks() for view in c.views} - set(views))
    if tables or lacking or unseen:
        raise ValueError(f"the release check needs {', '.join([*tables, *lacking, *unseen])}")


def register_views(connection: duckdb.DuckDBPyConnection, views: Mapping[str, pa.Table]) -> None:
    """Registers the views for the checks by name."""
    for name, rows in views.items():
        connection.register(view_name(name), rows)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keeps Great Expectations from logging what the results contain."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    logger = logging.getLogger(_CHATTY_LOGGER)
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)


class _QuietValidator(Validator):
    """A validator without progress bars."""

    def _determine_progress_bars(self) -> bool:
        return False


def _check_table(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    rows: pa.Table,
    facts: Mapping[str, float],
    rules: Rules,
) -> tuple[Any, list[CheckResult]]:
    """Evaluates the suite of one table on its rows.

    Failed expectations are evaluated a second time with all details, because searching examples that do not exist takes
    longer than the check. The first evaluation determines whether a check has failed.
    """
    engine = DuckDbEngine(connection, rows)
    validator: Any = _QuietValidator(execution_engine=engine, batches=[Batch(data=rows)])
    expectations: Any = build_suite(table, facts, rules).expectations
    asked = {expectation.meta[NAME]: expectation.configuration for expectation in expectations}
    looked = _Looked(rows.num_rows, _rows_by_check(engine, table, facts, rules))
    found = _evaluate(validator, list(asked.values()), _COUNTS)
    failed = {name for name in asked if not _has_passed(found[name])}
    if failed:
        found |= _evaluate(validator, [asked[name] for name in asked if name in failed], _DETAILS)
    results = [_result(table, name, found[name], name not in failed, looked) for name in asked]
    return _validated(table, validator, [found[name] for name in asked]), results


def _evaluate(validator: Any, asked: Sequence[Any], result_format: Mapping[str, Any]) -> dict[str, Any]:
    """Evaluates expectations; returns the outcome of each by its name."""
    wanted = {"result_format": dict(result_format)}
    with built_once():
        outcomes = validator.graph_validate(configurations=list(asked), runtime_configuration=wanted)
    return {result.expectation_config.meta[NAME]: result for result in outcomes}


def _validated(table: str, validator: Any, outcomes: list[Any]) -> Any:
    """Combines the outcomes of a table as Great Expectations renders them."""
    statistics: Any = calc_validation_statistics(outcomes)
    run_id = RunIdentifier(run_time=datetime.now(UTC))
    return ExpectationSuiteValidationResult(
        results=outcomes,
        success=statistics.success,
        suite_name=table,
        statistics=statistics._asdict(),
        meta={
            "great_expectations_version": gx.__version__,
            "run_id": run_id,
            "validation_time": run_id.run_time,
            "batch_markers": validator.active_batch_markers,
        },
    )


def _rows_by_check(
    engine: DuckDbEngine, table: str, facts: Mapping[str, float], rules: Rules
) -> dict[str, int]:
    """Counts the rows that each declared check selects, in one query if all of them can be selected."""
    selections = {check.name: check.rows_query(facts, rules) for check in checks_of(table)}
    try:
        return _counted(engine, selections)
    except duckdb.Error:
        return {name: _counted_or_none(engine, name, sql) for name, sql in selections.items()}


def _counted(engine: DuckDbEngine, selections: Mapping[str, str]) -> dict[str, int]:
    """Counts the rows of each selection, by its name."""
    counts = [f"SELECT '{name}' AS name, count(*) AS n FROM ({sql})" for name, sql in selections.items()]  # noqa: S608
    found = engine.select(" UNION ALL ".join(counts)) if counts else []
    return {row["name"]: row["n"] for row in found}


def _counted_or_none(engine: DuckDbEngine, name: str, selection: str) -> int:
    """Counts the rows of one selection, 0 if it is invalid: its check then fails separately."""
    try:
        return _counted(engine, {name: selection})[name]
    except duckdb.Error:
        return 0


def _result(table: str, name: str, found: Any, passed: bool, looked: _Looked) -> CheckResult:
    """Converts one expectation's outcome to its result row."""
    severity: Severity = "warning" if found.expectation_config.severity == "warning" else "critical"
    checked = looked.by_check.get(name, looked.at_rows)
    if passed:
        return CheckResult(name, table, severity, True, 0, checked, "holds")
    messages = _exception_messages(found.exception_info)
    failed = 1 if messages else _failed_rows(found.result)
    detail = f"could not be evaluated: {messages[0]}" if messages else _detail(found.result, failed, checked)
    advice = next((check.advice for check in checks_of(table) if check.name == name), "")
    detail = f"{detail}; {advice}" if advice else detail
    return CheckResult(name, table, severity, False, failed, checked, detail)


def _has_passed(found: Any) -> bool:
    """Returns whether it passed: only what was evaluated and successful has passed."""
    return bool(found.success) and not _exception_messages(found.exception_info)


def _exception_messages(info: Mapping[str, Any]) -> list[str]:
    """Returns the first lines of the exceptions, which are in `info` itself or in it by metric."""
    parts = [info] if "raised_exception" in info else list(info.values())
    raised = [str(part.get("exception_message")) for part in parts if part.get("raised_exception")]
    return sorted({message.splitlines()[0] if message else "no message" for message in raised})


def _failed_rows(result: Mapping[str, Any]) -> int:
    """Returns the rows that broke an expectation about rows; 1 for one about the table."""
    observed = result.get("observed_value")
    if "unexpected_rows" in result.get("details", {}) and isinstance(observed, int):
        return observed
    return int(result.get("unexpected_count", 1))


def _detail(result: Mapping[str, Any], failed: int, checked: int) -> str:
    """Describes the result, with the first few broken rows or values."""
    details = result.get("details", {})
    if "mismatched" in details:
        columns = {kind: ", ".join(sorted(names)) for kind, names in details["mismatched"].items()}
        return "; ".join(f"{kind}: {names}" for kind, names in sorted(columns.items()))
    if "unexpected_rows" in details:
        return _broken(failed, checked, [_as_text(row) for row in details["unexpected_rows"]])
    if "partial_unexpected_list" in result:
        values = {_as_text(value) for value in result["partial_unexpected_list"] if value is not None}
        return _broken(failed, checked, sorted(values))
    return f"found {result.get('observed_value')}"


def _broken(failed: int, checked: int, examples: Sequence[str]) -> str:
    shown = " | ".join(examples[:_EXAMPLES])
    return f"{failed} of {checked} rows" + (f", such as {shown}" if shown else "")


def _as_text(value: Any) -> str:
    """Formats a row as `column value` pairs, any other value as it is."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {cell}" for name, cell in value.items())
    return str(value)
