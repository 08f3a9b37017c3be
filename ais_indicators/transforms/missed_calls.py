"""Estimates the calls that vessels missed at ports where they call often, while they were shown elsewhere.

A vessel that is shown elsewhere may have missed one call at each port of its cell. A ferry misses several. Source:
methodology 8 and 11.
"""

from collections.abc import Sequence
from typing import Final

import polars as pl

from ais_indicators.periods import Week
from ais_indicators.transforms.coverage import HOURS
from ais_indicators.transforms.interference import shown_hours

FURTHER: Final = "further_missed_calls"
_VESSEL_PLACE: Final = ["mmsi", "place_code"]


def further_missed_calls(
    displacements: pl.DataFrame, calls: pl.DataFrame, places: pl.DataFrame, before: Sequence[Week]
) -> pl.DataFrame:
    """Returns what interfered vessels missed at each port beyond the one call a vessel of its cell.

    A vessel misses as many of its mean weekly arrivals as it has hours at false positions among those of the week.

    Args:
        displacements: Columns `mmsi`, `first_at_utc`, `last_at_utc`, `hours`, `from_h3_res3` and `false_position_kind`
            of `silver.displacements` of the week.
        calls: Columns `mmsi`, `port_locode` and `arrival_week` of port calls.
        places: Columns of `PLACE_SCHEMA`.
        before: The trailing weeks.

    Returns:
        Columns `place_code` and `FURTHER`, one row a port with any.
    """
    false = displacements.drop_nulls("false_position_kind")
    arrivals = calls.filter(pl.col("arrival_week").is_in([week.name for week in before])).group_by(
        "mmsi", place_code="port_locode"
    )
    often = arrivals.agg(weekly=pl.len() / max(len(before), 1))
    in_cell = (
        false.select("mmsi", h3_res3="from_h3_res3")
        .drop_nulls()
        .unique()
        .join(places.select("place_code", "h3_res3"), on="h3_res3")
        .select(*_VESSEL_PLACE, counted=pl.lit(1.0))
        .unique()
    )
    hours = shown_hours(false, "mmsi").group_by("mmsi").agg(pl.col("hours").sum())
    missed = often.join(hours, on="mmsi").join(in_cell, on=_VESSEL_PLACE, how="left")
    further = pl.col("weekly") * pl.col("hours") / HOURS - pl.col("counted").fill_null(0.0)
    return (
        missed.select("place_code", further.clip(0.0).alias(FURTHER))
        .group_by("place_code")
        .agg(pl.col(FURTHER).sum())
        .filter(pl.col(FURTHER) > 0)
        .sort("place_code")
    )
