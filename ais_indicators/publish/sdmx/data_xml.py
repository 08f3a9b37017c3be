"""Observations as structure-specific SDMX-ML, 3.0 or 2.1: series by series, each with its weeks.

pysdmx writes the envelope (name spaces, header, data set); the series are written here by columns and in slices, so
that millions of observations take seconds and the memory of one slice.
"""

import re
from datetime import datetime
from pathlib import Path
from typing import IO, Final

import pandas as pd
import polars as pl
import pyarrow as pa
from pysdmx.io.pd import PandasDataset
from pysdmx.io.xml.sdmx21.writer import structure_specific as specific_21
from pysdmx.io.xml.sdmx30.writer import structure_specific as specific_30
from pysdmx.model.dataset import ActionType

from ais_indicators.publish.sdmx.components import TIME_PERIOD, ids_of, key_ids, stem
from ais_indicators.publish.sdmx.rows import ACTION, ACTIONS, APPEND, DELETE, REPLACE, Action
from ais_indicators.publish.sdmx.structures import SdmxVersion, Structures, message_header

_ACTION_TYPES: Final = {
    APPEND: ActionType.Append,
    REPLACE: ActionType.Replace,
    DELETE: ActionType.Delete,
}
_WRITERS: Final = {"3.0": specific_30.write, "2.1": specific_21.write}
_PLACEHOLDER: Final = "CONTENT_OF_THE_DATA_SET"
_DATA_SET: Final = re.compile(r"[ \t]*<mes:DataSet\b.*?</mes:DataSet>\s*", re.DOTALL)
_OPENING: Final = re.compile(r"<mes:DataSet\b[^>]*>")
_NEXT: Final = "</Series>\n<Series"
_ROWS_PER_SLICE: Final = 200_000


def write_sdmx_ml(
    observations: pl.DataFrame,
    table: str,
    structures: Structures,
    version: SdmxVersion,
    prepared: datetime,
    path: Path,
) -> None:
    """Writes the observations of one data flow, with a data set for each action.

    Args:
        observations: A column a component, and with or without `ACTION`; without one, all replace what is there.
        table: The released table that they are of.
        structures: What describes it.
        version: Of the standard.
        prepared: Time that the header tells.
        path: File to write.
    """
    if ACTION not in observations.columns:
        observations = observations.with_columns(pl.lit(REPLACE).alias(ACTION))
    series = [one for one in key_ids(table) if one != TIME_PERIOD] + ids_of(table, "series")
    ordered = observations.sort([*series, TIME_PERIOD], nulls_last=True)
    found = set(observations[ACTION].unique())
    with path.open("w", encoding="utf-8", newline="\n") as file:
        before, after = "", ""
        for action in [one for one in ACTIONS if one in found] or [REPLACE]:
            before, opening, after = _envelope(table, structures, version, prepared, action)
            if file.tell() == 0:
                file.write(before)
            file.write(f"{opening}\n")
            _write_series(ordered.filter(pl.col(ACTION) == action), series, table, file)
            file.write("</mes:DataSet>\n")
        file.write(after)


def _envelope(
    table: str, structures: Structures, version: SdmxVersion, prepared: datetime, action: Action
) -> tuple[str, str, str]:
    """What pysdmx writes around a data set: all before it, its opening tag, and all after it."""
    schema = structures.schema(table)
    row = {part.id: _PLACEHOLDER for part in schema.components}
    data = PandasDataset(structure=schema, data=pd.DataFrame([row]), action=_ACTION_TYPES[action])
    text = str(
        _WRITERS[version](
            [data],
            header=message_header(structures.publication, stem(table), prepared),
            dimension_at_observation={data.short_urn: TIME_PERIOD},
        )
    )
    found = _DATA_SET.search(text)
    opening = found and _OPENING.search(found[0])
    if not found or not opening:
        raise AssertionError("pysdmx wrote no data set")
    return text[: found.start()], opening[0], text[found.end() :]


def _write_series(rows: pl.DataFrame, series: list[str], table: str, file: IO[str]) -> None:
    """Writes sorted observations: a `Series` each time that its key or one of its attributes changes."""
    if rows.is_empty():
        return
    within = [TIME_PERIOD, *ids_of(table, "measure", "observation")]
    differs = pl.any_horizontal(pl.col(name).ne_missing(pl.col(name).shift()) for name in series)
    tag = pl.when(pl.int_range(pl.len()) == 0).then(pl.lit("<Series")).when(differs).then(pl.lit(_NEXT))
    opening = pl.concat_str("tag", *map(_attribute, series), pl.lit(">\n"))
    line = pl.concat_str(
        pl.when(pl.col("tag").is_null()).then(pl.lit("")).otherwise(opening),
        pl.lit("<Obs"),
        *map(_attribute, within),
        pl.lit("/>\n"),
    )
    for part in rows.with_columns(tag.alias("tag")).iter_slices(_ROWS_PER_SLICE):
        file.writelines(_with_texts(part).select(line).to_series())
    file.write("</Series>\n")


def _attribute(name: str) -> pl.Expr:
    """` NAME="value"`, nothing where there is no value. Values are codes, weeks and numbers: nothing to escape."""
    text = pl.concat_str(pl.lit(f' {name}="'), pl.col(name), pl.lit('"'))
    return pl.when(pl.col(name).is_null()).then(pl.lit("")).otherwise(text)


def _with_texts(rows: pl.DataFrame) -> pl.DataFrame:
    """Numbers as the CSV files of a release have them: in their shortest exact form, `3` and not `3.0`."""
    return rows.with_columns(
        pl.Series(name, values.to_arrow().cast(pa.string()))
        for name, values in rows.to_dict().items()
        if values.dtype.is_numeric()
    )
