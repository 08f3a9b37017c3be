"""How the text of one field becomes a value.

A reader takes a field's text and gives the value, or None if the field is empty; text that is no such
value raises `ValueError`. Readers see each distinct text of a block once, so they may be plain Python.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np

from ais_indicators.sources.stamps import ISO, read_stamp

EMPTY_TEXTS: Final = ("", "NA", "N/A", "NULL", "Null", "null", "NaN", "NAN", "nan", "None")
"""What exporters write where there is no value."""

DECIMAL: Final = 10
HEXADECIMAL: Final = 16
"""Bases of whole numbers."""

Reader = Callable[[str], Any]

_NUMBER: Final = re.compile(r"[+-]?((\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?|inf(inity)?|nan)", re.IGNORECASE)
_HEXADECIMAL: Final = re.compile(r"[0-9a-fA-F]{1,13}")
_IMO: Final = re.compile(r"(?:IMO)?[ :]*(\d{1,15})(?:\.0*)?", re.IGNORECASE)
_LARGEST_EXACT: Final = 2**53
_LARGEST_INTEGER: Final = int(np.iinfo(np.int32).max)

_STATUS_CODES: Final = {
    "under way using engine": 0,
    "at anchor": 1,
    "not under command": 2,
    "restricted maneuverability": 3,
    "restricted manoeuvrability": 3,
    "constrained by her draught": 4,
    "constrained by her draft": 4,
    "moored": 5,
    "aground": 6,
    "engaged in fishing": 7,
    "under way sailing": 8,
    "reserved for future use (9)": 9,
    "reserved for future use (10)": 10,
    "power-driven vessel towing astern": 11,
    "power-driven vessel pushing ahead or towing alongside": 12,
    "reserved for future use (13)": 13,
    "ais-sart (active); mob-ais; epirb-ais": 14,
    "undefined": 15,
    "not defined": 15,
}
"""Navigational status of ITU-R M.1371 by the text that NOAA's files of 2015 to 2017 carry."""


def read_text(text: str) -> str | None:
    """Reads a name as broadcast, without the blanks around it."""
    return text.strip() or None


def read_number(text: str) -> float | None:
    """Reads a decimal number.

    >>> read_number(" 12.50 "), read_number("NaN")
    (12.5, None)
    """
    stripped = text.strip()
    if stripped in EMPTY_TEXTS:
        return None
    if _NUMBER.fullmatch(stripped) is None:
        raise ValueError(f"'{text}' is not a number")
    return float(stripped)


def read_long(text: str) -> int | None:
    """Reads a whole number, which may be written as a decimal one.

    >>> read_long("366940480.0")
    366940480
    """
    return _whole(read_number(text), _LARGEST_EXACT)


def read_integer(text: str) -> int | None:
    """Reads a code, which may be written as a decimal number.

    >>> read_integer("70.0")
    70
    """
    return _whole(read_number(text), _LARGEST_INTEGER)


def read_hexadecimal(text: str) -> int | None:
    """Reads a whole number in base 16, such as the 24-bit address of a plane.

    >>> read_hexadecimal("3c6444"), read_hexadecimal("00B0AF "), read_hexadecimal("")
    (3957828, 45231, None)
    """
    stripped = text.strip()
    if stripped in EMPTY_TEXTS:
        return None
    if _HEXADECIMAL.fullmatch(stripped) is None:
        raise ValueError(f"'{text}' is not a hexadecimal number")
    return int(stripped, HEXADECIMAL)


def read_imo_number(text: str) -> int | None:
    """Reads an IMO ship number with or without its letters.

    >>> read_imo_number("IMO9134270"), read_imo_number("9134270"), read_imo_number("")
    (9134270, 9134270, None)
    """
    stripped = text.strip()
    if stripped in EMPTY_TEXTS:
        return None
    match = _IMO.fullmatch(stripped)
    if match is None:
        raise ValueError(f"'{text}' is not an IMO number")
    return int(match[1])


def read_status(text: str) -> int | None:
    """Reads a navigational status, as a code or in words.

    >>> read_status("under way using engine"), read_status("5.0")
    (0, 5)
    """
    code = _STATUS_CODES.get(" ".join(text.lower().split()))
    return read_integer(text) if code is None else code


def read_time(text: str) -> datetime | None:
    """Reads a time in ISO 8601 as `read_stamp` does, taken as UTC where it names no zone.

    >>> str(read_time("2017-01-04 11:39:36"))
    '2017-01-04 11:39:36+00:00'
    """
    stripped = text.strip()
    if stripped in EMPTY_TEXTS:
        return None
    return read_stamp(stripped, ISO, UTC)


def _whole(number: float | None, largest: int) -> int | None:
    """Returns the number as an integer, if it is one and not too large to be exact."""
    if number is None:
        return None
    if not number.is_integer() or abs(number) > largest:
        raise ValueError(f"{number} is not an integer")
    return int(number)
