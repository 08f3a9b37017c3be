"""Indicators of port activity: one row is one observation of one port, vessel class and week or day.

A port call counts in every period that it touches, and in each by what happens there: it arrives, is present,
is still in port when the period ends, departs. Ends that were not seen have no time and count in no period.
Totals are taken over the calls themselves, so a ship in two ports is one ship of the total.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from ais_indicators.contracts.model import load_contract
from ais_indicators.periods import DAYS_PER_WEEK, Week
from ais_indicators.rules import Rules
from ais_indicators.transforms.columns import (
    count_if,
    dates_between,
    exact_sum,
    iso_week,
    monday_of,
    over_all,
    percentile,
    vessels_if,
)
from ais_indicators.transforms.continued_calls import continued_calls
from ais_indicators.transforms.inland import NO_INLAND_TRAFFIC, InlandTraffic, in_totals, mark_inland
from ais_indicators.transforms.zeros import (
    NOT_APPLICABLE,
    classes_seen,
    observed_places,
    with_totals,
    with_zero_rows,
    without_events,
)

WEEKLY_TABLE: Final = "gold.port_activity_weekly"
DAILY_TABLE: Final = "gold.port_activity_daily"
TOTAL: Final = "_T"
"""Code of "all ports" and "all classes"."""

FREE: Final = "F"
_OF_COVERAGE: Final = ("adjustment", "status_reason")
"""Columns that `transforms.coverage_status` adds."""
"""Confidentiality status of every value before a release is protected."""

BOTH_ENDS_SEEN: Final = 4
"""Confidence of a call whose entry and exit were seen (`silver.port_calls`)."""

CALL_COLUMNS: Final = (
    "track_id",
    "vessel_id",
    "vessel_class",
    "port_locode",
    "event_type",
    "first_seen_at_utc",
    "arrived_at_utc",
    "departed_at_utc",
    "last_seen_at_utc",
    "call_status",
    "stay_hours",
    "stop_hours",
    "waiting_hours",
    "confidence",
    "exit_after_gap",
    "at_rest_when_last_seen",
)
"""Columns of `silver.port_calls` that the indicators need."""

_PORT, _CLASS = "port_locode", "vessel_class"
_MEDIAN: Final = 0.5
_P90: Final = 0.9


@dataclass(frozen=True)
class Indicator:
    """One indicator.

    Attributes:
        name: Its code.
        unit: Unit of its value.
        value: Its aggregate over the calls that touch a period, null if there is nothing to aggregate.
    """

    name: str
    unit: str
    value: pl.Expr


def weekly_port_activity(
    calls: pl.DataFrame,
    waiting: pl.DataFrame,
    weeks: Sequence[Week],
    newest_week: Week,
    inland: InlandTraffic = NO_INLAND_TRAFFIC,
    *,
    rules: Rules,
) -> pl.DataFrame:
    """Computes the indicators of each week by port and class, with totals over ports, classes and both.

    A port and class with a call that touches the week, or a ship that waits at its end, has all indicators, counts of
    0 among them; rows of observed ports without either are those of `transforms.zeros`.

    Args:
        calls: What `with_register` returns.
        waiting: What `with_register` returns of `silver.waiting_vessels`.
        weeks: Consecutive weeks, in order.
        newest_week: The newest week that holds data: older weeks than the revision rule allows are final.
        inland: What inland vessels are known by; they have a class of their own and are in no total over classes.
        rules: Rules of the lake's subject.

    Returns:
        Rows of `gold.port_activity_weekly` without `adjustment`, not adjusted for coverage.
    """
    return (
        _observations(weekly_events(calls, waiting, weeks, inland, rules), WEEKLY_TABLE)
        .with_columns(week=iso_week(pl.col("starts_on")), conf_status=pl.lit(FREE))
        .pipe(without_events, ["week", _PORT, _CLASS], SUMS, RATIOS)
        .with_columns(obs_status=observation_status(newest_week, pl.col("is_applicable"), rules=rules))
        .select(name for name in load_contract(WEEKLY_TABLE).column_names if name not in _OF_COVERAGE)
    )


def weekly_events(
    calls: pl.DataFrame, waiting: pl.DataFrame, weeks: Sequence[Week], inland: InlandTraffic, rules: Rules
) -> pl.DataFrame:
    """Lists the calls and waiting vessels of each week, one per row; arguments of `weekly_port_activity`."""
    touching = _by_period(calls, weeks, monday_of, DAYS_PER_WEEK, rules)
    happening = pl.concat([touching, _waiting_at_ports(waiting, weeks)], how="diagonal")
    return mark_inland(happening, inland, pl.col("starts_on"))


def _waiting_at_ports(waiting: pl.DataFrame, weeks: Sequence[Week]) -> pl.DataFrame:
    """Returns one row for each ship that lies still at an anchorage when one of the weeks ends."""
    mondays = {week.name: week.monday for week in weeks}
    return waiting.filter(pl.col("place_kind") == "anchorage", pl.col("week").is_in(list(mondays))).select(
        pl.col("week").replace_strict(mondays, return_dtype=pl.Date).alias("starts_on"),
        pl.col("place_code").alias(_PORT),
        _CLASS,
        "vessel_id",
        pl.lit(True).alias("is_waiting"),
    )


def with_register(calls: pl.DataFrame, ships: pl.DataFrame) -> pl.DataFrame:
    """Adds the class and tonnage that the register has of each call's ship; the class stays where it has none.

    Args:
        calls: `silver.port_calls`, or another table of ships with `vessel_id` and `vessel_class`.
        ships: Columns `vessel_id`, `register_class` and `gross_tonnage`, one row per ship.

    Returns:
        The calls with `gross_tonnage`, null if the register does not know it.
    """
    return (
        calls.join(ships, on="vessel_id", how="left")
        .with_columns(pl.coalesce("register_class", _CLASS).alias(_CLASS))
        .drop("register_class")
    )


def daily_port_activity(
    calls: pl.DataFrame,
    weeks: Sequence[Week],
    newest_week: Week,
    inland: InlandTraffic = NO_INLAND_TRAFFIC,
    *,
    rules: Rules,
) -> pl.DataFrame:
    """Computes arrivals, departures and ships of each UTC day by port and class, with totals as by week.

    Args:
        calls: What `with_register` returns.
        weeks: Consecutive weeks, in order, whose days are wanted.
        newest_week: The newest week that holds data.
        inland: What inland vessels are known by in the weeks.
        rules: Rules of the lake's subject.

    Returns:
        Rows of `gold.port_activity_daily`; a day on which no call touches a port and class has none there.
    """
    by_day = _by_period(calls, weeks, lambda moment: moment.dt.date(), 1, rules)
    return (
        _observations(mark_inland(by_day, inland, pl.col("starts_on")), DAILY_TABLE)
        .with_columns(week=iso_week(pl.col("starts_on")))
        .with_columns(obs_status=observation_status(newest_week, rules=rules))
        .rename({"starts_on": "observed_on"})
        .select(load_contract(DAILY_TABLE).column_names)
    )


def _by_period(
    calls: pl.DataFrame,
    weeks: Sequence[Week],
    start_of: Callable[[pl.Expr], pl.Expr],
    step_days: int,
    rules: Rules,
) -> pl.DataFrame:
    """Returns one row for each port call and period that it touches, with what happens to it there.

    Args:
        calls: What `with_register` returns.
        weeks: Consecutive weeks, in order.
        start_of: Gives the first day of a moment's period.
        step_days: Days from one period to the next.
        rules: Rules of the lake's subject.
    """
    calls = continued_calls(calls.filter(pl.col("event_type") == "port_call"), rules)
    ended_at = pl.max_horizontal("last_seen_at_utc", "departed_at_utc")
    first = pl.max_horizontal(start_of(pl.col("first_seen_at_utc")), pl.lit(weeks[0].monday))
    last = pl.min_horizontal(start_of(ended_at), pl.lit(weeks[-1].days[-1]))
    touches = (pl.col("first_seen_at_utc") < weeks[-1].end) & (ended_at >= weeks[0].start)
    return (
        calls.filter(touches)
        .with_columns(starts_on=dates_between(first, last, step_days))
        .explode("starts_on")
        .with_columns(**_happenings(start_of, step_days, rules))
        .filter(pl.col("is_present") | pl.col("is_departing"))
    )


def _happenings(start_of: Callable[[pl.Expr], pl.Expr], step_days: int, rules: Rules) -> dict[str, pl.Expr]:
    """Describes by name what happens to a call in a period. Between a last fix and a late exit nothing does."""
    period = pl.col("starts_on")
    period_end = period.cast(pl.Datetime("us", "UTC")) + pl.duration(days=step_days)
    is_continued = (pl.col("continued_at_utc") < period_end).fill_null(False)
    may_be_gone = (
        period_end - pl.col("last_seen_at_utc") > pl.duration(hours=rules.in_progress_silence_hours)
    ) & ~pl.col("at_rest_when_last_seen")
    first_seen, arrived, departed, last_seen = (
        start_of(pl.col(f"{name}_at_utc")) for name in ("first_seen", "arrived", "departed", "last_seen")
    )
    is_present = (first_seen <= period) & (last_seen >= period)
    unseen_end = pl.when((pl.col("call_status") == "unseen") & ~is_continued).then(last_seen)
    return {
        "is_arriving": arrived.eq_missing(period),
        "is_present": is_present,
        "is_in_progress": is_present
        & (departed.is_null() | (departed > period))
        & ~is_continued
        & ~may_be_gone,
        "is_departing": departed.eq_missing(period),
        "is_ending": pl.coalesce(departed, unseen_end).eq_missing(period),
        "is_waiting": pl.lit(False),
    }


def _observations(calls_by_period: pl.DataFrame, table: str) -> pl.DataFrame:
    """Computes the indicators of a table by port and class, and over all of either and both, one per row."""
    wanted = load_contract(table).column("indicator").one_of
    values = {i.name: i.value for i in INDICATORS if i.name in wanted}
    keys = ["starts_on", _PORT, _CLASS]
    by_class = over_all(calls_by_period, [keys, ["starts_on", _CLASS]], values, TOTAL)
    counted = calls_by_period.filter(in_totals()).with_columns(pl.lit(TOTAL).alias(_CLASS))
    totals = over_all(counted, [keys, ["starts_on", _CLASS]], values, TOTAL)
    return (
        pl.concat([by_class, totals])
        .unpivot(list(values), index=keys, variable_name="indicator", value_name="value")
        .with_columns(unit=pl.col("indicator").replace_strict(UNITS, return_dtype=pl.String))
    )


def final_or_provisional(newest_week: Week, rules: Rules) -> pl.Expr:
    """Marks values as final (A) once late files are no longer accepted, until then provisional (P).

    Names of weeks sort as the weeks do.
    """
    oldest_open_week = newest_week.plus(-rules.revision_weeks).name
    return pl.when(pl.col("week") < oldest_open_week).then(pl.lit("A")).otherwise(pl.lit("P"))


def observation_status(newest_week: Week, is_applicable: pl.Expr | None = None, *, rules: Rules) -> pl.Expr:
    """Marks values as not applicable (M), missing (O), final (A) or provisional (P).

    Args:
        newest_week: The newest week that holds data.
        is_applicable: False where there was nothing to take a value over; None: every null value is missing.
        rules: Rules of the lake's subject.
    """
    is_null = pl.col("value").is_null()
    is_void = is_null & ~is_applicable if is_applicable is not None else pl.lit(False)
    return (
        pl.when(is_void)
        .then(pl.lit(NOT_APPLICABLE))
        .when(is_null)
        .then(pl.lit("O"))
        .otherwise(final_or_provisional(newest_week, rules))
    )


def _where(condition: pl.Expr, value: pl.Expr) -> pl.Expr:
    return pl.when(condition).then(value)


_IS_PRESENT, _IS_DEPARTING, _IS_ARRIVING = map(pl.col, ("is_present", "is_departing", "is_arriving"))
_HOURS_IN_PORT: Final = _where(_IS_DEPARTING, pl.col("stay_hours"))
_HOURS_WAITING: Final = _where(_IS_ARRIVING & (pl.col("waiting_hours") > 0), pl.col("waiting_hours"))
"""Of the calls that waited."""
_HOURS_AT_BERTH: Final = _where(_IS_DEPARTING & (pl.col("stop_hours") > 0), pl.col("stop_hours"))
"""Of the calls that stopped: a call may also be one by a silence."""
_IS_COMPLETE: Final = _where(pl.col("is_ending"), (pl.col("confidence") == BOTH_ENDS_SEEN).cast(pl.Float64))

INDICATORS: Final = (
    Indicator("arrivals", "calls", count_if(_IS_ARRIVING)),
    Indicator("departures", "calls", count_if(_IS_DEPARTING)),
    Indicator("unique_vessels", "ships", vessels_if(_IS_PRESENT)),
    Indicator("calls_in_progress", "calls", count_if(pl.col("is_in_progress"))),
    Indicator("median_hours_in_port", "h", percentile(_HOURS_IN_PORT, _MEDIAN)),
    Indicator("p90_hours_in_port", "h", percentile(_HOURS_IN_PORT, _P90)),
    Indicator("median_hours_at_berth", "h", percentile(_HOURS_AT_BERTH, _MEDIAN)),
    Indicator("p90_hours_at_berth", "h", percentile(_HOURS_AT_BERTH, _P90)),
    Indicator("median_hours_waiting", "h", percentile(_HOURS_WAITING, _MEDIAN)),
    Indicator("p90_hours_waiting", "h", percentile(_HOURS_WAITING, _P90)),
    Indicator("vessels_waiting", "ships", vessels_if(pl.col("is_waiting"))),
    Indicator("arrivals_gross_tonnage", "GT", exact_sum(_where(_IS_ARRIVING, pl.col("gross_tonnage")))),
    Indicator("share_complete_calls", "share", _IS_COMPLETE.mean()),
)

UNITS: Final = {i.name: i.unit for i in INDICATORS}
"""Unit of each weekly indicator."""

SUMS: Final = {"arrivals_gross_tonnage": "arrivals"}
"""Sums over events, with the indicator that counts these."""

RATIOS: Final[dict[str, str | None]] = {
    "median_hours_in_port": "departures",
    "p90_hours_in_port": "departures",
    "median_hours_at_berth": "departures",
    "p90_hours_at_berth": "departures",
    "median_hours_waiting": None,
    "p90_hours_waiting": None,
    "share_complete_calls": None,
}
"""Medians and shares over events, with the indicator that counts these; None where a missing value always means that
there was no call: hours waiting, and shares."""


def with_idle_ports(
    rows: pl.DataFrame,
    calls: pl.DataFrame,
    coverage: pl.DataFrame,
    weeks: Sequence[Week],
    newest_week: Week,
    inland: InlandTraffic = NO_INLAND_TRAFFIC,
    *,
    rules: Rules,
) -> pl.DataFrame:
    """Adds the rows of observed ports, and of classes seen there, without a call in a week.

    Args:
        rows: What `weekly_port_activity` returns.
        calls: What `with_register` returns, of the weeks and of those within which a class counts as seen.
        coverage: Columns `week`, `place_code` and `cell_messages` of ports, of the same weeks.
        weeks: The weeks of the rows.
        newest_week: The newest week that holds data.
        inland: What inland vessels are known by in the weeks.
        rules: Rules of the lake's subject.
    """
    ended_at = pl.max_horizontal("last_seen_at_utc", "departed_at_utc")
    events = calls.filter(event_type="port_call").with_columns(last_seen_at_utc=ended_at)
    seen = pl.concat(
        classes_seen(mark_inland(events, inland, pl.lit(week.monday)), _PORT, [week], rules) for week in weeks
    )
    cells = with_totals(observed_places(coverage, seen, _PORT, weeks, rules), seen, _PORT, over_places=True)
    return with_zero_rows(rows, cells, UNITS, list(RATIOS), final_or_provisional(newest_week, rules))
