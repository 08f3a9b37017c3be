"""Two weeks through a real scheduler: `make airflow-test`, some minutes, no part of `make test`.

A small simulated data set goes through all DAGs: references, files in the inbox, a week that is started by hand, a
backfill of two weeks, maintenance, and a week without messages, whose failure must be reported. The releases must be
those that the command line makes of the same files in another folder, byte for byte. Everything lies in a folder of
its own, and is removed with all processes at the end.
"""

import json
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from types import FrameType
from typing import Any

from ais_indicators.io.delta import read_rows
from ais_indicators.settings import Settings
from ais_indicators.tasks import weekly_order
from setup.airflow_process import LINEAGE, SPARK_BIN, Airflow, AirflowError
from tests.dags.webhook import SECRET, Webhook, listening

COMMAND = SPARK_BIN / "ais-indicators"
WEEKS = ("2026-W02", "2026-W03")
MONDAYS = ("2026-01-05T00:00:00+00:00", "2026-01-12T00:00:00+00:00")
AFTER_FIRST_WEEK = "2026-01-12T06:00:00+00:00"
EMPTY_WEEK = "2026-W10"
OCEAN = ("--weeks", "2", "--ships", "20", "--thin", "600", "--start", WEEKS[0])
BACKFILL = (
    *(
        "backfill",
        "create",
        "--dag-id",
        "weekly_indicators",
        "--from-date",
        MONDAYS[0],
        "--to-date",
        MONDAYS[1],
    ),
    *("--max-active-runs", "1", "--reprocess-behavior", "completed"),
)
REFERENCES = {"ports": "ports.geojson", "gates": "gates.geojson", "vessels": "register.csv"}
DAGS = ("daily_ingest", "maintenance", "update_references", "weekly_indicators")
BAD_STATES = {"failed", "upstream_failed", "up_for_retry", "removed"}
RUN_SECONDS = 1800
ALERT_SECONDS = 60
TALE_LINES = 30
SETTINGS = {
    "AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE": "False",  # no run but those that are asked for
    "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
    "AIRFLOW__SCHEDULER__SCHEDULER_HEARTBEAT_SEC": "2",
}
BEGAN = time.monotonic()


def main() -> int:
    """Goes the whole way in a temporary folder; 0 when all held."""
    signal.signal(signal.SIGTERM, _interrupt)
    folder = Path(tempfile.mkdtemp(prefix="ais-airflow-"))
    airflow = Airflow(folder / "airflow", folder / "scheduled", free_port(), **SETTINGS)
    try:
        with listening() as webhook, airflow:
            airflow.environment["AIS_INDICATORS_ALERT_WEBHOOK"] = webhook.address
            go(folder, airflow, webhook)
    except (AirflowError, AssertionError, subprocess.CalledProcessError) as error:
        tell(f"FAILED: {error}")
        return 1
    finally:
        left = list(airflow.processes())
        shutil.rmtree(folder, ignore_errors=True)
        tell(f"cleaned up, {len(left)} processes left")
    tell("all held")
    return 0


def go(folder: Path, airflow: Airflow, webhook: Webhook) -> None:
    """The way itself."""
    by_hand, scheduled = folder / "by-hand", folder / "scheduled"
    command(by_hand, "simulate", "--out", folder / "ocean", *OCEAN)
    for data_dir in (by_hand, scheduled):
        deliver(folder / "ocean", data_dir)
    run_by_hand(by_hand)
    tell("Airflow: setting up and starting")
    airflow.prepare()
    airflow.start()
    scheduler = Scheduler(airflow)
    scheduler.switch_on(DAGS)
    scheduler.run("update_references")
    scheduler.run("daily_ingest")
    scheduler.wait("weekly_indicators", scheduler.trigger_by_command(AFTER_FIRST_WEEK))
    scheduler.backfill()
    scheduler.run("maintenance")
    check_records(scheduled)
    for week in WEEKS:
        compare(week, by_hand, scheduled)
    check_lineage(airflow)
    assert webhook.received == [], f"alerts without a failure: {webhook.received}"
    scheduler.fail("weekly_indicators", EMPTY_WEEK, webhook)


