"""Observations as SDMX-CSV 2.0: comma, decimal point, UTF-8, no quotes, no locale.

The layout is that of the SDMX-CSV field guide for SDMX 3.0: STRUCTURE, STRUCTURE_ID, ACTION, then the components in
the order of the structure. pyarrow writes it, since pysdmx turns every cell into a Python string on the way.
"""

from pathlib import Path
from typing import Final

import polars as pl
import pyarrow.csv

from ais_indicators.publish.sdmx.components import ids_of
from ais_indicators.publish.sdmx.rows import ACTION, REPLACE

SUFFIX: Final = "sdmx.csv"
_OPTIONS: Final = pyarrow.csv.WriteOptions(
    include_header=True, delimiter=",", eol="\n", quoting_style="none", quoting_header="none"
)


def write_sdmx_csv(observations: pl.DataFrame, table: str, flow_id: str, path: Path) -> None:
    """Writes the observations of one data flow.

    Args:
        observations: A column a component, and with or without `ACTION`; without one, all replace what is there.
        table: The released table that they are of.
        flow_id: The data flow, such as `AIS_INDICATORS:PORT_ACTIVITY(1.0)`.
        path: File to write.
    """
    action = pl.col(ACTION) if ACTION in observations.columns else pl.lit(REPLACE)
    rows = observations.select(
        pl.lit("dataflow").alias("STRUCTURE"),
        pl.lit(flow_id).alias("STRUCTURE_ID"),
        action.alias(ACTION),
        *ids_of(table, "dimension", "measure", "series", "observation"),
    )
    pyarrow.csv.write_csv(rows.to_arrow(compat_level=pl.CompatLevel.oldest()), path, _OPTIONS)
