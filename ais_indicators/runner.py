"""Runs tasks; used by the command line, the scheduler's jobs and the notebooks.

Every task runs through `run_task`, so that a week gives the same rows whoever starts it.
"""

import argparse
import fcntl
import importlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any

from ais_indicators.errors import AisIndicatorsError, LakeBusyError, WrongUseError
from ais_indicators.io.delta import as_it_stood, create_tables
from ais_indicators.io.failures import friendly_errors
from ais_indicators.io.runs import TaskRun
from ais_indicators.job import Job
from ais_indicators.periods import Period, Week
from ais_indicators.pipelines.ingest_messages import IngestSummary
from ais_indicators.process_exit import exit_after
from ais_indicators.rules import Subject
from ais_indicators.settings import EXECUTOR_VARIABLE, Settings
from ais_indicators.tasks import Task, computing_order, concerns, task, weekly_order

LOCK_FILE = ".lock"
Progress = Callable[[Task], Any]
"""Called when a task starts; returns a callback `(done, total)` or None."""


def run_task(name: str, job: Job) -> Any:
    """Runs one task and records the run.

    Args:
        name: Name in the task registry.
        job: Its period, files and settings.

    Returns:
        The task's own summary.

    Raises:
        WrongUseError: There is no such task, the lake's subject does not have it, or another run holds the lake.
        AisIndicatorsError: Errors of the task, and machine or lake errors explained in a sentence.
    """
    known = find_task(name)
    with friendly_errors(job.settings):
        subject = job.rules.subject  # an error in the file of the rules stops the task before it starts
    if not concerns(known, subject):
        raise WrongUseError(f"the task {name} does not exist for a lake of {subject}; see docs/planes.md")
    with friendly_errors(job.settings):
        pipeline = importlib.import_module(f"ais_indicators.pipelines.{known.name}")
    with friendly_errors(job.settings), exclusive(job.settings):
        create_tables(job.settings)
        task_run = TaskRun(job.settings, known, job.period)
        try:
            with friendly_errors(job.settings):
                summary = pipeline.run(job)
        except Exception as error:
            with suppress(Exception):  # on a full disk the record fails too, and the task's error says more
                task_run.end("failed", {"error": str(error)})
            raise
        task_run.end("done", to_plain(summary))
    return summary


def run_weekly(
    job: Job, only: str | None = None, until: str | None = None, progress: Progress | None = None
) -> dict[str, Any]:
    """Runs the weekly tasks in the registry's order.

    Args:
        job: The weeks and settings.
        only: Run only this task.
        until: Stop after this task.
        progress: Called when each task starts.

    Returns:
        Summary of each task, by name.
    """
    return run_tasks(job, choose_tasks(job.rules.subject, only, until), progress)


def run_tasks(job: Job, tasks: Sequence[Task], progress: Progress | None = None) -> dict[str, Any]:
    """Runs tasks one after the other; returns the summary of each, by name."""
    summaries: dict[str, Any] = {}
    for step in tasks:
        job.advance = progress(step) if progress else None
        summaries[step.name] = run_task(step.name, job)
    return summaries


def choose_tasks(subject: Subject, only: str | None = None, until: str | None = None) -> list[Task]:
    """Chooses the weekly tasks to run for a subject.

    `publish_release` includes the release check, so a run that publishes does not need the separate task.

    Raises:
        WrongUseError: No weekly task has that name.
    """
    order = [t for t in weekly_order() if concerns(t, subject)]
    names = [t.name for t in order]
    for name in (only, until):
        if name is not None and name not in names:
            raise WrongUseError(f"'{name}' is not a weekly task; choose one of {', '.join(names)}")
    if only is not None:
        return [task(only)]
    chosen = order[: names.index(until) + 1] if until else order
    publishes = task("publish_release") in chosen
    return [t for t in chosen if not (publishes and t.name == "check_release")]


def tasks_before_check(subject: Subject, only: str | None = None) -> list[Task]:
    """Chooses the weekly tasks that compute values, or one of them.

    Raises:
        WrongUseError: No such task has that name.
    """
    figures = [t for t in computing_order() if concerns(t, subject)]
    if only is None:
        return figures
    if only not in {t.name for t in figures}:
        raise WrongUseError(
            f"'{only}' computes no values; choose one of {', '.join(t.name for t in figures)}"
        )
    return [task(only)]


