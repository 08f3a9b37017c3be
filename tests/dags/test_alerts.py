"""Alerts on failure: what they say, where they go, and that nothing breaks and no address is shown on the way."""

import json
import logging
import os
import socket
import subprocess
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope

from dags.common.alerts import describe_failure, send_alert
from tests.dags.webhook import SECRET, Webhook, listening

ROOT = Path(__file__).parents[2]
AIRFLOW_PYTHON = ROOT / ".venv-airflow" / "bin" / "python"
TASK = SimpleNamespace(
    dag_id="weekly_indicators", task_id="check_release", run_id="manual", log_url="http://127.0.0.1/log"
)


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    with listening() as found:
        yield found


def kept_lines(log: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]


def test_an_alert_names_the_task_the_run_and_the_error() -> None:
    error = RuntimeError("Cannot execute: spark-submit\nsecond line")
    alert = describe_failure({"task_instance": TASK, "exception": error, "data_interval_start": "2026-01-05"})
    assert (
        alert["text"]
        == "weekly_indicators.check_release failed in manual: RuntimeError: Cannot execute: spark-submit"
    )
    assert (alert["task_id"], alert["interval_start"]) == ("check_release", "2026-01-05")
    assert alert["log_url"] == "http://127.0.0.1/log"


def test_an_alert_of_a_run_names_no_task() -> None:
    dag = SimpleNamespace(dag_id="weekly_indicators")
    alert = describe_failure(
        {"dag": dag, "run_id": "scheduled", "reason": "timed_out", "task_instance": TASK}
    )
    assert alert["text"] == "weekly_indicators failed in scheduled: timed_out"


def test_an_alert_of_nothing_known_is_one_all_the_same() -> None:
    assert describe_failure({})["text"].endswith("no reason given")


def test_an_alert_is_kept_and_sent(webhook: Webhook, tmp_path: Path) -> None:
    log = tmp_path / "new" / "alerts.log"
    alert = describe_failure({"task_instance": TASK})
    send_alert(alert, webhook.address, log)
    send_alert(alert, None, log)
    assert webhook.received == [alert]
    assert kept_lines(log) == [alert, alert]


