"""Tables whose rows all have one field more than their header: a comma at each row's end, or names of rows."""

import csv
from collections.abc import Sequence
from typing import Final

from ais_indicators.errors import BadInputError

FEWEST_NAMED_ROWS: Final = 3
"""Fewer rows with a field too many are single faults, such as a comma in a destination, and go to quarantine."""


def header_of_rows(file_name: str, header: Sequence[str], lines: bytes, delimiter: str) -> tuple[str, ...]:
    """Returns the header that fits the rows: with an unnamed column for the delimiter at the end of each.

    Args:
        file_name: What to call the file in messages.
        header: Names in the file's first line.
        lines: The first lines after it, the last of them perhaps cut.
        delimiter: Separator of fields.

    Raises:
        BadInputError: Each of several rows has a field that the header does not name, as names of rows are.
    """
    whole = lines[: lines.rfind(b"\n") + 1] or lines
    texts = [line for line in whole.decode("utf-8", "replace").splitlines() if line.strip()]
    rows = list(csv.reader(texts, delimiter=delimiter, quoting=csv.QUOTE_MINIMAL, strict=False))
    if not rows or any(len(row) != len(header) + 1 for row in rows):
        return tuple(header)
    if not any(row[-1].strip() for row in rows):
        return (*header, "")
    if len(rows) < FEWEST_NAMED_ROWS:
        return tuple(header)
    raise BadInputError(
        f"{file_name}: each row has one field more than the header, as if rows had names; write the table without "
        "names of rows (in R: row.names = FALSE), or name that column"
    )


def is_latin_1(line: bytes) -> bool:
    """Returns whether a header is text in a one-byte encoding such as Latin-1, and not in UTF-8."""
    try:
        line.decode("utf-8-sig")
    except UnicodeDecodeError:
        return line.decode("latin-1").strip().isprintable()
    return False
