"""Takes in the files of AIS messages that were delivered, once a day.

It reads all that lies in `inbox/` under the data folder. A file that was taken in already is not taken in twice, and
one of the same name with another content replaces the earlier one. The weekly run goes when the days of its week are
in; what comes later is taken up by the next weekly run.

## When a task fails
- `ingest_messages`: read its log, which names the file and the fault; the other files are in the lake. Correct the
  file, describe it in a mapping file (`ais-indicators sources check FILE`) or remove it, then clear the task.

A log that says *another run is using* means that another run holds the lake: the task is retried automatically.

Start, connection, pool, alerts: `docs/airflow.md`.
"""

from airflow.sdk import CronTriggerTimetable

from ais_indicators.tasks import of_cadence
from dags.common.house import add_steps, house_dag

with house_dag(
    "daily_ingest",
    doc=__doc__,
    schedule=CronTriggerTimetable("0 2 * * *", timezone="UTC"),
    tags=["daily"],
    hours=12,
) as dag:
    add_steps(of_cadence("delivery"), {"delivery": ()})
