"""Ground truth of a simulation, as `ais-indicators simulate` writes it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import polars as pl

from ais_indicators.errors import BadInputError
from ais_indicators.periods import Period, Week

TRUTH: Final = "truth"
SIMULATION: Final = "simulation.json"
CALLS: Final = "port_calls"
PASSAGES: Final = "passages"
CHANGES: Final = "identity_changes"
OUTAGES: Final = "outages"
TRANSITS: Final = "chokepoint_transits"
VOYAGES: Final = "voyages"
INTERFERED: Final = "interfered_hours"
DARK: Final = "dark_hours"
BLOCKED_SCHEMA: Final = pl.Schema(
    {
        "gate_code": pl.String(),
        "begins_at_utc": pl.Datetime("us", "UTC"),
        "ends_at_utc": pl.Datetime("us", "UTC"),
    }
)


@dataclass(frozen=True)
class Truth:
    """Ground truth of some simulated weeks.

    Attributes:
        weeks: The weeks.
        calls: One row per port call: `mmsi, imo, port_locode, began, ended, vessel_class` and the tonnes; `began` and
            `ended` are null if they are outside the weeks.
        passages: One row per passage, with the same columns except tonnes.
        changes: One row per change of identity.
        outages: One row per outage of a station.
        transits: One row per transit: `mmsi, imo, gate_code, direction, began, ended, vessel_class, is_counted`.
        voyages: One row per voyage between two calls; empty where a test has none.
        interfered: One row per vessel and hour with false or no positions; None without such a shock.
        dark: One row per vessel and hour in which it sent nothing; None without such a shock.
        blocked: One row per strait that was blocked: `gate_code, begins_at_utc, ends_at_utc`.
    """

    weeks: Period
    calls: pl.DataFrame
    passages: pl.DataFrame
    changes: pl.DataFrame
    outages: pl.DataFrame
    transits: pl.DataFrame
    voyages: pl.DataFrame = field(default_factory=pl.DataFrame)
    interfered: pl.DataFrame | None = None
    dark: pl.DataFrame | None = None
    blocked: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=BLOCKED_SCHEMA))

    @property
    def span(self) -> tuple[datetime, datetime]:
        """Returns the first moment of the weeks and the one after the last."""
        return self.weeks.first.start, self.weeks.last.end


def read_truth(folder: Path) -> Truth:
    """Reads the ground truth.

    Args:
        folder: What `simulate` wrote, or the folder `truth` in it.

    Raises:
        BadInputError: There is no ground truth.
    """
    inner = folder / TRUTH if (folder / TRUTH).is_dir() else folder
    simulation = inner / SIMULATION
    if not simulation.is_file():
        raise BadInputError(f"{folder}: has no ground truth of a simulation ({SIMULATION}); give its folder")
    said = json.loads(simulation.read_text(encoding="utf-8"))
    first = Week.parse(said["first_week"])
    return Truth(
        weeks=Period(first, first.plus(said["weeks"] - 1)),
        calls=_read(inner, CALLS, {"arrived_at_utc": "began", "departed_at_utc": "ended"}),
        passages=_read(inner, PASSAGES, {"entered_at_utc": "began", "left_at_utc": "ended"}),
        changes=_read(inner, CHANGES, {}),
        outages=_read(inner, OUTAGES, {}),
        transits=_read(inner, TRANSITS, {"entered_at_utc": "began", "left_at_utc": "ended"}),
        voyages=_read(inner, VOYAGES, {}),
        interfered=_read_optional(inner, INTERFERED),
        dark=_read_optional(inner, DARK),
        blocked=_blocked(said),
    )


def _blocked(said: Mapping[str, Any]) -> pl.DataFrame:
    """Returns chokepoints that a simulation's scenario blocks."""
    rows = [
        (
            shock["gate"],
            *(datetime.fromisoformat(shock[name]).astimezone(UTC) for name in ("from_utc", "to_utc")),
        )
        for shock in said.get("scenario", {}).get("shocks", ())
        if shock["kind"] == "strait_blocked"
    ]
    return pl.DataFrame(rows, schema=BLOCKED_SCHEMA, orient="row")


def _read_optional(folder: Path, name: str) -> pl.DataFrame | None:
    return _read(folder, name, {}) if (folder / f"{name}.parquet").is_file() else None


def _read(folder: Path, name: str, renamed: dict[str, str]) -> pl.DataFrame:
    path = folder / f"{name}.parquet"
    if not path.is_file():
        raise BadInputError(f"{folder}: lacks {path.name}; run the simulation again")
    return pl.read_parquet(path).rename(renamed)
