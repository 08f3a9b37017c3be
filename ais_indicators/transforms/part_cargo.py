"""Ships that lie as high as in ballast and yet carry cargo (methodology 9, the ballast rule).

The rule reads no cargo in a tanker or bulk carrier that lies hardly deeper than in ballast. Some carry the rest of a
cargo to their last port. The call there shows it: a ship in ballast comes to load; one that leaves with another draught
and is still as high has put the last of its cargo ashore. Where that departure was not reported, each draw has its
own; where it is not known yet, cargo is drawn as often as ships of the class turned out to have some.

The rest of a cargo goes to a port near by, within days. A ship that has been away for longer is not like those: it left
the region to load, or its next port has no receivers. So only ships count that took at least as many days to their next
call as it has been away; where these are too few, the ballast rule applies.
"""

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.stats import beta

from ais_indicators.rules import Rules
from ais_indicators.transforms.donors import uniform
from ais_indicators.transforms.missing_draughts import PART_CARGO, Draughts
from ais_indicators.transforms.payload import Hulls, is_in_ballast
from ais_indicators.transforms.stand_ins import Filled
from ais_indicators.units import FIRST_MONDAY_SECOND, SECONDS_PER_DAY, SECONDS_PER_WEEK

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_KEYS: Final = ["vessel_class", "week_index"]
_SHARE: Final = 6
"""Key of the random numbers of shares, distinct from those of `missing_draughts`."""
_CLASS_CODES: Final = {name: code for code, name in enumerate(("", "dry_bulk", "tanker"))}


def hulls_of_calls(calls: pl.DataFrame, rules: Rules) -> Hulls:
    """Returns hulls of calls; NaN if the ship carries no cargo that its draught shows."""
    carries = (pl.col("deadweight_t") > 0) & pl.col("vessel_class").is_in(rules.trade_classes)
    sizes = calls.select(
        "length_m", "width_m", pl.when(carries).then("deadweight_t").alias("deadweight_t"), "design_draught_m",
        "block_coefficient",
    ).fill_null(np.nan)  # fmt: skip
    has_rule = calls["vessel_class"].is_in(rules.ballast_classes).to_numpy()
    return Hulls(**{name: sizes[name].to_numpy() for name in sizes.columns}, has_ballast_rule=has_rule)


class PartCargoes:
    """Which calls' ships came with cargo though they may lie as high as in ballast."""

    def __init__(self, calls: pl.DataFrame, draughts: Draughts, seen_until_s: int, rules: Rules) -> None:
        """Takes the calls of `draughts`, by ship and time, and the end of the newest week, in epoch seconds."""
        self._calls = calls
        self._draughts = draughts
        self._rules = rules
        self._usual_shares = _usual_shares(draughts.calls, rules)
        self._days_away = _days_away(calls, seen_until_s, rules)

    def brought(self, rows: Ints, came: Filled, left: Filled) -> Bools:
        """Returns whether ships came to some calls with cargo, in each draw; shape (calls, draws)."""
        here = self._calls[rows]
        hulls = hulls_of_calls(here, self._rules).of((slice(None), None))
        has_last = is_in_ballast(left.draws_m, hulls, self._rules) & (left.draws_m != came.draws_m)
        return np.where(np.isnan(left.draws_m), self._drawn(rows, np.zeros_like(rows)), has_last)

    def taken(self, rows: Ints) -> Bools:
        """Returns whether ships left some calls with cargo, as shown by what they brought to the next.

        A ship that came to its next call deeper than in ballast has loaded in between: what it had on board there says
        nothing of this departure, and the ballast rule holds.
        """
        following = np.minimum(rows + 1, self._calls.height - 1)
        came, left = self._draughts.entering(following), self._draughts.leaving(following)
        hulls = hulls_of_calls(self._calls[following], self._rules).of((slice(None), None))
        brought = self.brought(following, came, left) & is_in_ballast(came.draws_m, hulls, self._rules)
        is_same = self._calls["next_call_id"].is_not_null() & ~self._calls["is_unwatched"]
        return np.where(is_same.to_numpy()[rows][:, None], brought, self._drawn(rows, self._days_away[rows]))

    def _drawn(self, rows: Ints, days: Ints) -> Bools:
        ids = self._calls["port_call_id"].to_numpy()[rows]
        chance = uniform(ids, self._rules.imputation_draws, PART_CARGO)
        return np.asarray(chance < self._shares(rows, days))

    def _shares(self, rows: Ints, days: Ints) -> Floats:
        """Returns the share of the class with cargo, equal for calls of a week and as many days; shape (calls, draws).

        Few calls are little evidence of a share: it follows a beta distribution (Jeffreys' prior). With too few the
        rule applies.
        """
        usual = self._counts(rows, days)
        same = usual.unique(maintain_order=True).with_row_index("place")
        codes = same["vessel_class"].replace_strict(_CLASS_CODES, default=0, return_dtype=pl.Int64)
        ids = (same["week_index"] * len(_CLASS_CODES) + codes).to_numpy()
        chance = uniform(ids, self._rules.imputation_draws, _SHARE)
        had, number = (same[name].to_numpy().astype(np.float64)[:, None] for name in ("had", "number"))
        is_enough = number >= self._rules.min_calls_for_part_cargo
        drawn = np.where(is_enough, beta.ppf(chance, had + 0.5, number - had + 0.5), 0.0)
        keys = usual.columns
        places = usual.join(same, on=keys, how="left", nulls_equal=True, maintain_order="left")["place"]
        shares: Floats = drawn[places.to_numpy()]
        return shares

    def _counts(self, rows: Ints, days: Ints) -> pl.DataFrame:
        """Returns class and week of some calls, with `had` and `number` of those that took at least as many days."""
        asked = self._calls[rows].select(_KEYS).with_columns(days=pl.Series(days, dtype=pl.Int64))
        return (
            asked.with_row_index("row")
            .sort("days", "row")
            .join_asof(self._usual_shares, on="days", by=_KEYS, strategy="forward", check_sortedness=False)
            .sort("row")
            .select(*_KEYS, pl.col("had", "number").fill_null(0))
        )


