"""What each contestant can be asked for. A contestant is a module with these functions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

CONTESTANTS = ("product", "duckdb_peer", "spark_peer")
TITLES = {"product": "ais-indicators", "duckdb_peer": "DuckDB SQL", "spark_peer": "plain Spark"}


@dataclass(frozen=True)
class Place:
    """Where one run reads and writes.

    Attributes:
        out: Fresh folder for everything that the run writes.
        ports_csv: World Port Index.
        reference: Folder of the peers' reference tables, made by `benchmarks.ports`.
        cores: Threads that a contestant may use.
    """

    out: Path
    ports_csv: Path
    reference: Path
    cores: int


class Observation(NamedTuple):
    """One weekly value, as every contestant gives it."""

    week: str
    port_locode: str
    vessel_class: str
    indicator: str
    value: float | None


class Contestant(Protocol):
    """A module that does the main job."""

    def prepare(self, place: Place) -> None:
        """Makes the folder, the session and the reference tables ready. Not timed."""

    def run_once(self, csv_paths: Sequence[Path], week_names: Sequence[str]) -> Mapping[str, float]:
        """Does the main job and gives the seconds of its stages `ingest`, `fold` and `gold`."""

    def weekly_counts(self) -> list[Observation]:
        """Reads the weekly table that the last run wrote. Not timed."""

    def rows_out(self) -> Mapping[str, int]:
        """Counts the rows of what the last run wrote, by table. Not timed."""

    def gate_and_release(self, week_names: Sequence[str]) -> float | None:
        """Publishes the last run's weeks and gives the seconds; None where there is no such step."""

    def stop(self) -> None:
        """Ends whatever `prepare` started."""
