"""Failed critical checks that a person accepts, by name and with a published reason."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from ais_indicators.checks.results import CheckResult
from ais_indicators.checks.weeks import WeekChecks
from ais_indicators.errors import WrongUseError
from ais_indicators.periods import Week

STRUCTURAL: Final = (".columns_present", ".key_unique", "_type", "_not_null")
"""Name endings of checks without which a release could not be read: they cannot be overridden."""


@dataclass(frozen=True)
class Override:
    """Failures that a person accepts.

    Attributes:
        checks: Names of checks.
        by_name: Who is responsible.
        reason: Why, for readers of the data.
    """

    checks: tuple[str, ...]
    by_name: str
    reason: str

    def __post_init__(self) -> None:
        if not (self.checks and self.by_name.strip() and self.reason.strip()):
            raise WrongUseError("an override needs --override CHECK, --by NAME and --reason TEXT, all three")


@dataclass(frozen=True)
class Overridden:
    """A failed critical check that was overridden.

    Attributes:
        check: Its name.
        by_name: Who is responsible.
        reason: Why.
        found: Result of the check.
    """

    check: str
    by_name: str
    reason: str
    found: str

    @property
    def sentence(self) -> str:
        """Returns a sentence for readers of the data."""
        return f"{self.check} failed ({self.found}) and was overridden by {self.by_name}: {self.reason}"


def let_pass(
    checked: Sequence[WeekChecks], override: Override | None
) -> tuple[list[WeekChecks], dict[Week, list[Overridden]]]:
    """Removes overridden failures from those that stop a release.

    Args:
        checked: Results of the release check for each week to be published.
        override: The overridden failures.

    Returns:
        The results that can still stop a release, and the overridden ones, by week.

    Raises:
        WrongUseError: There is no such check, it checks the structure, or it did not fail critically.
    """
    if override is None:
        return list(checked), {}
    for name in override.checks:
        _refuse_what_cannot_pass(checked, name)
    passed = {
        checks.week: [
            _overridden(result, override) for result in checks.failed_critical if _is_meant(result, override)
        ]
        for checks in checked
    }
    remaining = [
        replace(checks, results=tuple(r for r in checks.results if not _is_meant(r, override)))
        for checks in checked
    ]
    return remaining, {week: of_week for week, of_week in passed.items() if of_week}


def _is_meant(result: CheckResult, override: Override) -> bool:
    return result.check_name in override.checks and not result.passed and result.severity == "critical"


def _overridden(result: CheckResult, override: Override) -> Overridden:
    return Overridden(result.check_name, override.by_name, override.reason, result.detail)


def _refuse_what_cannot_pass(checked: Iterable[WeekChecks], name: str) -> None:
    results = [result for checks in checked for result in checks.results]
    failed = sorted({r.check_name for r in results if not r.passed and r.severity == "critical"})
    if name not in {result.check_name for result in results}:
        raise WrongUseError(f"unknown check '{name}'; failed checks are: {', '.join(failed) or 'none'}")
    if name not in failed:
        raise WrongUseError(
            f"'{name}' did not fail as a critical check; failed checks are: {', '.join(failed) or 'none'}"
        )
    if "." in name and name.endswith(STRUCTURAL):
        raise WrongUseError(
            f"'{name}' checks the structure of the data and cannot be overridden: without it the data could not be read"
        )
