"""Files of a lake's tables: on a disk of this machine, or in an object store with the S3 protocol.

One library reads and writes both (`pyarrow.fs`), so that a worker only needs an address (`s3a:

`); delta-rs reads and writes Delta's log. Keys, region and endpoint come from the environment of each process, by the
names that all S3 tools use (`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_REGION`, `AWS_ENDPOINT_URL`), or from
the permissions of the machine; they are never passed from one process to another.
"""

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import fs

from ais_indicators.settings import Settings

SCHEME_END: Final = "://"
ENDPOINT_VARIABLE: Final = "AWS_ENDPOINT_URL"
REGION_VARIABLES: Final = ("AWS_REGION", "AWS_DEFAULT_REGION")
PLAIN_HTTP: Final = "http://"
CONNECT_SECONDS: Final = 5.0
REQUEST_SECONDS: Final = 60.0
SMALL_BYTES: Final = 2**18
"""File size below which threads cost more time than they save."""
ATTEMPTS: Final = 4
"""Number of attempts of a request before the store counts as lost."""

NANOSECONDS_PER_SECOND: Final = 1_000_000_000


@dataclass(frozen=True)
class StoredFile:
    """One file below a folder.

    Attributes:
        path: Relative to the folder.
        size: Bytes.
        written_at: When it was written, by the clock of what stores it.
    """

    path: str
    size: int
    written_at: datetime


@dataclass(frozen=True)
class Folder:
    """A folder of files, which can be passed to any process.

    Attributes:
        root: Its path, or its address in an object store.
    """

    root: str

    def location(self, path: str) -> str:
        """Returns the location of a file of the folder."""
        return f"{self.root}/{path}"

    def read(self, path: str, columns: list[str] | None = None) -> pa.Table:
        """Reads a Parquet file, without the columns of its partition."""
        return read_parquet(self.location(path), columns=columns)

    def write(self, path: str, rows: pa.Table, **options: Any) -> int:
        """Writes a Parquet file and returns its size; options are those of `pyarrow.parquet.write_table`."""
        files, target = _opened(self.location(path))
        _make_parent(files, target)
        pq.write_table(rows, target, filesystem=files, **options)
        return int(files.get_file_info(target).size)

    def size(self, path: str) -> int | None:
        """Returns the size of a file in bytes; None if it does not exist."""
        files, target = _opened(self.location(path))
        found = files.get_file_info(target)
        return int(found.size) if found.type == fs.FileType.File else None

    def has(self, path: str) -> bool:
        """Returns whether a file or folder of that name exists."""
        files, target = _opened(self.location(path))
        return bool(files.get_file_info(target).type != fs.FileType.NotFound)

    def files(self, below: str = "", suffix: str = "") -> list[StoredFile]:
        """Returns all files with this ending below a subfolder, sorted by path."""
        files, root = _opened(self.root)
        selector = fs.FileSelector(f"{root}/{below}" if below else root, allow_not_found=True, recursive=True)
        found = (
            StoredFile(
                info.path.removeprefix(f"{root}/"),
                info.size,
                datetime.fromtimestamp((info.mtime_ns or 0) / NANOSECONDS_PER_SECOND, UTC),
            )
            for info in files.get_file_info(selector)
            if info.type == fs.FileType.File and info.path.endswith(suffix)
        )
        return sorted(found, key=lambda file: file.path)

    def text(self, path: str) -> str | None:
        """Returns a small file as text; None if it does not exist."""
        files, target = _opened(self.location(path))
        try:
            with files.open_input_stream(target) as stream:
                return str(stream.read().decode("utf-8"))
        except FileNotFoundError:
            return None

    def write_text(self, path: str, text: str) -> None:
        """Writes a small file."""
        files, target = _opened(self.location(path))
        _make_parent(files, target)
        with files.open_output_stream(target) as stream:
            stream.write(text.encode("utf-8"))

    def remove(self, path: str) -> None:
        """Removes a file, if it exists."""
        files, target = _opened(self.location(path))
        try:
            files.delete_file(target)
        except FileNotFoundError:
            return

    def copy_to(self, other: "Folder", path: str) -> None:
        """Copies a file to the same place in another folder.

        Raises:
            FileNotFoundError: It does not exist.
        """
        files, source = _opened(self.location(path))
        other_files, target = _opened(other.location(path))
        _make_parent(other_files, target)
        fs.copy_files(source, target, source_filesystem=files, destination_filesystem=other_files)


