"""Countries by their codes of ISO 3166-1, and the country of a port's code."""

import logging
import re
from collections.abc import Iterable
from functools import cache
from typing import Any, Final

from ais_indicators.geo.unlocodes import is_unlocode

ISO3: Final = re.compile(r"[A-Z]{3}")


@cache
def iso3_of(code_or_name: str) -> str | None:
    """Returns ISO3 code of a two-letter code or a country's name, if it is one."""
    logging.getLogger("country_converter").setLevel(logging.CRITICAL)  # an unknown name is reported by us
    found = _countries().convert(code_or_name, to="ISO3", not_found="")
    return found if isinstance(found, str) and ISO3.fullmatch(found) else None


def iso3_of_locode(code: str) -> str | None:
    """Returns the ISO3 country code of a UN/LOCODE; ROTTERDAM is not one, so its RO is not Romania."""
    return iso3_of(code[:2]) if is_unlocode(code) else None


def country_names(codes: Iterable[str]) -> dict[str, str]:
    """Returns short English name of each ISO3 code, sorted by code; an unknown code is its own name."""
    table = _countries().data
    known = dict(zip(table["ISO3"], table["name_short"], strict=True))
    return {code: known.get(code, code) for code in sorted(codes)}


@cache
def all_country_names() -> dict[str, str]:
    """Returns short English name of each country by its ISO3 code, sorted by code."""
    return country_names(code for code in _countries().data["ISO3"] if ISO3.fullmatch(str(code)))


@cache
def _countries() -> Any:
    import country_converter  # noqa: PLC0415 - it loads pandas, which workers have no need of

    return country_converter.CountryConverter()
