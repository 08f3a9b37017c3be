"""The attack on a table: how far each suppressed value could be from what it is, for someone who knows the rest.

For a value the least and the most that fit everything published are linear programmes. Most values are cleared many at
a time: one programme moves as many as it can as far as they must be able to go, and whatever moved far enough is safe,
since the programme's answer is a table that the attacker cannot rule out. Only the rest are solved one by one.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import linprog
from scipy.sparse.csgraph import connected_components

from ais_indicators.disclosure.system import Bools, Floats, Ints, Matrix, System
from ais_indicators.disclosure.tables import Layout

TOLERANCE: Final = 1e-6
"""Share of a distance by which a programme may fall short of it: the solver's own tolerance."""

_MOST_ROUNDS: Final = 24
_MOST_IDLE: Final = 4
_UNBOUNDED: Final = 3
"""Status of a programme of scipy whose objective has no end."""


@dataclass(frozen=True)
class Needs:
    """How far values must be able to go, one each way.

    Attributes:
        unknown: The value.
        sign: 1 up, -1 down.
        distance: How far, in the value's own unit.
    """

    unknown: Ints
    sign: Floats
    distance: Floats

    def where(self, chosen: Bools) -> "Needs":
        """Those that are chosen."""
        return Needs(self.unknown[chosen], self.sign[chosen], self.distance[chosen])

    @property
    def size(self) -> int:
        """How many."""
        return int(self.unknown.size)


def needs_of(system: System, layout: Layout, is_protected: Bools, share: Floats) -> Needs:
    """What the values of protected cells must be uncertain by.

    A value must be able to be larger and smaller by the cell's share of it, a count by at least 1. Nought has nobody
    behind it, and what the status of the cell itself tells is no secret: it bounds what can be asked.

    Args:
        system: The table's system.
        layout: What is known of the table.
        is_protected: Of each cell.
        share: Of each cell.
    """
    counts = np.isin(system.family, [layout.families.index(name) for name in layout.counts])
    wanted = np.maximum(share[system.cell] * system.value, np.where(counts, 1.0, 0.0))
    asked = is_protected[system.cell] & (system.value > 0) & ~system.is_known
    up = np.where(asked, np.minimum(wanted, system.high - system.value), 0.0)
    down = np.where(asked, np.minimum(wanted, system.value - system.low), 0.0)
    unknown = np.concatenate([np.flatnonzero(up > 0), np.flatnonzero(down > 0)])
    sign = np.concatenate([np.ones((up > 0).sum()), -np.ones((down > 0).sum())])
    return Needs(unknown, sign, np.where(sign > 0, up[unknown], down[unknown]))


