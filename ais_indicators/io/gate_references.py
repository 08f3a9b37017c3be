"""Versions of the gate file in the lake."""

from dataclasses import dataclass

import pyarrow as pa

from ais_indicators.errors import WrongUseError
from ais_indicators.geo.gate_files import GATES, gates_from_arrow
from ais_indicators.geo.gate_index import GateIndex
from ais_indicators.io.delta import read_rows
from ais_indicators.settings import Settings


@dataclass(frozen=True)
class GateVersion:
    """One loaded version of the gate file.

    Attributes:
        version: Its name.
        sequence: 1 for the first that was loaded, and so on.
        gates: How many gates it has.
        areas: How many areas.
    """

    version: str
    sequence: int
    gates: int
    areas: int


def gate_versions(settings: Settings) -> list[GateVersion]:
    """The loaded versions, the oldest first."""
    rows = read_rows(settings, GATES, ["gate_version", "version_sequence", "gate_code"])
    grouped = rows.group_by(["gate_version", "version_sequence"]).aggregate(
        [("gate_code", "count_distinct"), ("gate_code", "count")]
    )
    versions = [
        GateVersion(
            row["gate_version"],
            row["version_sequence"],
            row["gate_code_count_distinct"],
            row["gate_code_count"],
        )
        for row in grouped.to_pylist()
    ]
    return sorted(versions, key=lambda v: v.sequence)


def gate_areas(settings: Settings, version: str) -> pa.Table:
    """The areas of one version, by area number.

    Raises:
        WrongUseError: No such version is loaded.
    """
    rows = read_rows(settings, GATES, filters=[("gate_version", "=", version)]).sort_by("area_id")
    if rows.num_rows == 0:
        known = ", ".join(v.version for v in gate_versions(settings)) or "none"
        raise WrongUseError(f"there is no gate version '{version}'; loaded are: {known}")
    return rows


def load_gate_index(settings: Settings, version: str) -> GateIndex:
    """Builds the look-up of one version from its stored areas."""
    return GateIndex(gates_from_arrow(gate_areas(settings, version)))
