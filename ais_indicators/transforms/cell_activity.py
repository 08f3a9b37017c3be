"""Traffic on the map: one row is one H3 cell, vessel class and week in which a message was sent."""

from typing import Final

import polars as pl

from ais_indicators.contracts.model import load_contract
from ais_indicators.units import SECONDS_PER_HOUR

TABLE: Final = "gold.cell_activity_weekly"


def weekly_cell_activity(cell_weeks: pl.DataFrame) -> pl.DataFrame:
    """Counts messages, ships and ship hours by cell and class.

    Args:
        cell_weeks: `silver.cell_weeks`, one row per track, cell and week.

    Returns:
        Rows of `gold.cell_activity_weekly`.
    """
    return (
        cell_weeks.group_by("week", "h3_res6", "vessel_class")
        .agg(
            messages=pl.col("messages").sum(),
            unique_vessels=pl.col("vessel_id").n_unique().cast(pl.Int64),
            hours=pl.col("seconds").sum() / SECONDS_PER_HOUR,
        )
        .select(load_contract(TABLE).column_names)
    )
