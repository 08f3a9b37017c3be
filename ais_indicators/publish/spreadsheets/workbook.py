"""Writes released tables as one Excel workbook: one sheet per table, one of notes and sources, one of columns."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Final

import polars as pl
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from ais_indicators.contracts.code_names import code_names, decimals_by_unit
from ais_indicators.contracts.model import Column, load_contract
from ais_indicators.publish.files import file_stem
from ais_indicators.publish.places import Places
from ais_indicators.publish.publication import Publication
from ais_indicators.publish.spreadsheets.labels import NAME_SUFFIX, add_names
from ais_indicators.publish.spreadsheets.safe_text import is_formula
from ais_indicators.publish.vintages import Vintage

WORKBOOK: Final = "ais-indicators.xlsx"
NOTES_SHEET: Final = "Notes and sources"
COLUMNS_SHEET: Final = "Columns"
LONGEST_SHEET_NAME: Final = 31
ROWS_PER_SHEET: Final = 1_048_576
"""Limits of Excel's file format."""

_NARROWEST: Final = 9
_WIDEST: Final = 44
_NOTES_WIDTHS: Final = (26, 110)
_UNIT: Final = "unit"
_NUMBERS_BY_DECIMALS: Final = {"0": "#,##0", "1": "#,##0.0", "3": "0.000"}

Cell = str | float | int | bool | datetime | None
"""A cell; None is blank."""


@dataclass(frozen=True)
class WorkbookText:
    """Text of the sheet of notes and sources.

    Attributes:
        publication: Publisher and licence of the values.
        vintages: The releases that the values are from.
        attributions: Texts that the sources require.
        notes: What a reader must know about the values.
        published_at: When the newest of the releases was published.
    """

    publication: Publication
    vintages: Sequence[Vintage]
    attributions: Sequence[str]
    notes: Sequence[str]
    published_at: datetime


def write_workbook(
    tables: Iterable[tuple[str, pl.DataFrame]], places: Places, text: WorkbookText, path: Path
) -> None:
    """Writes a workbook; the same rows and text give the same bytes.

    A table with more rows than a sheet can hold continues in `TABLE (2)`. Numbers have 16 significant digits, one more
    than Excel computes with, and are shown with the decimals of their unit. Text is never a formula or a link.

    Args:
        tables: Rows of released tables in the columns of their contracts; one at a time is in memory.
        places: Names of ports, countries and chokepoints, shown next to the codes.
        text: Text of the first sheet.
        path: File to write.
    """
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"title": text.publication.catalogue_title, "created": text.published_at})
        styles = _Styles(book)
        notes = book.add_worksheet(NOTES_SHEET)
        written = []
        _write_rows(notes, _notes(text), styles, _NOTES_WIDTHS)
        for table, rows in tables:
            written.append(table)
            _write_table(book, table, add_names(rows, table, places), styles)
        _write_columns(book, written, styles)


