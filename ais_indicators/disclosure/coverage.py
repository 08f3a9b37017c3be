"""Attack by insiders, and the cells to suppress so that it fails.

An insider fails to learn a value if there is a table far enough from the true one that the insider cannot rule out: it
agrees with everything published, has nothing below the insider's own part, and leaves cells unchanged to which nobody
else contributes. A table found for one insider usually serves others too, without a further programme.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from ais_indicators.disclosure.attack import (
    FEW,
    LEAST_CHANGE,
    MOST_IDLE,
    MOST_TURNS,
    TOLERANCE,
    Movement,
    Needs,
    one_way_each,
)
from ais_indicators.disclosure.insiders import InsiderNeeds, Insiders
from ais_indicators.disclosure.system import Bools, Floats, Ints, System

_DEAR: Final = 10.0
"""Price of a change in a cell that an insider knows exactly, compared with other suppressed cells."""

_CHEAP: Final = 1e-3
"""Price of a change in a cell that is suppressed anyway, compared with the cheapest that is not."""


@dataclass(frozen=True)
class _Table:
    """A table that some insiders cannot rule out.

    Attributes:
        change: Its differences from the true one.
        cells: The cells that it changes.
        common: The common needs that it meets.
        insiders: The insiders who cannot rule it out.
        rest: The needs in shared cells that it meets for their insiders.
    """

    change: Floats
    cells: Ints
    common: Ints
    insiders: Ints
    rest: Ints


class Coverage:
    """Which needs are met for which insiders, and by which tables.

    Attributes:
        tables: The tables that are known so far.
        needs: What must stay uncertain for whom.
    """

    def __init__(self, system: System, needs: InsiderNeeds, insiders: Insiders) -> None:
        """Begins without tables."""
        self.tables: list[_Table] = []
        self._system, self.needs, self._insiders = system, needs, insiders
        self._own = insiders.own.tocoo()
        self._alone = insiders.is_alone.tocoo()
        self._common = np.zeros(needs.asked.shape, np.int32)
        self._rest = np.zeros(needs.rest.size, np.int32)

    def open_common(self, insiders: Ints | None = None) -> Bools:
        """Returns which common needs are met for which insiders by no table (needs x insiders)."""
        chosen = slice(None) if insiders is None else insiders
        return np.asarray(self.needs.asked[:, chosen] & (self._common[:, chosen] == 0))

    def open_of(self, insider: int) -> Needs:
        """Returns the needs that no table meets for one insider."""
        common = self.needs.common.where(self.open_common(np.array([insider]))[:, 0])
        rest = self.needs.rest.where((self._rest == 0) & (self.needs.insider == insider))
        return joined(common, rest)

    @property
    def insiders_open(self) -> Ints:
        """The insiders for whom a need is open, those first who know most cells exactly."""
        has: Bools = np.asarray(self.open_common().any(axis=0))
        has[self.needs.insider[self._rest == 0]] = True
        cells = np.bincount(self._alone.row, minlength=self._insiders.size)
        order = np.lexsort((np.arange(has.size), -cells))
        return np.asarray(order[has[order]])

    @property
    def is_known_to_one(self) -> Bools:
        """Of each cell whether an insider knows it exactly."""
        known = np.zeros(self._alone.shape[1], np.bool_)
        known[self._alone.col] = True
        return known

    @property
    def changes(self) -> tuple[Floats, ...]:
        """The differences of the tables from the true one."""
        return tuple(table.change for table in self.tables)

    def add(self, change: Floats) -> bool:
        """Takes a table; returns whether it meets a need that was open."""
        table = self._assess(change)
        common = np.ix_(table.common, table.insiders)
        helps = bool((self.needs.asked[common] & (self._common[common] == 0)).any())
        helps |= bool((self._rest[table.rest] == 0).any())
        if helps:
            self._count(table, 1)
            self.tables.append(table)
        return helps

    def without_cell(self, cell: int) -> list[_Table]:
        """Drops the tables that change a cell; returns them."""
        dropped = [table for table in self.tables if cell in table.cells]
        self.tables = [table for table in self.tables if cell not in table.cells]
        for table in dropped:
            self._count(table, -1)
        return dropped

    def restore(self, dropped: Iterable[_Table]) -> None:
        """Takes tables back."""
        for table in dropped:
            self._count(table, 1)
            self.tables.append(table)

    def _count(self, table: _Table, step: int) -> None:
        self._common[np.ix_(table.common, table.insiders)] += step
        self._rest[table.rest] += step

    def _assess(self, change: Floats) -> _Table:
        """Finds the needs that a table meets and the insiders who cannot rule it out."""
        system, needs = self._system, self.needs
        moved = np.abs(change) > LEAST_CHANGE * system.scale
        cells = np.unique(system.cell[moved])
        least = self._own.data - system.value[self._own.col] - TOLERANCE * system.scale[self._own.col]
        is_ruled_out = np.zeros(self._insiders.size, np.bool_)
        is_ruled_out[self._own.row[change[self._own.col] < least]] = True
        is_ruled_out[self._alone.row[np.isin(self._alone.col, cells)]] = True
        rest = _reached(needs.rest, change) & ~is_ruled_out[needs.insider]
        return _Table(
            change, cells,
            common=np.flatnonzero(_reached(needs.common, change)),
            insiders=np.flatnonzero(~is_ruled_out),
            rest=np.flatnonzero(rest),
        )  # fmt: skip

    def movement(self, hidden: Bools, insiders: Ints) -> Movement:
        """Returns the programme of tables that none of some insiders can rule out."""
        held, may_move = np.zeros(self._system.size), hidden[self._system.cell]
        if insiders.size:
            own = self._insiders.own[insiders]
            held = np.asarray(own.max(axis=0).todense()).ravel()
            alone = np.unique(self._insiders.is_alone[insiders].indices)
            may_move = may_move & ~np.isin(self._system.cell, alone)
        return Movement(self._system, may_move, held)


def joined(one: Needs, other: Needs) -> Needs:
    """Returns the needs of both."""
    return Needs(
        np.concatenate([one.unknown, other.unknown]),
        np.concatenate([one.sign, other.sign]),
        np.concatenate([one.distance, other.distance]),
    )


def _reached(needs: Needs, change: Floats) -> Bools:
    return np.asarray(needs.sign * change[needs.unknown] >= needs.distance * (1 - TOLERANCE))


def cover(coverage: Coverage, hidden: Bools) -> None:
    """Searches tables that meet the open needs with the cells that are suppressed already.

    The insiders who know most come first, and cells that somebody knows exactly change last: a table that fits them
    serves the most insiders.
    """
    price = np.where(coverage.is_known_to_one, _DEAR, 1.0)
    for insider in coverage.insiders_open.tolist():
        cover_insider(coverage, coverage.movement(hidden, np.array([insider])), insider, price)


def cover_insider(coverage: Coverage, movement: Movement, insider: int, price: Floats) -> bool:
    """Searches tables that meet the open needs of one insider; returns whether all are met."""
    turn = idle = 0
    while turn < MOST_TURNS and idle <= MOST_IDLE:
        needs = _movable(coverage.open_of(insider), movement)
        if needs.size <= FEW:
            break
        chosen = one_way_each(needs, np.arange(needs.size), turn, idle)
        helps = _try(coverage, movement, needs.where(chosen), price)
        turn, idle = turn + 1, 0 if helps else idle + 1
    needs = _movable(coverage.open_of(insider), movement)
    for one in range(needs.size):
        _try(coverage, movement, needs.where(np.array([one])), price)
    return coverage.open_of(insider).size == 0


def _try(coverage: Coverage, movement: Movement, needs: Needs, price: Floats) -> bool:
    """Searches one table that meets as many needs as possible; returns whether it helps."""
    return bool(needs.size) and coverage.add(movement.move(needs, price).change)


def _movable(needs: Needs, movement: Movement) -> Needs:
    return needs.where(movement.place[needs.unknown] >= 0)


def suppress_for_insiders(coverage: Coverage, hidden: Bools, cost: Floats, most_reexamined: int) -> Bools:
    """Suppresses cells until no insider learns what the needs keep uncertain.

    Args:
        coverage: Which needs are met already.
        hidden: Of each cell whether it is suppressed.
        cost: Of each cell.
        most_reexamined: How many needs to look at again, over all trials to publish a cell again.

    Returns:
        Of each cell whether it is suppressed now.
    """
    cover(coverage, hidden)
    before, cheap = hidden, float(cost.min()) * _CHEAP
    for insider in coverage.insiders_open.tolist():
        movement = coverage.movement(np.ones(hidden.size, np.bool_), np.array([insider]))
        cover_insider(coverage, movement, insider, np.where(hidden, cheap, cost))
        hidden = hidden.copy()
        hidden[[cell for table in coverage.tables for cell in table.cells.tolist()]] = True
    return _publish_again(coverage, hidden, hidden & ~before, cost, most_reexamined)


def _publish_again(
    coverage: Coverage, hidden: Bools, may_be_free: Bools, cost: Floats, most_reexamined: int
) -> Bools:
    """Publishes again what need not be suppressed because of insiders, dearest first."""
    left, price = most_reexamined, np.where(may_be_free, cost, float(cost.min()) * _CHEAP)
    waits = np.flatnonzero(may_be_free)
    for cell in waits[np.lexsort((waits, -cost[waits]))].tolist():
        trial = hidden.copy()
        trial[cell] = False
        unmet = {insider: coverage.open_of(insider).size for insider in coverage.insiders_open.tolist()}
        dropped = coverage.without_cell(cell)
        lost = [i for i in coverage.insiders_open.tolist() if coverage.open_of(i).size > unmet.get(i, 0)]
        left -= sum(coverage.open_of(insider).size for insider in lost)
        if lost and (left < 0 or not _cover_again(coverage, trial, lost, unmet, price)):
            coverage.restore(dropped)
            continue
        hidden = trial
    return hidden


def _cover_again(
    coverage: Coverage, hidden: Bools, insiders: list[int], unmet: dict[int, int], price: Floats
) -> bool:
    for insider in insiders:
        cover_insider(coverage, coverage.movement(hidden, np.array([insider])), insider, price)
        if coverage.open_of(insider).size > unmet.get(insider, 0):
            return False
    return True


def open_needs(
    system: System, needs: InsiderNeeds, insiders: Insiders, hidden: Bools, tables: Iterable[Floats]
) -> list[tuple[int, int]]:
    """Attacks a table as each insider; returns each insider and unknown that the insider learns.

    Args:
        system: The table's system.
        needs: What must stay uncertain for whom.
        insiders: The insiders.
        hidden: Of each cell whether its values are withheld in what is published.
        tables: Tables that should fit what is published; each is checked, and those that do not fit are not used.
    """
    coverage = Coverage(system, needs, insiders)
    for change in tables:
        if fits_published(system, hidden, change):
            coverage.add(change)
    cover(coverage, hidden)
    found = [
        (insider, int(unknown))
        for insider in coverage.insiders_open.tolist()
        for unknown in np.unique(coverage.open_of(insider).unknown)
    ]
    everything = np.ones(hidden.size, np.bool_)
    return [one for one in found if is_possible(coverage, everything, one[0], one[1])] if found else []


def fits_published(system: System, hidden: Bools, change: Floats) -> bool:
    """Checks by substitution that a table agrees with what is published: no programme is needed for that."""
    moved = np.abs(change) > LEAST_CHANGE * system.scale
    if (moved & (~hidden[system.cell] | system.is_known)).any() or (
        system.value + change < -TOLERANCE * system.scale
    ).any():
        return False
    return bool(
        (np.abs(system.equal @ change) <= TOLERANCE * (abs(system.equal) @ system.scale)).all()
        and (system.bound @ change <= system.slack + TOLERANCE * (abs(system.bound) @ system.scale)).all()
    )


def is_possible(coverage: Coverage, hidden: Bools, insider: int, unknown: int) -> bool:
    """Returns whether the needs of an insider and a value can be met when some cells are suppressed.

    They cannot where earlier releases gave a value away for good.
    """
    movement = coverage.movement(hidden, np.array([insider]))
    needs = coverage.open_of(insider)
    needs = _movable(needs.where(needs.unknown == unknown), movement)
    price = np.ones(hidden.size)
    return any(movement.move(needs.where(np.array([one])), price).reached.all() for one in range(needs.size))
