"""Selects further cells to suppress by linear programmes: not always the cheapest pattern, but always a safe one.

A suppressed value can be larger by some amount only if others are smaller, down to the last total. One programme
searches the cheapest such table for many values at a time, where each published cell that would have to change costs
what its suppression costs; the cells that change are suppressed (Kelly, Golden and Assad 1992, Networks 22, 397-417).
Unneeded suppressions are then published again, dearest first, as long as every value stays protected.
"""

from typing import Final

import numpy as np

from ais_indicators.disclosure.attack import Movement, Needs, Witnesses
from ais_indicators.disclosure.system import Bools, Floats, Ints, System

_FREE: Final = 1e-3
"""Price of a change in a cell that is suppressed anyway, compared with the cheapest that is not."""


def suppress_further(
    system: System, is_hidden: Bools, needs: Needs, cost: Floats, most_reexamined: int
) -> Bools:
    """Suppresses cells until every need that can be met is met.

    Args:
        system: The table's system.
        is_hidden: Of each cell whether it is suppressed.
        needs: Needs to meet.
        cost: Of each cell.
        most_reexamined: Number of needs to examine again, over all trials to publish a cell again.

    Returns:
        Of each cell whether it is suppressed now.
    """
    everything, cheap = np.arange(needs.size), float(cost.min()) * _FREE
    witnesses = Witnesses(system, needs, cost.size)
    waits = witnesses.find(Movement(system, is_hidden[system.cell]), everything, np.ones(cost.size))
    anywhere, price = Movement(system, np.ones(system.size, np.bool_)), np.where(is_hidden, cheap, cost)
    witnesses.find_singly(anywhere, witnesses.find(anywhere, waits, price), price)
    hidden = is_hidden | witnesses.changed_by(everything)
    return _publish_again(system, hidden, hidden & ~is_hidden, witnesses, cost, most_reexamined)


def _publish_again(
    system: System,
    is_hidden: Bools,
    may_be_free: Bools,
    witnesses: Witnesses,
    cost: Floats,
    most_reexamined: int,
) -> Bools:
    """Publishes again what need not be suppressed, dearest first."""
    hidden = is_hidden.copy()
    price = np.where(may_be_free, cost, float(cost.min()) * _FREE)
    must = np.flatnonzero(witnesses.is_met)
    witnesses.find(Movement(system, hidden[system.cell]), must, price)
    waits = np.flatnonzero(may_be_free)
    left = most_reexamined
    for cell in waits[np.lexsort((waits, -cost[waits]))]:
        resting = witnesses.resting_on(int(cell))
        trial = hidden.copy()
        trial[cell] = False
        left -= resting.size
        if resting.size and (left < 0 or not _stand(system, trial, witnesses, resting, price)):
            continue
        hidden = trial
    return hidden


def _stand(system: System, hidden: Bools, witnesses: Witnesses, needs: Ints, price: Floats) -> bool:
    """Returns whether some needs are met without what is published again."""
    movement = Movement(system, hidden[system.cell])
    return witnesses.find_singly(movement, witnesses.find(movement, needs, price), price, to_the_end=False)
