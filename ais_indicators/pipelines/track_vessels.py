"""Task `track_vessels`: bronze messages to positions, tracks, port calls, transits and each week's state."""

from dataclasses import dataclass

from ais_indicators.io.delta import active_files, commit, open_delta
from ais_indicators.io.expired import expired_through
from ais_indicators.io.gate_references import load_gate_index
from ais_indicators.io.references import load_port_index
from ais_indicators.io.spread import spread
from ais_indicators.io.staging import TableFile
from ais_indicators.periods import Period
from ais_indicators.pipelines.fold_bucket import BucketResult, fold_buckets
from ais_indicators.pipelines.fold_plan import (
    choose_gates,
    choose_period,
    choose_ports,
    plan_buckets,
    read_bronze,
    read_folded_weeks,
)
from ais_indicators.pipelines.job import Job
from ais_indicators.pipelines.load_gates import last_gate_version
from ais_indicators.settings import Settings

COMMIT_ORDER = (
    "quarantine.messages",
    "silver.positions",
    "silver.vessel_classes",
    "silver.vessel_reports",
    "silver.draught_reports",
    "silver.cell_weeks",
    "silver.tracks",
    "silver.port_calls",
    "silver.chokepoint_transits",
    "silver.waiting_vessels",
    "silver.fold_state",
)
"""The state comes last: until it is there, the weeks count as not folded and the next run does them again."""


@dataclass(frozen=True)
class FoldSummary:
    """What the fold did.

    Attributes:
        period: Weeks that were folded.
        messages: Rows read from bronze.
        accepted: Rows that became positions.
        rejected: Rows by reason.
        port_version: Version of the port file of the last week.
        gate_version: Version of the gate file likewise.
    """

    period: Period
    messages: int
    accepted: int
    rejected: dict[str, int]
    port_version: str
    gate_version: str


def run(job: Job) -> FoldSummary:
    """Folds the asked weeks, the earlier ones that late messages touched, and the later ones that rest on them."""
    settings = job.settings
    bronze = read_bronze(settings)
    folded = read_folded_weeks(settings)
    period = choose_period(job.weeks, bronze, folded, expired_through(settings))
    ports = choose_ports(settings, period, folded, job.port_version)
    gates = choose_gates(period, folded, last_gate_version(settings), job.gate_version)
    plans = plan_buckets(settings, period, bronze, ports, gates)
    indexes = {version: load_port_index(settings, version) for version in sorted(set(ports.values()))}
    straits = {version: load_gate_index(settings, version) for version in sorted(set(gates.values()))}
    shared = job.spark.sparkContext.broadcast((indexes, straits))
    results = spread(job.spark, plans, lambda part: fold_buckets(part, *shared.value), job.advance)
    _commit_all(settings, period, results)
    shared.destroy()
    return FoldSummary(
        period=period,
        messages=sum(r.messages for r in results),
        accepted=sum(r.accepted for r in results),
        rejected=_add_up([r.rejected for r in results]),
        port_version=ports[period.last],
        gate_version=gates[period.last],
    )


def _commit_all(settings: Settings, period: Period, results: list[BucketResult]) -> None:
    for table in COMMIT_ORDER:
        add: list[TableFile] = [f for r in results for name, f in r.files if name == table]
        gone = [f for f in active_files(open_delta(settings, table)) if _is_replaced(f, period)]
        commit(settings, table, add, gone)


def _is_replaced(file: TableFile, period: Period) -> bool:
    """Whether a fold of the period writes the file's partition anew.

    Settled rows of a later week rest on the period too; since `open` sorts after every week name, one comparison
    takes both. The state at the period's own start is its input and stays.
    """
    partition = file.partition
    if "stage" in partition:
        return partition["stage"] == "fold" and period.first.monday.isoformat() <= str(partition["fold_date"])
    if "observed_on" in partition:
        return period.first.monday.isoformat() <= str(partition["observed_on"])
    if "settled_week" in partition:
        return period.first.name <= str(partition["settled_week"])
    first = period.first.name
    return first <= str(partition["week"]) if "ship_bucket" in partition else first < str(partition["week"])


def _add_up(counts: list[dict[str, int]]) -> dict[str, int]:
    names = sorted({name for count in counts for name in count})
    return {name: sum(count.get(name, 0) for count in counts) for name in names}
