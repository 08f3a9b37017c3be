"""Task `publish_release`: what passed the gate becomes a release, and is served from then on."""

import hashlib
import json
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import pyarrow as pa

from ais_indicators.checks.weeks import WeekChecks, stop_on_failure
from ais_indicators.contracts.types import arrow_schema
from ais_indicators.errors import BadInputError
from ais_indicators.io.delta import active_files, commit, open_delta, read_rows, table_version
from ais_indicators.io.releases import RELEASES, read_releases, release_folder, served_release
from ais_indicators.io.staging import stage_by_partition
from ais_indicators.periods import Week
from ais_indicators.pipelines.check_release import check_week
from ais_indicators.pipelines.fold_plan import read_bronze, read_folded_weeks
from ais_indicators.pipelines.job import Job
from ais_indicators.pipelines.known_layouts import attributions
from ais_indicators.pipelines.protect_release import disclosure_record, protect_release
from ais_indicators.publish.files import (
    RELEASED_TABLES,
    Observations,
    ReleaseFiles,
    content_digest,
    write_release_files,
)
from ais_indicators.rules import rules_hash
from ais_indicators.settings import Settings
from ais_indicators.tasks import TASKS, task

ID_DIGITS = 12
MANIFEST = "manifest.json"
FigureFiles = dict[str, list[str]]
"""Files by table, of one week, in order."""


@dataclass(frozen=True)
class Published:
    """One week's outcome.

    Attributes:
        week: The week.
        release_id: The release that is served for it now.
        is_new: False when the served release had the same content already.
        checks: The gate's results.
    """

    week: Week
    release_id: str
    is_new: bool
    checks: WeekChecks


def run(job: Job) -> tuple[Published, ...]:
    """Gates and publishes the asked weeks, and anew those released before whose figures have changed since.

    Raises:
        GateStoppedError: A critical check failed; nothing of any week is published.
        BadInputError: A week has no figures.
    """
    weeks = _weeks_to_publish(job)
    checked = [check_week(job, week) for week in weeks]
    stop_on_failure(checked)
    return tuple(_publish(job.settings, checks) for checks in checked)


def _weeks_to_publish(job: Job) -> list[Week]:
    """Revised weeks first, so that the asked ones are the newest releases.

    Of several asked weeks those without any message have nothing to publish.
    """
    with_messages = read_bronze(job.settings).files
    asked = [week for week in job.weeks if week in with_messages] or list(job.weeks)
    served = {Week.parse(r["week"]): r for r in read_releases(job.settings) if r["is_served"]}
    files = _figure_files(job.settings)
    revised = [
        week
        for week in sorted(served.keys() - set(asked))
        if _is_revised(job.settings, week, served[week], files.get(week.name, {}))
    ]
    return [*revised, *asked]


def _is_revised(settings: Settings, week: Week, served: dict[str, Any], files: FigureFiles) -> bool:
    """Whether the figures differ from those served; the same files hold the same figures."""
    if served["figure_files"] == json.dumps(files):
        return False
    digest: str = served["content_sha256"]
    return content_digest(_observations(settings, week)) != digest


def _figure_files(settings: Settings) -> dict[str, FigureFiles]:
    """Names of the files that hold each week's figures."""
    found: dict[str, FigureFiles] = {}
    for table in RELEASED_TABLES:
        for file in active_files(open_delta(settings, table)):
            found.setdefault(str(file.partition["week"]), {}).setdefault(table, []).append(file.path)
    return found


def _observations(settings: Settings, week: Week) -> Observations:
    """The week's figures as a release may show them."""
    figures = {
        table: read_rows(settings, table, filters=[("week", "=", week.name)]) for table in RELEASED_TABLES
    }
    return protect_release(settings, week, figures)


