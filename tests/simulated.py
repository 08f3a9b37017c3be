"""Simulated data sets processed up to port calls, without Spark: adapter, row rules, fold, and the ground truth."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import polars as pl
import pyarrow as pa
import yaml

from ais_indicators.contracts.row_rules import apply_row_rules
from ais_indicators.geo.gate_files import read_gate_file
from ais_indicators.geo.gate_index import GateIndex
from ais_indicators.geo.port_files import read_port_file
from ais_indicators.geo.port_index import PortIndex
from ais_indicators.geo.tessellation import cover_with_cells
from ais_indicators.periods import Week
from ais_indicators.sources import BRONZE_MESSAGES, inspect, plan, read_chunk
from ais_simulator import Simulation, simulate_weeks
from ais_simulator.evaluation.scores import Evaluation, evaluate
from ais_simulator.evaluation.truth import Truth, read_truth
from ais_simulator.radio import Format
from tests.fold_harness import ProductReading
from tests.second_reading import Fix
from tests.subject_rules import SHIP_RULES

FIRST_WEEK = "2026-W02"
COLUMNS = [
    "mmsi",
    "second",
    "latitude",
    "longitude",
    "sog_knots",
    "cog_degrees",
    "heading_degrees",
    "message_type",
    "navigational_status",
]


@dataclass(frozen=True)
class Reading:
    """What was found of an ocean, and what is true of it.

    Attributes:
        messages: What bronze would hold, by time.
        rejected: Rejected rows by reason, of taking in and of the fold.
        events: Rows of `silver.port_calls`.
        truth: The truth.
        stubs: Tracks that were flagged as stubs.
        transits: Rows of `silver.chokepoint_transits`.
    """

    messages: pl.DataFrame
    rejected: Counter[str]
    events: pl.DataFrame
    truth: Truth
    stubs: int
    transits: pl.DataFrame

    @property
    def evaluation(self) -> Evaluation:
        """How right it is."""
        return evaluate(self.truth, self.events, transits=self.transits)

    @property
    def scores(self) -> tuple[float, float]:
        """Precision and recall of port calls."""
        calls = self.evaluation.calls
        assert calls.precision is not None
        assert calls.recall is not None
        return calls.precision, calls.recall


@cache
def ports_of(path: Path) -> PortIndex:
    """The ports of a simulated ocean."""
    areas = read_port_file(path, SHIP_RULES).areas
    return PortIndex.build(
        areas, cover_with_cells(areas, SHIP_RULES.port_cell_resolution, rules=SHIP_RULES), SHIP_RULES
    )


@cache
def gates() -> GateIndex:
    """The packaged gates, which are those of the simulation."""
    return GateIndex(read_gate_file(None).areas)


def read_ocean(
    folder: Path,
    index: PortIndex | None = None,
    written_as: Format = "noaa",
    ships: int = 24,
    thin_s: int = 180,
    **scenario: object,
) -> Reading:
    """Simulates a week of some ships in some scenario and reads it.

    Args:
        folder: Scratch folder.
        index: The ports, where they are at hand.
        written_as: Format of the messages.
        ships: How many ships.
        thin_s: One fix a ship in so many seconds.
        scenario: What a scenario file holds: `coverage`, `faults`, `shocks`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "scenario.yaml"
    file.write_text(yaml.safe_dump({"upon": "clear"} | scenario), encoding="utf-8")
    wanted = Simulation(FIRST_WEEK, 1, ships, 5, written_as, str(file), thin_s=thin_s)
    sea = simulate_weeks(wanted, folder / "sea", jobs=1)
    rejected: Counter[str] = Counter()
    accepted: list[pa.Table] = []
    for path in sea.message_files:
        delivered = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        for chunk in plan(inspect(path, rules=SHIP_RULES), folder / "scratch", rules=SHIP_RULES):
            for block in read_chunk(chunk, SHIP_RULES):
                split = apply_row_rules(block.rows, BRONZE_MESSAGES, delivered, SHIP_RULES)
                rejected.update(split.reasons)
                rejected["unreadable_row"] += block.unreadable.num_rows
                accepted.append(split.accepted)
    messages = pl.DataFrame(pa.concat_tables(accepted)).with_columns(
        second=pl.col("observed_at_utc").dt.epoch("s")
    )
    fixes = [Fix(*row) for row in messages.select(COLUMNS).iter_rows()]
    ways = gates().ways(Week.parse(FIRST_WEEK).monday)
    found = ProductReading(fixes, index or ports_of(sea.ports_file), gates(), ways=ways)
    rejected.update(found.rejected)
    return Reading(messages, rejected, found.frame, read_truth(sea.folder), found.stubs, found.transits)
