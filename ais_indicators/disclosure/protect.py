"""Protects the tables of a release: suppresses what would reveal a single ship or firm, and checks for leaks.

Gold stays unchanged. A cell is suppressed with all its indicators, intervals and shares.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
import pyarrow as pa

from ais_indicators.contracts.measures import measures, to_observed
from ais_indicators.contracts.model import load_contract
from ais_indicators.contracts.profiles import Profile
from ais_indicators.contracts.types import arrow_schema
from ais_indicators.disclosure.attack import Movement, Needs, met, needs_of
from ais_indicators.disclosure.counted import COUNTED, counted_vessels, suppressed_statuses
from ais_indicators.disclosure.coverage import Coverage, open_needs, suppress_for_insiders
from ais_indicators.disclosure.heuristic import suppress_further
from ais_indicators.disclosure.insiders import (
    InsiderNeeds,
    Insiders,
    Protection,
    find_contributions,
    find_dominance,
    find_insiders,
    insider_needs,
)
from ais_indicators.disclosure.published import (
    FREE,
    PRIMARY,
    Frames,
    Published,
    carried_over,
    statuses_before,
    with_published,
)
from ais_indicators.disclosure.system import Bools, Floats, System, build_system
from ais_indicators.disclosure.tables import (
    DARK,
    FLOWS,
    INTERFERENCE,
    LAYOUTS,
    PORTS,
    STATUS,
    STRAITS,
    TOTAL,
    Cells,
    cells_of,
    is_empty,
    is_unreleased,
)
from ais_indicators.errors import BadInputError, ReleaseStoppedError
from ais_indicators.rules import Rules

FEW, DOMINATED, SECONDARY = "A", "O", "D"
SUPPRESSED: Final = "Q"
LEAD: Final = {
    PORTS: "arrivals",
    STRAITS: "transits",
    FLOWS: "tonnes",
    INTERFERENCE: "vessels",
    DARK: "dark_vessels",
    STATUS: "observed_transits",
}
"""Indicator that gives a table's cells their weight."""

_NAMES: Final = ("adjustment", "unit", "obs_status", "conf_status")
"""Columns that identify a row, in addition to a table's key."""

HARMLESS: Final = ("baseline_weeks",)
"""Measures that reveal nothing about vessels and stay in a suppressed row."""

_SHOWN: Final = 3
_MANY_SHIPS: Final = 1_000_000
"""Ships of a cell without any, such as an idle port's or one emptied by an outage: it needs no protection."""


@dataclass(frozen=True)
class Plan:
    """Suppressed cells of one table, with the reasons.

    Attributes:
        cells: The table's cells.
        system: The relations between their values.
        needs: How far suppressed values must stay uncertain.
        insiders: The contributors, who know their own part.
        insider_needs: How far what others have must stay uncertain for insiders.
        tables: Tables that prove it, as changes from the true one.
        status: Confidentiality status of each cell.
    """

    cells: Cells
    system: System
    needs: Needs
    insiders: Insiders
    insider_needs: InsiderNeeds
    tables: tuple[Floats, ...]
    status: pl.Series


def protect(
    observations: Mapping[str, pa.Table],
    contributors: pl.DataFrame,
    contributions: Frames,
    profile: Profile,
    countries: Mapping[str, str],
    published: Published,
    rules: Rules,
) -> dict[str, pa.Table]:
    """Protects the tables of one week.

    Args:
        observations: Rows of the released tables as in gold; tables without cells are returned unchanged.
        contributors: `gold.contributors_weekly` of the week.
        contributions: By table what each vessel contributes to each cell; a table without has no insiders.
        profile: The profile.
        countries: Country of each port.
        published: What has been published before.
        rules: Rules of the lake's subject.

    Returns:
        The same rows; those of suppressed cells without values, with status Q and the reason.

    Raises:
        BadInputError: A cell has no contributors.
        ReleaseStoppedError: A suppressed value could still be derived.
    """
    if not profile.is_protected:
        return dict(observations)
    protected = {}
    for table, rows in observations.items():
        frame = pl.DataFrame(rows)
        if frame.is_empty() or table not in LAYOUTS:
            protected[table] = rows
            continue
        behind = counted_vessels(table, frame) if table in COUNTED else contributors
        cells = to_observed(frame, table), behind, contributions.get(table)
        plan = plan_table(table, *cells, profile, countries, published, rules=rules)
        blanked = blank(table, frame, suppressed_cells(plan))
        stop_on_leak(plan, blanked)
        protected[table] = _as_table(table, blanked, rows)
    return _with_status(protected, profile.threshold("min_ships", rules))


