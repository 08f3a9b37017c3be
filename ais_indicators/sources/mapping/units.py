"""Units of feeds, with the factor that converts each to the unit of a column."""

import math
import re
from functools import cache
from tokenize import TokenError
from typing import Any, Final

import pint

_UNIT: Final = re.compile(r"[A-Za-z0-9 ./*^_-]{1,40}")
_FINEST: Final = 1e-8
"""Least part of a column's unit that a feed may count in. pint takes `nm` for nanometres, so that `nm/h` would
turn every speed to nothing."""

_KNOWN: Final = {("m/s", "knots"): 3600 / 1852}
"""Factors of the shipped layouts, so that reading them builds no registry of units, which takes half a second."""

_UNKNOWN: Final = (
    pint.PintError,
    TokenError,
    SyntaxError,
    ArithmeticError,
    AttributeError,
    TypeError,
    ValueError,
)
"""What pint raises for text that is no unit."""


@cache
def unit_factor(unit: str, column_unit: str) -> float:
    """Returns how many of a column's unit one of the feed's is.

    >>> unit_factor("m", "m"), unit_factor("nautical_mile/hour", "knots"), unit_factor("0.1 knot", "knots")
    (1.0, 1.0, 0.1)
    >>> unit_factor("m/s", "knots") == unit_factor("metre/second", "knots")
    True

    Args:
        unit: As pint writes it, perhaps with a number before it, such as `km/h`, `ft`, `0.1 knot`.
        column_unit: Unit of the contract; words after the first one say in which direction.

    Raises:
        ValueError: There is no such unit, or it measures something else.
    """
    ours = column_unit.split(maxsplit=1)[0]
    if unit == ours:
        return 1.0
    if (unit, ours) in _KNOWN:
        return _KNOWN[unit, ours]
    feed, column = _in_root_units(unit), _in_root_units(ours)
    if feed.units != column.units:
        raise ValueError(f"'{unit}' cannot be converted to {column_unit}")
    factor = float(feed.magnitude / column.magnitude)
    if not math.isfinite(factor) or abs(factor) < _FINEST:
        raise ValueError(f"'{unit}' is {factor:g} {column_unit}, which no feed counts in")
    return factor


@cache
def _registry() -> Any:
    return pint.UnitRegistry()


def _in_root_units(unit: str) -> Any:
    """Returns one of the unit, in metres, seconds and radians."""
    try:
        quantity = _registry().parse_expression(unit) if _UNIT.fullmatch(unit) else None
        if isinstance(quantity, _registry().Quantity):
            return quantity.to_root_units()
    except _UNKNOWN as error:
        raise ValueError(f"'{unit}' is an unknown unit") from error
    raise ValueError(f"'{unit}' is an unknown unit")
