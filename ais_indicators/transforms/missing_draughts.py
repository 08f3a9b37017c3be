"""Draughts that crews did not report, filled in as draws (methodology 7).

A voyage has one draught: what was not reported at its beginning is not known at its end either. It is filled in, in
this order, from the ship's own departures from that port, its own arrivals at the next, its class's departures from the
port, and its class's arrivals at the next; over the 52 weeks that end with the call's week. Draughts of a class are shares
of the design draught. Each voyage gets as many draws as the rule says, about its stand-in: what they differ by is
the uncertainty of imputation (Rubin 1987). They are a function of the call's identifier alone.

A draught that goes on being reported after a call may be true, where loading and unloading were about equal, or
forgotten. By class: the number of true ones is about that of changes by one step up or down, halved; the rest of the
unchanged are forgotten. In each draw an unchanged draught is a forgotten one with that probability.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ais_indicators.rules import rule

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

REPORTED, UNCHANGED, NEXT_ARRIVAL = "reported", "unchanged", "next_arrival"
OWN_MEAN, CLASS_MEAN, NONE = "own_port_mean", "class_port_mean", "none"
_WEEK_SPAN: Final = 1 << 20
_DRAW, _FORGOTTEN, _ARRIVAL = 1, 2, 3
"""What a random number is for."""


@dataclass(frozen=True)
class Filled:
    """Draughts of some calls, as draws.

    Attributes:
        draws_m: Shape (calls, draws); all of a row equal where the draught was reported, NaN where nothing is known.
        code: How each was found.
    """

    draws_m: Floats
    code: NDArray[np.object_]

    @property
    def is_imputed(self) -> NDArray[np.bool_]:
        """Whether a draught was filled in by a mean."""
        return np.isin(self.code, (OWN_MEAN, CLASS_MEAN))


class Draughts:
    """Departure and arrival draughts of all calls of a time, and what can stand in for them."""

    def __init__(self, calls: pl.DataFrame) -> None:
        """Takes calls by ship and time: the columns of `reported_draughts`, `design_draught_m` and `week_index`."""
        self.calls = calls.with_columns(
            next_port=pl.when(pl.col("next_call_id").is_not_null()).then(pl.col("port_locode").shift(-1)),
            has_departure=pl.col("departure_draught_m").is_not_null(),
        ).with_columns(
            is_sure=pl.col("arrival_draught_m").is_not_null()
            & (pl.col("previous_call_id").is_null() | pl.col("has_departure").shift(1).fill_null(True))
        )
        self.forgotten_share = _forgotten_shares(self.calls)
        left = self.calls.filter("has_departure").with_columns(value="departure_draught_m")
        came = self.calls.filter("is_sure").with_columns(value="arrival_draught_m")
        self._own_left, self._own_came = (Donors(rows, ["vessel_id", "port_locode"]) for rows in (left, came))
        share = pl.col("value") / pl.col("design_draught_m")
        self._class_left, self._class_came = (
            Donors(rows.with_columns(value=share), ["vessel_class", "port_locode"]) for rows in (left, came)
        )
        self._spread = Donors(_residuals(left, self._own_left), ["vessel_class"])

    def leaving(self, rows: Ints) -> Filled:
        """Draughts after some calls, by their places."""
        calls = self.calls[rows]
        here, there = ["vessel_id", "port_locode"], ["vessel_id", "next_port"]
        of_class = [["vessel_class", "port_locode"], ["vessel_class", "next_port"]]
        means = [(self._own_left, here), (self._own_came, there)]
        decks = list(zip((self._class_left, self._class_came), of_class, strict=True))
        draws, code = self._imputed(calls, means, decks, _DRAW)
        own = _column(calls, "arrival_draught_m")[:, None]
        share = self.forgotten_share[rows][:, None]
        is_unchanged = calls["is_unchanged"].to_numpy()
        stays = is_unchanged[:, None] & (_uniform(_ids(calls), draws.shape[1], _FORGOTTEN) >= share)
        draws = np.where(stays, own, draws)
        code = np.where(is_unchanged & (self.forgotten_share[rows] < 1 / 2), UNCHANGED, code)
        for name, column in ((NEXT_ARRIVAL, "next_arrival_draught_m"), (REPORTED, "departure_draught_m")):
            value = _column(calls, column)
            draws = np.where(np.isnan(value)[:, None], draws, value[:, None])
            code = np.where(np.isnan(value), code, name)
        return Filled(draws, code)

    def entering(self, rows: Ints) -> Filled:
        """Draughts at the entry of some calls: reported, else those with which the voyage began."""
        calls = self.calls[rows]
        has_previous = calls["previous_call_id"].is_not_null().to_numpy()
        before = self.leaving(np.where(has_previous, rows - 1, rows))
        alone, code = self._imputed(
            calls, [(self._own_came, ["vessel_id", "port_locode"])],
            [(self._class_came, ["vessel_class", "port_locode"])], _ARRIVAL,
        )  # fmt: skip
        draws = np.where(has_previous[:, None], before.draws_m, alone)
        code = np.where(has_previous, before.code, code)
        is_sure = calls["is_sure"].to_numpy()
        value = _column(calls, "arrival_draught_m")
        return Filled(np.where(is_sure[:, None], value[:, None], draws), np.where(is_sure, REPORTED, code))

    def _imputed(
        self, calls: pl.DataFrame, means: list[tuple["Donors", list[str]]], decks: list[tuple["Donors", list[str]]], purpose: int
    ) -> tuple[Floats, NDArray[np.object_]]:
        """Draws from the first stand-in that there is: own means with a residual, then the class's own values."""
        chance = _uniform(_ids(calls), int(rule("imputation_draws")), purpose)
        draws = np.full(chance.shape, np.nan)
        code = np.full(calls.height, NONE, object)
        design = _column(calls, "design_draught_m")[:, None]
        low, high = self._spread.window(calls, ["vessel_class"])
        residual = np.nan_to_num(self._spread.pick(low, high, chance))
        for donors, keys in means:
            low, high = donors.window(calls, keys)
            mean, number = donors.mean(low, high)
            found = (code == NONE) & (number > 0)
            spread = residual * design * np.sqrt(1.0 + 1.0 / np.maximum(number, 1))[:, None]
            draws[found] = np.clip(mean[:, None] + spread, rule("draught_step_m"), np.maximum(design, mean[:, None]))[found]
            code[found] = OWN_MEAN
        for donors, keys in decks:
            low, high = donors.window(calls, keys)
            found = (code == NONE) & (high > low) & ~np.isnan(design[:, 0])
            draws[found] = (donors.pick(low, high, chance) * design)[found]
            code[found] = CLASS_MEAN
        return draws, code


