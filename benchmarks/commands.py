"""`python -m benchmarks.commands`: how long an office waits for the commands that it gives each week.

A lake has seven published weeks of simulated ships, and the messages of the eighth. The weekly command is run on copies
of it from a cold start, its check and release once more in a warm process, then the demonstration, then light commands.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any, Final

from ais_indicators import runner
from ais_indicators.io.delta import read_rows
from ais_indicators.job import Job
from ais_indicators.periods import Period, Week
from ais_indicators.settings import Settings
from ais_simulator import Simulation, simulate_weeks
from benchmarks.provenance import add_options, begin, write_page
from benchmarks.tables import TARGET_COLUMNS, Target, table, target

COMMAND: Final = Path(sys.executable).parent / "ais-indicators"
FIRST: Final = Week.parse("2026-W01")
SEED: Final = 7
RELEASE: Final = "publish_release"
WEEKLY_S, RELEASE_S, WARM_RELEASE_S, DEMO_S = 25.0, 5.0, 3.0, 75.0
HEAD: Final = """# Commands

Seconds from the start of a command to its end. `run --week` computes and releases week {weeks} of a lake with {ships}
simulated ships (scenario `standard`, raw sentences) whose {before} weeks before are released; each time in a
copy of the lake, each time in a new process. It checks and releases {released} weeks: the eighth, and the earlier ones
whose values the eighth has revised. The check and the release run once more in a process that is warm. `demo` is what
`make run` does after the set-up: {demo_weeks} weeks of {demo_ships} ships, simulated, taken in, computed, released and
evaluated. Medians of {repeats} runs; of {light_repeats} for light commands.
"""


def main(arguments: list[str] | None = None) -> int:
    """Measures and writes `commands.md` and `commands.json`."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.commands", description=__doc__)
    parser.add_argument("--ships", type=int, default=300)
    parser.add_argument("--weeks", type=int, default=8)
    parser.add_argument("--demo-ships", type=int, default=100)
    parser.add_argument("--demo-weeks", type=int, default=8)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--light-repeats", type=int, default=5)
    add_options(parser)
    chosen = parser.parse_args(arguments)
    records = begin("commands", chosen)
    folder = Path(tempfile.mkdtemp(prefix="ais-commands-"))
    try:
        values = measure(folder, chosen)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    write_page("commands", chosen.out, values, text_of(values), records)
    return 0


def measure(folder: Path, chosen: argparse.Namespace) -> dict[str, Any]:
    """Runs everything and returns all seconds."""
    last = FIRST.plus(chosen.weeks - 1)
    base = prepare(folder, chosen.ships, chosen.weeks)
    weekly = [weekly_run(base, folder / f"cold-{number}", last) for number in range(chosen.repeats)]
    light = light_commands(folder / "cold-0", last, chosen.light_repeats)
    return {
        "ships": chosen.ships,
        "weeks": chosen.weeks,
        "demo_ships": chosen.demo_ships,
        "demo_weeks": chosen.demo_weeks,
        "weekly": weekly,
        "light": light,
        "warm_release_s": warm_releases(base, folder, last, chosen.repeats),
        "demo_s": [demo(folder / f"demo-{number}", chosen) for number in range(chosen.repeats)],
    }


def prepare(folder: Path, ships: int, weeks: int) -> Path:
    """Makes the lake: all messages taken in, all weeks but the last released."""
    lake = folder / "base"
    sea = simulate_weeks(Simulation(FIRST.name, weeks, ships, SEED, "nmea"), folder / "sea")
    seconds_of(lake, "init")
    seconds_of(lake, "ports", "load", sea.ports_file)
    seconds_of(lake, "vessels", "load", sea.register_file)
    seconds_of(lake, "ingest", *sea.message_files)
    if weeks > 1:
        through = FIRST.plus(weeks - 2).name
        seconds_of(lake, "backfill", "--from", FIRST.name, "--to", through, "--publish")
    return lake


def weekly_run(base: Path, lake: Path, week: Week) -> dict[str, Any]:
    """Runs the weekly command in a copy of the lake; returns its seconds, in all and by task."""
    shutil.copytree(base, lake)
    seconds = seconds_of(lake, "run", "--week", week.name)
    released = len(releases(lake)) - len(releases(base))
    return {"seconds": seconds, "released_weeks": released, "tasks": task_seconds(Settings(lake), week)}


def releases(lake: Path) -> list[Path]:
    """Returns the folders of a lake's releases."""
    return [folder for folder in Settings(lake).releases.iterdir() if folder.is_dir()]


