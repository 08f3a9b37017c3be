"""`python -m benchmarks.kernel`: fixes a second of the fold's compiled kernel, on one core, on one real day.

The day is taken into a lake, and each ship bucket is folded once by the product, which gives the kernel's inputs. Then
the kernel alone runs over all buckets several times, in this process and with one thread.
"""

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any, Final
from unittest import mock

from ais_indicators import runner
from ais_indicators.fold import day
from ais_indicators.fold.kernel import fold_fixes
from ais_indicators.io.gate_references import load_gate_index
from ais_indicators.io.references import load_port_index
from ais_indicators.job import Job
from ais_indicators.periods import Period, Week
from ais_indicators.pipelines.load_gates import last_gate_version
from ais_indicators.pipelines.track_vessels import plan_fold
from ais_indicators.rules import SHIPS, Rules
from ais_indicators.settings import Settings
from ais_indicators.tracking import bucket as fold_bucket
from ais_indicators.tracking.planning import plan_buckets
from benchmarks import inputs
from benchmarks.provenance import add_options, begin, write_page
from benchmarks.tables import TARGET_COLUMNS, table, target

LEAST_FIXES_PER_SECOND: Final = 4_000_000
Inputs = tuple[Any, ...]
HEAD: Final = """# The kernel of the fold

`fold_fixes` turns the fixes of a ship bucket's day into tracks, visits and transits; it is compiled, and most of the
fold's own work. It runs alone, warm and with one thread, {repeats} times over all {buckets} buckets of one real day of
NOAA ({fixes:,} fixes, in the method's order), with the ports of the World Port Index and the packaged chokepoints,
inference of transits in AIS gaps included. Not in the times: reading, the match with ports and chokepoints, H3 cells,
writing.
"""


def main(arguments: list[str] | None = None) -> int:
    """Measures and writes `kernel.md` and `kernel.json`; without the shared data it says so."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kernel", description=__doc__)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--sample", action="store_true", help="a tenth of the ships")
    add_options(parser)
    chosen = parser.parse_args(arguments)
    if not (inputs.MESSAGES.exists() and inputs.PORTS.exists()):
        print("No benchmark: messages or ports not found under ../shared/data.")
        return 0
    records = begin("kernel", chosen, cores=1)
    folder = Path(tempfile.mkdtemp(prefix="ais-kernel-"))
    try:
        calls = kernel_inputs(folder, chosen.sample)
        values = measure(calls, chosen.repeats)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{values['fixes_per_second']:,.0f} fixes a second")
    write_page("kernel", chosen.out, values, text_of(values), records)
    return 0


def kernel_inputs(folder: Path, is_sample: bool = False) -> list[Inputs]:
    """Folds the day as the product does and returns the arguments of each call of `fold_day`."""
    settings, week = Settings(folder / "data"), Week.parse(inputs.WEEK)
    files = inputs.day_files(folder / "input", 1, "ship", is_sample)
    runner.run_task("load_ports", Job(settings, paths=(inputs.PORTS,)))
    runner.run_task("ingest_messages", Job(settings, paths=tuple(files)))
    last_gate_version(settings)  # loads the packaged chokepoints
    job = Job(settings, Period(week, week))
    plan = plan_fold(job)
    if plan.period is None:
        raise RuntimeError("nothing to fold")
    buckets = plan_buckets(
        settings, plan.period, plan.bronze, plan.ports, plan.gates, plan.histories, Rules.for_subject(SHIPS)
    )
    ports = {
        version: load_port_index(settings, version, Rules.for_subject(SHIPS))
        for version in set(plan.ports.values())
    }
    gates = {version: load_gate_index(settings, version) for version in set(plan.gates.values())}
    calls: list[Inputs] = []

    def recorded(*arguments: Any) -> day.FoldedDay:
        calls.append(arguments)
        return day.fold_day(*arguments)

    with mock.patch.object(fold_bucket, "fold_day", recorded):
        for _ in fold_bucket.fold_buckets(buckets, ports, gates, Rules.for_subject(SHIPS)):
            pass
    return calls


def measure(calls: Sequence[Inputs], repeats: int) -> dict[str, Any]:
    """Runs the kernel over all inputs again and again; the first of its runs was the product's."""
    fixes = [int(arguments[0].mmsi.size) for arguments in calls]
    runs, cpu_s = [], []
    for _ in range(repeats):
        spent = [_time_kernel(arguments) for arguments in calls]
        runs.append([wall for wall, _ in spent])
        cpu_s.append(sum(cpu for _, cpu in spent))
    totals = [sum(seconds) for seconds in runs]
    return {
        "fixes": sum(fixes),
        "fixes_by_bucket": fixes,
        "seconds_by_run_and_bucket": runs,
        "cpu_s_by_run": cpu_s,
        "fixes_per_second": sum(fixes) / median(totals),
        "fixes_per_second_by_run": [sum(fixes) / total for total in totals],
    }


def _time_kernel(arguments: Inputs) -> tuple[float, float]:
    """Folds one bucket's day; returns the seconds of the kernel alone, by the clock and of the processor."""
    wall, cpu = [], []

    def timed(*arguments: Any) -> None:
        began, began_cpu = time.perf_counter(), time.thread_time()
        fold_fixes(*arguments)
        cpu.append(time.thread_time() - began_cpu)
        wall.append(time.perf_counter() - began)

    with mock.patch.object(day, "fold_fixes", timed):
        day.fold_day(*arguments)
    return sum(wall), sum(cpu)


def text_of(values: dict[str, Any]) -> str:
    """Returns the page."""
    runs, rates = values["seconds_by_run_and_bucket"], values["fixes_per_second_by_run"]
    rows = [
        (str(number), f"{fixes:,}", f"{median(of):.3f}", f"{fixes / median(of):,.0f}")
        for number, (fixes, of) in enumerate(
            zip(values["fixes_by_bucket"], zip(*runs, strict=True), strict=True)
        )
    ]
    measured = target(
        "fixes a second on one core",
        values["fixes_per_second"],
        LEAST_FIXES_PER_SECOND,
        is_least=True,
        digits=0,
    )
    return "\n".join(
        [
            HEAD.format(repeats=len(runs), buckets=len(rows), fixes=values["fixes"]),
            table(TARGET_COLUMNS, [measured]),
            f"\nRuns: {min(rates):,.0f} to {max(rates):,.0f} fixes a second; by the processor's own time (median) "
            f"{values['fixes'] / median(values['cpu_s_by_run']):,.0f}.\n",
            table(("bucket", "fixes", "median s", "fixes/s"), rows),
            "",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
