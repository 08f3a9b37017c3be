"""Data files of a release: for each table CSV for people and Parquet for programs, with the same sorted rows.

The bytes follow from the observations alone. No clock, path or order of arrival changes them, so two releases with
equal values have equal files.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, get_args

import polars as pl
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from ais_indicators.contracts.model import Contract, load_contract
from ais_indicators.contracts.types import arrow_schema
from ais_indicators.errors import BadInputError, WrongUseError
from ais_indicators.publish.spreadsheets.safe_text import neutralise

ExportFormat = Literal["csv", "parquet"]
PORT_ACTIVITY: Final = "gold.port_activity_weekly"
RELEASED_TABLES: Final = (
    PORT_ACTIVITY,
    "gold.chokepoint_transits_weekly",
    "gold.trade_flows_weekly",
    "gold.quality_weekly",
    "gold.interference_weekly",
    "gold.dark_vessels_weekly",
    "gold.chokepoint_status_weekly",
)
"""Tables of which every release has the week's rows, in this order."""

Observations = Mapping[str, pa.Table]
"""Rows of each of the released tables."""

SOURCES: Final = "sources.csv"
NOTES: Final = "notes.csv"
_ROWS_PER_GROUP = 1_000_000
_CSV_OPTIONS: Final = pyarrow.csv.WriteOptions(
    include_header=True, delimiter=",", eol="\n", quoting_style="needed"
)
_COLUMNS_SCHEMA: Final = pa.schema(
    [(name, pa.string()) for name in ("column", "type", "unit", "description")]
)


@dataclass(frozen=True)
class ReleaseFiles:
    """Data files of one release.

    Attributes:
        content_sha256: SHA-256 as by `content_digest`.
        observations: Number of rows over all tables.
    """

    content_sha256: str
    observations: int


def write_release_files(observations: Observations, folder: Path) -> ReleaseFiles:
    """Writes the observations of each table as CSV and Parquet, sorted by the table's key.

    A new folder appears complete or not at all. In an existing folder each file is replaced in one step, so writing the
    same release again changes nothing.

    Args:
        observations: Rows of the released tables, in any order, with any further columns.
        folder: Folder of the release; its parents are created if missing.

    Raises:
        BadInputError: The observations do not fit the contract, or a key occurs twice.
    """
    ordered = {table: _in_order(rows, table) for table, rows in observations.items()}
    with staged_folder(folder) as staged:
        for table, rows in ordered.items():
            write_csv(rows, staged / data_file_name(table, "csv"))
            write_parquet(rows, staged / data_file_name(table, "parquet"))
        digests = {
            table: hashlib.sha256((staged / data_file_name(table, "csv")).read_bytes()).hexdigest()
            for table in ordered
        }
    return ReleaseFiles(_joint_digest(digests), sum(rows.num_rows for rows in ordered.values()))


def content_digest(observations: Observations) -> str:
    """Hashes the tables' names and the SHA-256 of the CSV files that `write_release_files` would write.

    Raises:
        BadInputError: The observations do not fit the contract, or a key occurs twice.
    """
    digests = {}
    for table, rows in observations.items():
        buffer = pa.BufferOutputStream()
        pyarrow.csv.write_csv(_in_order(rows, table), buffer, _CSV_OPTIONS)
        digests[table] = hashlib.sha256(buffer.getvalue()).hexdigest()
    return _joint_digest(digests)


def _joint_digest(digests: Mapping[str, str]) -> str:
    """Joins the digests of several tables as `sha256sum` would list them."""
    lines = [f"{digests[table]}  {data_file_name(table, 'csv')}\n" for table in sorted(digests)]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def export_release(
    release_folder: Path,
    file_format: ExportFormat,
    out: Path,
    attributions: Sequence[str] = (),
    notes: Sequence[str] = (),
) -> list[Path]:
    """Copies the data files of a release, with the meaning of their columns and their sources.

    Args:
        release_folder: Folder that `write_release_files` wrote.
        file_format: `csv` or `parquet`.
        out: Folder to write to, created if missing.
        attributions: Texts that the sources require.
        notes: What a reader must know about the values, such as an overridden check.

    Returns:
        For each table of the release the data file, the file of its columns, that of its sources and, if there are
        notes, that of the notes.

    Raises:
        WrongUseError: There is no such format.
        BadInputError: The release has no such file.
    """
    tables = released_tables([release_folder], file_format)
    with staged_folder(out) as folder:
        for table in tables:
            data = data_file_name(table, file_format)
            shutil.copyfile(release_folder / data, folder / data)
        described = write_descriptions(folder, tables, attributions, notes)
    remove_old_notes(out, [file_stem(table) for table in tables], notes)
    return [
        out / name for table in tables for name in (data_file_name(table, file_format), *described[table])
    ]


