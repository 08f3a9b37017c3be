"""Truth of shocks to messages: hours with false or no positions, and hours without any message."""

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import pyarrow as pa

from ais_indicators.units import SECONDS_PER_HOUR
from ais_simulator.model import Fleet
from ais_simulator.ocean.truth_tables import UTC_TIME, TableFiles
from ais_simulator.radio.records import STEPS_PER_DEGREE, Records
from ais_simulator.scenario import Scenario
from ais_simulator.shocks import Dark, Jamming, RadioShock, Spoofing

INTERFERED, DARK = "interfered_hours", "dark_hours"
DECIMALS: Final = 6
DAYS_PER_ROW_GROUP: Final = 7
_HOUR: Final[Mapping[str, pa.DataType]] = {
    "vessel": pa.string(), "mmsi": pa.int64(), "hour_utc": UTC_TIME, "latitude": pa.float64(),
    "longitude": pa.float64(), "messages": pa.int64(), "shock": pa.int64(),
}  # fmt: skip
INTERFERED_HOURS: Final = dict(_HOUR) | {"kind": pa.string()}
DARK_HOURS: Final = dict(_HOUR)
"""One row: one vessel, MMSI and hour; `latitude` and `longitude` are the true place at its first affected message."""


class HitTruth:
    """Writes a table for each kind of shock that a scenario has, a day at a time; none without such shocks."""

    def __init__(self, folder: Path, fleet: Fleet, scenario: Scenario) -> None:
        """Opens the tables in a folder."""
        self._kinds = {n: s.kind for n, s in enumerate(scenario.shocks) if isinstance(s, RadioShock)}
        tables = {}
        if any(isinstance(shock, Spoofing | Jamming) for shock in scenario.shocks):
            tables[INTERFERED] = INTERFERED_HOURS
        if any(isinstance(shock, Dark) for shock in scenario.shocks):
            tables[DARK] = DARK_HOURS
        self._files = TableFiles(folder, tables)
        self._fleet = fleet
        self._days = 0

    def add_day(self, start_s: int, hours: Records) -> None:
        """Takes the `HIT_HOUR` records of a day.

        Args:
            start_s: Epoch second in which the day begins.
            hours: The records.
        """
        for row in hours:
            kind, hour_s = self._kinds[int(row["number"])], start_s + int(row["hour"]) * SECONDS_PER_HOUR
            values = {
                "vessel": self._vessel(int(row["ship"])),
                "mmsi": int(row["mmsi"]),
                "hour_utc": hour_s,
                "latitude": round(int(row["latitude_steps"]) / STEPS_PER_DEGREE, DECIMALS),
                "longitude": round(int(row["longitude_steps"]) / STEPS_PER_DEGREE, DECIMALS),
                "messages": int(row["messages"]),
                "shock": int(row["number"]),
                "kind": kind,
            }
            table = DARK if kind == "dark" else INTERFERED
            self._files.add(table, (hour_s, int(row["ship"]), int(row["mmsi"]), int(row["number"])), values)
        self._days += 1
        if self._days % DAYS_PER_ROW_GROUP == 0:
            self._files.flush()

    def _vessel(self, ship: int) -> str:
        """Names a vessel as `vessel_id` does: by its IMO number, or else by its first MMSI."""
        imo = int(self._fleet.imo_number[ship])
        return f"imo-{imo}" if imo else f"mmsi-{int(self._fleet.mmsi[ship]):09d}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._files.close()
