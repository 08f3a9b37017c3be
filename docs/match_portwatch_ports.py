"""Matches the port numbers of IMF PortWatch to UN/LOCODE and writes the table that the package carries.

Usage: python docs/match_portwatch_ports.py ASSETS UNLOCODE WPI SEAPORTS SEAROUTE, where ASSETS holds
`imf_portid_map.json` and `imf_ports_by_country.json` of the package openbb-imf 1.2.0, UNLOCODE the three parts
"2023-1 UNLOCODE CodeListPart1.csv" to 3 (see `docs/reduce_unlocode.py`), WPI is the World Port Index as CSV, SEAPORTS
`ports.json` of the npm package sea-ports 0.0.9, and SEAROUTE `ports.geojson` of the package searoute 1.6.0.
"""

import csv
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ais_indicators.geo.countries import iso3_of, iso3_of_locode
from ais_indicators.geo.unlocodes import EDITION
from ais_indicators.publish.portwatch.matching import (
    INDEX,
    OTHER,
    UNLOCODE,
    Candidate,
    WatchedPort,
    match_ports,
)
from ais_indicators.publish.portwatch.ports import COLUMNS, PORTS_FILE

TARGET: Final = (
    Path(__file__).resolve().parent.parent / "ais_indicators" / "publish" / "portwatch" / PORTS_FILE
)
CHANGE, COUNTRY, PLACE, NAME, PLAIN_NAME, FUNCTION, POSITION = 0, 1, 2, 3, 4, 6, 10
REMOVED, IS_PORT = "X", "1"
NAMES: Final = ("Main Port Name", "Alternate Port Name")
_POSITION: Final = re.compile(r"(\d{2})(\d{2})([NS]) (\d{3})(\d{2})([EW])")


def read_assets(folder: Path) -> list[WatchedPort]:
    """Reads the ports of PortWatch, the busiest first as the file has them."""
    names = json.loads((folder / "imf_portid_map.json").read_text(encoding="utf-8"))
    countries = json.loads((folder / "imf_ports_by_country.json").read_text(encoding="utf-8"))
    iso3 = {port: country for country, ports in countries.items() for port in ports.split(",")}
    return [WatchedPort(port, name.rpartition(" - ")[0], iso3[port]) for port, name in names.items()]


def read_unlocode(folder: Path) -> Iterator[Candidate]:
    """Reads the places of UN/LOCODE that have the function of a port."""
    for part in sorted(folder.glob(f"{EDITION} UNLOCODE CodeListPart*.csv")):
        with part.open(encoding="latin-1", newline="") as file:
            for row in csv.reader(file):
                country = iso3_of(row[COUNTRY])
                if country and row[PLACE] and row[CHANGE] != REMOVED and row[FUNCTION][:1] == IS_PORT:
                    names = (row[PLAIN_NAME], row[NAME])
                    yield Candidate(
                        row[COUNTRY] + row[PLACE], UNLOCODE, country, names, _degrees(row[POSITION])
                    )


def read_index(path: Path) -> Iterator[Candidate]:
    """Reads the ports of the World Port Index that have a code of UN/LOCODE."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            code = row["UN/LOCODE"].replace(" ", "")
            country = iso3_of_locode(code) or iso3_of(row["Country Code"])
            names = tuple(name for key in NAMES if (name := row[key].strip()))
            if country and code:
                position = (float(row["Latitude"]), float(row["Longitude"]))
                yield Candidate(code, INDEX, country, names, position)


def read_sea_ports(path: Path) -> Iterator[Candidate]:
    """Reads the ports of the package sea-ports, with their other names."""
    for code, row in json.loads(path.read_text(encoding="utf-8")).items():
        east, north = row.get("coordinates") or (None, None)
        names = tuple(str(name) for name in (row["name"], *row.get("alias", ())) if name)
        country = iso3_of_locode(code)
        if country and north is not None and east is not None:
            yield Candidate(code, OTHER, country, names, (float(north), float(east)))


def read_searoute(path: Path) -> Iterator[Candidate]:
    """Reads the ports of the package searoute."""
    for feature in json.loads(path.read_text(encoding="utf-8"))["features"]:
        east, north = feature["geometry"]["coordinates"][:2]
        code, name = feature["properties"]["port"], feature["properties"]["name"]
        country = iso3_of_locode(code) if code else None
        if country and name:
            yield Candidate(code, OTHER, country, (name,), (float(north), float(east)))


def _degrees(text: str) -> tuple[float, float] | None:
    """Reads a position such as `4230N 00131E`."""
    found = _POSITION.fullmatch(text)
    if not found:
        return None
    latitude = int(found[1]) + int(found[2]) / 60
    longitude = int(found[4]) + int(found[5]) / 60
    return latitude * (1 if found[3] == "N" else -1), longitude * (1 if found[6] == "E" else -1)


def main(assets: Path, unlocode: Path, index: Path, sea_ports: Path, searoute: Path) -> None:
    """Writes the table: a line a port of PortWatch, by its number."""
    candidates = [
        *read_unlocode(unlocode),
        *read_index(index),
        *read_sea_ports(sea_ports),
        *read_searoute(searoute),
    ]
    matches = match_ports(read_assets(assets), candidates)
    with TARGET.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for port, match in sorted(matches.items(), key=lambda one: int(one[0].port_id.removeprefix("port"))):
            codes = (match.locode, " ".join(match.others))
            writer.writerow([port.port_id, port.name, port.country_iso3, *codes, match.how])


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
