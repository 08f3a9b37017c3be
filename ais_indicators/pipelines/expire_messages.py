"""Task `expire_messages`: removes raw messages past the retention period of their source, and records the effects.

Only bronze and the quarantine of ingest hold raw messages. Positions, calls and values computed from them are kept; but
a week without its messages cannot be recomputed, so weeks that were never computed are spared.
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from ais_indicators.contracts.types import arrow_schema
from ais_indicators.ingestion.chunk import QUARANTINE, STAGE, file_mark
from ais_indicators.ingestion.file_commit import FILES
from ais_indicators.ingestion.known_layouts import weeks_to_keep
from ais_indicators.io.delta import active_files, commit, open_delta, read_rows, read_whole_file
from ais_indicators.io.expired import EXPIRED, expired_through, read_expired
from ais_indicators.io.staging import TableFile, stage, stage_by_partition
from ais_indicators.io.store import table_folder
from ais_indicators.io.weeks import newest_week, read_bronze, read_folded_weeks
from ais_indicators.job import Job
from ais_indicators.periods import Week
from ais_indicators.releasing.record import read_releases
from ais_indicators.settings import Settings
from ais_indicators.sources import BRONZE_MESSAGES, BRONZE_STATICS

MIXED: Final = "part-mixed"
"""Prefix of the names of files that hold the remains of several source files."""


@dataclass(frozen=True)
class ExpiredMessages:
    """Removed messages.

    Attributes:
        counted_from: Week from which the weeks to keep are counted back.
        rows: Messages removed, static reports and those in quarantine too, by layout.
        weeks: Weeks that lost messages, by layout.
        spared: Weeks past their retention period that were not computed yet, so that their messages are kept.
        lost_releases: Releases that can no longer be recomputed after this run.
    """

    counted_from: Week
    rows: dict[str, int]
    weeks: dict[str, list[str]]
    spared: tuple[Week, ...]
    lost_releases: tuple[str, ...]


@dataclass(frozen=True)
class _Sources:
    """Facts about the source files.

    Attributes:
        cutoff: First moment of each layout that is kept.
        layout: Layout of each file, by its hash.
        ended_at: Last time in a file, by its hash.
        spared: Weeks whose messages are kept although their retention period is over.
    """

    cutoff: Mapping[str, datetime]
    layout: Mapping[str, str]
    ended_at: Mapping[str, datetime | None]
    spared: frozenset[Week]

    def is_over(self, sha256: str, moment: datetime | None) -> bool:
        """Returns whether a message is past its retention period; without a time it counts as the file's last."""
        cutoff, at = self.cutoff.get(self.layout.get(sha256, "")), moment or self.ended_at.get(sha256)
        return cutoff is not None and at is not None and at < cutoff and Week.of(at.date()) not in self.spared


@dataclass
class _Change:
    """Files of one table to remove and add."""

    gone: list[TableFile] = field(default_factory=list)
    added: list[TableFile] = field(default_factory=list)
    rows: Counter[str] = field(default_factory=Counter)
    weeks: set[tuple[str, Week]] = field(default_factory=set)


def run(job: Job) -> ExpiredMessages:
    """Removes what is past its retention period; a repetition removes nothing.

    The weeks are counted from the requested week, or from the newest one with messages.
    """
    settings = job.settings
    counted_from = job.period.last if job.period else newest_week(settings)
    sources, keep = _sources(settings, counted_from)
    if not keep:
        return ExpiredMessages(counted_from, {}, {}, (), ())
    changes = {table: _change(settings, table, sources) for table in (BRONZE_MESSAGES, BRONZE_STATICS)}
    changes[QUARANTINE] = _change(settings, QUARANTINE, sources)
    lost = sorted({pair for table in (BRONZE_MESSAGES, BRONZE_STATICS) for pair in changes[table].weeks})
    releases = _record(settings, lost, keep, counted_from)
    for table, change in changes.items():
        commit(settings, table, change.added, change.gone)
        _erase(settings, table, expired_through(settings))
    rows: Counter[str] = sum((change.rows for change in changes.values()), Counter())
    weeks = {
        layout: [w.name for name, w in lost if name == layout] for layout in sorted({n for n, _ in lost})
    }
    return ExpiredMessages(
        counted_from, dict(sorted(rows.items())), weeks, tuple(sorted(sources.spared)), releases
    )


def _sources(settings: Settings, counted_from: Week) -> tuple[_Sources, dict[str, int]]:
    keep = weeks_to_keep(settings)
    cutoffs = {layout: counted_from.plus(1 - weeks).start for layout, weeks in keep.items()}
    files = read_rows(settings, FILES).to_pylist()
    sources = _Sources(
        cutoff=cutoffs,
        layout={row["file_sha256"]: row["layout"] for row in files},
        ended_at={r["file_sha256"]: r["last_observed_at_utc"] or r["delivered_at_utc"] for r in files},
        spared=frozenset(_uncomputed(settings, max(cutoffs.values(), default=None))),
    )
    return sources, keep


