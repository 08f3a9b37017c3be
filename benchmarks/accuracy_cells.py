"""`python -m benchmarks.accuracy_cells`: port calls in cases that are hard for the method, one small data set a case.

Satellites alone, receivers with a wrong clock, missing or stuck speeds, and ferries. Each case is simulated, ingested
and tracked in a lake of its own, and scored against its truth. Name cases to run only these.
"""

import argparse
import json
import shutil
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from ais_indicators import runner
from ais_indicators.job import Job
from ais_indicators.operations.evaluate_lake import evaluate_lake
from ais_indicators.periods import Period, Week
from ais_indicators.rules import SHIPS, Rules
from ais_indicators.settings import Settings
from ais_simulator import Simulation, simulate_weeks
from ais_simulator.radio import Format
from benchmarks.tables import table

FIRST_WEEK: Final = "2026-W02"
LEAST_RECALL: Final = 0.95
"""At least 19 of 20 calls found."""
MOST_FALSE: Final = 0.05
"""At most 1 of 20 passing vessels a call, or 1 of 20 found calls false."""
Traffic = dict[str, Any]
FERRIES: Final[Traffic] = {"kind": "ferries", "vessels": 4}
VISITORS: Final[Traffic] = {"kind": "visitors", "vessels": 6, "stay_hours": [6, 14]}
PASSING: Final[Traffic] = {"kind": "passing", "vessels": 6}


@dataclass(frozen=True)
class Cell:
    """One case.

    Attributes:
        scenario: Content of its scenario file.
        thin_s: One fix a vessel in so many seconds.
        message_format: Layout of the messages.
    """

    scenario: dict[str, Any]
    thin_s: int = 60
    message_format: Format = "noaa"


@dataclass(frozen=True)
class CellScore:
    """What was found in a case.

    Attributes:
        cell: Name of the case.
        seed: Seed of the data set.
        true_calls: Complete calls in the simulated week.
        found_calls: Calls that the method found.
        right_calls: Calls that are both.
        true_passages: Complete passages in the simulated week.
        false_passages: Those of which the method made a call.
        by_class: Recall and numbers by class.
        causes: Number of errors by cause.
    """

    cell: str
    seed: int
    true_calls: int
    found_calls: int
    right_calls: int
    true_passages: int
    false_passages: int
    by_class: dict[str, Any] = field(default_factory=dict)
    causes: dict[str, Any] = field(default_factory=dict)

    @property
    def recall(self) -> float:
        """Share of the true calls that were found."""
        return self.right_calls / self.true_calls if self.true_calls else 0.0

    @property
    def false_share(self) -> float:
        """Share of the found calls that are false."""
        return (self.found_calls - self.right_calls) / self.found_calls if self.found_calls else 0.0

    @property
    def passing_share(self) -> float:
        """Share of the passages that became a call."""
        return self.false_passages / self.true_passages if self.true_passages else 0.0

    @property
    def reaches_target(self) -> bool:
        """Whether at least 19 of 20 calls were found, and at most 1 of 20 calls and passages is false."""
        return self.recall >= LEAST_RECALL and max(self.false_share, self.passing_share) <= MOST_FALSE


def _satellite(hours: float, stay_hours: tuple[float, float]) -> Cell:
    passes = {"pass_every_hours": hours, "fixes": "one", "jitter_minutes": 0}
    traffic = [VISITORS | {"stay_hours": list(stay_hours)}, PASSING]
    return Cell({"upon": "satellite", "satellite": passes, "traffic": traffic})


def _fault(message_format: Format = "noaa", thin_s: int = 60, **faults: Any) -> Cell:
    scenario = {"upon": "clear", "faults": faults, "traffic": [VISITORS, PASSING]}
    return Cell(scenario, thin_s, message_format)


def _ferries(least: float, most: float) -> Cell:
    return Cell({"upon": "clear", "traffic": [FERRIES | {"quay_minutes": [least, most]}]})


def _clock(minutes: int) -> Cell:
    return _fault("nmea", 300, receiver_clock_offset={"minutes": minutes})


