"""Task `load_ports`: loads a file of port areas as a version in the lake."""

from dataclasses import dataclass

import pyarrow as pa

from ais_indicators.geo.port_files import PortFile, areas_to_arrow, read_port_file
from ais_indicators.geo.tessellation import cover_with_cells
from ais_indicators.io.delta import active_files, open_delta
from ais_indicators.io.reference_versions import NAME_DIGITS, replace_version, sole_file
from ais_indicators.io.references import CELLS, PORTS
from ais_indicators.job import Job
from ais_indicators.settings import Settings


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
    file = read_port_file(sole_file(job.paths, "port"), job.rules)
    name = version or file.sha256[:NAME_DIGITS]

    def write_cells() -> None:
        cells = cover_with_cells(file.areas, job.rules.port_cell_resolution, job.advance, rules=job.rules)
        cells = cells.append_column("port_version", pa.array([name] * cells.num_rows, pa.string()))
        replace_version(settings, CELLS, "port_version", name, cells)

    is_new = PORTS.load(
        settings,
        name,
        lambda sequence: areas_to_arrow(file.areas, name, sequence),
        may_replace=version is None,
        first=write_cells,
    )
    return _summary(settings, name, file, is_new)


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
