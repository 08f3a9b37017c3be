"""Delta tables without a Spark session: creation, reading and commits.

One commit is atomic: readers see all of a file's or a week's rows, or none. The low-level commit checks nothing, so
every file comes from `io.staging`, which checks its rows against the contract before it writes.
"""

import hashlib
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from deltalake import DeltaTable, Field, Schema, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError, TableNotFoundError
from deltalake.transaction import AddAction, CommitProperties, RemoveAction

from ais_indicators.contracts.model import all_tables, load_contract
from ais_indicators.contracts.types import arrow_schema
from ais_indicators.errors import AisIndicatorsError, LakeBusyError, WrongUseError
from ais_indicators.io.earlier_rows import with_absent_columns
from ais_indicators.io.failures import AGAIN, damaged, explain, parquet_file_of
from ais_indicators.io.open_tables import (
    LOG,
    has_first_record,
    keep_open,
    open_table_of,
    open_to_append,
    still_open,
)
from ais_indicators.io.small_partitions import read_small_partitions
from ais_indicators.io.staging import TableFile
from ais_indicators.io.store import delta_options, lake_folder, table_folder
from ais_indicators.settings import Settings

MILLISECONDS = 1000
MOST_BYTES_KEPT = 2**18
"""Maximum size of the rows that a run keeps in memory after reading; a run reads the small reference tables often."""
MOST_READINGS_KEPT = 64
RETRIES_OF_APPENDS = 15
TABLE_PROPERTIES = {
    "delta.enableDeletionVectors": "false",
    "delta.dataSkippingNumIndexedCols": "0",
    "delta.logRetentionDuration": "interval 3650 days",
    "delta.deletedFileRetentionDuration": "interval 3650 days",
}
"""No deletion vectors (Arrow readers refuse them); old versions are kept, since releases refer to them."""


@dataclass(frozen=True)
class _Look:
    """Tables that were opened during one look at a lake, by path, and their files by the table's identity."""

    tables: dict[str, DeltaTable]
    files: dict[int, list[TableFile]]


@dataclass(frozen=True)
class _Stood:
    """State of a lake as a run first read it, by location.

    Attributes:
        versions: The version at which each table is read.
        tables: Tables that were opened at it.
        rows: Small results of `read_rows`, by location, version, columns and filters.
    """

    versions: dict[str, int]
    tables: dict[str, DeltaTable]
    rows: dict[tuple[str, int, str, str], pa.Table]


_LOOK: ContextVar[_Look | None] = ContextVar("look", default=None)
_STOOD: ContextVar[_Stood | None] = ContextVar("stood", default=None)

CONTRACTS_MARK = "_contracts"
"""File of a lake that records which contracts its tables were last updated to."""


def described_schema(table: str) -> pa.Schema:
    """Returns the Arrow schema with each column's description as its comment."""
    contract = load_contract(table)
    schema = arrow_schema(table)
    return pa.schema(f.with_metadata({"comment": contract.column(f.name).description}) for f in schema)


def create_tables(settings: Settings) -> list[str]:
    """Creates every declared table that does not exist yet; returns the names of the new ones.

    Tables of an earlier build get the columns added to their contracts since.
    """
    made = []
    lake, contracts = lake_folder(settings), _hash_of_contracts()
    is_known = lake.text(CONTRACTS_MARK) == contracts
    if is_known and settings.lake_url:  # checking each table costs a request or more
        return []
    for table in all_tables():
        if not is_table(settings, table):
            location = settings.table_location(table)
            if settings.lake_url is None:
                settings.table_path(table).mkdir(parents=True, exist_ok=True)
            DeltaTable.create(
                location,
                Schema.from_arrow(described_schema(table)),
                partition_by=list(load_contract(table).partition_by),
                description=load_contract(table).one_row,
                configuration=TABLE_PROPERTIES,
                mode="ignore",
                storage_options=delta_options(location),
            )
            made.append(table)
        elif not is_known:
            _bring_to_contract(settings, table)
    if not is_known:
        lake.write_text(CONTRACTS_MARK, contracts)
    return made


def is_table(settings: Settings, table: str) -> bool:
    """Returns whether a table exists."""
    location = settings.table_location(table)
    return has_first_record(location) or DeltaTable.is_deltatable(location, delta_options(location))


def _hash_of_contracts() -> str:
    columns = [f"{table}.{name}" for table in all_tables() for name in load_contract(table).column_names]
    return hashlib.sha256("\n".join(columns).encode()).hexdigest()


