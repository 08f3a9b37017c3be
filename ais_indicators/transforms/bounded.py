"""Shares and means that rounding cannot take out of their bounds.

A sum of doubles over a sum of the same doubles in another order can be 1.0000000000000002, and the mean of twenty equal
numbers can be larger than each of them. The release check compares exactly, so one last digit would stop a release.
This module bounds such values. It removes only an excess of the size of a rounding error, at most `rounding_share` of
the total; a larger excess is an error of the computation, remains, and stops the release.

Quotients of counts need no bound: division of integers below 2^53 is rounded correctly, so that a part that is not
larger than its total never gives more than 1.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ais_indicators.rules import Rules

Floats = NDArray[np.float64]


def bounded_share(part: pl.Expr, total: pl.Expr, rules: Rules) -> pl.Expr:
    """Divides a part by its total; null if the total is not above 0.

    >>> sums = pl.DataFrame({"part": [0.1 + 0.2 + 0.3, 0.2, 0.7], "total": [0.3 + 0.2 + 0.1, 0.0, 0.6]})
    >>> sums.select(bounded_share(pl.col("part"), pl.col("total"))).to_series().round(2).to_list()
    [1.0, None, 1.17]
    """
    share = part / total
    tolerance = rules.rounding_share
    is_rounding = share.is_between(-tolerance, 1.0 + tolerance)
    bounded = pl.when(is_rounding).then(share.clip(0.0, 1.0)).otherwise(share)
    return pl.when(total > 0).then(bounded)


def bounded_mean(draws: Floats, most: Floats) -> Floats:
    """Takes the mean of each row of draws, not above `most` unless a draw is.

    >>> full = np.full((1, 20), 4200.1)
    >>> bool(full.mean() > 4200.1), bounded_mean(full, np.array([4200.1])).tolist()
    (True, [4200.1])

    Args:
        draws: Shape (rows, draws).
        most: What no draw of a row should be above, one per row; NaN if there is no limit.
    """
    mean = draws.mean(axis=1)
    return np.asarray(np.where(mean > most, np.minimum(mean, draws.max(axis=1)), mean))