def find_task(name: str) -> Task:
    """Finds a task by name.

    Raises:
        WrongUseError: There is no such task.
    """
    try:
        return task(name)
    except KeyError as error:
        raise WrongUseError(f"there is no task '{name}'") from error


@contextmanager
def exclusive(settings: Settings) -> Iterator[None]:
    """Locks the lake, so that two runs cannot change it at once; the lock of a killed run is released.

    The lock is on the data folder. Runs with other data folders on the same object store are separated by Delta's own
    protocol at their commits.

    Raises:
        LakeBusyError: Another process holds it.
    """
    settings.lake.mkdir(parents=True, exist_ok=True)
    with (settings.lake / LOCK_FILE).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise LakeBusyError(f"another run is using {settings.lake}; wait until it has ended") from error
        with as_it_stood():  # no other process can change the lake here, so each table's log is read once
            yield


def to_plain(summary: Any) -> Any:
    """Converts a task's summary to JSON types."""
    if isinstance(summary, Week | Period | Path):
        return str(summary)
    if is_dataclass(summary) and not isinstance(summary, type):
        return {name: to_plain(getattr(summary, name)) for name in _field_names(summary)}
    if isinstance(summary, dict):
        return {str(key): to_plain(value) for key, value in summary.items()}
    if isinstance(summary, list | tuple):
        return [to_plain(item) for item in summary]
    return summary


def _field_names(summary: Any) -> list[str]:
    """Returns the names of a dataclass's fields."""
    return list(summary.__dataclass_fields__)


def job_main(task_name: str) -> None:
    """Runs `jobs/<task>.py`: ends the process with an exit code of the command line."""
    exit_after(lambda: run_job(task_name, sys.argv[1:]))


def _chosen_executor() -> str:
    """Returns the executor that the environment names, else Spark, which is running if the job was submitted to it."""
    return os.environ.get(EXECUTOR_VARIABLE) or "spark"


def run_job(task_name: str, arguments: Sequence[str]) -> None:
    """Runs one task for one week, as started by spark-submit.

    Args:
        task_name: Name in the task registry.
        arguments: Arguments after the job's name.

    Raises:
        SystemExit: The arguments are invalid, or the task failed; with the matching exit code.
    """
    parser = argparse.ArgumentParser(prog=f"{task_name}.py", description=task(task_name).purpose)
    parser.add_argument(
        "--week", help="ISO week, such as 2026-W47", required=task(task_name).cadence == "weekly"
    )
    parser.add_argument("--data-dir", help="root directory for tables, releases and logs")
    parser.add_argument("--input", nargs="*", default=[], type=Path, help="files, for tasks that take files")
    parser.add_argument(
        "--each-in", type=Path, help="run once for each file in this folder (from the data folder), by name"
    )
    chosen = parser.parse_args(arguments)
    try:
        week = Week.parse(chosen.week) if chosen.week else None
        settings = Settings.from_environment(chosen.data_dir, executor=_chosen_executor())
        period = Period(week, week) if week else None
        for paths in _deliveries(settings, chosen.input, chosen.each_in):
            summary = run_task(task_name, Job(settings, period, paths))
            if isinstance(summary, IngestSummary):
                summary.stop_on_refusal()
    except AisIndicatorsError as error:
        sys.stderr.write(f"{task_name}: {error}\n")
        sys.exit(int(error.exit_code))


def _deliveries(settings: Settings, named: Sequence[Path], each_in: Path | None) -> list[tuple[Path, ...]]:
    """Returns the files of each run of a job: all named ones at once, or those of a folder one by one."""
    if each_in is None:
        return [tuple(named)]
    folder = settings.data_dir / each_in
    found = sorted(path for path in folder.glob("*") if path.is_file() and not path.name.startswith("."))
    sys.stderr.write(
        f"{len(found)} files in {folder}{': ' if found else ''}{', '.join(p.name for p in found)}\n"
    )
    return [(path,) for path in found]
