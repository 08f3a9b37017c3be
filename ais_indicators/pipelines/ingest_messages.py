"""Task `ingest_messages`: files of AIS messages into bronze, each as one atomic commit known by its content."""

import json
import shutil
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ais_indicators.contracts.types import arrow_schema
from ais_indicators.errors import BadInputError
from ais_indicators.io.delta import active_files, commit, open_delta, read_rows
from ais_indicators.io.spread import spread
from ais_indicators.io.staging import TableFile, stage, stage_by_partition
from ais_indicators.pipelines.ingest_chunk import QUARANTINE, ChunkPlan, ChunkResult, file_mark, ingest_chunks
from ais_indicators.pipelines.job import Job
from ais_indicators.sources import (
    BRONZE_MESSAGES,
    SourceFile,
    guess_delivery,
    inspect,
    plan,
    read_chunk,
)

FILES = "ops.ingested_files"
INBOX = "inbox"
SUFFIXES = (".csv", ".csv.gz", ".csv.zst", ".zip", ".parquet")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Outcome = Literal["taken in", "already there", "refused"]


@dataclass(frozen=True)
class FileReport:
    """What became of one file; `rows_read` is the sum of the three counts after it.

    Attributes:
        name: Name of the file.
        outcome: Taken in, already there, or refused.
        rows_read: Rows in it.
        rows_accepted: Rows that went to bronze.
        rows_quarantined: Rows that went to quarantine.
        rows_set_aside: Messages that are no ship's position by their type.
        reasons: Quarantined rows by reason; a row with two reasons counts for both.
        detail: What a person should know.
    """

    name: str
    outcome: Outcome
    rows_read: int = 0
    rows_accepted: int = 0
    rows_quarantined: int = 0
    rows_set_aside: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    detail: str = ""


@dataclass(frozen=True)
class IngestSummary:
    """What became of all files, in the order in which they were taken."""

    files: tuple[FileReport, ...]

    @property
    def refused(self) -> tuple[FileReport, ...]:
        """Files that could not be used."""
        return tuple(file for file in self.files if file.outcome == "refused")

    def stop_on_refusal(self) -> None:
        """Lets no refused file pass unseen; the others are in the lake.

        Raises:
            BadInputError: A file was refused; the message says which and why.
        """
        if self.refused:
            why = "; ".join(file.detail for file in self.refused)
            raise BadInputError(f"{len(self.refused)} of {len(self.files)} files were refused: {why}")


def run(job: Job) -> IngestSummary:
    """Takes in files, or what lies in `DATA_DIR/inbox` when none are named; a bad file does not stop the others."""
    paths = list(_expand(job.paths or (job.settings.data_dir / INBOX,)))
    if not paths and job.paths:
        raise BadInputError(f"no file of AIS messages ({', '.join(SUFFIXES)}) in {_names(job.paths)}")
    reports = []
    for path in paths:
        try:
            reports.append(_ingest_file(job, path))
        except BadInputError as error:
            reports.append(FileReport(path.name, "refused", detail=str(error)))
    return IngestSummary(tuple(reports))


def _ingest_file(job: Job, path: Path) -> FileReport:
    source = inspect(path)
    known = _current_files(job)
    if source.sha256 in known:
        return _already_there(source, known[source.sha256])
    scratch = job.settings.staging / f"unpacked-{file_mark(source.sha256)}"
    try:
        plans = _plan_chunks(job, source, scratch)
        results = spread(job.spark, plans, ingest_chunks, job.advance)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    earlier = next((sha for sha, row in known.items() if row["file_name"] == source.name), None)
    _commit_file(job, source, earlier, results)
    record = _record(source, earlier, plans, results)
    _commit_record(job, record, earlier)
    detail = f"replaces an earlier file of the name ({earlier[:12]})" if earlier else ""
    return _report(record, "taken in", detail)


def _plan_chunks(job: Job, source: SourceFile, scratch: Path) -> list[ChunkPlan]:
    chunks = plan(source, scratch, workers=job.spark.sparkContext.defaultParallelism)
    delivered_at = job.delivered_at
    if delivered_at is None and chunks:
        first = next((block.rows["observed_at_utc"] for block in read_chunk(chunks[0])), None)
        delivered_at = None if first is None else guess_delivery(source.path, first)
    bronze, quarantine = (job.settings.table_path(name) for name in (BRONZE_MESSAGES, QUARANTINE))
    return [
        ChunkPlan(chunk, number, source.sha256, delivered_at, bronze, quarantine)
        for number, chunk in enumerate(chunks)
    ]