@pytest.mark.parametrize("fault", ["refuses", "is not there", "is no address", "is a file"])
def test_a_webhook_that_fails_breaks_nothing_and_its_address_is_not_logged(
    fault: str, webhook: Webhook, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    webhook.status = 500
    address = {
        "refuses": webhook.address,
        "is not there": f"http://127.0.0.1:9/{SECRET}",
        "is no address": SECRET,
        "is a file": f"file:///{SECRET}",
    }[fault]
    with caplog.at_level(logging.DEBUG):
        send_alert(describe_failure({"task_instance": TASK}), address, tmp_path / "alerts.log")
    assert "the alert could not be sent" in caplog.text
    assert SECRET not in caplog.text
    assert len(kept_lines(tmp_path / "alerts.log")) == 1


def test_a_file_that_cannot_be_written_keeps_no_alert_from_the_webhook(
    webhook: Webhook, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    send_alert(describe_failure({"task_instance": TASK}), webhook.address, tmp_path)
    assert len(webhook.received) == 1
    assert "the alert could not be kept" in caplog.text


CALLBACKS = """
import json, os, sys, traceback
from types import SimpleNamespace
from dags.common.house import alert_run, alert_task
def call_back():
    task = SimpleNamespace(dag_id="weekly_indicators", task_id="track_vessels", run_id="r", log_url="")
    dag = SimpleNamespace(dag_id="weekly_indicators")
    alert_task({"task_instance": task, "dag": dag, "run_id": "r", "exception": ValueError("no disk")})
    alert_run({"dag": dag, "run_id": "r", "reason": "task_failure"})
    alert_run({"dag": dag, "run_id": "r", "reason": "timed_out"})
for line in sys.stdin:
    asked, code = json.loads(line), 0
    child = os.fork()
    if child == 0:
        shown = os.open(asked["output"], os.O_CREAT | os.O_WRONLY)
        os.dup2(shown, 1)
        os.dup2(shown, 2)
        os.environ.update(asked["environment"])
        try:
            call_back()
        except BaseException:
            traceback.print_exc()
            code = 1
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
"""Calls the callbacks in a new process for each line of its input, which loads Airflow once for all of them."""


class Letters:
    """What a mail server took in: who it is for, and its text."""

    def __init__(self) -> None:
        self.received: list[tuple[list[str], str]] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:  # noqa: N802
        text = message_from_bytes(envelope.original_content or b"", policy=default)
        parts = [part.get_content() for part in text.walk() if not part.is_multipart()]
        self.received.append((envelope.rcpt_tos, f"{text['Subject']}\n{''.join(parts)}"))
        return "250 OK"


@pytest.fixture(scope="module")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator["subprocess.Popen[str]"]:
    """A process of Airflow's environment that waits for what it shall call back."""
    if not AIRFLOW_PYTHON.exists():
        pytest.skip("Airflow's environment is not here; `make airflow-setup` gives it")
    home = str(tmp_path_factory.mktemp("airflow"))
    with subprocess.Popen(
        [AIRFLOW_PYTHON, "-c", CALLBACKS],
        env=os.environ | {"AIRFLOW_HOME": home, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        yield process


def called_back(airflow: "subprocess.Popen[str]", home: Path, environment: dict[str, str]) -> str:
    """Calls the callbacks as Airflow does, in a process of their own; gives what it printed."""
    assert airflow.stdin
    assert airflow.stdout
    output = home / "output.txt"
    given = {"AIRFLOW_HOME": str(home)} | environment
    airflow.stdin.write(json.dumps({"output": str(output), "environment": given}) + "\n")
    airflow.stdin.flush()
    code, said = airflow.stdout.readline(), output.read_text(encoding="utf-8")
    assert code == "0\n", said
    return said


def test_alerts_are_mailed_to_the_addresses_of_the_environment(
    airflow: "subprocess.Popen[str]", tmp_path: Path
) -> None:
    letters = Letters()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = Controller(letters, hostname="127.0.0.1", port=port)
    server.start()
    try:
        extra = {"from_email": "ais@office.example", "disable_ssl": True, "disable_tls": True}
        connection = {"conn_type": "smtp", "host": "127.0.0.1", "port": port, "extra": extra}
        to = {"AIS_INDICATORS_ALERT_MAIL": "one@office.example, two@office.example"}
        called_back(airflow, tmp_path, to | {"AIRFLOW_CONN_SMTP_DEFAULT": json.dumps(connection)})
    finally:
        server.stop()
    assert [to for to, _ in letters.received] == [["one@office.example", "two@office.example"]] * 2
    assert "weekly_indicators.track_vessels failed in r: ValueError: no disk" in letters.received[0][1]
    assert len(kept_lines(tmp_path / "alerts.log")) == 2


def test_a_mail_server_that_is_not_there_breaks_nothing(
    airflow: "subprocess.Popen[str]", tmp_path: Path
) -> None:
    connection = {"conn_type": "smtp", "host": "127.0.0.1", "port": 9, "password": SECRET}
    to = {"AIS_INDICATORS_ALERT_MAIL": "one@office.example"}
    said = called_back(airflow, tmp_path, to | {"AIRFLOW_CONN_SMTP_DEFAULT": json.dumps(connection)})
    assert len(kept_lines(tmp_path / "alerts.log")) == 2
    assert SECRET not in said


@pytest.mark.parametrize("place", ["environment", "connection", "nowhere"])
def test_callbacks_of_the_dags_take_the_address_from_environment_or_connection(
    place: str, airflow: "subprocess.Popen[str]", webhook: Webhook, tmp_path: Path
) -> None:
    connection = json.dumps({"conn_type": "generic", "password": webhook.address})
    address = {
        "environment": {"AIS_INDICATORS_ALERT_WEBHOOK": webhook.address},
        "connection": {"AIRFLOW_CONN_AIS_INDICATORS_ALERTS": connection},
        "nowhere": {},
    }[place]
    said = called_back(airflow, tmp_path, address)
    texts = [
        "weekly_indicators.track_vessels failed in r: ValueError: no disk",
        "weekly_indicators failed in r: timed_out",
    ]
    assert [line["text"] for line in kept_lines(tmp_path / "alerts.log")] == texts
    assert [alert["text"] for alert in webhook.received] == ([] if place == "nowhere" else texts)
    assert SECRET not in said
