"""Ends a process with the exit code of its work, whatever native libraries do while they are unloaded."""

import atexit
import logging
import os
import sys
from collections.abc import Callable


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
    codes = [1]  # what an error that nobody caught gives
    atexit.register(_leave, codes)  # the first to be registered is the last to be called
    try:
        work()
        codes[0] = 0
    except SystemExit as end:
        codes[0] = end.code if isinstance(end.code, int) else int(end.code is not None)
        raise


def _leave(codes: list[int]) -> None:
    """Ends the process at once; the last of its exit functions."""
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):  # a closed pipe: nobody reads any more
            codes[0] = codes[0] or 1
    os._exit(codes[0])
