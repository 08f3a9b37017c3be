"""Task `derive_ports`: derives berths and anchorages from where ships stopped, as a file to edit and load.

It needs no Spark: each file of `silver.positions` (one day of one ship bucket) is read once, six columns of it, and
reduced to the time that each ship stopped in each cell. Only those sums are kept, so the memory is that of one file and
of the pairs of ship and cell, and does not grow with the weeks. The parts of a stay over midnight count separately,
because a file ends with its day.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from ais_indicators.errors import WrongUseError
from ais_indicators.geo.port_derivation import DerivedArea, derive_areas
from ais_indicators.geo.port_files import PortArea, areas_from_arrow
from ais_indicators.geo.port_geojson import Feature, feature_of, geojson_text
from ais_indicators.geo.stays import FIX_COLUMNS, add_up, cell_ships
from ais_indicators.io.delta import active_files, open_delta, read_file
from ais_indicators.io.references import last_port_version, port_areas
from ais_indicators.io.staging import TableFile
from ais_indicators.job import Job
from ais_indicators.periods import Period
from ais_indicators.rules import Rules, load_rules

POSITIONS = "silver.positions"
DECIMALS = 1


@dataclass(frozen=True)
class DerivedPorts:
    """Derived port areas and the file written.

    Attributes:
        path: The file.
        period: The weeks that it is made from.
        port_version: Version of the ports that gave the names, and whose areas the file repeats.
        ports: How many ports have a new area.
        berths: How many new berths.
        anchorages: How many new anchorages.
        sparse_cells: H3 cells in which ships lay, but too few different ones.
        far_from_ports: Clusters that are too far from any port.
        drawn_already: Clusters that overlap an area of the same kind of the version.
    """

    path: Path
    period: Period
    port_version: str
    ports: int
    berths: int
    anchorages: int
    sparse_cells: int
    far_from_ports: int
    drawn_already: int


def run(job: Job) -> DerivedPorts:
    """Derives berths and anchorages from the positions of some weeks and writes them with the known areas.

    The file is a complete port file: loaded unchanged, it gives a version with all areas of the version that it started
    from, and the new ones.

    Args:
        job: The weeks, the one path that is to be written, and the port version to begin from; without one, the
            version loaded last.

    Raises:
        WrongUseError: The weeks or the path are missing, the path is taken or cannot be written, the weeks have no
            positions, or no ports are loaded.
    """
    path, period = _target(job.paths), job.period
    if period is None:
        raise WrongUseError("give the weeks of positions from which to derive ports")
    version = job.port_version or last_port_version(job.settings)
    known = areas_from_arrow(port_areas(job.settings, version))
    found = derive_areas(add_up(_lain(job, _files_of(job, period))), known, job.rules)
    _write(path, _text(known, found.areas, period, version, job.rules))
    kinds = [derived.area.area_kind for derived in found.areas]
    return DerivedPorts(
        path=path,
        period=period,
        port_version=version,
        ports=len({derived.area.port_locode for derived in found.areas}),
        berths=kinds.count("berth"),
        anchorages=kinds.count("anchorage"),
        sparse_cells=found.sparse_cells,
        far_from_ports=found.far_from_ports,
        drawn_already=found.drawn_already,
    )


def _target(paths: Sequence[Path]) -> Path:
    """Returns the path to write, which must not exist: somebody may have edited that file."""
    if len(paths) != 1:
        raise WrongUseError("name one file to write")
    if paths[0].exists():
        raise WrongUseError(f"{paths[0]} exists already and may have been edited; choose another name")
    return paths[0]


def _files_of(job: Job, period: Period) -> list[TableFile]:
    days = {str(day) for week in period for day in week.days}
    files = [
        file
        for file in active_files(open_delta(job.settings, POSITIONS))
        if file.partition["observed_on"] in days
    ]
    if not files:
        raise WrongUseError(f"there are no positions of {period}; run its weeks first")
    return files


def _lain(job: Job, files: Sequence[TableFile]) -> Iterator[pa.Table]:
    """Computes the time that ships stopped in cells, file by file."""
    for done, file in enumerate(files, 1):
        yield cell_ships(read_file(job.settings, POSITIONS, file, FIX_COLUMNS), job.rules)
        if job.advance is not None:
            job.advance(done, len(files))


def _text(
    known: Sequence[PortArea], found: Sequence[DerivedArea], period: Period, version: str, rules: Rules
) -> str:
    of_subject = load_rules(rules.subject).items()
    thresholds = {name: rule.value for name, rule in of_subject if name.startswith("derive_")}
    about = {"weeks": str(period), "port_version": version, "rules": thresholds}
    features = [feature_of(area) for area in known]
    return geojson_text([*features, *(_feature(derived) for derived in found)], derived_from=about)


def _feature(derived: DerivedArea) -> Feature:
    return feature_of(
        derived.area,
        ships=derived.ships,
        stationary_hours=round(derived.stationary_hours, DECIMALS),
        port_distance_km=round(derived.port_distance_km, DECIMALS),
    )


def _write(path: Path, text: str) -> None:
    """Writes the file completely or not at all."""
    beside = path.with_name(f".{path.name}.part")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        raise WrongUseError(f"{path} cannot be written: {error.strerror}") from error
