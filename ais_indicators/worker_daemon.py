"""Spark's daemon of Python workers, with the tasks' modules loaded before it forks.

Spark ends a worker that was idle for a minute and starts another when one is needed. Forked from here it is ready at
once, and the workers share the memory of their imports. Nothing that starts threads must run here: a fork would lose
them.
"""

import gc

from pyspark import daemon

from ais_indicators import worker_modules  # noqa: F401 - what the workers run

if __name__ == "__main__":
    gc.freeze()
    daemon.manager()
