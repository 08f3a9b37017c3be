"""Converts one chunk of a source file to Parquet files of bronze and quarantine; runs in a Spark worker."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ais_indicators.contracts.buckets import ship_bucket
from ais_indicators.contracts.model import load_contract
from ais_indicators.contracts.row_rules import VALUE_FLAGS, apply_row_rules
from ais_indicators.contracts.types import arrow_schema
from ais_indicators.errors import BadInputError
from ais_indicators.geo.exchanged import are_positions_exchanged
from ais_indicators.ingestion.delivery import DeliveryClues, DeliveryTime
from ais_indicators.ingestion.position_losses import BRONZE_LOSSES, add_up_losses, count_losses
from ais_indicators.io.memory import use_steady_memory
from ais_indicators.io.staging import TableFile, stage
from ais_indicators.io.store import Folder
from ais_indicators.rules import SHIPS, Rules
from ais_indicators.sources import (
    BASE_STATION_SCHEMA,
    BRONZE_BASE_STATIONS,
    BRONZE_HEARTBEATS,
    BRONZE_MESSAGES,
    BRONZE_STATICS,
    FILE_LINE,
    Chunk,
    SourceBlock,
    read_chunk,
)

QUARANTINE = "quarantine.messages"
STAGE = "ingest"
_UNREADABLE_TEXT = "(vessel_name|call_sign|destination)_unreadable"
DAY_ZERO = np.datetime64("1970-01-01", "D")


@dataclass(frozen=True)
class ChunkPlan:
    """One piece of work.

    Attributes:
        chunk: Part of the file.
        number: Its place in the file.
        file_sha256: Hash of the whole file.
        delivery: Facts about the file's delivery.
        folders: Folder of each table that it writes.
    """

    chunk: Chunk
    number: int
    file_sha256: str
    delivery: DeliveryClues
    folders: dict[str, Folder]


@dataclass
class ChunkResult:
    """Result of a chunk.

    Attributes:
        files: Staged files by table.
        rows_read: Rows in the chunk, including unreadable lines and what was set aside.
        rows_accepted: Rows that went to bronze.
        rows_rejected: Rows that went to quarantine.
        set_aside: Messages without a ship's position or identity, by kind.
        reasons: Rejected rows by reason.
        first: Earliest accepted time in microseconds, or None.
        last: Latest accepted time in microseconds, or None.
        delivered_at: When the file was delivered, or None; only in the first chunk of a file.
        is_exchanged: Whether latitude and longitude seem to be swapped; only in the first chunk of a file.
        unreadable_texts: Rows of which a name, call sign or destination is no text in UTF-8 and was left empty.
        problem: Why the file cannot be used, found only on reading it; None if it can.
    """

    files: list[tuple[str, TableFile]] = field(default_factory=list)
    rows_read: int = 0
    rows_accepted: int = 0
    rows_rejected: int = 0
    set_aside: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    first: int | None = None
    last: int | None = None
    delivered_at: datetime | None = None
    is_exchanged: bool = False
    unreadable_texts: int = 0
    problem: str | None = None


def ingest_chunks(plans: Iterable[ChunkPlan], rules: Rules) -> Iterator[ChunkResult]:
    """Ingests chunk after chunk, as the work of a Spark task.

    A damaged file is reported, so that the others continue.
    """
    use_steady_memory()
    for plan in plans:
        try:
            yield ingest_chunk(plan, rules)
        except BadInputError as error:
            yield ChunkResult(problem=str(error))


def ingest_chunk(plan: ChunkPlan, rules: Rules) -> ChunkResult:
    """Reads a chunk, evaluates its rows by the contracts, and stages accepted and rejected rows."""
    result = ChunkResult()
    accepted: dict[str, list[pa.Table]] = {BRONZE_MESSAGES: [], BRONZE_STATICS: [], BRONZE_HEARTBEATS: []}
    rejected: list[pa.Table] = []
    losses: list[pa.Table] = []
    base_stations = [BASE_STATION_SCHEMA.empty_table()]
    delivery = DeliveryTime(plan.delivery)
    for block in read_chunk(plan.chunk, rules):
        if plan.number == 0:
            delivery.settle(block, rules)
        result.rows_read += sum(rows.num_rows for _, rows in block.by_table)
        result.rows_read += block.unreadable.num_rows + sum(block.set_aside.values())
        result.set_aside.update(block.set_aside)
        result.unreadable_texts += sum(unreadable_texts(rows) for _, rows in block.by_table)
        result.reasons.update(block.unreadable["reject_reasons"].to_pylist())
        base_stations.append(block.base_stations)
        assessed = _assess(block, delivery.for_rows_of(block, rules), accepted, result, rules)
        losses += [count_losses(rows) for table, rows in assessed if table == BRONZE_MESSAGES]
        rejected += [*(rows for _, rows in assessed), block.unreadable]
    if plan.number == 0:
        result.delivered_at = delivery.settle(None, rules)
        result.is_exchanged = any(seem_exchanged(rows, rules) for rows in accepted[BRONZE_MESSAGES][:1])
    for table in (BRONZE_MESSAGES, BRONZE_STATICS):
        if accepted[table]:
            _stage_accepted(plan, table, pa.concat_tables(accepted.pop(table)), result)
    _stage_by_day(plan, BRONZE_BASE_STATIONS, by_hour_and_offset(pa.concat_tables(base_stations)), result)
    if losses:
        _stage_by_day(plan, BRONZE_LOSSES, add_up_losses(pa.concat_tables(losses)), result)
    if accepted[BRONZE_HEARTBEATS]:
        _stage_heartbeats(plan, pa.concat_tables(accepted[BRONZE_HEARTBEATS]), result)
    rows = [_for_quarantine(part, plan) for part in rejected if part.num_rows]
    if rows:
        _stage_rejected(plan, pa.concat_tables(rows), result)
    return result


def _assess(
    block: SourceBlock,
    delivered_at: datetime | None,
    accepted: dict[str, list[pa.Table]],
    result: ChunkResult,
    rules: Rules,
) -> list[tuple[str, pa.Table]]:
    """Splits a block's rows by the rules of their table; returns rejected rows, by table."""
    rejected = []
    for table, rows in block.by_table:
        if rows.num_rows:
            split = apply_row_rules(rows, table, delivered_at, rules)
            result.reasons.update(split.reasons)
            accepted[table].append(split.accepted.drop_columns(FILE_LINE))
            rejected.append((table, split.rejected))
    return rejected


