"""Converts one column of a feed, text or a type of Parquet, to the type of a column of bronze.

Arrow reads text at once if all of it is well formed; else each distinct text is read separately. A value that cannot be
read is null and marked.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import tzinfo
from functools import cache
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ais_indicators.contracts.row_rules import Mask
from ais_indicators.sources import texts
from ais_indicators.sources.blocks import raw_schema, static_schema
from ais_indicators.sources.mapping.model import ColumnMapping, Mapping, mappable_columns
from ais_indicators.sources.mapping.times import (
    EPOCHS,
    of_arrow_times,
    read_times,
    since_epoch,
    whole_since_epoch,
)
from ais_indicators.sources.mapping.units import unit_factor
from ais_indicators.sources.mapping.yearless import code_of_text, has_parts
from ais_indicators.sources.zones import zone_named
from ais_indicators.units import MICROSECONDS_PER_SECOND

_LARGEST: Final = {"integer": int(np.iinfo(np.int32).max), "long": 2**53}
"""Greatest whole number of a type; beyond 2 to the 53 they are not exact in a feed's decimals."""

_READERS: Final[dict[str, texts.Reader]] = {
    "imo_number": texts.read_imo_number,
    "navigational_status": texts.read_status,
}
_DECIMALS: Final = 9
"""Converted values are rounded to this, far below the finest step that AIS sends: it takes back the noise of
arithmetic, so that 1023 tenths of a knot are the 102.3 that mean "not available"."""


@dataclass(frozen=True)
class Reading:
    """How one column is read.

    Attributes:
        name: The column of bronze.
        kind: Type to read, as contracts call it; `long` for times without a year, which are whole numbers.
        mapped: What the mapping file says.
        marks: Texts that mean "not available".
        number_marks: Numbers that do, in the feed's unit.
        factor: What one of the feed's unit is in the column's.
        codes: Replacement of a text, by the text in lower case.
    """

    name: str
    kind: str
    mapped: ColumnMapping
    marks: frozenset[str]
    number_marks: tuple[float, ...]
    factor: float
    codes: dict[str, str | int | float]

    @property
    def arrow_type(self) -> pa.DataType:
        """Returns the Arrow type of the values read."""
        return _arrow_types()[self.kind]

    @property
    def zone(self) -> tzinfo:
        """Returns the zone of times that name none."""
        return zone_named(self.mapped.time_zone)


@dataclass(frozen=True)
class ReadColumn:
    """One column as read: one element per row.

    Attributes:
        values: In the type of the reading; null if there is no value.
        unreadable: Rows whose value could not be read; None for no row.
    """

    values: pa.Array
    unreadable: Mask | None = None


def reading_of(name: str, mapping: Mapping) -> Reading:
    """Gathers how a mapping reads one of its columns."""
    mapped, column = mapping.columns[name], mappable_columns()[name]
    kind = "long" if mapped.is_yearless else column.type
    marks = [*mapping.missing, *mapped.missing]
    return Reading(
        name=name,
        kind=kind,
        mapped=mapped,
        marks=frozenset(["", *map(str, marks), *(() if kind == "string" else texts.EMPTY_TEXTS)]),
        number_marks=()
        if mapped.codes
        else tuple(n for mark in marks if (n := _number_or_none(mark)) is not None),
        factor=unit_factor(mapped.unit, column.unit) if mapped.unit and column.unit else 1.0,
        codes={plain(text): value for text, value in mapped.codes.items()},
    )


def read_column(values: pa.Array, reading: Reading) -> ReadColumn:
    """Reads a column of a feed.

    Args:
        values: As it was read from the file, shape (n,).
        reading: What it is to become.

    Raises:
        TypeError: Its Arrow type holds no such values.
    """
    if pa.types.is_null(values.type):
        return ReadColumn(pa.nulls(len(values), reading.arrow_type))
    if pa.types.is_dictionary(values.type):
        return _taken(read_column(values.dictionary, reading), values.indices)
    if _is_text(values.type):
        column, not_utf8 = _utf8(values)
        read = _read_texts(column, reading)
        return replace(read, unreadable=either(read.unreadable, not_utf8))
    if reading.kind == "timestamp":
        return _read_typed_times(values, reading)
    if reading.codes or reading.kind == "string":
        return _read_texts(as_texts(values), reading)
    if reading.mapped.base != texts.DECIMAL:
        raise TypeError(
            f"{values.type} is a number already, and the mapping reads text in base {reading.mapped.base}"
        )
    return _as_numbers(_numbers(values), None, reading)


def time_texts(values: pa.Array, reading: Reading) -> pa.Array | None:
    """Returns a column of times as trimmed text, null for "not available"; None if it is typed."""
    if pa.types.is_timestamp(values.type) or pa.types.is_date(values.type):
        return None
    return without_marks(as_texts(values), reading)