def _with_status(tables: dict[str, pa.Table], least_ships: float) -> dict[str, pa.Table]:
    """Suppresses the transits in a chokepoint's status if those of the chokepoint itself are suppressed."""
    if STATUS not in tables:
        return tables
    rows = tables[STATUS]
    straits = tables.get(STRAITS, arrow_schema(STRAITS).empty_table())
    status = pl.DataFrame(rows)
    suppressed = suppressed_statuses(status, pl.DataFrame(straits), least_ships)
    return {**tables, STATUS: _as_table(STATUS, blank(STATUS, status, suppressed), rows)}


def _as_table(table: str, frame: pl.DataFrame, rows: pa.Table) -> pa.Table:
    return frame.select(rows.column_names).to_arrow().cast(arrow_schema(table))


def plan_table(
    table: str,
    frame: pl.DataFrame,
    contributors: pl.DataFrame,
    contributions: pl.DataFrame | None,
    profile: Profile,
    countries: Mapping[str, str],
    published: Published,
    rules: Rules,
) -> Plan:
    """Determines what is suppressed in one table.

    Raises:
        BadInputError: A cell has no contributors.
    """
    cells = cells_of(table, frame, countries, rules)
    own = find_contributions(cells, contributions)
    of = _contributors(cells, contributors)
    uncertain = _protection(profile, rules)
    dominance = find_dominance(own, cells.layout, cells.values.height, uncertain.least_share)
    largest = np.maximum(of["largest_share"].to_numpy(), dominance.largest)
    few = of["ships"].to_numpy() < profile.threshold("min_ships", rules)
    dominated = ~few & ((largest > uncertain.max_share) | dominance.pair)
    protected = few | dominated | statuses_before(cells, published, PRIMARY) | carried_over(cells, published)
    distances = of["sea_distance_nm"].cast(pl.Float64).fill_null(float("nan")).to_numpy()
    system = with_published(build_system(cells, distances, rules), cells, published, rules)
    share = np.maximum(uncertain.least_share, largest / uncertain.max_share - 1.0)
    needs = _not_yet_revealed(system, needs_of(system, cells.layout, protected, share), cells.values.height)
    hidden = protected | statuses_before(cells, published, (*PRIMARY, SECONDARY))
    hidden |= cells.values.select(is_unreleased(table).alias("is")).to_series().to_numpy()
    cost = _costs(cells, profile.threshold("total_cost_factor", rules))
    most = rules.disclosure_most_reexamined
    hidden = suppress_further(system, hidden, needs, cost, most)
    insiders = find_insiders(system, cells.layout, own, dominated)
    for_them = insider_needs(system, cells.layout, needs, insiders, own, dominated, uncertain)
    coverage = Coverage(system, for_them, insiders)
    hidden = suppress_for_insiders(coverage, hidden, cost, most)
    status = np.where(few, FEW, np.where(dominated, DOMINATED, np.where(hidden, SECONDARY, FREE)))
    statuses = pl.Series("conf_status", status.tolist(), pl.String)
    return Plan(cells, system, needs, insiders, for_them, coverage.changes, statuses)


def _protection(profile: Profile, rules: Rules) -> Protection:
    return Protection(
        profile.threshold("max_share", rules), profile.threshold("least_protection_share", rules)
    )


def _not_yet_revealed(system: System, needs: Needs, cells: int) -> Needs:
    """Returns the needs that this release can still meet: not those of values that earlier ones revealed for good.

    Without earlier releases each can be met: if all is suppressed, all values can be larger or smaller by one share.
    """
    if not system.is_known.any():
        return needs
    return needs.where(met(system, np.ones(cells, np.bool_), needs))


def _contributors(cells: Cells, contributors: pl.DataFrame) -> pl.DataFrame:
    """Returns the contributors of each cell, in the order of its number; a way by sea if one of its keys is a lane.

    Raises:
        BadInputError: A cell has none.
    """
    key = list(cells.layout.key)
    mine = contributors.filter(pl.col("table_name") == cells.layout.table)
    ways = (
        cells.rows.join(mine.select(*key, "sea_distance_nm"), on=key)
        .group_by("cell")
        .agg(pl.col("sea_distance_nm").max())
    )
    found = (
        cells.values.select("cell", *key)
        .join(mine.select(*key, "ships", "largest_share"), on=key, how="left", maintain_order="left")
        .join(ways, on="cell", how="left", maintain_order="left")
    )
    has_none = cells.values.select(is_empty(cells.layout)).to_series()
    found = found.with_columns(
        ships=pl.when(has_none).then(pl.col("ships").fill_null(_MANY_SHIPS)).otherwise("ships"),
        largest_share=pl.when(has_none)
        .then(pl.col("largest_share").fill_null(0.0))
        .otherwise("largest_share"),
    )
    if found["ships"].null_count():
        raise BadInputError(
            f"gold.contributors_weekly lacks {found['ships'].null_count()} cells of {cells.layout.table}; "
            "run the task compute_contributors for the week first"
        )
    return found


