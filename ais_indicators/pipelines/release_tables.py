"""The tables of one release and what it rests on, read from its files."""

import json
from pathlib import Path
from typing import Any, Final

import polars as pl
import pyarrow.parquet as pq

from ais_indicators.contracts.model import load_contract
from ais_indicators.contracts.types import arrow_schema
from ais_indicators.io.delta import with_absent_columns
from ais_indicators.io.releases import release_folder
from ais_indicators.publish.files import data_file_name
from ais_indicators.settings import Settings

MANIFEST: Final = "manifest.json"
RULES: Final = "rules.json"


def read_release_table(settings: Settings, release_id: str, table: str) -> pl.DataFrame:
    """The rows of a table in a release; none where the release does not have it.

    Columns that the release was made without hold what the contract says of such rows.
    """
    file = release_folder(settings, release_id) / data_file_name(table, "parquet")
    if not file.is_file():
        return pl.DataFrame(arrow_schema(table).empty_table())
    rows = with_absent_columns(pq.read_table(file), table, load_contract(table).column_names)
    return pl.DataFrame(rows.cast(arrow_schema(table)))


def read_basis(folder: Path, file: str = MANIFEST) -> dict[str, Any]:
    """Reads `manifest.json` or `rules.json` of a release; nothing where an earlier build wrote none."""
    path = folder / file
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return found
