"""`python -m benchmarks.small_office`: a country's whole weekly job in 4 GiB of memory and on two cores.

The commands are those that an office gives, one after the other, with the settings that the doctor chooses for such a
machine. They run on two cores only, and if all their processes together ever hold more than 4 GiB, they are ended and
nothing is written. Held against the limit is the sum of the proportional set sizes of the command, of Java and of all
workers, sampled several times a second. A control group would count the page cache too, which the system gives back,
and needs rights that an ordinary user does not have. Where one limits this very process, that is said.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from ais_indicators.io.delta import active_files, open_delta
from ais_indicators.machine import BYTES_PER_GIB, Choice, choose, memory_bytes
from ais_indicators.settings import Settings
from benchmarks import inputs
from benchmarks.processes import process_tree, proportional_set_size
from benchmarks.provenance import add_options, begin, write_page
from benchmarks.tables import TARGET_COLUMNS, Target, gigabytes, table, target

COMMAND: Final = (sys.executable, "-c", "from ais_indicators.cli import command; command()")
LIMIT_GIB: Final = 4
CORES: Final = 2
SAMPLE_SECONDS: Final = 0.1
TIMED: Final = ("ingest", "run")
MOST_SECONDS: Final = 80.0
MOST_PEAK_GIB: Final = 2.0
WIDE_TABLES: Final = ("bronze.ais_messages", "silver.positions")
HEAD = """# A small office

{what} ({messages:,} messages in {files} files, ports of the World Port
Index) is taken in, computed, checked and published, by the commands that an office gives, with the settings
that `ais-indicators doctor --settings` chooses for {limit} GiB and {cores} cores: {settings}. All days are one real day
of NOAA with the dates moved, each a metre farther north.

**Largest peak: {peak} GB ({peak_gib:.2f} GiB) of {limit} GiB.** {held} The run is bound to {cores} cores.
"""
WATCHED = (
    "The memory of all processes together (proportional set size: the command, Java, all Python workers) was summed "
    "{samples:,} times, every {every:.2f} s; a run that goes over the limit is ended, and no page is written. No "
    "control group was used."
)
CONTAINED = " The process that measures is itself limited to {limit:.1f} GiB by its container."


@dataclass(frozen=True)
class Step:
    """One command.

    Attributes:
        command: What was called.
        seconds: From its start to its end.
        peak_bytes: Most memory of all its processes together.
        peak_java_bytes: Most memory of Java.
        samples: How often it was looked at.
    """

    command: str
    seconds: float
    peak_bytes: int
    peak_java_bytes: int
    samples: int


class OverLimitError(Exception):
    """A command took more memory than there is to be."""


def main(arguments: list[str] | None = None) -> int:
    """Measures and writes `small_office.md` and `small_office.json`."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.small_office", description=main.__doc__)
    parser.add_argument("--sample", action="store_true", help="a tenth of the ships")
    add_options(parser)
    chosen = parser.parse_args(arguments)
    records = begin("small_office", chosen, cores=CORES)
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    settings = choose(LIMIT_GIB * BYTES_PER_GIB, CORES)
    folder = Path(tempfile.mkdtemp(prefix="ais-small-office-"))
    try:
        found = measure(folder, settings, chosen.sample)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    said = {
        "is_sample": chosen.sample,
        "settings": dict(settings.environment),
        **found,
    }
    write_page("small_office", chosen.out, said, text_of(said), records)
    return 0


def measure(folder: Path, settings: Choice, is_sample: bool) -> dict[str, Any]:
    """Goes the way of a week, command by command."""
    files = inputs.week_files(folder / "input", is_sample)
    lake = folder / "data"
    environment = os.environ | settings.environment
    steps = []
    for words in (
        ("init",),
        ("ports", "load", inputs.PORTS.resolve()),
        ("ingest", folder / "input"),
        ("run", "--week", inputs.WEEK),
        ("export", "--release", "latest", "--out", folder / "outbox"),
    ):
        steps.append(run([*COMMAND, "--data-dir", str(lake), *map(str, words)], words[0], environment))
        print(steps[-1], flush=True)
    return {
        "files": len(files),
        "messages": sum(map(inputs.rows_of, files)),
        "steps": [asdict(step) for step in steps],
        "bytes_on_disk": sizes_on_disk(lake),
    }


