"""Versions of the port file in the lake."""

from dataclasses import dataclass

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from ais_indicators.errors import WrongUseError
from ais_indicators.geo.port_files import ENTRY_KINDS, areas_from_arrow
from ais_indicators.geo.port_index import PortIndex
from ais_indicators.io.delta import read_rows
from ais_indicators.io.reference_versions import Reference
from ais_indicators.rules import Rules
from ais_indicators.settings import Settings

AREAS = "reference.ports"
CELLS = "reference.port_cells"
PORTS = Reference(AREAS, "port_version", "version_sequence", "area_id", "port version")


@dataclass(frozen=True)
class PortVersion:
    """One loaded version of the port file.

    Attributes:
        version: Its name.
        sequence: 1 for the first that was loaded, and so on.
        ports: Number of ports.
        areas: Number of areas.
    """

    version: str
    sequence: int
    ports: int
    areas: int


def port_versions(settings: Settings) -> list[PortVersion]:
    """Returns the loaded versions, oldest first."""
    counted = PORTS.count(settings, ("port_locode", "count_distinct"), ("port_locode", "count"))
    return [PortVersion(*row.values()) for row in counted]


def last_port_version(settings: Settings) -> str:
    """Returns the version that was loaded last, which weeks that were never computed use.

    Raises:
        WrongUseError: No version is loaded.
    """
    versions = port_versions(settings)
    if not versions:
        raise WrongUseError(
            "no ports are loaded; run `ais-indicators ports load FILE` (or `ports load` for a default)"
        )
    return versions[-1].version


def port_areas(settings: Settings, version: str) -> pa.Table:
    """Returns the areas of one version, by area number.

    Raises:
        WrongUseError: No such version is loaded.
    """
    return PORTS.rows(settings, version)


def load_port_index(settings: Settings, version: str, rules: Rules) -> PortIndex:
    """Builds the look-up of one version from its stored areas and cells."""
    areas = areas_from_arrow(port_areas(settings, version))
    cells = read_rows(settings, CELLS, filters=[("port_version", "=", version)])
    return PortIndex.build(areas, cells, rules)


def port_names(settings: Settings, version: str) -> dict[str, str]:
    """Returns the name of each port of a version, by its code."""
    rows = port_areas(settings, version)
    first = rows.group_by("port_locode", use_threads=False).aggregate([("port_name", "first")])
    return dict(zip(first["port_locode"].to_pylist(), first["port_name_first"].to_pylist(), strict=True))


def inland_ports(settings: Settings) -> tuple[str, ...]:
    """Returns the ports on inland waters by the last version that has each, sorted."""
    areas = pl.DataFrame(read_rows(settings, AREAS, ["port_locode", "version_sequence", "inland_waters"]))
    newest = pl.col("version_sequence") == pl.col("version_sequence").max().over("port_locode")
    return tuple(areas.filter(newest & pl.col("inland_waters"))["port_locode"].unique().sort())


def port_places(settings: Settings) -> pl.DataFrame:
    """Returns country and place of every port by the last version that has it.

    Returns:
        Columns `port_locode, country_iso3, latitude, longitude`, one row per port, sorted.
    """
    columns = [
        "port_locode",
        "version_sequence",
        "area_id",
        "area_kind",
        "country_iso3",
        "centre_latitude",
        "centre_longitude",
    ]
    areas = pl.DataFrame(read_rows(settings, AREAS, columns)).filter(pl.col("area_kind").is_in(ENTRY_KINDS))
    newest = areas.sort("version_sequence", "area_id", descending=[True, False])
    return (
        newest.unique("port_locode", keep="first", maintain_order=True)
        .select("port_locode", "country_iso3", latitude="centre_latitude", longitude="centre_longitude")
        .sort("port_locode")
    )


def is_loaded(settings: Settings, version: str) -> bool:
    """Returns whether a version of that name is in the lake."""
    return bool(
        pc.any(pc.equal(read_rows(settings, AREAS, ["port_version"])["port_version"], version)).as_py()
    )