def _costs(cells: Cells, factor: float) -> Floats:
    """Returns the information lost with each cell.

    It is the logarithm of what the cell counts, times a factor for each total in its key.
    """
    totals = sum((cells.values[name] == TOTAL).cast(pl.Int64).to_numpy() for name in cells.layout.key)
    lead = cells.values[LEAD[cells.layout.table]].fill_null(0.0).to_numpy()
    return np.asarray((1.0 + np.log1p(lead)) * factor**totals)


def suppressed_cells(plan: Plan) -> pl.DataFrame:
    """Returns the suppressed cells of a table, one row per key, with `conf_status`.

    Values derived from a week's released values, such as a change on the year, must be blanked if one of their weeks is
    suppressed. A mean over four weeks thus also affects the three weeks after it: each of them includes the week's
    value.
    """
    key = list(plan.cells.layout.key)
    statuses = pl.DataFrame({"cell": range(plan.status.len()), "conf_status": plan.status})
    return (
        plan.cells.rows.join(statuses, on="cell")
        .filter(pl.col("conf_status") != FREE)
        .select(*key, "conf_status")
        .sort(key)
    )


def blank(table: str, frame: pl.DataFrame, suppressed: pl.DataFrame) -> pl.DataFrame:
    """Removes suppressed values from the rows of a table.

    Args:
        table: A released table.
        frame: Its rows.
        suppressed: What `suppressed_cells` gives.
    """
    contract = load_contract(table)
    stays = {*contract.key, *_NAMES}
    rest = [name for name in measures(table) if name not in HARMLESS] or [
        name for name in frame.columns if name not in stays
    ]
    key = cell_key(table)
    marked = frame.join(
        suppressed.rename({"conf_status": "reason"}), on=key, how="left", maintain_order="left"
    )
    is_open = pl.col("reason").is_null()
    return marked.with_columns(
        *(pl.when(is_open).then(pl.col(name)).alias(name) for name in rest),
        obs_status=pl.when(is_open).then("obs_status").otherwise(pl.lit(SUPPRESSED)),
        conf_status=pl.when(is_open).then("conf_status").otherwise("reason"),
    ).select(frame.columns)


def cell_key(table: str) -> list[str]:
    """Lists the columns that name a cell of a table that is suppressed by cells or, of a status, with its transits."""
    return list(LAYOUTS[table].key) if table in LAYOUTS else ["gate_code"]


def stop_on_leak(plan: Plan, released: pl.DataFrame) -> None:
    """Attacks a table as it is to be published, as an outsider and as each insider.

    Raises:
        ReleaseStoppedError: A value has narrower bounds than required.
    """
    hidden = _hidden_in(plan.cells, released)
    leaks = plan.needs.where(~met(plan.system, hidden, plan.needs))
    described = [_leak(plan, hidden, int(one)) for one in np.unique(leaks.unknown)[:_SHOWN]]
    number = np.unique(leaks.unknown).size
    if not number:
        found = open_needs(plan.system, plan.insider_needs, plan.insiders, hidden, plan.tables)
        described = [_insider_leak(plan, hidden, *one) for one in found[:_SHOWN]]
        number = len({unknown for _, unknown in found})
    if number:
        raise ReleaseStoppedError(
            f"disclosure control of {plan.cells.layout.table} fails: {number} suppressed values could be derived, "
            f"such as {'; '.join(described)}; nothing is published"
        )


def _hidden_in(cells: Cells, released: pl.DataFrame) -> Bools:
    """Returns for each cell whether the released rows hold no value of it; a value under one of its keys reveals it."""
    key = list(cells.layout.key)
    keys = released.group_by(key).agg(is_shown=(pl.col("obs_status") != SUPPRESSED).any())
    shown = cells.rows.join(keys, on=key).filter("is_shown")["cell"].to_numpy()
    hidden = np.ones(cells.values.height, np.bool_)
    hidden[shown] = False
    return hidden


def _leak(plan: Plan, hidden: Bools, unknown: int) -> str:
    low, high = Movement(plan.system, hidden[plan.system.cell]).interval(unknown)
    return f"{_value_name(plan, unknown)} (between {low:g} and {high:g})"


def _insider_leak(plan: Plan, hidden: Bools, insider: int, unknown: int) -> str:
    """Describes what one insider learns: the bounds of what others have in a cell."""
    coverage = Coverage(plan.system, plan.insider_needs, plan.insiders)
    low, high = coverage.movement(hidden, np.array([insider])).interval(unknown)
    own = float(plan.insiders.own[insider, unknown])
    return (
        f"{_value_name(plan, unknown)} (between {low - own:g} and {high - own:g} for "
        f"{plan.insiders.names[insider]}, who contributes to the table)"
    )


def _value_name(plan: Plan, unknown: int) -> str:
    cell, family = int(plan.system.cell[unknown]), int(plan.system.family[unknown])
    name = " ".join(str(part) for part in plan.cells.values.select(plan.cells.layout.key).row(cell))
    return f"{plan.cells.layout.families[family]} of {name}"
