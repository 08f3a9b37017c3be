"""Tables of one release and their provenance, read from its files."""

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any, Final

import polars as pl
import pyarrow.parquet as pq

from ais_indicators.contracts.model import load_contract
from ais_indicators.contracts.types import arrow_schema
from ais_indicators.io.earlier_rows import with_absent_columns
from ais_indicators.publish.files import data_file_name
from ais_indicators.releasing.history import release_folder
from ais_indicators.settings import Settings

MANIFEST: Final = "manifest.json"
RULES: Final = "rules.json"


def read_release_table(settings: Settings, release_id: str, table: str) -> pl.DataFrame:
    """Returns the rows of a table in a release; none if the release does not have it.

    Columns that the release was made without hold the contract's value for such rows.
    """
    file = release_folder(settings, release_id) / data_file_name(table, "parquet")
    if not file.is_file():
        return pl.DataFrame(arrow_schema(table).empty_table())
    rows = with_absent_columns(pq.read_table(file), table, load_contract(table).column_names)
    return pl.DataFrame(rows.cast(arrow_schema(table)))


def recorded_columns(settings: Settings, release_id: str, table: str) -> tuple[str, ...]:
    """Lists the columns that a release recorded of a table; none if it does not have the table."""
    file = release_folder(settings, release_id) / data_file_name(table, "parquet")
    return tuple(pq.read_schema(file).names) if file.is_file() else ()


def as_recorded(rows: pl.DataFrame, table: str, columns: Collection[str]) -> pl.DataFrame:
    """Removes from rows what a release of an earlier build could not record.

    Args:
        rows: Rows of a released table.
        table: The table.
        columns: What the release recorded of the table; without any, no row is left.
    """
    if not columns:
        return rows.clear()
    unknown = [
        one.name for one in load_contract(table).columns if one.name not in columns and one.absent is None
    ]
    return rows.with_columns(pl.lit(None).cast(rows.schema[name]).alias(name) for name in unknown)


def read_basis(folder: Path, file: str = MANIFEST) -> dict[str, Any]:
    """Reads `manifest.json` or `rules.json` of a release; empty if an earlier build wrote none."""
    path = folder / file
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return found
