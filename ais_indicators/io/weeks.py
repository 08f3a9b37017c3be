"""The weeks of a lake: which hold messages, and which were folded."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from deltalake import DeltaTable

from ais_indicators.errors import BadInputError
from ais_indicators.io.delta import active_files, open_delta, read_rows
from ais_indicators.io.staging import TableFile
from ais_indicators.io.version_cache import once_a_version
from ais_indicators.periods import Week
from ais_indicators.settings import Settings

MESSAGES = "bronze.ais_messages"
STATE = "silver.fold_state"
STATICS = "bronze.ais_static_messages"
BASE_STATIONS: Final = "bronze.base_station_reports"
LOSSES: Final = "bronze.position_losses"
FilesByWeek = Mapping[Week, Mapping[date, Mapping[int, tuple[TableFile, ...]]]]


@dataclass(frozen=True)
class FoldedWeek:
    """Record of a week that was folded.

    Attributes:
        port_version: Version of the port file.
        gate_version: Version of the gate file.
        fingerprint: Of what bronze held for the week.
        history: Of all that its outcome rests on, back to the first week.
        messages: Messages that were folded in it.
    """

    port_version: str
    gate_version: str
    fingerprint: str
    history: str
    messages: int


@dataclass(frozen=True)
class Bronze:
    """Content of bronze, by week.

    Attributes:
        files: Files of position messages by week, day and bucket.
        static_files: Files of static reports by week, day and bucket.
        base_station_files: Files of base station reports by day, all in one bucket.
        loss_files: Files of position losses by week, day and bucket.
    """

    files: FilesByWeek
    static_files: FilesByWeek
    base_station_files: FilesByWeek = field(default_factory=dict)
    loss_files: FilesByWeek = field(default_factory=dict)

    @property
    def newest_week(self) -> Week | None:
        """Returns the newest week with data."""
        return max(self.files, default=None)

    def fingerprint(self, week: Week) -> str:
        """Hashes the files that hold the week's messages."""
        paths = sorted(
            file.path
            for table in (self.files, self.static_files, self.base_station_files, self.loss_files)
            for buckets in table.get(week, {}).values()
            for files in buckets.values()
            for file in files
        )
        return hashlib.sha256("\n".join(paths).encode()).hexdigest()


def read_bronze(settings: Settings) -> Bronze:
    """Sorts the files of bronze by week, day and bucket."""
    return Bronze(*(_by_week(settings, table) for table in (MESSAGES, STATICS, BASE_STATIONS, LOSSES)))


def _by_week(settings: Settings, table: str) -> FilesByWeek:
    delta = open_delta(settings, table)
    return once_a_version(delta, "files by week", lambda: _sorted_by_week(delta))


def _sorted_by_week(delta: DeltaTable) -> FilesByWeek:
    found: dict[Week, dict[date, dict[int, list[TableFile]]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(list))
    )
    for file in active_files(delta):
        day = date.fromisoformat(str(file.partition["observed_on"]))
        found[Week.of(day)][day][int(str(file.partition["ship_bucket"]))].append(file)
    return {
        week: {day: {b: tuple(files) for b, files in buckets.items()} for day, buckets in days.items()}
        for week, days in found.items()
    }


def newest_week(settings: Settings) -> Week:
    """Returns the newest week with messages; it determines which weeks are final (methodology 13).

    Raises:
        BadInputError: The lake holds no message.
    """
    newest = read_bronze(settings).newest_week
    if newest is None:
        raise BadInputError("there are no messages in the lake; run `ais-indicators ingest FILE` first")
    return newest


def read_folded_weeks(settings: Settings, version: int | None = None) -> dict[Week, FoldedWeek]:
    """Returns the weeks that were folded, now or at a version of the state, which describes the week before its own."""
    delta = open_delta(settings, STATE, version)
    return dict(once_a_version(delta, "folded weeks", lambda: _read_states(settings, int(delta.version()))))


def _read_states(settings: Settings, version: int) -> dict[Week, FoldedWeek]:
    columns = ["week", "port_version", "gate_version", "input_fingerprint", "history_fingerprint", "messages"]
    counts: Counter[Week] = Counter()
    found: dict[Week, dict[str, Any]] = {}
    for row in read_rows(settings, STATE, columns, version=version).to_pylist():
        week = Week.parse(row["week"]).plus(-1)
        found[week] = row
        counts[week] += row["messages"]
    return {
        week: FoldedWeek(
            row["port_version"],
            row["gate_version"],
            row["input_fingerprint"],
            row["history_fingerprint"],
            counts[week],
        )
        for week, row in found.items()
    }
