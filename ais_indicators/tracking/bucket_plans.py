"""Defines plan and result of one task of the fold: one ship bucket over consecutive weeks."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from ais_indicators.io.staging import TableFile
from ais_indicators.io.store import Folder
from ais_indicators.periods import Week
from ais_indicators.tracking.vessel_evidence import EvidenceFiles
from ais_indicators.transforms.interference import FalsePositions


@dataclass(frozen=True)
class WeekPlan:
    """One week of one bucket.

    Attributes:
        week: The week.
        port_version: Version of the port file to use.
        gate_version: Version of the gate file to use.
        fingerprint: Of what bronze holds for the week.
        history: Of all that its outcome rests on, back to the first week.
        files: Locations of the bucket's files of position messages by day.
        static_files: Locations of its files of static reports by day.
        base_station_files: Locations of all files of the week's base station reports.
        loss_files: Locations of the bucket's files of position losses by day.
    """

    week: Week
    port_version: str
    gate_version: str
    fingerprint: str
    history: str
    files: dict[date, tuple[str, ...]]
    static_files: dict[date, tuple[str, ...]]
    base_station_files: tuple[str, ...] = ()
    loss_files: dict[date, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class BucketPlan:
    """What one task does.

    Attributes:
        bucket: Ship bucket.
        weeks: Its weeks in order, without holes.
        state_files: File of `silver.fold_state` with the state at the first week's start, or none.
        evidence_files: Files of what ships said of themselves in earlier weeks.
        folders: Folder of each table it reads or writes.
        false_positions: All false positions of the weeks; None if only those carried from earlier weeks are known.
    """

    bucket: int
    weeks: tuple[WeekPlan, ...]
    state_files: tuple[str, ...]
    evidence_files: EvidenceFiles
    folders: dict[str, Folder]
    false_positions: FalsePositions | None = None


@dataclass
class BucketResult:
    """What one task wrote, for the commit, and its counts.

    Attributes:
        files: Staged files by table.
        messages: Rows read from bronze.
        accepted: Rows that became positions.
        rejected: Rows by reason.
        echoes: Echoes by station, hour and offset, in frames with the columns of `ECHO_SCHEMA`.
        stretches: Displaced stretches by day, with the columns of `STRETCH_SCHEMA` and others.
    """

    files: list[tuple[str, TableFile]] = field(default_factory=list)
    messages: int = 0
    accepted: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    echoes: list[pl.DataFrame] = field(default_factory=list)
    stretches: pl.DataFrame = field(default_factory=pl.DataFrame)