def as_texts(values: pa.Array) -> pa.Array:
    """Writes a column as text: whole numbers without a point, text without the blanks around it.

    Raises:
        TypeError: Its Arrow type is neither text nor numbers.
    """
    if pa.types.is_dictionary(values.type):
        return as_texts(values.dictionary).take(values.indices)
    if _is_text(values.type):
        return pc.utf8_trim_whitespace(_utf8(values)[0])
    if pa.types.is_boolean(values.type) or pa.types.is_integer(values.type) or pa.types.is_null(values.type):
        return values.cast(pa.string())
    numbers = _numbers(values)
    whole = (np.trunc(numbers) == numbers) & (np.abs(numbers) <= _LARGEST["long"])
    written = pa.array(numbers, mask=np.isnan(numbers)).cast(pa.string())
    return pc.if_else(
        pa.array(whole), pa.array(np.where(whole, numbers, 0).astype(np.int64)).cast(pa.string()), written
    )


def plain(text: str) -> str:
    """Returns a text as codes are looked up: in small letters, single blanks.

    >>> plain(" Under  way using Engine")
    'under way using engine'
    """
    return " ".join(text.split()).casefold()


@cache
def _arrow_types() -> dict[str, pa.DataType]:
    """Returns the Arrow type by its name in contracts, for the columns that a feed can fill."""
    columns, fields = mappable_columns(), [*raw_schema(), *static_schema()]
    return {columns[field.name].type: field.type for field in fields if field.name in columns}


def _is_text(kind: pa.DataType) -> bool:
    return kind in (
        pa.string(),
        pa.large_string(),
        pa.string_view(),
        pa.binary(),
        pa.large_binary(),
        pa.binary_view(),
    )


def _utf8(values: pa.Array) -> tuple[pa.Array, Mask | None]:
    """Returns the text as UTF-8, null if it is not, and those rows (None for none)."""
    try:
        return values.cast(pa.string()), None
    except pa.ArrowInvalid:
        coded = values.cast(pa.binary()).dictionary_encode()
        read = _one_by_one(coded.dictionary, lambda raw: raw.decode(), pa.string())
        read = _taken(read, coded.indices)
        return read.values, read.unreadable


def _read_texts(column: pa.Array, reading: Reading) -> ReadColumn:
    """Reads text in UTF-8."""
    known = without_marks(pc.utf8_trim_whitespace(column), reading)
    if reading.kind == "timestamp":
        return _on_distinct(known, lambda distinct: _read_times(distinct, reading))
    if reading.kind == "string" and not reading.codes:
        return ReadColumn(known)
    if reading.kind == "string":
        return _on_distinct(known, lambda distinct: _one_by_one(distinct, _reader(reading), pa.string()))
    form = reading.mapped.time_format[0]
    if reading.mapped.is_yearless and has_parts(form):
        return _on_distinct(
            known, lambda distinct: _one_by_one(distinct, lambda text: code_of_text(text, form), pa.int64())
        )
    return _read_numbers(known, reading)


def without_marks(trimmed: pa.Array, reading: Reading) -> pa.Array:
    """Returns trimmed text, null if it means "not available"."""
    is_missing = pc.is_in(trimmed, pa.array(sorted(reading.marks), pa.string()))
    return pc.if_else(is_missing, pa.scalar(None, pa.string()), trimmed)


def _read_times(distinct: pa.Array, reading: Reading) -> ReadColumn:
    """Reads distinct texts as times."""
    formats = reading.mapped.time_format
    if formats[0] in EPOCHS:
        return _read_epochs(distinct, reading)
    return _as_times(*read_times(distinct, formats, reading.zone))


def _read_numbers(known: pa.Array, reading: Reading) -> ReadColumn:
    """Reads text as numbers: at once, or each distinct text separately if one is not well formed."""
    if reading.mapped.decimal_comma:
        known = pc.replace_substring(pc.replace_substring(known, ".", "?"), ",", ".")
    if not reading.codes and reading.mapped.base == texts.DECIMAL:
        try:
            return _as_numbers(_numbers(known.cast(pa.float64())), None, reading)
        except pa.ArrowInvalid:
            pass
    read = _on_distinct(known, lambda distinct: _one_by_one(distinct, _reader(reading), pa.float64()))
    return _as_numbers(_numbers(read.values), read.unreadable, reading)


def _read_typed_times(values: pa.Array, reading: Reading) -> ReadColumn:
    """Reads dates, timestamps, and numbers that write a time."""
    formats = reading.mapped.time_format
    if pa.types.is_timestamp(values.type) or pa.types.is_date(values.type):
        return _as_times(*of_arrow_times(values, reading.zone))
    if formats[0] in EPOCHS:
        return _read_epochs(values, reading)
    if not any("%" in pattern for pattern in formats):
        raise TypeError(
            f"{values.type} is neither a time nor text, and time_format does not say what it counts"
        )
    return _read_texts(as_texts(values), reading)


def _read_epochs(values: pa.Array, reading: Reading) -> ReadColumn:
    """Reads text or numbers that count from 1970; whole numbers of microseconds and less are read exactly."""
    per_second = EPOCHS[reading.mapped.time_format[0]]
    if per_second >= MICROSECONDS_PER_SECOND and (whole := _whole(values, reading)) is not None:
        return _as_times(*whole_since_epoch(whole, per_second))
    as_numbers = replace(reading, kind="double")
    if _is_text(values.type):
        return _since_epoch(_read_numbers(values, as_numbers), per_second)
    return _since_epoch(_as_numbers(_numbers(values), None, as_numbers), per_second)


