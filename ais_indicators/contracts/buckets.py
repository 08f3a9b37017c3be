"""Assigns messages to ship buckets: one for all of a ship's messages, permanently."""

import numpy as np
from numpy.typing import NDArray

from ais_indicators.hashing import GOLDEN_RATIO

_HALF_WORD = np.uint64(32)


def ship_bucket(mmsi: NDArray[np.int64], buckets: int) -> NDArray[np.int32]:
    """Computes each MMSI's bucket, 0 to `buckets` - 1.

    Tables are partitioned by it, so the result for a number and a count of buckets must never change. MMSIs come in
    runs and often end in 0, so a remainder would fill the buckets unevenly: the upper half of the product is used
    instead.

    Args:
        mmsi: MMSI of each message, without missing values.
        buckets: Number of buckets, 1 or more.

    >>> ship_bucket(np.array([366940480, 366940490, 636021061]), 8).tolist()
    [3, 5, 2]
    """
    mixed = mmsi.astype(np.uint64) * GOLDEN_RATIO >> _HALF_WORD
    return (mixed * np.uint64(buckets) >> _HALF_WORD).astype(np.int32)
