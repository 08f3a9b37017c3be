"""Which ISO week a run of the weekly DAG computes. Standard library only."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

WEEK_PATTERN: Final = r"^\d{4}-W\d{2}$"
"""How a week is written: ISO 8601, such as 2026-W47."""

MANUAL: Final = "manual"
DAYS_PER_WEEK: Final = 7


def week_of_run(dag_run: Any, params: Mapping[str, Any]) -> str:
    """Names the week of a run, the same at each try.

    A scheduled run, or one of a backfill, takes the week of its data interval. A manual run takes the one that it was
    given; without it the last complete week before its logical date, or before the moment in which it was asked for.
    Airflow's own data interval of a manual run is no help: it is counted from the moment of the request whatever the
    logical date, and is missing without one.

    Args:
        dag_run: Airflow's run: `run_type`, `logical_date`, `run_after` and `data_interval_start`.
        params: The run's parameters, of which `week` counts for a manual run.

    Returns:
        Such as `2026-W47`.

    Raises:
        ValueError: The week that was given is not one of the calendar.
    """
    if dag_run.run_type != MANUAL:
        return name_of_week(dag_run.data_interval_start)
    if params.get("week"):
        return checked_week(str(params["week"]))
    return last_complete_week(dag_run.logical_date or dag_run.run_after)


def last_complete_week(moment: datetime) -> str:
    """Names the last ISO week that was over at a moment.

    >>> last_complete_week(datetime(2026, 1, 12, 0, 0, tzinfo=UTC))
    '2026-W02'
    >>> last_complete_week(datetime(2026, 1, 11, 23, 59, tzinfo=UTC))
    '2026-W01'
    """
    return name_of_week(moment - timedelta(days=DAYS_PER_WEEK))


def name_of_week(moment: datetime) -> str:
    """Names the ISO week, in UTC, of a moment.

    >>> name_of_week(datetime(2021, 1, 3, 23, 0, tzinfo=UTC))
    '2020-W53'
    """
    return moment.astimezone(UTC).strftime("%G-W%V")


def checked_week(name: str) -> str:
    """Returns the name of a week that exists.

    >>> checked_week("2021-W53")
    Traceback (most recent call last):
    ValueError: '2021-W53' is not a week: Invalid week: 53
    """
    try:
        date.fromisocalendar(int(name[:4]), int(name[6:]), 1)
    except ValueError as error:
        raise ValueError(f"'{name}' is not a week: {error}") from error
    return name
