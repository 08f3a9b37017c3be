"""Draughts that crews did not report, filled in as draws (methodology 9).

A voyage has one draught: what was not reported at its beginning is not known at its end either, unless the vessel was
silent in between for so long that it may have called elsewhere. `stand_ins` has what it is filled in from. Each voyage
gets as many draws as the rule says: what they differ by is the uncertainty of imputation (Rubin 1987). They are a
function of the call's identifier and of the draughts that can stand in.

A draught that goes on being reported after a call may be true, where loading and unloading were about equal, or
forgotten. By class: the number of true ones is about that of changes by one step up or down, halved; the rest of the
unchanged are forgotten. In each draw an unchanged draught is a forgotten one with that probability.
"""

from typing import Final
from zlib import crc32

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import ndtri

from ais_indicators.rules import Rules
from ais_indicators.transforms.donors import uniform
from ais_indicators.transforms.stand_ins import Filled, StandIns, column_of, with_groups

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

REPORTED, UNCHANGED, NEXT_ARRIVAL = "reported", "unchanged", "next_arrival"
_DRAW, _FORGOTTEN, _ARRIVAL, _FORGOTTEN_BEFORE, PART_CARGO, _SHARE = 1, 2, 3, 4, 5, 64
"""What a random number is for; those of stand-ins follow from these and `stand_ins.WHICH`."""

EVEN: Final = 0.5
"""An unchanged draught that is forgotten less often than this counts as true."""


class Draughts:
    """Departure and arrival draughts of all calls of a time, and what can stand in for them."""

    def __init__(self, calls: pl.DataFrame, rules: Rules) -> None:
        """Takes calls by ship and time: the columns of `reported_draughts`, sizes and `week_index`."""
        has_previous = pl.col("previous_call_id").is_not_null()
        is_new = (
            pl.when("is_return")
            .then("arrival_is_new")
            .otherwise(pl.col("has_departure").shift(1).fill_null(False) | pl.col("arrival_is_late"))
        )
        self.calls = with_groups(
            calls.with_columns(
                next_port=pl.when(pl.col("next_call_id").is_not_null(), ~pl.col("is_unwatched")).then(
                    pl.col("port_locode").shift(-1)
                ),
                has_departure=pl.col("departure_draught_m").is_not_null(),
            ).with_columns(
                is_sure=pl.col("arrival_draught_m").is_not_null()
                & ((has_previous & is_new) | pl.col("arrival_is_late"))
            ), rules
        )  # fmt: skip
        self.shares = forgotten_shares(self.calls, rules)
        self._stand_ins = StandIns(self.calls, rules)

    def leaving(self, rows: Ints) -> Filled:
        """Returns draughts after some calls, by their places."""
        calls = self.calls[rows]
        missing = self._stand_ins.missing(rows, ("port_locode", "next_port"), _DRAW)
        share = self.shares["unchanged_is_forgotten"].to_numpy()[rows]
        drawn = drawn_shares(self.shares[rows], calls["vessel_class"], missing.draws_m.shape[1])
        arrival = column_of(calls, "arrival_draught_m")
        is_unchanged = calls["is_unchanged"].to_numpy()
        chance = uniform(_ids(calls), missing.draws_m.shape[1], _FORGOTTEN)
        seems_true = share < EVEN
        has_stand_in = ~np.isnan(missing.value_m)[:, None]
        stays = is_unchanged[:, None] & np.where(has_stand_in, chance >= drawn, seems_true[:, None])
        is_true = is_unchanged & seems_true
        filled = Filled(
            np.where(stays, arrival[:, None], missing.draws_m),
            np.where(is_true, arrival, missing.value_m),
            np.where(is_true, UNCHANGED, missing.code),
            np.where(is_true, np.inf, missing.support),
        )
        for name, column in ((NEXT_ARRIVAL, "next_arrival_draught_m"), (REPORTED, "departure_draught_m")):
            filled = _known(calls, column, name, filled.draws_m.shape[1]).where(
                calls[column].is_not_null().to_numpy(), filled
            )
        return filled

    def entering(self, rows: Ints) -> Filled:
        """Returns draughts at the entry of some calls: reported, else those with which the voyage began.

        Of a first call, and of one after a silence, nothing shows whether its draught was forgotten: in each draw it is
        with the class's share.
        """
        calls = self.calls[rows]
        has_previous = (calls["previous_call_id"].is_not_null() & ~calls["is_return"]).to_numpy()
        alone = self._stand_ins.missing(rows, (None, "port_locode"), _ARRIVAL)
        known = _known(calls, "arrival_draught_m", REPORTED, alone.draws_m.shape[1])
        share = self.shares["forgotten"].to_numpy()[rows]
        chance = uniform(_ids(calls), alone.draws_m.shape[1], _FORGOTTEN_BEFORE)
        stays = (chance >= share[:, None]) | np.isnan(alone.draws_m)
        is_reported = calls["arrival_draught_m"].is_not_null().to_numpy()
        mixed = Filled(
            np.where(stays, known.draws_m, alone.draws_m), known.value_m, known.code, known.support
        )
        first = mixed.where(is_reported, alone)
        before = self.leaving(np.where(has_previous, rows - 1, rows)).where(has_previous, first)
        return known.where(calls["is_sure"].to_numpy(), before)


