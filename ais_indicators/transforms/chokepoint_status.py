"""Whether each chokepoint was open, restricted or closed in a week, or why that is not known.

A week's transits are compared with those of usual weeks: the newest earlier ones that were not closed and not of low
reliability, so that neither a long closure nor an outage becomes usual. A chokepoint is closed or restricted only where
receivers heard it and vessels sent. Source: methodology 8, points 5 and 6.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl
from scipy.stats import nbinom, poisson

from ais_indicators.contracts.model import load_contract
from ais_indicators.contracts.types import arrow_schema
from ais_indicators.rules import Rules
from ais_indicators.transforms.coverage_status import INDEX, OUTAGE, REASON, VESSELS_DARK
from ais_indicators.transforms.sender_coverage import SENDER_INDEX

TABLE: Final = "gold.chokepoint_status_weekly"
OPEN, RESTRICTED, CLOSED, NOT_KNOWN = "open", "restricted", "closed", "not_known"
TOO_FEW_WEEKS, TOO_FEW_TRANSITS, NOT_IN_FEED = "too_few_weeks", "too_few_transits", "not_in_feed"
INTERFERED: Final = "interference"
_MISSING, _LOW = "O", "U"
_REASONS: Final = {OUTAGE: OUTAGE, VESSELS_DARK: VESSELS_DARK}
"""Reasons that keep their name; false positions and jamming are both interference."""


@dataclass(frozen=True)
class _Usual:
    """Values of a usual week of a chokepoint.

    Attributes:
        weeks: Weeks that it rests on.
        median: Median transits; None with too few weeks.
        low: Lower end of the interval.
        high: Upper end.
    """

    weeks: int
    median: float | None = None
    low: float | None = None
    high: float | None = None


def chokepoint_status(
    gates: Sequence[str],
    transits: pl.DataFrame,
    coverage: pl.DataFrame,
    before: pl.DataFrame,
    status: str,
    rules: Rules,
) -> pl.DataFrame:
    """Finds the status of every chokepoint in a week.

    Args:
        gates: Codes of all gates of the week's references.
        transits: Rows of `gold.chokepoint_transits_weekly` of the week.
        coverage: Rows of `gold.coverage_weekly` of the week.
        before: Rows of `gold.chokepoint_status_weekly` of the weeks before that can be usual ones.
        status: Status of a value by its week: A or P.
        rules: Rules of the lake's subject.

    Returns:
        Rows of `gold.chokepoint_status_weekly` without the week, one a gate, in the order of the codes.
    """
    is_total = (pl.col("direction") == "_T") & (pl.col("vessel_class") == "_T")
    totals = transits.filter(is_total, indicator="transits")
    observed = {row["gate_code"]: row for row in totals.iter_rows(named=True)}
    heard = {row["place_code"]: row for row in coverage.filter(place_kind="gate").iter_rows(named=True)}
    counts = usual_counts(before, rules)
    rows = [
        _row(
            gate, observed.get(gate), heard.get(gate, {}), _usual(counts.get(gate, []), rules), status, rules
        )
        for gate in sorted(gates)
    ]
    schema = pl.DataFrame(arrow_schema(TABLE).empty_table()).drop("week").schema
    return pl.DataFrame(rows, schema=schema).select(
        name for name in load_contract(TABLE).column_names if name != "week"
    )


def usual_counts(before: pl.DataFrame, rules: Rules) -> dict[str, list[float]]:
    """Transits of the newest earlier weeks of each gate that are usual ones: neither closed nor marked."""
    newest = rules.chokepoint_baseline_weeks
    is_usual = (
        pl.col("observed_transits").is_not_null()
        & (pl.col("chokepoint_status") != CLOSED)
        & ~pl.col("obs_status").is_in([_LOW, _MISSING])
        & ~pl.col(REASON).is_in([OUTAGE, VESSELS_DARK, INTERFERED]).fill_null(False)
    )
    found = before.filter(is_usual).sort("gate_code", "week", descending=[False, True])
    grouped = found.group_by("gate_code", maintain_order=True).agg(pl.col("observed_transits").head(newest))
    return dict(grouped.iter_rows())


def _usual(counts: Sequence[float], rules: Rules) -> _Usual:
    """Returns what the counts of usual weeks say of another: counts vary as Poisson does, or more."""
    if len(counts) < rules.min_baseline_weeks:
        return _Usual(len(counts))
    mean, variance = float(np.mean(counts)), float(np.var(counts, ddof=1))
    tail = (1 - rules.chokepoint_interval_share) / 2
    if variance > mean > 0:
        successes = mean**2 / (variance - mean)
        spread = nbinom(successes, successes / (successes + mean))
    else:
        spread = poisson(mean)
    return _Usual(len(counts), float(np.median(counts)), float(spread.ppf(tail)), float(spread.ppf(1 - tail)))


def _row(
    gate: str,
    observed: Mapping[str, Any] | None,
    heard: Mapping[str, Any],
    usual: _Usual,
    status: str,
    rules: Rules,
) -> dict[str, Any]:
    transits = None if observed is None else observed["value"]
    found, reason = _assessed(observed, heard.get(INDEX), usual, rules)
    if observed is None:
        obs_status = _MISSING
    else:
        obs_status = observed["obs_status"] if observed["obs_status"] in (_LOW, _MISSING) else status
    return {
        "gate_code": gate,
        "chokepoint_status": found,
        REASON: reason,
        "observed_transits": transits,
        "usual_transits": usual.median,
        "usual_transits_low": usual.low,
        "usual_transits_high": usual.high,
        "baseline_weeks": usual.weeks,
        INDEX: heard.get(INDEX),
        SENDER_INDEX: heard.get(SENDER_INDEX),
        "obs_status": obs_status,
        "conf_status": "F",
    }


def _assessed(
    observed: Mapping[str, Any] | None, coverage_index: float | None, usual: _Usual, rules: Rules
) -> tuple[str, str | None]:
    """Returns the status of a chokepoint, and why it is not known."""
    if observed is None:
        return NOT_KNOWN, NOT_IN_FEED
    transits, reason = observed["value"], observed[REASON]
    if reason is not None or transits is None:
        return NOT_KNOWN, _REASONS.get(reason or OUTAGE, INTERFERED)
    if usual.median is None or usual.low is None:
        return NOT_KNOWN, TOO_FEW_WEEKS
    if usual.low < 1:
        return NOT_KNOWN, TOO_FEW_TRANSITS
    if transits >= usual.low or transits > rules.chokepoint_restricted_share * usual.median:
        return OPEN, None
    if coverage_index is None:
        return NOT_KNOWN, OUTAGE
    is_closed = transits <= rules.chokepoint_closed_share * usual.median
    return (CLOSED if is_closed else RESTRICTED), None
