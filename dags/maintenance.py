"""Removes raw messages that their source may be kept no longer, and looks after the tables, once a week.

How long that is says `keep_weeks`, in a mapping file or in `sources.yaml` under the data folder; sources without it
are kept. Positions and values stay; `ops.expired_messages` records which releases can no longer be recomputed. Weeks
that were never computed are spared.

`maintain_lake` combines small files, writes checkpoints of the logs, and removes files that are part of no table
since `vacuum_retention_days` (`quality/rules.yaml`). What a release needs to be computed again stays, and so does what
a reader may have opened within these days.

## When a task fails
- `expire_messages`, `maintain_lake`: read the log, clear the task. The same again removes nothing more.

A log that says *another run is using* means that another run holds the lake: the task is retried automatically.

Start, connection, pool, alerts: `docs/airflow.md`.
"""

from airflow.sdk import CronTriggerTimetable

from ais_indicators.tasks import of_cadence
from dags.common.house import add_steps, house_dag

with house_dag(
    "maintenance",
    doc=__doc__,
    schedule=CronTriggerTimetable("0 3 * * 4", timezone="UTC"),
    tags=["maintenance"],
    hours=12,
) as dag:
    add_steps(of_cadence("maintenance"), {"maintenance": ()})
