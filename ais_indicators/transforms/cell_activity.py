"""Traffic on the map: one row is one H3 cell, vessel class and week in which a message was sent."""

from typing import Final

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from ais_indicators.contracts.model import load_contract
from ais_indicators.units import SECONDS_PER_HOUR

TABLE: Final = "gold.cell_activity_weekly"


def weekly_cell_activity(cell_weeks: DataFrame) -> DataFrame:
    """Counts messages, ships and ship hours by cell and class.

    Args:
        cell_weeks: `silver.cell_weeks`, where a track stands once a cell and week.

    Returns:
        Rows of `gold.cell_activity_weekly`.
    """
    return (
        cell_weeks.groupBy("week", "h3_res6", "vessel_class")
        .agg(
            F.sum("messages").alias("messages"),
            F.count("track_id").alias("unique_vessels"),
            (F.sum("seconds") / SECONDS_PER_HOUR).alias("hours"),
        )
        .select(*load_contract(TABLE).column_names)
    )