def _bring_to_contract(settings: Settings, table: str) -> None:
    """Adds the columns that a table lacks; rewrites a table with a column that has become nullable."""
    delta = _opened(settings, table, None)
    stored = {field.name: field for field in delta.schema().fields}
    wanted = {field.name: field for field in Schema.from_arrow(described_schema(table)).fields}
    if any(not field.nullable for name, field in stored.items() if name not in wanted):
        rows = read_rows(settings, table, version=int(delta.version()))
        write_deltalake(delta, rows, mode="overwrite", schema_mode="overwrite", configuration=None)
        return
    lacking = [Field(name, field.type, nullable=True) for name, field in wanted.items() if name not in stored]
    if lacking:
        delta.alter.add_columns(lacking)


@contextmanager
def one_look() -> Iterator[None]:
    """Opens each table once for a reading block, in which the lake stays as it was at first access."""
    token = _LOOK.set(_Look({}, {}))
    try:
        yield
    finally:
        _LOOK.reset(token)


@contextmanager
def as_it_stood() -> Iterator[None]:
    """Keeps a run at the version of each table that it read first, and at those that it creates itself.

    A lock separates runs on one machine; runs that share only an object store are separated by Delta's protocol: a
    commit is refused unless it follows directly on the version that the work is based on.
    """
    token = _STOOD.set(_Stood({}, {}, {}))
    try:
        yield
    finally:
        _STOOD.reset(token)


def open_delta(settings: Settings, table: str, version: int | None = None) -> DeltaTable:
    """Opens a table.

    Raises:
        WrongUseError: The table does not exist; the message says what to run.
        AisIndicatorsError: Its log is damaged; the message names its newest file.
    """
    look, stood, location = _LOOK.get(), _STOOD.get(), settings.table_location(table)
    if version is not None:
        return _opened(settings, table, version)
    if stood is not None:
        if location not in stood.tables:
            delta = stood.tables[location] = _current(settings, table, stood.versions.get(location))
            stood.versions[location] = int(delta.version())
        return stood.tables[location]
    if look is None:
        return _opened(settings, table, None)
    if location not in look.tables:
        look.tables[location] = _opened(settings, table, None)
    return look.tables[location]


def _current(settings: Settings, table: str, version: int | None) -> DeltaTable:
    """Opens a table, or returns the one that this process opened before if its log has not changed since."""
    location = settings.table_location(table)
    kept = still_open(location)
    if kept is None or version not in (None, kept.version):
        kept = keep_open(location, _opened(settings, table, version))
    return kept.delta


def _opened(settings: Settings, table: str, version: int | None) -> DeltaTable:
    location = settings.table_location(table)
    try:
        return DeltaTable(location, version=version, storage_options=delta_options(location))
    except TableNotFoundError as error:
        raise WrongUseError(
            f"there is no table {table} under {settings.lake_location}; run `ais-indicators init` first"
        ) from error
    except DeltaError as error:
        if version is not None or explain(error, settings):
            raise
        logs = table_folder(settings, table).files(LOG, ".json")
        newest = max((file.path.rpartition("/")[2] for file in logs), default="")
        raise AisIndicatorsError(
            damaged(f"the log of the table {table}, mostly its newest file {newest},")
        ) from error


def active_files(delta: DeltaTable) -> list[TableFile]:
    """Returns the files of the table's current version, sorted by path."""
    kept = open_table_of(delta)
    if kept is not None:
        return kept.files(_files_of)
    look = _LOOK.get()
    if look is None or all(delta is not opened for opened in look.tables.values()):
        return _files_of(delta)
    if id(delta) not in look.files:
        look.files[id(delta)] = _files_of(delta)
    return list(look.files[id(delta)])


def _files_of(delta: DeltaTable) -> list[TableFile]:
    keys = delta.metadata().partition_columns
    rows: list[dict[str, Any]] = pa.table(delta.get_add_actions(flatten=True)).to_pylist()
    files = [
        TableFile(
            path=row["path"],
            partition={key: _partition_text(row.get(f"partition.{key}")) for key in keys},
            size=row["size_bytes"],
            rows=row.get("num_records") or 0,
        )
        for row in rows
    ]
    return sorted(files, key=lambda file: file.path)


def commit(
    settings: Settings, table: str, add: Iterable[TableFile], remove: Iterable[TableFile] = ()
) -> int | None:
    """Adds and removes files in one atomic commit.

    Two writers that change one partition at a time conflict instead of doubling rows.

    Args:
        settings: Location of the table.
        table: `layer.name`.
        add: Files that `io.staging` wrote.
        remove: Files of the current version to remove.

    Returns:
        The new version, or None when there was nothing to change.

    Raises:
        AisIndicatorsError: A file to add is no longer as it was written.
        LakeBusyError: Another run has changed the table in the meantime.
    """
    add = list(add)
    _see_that_all_are_whole(settings, table, add)
    now = int(time.time() * MILLISECONDS)
    actions: list[AddAction | RemoveAction] = [file.removed(now) for file in remove]
    actions.extend(file.added(now) for file in add)
    if not actions:
        return None
    delta = open_delta(settings, table)
    version = (
        int(delta.version()) + 1
    )  # else the commit is refused; delta-rs leaves the opened table unchanged
    _write_actions(settings, table, delta, actions, retries=0)
    if (stood := _STOOD.get()) is not None:
        location = settings.table_location(table)
        stood.versions[location] = version
        stood.tables.pop(location, None)
    return version


