"""Starts the command as a user does, and kills what is asked for of its processes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import psutil

from ais_indicators.settings import EXECUTOR_VARIABLE, MASTER_VARIABLE, PROFILE_VARIABLE, Settings
from setup.spark_cluster import Cluster

COMMAND = Path(sys.executable).parent / "ais-indicators"
PATIENCE_SECONDS = 420.0
LOOK_AGAIN_SECONDS = 0.02
UNCLEAR = ("Traceback", "unexpected ")
Target = Literal["process group", "JVM", "Python worker", "executor"]
TARGETS: tuple[Target, ...] = ("process group", "Python worker")
SPARK_TARGETS: tuple[Target, ...] = (*TARGETS, "JVM")
JAVA_CLASSES: Mapping[Target, str] = {"JVM": "deploy.SparkSubmit", "executor": "CoarseGrainedExecutorBackend"}


@dataclass(frozen=True)
class Ground:
    """Where the work of a command is done.

    Attributes:
        targets: What there is to be killed.
        environment: Variables of the command in addition to those of this process.
        hosts: Ids of processes other than the command's own under which its work is done.
    """

    targets: tuple[Target, ...] = TARGETS
    environment: Mapping[str, str] = field(default_factory=dict)
    hosts: tuple[int, ...] = ()


def in_spark() -> Ground:
    """Spark on this machine: Java and its Python workers."""
    return Ground(SPARK_TARGETS, {EXECUTOR_VARIABLE: "spark"})


def on_cluster(cluster: Cluster) -> Ground:
    """The workers of a Spark cluster, which have executors of their own."""
    environment = {
        PROFILE_VARIABLE: "cluster",
        MASTER_VARIABLE: cluster.master,
        EXECUTOR_VARIABLE: "spark",
    }
    return Ground((*SPARK_TARGETS, "executor"), environment, tuple(p.pid for p in cluster.processes))


@dataclass(frozen=True)
class Ending:
    """How a command ended.

    Attributes:
        code: Its exit code; negative for a signal.
        sentence: The last line that it said.
        said: All that it said.
        seconds: How long it took.
        was_hit: Whether a process was killed.
    """

    code: int
    sentence: str
    said: str
    seconds: float
    was_hit: bool = False

    @property
    def is_clear(self) -> bool:
        """Done, or ended with a sentence that says what is the matter."""
        return self.code == 0 or (self.code > 0 and not any(mark in self.said for mark in UNCLEAR))


class Running:
    """A command that was started in a process group of its own."""

    def __init__(
        self, lake: Settings, *arguments: object, prefix: tuple[str, ...] = (), ground: Ground | None = None
    ) -> None:
        self._started, self._ground = time.monotonic(), ground or Ground()
        given = [*prefix, str(COMMAND), "--data-dir", str(lake.data_dir), *map(str, arguments)]
        self._process = subprocess.Popen(
            given,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            env=os.environ | dict(self._ground.environment),
        )

    def end(self, was_hit: bool = False) -> Ending:
        """Waits for the end."""
        try:
            said, _ = self._process.communicate(timeout=PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill_all()
            said, _ = self._process.communicate()
            said += "\nTraceback: the command did not come to an end"
        lines = [line.strip() for line in said.splitlines() if line.strip() and "━" not in line]
        seconds = time.monotonic() - self._started
        code = int(self._process.returncode)
        return Ending(code, lines[-1] if lines else "", said, seconds, was_hit)

    def kill_at(self, seconds: float, target: Target) -> Ending:
        """Kills a process at a moment, or as soon after it as there is one of the kind."""
        while time.monotonic() - self._started < seconds and self._process.poll() is None:
            time.sleep(LOOK_AGAIN_SECONDS)
        if target == "process group":
            was_hit = self._process.poll() is None
            self.kill_all()
            return self.end(was_hit)
        while self._process.poll() is None:
            victim = self._find(target)
            if victim is not None:
                victim.kill()
                return self.end(was_hit=True)
            time.sleep(LOOK_AGAIN_SECONDS)
        return self.end()

    def kill_all(self) -> None:
        """Kills the process group; what it leaves behind, Spark's daemon of workers, goes too."""
        left = _descendants(self._process.pid)
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        _, alive = psutil.wait_procs(left, timeout=5)
        for process in alive:
            process.kill()

    def _find(self, target: Target) -> psutil.Process | None:
        for root in (self._process.pid, *self._ground.hosts):
            for process in _descendants(root):
                try:
                    if _is(target, process):
                        return process
                except psutil.NoSuchProcess:
                    continue
        return None


def _is(target: Target, process: psutil.Process) -> bool:
    if target in JAVA_CLASSES:
        return process.name() == "java" and JAVA_CLASSES[target] in " ".join(process.cmdline())
    above = process.parent()
    return (
        above is not None
        and _forks_workers(process)
        and _forks_workers(above)  # what forks the workers has the same command line as they
    )


def _forks_workers(process: psutil.Process) -> bool:
    """Whether it is Spark's daemon, or the server that forks the local executor's processes."""
    return any(server in word for word in process.cmdline()[1:] for server in ("daemon", "forkserver"))


def _descendants(pid: int) -> list[psutil.Process]:
    try:
        return list(psutil.Process(pid).children(recursive=True))
    except psutil.NoSuchProcess:
        return []
