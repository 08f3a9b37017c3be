"""Record of runs: a row of `ops.runs` for each task, and a line of JSON for each of its events.

The lines are appended to `DATA_DIR/logs/events.jsonl`, one write per line, so that parallel processes do not mix
theirs. They are for people and for log collectors; nothing is computed from them. They hold names, periods, counts and
seconds, and for an error the sentence shown to the user; never a setting of the environment.
"""

import json
import os
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from ais_indicators.contracts.types import arrow_schema
from ais_indicators.io.delta import active_files, append, open_delta, table_version
from ais_indicators.io.staging import stage
from ais_indicators.io.store import table_folder
from ais_indicators.periods import Period
from ais_indicators.settings import Settings
from ais_indicators.tasks import Task

RUNS: Final = "ops.runs"
RUN_ID_VARIABLE: Final = "AIS_INDICATORS_RUN_ID"
RUN_ID: Final = os.environ.get(RUN_ID_VARIABLE) or uuid.uuid4().hex
"""Identifier of this process, or of the scheduler's run that it is part of."""


def event_log(settings: Settings) -> Path:
    """Returns the file of the events."""
    return settings.data_dir / "logs" / "events.jsonl"


def log_event(settings: Settings, event: str, **facts: Any) -> None:
    """Appends one event."""
    path = event_log(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    said = {"at_utc": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event, "run_id": RUN_ID}
    line = json.dumps(said | facts, default=str) + "\n"
    with path.open("ab", buffering=0) as log:
        log.write(line.encode())


@dataclass
class TaskRun:
    """One running task; recorded with its start and its end.

    Attributes:
        settings: Settings of the lake.
        task: The task.
        period: Requested weeks, if any.
    """

    settings: Settings
    task: Task
    period: Period | None
    _id: str = field(default_factory=lambda: uuid.uuid4().hex)
    _started: datetime = field(default_factory=lambda: datetime.now(UTC))
    _versions: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._versions = {name: table_version(self.settings, name) for name in self.task.writes}
        self._log("task_started")

    def end(self, outcome: str, summary: Any) -> None:
        """Records the end of the run.

        Args:
            outcome: `done` or `failed`.
            summary: What it did, in types that JSON knows.
        """
        finished = datetime.now(UTC)
        seconds = (finished - self._started).total_seconds()
        counts = self._row_counts()
        row = {
            "task_run_id": self._id,
            "run_id": RUN_ID,
            "task": self.task.name,
            "week": str(self.period) if self.period else None,
            "started_at_utc": self._started,
            "finished_at_utc": finished,
            "seconds": seconds,
            "outcome": outcome,
            "row_counts": json.dumps(counts, sort_keys=True),
            "summary": json.dumps(summary, sort_keys=True, default=str),
        }
        rows = pa.Table.from_pylist([row], schema=arrow_schema(RUNS))
        append(self.settings, RUNS, [stage(table_folder(self.settings, RUNS), RUNS, rows, {}, "run")])
        facts = {"summary": summary} if outcome != "done" else {}
        self._log("task_ended", outcome=outcome, seconds=round(seconds, 3), row_counts=counts, **facts)

    def _row_counts(self) -> dict[str, int]:
        """Returns the current row count of each table that the task changed."""
        tables = {name: open_delta(self.settings, name) for name in self.task.writes}
        return {
            name: sum(file.rows for file in active_files(delta))
            for name, delta in tables.items()
            if delta.version() != self._versions[name]
        }

    def _log(self, event: str, **facts: Any) -> None:
        period = str(self.period) if self.period else None
        log_event(self.settings, event, task=self.task.name, task_run_id=self._id, period=period, **facts)