def run(
    command: Sequence[str],
    name: str,
    environment: Mapping[str, str] = os.environ,
    limit_bytes: int = LIMIT_GIB * BYTES_PER_GIB,
) -> Step:
    """Runs a command in a process group of its own, and ends the group if it goes over the limit.

    Raises:
        OverLimitError: It did.
        RuntimeError: The command ended with another exit code than 0.
    """
    started = time.monotonic()
    process = subprocess.Popen(
        command,
        env=dict(environment),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    watch = _Watch(process.pid, limit_bytes)
    watch.start()
    process.wait()
    watch.finish()
    if watch.peak > limit_bytes:
        raise OverLimitError(f"{name} held {gigabytes(watch.peak)} GB, more than {gigabytes(limit_bytes)}")
    if process.returncode:
        raise RuntimeError(f"{name} ended with {process.returncode}")
    return Step(name, round(time.monotonic() - started, 2), watch.peak, watch.peak_java, watch.samples)


class _Watch(threading.Thread):
    """Sums the memory of a process and all below it, again and again."""

    def __init__(self, root: int, limit_bytes: int) -> None:
        super().__init__(daemon=True)
        self._root = root
        self._limit = limit_bytes
        self._ended = threading.Event()
        self.peak = self.peak_java = self.samples = 0

    def run(self) -> None:
        """Watches until it is stopped, or the limit is passed."""
        while not self._ended.wait(SAMPLE_SECONDS):
            sizes = [(one.name, proportional_set_size(one.number)) for one in process_tree(self._root)]
            self.peak = max(self.peak, sum(size for _, size in sizes))
            self.peak_java = max(self.peak_java, sum(size for name, size in sizes if name == "java"))
            self.samples += 1
            if self.peak > self._limit:
                os.killpg(self._root, signal.SIGKILL)
                return

    def finish(self) -> None:
        """Stops looking."""
        self._ended.set()
        self.join()


def sizes_on_disk(lake: Path) -> dict[str, int]:
    """Bytes of the wide tables, of all tables and of the releases."""
    settings = Settings(lake)
    wide = {name: sum(file.size for file in active_files(open_delta(settings, name))) for name in WIDE_TABLES}
    return wide | {"lake": _bytes_below(settings.lake), "releases": _bytes_below(settings.releases)}


def _bytes_below(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def text_of(found: Mapping[str, Any]) -> str:
    """The page."""
    steps, messages, disk = found["steps"], found["messages"], found["bytes_on_disk"]
    peak = max(step["peak_bytes"] for step in steps)
    samples = sum(step["samples"] for step in steps)
    held = WATCHED.format(samples=samples, every=sum(step["seconds"] for step in steps) / samples)
    if memory_bytes() <= LIMIT_GIB * BYTES_PER_GIB:
        held += CONTAINED.format(limit=memory_bytes() / BYTES_PER_GIB)
    head = HEAD.format(
        what="A tenth of the ships of a real week's size"
        if found["is_sample"]
        else "A week of a country's real size",
        messages=messages,
        files=found["files"],
        limit=LIMIT_GIB,
        cores=CORES,
        settings=", ".join(f"`{name}={value}`" for name, value in found["settings"].items()),
        peak=gigabytes(peak),
        peak_gib=peak / BYTES_PER_GIB,
        held=held,
    )
    sizes = [(name, f"{size / 1e6:,.1f}", f"{size / messages:.2f}") for name, size in disk.items()]
    return "\n".join(
        [
            head,
            table(TARGET_COLUMNS, target_rows(steps)),
            "",
            table(("command", "s", "peak GB", "of it Java"), [_step_row(step) for step in steps]),
            "\nOn disk afterwards:\n",
            table(("what", "MB", "bytes a message"), sizes),
            "",
        ]
    )


def _step_row(step: Mapping[str, Any]) -> tuple[str, ...]:
    """Command, seconds and peak memory of a step."""
    return (
        f"`{step['command']}`",
        f"{step['seconds']:.0f}",
        gigabytes(step["peak_bytes"]),
        gigabytes(step["peak_java_bytes"]),
    )


def target_rows(steps: Sequence[Mapping[str, Any]]) -> list[Target]:
    """Returns the targets of a country's week: the time of ingest and run together, and the largest peak."""
    seconds = sum(step["seconds"] for step in steps if step["command"] in TIMED)
    peak = max(step["peak_bytes"] for step in steps) / BYTES_PER_GIB
    return [
        target("`ingest` and `run` together, s", seconds, MOST_SECONDS, digits=0),
        target("largest peak, GiB", peak, MOST_PEAK_GIB),
    ]


if __name__ == "__main__":
    raise SystemExit(main())
