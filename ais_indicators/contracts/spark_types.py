"""Spark types of a contract, separate from the Arrow types so that those load without Spark."""

from functools import cache

from pyspark.sql import types as st

from ais_indicators.contracts.model import ColumnType, load_contract

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
def spark_schema(table: str) -> st.StructType:
    """Returns the Spark schema of a table, with each column's description as its comment."""
    return st.StructType(
        [
            st.StructField(c.name, _SPARK[c.type], c.nullable, {"comment": c.description})
            for c in load_contract(table).columns
        ]
    )
