"""NOAA MarineCadastre: the layouts of its files, and how their fields become bronze columns.

A raw table holds the fields under the names of the bronze columns, as they were read: numbers, times, or text
(plain or dictionary-encoded) that is still to be interpreted. `to_bronze` gives it the contract's types.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ais_indicators.contracts.model import load_contract
from ais_indicators.contracts.row_rules import VALUE_FLAGS, Mask, joined_labels
from ais_indicators.errors import BadInputError
from ais_indicators.rules import Rules
from ais_indicators.sources import texts
from ais_indicators.sources.blocks import BRONZE_MESSAGES, raw_schema
from ais_indicators.sources.csv_blocks import CsvShape
from ais_indicators.sources.geometry import GEOMETRY, places_of

NOAA_2015: Final = "noaa_2015"
"""2015 to 2017: 16 columns that end in Cargo, status in words, speed and course stored as signed numbers."""

NOAA_2018: Final = "noaa_2018"
"""2018 on: 17 columns that end in TransceiverClass, and files with fewer of them."""

NOAA_2025: Final = "noaa_2025"
"""2025 on, and older years since published again: names in lower case, longitude before latitude."""

_COLUMN_OF: Final = {
    "mmsi": "mmsi",
    "basedatetime": "observed_at_utc",
    "lat": "latitude",
    "latitude": "latitude",
    "lon": "longitude",
    "longitude": "longitude",
    "sog": "sog_knots",
    "cog": "cog_degrees",
    "heading": "heading_degrees",
    "vesselname": "vessel_name",
    "imo": "imo_number",
    "callsign": "call_sign",
    "vesseltype": "ais_ship_type",
    "status": "navigational_status",
    "length": "length_m",
    "width": "width_m",
    "draft": "draught_m",
    "cargo": None,
    "transceiverclass": "transceiver_class",
    "transcieverclass": "transceiver_class",
    "transceiver": "transceiver_class",
}
"""Bronze column of a field's name without case and underscores. Some years misspell the transceiver; the
cargo field repeats the ship type of the message and is not kept."""

_PLACE: Final = ("latitude", "longitude")
_NEEDED: Final = {"mmsi": "MMSI", "observed_at_utc": "BaseDateTime", "latitude": "LAT", "longitude": "LON"}

AIS_TYPE_OF_SERVICE: Final = {
    1001: 30,  # commercial fishing vessel
    1002: 30,  # fish processing vessel
    1003: 70,  # freight barge
    1004: 70,  # freight ship
    1005: 90,  # industrial vessel
    1006: 90,  # miscellaneous vessel
    1007: 90,  # mobile offshore drilling unit
    1008: 90,  # non-vessel
    1009: 90,  # non-vessel
    1010: 90,  # offshore supply vessel
    1011: 54,  # oil recovery
    1012: 60,  # passenger (inspected)
    1013: 60,  # passenger (uninspected)
    1014: 60,  # passenger barge (inspected)
    1015: 60,  # passenger barge (uninspected)
    1016: 70,  # public freight
    1017: 80,  # public tankship or barge
    1018: 90,  # public vessel, unclassified
    1019: 37,  # recreational
    1020: 90,  # research vessel
    1021: 51,  # search and rescue aircraft
    1022: 90,  # school ship
    1023: 31,  # tank barge, which NOAA groups with tug and tow
    1024: 80,  # tank ship
    1025: 31,  # towing vessel
}
"""AIS ship type by the US Coast Guard's service code, which older files carry in its place: the general type
of the code's group, or the type of the same meaning. Codes and groups:
https://coast.noaa.gov/data/marinecadastre/ais/VesselTypeCodes2018.pdf."""

_READERS: Final[dict[str, texts.Reader]] = {
    "imo_number": texts.read_imo_number,
    "navigational_status": texts.read_status,
}
_READERS_BY_TYPE: Final[dict[str, texts.Reader]] = {
    "long": texts.read_long,
    "integer": texts.read_integer,
    "double": texts.read_number,
    "string": texts.read_text,
    "timestamp": texts.read_time,
}

_TENTHS: Final = 1
"""AIS sends speed, course and draught in tenths, so this many decimals undo the noise of arithmetic."""

_FLOAT32_DECIMALS: Final = {"latitude": 5, "longitude": 5}
_FLOAT32_DECIMALS_ELSE: Final = 3
"""Decimals that NOAA gives at most; rounding to them takes back what 32 bits lost."""

_SHOWN_HEADER: Final = 200

