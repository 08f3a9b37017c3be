"""Reads a small partition that is one file, as most are, without scanning a dataset.

A weekly run reads hundreds of such partitions, and setting up a scan costs more than reading the rows.
"""

from collections.abc import Sequence
from typing import Any, Final

import pyarrow as pa

from ais_indicators.contracts.types import arrow_schema
from ais_indicators.io.staging import TableFile
from ais_indicators.io.store import SCHEME_END, SMALL_BYTES, Folder, read_parquet

_EQUAL: Final = ("=", "==")


def read_single_file(
    folder: Folder, table: str, files: Sequence[TableFile], names: Sequence[str], filters: Any
) -> pa.Table | None:
    """Reads the one file that partition filters select.

    Args:
        folder: Folder of the table.
        table: `layer.name`.
        files: Files of the version that is read.
        names: Columns that the table has, in the order of the result.
        filters: Conditions that must all hold, in the form of `deltalake`.

    Returns:
        Its rows; None where the caller must scan the table: the filters name other columns or types, leave several
        files or a large one, or the file lacks a column or cannot be read.
    """
    if SCHEME_END in folder.root or not isinstance(filters, list) or not files:
        return None
    types = arrow_schema(table)
    if not all(_is_on_text_of_partition(condition, files[0], types) for condition in filters):
        return None
    chosen = [file for file in files if all(_holds(condition, file) for condition in filters)]
    if len(chosen) != 1 or chosen[0].size > SMALL_BYTES:
        return None
    (file,) = chosen
    try:
        rows = read_parquet(folder.location(file.path), columns=[n for n in names if n not in file.partition])
    except (pa.ArrowInvalid, OSError):
        return None
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
