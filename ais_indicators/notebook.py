"""Access for analysts: tables of the lake for Polars, Arrow, pandas or DuckDB, without a Spark session."""

from collections.abc import Collection
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, Literal, get_args, overload

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa

from ais_indicators.contracts.types import arrow_schema
from ais_indicators.errors import WrongUseError
from ais_indicators.io.delta import open_delta
from ais_indicators.io.subject import lake_rules
from ais_indicators.publish.files import RELEASED_TABLES
from ais_indicators.releasing.known_then import history_as_of, released_table
from ais_indicators.releasing.revisions import headline_revisions
from ais_indicators.settings import Settings

Form = Literal["polars", "arrow", "pandas", "duckdb"]
"""Type of the returned table: `pl.LazyFrame`, `pa.Table`, `pd.DataFrame` or `duckdb.DuckDBPyRelation`."""

Moment = str | date | datetime
"""A release, a date (its end, UTC) or a time (UTC unless it gives another offset)."""

_FORMS: Final = get_args(Form)

_LISTED: Final = (
    "release_id",
    "release_sequence",
    "week",
    "published_at_utc",
    "content_sha256",
    "observations",
    "figure_files",
    "newest_week",
    "attributions",
    "overrides",
)
"""Columns of `gold.releases` that a list of releases shows."""


@overload
def open_table(
    table: str,
    version: int | None = None,
    data_dir: Path | str | None = None,
    *,
    as_of: Moment | None = None,
    form: Literal["polars"] = "polars",
) -> pl.LazyFrame: ...
@overload
def open_table(
    table: str,
    version: int | None = None,
    data_dir: Path | str | None = None,
    *,
    as_of: Moment | None = None,
    form: Literal["arrow"],
) -> pa.Table: ...
@overload
def open_table(
    table: str,
    version: int | None = None,
    data_dir: Path | str | None = None,
    *,
    as_of: Moment | None = None,
    form: Literal["pandas"],
) -> pd.DataFrame: ...
@overload
def open_table(
    table: str,
    version: int | None = None,
    data_dir: Path | str | None = None,
    *,
    as_of: Moment | None = None,
    form: Literal["duckdb"],
) -> duckdb.DuckDBPyRelation: ...


def open_table(
    table: str,
    version: int | None = None,
    data_dir: Path | str | None = None,
    *,
    as_of: Moment | None = None,
    form: Form = "polars",
) -> Any:
    """Opens a table as it is now, at a Delta version, or as it was published at a time in the past.

    Args:
        table: `layer.name`, such as `silver.port_calls` or `gold.port_activity_weekly`.
        version: Delta version; None for the current one.
        data_dir: Folder of all state; else `AIS_INDICATORS_DATA_DIR`, else `./data`.
        as_of: A release (what was known when it was published), a date (at its end, UTC) or a time: for each week the
            rows that were served then, exactly. Only released tables support it.
        form: `polars` (a lazy frame) and `duckdb` (a relation) are read when they are collected, and only what is
            needed; `arrow` and `pandas` read the complete table at once.

    Returns:
        The rows; with `as_of`, the column `release_id` holds the release of each row.

    Raises:
        WrongUseError: There is no such table or form, the table is not released, nothing was served then, or both
            `version` and `as_of` are given.

    Example:
        >>> import polars as pl
        >>> calls = open_table("silver.port_calls")  # doctest: +SKIP
        >>> calls.filter(pl.col("port_locode") == "USHOU").collect()  # doctest: +SKIP
        >>> weekly = open_table("gold.port_activity_weekly", as_of="2026-11-21", form="duckdb")  # doctest: +SKIP
        >>> weekly.filter("indicator = 'arrivals'").aggregate("week, sum(value)")  # doctest: +SKIP
    """
    if form not in _FORMS:
        raise WrongUseError(f"unknown form '{form}'; choose {', '.join(_FORMS)}")
    settings = Settings.from_environment(data_dir)
    if as_of is not None:
        return _published(settings, table, version, as_of, form)
    return _stored(settings, table, version, form)


def _stored(settings: Settings, table: str, version: int | None, form: Form) -> Any:
    """Opens a table of the lake as it is now or at a version."""
    opened = open_delta(settings, table, version)
    if form == "polars":
        return pl.scan_delta(opened)
    rows = opened.to_pyarrow_dataset()
    return duckdb.from_arrow(rows) if form == "duckdb" else _read_whole(rows.to_table(), form)


def _published(settings: Settings, table: str, version: int | None, as_of: Moment, form: Form) -> Any:
    if version is not None:
        raise WrongUseError("give version or as_of, not both: a release already has one version")
    if table not in RELEASED_TABLES:
        raise WrongUseError(
            f"'{table}' is not released, so its state as of {as_of} is not recorded; omit as_of, or choose one of "
            f"{', '.join(RELEASED_TABLES)}"
        )
    rows = released_table(settings, table, _moment_text(as_of))
    if form == "polars":
        return rows
    found = rows.collect()
    types = {field.name: field for field in arrow_schema(table)}
    schema = pa.schema([types.get(name, pa.field(name, pa.string())) for name in found.columns])
    whole = found.to_arrow().cast(schema)
    return duckdb.from_arrow(whole) if form == "duckdb" else _read_whole(whole, form)


def _read_whole(rows: pa.Table, form: Form) -> pa.Table | pd.DataFrame:
    return rows.to_pandas() if form == "pandas" else rows


def _moment_text(moment: Moment) -> str:
    return moment if isinstance(moment, str) else moment.isoformat()


def open_released(
    table: str,
    as_of: str | None = None,
    weeks: Collection[str] | None = None,
    data_dir: Path | str | None = None,
) -> pl.LazyFrame:
    """Opens a released table as it is served, or as it was known at a time in the past, exactly.

    Args:
        table: One of those that every release holds, such as `gold.port_activity_weekly`.
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
    """Lists the releases, newest last, with whether they are served or withdrawn, now or at a time in the past.

    Args:
        as_of: As for `open_released`.
        data_dir: As for `open_released`.
    """
    history = history_as_of(Settings.from_environment(data_dir), as_of)
    rows = [
        {name: value for name, value in release.to_row().items() if name in _LISTED}
        | {"status": history.status(release), "is_served": history.is_served(release)}
        for release in history.releases
    ]
    return pl.DataFrame(rows, infer_schema_length=None)


def revisions(
    first: str | None = None, last: str | None = None, data_dir: Path | str | None = None
) -> pl.DataFrame:
    """Returns how far the headline values moved after first publication, by weeks of data since then.

    Args:
        first: First ISO week; None for the first one.
        last: Last ISO week; None for the newest one.
        data_dir: As for `open_released`.
    """
    settings = Settings.from_environment(data_dir)
    return headline_revisions(settings, first, last, rules=lake_rules(settings))
