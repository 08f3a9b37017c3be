"""The protocol: warm contestants, alternating runs, each into a fresh folder, all others idle meanwhile."""

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from benchmarks import inputs
from benchmarks.contract import Observation, Place
from benchmarks.processes import Runner

GROWTH_CONTESTANTS = ("product", "duckdb_peer")
"""Who is measured at more days and with rows in order of time; plain Spark would add an hour and no insight."""

Section = Literal["main", "time_order", "growth"]
Say = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """What to run.

    Attributes:
        contestants: Module names, in the order of their turns.
        repeats: Timed runs of each.
        memory_repeats: Further runs of each whose memory is sampled and whose time is not counted.
        days: Numbers of day files whose growth is measured.
        is_sample: A tenth of the ships.
        scratch: Folder for the day files and all output.
        cores: Threads of each contestant.
    """

    contestants: tuple[str, ...]
    repeats: int
    memory_repeats: int
    days: tuple[int, ...]
    is_sample: bool
    scratch: Path
    cores: int

    @property
    def reference(self) -> Path:
        """Folder of the peers' port tables."""
        return self.scratch / "reference"

    def files(self, days: int, order: inputs.Order = "ship") -> list[Path]:
        """The day files."""
        return inputs.day_files(self.scratch / "input", days, order, self.is_sample)


@dataclass(frozen=True)
class Run:
    """One run of one contestant.

    Attributes:
        contestant: Its module name.
        section: Part of the benchmark.
        days: Day files read.
        repeat: Number of the repeat.
        wall_s: Seconds from the raw files to the weekly counts; null where memory was sampled meanwhile.
        cpu_s: Processor seconds of its processes.
        stages_s: Seconds by stage.
        release_s: Seconds of the gate and the release after it; null where there is none.
        peak_bytes: Peak memory of its processes together; null where it was not sampled.
        peak_bytes_by_kind: Peak memory of the largest process of each kind.
    """

    contestant: str
    section: Section
    days: int
    repeat: int
    wall_s: float | None
    cpu_s: float
    stages_s: dict[str, float]
    release_s: float | None = None
    peak_bytes: int | None = None
    peak_bytes_by_kind: dict[str, int] = field(default_factory=dict)


@dataclass
class Outcome:
    """All that was measured.

    Attributes:
        runs: Every run but the warming ones.
        rows_in: Rows of the input, by number of days.
        counts: Weekly values of each contestant at one day.
        rows_out: Rows of each contestant's tables at one day.
    """

    runs: list[Run] = field(default_factory=list)
    rows_in: dict[int, int] = field(default_factory=dict)
    counts: dict[str, list[Observation]] = field(default_factory=dict)
    rows_out: dict[str, dict[str, int]] = field(default_factory=dict)


@dataclass
class Turn:
    """One contestant at work on one input.

    Attributes:
        runner: Its process.
        section: Part of the benchmark.
        files: What it reads.
    """

    runner: Runner
    section: Section
    files: Sequence[Path]


def measure(plan: Plan, say: Say) -> Outcome:
    """Runs the whole benchmark."""
    outcome = Outcome(rows_in={days: sum(map(inputs.rows_of, plan.files(days))) for days in (1, *plan.days)})
    _compare(plan, outcome, say)
    for name in GROWTH_CONTESTANTS:
        if plan.days and name in plan.contestants:
            _grow(plan, name, outcome, say)
    return outcome


def _compare(plan: Plan, outcome: Outcome, say: Say) -> None:
    """All contestants at one day, then some of them with the rows in order of time."""
    with ExitStack() as stack:
        runners = {name: stack.enter_context(_started(plan, name, "1", say)) for name in plan.contestants}
        turns = [Turn(runner, "main", plan.files(1)) for runner in runners.values()]
        _alternate(plan, turns, outcome, say)
        if plan.days:
            chosen = [runners[name] for name in GROWTH_CONTESTANTS if name in runners]
            _alternate(plan, [Turn(r, "time_order", plan.files(1, "time")) for r in chosen], outcome, say)


def _grow(plan: Plan, name: str, outcome: Outcome, say: Say) -> None:
    """One contestant at several numbers of days, in a process for each, so that each memory is its own."""
    with ExitStack() as stack:
        runners = {days: stack.enter_context(_started(plan, name, str(days), say)) for days in plan.days}
        turns = [Turn(runner, "growth", plan.files(days)) for days, runner in runners.items()]
        _alternate(plan, turns, outcome, say)


@contextmanager
def _started(plan: Plan, name: str, label: str, say: Say) -> Iterator[Runner]:
    """Starts a contestant and warms it with one full run at one day."""
    place = Place(plan.scratch, inputs.PORTS, plan.reference, plan.cores)
    runner = Runner(name, place, plan.scratch / f"{name}_{label}.log")
    try:
        say(f"warming {name}")
        with _fresh_folder(plan, runner):
            runner.ask("run", csv_paths=[str(path) for path in plan.files(1)], weeks=[inputs.WEEK])
        yield runner
    finally:
        runner.close()


def _alternate(plan: Plan, turns: Sequence[Turn], outcome: Outcome, say: Say) -> None:
    for repeat in range(plan.repeats + plan.memory_repeats):
        for turn in turns:
            is_timed = repeat < plan.repeats
            run = _run(plan, turn, repeat, is_timed, outcome)
            outcome.runs.append(run)
            figure = f"{run.wall_s:.2f} s" if run.wall_s else f"{(run.peak_bytes or 0) / 1e9:.2f} GB"
            say(f"{turn.section} {run.contestant}, {run.days} day(s), repeat {repeat + 1}: {figure}")


def _run(plan: Plan, turn: Turn, repeat: int, is_timed: bool, outcome: Outcome) -> Run:
    runner, days = turn.runner, len(turn.files)
    command = {"csv_paths": [str(path) for path in turn.files], "weeks": [inputs.WEEK]}
    with _fresh_folder(plan, runner):
        cpu_before = runner.cpu_s()
        if is_timed:
            answer, memory = runner.ask("run", **command), None
        else:
            with runner.sampled() as memory:
                answer = runner.ask("run", **command)
        cpu_s = runner.cpu_s() - cpu_before
        release_s = runner.ask("gate_and_release", weeks=[inputs.WEEK]) if turn.section == "main" else None
        if turn.section == "main" and repeat == 0:
            outcome.counts[runner.name] = [Observation(*row) for row in runner.ask("weekly_counts")]
            outcome.rows_out[runner.name] = runner.ask("rows_out")
    return Run(
        contestant=runner.name,
        section=turn.section,
        days=days,
        repeat=repeat,
        wall_s=answer["wall_s"] if is_timed else None,
        cpu_s=cpu_s,
        stages_s=answer["stages_s"],
        release_s=release_s,
        peak_bytes=memory.peak if memory else None,
        peak_bytes_by_kind=memory.peak_by_kind if memory else {},
    )


@contextmanager
def _fresh_folder(plan: Plan, runner: Runner) -> Iterator[None]:
    """Gives a contestant an empty folder, and removes it afterwards; the disk is quiet when the body begins."""
    out = plan.scratch / "out" / runner.name
    shutil.rmtree(out, ignore_errors=True)
    runner.prepare(out)
    os.sync()
    yield
    shutil.rmtree(out, ignore_errors=True)
