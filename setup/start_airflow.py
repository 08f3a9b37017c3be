"""Starts Airflow on this machine with the DAGs, the Spark connection and the pool, until it is ended (`make airflow`).

Environment: `AIS_INDICATORS_DATA_DIR` (else ./data), `AIRFLOW_HOME` (else `airflow` in the data folder), `AIRFLOW_PORT`
(else 8080). See `docs/airflow.md`.
"""

import os
import sys
from pathlib import Path

from setup.airflow_process import PASSWORDS, Airflow, AirflowError
from setup.foreground import run_until_ended, say, watch_on


def serve() -> None:
    """Starts, says where the page is, and watches."""
    data_dir = Path(os.environ.get("AIS_INDICATORS_DATA_DIR") or "data").resolve()
    home = Path(os.environ.get("AIRFLOW_HOME") or data_dir / "airflow").resolve()
    with Airflow(home, data_dir, int(os.environ.get("AIRFLOW_PORT") or 8080)) as airflow:
        say(f"Setting Airflow up in {home} (half a minute)")
        airflow.prepare()
        say("Starting the API server, the scheduler and the processor of DAGs")
        airflow.start()
        say(f"Airflow is at {airflow.address}; user admin, password in {home / PASSWORDS}")
        say("New DAGs are paused: switch them on there. Ctrl-C ends it.")
        watch_on(airflow.watch)


if __name__ == "__main__":
    sys.exit(run_until_ended(serve, "Airflow has ended", AirflowError))
