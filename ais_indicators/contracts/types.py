"""Arrow types of a contract."""

from functools import cache

import pyarrow as pa

from ais_indicators.contracts.model import ColumnType, load_contract

_ARROW: dict[ColumnType, pa.DataType] = {
    "long": pa.int64(),
    "integer": pa.int32(),
    "double": pa.float64(),
    "string": pa.string(),
    "timestamp": pa.timestamp("us", "UTC"),
    "date": pa.date32(),
    "boolean": pa.bool_(),
    "binary": pa.binary(),
}


@cache
def arrow_schema(table: str, with_partitions: bool = True) -> pa.Schema:
    """Returns the Arrow schema of a table.

    Args:
        table: `layer.name`.
        with_partitions: False for the columns in the files, without those of the path.
    """
    contract = load_contract(table)
    return pa.schema(
        pa.field(c.name, _ARROW[c.type], nullable=c.nullable)
        for c in contract.columns
        if with_partitions or c.name not in contract.partition_by
    )
