"""Quality indicators of a week, comparable from week to week. Source: methodology 14.2."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from ais_indicators.periods import DAYS_PER_WEEK, Week
from ais_indicators.rules import Rules
from ais_indicators.transforms.coverage_status import INDEX, PLAIN
from ais_indicators.transforms.zeros import NOT_APPLICABLE

UNITS: Final = {
    "messages_per_day": "messages",
    "messages_to_usual": "ratio",
    "coverage_index": "share",
    "outage_port_hours": "h",
    "unclear_port_hours": "h",
    "register_match_share": "share",
    "valid_imo_share": "share",
    "arrivals_without_imo_share": "share",
    "estimated_arrivals_share": "share",
    "complete_call_share": "share",
    "usable_draught_share": "share",
    "imputed_tonnes_share": "share",
    "count_difference_share": "share",
    "ports_without_figure": "ports",
    "ports_of_low_reliability": "ports",
    "stations_with_wrong_clock": "stations",
}
"""Unit of each indicator."""

CALL_COLUMNS: Final = ("vessel_id", "event_type", "arrival_week", "arrival_is_estimated")
"""What quality needs of `silver.port_calls`."""

_TOTAL: Final = "_T"
_SHARES_OF_EVENTS: Final = (
    "register_match_share",
    "valid_imo_share",
    "arrivals_without_imo_share",
    "estimated_arrivals_share",
    "complete_call_share",
    "usable_draught_share",
    "imputed_tonnes_share",
    "count_difference_share",
)
"""Shares of the vessels, calls and voyages that there were in the week."""

CLOCK_SCHEMA: Final = {"station": pl.String, "clock_offset_seconds": pl.Float64}
"""Columns of `silver.receiver_clocks` that quality is read from."""


@dataclass(frozen=True)
class QualitySources:
    """Rows of one week of each table that quality is read from; of the earlier weeks their messages alone.

    Attributes:
        messages: Accepted fixes of the week.
        messages_before: Accepted fixes of each existing trailing week.
        coverage: `gold.coverage_weekly`.
        reports: `silver.vessel_reports`, with `is_valid_imo`: whether the IMO number's check digit is right.
        calls: `silver.port_calls` that can touch the week: `CALL_COLUMNS`.
        matches: `silver.register_matches`.
        voyages: `silver.voyages`.
        activity: `gold.port_activity_weekly`.
        flows: `gold.trade_flows_weekly`.
        clocks: `silver.receiver_clocks`.
    """

    messages: int
    messages_before: tuple[int, ...]
    coverage: pl.DataFrame
    reports: pl.DataFrame
    calls: pl.DataFrame
    matches: pl.DataFrame
    voyages: pl.DataFrame
    activity: pl.DataFrame
    flows: pl.DataFrame
    clocks: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=CLOCK_SCHEMA))


def quality_of_week(sources: QualitySources, week: Week, rules: Rules) -> pl.DataFrame:
    """Takes each indicator of a week.

    Returns:
        Rows of `gold.quality_weekly` without the week, in the order of its key.
    """
    values: Mapping[str, float | None] = {
        **_of_messages(sources, rules),
        **_of_coverage(sources.coverage, rules),
        **_of_counts(sources.coverage),
        "register_match_share": _register_match_share(sources.matches),
        "valid_imo_share": _valid_imo_share(sources.reports),
        **_of_arrivals(sources.calls, week),
        "stations_with_wrong_clock": _stations_with_wrong_clock(sources.clocks, rules),
        "usable_draught_share": _usable_draught_share(sources.voyages),
        "complete_call_share": _value(
            sources.activity,
            "value",
            port_locode=_TOTAL,
            vessel_class=_TOTAL,
            indicator="share_complete_calls",
            adjustment=PLAIN,
        ),
        "imputed_tonnes_share": _value(
            sources.flows,
            "imputed_share",
            reporter_level="world",
            vessel_class=_TOTAL,
            direction="import",
            indicator="tonnes",
        ),
    }
    rows = [(name, values[name], unit) for name, unit in sorted(UNITS.items())]
    schema = {"indicator": pl.String, "value": pl.Float64, "unit": pl.String}
    is_void = pl.col("indicator").is_in(_void_shares(sources))
    without = pl.when(is_void).then(pl.lit(NOT_APPLICABLE)).otherwise(pl.lit("O"))
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(
        obs_status=pl.when(pl.col("value").is_null()).then(without).otherwise(pl.lit("A"))
    )


def _void_shares(sources: QualitySources) -> list[str]:
    """Lists the shares that cannot exist, since there is nothing that they could be a share of.

    Without any message nothing is known of what there was, and a share is missing.
    """
    if not sources.messages:
        return []
    of_calls = _status(sources.activity, "share_complete_calls", port_locode=_TOTAL, adjustment=PLAIN)
    of_tonnes = _status(sources.flows, "tonnes", reporter_level="world", direction="import")
    is_known = {
        "complete_call_share": of_calls == "O",
        "imputed_tonnes_share": of_tonnes == "O",
    }
    return [name for name in _SHARES_OF_EVENTS if not is_known.get(name, False)]


def _status(rows: pl.DataFrame, indicator: str, **key: str) -> str | None:
    """Returns the status of a total; None if there is no row, since there was nothing to add up."""
    found = rows.filter(indicator=indicator, vessel_class=_TOTAL, **key)["obs_status"]
    return None if found.is_empty() else str(found[0])


def _of_messages(sources: QualitySources, rules: Rules) -> dict[str, float | None]:
    usual = pl.Series(sources.messages_before, dtype=pl.Float64).median()
    has_baseline = len(sources.messages_before) >= rules.min_baseline_weeks
    ratio = sources.messages / float(usual) if has_baseline and isinstance(usual, float) and usual else None
    return {"messages_per_day": sources.messages / DAYS_PER_WEEK, "messages_to_usual": ratio}


def _of_coverage(coverage: pl.DataFrame, rules: Rules) -> dict[str, float | None]:
    ports = coverage.filter(pl.col("place_kind") == "port")
    usual = ports.filter(pl.col("usual_arrivals") > 0)
    index = pl.col(INDEX)
    gone, low = rules.coverage_no_figure_index, rules.coverage_low_index
    return {
        "coverage_index": _value(coverage, INDEX, place_kind="all"),
        "outage_port_hours": float(ports["outage_hours"].sum()),
        "unclear_port_hours": float(ports["unclear_hours"].sum()),
        "ports_without_figure": float(usual.filter(index < gone).height),
        "ports_of_low_reliability": float(usual.filter(index.is_between(gone, low, closed="left")).height),
    }


def _of_counts(coverage: pl.DataFrame) -> dict[str, float | None]:
    """Compares the two counts of ships in ports; the counts themselves are not released totals."""
    calls, still = (float(coverage[name].sum()) for name in ("vessels_by_calls", "vessels_stationary"))
    return {"count_difference_share": abs(still - calls) / calls if calls else None}


def _register_match_share(matches: pl.DataFrame) -> float | None:
    if matches.is_empty():
        return None
    found = matches.filter(pl.col("register_match") != "none")["vessels"].sum()
    return float(found) / float(matches["vessels"].sum()) if matches["vessels"].sum() else None


def _valid_imo_share(reports: pl.DataFrame) -> float | None:
    """Returns the share of heard MMSIs that sent an IMO number with a right check digit."""
    share = reports.group_by("mmsi").agg(pl.col("is_valid_imo").any())["is_valid_imo"].mean()
    return float(share) if isinstance(share, float) else None


def _stations_with_wrong_clock(clocks: pl.DataFrame, rules: Rules) -> float | None:
    """Stations whose median clock offset of the week is beyond the rule; None if no clock is known."""
    offsets = clocks.group_by("station").agg(pl.col("clock_offset_seconds").median()).drop_nulls()
    is_off = pl.col("clock_offset_seconds").abs() > float(rules.station_clock_off_seconds)
    return float(offsets.filter(is_off).height) if offsets.height else None


def _of_arrivals(calls: pl.DataFrame, week: Week) -> dict[str, float | None]:
    """Takes shares of the arrivals that were seen in the week, those of inland vessels among them."""
    arrivals = calls.filter(event_type="port_call", arrival_week=week.name)
    has_no_imo = ~pl.col("vessel_id").str.starts_with("imo-")
    return {
        "arrivals_without_imo_share": arrivals.select(has_no_imo.mean()).item(),
        "estimated_arrivals_share": arrivals.select(pl.col("arrival_is_estimated").mean()).item(),
    }


def _usable_draught_share(voyages: pl.DataFrame) -> float | None:
    is_reported = pl.all_horizontal(
        pl.col(f"{end}_draught_code").is_in(["reported", "unchanged"]).fill_null(False)
        for end in ("departure", "arrival")
    )
    share = voyages.filter("counts_for_trade").select(is_reported.mean()).item()
    return None if share is None else float(share)


def _value(rows: pl.DataFrame, column: str, **key: str) -> float | None:
    found = rows.filter(**key)[column]
    return None if found.is_empty() else found[0]
