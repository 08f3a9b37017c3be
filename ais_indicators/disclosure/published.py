"""What an attacker knows in addition to the release: earlier releases of the same week, and those of adjacent weeks.

What was published cannot be taken back. A value that was published and is unchanged counts as known, whatever is
suppressed now, and so do sums in earlier releases. Calls in progress link weeks: those at a week's end are those at the
end of the week before, plus the arrivals, minus the departures.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import polars as pl
from scipy import sparse

from ais_indicators.disclosure.system import Bools, Floats, System, rows_of
from ais_indicators.disclosure.tables import PORTS, Cells, wide_values
from ais_indicators.rules import Rules

Frames = Mapping[str, pl.DataFrame]
"""Rows of released tables, by table."""

FREE: Final = "F"
PRIMARY: Final = ("A", "O")
_STOCK, _IN, _OUT = "calls_in_progress", "arrivals", "departures"


@dataclass(frozen=True)
class Published:
    """Earlier publications.

    Attributes:
        vintages: Earlier releases of the week, each with its tables.
        week_before: Port activity as it is served for the week before; None if nothing is.
        week_before_true: The same as in gold.
        week_after: Port activity as it is served for the week after.
    """

    vintages: Sequence[Frames] = ()
    week_before: pl.DataFrame | None = None
    week_before_true: pl.DataFrame | None = None
    week_after: pl.DataFrame | None = field(default=None)


def statuses_before(cells: Cells, published: Published, of: Sequence[str]) -> Bools:
    """Returns for each cell whether an earlier release of the week gave it one of some confidentiality statuses."""
    found = np.zeros(cells.values.height, np.bool_)
    for vintage in published.vintages:
        frame = vintage.get(cells.layout.table)
        if frame is not None and "conf_status" in frame.columns:
            had = frame.filter(pl.col("conf_status").is_in(list(of))).select(cells.layout.key).unique()
            found[cells.rows.join(had, on=list(cells.layout.key))["cell"].to_numpy()] = True
    return found


def carried_over(cells: Cells, published: Published) -> Bools:
    """Returns for each cell whether it must be suppressed because the week before is.

    Otherwise it would reveal the calls in progress then.
    """
    carried = np.zeros(cells.values.height, np.bool_)
    before, true = published.week_before, published.week_before_true
    if cells.layout.table != PORTS or before is None or true is None or "conf_status" not in before.columns:
        return carried
    key = list(cells.layout.key)
    secret = before.filter(pl.col("conf_status").is_in(list(PRIMARY))).select(key).unique()
    stock = wide_values(cells.layout, true).select(*key, then=_STOCK)
    flow = pl.col(_STOCK) - pl.col(_IN) + pl.col(_OUT)
    shown = (
        cells.rows.join(secret, on=key)
        .join(stock, on=key)
        .join(cells.values.drop(key), on="cell")
        .filter((pl.col("then") > 0) & (flow == pl.col("then")))
    )
    carried[shown["cell"].to_numpy()] = True
    return carried


def with_published(system: System, cells: Cells, published: Published, rules: Rules) -> System:
    """Adds everything known from other releases to the system of a table."""
    for vintage in published.vintages:
        frame = vintage.get(cells.layout.table)
        if frame is not None:
            system = _with_vintage(system, _values(cells, system, frame), rules)
    return _with_neighbours(system, cells, published) if cells.layout.table == PORTS else system


def _values(cells: Cells, system: System, frame: pl.DataFrame) -> Floats:
    """Returns what a release published of each unknown: 0 without a row, NaN if it was suppressed."""
    layout, key = cells.layout, list(cells.layout.key)
    wide = wide_values(layout, frame).with_columns(pl.col(layout.families).fill_null(0.0))
    if "conf_status" in frame.columns:
        secret = frame.filter(pl.col("conf_status") != FREE).select(key).unique()
        hidden = wide.join(secret, on=key, how="semi")
        blank = hidden.with_columns(pl.lit(float("nan")).alias(name) for name in layout.families)
        wide = pl.concat([wide.join(secret, on=key, how="anti"), blank])
    by_cell = (
        cells.rows.join(wide, on=key, how="left")
        .group_by("cell")
        .agg(pl.col(layout.families).fill_null(0.0).first())
    )
    shown = np.full((cells.values.height, len(layout.families)), np.nan)
    shown[by_cell["cell"].to_numpy()] = by_cell.select(layout.families).to_numpy()
    return np.asarray(shown[system.cell, system.family])


def _with_vintage(system: System, shown: Floats, rules: Rules) -> System:
    """Adds what one earlier release reveals: values that are unchanged, and sums of what it suppressed."""
    secret = np.isnan(shown)
    given = np.where(secret, 0.0, shown)
    is_known = ~secret & _is_same(given, system.value, rules)
    inside = sparse.diags(secret.astype(np.float64))
    rest = system.equal @ given
    hidden = (system.equal @ inside).tocsr()
    hidden.eliminate_zeros()
    size = abs(system.equal) @ np.maximum(system.value, given)
    holds = np.abs(hidden @ system.value + rest) <= rules.rounding_share * np.maximum(size, 1.0)
    return system.with_knowledge(hidden[holds & (np.diff(hidden.indptr) > 0)], is_known)


def _is_same(one: Floats, other: Floats, rules: Rules) -> Bools:
    return np.asarray(np.abs(one - other) <= rules.rounding_share * np.maximum(np.abs(other), 1.0))


def _with_neighbours(system: System, cells: Cells, published: Published) -> System:
    """Adds what the releases of the weeks before and after reveal about the calls in progress."""
    layout = cells.layout
    index = system.index(cells.values.height, len(layout.families))
    stock, came, left = (index[:, layout.families.index(name)] for name in (_STOCK, _IN, _OUT))
    whole = (stock >= 0) & (came >= 0) & (left >= 0)
    is_known = np.zeros(system.size, np.bool_)
    chosen = np.zeros(0, np.int64)
    if published.week_before is not None:
        then = _shown(cells, published.week_before, pl.col(_STOCK))
        now = system.value[stock] - system.value[came] + system.value[left]
        chosen = np.flatnonzero(whole & (now == then))
    if published.week_after is not None:
        then = _shown(cells, published.week_after, pl.col(_STOCK) - pl.col(_IN) + pl.col(_OUT))
        known = whole & (system.value[stock] == then)
        is_known[stock[known]] = True
    flows = np.column_stack([stock[chosen], came[chosen], left[chosen]])
    return system.with_knowledge(rows_of(flows, (1.0, -1.0, 1.0), system.size), is_known)


def _shown(cells: Cells, frame: pl.DataFrame, what: pl.Expr) -> Floats:
    """Returns what a release published of each cell: NaN if suppressed, 0 without a row."""
    key = list(cells.layout.key)
    wide = wide_values(cells.layout, frame).select(*key, shown=what.fill_null(float("nan")))
    first = cells.rows.unique("cell", keep="first", maintain_order=True)
    found = first.join(wide, on=key, how="left").sort("cell")
    return found["shown"].fill_null(0.0).to_numpy()
