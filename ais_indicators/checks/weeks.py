"""The gate's verdict on one week. Loads no Great Expectations, so that everyone can look at it."""

from collections.abc import Iterable
from dataclasses import dataclass

from ais_indicators.checks.results import CheckResult, failed_critical, failed_warnings
from ais_indicators.errors import GateStoppedError
from ais_indicators.periods import Week


@dataclass(frozen=True)
class WeekChecks:
    """The gate's results for one week.

    Attributes:
        week: The week.
        results: One a check.
    """

    week: Week
    results: tuple[CheckResult, ...]

    @property
    def failed_critical(self) -> tuple[CheckResult, ...]:
        """Failures that stop publication."""
        return failed_critical(self.results)

    @property
    def failed_warnings(self) -> tuple[CheckResult, ...]:
        """Failures that are published with the release."""
        return failed_warnings(self.results)


def stop_on_failure(checked: Iterable[WeekChecks]) -> None:
    """Lets nothing pass that a critical check has failed.

    Raises:
        GateStoppedError: One has; the message names each with its counts.
    """
    failures = [
        f"  {checks.week}: {r.check_name} ({r.failed_rows} of {r.checked_rows}): {r.detail}"
        for checks in checked
        for r in checks.failed_critical
    ]
    if failures:
        raise GateStoppedError(
            f"stopped by the gate, {len(failures)} critical checks failed and nothing was published:\n"
            + "\n".join(failures)
        )
