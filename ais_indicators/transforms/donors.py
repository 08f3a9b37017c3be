"""Draughts that were reported, and which of them stand in for one that was not (methodology 9).

A ship's own draughts from a port stand in first. They are few, and few look surer than they are: so a draw is sometimes
one of the ship's class at the port, and sometimes one of its class at any port. How often follows from the reported
ones (a Polya urn): if ships of a class differ little from each other at a port, against how much a ship differs from
itself, the class has more weight. `Masses` contains to how many of a ship's own draughts the class is equal.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ais_indicators.hashing import GOLDEN_RATIO, spread_bits, unit_interval
from ais_indicators.rules import Rules

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_WEEK_SPAN: Final = 1 << 20
_MOST_SHIPS: Final = 100
"""More vessels than this support a draught so well that their number no longer matters."""

_WINDOWS_AT_ONCE: Final = 1 << 16
_RESAMPLE: Final = 7
"""Key of these random numbers, distinct from those of `missing_draughts`."""


class Donors:
    """Values that were reported, by key and week, so that those of some weeks stand together."""

    def __init__(self, rows: pl.DataFrame, keys: list[str], rules: Rules) -> None:
        """Takes columns `value`, `week_index`, `port_call_id`, `vessel_id` and the keys."""
        reported = rows.filter(pl.col("value").is_not_null()).sort(*keys, "week_index", "port_call_id")
        self._keys = keys
        self._mean_weeks = rules.draught_mean_weeks
        self._codes = reported.select(keys).unique(maintain_order=True).with_row_index("code")
        self._places = reported["week_index"].to_numpy().astype(np.int64) + _WEEK_SPAN * self._code(
            reported, keys
        )
        self._values = reported["value"].to_numpy()
        self._ids = reported["port_call_id"].to_numpy()
        self._padded = np.append(self._values, 0.0)
        self._ships = reported["vessel_id"].rank("dense").fill_null(0).to_numpy().astype(np.int64)

    def window(self, calls: pl.DataFrame, keys: list[str]) -> tuple[Ints, Ints]:
        """Returns the first place and the one after the last of the donors of each call."""
        code = self._code(calls, keys)
        now = code * _WEEK_SPAN + calls["week_index"].to_numpy()
        low = np.searchsorted(self._places, now - self._mean_weeks, side="right")
        high = np.searchsorted(self._places, now, side="right")
        low = np.maximum(low, np.searchsorted(self._places, code * _WEEK_SPAN))
        return np.where(code < 0, 0, low), np.where(code < 0, 0, high)

    def mean(self, low: Ints, high: Ints) -> Floats:
        """Returns the mean of each window, NaN for none; added up separately, so that it depends on nothing else."""
        number = high - low
        sums = np.add.reduceat(self._padded, np.column_stack([low, high]).ravel())[::2] if low.size else low
        mean: Floats = np.where(number > 0, sums, np.nan) / np.maximum(number, 1)
        return mean

    def ships(self, low: Ints, high: Ints) -> Floats:
        """Counts the different vessels behind each window, among its newest `_MOST_SHIPS` reports."""
        windows, which = np.unique(np.column_stack([low, high]), axis=0, return_inverse=True)
        counts = np.zeros(len(windows))
        for first in range(0, len(windows), _WINDOWS_AT_ONCE):
            start, end = (windows[first : first + _WINDOWS_AT_ONCE, side][:, None] for side in (0, 1))
            place = end - 1 - np.arange(_MOST_SHIPS)
            found = np.where(place >= start, np.append(self._ships, -1)[np.maximum(place, -1)], -1)
            found.sort(axis=1)
            is_new = np.diff(found, axis=1, prepend=-1) != 0
            counts[first : first + len(found)] = is_new.sum(axis=1)
        return counts[which.ravel()]

    def pick(self, low: Ints, high: Ints, chance: Floats) -> Floats:
        """Returns one value of each window for each chance in 0 to 1, shape (windows, draws); NaN for none.

        Each draw picks from a resample of the values that is the same for all calls (the approximate Bayesian bootstrap
        of Rubin and Schenker 1986): calls that rest on the same few values err alike.
        """
        if self._values.size == 0:
            return np.full(chance.shape, np.nan)
        number, last = (high - low)[:, None], self._values.size - 1
        place = np.minimum(low[:, None] + (chance * number).astype(np.int64), last)
        again = uniform(self._ids[place], chance.shape[1], _RESAMPLE)
        place = np.minimum(low[:, None] + (again * number).astype(np.int64), last)
        return np.where(number > 0, self._values[place], np.nan)

    def _code(self, rows: pl.DataFrame, keys: list[str]) -> Ints:
        if rows.is_empty() or self._codes.is_empty():
            return np.full(rows.height, -1, np.int64)
        named = rows.select(pl.col(old).alias(new) for old, new in zip(keys, self._keys, strict=True))
        found = named.join(self._codes, on=self._keys, how="left", maintain_order="left")["code"]
        return found.cast(pl.Int64).fill_null(-1).to_numpy()


@dataclass(frozen=True)
class Masses:
    """Of each call, by its class and week: to how many draughts of the narrower group the wider one is equal.

    Attributes:
        of_class: The class and size at the port, in draughts of the ship itself.
        of_anywhere: The class at any port, in draughts of the class at the port.
    """

    of_class: Floats
    of_anywhere: Floats


def masses_of(calls: pl.DataFrame, reported: pl.DataFrame, rules: Rules) -> Masses:
    """Sets half the mean squares of differences against each other, over the weeks that draughts may stand in for.

    Differences are between draughts that follow each other, after like arrivals: of one ship at one port, of two ships
    of a class and size at one port, of two ships of a class at one port and at two.

    Args:
        calls: Columns `vessel_class` and `week_index`.
        reported: Columns `value` (reported draught as a share of the design draught), `vessel_id, vessel_class,
            port_locode, arrival_state, length_band, week_index, port_call_id`.
        rules: Rules of the lake's subject.
    """
    ship, port = pl.col("vessel_id"), pl.col("port_locode")
    is_other, like = ship != ship.shift(1), ["vessel_class", "arrival_state"]
    own = _spread(calls, reported, [*like, "vessel_id", "port_locode"], pl.lit(True), rules)
    of_size = _spread(calls, reported, [*like, "port_locode", "length_band"], is_other, rules)
    at_port = _spread(calls, reported, [*like, "port_locode"], is_other, rules)
    anywhere = _spread(calls, reported, like, is_other & (port != port.shift(1)), rules)
    return Masses(_mass(own, of_size, rules), _mass(at_port, anywhere, rules))


def _spread(
    calls: pl.DataFrame, reported: pl.DataFrame, group: list[str], counts: pl.Expr, rules: Rules
) -> pl.DataFrame:
    """Returns the mean squared difference and number of differences, for each call by its class and week."""
    keys = ["vessel_class", "week_index"]
    pairs = (
        reported.drop_nulls("value")
        .sort(*group, "week_index", "port_call_id")
        .select(
            "vessel_class",
            said_in="week_index",
            since=pl.col("week_index").shift(1).over(group),
            square=(pl.col("value") - pl.col("value").shift(1).over(group)) ** 2,
            counts=counts,
        )
        .filter("counts", pl.col("square").is_not_null())
        .group_by("vessel_class", "said_in", "since", maintain_order=True)
        .agg(pl.col("square").sum(), number=pl.len())
    )
    week, span = pl.col("week_index"), rules.draught_mean_weeks
    found = (
        calls.select(keys).unique()
        .join(pairs, on="vessel_class")
        .filter(pl.col("said_in") <= week, week - pl.col("since") < span)
        .sort(*keys, "said_in", "since")  # sums of doubles depend on their order in the last bit
        .group_by(keys, maintain_order=True)
        .agg(square=pl.col("square").sum() / pl.col("number").sum(), number=pl.col("number").sum())
    )  # fmt: skip
    return calls.select(keys).join(found, on=keys, how="left", maintain_order="left")


def _mass(narrow: pl.DataFrame, wide: pl.DataFrame, rules: Rules) -> Floats:
    """Returns the variance within groups over that between them; 1 where there are too few differences."""
    within, total = (rows["square"].fill_null(0.0).to_numpy() for rows in (narrow, wide))
    most = float(rules.most_donor_mass)
    with np.errstate(divide="ignore", invalid="ignore"):
        mass = np.where(total > within, within / (total - within), most)
    fewest = np.minimum(*(rows["number"].fill_null(0).to_numpy() for rows in (narrow, wide)))
    return np.where(fewest >= rules.min_calls_for_donor_mass, np.minimum(mass, most), 1.0)


def uniform(ids: Ints, draws: int, purpose: int) -> Floats:
    """Numbers in 0 to 1 that follow from identifier, draw and purpose alone; shape (ids, draws).

    Args:
        ids: Identifiers, of shape (ids,) or one for each draw.
        draws: How many draws.
        purpose: What the numbers are for.
    """
    with np.errstate(over="ignore"):
        steps = np.arange(1, draws + 1, dtype=np.uint64) + np.uint64(purpose) * np.uint64(1 << 32)
        mixed = np.atleast_2d(ids.astype(np.uint64).T).T + steps[None, :] * GOLDEN_RATIO
        chances: Floats = unit_interval(spread_bits(mixed))
    return chances
