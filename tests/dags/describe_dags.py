"""Run by Airflow's own Python: prints as JSON what Airflow made of the folder of DAGs that it is given."""

import json
import sys
from datetime import UTC, datetime
from typing import Any

from airflow.dag_processing.dagbag import DagBag  # type: ignore[import-not-found]

MONDAY_OF_2020_W53 = datetime(2020, 12, 28, tzinfo=UTC)


def describe(dag: Any) -> dict[str, Any]:
    """What the tests ask of one DAG, in types that JSON knows."""
    return {
        "doc": dag.doc_md,
        "tags": sorted(dag.tags),
        "schedule": dag.schedule.expression,
        "schedule_type": type(dag.schedule).__name__,
        "timezone": str(dag.schedule.timezone),
        "catchup": dag.catchup,
        "max_active_runs": dag.max_active_runs,
        "max_active_tasks": dag.max_active_tasks,
        "tasks": {task.task_id: describe_task(task) for task in dag.tasks},
    }


def describe_task(task: Any) -> dict[str, Any]:
    """One task, its arguments rendered for the last ISO week of 2020."""
    return {
        "upstream": sorted(task.upstream_task_ids),
        "owner": task.owner,
        "doc": task.doc_md,
        "retries": task.retries,
        "timeout_seconds": task.execution_timeout.total_seconds(),
        "application": task.application,
        "arguments": task.render_template(task.application_args, {"data_interval_start": MONDAY_OF_2020_W53}),
    }


if __name__ == "__main__":
    bag = DagBag(dag_folder=sys.argv[1])
    found = {"errors": bag.import_errors, "dags": {name: describe(dag) for name, dag in bag.dags.items()}}
    sys.stdout.write("\n" + json.dumps(found) + "\n")
