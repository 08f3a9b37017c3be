"""Files with a JSON object a line: fields by their path, and raw sentences where an object carries them.

An object's fields become a table of text, one column per field of the mapping, which the mapping then reads as any
other table. An object that carries AIS sentences is read from them, for they say all that was broadcast.
"""

import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import xor
from typing import Any, Final, NamedTuple, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ais_indicators.rules import Rules
from ais_indicators.sources.blocks import (
    FILE_LINE,
    RAW_ROW,
    STATION,
    SourceBlock,
    unreadable_rows,
    with_lines,
)
from ais_indicators.sources.csv_blocks import RawRows
from ais_indicators.sources.mapping import Mapping
from ais_indicators.sources.mapping.columns import read_column, reading_of
from ais_indicators.sources.mapping.model import OBSERVED_AT
from ais_indicators.sources.nmea import read_nmea

BLOCK_BYTES: Final = 2 * 1024 * 1024
"""Bytes that are read at a time; their objects take some ten times as much memory."""

LIST_KEY: Final = "msgs"
"""Key of an object that is an envelope of several messages, as AIS-catcher posts them."""

ENVELOPE_STATION: Final = "stationid"
"""Key of an envelope's station."""

_STEP: Final = "."
_ANY: Final = "**"
_US_PER_MS: Final = 1000
_OBJECT: Final = "object-of-line-"
"""Begins the source that each object's sentences are given so that fragments of two objects are never joined."""

Record = dict[str, Any]
Nested = dict[tuple[str, ...], list[Record]]


class _Path(NamedTuple):
    """Path of a value in an object: keys, and with `**` further keys in the first object below that has them."""

    steps: tuple[str, ...]
    below: tuple[str, ...] | None

    @classmethod
    def of(cls, name: str) -> Self:
        """Returns the path that a mapping file writes as keys with points between them."""
        steps = tuple(name.split(_STEP))
        if _ANY not in steps:
            return cls(steps, None)
        place = steps.index(_ANY)
        return cls(steps[:place], steps[place + 1 :])


@dataclass
class _Lines:
    """Some lines of a file as read.

    Attributes:
        records: The objects, one per message.
        numbers: The line of each in its file, from 1.
        unreadable: Lines that hold no object.
        unreadable_numbers: Their numbers.
        text: Each line of an object as delivered, by its number.
    """

    records: list[Record] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    unreadable_numbers: list[int] = field(default_factory=list)
    text: dict[int, str] = field(default_factory=dict)


def looks_like_json(start: bytes) -> bool:
    """Returns whether a file begins with a JSON object or array."""
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text[:1] == b"[":  # a time in brackets begins so, too
        return text[1:].lstrip()[:1] in (b"", b"{", b"[", b'"', b"]")
    return text[:1] == b"{"


def paths_in(start: bytes) -> tuple[str, ...]:
    """Returns the sorted paths of all fields of the objects at a file's beginning; `a.b` is `b` in the object `a`."""
    whole = start if start.endswith(b"\n") or b"\n" not in start else start[: start.rindex(b"\n")]
    found: set[str] = set()
    for record in _parsed(whole, 1).records:
        found.update(_paths(record))
    return tuple(sorted(found))


def read_objects(
    lines: bytes, mapping: Mapping, first_number: int, rules: Rules
) -> tuple[RawRows, SourceBlock | None]:
    """Reads the objects of complete lines.

    Args:
        lines: Bytes of whole lines.
        mapping: Paths of the fields in an object.
        first_number: Number of the first line in its file.
        rules: Rules of the lake's subject.

    Returns:
        The fields of objects, a row each, with the lines that hold none; and what objects that carry sentences say,
        None if there are none.
    """
    parsed = _parsed(lines, first_number)
    plain, carrying = _Lines(), _Lines(text=parsed.text)
    for record, number in zip(parsed.records, parsed.numbers, strict=True):
        into = carrying if sentences_of(record, mapping) else plain
        into.records.append(record)
        into.numbers.append(number)
    numbers = np.array(plain.numbers, np.int64)
    raw = RawRows(table_of(plain.records, mapping), numbers, parsed.unreadable, parsed.unreadable_numbers)
    return raw, _sentences_block(carrying, mapping, rules) if carrying.records else None


