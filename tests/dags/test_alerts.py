"""Alerts on failure: what they say, where they go, and that nothing breaks and no address is shown on the way."""

import json
import logging
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

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
from types import SimpleNamespace
from dags.common.house import alert_run, alert_task
task = SimpleNamespace(dag_id="weekly_indicators", task_id="track_vessels", run_id="r", log_url="")
dag = SimpleNamespace(dag_id="weekly_indicators")
alert_task({"task_instance": task, "dag": dag, "run_id": "r", "exception": ValueError("no disk")})
alert_run({"dag": dag, "run_id": "r", "reason": "task_failure"})
alert_run({"dag": dag, "run_id": "r", "reason": "timed_out"})
"""


@pytest.mark.parametrize("place", ["environment", "connection", "nowhere"])
def test_callbacks_of_the_dags_take_the_address_from_environment_or_connection(
    place: str, webhook: Webhook, tmp_path: Path
) -> None:
    if not AIRFLOW_PYTHON.exists():
        pytest.skip("Airflow's environment is not here; `make airflow-setup` gives it")
    connection = json.dumps({"conn_type": "generic", "password": webhook.address})
    address = {
        "environment": {"AIS_INDICATORS_ALERT_WEBHOOK": webhook.address},
        "connection": {"AIRFLOW_CONN_AIS_INDICATORS_ALERTS": connection},
        "nowhere": {},
    }[place]
    environment = os.environ | {"AIRFLOW_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)} | address
    done = subprocess.run(
        [AIRFLOW_PYTHON, "-c", CALLBACKS], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    texts = [
        "weekly_indicators.track_vessels failed in r: ValueError: no disk",
        "weekly_indicators failed in r: timed_out",
    ]
    assert [line["text"] for line in kept_lines(tmp_path / "alerts.log")] == texts
    assert [alert["text"] for alert in webhook.received] == ([] if place == "nowhere" else texts)
    assert SECRET not in done.stdout + done.stderr
