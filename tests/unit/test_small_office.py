"""The small office's limit: a process tree that stays under it is measured, one that does not is ended."""

import sys
import time

import pytest

from ais_indicators.machine import choose
from benchmarks.small_office import OverLimitError, run, text_of

MEGABYTE = 1_000_000
GIB = 2**30
IN_A_CHILD = "import subprocess, sys; subprocess.run([sys.executable, '-c', {!r}], check=True)"


def hold(megabytes: int, seconds: float) -> str:
    """A program that holds memory in a child of its own."""
    body = f"import time; held = bytearray({megabytes} * 1000000); time.sleep({seconds})"
    return IN_A_CHILD.format(body)


def test_memory_of_children_is_counted() -> None:
    step = run([sys.executable, "-c", hold(80, 1.5)], "hold")
    assert 80 * MEGABYTE < step.peak_bytes < 300 * MEGABYTE
    assert step.samples > 1
    assert step.peak_java_bytes == 0


def test_a_tree_over_the_limit_is_ended_with_all_its_processes() -> None:
    began = time.monotonic()
    with pytest.raises(OverLimitError, match=r"hold held .* GB, more than 0\.04"):
        run([sys.executable, "-c", hold(200, 60)], "hold", limit_bytes=40 * MEGABYTE)
    assert time.monotonic() - began < 30


def test_a_command_that_fails_is_no_measurement() -> None:
    with pytest.raises(RuntimeError, match="ends ended with 3"):
        run([sys.executable, "-c", "raise SystemExit(3)"], "ends")


def test_the_page_reports_the_largest_peak_and_bytes_a_message() -> None:
    step = {"command": "run", "seconds": 10.0, "peak_bytes": 2 * GIB, "peak_java_bytes": GIB, "samples": 100}
    found = {
        "is_sample": False,
        "settings": dict(choose(4 * GIB, 2).environment),
        "load_at_start": 0.5,
        "files": 7,
        "messages": 1000,
        "steps": [step | {"command": "ingest", "peak_bytes": GIB}, step],
        "bytes_on_disk": {"lake": 26_000},
    }
    text = text_of(found)
    assert "**Largest peak: 2.15 GB (2.00 GiB) of 4 GiB.**" in text
    assert "| lake | 0.0 | 26.00 |" in text
    assert "`AIS_INDICATORS_CORES=2`" in text
    assert "summed 200 times, every 0.10 s" in text
