"""`python -m benchmarks.pages`: makes benchmark pages again, one after the other (`make pages`).

`PAGES` lists every page, the one command that makes it, and the code that it measures. Each page is made in a process
of its own, which waits until the machine is quiet and refuses to start where it does not become quiet. Values in
README.md and docs/ are brought up to date at the end.
"""

import argparse
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ais_indicators.rules import SHIPS
from ais_indicators.tasks import concerns, weekly_order

ROOT: Final = Path(__file__).resolve().parents[1]
FOLDER: Final = ROOT / "benchmarks"
TASKS: Final = "ais_indicators.pipelines."
OPERATIONS: Final = "ais_indicators.operations."
FOLD: Final = ("ais_indicators.runner", f"{TASKS}ingest_messages", f"{TASKS}track_vessels")
WEEKLY: Final = (*FOLD, *(TASKS + task.name for task in weekly_order() if concerns(task, SHIPS)))
PEERS: Final = tuple(
    f"benchmarks.{name}"
    for name in ("duckdb_peer", "queries", "spark_peer", "spark_steps", "spark_weekly", "product", "measure")
)
SIMULATION: Final = "ais_simulator.simulation"
VOYAGES: Final = (
    "benchmarks.silent_sea", "ais_simulator.evaluation.tonnes", "ais_simulator.ocean",
    "ais_indicators.transforms.unknown_tonnes", f"{TASKS}derive_voyages",
)  # fmt: skip
Run = Callable[[Sequence[str]], int]


@dataclass(frozen=True)
class Page:
    """A page and the command that makes it.

    Attributes:
        name: What `ONLY` and the values in documents call it.
        module: Program that makes it.
        minutes: How long that takes on two quiet cores.
        measures: Modules whose code the page is about. What modules of the product import counts too; modules of
            `benchmarks` and `studies` only count where they are named here.
        arguments: Options of the program.
        is_timed: Whether it states times, for which the machine must be quiet. Others are no worse for having been
            made with `--busy`.
    """

    name: str
    module: str
    minutes: int
    measures: tuple[str, ...]
    arguments: tuple[str, ...] = ()
    is_timed: bool = True

    @property
    def command(self) -> str:
        """The command, as one types it."""
        return shlex.join(("python", "-m", self.module, *self.arguments))

    @property
    def roots(self) -> tuple[str, ...]:
        """The measured modules and the program itself."""
        return (self.module if self.module != "benchmarks" else "benchmarks.report", *self.measures)

    @property
    def folder(self) -> Path:
        """The folder of its program: `benchmarks/` or `studies/`."""
        return ROOT / self.module.partition(".")[0]

    def text_in(self, folder: Path | None = None) -> Path:
        """Where the page is; next to its program unless a folder is given."""
        return (folder or self.folder) / f"{'README' if self.name == 'job' else self.name}.md"

    def json_in(self, folder: Path | None = None) -> Path:
        """Where its values are; next to its program unless a folder is given."""
        return (folder or self.folder) / f"{'results' if self.name == 'job' else self.name}.json"


