"""Distributes pieces of work over Spark's cores: one Spark task per piece."""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from py4j.protocol import Py4JError
from pyspark import SparkContext, StatusTracker
from pyspark.sql import SparkSession

from ais_indicators.errors import AisIndicatorsError
from ais_indicators.io.session import build_session
from ais_indicators.io.spread import Advance, Piece, Result
from ais_indicators.settings import Settings

POLL_SECONDS = 0.2


@dataclass(frozen=True)
class _Failed:
    """An error that a retry would repeat, on its way from a worker."""

    error: Exception


class SparkExecutor:
    """Runs each piece as one Spark task, on this machine or on a cluster."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @cached_property
    def session(self) -> SparkSession:
        """Returns the Spark session, started on first use."""
        return build_session(self._settings)

    @property
    def parallelism(self) -> int:
        """Returns the number of Spark's cores."""
        return self.session.sparkContext.defaultParallelism

    def run(
        self,
        pieces: Sequence[Piece],
        work: Callable[..., Iterable[Result]],
        shared: Sequence[Any] = (),
        advance: Advance | None = None,
    ) -> list[Result]:
        """Runs `work` once for each piece, as `Executor.run` specifies; the piece of a killed worker is retried."""
        if not pieces:
            return []
        context = self.session.sparkContext
        values = context.broadcast(tuple(shared))
        try:
            with _progress(context, f"spread-{id(pieces)}", len(pieces), advance):
                tasks = context.parallelize(list(pieces), len(pieces)).mapPartitions(
                    lambda part: _guarded(work, part, values.value)
                )
                return [_unless_failed(result) for result in tasks.collect()]
        finally:
            with suppress(Py4JError, OSError):  # Java may have been killed; the error being raised says so
                values.destroy()


def _guarded(
    work: Callable[..., Iterable[Result]], part: Iterable[Piece], shared: tuple[Any, ...]
) -> Iterator[Result | _Failed]:
    """Works in a worker; an error that a retry would repeat is a result."""
    try:
        yield from work(part, *shared)
    except (AisIndicatorsError, OSError, ValueError) as error:
        yield _Failed(error)


def _unless_failed(result: Result | _Failed) -> Result:
    if isinstance(result, _Failed):
        raise result.error
    return result


@contextmanager
def _progress(context: SparkContext, group: str, total: int, advance: Advance | None) -> Iterator[None]:
    """Reports the progress of the jobs started here, from a thread, while Spark works."""
    if advance is None:
        yield
        return
    done = threading.Event()
    watcher = threading.Thread(target=_watch, args=(context, group, total, advance, done), daemon=True)
    watcher.start()
    context.setLocalProperty("spark.jobGroup.id", group)
    try:
        yield
    finally:
        done.set()
        context.setLocalProperty("spark.jobGroup.id", None)  # type: ignore[arg-type]
        watcher.join()
        advance(total, total)


def _watch(context: SparkContext, group: str, total: int, advance: Advance, done: threading.Event) -> None:
    """Reports progress until the work is done or Java ends; the call that waits for the work reports that end."""
    tracker = context.statusTracker()
    with suppress(Py4JError, OSError):
        while not done.wait(POLL_SECONDS):
            advance(min(_finished(tracker, group), total), total)


def _finished(tracker: StatusTracker, group: str) -> int:
    """Counts the tasks of a group of jobs that have ended."""
    finished = 0
    for job in tracker.getJobIdsForGroup(group):
        info = tracker.getJobInfo(job)
        stages = [tracker.getStageInfo(stage) for stage in (info.stageIds if info else [])]
        finished += sum(stage.numCompletedTasks for stage in stages if stage)
    return finished
