"""Rows of several releases as one frame, in the columns that tables have now."""

from collections.abc import Sequence

import polars as pl

from ais_indicators.contracts.model import load_contract
from ais_indicators.publish.vintages import Vintage, released_rows


def rows_of_vintages(vintages: Sequence[Vintage], table: str, wanted: pl.Expr) -> pl.DataFrame:
    """The rows of a table that are wanted, in the order of its key, with the release of each as `release_id`.

    Columns that a release of an earlier build was made without hold what the contract says of such rows. None of the
    releases may have the table: then there is no row.
    """
    contract = load_contract(table)
    rows = released_rows(vintages, table)
    names = rows.collect_schema().names()
    if not names:
        return pl.DataFrame(schema=dict.fromkeys((*contract.column_names, "release_id"), pl.String))
    absent = [
        (pl.col(column.name) if column.name in names else pl.lit(None, pl.String))
        .fill_null(column.absent)
        .alias(column.name)
        for column in contract.columns
        if column.absent is not None
    ]
    return rows.with_columns(absent).filter(wanted).sort(contract.key).collect()