_DIRECT_TYPES: Final = {
    "mmsi": pa.int64(),
    "observed_at_utc": pa.timestamp("us"),
    "latitude": pa.float64(),
    "longitude": pa.float64(),
    "sog_knots": pa.float64(),
    "cog_degrees": pa.float64(),
    "heading_degrees": pa.float64(),
}
"""Fields that are parsed straight to their type; the others hold few distinct texts, interpreted later."""


def bronze_names(header: Sequence[str]) -> tuple[str | None, ...]:
    """Returns for each field of a header the bronze column that it fills, or None."""
    names = tuple(_COLUMN_OF.get(_plain(name)) for name in header)
    if set(_PLACE) & set(names):
        return names
    return tuple(
        GEOMETRY if _plain(name) == GEOMETRY else found for name, found in zip(header, names, strict=True)
    )


def csv_shape(header: Sequence[str]) -> CsvShape:
    """Returns how lines under a header are read: to the names of bronze, numbers and times at once."""
    return CsvShape(bronze_names(header), _DIRECT_TYPES)


def recognise(header: Sequence[str], file_name: str) -> str:
    """Names the layout of a file by its header.

    Raises:
        BadInputError: The header is none of NOAA's.
    """
    names = bronze_names(header)
    missing = [_NEEDED[column] for column in _needed(names) if column not in names]
    if missing:
        shown = _plain_text(", ".join(header)[:_SHOWN_HEADER]) or "none"
        raise BadInputError(
            f"{file_name}: unknown layout: it has no {' or '.join(missing)}; hand in the file "
            f"as NOAA MarineCadastre publishes it, header included (its columns are: {shown})"
        )
    twice = [name for name, count in Counter(n for n in names if n).items() if count > 1]
    if twice:
        raise BadInputError(
            f"{file_name}: more than one column holds {', '.join(twice)}; remove the one too many"
        )
    if "base_date_time" in (name.strip() for name in header):
        return NOAA_2025
    is_signed_era = "cargo" in map(_plain, header) and "transceiver_class" not in names
    return NOAA_2015 if is_signed_era else NOAA_2018


def has_needed_columns(header: Sequence[str]) -> bool:
    """Returns whether a header names what makes a position."""
    names = bronze_names(header)
    return set(_needed(names)) <= set(names)


def _needed(names: Sequence[str | None]) -> list[str]:
    """Returns the bronze columns that make a position, among them the place unless a geometry has it."""
    return [name for name in _NEEDED if not (name in _PLACE and GEOMETRY in names)]


def raw_table(table: pa.Table) -> pa.Table:
    """Takes from a table under NOAA's names the columns that are kept, under those of bronze."""
    names = bronze_names(table.column_names)
    kept = [place for place, name in enumerate(names) if name]
    renamed = table.select(kept).rename_columns([str(names[place]) for place in kept])
    if GEOMETRY not in renamed.column_names:
        return renamed
    for name, values in places_of(_single_chunk(renamed[GEOMETRY])).items():
        renamed = renamed.append_column(name, values)
    return renamed.drop_columns(GEOMETRY)


def to_bronze(raw: pa.Table, layout: str, rules: Rules) -> pa.Table:
    """Turns fields as read into the columns of `raw_schema`, before the row rules.

    Absent fields are null. A value that cannot be read is null, with the flag `<stem>_unreadable` where the
    column is an optional one; of needed columns the row rules then reject the row.

    Args:
        raw: One row per message, under the names of bronze columns.
        layout: What `recognise` named.
        rules: Rules of the lake's subject.

    Raises:
        TypeError: A column's type cannot hold its values (of Parquet; also `ArrowException`).
    """
    columns: dict[str, pa.Array] = {}
    flags: dict[str, Mask] = {}
    for field in raw_schema():
        if field.name in raw.column_names:
            column, unreadable = _typed(field, _single_chunk(raw[field.name]))
            if unreadable is not None and field.name not in _NEEDED:
                flags[f"{load_contract(BRONZE_MESSAGES).column(field.name).stem}_unreadable"] = unreadable
        else:
            column = pa.nulls(raw.num_rows, field.type)
        columns[field.name] = column
    columns["ais_ship_type"] = _without_service_codes(columns["ais_ship_type"])
    if layout == NOAA_2015:
        columns["sog_knots"] = _unsigned(columns["sog_knots"], rules.noaa_signed_sog_offset_knots)
        columns["cog_degrees"] = _unsigned(columns["cog_degrees"], rules.noaa_signed_cog_offset_degrees)
    columns[VALUE_FLAGS] = joined_labels(flags, raw.num_rows)
    return pa.table(columns, schema=raw_schema())


