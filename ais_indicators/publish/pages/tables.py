"""Tables of the pages: rows of formatted cells, with their sort keys."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from ais_indicators.publish.pages.catalogue import NO_BREAK, Catalogue
from ais_indicators.publish.pages.figures import MISSING, NOT_APPLICABLE, NOTHING, SUPPRESSED, Change, Figure

SUPPRESSED_MARK: Final = "c"
MISSING_MARK: Final = ":"
NOTHING_MARK: Final = "\u2013"
"""Marks of official statistics: c confidential, : not available, a dash where there is nothing to measure."""

UNMARKED: Final = "A"


@dataclass(frozen=True)
class Cell:
    """One cell.

    Attributes:
        text: Its text.
        order: Sort key; None: last, in either direction.
        flag: Letter of the status after the text.
        meaning: What a mark or flag means, for screen readers.
        note: Reason, visible to all readers.
    """

    text: str
    order: float | str | None = None
    flag: str = ""
    meaning: str = ""
    note: str = ""


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        title: Its header.
        is_number: Whether it is right-aligned and sorted by size.
        has_choice: Whether rows can be filtered by its values.
        is_under: Whether it moves under the header of each row on narrow pages.
    """

    title: str
    is_number: bool = True
    has_choice: bool = False
    is_under: bool = False


@dataclass(frozen=True)
class Table:
    """One table.

    Attributes:
        name: Identifier on the page.
        caption: What it shows.
        columns: Its columns; the first is the header of each row.
        rows: Its rows.
        can_sort: Whether its headers are buttons, if scripts run.
        search: Label of the search field; empty without one.
    """

    name: str
    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    can_sort: bool = False
    search: str = ""

    @property
    def under(self) -> int | None:
        """Returns the place of the column that moves under the header of each row; None without one."""
        return next((place for place, column in enumerate(self.columns) if column.is_under), None)

    def choices(self, column: int) -> list[str]:
        """Returns a column's distinct values, sorted."""
        return sorted({row[column].text for row in self.rows} - {""})


def text_cell(text: str) -> Cell:
    """Makes a cell of words."""
    return Cell(text, text or None)


def figure_cell(words: Catalogue, figure: Figure | None, usual: str = UNMARKED) -> Cell:
    """Makes a cell with the flag of the value's status, unless it is the usual one; a mark if there is no value.

    Args:
        words: The language.
        figure: The value; None if there was nothing to measure.
        usual: The status that the page states for all values without a flag.
    """
    if figure is None or figure.status in (NOTHING, NOT_APPLICABLE):
        return nothing_cell(words)
    if figure.value is None:
        return blank_cell(words, figure.status)
    flag, meaning = flag_of(words, figure.status, usual)
    text = words.amount(figure.value, figure.unit, figure.low, figure.high)
    return Cell(text, figure.value, flag, meaning)


def reasoned_cell(words: Catalogue, figure: Figure, usual: str = UNMARKED) -> Cell:
    """Makes a cell as `figure_cell` does, with the reason of its status if one is published."""
    cell = figure_cell(words, figure, usual)
    return replace(cell, note=words.name("status_reason", figure.reason)) if figure.reason else cell


def nothing_cell(words: Catalogue) -> Cell:
    """Returns the mark for nothing: no ship, nothing to measure."""
    return Cell(NOTHING_MARK, None, "", words.text("nothing to measure"))


def blank_cell(words: Catalogue, status: str) -> Cell:
    """Returns the mark of a missing value, which is not zero."""
    mark = SUPPRESSED_MARK if status == SUPPRESSED else MISSING_MARK
    known = status if status in (SUPPRESSED, MISSING) else MISSING
    return Cell(mark, None, "", words.name("obs_status", known))


def change_cell(words: Catalogue, change: Change | None, decimals: int = 0) -> Cell:
    """Formats the difference from an earlier value, in its own unit."""
    if change is None:
        return Cell(MISSING_MARK, None, "", words.name("obs_status", MISSING))
    return Cell(words.change(change.difference, decimals), change.difference)


def flag_of(words: Catalogue, status: str, usual: str = UNMARKED) -> tuple[str, str]:
    """Returns letter and meaning of a status; empty for the usual one and for final."""
    if status in (usual, UNMARKED):
        return "", ""
    return status.lower(), words.name("obs_status", status)


def flagged(cell: Cell) -> str:
    """Formats a cell as one text."""
    return f"{cell.text}{NO_BREAK}{cell.flag}" if cell.flag else cell.text
