"""Prevents spreadsheet programs from running text as a formula.

Excel, LibreOffice and others treat a cell of a CSV file as a formula if it begins with `=`, `+`, `-`, `@`, a tab or a
carriage return. An apostrophe in front makes it text. Numbers are not text and stay unchanged.
"""

from typing import Final

import polars as pl

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
"""First characters of text that a spreadsheet would run (OWASP, CSV injection)."""

_PATTERN: Final = r"^[=+\-@\t\r]"


def is_formula(text: str) -> bool:
    """Returns whether a spreadsheet program would take the text of a CSV cell as a formula.

    >>> is_formula("=1+1"), is_formula("1-1")
    (True, False)
    """
    return text.startswith(FORMULA_STARTS)


def neutralise(rows: pl.DataFrame) -> pl.DataFrame:
    """Puts an apostrophe in front of each text that a spreadsheet program would take as a formula.

    Args:
        rows: Any rows; only columns of text can change.

    Returns:
        The same rows and columns.
    """
    text = pl.col(pl.String)
    safe = pl.when(text.str.contains(_PATTERN)).then(pl.lit("'") + text).otherwise(text)
    return rows.with_columns(safe.name.keep())
