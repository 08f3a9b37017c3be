"""Scratch folders of the tests in memory, where there is room for them.

Lakes are thousands of small files, and the tests take a tenth less time if no disk holds them. `--basetemp` chooses
another place, and `make test-all` uses the disk.
"""

import os
import shutil
from pathlib import Path
from typing import Final

import pytest

from ais_indicators.machine import memory_bytes
from tests.examples import is_full

IN_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - a run has a folder of its own there
PREFIX: Final = "ais-indicators-tests-"
LEAST_FREE_BYTES: Final = 6 * 2**30
"""A run leaves 2 GB."""

LEAST_MEMORY_BYTES: Final = 16 * 2**30


def choose(config: pytest.Config, in_memory: Path = IN_MEMORY) -> None:
    """Gives the run a folder in memory, and removes those of runs that were killed."""
    if config.option.basetemp or is_full() or not has_room(in_memory):
        return
    for left in in_memory.glob(f"{PREFIX}*"):
        if not Path("/proc", left.name.removeprefix(PREFIX)).exists():
            shutil.rmtree(left, ignore_errors=True)
    folder = in_memory / f"{PREFIX}{os.getpid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    config.option.basetemp = folder / "run"
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


def has_room(in_memory: Path) -> bool:
    """Returns whether the folder is there, and it and the machine are large enough."""
    return (
        in_memory.is_dir()
        and shutil.disk_usage(in_memory).free >= LEAST_FREE_BYTES
        and memory_bytes() >= LEAST_MEMORY_BYTES
    )
