"""Observations as SDMX-CSV 2.0: comma, decimal point, UTF-8, no quotes, no locale.

The layout follows the SDMX-CSV field guide for SDMX 3.0: STRUCTURE, STRUCTURE_ID, ACTION, then the components in the
order of the structure. pyarrow writes it, because pysdmx converts every cell to a Python string.
"""

from pathlib import Path
from typing import Final

import polars as pl
import pyarrow as pa
import pyarrow.csv

from ais_indicators.publish.places import Places
from ais_indicators.publish.sdmx.components import ids_of
from ais_indicators.publish.sdmx.rows import ACTION, ROWS_PER_SLICE, to_observations, with_action

SUFFIX: Final = "sdmx.csv"
_OPTIONS: Final = pyarrow.csv.WriteOptions(
    include_header=True, delimiter=",", eol="\n", quoting_style="none", quoting_header="none"
)


def write_sdmx_csv(rows: pl.DataFrame, table: str, places: Places, flow_id: str, path: Path) -> None:
    """Writes the observations of one data flow.

    Args:
        rows: Rows of a released table, with or without `ACTION`; without it, all replace existing ones.
        table: The table.
        places: Country of each port.
        flow_id: The data flow, such as `AIS_INDICATORS:PORT_ACTIVITY(1.0)`.
        path: File to write.
    """
    schema = _lines(rows.clear(), table, places, flow_id).schema
    with pyarrow.csv.CSVWriter(path, schema, write_options=_OPTIONS) as file:
        for part in rows.iter_slices(ROWS_PER_SLICE):
            file.write_table(_lines(part, table, places, flow_id))


def _lines(rows: pl.DataFrame, table: str, places: Places, flow_id: str) -> pa.Table:
    """Lays out observations in the columns of the file."""
    observations = with_action(to_observations(rows, table, places)).select(
        pl.lit("dataflow").alias("STRUCTURE"),
        pl.lit(flow_id).alias("STRUCTURE_ID"),
        ACTION,
        *ids_of(table, "dimension", "measure", "series", "observation"),
    )
    return observations.to_arrow(compat_level=pl.CompatLevel.oldest())