class Scheduler:
    """Asks the running Airflow over its REST interface, and reports the progress of runs."""

    def __init__(self, airflow: Airflow) -> None:
        self.airflow = airflow
        self.token: str = airflow.call("GET", "/auth/token")["access_token"]

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """One call of the REST interface."""
        return self.airflow.call(method, f"/api/v2{path}", body, self.token)

    def switch_on(self, names: Iterable[str]) -> None:
        """Waits until the DAGs are read, and unpauses them."""
        wanted, end = set(names), time.monotonic() + RUN_SECONDS
        while not wanted <= (seen := {dag["dag_id"] for dag in self.ask("GET", "/dags")["dags"]}):
            self.airflow.watch()
            assert time.monotonic() < end, f"Airflow reads only {sorted(seen)}"
            time.sleep(1)
        assert self.ask("GET", "/importErrors")["total_entries"] == 0, "a DAG cannot be imported"
        for name in sorted(wanted):
            self.ask("PATCH", f"/dags/{name}", {"is_paused": False})
        tell(f"DAGs on: {', '.join(sorted(wanted))}")

    def run(self, dag: str) -> None:
        """Starts a run by hand and waits until it is green."""
        self.wait(dag, self.trigger(dag))

    def trigger(self, dag: str, **params: str) -> str:
        """Starts a run as the form of Airflow's page does; gives its identifier."""
        asked = {"logical_date": None, "conf": params}
        run: dict[str, str] = self.ask("POST", f"/dags/{dag}/dagRuns", asked)
        return run["dag_run_id"]

    def trigger_by_command(self, logical_date: str) -> str:
        """Starts a weekly run of a date by Airflow's command line; gives its identifier."""
        asked = ("dags", "trigger", "weekly_indicators", "--logical-date", logical_date, "--output", "json")
        printed = self.airflow.command(*asked)
        run: dict[str, str] = json.loads(printed[printed.index("[{") :])[0]  # log lines come before it
        return run["dag_run_id"]

    def fail(self, dag: str, week: str, webhook: Webhook) -> None:
        """Starts a run of a week without messages: it must fail, and one alert must say so."""
        path = f"/dags/{dag}/dagRuns/{self.trigger(dag, week=week)}"
        began = time.monotonic()
        while (state := self.ask("GET", path)["state"]) in ("queued", "running"):
            assert time.monotonic() < began + RUN_SECONDS, f"{dag} is {state} still"
            time.sleep(2)
        assert state == "failed", f"a week without messages is {state}"
        end = time.monotonic() + ALERT_SECONDS
        while not webhook.received and time.monotonic() < end:
            time.sleep(1)
        reported = [alert["task_id"] for alert in webhook.received]
        assert reported == ["confirm_days"], f"alerts of {reported}, not of confirm_days alone"
        kept = (self.airflow.home / "alerts.log").read_text(encoding="utf-8").splitlines()
        assert [json.loads(line) for line in kept] == webhook.received, "the alert is not in the file"
        logs = [path for path in (self.airflow.home / "logs").rglob("*.log") if path.is_file()]
        shown = [path.name for path in logs if SECRET in path.read_text(errors="replace")]
        assert shown == [], f"the webhook's address is in {shown}"
        tell(f"{dag}: failed as it should, reported: {webhook.received[0]['text']}")

    def backfill(self) -> None:
        """A backfill of the weeks: what it would do, then in earnest; one week after the other."""
        planned = self.airflow.command(*BACKFILL, "--dry-run")
        assert all(monday[:10] in planned for monday in MONDAYS), f"the dry run plans otherwise: {planned}"
        tell("backfill, dry run: both weeks planned")
        self.airflow.command(*BACKFILL)
        path = "/dags/weekly_indicators/dagRuns?run_type=backfill&order_by=logical_date"
        runs = self.ask("GET", path)["dag_runs"]
        assert len(runs) == len(WEEKS), f"{len(runs)} runs, not {len(WEEKS)}"
        for run in runs:
            self.wait("weekly_indicators", run["dag_run_id"])
        first, second = self.ask("GET", path)["dag_runs"]
        assert first["end_date"] <= second["start_date"], "the second week began before the first had ended"

    def wait(self, dag: str, run_id: str) -> None:
        """Waits until all tasks of a run are green, and reports how each ended."""
        path, reported, began = f"/dags/{dag}/dagRuns/{run_id}", set(), time.monotonic()
        while True:
            self.airflow.watch()
            tasks = {
                t["task_id"]: t["state"] for t in self.ask("GET", f"{path}/taskInstances")["task_instances"]
            }
            for name, state in tasks.items():
                assert state not in BAD_STATES, f"{dag}.{name} is {state}\n{self.tale(dag, run_id, name)}"
                if state == "success" and name not in reported:
                    reported.add(name)
                    tell(f"{dag} {name}: {state}")
            state = self.ask("GET", path)["state"]
            assert state != "failed", f"{dag} {run_id} failed"
            if state == "success":
                tell(f"{dag}: green in {time.monotonic() - began:.0f} s")
                return
            assert time.monotonic() < began + RUN_SECONDS, f"{dag} {run_id} is {state} still: {tasks}"
            time.sleep(2)

    def tale(self, dag: str, run_id: str, task: str) -> str:
        """The end of a task's log."""
        logs = sorted((self.airflow.home / "logs").glob(f"dag_id={dag}/run_id={run_id}/task_id={task}/*.log"))
        lines = logs[-1].read_text(errors="replace").splitlines() if logs else ["it has no log"]
        return "\n".join(line[:400] for line in lines[-TALE_LINES:])


