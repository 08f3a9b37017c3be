"""Starts Airflow on this machine with the DAGs, the Spark connection and the pool, until it is ended (`make airflow`).

Environment: `AIS_INDICATORS_DATA_DIR` (else ./data), `AIRFLOW_HOME` (else `airflow` in the data folder), `AIRFLOW_PORT`
(else 8080). `docs/airflow.md` tells the rest.
"""

import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from setup.airflow_process import PASSWORDS, Airflow, AirflowError


def main() -> int:
    """Starts, says where the page is, and waits."""
    data_dir = Path(os.environ.get("AIS_INDICATORS_DATA_DIR") or "data").resolve()
    home = Path(os.environ.get("AIRFLOW_HOME") or data_dir / "airflow").resolve()
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with Airflow(home, data_dir, int(os.environ.get("AIRFLOW_PORT") or 8080)) as airflow:
            _say(f"Setting Airflow up in {home} (half a minute)")
            airflow.prepare()
            _say("Starting the API server, the scheduler and the processor of DAGs")
            airflow.start()
            _say(f"Airflow is at {airflow.address}; user admin, password in {home / PASSWORDS}")
            _say("New DAGs are paused: switch them on there. Ctrl-C ends it.")
            while True:
                airflow.watch()
                time.sleep(1)
    except KeyboardInterrupt:
        _say("Airflow has ended")
        return 0
    except AirflowError as error:
        _say(str(error))
        return 1


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise KeyboardInterrupt


def _say(sentence: str) -> None:
    sys.stderr.write(sentence + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