def sentences_of(record: Record, mapping: Mapping) -> list[str]:
    """Returns the raw AIS sentences that an object carries; none where the mapping names no place for them."""
    if mapping.sentences_from is None:
        return []
    carried = _walk(record, mapping.sentences_from.split(_STEP))
    sentences = [carried] if isinstance(carried, str) else carried
    return [s for s in sentences if isinstance(s, str)] if isinstance(sentences, list) else []


def _sentences_block(lines: _Lines, mapping: Mapping, rules: Rules) -> SourceBlock:
    """Reads sentences as a log whose every line has a tag block: a source of its own an object, and its time."""
    micros = _times_of(lines.records, mapping)
    stations = _stations_of(lines.records, mapping)
    written: list[str] = []
    numbers: list[int] = []
    for place, (record, number) in enumerate(zip(lines.records, lines.numbers, strict=True)):
        instant = micros[place]
        time = "" if instant is None else f",c:{instant // _US_PER_MS}"
        sentences = sentences_of(record, mapping)
        written += [
            f"{_tag_block(f's:{_OBJECT}{place}{time}')}{_one_line(sentence)}\n" for sentence in sentences
        ]
        numbers += [number] * len(sentences)
    log = "".join(written).encode()
    block = read_nmea(io.BytesIO(log), 0, len(log), rules=rules)
    return SourceBlock(
        _renumbered(_with_stations(block.rows, stations), numbers),
        _as_delivered(_renumbered(block.unreadable, numbers), lines.text),
        _renumbered(block.statics, numbers),
        block.set_aside,
        base_stations=_of_named_stations(_with_stations(block.base_stations, stations)),
    )


def _times_of(records: Sequence[Record], mapping: Mapping) -> list[int | None]:
    """Returns microseconds since 1970 of each object's time; None if it has none that can be read."""
    table = table_of(records, mapping)
    read = read_column(
        table[mapping.columns[OBSERVED_AT].names[0]].combine_chunks(), reading_of(OBSERVED_AT, mapping)
    )
    micros: list[int | None] = read.values.cast(pa.int64()).to_pylist()
    return micros


def _stations_of(records: Sequence[Record], mapping: Mapping) -> list[str | None]:
    """Returns the station of each object; None if it names none."""
    mapped = mapping.columns.get(STATION)
    if mapped is None:
        return [None] * len(records)
    column = table_of(records, mapping)[mapped.names[0]].combine_chunks()
    stations: list[str | None] = read_column(column, reading_of(STATION, mapping)).values.to_pylist()
    return stations


def _with_stations(rows: pa.Table, stations: Sequence[str | None]) -> pa.Table:
    """Returns rows with the station of their object, or with the one that their own tag block names."""
    named = [
        stations[int(name.removeprefix(_OBJECT))] if name is not None and name.startswith(_OBJECT) else name
        for name in rows[STATION].to_pylist()
    ]
    return rows.set_column(rows.column_names.index(STATION), STATION, pa.array(named, pa.string()))


def _of_named_stations(rows: pa.Table) -> pa.Table:
    """Returns the rows whose station is known."""
    return rows.filter(pc.is_valid(rows[STATION]))


def _tag_block(content: str) -> str:
    return f"\\{content}*{reduce(xor, content.encode(), 0):02X}\\"


def _one_line(sentence: str) -> str:
    return " ".join(sentence.split())


def _renumbered(rows: pa.Table, numbers: Sequence[int]) -> pa.Table:
    """Returns rows with the line of the file in place of that of the log that was made of it."""
    places = rows[FILE_LINE].to_numpy() - 1
    return with_lines(rows.drop_columns(FILE_LINE), np.array(numbers, np.int64)[places])


