"""The order of the test files: the longest first, by the seconds that `durations.txt` has of each.

`pytest --record-durations` writes that file; the seconds need not be exact, for they only order the files.
"""

from collections import Counter
from functools import cache
from pathlib import Path
from statistics import median

import pytest

DURATIONS = Path(__file__).with_name("durations.txt")
LEAST_SECONDS = 1.0
"""Files that take less are not recorded."""


def sort(items: list[pytest.Item]) -> None:
    """Sorts tests by file; those of one file keep their order."""
    seconds = read_durations()
    usual = median(seconds.values())

    def key(item: pytest.Item) -> tuple[float, str]:
        file = file_of(item.nodeid)
        return -seconds.get(file, usual), file

    items.sort(key=key)


@cache
def read_durations(file: Path = DURATIONS) -> dict[str, float]:
    """Reads the seconds of each test file."""
    lines = file.read_text(encoding="utf-8").splitlines()
    return {path: float(seconds) for seconds, path in (line.split() for line in lines)}


def file_of(nodeid: str) -> str:
    """Returns the file of a test."""
    return nodeid.partition("::")[0]


class Recorder:
    """Adds up the seconds of each file, and writes them when all tests have ended."""

    def __init__(self, file: Path = DURATIONS) -> None:
        self._file = file
        self._seconds = Counter[str]()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Takes the seconds of one phase of a test, from whichever process ran it."""
        self._seconds[file_of(report.nodeid)] += report.duration  # type: ignore[assignment]

    def pytest_sessionfinish(self) -> None:
        """Writes the file, the longest first; files that did not run keep what is recorded of them."""
        seconds = Counter(read_durations(self._file) | dict(self._seconds))
        long = [(file, n) for file, n in seconds.most_common() if n >= LEAST_SECONDS]
        self._file.write_text("".join(f"{n:.1f} {file}\n" for file, n in long), encoding="utf-8")
