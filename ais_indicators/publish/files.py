"""The data files of a release: CSV for people, Parquet for programs, the same rows in the same order in both.

The bytes follow from the observations alone. Neither a clock, nor a path, nor the order in which rows arrive,
changes them, so two releases with equal figures have equal files.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, get_args

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from ais_indicators.contracts.model import load_contract
from ais_indicators.contracts.types import arrow_schema
from ais_indicators.errors import BadInputError, WrongUseError

ExportFormat = Literal["csv", "parquet"]
RELEASED_TABLE: Final = "gold.port_activity_weekly"

_ROWS_PER_GROUP = 1_000_000
_CSV_OPTIONS: Final = pyarrow.csv.WriteOptions(
    include_header=True, delimiter=",", eol="\n", quoting_style="needed"
)
_COLUMNS_SCHEMA: Final = pa.schema(
    [(name, pa.string()) for name in ("column", "type", "unit", "description")]
)


@dataclass(frozen=True)
class ReleaseFiles:
    """The data files of one release.

    Attributes:
        content_sha256: SHA-256 of the CSV file, which holds every observation in order.
        observations: Number of rows in each file.
        csv: The CSV file.
        parquet: The Parquet file.
    """

    content_sha256: str
    observations: int
    csv: Path
    parquet: Path


def write_release_files(observations: pa.Table, table: str, folder: Path) -> ReleaseFiles:
    """Writes the observations as CSV and Parquet, sorted by the table's key.

    A new folder appears whole or not at all. In a folder that exists each file is replaced in one step, so
    writing the same release again changes nothing.

    Args:
        observations: Rows of the table, in any order, with any further columns.
        table: `layer.name` of the contract.
        folder: Folder of the release; its parents are made when missing.

    Raises:
        BadInputError: The observations do not fit the contract, or a key is there twice.
    """
    ordered = _in_order(observations, table)
    csv_name, parquet_name = data_file_name(table, "csv"), data_file_name(table, "parquet")
    with _staged(folder) as staged:
        _write_csv(ordered, staged / csv_name)
        _write_parquet(ordered, staged / parquet_name)
        content_sha256 = hashlib.sha256((staged / csv_name).read_bytes()).hexdigest()
    return ReleaseFiles(content_sha256, ordered.num_rows, folder / csv_name, folder / parquet_name)


def content_digest(observations: pa.Table, table: str) -> str:
    """SHA-256 of the CSV file that `write_release_files` would write.

    Raises:
        BadInputError: The observations do not fit the contract, or a key is there twice.
    """
    buffer = pa.BufferOutputStream()
    pyarrow.csv.write_csv(_in_order(observations, table), buffer, _CSV_OPTIONS)
    return hashlib.sha256(buffer.getvalue()).hexdigest()


def export_release(
    release_folder: Path, file_format: ExportFormat, out: Path, attributions: Sequence[str] = ()
) -> list[Path]:
    """Copies the data file of a release, and writes the meaning of its columns and its sources beside it.

    Args:
        release_folder: Folder that `write_release_files` wrote.
        file_format: `csv` or `parquet`.
        out: Folder to write to, made when missing.
        attributions: What has to be said of the sources.

    Returns:
        The data file, the file of its columns, and that of its sources.

    Raises:
        WrongUseError: There is no such format.
        BadInputError: The release has no such file.
    """
    if file_format not in get_args(ExportFormat):
        raise WrongUseError(
            f"'{file_format}' is no format of a release; choose {' or '.join(get_args(ExportFormat))}"
        )
    data_name = data_file_name(RELEASED_TABLE, file_format)
    columns_name = data_file_name(RELEASED_TABLE, "columns.csv")
    sources_name = data_file_name(RELEASED_TABLE, "sources.csv")
    if not (release_folder / data_name).is_file():
        raise BadInputError(f"{release_folder} is no release: it has no file {data_name}")
    with _staged(out) as staged:
        shutil.copyfile(release_folder / data_name, staged / data_name)
        _write_csv(_columns_of(RELEASED_TABLE), staged / columns_name)
        sources = pa.table({"attribution": pa.array(list(attributions), pa.string())})
        _write_csv(sources, staged / sources_name)
    return [out / data_name, out / columns_name, out / sources_name]


def data_file_name(table: str, suffix: str) -> str:
    """Names a file of a table: `port_activity_weekly.csv`."""
    return f"{table.partition('.')[2]}.{suffix}"


def _in_order(observations: pa.Table, table: str) -> pa.Table:
    """Brings rows into the contract's columns and types and the order of its key.

    Raises:
        BadInputError: A column is missing, a value does not fit, or a key is there twice.
    """
    schema, key = arrow_schema(table), list(load_contract(table).key)
    try:
        rows = observations.select(schema.names).cast(schema)
    except (KeyError, ValueError, pa.ArrowException) as error:
        raise BadInputError(f"the observations do not fit {table}: {error}") from error
    if rows.group_by(key).aggregate([]).num_rows != rows.num_rows:
        raise BadInputError(f"the observations of {table} hold more than one row for one {', '.join(key)}")
    return rows.sort_by([(name, "ascending") for name in key]).combine_chunks()


def _columns_of(table: str) -> pa.Table:
    """Gives the meaning of each column of a table, one a row."""
    columns = load_contract(table).columns
    return pa.Table.from_pylist(
        [{"column": c.name, "type": c.type, "unit": c.unit, "description": c.description} for c in columns],
        schema=_COLUMNS_SCHEMA,
    )


def _write_csv(rows: pa.Table, path: Path) -> None:
    """Writes UTF-8 text: text in quotes, numbers in their shortest exact form, nothing for null."""
    pyarrow.csv.write_csv(rows, path, _CSV_OPTIONS)


def _write_parquet(rows: pa.Table, path: Path) -> None:
    """Writes one file; the choices that change its bytes are made here, not left to the writer."""
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
def _staged(folder: Path) -> Iterator[Path]:
    """Gives a folder to write to, on the same disk, whose files take their place when all are written.

    A run that is killed leaves at most a hidden folder beside it.
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
