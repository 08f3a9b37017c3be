"""Ends a process with the exit code of its work, whatever native libraries do while they are unloaded."""

import atexit
import logging
import os
import sys
from collections.abc import Callable
from typing import Final

_CODES: Final[list[int]] = []
"""The exit code of the process, once its work has begun."""


def exit_after(work: Callable[[], None]) -> None:
    """Runs the work of a process, and sees to it that its exit code is what the work came to.

    Libraries with threads of their own (Arrow, DuckDB, delta-rs) now and then abort the process while their static
    objects are destroyed ("terminate called without an active exception"), after all work was committed; a scheduler
    then takes a good run for a failed one. So the process leaves before those destructors, and after all that Python
    itself does at an end: threads are awaited, exit functions called, logs and output written out.

    Args:
        work: What the process is for; may raise SystemExit. Called once, last in the process's main function.

    Raises:
        SystemExit: As the work raised it.
    """
    _CODES[:] = [1]  # what an error that nobody caught gives
    try:
        work()
        _CODES[:] = [0]
    except SystemExit as end:
        _CODES[:] = [end.code if isinstance(end.code, int) else int(end.code is not None)]
        raise


def _leave() -> None:
    """Ends the process at once, where it has such work; the last of its exit functions but those of logging."""
    if not _CODES:
        return
    code = _CODES[0]
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):  # a closed pipe: nobody reads any more
            code = code or 1
    os._exit(code)


atexit.register(_leave)
"""Registered with the first import of the package: what is registered first is called last."""
