"""The method's order of rows (methodology 4): the same from any order of the input."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ais_indicators.units import SECONDS_PER_DAY


def method_order(
    mmsi: NDArray[np.int64], second: NDArray[np.int64], ties: Sequence[NDArray[np.float64]]
) -> NDArray[np.int64]:
    """Returns the permutation that sorts one UTC day's rows by MMSI, second, then the tie columns, NaN last.

    Rows of one (MMSI, second) are few, so one sort of a packed key does nearly all and only the ties are sorted by
    the other columns.

    Args:
        mmsi: Shape (rows,).
        second: Epoch seconds, shape (rows,), all of one day.
        ties: Columns that decide among equal (MMSI, second), the first one first; each of shape (rows,).
    """
    order, tied = order_by_time(mmsi, second)
    if tied.size:
        rows = order[tied]
        order[tied] = rows[order_of_ties(mmsi[rows], second[rows], [column[rows] for column in ties])]
    return order


def order_by_time(
    mmsi: NDArray[np.int64], second: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Returns the permutation that sorts one UTC day's rows by MMSI and second, and the places in it of ties."""
    key = mmsi * SECONDS_PER_DAY + second % SECONDS_PER_DAY
    order = np.arange(key.size) if np.all(key[1:] >= key[:-1]) else np.argsort(key)
    ordered = key[order]
    repeats = np.flatnonzero(ordered[1:] == ordered[:-1])
    return order, np.union1d(repeats, repeats + 1)


def order_of_ties(
    mmsi: NDArray[np.int64], second: NDArray[np.int64], ties: Sequence[NDArray[np.float64]]
) -> NDArray[np.int64]:
    """Returns the permutation that sorts some rows by MMSI, second and all of `ties`."""
    return np.lexsort([*reversed(ties), second, mmsi])
