"""Task `load_ports`: loads a file of port areas as a version in the lake."""

from dataclasses import dataclass

import pyarrow as pa

from ais_indicators.errors import WrongUseError
from ais_indicators.geo.port_files import PortFile, areas_to_arrow, read_port_file
from ais_indicators.geo.tessellation import cover_with_cells
from ais_indicators.io.delta import active_files, commit, open_delta, read_rows
from ais_indicators.io.references import AREAS, CELLS, port_versions
from ais_indicators.io.staging import stage_by_partition
from ais_indicators.io.store import table_folder
from ais_indicators.pipelines.job import Job
from ais_indicators.rules import rule
from ais_indicators.settings import Settings

HASH_DIGITS = 12


@dataclass(frozen=True)
class LoadedPorts:
    """Result of loading.

    Attributes:
        version: Name of the version.
        is_new: False if the same content existed already.
        ports: How many ports.
        areas: How many areas.
        cells: How many H3 cells they touch.
        problems: Shapes that were left out, repaired, or overlap, by name.
    """

    version: str
    is_new: bool
    ports: int
    areas: int
    cells: int
    problems: tuple[str, ...]


def run(job: Job) -> LoadedPorts:
    """Loads a port file (GeoJSON, World Port Index CSV, or none for the default list) as a version.

    Loading the same file again changes nothing. Without a name, the version is named after its content.

    Raises:
        BadInputError: The file cannot be used.
        WrongUseError: More than one file is named, or the version's name belongs to another content.
    """
    settings, version = job.settings, job.port_version
    if len(job.paths) > 1:
        raise WrongUseError("one version is made from one port file; name one file")
    path = job.paths[0] if job.paths else None
    file = read_port_file(path)
    name = version or file.sha256[:HASH_DIGITS]
    known = {v.version: v for v in port_versions(settings)}
    sequence = (
        known[name].sequence if name in known else 1 + max((v.sequence for v in known.values()), default=0)
    )
    areas = areas_to_arrow(file.areas, name, sequence)
    if name in known and _is_same(settings, name, areas):
        return _summary(settings, name, file, is_new=False)
    if name in known and (version is not None):
        raise WrongUseError(f"port version '{name}' is loaded with another content; choose another --version")
    cells = cover_with_cells(file.areas, int(rule("port_cell_resolution")), job.advance)
    cells = cells.append_column("port_version", pa.array([name] * cells.num_rows, pa.string()))
    _replace(settings, CELLS, cells, name)
    _replace(settings, AREAS, areas, name)
    return _summary(settings, name, file, is_new=True)


def _is_same(settings: Settings, name: str, areas: pa.Table) -> bool:
    stored = read_rows(settings, AREAS, areas.column_names, filters=[("port_version", "=", name)])
    stored = stored.select(areas.column_names)
    return bool(stored.sort_by("area_id").cast(areas.schema).equals(areas.sort_by("area_id")))


def _replace(settings: Settings, table: str, rows: pa.Table, name: str) -> None:
    staged = stage_by_partition(table_folder(settings, table), table, rows, f"ports-{name}")
    gone = [f for f in active_files(open_delta(settings, table)) if f.partition["port_version"] == name]
    commit(settings, table, staged, gone)


def _summary(settings: Settings, name: str, file: PortFile, is_new: bool) -> LoadedPorts:
    files = active_files(open_delta(settings, CELLS))
    return LoadedPorts(
        version=name,
        is_new=is_new,
        ports=len({area.port_locode for area in file.areas}),
        areas=len(file.areas),
        cells=sum(f.rows for f in files if f.partition["port_version"] == name),
        problems=file.problems,
    )
