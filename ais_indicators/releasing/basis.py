"""Inputs of a release: source files, references, rules, code, table versions and row counts.

All of it is a function of the lake and the software; only `gold.releases` has the time of publication.
"""

import hashlib
import json
import platform
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, requires, version
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from packaging.requirements import Requirement

from ais_indicators.checks.overrides import Overridden
from ais_indicators.checks.weeks import WeekChecks
from ais_indicators.ingestion.known_layouts import attributions
from ais_indicators.io.delta import active_files, open_delta, read_rows
from ais_indicators.io.staging import TableFile
from ais_indicators.io.vessel_registers import register_versions
from ais_indicators.io.weeks import Bronze, FoldedWeek, read_bronze, read_folded_weeks
from ais_indicators.periods import Week
from ais_indicators.publish.files import RELEASED_TABLES, ReleaseFiles
from ais_indicators.releasing.record import Disclosure, FoldedRun, ReleaseRecord
from ais_indicators.releasing.tables import MANIFEST, RULES
from ais_indicators.repository import PACKAGE, find_folder
from ais_indicators.rules import RULES_FILE, Rules, rule_values, rules_hash
from ais_indicators.settings import Settings
from ais_indicators.tasks import TASKS, task
from ais_indicators.weekly_table import FoldedLake, WeeklyTable

DISTRIBUTION: Final = "ais-indicators"
FINGERPRINT_DIGITS: Final = 16
COUNTED: Final = (
    "bronze.ais_messages",
    "bronze.ais_static_messages",
    "silver.positions",
    "quarantine.messages",
    "silver.port_calls",
    "silver.chokepoint_transits",
    "silver.voyages",
)
"""Tables whose rows of a week show its way from messages to values; of the quarantine those of the fold."""

ROW_COUNTS: Final = ("rows_accepted", "rows_quarantined", "rows_read", "rows_set_aside")
"""Columns of `ops.ingested_files` that count what became of the rows of a file."""

NOT_IN_MANIFEST: Final = ("published_at_utc", "figure_files", "folded_weeks")
"""Columns that the clock and names of files determine."""


@dataclass(frozen=True)
class Standing:
    """State of the lake when releases are made, read once for all of them.

    Attributes:
        settings: Settings of the lake.
        rules: Rules of the lake's subject.
        port_activity: Declaration of the weekly port activity.
        files: Files of the released tables and of those whose rows are counted.
        versions: Delta version of every input table.
        inputs: Rows of `ops.ingested_files`.
        bronze: What bronze holds.
        folded: What was folded.
        register: Version of the register, or None.
    """

    settings: Settings
    rules: Rules
    port_activity: WeeklyTable
    files: dict[str, list[TableFile]]
    versions: dict[str, int]
    inputs: tuple[dict[str, Any], ...]
    bronze: Bronze
    folded: dict[Week, FoldedWeek]
    register: str | None
    _stale_ports: dict[Week, list[Week]] = field(default_factory=dict)

    def stale_ports(self, newest: Week) -> list[Week]:
        """Finds the weeks whose port activity was not computed while that week was the newest."""
        if newest not in self._stale_ports:
            self._stale_ports[newest] = self.port_activity.stale(
                FoldedLake(self.settings, self.rules, newest)
            )
        return self._stale_ports[newest]

    def figure_files(self, week: Week) -> dict[str, tuple[str, ...]]:
        """Returns the names of the files that hold a week's values, by table, in order."""
        found = {
            table: tuple(f.path for f in self.files[table] if f.partition["week"] == week.name)
            for table in RELEASED_TABLES
        }
        return {table: paths for table, paths in found.items() if paths}

    def inputs_of(self, week: Week) -> list[dict[str, Any]]:
        """Returns source files with messages in the week or before it: the fold carries every earlier week into it."""
        return [
            row
            for row in self.inputs
            if row["is_current"]
            and row["first_observed_at_utc"] is not None
            and row["first_observed_at_utc"] < week.end
        ]


@dataclass(frozen=True)
class MadeRelease:
    """What the task that publishes decides about a release.

    Attributes:
        release_id: Its identifier.
        release_sequence: Its number among all releases.
        published_at_utc: When it is published.
        overridden: Failed critical checks that were overridden.
        disclosure: What was suppressed in it.
    """

    release_id: str
    release_sequence: int
    published_at_utc: datetime
    overridden: tuple[Overridden, ...]
    disclosure: Disclosure


def read_standing(settings: Settings, port_activity: WeeklyTable, rules: Rules) -> Standing:
    """Reads the current state of the lake, in which `port_activity` says which weeks of its table are stale."""
    registers = register_versions(settings)
    names = sorted(
        {name for t in TASKS for name in (*t.reads, *t.writes)} - set(task("publish_release").writes)
    )
    opened = {name: open_delta(settings, name) for name in names}
    return Standing(
        settings,
        rules,
        port_activity,
        files={name: active_files(opened[name]) for name in {*RELEASED_TABLES, *COUNTED}},
        versions={name: int(delta.version()) for name, delta in opened.items()},
        inputs=tuple(read_rows(settings, "ops.ingested_files").to_pylist()),
        bronze=read_bronze(settings),
        folded=read_folded_weeks(settings),
        register=registers[-1].version if registers else None,
    )


