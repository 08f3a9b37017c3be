"""Task `ingest_messages`: files of AIS messages to bronze, each as one atomic commit identified by its content."""

import json
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from ais_indicators.errors import BadInputError
from ais_indicators.ingestion.chunk import ChunkPlan, file_mark, ingest_chunks
from ais_indicators.ingestion.delivery import DeliveryClues
from ais_indicators.ingestion.file_commit import WRITTEN, Read, commit_files, current_files
from ais_indicators.ingestion.fragments_across_files import FILE_NAME, write_joined
from ais_indicators.ingestion.known_layouts import mappings_to_read, source_times
from ais_indicators.io.store import table_folder
from ais_indicators.io.subject import refusal
from ais_indicators.job import Job
from ais_indicators.sources import SourceFile, inspect, modified_at, plan
from ais_indicators.sources.mapping import Mapping, load_mapping
from ais_indicators.sources.nmea import LAYOUT as NMEA

INBOX = "inbox"
PACKINGS = ("", ".gz", ".zst")
SUFFIXES = (
    *(
        ending + packing
        for ending in (".csv", ".txt", ".nmea", ".nm4", ".ais", ".log")
        for packing in PACKINGS
    ),
    ".zip",
    ".parquet",
)
"""Endings of the files that are read from a folder; a file that is named can have any."""

BATCH_FILES = 200
BATCH_BYTES = 256 * 1024 * 1024
"""Files are ingested in batches, up to this number and size: a folder of many small files keeps the workers busy, and a
large one does not share the disk on which it is unpacked.
"""

PACKED_WEIGHT = 4
"""A packed file counts as this multiple of its size."""

Outcome = Literal["ingested", "already there", "refused"]


@dataclass(frozen=True)
class FileReport:
    """Result for one file; `rows_read` is the sum of the three counts after it.

    Attributes:
        name: Name of the file.
        outcome: Ingested, already there, or refused.
        rows_read: Rows in it.
        rows_accepted: Rows that went to bronze.
        rows_quarantined: Rows that went to quarantine.
        rows_set_aside: Messages of types without a ship's position.
        reasons: Quarantined rows by reason; a row with two reasons counts for both.
        set_aside: What was set aside, by kind.
        detail: Note for people.
        is_exchanged: Whether latitude and longitude seem to be swapped.
        unreadable_texts: Rows of which a name, call sign or destination is no text in UTF-8 and was left empty.
    """

    name: str
    outcome: Outcome
    rows_read: int = 0
    rows_accepted: int = 0
    rows_quarantined: int = 0
    rows_set_aside: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    set_aside: dict[str, int] = field(default_factory=dict)
    detail: str = ""
    is_exchanged: bool = False
    unreadable_texts: int = 0


@dataclass(frozen=True)
class IngestSummary:
    """Results for all files, in the order of processing."""

    files: tuple[FileReport, ...]

    @property
    def refused(self) -> tuple[FileReport, ...]:
        """Returns files that could not be used."""
        return tuple(file for file in self.files if file.outcome == "refused")

    def stop_on_refusal(self) -> None:
        """Raises an error if a file was refused; the others are in the lake.

        Raises:
            BadInputError: A file was refused; the message says which and why.
        """
        if self.refused:
            why = "; ".join(file.detail for file in self.refused)
            raise BadInputError(f"{len(self.refused)} of {len(self.files)} files were refused: {why}")


@dataclass(frozen=True)
class Opened:
    """A file that is ready to be read.

    Attributes:
        source: The file.
        plans: Its chunks.
    """

    source: SourceFile
    plans: list[ChunkPlan]


def run(job: Job) -> IngestSummary:
    """Ingests files, or those in `DATA_DIR/inbox` if none are named; a bad file does not stop the others."""
    named = _expand(job.paths or (job.settings.data_dir / INBOX,))
    mappings = _mappings(job)
    reports = []
    for batch in _batches(named):
        reports += _ingest_batch(job, batch, mappings)
    if not reports and job.paths:
        raise BadInputError(f"no file of AIS messages ({', '.join(SUFFIXES)}) in {_names(job.paths)}")
    return IngestSummary((*reports, *_join_fragments(job)))


def _mappings(job: Job) -> list[Mapping]:
    return [load_mapping(job.mapping)] if job.mapping else mappings_to_read(job.settings)


def _ingest_batch(
    job: Job, batch: Sequence[tuple[Path, str]], mappings: Sequence[Mapping]
) -> list[FileReport]:
    """Ingests some files: all are opened, their chunks are read in parallel, and each is committed separately."""
    scratch = job.settings.staging / "unpacked"
    known = current_files(job)
    opened: dict[int, Opened] = {}
    reports: dict[int, FileReport] = {}
    try:
        for number, (path, name) in enumerate(batch):
            found = _open(job, path, name, mappings, known, scratch)
            if isinstance(found, FileReport):
                reports[number] = found
            elif any(other.source.sha256 == found.source.sha256 for other in opened.values()):
                reports[number] = FileReport(
                    name, "already there", detail="the same content is in this delivery"
                )
            else:
                opened[number] = found
        plans = [chunk for found in opened.values() for chunk in found.plans]
        results = iter(job.executor.run(plans, ingest_chunks, (job.rules,), job.advance))
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    read: list[tuple[int, Read]] = []
    for number, found in opened.items():
        of_file = list(islice(results, len(found.plans)))
        problem = next((result.problem for result in of_file if result.problem), None)
        if problem:
            reports[number] = FileReport(found.source.name, "refused", detail=problem)
        else:
            read.append((number, Read(found.source, of_file)))
    reports |= _commit(job, read)
    return [reports[number] for number in sorted(reports)]


