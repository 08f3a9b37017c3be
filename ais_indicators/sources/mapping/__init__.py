"""Mapping files: any feed of AIS in CSV or Parquet, read by a description in YAML instead of code.

mapping = load_mapping(path)              # or one of shipped_mappings() that recognises(header)
rows = to_rows(raw, mapping)              # raw: the feed's columns under its own names
rows.positions, rows.statics, rows.set_aside
"""

from ais_indicators.sources.mapping.convert import (
    MappedRows,
    feed_columns,
    file_columns,
    first_texts,
    set_aside_column,
    to_rows,
)
from ais_indicators.sources.mapping.forms import choose_format, open_columns, with_formats
from ais_indicators.sources.mapping.model import Mapping, example_mappings, load_mapping, shipped_mappings
from ais_indicators.sources.mapping.surrogates import without_surrogates

__all__ = [
    "MappedRows",
    "Mapping",
    "choose_format",
    "example_mappings",
    "feed_columns",
    "file_columns",
    "first_texts",
    "load_mapping",
    "open_columns",
    "set_aside_column",
    "shipped_mappings",
    "to_rows",
    "with_formats",
    "without_surrogates",
]
