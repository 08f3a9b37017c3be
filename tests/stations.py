"""Sentences and a clock for the tests of `receive`."""

import gzip
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyais

from ais_indicators.receive.lines import checksum

MOORED = b"!AIVDM,1,1,,B,15M67FC000G?ufbE`FepT@3n00Sa,0*5C"
SAILING = b"!AIVDM,1,1,,A,13`fL1PP140KCELMBO7SS?wH0@Jv,0*50"
FRAGMENTS = (
    b"!AIVDM,2,1,1,A,55?MbV02;H;s<HtKR20EHE:0@T4@Dn2222222216L961O5Gf0NSQEp6ClRp8,0*1C",
    b"!AIVDM,2,2,1,A,88888888880,2*25",
)
NOON = 1_795_000_000.0
"""Some time in 2026, in seconds since 1970."""


@dataclass
class Clock:
    """A clock that a test sets; `wall` and `steady` are what `ReceptionClock` asks for."""

    utc: float = NOON
    seconds: float = 1000.0

    def wall(self) -> float:
        return self.utc

    def steady(self) -> float:
        return self.seconds

    def pass_seconds(self, seconds: float) -> None:
        self.utc += seconds
        self.seconds += seconds


def block(content: str) -> bytes:
    """A tag block with its checksum."""
    return b"\\%s*%02X\\" % (content.encode(), checksum(content.encode()))


def base_station(time: datetime) -> bytes:
    """A report of a base station (type 4)."""
    fields: dict[str, str | int | float | bytes | bool] = {
        "type": 4, "mmsi": 2655185, "year": time.year, "month": time.month, "day": time.day, "hour": time.hour,
        "minute": time.minute, "second": time.second, "lon": 11.8, "lat": 57.6,
    }  # fmt: skip
    (sentence,) = pyais.encode_dict(fields, talker_id="AI", sentence_type="VDM")
    return str(sentence).encode()


def delivered(inbox: Path) -> list[bytes]:
    """All lines of the parts in an inbox, by the order of their names."""
    parts = sorted(inbox.glob("receive-*.nmea.gz"))
    return [line for part in parts for line in gzip.decompress(part.read_bytes()).splitlines()]


def heartbeats(inbox: Path) -> list[dict[str, str]]:
    """All rows of the heartbeats in an inbox."""
    rows = []
    for path in sorted(inbox.glob("receive-*.heartbeat.csv.gz")):
        header, *lines = gzip.decompress(path.read_bytes()).decode().splitlines()
        rows += [dict(zip(header.split(","), line.split(","), strict=True)) for line in lines]
    return rows
