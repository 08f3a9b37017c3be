"""What few reports leave open: imputed draughts that look surer than the reports behind them allow (methodology 9).

Draws show how the reports that stand in for a missing draught differ. One report differs from nothing, and the calls of
one vessel say nothing of the next. So a draught that was filled in from `n` reports of the vessel itself, or from `n`
vessels of its class, has at least the standard deviation of draughts of one vessel (`imputed_draught_sd_share` of the
design draught) over the root of `n`. What the draws lack of it is added to the variance of the voyage.

The voyages of one vessel in a total share their reports, so they err alike: their standard deviations add up, those of
different vessels in squares.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ais_indicators.rules import Rules
from ais_indicators.transforms.payload import Hulls, tonnes_per_metre
from ais_indicators.transforms.stand_ins import Filled

Floats = NDArray[np.float64]

SUPPORT: Final = "support_sd_t"
_ROUNDING: Final = 1e-9
"""Share of a variance below which a difference of two is the rounding of their sums."""


def support_sd_t(ends: Sequence[Filled], hulls: Hulls, rules: Rules) -> Floats:
    """Calculates the standard deviation of net loads that few reports leave open, beyond that of the draws.

    The slope of the payload counts in ballast too: that the vessel sails empty is what the few reports say.

    Args:
        ends: Draughts on arrival and departure of some calls.
        hulls: Hulls of their vessels.
        rules: Rules of the lake's subject.
    """
    variance = np.zeros(hulls.design_draught_m.shape)
    with np.errstate(invalid="ignore", divide="ignore"):
        for filled in ends:
            least = rules.imputed_draught_sd_share * hulls.design_draught_m
            lacking = least**2 / np.maximum(filled.support, 1.0) - filled.draws_m.var(axis=1, ddof=1)
            slope = tonnes_per_metre(filled.value_m, hulls, rules)
            variance += np.where(filled.is_imputed, slope**2 * np.maximum(lacking, 0.0), 0.0)
    return np.sqrt(variance)


def with_support(voyages: pl.DataFrame, draws: pl.DataFrame) -> pl.DataFrame:
    """Adds `support_sd_t`: the part of `imputation_sd_t` that the draws of a voyage do not show.

    Args:
        voyages: Columns `voyage_id` and `imputation_sd_t`.
        draws: Rows of `silver.voyage_draws`.

    Returns:
        The voyages in their order.
    """
    shown = draws.group_by("voyage_id").agg(shown=pl.col("net_load_t").var())
    total = pl.col("imputation_sd_t").fill_null(0.0) ** 2
    lacking = total - pl.col("shown").fill_null(0.0)
    return (
        voyages.join(shown, on="voyage_id", how="left", maintain_order="left")
        .with_columns(pl.when(lacking > _ROUNDING * total).then(lacking.sqrt()).otherwise(0.0).alias(SUPPORT))
        .drop("shown")
    )


def support_variance(voyages: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """Sums `support_sd_t` of each total: within a vessel as they are, between vessels in squares.

    Args:
        voyages: Columns `vessel_id`, `voyage_id`, `support_sd_t` and the keys.
        keys: Columns that make a total.

    Returns:
        The keys and `support_variance`, for totals that have any.
    """
    unsure = voyages.filter(pl.col(SUPPORT) > 0).sort(*keys, "vessel_id", "voyage_id")
    of_vessel = unsure.group_by(*keys, "vessel_id", maintain_order=True).agg(pl.col(SUPPORT).sum())
    return of_vessel.group_by(keys, maintain_order=True).agg(support_variance=(pl.col(SUPPORT) ** 2).sum())
