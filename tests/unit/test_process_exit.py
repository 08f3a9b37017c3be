"""A process ends with the exit code of its work, though a native library aborts while it is unloaded."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

ABORTS_AT_THE_END = """
import atexit, ctypes, sys, threading, time
from ais_indicators.process_exit import exit_after
libc = ctypes.CDLL(None)
libc.__cxa_atexit(ctypes.cast(libc.abort, ctypes.c_void_p), None, None)  # as a destructor that goes wrong
"""
WORK = """
def work():
    atexit.register(print, "cleaned up")
    threading.Thread(target=lambda: (time.sleep(0.3), print("the thread has ended"))).start()
    print("worked")
"""


def ended(script: str) -> tuple[int, list[str], str]:
    """Exit code, lines printed, and what was said of errors, of a Python process."""
    done = subprocess.run(
        [sys.executable, "-c", ABORTS_AT_THE_END + WORK + script], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout.splitlines(), done.stderr


def test_without_it_such_an_abort_makes_a_failure_of_work_well_done() -> None:
    code, printed, _ = ended("work()")
    assert code == -signal.SIGABRT
    assert "worked" in printed


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        ("", 0),
        ("sys.exit(3)", 3),
        ("sys.exit(0)", 0),
        ("sys.exit()", 0),
        ("sys.exit('no good')", 1),
        ("1 / 0", 1),
    ],
)
def test_the_exit_code_is_that_of_the_work_and_python_cleans_up(last: str, expected: int) -> None:
    code, printed, said = ended(f"exit_after(lambda: (work(), {last or None}))")
    assert code == expected
    assert printed == ["worked", "the thread has ended", "cleaned up"]
    assert ("no good" in said) == ("no good" in last)
    assert ("ZeroDivisionError" in said) == (last == "1 / 0")


def test_what_libraries_registered_while_they_were_imported_is_called_too() -> None:
    script = """
import ais_indicators.runner, tempfile
kept = tempfile.TemporaryDirectory()
print(kept.name)
from ais_indicators.process_exit import exit_after
exit_after(lambda: None)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not Path(done.stdout.strip()).exists()


def test_a_process_without_such_work_ends_as_any_other() -> None:
    script = "import ais_indicators, sys; sys.exit(7)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 7


def test_a_reader_who_went_away_is_no_success() -> None:
    script = ABORTS_AT_THE_END + "exit_after(lambda: sys.stdout.write('x'))"
    process = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(0.5)" + script],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.wait() == 1