def released_tables(folders: Sequence[Path], file_format: ExportFormat) -> list[str]:
    """Returns the tables of which some of the releases have a file.

    Raises:
        WrongUseError: There is no such format.
        BadInputError: No release has any.
    """
    if file_format not in get_args(ExportFormat):
        raise WrongUseError(f"unknown format '{file_format}'; choose {' or '.join(get_args(ExportFormat))}")
    found = [
        t for t in RELEASED_TABLES if any((f / data_file_name(t, file_format)).is_file() for f in folders)
    ]
    if not found:
        names = " or ".join(data_file_name(table, file_format) for table in RELEASED_TABLES)
        raise BadInputError(f"{folders[0]} is not a release: it has no file {names}")
    return found


def write_descriptions(
    folder: Path, tables: Sequence[str], attributions: Sequence[str], notes: Sequence[str]
) -> dict[str, list[str]]:
    """Writes the files that accompany each table's data; returns the file names by table."""
    return {
        table: write_beside(folder, file_stem(table), load_contract(table), attributions, notes)
        for table in tables
    }


def write_beside(
    folder: Path, stem: str, contract: Contract | None, attributions: Sequence[str], notes: Sequence[str]
) -> list[str]:
    """Writes the files that accompany one data file.

    Args:
        folder: Folder to write to.
        stem: Name of the data file without its ending.
        contract: What its columns mean; None if the format contains that itself.
        attributions: Texts that the sources require.
        notes: What a reader must know about the values.

    Returns:
        Names of the files.
    """
    tables = {"columns.csv": _columns_of(contract)} if contract else {}
    tables[SOURCES] = pa.table({"attribution": pa.array(list(attributions), pa.string())})
    if notes:
        tables[NOTES] = pa.table({"note": pa.array(list(notes), pa.string())})
    for suffix, rows in tables.items():
        write_csv(neutralise(pl.DataFrame(rows)).to_arrow(), folder / f"{stem}.{suffix}")
    return [f"{stem}.{suffix}" for suffix in tables]


def remove_old_notes(out: Path, stems: Sequence[str], notes: Sequence[str]) -> None:
    """Removes notes of an earlier export if there is nothing to note now."""
    for stem in stems if not notes else ():
        (out / f"{stem}.{NOTES}").unlink(missing_ok=True)


def file_stem(table: str) -> str:
    """Returns how the names of a table's files begin: `port_activity_weekly`."""
    return table.partition(".")[2]


def data_file_name(table: str, suffix: str) -> str:
    """Names a file of a table: `port_activity_weekly.csv`."""
    return f"{file_stem(table)}.{suffix}"


def _in_order(observations: pa.Table, table: str) -> pa.Table:
    """Brings rows to the contract's columns and types and the order of its key.

    Raises:
        BadInputError: A column is missing, a value does not fit, or a key occurs twice.
    """
    schema, key = arrow_schema(table), list(load_contract(table).key)
    try:
        rows = observations.select(schema.names).cast(schema)
    except (KeyError, ValueError, pa.ArrowException) as error:
        raise BadInputError(f"the observations do not fit {table}: {error}") from error
    if rows.group_by(key).aggregate([]).num_rows != rows.num_rows:
        raise BadInputError(f"the observations of {table} hold more than one row for one {', '.join(key)}")
    return rows.sort_by([(name, "ascending") for name in key]).combine_chunks()


def _columns_of(contract: Contract) -> pa.Table:
    """Returns the meaning of each column of a table, one per row."""
    return pa.Table.from_pylist(
        [
            {"column": c.name, "type": c.type, "unit": c.unit, "description": c.description}
            for c in contract.columns
        ],
        schema=_COLUMNS_SCHEMA,
    )


def write_csv(rows: pa.Table, path: Path) -> None:
    """Writes UTF-8 text: text in quotes, numbers in their shortest exact form, nothing for null."""
    pyarrow.csv.write_csv(rows, path, _CSV_OPTIONS)


def write_parquet(rows: pa.Table, path: Path) -> None:
    """Writes one file; options that change its bytes are set here, not left to the writer."""
    pyarrow.parquet.write_table(
        rows.replace_schema_metadata(None),
        path,
        version="2.6",
        data_page_version="1.0",
        compression="zstd",
        row_group_size=_ROWS_PER_GROUP,
        store_schema=False,
    )


@contextmanager
def staged_folder(folder: Path) -> Iterator[Path]:
    """Provides a folder on the same disk whose files move to their place when all are written.

    A killed run leaves at most a hidden folder next to the target.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as scratch:
        staged = Path(scratch) / folder.name
        staged.mkdir()
        yield staged
        if not folder.exists():
            staged.rename(folder)
            return
        for path in sorted(staged.iterdir()):
            os.replace(path, folder / path.name)
