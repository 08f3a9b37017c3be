"""Released tables as cells: what one cell is, which of its values add up, and to which other cells.

A cell is suppressed as a unit: a port and class, a gate, direction and class, or a flow, with all its indicators. What
A exports to B and B imports from A are the same voyages and one cell. Voyages of unknown origin are also a cell, though
no table has it: it is the excess of a reporter's imports over those from its partners. A total of which only one part
has vessels is the same cell as that part.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from ais_indicators.contracts.model import load_contract
from ais_indicators.rules import Rules

TOTAL: Final = "_T"
UNKNOWN: Final = "_U"
INLAND: Final = "inland"
"""Class that is not part of any total over classes."""
PORTS: Final = "gold.port_activity_weekly"
STRAITS: Final = "gold.chokepoint_transits_weekly"
FLOWS: Final = "gold.trade_flows_weekly"
INTERFERENCE: Final = "gold.interference_weekly"
DARK: Final = "gold.dark_vessels_weekly"
STATUS: Final = "gold.chokepoint_status_weekly"
_NO_DIMENSIONS: Final = ("week", "indicator", "adjustment")
_PLAIN: Final = "N"
"""Adjustment of a plain value; an adjusted one is the plain one divided by a published number."""

BY_CLASS: Final = "vessel_class"
"""Name of the totals over classes."""


@dataclass(frozen=True)
class Layout:
    """Description of a released table.

    Attributes:
        table: Its name.
        additive: Indicators of which a total is the sum of its parts.
        distinct: Indicators that count ships: a total is at most the sum of its parts, over classes mostly the sum.
        counts: Of all these, those that are integers.
        within: Pairs of indicators of one cell of which the first is at most the second.
        measures: Basis of the contributors' shares: the first group that a cell has.
    """

    table: str
    additive: tuple[str, ...]
    distinct: tuple[str, ...]
    counts: tuple[str, ...]
    within: tuple[tuple[str, str], ...]
    measures: tuple[tuple[str, ...], ...]

    @property
    def families(self) -> tuple[str, ...]:
        """Returns the indicators available to an attacker."""
        return (*self.additive, *self.distinct)

    @property
    def key(self) -> tuple[str, ...]:
        """Returns the columns that name a cell within a week."""
        return tuple(name for name in load_contract(self.table).key if name not in _NO_DIMENSIONS)


LAYOUTS: Final[Mapping[str, Layout]] = {
    PORTS: Layout(
        PORTS,
        ("arrivals", "departures", "calls_in_progress", "vessels_waiting", "arrivals_gross_tonnage"),
        ("unique_vessels",),
        ("arrivals", "departures", "calls_in_progress", "vessels_waiting", "unique_vessels"),
        (("calls_in_progress", "unique_vessels"),),
        (("arrivals_gross_tonnage",), ("unique_vessels",), ("arrivals", "departures", "vessels_waiting")),
    ),
    STRAITS: Layout(
        STRAITS,
        ("transits", "incomplete_transits", "deadweight_t", "payload_t", "vessels_inside", "vessels_waiting"),
        ("unique_vessels",),
        ("transits", "incomplete_transits", "unique_vessels", "vessels_inside", "vessels_waiting"),
        (("unique_vessels", "transits"), ("payload_t", "deadweight_t")),
        (
            ("payload_t", "deadweight_t"),
            ("transits",),
            ("incomplete_transits", "vessels_inside", "vessels_waiting"),
        ),
    ),
    FLOWS: Layout(
        FLOWS,
        ("voyages", "deadweight", "tonnes", "tonne_miles"),
        ("ships",),
        ("voyages", "ships"),
        (("ships", "voyages"), ("tonnes", "deadweight")),
        (("tonnes",), ("deadweight",), ("voyages",)),
    ),
    INTERFERENCE: Layout(
        INTERFERENCE,
        ("vessel_hours",),
        ("vessels",),
        ("vessel_hours", "vessels"),
        (("vessels", "vessel_hours"),),
        (("vessel_hours",),),
    ),
    DARK: Layout(
        DARK,
        ("silent_vessel_hours", "heard_vessel_hours"),
        ("dark_vessels",),
        ("dark_vessels",),
        (("dark_vessels", "silent_vessel_hours"),),
        (("silent_vessel_hours",), ("heard_vessel_hours",)),
    ),
}


@dataclass(frozen=True)
class Cells:
    """The cells of one table and week.

    Attributes:
        layout: What is known of the table.
        rows: The key of each released cell, and the number of its `cell`; keys of one cell have one.
        values: One row a cell, in the order of its number: the first key of it and the value of each family, null for
            none.
        links: One row a cell that is a part of a total: `kind` of the total, `parent` and `child`, as cell numbers.
    """

    layout: Layout
    rows: pl.DataFrame
    values: pl.DataFrame
    links: pl.DataFrame


def cells_of(table: str, observations: pl.DataFrame, countries: Mapping[str, str], rules: Rules) -> Cells:
    """Finds the cells of a table and the totals that they belong to.

    Args:
        table: A released table.
        observations: Its rows of one week, none suppressed.
        countries: Country of each port, for flows.
        rules: Rules of the lake's subject.
    """
    layout = LAYOUTS[table]
    key = list(layout.key)
    wide = wide_values(layout, observations)
    if table == FLOWS:
        wide = pl.concat([wide.filter(~_is_mirrored()), _unknown_origin(layout, wide, rules)])
    values = _numbered(wide.sort(key))
    links = _links(layout, values, countries)
    same = _same_cells(layout, values, links)
    rows = _released(table, values.select(*key, "cell")).with_columns(pl.col("cell").replace_strict(same))
    kept = values.filter(pl.col("cell").is_in(rows["cell"].unique().implode()) | is_unreleased(table))
    number = {old: new for new, old in enumerate(kept["cell"].to_list())}
    return Cells(
        layout,
        rows.with_columns(pl.col("cell").replace_strict(number)).sort(key),
        kept.with_columns(pl.col("cell").replace_strict(number)),
        _renumbered(links, {old: number[new] for old, new in same.items()}),
    )


def is_unreleased(table: str) -> pl.Expr:
    """Returns whether a cell is in no table: what is of unknown origin."""
    return pl.col("partner") == UNKNOWN if table == FLOWS else pl.lit(False)


def _numbered(values: pl.DataFrame) -> pl.DataFrame:
    return values.with_row_index("cell").with_columns(pl.col("cell").cast(pl.Int64))


def _released(table: str, rows: pl.DataFrame) -> pl.DataFrame:
    """Returns key and cell of each released cell, including those that mirror another."""
    if table != FLOWS:
        return rows
    lanes = rows.filter((pl.col("direction") == "import") & ~pl.col("partner").is_in([TOTAL, UNKNOWN]))
    mirrored = lanes.with_columns(reporter="partner", partner="reporter", direction=pl.lit("export")).select(
        rows.columns
    )
    return pl.concat([rows.filter(~is_unreleased(table)), mirrored])


def is_empty(layout: Layout) -> pl.Expr:
    """Whether a cell of `values` has no vessel in it: each of its values is 0 or missing."""
    return pl.all_horizontal(pl.col(name).fill_null(0.0) == 0 for name in layout.families)


def _same_cells(layout: Layout, values: pl.DataFrame, links: pl.DataFrame) -> dict[int, int]:
    """Maps each cell to the one that represents it: a total has the ships and values of its only nonempty part."""
    has_ships = values.filter(~is_empty(layout))["cell"]
    alone = links.filter(pl.col("child").is_in(has_ships.implode())).filter(
        pl.len().over("kind", "parent") == 1
    )
    families = list(layout.families)
    of = values.select("cell", *families)
    pairs = alone.join(of, left_on="parent", right_on="cell").join(
        of, left_on="child", right_on="cell", suffix="_part"
    )
    is_same = pl.all_horizontal(pl.col(name).eq_missing(pl.col(f"{name}_part")) for name in families)
    chosen = pairs.filter(is_same).select("parent", "child")
    size = values.height
    ones = np.ones(chosen.height)
    joined = sparse.csr_matrix(
        (ones, (chosen["parent"].to_numpy(), chosen["child"].to_numpy())), shape=(size, size)
    )
    _, labels = connected_components(joined, directed=False)
    _, first = np.unique(labels, return_index=True)
    return dict(enumerate(first[labels].tolist()))


def _renumbered(links: pl.DataFrame, number: Mapping[int, int]) -> pl.DataFrame:
    """Renumbers the links between the remaining cells."""
    return (
        links.with_columns(pl.col("parent", "child").replace_strict(number))
        .filter(pl.col("parent") != pl.col("child"))
        .unique(["kind", "parent", "child"])
        .sort("kind", "parent", "child")
    )


def wide_values(layout: Layout, observations: pl.DataFrame) -> pl.DataFrame:
    """Returns one row per released cell with the value of each family, null for none or suppressed."""
    key = list(layout.key)
    plain = observations
    if "adjustment" in observations.columns:
        plain = observations.filter(pl.col("adjustment") == _PLAIN)
    wanted = plain.filter(pl.col("indicator").is_in(layout.families))
    cells = observations.select(key).unique()
    for name in layout.families:
        if name == "voyages":
            one = plain.group_by(key).agg(pl.col("voyages").max().cast(pl.Float64))
        else:
            one = wanted.filter(pl.col("indicator") == name).select(*key, pl.col("value").alias(name))
        cells = cells.join(one, on=key, how="left")
    return cells.select(*key, *layout.families).sort(key)


def _is_mirrored() -> pl.Expr:
    return (pl.col("direction") == "export") & (pl.col("partner") != TOTAL)


def _unknown_origin(layout: Layout, wide: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Returns cells for unknown partners: each total of imports minus its partners."""
    of = ["reporter_level", "reporter", "vessel_class"]
    imports = wide.filter((pl.col("direction") == "import") & (pl.col("reporter_level") != "world"))
    known = imports.filter(pl.col("partner") != TOTAL).group_by(of).agg(pl.col(layout.additive).sum())
    totals = imports.filter(pl.col("partner") == TOTAL).join(known, on=of, how="left", suffix="_known")
    less = {
        name: _remainder(pl.col(name), pl.col(f"{name}_known").fill_null(0.0), rules)
        for name in layout.additive
    }
    ships = {name: pl.lit(None, pl.Float64) for name in layout.distinct}
    found = totals.filter(pl.col("voyages") > pl.col("voyages_known").fill_null(0.0))
    return found.with_columns(partner=pl.lit(UNKNOWN), **less, **ships).select(wide.columns)


