"""Voyages of unknown tonnes: they get no value, but the intervals of totals allow for them.

A total is the sum of the tonnes that are known. What the others carried lies between nothing and what ships of their
class carry; so the upper end of its interval lets each carry, for each tonne of its deadweight, what the known ones of
its class did in the week, with their spread. The lower end stays: they may have carried nothing.
"""

from collections.abc import Sequence
from typing import Final

import polars as pl

SIDES: Final = ("unloaded", "loaded")


def with_guesses(voyages: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """Adds what voyages without tonnes may have carried.

    Args:
        voyages: Columns `vessel_class, deadweight_t, tonnes_unloaded, tonnes_loaded` and the keys.
        keys: What similar voyages must share in addition to the class: the week, where there are several.

    Returns:
        The voyages in their order with `guess_unloaded_t`, `guess_loaded_t` and their standard deviations
        `guess_unloaded_sd_t` and `guess_loaded_sd_t`, all 0 if the tonnes are known.
    """
    return voyages.with_columns(*(column for side in SIDES for column in _guess(side, list(keys))))


def _guess(side: str, keys: list[str]) -> tuple[pl.Expr, pl.Expr]:
    """Returns the tonnes that a voyage may have carried and their spread: by its class, otherwise by all classes."""
    tonnes, deadweight = pl.col(f"tonnes_{side}"), pl.col("deadweight_t")
    share = tonnes / deadweight
    mean, spread = (
        pl.coalesce(
            deadweight * of(share).over("vessel_class", *keys),
            of(tonnes).over("vessel_class", *keys),
            deadweight * _over(of(share), keys),
            _over(of(tonnes), keys),
            pl.lit(0.0),
        )
        for of in (_mean, _spread)
    )
    return (
        pl.when(tonnes.is_null()).then(mean).otherwise(0.0).alias(f"guess_{side}_t"),
        pl.when(tonnes.is_null()).then(spread).otherwise(0.0).alias(f"guess_{side}_sd_t"),
    )


def _over(value: pl.Expr, keys: list[str]) -> pl.Expr:
    return value.over(keys) if keys else value


def _mean(value: pl.Expr) -> pl.Expr:
    return value.sort().mean()  # in one order: sums of doubles depend on it in the last bit


def _spread(value: pl.Expr) -> pl.Expr:
    """Returns the standard deviation; of a single voyage as large as its value."""
    return pl.coalesce(value.sort().std(), value.sort().mean())
