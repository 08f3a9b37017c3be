"""Published values and how they changed, before they are put into words: value, status, and comparison.

A suppressed or missing value is never taken for zero, and nothing is computed from it.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import polars as pl

from ais_indicators.rules import Rules

SUPPRESSED: Final = "Q"
MISSING: Final = "O"
NOT_APPLICABLE: Final = "M"
NOTHING: Final = "-"
"""Not a status of SDMX: there was nothing to measure, so nothing was published."""

COUNTS: Final = frozenset(
    {
        "arrivals",
        "departures",
        "unique_vessels",
        "calls_in_progress",
        "vessels_waiting",
    }
)
"""Indicators that count; an observed port without events has a row of 0 for them."""

AS_COUNTED: Final = "N"
ALL: Final = "_T"
_WORST_FIRST: Final = ("Q", "O", "M", "B", "E", "U", "P", "A")


@dataclass(frozen=True)
class Figure:
    """One published observation.

    Attributes:
        value: The value; None if it is suppressed or missing.
        unit: Its unit.
        status: SDMX observation status.
        low: Lower end of the 90 % interval, if one is published.
        high: Upper end of it.
        error: Standard error, where one is published.
        reason: Why the status is U or O, as a code; empty if that is not published.
    """

    value: float | None
    unit: str
    status: str
    low: float | None = None
    high: float | None = None
    error: float | None = None
    reason: str = ""


@dataclass(frozen=True)
class Change:
    """A value compared with an earlier one.

    Attributes:
        difference: The later value less the earlier one, in the unit of both.
        share: The difference over the earlier value; None if that is zero.
        low: Lower end of the 90 % interval of the share, if both have a standard error.
        high: Upper end of it.
        status: The worse status of the two.
    """

    difference: float
    share: float | None
    low: float | None
    high: float | None
    status: str


def change_between(now: Figure | None, before: Figure | None, rules: Rules) -> Change | None:
    """Computes how a value changed; None if either has no value.

    The interval of a relative change is that of a ratio of two independent estimates, to first order (the delta
    method): its variance is (error now / before)^2 + (now * error before / before^2)^2.
    """
    if now is None or before is None or now.value is None or before.value is None:
        return None
    share = (now.value - before.value) / before.value if before.value else None
    low = high = None
    if share is not None and now.error is not None and before.error is not None:
        error = math.hypot(now.error / before.value, now.value * before.error / before.value**2)
        reach = NormalDist().inv_cdf((1.0 + rules.interval_share) / 2) * error
        low, high = share - reach, share + reach
    return Change(now.value - before.value, share, low, high, worst([now.status, before.status]))


def worst(statuses: Iterable[str]) -> str:
    """Returns the most serious status; A if there is none."""
    return min(statuses, key=_WORST_FIRST.index, default="A")


def figure_of(row: Mapping[str, object]) -> Figure:
    """Converts a row of a released table."""
    low, high, error = (
        None if (end := row.get(name)) is None else float(str(end))
        for name in ("interval_low", "interval_high", "standard_error")
    )
    value = row["value"]
    return Figure(
        None if value is None else float(str(value)),
        str(row["unit"]),
        str(row["obs_status"]),
        low,
        high,
        error,
        str(row.get("status_reason") or ""),
    )


def figures_by(rows: pl.DataFrame, key: Sequence[str]) -> dict[tuple[str, ...], Figure]:
    """Groups the values of rows by some of their columns, in the order of the rows."""
    return {tuple(str(row[name]) for name in key): figure_of(row) for row in rows.iter_rows(named=True)}


def compared(rows: pl.DataFrame) -> pl.DataFrame:
    """Returns port activity with one row per observation, for comparisons: the adjusted row if there is one."""
    key = ["week", "port_locode", "vessel_class", "indicator"]
    if "adjustment" not in rows.columns:
        return rows
    return rows.sort(*key, "adjustment").unique(key, keep="first", maintain_order=True)


def as_counted(rows: pl.DataFrame) -> pl.DataFrame:
    """Returns port activity without the adjusted values."""
    return rows.filter(adjustment=AS_COUNTED) if "adjustment" in rows.columns else rows