def _remainder(total: pl.Expr, known: pl.Expr, rules: Rules) -> pl.Expr:
    """Subtracts the known part from a total; a remainder due to rounding is 0."""
    rest = total - known
    return pl.when(rest > rules.rounding_share * total).then(rest).otherwise(rest * 0.0)


def _links(layout: Layout, values: pl.DataFrame, countries: Mapping[str, str]) -> pl.DataFrame:
    """Returns each total that a cell is part of, by kind."""
    key = list(layout.key)
    everyone = pl.lit(TOTAL)
    if layout.table == FLOWS:
        kinds = _flow_totals(countries)
    else:
        names = [name for name in key if name in ("port_locode", "direction", "vessel_class", "region_code")]
        parts = {BY_CLASS: ~pl.col(BY_CLASS).is_in([TOTAL, INLAND])}
        kinds = [(name, parts.get(name, pl.col(name) != TOTAL), {name: everyone}) for name in names]
    parents = values.select(*key, parent="cell")
    found = [
        values.filter(is_part)
        .select(*key, child="cell")
        .with_columns(**into)
        .join(parents, on=key)
        .select(pl.lit(kind).alias("kind"), "parent", "child")
        for kind, is_part, into in kinds
    ]
    none = pl.DataFrame(schema={"kind": pl.String, "parent": pl.Int64, "child": pl.Int64})
    return pl.concat([none, *found]).sort("kind", "parent", "child")


def _flow_totals(countries: Mapping[str, str]) -> list[tuple[str, pl.Expr, dict[str, pl.Expr]]]:
    """Returns kind, which cells are parts, and how the key of a part becomes that of its total."""
    everyone = pl.lit(TOTAL)
    level, partner = pl.col("reporter_level"), pl.col("partner")
    in_country = {**countries, UNKNOWN: UNKNOWN}

    def country(name: str) -> pl.Expr:
        return pl.col(name).replace_strict(in_country, default=None, return_dtype=pl.String)

    of_country = {"reporter_level": pl.lit("country"), "reporter": country("reporter")}
    of_world = {"reporter_level": pl.lit("world"), "reporter": everyone}
    is_total = partner == TOTAL
    return [
        (BY_CLASS, pl.col("vessel_class") != TOTAL, {"vessel_class": everyone}),
        ("partner", ~is_total & (pl.col("direction") == "import"), {"partner": everyone}),
        ("country", is_total & (level == "port"), of_country),
        ("lane", ~is_total & (level == "port"), {**of_country, "partner": country("partner")}),
        ("world", is_total & (level == "country"), of_world),
    ]
