"""Keeps this process, and those that it starts, to one thread in each library; to be imported before the libraries.

Where each core has a process of its own, the thread pools of Polars, Arrow, delta-rs and BLAS take a fifth of the
processor time and save none. A number that the environment gives stays.
"""

import os
from typing import Final

VARIABLES: Final = (
    "POLARS_MAX_THREADS",
    "RAYON_NUM_THREADS",
    "TOKIO_WORKER_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
)
"""How Polars, numba's and Rust's pools, delta-rs, Arrow and BLAS take their number of threads."""

for name in VARIABLES:
    os.environ.setdefault(name, "1")
