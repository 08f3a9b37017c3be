"""Starts a Spark master and two workers on this machine until it is ended (`make cluster`).

Environment: `AIS_INDICATORS_DATA_DIR` (else ./data), under which logs and scratch space lie. `docs/cluster.md` tells
the rest.
"""

import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from setup.spark_cluster import ClusterError, running_cluster


def main() -> int:
    """Starts, says how to use it, and waits."""
    data_dir = Path(os.environ.get("AIS_INDICATORS_DATA_DIR") or "data").resolve()
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with running_cluster(data_dir / "cluster") as cluster:
            _say(
                f"A master and {len(cluster.processes) - 1} workers run; the master's page is {cluster.page}"
            )
            _say("Use it from another terminal: ais-indicators --profile cluster run --week 2026-W47")
            _say(f"(elsewhere than here with AIS_INDICATORS_SPARK_MASTER={cluster.master}). Ctrl-C ends it.")
            while True:
                cluster.watch()
                time.sleep(1)
    except KeyboardInterrupt:
        _say("The cluster has ended")
        return 0
    except ClusterError as error:
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
