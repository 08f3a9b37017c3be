"""What codes mean to people: the names of `schemas/codes/names.yaml`, one a code of a released column."""

from collections.abc import Mapping
from functools import cache
from typing import Final

from ais_indicators.repository import find_folder
from ais_indicators.yaml_text import parse_yaml

_FILE: Final = "codes/names.yaml"
_DECIMALS: Final = "decimals_of_unit"


@cache
def _lists() -> Mapping[str, Mapping[str, str]]:
    text = (find_folder("schemas") / _FILE).read_text(encoding="utf-8")
    lists: dict[str, dict[str, str]] = parse_yaml(text)
    return lists


def code_names(column: str) -> Mapping[str, str]:
    """The name of each code of a column, in the file's order.

    Raises:
        KeyError: The column has no codes with names.

    >>> code_names("freq")["W"]
    'Weekly'
    """
    return _lists()[column]


def named_columns() -> tuple[str, ...]:
    """Columns and components whose codes have names."""
    return tuple(name for name in _lists() if name != _DECIMALS)


def decimals_by_unit() -> Mapping[str, str]:
    """How many decimals a value is shown with, by its unit.

    >>> decimals_by_unit()["h"]
    '1'
    """
    return _lists()[_DECIMALS]