def append(settings: Settings, table: str, add: Iterable[TableFile]) -> None:
    """Adds files while other runs can add files too; for records that do not depend on others.

    Args:
        settings: Location of the table.
        table: `layer.name`.
        add: Files that `io.staging` wrote.
    """
    now = int(time.time() * MILLISECONDS)
    actions: list[AddAction | RemoveAction] = [file.added(now) for file in add]
    delta = open_to_append(settings.table_location(table), lambda: _opened(settings, table, None))
    _write_actions(settings, table, delta, actions, RETRIES_OF_APPENDS)


def _write_actions(
    settings: Settings, table: str, delta: DeltaTable, actions: list[AddAction | RemoveAction], retries: int
) -> None:
    try:
        delta.create_write_transaction(
            actions,
            mode="append",
            schema=delta.schema(),
            partition_by=delta.metadata().partition_columns,
            commit_properties=CommitProperties(max_commit_retries=retries),
        )
    except CommitFailedError as error:
        if int(_opened(settings, table, None).version()) == int(delta.version()):
            raise  # no other process wrote
        raise LakeBusyError(f"another run has changed the table {table} in the meantime; {AGAIN}") from error


def _see_that_all_are_whole(settings: Settings, table: str, files: Iterable[TableFile]) -> None:
    """Verifies that a commit does not reference missing or incomplete files."""
    folder = table_folder(settings, table)
    for file in files:
        if folder.size(file.path) != file.size:
            raise AisIndicatorsError(
                f"the file {file.path}, just written for the table {table}, is missing or truncated; {AGAIN}"
            )


def read_rows(
    settings: Settings,
    table: str,
    columns: Sequence[str] | None = None,
    filters: Any = None,
    version: int | None = None,
) -> pa.Table:
    """Reads a narrow table, or the partitions that a filter selects, into memory.

    Columns that the table does not have yet get the contract's value for rows without them.

    Raises:
        AisIndicatorsError: A file is damaged or missing; the message names it.
    """
    delta, stood = open_delta(settings, table, version), _STOOD.get()
    names = [name for name in load_contract(table).column_names if columns is None or name in columns]
    if stood is None or not (
        filters is None or isinstance(filters, list)
    ):  # text written by other programs can be truncated
        return _read(settings, delta, table, names, filters)
    key = (settings.table_location(table), int(delta.version()), repr(names), repr(filters))
    if key in stood.rows:
        return stood.rows[key]
    rows = _read(settings, delta, table, names, filters)
    if rows.nbytes <= MOST_BYTES_KEPT and len(stood.rows) < MOST_READINGS_KEPT:
        stood.rows[key] = rows
    return rows


def _read(settings: Settings, delta: DeltaTable, table: str, names: Sequence[str], filters: Any) -> pa.Table:
    stored = {field.name for field in delta.schema().fields}
    columns = [name for name in names if name in stored]
    files = active_files(delta) if filters is None or isinstance(filters, list) else ()
    read = read_small_partitions(table_folder(settings, table), table, files, columns, filters)
    try:
        read = delta.to_pyarrow_table(columns=columns, filters=filters) if read is None else read
    except (pa.ArrowInvalid, FileNotFoundError) as error:
        raise AisIndicatorsError(
            damaged(f"the file {parquet_file_of(error)} of the table {table}")
        ) from error
    return with_absent_columns(read, table, names)


def read_file(settings: Settings, table: str, file: TableFile, columns: Sequence[str]) -> pa.Table:
    """Reads columns of one file, without those of its partition; filled as by `with_absent_columns`."""
    return with_absent_columns(table_folder(settings, table).read(file.path, list(columns)), table, columns)


def read_whole_file(settings: Settings, table: str, file: TableFile) -> pa.Table:
    """Reads all of one file in order to rewrite it: with columns that its table got since, without its partition."""
    contract = load_contract(table)
    names = [name for name in contract.column_names if name not in contract.partition_by]
    rows = table_folder(settings, table).read(file.path)
    return with_absent_columns(rows, table, names)


def read_files(
    settings: Settings, table: str, files: Sequence[TableFile], columns: Sequence[str]
) -> pa.Table:
    """Reads columns of some files, without those of their partitions; an empty table if there are none."""
    if not files:
        return arrow_schema(table).empty_table().select(list(columns))
    return pa.concat_tables(read_file(settings, table, file, columns) for file in files)


def table_version(settings: Settings, table: str) -> int:
    """Returns the current version of a table."""
    return int(open_delta(settings, table).version())


def _partition_text(value: Any) -> str | None:
    return None if value is None else str(value)
