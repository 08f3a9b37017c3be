"""Task `load_gates`: loads a file of the gates of chokepoints as a version in the lake."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ais_indicators.errors import WrongUseError
from ais_indicators.geo.gate_files import GATES, GateFile, gates_to_arrow, read_gate_file
from ais_indicators.io.delta import commit
from ais_indicators.io.gate_references import gate_areas, gate_versions
from ais_indicators.io.staging import stage_by_partition
from ais_indicators.io.store import table_folder
from ais_indicators.pipelines.job import Job
from ais_indicators.settings import Settings

HASH_DIGITS: Final = 12
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
    if len(job.paths) > 1:
        raise WrongUseError("one version is made from one gate file; name one file")
    return _load(job.settings, job.paths[0] if job.paths else None, job.gate_version)


def last_gate_version(settings: Settings) -> str:
    """Returns the version that was loaded last, for weeks that were never computed.

    A lake without gates gets the packaged ones, under a name that says so.
    """
    versions = gate_versions(settings)
    return versions[-1].version if versions else _load(settings, None, None).version


def _load(settings: Settings, path: Path | None, version: str | None) -> LoadedGates:
    file = read_gate_file(path)
    name = version or ("" if path else PACKAGED_PREFIX) + file.sha256[:HASH_DIGITS]
    known = {v.version: v.sequence for v in gate_versions(settings)}
    rows = gates_to_arrow(file.areas, name, known.get(name, 1 + max(known.values(), default=0)))
    if name in known:
        if not gate_areas(settings, name).cast(rows.schema).equals(rows.sort_by("area_id")):
            raise WrongUseError(
                f"gate version '{name}' is loaded with another content; choose another --version"
            )
        return _summary(name, file, is_new=False)
    commit(settings, GATES, stage_by_partition(table_folder(settings, GATES), GATES, rows, f"gates-{name}"))
    return _summary(name, file, is_new=True)


def _summary(name: str, file: GateFile, is_new: bool) -> LoadedGates:
    gates = {area.gate_code for area in file.areas}
    return LoadedGates(name, is_new, len(gates), len(file.areas), file.problems)