class Donors:
    """Values that were reported, by key and week, so that those of some weeks stand together."""

    def __init__(self, rows: pl.DataFrame, keys: list[str]) -> None:
        """Takes columns `value`, `week_index`, `port_call_id` and the keys."""
        told = rows.filter(pl.col("value").is_not_null()).sort(*keys, "week_index", "port_call_id")
        self._keys = keys
        self._codes = told.select(keys).unique(maintain_order=True).with_row_index("code")
        self._places = told["week_index"].to_numpy().astype(np.int64) + _WEEK_SPAN * self._code(told, keys)
        self._values = told["value"].to_numpy()
        self._sums = np.concatenate([[0.0], np.cumsum(self._values)])

    def window(self, calls: pl.DataFrame, keys: list[str]) -> tuple[Ints, Ints]:
        """First place and the one after the last of what stands in for each call."""
        code = self._code(calls, keys)
        now = code * _WEEK_SPAN + calls["week_index"].to_numpy()
        low = np.searchsorted(self._places, now - int(rule("draught_mean_weeks")), side="right")
        high = np.searchsorted(self._places, now, side="right")
        low = np.maximum(low, np.searchsorted(self._places, code * _WEEK_SPAN))
        return np.where(code < 0, 0, low), np.where(code < 0, 0, high)

    def mean(self, low: Ints, high: Ints) -> tuple[Floats, Ints]:
        """Mean of each window, NaN for none, and how many it is of."""
        number = high - low
        with np.errstate(invalid="ignore"):
            return (self._sums[high] - self._sums[low]) / np.where(number, number, np.nan), number

    def pick(self, low: Ints, high: Ints, chance: Floats) -> Floats:
        """One value of each window for each chance in 0 to 1; NaN for none."""
        if self._values.size == 0:
            return np.full(chance.shape, np.nan)
        number = (high - low)[:, None]
        place = np.minimum(low[:, None] + (chance * number).astype(np.int64), self._values.size - 1)
        return np.where(number > 0, self._values[place], np.nan)

    def _code(self, rows: pl.DataFrame, keys: list[str]) -> Ints:
        named = rows.select(pl.col(old).alias(new) for old, new in zip(keys, self._keys, strict=True))
        found = named.join(self._codes, on=self._keys, how="left", maintain_order="left")["code"]
        return found.cast(pl.Int64).fill_null(-1).to_numpy()


