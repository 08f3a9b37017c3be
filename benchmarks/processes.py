"""A contestant's process seen from outside: commands to it, and the memory and processor time of its tree.

Linux only: both are read from `/proc`.
"""

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
from typing import IO, Any

from benchmarks.contract import Place

SAMPLE_EVERY_S = 0.05
KIB = 1024
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@dataclass
class Memory:
    """Peaks of proportional set size (pages that processes share are split between them), in bytes.

    Attributes:
        peak: Peak of the sum over the tree.
        peak_by_kind: Peak of the largest process of each kind.
        samples: How many samples were taken.
    """

    peak: int = 0
    peak_by_kind: dict[str, int] = field(default_factory=dict)
    samples: int = 0

    def note(self, sizes: dict[str, int], total: int) -> None:
        """Takes one sample in."""
        self.samples += 1
        self.peak = max(self.peak, total)
        for kind, size in sizes.items():
            self.peak_by_kind[kind] = max(self.peak_by_kind.get(kind, 0), size)


@dataclass(frozen=True)
class Process:
    """One line of the process table.

    Attributes:
        number: Its id.
        parent: The id of its parent.
        name: Its program.
        cpu_s: Processor seconds of itself and of the children that it has seen end.
    """

    number: int
    parent: int
    name: str
    cpu_s: float


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

    def ask(self, action: str, **details: Any) -> Any:
        """Sends a command and waits for its answer.

        Raises:
            RuntimeError: The process ended instead; its log says why.
        """
        commands, answers = self._pipes()
        commands.write(json.dumps({"action": action, **details}) + "\n")
        commands.flush()
        line = answers.readline()
        if not line:
            raise RuntimeError(f"{self.name} ended when asked to {action}; see {self._log.name}")
        return json.loads(line)

    def prepare(self, out: Path) -> None:
        """Gives it a fresh folder."""
        place = self._place
        paths = {"out": out, "ports_csv": place.ports_csv, "reference": place.reference}
        self.ask("prepare", cores=place.cores, **{name: str(path) for name, path in paths.items()})

    def cpu_s(self) -> float:
        """Processor seconds that the tree has used so far."""
        return sum(process.cpu_s for process in process_tree(self._process.pid))

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
        """Ends the contestant, and its process if that does not end on its own."""
        try:
            self.ask("stop")
            self._process.wait(timeout=60)
        except (RuntimeError, OSError, subprocess.TimeoutExpired):
            self._process.kill()
        finally:
            self._log.close()

    def _pipes(self) -> tuple[IO[str], IO[str]]:
        commands, answers = self._process.stdin, self._process.stdout
        if commands is None or answers is None:
            raise RuntimeError(f"{self.name} has no pipes")
        return commands, answers

    def _sample(self, memory: Memory, ended: threading.Event) -> None:
        while not ended.is_set():
            began = time.monotonic()
            sizes: dict[str, int] = {}
            total = 0
            for process in process_tree(self._process.pid):
                size = proportional_set_size(process.number)
                kind = self._kind(process)
                sizes[kind] = max(size, sizes.get(kind, 0))
                total += size
            memory.note(sizes, total)
            ended.wait(max(0.0, SAMPLE_EVERY_S - (time.monotonic() - began)))

    def _kind(self, process: Process) -> str:
        if process.number == self._process.pid:
            return "main process"
        return "JVM" if process.name == "java" else "largest worker"


def process_tree(root: int) -> list[Process]:
    """The process and all its descendants that are alive."""
    everything = [
        found for number in os.listdir("/proc") if number.isdigit() and (found := _read(int(number)))
    ]
    tree = [process for process in everything if process.number == root]
    for process in tree:
        tree.extend(child for child in everything if child.parent == process.number)
    return tree


def proportional_set_size(number: int) -> int:
    """Bytes of a process, its share of shared pages only; 0 when it has ended."""
    try:
        text = Path(f"/proc/{number}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0
    return next((int(line.split()[1]) * KIB for line in text.splitlines() if line.startswith("Pss:")), 0)


def _read(number: int) -> Process | None:
    """Reads `/proc/<number>/stat`; None when the process has ended."""
    try:
        text = Path(f"/proc/{number}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    name, _, rest = text.partition("(")[2].rpartition(")")
    fields = rest.split()
    ticks = sum(int(field) for field in fields[11:15])
    return Process(number, int(fields[1]), name, ticks / _TICKS_PER_S)
