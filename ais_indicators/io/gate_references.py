"""Versions of the gate file in the lake."""

from dataclasses import dataclass

import pyarrow as pa

from ais_indicators.geo.gate_files import GATES, gates_from_arrow
from ais_indicators.geo.gate_index import GateIndex
from ais_indicators.io.reference_versions import Reference
from ais_indicators.settings import Settings

GATE_VERSIONS = Reference(GATES, "gate_version", "version_sequence", "area_id", "gate version")


@dataclass(frozen=True)
class GateVersion:
    """One loaded version of the gate file.

    Attributes:
        version: Its name.
        sequence: 1 for the first that was loaded, and so on.
        gates: Number of gates.
        areas: Number of areas.
    """

    version: str
    sequence: int
    gates: int
    areas: int


def gate_versions(settings: Settings) -> list[GateVersion]:
    """Returns the loaded versions, oldest first."""
    counted = GATE_VERSIONS.count(settings, ("gate_code", "count_distinct"), ("gate_code", "count"))
    return [GateVersion(*row.values()) for row in counted]


def gate_areas(settings: Settings, version: str) -> pa.Table:
    """Returns the areas of one version, by area number.

    Raises:
        WrongUseError: No such version is loaded.
    """
    return GATE_VERSIONS.rows(settings, version)


def load_gate_index(settings: Settings, version: str) -> GateIndex:
    """Builds the look-up of one version from its stored areas."""
    return GateIndex(gates_from_arrow(gate_areas(settings, version)))
