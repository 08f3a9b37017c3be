"""The release gate: Great Expectations over the rows of a week that are to be published.

Importing this module loads Great Expectations, some seconds of work, so whoever runs the gate imports it, and
only then: the command line reaches it through the pipeline of `check_release`, which it loads when it runs.
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

__all__ = ["REPORT_HEADER", "CheckResult", "failed_critical", "failed_warnings", "report", "run_gate"]

_EXAMPLES: Final = 3
"""Broken rows or values that a result's detail names."""

_COUNTS: Final = {"result_format": "BASIC", "partial_unexpected_count": 0}
_DETAILS: Final = {"result_format": "COMPLETE"}

_CHATTY_LOGGER: Final = "great_expectations"


@dataclass(frozen=True)
class _Looked:
    """How many rows there were to look at.

    Attributes:
        at_rows: Rows of the frame.
        by_check: Rows that each declared check selects from it; none where they cannot be selected.
    """

    at_rows: int
    by_check: Mapping[str, int]


def run_gate(
    frames: Mapping[str, pa.Table],
    docs_dir: Path,
    facts: Mapping[str, float],
    views: Mapping[str, pa.Table],
) -> tuple[CheckResult, ...]:
    """Checks what is to be published and writes the results as static pages.

    Args:
        frames: The rows of the week to be published, by table name.
        views: What checks read besides (`{view:name}`), by name; that of `weeks` stands for the table `gate.week`.
        docs_dir: Folder of the pages, `index.html` and one a table; made where it is missing, pages of an
            earlier run replaced.
        facts: Numbers that the checks need and the rows do not hold (`{fact:name}` in `quality/checks.yaml`).

    Returns:
        One result a check: by table name, then what the contract asks, then the declared checks. A check that
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
            validated, of_table = _check_table(connection, table, looked_at[table], facts)
            results += of_table
            (docs_dir / table_page(table)).write_text(_page(validated), encoding="utf-8")
    (docs_dir / INDEX_PAGE).write_text(index_page(results), encoding="utf-8")
    return tuple(results)


def _page(validated: Any) -> str:
    """Renders the outcome of one table's suite as a page that stands alone."""
    return stand_alone(_page_view().render(ValidationResultsPageRenderer().render(validated)))


@cache
def _page_view() -> Any:
    """Keeps the page templates, which take longer to compile than to fill."""
    return DefaultJinjaPageView()


def _require_inputs(
    frames: Mapping[str, pa.Table], facts: Mapping[str, float], views: Mapping[str, pa.Table]
) -> None:
    """Sees that no declared check is left out for want of its input."""
    tables = sorted({c.table for c in load_checks()} - set(frames))
    lacking = sorted({fact for c in load_checks() for fact in c.facts} - set(facts))
    unseen = sorted({view for c in load_checks() for view in c.views} - set(views))
    if tables or lacking or unseen:
        raise ValueError(f"the release gate needs {', '.join([*tables, *lacking, *unseen])}")


def register_views(connection: duckdb.DuckDBPyConnection, views: Mapping[str, pa.Table]) -> None:
    """Lets the checks read the views by name."""
    for name, rows in views.items():
        connection.register(view_name(name), rows)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keeps Great Expectations from writing to the log what the results say."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    logger = logging.getLogger(_CHATTY_LOGGER)
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)


class _QuietValidator(Validator):
    """A validator that draws no progress bars."""

    def _determine_progress_bars(self) -> bool:
        return False


def _check_table(
    connection: duckdb.DuckDBPyConnection, table: str, rows: pa.Table, facts: Mapping[str, float]
) -> tuple[Any, list[CheckResult]]:
    """Evaluates the suite of one table on its rows.

    What fails is evaluated once more with all details: to look for examples where there are none takes longer
    than the check. Whether a check has failed is settled by the first evaluation.
    """
    engine = DuckDbEngine(connection, rows)
    validator: Any = _QuietValidator(execution_engine=engine, batches=[Batch(data=rows)])
    expectations: Any = build_suite(table, facts).expectations
    asked = {expectation.meta[NAME]: expectation.configuration for expectation in expectations}
    looked = _Looked(rows.num_rows, _rows_by_check(engine, table, facts))
    found = _evaluate(validator, list(asked.values()), _COUNTS)
    failed = {name for name in asked if not _has_passed(found[name])}
    if failed:
        found |= _evaluate(validator, [asked[name] for name in asked if name in failed], _DETAILS)
    results = [_result(table, name, found[name], name not in failed, looked) for name in asked]
    return _validated(table, validator, [found[name] for name in asked]), results


def _evaluate(validator: Any, asked: Sequence[Any], result_format: Mapping[str, Any]) -> dict[str, Any]:
    """Evaluates expectations; gives the outcome of each by its name."""
    wanted = {"result_format": dict(result_format)}
    with built_once():
        outcomes = validator.graph_validate(configurations=list(asked), runtime_configuration=wanted)
    return {result.expectation_config.meta[NAME]: result for result in outcomes}


def _validated(table: str, validator: Any, outcomes: list[Any]) -> Any:
    """Puts the outcomes of a table together as Great Expectations renders them."""
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


def _rows_by_check(engine: DuckDbEngine, table: str, facts: Mapping[str, float]) -> dict[str, int]:
    """Counts the rows that each declared check looks at, in one query where all of them can be selected."""
    selections = {check.name: check.rows_query(facts) for check in checks_of(table)}
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
    """Counts the rows of one selection, 0 where it cannot be made: its check then fails by itself."""
    try:
        return _counted(engine, {name: selection})[name]
    except duckdb.Error:
        return 0


def _result(table: str, name: str, found: Any, passed: bool, looked: _Looked) -> CheckResult:
    """Reads one expectation's outcome into the row that is kept of it."""
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
    """Only what was evaluated and successful has passed."""
    return bool(found.success) and not _exception_messages(found.exception_info)


def _exception_messages(info: Mapping[str, Any]) -> list[str]:
    """First lines of the exceptions; they stand in `info` itself or in it by metric."""
    parts = [info] if "raised_exception" in info else list(info.values())
    raised = [str(part.get("exception_message")) for part in parts if part.get("raised_exception")]
    return sorted({message.splitlines()[0] if message else "no message" for message in raised})


def _failed_rows(result: Mapping[str, Any]) -> int:
    """Rows that broke an expectation about rows; 1 for one about the table."""
    observed = result.get("observed_value")
    if "unexpected_rows" in result.get("details", {}) and isinstance(observed, int):
        return observed
    return int(result.get("unexpected_count", 1))


def _detail(result: Mapping[str, Any], failed: int, checked: int) -> str:
    """Says what was found, with the first few broken rows or values."""
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
    """A row as `column value` pairs, any other value as it is."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {cell}" for name, cell in value.items())
    return str(value)