def deliver(ocean: Path, data_dir: Path) -> None:
    """Puts the files of the ocean where the DAGs look for them."""
    shutil.copytree(ocean / "messages", data_dir / "inbox")
    for kind, name in REFERENCES.items():
        folder = data_dir / "references" / kind
        folder.mkdir(parents=True)
        shutil.copy2(ocean / name, folder)


def run_by_hand(data_dir: Path) -> None:
    """The same weeks on the command line."""
    for kind, name in REFERENCES.items():
        command(data_dir, kind, "load", data_dir / "references" / kind / name)
    command(data_dir, "ingest", data_dir / "inbox")
    for week in WEEKS:
        command(data_dir, "run", "--week", week)


def command(data_dir: Path, *arguments: object) -> str:
    """Calls `ais-indicators`, reports it, and returns what it printed."""
    began = time.monotonic()
    called = [str(COMMAND), "--data-dir", str(data_dir), *map(str, arguments)]
    done = subprocess.run(called, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"`{' '.join(called)}` ended with {done.returncode}: {done.stderr[-1500:]}"
    tell(f"ais-indicators {arguments[0]}: done in {time.monotonic() - began:.0f} s")
    return done.stdout


def check_records(data_dir: Path) -> None:
    """The scheduled runs stand in `ops.runs`: every task done, both weeks confirmed as complete."""
    rows = read_rows(Settings(data_dir), "ops.runs").to_pylist()
    assert {row["outcome"] for row in rows} == {"done"}, "a task failed"
    days = {row["week"]: json.loads(row["summary"])[0] for row in rows if row["task"] == "confirm_days"}
    assert sorted(days) == list(WEEKS), f"confirmed: {sorted(days)}"
    assert all(not d["missing"] and d["heard_to_end"] for d in days.values()), f"incomplete: {days}"


def check_lineage(airflow: Airflow) -> None:
    """Each task of the weekly run reported to OpenLineage when it began and that it was complete."""
    events = [json.loads(line) for line in (airflow.home / LINEAGE).read_text(encoding="utf-8").splitlines()]
    reported = {(event["job"]["name"], event["eventType"]) for event in events}
    wanted = {
        f"weekly_indicators.{name}" for name in ("confirm_days", *(step.name for step in weekly_order()))
    }
    for name in sorted(wanted):
        lacking = {"START", "COMPLETE"} - {kind for job, kind in reported if job == name}
        assert not lacking, f"OpenLineage lacks {sorted(lacking)} of {name}"
    tell(f"OpenLineage: {len(events)} events, every weekly task begun and complete")


def compare(week: str, by_hand: Path, scheduled: Path) -> None:
    """The served releases of a week are the same; only the counts of the tables' commits may differ."""
    one, other = (served(data_dir, week) for data_dir in (by_hand, scheduled))
    assert one.name == other.name, f"{week}: release {one.name} by hand, {other.name} scheduled"
    files = sorted(path.relative_to(one) for path in one.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(other) for path in other.rglob("*") if path.is_file())
    assert files, f"release {one.name} is empty"
    for file in files:
        if file.name == "manifest.json":
            assert without_versions(one / file) == without_versions(other / file), f"{week}: {file} differs"
        else:
            assert (one / file).read_bytes() == (other / file).read_bytes(), f"{week}: {file} differs"
    tell(f"{week}: release {one.name} is the same, {len(files)} files")


def served(data_dir: Path, week: str) -> Path:
    """Folder of the release that is served for a week."""
    releases = json.loads(command(data_dir, "release", "list", "--json"))
    release: str = next(r["id"] for r in releases if r["week"] == week and r["served"])
    return data_dir / "releases" / release


def without_versions(manifest: Path) -> dict[str, Any]:
    """A manifest without how often each table was committed to, which repeated runs raise."""
    content: dict[str, Any] = json.loads(manifest.read_text(encoding="utf-8"))
    del content["table_versions"], content["release_sequence"]
    return content


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def tell(line: str) -> None:
    """One line of progress."""
    print(f"[{time.monotonic() - BEGAN:4.0f} s] {line}", flush=True)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
