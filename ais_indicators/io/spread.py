"""Spreads pieces of work over Spark's cores and tells how far they are."""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from py4j.protocol import Py4JError
from pyspark import StatusTracker
from pyspark.sql import SparkSession

from ais_indicators.errors import AisIndicatorsError
from ais_indicators.rules import Subject, followed, following

Piece = TypeVar("Piece")
Result = TypeVar("Result")
Advance = Callable[[int, int], None]
"""Told of pieces done and pieces in all."""

POLL_SECONDS = 0.2


@dataclass(frozen=True)
class _Failed:
    """An error that another attempt would meet again, on its way from a worker."""

    error: Exception


def spread(
    spark: SparkSession,
    pieces: Sequence[Piece],
    work: Callable[[Iterable[Piece]], Iterable[Result]],
    advance: Advance | None = None,
) -> list[Result]:
    """Runs `work` once for each piece, one Spark task a piece, and gives the results of the successful attempts.

    Args:
        spark: The session.
        pieces: Picklable descriptions of the work.
        work: Takes an iterator of pieces; must be importable in the workers.
        advance: Called in this thread's stead by a watcher while Spark works.

    Raises:
        AisIndicatorsError: What a worker raised; it is not tried again.
        OSError: Likewise, as of a full disk.
        ValueError: Likewise, as of a damaged file.
    """
    if not pieces:
        return []
    context = spark.sparkContext
    group = f"spread-{id(pieces)}"
    done = threading.Event()
    watcher = threading.Thread(target=_watch, args=(spark, group, len(pieces), advance, done), daemon=True)
    if advance is not None:
        watcher.start()
    context.setLocalProperty("spark.jobGroup.id", group)
    subject = followed()
    try:
        spreads = context.parallelize(list(pieces), len(pieces)).mapPartitions(
            lambda part: _guarded(work, part, subject)
        )
        return [_unless_failed(result) for result in spreads.collect()]
    finally:
        done.set()
        context.setLocalProperty("spark.jobGroup.id", None)  # type: ignore[arg-type]
        if advance is not None:
            watcher.join()
            advance(len(pieces), len(pieces))


def _guarded(
    work: Callable[[Iterable[Piece]], Iterable[Result]], part: Iterable[Piece], subject: Subject
) -> Iterator[Result | _Failed]:
    """Works in a worker by the rules that hold in the driver."""
    try:
        with following(subject):
            yield from work(part)
    except (AisIndicatorsError, OSError, ValueError) as error:
        yield _Failed(error)


def _unless_failed(result: Result | _Failed) -> Result:
    if isinstance(result, _Failed):
        raise result.error
    return result


def _watch(
    spark: SparkSession, group: str, total: int, advance: Advance | None, done: threading.Event
) -> None:
    """Tells how far the work is until it is done, or until Java ends: what waits for the work says so then."""
    tracker = spark.sparkContext.statusTracker()
    with suppress(Py4JError, OSError):
        while not done.wait(POLL_SECONDS) and advance is not None:
            advance(min(_finished(tracker, group), total), total)


def _finished(tracker: StatusTracker, group: str) -> int:
    """Tasks of a group of jobs that have ended."""
    finished = 0
    for job in tracker.getJobIdsForGroup(group):
        info = tracker.getJobInfo(job)
        stages = [tracker.getStageInfo(stage) for stage in (info.stageIds if info else [])]
        finished += sum(stage.numCompletedTasks for stage in stages if stage)
    return finished
