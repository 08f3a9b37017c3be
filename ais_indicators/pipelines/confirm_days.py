"""Task `confirm_days`: which UTC days of a week have messages when its run starts.

A scheduled run waits for them up to a deadline and then uses what is there; the record in `ops.runs` has what was
missing. Reads only, without Spark.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ais_indicators.errors import BadInputError
from ais_indicators.io.delta import read_rows
from ais_indicators.io.weeks import read_bronze
from ais_indicators.job import Job
from ais_indicators.periods import Week
from ais_indicators.rules import Rules
from ais_indicators.settings import Settings

FILES = "ops.ingested_files"


@dataclass(frozen=True)
class DaysOfWeek:
    """Days of a week with messages.

    Attributes:
        week: The week.
        present: Days with messages, `YYYY-MM-DD`.
        missing: Days without any.
        heard_to_end: Whether a file reaches to the end of the week, so that its last day is complete.
    """

    week: Week
    present: tuple[str, ...]
    missing: tuple[str, ...]
    heard_to_end: bool

    @property
    def is_complete(self) -> bool:
        """Returns whether there is nothing to wait for."""
        return self.heard_to_end and not self.missing

    @property
    def lack(self) -> str:
        """Describes what is missing."""
        if self.missing:
            return f"no messages of {', '.join(self.missing)}"
        return "" if self.heard_to_end else f"no file reaches to the end of {self.present[-1]}"


def run(job: Job) -> tuple[DaysOfWeek, ...]:
    """Checks the requested weeks; the runner records the result.

    Raises:
        BadInputError: A week has no message at all.
    """
    found = tuple(days_of_week(job.settings, week, job.rules) for week in job.weeks)
    for days in found:
        if not days.present:
            raise BadInputError(f"there are no messages of {days.week}; put its files into the inbox")
    return found


def days_of_week(settings: Settings, week: Week, rules: Rules) -> DaysOfWeek:
    """Finds the days of a week with messages.

    Raises:
        WrongUseError: There are no tables yet.
    """
    with_messages = read_bronze(settings).files.get(week, {})
    newest = _newest_message(settings)
    tolerance = timedelta(hours=rules.last_message_tolerance_hours)
    return DaysOfWeek(
        week,
        present=_names(day for day in week.days if day in with_messages),
        missing=_names(day for day in week.days if day not in with_messages),
        heard_to_end=newest is not None and newest >= week.end - tolerance,
    )


def _names(days: Iterable[date]) -> tuple[str, ...]:
    return tuple(day.isoformat() for day in days)


def _newest_message(settings: Settings) -> datetime | None:
    rows = read_rows(settings, FILES, ["last_observed_at_utc", "is_current"]).to_pylist()
    times = [row["last_observed_at_utc"] for row in rows if row["is_current"] and row["last_observed_at_utc"]]
    return max(times, default=None)
