"""The analyst's way in: tables of the lake as lazy frames, without a Spark session."""

from pathlib import Path

import polars as pl

from ais_indicators.io.delta import open_delta
from ais_indicators.settings import Settings


def open_table(table: str, version: int | None = None, data_dir: Path | str | None = None) -> pl.LazyFrame:
    """Opens a Delta table lazily: nothing is read until `.collect()`, and then only what is asked for.

    Args:
        table: `layer.name`, such as `silver.port_calls` or `gold.port_activity_weekly`.
        version: Delta version; None for the current one.
        data_dir: Folder of all state; else `AIS_INDICATORS_DATA_DIR`, else `./data`.

    Raises:
        WrongUseError: There is no such table.

    Example:
        >>> import polars as pl
        >>> calls = open_table("silver.port_calls")  # doctest: +SKIP
        >>> calls.filter(pl.col("port_locode") == "USHOU").collect()  # doctest: +SKIP
    """
    return pl.scan_delta(open_delta(Settings.from_environment(data_dir), table, version))
