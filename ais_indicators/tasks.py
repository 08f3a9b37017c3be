"""Tasks of the pipeline and the tables that each reads and writes. Standard library only.

The order is not written down: it follows from the tables (`weekly_order`). The DAGs, `jobs/` and the command line use
this registry, so they cannot differ.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Literal

Cadence = Literal["delivery", "reference", "readiness", "weekly", "maintenance"]


@dataclass(frozen=True)
class Task:
    """One step from input tables to output tables.

    Attributes:
        name: Name of the task, of its job file and of its pipeline module.
        reads: Tables it reads, `layer.table`.
        writes: Tables it writes.
        cadence: `delivery` (when files come), `reference` (when a reference changes), `readiness` (before the weekly
            tasks of a scheduled run), `weekly`, or `maintenance`: a task on the complete lake, without an order
            relative to the others.
        purpose: What it does, in one sentence.
        of_planes: Whether a lake of planes also has it: draughts, chokepoints and releases concern ships only.
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
        purpose="Loads a file of port areas and covers each with H3 cells.",
        of_planes=True,
    ),
    Task(
        "load_gates",
        reads=(),
        writes=("reference.gates",),
        cadence="reference",
        purpose="Loads a file of the gates of chokepoints.",
    ),
    Task(
        "load_vessels",
        reads=(),
        writes=("reference.vessels",),
        cadence="reference",
        purpose="Loads a ship register as a new version.",
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
        purpose="Ingests files of AIS messages, each in one atomic commit.",
        of_planes=True,
    ),
    Task(
        "confirm_days",
        reads=("bronze.ais_messages", "ops.ingested_files"),
        writes=(),
        cadence="readiness",
        purpose="Records which UTC days of a week have messages when its run starts.",
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
        purpose="Derives tracks, stops, port calls and chokepoint transits from the fixes of each ship.",
        of_planes=True,
    ),
    Task(
        "identify_vessels",
        reads=("silver.vessel_reports", "reference.vessels"),
        writes=("silver.vessels", "silver.register_matches"),
        cadence="weekly",
        purpose="Writes the history of ships by MMSI, with their match in the register.",
        of_planes=True,
    ),
    Task(
        "derive_ports",
        reads=("silver.positions", "reference.ports"),
        writes=(),
        cadence="reference",
        purpose="Derives berths and anchorages from where ships stopped, as a port file to edit.",
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
        purpose="Finds outage hours and dark vessels, and the coverage of each place in the week.",
        of_planes=True,
    ),
    Task(
        "assess_interference",
        reads=("silver.displacements", "silver.position_losses", "silver.message_hours"),
        writes=("gold.interference_weekly",),
        cadence="weekly",
        purpose="Counts vessels with false or lost positions, by area and week.",
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
        purpose="Counts transits, ships, payloads and waiting ships by chokepoint, direction, class and week.",
    ),
    Task(
        "assess_chokepoints",
        reads=("gold.chokepoint_transits_weekly", "gold.coverage_weekly", "reference.gates"),
        writes=("gold.chokepoint_status_weekly",),
        cadence="weekly",
        purpose="Classifies each chokepoint as open, restricted or closed, or records why that is not known.",
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
        purpose="Joins each ship's calls to voyages and estimates payloads from draughts.",
    ),
    Task(
        "compute_trade_flows",
        reads=("silver.voyages", "silver.voyage_draws", "gold.coverage_weekly"),
        writes=("gold.trade_flows_weekly",),
        cadence="weekly",
        purpose="Aggregates voyages to trade flows by port, country, lane, class and week.",
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
        purpose="Computes indexes, changes, means and adjusted series of weekly values, and a nowcast.",
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
        purpose="Computes the quality indicators of every release.",
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
        purpose="Runs the release check on the values to be published.",
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
        purpose="Publishes values that passed the release check as a release.",
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
        purpose="Removes raw messages past the retention period of their source.",
        of_planes=True,
    ),
    Task(
        "maintain_lake",
        reads=("gold.releases", "ops.release_events"),
        writes=("gold.releases", "ops.release_events"),
        cadence="maintenance",
        purpose="Combines small files, removes old ones that no release needs, and shortens logs.",
        of_planes=True,
    ),
)


def task(name: str) -> Task:
    """Returns a task by name.

    Raises:
        KeyError: There is no such task.
    """
    return {t.name: t for t in TASKS}[name]


def concerns(step: Task, subject: str) -> bool:
    """Returns whether a lake of this subject, such as `ships`, has the task."""
    return step.of_planes or subject != "planes"


def upstream(of: Task) -> tuple[Task, ...]:
    """Returns the tasks that write what this one reads, in the registry's order; none before or after maintenance."""
    if of.cadence == "maintenance":
        return ()
    return tuple(
        t for t in TASKS if t is not of and t.cadence != "maintenance" and set(t.writes) & set(of.reads)
    )


def of_cadence(cadence: Cadence) -> tuple[Task, ...]:
    """Returns the tasks of a cadence that write something or that others wait for, in the registry's order."""
    return tuple(t for t in TASKS if t.cadence == cadence and (t.writes or cadence == "readiness"))


def edges(steps: Sequence[Task]) -> tuple[tuple[Task, Task], ...]:
    """Returns pairs of steps of which the first must end before the second starts.

    The first writes what the second reads, or it determines whether the week of a weekly task is ready.
    """
    return tuple(
        (before, after)
        for after in steps
        for before in steps
        if before in upstream(after) or (before.cadence, after.cadence) == ("readiness", "weekly")
    )


def computing_order() -> tuple[Task, ...]:
    """Returns the weekly tasks that compute values, in the order of `weekly_order`."""
    return tuple(t for t in weekly_order() if t.name not in ("check_release", "publish_release"))


def weekly_order() -> tuple[Task, ...]:
    """Returns the weekly tasks, each after those whose tables it reads; ties in the registry's order."""
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