def _commit(job: Job, read: Sequence[tuple[int, Read]]) -> dict[int, FileReport]:
    """Commits files; of several with one name in a delivery each replaces the previous one."""
    reports: dict[int, FileReport] = {}
    group: list[tuple[int, Read]] = []
    for number, file in [*read, (None, None)]:
        if group and (file is None or file.source.name in {other.source.name for _, other in group}):
            records = commit_files(job, [other for _, other in group])
            for (place, other), record in zip(group, records, strict=True):
                earlier = record["replaces_sha256"]
                detail = f"replaces an earlier file of the name ({earlier[:12]})" if earlier else ""
                reports[place] = replace(
                    _report(record, "ingested", detail),
                    is_exchanged=any(result.is_exchanged for result in other.results),
                    unreadable_texts=sum(result.unreadable_texts for result in other.results),
                )
            group = []
        if number is not None and file is not None:
            group.append((number, file))
    return reports


def _open(
    job: Job,
    path: Path,
    name: str,
    mappings: Sequence[Mapping],
    known: dict[str, dict[str, Any]],
    scratch: Path,
) -> Opened | FileReport:
    """Recognises and splits a file; returns a report if it is not to be read."""
    try:
        source = inspect(path, mappings, name, source_times(job.settings), rules=job.rules)
        if job.mapping and source.layout != mappings[0].layout:
            raise BadInputError(
                f"{name}: is {source.layout}, not the {mappings[0].layout} of {job.mapping.name}"
            )
        if problem := refusal(name, source.members[0].layout.subject, job.settings):
            return FileReport(name, "refused", detail=problem)
        if source.sha256 in known:
            return _already_there(source, known[source.sha256])
        return Opened(source, _plan_chunks(job, source, scratch))
    except BadInputError as error:
        return FileReport(name, "refused", detail=str(error))


def _plan_chunks(job: Job, source: SourceFile, scratch: Path) -> list[ChunkPlan]:
    chunks = plan(source, scratch, workers=job.executor.parallelism, rules=job.rules)
    folders = {name: table_folder(job.settings, name) for name in WRITTEN}
    modified = modified_at(source.path)
    return [
        ChunkPlan(chunk, number, source.sha256, DeliveryClues(job.delivered_at, modified, chunks[0]), folders)
        for number, chunk in enumerate(chunks)
    ]


def _join_fragments(job: Job) -> list[FileReport]:
    """Joins messages whose fragments are in two files; returns nothing if that changes nothing."""
    known = current_files(job)
    logs = {
        file_mark(sha)
        for sha, row in known.items()
        if row["layout"] == NMEA and row["file_name"] != FILE_NAME
    }
    was_written = any(row["file_name"] == FILE_NAME for row in known.values())
    joined = write_joined(job.settings, logs, was_written, job.rules)
    if joined is None:
        return []
    reports = _ingest_batch(job, [(joined, FILE_NAME)], ())
    joined.unlink()
    return [report for report in reports if report.outcome == "ingested"]


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
        set_aside=json.loads(record["set_aside"]),
        detail=detail,
    )


def _expand(paths: Iterable[Path]) -> Iterator[tuple[Path, str]]:
    """Yields named files; for a folder the files of messages in it and below, by their relative names."""
    for path in paths:
        if path.is_dir():
            for file in sorted(
                p for p in path.rglob("*") if p.name.lower().endswith(SUFFIXES) and p.is_file()
            ):
                yield file, file.relative_to(path).as_posix()
        elif path.exists() or path.name != INBOX:
            yield path, path.name


def _batches(named: Iterable[tuple[Path, str]]) -> Iterator[list[tuple[Path, str]]]:
    """Splits the files into batches, in order."""
    batch: list[tuple[Path, str]] = []
    size = 0
    for path, name in named:
        bytes_more = _weight(path)
        if batch and (len(batch) == BATCH_FILES or size + bytes_more > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append((path, name))
        size += bytes_more
    if batch:
        yield batch


def _weight(path: Path) -> int:
    """Returns the size with which a file counts in a batch."""
    if not path.is_file():
        return 0
    is_packed = path.name.lower().endswith((*filter(None, PACKINGS), ".zip"))
    return path.stat().st_size * (PACKED_WEIGHT if is_packed else 1)


def _names(paths: Sequence[Path]) -> str:
    return ", ".join(str(path) for path in paths)
