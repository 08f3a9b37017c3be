"""Stand-ins for draughts that were not reported, from the narrowest group of like calls outwards (methodology 9).

A missing departure draught comes, in this order, from the vessel's own departures from that port, its own arrivals at
the next, its class's departures from the port, and its class's arrivals at the next; over the 52 weeks that end with
the call's week. Where the arrival draught is known, only departures after a like arrival (laden or light) count, so
that a laden tanker leaves a port where laden tankers unload in ballast. Within a class, vessels of the same band of
lengths come first. Draughts of a class are shares of the design draught; one that the vessel's size contradicts does
not stand in for another vessel's.

A laden vessel is expected to unload: that counts as some draughts of like calls, and alone where there are none.

No group is trusted for having some number of draughts: each draw is one of the next wider group in the proportions of
a Polya urn (`donors.Masses`), so few draughts shrink towards the wider group.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ais_indicators.rules import Rules
from ais_indicators.transforms.donors import Donors, masses_of, uniform

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

OWN_MEAN, CLASS_MEAN, EXPECTED, NONE = "own_port_mean", "class_port_mean", "expected_discharge", "none"
LADEN, LIGHT, ANY = "laden", "light", "any"
WHICH: Final = 8
"""Distance between the purposes of random numbers: one for the value, one for each choice of a group."""


@dataclass(frozen=True)
class Filled:
    """Draughts of some calls.

    Attributes:
        draws_m: Shape (calls, draws); all of a row equal where the draught was reported, NaN if nothing is known.
        value_m: The reported draught, or its imputed mean.
        code: How each was found.
        support: How many reports (of the vessel itself) or vessels (of its class) a stand-in rests on; infinite where
            the draught was reported.
    """

    draws_m: Floats
    value_m: Floats
    code: NDArray[np.object_]
    support: Floats

    @property
    def is_imputed(self) -> NDArray[np.bool_]:
        """Returns whether the draught is imputed."""
        return np.isin(self.code, (OWN_MEAN, CLASS_MEAN, EXPECTED))

    def where(self, keep: NDArray[np.bool_], other: "Filled") -> "Filled":
        """Returns these where `keep` is true, otherwise the others."""
        return Filled(
            np.where(keep[:, None], self.draws_m, other.draws_m),
            np.where(keep, self.value_m, other.value_m),
            np.where(keep, self.code, other.code),
            np.where(keep, self.support, other.support),
        )


def with_groups(calls: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Adds `arrival_state` and the band of lengths, by which calls of classes that sail empty one way are alike.

    Other classes load and unload in one call, so their arrival says nothing about the departure: they form one group.

    Args:
        calls: Columns `arrival_draught_m`, `design_draught_m`, `length_m`, `is_sure`, `is_return` and
            `previous_call_id`.
        rules: Rules of the lake's subject.

    Returns:
        The calls with `arrival_state` (`laden`, `light`; `any` where the arrival draught may be that of an earlier
        voyage) and `length_band`.
    """
    can_tell = pl.col("is_sure") | pl.col("previous_call_id").is_null() | pl.col("is_return")
    sails_empty = pl.col("vessel_class").is_in(rules.ballast_classes)
    share = pl.when(can_tell, sails_empty).then(pl.col("arrival_draught_m") / pl.col("design_draught_m"))
    return calls.with_columns(
        arrival_state=pl.when(share >= rules.laden_draught_share).then(pl.lit(LADEN))
        .when(share.is_not_null()).then(pl.lit(LIGHT)).otherwise(pl.lit(ANY)),
        length_band=pl.when(sails_empty)
        .then((pl.col("length_m") // rules.hull_length_band_m).cast(pl.Int64))
        .fill_null(-1),
        any_state=pl.lit(ANY),
    )  # fmt: skip


class _Groups:
    """Reported draughts at one end of calls, by vessel and by class."""

    def __init__(self, rows: pl.DataFrame, rules: Rules) -> None:
        share = _shares(rows, rules)
        self.own = Donors(rows, ["vessel_id", "port_locode", "arrival_state"], rules)
        self.band = Donors(share, ["vessel_class", "port_locode", "arrival_state", "length_band"], rules)
        self.port = Donors(share, ["vessel_class", "port_locode", "arrival_state"], rules)
        self.band_anywhere = Donors(share, ["vessel_class", "arrival_state", "length_band"], rules)
        self.anywhere = Donors(share, ["vessel_class", "arrival_state"], rules)


class StandIns:
    """Imputation of missing draughts of some calls."""

    def __init__(self, calls: pl.DataFrame, rules: Rules) -> None:
        """Takes calls with the columns of `missing_draughts.Draughts` and those of `with_groups`."""
        self._calls = calls
        self._rules = rules
        left = calls.filter("has_departure").with_columns(value="departure_draught_m")
        of_any = left.with_columns(arrival_state=pl.lit(ANY))
        both = pl.concat([left.filter(pl.col("arrival_state") != ANY), of_any])
        came = calls.filter("is_sure").with_columns(value="arrival_draught_m", arrival_state=pl.lit(ANY))
        self._left, self._came = _Groups(both, rules), _Groups(came, rules)
        self._masses = masses_of(calls, _shares(left, rules), rules)

    def missing(self, rows: Ints, ports: tuple[str | None, str], purpose: int) -> Filled:
        """Draws the imputed draughts of some calls.

        Args:
            rows: Places of the calls.
            ports: Columns with the port of departure, None for a voyage of unknown origin, and that of arrival.
            purpose: What the random numbers are for.
        """
        calls = self._calls[rows]
        left, came = ports
        filled = self._of_class(rows, self._came, came, "any_state", purpose)
        if left is not None:
            for state in ("any_state", "arrival_state"):
                of_port = self._of_class(rows, self._left, left, state, purpose)
                filled = of_port.where(~np.isnan(of_port.value_m), filled)
        of_class = filled
        own = [(self._came, came, "any_state")]
        own += [(self._left, left, state) for state in ("any_state", "arrival_state") if left is not None]
        chance, which = (uniform(_ids(calls), _draws(self._rules), purpose + n) for n in (0, WHICH))
        mass = self._masses.of_class[rows]
        for groups, port, state in own:
            if state == "any_state" and groups is self._left:
                is_asked = (calls["arrival_state"] == ANY).to_numpy()
            else:
                is_asked = np.ones(calls.height, dtype=np.bool_)
            low, high = found = groups.own.window(calls, ["vessel_id", str(port), state])
            is_other = _is_other(which, high - low, mass) & ~np.isnan(of_class.draws_m)
            one = Filled(
                np.where(is_other, of_class.draws_m, groups.own.pick(*found, chance)),
                groups.own.mean(*found),
                np.full(calls.height, OWN_MEAN, object),
                (high - low).astype(np.float64),
            )
            filled = one.where((high > low) & is_asked, filled)
        return filled

    def _of_class(self, rows: Ints, groups: _Groups, port: str, state: str, purpose: int) -> Filled:
        """Returns the draughts of the class at a port and, in the urn's proportions, at any port.

        A port without like arrivals gets what the class does elsewhere after like arrivals.
        """
        calls = self._calls[rows]
        uses = (purpose + n * WHICH for n in range(2, 7))
        chance, which, elsewhere, size, far_size = (
            uniform(_ids(calls), _draws(self._rules), use) for use in uses
        )
        keys, band = ["vessel_class", port, state], "length_band"
        here, in_port = _of_size(groups.band, groups.port, calls, [*keys, band], chance, size, self._rules)
        wide = ["vessel_class", state]
        around, any_port = _of_size(
            groups.band_anywhere, groups.anywhere, calls, [*wide, band], elsewhere, far_size, self._rules
        )
        number = in_port[1] - in_port[0]
        mass = self._masses.of_anywhere[rows]
        if state != "any_state":
            is_like = (calls[state] != ANY).to_numpy()
            mass = np.where(is_like, np.minimum(mass, self._rules.most_like_donor_mass), mass)
        is_other = _is_other(which, number, mass) & ~np.isnan(around)
        draws = np.where(is_other | (number == 0)[:, None], around, here)
        value = groups.port.mean(*in_port)
        low, high = groups.band.window(calls, [*keys, band])
        value = np.where(high > low, groups.band.mean(low, high), value)
        if state != "any_state":
            of_any = groups.port.window(calls, ["vessel_class", port, "any_state"])
            mean = groups.anywhere.mean(*groups.anywhere.window(calls, wide))
            value = np.where((number == 0) & (of_any[1] > of_any[0]), mean, value)
        ships = np.where(number > 0, groups.port.ships(*in_port), groups.anywhere.ships(*any_port))
        ships = np.where(high > low, groups.band.ships(low, high), ships)
        filled = _of_shares(draws, value, column_of(calls, "design_draught_m"), ships)
        if state == "any_state":
            return filled
        others = np.minimum(number, self._rules.other_sizes_donor_mass)
        return _expecting_discharge(calls, filled, high - low + others, purpose, self._rules)


def _of_shares(draws: Floats, value: Floats, design_m: Floats, ships: Floats) -> Filled:
    """Returns draughts of a class from shares of the design draught."""
    is_known = ~np.isnan(value)
    return Filled(
        np.where(is_known[:, None], draws, np.nan) * design_m[:, None],
        value * design_m,
        np.where(is_known, CLASS_MEAN, NONE).astype(object),
        ships,
    )


def _expecting_discharge(
    calls: pl.DataFrame, filled: Filled, number: Floats, purpose: int, rules: Rules
) -> Filled:
    """Adds to the stand-ins of laden arrivals the expectation that they unload.

    It counts as some draughts of like calls, so it decides where a port has no history and fades as that grows. In
    most of its draws the vessel leaves in ballast, in the others as laden as it came.

    Args:
        calls: The calls, of which those laden on arrival count.
        filled: Draughts imputed from similar calls.
        number: How many like calls each rests on.
        purpose: What the random numbers are for.
        rules: Rules of the lake's subject.
    """
    chance, unloads = (uniform(_ids(calls), _draws(rules), purpose + n * WHICH) for n in (7, 9))
    mass, share = rules.laden_discharge_mass, rules.laden_discharge_share
    came_m = column_of(calls, "arrival_draught_m")
    ballast_m = rules.ballast_draught_share * column_of(calls, "design_draught_m")
    draws_m = np.where(unloads < share, ballast_m[:, None], came_m[:, None])
    value_m = share * ballast_m + (1.0 - share) * came_m
    is_missing = np.isnan(filled.value_m)
    is_expected = is_missing[:, None] | (chance * (number + mass)[:, None] < mass)
    mixed = (number * np.where(is_missing, 0.0, filled.value_m) + mass * value_m) / (number + mass)
    expected = Filled(
        np.where(is_expected, draws_m, filled.draws_m),
        np.where(is_missing, value_m, mixed),
        np.where(is_missing, EXPECTED, filled.code).astype(object),
        np.where(is_missing, 0.0, filled.support) + mass,
    )
    return filled.where((calls["arrival_state"] != LADEN).to_numpy(), expected)


def _of_size(
    band: Donors,
    every: Donors,
    calls: pl.DataFrame,
    keys: list[str],
    chance: Floats,
    choice: Floats,
    rules: Rules,
) -> tuple[Floats, tuple[Ints, Ints]]:
    """Returns draws that prefer vessels of like size, the others weighted by the rule, and the window of all sizes."""
    of_band, of_all = band.window(calls, keys), every.window(calls, keys[:-1])
    number = of_band[1] - of_band[0]
    mass = np.full(calls.height, rules.other_sizes_donor_mass)
    picked = every.pick(*of_all, chance)
    is_like = ~_is_other(choice, number, mass) & (number > 0)[:, None]
    return np.where(is_like, band.pick(*of_band, chance), picked), of_all


def _is_other(chance: Floats, number: Ints, mass: Floats) -> NDArray[np.bool_]:
    """Returns whether a draw is of the wider group, given the narrower one's draughts; shape (calls, draws)."""
    return np.asarray(chance * (number + mass)[:, None] < mass[:, None])


def _shares(rows: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Makes draughts shares of the design draught; leaves out those that the vessel's size contradicts."""
    least, most = rules.donor_share_range
    share = rows.with_columns(value=pl.col("value") / pl.col("design_draught_m"))
    return share.filter(pl.col("value").is_between(float(least), float(most)))


def _draws(rules: Rules) -> int:
    return rules.imputation_draws


def _ids(calls: pl.DataFrame) -> Ints:
    return calls["port_call_id"].to_numpy()


def column_of(calls: pl.DataFrame, name: str) -> Floats:
    """Returns a column as numbers, NaN if it is null."""
    return calls[name].cast(pl.Float64).fill_null(np.nan).to_numpy()