def _commit_file(job: Job, source: SourceFile, earlier: str | None, results: Sequence[ChunkResult]) -> None:
    """Puts the file's rows in and takes those of the file that it corrects, or of a killed run, out.

    Quarantine comes first and the record last: until the record is there, the file counts as not taken in, and
    taking it in again replaces whatever stands of it.
    """
    shas = [sha for sha in (source.sha256, earlier) if sha]
    stays = {file_mark(sha) for sha in _current_files(job)} - {file_mark(sha) for sha in shas}
    rejected = [file for result in results for file in result.rejected_files]
    accepted = [file for result in results for file in result.accepted_files]
    for table, added in ((QUARANTINE, rejected), (BRONZE_MESSAGES, accepted)):
        gone, rest = _files_of(job, table, shas, stays)
        commit(job.settings, table, [*added, *rest], gone)


def _files_of(
    job: Job, table: str, shas: Sequence[str], stays: set[str]
) -> tuple[list[TableFile], list[TableFile]]:
    """Files that hold rows of the source files, and new ones with the other rows of those that mix several.

    Files of a source that is not on record are gone too: a killed run left them.
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
    """Whether a file's name says which source file it holds; those that OPTIMIZE wrote mix several."""
    return not name.startswith("part-")


def _without(job: Job, table: str, file: TableFile, shas: Sequence[str]) -> tuple[list[TableFile], bool]:
    folder = job.settings.table_path(table)
    rows = pq.read_table(folder / file.path, partitioning=None)
    from_them = pc.is_in(rows["file_sha256"], pa.array(list(shas), pa.string()))
    if not pc.any(from_them).as_py():
        return [], False
    kept = rows.filter(pc.invert(pc.fill_null(from_them, False)))
    if kept.num_rows == 0:
        return [], True
    return [stage(folder, table, kept, dict(file.partition), "part-mixed")], True


def _current_files(job: Job) -> dict[str, dict[str, Any]]:
    rows = read_rows(job.settings, FILES).to_pylist()
    return {row["file_sha256"]: row for row in rows if row["is_current"]}


def _record(
    source: SourceFile, earlier: str | None, plans: Sequence[ChunkPlan], results: Sequence[ChunkResult]
) -> dict[str, Any]:
    """One row of `ops.ingested_files`."""
    reasons: Counter[str] = sum((result.reasons for result in results), Counter())
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
        "rows_quarantined": sum(f.rows for r in results for f in r.rejected_files),
        "rows_set_aside": 0,
        "reasons": json.dumps(reasons, sort_keys=True),
        "first_observed_at_utc": _time(min((first for first, _ in times), default=None)),
        "last_observed_at_utc": _time(max((last for _, last in times), default=None)),
        "delivered_at_utc": plans[0].delivered_at if plans else None,
        "replaces_sha256": earlier,
        "is_current": True,
    }


def _commit_record(job: Job, record: dict[str, Any], earlier: str | None) -> None:
    """Writes the record; a replaced file's record stays and says so."""
    stored = read_rows(job.settings, FILES).to_pylist()
    kept = [row for row in stored if row["file_sha256"] != record["file_sha256"]]
    for row in kept:
        row["is_current"] = row["is_current"] and row["file_sha256"] != earlier
    rows = sorted([*kept, record], key=lambda row: (row["file_name"], row["file_sha256"]))
    table = pa.Table.from_pylist(rows, schema=arrow_schema(FILES))
    gone = active_files(open_delta(job.settings, FILES))
    commit(
        job.settings, FILES, stage_by_partition(job.settings.table_path(FILES), FILES, table, "files"), gone
    )


def _already_there(source: SourceFile, record: dict[str, Any]) -> FileReport:
    name = record["file_name"]
    return _report(
        {**record, "file_name": source.name},
        "already there",
        "the same content is in the lake"
        if name == source.name
        else f"the same content is in the lake as {name}",
    )


def _report(record: dict[str, Any], outcome: Outcome, detail: str) -> FileReport:
    return FileReport(
        name=record["file_name"],
        outcome=outcome,
        rows_read=record["rows_read"],
        rows_accepted=record["rows_accepted"],
        rows_quarantined=record["rows_quarantined"],
        rows_set_aside=record["rows_set_aside"],
        reasons=json.loads(record["reasons"]),
        detail=detail,
    )


def _expand(paths: Iterable[Path]) -> Iterable[Path]:
    """Files as they are named; of a folder the files of messages in it, by name."""
    for path in paths:
        if path.is_dir():
            yield from sorted(p for p in path.iterdir() if p.name.lower().endswith(SUFFIXES))
        elif path.exists() or path.name != INBOX:
            yield path


def _names(paths: Sequence[Path]) -> str:
    return ", ".join(str(path) for path in paths)


def _time(microseconds: int | None) -> datetime | None:
    return None if microseconds is None else EPOCH + timedelta(microseconds=microseconds)