def _publish(settings: Settings, checks: WeekChecks) -> Published:
    week = checks.week
    observations = _observations(settings, week)
    if not any(rows.num_rows for rows in observations.values()):
        raise BadInputError(f"there are no figures of {week}; run `ais-indicators run --week {week}` first")
    digest = content_digest(observations)
    served = served_release(settings, week.name)
    if served is not None and served["content_sha256"] == digest:
        return Published(week, served["release_id"], False, checks)
    previous = served["release_id"] if served else ""
    release_id = f"{week}-{hashlib.sha256(f'{previous}{digest}'.encode()).hexdigest()[:ID_DIGITS]}"
    files = _write_files(settings, observations, release_id)
    record = _record(settings, checks, release_id, digest, files)
    record["disclosure"] = disclosure_record(settings, week, observations)
    (release_folder(settings, release_id) / MANIFEST).write_text(_manifest(record), encoding="utf-8")
    _commit_record(settings, record)
    return Published(week, release_id, True, checks)


def _write_files(settings: Settings, observations: Observations, release_id: str) -> ReleaseFiles:
    """Writes the release's files; what a killed run left under the same name is replaced."""
    folder = release_folder(settings, release_id)
    shutil.rmtree(folder, ignore_errors=True)
    return write_release_files(observations, folder)


def _record(
    settings: Settings, checks: WeekChecks, release_id: str, digest: str, files: ReleaseFiles
) -> dict[str, Any]:
    week = checks.week
    inputs = _inputs(settings, week)
    return {
        "release_id": release_id,
        "release_sequence": 1 + max((r["release_sequence"] for r in read_releases(settings)), default=0),
        "week": week.name,
        "status": "published",
        "is_served": True,
        "published_at_utc": datetime.now(UTC),
        "content_sha256": digest,
        "observations": files.observations,
        "figure_files": json.dumps(_figure_files(settings).get(week.name, {})),
        "table_versions": json.dumps(_table_versions(settings), sort_keys=True),
        "code_version": version("ais-indicators"),
        "rules_hash": rules_hash(),
        "port_version": read_folded_weeks(settings)[week].port_version,
        "input_hashes": json.dumps(sorted(row["file_sha256"] for row in inputs)),
        "attributions": json.dumps(attributions(settings, (row["layout"] for row in inputs))),
        "warnings": json.dumps([f"{c.check_name}: {c.detail}" for c in checks.failed_warnings]),
    }


def _table_versions(settings: Settings) -> dict[str, int]:
    """Delta version of every table that the release rests on."""
    names = sorted(
        {name for t in TASKS for name in (*t.reads, *t.writes)} - set(task("publish_release").writes)
    )
    return {name: table_version(settings, name) for name in names}


def _inputs(settings: Settings, week: Week) -> list[dict[str, Any]]:
    """Source files with messages in the week or before it: the fold carries every earlier week into it."""
    rows: list[dict[str, Any]] = read_rows(settings, "ops.ingested_files").to_pylist()
    return [
        row
        for row in rows
        if row["is_current"]
        and row["first_observed_at_utc"] is not None
        and row["first_observed_at_utc"] < week.end
    ]


def _manifest(record: dict[str, Any]) -> str:
    """What the release rests on, without its time of publication and the names of the lake's files."""
    texts = ("table_versions", "input_hashes", "attributions", "warnings", "disclosure")
    shown = {k: json.loads(v) if k in texts else v for k, v in record.items()}
    for name in ("published_at_utc", "is_served", "figure_files"):
        del shown[name]
    return json.dumps(shown, indent=2, sort_keys=True) + "\n"


def _commit_record(settings: Settings, record: dict[str, Any]) -> None:
    """Adds the release; those before it of the same week are served no more, all in one commit."""
    kept = [
        dict(row, is_served=row["is_served"] and row["week"] != record["week"])
        for row in read_releases(settings)
    ]
    rows = pa.Table.from_pylist([*kept, record], schema=arrow_schema(RELEASES))
    gone = active_files(open_delta(settings, RELEASES))
    commit(
        settings,
        RELEASES,
        stage_by_partition(settings.table_path(RELEASES), RELEASES, rows, "releases"),
        gone,
    )
