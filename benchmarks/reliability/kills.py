"""Runs that SIGKILL ends at random moments, again and again, and then are let come to their end."""

import random
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ais_indicators import runner
from ais_indicators.job import Job
from ais_indicators.periods import Period
from ais_indicators.settings import Settings
from benchmarks.reliability.lakes import (
    BOTH,
    FIRST,
    LAST,
    Content,
    compare,
    copied,
    holds,
    with_ports,
    write_deliveries,
)
from benchmarks.reliability.processes import Ending, Ground, Running, in_spark, on_cluster
from setup.spark_cluster import running_cluster

KILLS_A_CHAIN = 4
STAGES_IN_TURN = ("ingest", "backfill", "spark", "cluster", "publish", "ingest", "run", "publish")
"""Stages of the chains, one after the other; those that take longest come less often."""
CLUSTER_PORT, CLUSTER_PAGE_PORT = 17277, 18280


@dataclass
class Stage:
    """A command and how it is evaluated.

    Attributes:
        name: Of the stage.
        arguments: Of the command.
        before: The lake from which it starts.
        finish: The same work in this process.
        wanted: What the lake holds after an undisturbed one.
        seconds: How long the undisturbed command took last.
        ground: Where its work is done.
    """

    name: str
    arguments: tuple[str, ...]
    before: Settings
    finish: Callable[[Settings], Any]
    wanted: Content
    seconds: float
    ground: Ground


def try_kills(
    kills: int,
    seed: int,
    say: Callable[[str], None],
    until: float | None = None,
    in_turn: Sequence[str] = STAGES_IN_TURN,
) -> dict[str, Any]:
    """Kills so many runs, some in a chain, and reports the results.

    Args:
        kills: How many.
        seed: Of the moments and the targets.
        say: Called for each chain.
        until: No chain begins after this moment of the monotonic clock.
        in_turn: Stages of the chains, one after the other.
    """
    folder = Path(tempfile.mkdtemp(prefix="ais-kills-"))
    try:
        with ExitStack() as until_the_end:
            stages = Stages(folder, say, until_the_end)
            chains = list(_chains(stages, kills, random.Random(seed), folder, say, until, in_turn))
        return _summary(chains, stages.made) | {"seeds": [seed]}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Stages:
    """The stages, each made and timed when it is first asked for."""

    def __init__(self, folder: Path, say: Callable[[str], None], until_the_end: ExitStack) -> None:
        self._folder, self._say, self._until_the_end = folder, say, until_the_end
        self._files = write_deliveries(folder / "deliveries")
        self._lakes = {"ports": with_ports(folder / "ports")}
        self.made: dict[str, Stage] = {}

    def get(self, name: str) -> Stage:
        """The stage of a name."""
        if name not in self.made:
            self.made[name] = self._make(name)
        return self.made[name]

    def _make(self, name: str) -> Stage:
        arguments, before, finish = self._plan(name)
        if before not in self._lakes:
            self.get(before)
        start = self._lakes[before]
        timed = copied(start, self._folder / f"timed-{name}")
        ground = self._ground(name)
        ending = Running(timed, *arguments, ground=ground).end()
        if ending.code:
            raise RuntimeError(f"the undisturbed {name} ended with {ending.code}: {ending.said}")
        undisturbed = self._lakes[name] = copied(start, self._folder / name)
        finish(undisturbed)
        wanted = holds(undisturbed)
        compare(timed, wanted)
        self._say(f"{name} takes {ending.seconds:.0f} s")
        return Stage(name, arguments, start, finish, wanted, ending.seconds, ground)

    def _ground(self, name: str) -> Ground:
        """Where a stage's work is done; a cluster is started, and ends with the stages."""
        if name != "cluster":
            return in_spark() if name == "spark" else Ground()
        cluster = running_cluster(self._folder / "spark", port=CLUSTER_PORT, page_port=CLUSTER_PAGE_PORT)
        return on_cluster(self._until_the_end.enter_context(cluster))

    def _plan(self, name: str) -> tuple[tuple[str, ...], str, Callable[[Settings], Any]]:
        """Arguments of a stage's command, the stage before it, and the same work in this process."""
        files, first, last = tuple(self._files), Period(FIRST, FIRST), Period(LAST, LAST)
        if name == "ingest":
            arguments = ("ingest", *map(str, files))
            return arguments, "ports", lambda lake: runner.run_task("ingest_messages", Job(lake, paths=files))
        if name in ("backfill", "spark", "cluster"):
            arguments = ("backfill", "--from", FIRST.name, "--to", LAST.name)
            tasks = runner.tasks_before_check("ships")
            return arguments, "ingest", lambda lake: runner.run_tasks(Job(lake, BOTH), tasks)
        if name == "run":
            arguments = ("run", "--week", FIRST.name)
            return arguments, "ingest", lambda lake: runner.run_weekly(Job(lake, first))
        arguments = ("publish", "--week", LAST.name)
        return arguments, "backfill", lambda lake: runner.run_task("publish_release", Job(lake, last))


