"""Reduces UNECE's code list to the file of codes that the package carries.

Usage: python docs/reduce_unlocode.py FOLDER, where FOLDER holds the parts "2023-1 UNLOCODE CodeListPart1.csv" to 3 of
the edition as UNECE publishes it (https://unece.org/trade/uncefact/unlocode), or as the package pyunlocode carries it.
"""

import csv
import gzip
import sys
from collections import defaultdict
from pathlib import Path
from typing import Final

from ais_indicators.geo.unlocodes import CODES_FILE, EDITION

TARGET: Final = Path(__file__).resolve().parent.parent / "ais_indicators" / "geo" / CODES_FILE
CHANGE, COUNTRY, PLACE = 0, 1, 2
REMOVED: Final = "X"


def codes_by_country(folder: Path) -> dict[str, list[str]]:
    """Reads the places of each country, sorted; those that the edition removes are left out."""
    places: dict[str, set[str]] = defaultdict(set)
    for part in sorted(folder.glob(f"{EDITION} UNLOCODE CodeListPart*.csv")):
        with part.open(encoding="latin-1", newline="") as file:
            for row in csv.reader(file):
                if row[PLACE] and row[CHANGE] != REMOVED:
                    places[row[COUNTRY]].add(row[PLACE])
    return {country: sorted(places[country]) for country in sorted(places)}


def main(folder: Path) -> None:
    """Writes the file: a line a country, its two letters and then its places without anything between."""
    lines = [country + "".join(places) for country, places in codes_by_country(folder).items()]
    TARGET.write_bytes(gzip.compress("\n".join(lines).encode("ascii"), mtime=0))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
