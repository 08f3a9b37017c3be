"""Modules that workers of every executor need, loaded once before workers are forked.

Nothing that starts threads must run here: a fork would lose them.
"""

# isort: off
import ais_indicators.one_thread  # noqa: F401 - before the libraries that start threads

# isort: on
import pandas  # noqa: F401 - pyarrow loads it when it first makes an array

from ais_indicators.ingestion import chunk as ingest_chunk  # noqa: F401 - what the workers run
from ais_indicators.tracking import bucket as fold_bucket  # noqa: F401 - what the workers run
