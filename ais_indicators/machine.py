"""Resources that this process may use, and settings that fit them. Standard library only.

A container often has less than its machine, and Python still sees the complete machine.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

CGROUPS: Final = Path("/sys/fs/cgroup")
MEMORY_LIMITS: Final = ("memory.max", "memory/memory.limit_in_bytes")
"""Files with a container's memory limit, of control groups of version 2 and 1."""
CPU_LIMIT_V2: Final = "cpu.max"
CPU_LIMIT_V1: Final = ("cpu/cpu.cfs_quota_us", "cpu/cpu.cfs_period_us")

BYTES_PER_GIB: Final = 2**30
SPARE_SHARE: Final = 0.25
"""Share of the memory for the system, its page cache and other programs."""
BASE_BYTES: Final = int(1.75 * BYTES_PER_GIB)
"""The command's own process, and Java with a heap of 1 GiB if Spark does the work: 0.5 and 0.8 GB as measured, with a
full heap.
"""
WORKER_BYTES: Final = int(0.6 * BYTES_PER_GIB)
"""A Python worker with one ship bucket's day of a country: 0.51 GB as measured (`benchmarks/README.md`)."""
DRIVER_MEMORY: Final = "1g"
"""Java's heap: enough for a year's backfill of a country (`benchmarks/long_backfill.md`)."""
CORES_VARIABLE: Final = "AIS_INDICATORS_CORES"
DRIVER_MEMORY_VARIABLE: Final = "AIS_INDICATORS_DRIVER_MEMORY"


@dataclass(frozen=True)
class Choice:
    """Settings that fit a machine.

    Attributes:
        cores: Spark's local threads, each with a Python worker.
        driver_memory: Heap of Java.
        expected_bytes: Maximum memory expected for a country's weekly job with them, over all processes.
    """

    cores: int
    driver_memory: str
    expected_bytes: int

    @property
    def environment(self) -> Mapping[str, str]:
        """Returns the settings as environment variables."""
        return {CORES_VARIABLE: str(self.cores), DRIVER_MEMORY_VARIABLE: self.driver_memory}


def choose(memory_bytes: int, cores: int) -> Choice:
    """Chooses as many cores as exist and as have memory for their workers, at least one.

    >>> choose(4 * BYTES_PER_GIB, 2).cores, choose(4 * BYTES_PER_GIB, 16).cores, choose(64 * BYTES_PER_GIB, 16).cores
    (2, 2, 16)
    """
    room = int(memory_bytes * (1 - SPARE_SHARE)) - BASE_BYTES
    chosen = max(1, min(cores, room // WORKER_BYTES))
    return Choice(chosen, DRIVER_MEMORY, expected_bytes(chosen))


def expected_bytes(cores: int) -> int:
    """Returns the maximum memory expected for a country's weekly job on this number of cores."""
    return BASE_BYTES + cores * WORKER_BYTES


def memory_bytes(cgroups: Path = CGROUPS) -> int:
    """Returns the memory of the machine, or of the container if that has less."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limits = (_number(cgroups / name) for name in MEMORY_LIMITS)
    return min([machine, *(limit for limit in limits if limit)])


def usable_cores(cgroups: Path = CGROUPS) -> int:
    """Returns the number of cores that this process may use: of machine, affinity and container the fewest."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = _quota(cgroups)
    return cores if quota is None else max(1, min(cores, int(quota)))


def _quota(cgroups: Path) -> float | None:
    """Returns the cores that a container is granted; None without a limit."""
    words = _text(cgroups / CPU_LIMIT_V2).split()
    if len(words) == 2 and all(word.isdigit() for word in words):  # noqa: PLR2004
        return int(words[0]) / int(words[1])
    quota, period = (_number(cgroups / name) for name in CPU_LIMIT_V1)
    return quota / period if quota and period else None


def _number(path: Path) -> int | None:
    text = _text(path)
    return int(text) if text.isdigit() else None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except OSError:
        return ""
