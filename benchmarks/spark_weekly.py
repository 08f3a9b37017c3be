"""The weekly indicators of the main job as plain Spark DataFrames."""

from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812

TOTAL: Final = "_T"


def weekly(calls: DataFrame) -> DataFrame:
    """Computes the weekly indicators by port and class with totals over either and both, one row per value."""
    sets = [
        ["monday", "port_locode", "vessel_class"],
        ["monday", "port_locode"],
        ["monday", "vessel_class"],
        ["monday"],
    ]
    wide = (
        _weeks_of_calls(calls)
        .groupingSets([[F.col(c) for c in s] for s in sets], *map(F.col, sets[0]))
        .agg(*_indicators())
    )
    return (
        wide.withColumn("port_locode", F.coalesce("port_locode", F.lit(TOTAL)))
        .withColumn("vessel_class", F.coalesce("vessel_class", F.lit(TOTAL)))
        .withColumn(
            "week",
            F.concat(
                F.extract(F.lit("YEAROFWEEK"), F.col("monday")),
                F.lit("-W"),
                F.lpad(F.weekofyear("monday").cast("string"), 2, "0"),
            ),
        )
        .drop("monday")
        .unpivot(["week", "port_locode", "vessel_class"], None, "indicator", "value")
    )


def _weeks_of_calls(calls: DataFrame) -> DataFrame:
    """One row per port call and week that it touches: whether it arrives, departs or is in progress at its end."""
    week_end = F.date_add("monday", 7)
    arrived, departed = F.to_date("arrived_at_utc"), F.to_date("departed_at_utc")
    return (
        calls.where("event_type = 'port_call'")
        .withColumn(
            "monday",
            F.explode(
                F.sequence(
                    _monday("first_seen_at_utc"), _monday("last_seen_at_utc"), F.expr("INTERVAL 7 DAY")
                )
            ),
        )
        .withColumn(
            "is_arriving", F.coalesce((arrived >= F.col("monday")) & (arrived < week_end), F.lit(False))
        )
        .withColumn(
            "is_departing", F.coalesce((departed >= F.col("monday")) & (departed < week_end), F.lit(False))
        )
        .withColumn("is_in_progress", departed.isNull() | (departed >= week_end))
    )


def _monday(moment: str) -> Column:
    return F.to_date(F.date_trunc("week", moment))


def _indicators() -> list[Column]:
    is_departing = F.col("is_departing")
    values = {
        "arrivals": F.count_if("is_arriving"),
        "departures": F.count_if("is_departing"),
        "unique_vessels": F.count_distinct("track_id"),
        "calls_in_progress": F.count_if("is_in_progress"),
        "median_hours_in_port": F.median(F.when(is_departing, F.col("stay_hours"))),
        "share_complete_calls": F.avg(F.when(is_departing, (F.col("confidence") == 4).cast("double"))),
    }
    return [value.cast("double").alias(name) for name, value in values.items()]
