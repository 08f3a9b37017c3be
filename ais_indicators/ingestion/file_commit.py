"""Commits the rows of one file to the lake and removes those that it replaces."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from ais_indicators.contracts.types import arrow_schema
from ais_indicators.ingestion.chunk import QUARANTINE, ChunkResult, file_mark
from ais_indicators.ingestion.position_losses import BRONZE_LOSSES
from ais_indicators.io.delta import active_files, commit, open_delta, read_rows, read_whole_file
from ais_indicators.io.staging import TableFile, stage, stage_by_partition
from ais_indicators.io.store import table_folder
from ais_indicators.job import Job
from ais_indicators.sources import (
    BRONZE_BASE_STATIONS,
    BRONZE_HEARTBEATS,
    BRONZE_MESSAGES,
    BRONZE_STATICS,
    SourceFile,
)
from ais_indicators.sources.simulated import is_simulated

FILES: Final = "ops.ingested_files"
WRITTEN: Final = (
    QUARANTINE,
    BRONZE_HEARTBEATS,
    BRONZE_BASE_STATIONS,
    BRONZE_LOSSES,
    BRONZE_STATICS,
    BRONZE_MESSAGES,
)
"""Tables that receive a file's rows, in the order of their commits."""

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Read:
    """A file whose chunks are staged.

    Attributes:
        source: The file.
        results: Results of its chunks, in order.
    """

    source: SourceFile
    results: Sequence[ChunkResult]


def commit_files(job: Job, files: Sequence[Read]) -> list[dict[str, Any]]:
    """Commits what the chunks of some files staged, each instead of an earlier file of its name.

    All of them are added with one commit per table, so each is there completely or not at all, and a folder of many
    small files does not make as many versions.

    Args:
        job: The job.
        files: Files of different names.

    Returns:
        Their rows of `ops.ingested_files`.
    """
    known = {row["file_name"]: sha for sha, row in current_files(job).items()}
    earlier = {file.source.name: known.get(file.source.name) for file in files}
    _commit_rows(job, files, [sha for sha in earlier.values() if sha])
    records = [_record(file.source, earlier[file.source.name], file.results) for file in files]
    _commit_records(job, records)
    return records


def current_files(job: Job) -> dict[str, dict[str, Any]]:
    """Returns records of the files whose rows are in the lake, by their hash."""
    rows = read_rows(job.settings, FILES).to_pylist()
    return {row["file_sha256"]: row for row in rows if row["is_current"]}


def _commit_rows(job: Job, files: Sequence[Read], replaced: Sequence[str]) -> None:
    """Adds the files' rows and removes those of the files that they correct, or of a killed run.

    Quarantine comes first and the record last: until the record exists, a file counts as not ingested, and ingesting it
    again replaces its rows.
    """
    shas = [*(file.source.sha256 for file in files), *replaced]
    stays = {file_mark(sha) for sha in current_files(job)} - {file_mark(sha) for sha in shas}
    for table in WRITTEN:
        staged = (staged for file in files for result in file.results for staged in result.files)
        added = [file for name, file in staged if name == table]
        gone, rest = _files_of(job, table, shas, stays)
        commit(job.settings, table, [*added, *rest], gone)


def _files_of(
    job: Job, table: str, shas: Sequence[str], stays: set[str]
) -> tuple[list[TableFile], list[TableFile]]:
    """Returns files that hold rows of the source files, and new ones with the other rows of those that mix several.

    Files of a source that is not recorded are also removed: a killed run left them.
    """
    gone: list[TableFile] = []
    rest: list[TableFile] = []
    for file in active_files(open_delta(job.settings, table)):
        name = file.path.rsplit("/", 1)[-1]
        if name.startswith("bucket"):
            continue
        if _is_ours(name):
            if name.partition("-")[0] not in stays:
                gone.append(file)
        else:
            staged, holds_some = _without(job, table, file, shas)
            if holds_some:
                gone.append(file)
                rest += staged
    return gone, rest


def _is_ours(name: str) -> bool:
    """Returns whether a file's name contains its source file; those that OPTIMIZE wrote mix several."""
    return not name.startswith("part-")


def _without(job: Job, table: str, file: TableFile, shas: Sequence[str]) -> tuple[list[TableFile], bool]:
    folder = table_folder(job.settings, table)
    rows = read_whole_file(job.settings, table, file)
    from_them = pc.is_in(rows["file_sha256"], pa.array(list(shas), pa.string()))
    if not pc.any(from_them).as_py():
        return [], False
    kept = rows.filter(pc.invert(pc.fill_null(from_them, False)))
    if kept.num_rows == 0:
        return [], True
    return [stage(folder, table, kept, dict(file.partition), "part-mixed")], True


def _record(source: SourceFile, earlier: str | None, results: Sequence[ChunkResult]) -> dict[str, Any]:
    """Makes one row of `ops.ingested_files`."""
    reasons: Counter[str] = sum((result.reasons for result in results), Counter())
    set_aside: Counter[str] = sum((result.set_aside for result in results), Counter())
    read = sum(result.rows_read for result in results)
    accepted = sum(result.rows_accepted for result in results)
    times = [(r.first, r.last) for r in results if r.first is not None and r.last is not None]
    return {
        "file_sha256": source.sha256,
        "file_name": source.name,
        "layout": source.layout,
        "file_bytes": source.size_bytes,
        "rows_read": read,
        "rows_accepted": accepted,
        "rows_quarantined": sum(r.rows_rejected for r in results),
        "rows_set_aside": set_aside.total(),
        "set_aside": json.dumps(set_aside, sort_keys=True),
        "reasons": json.dumps(reasons, sort_keys=True),
        "first_observed_at_utc": _time(min((first for first, _ in times), default=None)),
        "last_observed_at_utc": _time(max((last for _, last in times), default=None)),
        "delivered_at_utc": results[0].delivered_at if results else None,
        "replaces_sha256": earlier,
        "is_simulated": is_simulated(source.path),
        "is_current": True,
    }


def _commit_records(job: Job, records: Sequence[dict[str, Any]]) -> None:
    """Writes the records; the record of a replaced file is kept and marked."""
    new, replaced = ({record[name] for record in records} for name in ("file_sha256", "replaces_sha256"))
    kept = [row for row in read_rows(job.settings, FILES).to_pylist() if row["file_sha256"] not in new]
    for row in kept:
        row["is_current"] = row["is_current"] and row["file_sha256"] not in replaced
    rows = sorted([*kept, *records], key=lambda row: (row["file_name"], row["file_sha256"]))
    table = pa.Table.from_pylist(rows, schema=arrow_schema(FILES))
    gone = active_files(open_delta(job.settings, FILES))
    staged = stage_by_partition(table_folder(job.settings, FILES), FILES, table, "files")
    commit(job.settings, FILES, staged, gone)


def _time(microseconds: int | None) -> datetime | None:
    return None if microseconds is None else EPOCH + timedelta(microseconds=microseconds)
