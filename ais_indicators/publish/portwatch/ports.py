"""PortWatch's own numbers and names of ports, by UN/LOCODE.

The table has the ports of IMF PortWatch (https:

portwatch.imf.org, sources: UN Global Platform; IMF PortWatch): number, name and country as the package openbb-imf 1.2.0
lists them (assets `imf_portid_map.json` and `imf_ports_by_country.json`), which are facts. The codes are ours,
determined by `docs/match_portwatch_ports.py`.
"""

import csv
from collections.abc import Iterable
from functools import cache
from importlib import resources
from typing import Final, NamedTuple

PORTS_FILE: Final = "ports.csv"
COLUMNS: Final = ("portid", "portname", "ISO3", "port_locode", "other_locodes", "matched_by")


class NumberedPort(NamedTuple):
    """A port of PortWatch as in the table.

    Attributes:
        port_id: Its number: `port1201`.
        name: Its name at PortWatch.
        country_iso3: Its country, ISO 3166-1 alpha-3.
        locode: Its UN/LOCODE; empty if it is not matched.
        other_locodes: Further codes of the same place.
        how: How the code was found, or why it was not.
    """

    port_id: str
    name: str
    country_iso3: str
    locode: str
    other_locodes: tuple[str, ...]
    how: str


@cache
def numbered_ports() -> tuple[NumberedPort, ...]:
    """Reads all ports of PortWatch in the order of their numbers."""
    text = resources.files("ais_indicators.publish.portwatch").joinpath(PORTS_FILE).read_text("utf-8")
    rows = list(csv.reader(text.splitlines()))[1:]
    return tuple(
        NumberedPort(number, name, country, code, tuple(others.split()), how)
        for number, name, country, code, others, how in rows
    )


def numbers_of(codes: Iterable[str]) -> dict[str, NumberedPort]:
    """Returns the port of PortWatch of each code that has one, and no port for two codes.

    >>> numbers_of(["SGSIN", "XXAAA"])["SGSIN"].port_id
    'port1201'
    """
    wanted = set(codes)
    found: dict[str, NumberedPort] = {}
    for port in numbered_ports():
        first = next((code for code in (port.locode, *port.other_locodes) if code in wanted), None)
        if first is not None:
            found[first] = port
    return found
