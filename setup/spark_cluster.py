"""Spark's own standalone cluster on this machine: a master and some workers, all under one process group each."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyspark

HOST: Final = "127.0.0.1"
MASTER_PORT: Final = 17077
PAGE_PORT: Final = 18080
PATIENCE_SECONDS: Final = 60.0
_MASTER: Final = "org.apache.spark.deploy.master.Master"
_WORKER: Final = "org.apache.spark.deploy.worker.Worker"


class ClusterError(Exception):
    """A part of the cluster did not come up, or ended; the message names its log."""


@dataclass(frozen=True)
class Cluster:
    """A cluster that runs.

    Attributes:
        master: Its address, as `AIS_INDICATORS_SPARK_MASTER` has it.
        page: Address of the master's page.
        processes: The master and its workers.
    """

    master: str
    page: str
    processes: tuple["subprocess.Popen[bytes]", ...]

    def watch(self) -> None:
        """Sees that all parts run.

        Raises:
            ClusterError: One has ended.
        """
        if any(process.poll() is not None for process in self.processes):
            raise ClusterError("a part of the cluster has ended; see its log for the reason")


@contextmanager
def running_cluster(
    folder: Path, workers: int = 2, memory: str = "2g", port: int = MASTER_PORT, page_port: int = PAGE_PORT
) -> Iterator[Cluster]:
    """Starts a master and workers of one core each, and ends them with the block.

    Args:
        folder: Logs and the workers' scratch space.
        workers: How many workers.
        memory: Memory of each.
        port: Port of the master.
        page_port: Port of its page; the workers' pages follow.

    Raises:
        ClusterError: A port is taken, or a part did not come up.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for wanted in (port, page_port):
        _require_free(wanted)
    processes: list[subprocess.Popen[bytes]] = []
    address = f"spark://{HOST}:{port}"
    try:
        master = ("--host", HOST, "--port", str(port), "--webui-port", str(page_port))
        processes.append(_start(folder, "master", _MASTER, *master))
        _wait_for(port, processes[0], folder / "master.log")
        for number in range(1, workers + 1):
            processes.append(_start_worker(folder, number, memory, page_port + number, address))
            _wait_for(page_port + number, processes[-1], folder / f"worker-{number}.log")
        yield Cluster(address, f"http://{HOST}:{page_port}", tuple(processes))
    finally:
        for process in reversed(processes):
            _end(process)


def _start_worker(
    folder: Path, number: int, memory: str, page_port: int, address: str
) -> "subprocess.Popen[bytes]":
    """Starts a worker of one core."""
    name = f"worker-{number}"
    return _start(
        folder, name, _WORKER, "--host", HOST, "--webui-port", str(page_port), "--cores", "1",
        "--memory", memory, "--work-dir", str(folder / name), address,
    )  # fmt: skip


def _start(folder: Path, name: str, java_class: str, *words: str) -> "subprocess.Popen[bytes]":
    home = Path(pyspark.__file__).parent
    environment = os.environ | {"SPARK_HOME": str(home), "SPARK_LOCAL_IP": HOST}
    with (folder / f"{name}.log").open("ab") as log:
        return subprocess.Popen(
            [home / "bin" / "spark-class", java_class, *words],
            stdout=log,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
        )


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise ClusterError(f"port {port} is taken: is a cluster running already?") from error


def _wait_for(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < give_up_at and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return
        time.sleep(0.1)
    raise ClusterError(f"a part of the cluster did not come up; see {log}")


def _end(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
