"""Switches the release check on and off, for it takes seconds a week and has tests of its own.

It is off in every test that is not marked `release_check`, and in the module's and session's fixtures that such a
test is the first to ask for. The task `check_release` (the command `gate`) always checks.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from ais_indicators.checks.weeks import WeekChecks
from ais_indicators.job import Job
from ais_indicators.periods import Week

Checks = Callable[[Week], bool]
_checks: Checks = lambda _: False  # noqa: E731


def install(patch: pytest.MonkeyPatch) -> None:
    """Lets publications ask the switch whether to check."""
    # Both load Great Expectations, which a process that only hands out tests never needs.
    from ais_indicators.pipelines import check_release, publish_release  # noqa: PLC0415

    check = check_release.check_week

    def check_week(job: Job, week: Week) -> WeekChecks:
        return check(job, week) if _checks(week) else WeekChecks(week, ())

    patch.setattr(publish_release, "check_week", check_week)


@contextmanager
def checking(weeks: Checks) -> Iterator[None]:
    """Lets publications check these weeks, and those as before afterwards."""
    global _checks  # noqa: PLW0603 - one process runs one test at a time
    before, _checks = _checks, weeks
    try:
        yield
    finally:
        _checks = before


def once_each(*names: str) -> Checks:
    """Chooses the first publication of each of these weeks."""
    waiting = set(names)

    def checks(week: Week) -> bool:
        is_first = week.name in waiting
        waiting.discard(week.name)
        return is_first

    return checks
