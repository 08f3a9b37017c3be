"""Ships that lie as high as in ballast and yet carry cargo (methodology 7, the ballast rule).

The rule reads no cargo in a tanker or bulk carrier that lies hardly deeper than in ballast. Some carry the rest of a
cargo to their last port. The call there tells: a ship in ballast comes to load; one that leaves with another draught
and is still as high has put the last of its cargo ashore. Where that departure was not reported, each draw has its
own; where it is not known yet, cargo is drawn as often as ships of the class turned out to have some.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ais_indicators.rules import rule
from ais_indicators.transforms.missing_draughts import PART_CARGO, Draughts, Filled, uniform
from ais_indicators.transforms.payload import Hulls, is_in_ballast

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_KEYS = ["vessel_class", "week_index"]


def hulls_of_calls(calls: pl.DataFrame) -> Hulls:
    """Hulls of calls; NaN where the ship carries no cargo that its draught tells of."""
    carries = (pl.col("deadweight_t") > 0) & pl.col("vessel_class").is_in(rule("trade_classes"))
    sizes = calls.select(
        "length_m", "width_m", pl.when(carries).then("deadweight_t").alias("deadweight_t"), "design_draught_m",
        "block_coefficient",
    ).fill_null(np.nan)  # fmt: skip
    has_rule = calls["vessel_class"].is_in(rule("ballast_classes")).to_numpy()
    return Hulls(**{name: sizes[name].to_numpy() for name in sizes.columns}, has_ballast_rule=has_rule)


class PartCargoes:
    """Which calls' ships came with cargo though they may lie as high as in ballast."""

    def __init__(self, calls: pl.DataFrame, draughts: Draughts) -> None:
        """Takes the calls of `draughts`, by ship and time."""
        self._calls = calls
        self._draughts = draughts
        self._shares = _shares(draughts.calls)

    def brought(self, rows: Ints, came: Filled, left: Filled) -> Bools:
        """Whether ships came to some calls with cargo, in each draw; shape (calls, draws)."""
        here = self._calls[rows]
        hulls = hulls_of_calls(here).of((slice(None), None))
        has_last = is_in_ballast(left.draws_m, hulls) & (left.draws_m != came.draws_m)
        return np.where(np.isnan(left.draws_m), self._drawn(rows), has_last)

    def taken(self, rows: Ints) -> Bools:
        """Whether ships left some calls with cargo: what they brought to the next."""
        following = np.minimum(rows + 1, self._calls.height - 1)
        brought = self.brought(
            following, self._draughts.entering(following), self._draughts.leaving(following)
        )
        has_next = self._calls["next_call_id"].is_not_null().to_numpy()[rows]
        return np.where(has_next[:, None], brought, self._drawn(rows))

    def _drawn(self, rows: Ints) -> Bools:
        ids = self._calls["port_call_id"].to_numpy()[rows]
        chance = uniform(ids, int(rule("imputation_draws")), PART_CARGO)
        return np.asarray(chance < self._shares[rows][:, None])


def _shares(calls: pl.DataFrame) -> Floats:
    """For each call, how many of its class that came as high as in ballast had cargo, over the weeks before."""
    hulls = hulls_of_calls(calls)
    came, left = (calls[f"{end}_draught_m"].fill_null(np.nan).to_numpy() for end in ("arrival", "departure"))
    is_told = calls["is_sure"].to_numpy() & ~np.isnan(left) & is_in_ballast(came, hulls)
    told = calls.select("vessel_class", said_in="week_index", had=pl.Series(is_in_ballast(left, hulls))).filter(
        pl.Series(is_told)
    )
    counted = told.group_by("vessel_class", "said_in").agg(had=pl.col("had").sum(), number=pl.len())
    age = pl.col("week_index") - pl.col("said_in")
    shares = (
        calls.select(_KEYS).unique()
        .join(counted, on="vessel_class")
        .filter(age >= 0, age < int(rule("draught_mean_weeks")))
        .group_by(_KEYS)
        .agg(share=pl.col("had").sum() / pl.col("number").sum())
    )  # fmt: skip
    found = calls.select(_KEYS).join(shares, on=_KEYS, how="left", maintain_order="left")
    return found["share"].fill_null(0.0).to_numpy()
