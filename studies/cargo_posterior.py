"""What ships of the simulated ocean had on board, given all that could be known: Bayes' rule on the simulator's odds.

A ship's cargo from call to call is a Markov chain whose odds are those of `simulate.ocean.calls`: at each call some is
put ashore and some taken on, and the hours at the berth tell how much was moved. Payloads lie on a grid of shares of
the deadweight, so the odds of all that were not typed in follow by going forth and back along the chain; nothing is
approximated but the grid. Nobody who has less than the whole truth can have a smaller mean squared error.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from ais_indicators.units import SECONDS_PER_HOUR
from ais_simulator.ocean.calls import (
    FIXED_HOURS,
    FULL_LOAD,
    GOAL_FILL,
    GOAL_FILL_SPREAD,
    HANDLED_SHARES,
    LEAST_FILL,
    MOST_FILL,
    PART_DISCHARGE,
    PART_DISCHARGE_SHARE,
    TONNES_PER_HOUR_AND_METRE,
)
from ais_simulator.ocean.cargo import BALLAST_SHARE, SEA_WATER_T_PER_M3, draught_of_payload
from ais_simulator.ocean.fleet import Trade
from ais_simulator.ocean.harbours import BY_LOCODE
from ais_simulator.ocean.vessel import BALLAST_CLASSES
from ais_simulator.ocean.working_hours import pace
from ais_simulator.scenario import Faults

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

STEP: Final = 0.002
"""Of the grid, as a share of the deadweight."""
TINY: Final = 1e-13
"""Odds of what the grid is too coarse for."""
ROUNDING_M: Final = 0.0501  # half a tenth, and half the last digit of the truth


class Knows(StrEnum):
    """Knowledge of the oracle, in addition to the odds of the simulator."""

    TYPED = "typed"
    """What the crews typed in, as a method has it: an unchanged draught may be true or forgotten. Calls before and
    after, and where the ship went."""
    TYPED_STAYS = "typed_stays"
    """These and the hours of work at the berth."""
    CLASS = "class"
    """Which draughts are true; else only the odds of all departures of the class."""
    NEIGHBOURS = "neighbours"
    """Which draughts are true, and the calls before and after."""
    STAYS = "stays"
    """These and the hours of work."""

    @property
    def is_informed(self) -> bool:
        """Returns whether it knows which draughts are true."""
        return self not in (Knows.TYPED, Knows.TYPED_STAYS)

    @property
    def has_hours(self) -> bool:
        """Whether it knows the hours of work."""
        return self in (Knows.TYPED_STAYS, Knows.STAYS)


@dataclass(frozen=True)
class Ship:
    """A ship and its trade; all of it true."""

    kind: str
    trade: Trade
    length_m: float
    width_m: float
    deadweight_t: float
    design_draught_m: float
    displacement_t: float

    @property
    def grid(self) -> Floats:
        """Payloads that it may have, as shares of the deadweight."""
        least, most = (0.0, 1.0) if self.trade.kind == "tramp" else (LEAST_FILL, MOST_FILL)
        return np.asarray(least + STEP * np.arange(round((most - least) / STEP) + 1))

    def draughts(self, grid: Floats) -> Floats:
        """Draughts with these payloads."""
        length, width, deadweight, design, ones = (
            np.full(grid.size, value)
            for value in (self.length_m, self.width_m, self.deadweight_t, self.design_draught_m, 1.0)
        )
        block = self.displacement_t / (
            self.length_m * self.width_m * self.design_draught_m * SEA_WATER_T_PER_M3
        )
        found = draught_of_payload(grid * deadweight, length, width, deadweight, design, block * ones)
        in_ballast = (grid <= 0) & (self.kind in BALLAST_CLASSES)
        return np.where(in_ballast, BALLAST_SHARE * self.design_draught_m, found)


@dataclass(frozen=True)
class Call:
    """A call as the oracle knows it.

    Attributes:
        port: Where.
        work_hours: Hours of work at full pace between making fast and casting off; None where they are not known.
        left_m: Draught typed in after it, where that is true.
        not_m: What the set went on sending, where that is not true.
        sent_m: What the set sent before the next departure; None for nothing.
        is_retyped: Whether that was typed in again after this call.
        next_port: Where the ship went, None where that lies beyond.
    """

    port: str
    work_hours: float | None
    left_m: float | None
    not_m: float | None
    sent_m: float | None
    is_retyped: bool
    next_port: str | None


def work_hours(begin_s: float, end_s: float, port: str) -> float:
    """Hours of work at full pace between two seconds: `working_hours.finished_s` turned round."""
    harbour = BY_LOCODE[port]
    second, done = begin_s, 0.0
    while second < end_s:
        hours = min(1.0, (end_s - second) / SECONDS_PER_HOUR)
        done += hours * pace(second, harbour.country_iso3, harbour.point[1])
        second += hours * SECONDS_PER_HOUR
    return done


def expected_ashore(
    ship: Ship, came_m: float | None, calls: Sequence[Call], knows: Knows, faults: Faults
) -> tuple[Floats, Floats, Floats]:
    """Expected net tonnes that a ship put ashore at each of its calls, with their moments.

    Gives also their variances, and their covariances with those of the next call: what is forgotten between two calls
    errs on both, mostly to opposite sides.

    Args:
        ship: The ship.
        came_m: Draught with which it came to the first call, where that is known.
        calls: Its calls, in order.
        knows: What is gone by.
        faults: How often crews forget.
    """
    grid = ship.grid
    draughts = ship.draughts(grid)
    places = [_possible(draughts, came_m, None), *(_places(draughts, call, knows) for call in calls)]
    odds = [
        _odds(ship, call, grid[before], grid[after], knows)
        * _goes_on(ship, call, grid[after])
        * _sends(draughts[after], call, knows, faults)
        for call, before, after in zip(calls, places, places[1:], strict=False)
    ]
    odds = [one + TINY * max(float(one.max()), 1.0) for one in odds]
    return _moments([grid[place] for place in places], odds, ship.deadweight_t)


def _moments(
    shares: Sequence[Floats], odds: Sequence[Floats], deadweight_t: float
) -> tuple[Floats, Floats, Floats]:
    """Means, variances and covariances with the next call of the tonnes put ashore, by the forward-backward algorithm.

    Args:
        shares: Possible shares of the deadweight before the first call and after each.
        odds: Odds of each share after a call, given the one before it.
        deadweight_t: Deadweight of the ship.
    """
    back = [np.ones(shares[-1].size)]
    for one in reversed(odds):
        back.insert(0, _scaled(one @ back[0]))
    forth = _scaled(np.ones(shares[0].size))
    moments = np.zeros((3, len(odds)))
    so_far = np.zeros(shares[0].size)
    for number, (one, after) in enumerate(zip(odds, back[1:], strict=True)):
        joint = forth[:, None] * one
        total = (joint @ after).sum()
        net = np.maximum(shares[number][:, None] - shares[number + 1], 0.0) * deadweight_t
        moments[0, number] = ((joint * net) @ after).sum() / total
        moments[1, number] = ((joint * net**2) @ after).sum() / total - moments[0, number] ** 2
        if number:
            both = (so_far @ (one * net)) @ after / ((forth @ one) @ after)
            moments[2, number - 1] = both - moments[0, number - 1] * moments[0, number]
        arrived = forth @ one
        so_far = (forth @ (one * net)) / arrived.sum()
        forth = _scaled(arrived)
    return moments[0], moments[1], moments[2]


def _places(draughts: Floats, call: Call, knows: Knows) -> Ints:
    if knows.is_informed:
        return _possible(draughts, call.left_m, call.not_m)
    return _possible(draughts, call.sent_m if call.is_retyped else None, None)


def _sends(draughts: Floats, call: Call, knows: Knows, faults: Faults) -> Floats:
    """How likely an unchanged draught goes on being sent with each true one."""
    if knows.is_informed or call.is_retyped or call.sent_m is None:
        return np.ones(draughts.size)
    is_true = np.abs(draughts - call.sent_m) <= ROUNDING_M
    stale, zero = faults.stale_draught_share, faults.zero_draught_share
    return np.asarray(stale + (1.0 - stale) * (1.0 - zero) * is_true)


def _possible(draughts: Floats, known_m: float | None, not_m: float | None) -> Ints:
    """Places on the grid whose draught rounds to the known one, or to another than one that is not true."""
    if known_m is None:
        return (
            np.arange(draughts.size)
            if not_m is None
            else np.flatnonzero(np.abs(draughts - not_m) > ROUNDING_M)
        )
    off = np.abs(draughts - known_m)
    return np.flatnonzero(off <= max(ROUNDING_M, float(off.min())))


def _scaled(odds: Floats) -> Floats:
    return np.asarray(odds / odds.sum())


def _odds(ship: Ship, call: Call, before: Floats, after: Floats, knows: Knows) -> Floats:
    """Odds to leave with each payload, having come with each; shape (before, after)."""
    x, y = before[:, None], after[None, :]
    hours = call.work_hours if knows.has_hours and ship.trade.kind != "shuttle" else None
    per_hour = TONNES_PER_HOUR_AND_METRE[ship.kind] * ship.length_m / ship.deadweight_t
    if ship.trade.kind != "tramp":
        if knows is Knows.CLASS:
            return np.broadcast_to(_goal_density(y), (before.size, after.size))
        return _liner_odds(HANDLED_SHARES[ship.kind], hours, per_hour, x, y)
    return _tramp_odds(call.port in ship.trade.exporters, hours, per_hour, x, y)


def _goal_density(y: Floats) -> Floats:
    """Of the share that a liner means to leave with; the highest represents all above it."""
    beyond = norm.sf(MOST_FILL, GOAL_FILL, GOAL_FILL_SPREAD) / STEP
    at_end = y > MOST_FILL - STEP / 2
    return np.asarray(norm.pdf(y, GOAL_FILL, GOAL_FILL_SPREAD) + np.where(at_end, beyond, 0.0))


def _liner_odds(
    handled: tuple[float, float], hours: float | None, per_hour: float, x: Floats, y: Floats
) -> Floats:
    """The ship leaves with what it means to, or with what is left where that is more; up to a factor."""
    least, most = handled
    # it takes cargo on: it put a share ashore of more than 1 - y / x
    low, high = np.maximum(least, 1.0 - y / x), np.full(np.broadcast_shapes(x.shape, y.shape), most)
    if hours is not None:
        low, high = (
            np.maximum(low, ((hours - FIXED_HOURS[1]) * per_hour - y + x) / (2.0 * x)),
            np.minimum(high, ((hours - FIXED_HOURS[0]) * per_hour - y + x) / (2.0 * x)),
        )
    takes = _goal_density(y) * np.maximum(high - low, 0.0)
    # it takes none
    share = 1.0 - y / x
    only = np.where(
        (share >= least) & (share <= most) & _is_worked(hours, (x - y) / per_hour),
        norm.cdf(y, GOAL_FILL, GOAL_FILL_SPREAD) / x,
        0.0,
    )
    return np.asarray(takes + only)


def _tramp_odds(is_exporter: bool, hours: float | None, per_hour: float, x: Floats, y: Floats) -> Floats:
    """The ship fills up, or puts all or a part ashore."""
    same, nothing = np.abs(x - y) < STEP / 2, y < STEP / 2
    if is_exporter:
        least, most = FULL_LOAD
        loads = (y > x + STEP / 2) & (y >= least) & (y <= most) & _is_worked(hours, (y - x) / per_hour)
        full = np.clip((x - least) / (most - least), 0.0, 1.0)
        return np.where(loads, STEP / (most - least), 0.0) + np.where(
            same & _is_worked(hours, 0.0 * x), full, 0.0
        )
    has_more = x > LEAST_FILL
    low, high = PART_DISCHARGE
    worked = _is_worked(hours, (x - y) / per_hour)
    every = np.where(nothing & worked, np.where(has_more, 1.0 - PART_DISCHARGE_SHARE, 1.0), 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(x > 0, (x - y) / x, -1.0)
        density = PART_DISCHARGE_SHARE * STEP / ((high - low) * x)
    is_part = has_more & (share >= low) & (share <= high) & worked
    return np.asarray(every + np.where(is_part, density, 0.0))


def _is_worked(hours: float | None, moving: Floats) -> NDArray[np.bool_]:
    """Whether the hours at the berth leave a usual time for all but the moving of cargo."""
    if hours is None:
        return np.ones(moving.shape, dtype=np.bool_)
    fixed = hours - moving
    slack = 0.05
    return np.asarray((fixed >= FIXED_HOURS[0] - slack) & (fixed <= FIXED_HOURS[1] + slack))


def _goes_on(ship: Ship, call: Call, after: Floats) -> Floats:
    """How likely a tramp sails where it sailed, with each payload."""
    trade = ship.trade
    if trade.kind != "tramp" or call.next_port is None:
        return np.ones(after.size)
    chances = []
    for has_cargo in (False, True):
        choice = [
            port for port in trade.ports if (port not in trade.exporters) == has_cargo and port != call.port
        ] or [port for port in trade.ports if port != call.port]
        chances.append(choice.count(call.next_port) / len(choice))
    return np.where(after > STEP / 2, chances[1], chances[0])
