"""Addresses of inputs on the command line: HOST:PORT, preceded by STATION@ if the station differs."""

import re
from dataclasses import dataclass
from typing import Final

from ais_indicators.errors import WrongUseError

_STATION: Final = re.compile(r"[A-Za-z0-9_-]{1,15}")
"""NMEA 0183 allows 15 characters; a comma, star or backslash would break the tag block."""

_HIGHEST_PORT: Final = 65535


@dataclass(frozen=True)
class Address:
    """Where an input listens or connects to.

    Attributes:
        host: Name or address.
        port: Port; 0 lets the system choose one to listen on.
        station: Station of what arrives there.
    """

    host: str
    port: int
    station: str


def parse_address(text: str, station: str) -> Address:
    """Reads `HOST:PORT` or `STATION@HOST:PORT`.

    Args:
        text: The address; IPv6 in brackets.
        station: Station to use if the address names none.

    Raises:
        WrongUseError: It is not an address, or the station's name does not fit into a tag block.
    """
    name, at, rest = text.rpartition("@")
    host, colon, port = rest.rpartition(":")
    if not (host and colon and port.isdigit() and int(port) <= _HIGHEST_PORT):
        raise WrongUseError(f"{text}: invalid address; write HOST:PORT or STATION@HOST:PORT")
    return Address(host.strip("[]"), int(port), check_station(name if at else station))


def check_station(name: str) -> str:
    """Checks and returns a station's name.

    Raises:
        WrongUseError: It does not fit into a tag block.
    """
    if not is_station(name):
        raise WrongUseError(f"station {name!r}: use 1 to 15 letters, digits, hyphens or underscores")
    return name


def is_station(name: str) -> bool:
    """Returns whether a name fits into a tag block."""
    return _STATION.fullmatch(name) is not None
