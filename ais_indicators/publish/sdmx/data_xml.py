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

from ais_indicators.contracts.measures import observed_contract
from ais_indicators.publish.places import Places
from ais_indicators.publish.sdmx.components import TIME_PERIOD, ids_of, key_ids, stem
from ais_indicators.publish.sdmx.data_schema import data_namespace
from ais_indicators.publish.sdmx.rows import (
    ACTION,
    ACTIONS,
    APPEND,
    DELETE,
    REPLACE,
    ROWS_PER_SLICE,
    Action,
    to_observations,
    with_action,
)
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
_HEADER_NAMESPACE: Final = re.compile(r'(<mes:Structure\b[^>]*\bnamespace=")[^"]*(")')
_PREFIX_NAMESPACE: Final = re.compile(r'(\bxmlns:ns1=")[^"]*(")')
_UNQUALIFIED_ACTION: Final = re.compile(r" action=")
_DATA_SCOPE: Final = re.compile(r'(\bss:dataScope=")[^"]*(")')
_OF_FLOW: Final = "Dataflow"
"""The scope of a data set in SDMX-ML 2.1: valid for its data flow."""

_TAG: Final = "tag"
_NUMBER: Final = "number"
_NEXT: Final = "</Series>\n<Series"


def write_sdmx_ml(
    rows: pl.DataFrame,
    table: str,
    places: Places,
    structures: Structures,
    version: SdmxVersion,
    prepared: datetime,
    path: Path,
) -> None:
    """Writes the observations of one data flow, with a data set for each action.

    Args:
        rows: Rows of a released table, with or without `ACTION`; without it, all replace existing ones.
        table: The table.
        places: Country of each port.
        structures: Structures of the table.
        version: Version of the standard.
        prepared: Time in the header.
        path: File to write.
    """
    rows = with_action(rows)
    found = set(rows[ACTION].unique())
    with path.open("w", encoding="utf-8", newline="\n") as file:
        after = ""
        for action in [one for one in ACTIONS if one in found] or [REPLACE]:
            before, opening, after = _envelope(table, structures, version, prepared, action)
            file.write(f"{opening}\n" if file.tell() else f"{before}{opening}\n")
            _write_series(rows, action, table, places, file)
            file.write("</mes:DataSet>\n")
        file.write(after)


def _envelope(
    table: str, structures: Structures, version: SdmxVersion, prepared: datetime, action: Action
) -> tuple[str, str, str]:
    """Returns what pysdmx writes around a data set: the text before it, its opening tag, and the text after it."""
    schema = structures.schema(table)
    row = {part.id: _PLACEHOLDER for part in schema.components}
    data = PandasDataset(structure=schema, data=pd.DataFrame([row]), action=_ACTION_TYPES[action])
    written = _WRITERS[version](
        [data],
        header=message_header(structures.publication, stem(table), prepared),
        dimension_at_observation={data.short_urn: TIME_PERIOD},
    )
    text = _corrected(str(written), data_namespace(structures.flow_urn(table)))
    found = _DATA_SET.search(text)
    opening = found and _OPENING.search(found[0])
    if not found or not opening:
        raise AssertionError("pysdmx wrote no data set")
    return text[: found.start()], opening[0], text[found.end() :]


def _corrected(text: str, namespace: str) -> str:
    """Corrects four faults of pysdmx 1.10.1 against the standard's schemas.

    The header names another namespace than the data set has; in 2.1 that of the data structure although the header
    refers to the data flow. The attribute `action` belongs to the standard's namespace, in 2.1 and in 3.0. In 2.1
    `dataScope` holds the identifier of the flow where the standard has a list of four words. If a later pysdmx writes
    what the standard requires, nothing changes here.
    """
    text = _HEADER_NAMESPACE.sub(rf"\g<1>{namespace}\g<2>", text)
    text = _PREFIX_NAMESPACE.sub(rf"\g<1>{namespace}\g<2>", text)
    text = _DATA_SCOPE.sub(rf"\g<1>{_OF_FLOW}\g<2>", text)
    return _OPENING.sub(lambda tag: _UNQUALIFIED_ACTION.sub(" ss:action=", tag[0]), text)


def _write_series(rows: pl.DataFrame, action: Action, table: str, places: Places, file: IO[str]) -> None:
    """Writes observations series by series: a new one if the key or an attribute of the complete series changes."""
    series = [name for name in (*observed_contract(table).key, "unit") if name != "week"]
    order = _order(rows, action, [*series, "week"])
    differs = pl.any_horizontal(pl.col(name).ne_missing(pl.col(name).shift()) for name in series)
    for start in range(0, len(order), ROWS_PER_SLICE):
        before = min(start, 1)  # the previous row shows whether the first one continues its series
        part = rows[order[start - before : start + ROWS_PER_SLICE]]
        first = pl.when(pl.int_range(pl.len()) == 0).then(pl.lit("" if before else "<Series"))
        tagged = part.with_columns(first.when(differs).then(pl.lit(_NEXT)).alias(_TAG))[before:]
        file.writelines(_with_texts(to_observations(tagged, table, places)).select(_line(table)).to_series())
    if len(order):
        file.write("</Series>\n")


def _order(rows: pl.DataFrame, action: Action, by: list[str]) -> pl.Series:
    """Returns the row numbers of an action in order: sorting these takes far less memory than sorting the rows."""
    numbered = rows.lazy().select(ACTION, *by).with_row_index(_NUMBER).filter(pl.col(ACTION) == action)
    return numbered.sort(by, nulls_last=True).select(_NUMBER).collect().to_series()


def _line(table: str) -> pl.Expr:
    """Formats an observation, after the opening of its series if it is the first."""
    of_series = [*(one for one in key_ids(table) if one != TIME_PERIOD), *ids_of(table, "series")]
    of_observation = [TIME_PERIOD, *ids_of(table, "measure", "observation")]
    opening = pl.concat_str(_TAG, *map(_attribute, of_series), pl.lit(">\n"))
    return pl.concat_str(
        pl.when(pl.col(_TAG).is_null()).then(pl.lit("")).otherwise(opening),
        pl.lit("<Obs"),
        *map(_attribute, of_observation),
        pl.lit("/>\n"),
    )


def _attribute(name: str) -> pl.Expr:
    """Formats ` NAME="value"`, empty without a value.

    Values are codes, weeks and numbers: nothing needs escaping.
    """
    text = pl.concat_str(pl.lit(f' {name}="'), pl.col(name), pl.lit('"'))
    return pl.when(pl.col(name).is_null()).then(pl.lit("")).otherwise(text)


def _with_texts(rows: pl.DataFrame) -> pl.DataFrame:
    """Formats numbers as the CSV files of a release do: in their shortest exact form, `3` and not `3.0`."""
    return rows.with_columns(
        pl.Series(name, values.to_arrow().cast(pa.string()))
        for name, values in rows.to_dict().items()
        if values.dtype.is_numeric()
    )
