"""Relations between the values of a table, as a linear system in their deviations from the true values.

One unknown is one value of one cell. An attacker knows the published ones, and that the others are non-negative and
that the totals add up. The attacker also knows the cells without a vessel, so suppressing one protects nothing. The
possible values of a suppressed value are those of its deviation while every equation holds and every published value
stays the same (Fischetti and Salazar 2001, Management Science 47, 1008-1027). An equation or bound that does not hold
in the data is left out: the attacker would be wrong to use it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

from ais_indicators.disclosure.tables import BY_CLASS, Cells, is_empty
from ais_indicators.rules import Rules

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Matrix = Any
"""A sparse matrix of scipy, which has no types."""

_ROUNDING: Final = 1e-6
"""Share by which tonne-miles may differ from tonnes times miles: both are sums of doubles."""


@dataclass(frozen=True)
class System:
    """The unknowns and what binds them.

    Attributes:
        cell: Cell of each unknown.
        family: Family of each, as its number in the layout.
        value: True value.
        scale: Unit of its deviation, so that tonnes and calls have similar magnitudes.
        equal: Rows of coefficients whose sum over deviations is 0.
        bound: Rows whose sum is at most `slack`.
        slack: Room in each bound.
        is_known: True for a value that an attacker knows from elsewhere, whatever is suppressed now.
    """

    cell: Ints
    family: Ints
    value: Floats
    scale: Floats
    equal: Matrix
    bound: Matrix
    slack: Floats
    is_known: Bools

    @property
    def size(self) -> int:
        """Returns the number of unknowns."""
        return int(self.value.size)

    def index(self, cells: int, families: int) -> Ints:
        """Number of the unknown of each cell and family, -1 for none; shape (cells, families)."""
        found = np.full((cells, families), -1, np.int64)
        found[self.cell, self.family] = np.arange(self.size)
        return found

    def with_knowledge(self, rows: Matrix, is_known: Bools) -> "System":
        """The same with further equations, and further values that are known from elsewhere."""
        return replace(
            self,
            equal=sparse.vstack([self.equal, rows]).tocsr() if rows.shape[0] else self.equal,
            is_known=self.is_known | is_known,
        )


def build_system(cells: Cells, distances_nm: Floats, rules: Rules) -> System:
    """Builds the system of a table.

    Args:
        cells: Its cells.
        distances_nm: Of each cell the way by sea that turns its tonnes into tonne-miles; NaN for none.
        rules: Rules of the lake's subject.
    """
    layout = cells.layout
    matrix = cells.values.select(layout.families).to_numpy().astype(np.float64)
    cell, family = np.nonzero(~np.isnan(matrix))
    value = matrix[cell, family]
    system = System(
        cell=cell,
        family=family,
        value=value,
        scale=_scales(cells, family, value),
        equal=sparse.csr_matrix((0, value.size)),
        bound=sparse.csr_matrix((0, value.size)),
        slack=np.zeros(0),
        is_known=cells.values.select(is_empty(layout)).to_series().to_numpy()[cell],
    )
    return _with_rows(system, cells, matrix.shape[0], distances_nm, rules)


def _scales(cells: Cells, family: Ints, value: Floats) -> Floats:
    """Returns the scales: 1 for counts; for tonnes the median of the cells."""
    layout = cells.layout
    scale = np.ones(family.size)
    for number, name in enumerate(layout.families):
        of = (family == number) & (value > 0)
        if name not in layout.counts and of.any():
            scale[family == number] = float(np.median(value[of]))
    return scale


@dataclass
class _Rows:
    """Collected rows of coefficients."""

    entries: list[tuple[Ints, Ints, Floats]]
    slack: list[Floats]
    height: int = 0

    def add(self, row: Ints, unknown: Ints, coefficient: Floats, slack: Floats) -> None:
        self.entries.append((row + self.height, unknown, coefficient))
        self.slack.append(slack)
        self.height += slack.size

    def matrix(self, width: int) -> Matrix:
        row, unknown, coefficient = (
            np.concatenate([part[n] for part in self.entries]) if self.entries else np.zeros(0)
            for n in range(3)
        )
        shape = (self.height, width)
        return sparse.csr_matrix((coefficient, (row.astype(np.int64), unknown.astype(np.int64))), shape=shape)


def _with_rows(system: System, cells: Cells, number: int, distances_nm: Floats, rules: Rules) -> System:
    layout = cells.layout
    index = system.index(number, len(layout.families))
    equal, bound = _Rows([], []), _Rows([], [])
    for kind in cells.links["kind"].unique().sort().to_list():
        links = cells.links.filter(pl.col("kind") == kind)
        parent, child = links["parent"].to_numpy(), links["child"].to_numpy()
        for family, name in enumerate(layout.families):
            is_distinct = name in layout.distinct
            _add_totals(
                system, index[:, family], parent, child, equal, bound,
                is_distinct=is_distinct, may_be_equal=not is_distinct or kind == BY_CLASS,
             rules=rules,)  # fmt: skip
    for less, more in layout.within:
        _add_pairs(system, index[:, [layout.families.index(less), layout.families.index(more)]], bound)
    if "tonne_miles" in layout.families:
        columns = [layout.families.index("tonne_miles"), layout.families.index("tonnes")]
        _add_distances(system, index[:, columns], distances_nm, equal)
    width = system.size
    slack = np.concatenate(bound.slack) if bound.slack else np.zeros(0)
    return replace(system, equal=equal.matrix(width), bound=bound.matrix(width), slack=slack)


def _add_totals(
    system: System,
    index: Ints,
    parent: Ints,
    child: Ints,
    equal: _Rows,
    bound: _Rows,
    *,
    is_distinct: bool,
    may_be_equal: bool,
    rules: Rules,
) -> None:
    """Adds the equations between totals of one kind and family and their parts."""
    here = (index[parent] >= 0) & (index[child] >= 0)
    parent, child = index[parent[here]], index[child[here]]
    totals, row = np.unique(parent, return_inverse=True)
    value = system.value
    sums = np.bincount(row, value[child], totals.size)
    over = value[totals] - sums
    tolerance = rules.rounding_share * np.maximum(value[totals], 1.0)
    is_equal = np.abs(over) <= tolerance
    chosen = is_equal & may_be_equal
    _add(equal, chosen, totals, row, child, np.ones(totals.size), np.zeros(totals.size))
    above = ~chosen & (over > tolerance)
    _add(bound, above, totals, row, child, np.ones(totals.size), over)
    below = ~chosen & ~above
    _add(bound, below, totals, row, child, -np.ones(totals.size), np.maximum(-over, 0.0))
    if is_distinct:
        holds = value[child] <= value[parent]
        lower, upper = child[holds], parent[holds]
        rows = np.arange(lower.size)
        bound.add(
            np.concatenate([rows, rows]),
            np.concatenate([lower, upper]),
            np.concatenate([np.ones(lower.size), -np.ones(lower.size)]),
            value[upper] - value[lower],
        )


def _add(
    rows: _Rows, chosen: Bools, totals: Ints, row: Ints, child: Ints, sign: Floats, slack: Floats
) -> None:
    """Adds, for the chosen totals, their parts less the total, times a sign."""
    number = np.cumsum(chosen) - 1
    parts = chosen[row]
    rows.add(
        np.concatenate([number[row[parts]], number[chosen]]),
        np.concatenate([child[parts], totals[chosen]]),
        np.concatenate([sign[row[parts]], -sign[chosen]]),
        slack[chosen],
    )


def _add_pairs(system: System, pairs: Ints, bound: _Rows) -> None:
    """Adds that the first of two values of a cell is at most the second, if that is true."""
    less, more = pairs[(pairs >= 0).all(axis=1)].T
    holds = system.value[less] <= system.value[more]
    less, more = less[holds], more[holds]
    rows = np.arange(less.size)
    bound.add(
        np.concatenate([rows, rows]),
        np.concatenate([less, more]),
        np.concatenate([np.ones(less.size), -np.ones(less.size)]),
        system.value[more] - system.value[less],
    )


def _add_distances(system: System, pairs: Ints, distances_nm: Floats, equal: _Rows) -> None:
    """Adds that tonne-miles between two ports are tonnes times a public distance."""
    has = (pairs >= 0).all(axis=1) & ~np.isnan(distances_nm)
    (miles, tonnes), way = pairs[has].T, distances_nm[has]
    product = way * system.value[tonnes]
    holds = np.abs(system.value[miles] - product) <= _ROUNDING * np.maximum(product, 1.0)
    miles, tonnes, way = miles[holds], tonnes[holds], way[holds]
    rows = np.arange(miles.size)
    equal.add(
        np.concatenate([rows, rows]),
        np.concatenate([miles, tonnes]),
        np.concatenate([np.ones(miles.size), -way]),
        np.zeros(miles.size),
    )


def rows_of(unknowns: Ints, coefficients: Sequence[float], width: int) -> Matrix:
    """Builds rows that each take some unknowns with the same coefficients; shape of `unknowns` (rows, coefficients)."""
    row = np.repeat(np.arange(unknowns.shape[0]), unknowns.shape[1])
    data = np.tile(np.array(coefficients, np.float64), unknowns.shape[0])
    return sparse.csr_matrix((data, (row, unknowns.ravel())), shape=(unknowns.shape[0], width))
