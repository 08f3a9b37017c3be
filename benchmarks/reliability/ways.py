"""The same weeks computed in every equivalent way: daily, weekly, in one run, in two, and out of order."""

import random
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from ais_indicators import runner
from ais_indicators.job import Job
from ais_indicators.periods import DAYS_PER_WEEK, Period, Week
from ais_indicators.settings import Settings
from ais_simulator import Simulation, simulate_weeks
from ais_simulator.simulation import SimulatedSea
from benchmarks.reliability.lakes import in_store
from tests.messages import assert_same_content, content

FIRST_WEEK = "2026-W02"
THIN_S = 900
LATE_SHARE = 0.15
MOST_WEEKS_LATE = 3


@dataclass(frozen=True)
class World:
    """A simulated data set and a lake with its ports and register.

    Attributes:
        sea: The data set, one file per day.
        weeks: Its weeks.
        lake: A lake without messages. Not to be changed.
        folder: Folder for the lakes.
    """

    sea: SimulatedSea
    weeks: Period
    lake: Settings
    folder: Path

    def new_lake(self, name: str) -> Settings:
        """A lake of its own."""
        shutil.copytree(self.lake.data_dir, self.folder / name / "data")
        return Settings(self.folder / name / "data", shuffle_partitions=1)

    def files_of(self, week: Week) -> tuple[Path, ...]:
        """The week's files, a day each."""
        number = list(self.weeks).index(week)
        return self.sea.message_files[DAYS_PER_WEEK * number : DAYS_PER_WEEK * (number + 1)]


def make_world(folder: Path, ships: int, weeks: int, seed: int) -> World:
    """Simulates the ocean and loads its ports and register."""
    first = Week.parse(FIRST_WEEK)
    sea = simulate_weeks(Simulation(first.name, weeks, ships, seed, thin_s=THIN_S), folder / "sea")
    lake = Settings(folder / "empty" / "data", shuffle_partitions=1)
    runner.run_task("load_ports", Job(lake, paths=(sea.ports_file,)))
    runner.run_task("load_gates", Job(lake))
    runner.run_task("load_vessels", Job(lake, paths=(sea.register_file,)))
    return World(sea, Period(first, first.plus(weeks - 1)), lake, folder)


def ingest(lake: Settings, files: Sequence[Path]) -> None:
    """Takes files in."""
    runner.run_task("ingest_messages", Job(lake, paths=tuple(files)))


def compute(lake: Settings, weeks: Period) -> None:
    """Runs weeks up to their values."""
    runner.run_tasks(Job(lake, weeks), runner.tasks_before_check("ships"))


def weekly(world: World, lake: Settings) -> None:
    """A delivery and a run a week."""
    for week in world.weeks:
        ingest(lake, world.files_of(week))
        compute(lake, Period(week, week))


def daily(world: World, lake: Settings, whole_weeks: int = 0) -> None:
    """A delivery and a run a day, each of the week so far; the first weeks may be done whole."""
    for number, week in enumerate(world.weeks):
        size = DAYS_PER_WEEK if number < whole_weeks else 1
        files = world.files_of(week)
        for start in range(0, len(files), size):
            ingest(lake, files[start : start + size])
            compute(lake, Period(week, week))


def backfill(world: World, lake: Settings) -> None:
    """All files, then all weeks in one go."""
    ingest(lake, world.sea.message_files)
    compute(lake, world.weeks)


def two_halves(world: World, lake: Settings) -> None:
    """All files, then the first half of the weeks and the second."""
    ingest(lake, world.sea.message_files)
    weeks = list(world.weeks)
    middle = len(weeks) // 2
    compute(lake, Period(weeks[0], weeks[middle - 1]))
    compute(lake, Period(weeks[middle], weeks[-1]))


def shuffled(world: World, lake: Settings, seed: int) -> None:
    """Files of a week in any order, some of them one to three weeks late, and a run a week."""
    draw = random.Random(seed)
    weeks = list(world.weeks)
    due: dict[Week, list[Path]] = {week: [] for week in weeks}
    for number, week in enumerate(weeks):
        for file in world.files_of(week):
            late = draw.randint(1, MOST_WEEKS_LATE) if draw.random() < LATE_SHARE else 0
            due[weeks[min(number + late, len(weeks) - 1)]].append(file)
    for week, files in due.items():
        draw.shuffle(files)
        for file in files:
            ingest(lake, [file])
        compute(lake, Period(week, week))


def on_store(world: World, lake: Settings, url: str) -> Settings:
    """Computes weekly in a lake whose tables are in an object store; returns that lake."""
    stored = in_store(lake, url)
    weekly(world, stored)
    return stored


def difference(lake: Settings, wanted: Mapping[str, pl.DataFrame]) -> str:
    """What differs in a lake, or nothing."""
    try:
        assert_same_content(content(lake), wanted)
    except AssertionError as error:
        return " ".join(str(error).split())
    return ""


def try_ways(
    ships: int, weeks: int, seed: int, say: Callable[[str], None], names: Sequence[str]
) -> dict[str, Any]:
    """Runs the named ways and compares the lakes with the weekly one."""
    folder = Path(tempfile.mkdtemp(prefix="ais-ways-"))
    try:
        world = make_world(folder, ships, weeks, seed)
        say(f"an ocean of {world.sea.rows:,} messages")
        standard = world.new_lake("weekly")
        weekly(world, standard)
        wanted = content(standard)
        say("weekly way done")
        ways = [_try(way, world, wanted, seed, say) for way in WAYS if way[0] in names]
        return {
            "tried": len(ways),
            "survived": sum(not way["problem"] for way in ways),
            "seed": seed,
            "ships": ships,
            "weeks": weeks,
            "messages": world.sea.rows,
            "tables": len(wanted),
            "rows": sum(frame.height for frame in wanted.values()),
            "empty_tables": sorted(name for name, frame in wanted.items() if frame.is_empty()),
            "ways": ways,
        }
    finally:
        shutil.rmtree(folder, ignore_errors=True)


WAYS: tuple[tuple[str, str, Callable[[World, Settings, int], None]], ...] = (
    ("backfill", "all files, then all weeks in one go", lambda w, lake, _: backfill(w, lake)),
    (
        "two halves",
        "all files, then half of the weeks, then the others",
        lambda w, lake, _: two_halves(w, lake),
    ),
    (
        "out of order",
        "files of a week in any order, about a seventh of them one to three weeks late, and a run a week",
        shuffled,
    ),
    ("daily", "each day its file and a run of its week", lambda w, lake, _: daily(w, lake)),
)


WAY_NAMES = tuple(name for name, _, _ in WAYS)


def _try(
    way: tuple[str, str, Callable[[World, Settings, int], None]],
    world: World,
    wanted: Mapping[str, pl.DataFrame],
    seed: int,
    say: Callable[[str], None],
) -> dict[str, str]:
    name, how, go = way
    lake = world.new_lake(name)
    go(world, lake, seed)
    problem = difference(lake, wanted)
    say(f"{name}: {problem or 'the same'}")
    return {"way": name, "how": how, "problem": problem}
