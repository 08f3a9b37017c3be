"""Task `load_gates`: loads a file of the gates of chokepoints as a version in the lake."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ais_indicators.geo.gate_files import gates_to_arrow, read_gate_file
from ais_indicators.io.gate_references import GATE_VERSIONS
from ais_indicators.io.reference_versions import NAME_DIGITS, sole_file
from ais_indicators.job import Job
from ais_indicators.settings import Settings

PACKAGED_PREFIX: Final = "packaged-"


@dataclass(frozen=True)
class LoadedGates:
    """Result of loading.

    Attributes:
        version: Name of the version.
        is_new: False if the same content existed already.
        gates: How many gates.
        areas: How many areas.
        problems: Shapes that were left out, repaired, or overlap, by name.
    """

    version: str
    is_new: bool
    gates: int
    areas: int
    problems: tuple[str, ...]


def run(job: Job) -> LoadedGates:
    """Loads a gate file (GeoJSON, or none for the packaged gates) as a version.

    Loading the same file again changes nothing. Without a name, the version is named after its content.

    Raises:
        BadInputError: The file cannot be used.
        WrongUseError: More than one file is named, or the version's name belongs to another content.
    """
    return _load(job.settings, sole_file(job.paths, "gate"), job.gate_version)


def last_gate_version(settings: Settings) -> str:
    """Returns the version that was loaded last, for weeks that were never computed.

    A lake without gates gets the packaged ones, under a name that says so.
    """
    versions = GATE_VERSIONS.sequences(settings)
    return list(versions)[-1] if versions else _load(settings, None, None).version


def _load(settings: Settings, path: Path | None, version: str | None) -> LoadedGates:
    file = read_gate_file(path)
    name = version or ("" if path else PACKAGED_PREFIX) + file.sha256[:NAME_DIGITS]
    is_new = GATE_VERSIONS.load(settings, name, lambda sequence: gates_to_arrow(file.areas, name, sequence))
    gates = {area.gate_code for area in file.areas}
    return LoadedGates(name, is_new, len(gates), len(file.areas), file.problems)
