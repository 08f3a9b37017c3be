"""Reads small partitions of one file each, as most weeks of most tables are, without the scan of a dataset.

A weekly run reads hundreds of such partitions, and setting up a scan costs more than reading the rows of a few.
"""

from collections.abc import Sequence
from typing import Any, Final

import pyarrow as pa

from ais_indicators.contracts.types import arrow_schema
from ais_indicators.io.staging import TableFile
from ais_indicators.io.store import SCHEME_END, SMALL_BYTES, Folder, read_parquet

MOST_FILES: Final = 3
"""A scan is as fast for more files."""

_EQUAL: Final = ("=", "==")


def read_small_partitions(
    folder: Folder, table: str, files: Sequence[TableFile], names: Sequence[str], filters: Any
) -> pa.Table | None:
    """Reads the few files that filters on partitions leave, in the order of their paths.

    Args:
        folder: Folder of the table.
        table: `layer.name`.
        files: Files of the version that is read.
        names: Columns that the table has, in the order of the result.
        filters: Conditions that must all hold, in the form of `deltalake`; None for all files.

    Returns:
        Their rows; None where the caller must scan the table: the filters name other columns or types, leave many
        files, two of one partition or a large one, or a file lacks a column or cannot be read.
    """
    filters = [] if filters is None else filters
    if SCHEME_END in folder.root or not isinstance(filters, list) or not files:
        return None
    types = arrow_schema(table)
    if not all(_is_on_text_of_partition(condition, files[0], types) for condition in filters):
        return None
    chosen = [file for file in files if all(_holds(condition, file) for condition in filters)]
    if not chosen:
        return types.empty_table().select(list(names))
    partitions = {tuple(file.partition.values()) for file in chosen}
    if len(partitions) < len(chosen) or len(chosen) > MOST_FILES or any(f.size > SMALL_BYTES for f in chosen):
        return None
    try:
        parts = [_read_file(folder, table, f, names) for f in sorted(chosen, key=lambda file: file.path)]
    except (pa.ArrowInvalid, OSError):
        return None
    return pa.concat_tables(parts)


def _read_file(folder: Folder, table: str, file: TableFile, names: Sequence[str]) -> pa.Table:
    """Reads one file with the columns of its partition."""
    rows = read_parquet(folder.location(file.path), columns=[n for n in names if n not in file.partition])
    return _with_partition(rows, table, file, names)


def _is_on_text_of_partition(condition: Any, file: TableFile, types: pa.Schema) -> bool:
    if not isinstance(condition, tuple) or condition[0] not in file.partition:
        return False
    name, operator, wanted = condition
    if not pa.types.is_string(types.field(name).type):
        return False
    return (operator in _EQUAL and isinstance(wanted, str)) or (
        operator == "in" and all(isinstance(value, str) for value in wanted)
    )


def _holds(condition: tuple[str, str, Any], file: TableFile) -> bool:
    name, operator, wanted = condition
    return file.partition[name] in ([wanted] if operator in _EQUAL else wanted)


def _with_partition(rows: pa.Table, table: str, file: TableFile, names: Sequence[str]) -> pa.Table:
    """Adds the columns of the partition, and gives all columns the types of the contract."""
    types = arrow_schema(table)
    columns = {
        name: pa.chunked_array([pa.repeat(pa.scalar(file.partition[name]), rows.num_rows)])
        if name in file.partition
        else rows[name]
        for name in names
    }
    fields = [types.field(name) for name in columns]
    return pa.table([columns[field.name].cast(field.type) for field in fields], pa.schema(fields))
