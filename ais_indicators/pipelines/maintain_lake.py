"""Task `maintain_lake`: combines small files, removes old ones, and shortens logs.

Only tables whose file names have no meaning are combined: those of bronze determine which weeks are to be folded again,
those of silver and gold what they were computed from. Files that are needed to recompute a release are never removed,
and files that a reader may have opened are kept for as long as the rule says.
"""

import json
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from ais_indicators.contracts.model import all_tables
from ais_indicators.io.delta import MILLISECONDS, active_files, commit, open_delta, read_rows
from ais_indicators.io.delta_log import FileLife, commits_of, file_lives
from ais_indicators.io.open_tables import LOG
from ais_indicators.io.runs import RUNS
from ais_indicators.io.staging import stage
from ais_indicators.io.store import StoredFile, table_folder
from ais_indicators.io.weeks import BASE_STATIONS, LOSSES, MESSAGES, STATICS
from ais_indicators.job import Job, Upkeep
from ais_indicators.releasing.as_of import FOLDER
from ais_indicators.releasing.history import EVENTS
from ais_indicators.releasing.inputs import REFERENCES
from ais_indicators.releasing.record import RELEASES, read_releases
from ais_indicators.releasing.replay_lake import PREFIX
from ais_indicators.settings import Settings

TOGETHER: Final = (RELEASES, EVENTS, RUNS)
"""Tables that grow by one small file per commit and whose file names have no meaning."""

KEPT_WHOLE: Final = (MESSAGES, STATICS, BASE_STATIONS, LOSSES, *REFERENCES)
"""Tables from which releases are computed: files that existed at a release or before are kept."""

KEPT_AT_RELEASES: Final = ("ops.ingested_files", "ops.expired_messages")
"""Tables that record a release's inputs: files that existed at a release are kept."""

FEWEST_FILES: Final = 2
COMMITS_BETWEEN_CHECKPOINTS: Final = 10


@dataclass(frozen=True)
class TableUpkeep:
    """Maintenance done on one table.

    Attributes:
        table: Its name.
        files_before: Files of the newest version before.
        files_after: Files of it after.
        checkpoint: Whether a checkpoint was written.
        removed_files: Files that were removed.
        removed_bytes: Their bytes.
        protected_files: Files that are no longer part of the table and are kept because releases need them.
    """

    table: str
    files_before: int
    files_after: int
    checkpoint: bool
    removed_files: int
    removed_bytes: int
    protected_files: int


def run(job: Job) -> tuple[TableUpkeep, ...]:
    """Maintains every table; without options in the job as the schedule does, with the rule's days.

    Returns:
        What was done, or would be, by table.
    """
    upkeep = job.upkeep or Upkeep(vacuum_days=float(job.rules.vacuum_retention_days))
    versions = _release_versions(job.settings)
    done = []
    tables = all_tables()
    for number, table in enumerate(tables):
        done.append(_maintain(job.settings, table, upkeep, versions.get(table, [])))
        if job.advance:
            job.advance(number + 1, len(tables))
    if upkeep.vacuum_days is not None and not upkeep.dry_run:
        _remove_left_replays(job.settings, upkeep.vacuum_days)
    return tuple(done)


def _maintain(settings: Settings, table: str, upkeep: Upkeep, versions: Sequence[int]) -> TableUpkeep:
    before = after = len(active_files(open_delta(settings, table)))
    checkpoint = False
    if upkeep.optimize and table in TOGETHER and before >= FEWEST_FILES:
        after = 1 if upkeep.dry_run else _put_together(settings, table)
    if upkeep.optimize and _commits_since_checkpoint(settings, table) >= COMMITS_BETWEEN_CHECKPOINTS:
        checkpoint = True
        if not upkeep.dry_run:
            open_delta(settings, table).create_checkpoint()
    gone: list[StoredFile] = []
    protected = 0
    if upkeep.vacuum_days is not None:
        gone, protected = _to_remove(settings, table, upkeep.vacuum_days, versions)
    size = sum(file.size for file in gone)
    for file in () if upkeep.dry_run else gone:
        table_folder(settings, table).remove(file.path)
    return TableUpkeep(table, before, after, checkpoint, len(gone), size, protected)


def _put_together(settings: Settings, table: str) -> int:
    """Writes the rows of a narrow table as one file; readers of earlier versions keep theirs."""
    rows = read_rows(settings, table)
    gone = active_files(open_delta(settings, table))
    commit(settings, table, [stage(table_folder(settings, table), table, rows, {}, "together")], gone)
    return len(active_files(open_delta(settings, table)))


def _commits_since_checkpoint(settings: Settings, table: str) -> int:
    folder = table_folder(settings, table)
    last = folder.text(f"{LOG}/_last_checkpoint")
    done: int = json.loads(last)["version"] if last else 0
    return max(commits_of(folder), default=0) - done


def _release_versions(settings: Settings) -> dict[str, list[int]]:
    """Returns the version of each table at every release, sorted; withdrawn releases count, since they are kept."""
    found: dict[str, set[int]] = {}
    for release in read_releases(settings):
        for table, version in release.table_versions.items():
            found.setdefault(table, set()).add(version)
    return {table: sorted(versions) for table, versions in found.items()}


def _to_remove(
    settings: Settings, table: str, days: float, versions: Sequence[int]
) -> tuple[list[StoredFile], int]:
    """Returns stored files to remove, and how many are kept only for releases."""
    before = datetime.now(UTC) - timedelta(days=days)
    folder = table_folder(settings, table)
    lives: dict[str, list[FileLife]] = {}
    for life in file_lives(settings, table):
        lives.setdefault(life.file.path, []).append(life)
    gone: list[StoredFile] = []
    protected = 0
    for file in folder.files(suffix=".parquet"):
        if file.path.startswith(f"{LOG}/"):
            continue
        known = lives.get(file.path, [])
        if known and any(_is_needed(table, life, versions) for life in known):
            protected += known[-1].removed is not None
        elif _left_at(file, known) < before:
            gone.append(file)
    return gone, protected


def _is_needed(table: str, life: FileLife, versions: Sequence[int]) -> bool:
    """Returns whether a file is part of the table, or a release needs it."""
    if life.removed is None:
        return True
    if table in KEPT_WHOLE:
        return bool(versions) and life.added <= versions[-1]
    return table in KEPT_AT_RELEASES and any(life.is_in(version) for version in versions)


def _left_at(file: StoredFile, lives: Iterable[FileLife]) -> datetime:
    """Returns when a file left the table; for one that never was part of it, when it was written."""
    left = [life.removed_at_ms for life in lives if life.removed_at_ms is not None]
    return datetime.fromtimestamp(max(left) / MILLISECONDS, UTC) if left else file.written_at


def _remove_left_replays(settings: Settings, days: float) -> None:
    """Removes lakes that a killed `reproduce` left."""
    before = datetime.now(UTC) - timedelta(days=days)
    for path in sorted((settings.data_dir / FOLDER).glob(f"{PREFIX}*")):
        if datetime.fromtimestamp(path.stat().st_mtime, UTC) < before:
            shutil.rmtree(path, ignore_errors=True)


def total(done: Iterable[TableUpkeep]) -> dict[str, Any]:
    """Adds up files and bytes over all tables."""
    of_all = list(done)
    return {
        "removed_files": sum(one.removed_files for one in of_all),
        "removed_bytes": sum(one.removed_bytes for one in of_all),
        "protected_files": sum(one.protected_files for one in of_all),
    }