def _plain_text(text: str) -> str:
    """Returns the text of a file as it may stand in a sentence."""
    return "".join(c if c.isprintable() else "?" for c in text)


def _plain(name: str) -> str:
    return name.strip().lower().replace("_", "")


def _typed(field: pa.Field, values: pa.Array) -> tuple[pa.Array, Mask | None]:
    """Returns the values in the contract's type, and the rows whose value could not be read (None for no row)."""
    if _is_text(values.type):
        return _read_texts(field, values)
    if values.type == field.type:
        return values, None
    if pa.types.is_timestamp(field.type):
        if not pa.types.is_timestamp(values.type):
            raise TypeError(f"{values.type} is neither a timestamp nor text")
        return values.cast(pa.timestamp("us"), safe=False).cast(field.type), None
    if pa.types.is_integer(field.type):
        return _whole_numbers(field, values)
    converted = values.cast(field.type, safe=False)  # whole numbers beyond 2 to the 53 are near enough
    if pa.types.is_float32(values.type):
        decimals = _FLOAT32_DECIMALS.get(field.name, _FLOAT32_DECIMALS_ELSE)
        converted = pc.round(converted, decimals)
    return converted, None


def _is_text(kind: pa.DataType) -> bool:
    value_kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    kinds = (pa.string(), pa.large_string(), pa.string_view(), pa.binary(), pa.large_binary())
    return value_kind in kinds


def _read_texts(field: pa.Field, values: pa.Array) -> tuple[pa.Array, Mask | None]:
    """Reads each distinct text once."""
    kind = load_contract(BRONZE_MESSAGES).column(field.name).type
    reader = _READERS.get(field.name, _READERS_BY_TYPE[kind])
    coded = values if pa.types.is_dictionary(values.type) else values.dictionary_encode()
    meanings: list[Any] = []
    bad: list[bool] = []
    for text in coded.dictionary.to_pylist():
        meaning, is_bad = _meaning(text, reader)
        meanings.append(meaning)
        bad.append(is_bad)
    column = pa.array(meanings, field.type).take(coded.indices)
    if not any(bad):
        return column, None
    return column, pc.fill_null(pa.array(bad).take(coded.indices), False).to_numpy(zero_copy_only=False)


def _meaning(text: str | bytes | None, reader: texts.Reader) -> tuple[Any, bool]:
    """Returns the value of one text, and whether it could not be read."""
    if text is None:
        return None, False
    try:
        return reader(text.decode() if isinstance(text, bytes) else text), False
    except (ValueError, OverflowError):
        return None, True


def _whole_numbers(field: pa.Field, values: pa.Array) -> tuple[pa.Array, Mask | None]:
    """Returns codes that were stored as decimals (`70.0`), or as integers of another width."""
    numbers = values.cast(pa.float64(), safe=False).fill_null(np.nan).to_numpy()
    largest = np.iinfo(field.type.to_pandas_dtype()).max
    whole = (np.abs(numbers) < largest) & (np.trunc(numbers) == numbers)
    column = pa.array(
        np.where(whole, numbers, 0).astype(field.type.to_pandas_dtype()), field.type, mask=~whole
    )
    unreadable = ~whole & ~np.isnan(numbers)
    return column, unreadable if unreadable.any() else None


def _without_service_codes(ship_types: pa.Array) -> pa.Array:
    """Puts the AIS ship type in place of a service code."""
    highest = pc.max(ship_types).as_py()
    if highest is None or highest < min(AIS_TYPE_OF_SERVICE):
        return ship_types
    place = pc.index_in(ship_types, pa.array(list(AIS_TYPE_OF_SERVICE), ship_types.type))
    return pc.coalesce(pa.array(list(AIS_TYPE_OF_SERVICE.values()), ship_types.type).take(place), ship_types)


def _unsigned(values: pa.Array, offset: float) -> pa.Array:
    """Adds the offset to negative values, which were stored as signed numbers (methodology 3)."""
    lowest = pc.min(values).as_py()
    if lowest is None or lowest >= 0:
        return values
    return pc.if_else(pc.less(values, 0), pc.round(pc.add(values, offset), _TENTHS), values)


def _single_chunk(values: pa.ChunkedArray) -> pa.Array:
    return values.chunk(0) if values.num_chunks == 1 else values.combine_chunks()
