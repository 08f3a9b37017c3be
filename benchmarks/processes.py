"""A contestant's process seen from outside: commands to it, and the memory and processor time of its whole tree."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from benchmarks.contract import Place

SAMPLE_EVERY_S = 0.05
KIB = 1024


@dataclass
class Memory:
    """Peaks of proportional set size (memory shared by processes is split between them), in bytes.

    Attributes:
        peak: Peak of the sum over the tree.
        peak_by_process: Peak of each kind of process, each for itself.
        samples: How many samples were taken.
    """

    peak: int = 0
    peak_by_process: dict[str, int] = field(default_factory=dict)
    samples: int = 0


class Runner:
    """One contestant in its own process."""

    def __init__(self, name: str, place: Place, log: Path) -> None:
        self.name = name
        self._place = place
        self._log = log.open("w", encoding="utf-8")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.child", name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            cwd=Path(__file__).resolve().parents[1],
        )
        self._watched = psutil.Process(self._process.pid)

    def ask(self, action: str, **details: Any) -> Any:
        """Sends a command and waits for its answer.

        Raises:
            RuntimeError: The process ended instead; its log says why.
        """
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps({"action": action, **details}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.name} ended while asked to {action}; see {self._log.name}")
        return json.loads(line)

    def prepare(self, out: Path) -> None:
        """Gives it a fresh folder."""
        place = self._place
        self.ask(
            "prepare",
            out=str(out),
            ports_csv=str(place.ports_csv),
            reference=str(place.reference),
            cores=place.cores,
        )

    def cpu_s(self) -> float:
        """Processor seconds that the tree has used so far, those of ended children included."""
        total = 0.0
        for process in self._tree():
            try:
                times = process.cpu_times()
            except psutil.Error:
                continue
            total += times.user + times.system + times.children_user + times.children_system
        return total

    @contextmanager
    def sampled(self) -> Iterator[Memory]:
        """Samples the memory of the tree while its body runs."""
        memory, ended = Memory(), threading.Event()
        sampler = threading.Thread(target=self._sample, args=(memory, ended))
        sampler.start()
        try:
            yield memory
        finally:
            ended.set()
            sampler.join()

    def close(self) -> None:
        """Ends the contestant, and its process if it does not end by itself."""
        try:
            self.ask("stop")
            self._process.wait(timeout=60)
        except (RuntimeError, OSError, subprocess.TimeoutExpired):
            self._process.kill()
        finally:
            self._log.close()

    def _tree(self) -> list[psutil.Process]:
        try:
            return [self._watched, *self._watched.children(recursive=True)]
        except psutil.Error:
            return []

    def _sample(self, memory: Memory, ended: threading.Event) -> None:
        tree, listed_at = self._tree(), time.monotonic()
        while not ended.is_set():
            began = time.monotonic()
            if began - listed_at > 4 * SAMPLE_EVERY_S:
                tree, listed_at = self._tree(), began
            _note(memory, {process: proportional_set_size(process.pid) for process in tree})
            ended.wait(max(0.0, SAMPLE_EVERY_S - (time.monotonic() - began)))


def proportional_set_size(pid: int) -> int:
    """Bytes of a process, its share of shared pages only; 0 when it has ended."""
    try:
        with open(f"/proc/{pid}/smaps_rollup", "rb") as file:
            for line in file:
                if line.startswith(b"Pss:"):
                    return int(line.split()[1]) * KIB
    except OSError:
        return 0
    return 0


def _note(memory: Memory, sizes: dict[psutil.Process, int]) -> None:
    memory.samples += 1
    memory.peak = max(memory.peak, sum(sizes.values()))
    by_kind: dict[str, int] = {}
    for process, size in sizes.items():
        kind = _kind(process)
        by_kind[kind] = max(by_kind.get(kind, 0), size)
    for kind, size in by_kind.items():
        memory.peak_by_process[kind] = max(memory.peak_by_process.get(kind, 0), size)


_kinds: dict[psutil.Process, str] = {}


def _kind(process: psutil.Process) -> str:
    """`java`, or `python` for the contestant's own process, or `python worker` for its children."""
    if process not in _kinds:
        try:
            is_java = process.name() == "java"
            is_own = process.ppid() == os.getpid()
        except psutil.Error:
            return "ended"
        _kinds[process] = "JVM" if is_java else "main process" if is_own else "Python worker (largest)"
    return _kinds[process]