def task_seconds(settings: Settings, week: Week) -> dict[str, float]:
    """Returns the seconds of each task of a week, as the lake has recorded them."""
    rows = sorted(read_rows(settings, "ops.runs").to_pylist(), key=lambda row: row["started_at_utc"])
    return {row["task"]: round(row["seconds"], 2) for row in rows if row["week"] == week.name}


def warm_releases(base: Path, folder: Path, week: Week, repeats: int) -> list[float]:
    """Checks and releases the week in this process, each time in a new copy; leaves out the first, which warms it."""
    computed, seconds = folder / "computed", []
    shutil.copytree(base, computed)
    seconds_of(computed, "run", "--week", week.name, "--no-publish")
    for number in range(repeats + 1):
        lake = folder / f"warm-{number}"
        shutil.copytree(computed, lake)
        began = time.perf_counter()
        runner.run_task(RELEASE, Job(Settings(lake), Period(week, week)))
        seconds.append(round(time.perf_counter() - began, 2))
    return seconds[1:]


def light_commands(lake: Path, week: Week, repeats: int) -> dict[str, list[float]]:
    """Runs commands that compute next to nothing, on a lake whose week is released."""
    commands: dict[str, Sequence[str]] = {
        "--help": ("--help",),
        "status": ("status",),
        "publish --week (unchanged)": ("publish", "--week", week.name),
    }
    return {name: [seconds_of(lake, *words) for _ in range(repeats)] for name, words in commands.items()}


def demo(lake: Path, chosen: argparse.Namespace) -> float:
    """Runs the demonstration in an empty data folder."""
    seconds = seconds_of(lake, "demo", "--weeks", chosen.demo_weeks, "--ships", chosen.demo_ships)
    shutil.rmtree(lake)
    return seconds


def seconds_of(lake: Path, *words: object) -> float:
    """Runs the installed command and returns its seconds.

    Raises:
        RuntimeError: It failed; the message has what it wrote last.
    """
    began = time.perf_counter()
    command = [str(COMMAND), "--data-dir", str(lake), *map(str, words)]
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    seconds = round(time.perf_counter() - began, 2)
    if done.returncode:
        raise RuntimeError(f"{words[0]} ended with {done.returncode}: {done.stderr[-500:]}")
    print(f"{words[0]}: {seconds} s", flush=True)
    return seconds


def target_rows(values: Mapping[str, Any]) -> list[Target]:
    """Returns the targets of the commands."""
    weekly = values["weekly"]
    return [
        target("`run --week`, cold, s", median(one["seconds"] for one in weekly), WEEKLY_S),
        target("check and release within it, s", median(one["tasks"][RELEASE] for one in weekly), RELEASE_S),
        target("check and release of a week in a warm process, s", warm_week_s(values), WARM_RELEASE_S),
        target("`demo` (`make run` after the set-up), s", median(values["demo_s"]), DEMO_S),
    ]


def warm_week_s(values: Mapping[str, Any]) -> float:
    """Returns the seconds of the check and the release of one week in a warm process."""
    return float(median(values["warm_release_s"])) / int(values["weekly"][0]["released_weeks"])


def text_of(values: Mapping[str, Any]) -> str:
    """Returns the page."""
    weekly, repeats = values["weekly"], len(values["weekly"])
    light_repeats = max(map(len, values["light"].values()))
    tasks = {name: median(one["tasks"][name] for one in weekly) for name in weekly[0]["tasks"]}
    rest = median(one["seconds"] - sum(one["tasks"].values()) for one in weekly)
    split = [(f"`{name}`", f"{seconds:.1f}") for name, seconds in tasks.items()]
    split.append(("start, end and between tasks", f"{rest:.1f}"))
    seconds_of_runs = {
        "`run --week`, cold": [one["seconds"] for one in weekly],
        f"check and release, warm, {values['weekly'][0]['released_weeks']} weeks": values["warm_release_s"],
        "`demo`": values["demo_s"],
        **{f"`{name}`": runs for name, runs in values["light"].items()},
    }
    rows = [
        (name, f"{median(of):.2f}", f"{min(of):.2f} to {max(of):.2f}") for name, of in seconds_of_runs.items()
    ]
    numbers = {name: values[name] for name in ("ships", "weeks", "demo_ships", "demo_weeks")}
    return "\n".join(
        [
            HEAD.format(
                before=values["weeks"] - 1,
                released=weekly[0]["released_weeks"],
                repeats=repeats,
                light_repeats=light_repeats,
                **numbers,
            ),
            table(TARGET_COLUMNS, target_rows(values)),
            "",
            table(("command", "median s", "spread s"), rows),
            "\n## The weekly command by task\n",
            table(("task", "median s"), split),
            "",
        ]
    )


if __name__ == "__main__":
    raise SystemExit(main())
