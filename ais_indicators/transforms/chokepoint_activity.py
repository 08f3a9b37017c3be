"""Indicators of straits: one row is one observation of one gate, direction, vessel class and week.

A transit belongs to the week of its entry and counts when the ship was seen on both sides and no other of its transits
counted within the rule's hours before. Ships that wait or are inside have no direction yet: they are told over both.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812

from ais_indicators.contracts.model import load_contract
from ais_indicators.periods import Week
from ais_indicators.transforms.columns import exact_sum
from ais_indicators.transforms.port_activity import FREE, TOTAL, observation_status

TABLE: Final = "gold.chokepoint_transits_weekly"
_GATE, _DIRECTION, _CLASS = "gate_code", "direction", "vessel_class"
_MEDIAN: Final = 0.5


@dataclass(frozen=True)
class Indicator:
    """One indicator.

    Attributes:
        name: Its code.
        unit: Unit of its value.
        value: Its aggregate over what happened at a gate in a week, null where there is nothing to take it of.
        has_direction: Whether it is told by direction too.
    """

    name: str
    unit: str
    value: Callable[[], Column]
    has_direction: bool = True


def weekly_chokepoint_activity(
    transits: DataFrame,
    waiting: DataFrame,
    ships: DataFrame,
    payloads: DataFrame,
    weeks: Sequence[Week],
    newest_week: Week,
) -> DataFrame:
    """Takes the indicators of each week by gate, direction and class, with totals over directions, classes and both.

    A gate, direction and class with a transit has all indicators that are told by direction; one with a ship
    inside or waiting has the others too, counts of 0 among them. Where nothing was seen there is no row, because
    nothing tells an empty strait from one that was not observed.

    Args:
        transits: `silver.chokepoint_transits`.
        waiting: `silver.waiting_vessels`.
        ships: Columns `vessel_id`, `register_class` and `deadweight_t`, one row a ship.
        payloads: Columns `transit_id` and `payload_t`, one row a transit whose payload is known.
        weeks: Weeks that are wanted.
        newest_week: The newest week that holds data: older weeks than the revision rule allows are final.

    Returns:
        Rows of `gold.chokepoint_transits_weekly`.
    """
    names = [week.name for week in weeks]
    return (
        _happenings(transits.join(payloads, on="transit_id", how="left"), waiting)
        .where(F.col("week").isin(names))
        .join(F.broadcast(ships), on="vessel_id", how="left")
        .withColumn(_CLASS, F.coalesce("register_class", _CLASS))
        .transform(_observations)
        .withColumns({"obs_status": observation_status(newest_week), "conf_status": F.lit(FREE)})
        .select(*load_contract(TABLE).column_names)
    )


def _happenings(transits: DataFrame, waiting: DataFrame) -> DataFrame:
    """Transits in the week of their entry, and ships at a gate in the week that ended then, one a row.

    A transit is counted, or one of its sides is not known; one that came too soon after the ship's last is neither.
    """
    shared = ("vessel_id", "track_id", _CLASS)
    passed = transits.where("is_counted OR NOT (is_complete OR is_inferred)").select(
        *shared,
        _GATE,
        _DIRECTION,
        F.col("arrival_week").alias("week"),
        "transit_hours",
        "payload_t",
        F.col("is_counted").alias("is_transit"),
        (~(F.col("is_complete") | F.col("is_inferred"))).alias("is_incomplete"),
        "is_inferred",
        F.lit(False).alias("is_inside"),
        F.lit(False).alias("is_still"),
    )
    stayed = waiting.where("place_kind = 'gate'").select(
        *shared,
        F.col("place_code").alias(_GATE),
        F.lit(None).cast("string").alias(_DIRECTION),
        "week",
        F.lit(None).cast("double").alias("transit_hours"),
        F.lit(None).cast("double").alias("payload_t"),
        F.lit(False).alias("is_transit"),
        F.lit(False).alias("is_incomplete"),
        F.lit(False).alias("is_inferred"),
        "is_inside",
        "is_still",
    )
    return passed.unionByName(stayed)


def _observations(happenings: DataFrame) -> DataFrame:
    """Takes the indicators over every combination of one or all directions and classes, one a row."""
    keys = ["week", _GATE, _DIRECTION, _CLASS]
    sets = [keys, ["week", _GATE, _DIRECTION], ["week", _GATE, _CLASS], ["week", _GATE]]
    is_over_directions = F.grouping(_DIRECTION) == 1
    told = [
        F.when(is_over_directions | F.lit(i.has_direction), i.value().cast("double")).alias(i.name)
        for i in INDICATORS
    ]
    return (
        happenings.groupingSets([[F.col(k) for k in s] for s in sets], *keys)
        .agg(*told, is_over_directions.alias("is_over_directions"))
        .where(f"is_over_directions OR {_DIRECTION} IS NOT NULL")
        .select(
            "week",
            _GATE,
            F.coalesce(_DIRECTION, F.lit(TOTAL)).alias(_DIRECTION),
            F.coalesce(_CLASS, F.lit(TOTAL)).alias(_CLASS),
            F.inline(F.array(*map(_observation, INDICATORS))),
            "is_over_directions",
        )
        .where("is_over_directions OR has_direction")
    )


def _observation(indicator: Indicator) -> Column:
    """Makes the column of an indicator into the fields of its own row."""
    return F.struct(
        F.lit(indicator.name).alias("indicator"),
        F.col(indicator.name).alias("value"),
        F.lit(indicator.unit).alias("unit"),
        F.lit(indicator.has_direction).alias("has_direction"),
    )


def _of_transits(column: str) -> Column:
    return F.when(F.col("is_transit"), F.col(column))


def _share_known(column: str) -> Column:
    """Share of the transits for which the column is known, null without any transit."""
    known = F.count(_of_transits(column))
    return F.try_divide(known, F.count_if(F.col("is_transit")))


INDICATORS: Final = (
    Indicator("transits", "transits", lambda: F.count_if(F.col("is_transit"))),
    Indicator("incomplete_transits", "transits", lambda: F.count_if(F.col("is_incomplete"))),
    Indicator("unique_vessels", "ships", lambda: F.size(F.collect_set(_of_transits("vessel_id")))),
    Indicator("deadweight_t", "t", lambda: exact_sum(_of_transits("deadweight_t"))),
    Indicator("payload_t", "t", lambda: exact_sum(_of_transits("payload_t"))),
    Indicator("share_known_payload", "share", lambda: _share_known("payload_t")),
    Indicator("share_inferred", "share", lambda: F.avg(_of_transits("is_inferred").cast("double"))),
    Indicator("median_hours", "h", lambda: F.percentile(_of_transits("transit_hours"), _MEDIAN)),
    Indicator("vessels_inside", "ships", lambda: F.count_if(F.col("is_inside")), has_direction=False),
    Indicator("vessels_waiting", "ships", lambda: F.count_if(F.col("is_still")), has_direction=False),
)
