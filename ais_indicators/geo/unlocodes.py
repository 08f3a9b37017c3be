"""Distinguishes port codes that are in UN/LOCODE from codes that only look like them.

UNECE's code list for trade and transport locations, edition 2023-1, reduced to its codes by `docs/reduce_unlocode.py`.
"""

import gzip
import re
from functools import cache
from importlib import resources
from typing import Final

LOCODE: Final = re.compile(r"[A-Z]{2}[A-Z0-9]{3}")
"""The form of a code, without the blank."""
EDITION: Final = "2023-1"
CODES_FILE: Final = "unlocodes.txt.gz"
COUNTRY_LETTERS: Final = 2
PLACE_LETTERS: Final = 3


def is_unlocode(code: str) -> bool:
    """Returns whether a code of five characters, without a blank, is in the list.

    >>> is_unlocode("NLRTM"), is_unlocode("ROTTERDAM"), is_unlocode("NLQQQ")
    (True, False, False)
    """
    return code in read_unlocodes()


@cache
def read_unlocodes() -> frozenset[str]:
    """Returns all codes of the edition: two letters of the country, three of the place."""
    packed = resources.files("ais_indicators.geo").joinpath(CODES_FILE).read_bytes()
    codes: set[str] = set()
    for line in gzip.decompress(packed).decode("ascii").splitlines():
        country, places = line[:COUNTRY_LETTERS], line[COUNTRY_LETTERS:]
        codes.update(
            country + places[start : start + PLACE_LETTERS] for start in range(0, len(places), PLACE_LETTERS)
        )
    return frozenset(codes)
