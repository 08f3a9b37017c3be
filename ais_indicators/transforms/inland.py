"""Finds inland vessels: their class in tables of port activity is `inland`, and no total over classes has them.

Statistics of ports count seagoing vessels. A vessel is an inland one in a week if it has no valid IMO number, is not in
the register, and had no call at a port of the sea in the week or the year before it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from ais_indicators.periods import DAYS_PER_WEEK, Week
from ais_indicators.rules import Rules
from ais_indicators.transforms.columns import monday_of

INLAND: Final = "inland"
"""Class of inland vessels."""

VISIT_COLUMNS: Final = ("vessel_id", "port_locode", "event_type", "first_seen_at_utc", "last_seen_at_utc")
"""Columns of `silver.port_calls` that inland vessels are found with."""

_IS_KNOWN_BY_IMO: Final = pl.col("vessel_id").str.starts_with("imo-")


@dataclass(frozen=True)
class InlandTraffic:
    """What inland vessels are known by.

    Attributes:
        ports: Ports on inland waters, sorted.
        registered: `vessel_id` of the vessels that the register knows.
        seagoing: Columns `vessel_id` and `monday`, one row per vessel and week in which it counts as seagoing by its
            calls.
    """

    ports: tuple[str, ...]
    registered: pl.Series
    seagoing: pl.DataFrame


NO_INLAND_TRAFFIC: Final = InlandTraffic(
    (),
    pl.Series("vessel_id", dtype=pl.String),
    pl.DataFrame(schema={"vessel_id": pl.String, "monday": pl.Date}),
)
"""Where no port is on inland waters."""


def find_inland_traffic(
    visits: pl.DataFrame, ports: Sequence[str], registered: pl.Series, weeks: Sequence[Week], rules: Rules
) -> InlandTraffic:
    """Finds what inland vessels are known by in some weeks.

    Args:
        visits: Columns of `VISIT_COLUMNS`, all that touch the weeks or the year before each.
        ports: Ports on inland waters.
        registered: `vessel_id` of the vessels that the register knows.
        weeks: The weeks.
        rules: Rules of the lake's subject.
    """
    at_sea = visits.filter(
        pl.col("event_type") == "port_call", ~pl.col("port_locode").is_in(list(ports)), ~_IS_KNOWN_BY_IMO
    )
    back = pl.duration(days=rules.inland_sea_call_weeks * DAYS_PER_WEEK)
    found = [
        at_sea.filter(pl.col("first_seen_at_utc") < week.end, pl.col("last_seen_at_utc") >= week.start - back)
        .select("vessel_id")
        .unique()
        .with_columns(monday=pl.lit(week.monday))
        for week in weeks
    ]
    seagoing = pl.concat([NO_INLAND_TRAFFIC.seagoing, *found]).sort("monday", "vessel_id")
    return InlandTraffic(tuple(sorted(ports)), registered, seagoing)


def mark_inland(rows: pl.DataFrame, traffic: InlandTraffic, day: pl.Expr) -> pl.DataFrame:
    """Returns rows of inland vessels at ports on inland waters the class `inland`.

    Args:
        rows: Columns `vessel_id`, `port_locode` and `vessel_class`.
        traffic: What inland vessels are known by.
        day: A day of the week in which each row counts.
    """
    if not traffic.ports:
        return rows
    seagoing = traffic.seagoing.with_columns(is_seagoing=pl.lit(True))
    is_inland = (
        pl.col("port_locode").is_in(list(traffic.ports))
        & ~_IS_KNOWN_BY_IMO
        & ~pl.col("vessel_id").is_in(traffic.registered.implode())
        & pl.col("is_seagoing").is_null()
    )
    return (
        rows.with_columns(monday=monday_of(day))
        .join(seagoing, on=["vessel_id", "monday"], how="left", maintain_order="left")
        .with_columns(vessel_class=pl.when(is_inland).then(pl.lit(INLAND)).otherwise("vessel_class"))
        .drop("monday", "is_seagoing")
    )


def in_totals() -> pl.Expr:
    """Selects the rows that totals over classes have."""
    return pl.col("vessel_class") != INLAND