def _days_away(calls: pl.DataFrame, seen_until_s: int, rules: Rules) -> Ints:
    """Returns for how many full days each ship is known to have made no other call, after its departure.

    Until its next call, else until the newest week; no longer than a voyage may last after the call's week, so that
    weeks that come in later change nothing.
    """
    longest = rules.max_voyage_days
    ends_s = FIRST_MONDAY_SECOND + (pl.col("week_index") + 1) * SECONDS_PER_WEEK + longest * SECONDS_PER_DAY
    until_s = pl.coalesce(
        pl.col("next_entered_at_utc").dt.epoch("s"), pl.min_horizontal(ends_s, pl.lit(seen_until_s))
    )
    away = (until_s - pl.col("left_at_utc").dt.epoch("s")) // SECONDS_PER_DAY
    return calls.select(away.fill_null(0).clip(lower_bound=0)).to_series().to_numpy()


def _usual_shares(calls: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Counts earlier arrivals as high as in ballast, and how many of them had cargo.

    Args:
        calls: Calls by ship and time, as `Draughts` has them.
        rules: Rules of the lake's subject.

    Returns:
        By class and week, `had` and `number` of the voyages that took at least `days` full days, by `days`. A voyage
        of unknown origin counts as one of no days.
    """
    hulls = hulls_of_calls(calls, rules)
    came, left = (calls[f"{end}_draught_m"].fill_null(np.nan).to_numpy() for end in ("arrival", "departure"))
    is_evidence = calls["is_sure"].to_numpy() & ~np.isnan(left) & is_in_ballast(came, hulls, rules)
    took = (pl.col("entered_at_utc") - pl.col("left_at_utc").shift(1).over("vessel_id")).dt.total_days()
    usual = calls.select(
        "vessel_class",
        said_in="week_index",
        had=pl.Series(is_in_ballast(left, hulls, rules)),
        days=pl.when(pl.col("previous_call_id").is_not_null()).then(took).fill_null(0).clip(lower_bound=0),
    ).filter(pl.Series(is_evidence))
    counted = usual.group_by("vessel_class", "said_in", "days").agg(had=pl.col("had").sum(), number=pl.len())
    age = pl.col("week_index") - pl.col("said_in")
    shares = (
        calls.select(_KEYS).unique()
        .join(counted, on="vessel_class")
        .filter(age >= 0, age < rules.draught_mean_weeks)
        .group_by(*_KEYS, "days")
        .agg(pl.col("had", "number").sum())
    )  # fmt: skip
    longest_first = shares.sort(*_KEYS, "days", descending=[False, False, True])
    return longest_first.with_columns(pl.col("had", "number").cum_sum().over(_KEYS)).sort("days", *_KEYS)
