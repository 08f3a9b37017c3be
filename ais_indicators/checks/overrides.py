"""Failed critical checks that a person lets pass, by name and with a reason that stands in what is published."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from ais_indicators.checks.results import CheckResult
from ais_indicators.checks.weeks import WeekChecks
from ais_indicators.errors import WrongUseError
from ais_indicators.periods import Week

STRUCTURAL: Final = (".columns_present", ".key_unique", "_type", "_not_null")
"""Ends of the names of checks without which a release could not be read: they are never let pass."""


@dataclass(frozen=True)
class Override:
    """What a person lets pass.

    Attributes:
        checks: Names of checks.
        by_name: Who answers for it.
        reason: Why, for readers of the figures.
    """

    checks: tuple[str, ...]
    by_name: str
    reason: str

    def __post_init__(self) -> None:
        if not (self.checks and self.by_name.strip() and self.reason.strip()):
            raise WrongUseError("an override needs --override CHECK, --by NAME and --reason TEXT, all three")


@dataclass(frozen=True)
class Overridden:
    """A failed critical check that was let pass.

    Attributes:
        check: Its name.
        by_name: Who answers for it.
        reason: Why.
        found: What the check had found.
    """

    check: str
    by_name: str
    reason: str
    found: str

    @property
    def sentence(self) -> str:
        """For readers of the figures."""
        return f"{self.check} failed ({self.found}) and was let pass by {self.by_name}: {self.reason}"

    def to_plain(self) -> dict[str, Any]:
        """In types that JSON knows."""
        return asdict(self)


def let_pass(
    checked: Sequence[WeekChecks], override: Override | None
) -> tuple[list[WeekChecks], dict[Week, list[Overridden]]]:
    """Takes what a person lets pass out of what stops a release.

    Args:
        checked: The gate's results of each week that would be published.
        override: What is let pass.

    Returns:
        The results as far as they can still stop a release, and what was let pass, by week.

    Raises:
        WrongUseError: There is no check of a name, it is about the structure, or it did not fail critically.
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
        raise WrongUseError(f"there is no check '{name}'; failed are: {', '.join(failed) or 'none'}")
    if name not in failed:
        raise WrongUseError(
            f"'{name}' did not fail as a critical check; failed are: {', '.join(failed) or 'none'}"
        )
    if "." in name and name.endswith(STRUCTURAL):
        raise WrongUseError(
            f"'{name}' is about the structure of the figures: without it nobody could read them"
        )