def _residuals(left: pl.DataFrame, donors: Donors) -> pl.DataFrame:
    """By how much reported departure draughts differ from the ship's mean at the port, as shares of the design draught."""
    mean, number = donors.mean(*donors.window(left, ["vessel_id", "port_locode"]))
    freedom = np.sqrt(number / np.maximum(number - 1, 1))
    values = (left["value"].to_numpy() - mean) * freedom / _column(left, "design_draught_m")
    return left.with_columns(value=pl.Series(values).fill_nan(None)).filter(pl.Series(number > 1))


def _forgotten_shares(calls: pl.DataFrame) -> Floats:
    """How likely it is that an unchanged draught was forgotten, for each call by class and week."""
    step = rule("draught_step_m")
    steps = ((pl.col("departure_draught_m") - pl.col("arrival_draught_m")).abs() / step).round()
    counted = (
        calls.group_by("vessel_class", said_in="week_index")
        .agg(
            known=(pl.col("is_unchanged") | (pl.col("has_departure") & pl.col("is_sure"))).sum(),
            unchanged=pl.col("is_unchanged").sum(),
            by_one_step=((steps == 1) & pl.col("is_sure")).sum(),
        )
        .sort("vessel_class", "said_in")
    )
    weeks = calls.select("vessel_class", "week_index").unique()
    age = pl.col("week_index") - pl.col("said_in")
    total = (
        weeks.join(counted, on="vessel_class")
        .filter(age >= 0, age < int(rule("draught_mean_weeks")))
        .group_by("vessel_class", "week_index")
        .agg(pl.col("known", "unchanged", "by_one_step").sum())
    )
    true_share = pl.col("by_one_step") / 2 / pl.max_horizontal("unchanged", pl.lit(1))
    enough = pl.col("known") >= int(rule("min_calls_for_unchanged_share"))
    shares = total.with_columns(share=pl.when(enough).then(1.0 - true_share.clip(0.0, 1.0)).otherwise(1.0))
    return (
        calls.select("vessel_class", "week_index")
        .join(shares, on=["vessel_class", "week_index"], how="left", maintain_order="left")["share"]
        .to_numpy()
    )


def _ids(calls: pl.DataFrame) -> Ints:
    return calls["port_call_id"].to_numpy()


def _column(calls: pl.DataFrame, name: str) -> Floats:
    return calls[name].cast(pl.Float64).fill_null(np.nan).to_numpy()


def _uniform(ids: Ints, draws: int, purpose: int) -> Floats:
    """Numbers in 0 to 1 that follow from identifier, draw and purpose alone; shape (ids, draws)."""
    with np.errstate(over="ignore"):
        steps = np.arange(1, draws + 1, dtype=np.uint64) + np.uint64(purpose) * np.uint64(1 << 32)
        mixed = ids.astype(np.uint64)[:, None] + steps[None, :] * np.uint64(0x9E3779B97F4A7C15)
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
            mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return ((mixed ^ (mixed >> np.uint64(31))) >> np.uint64(11)).astype(np.float64) / float(1 << 53)
