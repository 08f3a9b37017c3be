"""Exports releases for spreadsheet programs: a workbook, CSV of a locale, and the names of all codes."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import polars as pl

from ais_indicators.publish.files import data_file_name, released_tables, staged_folder, write_csv
from ais_indicators.publish.places import Places
from ais_indicators.publish.publication import Publication
from ais_indicators.publish.spreadsheets.dialect import Dialect, write_spreadsheet_csv
from ais_indicators.publish.spreadsheets.labels import add_names, coded_columns, list_codes
from ais_indicators.publish.spreadsheets.safe_text import neutralise
from ais_indicators.publish.spreadsheets.workbook import WORKBOOK, WorkbookText, write_workbook
from ais_indicators.publish.vintages import contract_rows, released_rows
from ais_indicators.releasing.known_then import Known

CODES: Final = "codes.csv"


def write_code_names(known: Known, places: Places, out: Path) -> Path:
    """Writes the name of each code of some releases, next to their CSV files.

    Args:
        known: The releases.
        places: Names of ports, countries and chokepoints.
        out: Folder of the CSV files.

    Returns:
        The file: `column`, `code`, `name`.
    """
    tables = released_tables([one.folder for one in known.vintages], "parquet")
    used = {table: _used_codes(known, table) for table in tables}
    with staged_folder(out) as staged:
        write_csv(neutralise(list_codes(used, places)).to_arrow(), staged / CODES)
    return out / CODES


def export_workbook(known: Known, places: Places, publication: Publication, out: Path) -> list[Path]:
    """Writes releases as one Excel workbook.

    Args:
        known: The releases; all weeks of a table are on one sheet.
        places: Names of ports, countries and chokepoints.
        publication: Who publishes them.
        out: Folder to write to, made when missing.

    Returns:
        The workbook.
    """
    text = WorkbookText(publication, known.vintages, known.attributions, known.notes, known.published_at)
    with staged_folder(out) as staged:
        write_workbook(_tables(known), places, text, staged / WORKBOOK)
    return [out / WORKBOOK]


def convert_csv(
    known: Known, places: Places, files: Sequence[Path], dialect: Dialect, out: Path
) -> list[Path]:
    """Writes exported CSV files as spreadsheet programs of a locale read them, with names next to the codes.

    Args:
        known: The releases that were exported.
        places: Names of ports, countries and chokepoints.
        files: The CSV files of the export: data, columns, sources, notes, codes, list of releases.
        dialect: Separator and decimal mark.
        out: Folder to write to, made when missing; not the one of the files.

    Returns:
        The files written, with the names of those that were given.
    """
    folders = [one.folder for one in known.vintages]
    data = {data_file_name(table, "csv"): table for table in released_tables(folders, "csv")}
    with staged_folder(out) as staged:
        for path in files:
            if table := data.get(path.name):
                rows = add_names(contract_rows(known.vintages, table), table, places)
            else:
                rows = pl.read_csv(path, infer_schema=False)
            write_spreadsheet_csv(rows, staged / path.name, dialect)
    return [out / path.name for path in files]


def _used_codes(known: Known, table: str) -> pl.DataFrame:
    """Returns each combination of codes in the rows of a table, without columns that older releases do not have."""
    rows = released_rows(known.vintages, table)
    names = set(rows.collect_schema().names())
    return rows.select(name for name in coded_columns(table) if name in names).unique().collect()


def _tables(known: Known) -> Iterator[tuple[str, pl.DataFrame]]:
    for table in released_tables([one.folder for one in known.vintages], "parquet"):
        yield table, contract_rows(known.vintages, table)
