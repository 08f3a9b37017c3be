"""The truth of a simulation, as `ais-indicators simulate` writes it."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

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


@dataclass(frozen=True)
class Truth:
    """What is true of some simulated weeks.

    Attributes:
        weeks: The weeks.
        calls: One row a port call: `mmsi, imo, port_locode, began, ended, vessel_class` and the tonnes; `began` and
            `ended` are null where they lie outside the weeks.
        passages: One row a passage, likewise without tonnes.
        changes: One row a change of identity.
        outages: One row an outage of a station.
        transits: One row a transit: `mmsi, imo, gate_code, direction, began, ended, vessel_class, is_counted`.
        voyages: One row a voyage between two calls; empty where a test has none.
    """

    weeks: Period
    calls: pl.DataFrame
    passages: pl.DataFrame
    changes: pl.DataFrame
    outages: pl.DataFrame
    transits: pl.DataFrame
    voyages: pl.DataFrame = field(default_factory=pl.DataFrame)

    @property
    def span(self) -> tuple[datetime, datetime]:
        """First moment of the weeks and the one after the last."""
        return self.weeks.first.start, self.weeks.last.end


def read_truth(folder: Path) -> Truth:
    """Reads it.

    Args:
        folder: What `simulate` wrote, or the folder `truth` in it.

    Raises:
        BadInputError: There is no truth.
    """
    inner = folder / TRUTH if (folder / TRUTH).is_dir() else folder
    simulation = inner / SIMULATION
    if not simulation.is_file():
        raise BadInputError(f"{folder}: holds no truth of a simulation ({SIMULATION}); name its folder")
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
    )


def _read(folder: Path, name: str, renamed: dict[str, str]) -> pl.DataFrame:
    path = folder / f"{name}.parquet"
    if not path.is_file():
        raise BadInputError(f"{folder}: lacks {path.name}; simulate anew")
    return pl.read_parquet(path).rename(renamed)
