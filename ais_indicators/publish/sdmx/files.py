"""The files of an export in SDMX: data of each table, and the structures that they follow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

import polars as pl

from ais_indicators.publish.files import file_stem, remove_old_notes, staged_folder, write_beside
from ais_indicators.publish.places import Places
from ais_indicators.publish.publication import Publication
from ais_indicators.publish.sdmx import data_csv
from ais_indicators.publish.sdmx.components import PLACES
from ais_indicators.publish.sdmx.data_xml import write_sdmx_ml
from ais_indicators.publish.sdmx.rows import to_observations
from ais_indicators.publish.sdmx.structures import SdmxVersion, Structures, build_structures

SdmxFormat = Literal["sdmx-csv", "sdmx-ml"]
_VERSIONS: Final[tuple[SdmxVersion, ...]] = ("3.0", "2.1")


@dataclass(frozen=True)
class SdmxExport:
    """What is written, and on whose behalf.

    Attributes:
        file_format: `sdmx-csv` or `sdmx-ml`.
        version: Version of SDMX-ML.
        publication: Who publishes it.
        places: Names of places.
        attributions: What has to be said of the sources.
        notes: What a reader must know of the figures.
        prepared: When the newest of the releases was published, which is the time that messages tell.
    """

    file_format: SdmxFormat
    version: SdmxVersion
    publication: Publication
    places: Places
    attributions: Sequence[str]
    notes: Sequence[str]
    prepared: datetime


def xml_suffix(version: SdmxVersion) -> str:
    """How names of SDMX-ML files end.

    >>> xml_suffix("3.0")
    'sdmx30.xml'
    """
    return f"sdmx{version.replace('.', '')}.xml"


def export_sdmx(tables: Mapping[str, pl.DataFrame], asked: SdmxExport, out: Path) -> list[Path]:
    """Writes the data of each table, the structures, sources and notes.

    A loader of data wants the structures first, and many take them as SDMX-ML 2.1 alone: both versions are written.

    Args:
        tables: Rows of released tables in the columns of their contracts, with or without `ACTION`.
        asked: What to write.
        out: Folder to write to, made when missing.

    Returns:
        Structures, then data, sources and, where there are some, notes of each table.
    """
    observations = {table: to_observations(rows, table, asked.places) for table, rows in tables.items()}
    structures = build_structures(
        asked.publication, asked.places, list(tables), _codes_of_places(observations)
    )
    names = [f"structures.{xml_suffix(version)}" for version in _VERSIONS]
    with staged_folder(out) as staged:
        for name, version in zip(names, _VERSIONS, strict=True):
            (staged / name).write_text(
                structures.to_xml(version, asked.prepared), encoding="utf-8", newline="\n"
            )
        for table, rows in observations.items():
            names.append(_write_data(rows, table, structures, asked, staged))
            names += write_beside(staged, file_stem(table), None, asked.attributions, asked.notes)
    remove_old_notes(out, [file_stem(table) for table in tables], asked.notes)
    return [out / name for name in names]


def _write_data(
    rows: pl.DataFrame, table: str, structures: Structures, asked: SdmxExport, folder: Path
) -> str:
    """Writes the data of one table; gives the name of the file."""
    if asked.file_format == "sdmx-csv":
        name = f"{file_stem(table)}.{data_csv.SUFFIX}"
        data_csv.write_sdmx_csv(rows, table, structures.flow_id(table), folder / name)
    else:
        name = f"{file_stem(table)}.{xml_suffix(asked.version)}"
        write_sdmx_ml(rows, table, structures, asked.version, asked.prepared, folder / name)
    return name


def _codes_of_places(observations: Mapping[str, pl.DataFrame]) -> dict[str, set[str]]:
    """Codes of places that stand in the data, by component."""
    found: dict[str, set[str]] = {}
    for rows in observations.values():
        for name in PLACES:
            if name in rows.columns:
                found.setdefault(name, set()).update(rows[name].unique())
    return found
