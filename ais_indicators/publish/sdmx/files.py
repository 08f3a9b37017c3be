"""Files of an export in SDMX: data of each table, and the structures that they follow."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Final, Literal

import polars as pl

from ais_indicators.publish.files import (
    RELEASED_TABLES,
    file_stem,
    remove_old_notes,
    staged_folder,
    write_beside,
)
from ais_indicators.publish.places import Places
from ais_indicators.publish.publication import Publication
from ais_indicators.publish.sdmx import data_csv
from ais_indicators.publish.sdmx.data_schema import data_schema, schema_suffix
from ais_indicators.publish.sdmx.data_xml import write_sdmx_ml
from ais_indicators.publish.sdmx.rows import codes_of_places
from ais_indicators.publish.sdmx.structures import SdmxVersion, Structures, build_structures

SdmxFormat = Literal["sdmx-csv", "sdmx-ml"]
_VERSIONS: Final[tuple[SdmxVersion, ...]] = ("3.0", "2.1")


@dataclass(frozen=True)
class SdmxExport:
    """What is written, and for whom.

    Attributes:
        file_format: `sdmx-csv` or `sdmx-ml`.
        version: Version of SDMX-ML.
        publication: The publisher.
        places: Names of places.
        attributions: Texts that the sources require.
        notes: What a reader must know about the values.
        prepared: When the newest of the releases was published, which is the time in the messages.
    """

    file_format: SdmxFormat
    version: SdmxVersion
    publication: Publication
    places: Places
    attributions: Sequence[str]
    notes: Sequence[str]
    prepared: datetime


def xml_suffix(version: SdmxVersion) -> str:
    """Returns the ending of the names of SDMX-ML files.

    >>> xml_suffix("3.0")
    'sdmx30.xml'
    """
    return f"sdmx{version.replace('.', '')}.xml"


def export_sdmx(tables: Iterable[tuple[str, pl.DataFrame]], asked: SdmxExport, out: Path) -> list[Path]:
    """Writes the data of each table, the structures, sources and notes.

    A loader of data needs the structures first, and many accept only SDMX-ML 2.1: both versions are written.

    Args:
        tables: Observations of released tables in the columns of their contracts, with or without `ACTION`; one at a
            time is in memory.
        asked: What to write.
        out: Folder to write to, created if missing.

    Returns:
        Structures, then data, sources, notes if any, and the XML schema of SDMX-ML data, for each table.
    """
    described = build_structures(asked.publication, asked.places, RELEASED_TABLES, {})
    found: dict[str, set[str]] = {}
    written: dict[str, list[str]] = {}
    with staged_folder(out) as staged:
        for table, rows in tables:
            for name, codes in codes_of_places(rows, table).items():
                found[name] = found.get(name, set()) | codes
            beside = write_beside(staged, file_stem(table), None, asked.attributions, asked.notes)
            written[table] = [_write_data(rows, table, described, asked, staged), *beside]
        structures = build_structures(asked.publication, asked.places, list(written), found)
        names = _write_structures(structures, asked, staged)
        for table, files in written.items():
            files.extend(_write_schema(table, structures, asked, staged))
    remove_old_notes(out, [file_stem(table) for table in written], asked.notes)
    return [out / name for name in (*names, *chain.from_iterable(written.values()))]


def _write_structures(structures: Structures, asked: SdmxExport, folder: Path) -> list[str]:
    """Writes the structures in both versions; returns the names of the files."""
    texts = {f"structures.{xml_suffix(one)}": structures.to_xml(one, asked.prepared) for one in _VERSIONS}
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return list(texts)


def _write_schema(table: str, structures: Structures, asked: SdmxExport, folder: Path) -> list[str]:
    """Writes the schema with which SDMX-ML data of a table are validated; returns the name of the file."""
    if asked.file_format != "sdmx-ml":
        return []
    name = f"{file_stem(table)}.{schema_suffix(asked.version)}"
    (folder / name).write_text(data_schema(table, structures, asked.version), encoding="utf-8", newline="\n")
    return [name]


def _write_data(
    rows: pl.DataFrame, table: str, structures: Structures, asked: SdmxExport, folder: Path
) -> str:
    """Writes the data of one table; returns the name of the file."""
    if asked.file_format == "sdmx-csv":
        name = f"{file_stem(table)}.{data_csv.SUFFIX}"
        data_csv.write_sdmx_csv(rows, table, asked.places, structures.flow_id(table), folder / name)
    else:
        name = f"{file_stem(table)}.{xml_suffix(asked.version)}"
        write_sdmx_ml(rows, table, asked.places, structures, asked.version, asked.prepared, folder / name)
    return name
