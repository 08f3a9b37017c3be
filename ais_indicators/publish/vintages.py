"""Several weeks as known at one time, in one file per table: the rows that were published, in their order."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from ais_indicators.contracts.model import Column, Contract, load_contract
from ais_indicators.contracts.types import arrow_schema
from ais_indicators.publish.files import (
    ExportFormat,
    data_file_name,
    file_stem,
    released_tables,
    remove_old_notes,
    staged_folder,
    write_csv,
    write_descriptions,
    write_parquet,
)

VINTAGES: Final = "vintages.csv"


@dataclass(frozen=True)
class Vintage:
    """Release of a week that was served at a time.

    Attributes:
        week: The week.
        release_id: The release.
        published_at: When it was published.
        folder: Its files.
    """

    week: str
    release_id: str
    published_at: datetime
    folder: Path


def released_rows(vintages: Sequence[Vintage], table: str) -> pl.LazyFrame:
    """Reads the rows of a table in some releases, with the release of each as `release_id`, lazily.

    Columns that a release of an earlier build does not have are null.
    """
    paths = {one.release_id: one.folder / data_file_name(table, "parquet") for one in vintages}
    frames = [
        pl.scan_parquet(path).with_columns(release_id=pl.lit(release_id))
        for release_id, path in paths.items()
        if path.is_file()
    ]
    return pl.concat(frames, how="diagonal") if frames else _no_rows(table)


def _no_rows(table: str) -> pl.LazyFrame:
    """Returns an empty table, for one of which none of the releases has a file, such as those of an earlier build."""
    empty = pl.from_arrow(arrow_schema(table).empty_table())
    return pl.LazyFrame(empty).with_columns(release_id=pl.lit("", pl.String))


def contract_rows(vintages: Sequence[Vintage], table: str) -> pl.DataFrame:
    """Returns the rows of a table in some releases, in the contract's columns and the order of its key.

    Columns that a release was made without hold the contract's value for such rows.

    Args:
        vintages: One release per week, in order. The key begins with the week, and releases are in its order.
        table: The table.
    """
    contract = load_contract(table)
    empty = pl.DataFrame(arrow_schema(table).empty_table())
    rows = pl.concat([empty.lazy(), released_rows(vintages, table)], how="diagonal")
    return rows.select(contract.column_names).with_columns(as_written_today(contract)).collect()


def as_written_today(contract: Contract) -> list[pl.Expr]:
    """Fills columns that rows of earlier builds lack, and replaces former codes."""
    return [_of_today(one) for one in contract.columns if one.absent is not None or one.former_codes]


def _of_today(column: Column) -> pl.Expr:
    values = pl.col(column.name)
    filled = values if column.absent is None else values.fill_null(column.absent)
    return filled.replace(column.renamed_codes) if column.former_codes else filled


def export_vintages(
    vintages: Sequence[Vintage],
    file_format: ExportFormat,
    out: Path,
    attributions: Sequence[str],
    notes: Sequence[str],
) -> list[Path]:
    """Writes the rows of several releases, one file per table, and which release each week is from.

    If all releases have the same columns, the lines of a CSV are those that were published, byte for byte.

    Args:
        vintages: One release per week, in order.
        file_format: `csv` or `parquet`.
        out: Folder to write to, created if missing.
        attributions: Texts that the sources require.
        notes: What a reader must know about the values.

    Returns:
        The files: for each table data, columns, sources and, if any, notes; then the list of releases.
    """
    folders = [one.folder for one in vintages]
    tables = released_tables(folders, file_format)
    with staged_folder(out) as staged:
        for table in tables:
            target = staged / data_file_name(table, file_format)
            if file_format != "csv" or not _join_lines(folders, target):
                _join_rows(folders, table, target)
        described = write_descriptions(staged, tables, attributions, notes)
        write_csv(_listed(vintages), staged / VINTAGES)
    remove_old_notes(out, [file_stem(table) for table in tables], notes)
    names = [name for table in tables for name in (data_file_name(table, file_format), *described[table])]
    return [out / name for name in (*names, VINTAGES)]


def _join_lines(folders: Sequence[Path], target: Path) -> bool:
    """Joins the lines of CSV files under one header; returns False, and writes nothing, if the headers differ."""
    paths = [path for folder in folders if (path := folder / target.name).is_file()]
    headers = set()
    for path in paths:
        with path.open("rb") as source:
            headers.add(source.readline())
    if len(headers) != 1:
        return False
    with target.open("wb") as joined:
        joined.writelines(headers)
        for path in paths:
            with path.open("rb") as source:
                source.readline()
                shutil.copyfileobj(source, joined)
    return True


def _join_rows(folders: Sequence[Path], table: str, target: Path) -> None:
    """Writes the rows of releases that can have different columns."""
    name = data_file_name(table, "parquet")
    parts = [pq.read_table(folder / name) for folder in folders if (folder / name).is_file()]
    rows = pa.concat_tables(parts, promote_options="default")
    (write_csv if target.suffix == ".csv" else write_parquet)(rows, target)


def _listed(vintages: Sequence[Vintage]) -> pa.Table:
    return pa.table(
        {
            "week": [one.week for one in vintages],
            "release_id": [one.release_id for one in vintages],
            "published_at_utc": [one.published_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ") for one in vintages],
        },
        schema=pa.schema([(name, pa.string()) for name in ("week", "release_id", "published_at_utc")]),
    )
