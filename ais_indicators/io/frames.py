"""Parts of a Delta table as Spark frames."""

from collections.abc import Sequence

from pyspark.sql import DataFrame, SparkSession

from ais_indicators.contracts.types import spark_schema
from ais_indicators.io.staging import TableFile
from ais_indicators.settings import Settings


def frame_of_files(
    spark: SparkSession, settings: Settings, table: str, files: Sequence[TableFile]
) -> DataFrame:
    """Reads files of the current version as one frame, in the contract's types.

    The caller has the version's list of files at hand, so Spark need not read the table's log once more: for a
    narrow table that would take longer than the reading itself.

    Args:
        spark: The session.
        settings: Where the table lies.
        table: `layer.name`.
        files: Files that `io.delta.active_files` named.
    """
    if not files:
        return spark.createDataFrame([], spark_schema(table))
    root = settings.table_path(table)
    reader = spark.read.schema(spark_schema(table)).option("basePath", str(root))
    return reader.parquet(*(str(root / file.path) for file in files))
