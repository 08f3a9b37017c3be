"""Suppressed information of a release, by table."""

from math import fsum

import polars as pl

from ais_indicators.contracts.measures import to_observed
from ais_indicators.disclosure.protect import LEAD, SECONDARY, SUPPRESSED, cell_key
from ais_indicators.disclosure.published import FREE, PRIMARY, Frames
from ais_indicators.disclosure.tables import FLOWS, TOTAL


def losses(gold: Frames, released: Frames, without_insiders: Frames) -> dict[str, dict[str, float]]:
    """Adds up what a release suppresses, by table.

    Args:
        gold: Rows of the week as in gold.
        released: The same as they are released.
        without_insiders: The same as they would be released if contributors did not know their own part.

    Returns:
        Of each table its cells, those suppressed first, those suppressed to protect them, and those of both that are
        suppressed because of insiders; observations suppressed; and the sum over the finest cells of what its cells
        are weighed by: in all, lost, and lost because of insiders.
    """
    return {
        table: _loss(table, rows, gold[table], without_insiders.get(table, rows))
        for table, rows in released.items()
        if rows.height and table in LEAD
    }


def _loss(table: str, released: pl.DataFrame, gold: pl.DataFrame, without: pl.DataFrame) -> dict[str, float]:
    key = cell_key(table)
    is_lost = pl.col("conf_status") != FREE
    before = without.select(*key, was_lost=is_lost).unique()
    cells = released.select(*key, "conf_status", is_lost=is_lost).unique().join(before, on=key, how="left")
    cells = cells.with_columns(by_insiders=pl.col("is_lost") & ~pl.col("was_lost").fill_null(False))
    finest = ~pl.any_horizontal(pl.col(name) == TOTAL for name in key)
    if table == FLOWS:
        finest &= (pl.col("reporter_level") == "port") & (pl.col("direction") == "import")
    lead = to_observed(gold, table).filter((pl.col("indicator") == LEAD[table]) & finest)
    weighed = lead.select(*key, "value").join(cells, on=key)

    def total(rows: pl.DataFrame) -> float:
        return fsum(rows["value"].drop_nulls())

    return {
        "cells": cells.height,
        "primary": cells.filter(pl.col("conf_status").is_in(list(PRIMARY))).height,
        "secondary": cells.filter(pl.col("conf_status") == SECONDARY).height,
        "insiders": cells.filter("by_insiders").height,
        "observations": to_observed(released, table).filter(pl.col("obs_status") == SUPPRESSED).height,
        LEAD[table]: total(weighed),
        f"{LEAD[table]}_lost": total(weighed.filter("is_lost")),
        f"{LEAD[table]}_lost_to_insiders": total(weighed.filter("by_insiders")),
    }
