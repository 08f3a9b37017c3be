"""Result of the release check for one week. Does not load Great Expectations, so that any module can import it."""

from collections.abc import Iterable
from dataclasses import dataclass

from ais_indicators.checks.results import CheckResult, failed_critical, failed_warnings
from ais_indicators.errors import ReleaseStoppedError
from ais_indicators.periods import Week


@dataclass(frozen=True)
class WeekChecks:
    """Results of the release check for one week.

    Attributes:
        week: The week.
        results: One per check.
    """

    week: Week
    results: tuple[CheckResult, ...]

    @property
    def failed_critical(self) -> tuple[CheckResult, ...]:
        """Returns the failures that stop publication."""
        return failed_critical(self.results)

    @property
    def failed_warnings(self) -> tuple[CheckResult, ...]:
        """Returns the failures that are published with the release."""
        return failed_warnings(self.results)


def stop_on_failure(checked: Iterable[WeekChecks]) -> None:
    """Raises an error if a critical check has failed.

    Raises:
        ReleaseStoppedError: A critical check failed; the message names each with its counts.
    """
    failures = [
        f"  {checks.week}: {r.check_name} ({r.failed_rows} of {r.checked_rows}): {r.detail}"
        for checks in checked
        for r in checks.failed_critical
    ]
    if failures:
        raise ReleaseStoppedError(
            f"stopped by the release check, {len(failures)} critical checks failed and nothing was published:\n"
            + "\n".join(failures)
        )