def _chains(
    stages: Stages,
    kills: int,
    draw: random.Random,
    folder: Path,
    say: Callable[[str], None],
    until: float | None,
    in_turn: Sequence[str],
) -> Iterator[dict[str, Any]]:
    done = number = 0
    while done < kills and (until is None or time.monotonic() < until):
        stage = stages.get(in_turn[number % len(in_turn)])
        place = folder / f"chain-{number}"
        chain = _chain(stage, min(KILLS_A_CHAIN, kills - done), draw, copied(stage.before, place), say)
        shutil.rmtree(place, ignore_errors=True)
        done += len(chain["kills"])
        number += 1
        say(f"{done} kills; chain {number}: {stage.name}, {chain['problem'] or 'the same tables'}")
        yield chain


def _chain(
    stage: Stage, kills: int, draw: random.Random, lake: Settings, say: Callable[[str], None]
) -> dict[str, Any]:
    """Kills a command some times in the same lake, and then lets it come to its end.

    It is killed no more once its work is done: what then remains is too short to be hit evenly.
    """
    tried, problem = list[dict[str, Any]](), ""
    for _ in range(kills):
        target, share = draw.choice(stage.ground.targets), draw.random()
        command = Running(lake, *stage.arguments, ground=stage.ground)
        ending = command.kill_at(share * stage.seconds, target)
        if ending.was_hit:
            tried.append(_outcome(target, share, ending))
            say(f"  {stage.name}: {tried[-1]}")
            if not ending.is_clear and target != "process group":
                problem = problem or f"unclear end after the {target} was killed: {ending.sentence}"
        elif not tried:
            stage.seconds = ending.seconds
        if ending.code == 0:
            break
    try:
        stage.finish(lake)
        compare(lake, stage.wanted)
    except Exception as error:  # whatever goes wrong is what is looked for
        problem = f"{type(error).__name__}: {error}"
    return {"stage": stage.name, "kills": tried, "problem": problem}


def _outcome(target: str, share: float, ending: Ending) -> dict[str, Any]:
    return {
        "target": target,
        "share": round(share, 3),
        "code": ending.code,
        "sentence": "" if ending.code <= 0 else ending.sentence,
    }


def _summary(chains: Sequence[dict[str, Any]], stages: dict[str, Stage]) -> dict[str, Any]:
    tried = [(chain, kill) for chain in chains for kill in chain["kills"]]
    counts = Counter((chain["stage"], kill["target"]) for chain, kill in tried)
    survived = Counter((chain["stage"], kill["target"]) for chain, kill in tried if not chain["problem"])
    return {
        "tried": len(tried),
        "survived": survived.total(),
        "problems": [f"{chain['stage']}: {chain['problem']}" for chain in chains if chain["problem"]],
        "by_kind": [
            {"stage": stage, "target": target, "tried": count, "survived": survived[stage, target]}
            for (stage, target), count in sorted(counts.items())
        ],
        "seconds": {stage.name: round(stage.seconds, 1) for stage in stages.values()},
        "sentences": sorted({kill["sentence"] for _, kill in tried if kill["sentence"]}),
    }


def without(before: dict[str, Any], stages: Sequence[str]) -> dict[str, Any]:
    """The kills of a go but those of some stages."""
    kept = [kind for kind in before["by_kind"] if kind["stage"] not in stages]
    return before | {
        "by_kind": kept,
        "problems": [said for said in before["problems"] if said.partition(":")[0] not in stages],
        "seconds": {name: seconds for name, seconds in before["seconds"].items() if name not in stages},
        **{name: sum(kind[name] for kind in kept) for name in ("tried", "survived")},
    }


def added(before: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """The kills of two goes together."""
    counts = {(k["stage"], k["target"]): k for k in before["by_kind"]}
    for kind in more["by_kind"]:
        old = counts.get((kind["stage"], kind["target"]), {"tried": 0, "survived": 0})
        sums = {name: old[name] + kind[name] for name in ("tried", "survived")}
        counts[kind["stage"], kind["target"]] = kind | sums
    return {
        **{name: before[name] + more[name] for name in ("tried", "survived", "problems", "seeds")},
        "by_kind": [counts[key] for key in sorted(counts)],
        "seconds": more["seconds"] | before["seconds"],
        "sentences": sorted({*before["sentences"], *more["sentences"]}),
    }
