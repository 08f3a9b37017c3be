"""Messages without a usable position: counted at ingest, and located at the vessel's last position."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from ais_indicators.contracts.row_rules import REJECT_REASONS, SEPARATOR
from ais_indicators.geo.cells import h3_cells
from ais_indicators.io.store import read_parquet
from ais_indicators.pipelines.fold_input import Messages
from ais_indicators.rules import rule
from ais_indicators.units import SECONDS_PER_HOUR

BRONZE_LOSSES: Final = "bronze.position_losses"
NOT_AVAILABLE: Final = frozenset({"latitude_not_available", "longitude_not_available"})
INVALID: Final = frozenset({"latitude_out_of_range", "longitude_out_of_range", "null_island"})
_COUNTS: Final = ("not_available_messages", "invalid_messages")
_SCHEMA: Final[dict[str, Any]] = {
    "mmsi": pl.Int64,
    "hour_utc": pl.Datetime("us", "UTC"),
    **dict.fromkeys(_COUNTS, pl.Int64),
}


def count_losses(rejected: pa.Table) -> pa.Table:
    """Counts rejected position reports that lack only a usable position, by MMSI and hour.

    Args:
        rejected: Rows that the rules of `bronze.ais_messages` rejected.

    Returns:
        Columns of `bronze.position_losses` but for the file's hash and the partitions; a message of which one
        coordinate is not available and the other invalid counts as not available.
    """
    coded = rejected[REJECT_REASONS].combine_chunks().dictionary_encode()
    reasons = [frozenset(label.split(SEPARATOR)) for label in coded.dictionary.to_pylist()]
    kinds = np.array(
        [0 if not of <= NOT_AVAILABLE | INVALID else 1 if of & NOT_AVAILABLE else 2 for of in reasons]
    )
    kind = kinds[coded.indices.to_numpy()] if kinds.size else np.zeros(0, np.int64)
    rows = pa.table(
        {
            "mmsi": rejected["mmsi"],
            "observed_at_utc": pc.floor_temporal(rejected["observed_at_utc"], unit="hour"),
            "not_available_messages": pa.array((kind == 1).astype(np.int64)),
            "invalid_messages": pa.array((kind == 2).astype(np.int64)),  # noqa: PLR2004
        }
    ).filter(pa.array(kind > 0))
    return add_up_losses(rows)


def add_up_losses(rows: pa.Table) -> pa.Table:
    """Adds up counts of one MMSI and hour."""
    key = ["mmsi", "observed_at_utc"]
    added = rows.group_by(key).aggregate([(name, "sum") for name in _COUNTS])
    names = {f"{name}_sum": name for name in _COUNTS}
    named = added.rename_columns([names.get(name, name) for name in added.column_names])
    return named.sort_by([(name, "ascending") for name in key])


def read_losses(locations: Sequence[str]) -> pl.DataFrame:
    """Reads files of `bronze.position_losses` of one bucket-day: counts by MMSI and hour, in this order."""
    columns = ["mmsi", "observed_at_utc", *_COUNTS]
    parts = [pl.DataFrame(read_parquet(location, columns=columns)) for location in locations]
    if not parts:
        return pl.DataFrame(schema=_SCHEMA)
    rows = pl.concat(parts).rename({"observed_at_utc": "hour_utc"}).cast(pl.Schema(_SCHEMA))
    return rows.group_by("mmsi", "hour_utc").agg(pl.col(_COUNTS).sum()).sort("mmsi", "hour_utc")


def locate_losses(losses: pl.DataFrame, messages: Messages | None, memory: Any) -> pl.DataFrame:
    """Adds the cell of the vessel's last position before the end of each hour.

    Args:
        losses: Result of `read_losses`.
        messages: The day's messages with a position in the method's order; None without any.
        memory: Elements of `WHEREABOUTS` by MMSI, before the day.

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
    cells[is_known] = h3_cells(latitude[is_known], longitude[is_known], int(rule("coverage_cell_resolution")))
    return losses.select(
        "mmsi", "hour_utc", pl.when(pl.Series(is_known)).then(pl.Series(cells)).alias("h3_res3"), *_COUNTS
    )
