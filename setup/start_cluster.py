"""Starts a Spark master and two workers on this machine until it is ended (`make cluster`).

Environment: `AIS_INDICATORS_DATA_DIR` (else ./data), under which logs and scratch space lie. See `docs/cluster.md`.
"""

import os
import sys
from pathlib import Path

from setup.foreground import run_until_ended, say, watch_on
from setup.spark_cluster import ClusterError, running_cluster


def serve() -> None:
    """Starts, says how to use it, and watches."""
    data_dir = Path(os.environ.get("AIS_INDICATORS_DATA_DIR") or "data").resolve()
    with running_cluster(data_dir / "cluster") as cluster:
        say(f"A master and {len(cluster.processes) - 1} workers run; the master's page is {cluster.page}")
        say("Use it from another terminal: ais-indicators --profile cluster run --week 2026-W47")
        say(f"(elsewhere than here with AIS_INDICATORS_SPARK_MASTER={cluster.master}). Ctrl-C ends it.")
        watch_on(cluster.watch)


if __name__ == "__main__":
    sys.exit(run_until_ended(serve, "The cluster has ended", ClusterError))
