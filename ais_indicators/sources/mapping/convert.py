"""From a table under a feed's own names to rows with the columns of bronze.

Every row ends in exactly one place: as a position, as a static report, or set aside under a name that is counted.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ais_indicators.contracts.model import bound_value, load_contract
from ais_indicators.contracts.row_rules import VALUE_FLAGS, Mask, joined_labels
from ais_indicators.errors import BadInputError
from ais_indicators.rules import Rules
from ais_indicators.sources.blocks import BRONZE_MESSAGES, BRONZE_STATICS, raw_schema, static_schema
from ais_indicators.sources.eta import eta_of_code
from ais_indicators.sources.mapping.columns import (
    ReadColumn,
    Reading,
    as_texts,
    plain,
    read_column,
    reading_of,
    time_texts,
)
from ais_indicators.sources.mapping.combine import joined_texts, read_combined
from ais_indicators.sources.mapping.model import MMSI, OBSERVED_AT, Mapping, mappable_columns
from ais_indicators.sources.mapping.surrogates import SURROGATE_FLAG, read_hashed, without_surrogates
from ais_indicators.sources.mapping.yearless import PACKED, codes_of_packed

MESSAGE_TYPE: Final = "message_type"
POSITION_TYPES: Final = (1, 2, 3, 18, 19, 27)
STATIC_TYPES: Final = (5, 24)
"""Message types of ITU-R M.1371 (methodology 3)."""

_NO_TIME: Final = np.iinfo(np.int64).min


@dataclass(frozen=True)
class MappedRows:
    """Rows before the row rules; all counts together are the rows that came in.

    Attributes:
        positions: One row per position message, with the columns of `raw_schema`.
        is_position: Which of the feed's rows these are.
        statics: One row per static report, with the columns of `static_schema`.
        is_static: Which of the feed's rows these are.
        set_aside: Rows that are neither, by what they are.
        is_unreadable: Rows among the positions and statics whose time is there but cannot be read; None for no row.
    """

    positions: pa.Table
    is_position: Mask
    statics: pa.Table
    is_static: Mask
    set_aside: Counter[str]
    is_unreadable: Mask | None = None


def feed_columns(mapping: Mapping, header: Sequence[str], file_name: str) -> dict[str, str]:
    """Returns for each column of bronze that a file can fill the name of the file's column.

    Args:
        mapping: What the file is read by.
        header: Names of the file's columns; blanks around them do not count.
        file_name: Name of the file, for messages.

    Raises:
        BadInputError: A column that is needed is not there, or one is there twice.
    """
    wanted = {name: mapped.names for name, mapped in mapping.columns.items() if mapped.names}
    found = {
        name: one for name, names in wanted.items() if (one := _find(names, header, file_name)) is not None
    }
    for name in mapping.needed_columns():
        if name in wanted and name not in found:
            raise BadInputError(_absent(mapping, file_name, wanted[name]))
    return found


def combined_columns(mapping: Mapping, header: Sequence[str], file_name: str) -> dict[str, tuple[str, ...]]:
    """Returns for each column of bronze that is made of several the names of the file's columns, all of them there.

    Args:
        mapping: What the file is read by.
        header: Names of the file's columns.
        file_name: Name of the file, for messages.

    Raises:
        BadInputError: One that is needed is not there, or one is there twice.
    """
    found = {}
    for name, mapped in mapping.columns.items():
        places = [_find((one,), header, file_name) for one in mapped.combined]
        present = tuple(place for place in places if place is not None)
        if present and len(present) == len(places):
            found[name] = present
        elif mapped.combined and name in mapping.needed_columns():
            raise BadInputError(_absent(mapping, file_name, mapped.combined))
    return found


def file_columns(mapping: Mapping, header: Sequence[str], file_name: str) -> set[str]:
    """Returns the names of all columns of a file that are read.

    Raises:
        BadInputError: A column that is needed is not there, or one is there twice.
    """
    combined = combined_columns(mapping, header, file_name).values()
    aside = set_aside_column(mapping, header, file_name)
    single = feed_columns(mapping, header, file_name).values()
    return {*single, *(name for names in combined for name in names), *([] if aside is None else [aside])}


def set_aside_column(mapping: Mapping, header: Sequence[str], file_name: str) -> str | None:
    """Returns the name of the file's column that determines which rows are set aside; None without one.

    Raises:
        BadInputError: The mapping names one that is not there, or is there twice.
    """
    if mapping.set_aside is None:
        return None
    found = _find(mapping.set_aside.names, header, file_name)
    if found is None:
        raise BadInputError(_absent(mapping, file_name, mapping.set_aside.names))
    return found


def to_rows(raw: pa.Table, mapping: Mapping, rules: Rules) -> MappedRows:
    """Turns a feed's columns into those of bronze, before the row rules.

    Columns that the feed has not are null. A value that cannot be read is null, with the flag
    `<stem>_unreadable` where the column is an optional one; of needed columns the row rules then reject the row.

    Args:
        raw: One row per message, under the feed's own names: text, or typed as in a Parquet file.
        mapping: How to read them.
        rules: Rules of the lake's subject.

    Raises:
        BadInputError: A column that is needed is not there, or one is there twice.
        TypeError: A column's Arrow type cannot hold its values.
    """
    read = _read_columns(raw, mapping, rules)
    types = read[MESSAGE_TYPE].values if MESSAGE_TYPE in read else pa.nulls(raw.num_rows, pa.int32())
    aside = _set_aside(raw, mapping, types, rules)
    stays = aside.is_null().to_numpy(zero_copy_only=False)
    is_static_type = pc.is_in(types, pa.array(STATIC_TYPES, pa.int32())).to_numpy(zero_copy_only=False)
    is_static = stays if mapping.rows == "statics" else stays & is_static_type
    is_position = stays & ~is_static
    counts = aside.drop_null().value_counts().to_pylist()
    return MappedRows(
        _table(read, BRONZE_MESSAGES, raw_schema(), is_position, mapping.columns[MMSI].hashed, rules),
        is_position,
        _table(read, BRONZE_STATICS, static_schema(), is_static, mapping.columns[MMSI].hashed, rules),
        is_static,
        Counter({one["values"]: one["counts"] for one in counts}),
        _without_time(read[OBSERVED_AT], stays) if OBSERVED_AT in read else None,
    )


def first_texts(raw: pa.Table, mapping: Mapping, name: str) -> pa.Array | None:
    """Returns the texts of a time's column, null if one means "not available"; None for a column that has no texts.

    Args:
        raw: As for `to_rows`.
        mapping: What it is read by.
        name: Column of bronze.
    """
    source = feed_columns(mapping, raw.column_names, mapping.layout).get(name)
    several = combined_columns(mapping, raw.column_names, mapping.layout).get(name)
    if several is not None:
        return joined_texts([raw[one].combine_chunks() for one in several], reading_of(name, mapping))
    if source is None:
        return None
    return time_texts(raw[source].combine_chunks(), reading_of(name, mapping))


def _without_time(observed: ReadColumn, stays: Mask) -> Mask | None:
    """Returns rows that stay but for their time, which is there and cannot be read."""
    if observed.unreadable is None:
        return None
    mask: Mask = observed.unreadable & stays
    return mask if mask.any() else None


def _find(names: Sequence[str], header: Sequence[str], file_name: str) -> str | None:
    """Returns the first of some names that a file has, as the file writes it."""
    plain_header = [name.strip() for name in header]
    for name in names:
        if plain_header.count(name) > 1:
            raise BadInputError(f"{file_name}: has more than one column {name}; remove the one too many")
        if name in plain_header:
            return header[plain_header.index(name)]
    return None


def _absent(mapping: Mapping, file_name: str, names: Sequence[str]) -> str:
    wanted = " or ".join(names)
    return f"{file_name}: has no column {wanted}, which the layout {mapping.layout} needs; correct either of them"


def _read_columns(raw: pa.Table, mapping: Mapping, rules: Rules) -> dict[str, ReadColumn]:
    """Reads every column that the mapping fills, by the name of bronze."""
    sources = feed_columns(mapping, raw.column_names, mapping.layout)
    several = combined_columns(mapping, raw.column_names, mapping.layout)
    readings = {name: reading_of(name, mapping) for name in mapping.columns}
    read = {}
    for name, reading in readings.items():
        if reading.mapped.constant is not None:
            read[name] = ReadColumn(
                pa.repeat(pa.scalar(reading.mapped.constant, reading.arrow_type), raw.num_rows)
            )
        elif name in sources and reading.mapped.hashed:
            read[name] = read_hashed(raw[sources[name]].combine_chunks(), reading, rules)
        elif name in sources:
            read[name] = _read_named(raw, sources[name], reading)
        elif name in several:
            read[name] = read_combined([raw[one].combine_chunks() for one in several[name]], reading)
    return {
        name: _with_year(column, read[OBSERVED_AT], readings[name])
        if readings[name].mapped.is_yearless
        else column
        for name, column in read.items()
    }


def _read_named(raw: pa.Table, source: str, reading: Reading) -> ReadColumn:
    try:
        return read_column(raw[source].combine_chunks(), reading)
    except TypeError as error:
        raise TypeError(f"{source}: {error}") from error


def _with_year(codes: ReadColumn, observed: ReadColumn, reading: Reading) -> ReadColumn:
    """Times written without their year, each in the year that is nearest to its message."""
    micros = observed.values.cast(pa.int64()).fill_null(_NO_TIME).to_numpy()
    numbers = codes.values.fill_null(0).to_numpy()
    is_packed = not reading.mapped.parts and PACKED in reading.mapped.time_format
    instants = eta_of_code(codes_of_packed(numbers) if is_packed else numbers, micros)
    return replace(codes, values=pa.array(instants, pa.timestamp("us")).cast(observed.values.type))


def _set_aside(raw: pa.Table, mapping: Mapping, types: pa.Array, rules: Rules) -> pa.Array:
    """Returns the name under which each row is counted; null for the rows that stay."""
    bounds = mappable_columns()[MESSAGE_TYPE]
    known = pc.and_(
        pc.greater_equal(types, bound_value(bounds.minimum, rules)),
        pc.less_equal(types, bound_value(bounds.maximum, rules)),
    )
    ships = pa.array((*POSITION_TYPES, *STATIC_TYPES), pa.int32())
    is_other = pc.fill_null(pc.and_(known, pc.invert(pc.is_in(types, ships))), False)
    by_type = pc.binary_join_element_wise("type", types.cast(pa.string()), "_")
    named = pc.if_else(is_other, by_type, pa.scalar(None, pa.string()))
    column = set_aside_column(mapping, raw.column_names, mapping.layout)
    if mapping.set_aside is None or column is None:
        return named
    return pc.coalesce(_named_by_text(raw[column].combine_chunks(), mapping.set_aside.values), named)


def _named_by_text(values: pa.Array, names: dict[str, str]) -> pa.Array:
    """Returns the name by each row's text; null for texts that name none."""
    coded = as_texts(values).dictionary_encode()
    by_text = {plain(text): name for text, name in names.items()}
    distinct = [by_text.get(plain(text)) for text in coded.dictionary.to_pylist()]
    return pa.array(distinct, pa.string()).take(coded.indices)


def _table(
    read: dict[str, ReadColumn], table: str, schema: pa.Schema, mask: Mask, has_surrogates: bool, rules: Rules
) -> pa.Table:
    """Returns the rows of one table, with its columns in its order and the flags of what could not be read."""
    if not mask.any():
        return schema.empty_table()
    contract, rows, kept = load_contract(table), int(mask.sum()), pa.array(mask)
    columns: dict[str, pa.Array] = {}
    flags: dict[str, Mask] = {SURROGATE_FLAG: np.ones(rows, np.bool_)} if has_surrogates else {}
    for field in schema:
        column = read.get(field.name)
        columns[field.name] = pa.nulls(rows, field.type) if column is None else column.values.filter(kept)
        declared = contract.column(field.name)
        if column is not None and column.unreadable is not None and not declared.missing_reason:
            flags[f"{declared.stem}_unreadable"] = column.unreadable[mask]
    columns[VALUE_FLAGS] = joined_labels(flags, rows)
    rows_of_table = pa.table(columns, schema=schema)
    return rows_of_table if has_surrogates else without_surrogates(rows_of_table, rules)
