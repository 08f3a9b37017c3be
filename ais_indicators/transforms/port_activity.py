"""Indicators of port activity: one row is one observation of one port, vessel class and week or day.

A port call counts in every period that it touches, and in each by what happens there: it arrives, is present,
is still in port when the period ends, departs. Ends that were not seen have no time and count in no period.
Totals are taken over the calls themselves, so a ship in two ports is one ship of the total.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812

from ais_indicators.contracts.model import load_contract
from ais_indicators.periods import DAYS_PER_WEEK, Week
from ais_indicators.rules import rule
from ais_indicators.transforms.columns import dates_between, exact_sum, iso_week, monday_of

WEEKLY_TABLE: Final = "gold.port_activity_weekly"
DAILY_TABLE: Final = "gold.port_activity_daily"
TOTAL: Final = "_T"
"""Code of "all ports" and "all classes"."""

FREE: Final = "F"
"""Confidentiality status of every figure before a release is protected."""

BOTH_ENDS_SEEN: Final = 4
"""Confidence of a call whose entry and exit were seen (`silver.port_calls`)."""

_PORT, _CLASS = "port_locode", "vessel_class"
_MEDIAN: Final = 0.5
_P90: Final = 0.9


@dataclass(frozen=True)
class Indicator:
    """One indicator.

    Attributes:
        name: Its code.
        unit: Unit of its value.
        value: Its aggregate over the calls that touch a period, null where there is nothing to take it of.
    """

    name: str
    unit: str
    value: Callable[[], Column]


def weekly_port_activity(
    calls: DataFrame, waiting: DataFrame, weeks: Sequence[Week], newest_week: Week
) -> DataFrame:
    """Takes the indicators of each week by port and class, with totals over ports, classes and both.

    A port and class with a call that touches the week, or a ship that waits at its end, has all indicators, counts of
    0 among them; without either it has no row, because nothing tells an idle port from one that was not observed.

    Args:
        calls: What `with_register` gives.
        waiting: What `with_register` gives of `silver.waiting_vessels`.
        weeks: Consecutive weeks, in order.
        newest_week: The newest week that holds data: older weeks than the revision rule allows are final.

    Returns:
        Rows of `gold.port_activity_weekly` without `adjustment`, coverage left aside.
    """
    return (
        calls.transform(_by_period, weeks, monday_of, DAYS_PER_WEEK)
        .unionByName(_waiting_at_ports(waiting, weeks), allowMissingColumns=True)
        .transform(_observations, WEEKLY_TABLE)
        .withColumn("week", iso_week(F.col("starts_on")))
        .withColumns({"obs_status": observation_status(newest_week), "conf_status": F.lit(FREE)})
        .select(*(name for name in load_contract(WEEKLY_TABLE).column_names if name != "adjustment"))
    )


def _waiting_at_ports(waiting: DataFrame, weeks: Sequence[Week]) -> DataFrame:
    """Gives one row for each ship that lies still at an anchorage when one of the weeks ends."""
    mondays = F.create_map(*(F.lit(part) for week in weeks for part in (week.name, week.monday)))
    return waiting.where(
        (F.col("place_kind") == "anchorage") & F.col("week").isin([w.name for w in weeks])
    ).select(
        mondays[F.col("week")].alias("starts_on"),
        F.col("place_code").alias(_PORT),
        _CLASS,
        F.lit(True).alias("is_waiting"),
    )


def with_register(calls: DataFrame, ships: DataFrame) -> DataFrame:
    """Gives calls the class and tonnage that the register has of their ships; the class stays where it has none.

    Args:
        calls: `silver.port_calls`, or another table of ships with `vessel_id` and `vessel_class`.
        ships: Columns `vessel_id`, `register_class` and `gross_tonnage`, one row a ship.

    Returns:
        The calls with `gross_tonnage`, null where the register does not know it.
    """
    vessel_class = F.coalesce(F.col("register_class"), F.col(_CLASS))
    return (
        calls.join(F.broadcast(ships), on="vessel_id", how="left")
        .withColumn(_CLASS, vessel_class)
        .drop("register_class")
    )


def daily_port_activity(calls: DataFrame, weeks: Sequence[Week], newest_week: Week) -> DataFrame:
    """Takes arrivals, departures and ships of each UTC day by port and class, with totals as by week.

    Args:
        calls: What `with_register` gives.
        weeks: Consecutive weeks, in order, whose days are wanted.
        newest_week: The newest week that holds data.

    Returns:
        Rows of `gold.port_activity_daily`; a day on which no call touches a port and class has none there.
    """
    return (
        calls.transform(_by_period, weeks, F.to_date, 1)
        .transform(_observations, DAILY_TABLE)
        .withColumn("week", iso_week(F.col("starts_on")))
        .withColumn("obs_status", observation_status(newest_week))
        .withColumnRenamed("starts_on", "observed_on")
        .select(*load_contract(DAILY_TABLE).column_names)
    )


def _by_period(
    calls: DataFrame, weeks: Sequence[Week], start_of: Callable[[Column], Column], step_days: int
) -> DataFrame:
    """Gives one row for each port call and period that it touches, with what happens to it there.

    Args:
        calls: What `with_register` gives.
        weeks: Consecutive weeks, in order.
        start_of: Gives the first day of a moment's period.
        step_days: Days from one period to the next.
    """
    ended_at = F.greatest("last_seen_at_utc", "departed_at_utc")
    begin, end = F.lit(weeks[0].start), F.lit(weeks[-1].end)
    first_day, last_day = F.lit(weeks[0].monday), F.lit(weeks[-1].days[-1])
    first = F.greatest(start_of(F.col("first_seen_at_utc")), first_day)
    last = F.least(start_of(ended_at), last_day)
    return (
        calls.where(
            (F.col("event_type") == "port_call") & (F.col("first_seen_at_utc") < end) & (ended_at >= begin)
        )
        .withColumn("starts_on", F.explode(dates_between(first, last, step_days)))
        .withColumns(_happenings(start_of))
        .where("is_present or is_departing")
    )


def _happenings(start_of: Callable[[Column], Column]) -> dict[str, Column]:
    """Says of a call and a period what happens, by name. Between a last fix and a late exit nothing does."""
    period = F.col("starts_on")
    first_seen, arrived, departed, last_seen = (
        start_of(F.col(f"{name}_at_utc")) for name in ("first_seen", "arrived", "departed", "last_seen")
    )
    is_present = (first_seen <= period) & (last_seen >= period)
    unseen_end = F.when(F.col("call_status") == "unseen", last_seen)
    return {
        "is_arriving": arrived.eqNullSafe(period),
        "is_present": is_present,
        "is_in_progress": is_present & (departed.isNull() | (departed > period)),
        "is_departing": departed.eqNullSafe(period),
        "is_ending": F.coalesce(departed, unseen_end).eqNullSafe(period),
        "is_waiting": F.lit(False),
    }


def _observations(calls_by_period: DataFrame, table: str) -> DataFrame:
    """Takes the indicators of a table by port and class, and over all of either and both, one a row."""
    wanted = load_contract(table).column("indicator").one_of
    indicators = [i for i in INDICATORS if i.name in wanted]
    keys = ["starts_on", _PORT, _CLASS]
    sets = [keys, ["starts_on", _PORT], ["starts_on", _CLASS], ["starts_on"]]
    return (
        calls_by_period.groupingSets([[F.col(k) for k in s] for s in sets], *keys)
        .agg(*(i.value().cast("double").alias(i.name) for i in indicators))
        .select(
            "starts_on",
            F.coalesce(F.col(_PORT), F.lit(TOTAL)).alias(_PORT),
            F.coalesce(F.col(_CLASS), F.lit(TOTAL)).alias(_CLASS),
            F.inline(F.array(*map(_observation, indicators))),
        )
    )


def _observation(indicator: Indicator) -> Column:
    """Makes the column of an indicator into the fields of its own row."""
    return F.struct(
        F.lit(indicator.name).alias("indicator"),
        F.col(indicator.name).alias("value"),
        F.lit(indicator.unit).alias("unit"),
    )


def observation_status(newest_week: Week) -> Column:
    """Missing without a value, else final (A) once late files are no longer taken up, until then provisional.

    Names of weeks sort as the weeks do.
    """
    oldest_open_week = newest_week.plus(-rule("revision_weeks")).name
    is_final = F.col("week") < oldest_open_week
    return F.when(F.col("value").isNull(), "O").when(is_final, "A").otherwise("P")


def _unique_vessels() -> Column:
    """Counts ships by the set of them: a distinct count would cost the medians a second shuffle."""
    return F.size(F.collect_set(F.when(F.col("is_present"), F.col("track_id"))))


def _hours_in_port() -> Column:
    return F.when(F.col("is_departing"), F.col("stay_hours"))


def _hours_waiting() -> Column:
    """Of the calls that waited."""
    return F.when(F.col("is_arriving") & (F.col("waiting_hours") > 0), F.col("waiting_hours"))


def _hours_at_berth() -> Column:
    """Of the calls that stopped: a call may also be one by a silence."""
    return F.when(F.col("is_departing") & (F.col("stop_hours") > 0), F.col("stop_hours"))


def _share_complete_calls() -> Column:
    is_complete = (F.col("confidence") == BOTH_ENDS_SEEN).cast("double")
    return F.avg(F.when(F.col("is_ending"), is_complete))


INDICATORS: Final = (
    Indicator("arrivals", "calls", lambda: F.count_if(F.col("is_arriving"))),
    Indicator("departures", "calls", lambda: F.count_if(F.col("is_departing"))),
    Indicator("unique_vessels", "ships", _unique_vessels),
    Indicator("calls_in_progress", "calls", lambda: F.count_if(F.col("is_in_progress"))),
    Indicator("median_hours_in_port", "h", lambda: F.percentile(_hours_in_port(), _MEDIAN)),
    Indicator("p90_hours_in_port", "h", lambda: F.percentile(_hours_in_port(), _P90)),
    Indicator("median_hours_at_berth", "h", lambda: F.percentile(_hours_at_berth(), _MEDIAN)),
    Indicator("p90_hours_at_berth", "h", lambda: F.percentile(_hours_at_berth(), _P90)),
    Indicator("median_hours_waiting", "h", lambda: F.percentile(_hours_waiting(), _MEDIAN)),
    Indicator("p90_hours_waiting", "h", lambda: F.percentile(_hours_waiting(), _P90)),
    Indicator("vessels_waiting", "ships", lambda: F.count_if(F.col("is_waiting"))),
    Indicator(
        "arrivals_gross_tonnage",
        "GT",
        lambda: exact_sum(F.when(F.col("is_arriving"), F.col("gross_tonnage"))),
    ),
    Indicator("share_complete_calls", "share", _share_complete_calls),
)

UNITS: Final = {i.name: i.unit for i in INDICATORS}
"""Unit of each weekly indicator."""
