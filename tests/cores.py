"""Keeps each test process to one thread in `make test`; to be loaded before the libraries that start threads.

Two test processes share two cores and work on small tables. There, the thread pools of Polars, Arrow, delta-rs and
BLAS cost a fifth of the processor time and save none. `make test-all` leaves the libraries their usual threads, so
that results are also compared with many threads.
"""

import os
from typing import Final

from tests.examples import is_full

VARIABLES: Final = (
    "POLARS_MAX_THREADS",
    "RAYON_NUM_THREADS",
    "TOKIO_WORKER_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
)
"""How Polars, numba's and Rust's pools, delta-rs, Arrow and BLAS take their number of threads."""


def use_one_thread() -> None:
    """Sets the threads of this process and of those that it starts, unless the environment names a number."""
    for name in VARIABLES:
        os.environ.setdefault(name, "1")


if not is_full():
    use_one_thread()
