"""Task `track_vessels`: bronze messages to positions, tracks, port calls, transits and each week's state."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import polars as pl

from ais_indicators.io.delta import active_files, commit, open_delta
from ais_indicators.io.expired import expired_through
from ais_indicators.io.gate_references import gate_versions, load_gate_index
from ais_indicators.io.references import load_port_index
from ais_indicators.io.spread import Advance
from ais_indicators.io.staging import TableFile, stage
from ais_indicators.io.store import table_folder
from ais_indicators.io.weeks import Bronze, read_bronze, read_folded_weeks
from ais_indicators.job import Job
from ais_indicators.periods import Period, Week
from ais_indicators.pipelines.load_gates import PACKAGED_PREFIX, last_gate_version
from ais_indicators.rules import Rules
from ais_indicators.settings import Settings
from ais_indicators.tracking.bucket import fold_buckets
from ais_indicators.tracking.bucket_plans import BucketResult
from ais_indicators.tracking.false_positions import drop_staged, without_false_positions
from ais_indicators.tracking.folded_period import choose_period, unchanged_until
from ais_indicators.tracking.places import ways_of
from ais_indicators.tracking.planning import (
    base_station_files,
    choose_gates,
    choose_ports,
    histories_of,
    plan_buckets,
)
from ais_indicators.tracking.receiver_clocks import ECHO_SCHEMA, read_base_stations, receiver_clocks
from ais_indicators.tracking.receiver_clocks import TABLE as CLOCKS
from ais_indicators.tracking.replaced_files import COMMIT_ORDER, is_replaced

FIGURES: Final = "gold.port_activity_weekly"


WEEKS_PER_COMMIT: Final = 4
"""Maximum number of weeks that are lost when a run is stopped."""


@dataclass(frozen=True)
class FoldSummary:
    """Result of the fold.

    Attributes:
        period: Weeks that were folded; None if all were up to date.
        messages: Rows read from bronze.
        accepted: Rows that became positions.
        rejected: Rows by reason.
        port_version: Version of the port file of the last requested week.
        gate_version: Version of the gate file of the last requested week.
    """

    period: Period | None
    messages: int
    accepted: int
    rejected: dict[str, int]
    port_version: str
    gate_version: str


@dataclass(frozen=True)
class FoldPlan:
    """Plan of a run of the fold.

    Attributes:
        period: The weeks; None if all are up to date.
        bronze: What bronze holds.
        ports: Port version of each week.
        gates: Gate version of each week.
        histories: Hash of all inputs of each week.
    """

    period: Period | None
    bronze: Bronze
    ports: dict[Week, str]
    gates: dict[Week, str]
    histories: dict[Week, str]

    def chunks(self, weeks: int) -> Iterator[Period]:
        """Returns the weeks in runs of at most `size` weeks."""
        return self.period.chunks(weeks) if self.period else iter(())

    def advance_in_weeks(self, chunk: Period, advance: Advance | None) -> Advance | None:
        """Converts finished buckets of a chunk to finished weeks of the period."""
        if advance is None or self.period is None:
            return None
        before, here, total = (
            chunk.first.minus(self.period.first), len(chunk.weeks), len(self.period.weeks)
        )  # fmt: skip
        return lambda done, pieces: advance(before + here * done // pieces, total)


def run(job: Job) -> FoldSummary:
    """Folds the requested weeks, the earlier ones that late messages touched, and the later ones that depend on them.

    Some weeks are committed at a time, and all later ones are removed with them, so that a stopped run leaves weeks
    that are right and weeks that are not folded.
    """
    last_gate_version(job.settings)  # a lake without gates gets the packaged ones
    plan = plan_fold(job)
    messages, accepted, rejected = 0, 0, Counter[str]()
    for chunk in plan.chunks(WEEKS_PER_COMMIT):
        for result in _fold(job, plan, chunk):
            messages += result.messages
            accepted += result.accepted
            rejected.update(result.rejected)
    return FoldSummary(
        period=plan.period,
        messages=messages,
        accepted=accepted,
        rejected={name: rejected[name] for name in sorted(rejected)},
        port_version=plan.ports[job.weeks.last],
        gate_version=plan.gates[job.weeks.last],
    )


def plan_fold(job: Job) -> FoldPlan:
    """Plans a run; reads only."""
    settings = job.settings
    bronze, folded = read_bronze(settings), read_folded_weeks(settings)
    figures = {Week.parse(str(f.partition["week"])) for f in active_files(open_delta(settings, FIGURES))}
    wanted = choose_period(job.weeks, bronze, folded, expired_through(settings), figures, rules=job.rules)
    ports = choose_ports(settings, wanted, folded, job.port_version)
    gates = choose_gates(wanted, folded, _newest_gates(settings), job.gate_version)
    histories = histories_of(wanted, bronze, folded, ports, gates, job.rules)
    period = unchanged_until(wanted, job.weeks, folded, histories) if job.reopen == "changed" else wanted
    return FoldPlan(period, bronze, ports, gates, histories)


def _newest_gates(settings: Settings) -> str:
    """Returns the version of the gates for weeks that were never folded."""
    versions = gate_versions(settings)
    return versions[-1].version if versions else PACKAGED_PREFIX


def _fold(job: Job, plan: FoldPlan, weeks: Period) -> list[BucketResult]:
    """Folds some weeks and commits them."""
    settings = job.settings
    buckets = plan_buckets(settings, weeks, plan.bronze, plan.ports, plan.gates, plan.histories, job.rules)
    ports, gates = ({named[week] for week in weeks} for named in (plan.ports, plan.gates))
    indexes = {version: load_port_index(settings, version, job.rules) for version in sorted(ports)}
    straits = {version: load_gate_index(settings, version) for version in sorted(gates)}
    for week in weeks:
        for day in week.days:
            ways_of(straits[plan.gates[week]], day, job.rules)  # once here, not in each worker
    advance = plan.advance_in_weeks(weeks, job.advance)
    results = job.executor.run(buckets, fold_buckets, (indexes, straits, job.rules), advance)
    again = without_false_positions(buckets, results, job.executor, job.rules)
    if again:
        drop_staged(settings, [results[place] for place in again])
        folded = job.executor.run(list(again.values()), fold_buckets, (indexes, straits, job.rules))
        for place, result in zip(again, folded, strict=True):
            results[place] = result
    _commit_all(settings, weeks, results, _stage_clocks(settings, plan.bronze, weeks, results, job.rules))
    return results


def _stage_clocks(
    settings: Settings, bronze: Bronze, weeks: Period, results: list[BucketResult], rules: Rules
) -> list[TableFile]:
    """Writes the clock offsets of stations from the weeks' base stations and echoes."""
    echoes = pl.concat([pl.DataFrame(schema=ECHO_SCHEMA), *(part for r in results for part in r.echoes)])
    folder, staged = table_folder(settings, CLOCKS), []
    for week in weeks:
        is_in_week = pl.col("hour_utc").is_between(week.start, week.plus(1).start, closed="left")
        base_stations = read_base_stations(base_station_files(settings, bronze, week))
        rows = receiver_clocks(base_stations, echoes.filter(is_in_week), rules)
        if rows.height:
            staged.append(stage(folder, CLOCKS, rows.to_arrow(), {"week": week.name}, "clocks"))
    return staged


def _commit_all(
    settings: Settings, period: Period, results: list[BucketResult], clocks: list[TableFile]
) -> None:
    for table in COMMIT_ORDER:
        add: list[TableFile] = [f for r in results for name, f in r.files if name == table]
        add += clocks if table == CLOCKS else []
        gone = [f for f in active_files(open_delta(settings, table)) if is_replaced(table, f, period)]
        commit(settings, table, add, gone)