def seem_exchanged(positions: pa.Table, rules: Rules) -> bool:
    """Returns whether latitude and longitude seem to be swapped, by a sample of positions."""
    step = max(1, positions.num_rows // rules.exchanged_sample_positions)
    latitude, longitude = (positions[name].to_numpy()[::step] for name in ("latitude", "longitude"))
    return rules.subject == SHIPS and are_positions_exchanged(latitude, longitude, rules)


def unreadable_texts(rows: pa.Table) -> int:
    """Counts the rows of which a name, call sign or destination could not be read as text."""
    if VALUE_FLAGS not in rows.column_names:
        return 0
    found = pc.match_substring_regex(rows[VALUE_FLAGS], _UNREADABLE_TEXT)
    return int(pc.sum(found).as_py() or 0)


def file_mark(file_sha256: str) -> str:
    """Returns the prefix of the names of all files that hold rows of one source file, and of no other."""
    return file_sha256[:32]


def _file_key(plan: ChunkPlan) -> str:
    return f"{file_mark(plan.file_sha256)}-{plan.number:05d}"


def _stage_rejected(plan: ChunkPlan, rows: pa.Table, result: ChunkResult) -> None:
    partition = {"stage": STAGE, "fold_date": None}
    staged = stage(plan.folders[QUARANTINE], QUARANTINE, rows, partition, _file_key(plan))
    result.files.append((QUARANTINE, staged))
    result.rows_rejected = rows.num_rows


def _stage_accepted(plan: ChunkPlan, table: str, rows: pa.Table, result: ChunkResult) -> None:
    """Stages the rows and counts them."""
    if rows.num_rows == 0:
        return
    result.rows_accepted += rows.num_rows
    times = pc.min_max(rows["observed_at_utc"].cast(pa.int64())).as_py()
    result.first = min(times["min"], times["min"] if result.first is None else result.first)
    result.last = max(times["max"], times["max"] if result.last is None else result.last)
    _stage_by_day(plan, table, rows, result)


def by_hour_and_offset(reports: pa.Table) -> pa.Table:
    """Counts base station reports by base station, station, hour and offset."""
    if reports.num_rows == 0:
        return reports.append_column("reports", pa.nulls(0, pa.int64()))
    hours = pc.floor_temporal(reports["observed_at_utc"], unit="hour")
    place = reports.column_names.index("observed_at_utc")
    rows = reports.set_column(place, "observed_at_utc", hours)
    names = rows.column_names
    counted = rows.append_column("reports", pa.array(np.ones(rows.num_rows, np.int64)))
    grouped = counted.group_by(names).aggregate([("reports", "sum")])
    return grouped.rename_columns({"reports_sum": "reports"}).sort_by([(name, "ascending") for name in names])


def _stage_by_day(plan: ChunkPlan, table: str, rows: pa.Table, result: ChunkResult) -> None:
    """Writes one file for each day and ship bucket, in the order of the rows."""
    if rows.num_rows == 0:
        return
    buckets = load_contract(table).ship_buckets or 1
    days = rows["observed_at_utc"].cast(pa.date32()).cast(pa.int32()).to_numpy()
    keys = days.astype(np.int64) * buckets + ship_bucket(rows["mmsi"].to_numpy(), buckets)
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    rows = _coded(rows)
    edges = [0, *(np.flatnonzero(np.diff(keys)) + 1).tolist(), keys.size]
    for start, end in pairwise(edges):
        day, bucket = divmod(int(keys[start]), buckets)
        partition = {"observed_on": str(DAY_ZERO + day), "ship_bucket": bucket}
        part = _taken(rows, order[start:end], plan.file_sha256)
        result.files.append((table, stage(plan.folders[table], table, part, partition, _file_key(plan))))


def _stage_heartbeats(plan: ChunkPlan, rows: pa.Table, result: ChunkResult) -> None:
    """Writes the heartbeats of receivers, which are few, as one file."""
    if rows.num_rows:
        result.rows_accepted += rows.num_rows
        hashes = pa.array([plan.file_sha256] * rows.num_rows, pa.string())
        rows = rows.append_column("file_sha256", hashes)
        staged = stage(plan.folders[BRONZE_HEARTBEATS], BRONZE_HEARTBEATS, rows, {}, _file_key(plan))
        result.files.append((BRONZE_HEARTBEATS, staged))


def _coded(rows: pa.Table) -> pa.Table:
    """Dictionary-encodes text, which is then moved and written several times as fast."""
    columns = {}
    for name in rows.column_names:
        column = rows[name].combine_chunks()
        has_text = pa.types.is_string(column.type) and column.null_count < len(column)
        columns[name] = column.dictionary_encode() if has_text else column
    return pa.table(columns)


def _taken(rows: pa.Table, order: NDArray[np.intp], file_sha256: str) -> pa.Table:
    """Selects and orders some rows, with the file's hash; columns without a value are skipped."""
    places, count = pa.array(order), order.size
    columns = {}
    for name, column in zip(rows.column_names, rows.columns, strict=True):
        is_empty = column.null_count == rows.num_rows
        columns[name] = pa.nulls(count, column.type) if is_empty else column.chunk(0).take(places)
    codes = pa.array(np.zeros(count, np.int32))
    columns["file_sha256"] = pa.DictionaryArray.from_arrays(codes, pa.array([file_sha256], pa.string()))
    return pa.table(columns)


def _for_quarantine(rows: pa.Table, plan: ChunkPlan) -> pa.Table:
    """Returns the columns of quarantine; missing columns are null."""
    columns = {}
    for target in arrow_schema(QUARANTINE, with_partitions=False):
        if target.name == "file_sha256":
            columns[target.name] = pa.array([plan.file_sha256] * rows.num_rows, pa.string())
        elif target.name in rows.column_names:
            columns[target.name] = rows[target.name].cast(target.type)
        else:
            columns[target.name] = pa.nulls(rows.num_rows, target.type)
    return pa.table(columns)
