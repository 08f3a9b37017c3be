"""Writes Parquet files that a later commit makes part of a table. Also runs in Spark's workers.

A staged file is invisible until its commit. Its name contains the task's content key and a random attempt, so that a
task that Spark runs twice, or a killed run, leaves only files that no version names.
"""

import json
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import numpy as np
import pyarrow as pa
from deltalake.transaction import AddAction, RemoveAction

from ais_indicators.contracts.model import load_contract
from ais_indicators.contracts.types import arrow_schema
from ais_indicators.io.store import Folder

COMPRESSION = "zstd"
COMPRESSION_LEVEL = 1
NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__"


@dataclass(frozen=True)
class TableFile:
    """One Parquet file of a table: staged, or named by a version.

    Attributes:
        path: Relative to the table.
        partition: Values of the partition columns as text, as Delta writes them.
        size: Bytes.
        rows: Rows in it.
    """

    path: str
    partition: Mapping[str, str | None]
    size: int
    rows: int

    def added(self, at_ms: int) -> AddAction:
        """Returns the Delta action that adds the file; its only statistic is the row count, which cannot be wrong."""
        return AddAction(
            path=quote(self.path, safe="/="),
            size=self.size,
            partition_values=dict(self.partition),
            modification_time=at_ms,
            data_change=True,
            stats=json.dumps({"numRecords": self.rows}),
        )

    def removed(self, at_ms: int) -> RemoveAction:
        """Returns the Delta action that removes the file from the next version."""
        return RemoveAction(
            path=self.path,
            data_change=True,
            deletion_timestamp=at_ms,
            size=self.size,
            partition_values=dict(self.partition),
        )


def stage(
    folder: Folder,
    table: str,
    rows: pa.Table,
    partition: Mapping[str, Any],
    key: str,
    coded: Collection[str] = (),
) -> TableFile:
    """Checks rows against the contract and writes them as one file of one partition.

    Args:
        folder: Folder of the Delta table.
        table: `layer.name`.
        rows: Columns of the table without those of the partition, in any order.
        partition: Value of each partition column.
        key: What the rows belong to, for the file's name.
        coded: Columns with few distinct values, to be written as codes of them like text.

    Raises:
        ValueError: A column is missing, of another type, or null where it must not be.
    """
    schema = arrow_schema(table, with_partitions=False)
    checked = conform(rows, schema, table)
    texts = {name: _as_text(partition[name]) for name in load_contract(table).partition_by}
    parts = [f"{name}={NULL_PARTITION if text is None else text}" for name, text in texts.items()]
    path = "/".join([*parts, f"{key}-{uuid.uuid4().hex}.parquet"])
    size = folder.write(
        path,
        checked,
        compression=COMPRESSION,
        compression_level=COMPRESSION_LEVEL,
        use_dictionary=[f.name for f in schema if pa.types.is_string(f.type) or f.name in coded],
        write_statistics=False,
        store_schema=False,
    )
    return TableFile(path=path, partition=texts, size=size, rows=checked.num_rows)


def conform(rows: pa.Table, schema: pa.Schema, table: str) -> pa.Table:
    """Brings rows to exactly the contract's columns and types, and refuses forbidden nulls.

    Text can stay dictionary-encoded: Parquet stores it so anyway, and as the same type.
    """
    missing = [name for name in schema.names if name not in rows.column_names]
    if missing:
        raise ValueError(f"rows for {table} lack the columns {missing}")
    selected = rows.select(schema.names)
    kept = (
        given if _is_coded_text(given, asked) else asked
        for given, asked in zip(selected.schema, schema, strict=True)
    )
    checked = selected.cast(pa.schema(kept))
    for field in schema:
        if not field.nullable and checked[field.name].null_count:
            raise ValueError(
                f"{table}.{field.name} must not be null, {checked[field.name].null_count} rows are"
            )
    return checked


def _is_coded_text(given: pa.Field, asked: pa.Field) -> bool:
    is_coded = pa.types.is_dictionary(given.type) and given.type.value_type == asked.type
    return bool(is_coded and pa.types.is_string(asked.type))


def stage_by_partition(folder: Folder, table: str, rows: pa.Table, key: str) -> list[TableFile]:
    """Writes the rows of a narrow table, one file per partition."""
    names = list(load_contract(table).partition_by)
    if not names:
        return [stage(folder, table, rows, {}, key)] if rows.num_rows else []
    codes = np.zeros(rows.num_rows, np.int64)
    for name in names:
        column = rows[name].combine_chunks().dictionary_encode(null_encoding="encode")
        codes = codes * len(column.dictionary) + column.indices.to_numpy()
    staged = []
    for code in np.unique(codes):
        part = rows.filter(pa.array(codes == code))
        values = {name: part[name][0].as_py() for name in names}
        staged.append(stage(folder, table, part.drop_columns(names), values, key))
    return staged


def _as_text(value: Any) -> str | None:
    return None if value is None else str(value)
