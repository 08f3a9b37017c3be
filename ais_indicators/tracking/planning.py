"""Inputs, starting state and ports of a fold: a function of the lake, never of a clock."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from importlib.metadata import version
from typing import Final

from ais_indicators.contracts.model import load_contract
from ais_indicators.errors import WrongUseError
from ais_indicators.io.delta import active_files, open_delta
from ais_indicators.io.references import last_port_version
from ais_indicators.io.staging import TableFile
from ais_indicators.io.store import Folder, table_folder
from ais_indicators.io.weeks import (
    BASE_STATIONS,
    LOSSES,
    MESSAGES,
    STATE,
    STATICS,
    Bronze,
    FilesByWeek,
    FoldedWeek,
)
from ais_indicators.periods import Period, Week
from ais_indicators.rules import Rules, rules_hash
from ais_indicators.settings import Settings
from ais_indicators.tasks import task
from ais_indicators.tracking.bucket_plans import BucketPlan, WeekPlan
from ais_indicators.tracking.vessel_evidence import TABLES as EVIDENCE_TABLES

CODE_VERSION: Final = version("ais-indicators")


def choose_ports(
    settings: Settings, period: Period, folded: Mapping[Week, FoldedWeek], asked: str | None
) -> dict[Week, str]:
    """Returns the port version of each week: the requested one, else that of its last fold, else the last loaded."""
    if asked is None and all(week in folded for week in period):
        return {week: folded[week].port_version for week in period}
    newest = asked or last_port_version(settings)
    return {
        week: folded[week].port_version if asked is None and week in folded else newest for week in period
    }


def choose_gates(
    period: Period, folded: Mapping[Week, FoldedWeek], last: str, asked: str | None
) -> dict[Week, str]:
    """Returns the gate version of each week, as for ports."""
    kept = {} if asked else {week: folded[week].gate_version for week in period if week in folded}
    return {week: kept.get(week, asked or last) for week in period}


def histories_of(
    period: Period,
    bronze: Bronze,
    folded: Mapping[Week, FoldedWeek],
    ports: Mapping[Week, str],
    gates: Mapping[Week, str],
    rules: Rules,
) -> dict[Week, str]:
    """Hashes, for each week of a fold, all inputs of its result, starting from the week before."""
    before = folded.get(period.first.plus(-1))
    history = before.history if before else ""
    found = {}
    for week in period:
        parts = [
            history,
            bronze.fingerprint(week),
            ports[week],
            gates[week],
            rules_hash(rules.subject),
            CODE_VERSION,
        ]
        history = hashlib.sha256("\n".join(parts).encode()).hexdigest()
        found[week] = history
    return found


def plan_buckets(
    settings: Settings,
    period: Period,
    bronze: Bronze,
    ports: Mapping[Week, str],
    gates: Mapping[Week, str],
    histories: Mapping[Week, str],
    rules: Rules,
) -> list[BucketPlan]:
    """Plans each ship bucket, also those without messages: their states are continued."""
    buckets = load_contract(MESSAGES).ship_buckets
    if buckets is None:
        raise WrongUseError(f"the contract of {MESSAGES} names no ship_buckets")
    states = _files_of(settings, STATE, [period.first.name])
    look_back = rules.class_mode_weeks + rules.class_mode_weeks
    names = [period.first.plus(-n).name for n in range(1, look_back + 1)]
    evidence = {table: _files_of(settings, table, names) for table in EVIDENCE_TABLES}
    tables = task("track_vessels").writes
    folders = {name: table_folder(settings, name) for name in tables}
    return [
        BucketPlan(
            bucket=bucket,
            weeks=tuple(
                _plan_week(settings, week, bucket, bronze, ports[week], gates[week], histories[week])
                for week in period
            ),
            state_files=tuple(folders[STATE].location(file.path) for file in states),
            evidence_files=tuple(
                (table, str(file.partition["week"]), folders[table].location(file.path))
                for table, files in evidence.items()
                for file in files
                if file.partition["ship_bucket"] == str(bucket)
            ),
            folders=folders,
        )
        for bucket in range(buckets)
    ]


def _plan_week(
    settings: Settings,
    week: Week,
    bucket: int,
    bronze: Bronze,
    port_version: str,
    gate_version: str,
    history: str,
) -> WeekPlan:
    return WeekPlan(
        week=week,
        port_version=port_version,
        gate_version=gate_version,
        fingerprint=bronze.fingerprint(week),
        history=history,
        files=_locations_by_day(table_folder(settings, MESSAGES), bronze.files, week, bucket),
        static_files=_locations_by_day(table_folder(settings, STATICS), bronze.static_files, week, bucket),
        base_station_files=base_station_files(settings, bronze, week),
        loss_files=_locations_by_day(table_folder(settings, LOSSES), bronze.loss_files, week, bucket),
    )


def base_station_files(settings: Settings, bronze: Bronze, week: Week) -> tuple[str, ...]:
    """Returns locations of the files of a week's base station reports, in order."""
    by_day = _locations_by_day(table_folder(settings, BASE_STATIONS), bronze.base_station_files, week, 0)
    return tuple(location for day in sorted(by_day) for location in sorted(by_day[day]))


def _locations_by_day(
    folder: Folder, files: FilesByWeek, week: Week, bucket: int
) -> dict[date, tuple[str, ...]]:
    return {
        day: tuple(folder.location(file.path) for file in buckets[bucket])
        for day, buckets in files.get(week, {}).items()
        if bucket in buckets
    }


def _files_of(settings: Settings, table: str, weeks: Sequence[str]) -> list[TableFile]:
    wanted = set(weeks)
    return [f for f in active_files(open_delta(settings, table)) if f.partition["week"] in wanted]