def _as_delivered(rows: pa.Table, text: dict[int, str]) -> pa.Table:
    """Replaces the line of each row for quarantine by that of the file."""
    unreadable = unreadable_rows(
        [text[number] for number in rows[FILE_LINE].to_pylist()], rows[FILE_LINE].to_numpy()
    )
    return rows.set_column(rows.column_names.index(RAW_ROW), RAW_ROW, unreadable[RAW_ROW])


def _parsed(lines: bytes, first_number: int) -> _Lines:
    found = _Lines()
    for number, line in enumerate(lines.removesuffix(b"\n").split(b"\n"), start=first_number):
        text = line.decode("utf-8", "replace").strip("\ufeff \t\r\x00")
        if not text:
            continue
        records = _records_of(text)
        if records is None:
            found.unreadable.append(text)
            found.unreadable_numbers.append(number)
        else:
            found.records += records
            found.numbers += [number] * len(records)
            found.text[number] = text
    return found


def _records_of(text: str) -> list[Record] | None:
    """Returns the messages of a line; None if it holds none."""
    try:
        value = json.loads(text, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return None
    if isinstance(value, dict) and isinstance(value.get(LIST_KEY), list):
        value = _unpacked(value)
    records = value if isinstance(value, list) else [value]
    return records if records and all(isinstance(record, dict) for record in records) else None


def _unpacked(envelope: Record) -> list[Any]:
    """Returns the messages of an envelope, each with the envelope's station where it names none itself."""
    station = envelope.get(ENVELOPE_STATION)
    messages: list[Any] = envelope[LIST_KEY]
    if station is None:
        return messages
    return [{ENVELOPE_STATION: station, **one} if isinstance(one, dict) else one for one in messages]


def table_of(records: Sequence[Record], mapping: Mapping) -> pa.Table:
    """Returns the fields that a mapping reads, as text; of several places of a field the first that has a value."""
    places = {names[0]: [_Path.of(name) for name in names] for names in places_of(mapping)}
    columns: dict[str, list[str | None]] = {name: [] for name in places}
    for record in records:
        nested: Nested = {}
        for name, paths in places.items():
            columns[name].append(_first_text(record, paths, nested))
    return pa.table({name: pa.array(texts, pa.string()) for name, texts in columns.items()})


def places_of(mapping: Mapping) -> list[tuple[str, ...]]:
    """Returns the paths of each field that a mapping reads; of a field with several, the first names its column."""
    mapped = list(mapping.columns.values())
    single = [one.names for one in mapped if one.names]
    combined = [(name,) for one in mapped for name in one.combined]
    return [*single, *combined, *([] if mapping.set_aside is None else [mapping.set_aside.names])]


def _first_text(record: Record, paths: Sequence[_Path], nested: Nested) -> str | None:
    for path in paths:
        value = _value_at(record, path, nested)
        if value is not None:
            return _as_text(value)
    return None


def _as_text(value: Any) -> str:
    """Returns a value as text; numbers keep the digits with which they are written."""
    if isinstance(value, str):
        return value
    return str(int(value)) if isinstance(value, bool) else json.dumps(value)


def _value_at(record: Record, path: _Path, nested: Nested) -> Any:
    """Returns the value at a path of an object; None for nothing.

    Args:
        record: The object.
        path: The path.
        nested: The objects below each beginning of a path that was looked up in this object before.
    """
    if path.below is None:
        return _walk(record, path.steps)
    if path.steps not in nested:
        nested[path.steps] = list(_objects(_walk(record, path.steps)))
    found = (_walk(one, path.below) for one in nested[path.steps])
    return next((value for value in found if value is not None), None)


def _walk(value: Any, steps: Sequence[str]) -> Any:
    for step in steps:
        if not isinstance(value, dict):
            return None
        value = value.get(step)
    return value


def _objects(value: Any) -> Iterator[Record]:
    """Yields an object and all objects in it, each before those in it."""
    if isinstance(value, dict):
        yield value
        for below in value.values():
            yield from _objects(below)


def _paths(record: Record, above: str = "") -> Iterator[str]:
    for name, value in record.items():
        yield above + name
        if isinstance(value, dict):
            yield from _paths(value, f"{above}{name}{_STEP}")