def make_record(
    standing: Standing, checks: WeekChecks, files: ReleaseFiles, made: MadeRelease
) -> ReleaseRecord:
    """Makes the record of a week's release from the state of the lake.

    Args:
        standing: State of the lake.
        checks: Results of the release check for the week.
        files: The release's files.
        made: What the task that publishes decides.
    """
    week = checks.week
    inputs, folded = standing.inputs_of(week), standing.folded[week]
    return ReleaseRecord(
        release_id=made.release_id,
        release_sequence=made.release_sequence,
        week=week.name,
        published_at_utc=made.published_at_utc,
        content_sha256=files.content_sha256,
        observations=files.observations,
        figure_files=standing.figure_files(week),
        table_versions=standing.versions,
        code_version=version(DISTRIBUTION),
        code_sha256=code_sha256(),
        rules_hash=rules_hash(standing.rules.subject),
        port_version=folded.port_version,
        gate_version=folded.gate_version,
        register_version=standing.register,
        newest_week=_newest_week(standing, week).name,
        input_hashes=tuple(sorted(row["file_sha256"] for row in inputs)),
        attributions=tuple(attributions(standing.settings, inputs)),
        row_counts=_row_counts(standing, week, inputs),
        warnings=tuple(f"{c.check_name}: {c.detail}" for c in checks.failed_warnings),
        overrides=made.overridden,
        folded_weeks=_folded_weeks(standing.folded),
        disclosure=made.disclosure,
    )


def write_basis(folder: Path, record: ReleaseRecord, checks: WeekChecks, rules: Rules) -> None:
    """Writes `manifest.json` and `rules.json` into a release's folder."""
    shown = {name: value for name, value in record.to_plain().items() if name not in NOT_IN_MANIFEST}
    shown |= {
        "checks": {
            r.check_name: f"{r.failed_rows} of {r.checked_rows} failed" if not r.passed else "holds"
            for r in checks.results
        },
        "packages": package_versions(),
    }
    _write_json(folder / RULES, rule_values(rules.subject))
    _write_json(folder / MANIFEST, shown)


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def _newest_week(standing: Standing, week: Week) -> Week:
    """Returns the newest week with messages when the week's values were computed.

    Later messages may have come since; the signature of the values shows with which weeks they were computed.
    """
    candidates = [w for w in sorted(standing.bronze.files, reverse=True) if w >= max(standing.folded)]
    for newest in candidates:
        if week not in standing.stale_ports(newest):
            return newest
    return max([*standing.bronze.files, week])


def _folded_weeks(folded: dict[Week, FoldedWeek]) -> tuple[FoldedRun, ...]:
    """Returns how the weeks were folded, as runs of weeks with the same ports and gates."""
    runs = groupby(sorted(folded.items()), key=lambda item: (item[1].port_version, item[1].gate_version))
    return tuple(
        FoldedRun(
            port_version=ports,
            gate_version=gates,
            fingerprints={week.name: one.fingerprint[:FINGERPRINT_DIGITS] for week, one in items},
        )
        for (ports, gates), items in runs
    )


def _row_counts(
    standing: Standing, week: Week, inputs: Sequence[dict[str, Any]]
) -> dict[str, int | dict[str, int]]:
    """Counts files, ingested rows and rows of the week, with names in the order of the alphabet."""
    ingested = {name: sum(row[name] for row in inputs) for name in ROW_COUNTS}
    of_week = {
        table: sum(f.rows for f in standing.files[table] if _is_of(f, week)) for table in sorted(COUNTED)
    }
    return {"files": len(inputs), "ingested": ingested, "week": of_week}


def _is_of(file: TableFile, week: Week) -> bool:
    """Returns whether a file holds rows of a week; of the quarantine only what the fold rejected counts."""
    partition = file.partition
    if partition.get("stage", "fold") != "fold":
        return False
    day = partition.get("observed_on") or partition.get("fold_date")
    if day is not None:
        return Week.of(date.fromisoformat(day)) == week
    return week.name in (partition.get("settled_week"), partition.get("week"))


@cache
def code_sha256() -> str:
    """Hashes the software's files (SHA-256): the package, the contracts and the checks; rules have their own hash."""
    beside = {name: find_folder(name) for name in ("schemas", "quality")}
    files = {
        path.relative_to(PACKAGE).as_posix(): path
        for path in PACKAGE.rglob("*")
        if path.suffix in (".py", ".yaml") and path.parent not in beside.values()
    }
    for name, folder in beside.items():
        files |= {f"{name}/{path.name}": path for path in folder.glob("*.yaml") if path.name != RULES_FILE}
    lines = (
        f"{name} {hashlib.sha256(path.read_bytes()).hexdigest()}" for name, path in sorted(files.items())
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


@cache
def package_versions() -> dict[str, str]:
    """Returns the version of Python and of each installed package that the software needs, extras included."""
    found = {"python": platform.python_version()}
    for requirement in map(Requirement, requires(DISTRIBUTION) or []):
        is_for_work_on_it = requirement.marker and 'extra == "develop"' in str(requirement.marker)
        if requirement.name != DISTRIBUTION and not is_for_work_on_it:
            with suppress(PackageNotFoundError):  # of an extra that is not installed
                found[requirement.name] = version(requirement.name)
    return dict(sorted(found.items()))