class Attack:
    """What an attacker can reckon when some cells are suppressed."""

    def __init__(self, system: System, is_hidden: Bools) -> None:
        """Takes the system.

        Args:
            system: The table's system.
            is_hidden: Of each unknown whether it is suppressed.
        """
        self._system = system
        free = np.flatnonzero(is_hidden & ~system.is_known)
        self._place = np.full(system.size, -1, np.int64)
        self._place[free] = np.arange(free.size)
        scale = system.scale[free]
        self._low = (system.low[free] - system.value[free]) / scale
        self._high = (system.high[free] - system.value[free]) / scale
        self._equal, _ = scaled(system.equal[:, free], np.zeros(system.equal.shape[0]), scale)
        self._bound, self._slack = scaled(system.bound[:, free], system.slack, scale)
        self._part = _parts(sparse.vstack([self._equal, self._bound]), free.size)

    def met(self, needs: Needs, *, one_by_one: bool = True) -> Bools:
        """Which of the needs are met.

        Args:
            needs: The needs.
            one_by_one: Whether to solve for each that many at a time did not clear; else such are taken for not met.
        """
        done = np.zeros(needs.size, np.bool_)
        place = self._place[needs.unknown]
        distance = needs.distance / self._system.scale[needs.unknown]
        waits = np.flatnonzero(place >= 0)
        idle = 0
        for number in range(_MOST_ROUNDS):
            chosen = one_way_each(place, needs.sign, waits, number, idle)
            reached = self._move(place[chosen], needs.sign[chosen], distance[chosen])
            found = chosen[reached]
            done[found] = True
            waits = np.setdiff1d(waits, found)
            idle = 0 if found.size else idle + 1
            if not waits.size or idle > _MOST_IDLE:
                break
        for one in waits if one_by_one else ():
            done[one] = self._reach(place[one], needs.sign[one], distance[one]) >= distance[one] * (1 - TOLERANCE)
        return done

    def interval(self, unknown: int) -> tuple[float, float]:
        """Least and most that a value can be."""
        place, scale, value = self._place[unknown], self._system.scale[unknown], self._system.value[unknown]
        if place < 0:
            return float(value), float(value)
        up, down = (self._reach(place, sign, np.inf) for sign in (1.0, -1.0))
        return float(value - down * scale), float(value + up * scale)

    def _move(self, place: Ints, sign: Floats, distance: Floats) -> Bools:
        """Which values one programme, that moves all as far as they need, has moved far enough."""
        if not place.size:
            return np.zeros(0, np.bool_)
        size, number = self._low.size, place.size
        objective = np.concatenate([np.zeros(size), -1.0 / distance])
        rows = np.arange(number)
        follows = sparse.hstack(
            [sparse.csr_matrix((-sign, (rows, place)), shape=(number, size)), sparse.identity(number)]
        )
        blank = sparse.csr_matrix((self._equal.shape[0], number))
        room = sparse.csr_matrix((self._bound.shape[0], number))
        found = linprog(
            objective,
            A_ub=sparse.vstack([sparse.hstack([self._bound, room]), follows]).tocsr(),
            b_ub=np.concatenate([self._slack, np.zeros(number)]),
            A_eq=sparse.hstack([self._equal, blank]).tocsr(),
            b_eq=np.zeros(self._equal.shape[0]),
            bounds=np.column_stack(
                [np.concatenate([self._low, np.zeros(number)]), np.concatenate([self._high, distance])]
            ),
            method="highs-ds",
        )
        if found.x is None:
            return np.zeros(number, np.bool_)
        return np.asarray(found.x[size:] >= distance * (1 - TOLERANCE))

    def _reach(self, place: int, sign: float, enough: float) -> float:
        """How far one value can go in its direction, in its scale, or `enough` where it is farther."""
        inside = np.flatnonzero(self._part == self._part[place])
        equal, bound = self._equal[:, inside], self._bound[:, inside]
        has_equal, has_bound = np.diff(equal.indptr) > 0, np.diff(bound.indptr) > 0
        objective = np.where(inside == place, -sign, 0.0)
        low, high = self._low[inside], self._high[inside]
        high = np.where(inside == place, np.minimum(high, enough), high) if sign > 0 else high
        low = np.where(inside == place, np.maximum(low, -enough), low) if sign < 0 else low
        found = linprog(
            objective,
            A_ub=bound[has_bound] if has_bound.any() else None,
            b_ub=self._slack[has_bound] if has_bound.any() else None,
            A_eq=equal[has_equal] if has_equal.any() else None,
            b_eq=np.zeros(int(has_equal.sum())) if has_equal.any() else None,
            bounds=np.column_stack([low, high]),
            method="highs-ds",
        )
        if found.status == _UNBOUNDED:
            return np.inf
        return 0.0 if found.x is None else float(-found.fun)


def scaled(rows: Matrix, slack: Floats, scale: Floats) -> tuple[Matrix, Floats]:
    """Rows in the unknowns' scales, each with a largest coefficient of 1; those without any left out."""
    scaled = (rows @ sparse.diags(scale)).tocsr()
    scaled.eliminate_zeros()
    largest = np.asarray(abs(scaled).max(axis=1).todense()).ravel() if scaled.nnz else np.zeros(scaled.shape[0])
    has = largest > 0
    weights = 1.0 / largest[has]
    return (sparse.diags(weights) @ scaled[has]).tocsr(), slack[has] * weights


def _parts(rows: Matrix, size: int) -> Ints:
    """Number of the part of the system that each unknown is in: no row binds two of them."""
    if not size:
        return np.zeros(0, np.int64)
    pattern = abs(rows).sign()
    joined = sparse.bmat([[None, pattern.T], [pattern, None]]) if rows.shape[0] else sparse.identity(size)
    _, labels = connected_components(joined, directed=False)
    return np.asarray(labels[:size], np.int64)


def one_way_each(place: Ints, sign: Floats, waits: Ints, number: int, thinning: int) -> Ints:
    """Of the needs that wait one for each value, half of them up and half down; thinned, some of the values only.

    The choice looks random, so that needs which compete are not always chosen together, and is the same each time.
    """
    mixed = _mixed(place[waits], number)
    wants_up = (mixed & 1) == 1
    order = np.lexsort(((sign[waits] > 0) != wants_up, place[waits]))
    ordered = waits[order]
    is_first = np.r_[True, np.diff(place[ordered]) > 0] if ordered.size else np.zeros(0, np.bool_)
    is_drawn = (mixed[order] >> 8) % (1 << thinning) == 0
    return np.asarray(ordered[is_first & is_drawn])


def _mixed(numbers: Ints, turn: int) -> NDArray[np.uint64]:
    """Numbers whose bits look random (splitmix64)."""
    turned = np.array([turn], np.uint64) * np.uint64(0xD1B54A32D192ED03)
    mixed = numbers.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + turned
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return np.asarray(mixed ^ (mixed >> np.uint64(31)))
