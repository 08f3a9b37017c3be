"""Arrow and Spark types of a contract."""

from functools import cache

import pyarrow as pa
from pyspark.sql import types as st

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
_SPARK: dict[ColumnType, st.DataType] = {
    "long": st.LongType(),
    "integer": st.IntegerType(),
    "double": st.DoubleType(),
    "string": st.StringType(),
    "timestamp": st.TimestampType(),
    "date": st.DateType(),
    "boolean": st.BooleanType(),
    "binary": st.BinaryType(),
}


@cache
def arrow_schema(table: str, with_partitions: bool = True) -> pa.Schema:
    """The Arrow schema of a table.

    Args:
        table: `layer.name`.
        with_partitions: False for the columns that stand in the files, without those of the path.
    """
    contract = load_contract(table)
    return pa.schema(
        pa.field(c.name, _ARROW[c.type], nullable=c.nullable)
        for c in contract.columns
        if with_partitions or c.name not in contract.partition_by
    )


@cache
def spark_schema(table: str) -> st.StructType:
    """The Spark schema of a table, with each column's description as its comment."""
    return st.StructType(
        [
            st.StructField(c.name, _SPARK[c.type], c.nullable, {"comment": c.description})
            for c in load_contract(table).columns
        ]
    )