def lake_folder(settings: Settings) -> Folder:
    """Returns the folder of the lake's tables."""
    return Folder(settings.lake_location)


def table_folder(settings: Settings, table: str) -> Folder:
    """Returns the folder of the Delta table `layer.name`."""
    return Folder(settings.table_location(table))


def read_parquet(
    location: str, *, columns: list[str] | None = None, filters: Any = None, **options: Any
) -> pa.Table:
    """Reads a Parquet file of a lake, also in a worker, without the columns of its partition.

    Args:
        location: Its location, from `Folder.location`.
        columns: Columns to read; all without them.
        filters: Rows to read.
        **options: Those of `pyarrow.parquet.read_table`.
    """
    files, path = _opened(location)
    if filters is None and isinstance(files, fs.LocalFileSystem):
        rows = _read_small(path, columns, options)
        if rows is not None:
            return rows
    return pq.read_table(
        path, columns=columns, filters=filters, partitioning=None, filesystem=files, **options
    )


def _read_small(path: str, columns: list[str] | None, options: dict[str, Any]) -> pa.Table | None:
    """Reads a small file in half the time of `read_table`; None for others, and on errors that that must report."""
    try:
        if os.path.getsize(path) > SMALL_BYTES:
            return None
        with pq.ParquetFile(path, read_dictionary=options.get("read_dictionary")) as file:
            if not set(columns or ()) <= set(file.schema_arrow.names):
                return None
            rows = file.read(columns, use_threads=False)
    except (KeyError, OSError, ValueError):  # lacks a column, damaged, or missing
        return None
    return rows if columns is None else rows.select(columns)


def delta_options(location: str) -> dict[str, str] | None:
    """Returns the options that delta-rs needs for a store in addition to the environment; None for a disk."""
    if SCHEME_END not in location:
        return None
    is_plain = os.environ.get(ENDPOINT_VARIABLE, "").startswith(PLAIN_HTTP)
    return {
        "allow_http": str(is_plain).lower(),
        "connect_timeout": f"{CONNECT_SECONDS:.0f}s",
        "timeout": f"{REQUEST_SECONDS:.0f}s",
    }


def _opened(location: str) -> tuple[fs.FileSystem, str]:
    """Returns the file system of a location, and its path there."""
    _, is_store, path = location.partition(SCHEME_END)
    if not is_store:
        return _disk(), location
    region = next((os.environ[name] for name in REGION_VARIABLES if os.environ.get(name)), None)
    return _object_store(os.environ.get(ENDPOINT_VARIABLE) or None, region), path


@cache
def _disk() -> fs.LocalFileSystem:
    return fs.LocalFileSystem()


@cache
def _object_store(endpoint: str | None, region: str | None) -> fs.S3FileSystem:
    return fs.S3FileSystem(
        endpoint_override=endpoint,
        region=region,
        connect_timeout=CONNECT_SECONDS,
        request_timeout=REQUEST_SECONDS,
        retry_strategy=fs.AwsStandardS3RetryStrategy(max_attempts=ATTEMPTS),
        allow_delayed_open=True,  # a small file takes one request instead of three
    )


def _make_parent(files: fs.FileSystem, path: str) -> None:
    """Creates the folder of a file; an object store has none."""
    if isinstance(files, fs.LocalFileSystem):
        files.create_dir(path.rpartition("/")[0], recursive=True)