CELLS: Final = {
    "satellite_5h_stay_6h": _satellite(5, (6, 8)),
    "satellite_8h_stay_12h": _satellite(8, (12, 14)),
    "satellite_10h_stay_12h": _satellite(10, (12, 14)),
    "clock_5min": _clock(5),
    "clock_12min": _clock(12),
    "clock_2h": _clock(120),
    "clock_2h_behind": _clock(-120),
    "sog_missing": _fault(sog_missing={"vessel_share": 1}),
    "sog_stuck_at_0": _fault(sog_stuck={"vessel_share": 1, "knots": [0.0]}),
    "sog_stuck_at_0.3": _fault(sog_stuck={"vessel_share": 1, "knots": [0.3]}),
    "sog_stuck_at_0.6": _fault(thin_s=1440, sog_stuck={"vessel_share": 1, "knots": [0.6]}),
    "ferries_15min": _ferries(15, 15),
    "ferries_25min": _ferries(25, 25),
    "ferries_10_to_30min": _ferries(10, 30),
    "inland": Cell(
        {"upon": "clear", "faults": {"inland_traffic": {"vessels": 6, "seagoing_vessels": 2}}}, 300
    ),
}
"""Cases of the method's sections 1 (speeds), 2 (satellites), 3 (clocks), 5 (ferries) and 6 (inland vessels)."""


def run_cell(name: str, seed: int = 1) -> CellScore:
    """Simulates a week of one case, tracks it with the present method and scores it.

    Args:
        name: One of `CELLS`.
        seed: Seed of the data set.
    """
    cell, week = CELLS[name], Week.parse(FIRST_WEEK)
    folder = Path(tempfile.mkdtemp(prefix="ais-cell-"))
    try:
        scenario, settings = folder / "scenario.yaml", Settings(folder / "data")
        scenario.write_text(yaml.safe_dump(cell.scenario), encoding="utf-8")
        wanted = Simulation(week.name, 1, 0, seed, cell.message_format, str(scenario), cell.thin_s)
        made = simulate_weeks(wanted, folder / "sea", jobs=1)
        runner.run_task("load_ports", Job(settings, paths=(made.ports_file,)))
        runner.run_task("load_vessels", Job(settings, paths=(made.register_file,)))
        runner.run_task("ingest_messages", Job(settings, paths=made.message_files))
        runner.run_weekly(Job(settings, Period(week, week)), until="track_vessels")
        found = evaluate_lake(settings, folder / "sea", rules=Rules.for_subject(SHIPS))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    plain, causes = found.plain(), found.causes
    return CellScore(
        cell=name,
        seed=seed,
        true_calls=found.calls.true,
        found_calls=found.calls.found,
        right_calls=found.calls.pairs.height,
        true_passages=found.passages.true,
        false_passages=causes["passages_missed"].get("classified as the other kind", 0),
        by_class=plain["port_calls_by_class"],
        causes={kind: dict(of) for kind, of in causes.items() if of},
    )


def cells_table(scores: list[dict[str, Any]]) -> str:
    """Returns the cases as a table of the page."""
    rows = []
    for values in scores:
        one = CellScore(**values)
        rows.append(
            (
                one.cell,
                f"{one.true_calls:,}",
                f"{100 * one.recall:.1f} %",
                f"{100 * one.false_share:.1f} %",
                f"{one.false_passages} of {one.true_passages}",
                "yes" if one.reaches_target else "no",
            )
        )
    return table(("case", "calls", "found", "false", "passages taken for calls", "target reached"), rows)


def main(arguments: list[str] | None = None) -> int:
    """Runs cases and prints them as JSON lines and a table; returns 1 where a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.accuracy_cells", description=__doc__)
    parser.add_argument("cells", nargs="*", metavar="case", help=f"of {', '.join(CELLS)}; default: all")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    unknown = sorted(set(chosen.cells) - set(CELLS))
    if unknown:
        parser.error(f"unknown case: {', '.join(unknown)}; choose from {', '.join(CELLS)}")
    scores = []
    for name in chosen.cells or CELLS:
        scores.append(run_cell(name, chosen.seed))
        print(json.dumps(asdict(scores[-1])), flush=True)
    print(cells_table([asdict(one) for one in scores]))
    return 0 if all(one.reaches_target for one in scores) else 1


if __name__ == "__main__":
    raise SystemExit(main())
