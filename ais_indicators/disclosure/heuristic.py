"""Which further cells to suppress, by linear programmes: for tables too large for the cheapest pattern.

A suppressed value can be larger by so much only if others are smaller, down to the last total. One programme looks for
the cheapest such table for many values at a time, where each published cell that would have to change costs what its
suppression costs; the cells that change are suppressed (Kelly, Golden and Assad 1992, doi 10.1002/net.3230220407). What
is suppressed in vain by that is published again, the dearest first, as long as every value stays protected.
"""

from typing import Final

import numpy as np
from scipy import sparse
from scipy.optimize import linprog

from ais_indicators.disclosure.attack import Attack, Needs, one_way_each, scaled
from ais_indicators.disclosure.system import Bools, Floats, Ints, System

_WORTH: Final = 1e4
"""What a need that is met is worth, in costs of the dearest cell."""
_LEAST_CHANGE: Final = 1e-7
_FREE: Final = 1e-3
"""Cost of a change in a cell that is suppressed anyway, beside that of the cheapest that is not."""
_MOST_ROUNDS: Final = 40


def suppress_further(system: System, is_hidden: Bools, needs: Needs, cost: Floats) -> Bools:
    """Suppresses cells until every need is met that can be.

    Args:
        system: The table's system.
        is_hidden: Of each cell whether it is suppressed.
        needs: What must be met.
        cost: Of each cell.

    Returns:
        Of each cell whether it is suppressed now.
    """
    hidden = is_hidden.copy()
    model = _Model(system, cost)
    failed = np.zeros(needs.size, np.bool_)
    for number in range(_MOST_ROUNDS):
        met = Attack(system, hidden[system.cell]).met(needs, one_by_one=number == _MOST_ROUNDS - 1)
        waits = np.flatnonzero(~met & ~failed)
        if not waits.size:
            break
        chosen = one_way_each(needs.unknown, needs.sign, waits, number, 0)
        opened, reached = model.open(needs.where(np.isin(np.arange(needs.size), chosen)), hidden)
        failed[chosen[~reached]] |= not opened.size
        hidden[opened] = True
    return hidden


class _Model:
    """The programme that looks for changed tables."""

    def __init__(self, system: System, cost: Floats) -> None:
        self._system = system
        self._cost = cost
        self._free = np.flatnonzero(~system.is_known)
        self._place = np.full(system.size, -1, np.int64)
        self._place[self._free] = np.arange(self._free.size)
        scale = system.scale[self._free]
        self._equal, _ = scaled(system.equal[:, self._free], np.zeros(system.equal.shape[0]), scale)
        self._bound, self._slack = scaled(system.bound[:, self._free], system.slack, scale)
        self._down = (system.value[self._free] - system.low[self._free]) / scale
        self._up = (system.high[self._free] - system.value[self._free]) / scale

    def open(self, needs: Needs, hidden: Bools) -> tuple[Ints, Bools]:
        """Cells to suppress so that needs are met, and which of the needs can be."""
        system = self._system
        place = self._place[needs.unknown]
        distance = needs.distance / system.scale[needs.unknown]
        size, number = self._free.size, needs.size
        price = self._prices(needs, distance, hidden)
        worth = np.full(number, -_WORTH * float(self._cost.max()))
        rows = np.arange(number)
        follows = sparse.csr_matrix((-needs.sign, (rows, place)), shape=(number, size))
        found = linprog(
            np.concatenate([price, price, worth / distance]),
            A_ub=sparse.vstack(
                [
                    sparse.hstack([self._bound, -self._bound, sparse.csr_matrix((self._slack.size, number))]),
                    sparse.hstack([follows, -follows, sparse.identity(number)]),
                ]
            ).tocsr(),
            b_ub=np.concatenate([self._slack, np.zeros(number)]),
            A_eq=sparse.hstack(
                [self._equal, -self._equal, sparse.csr_matrix((self._equal.shape[0], number))]
            ).tocsr(),
            b_eq=np.zeros(self._equal.shape[0]),
            bounds=np.column_stack(
                [np.zeros(2 * size + number), np.concatenate([self._up, self._down, distance])]
            ),
            method="highs-ds",
        )
        if found.x is None:
            return np.zeros(0, np.int64), np.zeros(number, np.bool_)
        change = np.abs(found.x[:size] - found.x[size : 2 * size])
        touched = np.unique(system.cell[self._free[change > _LEAST_CHANGE]])
        reached = np.asarray(found.x[2 * size :] >= distance * (1 - _LEAST_CHANGE * 10))
        return touched[~hidden[touched]], reached

    def _prices(self, needs: Needs, distance: Floats, hidden: Bools) -> Floats:
        """Cost of a unit of change: a cell's cost over how far values of its family have to go."""
        system = self._system
        family = system.family[self._free]
        usual = np.ones(int(system.family.max()) + 1)
        for one in np.unique(system.family[needs.unknown]):
            usual[one] = float(np.median(distance[system.family[needs.unknown] == one]))
        cell = system.cell[self._free]
        cheapest = float(self._cost.min()) * _FREE
        return np.where(hidden[cell], cheapest, self._cost[cell]) / usual[family]


def publish_again(
    system: System, is_hidden: Bools, may_be_free: Bools, needs: Needs, cost: Floats, most_trials: int
) -> Bools:
    """Publishes again what need not be suppressed, the dearest first, some at a time while that goes well.

    Args:
        system: The table's system.
        is_hidden: Of each cell whether it is suppressed; every need is met.
        may_be_free: Of each cell whether it may be published.
        needs: What must stay met.
        cost: Of each cell.
        most_trials: How often to try.
    """
    hidden = is_hidden.copy()
    waits = np.flatnonzero(hidden & may_be_free)
    waits = waits[np.lexsort((waits, -cost[waits]))]
    groups = [waits[n : n + _GROUP] for n in range(0, waits.size, _GROUP)]
    for _ in range(most_trials):
        if not groups:
            break
        group = groups.pop(0)
        trial = hidden.copy()
        trial[group] = False
        if Attack(system, trial[system.cell]).met(needs, one_by_one=False).all():
            hidden = trial
        elif group.size > 1:
            middle = group.size // 2
            groups[:0] = [group[:middle], group[middle:]]
    return hidden


_GROUP: Final = 4
