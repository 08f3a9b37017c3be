"""Loads new port areas, gates of straits and registers of ships, as versions.

It loads each file in `references/ports/`, `references/gates/` and `references/vessels/` under the data folder, in
the order of their names. A file that was loaded already changes nothing. Weeks that were run keep the ports and gates
that they were run with; a new register counts from the next run on. A run that is started by hand may name another
folder (`folder`).

## When a task fails
- `load_ports`, `load_gates`, `load_vessels`: read its log, which names the file and the fault. Correct or remove the
  file, clear the task.

A log that says *another run is using* means that another run holds the lake: the task is retried automatically.

Start, connection, pool, alerts: `docs/airflow.md`.
"""

from airflow.sdk import CronTriggerTimetable, Param

from ais_indicators.tasks import of_cadence
from dags.common.house import add_steps, house_dag

FOLDER_OF = {"load_ports": "ports", "load_gates": "gates", "load_vessels": "vessels"}

with house_dag(
    "update_references",
    doc=__doc__,
    schedule=CronTriggerTimetable("0 1 * * *", timezone="UTC"),
    tags=["references"],
    hours=12,
    params={"folder": Param("references", type="string", description="Folder, from the data folder on.")},
) as dag:
    for step in of_cadence("reference"):
        add_steps([step], {"reference": ("--each-in", f"{{{{ params.folder }}}}/{FOLDER_OF[step.name]}")})
