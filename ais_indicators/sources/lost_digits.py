"""MMSIs that a spreadsheet wrote as decimal powers: `3.67E+08` names any of a million vessels, so it names none."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from ais_indicators.contracts.row_rules import Mask
from ais_indicators.rules import Rules
from ais_indicators.sources.blocks import unreadable_rows
from ais_indicators.sources.csv_blocks import RawRows

MMSI_LOST_DIGITS: Final = "mmsi_lost_digits"

_MMSI_DIGITS: Final = 9
_POWER: Final = re.compile(r"\s*[+-]?(\d+(?:[.,]\d*)?|[.,]\d+)e[+-]?\d+\s*", re.IGNORECASE)


def has_lost_digits(text: str) -> bool:
    """Returns whether a text is a number with an exponent and fewer than nine significant digits.

    >>> has_lost_digits("3.67E+08"), has_lost_digits("3.67123456E+08"), has_lost_digits("367000000")
    (True, False, False)
    """
    power = _POWER.fullmatch(text)
    return power is not None and len(re.sub(r"\D", "", power[1]).lstrip("0")) < _MMSI_DIGITS


def lost_digits(values: pa.Array | pa.ChunkedArray) -> Mask | None:
    """Finds the rows whose MMSI lost digits; None if no row did, as in a column of numbers.

    Args:
        values: The column of MMSIs as it was read, shape (n,).
    """
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    kind = values.type.value_type if pa.types.is_dictionary(values.type) else values.type
    if pa.types.is_primitive(kind) or pa.types.is_null(kind) or not len(values):
        return None
    coded = values if pa.types.is_dictionary(values.type) else values.dictionary_encode()
    distinct = [_is_lost(text) for text in coded.dictionary.to_pylist()]
    if not any(distinct):
        return None
    lost = pc.fill_null(pa.array(distinct).take(coded.indices), False)
    mask: Mask = lost.to_numpy(zero_copy_only=False)
    return mask if mask.any() else None


def without_lost_digits(raw: RawRows, column: str) -> tuple[RawRows, pa.Table | None]:
    """Takes the rows whose MMSI lost digits out of rows as read.

    Args:
        raw: Rows as read.
        column: Name of the column of MMSIs.

    Returns:
        The other rows, and those taken out, as rows for quarantine; None for no row.
    """
    lost = lost_digits(raw.table[column])
    if lost is None:
        return raw, None
    table = raw.table.filter(pa.array(~lost))
    return replace(raw, table=table, lines=raw.lines[~lost]), quarantined(raw, lost, MMSI_LOST_DIGITS)


def quarantined(raw: RawRows, mask: Mask, reason: str) -> pa.Table:
    """Makes rows for quarantine of rows as read, with their columns that are kept as text.

    Args:
        raw: Rows as read.
        mask: The rows to take, shape (n,).
        reason: Why.
    """
    rows = raw.table.filter(pa.array(mask))
    columns = [[_shown(value) for value in column.to_pylist()] for column in rows.columns]
    shown = [",".join(values) for values in zip(*columns, strict=True)]
    return unreadable_rows(shown, raw.lines[mask], [reason] * len(shown))


def spreadsheet_warning(
    file_name: str, rows_read: int, reasons: Mapping[str, int], rules: Rules
) -> str | None:
    """Returns the sentence that warns of a file most of whose MMSIs lost digits; None if there are fewer.

    >>> spreadsheet_warning("june.csv", 10, {"mmsi_lost_digits": 1}) is None
    True

    Args:
        file_name: The file.
        rows_read: Rows in it.
        reasons: Rows in quarantine by reason.
        rules: Rules of the lake's subject.
    """
    lost = reasons.get(MMSI_LOST_DIGITS, 0)
    if not lost or lost < rules.lost_digits_warning_share * rows_read:
        return None
    return (
        f"{file_name}: {lost:,} of {rows_read:,} rows have an MMSI such as 3.67E+08, as Excel writes long numbers; "
        "their digits are lost. Hand in the file as it was before a spreadsheet saved it, or import that column as text"
    )


def _is_lost(text: str | bytes | None) -> bool:
    if text is None:
        return False
    return has_lost_digits(text.decode(errors="replace") if isinstance(text, bytes) else str(text))


def _shown(value: object) -> str:
    """Returns one value of a row as text, also where it is not UTF-8."""
    if value is None:
        return ""
    return value.decode(errors="backslashreplace") if isinstance(value, bytes) else str(value)
