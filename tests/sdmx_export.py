"""Exports the first week of the lake of `tests.release_lake` as SDMX, without a lake."""

import csv
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from ais_indicators.contracts.measures import to_observed
from ais_indicators.publish.places import Places
from ais_indicators.publish.publication import read_publication
from ais_indicators.publish.sdmx.files import SdmxExport, SdmxFormat, export_sdmx
from ais_indicators.publish.sdmx.structures import SdmxVersion
from tests.release_lake import FIRST_ROWS, tables

PLACES = Places(
    {"NLRTM": "Rotterdam & <Europoort>", "WPI10": "Tiny"}, {"NLRTM": "NLD"}, {"suez": "Suez Canal"}
)
PREPARED = datetime(2021, 1, 5, 9, tzinfo=UTC)
ROWS = {table: to_observed(pl.DataFrame(rows), table) for table, rows in tables(FIRST_ROWS).items()}
VERSIONS: tuple[SdmxVersion, ...] = ("3.0", "2.1")


def export(
    folder: Path,
    file_format: SdmxFormat,
    version: SdmxVersion = "3.0",
    rows: Mapping[str, pl.DataFrame] = ROWS,
) -> list[str]:
    """Writes rows; gives the names of the files."""
    asked = SdmxExport(file_format, version, read_publication(), PLACES, ["Office of Coasts"], [], PREPARED)
    return [path.name for path in export_sdmx(rows.items(), asked, folder)]


def sdmx_csv(folder: Path, table: str) -> list[dict[str, str]]:
    with (folder / f"{table.partition('.')[2]}.sdmx.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
