"""Ships that lie as high as in ballast and yet carry cargo (methodology 9, the ballast rule).

The rule reads no cargo in a tanker or bulk carrier that lies hardly deeper than in ballast. Some carry the rest of a
cargo to their last port. The call there shows it: a ship in ballast comes to load; one that leaves with another draught
and is still as high has put the last of its cargo ashore. Where that departure was not reported, each draw has its
own; where it is not known yet, cargo is drawn as often as ships of the class turned out to have some.
"""

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.stats import beta

from ais_indicators.rules import rules
from ais_indicators.transforms.donors import uniform
from ais_indicators.transforms.missing_draughts import PART_CARGO, Draughts
from ais_indicators.transforms.payload import Hulls, is_in_ballast
from ais_indicators.transforms.stand_ins import Filled

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_KEYS: Final = ["vessel_class", "week_index"]
_SHARE: Final = 6
"""Key of the random numbers of shares, distinct from those of `missing_draughts`."""
_CLASS_CODES: Final = {name: code for code, name in enumerate(("", "dry_bulk", "tanker"))}


def hulls_of_calls(calls: pl.DataFrame) -> Hulls:
    """Returns hulls of calls; NaN if the ship carries no cargo that its draught shows."""
    carries = (pl.col("deadweight_t") > 0) & pl.col("vessel_class").is_in(rules().trade_classes)
    sizes = calls.select(
        "length_m", "width_m", pl.when(carries).then("deadweight_t").alias("deadweight_t"), "design_draught_m",
        "block_coefficient",
    ).fill_null(np.nan)  # fmt: skip
    has_rule = calls["vessel_class"].is_in(rules().ballast_classes).to_numpy()
    return Hulls(**{name: sizes[name].to_numpy() for name in sizes.columns}, has_ballast_rule=has_rule)


class PartCargoes:
    """Which calls' ships came with cargo though they may lie as high as in ballast."""

    def __init__(self, calls: pl.DataFrame, draughts: Draughts) -> None:
        """Takes the calls of `draughts`, by ship and time."""
        self._calls = calls
        self._draughts = draughts
        self._usual_shares = _usual_shares(draughts.calls)

    def brought(self, rows: Ints, came: Filled, left: Filled) -> Bools:
        """Returns whether ships came to some calls with cargo, in each draw; shape (calls, draws)."""
        here = self._calls[rows]
        hulls = hulls_of_calls(here).of((slice(None), None))
        has_last = is_in_ballast(left.draws_m, hulls) & (left.draws_m != came.draws_m)
        return np.where(np.isnan(left.draws_m), self._drawn(rows), has_last)

    def taken(self, rows: Ints) -> Bools:
        """Returns whether ships left some calls with cargo, as shown by what they brought to the next.

        A ship that came to its next call deeper than in ballast has loaded in between: what it had on board there says
        nothing of this departure, and the ballast rule holds.
        """
        following = np.minimum(rows + 1, self._calls.height - 1)
        came, left = self._draughts.entering(following), self._draughts.leaving(following)
        hulls = hulls_of_calls(self._calls[following]).of((slice(None), None))
        brought = self.brought(following, came, left) & is_in_ballast(came.draws_m, hulls)
        is_same = self._calls["next_call_id"].is_not_null() & ~self._calls["is_unwatched"]
        return np.where(is_same.to_numpy()[rows][:, None], brought, self._drawn(rows))

    def _drawn(self, rows: Ints) -> Bools:
        ids = self._calls["port_call_id"].to_numpy()[rows]
        chance = uniform(ids, rules().imputation_draws, PART_CARGO)
        return np.asarray(chance < self._shares(rows))

    def _shares(self, rows: Ints) -> Floats:
        """Returns the share of the class with cargo, equal for all its calls of a week; shape (calls, draws).

        Few calls are little evidence of a share: it follows a beta distribution (Jeffreys' prior). With too few the
        rule applies.
        """
        usual = self._usual_shares[rows]
        codes = usual["vessel_class"].replace_strict(_CLASS_CODES, default=0, return_dtype=pl.Int64)
        ids = (usual["week_index"] * len(_CLASS_CODES) + codes).to_numpy()
        same, places = np.unique(ids, return_index=True)
        chance = uniform(same, rules().imputation_draws, _SHARE)
        had, number = (
            usual[name].to_numpy()[places].astype(np.float64)[:, None] for name in ("had", "number")
        )
        is_enough = number >= rules().min_calls_for_part_cargo
        drawn = np.where(is_enough, beta.ppf(chance, had + 0.5, number - had + 0.5), 0.0)
        shares: Floats = drawn[np.searchsorted(same, ids)]
        return shares


def _usual_shares(calls: pl.DataFrame) -> pl.DataFrame:
    """Counts by call how many of its class arrived as high as in ballast in earlier weeks, and how many had cargo."""
    hulls = hulls_of_calls(calls)
    came, left = (calls[f"{end}_draught_m"].fill_null(np.nan).to_numpy() for end in ("arrival", "departure"))
    is_evidence = calls["is_sure"].to_numpy() & ~np.isnan(left) & is_in_ballast(came, hulls)
    usual = calls.select(
        "vessel_class", said_in="week_index", had=pl.Series(is_in_ballast(left, hulls))
    ).filter(pl.Series(is_evidence))
    counted = usual.group_by("vessel_class", "said_in").agg(had=pl.col("had").sum(), number=pl.len())
    age = pl.col("week_index") - pl.col("said_in")
    shares = (
        calls.select(_KEYS).unique()
        .join(counted, on="vessel_class")
        .filter(age >= 0, age < rules().draught_mean_weeks)
        .group_by(_KEYS)
        .agg(pl.col("had", "number").sum())
    )  # fmt: skip
    found = calls.select(_KEYS).join(shares, on=_KEYS, how="left", maintain_order="left")
    return found.with_columns(pl.col("had", "number").fill_null(0))