def _uncomputed(settings: Settings, before: datetime | None) -> list[Week]:
    """Returns weeks before a time whose current messages were not computed, after those that expired already."""
    bronze, folded, gone = read_bronze(settings), read_folded_weeks(settings), expired_through(settings)
    weeks = {*bronze.files, *bronze.static_files}
    return [
        week
        for week in weeks
        if before is not None
        and week.start < before
        and (gone is None or week > gone)
        and (week not in folded or folded[week].fingerprint != bronze.fingerprint(week))
    ]


def _change(settings: Settings, table: str, sources: _Sources) -> _Change:
    """Returns what is to be removed from a table; files that also hold other rows are rewritten with those."""
    change = _Change()
    by_mark = {file_mark(sha): sha for sha in sources.layout}
    for file in active_files(open_delta(settings, table)):
        if file.partition.get("stage", STAGE) != STAGE:
            continue
        day = file.partition.get("observed_on")
        sha = by_mark.get(Path(file.path).name.partition("-")[0])
        if day is not None and sha is not None:
            _take_whole(change, file, sources, sha, date.fromisoformat(day))
        elif sha is None or sources.layout[sha] in sources.cutoff:
            _take_rows(settings, table, change, file, sources)
    return change


def _take_whole(change: _Change, file: TableFile, sources: _Sources, sha: str, day: date) -> None:
    """Removes or keeps a file of one source and day as a whole."""
    layout, week = sources.layout[sha], Week.of(day)
    if sources.is_over(sha, week.start):
        change.gone.append(file)
        change.rows[layout] += file.rows
        change.weeks.add((layout, week))


def _take_rows(settings: Settings, table: str, change: _Change, file: TableFile, sources: _Sources) -> None:
    """Selects the rows of a file that holds several days or sources."""
    folder = table_folder(settings, table)
    rows = read_whole_file(settings, table, file)
    keys = rows.select(["file_sha256", "observed_at_utc"]).to_pylist()
    over = [sources.is_over(key["file_sha256"], key["observed_at_utc"]) for key in keys]
    if not any(over):
        return
    change.gone.append(file)
    for key, is_over in zip(keys, over, strict=True):
        if is_over:
            layout, at = sources.layout[key["file_sha256"]], key["observed_at_utc"]
            change.rows[layout] += 1
            if at is not None:
                change.weeks.add((layout, Week.of(at.date())))
    kept = rows.filter(pc.invert(pa.array(over)))
    if kept.num_rows:
        mark = Path(file.path).name.partition("-")[0]
        key_of_file = f"{mark}-kept" if mark in {file_mark(sha) for sha in sources.layout} else MIXED
        change.added.append(stage(folder, table, kept, dict(file.partition), key_of_file))


def _record(
    settings: Settings, lost: list[tuple[str, Week]], keep: Mapping[str, int], counted_from: Week
) -> tuple[str, ...]:
    """Records which weeks lose their messages, before they do; returns the releases that are affected."""
    known = {(row["layout"], row["week"]): row for row in read_expired(settings)}
    named = {one for row in known.values() for one in json.loads(row["lost_release_ids"])}
    fresh: list[str] = []
    rows: dict[tuple[str, str], dict[str, Any]] = dict(known)
    releases = read_releases(settings)
    for layout, week in sorted(lost, key=lambda pair: (pair[1], pair[0])):
        now = [r.release_id for r in releases if r.week <= week.name and r.release_id not in named]
        named.update(now)
        fresh += now
        earlier = known.get((layout, week.name))
        ids = [*(json.loads(earlier["lost_release_ids"]) if earlier else []), *now]
        rows[layout, week.name] = {
            "layout": layout,
            "week": week.name,
            "keep_weeks": keep[layout],
            "counted_from_week": counted_from.name,
            "lost_release_ids": json.dumps(ids),
        }
    if rows != known:
        table = pa.Table.from_pylist([rows[key] for key in sorted(rows)], schema=arrow_schema(EXPIRED))
        staged = stage_by_partition(table_folder(settings, EXPIRED), EXPIRED, table, "expired")
        commit(settings, EXPIRED, staged, active_files(open_delta(settings, EXPIRED)))
    return tuple(fresh)


def _erase(settings: Settings, table: str, last: Week | None) -> None:
    """Deletes from the disk what no longer counts: of bronze in the expired weeks, of quarantine anywhere."""
    folder = table_folder(settings, table)
    active = {file.path for file in active_files(open_delta(settings, table))}
    first = f"stage={STAGE}/" if table == QUARANTINE else "observed_on="
    for file in folder.files(suffix=".parquet"):
        if not file.path.startswith(first):
            continue
        day = (
            None if table == QUARANTINE else date.fromisoformat(file.path.partition("/")[0].partition("=")[2])
        )
        is_expired = last is not None and (day is None or Week.of(day) <= last)
        if is_expired and file.path not in active:
            folder.remove(file.path)
