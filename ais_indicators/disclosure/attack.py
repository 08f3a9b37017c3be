"""Attack on a table: how far each suppressed value can be from its true value for someone who knows the rest.

The minimum and maximum of a value that fit everything published are linear programmes. Most values are cleared many at
a time: one programme moves as many as possible as far as they must be able to go, and whatever moved far enough is
safe, since the programme's answer is a table that the attacker cannot rule out. Only the rest are solved one by one.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import scipy
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from ais_indicators.disclosure.system import Bools, Floats, Ints, Matrix, System
from ais_indicators.disclosure.tables import Layout
from ais_indicators.hashing import GOLDEN_RATIO, spread_bits

TOLERANCE: Final = 1e-6
"""Share of a distance by which a programme may fall short of it: the solver's own tolerance."""

MOST_TURNS: Final = 60
MOST_IDLE: Final = 2
"""Number of rounds without success, each with half as many values as the previous one, after which it stops."""

FEW: Final = 3
"""Up to this number, needs are processed one by one."""

_WORTH: Final = 1e4
"""Reward for a need that is met, in prices of the dearest cell."""
LEAST_CHANGE: Final = 1e-7
"""A smaller change, in the unknown's scale, is rounding of the solver."""

_UNBOUNDED: Final = 3
"""Status of scipy for a programme with an unbounded objective."""


@dataclass(frozen=True)
class Needs:
    """Required uncertainty of values, one direction each.

    Attributes:
        unknown: The value.
        sign: 1 up, -1 down.
        distance: How far, in the value's own unit.
    """

    unknown: Ints
    sign: Floats
    distance: Floats

    def where(self, chosen: Bools | Ints) -> "Needs":
        """Returns the chosen needs."""
        return Needs(self.unknown[chosen], self.sign[chosen], self.distance[chosen])

    @property
    def size(self) -> int:
        """Returns the number of needs."""
        return int(self.unknown.size)


def needs_of(system: System, layout: Layout, is_protected: Bools, share: Floats) -> Needs:
    """Returns the required uncertainty of the values of protected cells.

    A value must be able to be larger and smaller by the cell's share of it, a count by at least 1. Values are
    non-negative; zero cells need no protection.

    Args:
        system: The table's system.
        layout: What is known of the table.
        is_protected: Of each cell.
        share: Of each cell.
    """
    counts = np.isin(system.family, [layout.families.index(name) for name in layout.counts])
    wanted = np.maximum(share[system.cell] * system.value, np.where(counts, 1.0, 0.0))
    asked = is_protected[system.cell] & (system.value > 0) & ~system.is_known
    up = np.where(asked, wanted, 0.0)
    down = np.where(asked, np.minimum(wanted, system.value), 0.0)
    unknown = np.concatenate([np.flatnonzero(up > 0), np.flatnonzero(down > 0)])
    sign = np.concatenate([np.ones((up > 0).sum()), -np.ones((down > 0).sum())])
    return Needs(unknown, sign, np.where(sign > 0, up[unknown], down[unknown]))


@dataclass(frozen=True)
class Moved:
    """A table that an attacker cannot rule out, as changes from the true one.

    Attributes:
        reached: Which of the needs it meets.
        cells: The cells that it changes.
        change: By how much it changes each unknown of the system, in the unknown's own unit.
    """

    reached: Bools
    cells: Ints
    change: Floats


