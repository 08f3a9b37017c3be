"""Weekly and daily values of some calls, for tests of port activity."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from ais_indicators.periods import Week
from ais_indicators.transforms.port_activity import daily_port_activity, weekly_port_activity
from tests.builders import Row, calls_frame, waiting_frame
from tests.subject_rules import SHIP_RULES

Figures = dict[tuple[Any, ...], float | None]

W46, W47, W48, W49 = (Week.parse(f"2026-W{n}") for n in (46, 47, 48, 49))
PORT, TANKER, TOTAL = "NLRTM", "tanker", "_T"
ALL_INDICATORS = 13


def observe(
    calls: Sequence[Row],
    weeks: Sequence[Week],
    newest: Week | None = None,
    waiting: Sequence[Row] = (),
) -> list[Row]:
    """Rows of `gold.port_activity_weekly` of some calls."""
    lying = waiting_frame(waiting)
    rows = weekly_port_activity(calls_frame(calls), lying, weeks, newest or weeks[-1], rules=SHIP_RULES)
    return rows.to_dicts()


def weekly(calls: Sequence[Row], *weeks: Week) -> Figures:
    """Values by week, port, class and indicator; a missing key is a row that is not there."""
    keys = ("week", "port_locode", "vessel_class", "indicator")
    return {tuple(row[k] for k in keys): row["value"] for row in observe(calls, weeks or (W47,))}


def of(figures: Figures, *key: str) -> dict[str, float | None]:
    """The indicators of one week, port and class."""
    return {str(k[-1]): value for k, value in figures.items() if k[:-1] == key}


def daily(calls: Sequence[Row], *weeks: Week) -> Figures:
    """Values by day, port, class and indicator."""
    rows = daily_port_activity(calls_frame(calls), weeks or (W47,), W47, rules=SHIP_RULES)
    keys = ("observed_on", "port_locode", "vessel_class", "indicator")
    read = rows.with_columns(pl.col("observed_on").cast(pl.String)).to_dicts()
    return {tuple(row[k] for k in keys): row["value"] for row in read}
