"""Computes what each vessel contributes to each cell of the released tables, which its owner knows.

The values are those of the indicators, taken over the events of one vessel. They are computed only for a release that
is protected, and never stored.
"""

from collections.abc import Sequence
from typing import Final

import polars as pl

from ais_indicators.periods import Week
from ais_indicators.rules import Rules
from ais_indicators.transforms import chokepoint_activity, port_activity
from ais_indicators.transforms.columns import over_all
from ais_indicators.transforms.contributors import UNKNOWN
from ais_indicators.transforms.inland import InlandTraffic, in_totals
from ais_indicators.transforms.port_activity import TOTAL
from ais_indicators.transforms.trade_flows import flow_kinds, flow_members

PORT_VALUES: Final = (
    "arrivals", "departures", "calls_in_progress", "vessels_waiting", "arrivals_gross_tonnage", "unique_vessels",
)  # fmt: skip
STRAIT_VALUES: Final = (
    "transits", "incomplete_transits", "deadweight_t", "payload_t", "vessels_inside", "vessels_waiting",
    "unique_vessels",
)  # fmt: skip
FLOW_VALUES: Final = ("voyages", "deadweight", "tonnes", "tonne_miles", "ships")
_CONTRIBUTOR: Final = "contributor"
"""Column with whom a vessel belongs to: the register's operator, else the vessel itself."""


def port_contributions(
    calls: pl.DataFrame,
    waiting: pl.DataFrame,
    ships: pl.DataFrame,
    week: Week,
    inland: InlandTraffic,
    rules: Rules,
) -> pl.DataFrame:
    """Computes what each vessel contributes to port activity in one week.

    Args:
        calls: `silver.port_calls`, all that can touch the week, with `CALL_COLUMNS`.
        waiting: `silver.waiting_vessels` of the week.
        ships: Columns of `KnownShips.ships`.
        week: The week.
        inland: What inland vessels are known by in the week.
        rules: Rules of the lake's subject.

    Returns:
        Columns `port_locode`, `vessel_class`, `vessel_id`, `contributor` and `PORT_VALUES`.
    """
    known = ships.select("vessel_id", "register_class", "gross_tonnage")
    here, lying = (port_activity.with_register(rows, known) for rows in (calls, waiting))
    events = port_activity.weekly_events(here, lying, [week], inland, rules)
    values = {i.name: i.value for i in port_activity.INDICATORS if i.name in PORT_VALUES}
    keys = ["port_locode", "vessel_class", "vessel_id"]
    counted = events.filter(in_totals()).with_columns(vessel_class=pl.lit(TOTAL))
    found = [over_all(rows, [keys, keys[1:]], values, TOTAL) for rows in (events, counted)]
    return _finished(pl.concat(found), ships, PORT_VALUES)


def strait_contributions(
    transits: pl.DataFrame, waiting: pl.DataFrame, ships: pl.DataFrame, payloads: pl.DataFrame, week: Week
) -> pl.DataFrame:
    """Computes what each vessel contributes to the indicators of chokepoints in one week.

    Args:
        transits: `silver.chokepoint_transits` with `TRANSIT_COLUMNS`.
        waiting: `silver.waiting_vessels` of the week.
        ships: Columns of `KnownShips.ships`.
        payloads: Columns `transit_id` and `payload_t`.
        week: The week.

    Returns:
        Columns `gate_code`, `direction`, `vessel_class`, `vessel_id`, `contributor` and `STRAIT_VALUES`.
    """
    known = ships.select("vessel_id", "register_class", "deadweight_t")
    events = chokepoint_activity.weekly_events(transits, waiting, known, payloads, [week])
    values = {i.name: i.value for i in chokepoint_activity.INDICATORS if i.name in STRAIT_VALUES}
    gate = ["gate_code", "direction", "vessel_id", "vessel_class"]
    ways = [events.drop_nulls("direction"), events.with_columns(direction=pl.lit(TOTAL))]
    found = [over_all(rows, [gate, gate[:-1]], values, TOTAL) for rows in ways]
    return _finished(pl.concat(found), ships, STRAIT_VALUES)


def flow_contributions(voyages: pl.DataFrame, ships: pl.DataFrame) -> pl.DataFrame:
    """Computes what each vessel contributes to the trade flows of one week.

    Args:
        voyages: `silver.voyages` of the week.
        ships: Columns of `KnownShips.ships`.

    Returns:
        Columns `reporter_level`, `reporter`, `partner`, `direction`, `vessel_class`, `vessel_id`, `contributor` and
        `FLOW_VALUES`; voyages of unknown origin have the partner `_U`.
    """
    kinds = [
        (level, reporter, partner.fill_null(UNKNOWN) if way == "import" else partner, way, counts)
        for level, reporter, partner, way, counts in flow_kinds()
    ]
    keys = ["reporter_level", "reporter", "partner", "direction", "vessel_class", "vessel_id"]
    came = pl.col("tonnes").filter(pl.col("counts") == "unloaded")
    distance = pl.col("distance_nm").filter(pl.col("counts") == "unloaded")
    values = {
        "voyages": pl.len(),
        "deadweight": pl.col("deadweight_t").sum(),
        "tonnes": pl.col("tonnes").sum(),
        "tonne_miles": (came * distance).sum(),
        "ships": pl.lit(1.0),
    }
    no_draws = pl.DataFrame(schema={"voyage_id": pl.String, "net_load_t": pl.Float64})
    members = flow_members(voyages, kinds, no_draws)
    members = members.sort(*keys, "voyage_id")  # sums of doubles depend on their order
    return _finished(over_all(members, [keys], values, TOTAL), ships, FLOW_VALUES)


def vessel_contributions(rows: pl.DataFrame, values: Sequence[str]) -> pl.DataFrame:
    """Makes contributions of rows that are by vessel already: each is its own contributor.

    Args:
        rows: Key columns of a table, `vessel_id` and the values.
        values: Names of the values.
    """
    return _finished(rows, pl.DataFrame(schema={"vessel_id": pl.String, "operator": pl.String}), values)


def _finished(rows: pl.DataFrame, ships: pl.DataFrame, values: Sequence[str]) -> pl.DataFrame:
    """Adds whom each vessel belongs to; values that do not apply are 0."""
    contributor = pl.coalesce(pl.format("operator {}", "operator"), pl.format("ship {}", "vessel_id"))
    operators = ships.select("vessel_id", "operator").unique("vessel_id", keep="first", maintain_order=True)
    return rows.join(operators, on="vessel_id", how="left").select(
        pl.exclude("operator", *values),
        contributor.alias(_CONTRIBUTOR),
        pl.col(values).cast(pl.Float64).fill_null(0.0),
    )