class Movement:
    """Programmes that move values away from their true values, while every equation holds."""

    def __init__(self, system: System, may_move: Bools, held: Floats | None = None) -> None:
        """Takes the system.

        Args:
            system: The table's system.
            may_move: Of each unknown whether it may change; what is known from elsewhere never changes.
            held: Of each unknown the part that an insider contributes, below which the value cannot fall.
        """
        self._system = system
        self._free = np.flatnonzero(may_move & ~system.is_known)
        self.place = np.full(system.size, -1, np.int64)
        self.place[self._free] = np.arange(self._free.size)
        scale = system.scale[self._free]
        least = system.value if held is None else np.maximum(system.value - held, 0.0)
        self.room = least[self._free] / scale
        self.equal, _ = _scaled(system.equal[:, self._free], np.zeros(system.equal.shape[0]), scale)
        self.bound, self.slack = _scaled(system.bound[:, self._free], system.slack, scale)
        self._part = _parts(sparse.vstack([self.equal, self.bound]), self._free.size)

    def move(self, needs: Needs, cell_price: Floats) -> Moved:
        """Moves values as far as required, all at once if possible, at the lowest price.

        Args:
            needs: Needs to meet, one per value.
            cell_price: Of each cell the price of a change in it.
        """
        inside = np.flatnonzero(np.isin(self._part, self._part[self.place[needs.unknown]]))
        part = _Part(self, inside)
        distance = needs.distance / self._system.scale[needs.unknown]
        cells = self._system.cell[self._free[inside]]
        price = cell_price[cells] / self._usual(needs, distance)[inside]
        at = np.searchsorted(inside, self.place[needs.unknown])
        moved, reached = part.move(at, needs.sign, distance, price, _WORTH * float(cell_price.max()))
        is_changed = np.abs(moved) > LEAST_CHANGE
        change = np.zeros(self._system.size)
        unknowns = self._free[inside]
        change[unknowns] = np.where(is_changed, moved, 0.0) * self._system.scale[unknowns]
        return Moved(reached, np.unique(cells[is_changed]), change)

    def _usual(self, needs: Needs, distance: Floats) -> Floats:
        """Returns how far values of each unknown's family usually must move."""
        family = self._system.family
        usual = np.ones(int(family.max()) + 1)
        for one in np.unique(family[needs.unknown]):
            usual[one] = float(np.median(distance[family[needs.unknown] == one]))
        return usual[family[self._free]]

    def interval(self, unknown: int) -> tuple[float, float]:
        """Returns the minimum and maximum of a value."""
        scale, value = self._system.scale[unknown], self._system.value[unknown]
        place = self.place[unknown]
        if place < 0:
            return float(value), float(value)
        inside = np.flatnonzero(self._part == self._part[place])
        part, at = _Part(self, inside), int(np.searchsorted(inside, place))
        return float(value - part.reach(at, -1.0) * scale), float(value + part.reach(at, 1.0) * scale)


class _Part:
    """A part of the system that no row connects to the rest."""

    def __init__(self, movement: Movement, inside: Ints) -> None:
        self._room = movement.room[inside]
        equal, bound = movement.equal[:, inside], movement.bound[:, inside]
        has_equal, has_bound = np.diff(equal.indptr) > 0, np.diff(bound.indptr) > 0
        self._equal, self._bound, self._slack = equal[has_equal], bound[has_bound], movement.slack[has_bound]

    def move(
        self, place: Ints, sign: Floats, distance: Floats, price: Floats, worth: float
    ) -> tuple[Floats, Bools]:
        """Returns how much each unknown changes, and which of the distances are reached."""
        size, number = self._room.size, place.size
        follows = sparse.csr_matrix((-sign, (np.arange(number), place)), shape=(number, size))
        blank = [sparse.csr_matrix((rows.shape[0], number)) for rows in (self._equal, self._bound)]
        found = scipy.optimize.linprog(
            np.concatenate([price, price, -worth / distance]),
            A_ub=sparse.vstack(
                [
                    sparse.hstack([self._bound, -self._bound, blank[1]]),
                    sparse.hstack([follows, -follows, sparse.identity(number)]),
                ]
            ).tocsr(),
            b_ub=np.concatenate([self._slack, np.zeros(number)]),
            A_eq=sparse.hstack([self._equal, -self._equal, blank[0]]).tocsr(),
            b_eq=np.zeros(self._equal.shape[0]),
            bounds=np.column_stack(
                [np.zeros(2 * size + number), np.concatenate([np.full(size, np.inf), self._room, distance])]
            ),
            method="highs-ds",
        )
        if found.x is None:
            return np.zeros(size), np.zeros(number, np.bool_)
        change = found.x[:size] - found.x[size : 2 * size]
        return change, np.asarray(found.x[2 * size :] >= distance * (1 - TOLERANCE))

    def reach(self, place: int, sign: float) -> float:
        """Returns how far one value can go in its direction, in its scale."""
        objective = np.zeros(self._room.size)
        objective[place] = -sign
        found = scipy.optimize.linprog(
            objective,
            A_ub=self._bound if self._slack.size else None,
            b_ub=self._slack if self._slack.size else None,
            A_eq=self._equal if self._equal.shape[0] else None,
            b_eq=np.zeros(self._equal.shape[0]) if self._equal.shape[0] else None,
            bounds=np.column_stack([-self._room, np.full(self._room.size, np.inf)]),
            method="highs-ds",
        )
        if found.status == _UNBOUNDED:
            return np.inf
        return 0.0 if found.x is None else float(-found.fun)


