"""The method's order of rows (methodology 3): the same from any order of the input."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ais_indicators.units import SECONDS_PER_DAY


def method_order(
    mmsi: NDArray[np.int64], second: NDArray[np.int64], ties: Sequence[NDArray[np.float64]]
) -> NDArray[np.int64]:
    """Gives the permutation that sorts one UTC day's rows by MMSI, second, then the tie columns, NaN last.

    Rows of one (MMSI, second) are few, so one sort of a packed key does nearly all and only the ties are sorted by
    the other columns.

    Args:
        mmsi: Shape (rows,).
        second: Epoch seconds, shape (rows,), all of one day.
        ties: Columns that decide among equal (MMSI, second), the first one first; each of shape (rows,).
    """
    key = mmsi * SECONDS_PER_DAY + second % SECONDS_PER_DAY
    order = np.arange(key.size) if np.all(key[1:] >= key[:-1]) else np.argsort(key)
    ordered = key[order]
    repeats = np.flatnonzero(ordered[1:] == ordered[:-1])
    if repeats.size == 0:
        return order
    tied = np.union1d(repeats, repeats + 1)
    rows = order[tied]
    order[tied] = rows[np.lexsort([*(column[rows] for column in reversed(ties)), key[rows]])]
    return order
