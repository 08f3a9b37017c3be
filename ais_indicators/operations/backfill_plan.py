"""Plan of a backfill: what it will read and write, and its estimated duration. Reads only, without Spark."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

from ais_indicators.io.delta import read_rows
from ais_indicators.job import Job
from ais_indicators.operations.stale_tables import stale_tables
from ais_indicators.periods import Period, Week
from ais_indicators.pipelines.track_vessels import plan_fold
from ais_indicators.releasing.history import read_history
from ais_indicators.settings import Settings
from ais_indicators.tasks import Task

FOLD: Final = "track_vessels"
USUAL_MESSAGES_PER_SECOND: Final = 400_000
"""Speed of the fold on two cores (benchmarks/README.md), used if this lake has no recorded run."""
USUAL_SECONDS_PER_WEEK: Final = 1.5
START_SECONDS: Final = 10.0
_RECENT: Final = 5
_SHORTEST_SECONDS: Final = 0.001
_FEWEST_MESSAGES: Final = 100_000
"""Folds of fewer messages measure the start of Spark and not the speed."""


@dataclass(frozen=True)
class BackfillPlan:
    """Plan of a backfill.

    Attributes:
        asked: The requested weeks.
        folded: The weeks whose tracks and calls will be recomputed; None if all are up to date.
        stale: Weeks with a table whose inputs have changed since it was computed, as known before the fold: the tasks
            recompute them, requested or not.
        messages: Messages that will be read.
        tasks: Tasks that will run, in order.
        reads: Tables that they read and none of them writes.
        writes: Tables that they write.
        released: Released weeks whose values can change.
        seconds: Estimated duration.
    """

    asked: Period
    folded: Period | None
    stale: tuple[str, ...]
    messages: int
    tasks: tuple[str, ...]
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    released: tuple[str, ...]
    seconds: float


def plan_backfill(job: Job, tasks: Sequence[Task]) -> BackfillPlan:
    """Plans a backfill of the job's weeks with some tasks.

    Raises:
        BadInputError: There are no messages of the weeks, or they have expired.
    """
    folds = FOLD in {task.name for task in tasks}
    fold = plan_fold(job) if folds else None
    period = fold.period if fold else None
    messages = sum(_messages(fold.bronze.files, week) for week in period) if fold and period else 0
    written = sorted({name for task in tasks for name in task.writes})
    stale = _stale(job, written)
    weeks = sorted({*(period or ()), *stale})
    return BackfillPlan(
        asked=job.weeks,
        folded=period,
        stale=tuple(week.name for week in stale),
        messages=messages,
        tasks=tuple(task.name for task in tasks),
        reads=tuple(sorted({name for task in tasks for name in task.reads} - set(written))),
        writes=tuple(written),
        released=tuple(sorted(_released(job.settings, weeks))) if weeks else (),
        seconds=_seconds(job.settings, tasks, messages, len(weeks)),
    )


def _messages(files: Any, week: Week) -> int:
    return sum(
        file.rows for buckets in files.get(week, {}).values() for of in buckets.values() for file in of
    )


def _stale(job: Job, written: Collection[str]) -> list[Week]:
    """Finds the weeks that the tasks recompute even if nothing is folded."""
    found = stale_tables(job.settings, job.rules)
    return sorted({week for table in found.keys() & set(written) for week in found[table]})


def _released(settings: Settings, weeks: Sequence[Week]) -> set[str]:
    names = {week.name for week in weeks}
    return read_history(settings).served.keys() & names


def _seconds(settings: Settings, tasks: Sequence[Task], messages: int, weeks: int) -> float:
    """Estimates the duration from the last recorded runs, else from usual speeds."""
    if weeks == 0:
        return START_SECONDS
    runs = [row for row in read_rows(settings, "ops.runs").to_pylist() if row["outcome"] == "done"]
    runs.sort(key=lambda row: (row["started_at_utc"], row["task_run_id"]))
    total = START_SECONDS
    for task in tasks:
        of_task = [row for row in runs if row["task"] == task.name]
        if task.name == FOLD:
            total += messages / _messages_per_second(of_task)
        else:
            total += weeks * _seconds_per_week(of_task)
    return total


def _messages_per_second(runs: Sequence[dict[str, Any]]) -> float:
    speeds = [
        json.loads(row["summary"])["messages"] / _elapsed(row)
        for row in runs
        if json.loads(row["summary"])["messages"] >= _FEWEST_MESSAGES
    ]
    return median(speeds[-_RECENT:]) if speeds else USUAL_MESSAGES_PER_SECOND


def _seconds_per_week(runs: Sequence[dict[str, Any]]) -> float:
    """Returns seconds per week of a task whose summary is the list of the weeks that it computed."""
    done = [(row, json.loads(row["summary"])) for row in runs]
    speeds = [_elapsed(row) / len(weeks) for row, weeks in done if isinstance(weeks, list) and weeks]
    return median(speeds[-_RECENT:]) if speeds else USUAL_SECONDS_PER_WEEK


def _elapsed(row: dict[str, Any]) -> float:
    seconds: float = (row["finished_at_utc"] - row["started_at_utc"]).total_seconds()
    return max(seconds, _SHORTEST_SECONDS)
