"""Messages without a usable position: counted at ingest, and located at the vessel's last position."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import polars as pl

from ais_indicators.geo.cells import h3_cells
from ais_indicators.ingestion.position_losses import LOSS_COUNTS
from ais_indicators.io.store import read_parquet
from ais_indicators.rules import Rules
from ais_indicators.tracking.bucket_messages import Messages
from ais_indicators.units import SECONDS_PER_HOUR

_SCHEMA: Final[dict[str, Any]] = {
    "mmsi": pl.Int64,
    "hour_utc": pl.Datetime("us", "UTC"),
    **dict.fromkeys(LOSS_COUNTS, pl.Int64),
}


def read_losses(locations: Sequence[str]) -> pl.DataFrame:
    """Reads files of `bronze.position_losses` of one bucket-day: counts by MMSI and hour, in this order."""
    columns = ["mmsi", "observed_at_utc", *LOSS_COUNTS]
    parts = [pl.DataFrame(read_parquet(location, columns=columns)) for location in locations]
    if not parts:
        return pl.DataFrame(schema=_SCHEMA)
    rows = pl.concat(parts).rename({"observed_at_utc": "hour_utc"}).cast(pl.Schema(_SCHEMA))
    return rows.group_by("mmsi", "hour_utc").agg(pl.col(LOSS_COUNTS).sum()).sort("mmsi", "hour_utc")


def locate_losses(losses: pl.DataFrame, messages: Messages | None, memory: Any, rules: Rules) -> pl.DataFrame:
    """Adds the cell of the vessel's last position before the end of each hour.

    Args:
        losses: Result of `read_losses`.
        messages: The day's messages with a position in the method's order; None without any.
        memory: Elements of `WHEREABOUTS` by MMSI, before the day.
        rules: Rules of the lake's subject.

    Returns:
        Columns of `silver.position_losses` but for the partitions.
    """
    mmsi = losses["mmsi"].to_numpy()
    end = losses["hour_utc"].dt.epoch("s").to_numpy() + SECONDS_PER_HOUR
    latitude, longitude = np.full(mmsi.size, np.nan), np.full(mmsi.size, np.nan)
    if memory.size:
        at = np.minimum(np.searchsorted(memory["mmsi"], mmsi), memory.size - 1)
        is_known = (memory["mmsi"][at] == mmsi) & (memory["home_fixes"][at] > 0)
        latitude = np.where(is_known, memory["home_latitude"][at], np.nan)
        longitude = np.where(is_known, memory["home_longitude"][at], np.nan)
    if messages is not None and messages.mmsi.size:
        heard = pl.DataFrame({"mmsi": messages.mmsi, "second": messages.second}).with_row_index("place")
        asked = pl.DataFrame({"mmsi": mmsi, "second": end - 1}).with_row_index("loss")
        found = (
            asked.sort("second", "loss")
            .join_asof(heard.sort("second", "place"), on="second", by="mmsi", check_sortedness=False)
            .drop_nulls("place")
        )
        at, place = found["loss"].to_numpy(), found["place"].to_numpy()
        latitude[at] = messages.numbers["latitude"][place]
        longitude[at] = messages.numbers["longitude"][place]
    is_known = ~np.isnan(latitude)
    cells = np.zeros(mmsi.size, np.int64)
    cells[is_known] = h3_cells(latitude[is_known], longitude[is_known], rules.coverage_cell_resolution)
    return losses.select(
        "mmsi", "hour_utc", pl.when(pl.Series(is_known)).then(pl.Series(cells)).alias("h3_res3"), *LOSS_COUNTS
    )
