"""Airflow on this machine: its environment, its parts, and their end. Standard library only.

The parts (API server, scheduler, processor of DAGs) listen on 127.0.0.1 alone. Each is the head of a process group,
so that nothing is left when they end; deferrable tasks there are none, so no triggerer is started.
"""

import json
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
AIRFLOW = ROOT / ".venv-airflow" / "bin" / "airflow"
SPARK_BIN = ROOT / ".venv" / "bin"
PARTS = {
    "api-server": ["api-server"],
    "scheduler": ["scheduler", "--skip-serve-logs"],
    "dag-processor": ["dag-processor"],
}
POOL = "ais_lake"
MARK = "AIS_INDICATORS_AIRFLOW"
"""Variable by which the processes of one start are known, however they part from each other."""
PASSWORDS = "simple_auth_manager_passwords.json.generated"
"""File of the home that Airflow writes its users' passwords to."""

LINEAGE = "lineage.jsonl"
"""File of the home that the OpenLineage events go to, one JSON object a line; another transport may be set."""

START_SECONDS = 240
STOP_SECONDS = 20
CALL_SECONDS = 30


class AirflowError(Exception):
    """Airflow did not do what it was asked to; one sentence says what."""


class Airflow:
    """One Airflow with its own home.

    Attributes:
        home: Folder of its database, settings and logs.
        address: Where its page is.
        environment: Environment of all its parts.
    """

    def __init__(self, home: Path, data_dir: Path, port: int, **settings: str) -> None:
        self.home = home
        self.address = f"http://127.0.0.1:{port}"
        self.environment = self._environment(data_dir, port) | settings | {MARK: uuid.uuid4().hex}
        self._parts: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> "Airflow":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _environment(self, data_dir: Path, port: int) -> dict[str, str]:
        """What is set already wins where it is the office's to choose: database, connection, executor."""
        connection = {"conn_type": "spark", "host": "local[2]", "extra": {"spark-binary": "spark-submit"}}
        lineage = {"type": "file", "log_file_path": str(self.home / LINEAGE), "append": True}
        chosen = {
            "AIRFLOW__OPENLINEAGE__TRANSPORT": json.dumps(lineage),
            "AIRFLOW__OPENLINEAGE__NAMESPACE": "ais-indicators",
            "AIRFLOW__OPENLINEAGE__EXECUTION_TIMEOUT": "60",  # seconds; a busy machine takes longer than 10 to begin
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{self.home}/airflow.db?timeout=60",
            "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
            "AIRFLOW_CONN_SPARK_DEFAULT": json.dumps(connection),
        }
        return {
            **chosen,
            **os.environ,
            "PATH": f"{SPARK_BIN}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "AIS_INDICATORS_DATA_DIR": str(data_dir),
            "AIRFLOW_HOME": str(self.home),
            "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{self.address}/execution/",
            "AIRFLOW__API__HOST": "127.0.0.1",
            "AIRFLOW__API__PORT": str(port),
            "AIRFLOW__API__BASE_URL": self.address,
            "AIRFLOW__API__WORKERS": "1",
        }

    def prepare(self) -> None:
        """Makes the database and the pool; again it changes nothing."""
        self.home.mkdir(parents=True, exist_ok=True)
        self.home.chmod(0o700)  # passwords and keys lie in it
        self.command("db", "migrate")
        self.command("pools", "set", POOL, "1", "One task holds the lake at a time.")

    def command(self, *arguments: str) -> str:
        """Calls Airflow's command line.

        Raises:
            AirflowError: It failed; the message ends with its output.
        """
        done = subprocess.run(
            [AIRFLOW, *arguments], env=self.environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            said = "\n".join((done.stdout + done.stderr).splitlines()[-12:])
            raise AirflowError(f"`airflow {' '.join(arguments)}` failed:\n{said}")
        return done.stdout

    def start(self) -> None:
        """Starts all parts and waits until they are well.

        Raises:
            AirflowError: A part ended, or they were not well in time.
        """
        self.home.joinpath("logs").mkdir(parents=True, exist_ok=True)
        for name, arguments in PARTS.items():
            with self.log_of(name).open("ab") as log:
                self._parts[name] = subprocess.Popen(
                    [AIRFLOW, *arguments],
                    env=self.environment,
                    stdout=log,
                    stderr=log,
                    stdin=subprocess.DEVNULL,
                    start_new_session=True,
                )
        end = time.monotonic() + START_SECONDS
        while not self._is_well():
            self.watch()
            if time.monotonic() > end:
                raise AirflowError(f"Airflow was not well after {START_SECONDS} s; see {self.home / 'logs'}")
            time.sleep(1)

    def log_of(self, part: str) -> Path:
        """The file of what a part says."""
        return self.home / "logs" / f"{part}.log"

    def watch(self) -> None:
        """Looks whether all parts still run.

        Raises:
            AirflowError: One has ended.
        """
        for name, process in self._parts.items():
            if process.poll() is not None:
                raise AirflowError(f"{name} ended with {process.returncode}; see {self.log_of(name)}")

    def _is_well(self) -> bool:
        try:
            health = self.call("GET", "/api/v2/monitor/health", token=None)
        except (AirflowError, OSError):
            return False
        return all(health[part]["status"] == "healthy" for part in ("scheduler", "dag_processor"))

    def call(self, method: str, path: str, body: Any = None, token: str | None = None) -> Any:
        """Calls Airflow's REST interface.

        Raises:
            AirflowError: It refused; the message has its answer.
        """
        request = urllib.request.Request(  # noqa: S310 - the address is this object's own
            self.address + path, method=method, data=None if body is None else json.dumps(body).encode()
        )
        request.add_header("Content-Type", "application/json")
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        try:
            with urllib.request.urlopen(request, timeout=CALL_SECONDS) as answer:  # noqa: S310
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            said = error.read().decode(errors="replace")[:500]
            raise AirflowError(f"{method} {path}: {error.code} {said}") from error

    def stop(self) -> None:
        """Ends all parts and what they started: asked first, then by force."""
        for sign, seconds in ((signal.SIGTERM, STOP_SECONDS), (signal.SIGKILL, STOP_SECONDS)):
            end = time.monotonic() + seconds
            for pid in self.processes():
                send(pid, sign)
            while any(True for _ in self.processes()) and time.monotonic() < end:
                for process in self._parts.values():
                    process.poll()
                time.sleep(0.2)
        self._parts.clear()

    def processes(self) -> Iterator[int]:
        """Numbers of the processes that are of this Airflow: its parts, and whatever they started."""
        known = {p.pid for p in self._parts.values() if p.poll() is None}
        yield from known
        mark = f"{MARK}={self.environment[MARK]}".encode()
        for folder in Path("/proc").glob("[0-9]*"):
            pid = int(folder.name)
            if pid in known:
                continue
            try:
                if mark in (folder / "environ").read_bytes().split(b"\0"):
                    yield pid
            except OSError:  # it has ended, or is another user's
                continue


def send(pid: int, sign: signal.Signals) -> None:
    """Sends a signal to a process that may have ended meanwhile."""
    try:
        os.kill(pid, sign)
    except ProcessLookupError:
        return
