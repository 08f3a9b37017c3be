"""Writes a simulated data set: messages day by day, register, ports, gates, and the ground truth."""

import json
import multiprocessing
import os
import shutil
from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

from pyarrow import parquet

from ais_indicators.errors import WrongUseError
from ais_indicators.geo.gates import gates_geojson
from ais_indicators.periods import DAYS_PER_WEEK, Week
from ais_simulator.hit_truth import HitTruth
from ais_simulator.model import DayAtSea
from ais_simulator.ocean import Ocean, write_ports, write_register
from ais_simulator.radio import Format, day_messages, write_day
from ais_simulator.radio.records import Records
from ais_simulator.scenario import Scenario, load_scenario

MARKER: Final = "simulation.json"
"""What a simulation is, in its truth; written last, so that a broken one has none."""

Advance = Callable[[int, int], None]


@dataclass(frozen=True)
class Simulation:
    """What to simulate; the same gives the same bytes.

    Attributes:
        first_week: ISO week such as `2026-W01`.
        weeks: How many weeks.
        ships: How many ships.
        seed: Seed of all random draws.
        message_format: Layout of the messages.
        scenario: Name of a scenario or path of its file.
        thin_s: One fix per ship in so many seconds; 0 for the full rate.
    """

    first_week: str
    weeks: int
    ships: int
    seed: int
    message_format: Format = "noaa"
    scenario: str = "standard"
    thin_s: int = 60


@dataclass(frozen=True)
class SimulatedSea:
    """What was written.

    Attributes:
        folder: Where.
        message_files: One file per UTC day, in order.
        register_file: The ships, as `vessels load` takes them.
        ports_file: The ports' areas, as `ports load` takes them.
        gates_file: The straits' gates.
        rows: Position messages written.
        truth_rows: Rows of each table of the truth.
    """

    folder: Path
    message_files: tuple[Path, ...]
    register_file: Path
    ports_file: Path
    gates_file: Path
    rows: int
    truth_rows: dict[str, int]


@dataclass(frozen=True)
class _Radio:
    """What turns a day at sea into a file; goes to the workers."""

    scenario: Scenario
    message_format: Format
    thin_s: int
    seed: int
    folder: Path

    def __call__(self, sea: DayAtSea) -> "_Written":
        messages = day_messages(sea, self.scenario, self.thin_s, self.seed)
        path = write_day(messages, self.message_format, self.folder)
        return _Written(
            path, len(messages.positions), dict(messages.fault_counts), messages.start_s, messages.hit_hours
        )


class _Written(NamedTuple):
    """Counts of one day that was written."""

    path: Path
    rows: int
    faults: dict[str, int]
    start_s: int
    hit_hours: Records


@dataclass
class _Counts:
    """What was written so far: files, position messages, and faults by kind."""

    files: list[Path]
    rows: int
    faults: Counter[str]

    def add(self, day: _Written) -> None:
        self.files.append(day.path)
        self.rows += day.rows
        self.faults.update(day.faults)


def simulate_weeks(
    wanted: Simulation,
    out_dir: Path,
    jobs: int | None = None,
    advance: Advance | None = None,
    messages_from: Week | None = None,
) -> SimulatedSea:
    """Simulates weeks and writes them under a folder; what an earlier simulation left there is replaced.

    Days are written side by side, each from what is true on it; memory does not grow with the weeks.

    Args:
        wanted: What to simulate.
        out_dir: Gets `messages/`, `register.csv`, `ports.geojson`, `gates.geojson` and `truth/`.
        jobs: Processes that write days; without it one a core.
        advance: Called with the days done and in total.
        messages_from: Writes the messages of this week and later ones only; the truth has all weeks.

    Raises:
        WrongUseError: The folder holds something else.
        BadInputError: There is no such scenario.
    """
    scenario, week = load_scenario(wanted.scenario), Week.parse(wanted.first_week)
    messages, truth = out_dir / "messages", out_dir / "truth"
    _make_room(messages, truth)
    ocean = Ocean(week.monday, wanted.ships, wanted.seed, scenario)
    references = _write_references(ocean, out_dir)
    radio = _Radio(scenario, wanted.message_format, wanted.thin_s, wanted.seed, messages)
    skipped = (max(week, messages_from or week).monday - week.monday).days
    count = wanted.weeks * DAYS_PER_WEEK
    counts = _Counts([], 0, Counter())
    with closing(ocean.truth(truth)) as record, HitTruth(truth, ocean.fleet, scenario) as hits:
        for day in _written(radio, islice(ocean.days(count, record), skipped, None), jobs):
            hits.add_day(day.start_s, day.hit_hours)
            counts.add(day)
            if advance:
                advance(len(counts.files), count - skipped)
    (truth / MARKER).write_text(_marker(wanted, scenario, counts), encoding="utf-8")
    rows = {path.stem: parquet.read_metadata(path).num_rows for path in sorted(truth.glob("*.parquet"))}
    return SimulatedSea(out_dir, tuple(counts.files), *references, counts.rows, rows)


def _write_references(ocean: Ocean, out_dir: Path) -> tuple[Path, Path, Path]:
    """Writes the register, the ports and the gates, and returns their files in this order."""
    register_file, ports_file, gates_file = (
        out_dir / name for name in ("register.csv", "ports.geojson", "gates.geojson")
    )
    write_register(ocean.fleet, register_file)
    write_ports(ports_file, ocean.ports)
    gates = json.dumps(gates_geojson(), indent=1) + "\n"
    gates_file.write_text(gates, encoding="utf-8", newline="\n")
    return register_file, ports_file, gates_file


def _make_room(messages: Path, truth: Path) -> None:
    """Removes an earlier simulation, and nothing else."""
    if messages.is_dir() and any(messages.iterdir()) and not truth.is_dir():
        raise WrongUseError(f"{messages} holds files of something else; choose another folder")
    for folder in (messages, truth):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)


def _written(radio: _Radio, days: Iterator[DayAtSea], jobs: int | None) -> Iterator[_Written]:
    """Writes days side by side, few more at a time than there are processes; returns what was written, in order."""
    jobs = jobs or os.cpu_count() or 1
    if jobs == 1:
        yield from map(radio, days)
        return
    waiting: deque[Future[_Written]] = deque()
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
        for sea in days:
            waiting.append(pool.submit(radio, sea))
            if len(waiting) > jobs:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _marker(wanted: Simulation, scenario: Scenario, counts: _Counts) -> str:
    """Returns what was simulated, for those who read the truth."""
    said = {
        "first_week": wanted.first_week,
        "weeks": wanted.weeks,
        "ships": wanted.ships,
        "seed": wanted.seed,
        "format": wanted.message_format,
        "thin_s": wanted.thin_s,
        "scenario": scenario.plain(),
        "position_messages": counts.rows,
        "faults": dict(sorted(counts.faults.items())),
    }
    return json.dumps(said, indent=2) + "\n"
