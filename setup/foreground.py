"""What runs in the foreground of a terminal until it is ended, and then ends all that it started."""

import signal
import sys
import time
from collections.abc import Callable
from types import FrameType


def run_until_ended(serve: Callable[[], None], ended: str, *faults: type[Exception]) -> int:
    """Serves until Ctrl-C or SIGTERM; gives the exit code.

    Args:
        serve: Starts all and watches it without end; its context managers end what it started.
        ended: Sentence for the end that was asked for.
        faults: Errors that are reported by their sentence instead of a traceback.
    """
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        serve()
    except KeyboardInterrupt:
        say(ended)
        return 0
    except faults as error:
        say(str(error))
        return 1
    return 0


def watch_on(watch: Callable[[], None]) -> None:
    """Calls `watch` every second, until it raises or the process is ended."""
    while True:
        watch()
        time.sleep(1)


def say(sentence: str) -> None:
    """Prints a sentence on the terminal."""
    sys.stderr.write(sentence + "\n")
    sys.stderr.flush()


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise KeyboardInterrupt
