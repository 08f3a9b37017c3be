"""`python -m benchmarks.long_backfill`: months of a simulated fleet in one backfill, its speed and its memory.

The same ocean is backfilled over more and more weeks, each time in a lake of its own, by the installed command. What is
looked for is whether the time grows in step with the weeks, and whether the memory does not.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ais_indicators.io.delta import active_files, open_delta, read_rows
from ais_indicators.periods import Week
from ais_indicators.settings import Settings
from ais_simulator import Simulation, simulate_weeks
from benchmarks.processes import process_tree, proportional_set_size
from benchmarks.provenance import add_options, begin, write_page
from benchmarks.reliability.processes import Running
from benchmarks.tables import gigabytes, table
from tests.messages import GOLD, SILVER, assert_same_content, content

COMMAND = Path(sys.executable).parent / "ais-indicators"
FIRST_WEEK = "2026-W01"
SEED = 7
SAMPLE_SECONDS = 0.2
KILLED_BETWEEN = (0.1, 0.3)
"""Moments of a kill after its start, as shares of the seconds of an undisturbed backfill."""
COUNTED = (
    "silver.positions",
    "silver.port_calls",
    "silver.voyages",
    "silver.chokepoint_transits",
    "gold.trade_flows_weekly",
)
HEAD = """# A long backfill

{ships} simulated ships over {weeks} weeks, one fix a ship in
{thin_s} s where it is heard (scenario `standard`), are taken in once. Then `ais-indicators backfill` computes the first
weeks of them, from messages to trade flows, each time in a lake of its own, on {cores} cores. Memory is the peak of the
sum, over all processes (JVM and Python workers included), of the proportional set size, sampled every {every} s.
"""


@dataclass(frozen=True)
class Measured:
    """One command.

    Attributes:
        seconds: From its start to its end.
        peak_bytes: Most memory of all its processes.
    """

    seconds: float
    peak_bytes: int


def main(arguments: list[str] | None = None) -> int:
    """Measures and writes `long_backfill.md` and `long_backfill.json`."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.long_backfill", description=__doc__)
    parser.add_argument("--ships", type=int, default=400)
    parser.add_argument("--weeks", type=int, nargs="+", default=[13, 26, 52], help="lengths of the backfills")
    parser.add_argument("--thin", type=int, default=600, help="seconds between a ship's fixes")
    parser.add_argument(
        "--kills", type=int, default=3, help="kills of one more backfill of the longest length"
    )
    parser.add_argument("--sea", type=Path, help="folder of such an ocean that `simulate` wrote before")
    add_options(parser)
    chosen = parser.parse_args(arguments)
    records = begin("long_backfill", chosen)
    lengths = sorted(chosen.weeks)
    folder = Path(tempfile.mkdtemp(prefix="ais-long-backfill-"))
    try:
        wanted = Simulation(FIRST_WEEK, lengths[-1], chosen.ships, seed=SEED, thin_s=chosen.thin)
        if chosen.sea is None:
            simulate_weeks(wanted, folder / "sea")
        found = measure(chosen.sea or folder / "sea", folder, lengths, chosen.kills)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    said = {"ships": chosen.ships, "thin_s": chosen.thin, **found}
    write_page("long_backfill", chosen.out, said, text_of(said), records)
    return 0 if all(kill["was_hit"] for kill in found["killed"]["kills"]) else 1


def measure(sea: Path, folder: Path, lengths: Sequence[int], kills: int) -> dict[str, Any]:
    """Takes an ocean in, backfills each length, and the longest once more with kills."""
    lake = folder / "ingested"
    for words in (
        ["init"],
        ["ports", "load", sea / "ports.geojson"],
        ["vessels", "load", sea / "register.csv"],
    ):
        run(lake, *words)
    ingest = run(lake, "ingest", *sorted((sea / "messages").iterdir()))
    print(f"taken in: {ingest}", flush=True)
    backfills = []
    for weeks in lengths:
        backfills.append(backfill(lake, folder / f"weeks-{weeks}", weeks))
        print(json.dumps(backfills[-1]), flush=True)
    whole = folder / f"weeks-{lengths[-1]}"
    killed = killed_backfill(lake, whole, folder / "killed", lengths[-1], backfills[-1]["seconds"], kills)
    print(json.dumps(killed), flush=True)
    taken = sum(row["rows_read"] for row in read_rows(Settings(lake), "ops.ingested_files").to_pylist())
    return {"messages": taken, "ingest": vars(ingest), "backfills": backfills, "killed": killed}


def backfill(ingested: Path, lake: Path, weeks: int) -> dict[str, Any]:
    """Computes the first weeks in a copy of the lake, whose files are linked."""
    shutil.copytree(ingested, lake, copy_function=os.link)
    last = Week.parse(FIRST_WEEK).plus(weeks - 1).name
    done = run(lake, "backfill", "--from", FIRST_WEEK, "--to", last)
    settings = Settings(lake)
    return {
        "weeks": weeks,
        **vars(done),
        "rows": {name: rows_of(settings, name) for name in COUNTED},
        "tasks": task_seconds(settings),
    }


