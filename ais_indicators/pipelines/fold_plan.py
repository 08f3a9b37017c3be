"""Which weeks a run folds, from which state, with which ports: a function of the lake, never of a clock."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ais_indicators.contracts.model import load_contract
from ais_indicators.errors import BadInputError, WrongUseError
from ais_indicators.io.delta import active_files, open_delta, read_rows
from ais_indicators.io.references import last_port_version
from ais_indicators.io.staging import TableFile
from ais_indicators.periods import Period, Week
from ais_indicators.pipelines.fold_bucket import BucketPlan, WeekPlan
from ais_indicators.pipelines.fold_evidence import TABLES as EVIDENCE_TABLES
from ais_indicators.rules import rule
from ais_indicators.settings import Settings
from ais_indicators.tasks import task

MESSAGES = "bronze.ais_messages"
STATE = "silver.fold_state"
STATICS = "bronze.ais_static_messages"


FilesByWeek = Mapping[Week, Mapping[date, Mapping[int, tuple[TableFile, ...]]]]


@dataclass(frozen=True)
class FoldedWeek:
    """What is on record of a week that was folded."""

    port_version: str
    gate_version: str
    fingerprint: str


@dataclass(frozen=True)
class Bronze:
    """What bronze holds, by week.

    Attributes:
        files: Files of position messages by week, day and bucket.
        static_files: Files of static reports likewise.
    """

    files: FilesByWeek
    static_files: FilesByWeek

    @property
    def newest_week(self) -> Week | None:
        """The newest week that holds data."""
        return max(self.files, default=None)

    def fingerprint(self, week: Week) -> str:
        """Hash of the files that hold the week's messages."""
        paths = sorted(
            file.path
            for table in (self.files, self.static_files)
            for buckets in table.get(week, {}).values()
            for files in buckets.values()
            for file in files
        )
        return hashlib.sha256("\n".join(paths).encode()).hexdigest()


def read_bronze(settings: Settings) -> Bronze:
    """Sorts the files of bronze by week, day and bucket."""
    return Bronze(_by_week(settings, MESSAGES), _by_week(settings, STATICS))


def _by_week(settings: Settings, table: str) -> FilesByWeek:
    found: dict[Week, dict[date, dict[int, list[TableFile]]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(list))
    )
    for file in active_files(open_delta(settings, table)):
        day = date.fromisoformat(str(file.partition["observed_on"]))
        found[Week.of(day)][day][int(str(file.partition["ship_bucket"]))].append(file)
    return {
        week: {day: {b: tuple(files) for b, files in buckets.items()} for day, buckets in days.items()}
        for week, days in found.items()
    }


def newest_week(settings: Settings) -> Week:
    """The newest week that holds messages; it decides which weeks are final (methodology 10).

    Raises:
        BadInputError: The lake holds no message.
    """
    newest = read_bronze(settings).newest_week
    if newest is None:
        raise BadInputError("there are no messages in the lake; run `ais-indicators ingest FILE` first")
    return newest


def read_folded_weeks(settings: Settings) -> dict[Week, FoldedWeek]:
    """The weeks that were folded: the state at a week's start tells of the week before it."""
    rows = read_rows(settings, STATE, ["week", "port_version", "gate_version", "input_fingerprint"])
    return {
        Week.parse(row["week"]).plus(-1): FoldedWeek(
            row["port_version"], row["gate_version"], row["input_fingerprint"]
        )
        for row in rows.to_pylist()
    }