class Witnesses:
    """For each need, a table that meets it and that an attacker cannot rule out, with the cells that it changes.

    Attributes:
        needs: The needs.
    """

    def __init__(self, system: System, needs: Needs, cells: int) -> None:
        """Starts without tables."""
        self.needs = needs
        self._system = system
        self._table = np.full(needs.size, -1, np.int64)
        self._changed = np.zeros((0, cells), np.bool_)

    @property
    def is_met(self) -> Bools:
        """Returns which needs have a table."""
        return self._table >= 0

    def resting_on(self, cell: int) -> Ints:
        """Returns the needs whose table changes a cell."""
        changes = self._changed[:, cell]
        return np.flatnonzero(self.is_met & changes[self._table]) if changes.any() else np.zeros(0, np.int64)

    def find(self, movement: Movement, waits: Ints, price: Floats) -> Ints:
        """Searches tables that meet needs, many at a time; returns the needs for which it found none.

        Args:
            movement: What may change.
            waits: The needs to look for.
            price: Of each cell, of a change in it.
        """
        lost = waits[movement.place[self.needs.unknown[waits]] < 0]
        waits = np.setdiff1d(waits, lost)
        turn = idle = 0
        while waits.size > FEW and turn < MOST_TURNS and idle <= MOST_IDLE:
            found = self._try(movement, one_way_each(self.needs, waits, turn, idle), price)
            waits = np.setdiff1d(waits, found)
            turn, idle = turn + 1, 0 if found.size else idle + 1
        return np.concatenate([waits, lost])

    def find_singly(self, movement: Movement, waits: Ints, price: Floats, *, to_the_end: bool = True) -> bool:
        """Searches a table for each need separately; returns whether all have one.

        Args:
            movement: What may change.
            waits: The needs to look for.
            price: Of each cell, of a change in it.
            to_the_end: Whether to go on after one that has none.
        """
        has_all = True
        for one in waits:
            can_move = movement.place[self.needs.unknown[one]] >= 0
            if not (can_move and self._try(movement, np.array([one]), price).size):
                has_all = False
                if not to_the_end:
                    break
        return has_all

    def changed_by(self, needs: Ints) -> Bools:
        """Returns for each cell whether the tables of some needs change it."""
        tables = np.unique(self._table[needs])
        return np.asarray(self._changed[tables[tables >= 0]].any(axis=0))

    def _try(self, movement: Movement, chosen: Ints, price: Floats) -> Ints:
        if not chosen.size:
            return chosen
        moved = movement.move(self.needs.where(chosen), price)
        found = chosen[moved.reached]
        if found.size:
            changed = np.zeros((1, self._changed.shape[1]), np.bool_)
            changed[0, moved.cells] = True
            self._table[found] = self._changed.shape[0]
            self._changed = np.concatenate([self._changed, changed])
        return found


def met(system: System, is_hidden: Bools, needs: Needs) -> Bools:
    """Returns which needs are met when some cells are suppressed."""
    witnesses = Witnesses(system, needs, is_hidden.size)
    movement, price = Movement(system, is_hidden[system.cell]), np.ones(is_hidden.size)
    witnesses.find_singly(movement, witnesses.find(movement, np.arange(needs.size), price), price)
    return witnesses.is_met


def _scaled(rows: Matrix, slack: Floats, scale: Floats) -> tuple[Matrix, Floats]:
    """Returns rows in the unknowns' scales, each with a largest coefficient of 1; empty ones are left out."""
    scaled = (rows @ sparse.diags(scale)).tocsr()
    scaled.eliminate_zeros()
    largest = (
        np.asarray(abs(scaled).max(axis=1).todense()).ravel() if scaled.nnz else np.zeros(scaled.shape[0])
    )
    has = largest > 0
    weights = 1.0 / largest[has]
    return (sparse.diags(weights) @ scaled[has]).tocsr(), slack[has] * weights


def _parts(rows: Matrix, size: int) -> Ints:
    """Returns the number of the part that each unknown belongs to: no row connects two of them."""
    if not size:
        return np.zeros(0, np.int64)
    pattern = abs(rows).sign()
    joined = sparse.bmat([[None, pattern.T], [pattern, None]]) if rows.shape[0] else sparse.identity(size)
    _, labels = connected_components(joined, directed=False)
    return np.asarray(labels[:size], np.int64)


def one_way_each(needs: Needs, waits: Ints, turn: int, thinning: int) -> Ints:
    """Selects one of the waiting needs for each value, half of them up and half down; thinned, only some of the values.

    The selection is pseudo-random, so that needs which compete are not always selected together, and reproducible.
    """
    unknown = needs.unknown[waits]
    mixed = _mixed(unknown, turn)
    wants_up = (mixed & np.uint64(1)) == 1
    order = np.lexsort(((needs.sign[waits] > 0) != wants_up, unknown))
    is_first = np.r_[True, np.diff(unknown[order]) > 0] if order.size else np.zeros(0, np.bool_)
    is_drawn = (mixed[order] >> np.uint64(8)) % np.uint64(1 << thinning) == 0
    return np.asarray(waits[order[is_first & is_drawn]])


def _mixed(numbers: Ints, turn: int) -> NDArray[np.uint64]:
    """Returns numbers with pseudo-random bits (splitmix64)."""
    turned = np.array([turn], np.uint64) * np.uint64(0xD1B54A32D192ED03)
    return np.asarray(spread_bits(numbers.astype(np.uint64) * GOLDEN_RATIO + turned))
