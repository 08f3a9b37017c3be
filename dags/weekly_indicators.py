r"""Publishes last week's port activity from the AIS files that were delivered.

It takes the files in, follows every ship through the week, counts port activity, runs the quality gate, and
publishes the week as a release. One run is one ISO week, Monday to Sunday in UTC; it starts when the week
is over.

## When a task fails
- `ingest_messages`: read its log, which names the file and the fault. Mend or remove the file in `inbox/`,
  clear the task. A file that was taken in already is not taken in twice.
- `track_vessels`, `identify_vessels`, `compute_port_activity`, `compute_chokepoint_activity`,
  `compute_cell_activity`: clear the task. A week that is computed again replaces itself: same input, same rows.
- `derive_voyages`, `compute_trade_flows`: likewise.
- `check_release`: a critical check failed and nothing was published; the last release stays served.
  `ops.check_results` tells which check and why. The task is not tried again by itself. Mend the data and
  clear from `ingest_messages`, or publish with a name and a reason: `ais-indicators run --help`.
- `publish_release`: clear the task. A release is written whole or not at all.

A log that says *another run is at work* means that somebody holds the lake, a person at the command line
for example: the task is tried again by itself (`check_release` is not: clear it).

## Late and corrected files
Put them into `inbox/`; the next run takes them in. To publish earlier weeks anew, backfill from the first
week that the files touch, one week after the other:

    airflow backfill create --dag-id weekly_indicators --from-date 2026-11-02 --to-date 2026-11-23 \
        --max-active-runs 1 --reprocess-behavior completed

A run that is started by hand takes the last week that was over at its date.

## What it needs
- `make setup` and `make airflow-setup`: two environments, as Airflow's must not hold pyspark.
- Airflow started with the root of the repository in `PYTHONPATH`, `.venv/bin` in `PATH` (for
  `spark-submit`), and this folder as its folder of DAGs. `AIS_INDICATORS_DATA_DIR` says where the data lie,
  as an absolute path.
- The connection `spark_default`, for one machine through the environment:

      AIRFLOW_CONN_SPARK_DEFAULT='{"conn_type": "spark", "host": "local[2]",
                                   "extra": {"spark-binary": "spark-submit"}}'

- The port areas, loaded once with `ais-indicators ports load`, and the register of ships, where there is one,
  with `ais-indicators vessels load`.
"""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator
from airflow.sdk import DAG, CronDataIntervalTimetable

from ais_indicators.tasks import Task, task, upstream, weekly_order

ROOT = Path(__file__).resolve().parent.parent
SPARK_PYTHON = str(ROOT / ".venv" / "bin" / "python")
JARS = os.environ.get("AIS_INDICATORS_JARS") or str(ROOT / ".venv" / "share" / "ais-indicators" / "jars")
QUIET_LOG = f"-Dlog4j2.configurationFile=file:{ROOT / 'ais_indicators' / 'io' / 'log4j2.properties'}"
ISO_WEEK = "{{ data_interval_start.strftime('%G-W%V') }}"
VERDICTS = ("check_release",)
"""Tasks whose failure is an answer, so that trying again would only give the same one."""


def submit(step: Task) -> SparkSubmitOperator:
    """The operator that submits `jobs/<task>.py` for the run's week."""
    return SparkSubmitOperator(
        task_id=step.name,
        application=str(ROOT / "jobs" / f"{step.name}.py"),
        application_args=["--week", ISO_WEEK],
        name=f"{step.name} {ISO_WEEK}",
        jars=f"{JARS}/*.jar",
        conf={"spark.driver.extraJavaOptions": QUIET_LOG},
        env_vars={"PYSPARK_PYTHON": SPARK_PYTHON, "PYSPARK_DRIVER_PYTHON": SPARK_PYTHON},
        doc_md=f"{step.purpose}\n\nReads {listed(step.reads)}; writes {listed(step.writes)}.",
        retries=0 if step.name in VERDICTS else 2,
    )


def listed(tables: tuple[str, ...]) -> str:
    """Names of tables for the documentation of a task."""
    return ", ".join(f"`{name}`" for name in tables) or "files"


with DAG(
    dag_id="weekly_indicators",
    description="AIS messages to port activity, one ISO week a run.",
    doc_md=__doc__,
    schedule=CronDataIntervalTimetable("0 0 * * 1", timezone="UTC"),
    start_date=datetime(
        2019, 12, 30, tzinfo=UTC
    ),  # Monday of 2020-W01, the first week that can be backfilled
    catchup=False,
    max_active_runs=1,  # a week starts from the state that the week before left
    max_active_tasks=1,  # a task holds the whole lake
    dagrun_timeout=timedelta(hours=12),
    default_args={
        "owner": "ais-indicators",
        "retry_delay": timedelta(minutes=10),
        "execution_timeout": timedelta(hours=3),
    },
    tags=["ais", "official-statistics", "weekly"],
) as dag:
    steps = (task("ingest_messages"), *weekly_order())
    operators = {step.name: submit(step) for step in steps}
    for step in steps:
        for before in upstream(step):
            if before in steps:
                operators[before.name] >> operators[step.name]
