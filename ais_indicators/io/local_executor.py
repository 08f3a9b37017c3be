"""Distributes pieces of work over the cores of this machine without Spark."""

import multiprocessing
import os
import pickle
import signal
import threading
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, Final

from ais_indicators.errors import AisIndicatorsError
from ais_indicators.io.failures import AGAIN
from ais_indicators.io.spread import Advance, Piece, Result
from ais_indicators.settings import Settings

PRELOADED: Final = ["ais_indicators.worker_modules"]
"""Modules that the workers' parent process loads before it forks, so that workers start at once and share memory."""

KILLED: Final = f"a worker process was killed from outside, usually for lack of memory; {AGAIN}"


class LocalExecutor:
    """Runs pieces in this process with one core, else in a pool of one process per core.

    The processes start with the first run and serve all later ones. They end with the executor, or when the process
    that owns it is killed.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._pool: ProcessPoolExecutor | None = None

    @property
    def parallelism(self) -> int:
        """Returns the number of cores."""
        return self._settings.cores

    def run(
        self,
        pieces: Sequence[Piece],
        work: Callable[..., Iterable[Result]],
        shared: Sequence[Any] = (),
        advance: Advance | None = None,
    ) -> list[Result]:
        """Runs `work` once for each piece, as `Executor.run` specifies; a killed worker ends the run with an error."""
        if not pieces:
            return []
        if self.parallelism == 1:
            return _run_here(pieces, work, shared, advance)
        try:
            with _shared_file(self._settings.staging, shared) as file:
                return self._run_in_pool(pieces, work, file, advance)
        except BrokenProcessPool as error:
            self._pool = None
            raise AisIndicatorsError(KILLED) from error

    def _start_pool(self) -> ProcessPoolExecutor:
        """Starts a pool and registers its shutdown.

        A pool without shutdown ends in its own thread, which at the end of the process finds its pipes closed.
        """
        pool = _start_pool(self.parallelism)
        weakref.finalize(self, pool.shutdown)
        return pool

    def _run_in_pool(
        self,
        pieces: Sequence[Piece],
        work: Callable[..., Iterable[Result]],
        shared: Path,
        advance: Advance | None,
    ) -> list[Result]:
        pool = self._pool = self._pool or self._start_pool()
        futures = [pool.submit(_run_one, work, piece, shared) for piece in pieces]
        try:
            for done, future in enumerate(as_completed(futures), start=1):
                if future.exception() is not None:
                    raise _first_error(futures)
                if advance is not None:
                    advance(done, len(pieces))
        finally:
            for future in futures:
                future.cancel()
        return [result for future in futures for result in future.result()]


def _run_here(
    pieces: Sequence[Piece],
    work: Callable[..., Iterable[Result]],
    shared: Sequence[Any],
    advance: Advance | None,
) -> list[Result]:
    results: list[Result] = []
    for done, piece in enumerate(pieces, start=1):
        results += work(iter((piece,)), *shared)
        if advance is not None:
            advance(done, len(pieces))
    return results


def _start_pool(processes: int) -> ProcessPoolExecutor:
    """Makes a pool whose processes are forked from a server without threads, so that no lock is lost in a fork."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    return ProcessPoolExecutor(processes, context, _prepare_worker)


def _prepare_worker() -> None:
    """Makes a worker end on Ctrl-C without a traceback, and with the process that it works for."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


@contextmanager
def _shared_file(folder: Path, shared: Sequence[Any]) -> Iterator[Path]:
    """Writes the shared values to a scratch file, from which each worker loads them once."""
    folder.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=folder, prefix="shared-", suffix=".pickle") as file:
        pickle.dump(tuple(shared), file, protocol=pickle.HIGHEST_PROTOCOL)
        file.flush()
        yield Path(file.name)


@lru_cache(maxsize=1)
def _load_shared(file: Path) -> tuple[Any, ...]:
    """Loads what this process has written to the file itself."""
    shared: tuple[Any, ...] = pickle.loads(file.read_bytes())  # noqa: S301 - written by the process that reads it
    return shared


def _run_one(work: Callable[..., Iterable[Result]], piece: Piece, shared: Path) -> list[Result]:
    """Works in a worker."""
    return list(work(iter((piece,)), *_load_shared(shared)))


def _first_error(futures: Sequence[Future[Any]]) -> BaseException:
    """Lets running pieces end, and returns the error of the first piece that failed, as Spark does.

    Pieces start in order, so none before it can still be waiting.
    """
    for future in futures:
        future.cancel()
    wait(futures)
    return next(error for f in futures if not f.cancelled() and (error := f.exception()))
