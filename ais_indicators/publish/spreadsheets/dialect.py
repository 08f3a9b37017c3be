"""Writes CSV files as the spreadsheet program of a country reads them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl
from babel import Locale, UnknownLocaleError
from babel.numbers import get_decimal_symbol

from ais_indicators.errors import WrongUseError
from ais_indicators.publish.spreadsheets.safe_text import neutralise

_COMMA: Final = ","


@dataclass(frozen=True)
class Dialect:
    """How a spreadsheet program reads CSV.

    Attributes:
        separator: Character between columns.
        has_decimal_comma: Whether decimals follow a comma; else they follow a point.
    """

    separator: str
    has_decimal_comma: bool


def find_dialect(locale: str) -> Dialect:
    """Finds how spreadsheet programs of a locale read CSV: a semicolon between columns if decimals have a comma.

    Args:
        locale: Language and, if it matters, country: `de`, `en-GB`, `fr_CA`.

    Raises:
        WrongUseError: The locale is not known.

    >>> find_dialect("de"), find_dialect("en-GB").separator
    (Dialect(separator=';', has_decimal_comma=True), ',')
    """
    try:
        parsed = Locale.parse(locale.replace("-", "_"))
    except (ValueError, UnknownLocaleError) as error:
        raise WrongUseError(
            f"unknown locale '{locale}'; write language and country, such as en-GB, de-DE or fr-FR"
        ) from error
    has_comma = get_decimal_symbol(parsed, numbering_system="latn") == _COMMA
    return Dialect(";" if has_comma else _COMMA, has_comma)


def write_spreadsheet_csv(rows: pl.DataFrame, path: Path, dialect: Dialect) -> None:
    """Writes UTF-8 with a byte order mark, CRLF line ends, no thousands separators, and no text that is a formula.

    Args:
        rows: The rows.
        path: File to write.
        dialect: Separator and decimal mark.
    """
    neutralise(rows).write_csv(
        path,
        include_bom=True,
        separator=dialect.separator,
        decimal_comma=dialect.has_decimal_comma,
        line_terminator="\r\n",
    )