def choose_period(
    asked: Period, bronze: Bronze, folded: Mapping[Week, FoldedWeek], expired: Week | None = None
) -> Period:
    """The weeks to fold so that the asked ones are right.

    They begin with the first week that new messages touched, at most the rule's weeks before the asked ones, or
    where the last state ends; and they go on to the newest week that was ever folded, since a state changes all
    that come after it. Weeks whose raw messages have expired stand as they are.

    Raises:
        BadInputError: There is no message of the asked weeks or before, or they have expired.
    """
    if expired is not None and asked.first <= expired:
        raise BadInputError(
            f"the raw messages of {expired} and before have expired; these weeks stand as they were published"
        )
    with_data = sorted(week for week in bronze.files if week <= asked.last)
    if not with_data:
        raise BadInputError(
            f"there are no messages of {asked} in the lake; run `ais-indicators ingest FILE` first"
        )
    earliest = asked.first.plus(-int(rule("revision_weeks")))
    touched = [
        week
        for week in {*with_data, *folded}
        if earliest <= week <= asked.first
        and (expired is None or week > expired)
        and (week not in folded or folded[week].fingerprint != bronze.fingerprint(week))
    ]
    first = min([asked.first, *touched])
    states = [week.plus(1) for week in folded if week.plus(1) <= first]
    first = max(states) if states else first
    return Period(first, max([asked.last, *folded]))


def choose_ports(
    settings: Settings, period: Period, folded: Mapping[Week, FoldedWeek], asked: str | None
) -> dict[Week, str]:
    """Port version of each week: the asked one, else the one it was folded with, else the last loaded."""
    if asked is None and all(week in folded for week in period):
        return {week: folded[week].port_version for week in period}
    newest = asked or last_port_version(settings)
    return {
        week: folded[week].port_version if asked is None and week in folded else newest for week in period
    }


def choose_gates(
    period: Period, folded: Mapping[Week, FoldedWeek], last: str, asked: str | None
) -> dict[Week, str]:
    """Gate version of each week, as with ports."""
    kept = {} if asked else {week: folded[week].gate_version for week in period if week in folded}
    return {week: kept.get(week, asked or last) for week in period}


def plan_buckets(
    settings: Settings, period: Period, bronze: Bronze, ports: Mapping[Week, str], gates: Mapping[Week, str]
) -> list[BucketPlan]:
    """One plan for each ship bucket, also for those without messages: their states go on."""
    buckets = load_contract(MESSAGES).ship_buckets
    if buckets is None:
        raise WrongUseError(f"the contract of {MESSAGES} names no ship_buckets")
    states = _files_of(settings, STATE, [period.first.name])
    look_back = int(rule("class_mode_weeks")) + int(rule("class_mode_weeks"))
    names = [period.first.plus(-n).name for n in range(1, look_back + 1)]
    evidence = {table: _files_of(settings, table, names) for table in EVIDENCE_TABLES}
    tables = task("track_vessels").writes
    folders = {name: settings.table_path(name) for name in tables}
    return [
        BucketPlan(
            bucket=bucket,
            weeks=tuple(
                _plan_week(settings, week, bucket, bronze, ports[week], gates[week]) for week in period
            ),
            state_files=tuple(str(folders[STATE] / file.path) for file in states),
            evidence_files=tuple(
                (table, str(file.partition["week"]), str(folders[table] / file.path))
                for table, files in evidence.items()
                for file in files
                if file.partition["ship_bucket"] == str(bucket)
            ),
            folders=folders,
        )
        for bucket in range(buckets)
    ]


def _plan_week(
    settings: Settings, week: Week, bucket: int, bronze: Bronze, port_version: str, gate_version: str
) -> WeekPlan:
    return WeekPlan(
        week=week,
        port_version=port_version,
        gate_version=gate_version,
        fingerprint=bronze.fingerprint(week),
        files=_paths_by_day(settings.table_path(MESSAGES), bronze.files, week, bucket),
        static_files=_paths_by_day(settings.table_path(STATICS), bronze.static_files, week, bucket),
    )


def _paths_by_day(folder: Path, files: FilesByWeek, week: Week, bucket: int) -> dict[date, tuple[str, ...]]:
    return {
        day: tuple(str(folder / file.path) for file in buckets[bucket])
        for day, buckets in files.get(week, {}).items()
        if bucket in buckets
    }


def _files_of(settings: Settings, table: str, weeks: Sequence[str]) -> list[TableFile]:
    wanted = set(weeks)
    return [f for f in active_files(open_delta(settings, table)) if f.partition["week"] in wanted]
