"""The analyst's way in: tables of the lake as lazy frames, without a Spark session."""

from collections.abc import Collection
from pathlib import Path

import polars as pl

from ais_indicators.io.delta import open_delta
from ais_indicators.io.releases import with_standing
from ais_indicators.pipelines.known_then import history_as_of, released_table
from ais_indicators.pipelines.release_revisions import headline_revisions
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


def open_released(
    table: str,
    as_of: str | None = None,
    weeks: Collection[str] | None = None,
    data_dir: Path | str | None = None,
) -> pl.LazyFrame:
    """Opens a released table as it is served, or as it was known at a moment of the past, to the last bit.

    Args:
        table: `gold.port_activity_weekly`, `gold.chokepoint_transits_weekly` or `gold.trade_flows_weekly`.
        as_of: A release (what was known when it was published), a date (at its end, UTC) or a time; None for now.
        weeks: Names of ISO weeks; None for all.
        data_dir: Folder of all state; else `AIS_INDICATORS_DATA_DIR`, else `./data`.

    Returns:
        The published rows, with the release that each is from as `release_id`.

    Raises:
        WrongUseError: The table is not released, or nothing of the weeks was served then.

    Example:
        >>> known = open_released("gold.port_activity_weekly", as_of="2026-11-21")  # doctest: +SKIP
    """
    return released_table(Settings.from_environment(data_dir), table, as_of, weeks)


def releases(as_of: str | None = None, data_dir: Path | str | None = None) -> pl.DataFrame:
    """Lists the releases, the newest last: which are served and which were withdrawn, now or at a moment of the past.

    Args:
        as_of: As for `open_released`.
        data_dir: Likewise.
    """
    rows = with_standing(history_as_of(Settings.from_environment(data_dir), as_of))
    return pl.DataFrame(rows, infer_schema_length=None)


def revisions(
    first: str | None = None, last: str | None = None, data_dir: Path | str | None = None
) -> pl.DataFrame:
    """How far the headline figures moved after they were first published, by weeks of data since.

    Args:
        first: First ISO week; None for all from the beginning.
        last: Last ISO week; None for all to the end.
        data_dir: As for `open_released`.
    """
    return headline_revisions(Settings.from_environment(data_dir), first, last)
