"""Insiders: contributors who know their own part of each cell and can subtract it from what is published.

An insider is a vessel, an operator with all its vessels, or a pair of contributors who share what they know. An insider
knows that a cell holds at least the own part, and knows a cell exactly if it is the only contributor. What the others
have in a protected cell must stay as uncertain for an insider as the cell is for the public.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
import polars as pl
from scipy import sparse

from ais_indicators.disclosure.attack import Needs
from ais_indicators.disclosure.counted import COUNTED
from ais_indicators.disclosure.system import Bools, Floats, Ints, Matrix, System
from ais_indicators.disclosure.tables import Cells, Layout, is_empty
from ais_indicators.errors import BadInputError

_LARGEST: Final = 3
"""Contributors of a dominated cell of which any two are a pair of insiders: the best placed to estimate another."""

_NOTHING: Final = 1e-9
"""Share of a value, or of what its indicator usually is, that is rounding and not a contribution."""


@dataclass(frozen=True)
class Protection:
    """How uncertain values must stay.

    Attributes:
        max_share: A contributor with a larger share of a value can be estimated from it.
        least_share: A value must stay uncertain by at least this share of it.
    """

    max_share: float
    least_share: float

    def share(self, largest: float) -> float:
        """Returns by which share a value must stay uncertain of which the largest contributor has a share."""
        return max(self.least_share, largest / self.max_share - 1.0)


@dataclass(frozen=True)
class Contributions:
    """Contributions of each contributor to the cells of a table.

    Attributes:
        cell: Cell of each entry.
        unit: Contributor of each entry: an operator, or a vessel that has none.
        vessel: Vessel of each entry, as its number.
        values: Value of each entry and family.
        units: Names of the contributors.
        vessels: Names of the vessels.
    """

    cell: Ints
    unit: Ints
    vessel: Ints
    values: Floats
    units: tuple[str, ...]
    vessels: tuple[str, ...]


def find_contributions(cells: Cells, rows: pl.DataFrame | None) -> Contributions:
    """Assigns contributions to the cells of a table.

    Args:
        cells: The cells.
        rows: The key columns of a cell, `vessel_id`, `contributor` and a value for each family; None for a table
            without.

    Raises:
        BadInputError: There are vessels in the table, and none contributes to it.
    """
    layout = cells.layout
    if rows is not None and rows.is_empty() and layout.table not in COUNTED:
        _require_empty(cells)
    if rows is None or rows.is_empty():
        none = np.zeros(0, np.int64)
        return Contributions(none, none, none, np.zeros((0, len(layout.families))), (), ())
    key = list(layout.key)
    found = (
        cells.values.select("cell", *key)
        .join(rows, on=key)
        .filter(pl.any_horizontal(pl.col(name) > 0 for name in layout.families))
        .sort("cell", "contributor", "vessel_id")
    )
    units, vessels = (tuple(found[name].unique().sort().to_list()) for name in ("contributor", "vessel_id"))
    return Contributions(
        cell=found["cell"].to_numpy(),
        unit=_numbers(found["contributor"], units),
        vessel=_numbers(found["vessel_id"], vessels),
        values=found.select(layout.families).to_numpy().astype(np.float64),
        units=units,
        vessels=vessels,
    )


def _require_empty(cells: Cells) -> None:
    """Raises BadInputError if a cell has vessels: without their contributions nobody knows what insiders know."""
    if not cells.values.select(is_empty(cells.layout).all()).item():
        raise BadInputError(
            f"silver holds no events of the vessels in {cells.layout.table}; run the week again, then publish"
        )


def _numbers(names: pl.Series, order: Sequence[str]) -> Ints:
    numbers = {name: number for number, name in enumerate(order)}
    return names.replace_strict(numbers, return_dtype=pl.Int64).to_numpy() if order else np.zeros(0, np.int64)


@dataclass(frozen=True)
class Dominance:
    """Dominance of the largest contributors of cells.

    Attributes:
        largest: Share of the largest contributor of each cell.
        pair: Whether the second largest can estimate the largest: p% rule.
    """

    largest: Floats
    pair: Bools


def find_dominance(contributions: Contributions, layout: Layout, cells: int, least_share: float) -> Dominance:
    """Finds the share of each cell's largest contributor, and whether the second largest can estimate it.

    The second largest subtracts its own part; what is left is the largest and the rest. If the rest is less than the
    least share of the largest, the largest is practically published.

    Args:
        contributions: The contributions.
        layout: Layout of the table.
        cells: Number of cells.
        least_share: The least share.
    """
    largest, pair = np.zeros(cells), np.zeros(cells, np.bool_)
    for cell, rows in _entries(contributions):
        _, values = _by_unit(contributions, rows)
        for group in layout.measures:
            measures = values[:, [layout.families.index(name) for name in group]]
            measures = measures[:, measures.sum(axis=0) > 0]
            if measures.size:
                ordered = -np.sort(-measures, axis=0)
                largest[cell] = float((ordered[0] / ordered.sum(axis=0)).max())
                pair[cell] = bool((ordered[2:].sum(axis=0) < least_share * ordered[0]).any())
                break
    return Dominance(largest, pair)


def _by_unit(contributions: Contributions, rows: Ints) -> tuple[Ints, Floats]:
    """Returns the contributors of some entries and the sum of each, one row each."""
    units, place = np.unique(contributions.unit[rows], return_inverse=True)
    values = np.zeros((units.size, contributions.values.shape[1]))
    np.add.at(values, place, contributions.values[rows])
    return units, values


def _entries(contributions: Contributions, wanted: Bools | None = None) -> Iterable[tuple[int, Ints]]:
    """Yields each cell with its entries."""
    for cell, rows in _split(contributions.cell):
        if wanted is None or wanted[cell]:
            yield cell, rows


@dataclass(frozen=True)
class Insiders:
    """Attackers who know their own part of a table.

    Attributes:
        names: Who each is.
        is_pair: Whether it is two contributors who share what they know.
        entries: Its entries in the contributions.
        own: What each contributes to each unknown (insiders x unknowns).
        is_member: Cells in which each takes part (insiders x cells).
        is_alone: Cells to which nobody else contributes (insiders x cells).
    """

    names: tuple[str, ...]
    is_pair: Bools
    entries: tuple[Ints, ...]
    own: Matrix
    is_member: Matrix
    is_alone: Matrix

    @property
    def size(self) -> int:
        """Number of insiders."""
        return len(self.names)


@dataclass(frozen=True)
class _Group:
    """One insider under construction.

    Attributes:
        name: Who it is.
        entries: Its entries in the contributions.
        is_pair: Whether it is a pair.
    """

    name: str
    entries: Ints
    is_pair: bool = False


def find_insiders(system: System, layout: Layout, contributions: Contributions, dominated: Bools) -> Insiders:
    """Lists every contributor, every vessel of one with several, and the pairs of the largest of dominated cells.

    Args:
        system: The table's system.
        layout: What is known of the table.
        contributions: Who contributes what.
        dominated: Cells suppressed by the rule of dominance.
    """
    groups = [*_single_groups(contributions), *_pair_groups(contributions, layout, dominated)]
    cells = dominated.size
    size = np.bincount(contributions.cell, minlength=cells)
    index = system.index(cells, len(layout.families))
    row = np.repeat(np.arange(len(groups)), [group.entries.size for group in groups])
    entries = np.concatenate([group.entries for group in groups]) if groups else np.zeros(0, np.int64)
    cell = contributions.cell[entries]
    unknown, values = index[cell], contributions.values[entries]
    has = (unknown >= 0) & (values > 0)
    own = sparse.csr_matrix(
        (values[has], (np.broadcast_to(row[:, None], has.shape)[has], unknown[has])),
        shape=(len(groups), system.size),
    )
    own.data = np.minimum(own.data, system.value[own.indices])
    member = sparse.csr_matrix((np.ones(row.size), (row, cell)), shape=(len(groups), cells))
    return Insiders(
        names=tuple(group.name for group in groups),
        is_pair=np.array([group.is_pair for group in groups], np.bool_),
        entries=tuple(group.entries for group in groups),
        own=own,
        is_member=member,
        is_alone=_where_all(member, size),
    )


def _where_all(member: Matrix, size: Ints) -> Matrix:
    """Returns the cells of which an insider has all entries."""
    rows, cells = member.nonzero()
    has_all = np.asarray(member[rows, cells]).ravel() == size[cells] if rows.size else np.zeros(0, np.bool_)
    return sparse.csr_matrix((np.ones(has_all.sum()), (rows[has_all], cells[has_all])), shape=member.shape)


def _single_groups(contributions: Contributions) -> Iterable[_Group]:
    several: set[int] = set()
    for unit, entries in _split(contributions.unit):
        vessels = np.unique(contributions.vessel[entries])
        if vessels.size > 1:
            several.update(vessels.tolist())
        yield _Group(contributions.units[unit], entries)
    for vessel, entries in _split(contributions.vessel):
        if vessel in several:
            yield _Group(f"ship {contributions.vessels[vessel]}", entries)


def _split(numbers: Ints) -> Iterable[tuple[int, Ints]]:
    """Yields each number with its places, both in order."""
    order = np.argsort(numbers, kind="stable")
    found, begin = np.unique(numbers[order], return_index=True)
    yield from zip(found.tolist(), np.split(order, begin[1:]), strict=True) if found.size else ()


def _pair_groups(contributions: Contributions, layout: Layout, dominated: Bools) -> Iterable[_Group]:
    pairs: set[tuple[int, int]] = set()
    for _, rows in _entries(contributions, dominated):
        units, values = _by_unit(contributions, rows)
        if units.size >= _LARGEST:
            order = np.lexsort((units, -_first_measure(values, layout)))[:_LARGEST]
            pairs.update(combinations(sorted(units[order].tolist()), 2))
    for one, other in sorted(pairs):
        entries = np.flatnonzero(np.isin(contributions.unit, (one, other)))
        yield _Group(f"{contributions.units[one]} and {contributions.units[other]}", entries, True)


def _first_measure(values: Floats, layout: Layout) -> Floats:
    """Returns what contributors have of the first measure of which a cell has any."""
    for name in (name for group in layout.measures for name in group):
        measure = values[:, layout.families.index(name)]
        if measure.sum() > 0:
            return np.asarray(measure)
    return np.zeros(values.shape[0])


@dataclass(frozen=True)
class InsiderNeeds:
    """Required uncertainty of values for insiders.

    Attributes:
        common: What the public must not know, of cells in which an insider takes no part.
        asked: Which of these each insider could learn something from (needs x insiders).
        rest: What others have in cells in which an insider takes part.
        insider: The insider of each of `rest`.
    """

    common: Needs
    asked: Bools
    rest: Needs
    insider: Ints


def insider_needs(
    system: System,
    layout: Layout,
    common: Needs,
    insiders: Insiders,
    contributions: Contributions,
    dominated: Bools,
    protection: Protection,
) -> InsiderNeeds:
    """Computes what must stay uncertain for whom.

    Args:
        system: The table's system.
        layout: What is known of the table.
        common: What must stay uncertain for the public.
        insiders: The insiders; pairs attack dominated cells only.
        contributions: Who contributes what.
        dominated: Cells suppressed by the rule of dominance.
        protection: How uncertain values must stay.
    """
    cell = system.cell[common.unknown]
    asked = np.asarray(insiders.is_member[:, cell].todense() == 0).T
    asked &= ~insiders.is_pair[None, :] | dominated[cell][:, None]
    is_protected = np.zeros(dominated.size, np.bool_)
    is_protected[cell] = True
    parts = [
        _rest_needs(system, layout, insiders, insider, rows, contributions, protection)
        for insider, rows in _shared_cells(insiders, contributions, is_protected, dominated)
    ]
    numbers = [number for number, needs in parts for _ in range(needs.size)]
    return InsiderNeeds(common, asked, _joined([needs for _, needs in parts]), np.array(numbers, np.int64))


def _shared_cells(
    insiders: Insiders, contributions: Contributions, is_protected: Bools, dominated: Bools
) -> Iterable[tuple[int, Ints]]:
    """Yields each insider with the entries of each protected cell in which it takes part and is not alone."""
    entries = dict(_entries(contributions, is_protected))
    for insider in range(insiders.size):
        alone = set(insiders.is_alone[insider].indices.tolist())
        for cell in sorted(set(insiders.is_member[insider].indices.tolist()) - alone):
            if cell in entries and (dominated[cell] or not insiders.is_pair[insider]):
                yield insider, entries[cell]


def _rest_needs(
    system: System,
    layout: Layout,
    insiders: Insiders,
    insider: int,
    rows: Ints,
    contributions: Contributions,
    protection: Protection,
) -> tuple[int, Needs]:
    """Computes how uncertain what others have in one cell must stay for one insider."""
    cell = int(contributions.cell[rows[0]])
    unknown = np.flatnonzero(system.cell == cell)
    unknown = unknown[~system.is_known[unknown]]
    own = np.asarray(insiders.own[insider, unknown].todense()).ravel()
    rest = system.value[unknown] - own
    rest[rest <= _NOTHING * np.maximum(system.value[unknown], system.scale[unknown])] = 0.0
    share = protection.share(_largest_of_rest(layout, contributions, rows, insiders.entries[insider]))
    counts = np.isin(system.family[unknown], [layout.families.index(name) for name in layout.counts])
    up = np.where(rest > 0, np.maximum(share * rest, np.where(counts, 1.0, 0.0)), 0.0)
    down = np.minimum(up, rest)
    both = np.concatenate([unknown[up > 0], unknown[down > 0]])
    sign = np.concatenate([np.ones((up > 0).sum()), -np.ones((down > 0).sum())])
    return insider, Needs(both, sign, np.concatenate([up[up > 0], down[down > 0]]))


def _largest_of_rest(layout: Layout, contributions: Contributions, rows: Ints, mine: Ints) -> float:
    """Returns the share of the largest contributor in what an insider leaves of a cell."""
    left = np.setdiff1d(rows, mine)
    _, values = _by_unit(contributions, left)
    for group in layout.measures:
        of_group = values[:, [layout.families.index(name) for name in group]]
        has = of_group.sum(axis=0) > 0
        if has.any():
            return float((of_group[:, has].max(axis=0) / of_group[:, has].sum(axis=0)).max())
    return 1.0


def _joined(parts: Sequence[Needs]) -> Needs:
    if not parts:
        return Needs(np.zeros(0, np.int64), np.zeros(0), np.zeros(0))
    unknown, sign, distance = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("unknown", "sign", "distance")
    )
    return Needs(unknown, sign, distance)
