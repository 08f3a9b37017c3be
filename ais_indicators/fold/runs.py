"""Runs of consecutive rows that are equal in some columns: what a day's messages shrink to before they are grouped."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def run_starts(*columns: NDArray[Any]) -> NDArray[np.int64]:
    """Returns the place of the first row of each run.

    Args:
        *columns: Values of the rows, each of shape (n,).

    >>> run_starts(np.array([7, 7, 7, 8]), np.array([1, 2, 2, 2])).tolist()
    [0, 1, 3]
    """
    begins = np.ones(columns[0].size, np.bool_)
    if begins.size:
        begins[1:] = columns[0][1:] != columns[0][:-1]
    for column in columns[1:]:
        begins[1:] |= column[1:] != column[:-1]
    return np.flatnonzero(begins)


def run_ends(starts: NDArray[np.int64], rows: int) -> NDArray[np.int64]:
    """Returns the place after the last row of each run.

    >>> run_ends(np.array([0, 1, 3]), 4).tolist()
    [1, 3, 4]
    """
    return np.append(starts[1:], rows) if starts.size else starts