class _Styles:
    """Formats of cells, made once per workbook."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.heading: Format = book.add_format({"bold": True, "bottom": 1})
        self.wrapped: Format = book.add_format({"text_wrap": True, "valign": "top"})
        self.text: Format = book.add_format({"quote_prefix": True})
        self._numbers = {
            decimals: book.add_format({"num_format": shown})
            for decimals, shown in _NUMBERS_BY_DECIMALS.items()
        }

    def number(self, unit: str | None) -> Format | None:
        """Returns the format of a number by its unit; None if the unit does not define decimals."""
        return self._numbers.get(decimals_by_unit().get(unit or "", ""))


def _notes(text: WorkbookText) -> Iterator[tuple[Cell, ...]]:
    """Lays out the lines of the first sheet: names on the left, texts on the right."""
    publication = text.publication
    yield "Title", publication.catalogue_title
    yield "Publisher", publication.publisher_name
    yield "Page", publication.publisher_homepage
    yield "Contact", publication.contact_email
    yield "Licence", f"{publication.licence_title} ({publication.licence_url})"
    for one in text.vintages:
        yield "Release", f"{one.release_id}, week {one.week}, published {one.published_at:%Y-%m-%d %H:%M} UTC"
    for kind, sentences in (("Source", text.attributions), ("Note", text.notes)):
        for sentence in sentences:
            yield kind, sentence
    for column in ("obs_status", "conf_status"):
        for code, name in code_names(column).items():
            yield column, f"{code}: {name}"


def _write_table(book: xlsxwriter.Workbook, table: str, rows: pl.DataFrame, styles: _Styles) -> None:
    """Writes the sheets of one table; one without rows has a sheet with the names of its columns."""
    columns = [_column(table, name) for name in rows.columns]
    unit_place = rows.columns.index(_UNIT) if _UNIT in rows.columns else None
    widths = _widths(rows)
    for number, start in enumerate(range(0, max(rows.height, 1), ROWS_PER_SHEET - 1), start=1):
        sheet = book.add_worksheet(sheet_name(table, number))
        part = rows.slice(start, ROWS_PER_SHEET - 1)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(part.height, 1), rows.width - 1)
        for place, width in enumerate(widths):
            sheet.set_column(place, place, width)
        for place, name in enumerate(rows.columns):
            sheet.write_string(0, place, name, styles.heading)
        for line, row in enumerate(part.iter_rows(), start=1):
            unit_of_row = row[unit_place] if unit_place is not None else None
            for place, (cell, column) in enumerate(zip(row, columns, strict=True)):
                unit = column.unit if column and column.unit else unit_of_row
                _write_cell(sheet, line, place, cell, unit, styles)


def sheet_name(table: str, number: int = 1) -> str:
    """Names the sheet of a table; further sheets of a long one have a number.

    >>> sheet_name("gold.port_activity_weekly"), sheet_name("gold.port_activity_weekly", 2)
    ('port_activity_weekly', 'port_activity_weekly (2)')
    """
    suffix = f" ({number})" if number > 1 else ""
    return f"{file_stem(table)[: LONGEST_SHEET_NAME - len(suffix)]}{suffix}"


def _column(table: str, name: str) -> Column | None:
    """Returns the contract's column; None for a column of names."""
    contract = load_contract(table)
    return contract.column(name) if name in contract.column_names else None


def _widths(rows: pl.DataFrame) -> list[int]:
    """Returns the width of each column: as its longest text of the first rows, within bounds."""
    longest = rows.head(1000).select(pl.all().cast(pl.String).str.len_chars().max().fill_null(0))
    of_cells = longest.row(0) if longest.height else (0,) * rows.width
    return [
        min(max(len(name) + 2, int(width or 0) + 1, _NARROWEST), _WIDEST)
        for name, width in zip(rows.columns, of_cells, strict=True)
    ]


def _write_cell(
    sheet: Worksheet, line: int, place: int, cell: Cell, unit: str | None, styles: _Styles
) -> None:
    if cell is None:
        return
    if isinstance(cell, bool):
        sheet.write_boolean(line, place, cell)
    elif isinstance(cell, int | float):
        sheet.write_number(line, place, cell, styles.number(unit))
    else:
        text = str(cell)
        sheet.write_string(line, place, text, styles.text if is_formula(text) else None)


def _write_columns(book: xlsxwriter.Workbook, tables: Sequence[str], styles: _Styles) -> None:
    """Writes the meaning of each column of each table."""
    sheet = book.add_worksheet(COLUMNS_SHEET)
    header: tuple[Cell, ...] = ("table", "column", "unit", "description")
    lines = (
        (file_stem(table), column.name, column.unit, column.description)
        for table in tables
        for column in load_contract(table).columns
    )
    last = ((None, f"*{NAME_SUFFIX}", None, "Name of the code in the column before it."),)
    _write_rows(sheet, chain([header], lines, last), styles, (28, 28, 10, 110))


def _write_rows(
    sheet: Worksheet, lines: Iterable[tuple[Cell, ...]], styles: _Styles, widths: Sequence[int]
) -> None:
    """Writes lines of text, wrapped to the width of their columns."""
    for place, width in enumerate(widths):
        sheet.set_column(place, place, width)
    for number, line in enumerate(lines):
        for place, cell in enumerate(line):
            if cell is not None:
                sheet.write_string(number, place, str(cell), styles.wrapped)
