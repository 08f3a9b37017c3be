"""Results of the release check: one row is the result of one check, as in `ops.check_results`."""

from collections.abc import Sequence
from dataclasses import dataclass

from ais_indicators.checks.model import Severity


@dataclass(frozen=True)
class CheckResult:
    """Result of one check.

    Attributes:
        check_name: `quality/checks.yaml`'s name, or `<table>.<column>_<kind>` for checks of the contract.
        table_name: Table that was checked.
        severity: A failed critical check stops publication.
        passed: Whether it passed.
        failed_rows: Rows that broke it; 1 for a check of the table as a whole.
        checked_rows: Rows that it checked.
        detail: Description of the result.
    """

    check_name: str
    table_name: str
    severity: Severity
    passed: bool
    failed_rows: int
    checked_rows: int
    detail: str


REPORT_HEADER = ("outcome", "severity", "check", "failed", "checked", "detail")


def failed_critical(results: Sequence[CheckResult]) -> tuple[CheckResult, ...]:
    """Returns the failures that stop publication."""
    return tuple(r for r in results if not r.passed and r.severity == "critical")


def failed_warnings(results: Sequence[CheckResult]) -> tuple[CheckResult, ...]:
    """Returns the failures that are published with the release."""
    return tuple(r for r in results if not r.passed and r.severity == "warning")


def report(results: Sequence[CheckResult]) -> list[tuple[str, ...]]:
    """Returns one row of text per check under `REPORT_HEADER`, failures first, else in the given order."""
    in_order = (*failed_critical(results), *failed_warnings(results), *(r for r in results if r.passed))
    return [
        (
            "passed" if r.passed else "failed",
            r.severity,
            r.check_name,
            str(r.failed_rows),
            str(r.checked_rows),
            r.detail,
        )
        for r in in_order
    ]
