"""Exports releases in the requested format: as published, as SDMX, or in PortWatch's columns."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import polars as pl

from ais_indicators.contracts.measures import to_observed
from ais_indicators.contracts.model import Contract, load_contract
from ais_indicators.errors import WrongUseError
from ais_indicators.publish.describe.files import write_machine_descriptions
from ais_indicators.publish.files import ExportFormat, data_file_name, export_release, released_tables
from ais_indicators.publish.places import Places
from ais_indicators.publish.portwatch.files import export_portwatch
from ais_indicators.publish.publication import PUBLICATION_FILE, Publication, read_publication
from ais_indicators.publish.sdmx.files import SdmxExport, SdmxFormat, export_sdmx
from ais_indicators.publish.sdmx.rows import ACTION, ACTIONS, changes
from ais_indicators.publish.sdmx.structures import SdmxVersion
from ais_indicators.publish.spreadsheets.dialect import Dialect, find_dialect
from ais_indicators.publish.vintages import contract_rows, export_vintages
from ais_indicators.releasing.export_portwatch import portwatch_tables
from ais_indicators.releasing.export_spreadsheets import convert_csv, export_workbook, write_code_names
from ais_indicators.releasing.known_places import known_places
from ais_indicators.releasing.known_then import Known, served_then
from ais_indicators.rules import Rules
from ais_indicators.settings import Settings

DataFormat = Literal["csv", "parquet", "xlsx", "sdmx-csv", "sdmx-ml", "portwatch"]
CsvReader = Literal["programs", "excel"]


@dataclass(frozen=True)
class Asked:
    """Options of an export.

    Attributes:
        file_format: The format.
        out: Folder to write to.
        since: Release, date or time: export only the changes since then (SDMX).
        sdmx_version: Version of SDMX-ML.
        is_daily: Whether to include daily values (PortWatch).
        is_described: Whether to add machine-readable descriptions of CSV files.
        csv_for: Who reads the CSV files: `programs` (as published) or `excel` (in the dialect of a locale).
        locale: Language and country of the readers of the spreadsheets; None for the publication's language.
    """

    file_format: DataFormat
    out: Path
    since: str | None = None
    sdmx_version: SdmxVersion = "3.0"
    is_daily: bool = False
    is_described: bool = True
    csv_for: CsvReader = "programs"
    locale: str | None = None


@dataclass(frozen=True)
class Exported:
    """Result of an export.

    Attributes:
        files: The files.
        changes: For an update, the numbers of observations to append, replace and delete, by table.
    """

    files: tuple[Path, ...]
    changes: dict[str, dict[str, int]] = field(default_factory=dict)


def export_known(settings: Settings, known: Known, asked: Asked, rules: Rules) -> Exported:
    """Writes releases in a format.

    Raises:
        WrongUseError: A format does not have a requested option, or daily values are not available.
        BadInputError: A file of a release is missing, or `publication.yaml` cannot be used.
    """
    file_format = asked.file_format
    if asked.since is not None and file_format not in ("sdmx-csv", "sdmx-ml"):
        raise WrongUseError("--since is for --format sdmx-csv and sdmx-ml, which can express deletions")
    if asked.is_daily and file_format != "portwatch":
        raise WrongUseError("--daily is for --format portwatch; released tables are weekly")
    if asked.csv_for == "excel" and file_format != "csv":
        raise WrongUseError("--csv-for excel is for --format csv; a workbook of Excel is --format xlsx")
    if asked.locale is not None and asked.csv_for != "excel":
        raise WrongUseError("--locale is for --csv-for excel; all other formats are the same in every locale")
    publication = read_publication(settings.data_dir / PUBLICATION_FILE)
    if file_format == "xlsx":
        return Exported(tuple(export_workbook(known, known_places(settings, known), publication, asked.out)))
    if file_format == "portwatch":
        return _in_portwatch(settings, known, asked, publication, rules)
    if file_format == "sdmx-csv" or file_format == "sdmx-ml":
        return _in_sdmx(settings, known, asked, file_format, publication)
    places = known_places(settings, known)
    if asked.csv_for == "excel":
        return _for_excel(known, asked.out, places, find_dialect(asked.locale or publication.language))
    return _as_published(known, asked, file_format, publication, places, rules)


def _for_excel(known: Known, out: Path, places: Places, dialect: Dialect) -> Exported:
    """Converts a plain export, which is written to a temporary folder."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{out.name}-plain-", dir=out.parent) as scratch:
        plain = Path(scratch) / out.name
        files = [*_plain_files(known, plain, "csv"), write_code_names(known, places, plain)]
        return Exported(tuple(convert_csv(known, places, files, dialect, out)))


def _plain_files(known: Known, out: Path, file_format: ExportFormat) -> list[Path]:
    if known.is_one_week:
        return export_release(known.vintages[0].folder, file_format, out, known.attributions, known.notes)
    return export_vintages(known.vintages, file_format, out, known.attributions, known.notes)


def _as_published(
    known: Known,
    asked: Asked,
    file_format: ExportFormat,
    publication: Publication,
    places: Places,
    rules: Rules,
) -> Exported:
    paths = _plain_files(known, asked.out, file_format)
    if file_format == "csv":
        paths.append(write_code_names(known, places, asked.out))
    tables = released_tables([one.folder for one in known.vintages], file_format)
    contracts = {asked.out / data_file_name(table, "csv"): load_contract(table) for table in tables}
    described = (
        _described(contracts, known, publication, rules)
        if asked.is_described and file_format == "csv"
        else []
    )
    return Exported((*paths, *described))


def _in_portwatch(
    settings: Settings, known: Known, asked: Asked, publication: Publication, rules: Rules
) -> Exported:
    tables = portwatch_tables(settings, known, asked.is_daily, rules)
    paths = export_portwatch(tables, asked.out, known.attributions, known.notes)
    contracts = {asked.out / f"{layout.name}.csv": layout.contract for layout in tables}
    return Exported(
        (*paths, *(_described(contracts, known, publication, rules) if asked.is_described else []))
    )


def _described(
    files: dict[Path, Contract], known: Known, publication: Publication, rules: Rules
) -> list[Path]:
    return write_machine_descriptions(
        files, publication, known.attributions, known.notes, known.published_at, rules
    )


def _in_sdmx(
    settings: Settings, known: Known, asked: Asked, file_format: SdmxFormat, publication: Publication
) -> Exported:
    counts: dict[str, dict[str, int]] = {}
    tables = _tables(settings, known, asked.since, counts)
    export = SdmxExport(
        file_format,
        asked.sdmx_version,
        publication,
        known_places(settings, known),
        known.attributions,
        known.notes,
        known.published_at,
    )
    files = export_sdmx(tables, export, asked.out)
    return Exported(tuple(files), counts)


def _tables(
    settings: Settings, known: Known, since: str | None, counts: dict[str, dict[str, int]]
) -> Iterator[tuple[str, pl.DataFrame]]:
    """Yields one table after the other: all rows, or with their `ACTION` those that differ from an earlier vintage.

    Args:
        settings: Settings of the lake.
        known: The releases.
        since: The earlier time; None for all rows.
        counts: Receives the number of observations of each action, by table.
    """
    before = [] if since is None else served_then(settings, since, known)
    for table in released_tables([one.folder for one in (*known.vintages, *before)], "parquet"):
        rows = to_observed(contract_rows(known.vintages, table), table)
        if since is not None:
            rows = changes(to_observed(contract_rows(before, table), table), rows, table)
            counts[table] = {action: rows.filter(pl.col(ACTION) == action).height for action in ACTIONS}
        yield table, rows