def killed_backfill(
    ingested: Path, whole: Path, lake: Path, weeks: int, seconds: float, kills: int
) -> dict[str, Any]:
    """Kills a backfill at random moments, gives the same command again each time, and at last lets it end.

    Raises:
        AssertionError: A table of silver or gold is not that of the undisturbed lake, to the last bit.
    """
    shutil.copytree(ingested, lake, copy_function=os.link)
    words = ("backfill", "--from", FIRST_WEEK, "--to", Week.parse(FIRST_WEEK).plus(weeks - 1).name)
    draw, killed = random.Random(SEED), []
    for _ in range(kills):
        moment = draw.uniform(*KILLED_BETWEEN) * seconds
        ending = Running(Settings(lake), *words).kill_at(moment, "process group")
        killed.append({"after_s": round(moment, 1), "was_hit": ending.was_hit})
    last = run(lake, *words)
    rows = 0
    for name in (*SILVER, *GOLD):
        wanted, found = (content(Settings(place), [name]) for place in (whole, lake))
        assert_same_content({name: found[name]}, {name: wanted[name]})
        rows += wanted[name].height
    return {
        "kills": killed,
        "seconds_of_the_last": last.seconds,
        "tables": len((*SILVER, *GOLD)),
        "rows": rows,
    }


def run(lake: Path, *words: object) -> Measured:
    """Runs a command on a lake and watches its memory."""
    started = time.monotonic()
    with (
        subprocess.Popen(
            [COMMAND, "--data-dir", lake, *map(str, words)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process,
        watched(process.pid) as peak,
    ):
        process.wait()
    if process.returncode:
        raise RuntimeError(f"{words[0]} ended with {process.returncode}")
    return Measured(round(time.monotonic() - started, 2), peak[0])


@contextmanager
def watched(root: int) -> Iterator[list[int]]:
    """Gives a list whose one element is the most memory of the processes under one, until the block ends."""
    peak, ended = [0], threading.Event()

    def sample() -> None:
        while not ended.wait(SAMPLE_SECONDS):
            peak[0] = max(peak[0], sum(proportional_set_size(p.number) for p in process_tree(root)))

    thread = threading.Thread(target=sample, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        ended.set()
        thread.join()


def rows_of(settings: Settings, name: str) -> int:
    """Rows of a table."""
    return sum(file.rows for file in active_files(open_delta(settings, name)))


def task_seconds(settings: Settings) -> dict[str, float]:
    """Seconds of each weekly task."""
    runs = [row for row in read_rows(settings, "ops.runs").to_pylist() if row["week"]]
    return {
        row["task"]: round((row["finished_at_utc"] - row["started_at_utc"]).total_seconds(), 2)
        for row in runs
    }


def text_of(found: dict[str, Any]) -> str:
    """Writes the page."""
    backfills = found["backfills"]
    head = HEAD.format(
        ships=found["ships"],
        weeks=backfills[-1]["weeks"],
        thin_s=found["thin_s"],
        cores=os.cpu_count() or 1,
        every=SAMPLE_SECONDS,
    )
    ingest = found["ingest"]
    peak = gigabytes(ingest["peak_bytes"])
    taken = f"Taking in {found['messages']:,} messages: {ingest['seconds']:.0f} s, peak {peak} GB.\n"
    parts = [
        head,
        _table_of_backfills(backfills),
        "",
        taken,
        _text_of_kills(found["killed"]),
        "Seconds of each task:\n",
        _table_of_tasks(backfills),
        "",
    ]
    return "\n".join(parts)


def _table_of_backfills(backfills: Sequence[dict[str, Any]]) -> str:
    """Returns the table with one row per backfill."""
    columns = (
        "weeks", "positions", "voyages", "flows", "s", "s a week", "peak GB", "relative to the shortest",
    )  # fmt: skip
    tables = ("silver.positions", "silver.voyages", "gold.trade_flows_weekly")
    rows = [
        (
            str(one["weeks"]),
            *(f"{one['rows'][name]:,}" for name in tables),
            f"{one['seconds']:.0f}",
            f"{one['seconds'] / one['weeks']:.2f}",
            gigabytes(one["peak_bytes"]),
            f"{one['peak_bytes'] / backfills[0]['peak_bytes']:.2f}",
        )
        for one in backfills
    ]
    return table(columns, rows)


def _table_of_tasks(backfills: Sequence[dict[str, Any]]) -> str:
    """Returns the table with one row per task and a column per backfill."""
    rows = [
        (name, *(f"{one['tasks'].get(name, 0.0):.1f}" for one in backfills))
        for name in backfills[-1]["tasks"]
    ]
    return table(("task", *(f"{one['weeks']} weeks" for one in backfills)), rows)


def _text_of_kills(killed: dict[str, Any]) -> str:
    hits = [kill["after_s"] for kill in killed["kills"] if kill["was_hit"]]
    late = len(killed["kills"]) - len(hits)
    return (
        f"One more backfill of the longest length was killed with SIGKILL {len(hits)} times, "
        f"{', '.join(f'{seconds:.0f} s' for seconds in hits)} after\na start, and each time started again by the same "
        f"command{f' ({late} more came after the end)' if late else ''}. Its {killed['tables']} tables of silver and "
        f"gold with\n{killed['rows']:,} rows came out the same as undisturbed, to the last bit.\n"
    )


if __name__ == "__main__":
    raise SystemExit(main())