def forgotten_shares(calls: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Returns how likely crews forget to report, for each call by its class, length of stay and week.

    Of the calls that are long enough for trade, those without a true change are about as many as a parabola through
    the changes by one and two steps up or down gives; the rest of the unchanged are forgotten. Set against the
    changes that were reported, that makes the odds of forgetting: a class's own where they are no chance, else those of
    all classes. Among short calls as many are forgotten as the odds make of the
    changes reported there: a stop for fuel without any is not taken for one with cargo. A step is a smaller part of a
    deep ship's changes: that its draught is truly the same is the less likely, the larger its design draught.

    Args:
        calls: `vessel_class, week_index, is_short_stay`, `is_unchanged` and draughts.
        rules: Rules of the lake's subject.

    Returns:
        In the calls' order, columns `forgotten` (of departures with a change) and `unchanged_is_forgotten`, which is
        made of the class's `share` with its standard error `share_sd`, and of `relative`: how much more likely than
        usual a true draught of this ship stays the same.
    """
    marked = calls.select(
        "vessel_class", "week_index", "is_unchanged", fineness=1.0 / pl.col("design_draught_m"), steps=_steps(rules),
        is_long=~pl.col("is_short_stay"),
    )  # fmt: skip
    keys = ["vessel_class", "is_long"]
    shares = _shares_of(_counted(marked, keys, rules), rules)
    relative = (pl.col("fineness") / pl.col("usual")).fill_nan(1.0).fill_null(1.0)
    found = marked.join(
        shares, on=[*keys, "week_index"], how="left", nulls_equal=True, maintain_order="left"
    ).select("forgotten", "share", "share_sd", relative=relative)
    return found.with_columns(unchanged_is_forgotten=_of_size())


def drawn_shares(shares: pl.DataFrame, classes: pl.Series, draws: int) -> Floats:
    """Returns the odds that an unchanged draught is forgotten, in each draw: a class's error is that of all its calls.

    Args:
        shares: Rows of `forgotten_shares`.
        classes: Class of each.
        draws: How many draws.
    """
    ids = np.array([crc32(name.encode()) for name in classes.fill_null("").to_list()], dtype=np.int64)
    normal = ndtri(uniform(ids, draws, _SHARE)) if ids.size else np.empty((0, draws))
    share, spread, relative = (shares[name].to_numpy()[:, None] for name in ("share", "share_sd", "relative"))
    drawn = np.clip(share + spread * normal, 0.0, 1.0)
    with np.errstate(invalid="ignore"):
        scaled: Floats = drawn / (drawn + (1.0 - drawn) * relative)
    return scaled


def _shares_of(total: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Returns shares by class, length of stay and week, from the odds of the long stays."""
    long_stays = total.filter("is_long", pl.col("vessel_class").is_in(rules.trade_classes))
    of_class = _odds(long_stays, ["week_index", "vessel_class"], rules.forgotten_significance, rules)
    of_all = _odds(long_stays, ["week_index"], 0.0, rules).rename(
        {"odds": "odds_of_all", "odds_sd": "odds_sd_of_all"}
    )
    ratio = (pl.col("changed") / pl.col("unchanged")).fill_nan(0.0)
    return (
        total.join(of_class, on=["week_index", "vessel_class"], how="left")
        .join(of_all, on="week_index", how="left")
        .with_columns(
            odds=pl.coalesce("odds", "odds_of_all"), odds_sd=pl.coalesce("odds_sd", "odds_sd_of_all")
        )
        .with_columns(
            share=(pl.col("odds") * ratio).fill_nan(0.0).fill_null(1.0).clip(0.0, 1.0),
            share_sd=(pl.col("odds_sd") * ratio).fill_nan(0.0).fill_null(0.0),
            forgotten=(pl.col("odds") / (1.0 + pl.col("odds"))).fill_null(0.0),
            usual=pl.col("fineness") / pl.col("measured"),
        )
        .drop("fineness")
    )


def _of_size() -> pl.Expr:
    share, relative = pl.col("share"), pl.col("relative")
    return share / (share + (1.0 - share) * relative)


def _steps(rules: Rules) -> pl.Expr:
    """Returns the number of steps by which a call changed the draught; null if unknown."""
    change = pl.col("departure_draught_m") - pl.col("arrival_draught_m")
    step: float = rules.draught_step_m
    return (change.abs() / step).round()


def _counted(marked: pl.DataFrame, keys: list[str], rules: Rules) -> pl.DataFrame:
    """Calls by whether and how far their draught changed, over the weeks that count for each week."""
    is_evidence = pl.col("is_unchanged") | pl.col("steps").is_not_null()
    counted = (
        marked.sort(*keys, "week_index", "fineness")
        .group_by(*keys, said_in="week_index")
        .agg(
            unchanged=pl.col("is_unchanged").sum(),
            changed=pl.col("steps").is_not_null().sum(),
            by_one=(pl.col("steps") == 1).sum(),
            by_two=(pl.col("steps") == 2).sum(),  # noqa: PLR2004 (steps)
            fineness=pl.col("fineness").filter(is_evidence).sum(),
            measured=pl.col("fineness").filter(is_evidence).count(),
        )
    )
    age = pl.col("week_index") - pl.col("said_in")
    return (
        marked.select(*keys, "week_index").unique()
        .join(counted, on=keys, nulls_equal=True)
        .filter(age >= 0, age < rules.draught_mean_weeks)
        .sort(*keys, "week_index", "said_in")  # sums of doubles depend on their order in the last bit
        .group_by(*keys, "week_index")
        .agg(pl.col("unchanged", "changed", "by_one", "by_two", "fineness", "measured").sum())
    )  # fmt: skip


def _odds(total: pl.DataFrame, keys: list[str], significance: float, rules: Rules) -> pl.DataFrame:
    """Returns forgotten changes for each that was reported; none where too few calls tell, or too little sure."""
    numbers = total.group_by(keys).agg(pl.col("unchanged", "changed", "by_one", "by_two").sum())
    truly_unchanged = ((4.0 * pl.col("by_one") - pl.col("by_two")) / 6.0).clip(lower_bound=0.0)
    forgotten = (pl.col("unchanged") - truly_unchanged).clip(lower_bound=0.0)
    chance = (pl.col("unchanged") + (16.0 * pl.col("by_one") + pl.col("by_two")) / 36.0).sqrt()
    enough = pl.col("unchanged") + pl.col("changed") >= rules.min_calls_for_unchanged_share
    doubt = ((16.0 * pl.col("by_one") + pl.col("by_two")) / 36.0 + truly_unchanged).sqrt()
    return numbers.filter(enough, pl.col("changed") > 0, forgotten >= significance * chance).select(
        *keys, odds=forgotten / pl.col("changed"), odds_sd=doubt / pl.col("changed")
    )


def _known(calls: pl.DataFrame, column: str, code: str, draws: int) -> Filled:
    """Returns draughts as they were reported."""
    value = column_of(calls, column)
    return Filled(
        np.repeat(value[:, None], draws, axis=1),
        value,
        np.full(calls.height, code, object),
        np.full(calls.height, np.inf),
    )


def _ids(calls: pl.DataFrame) -> Ints:
    return calls["port_call_id"].to_numpy()
