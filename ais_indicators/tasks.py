"""The tasks of the pipeline and what each reads and writes. Standard library only.

Order is never written down: it follows from the tables (`weekly_order`). The DAGs, `jobs/` and the command
line all take it from here, so none can drift from another.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Literal

Cadence = Literal["delivery", "reference", "readiness", "weekly", "maintenance"]


@dataclass(frozen=True)
class Task:
    """One step from tables to tables.

    Attributes:
        name: Name of the task, of its job file and of its pipeline module.
        reads: Tables it reads, `layer.table`.
        writes: Tables it writes.
        cadence: `delivery` (when files come), `reference` (when a reference changes), `readiness` (before the weekly
            tasks of a scheduled run), `weekly`, or `maintenance`: such a task looks after the whole lake and stands
            in no order with the others.
        purpose: What it is for, in a sentence.
        of_planes: Whether a lake of planes has it too: draughts, straits and releases are matters of ships.
    """

    name: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    cadence: Cadence
    purpose: str
    of_planes: bool = False


TASKS: tuple[Task, ...] = (
    Task(
        "load_ports",
        reads=(),
        writes=("reference.ports", "reference.port_cells"),
        cadence="reference",
        purpose="Takes in a file of port areas and covers each with H3 cells.",
        of_planes=True,
    ),
    Task(
        "load_gates",
        reads=(),
        writes=("reference.gates",),
        cadence="reference",
        purpose="Takes in a file of straits' gates.",
    ),
    Task(
        "load_vessels",
        reads=(),
        writes=("reference.vessels",),
        cadence="reference",
        purpose="Loads a register of ships as a version.",
    ),
    Task(
        "ingest_messages",
        reads=(),
        writes=(
            "bronze.ais_messages",
            "bronze.ais_static_messages",
            "bronze.receiver_heartbeats",
            "bronze.base_station_reports",
            "bronze.position_losses",
            "quarantine.messages",
            "ops.ingested_files",
        ),
        cadence="delivery",
        purpose="Takes in files of AIS messages, each as one atomic commit.",
        of_planes=True,
    ),
    Task(
        "confirm_days",
        reads=("bronze.ais_messages", "ops.ingested_files"),
        writes=(),
        cadence="readiness",
        purpose="Records which UTC days of a week have messages when its run begins.",
        of_planes=True,
    ),
    Task(
        "track_vessels",
        reads=(
            "bronze.ais_messages",
            "bronze.ais_static_messages",
            "bronze.base_station_reports",
            "bronze.position_losses",
            "reference.ports",
            "reference.port_cells",
            "reference.gates",
            "ops.expired_messages",
        ),
        writes=(
            "silver.positions",
            "silver.tracks",
            "silver.port_calls",
            "silver.chokepoint_transits",
            "silver.waiting_vessels",
            "silver.vessel_classes",
            "silver.vessel_reports",
            "silver.draught_reports",
            "silver.cell_weeks",
            "silver.message_hours",
            "silver.silences",
            "silver.heard_spells",
            "silver.stationary_vessels",
            "silver.station_hours",
            "silver.receiver_clocks",
            "silver.displacements",
            "silver.position_losses",
            "silver.fold_state",
            "quarantine.messages",
            "reference.gates",
        ),
        cadence="weekly",
        purpose="Folds each ship's fixes into tracks, stops, port calls and transits of straits.",
        of_planes=True,
    ),
    Task(
        "identify_vessels",
        reads=("silver.vessel_reports", "reference.vessels"),
        writes=("silver.vessels", "silver.register_matches"),
        cadence="weekly",
        purpose="Writes the history of ships under their MMSIs, and how the register knows them.",
        of_planes=True,
    ),
    Task(
        "derive_ports",
        reads=("silver.positions", "reference.ports"),
        writes=(),
        cadence="reference",
        purpose="Derives berths and anchorages from where ships lay, as a port file to edit.",
    ),
    Task(
        "assess_coverage",
        reads=(
            "silver.message_hours",
            "silver.silences",
            "silver.heard_spells",
            "silver.stationary_vessels",
            "silver.station_hours",
            "silver.port_calls",
            "silver.displacements",
            "silver.position_losses",
            "gold.interference_weekly",
            "bronze.receiver_heartbeats",
            "reference.ports",
            "reference.gates",
        ),
        writes=(
            "silver.coverage_hours",
            "silver.sender_weeks",
            "gold.coverage_weekly",
            "gold.coverage_daily",
            "gold.dark_vessels_weekly",
        ),
        cadence="weekly",
        purpose="Finds outage hours and vessels that are dark, and how much of the week was heard at each place.",
        of_planes=True,
    ),
    Task(
        "assess_interference",
        reads=("silver.displacements", "silver.position_losses", "silver.message_hours"),
        writes=("gold.interference_weekly",),
        cadence="weekly",
        purpose="Counts vessels that were shown where they were not, or without a position, by area and week.",
    ),
    Task(
        "compute_port_activity",
        reads=(
            "silver.port_calls",
            "silver.waiting_vessels",
            "silver.vessels",
            "reference.ports",
            "reference.vessels",
            "gold.coverage_weekly",
            "gold.coverage_daily",
        ),
        writes=("gold.port_activity_daily", "gold.port_activity_weekly"),
        cadence="weekly",
        purpose="Counts arrivals, departures, ships and hours by port, class and week.",
        of_planes=True,
    ),
    Task(
        "compute_chokepoint_activity",
        reads=(
            "silver.chokepoint_transits",
            "silver.waiting_vessels",
            "silver.voyages",
            "silver.vessels",
            "reference.vessels",
            "gold.coverage_weekly",
        ),
        writes=("gold.chokepoint_transits_weekly",),
        cadence="weekly",
        purpose="Counts transits, ships, payloads and ships waiting by strait, direction, class and week.",
    ),
    Task(
        "assess_chokepoints",
        reads=("gold.chokepoint_transits_weekly", "gold.coverage_weekly", "reference.gates"),
        writes=("gold.chokepoint_status_weekly",),
        cadence="weekly",
        purpose="Says of each chokepoint whether it is open, restricted or closed, or why that is not known.",
    ),
    Task(
        "derive_voyages",
        reads=(
            "silver.port_calls",
            "silver.draught_reports",
            "silver.vessels",
            "reference.vessels",
            "reference.ports",
        ),
        writes=("silver.voyages", "silver.voyage_draws"),
        cadence="weekly",
        purpose="Joins each ship's calls to voyages and reads payloads from draughts.",
    ),
    Task(
        "compute_trade_flows",
        reads=("silver.voyages", "silver.voyage_draws", "gold.coverage_weekly"),
        writes=("gold.trade_flows_weekly",),
        cadence="weekly",
        purpose="Adds voyages up to trade flows by port, country, lane, class and week.",
    ),
    Task(
        "compute_cell_activity",
        reads=("silver.cell_weeks",),
        writes=("gold.cell_activity_weekly",),
        cadence="weekly",
        purpose="Counts messages, ships and hours by H3 cell, class and week.",
        of_planes=True,
    ),
    Task(
        "compute_series",
        reads=(
            "gold.port_activity_weekly",
            "gold.port_activity_daily",
            "gold.chokepoint_transits_weekly",
            "gold.trade_flows_weekly",
            "silver.message_hours",
            "reference.ports",
        ),
        writes=("gold.series_weekly",),
        cadence="weekly",
        purpose="Takes indexes, changes, means and adjusted series of weekly figures, and a nowcast.",
    ),
    Task(
        "measure_quality",
        reads=(
            "silver.positions",
            "silver.vessel_reports",
            "silver.port_calls",
            "silver.register_matches",
            "silver.receiver_clocks",
            "silver.voyages",
            "gold.coverage_weekly",
            "gold.port_activity_weekly",
            "gold.trade_flows_weekly",
        ),
        writes=("gold.quality_weekly",),
        cadence="weekly",
        purpose="Takes the quality indicators that go with every release.",
    ),
    Task(
        "compute_contributors",
        reads=(
            "silver.port_calls",
            "silver.waiting_vessels",
            "silver.chokepoint_transits",
            "silver.voyages",
            "silver.vessels",
            "reference.ports",
            "reference.vessels",
        ),
        writes=("gold.contributors_weekly",),
        cadence="weekly",
        purpose="Counts the ships behind each cell of the released tables, for disclosure control.",
    ),
    Task(
        "check_release",
        reads=(
            "gold.coverage_weekly",
            "gold.quality_weekly",
            "gold.port_activity_weekly",
            "gold.cell_activity_weekly",
            "gold.chokepoint_transits_weekly",
            "gold.trade_flows_weekly",
            "gold.interference_weekly",
            "gold.dark_vessels_weekly",
            "gold.chokepoint_status_weekly",
        ),
        writes=("ops.check_results",),
        cadence="weekly",
        purpose="Runs the quality gate on what is to be published.",
    ),
    Task(
        "publish_release",
        reads=(
            "gold.port_activity_weekly",
            "gold.chokepoint_transits_weekly",
            "gold.trade_flows_weekly",
            "gold.quality_weekly",
            "gold.interference_weekly",
            "gold.dark_vessels_weekly",
            "gold.chokepoint_status_weekly",
            "gold.contributors_weekly",
            "reference.ports",
            "ops.check_results",
        ),
        writes=("gold.releases",),
        cadence="weekly",
        purpose="Publishes what passed the gate as a release.",
    ),
    Task(
        "expire_messages",
        reads=("ops.ingested_files", "silver.fold_state", "gold.releases"),
        writes=(
            "bronze.ais_messages",
            "bronze.ais_static_messages",
            "quarantine.messages",
            "ops.expired_messages",
        ),
        cadence="maintenance",
        purpose="Removes raw messages that their source may be kept no longer.",
        of_planes=True,
    ),
    Task(
        "maintain_lake",
        reads=("gold.releases", "ops.release_events"),
        writes=("gold.releases", "ops.release_events"),
        cadence="maintenance",
        purpose="Puts small files together, removes old ones that no release needs, and keeps logs short.",
        of_planes=True,
    ),
)


def task(name: str) -> Task:
    """Gives a task by name.

    Raises:
        KeyError: There is no such task.
    """
    return {t.name: t for t in TASKS}[name]


def concerns(step: Task, subject: str) -> bool:
    """Whether a lake that follows the subject, such as `ships`, has the task."""
    return step.of_planes or subject != "planes"


def tables_written(subject: str) -> frozenset[str]:
    """The tables that some task writes in a lake that follows the subject."""
    return frozenset(table for t in TASKS if concerns(t, subject) for table in t.writes)


def upstream(of: Task) -> tuple[Task, ...]:
    """The tasks that write what this one reads, in the registry's order; none before or after maintenance."""
    if of.cadence == "maintenance":
        return ()
    return tuple(
        t for t in TASKS if t is not of and t.cadence != "maintenance" and set(t.writes) & set(of.reads)
    )


def of_cadence(cadence: Cadence) -> tuple[Task, ...]:
    """The tasks of a cadence that write something or that others wait for, in the registry's order."""
    return tuple(t for t in TASKS if t.cadence == cadence and (t.writes or cadence == "readiness"))


def edges(steps: Sequence[Task]) -> tuple[tuple[Task, Task], ...]:
    """Pairs of the steps of which the first must be done before the second begins.

    It writes what the second reads, or it says whether the week of a weekly task is ready.
    """
    return tuple(
        (before, after)
        for after in steps
        for before in steps
        if before in upstream(after) or (before.cadence, after.cadence) == ("readiness", "weekly")
    )


def weekly_order() -> tuple[Task, ...]:
    """The weekly tasks, each after those whose tables it reads; ties in the registry's order."""
    weekly = [t for t in TASKS if t.cadence == "weekly"]
    sorter: TopologicalSorter[Task] = TopologicalSorter(
        {t: [u for u in upstream(t) if u in weekly] for t in weekly}
    )
    sorter.prepare()
    order: list[Task] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready(), key=TASKS.index)
        order.extend(ready)
        sorter.done(*ready)
    return tuple(order)
