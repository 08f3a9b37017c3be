"""Parts of a Delta table as Spark frames."""

from collections.abc import Iterator, Sequence

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession

from ais_indicators.contracts.spark_types import spark_schema
from ais_indicators.contracts.types import arrow_schema
from ais_indicators.io.staging import TableFile
from ais_indicators.io.store import Folder, table_folder
from ais_indicators.settings import Settings

FILE_SCHEMA = "path string, partition map<string, string>"


def frame_of_files(
    spark: SparkSession, settings: Settings, table: str, files: Sequence[TableFile]
) -> DataFrame:
    """Reads files of the current version as one frame, in the contract's types.

    The caller has the version's list of files at hand, so Spark need not read the table's log once more: for a
    narrow table that would take longer than the reading itself. Files of an object store are read by Python's workers,
    as in all other steps, so that a cluster needs neither Hadoop's connector nor a second set of keys.

    Args:
        spark: The session.
        settings: Where the table lies.
        table: `layer.name`.
        files: Files that `io.delta.active_files` named.
    """
    if not files:
        return spark.createDataFrame([], spark_schema(table))
    if settings.lake_url:
        return _read_by_workers(spark, table_folder(settings, table), table, files)
    root = settings.table_path(table)
    reader = spark.read.schema(spark_schema(table)).option("basePath", str(root))
    return reader.parquet(*(str(root / file.path) for file in files))


def _read_by_workers(
    spark: SparkSession, folder: Folder, table: str, files: Sequence[TableFile]
) -> DataFrame:
    named = spark.createDataFrame([(file.path, dict(file.partition)) for file in files], FILE_SCHEMA)

    def read(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for file in batch.to_pylist():
                yield from _rows_of(folder, table, file["path"], dict(file["partition"])).to_batches()

    return named.repartition(min(len(files), spark.sparkContext.defaultParallelism)).mapInArrow(
        read, spark_schema(table)
    )


def _rows_of(folder: Folder, table: str, path: str, partition: dict[str, str | None]) -> pa.Table:
    """The rows of one file in the contract's columns and types; null in those that it was written without."""
    schema = arrow_schema(table)
    rows = folder.read(path)
    columns = []
    for field in schema:
        if field.name in partition:
            value = pa.scalar(partition[field.name], pa.string()).cast(field.type)
            columns.append(pa.repeat(value, rows.num_rows))
        elif field.name in rows.column_names:
            columns.append(rows[field.name].cast(field.type))
        else:
            columns.append(pa.nulls(rows.num_rows, field.type))
    return pa.table(columns, schema=schema)
