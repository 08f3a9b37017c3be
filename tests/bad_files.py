"""Layouts of lines to spoil, and what becomes of the rows of a spoilt file."""

import zipfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ais_indicators.contracts.row_rules import REJECT_REASONS, apply_row_rules
from ais_indicators.errors import BadInputError, ExitCode
from ais_indicators.rules import Rules
from ais_indicators.sources import (
    BRONZE_MESSAGES,
    BRONZE_STATICS,
    inspect,
    plan,
    read_chunk,
)
from ais_indicators.sources.mapping import Mapping
from tests.mappings import DMA_HEADER, DMA_LINE
from tests.subject_rules import SHIP_RULES

NOAA_HEADER = "MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName,IMO,CallSign,VesselType"
NOAA_LINE = (
    "636021061,2023-01-11T00:00:00,26.09241,-80.04806,8.8,272.7,270.0,MSC NAISHA III,IMO9307839,5LCB4,70"
)
SENTENCE = "!AIVDM,1,1,,B,15M67FC000G?ufbE`FepT@3n00Sa,0*5C"
TIMED = f"\\c:1426032001\\{SENTENCE}"
DELIVERED = datetime(2026, 1, 1, tzinfo=UTC)
LONG = 10_000_000
SECONDS = 2.0
"""Most that a line of ten megabytes may take."""


@dataclass(frozen=True)
class Text:
    """A layout of lines: its header, empty for none, and a good line."""

    header: str
    good: str

    def content(self, *lines: str, ending: str = "\n") -> str:
        return ending.join([*filter(None, [self.header]), *lines, ""])


TEXTS = {"noaa": Text(NOAA_HEADER, NOAA_LINE), "nmea": Text("", TIMED), "dma": Text(DMA_HEADER, DMA_LINE)}
TABLES = {name: text for name, text in TEXTS.items() if text.header}
every_text = pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
every_table = pytest.mark.parametrize("text", TABLES.values(), ids=TABLES)


@dataclass(frozen=True)
class Outcome:
    """What became of the rows of a file."""

    accepted: list[dict[str, Any]]
    reasons: Counter[str]
    set_aside: int

    @property
    def rows(self) -> int:
        return len(self.accepted) + self.reasons.total() + self.set_aside


def take(
    path: Path, target_bytes: int = 1 << 26, mappings: Sequence[Mapping] = (), rules: Rules = SHIP_RULES
) -> Outcome:
    """Takes a file as far as the row rules."""
    accepted: list[dict[str, Any]] = []
    reasons: Counter[str] = Counter()
    set_aside = 0
    for chunk in plan(
        inspect(path, mappings, rules=rules), path.parent / "scratch", target_bytes, rules=rules
    ):
        for block in read_chunk(chunk, rules):
            reasons.update(block.unreadable[REJECT_REASONS].to_pylist())
            set_aside += sum(block.set_aside.values())
            for rows, table in ((block.rows, BRONZE_MESSAGES), (block.statics, BRONZE_STATICS)):
                split = apply_row_rules(rows, table, DELIVERED, rules)
                reasons.update(split.rejected[REJECT_REASONS].to_pylist())
                accepted += split.accepted.to_pylist()
    return Outcome(accepted, reasons, set_aside)


def written(folder: Path, content: bytes | str, name: str = "x.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def zipped(folder: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(folder / "x.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return folder / "x.zip"


def refusal(path: Path, rules: Rules = SHIP_RULES) -> str:
    """The sentence with which a file is refused; sees that it is one, names the file, and leaves nothing."""
    with pytest.raises(BadInputError) as caught:
        take(path, rules=rules)
    sentence = str(caught.value)
    assert sentence.startswith(path.name)
    assert sentence.isprintable()
    assert caught.value.exit_code == ExitCode.BAD_INPUT
    assert not [left for left in path.parent.glob("scratch/*") if left.suffix == ".part"]
    return sentence
