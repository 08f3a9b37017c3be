"""Versions of the register of ships."""

from dataclasses import dataclass
from typing import Final

from ais_indicators.io.delta import read_rows
from ais_indicators.settings import Settings

VESSELS: Final = "reference.vessels"


@dataclass(frozen=True)
class RegisterVersion:
    """One version.

    Attributes:
        version: Its name.
        sequence: Place in the order of loading.
        vessels: How many ships it holds.
    """

    version: str
    sequence: int
    vessels: int


def register_versions(settings: Settings) -> list[RegisterVersion]:
    """The loaded versions, the oldest first."""
    rows = read_rows(settings, VESSELS, ["register_version", "sequence"])
    counted = rows.group_by(["register_version", "sequence"]).aggregate([([], "count_all")]).to_pylist()
    versions = [RegisterVersion(r["register_version"], r["sequence"], r["count_all"]) for r in counted]
    return sorted(versions, key=lambda version: version.sequence)
