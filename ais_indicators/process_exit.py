"""Ends a process with the exit code of its work, whatever native libraries do while they are unloaded."""

import atexit
import logging
import os
import sys
from collections.abc import Callable
from typing import Final

_CODES: Final[list[int]] = []
"""Exit code of the process, once its work has started."""


def exit_after(work: Callable[[], None]) -> None:
    """Runs the work of a process and ensures that the process ends with the work's exit code.

    Libraries with their own threads (Arrow, DuckDB, delta-rs) sometimes abort the process while their static objects
    are destroyed ("terminate called without an active exception"), after all work was committed; a scheduler would then
    take a good run for a failed one. So the process exits before those destructors, and after everything that Python
    itself does at exit: threads are joined, exit functions called, logs and output flushed.

    Args:
        work: Work of the process; may raise SystemExit. Call this once, last in the main function of the process.

    Raises:
        SystemExit: As the work raised it.
    """
    _CODES[:] = [1]  # the exit code of an uncaught error
    try:
        work()
        _CODES[:] = [0]
    except SystemExit as end:
        _CODES[:] = [end.code if isinstance(end.code, int) else int(end.code is not None)]
        raise


def _leave() -> None:
    """Ends the process at once if it has such work; runs after all exit functions except those of logging."""
    if not _CODES:
        return
    code = _CODES[0]
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):  # a closed pipe: there is no reader
            code = code or 1
    os._exit(code)


atexit.register(_leave)
"""Registered with the first import of the package: the first function registered is called last."""