def _whole(values: pa.Array, reading: Reading) -> pa.Array | None:
    """Returns the values as whole numbers without those that mean "not available"; None if one is not whole."""
    try:
        whole = values.cast(pa.int64())
    except pa.ArrowInvalid:
        return None
    marks = pa.array([int(mark) for mark in reading.number_marks if mark.is_integer()], pa.int64())
    return pc.if_else(pc.is_in(whole, marks), pa.scalar(None, pa.int64()), whole)


def _since_epoch(read: ReadColumn, per_second: int) -> ReadColumn:
    instants, outside = since_epoch(_numbers(read.values), per_second)
    times = _as_times(instants, outside)
    return replace(times, unreadable=either(times.unreadable, read.unreadable))


def _as_times(instants: NDArray[np.datetime64], unreadable: Mask) -> ReadColumn:
    values = pa.array(instants, pa.timestamp("us")).cast(_arrow_types()["timestamp"])
    return ReadColumn(values, unreadable if unreadable.any() else None)


def _as_numbers(numbers: NDArray[np.float64], unreadable: Mask | None, reading: Reading) -> ReadColumn:
    """Treats marks as missing, converts the unit, and checks that integer columns hold whole numbers.

    Args:
        numbers: Shape (n,), NaN if there is no value.
        unreadable: Rows that could not be read so far.
        reading: What they are to become.
    """
    if reading.number_marks:
        numbers = np.where(np.isin(numbers, reading.number_marks), np.nan, numbers)
    if reading.factor != 1:
        with np.errstate(over="ignore"):
            numbers = np.round(numbers * reading.factor, _DECIMALS)
    is_missing = np.isnan(numbers)
    if reading.kind == "double":
        return ReadColumn(pa.array(numbers, mask=is_missing), unreadable)
    whole = (np.abs(numbers) <= _LARGEST[reading.kind]) & (np.trunc(numbers) == numbers)
    values = pa.array(np.where(whole, numbers, 0).astype(np.int64), pa.int64(), mask=~whole)
    return ReadColumn(values.cast(reading.arrow_type), either(unreadable, ~whole & ~is_missing))


def _numbers(values: pa.Array) -> NDArray[np.float64]:
    """Numbers of any type, NaN if null; those of 32 bits as the shortest decimal that names them."""
    kind = values.type
    if pa.types.is_float16(kind) or pa.types.is_float32(kind):
        values = values.cast(pa.float32()).cast(pa.string())
    elif not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)):
        raise TypeError(f"{kind} holds neither text nor numbers")
    numbers: NDArray[np.float64] = values.cast(pa.float64(), safe=False).fill_null(np.nan).to_numpy()
    return numbers


def _reader(reading: Reading) -> texts.Reader:
    """Returns a function that reads one text: by the codes if there are any, otherwise as a number."""

    def read(text: str) -> Any:
        if reading.codes and (code := reading.codes.get(plain(text))) is not None:
            return code
        if reading.kind == "string":
            raise ValueError(f"'{text}' is none of the codes")
        if reading.mapped.base == texts.HEXADECIMAL:
            return texts.read_hexadecimal(text)
        return _READERS.get(reading.name, texts.read_number)(text)

    return read


def _one_by_one(distinct: pa.Array, reader: Callable[[Any], Any], kind: pa.DataType) -> ReadColumn:
    """Reads each element separately."""
    values: list[Any] = []
    bad: list[bool] = []
    for element in distinct.to_pylist():
        value, is_bad = _read_one(element, reader)
        values.append(value)
        bad.append(is_bad)
    return ReadColumn(pa.array(values, kind), np.array(bad, np.bool_) if any(bad) else None)


def _read_one(element: Any, reader: Callable[[Any], Any]) -> tuple[Any, bool]:
    """Returns the value of one element, and whether it could not be read."""
    if element is None:
        return None, False
    try:
        return reader(element), False
    except (ValueError, OverflowError):
        return None, True


def _on_distinct(column: pa.Array, read: Callable[[pa.Array], ReadColumn]) -> ReadColumn:
    """Reads each distinct text once."""
    coded = column.dictionary_encode()
    return _taken(read(coded.dictionary), coded.indices)


def _taken(distinct: ReadColumn, indices: pa.Array) -> ReadColumn:
    """Returns rows from what their distinct values are."""
    values = distinct.values.take(indices)
    if distinct.unreadable is None:
        return ReadColumn(values)
    unreadable = pc.fill_null(pa.array(distinct.unreadable).take(indices), False)
    return ReadColumn(values, either(None, unreadable.to_numpy(zero_copy_only=False)))


def either(one: Mask | None, other: Mask | None) -> Mask | None:
    """Returns the rows that any of two masks holds; None for none."""
    if one is None or other is None:
        both = other if one is None else one
        return both if both is not None and both.any() else None
    return one | other


def _number_or_none(mark: str | int | float) -> float | None:
    """Returns a mark as a number, if it is one."""
    try:
        return texts.read_number(str(mark))
    except ValueError:
        return None
