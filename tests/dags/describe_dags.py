"""Run by Airflow's own Python: prints as JSON what Airflow made of the folder of DAGs that it is given."""

import json
import sys
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from airflow.dag_processing.dagbag import DagBag

MONDAY_OF_2020_W53 = datetime(2020, 12, 28, tzinfo=UTC)
SCHEDULED_RUN = SimpleNamespace(run_type="scheduled", data_interval_start=MONDAY_OF_2020_W53)


def describe(dag: Any) -> dict[str, Any]:
    """What the tests ask of one DAG, in types that JSON knows."""
    return {
        "doc": dag.doc_md,
        "description": dag.description,
        "tags": sorted(dag.tags),
        "schedule": dag.schedule.expression,
        "schedule_type": type(dag.schedule).__name__,
        "timezone": str(dag.schedule.timezone),
        "catchup": dag.catchup,
        "max_active_runs": dag.max_active_runs,
        "max_active_tasks": dag.max_active_tasks,
        "timeout_seconds": dag.dagrun_timeout.total_seconds(),
        "callbacks": names(dag.on_failure_callback),
        "tasks": {task.task_id: describe_task(task, dag) for task in dag.tasks},
    }


def describe_task(task: Any, dag: Any) -> dict[str, Any]:
    """One task, its arguments rendered for the last ISO week of 2020."""
    context = {"dag_run": SCHEDULED_RUN, "params": dag.params.dump()} | (dag.user_defined_macros or {})
    template = getattr(task, "application_args", None) or [getattr(task, "bash_command", "")]
    return {
        "kind": type(task).__name__,
        "upstream": sorted(task.upstream_task_ids),
        "owner": task.owner,
        "doc": task.doc_md,
        "pool": task.pool,
        "pool_slots": task.pool_slots,
        "retries": task.retries,
        "retry_delay_seconds": task.retry_delay.total_seconds(),
        "timeout_seconds": task.execution_timeout.total_seconds(),
        "callbacks": names(task.on_failure_callback),
        "application": getattr(task, "application", None),
        "arguments": task.render_template(template, context) if any(template) else [],
        "mode": getattr(task, "mode", None),
        "retry_exit_code": getattr(task, "retry_exit_code", None),
    }


def names(callbacks: Any) -> list[str]:
    """Names of the functions that are called on failure."""
    several = callbacks if isinstance(callbacks, list | tuple) else [callbacks]
    return [callback.__name__ for callback in several if callback]


if __name__ == "__main__":
    bag = DagBag(dag_folder=sys.argv[1])
    found = {"errors": bag.import_errors, "dags": {name: describe(dag) for name, dag in bag.dags.items()}}
    sys.stdout.write("\n" + json.dumps(found) + "\n")
