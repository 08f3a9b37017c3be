"""Names of codes: those of `schemas/codes/names.yaml`, one per code of a released column."""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from ais_indicators.repository import find_folder
from ais_indicators.yaml_text import parse_yaml

_FILE: Final = "codes/names.yaml"
_DECIMALS: Final = "decimals_of_unit"
_DESCRIBED: Final = "described"
_SAME_AS: Final = "same_as"
_OF_CODES: Final = (_DECIMALS, _DESCRIBED, _SAME_AS)
"""Lists with further descriptions of codes that are named in other lists."""


@cache
def _lists() -> Mapping[str, Mapping[str, Any]]:
    text = (find_folder("schemas") / _FILE).read_text(encoding="utf-8")
    lists: dict[str, dict[str, Any]] = parse_yaml(text)
    return lists


def code_names(column: str) -> Mapping[str, str]:
    """Returns the name of each code of a column, in the file's order.

    Raises:
        KeyError: The column has no codes with names.

    >>> code_names("freq")["W"]
    'Weekly'
    """
    names: Mapping[str, str] = _lists()[column]
    return names


def named_columns() -> tuple[str, ...]:
    """Returns the columns and components whose codes have names."""
    return tuple(name for name in _lists() if name not in _OF_CODES)


def code_descriptions(column: str) -> Mapping[str, str]:
    """Returns the descriptions of codes of a column in addition to their names; none for most columns."""
    found: Mapping[str, str] = _lists()[_DESCRIBED].get(column, {})
    return found


def same_codes(column: str) -> Mapping[str, tuple[str, ...]]:
    """Returns the codes of standard lists that mean the same as a code of a column, in SDMX's names; mostly none.

    >>> same_codes("adjustment")["N"][0]
    'SDMX:CL_SEASONAL_ADJUST(1.0).N'
    """
    return {code: tuple(of) for code, of in _lists()[_SAME_AS].get(column, {}).items()}


def decimals_by_unit() -> Mapping[str, str]:
    """Returns the number of decimals of a value, by its unit.

    >>> decimals_by_unit()["h"]
    '1'
    """
    decimals: Mapping[str, str] = _lists()[_DECIMALS]
    return decimals
