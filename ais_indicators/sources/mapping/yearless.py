"""Announced arrivals without their year, as whole numbers MMDDHHmm: from a text, from 20 bits, or from four columns."""

import re
from collections.abc import Sequence
from functools import cache
from typing import Final

import numpy as np

from ais_indicators.sources.instants import Whole

CODE: Final = "mmddhhmm"
PACKED: Final = "eta_20_bits"
"""Four bits of month, five of day, five of hour and six of minute, as AIS sends them in type 5 (ITU-R M.1371)."""

PARTS: Final = ("month", "day", "hour", "minute")
"""What the four columns of an announced arrival hold, in their order."""

_GROUPS: Final = {
    "%m": r"(?P<month>\d\d?)",
    "%d": r"(?P<day>\d\d?)",
    "%H": r"(?P<hour>\d\d?)",
    "%M": r"(?P<minute>\d\d?)",
}
_HUNDRED: Final = 100


def is_yearless(formats: Sequence[str]) -> bool:
    """Returns whether a format names no year.

    >>> is_yearless(["mmddhhmm"]), is_yearless(["%m-%d %H:%M"]), is_yearless(["%Y-%m-%d"])
    (True, True, False)
    """
    return any(one in (CODE, PACKED) or has_parts(one) for one in formats)


def has_parts(form: str) -> bool:
    """Returns whether a format names month, day, hour and minute, each once, and nothing else."""
    return sorted(re.findall(r"%.", form)) == sorted(_GROUPS)


def code_of_text(text: str, form: str) -> int:
    """Reads an arrival by a format without a year; its parts may mean "not available".

    >>> code_of_text("08-21 15:55", "%m-%d %H:%M"), code_of_text("00-00 24:60", "%m-%d %H:%M")
    (8211555, 2460)

    Raises:
        ValueError: It does not fit.
    """
    match = _pattern(form).fullmatch(text)
    if match is None:
        raise ValueError(f"'{text}' does not fit '{form}'")
    month, day, hour, minute = (int(match[part]) for part in PARTS)
    return ((month * _HUNDRED + day) * _HUNDRED + hour) * _HUNDRED + minute


def codes_of_packed(bits: Whole) -> Whole:
    """Takes arrivals of 20 bits apart.

    >>> codes_of_packed(np.array([811520])).tolist()
    [12120800]

    Args:
        bits: The numbers, shape (n,).
    """
    month, day, hour, minute = bits >> 16, bits >> 11 & 31, bits >> 6 & 31, bits & 63
    codes: Whole = ((month * _HUNDRED + day) * _HUNDRED + hour) * _HUNDRED + minute
    return codes


def codes_of_parts(month: Whole, day: Whole, hour: Whole, minute: Whole) -> Whole:
    """Puts the four parts of arrivals together; 0, which is not available, where one has more than two digits."""
    parts = np.stack([month, day, hour, minute])
    inside = ((parts >= 0) & (parts < _HUNDRED)).all(axis=0)
    codes = ((month * _HUNDRED + day) * _HUNDRED + hour) * _HUNDRED + minute
    return np.where(inside, codes, 0)


@cache
def _pattern(form: str) -> re.Pattern[str]:
    pieces = re.findall(r"%.|[^%]", form)
    return re.compile("".join(_GROUPS.get(piece, re.escape(piece)) for piece in pieces))