LARGE_FLEET: Final = (
    "--ships", "4000", "--seeds", "301", "--history", "0", "--name", "tonnage_large_fleet"
)  # fmt: skip
PAGES: Final = (
    Page("job", "benchmarks", 27, (*FOLD, *PEERS, f"{TASKS}compute_port_activity", f"{TASKS}compute_cell_activity",
                                   f"{TASKS}publish_release"), ("--memory-repeats", "3")),
    Page("decoding", "benchmarks.decoding", 2, ("ais_indicators.sources.nmea.reading",)),
    Page("receive", "benchmarks.receive", 11, ("ais_indicators.cli.receive", "ais_indicators.receive.service")),
    Page("kernel", "benchmarks.kernel", 3, ("ais_indicators.fold.day",)),
    Page("commands", "benchmarks.commands", 15, ("ais_indicators.cli.demo", "ais_indicators.cli.weeks", *WEEKLY)),
    Page("small_office", "benchmarks.small_office", 4, (*WEEKLY, "ais_indicators.cli.exports")),
    Page("exports", "benchmarks.exports", 3, ("ais_indicators.cli.exports", "ais_indicators.publish.files")),
    Page("long_backfill", "benchmarks.long_backfill", 25, (*WEEKLY, SIMULATION), ("--weeks", "13", "52")),
    Page("cluster", "benchmarks.cluster", 7, (*WEEKLY, SIMULATION)),
    Page("long_history", "benchmarks.long_history", 20, (f"{TASKS}publish_release", f"{TASKS}maintain_lake",
                                                         "ais_indicators.cli.releases", "ais_indicators.cli.exports",
                                                         "ais_indicators.cli.lake")),
    Page("accuracy", "benchmarks.accuracy", 16, ("benchmarks.accuracy_cells", *FOLD, f"{OPERATIONS}evaluate_lake",
                                                  SIMULATION), is_timed=False),
    Page("coverage", "benchmarks.coverage", 20, (*FOLD, f"{TASKS}assess_coverage", f"{TASKS}compute_port_activity",
                                                  SIMULATION), is_timed=False),
    Page("integrity", "benchmarks.integrity", 60, ("benchmarks.integrity_cases", *WEEKLY,
                                                    f"{OPERATIONS}evaluate_integrity", SIMULATION),
         ("--seed", "1", "2", "3"), is_timed=False),
    Page("tonnage", "benchmarks.tonnage", 8, VOYAGES, ("--jobs", "2"), is_timed=False),
    Page("tonnage_large_fleet", "benchmarks.tonnage", 5, VOYAGES, LARGE_FLEET, is_timed=False),
    Page("tonnage_bound", "studies.tonnage_bound", 22, ("benchmarks.tonnage", "studies.cargo_posterior",
                                                         "studies.tonnage_oracle", *VOYAGES),
         is_timed=False),
    Page("real_year", "benchmarks.real_year", 4, ("benchmarks.real_year_causes", "benchmarks.real_year_marks",
                                                  "benchmarks.real_year_report", "benchmarks.real_year_shipments",
                                                  *WEEKLY)),
    Page("reliability", "benchmarks.reliability", 90, ("benchmarks.reliability.kills", "benchmarks.reliability.faults",
                                                        "benchmarks.reliability.ways", *WEEKLY), is_timed=False),
)  # fmt: skip
"""All pages, in the order in which `make pages` makes them: speed first, while the machine is quiet."""


def page(name: str) -> Page:
    """Looks a page up by its name."""
    return next(one for one in PAGES if one.name == name)


def main(arguments: Sequence[str] | None = None, run: Run = subprocess.call) -> int:
    """Makes the chosen pages; returns 1 where a program refused, failed or missed a target."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pages", description=__doc__)
    names = [one.name for one in PAGES]
    parser.add_argument("only", nargs="*", help=f"pages to make: {', '.join(names)}; default: all")
    parser.add_argument(
        "--list", action="store_true", help="show the commands and how long they take; run nothing"
    )
    parser.add_argument("--busy", action="store_true", help="measure whatever the load; pages say so")
    parser.add_argument("--wait-minutes", type=float, help="how long each waits for a quiet machine")
    chosen = parser.parse_args(arguments)
    unknown = sorted(set(chosen.only) - set(names))
    if unknown:
        parser.error(f"unknown page: {', '.join(unknown)}; choose from {', '.join(names)}")
    pages = [one for one in PAGES if one.name in (chosen.only or names)]
    print("\n".join(f"{one.name:20} about {one.minutes:3} min   {one.command}" for one in pages))
    print(f"{'in all':20} about {sum(one.minutes for one in pages):3} min", flush=True)
    if chosen.list:
        return 0
    options = ["--busy"] if chosen.busy else []
    if chosen.wait_minutes is not None:
        options += ["--wait-minutes", f"{chosen.wait_minutes:g}"]
    return _make(pages, options, run)


def _make(pages: Sequence[Page], options: Sequence[str], run: Run) -> int:
    """Makes pages, goes on after one that fails, and at last brings the values in documents up to date."""
    failed, began_at = [], time.time()
    for number, one in enumerate(pages, 1):
        began = time.monotonic()
        print(f"\n[{number}/{len(pages)}] {one.command}", flush=True)
        code = run([sys.executable, "-m", one.module, *one.arguments, *options])
        print(f"{one.name}: {(time.monotonic() - began) / 60:.1f} min, exit code {code}", flush=True)
        if code or not _is_written(one, began_at):
            failed.append(one.name)
    run([sys.executable, "-m", "benchmarks.values", "--write"])
    if failed:
        print(f"\nNot written, or a target was missed: {', '.join(failed)}.", file=sys.stderr)
    return 1 if failed else 0


def _is_written(one: Page, began_at: float) -> bool:
    """Whether a page was written since; a benchmark without its input data writes none."""
    return one.json_in().is_file() and one.json_in().stat().st_mtime >= began_at


if __name__ == "__main__":
    raise SystemExit(main())
