"""From a file to chunks that workers can read side by side."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Final

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from ais_indicators.errors import BadInputError
from ais_indicators.rules import Rules
from ais_indicators.sources.csv_blocks import RawRows
from ais_indicators.sources.geometry import GEOMETRY, refuse_other_geometries
from ais_indicators.sources.layouts import Layout, layout_of, layout_of_columns
from ais_indicators.sources.lines import first_line_numbers, hash_and_feeds
from ais_indicators.sources.mapping import Mapping
from ais_indicators.sources.nmea import looks_like_nmea
from ais_indicators.sources.packing import (
    FileFormat,
    header_line,
    is_table,
    opened,
    packing_of,
    readable,
    said,
    start_of,
    table_names,
)
from ais_indicators.sources.zones import UTC_TIMES, SourceTimes

CHUNK_BYTES: Final = 64 * 1024 * 1024
NMEA_CHUNK_BYTES: Final = 16 * 1024 * 1024
"""A chunk of sentences is taken apart at once, in some ten times its size of memory."""

_COPY_BYTES: Final = 1024 * 1024
FIRST_ROWS: Final = 1024
"""Rows at the beginning of a Parquet file from which the form of its times is chosen."""

_BYTES_PER_ROW: Final = 100
"""What a NOAA row takes as CSV, to measure Parquet row groups in the same unit."""


@dataclass(frozen=True)
class Member:
    """One table of a file: the file itself, or one CSV of an archive.

    Attributes:
        name: Name in the archive; the file's own where it is none.
        layout: How it is written.
    """

    name: str
    layout: Layout


@dataclass(frozen=True)
class SourceFile:
    """One file whose layout is known.

    Attributes:
        path: Where it lies.
        name: Its name, from the folder that was handed in.
        sha256: Hash of its bytes, by which it is known.
        size_bytes: Size as delivered.
        layout: Name of its layout, such as `noaa_2018`.
        format: How it is packed, by its content.
        members: The tables in it, one or more.
        feeds: Line feeds before each block of it (`hash_and_feeds`), if it is a table that is not packed.
    """

    path: Path
    name: str
    sha256: str
    size_bytes: int
    layout: str
    format: FileFormat
    members: tuple[Member, ...]
    feeds: tuple[int, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Chunk:
    """Part of a file that one worker reads.

    Attributes:
        source_name: Name of the file as delivered, for messages.
        path: The uncompressed CSV, or the Parquet file.
        layout: How it is written.
        is_parquet: Whether `start` and `end` count row groups; else they are bytes.
        first_line: Byte at which the first line after the header begins; 0 in Parquet.
        start: First byte or row group.
        end: The byte or row group after the last one. A line belongs to the chunk in which it begins.
        first_number: Number in the file of the first line or row that belongs to it, from 1.
    """

    source_name: str
    path: Path
    layout: Layout
    is_parquet: bool
    first_line: int
    start: int
    end: int
    first_number: int = 1


def inspect(
    path: Path,
    mappings: Sequence[Mapping] = (),
    name: str | None = None,
    times: MappingOf[str, SourceTimes] = MappingProxyType({}),
    *,
    rules: Rules,
) -> SourceFile:
    """Recognises a file by its content.

    Args:
        path: Where it lies.
        mappings: Mapping files of the office, which come before the layouts that are known anyway.
        name: What it is known by; without it its name without the folder.
        times: How sources write times, by layout; without an entry in UTC.
        rules: Rules of the lake's subject.

    Raises:
        BadInputError: There is no such file, it is damaged, or its layout is not known.
    """
    with readable(path.name):
        size = _size(path)
        with path.open("rb") as stream:
            packed = packing_of(start_of(stream))
            stream.seek(0)
            if packed == "csv":
                sha256, feeds = hash_and_feeds(stream)
            else:
                sha256, feeds = hashlib.file_digest(stream, "sha256").hexdigest(), ()
        _refuse_growing(path, size)
    members = tuple(
        replace(member, layout=replace(member.layout, times=times.get(member.layout.name, UTC_TIMES)))
        for member in _members(path, packed, mappings)
    )
    layouts = {member.layout.name for member in members}
    if len(layouts) > 1:
        raise BadInputError(f"{path.name}: holds {len(layouts)} layouts; unpack it and ingest its files")
    if packed == "parquet":
        _check_types(path, members[0].layout, rules)
    return SourceFile(path, name or path.name, sha256, size, layouts.pop(), packed, members, feeds)


def plan(
    source: SourceFile, scratch_dir: Path, target_bytes: int = CHUNK_BYTES, workers: int = 1, *, rules: Rules
) -> list[Chunk]:
    """Cuts a file into chunks of about a size; together they hold each row once.

    Args:
        source: What `inspect` gave.
        scratch_dir: Where a compressed file is unpacked, under a name made of its hash, for the workers to
            read. A file that was unpacked before is used again. The caller removes it.
        target_bytes: Greatest size of a chunk, in bytes of uncompressed CSV.
        workers: How many chunks are read side by side: more than one chunk of CSV become a multiple of it, so
            that none of the workers is idle at the end.
        rules: Rules of the lake's subject.

    Returns:
        No chunk for a file without rows.

    Raises:
        BadInputError: The file is damaged, unpacks to far more than it should, or changed since `inspect`.
    """
    with readable(source.name):
        _refuse_growing(source.path, source.size_bytes)
    if source.format == "parquet":
        return _row_group_chunks(source, target_bytes)
    chunks: list[Chunk] = []
    unpacked_bytes = 0
    for number, member in enumerate(source.members):
        path = source.path
        if source.format != "csv":
            path = _unpacked(source, number, scratch_dir, unpacked_bytes, rules)
            unpacked_bytes += path.stat().st_size
        chunks += _byte_chunks(source, member, path, target_bytes, workers)
    return chunks


def guess_delivery(path: Path, first_times: pa.ChunkedArray, rules: Rules) -> datetime | None:
    """Takes the file's modification time for its delivery, where that is possible.

    Args:
        path: The file as delivered.
        first_times: `observed_at_utc` of the file's first rows.
        rules: Rules of the lake's subject.

    Returns:
        As `likely_delivery`.
    """
    return likely_delivery(modified_at(path), first_times, rules)


def modified_at(path: Path) -> datetime:
    """Reads the modification time of a file."""
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def likely_delivery(modified: datetime, first_times: pa.ChunkedArray, rules: Rules) -> datetime | None:
    """Takes a modification time for the delivery, where that is possible.

    Args:
        modified: Modification time of the file as delivered.
        first_times: `observed_at_utc` of the file's first rows.
        rules: Rules of the lake's subject.

    Returns:
        None if the median of the times is later: then the file's time was set otherwise, and says only that
        messages of years later are none.
    """
    known = first_times.drop_null().cast(pa.int64()).to_numpy()
    if not len(known):
        return modified
    middle = pa.scalar(int(np.median(known)), pa.timestamp("us", "UTC")).as_py()
    was_set_otherwise = modified < middle <= modified + timedelta(days=rules.max_data_after_file_days)
    return None if was_set_otherwise else modified


def _refuse_growing(path: Path, size_bytes: int) -> None:
    if path.stat().st_size != size_bytes:
        raise BadInputError(f"{path.name}: is still being written; ingest it when it is complete")


def _size(path: Path) -> int:
    """Returns the size of a file that can be taken in at all."""
    if not path.exists():
        raise BadInputError(f"{path}: there is no such file; check the path")
    if not path.is_file():
        raise BadInputError(f"{path}: is a folder or a device; give the files in it")
    size = path.stat().st_size
    if size == 0:
        raise BadInputError(f"{path.name}: is empty; fetch it again")
    return size


def _members(path: Path, packed: FileFormat, mappings: Sequence[Mapping]) -> tuple[Member, ...]:
    """Returns the tables of a file with their layouts."""
    with readable(path.name):
        if packed == "parquet":
            header = parquet.read_schema(path).names
            layout = layout_of_columns(path.name, header, mappings)
            return (Member(path.name, layout.with_forms(path.name, lambda: _first_rows(path, layout))),)
        members = []
        for name in table_names(path, packed):
            with opened(path, packed, name) as stream:
                start = start_of(stream)
            if packed != "zip" or is_table(name) or looks_like_nmea(start):
                label = path.name if name == path.name else f"{path.name} ({name})"
                members.append(Member(name, layout_of(label, start, mappings)))
    if not members:
        raise BadInputError(f"{path.name}: contains no file of messages; use the archive as it was published")
    return tuple(members)


def _first_rows(path: Path, layout: Layout) -> pa.Table | None:
    """Returns the first rows of a Parquet file; None if it has none."""
    with parquet.ParquetFile(path) as file:
        batches = file.iter_batches(FIRST_ROWS, columns=layout.kept_columns(path.name), use_threads=False)
        first = next(batches, None)
    return None if first is None else pa.Table.from_batches([first])


def _check_types(path: Path, layout: Layout, rules: Rules) -> None:
    """Raises an error unless each column of a Parquet file has a type from which its values can be read."""
    schema, kept = parquet.read_schema(path), layout.kept_columns(path.name)
    if layout.mapping is None and GEOMETRY in kept:
        refuse_other_geometries(path.name, schema.metadata)
    try:
        table = layout.named(schema.empty_table().select(kept))
        layout.block(RawRows(table, np.empty(0, np.int64)), rules)
    except (TypeError, pa.ArrowException) as error:
        problem = f"{path.name}: a column's type does not fit ({said(error)}); use it as it was published"
        raise BadInputError(problem) from error


def _unpacked(source: SourceFile, number: int, scratch_dir: Path, bytes_before: int, rules: Rules) -> Path:
    """Unpacks one table of a compressed file, in constant memory; never leaves half of one under its name.

    Args:
        source: The file.
        number: Place of the table among its members; a member's own name is never a path here.
        scratch_dir: Where to.
        bytes_before: Size of the tables before it, unpacked.
        rules: Rules of the lake's subject.
    """
    path = scratch_dir / f"{source.sha256}-{number}.csv"
    if path.exists():
        return path
    scratch_dir.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(f".{os.getpid()}.part")
    try:
        with partial.open("wb") as target:
            for piece in _pieces(source, source.members[number].name):
                target.write(piece)
                _refuse_bomb(source, bytes_before + target.tell(), rules)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return path


def _refuse_bomb(source: SourceFile, unpacked_bytes: int, rules: Rules) -> None:
    """Stops before a small file fills the disk."""
    most = max(source.size_bytes * rules.max_unpacked_ratio, rules.max_unpacked_megabytes_unasked * 1e6)
    if unpacked_bytes > most:
        raise BadInputError(
            f"{source.name}: unpacks to more than {most / 1e6:,.0f} MB, {rules.max_unpacked_ratio} times its size; "
            "unpack it yourself if it is what you expect"
        )


def _pieces(source: SourceFile, name: str) -> Iterator[bytes]:
    """Yields the uncompressed bytes of one table, some at a time."""
    with readable(source.name), opened(source.path, source.format, name) as stream:
        while piece := stream.read(_COPY_BYTES):
            yield piece


def _byte_chunks(
    source: SourceFile, member: Member, path: Path, target_bytes: int, workers: int
) -> list[Chunk]:
    """Cuts an uncompressed CSV into byte ranges of about a size."""
    with readable(source.name), path.open("rb") as stream:
        first = len(header_line(start_of(stream))) if member.layout.has_header else 0
        size = path.stat().st_size
    target_bytes = min(target_bytes, NMEA_CHUNK_BYTES) if member.layout.is_nmea else target_bytes
    count = -(-(size - first) // target_bytes)
    if count > 1:
        count = -(-count // workers) * workers
    edges = [first + (size - first) * place // max(count, 1) for place in range(count + 1)]
    with readable(source.name), path.open("rb") as stream:
        feeds = source.feeds or hash_and_feeds(stream)[1]
        numbers = first_line_numbers(stream, edges[:-1], feeds)
    return [
        Chunk(source.name, path, member.layout, False, first, start, end, number)
        for (start, end), number in zip(pairwise(edges), numbers, strict=True)
    ]


def _row_group_chunks(source: SourceFile, target_bytes: int) -> list[Chunk]:
    """Puts neighbouring row groups together up to a size."""
    with readable(source.name):
        metadata = parquet.read_metadata(source.path)
    rows = [metadata.row_group(n).num_rows for n in range(metadata.num_row_groups)]
    edges = [0]
    for number in range(1, len(rows)):
        if sum(rows[edges[-1] : number + 1]) * _BYTES_PER_ROW > target_bytes:
            edges.append(number)
    return [
        Chunk(source.name, source.path, source.members[0].layout, True, 0, start, end, 1 + sum(rows[:start]))
        for start, end in pairwise([*edges, len(rows)])
        if end > start
    ]
