"""Errors of estimated hulls in the draws (methodology 9.6).

The ballast rule has a limit: a ship that lies a decimetre above it carries nothing, one a decimetre below it a third of
its deadweight. Where the design draught is estimated, so is the limit. Each draw has its own, the same in all calls of
a vessel, so that a draught near the limit counts as ballast in some draws and as cargo in the others.
"""

from hashlib import blake2b
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.stats import norm

from ais_indicators.rules import Rules
from ais_indicators.transforms.donors import uniform

Floats = NDArray[np.float64]

ESTIMATED: Final = ("class_mean", "ratio")
"""Values of `hull_source` of vessels whose design draught is estimated from their length and width."""
_PURPOSE: Final = 7
"""Key of these random numbers, distinct from those of `missing_draughts` and `part_cargo`."""
_BYTES: Final = 8


def design_draught_factors(calls: pl.DataFrame, rules: Rules) -> Floats:
    """Draws by how much the estimated design draught of each call's vessel is wrong.

    Args:
        calls: Columns `vessel_id` and `hull_source`.
        rules: Rules of the lake's subject.

    Returns:
        Factors of the design draught, of shape (calls, draws), or (calls, 1) where no hull is estimated; 1 for hulls
        that are known.
    """
    is_estimated = calls["hull_source"].is_in(ESTIMATED).fill_null(False).to_numpy()
    if not is_estimated.any():
        return np.ones((calls.height, 1))
    chance = uniform(_numbers(calls["vessel_id"]), rules.imputation_draws, _PURPOSE)
    spread = np.where(is_estimated, rules.estimated_design_draught_sd_share, 0.0)
    return np.asarray(1.0 + spread[:, None] * norm.ppf(chance))


def _numbers(vessel_ids: pl.Series) -> NDArray[np.int64]:
    """Returns a number for each vessel that follows from its identifier alone."""
    digests = (blake2b(vessel_id.encode(), digest_size=_BYTES).digest() for vessel_id in vessel_ids)
    return np.fromiter(
        (int.from_bytes(digest, "big", signed=True) for digest in digests), np.int64, len(vessel_ids)
    )
