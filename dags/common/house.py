"""Settings shared by all DAGs: how a task is submitted, its owner, and who is notified when it fails."""

import os
import shlex
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator
from airflow.providers.smtp.hooks.smtp import SmtpHook
from airflow.providers.standard.sensors.bash import BashSensor
from airflow.sdk import DAG, BaseHook

from ais_indicators.tasks import Task, edges
from dags.common.alerts import Alert, Mailer, describe_failure, letter, send_alert

ROOT = Path(__file__).resolve().parents[2]
SPARK_BIN = ROOT / ".venv" / "bin"
JARS = os.environ.get("AIS_INDICATORS_JARS") or str(ROOT / ".venv" / "share" / "ais-indicators" / "jars")
QUIET_LOG = f"-Dlog4j2.configurationFile=file:{ROOT / 'ais_indicators' / 'io' / 'log4j2.properties'}"
ISO_WEEK = "{{ week_of_run(dag_run, params) }}"
"""Week of a run of a DAG with the macro `week_of_run`."""

POOL = "ais_lake"
"""Pool of one slot that every task takes, whatever its DAG: a task holds the whole lake."""
VERDICTS = ("check_release",)
"""Tasks whose failure is an answer, so that trying again would only give the same one."""
FIRST_MONDAY = datetime(2019, 12, 30, tzinfo=UTC)
"""Of 2020-W01, the first week that can be backfilled."""

DEADLINE_HOURS = float(os.environ.get("AIS_INDICATORS_DEADLINE_HOURS") or 36)
"""So long after a week's end its run waits for days without messages; then it goes with what is there."""
NOT_YET = 5
"""Exit code of `ais-indicators ready` while it is worth waiting."""

ALERT_LOG_VARIABLE = "AIS_INDICATORS_ALERT_LOG"
ALERT_WEBHOOK_VARIABLE = "AIS_INDICATORS_ALERT_WEBHOOK"
ALERT_MAIL_VARIABLE = "AIS_INDICATORS_ALERT_MAIL"
ALERT_CONNECTION = "ais_indicators_alerts"


def house_dag(dag_id: str, doc: str, schedule: Any, tags: Sequence[str], hours: float, **more: Any) -> DAG:
    """A DAG with the settings of the house; its run is given up after so many hours."""
    return DAG(
        dag_id=dag_id,
        description=doc.splitlines()[0],
        doc_md=doc,
        schedule=schedule,
        start_date=FIRST_MONDAY,
        catchup=False,
        max_active_runs=1,
        max_active_tasks=1,
        dagrun_timeout=timedelta(hours=hours),
        on_failure_callback=alert_run,
        default_args={
            "owner": "ais-indicators",
            "pool": POOL,
            "retries": 2,
            "retry_delay": timedelta(minutes=10),
            "execution_timeout": timedelta(hours=3),
            "on_failure_callback": alert_task,
        },
        tags=["ais", "official-statistics", *tags],
        **more,
    )


def add_steps(steps: Sequence[Task], arguments: Mapping[str, Sequence[str]]) -> None:
    """Puts tasks of the registry into the DAG that is open, in the registry's order.

    Args:
        steps: The tasks.
        arguments: Arguments of each job, by the task's cadence.
    """
    operators = {
        step.name: wait(step) if step.cadence == "readiness" else submit(step, arguments[step.cadence])
        for step in steps
    }
    for before, after in edges(steps):
        operators[before.name] >> operators[after.name]


def submit(step: Task, arguments: Sequence[str]) -> SparkSubmitOperator:
    """The operator that submits `jobs/<task>.py`."""
    python = str(SPARK_BIN / "python")
    more: dict[str, Any] = {"retries": 0} if step.name in VERDICTS else {}
    return SparkSubmitOperator(
        task_id=step.name,
        application=str(ROOT / "jobs" / f"{step.name}.py"),
        application_args=list(arguments),
        name=step.name,
        jars=f"{JARS}/*.jar",
        conf={"spark.driver.extraJavaOptions": QUIET_LOG},
        env_vars={
            "PYSPARK_PYTHON": python,
            "PYSPARK_DRIVER_PYTHON": python,
            "AIS_INDICATORS_RUN_ID": "{{ run_id }}",
        },
        doc_md=documentation(step),
        **more,
    )


def wait(step: Task) -> BashSensor:
    """The sensor that asks whether the run's week is ready, and holds no slot between two questions."""
    command = [
        str(SPARK_BIN / "ais-indicators"),
        "ready",
        "--deadline-hours",
        f"{DEADLINE_HOURS:g}",
        "--record",
    ]
    return BashSensor(
        task_id=step.name,
        bash_command=f"{shlex.join(command)} --week {ISO_WEEK}",
        retry_exit_code=NOT_YET,
        mode="reschedule",
        poke_interval=timedelta(minutes=10).total_seconds(),
        timeout=timedelta(hours=DEADLINE_HOURS + 6).total_seconds(),
        execution_timeout=timedelta(minutes=10),
        doc_md=documentation(step),
    )


def documentation(step: Task) -> str:
    """What a task is for, for its page."""
    return f"{step.purpose}\n\nReads {listed(step.reads)}; writes {listed(step.writes)}."


def listed(tables: Sequence[str]) -> str:
    """Names of tables for the documentation of a task."""
    return ", ".join(f"`{name}`" for name in tables) or "files"


def alert_task(context: Mapping[str, Any]) -> None:
    """Reports a task that failed and is not retried."""
    tell({k: v for k, v in context.items() if k != "reason"})


def alert_run(context: Mapping[str, Any]) -> None:
    """Reports a run that failed without a failed task, for example by a timeout."""
    if context.get("reason") != "task_failure":
        tell({"reason": "failed", **context})


def tell(context: Mapping[str, Any]) -> None:
    """Sends the alert of a failure wherever alerts go."""
    send_alert(describe_failure(context), webhook(), alert_log(), mailer())


def webhook() -> str | None:
    """The address that alerts go to: of the environment, else the password of the connection, else none."""
    if address := os.environ.get(ALERT_WEBHOOK_VARIABLE):
        return address
    try:
        password: str | None = BaseHook.get_connection(ALERT_CONNECTION).password
    except Exception:  # an alert goes to its file whatever is wrong with the connection
        return None
    return password


def mailer() -> Mailer | None:
    """What mails alerts to the addresses of the environment, by the mail server of Airflow's own connection."""
    to = [
        address.strip() for address in os.environ.get(ALERT_MAIL_VARIABLE, "").split(",") if address.strip()
    ]

    def send(alert: Alert) -> None:
        with SmtpHook() as server:
            server.send_email_smtp(to=to, subject=alert["text"], html_content=letter(alert))

    return send if to else None


def alert_log() -> Path:
    """The file that keeps alerts, a JSON object a line."""
    home = os.environ.get("AIRFLOW_HOME") or Path.home() / "airflow"
    return Path(os.environ.get(ALERT_LOG_VARIABLE) or Path(home) / "alerts.log")
