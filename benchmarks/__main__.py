"""`python -m benchmarks`: runs the benchmark and writes its README and results."""

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import inputs
from benchmarks.contract import CONTESTANTS
from benchmarks.measure import Plan, measure
from benchmarks.ports import write_port_tables
from benchmarks.provenance import add_options, begin
from benchmarks.report import Report

SCRATCH_VARIABLE = "AIS_BENCH_DIR"
CORES = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs what was asked for; without the shared data it says so and does nothing."""
    chosen = _parser().parse_args(arguments)
    missing = [path.name for path in (inputs.MESSAGES, inputs.PORTS) if not path.exists()]
    if missing:
        print(f"No benchmark: {' and '.join(missing)} not found under ../shared/data.")
        return 0
    records = begin("job", chosen, min(CORES, os.cpu_count() or CORES))
    with tempfile.TemporaryDirectory(prefix="ais-bench-") as temporary:
        scratch = Path(os.environ.get(SCRATCH_VARIABLE) or temporary)
        plan = _plan(chosen, scratch)
        write_port_tables(inputs.PORTS, plan.reference)
        outcome = measure(plan, _say)
        Report(plan, outcome).write(chosen.out, records)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--repeats", type=int, default=5, help="timed runs of each contestant")
    parser.add_argument("--memory-repeats", type=int, default=2, help="further runs whose memory is sampled")
    parser.add_argument("--contestants", nargs="+", choices=CONTESTANTS, default=list(CONTESTANTS))
    parser.add_argument("--no-growth", action="store_true", help="one day only, in the file's order")
    parser.add_argument("--sample", action="store_true", help="a tenth of the ships")
    parser.add_argument("--quick", action="store_true", help="one run each, one day, a tenth of the ships")
    add_options(parser)
    return parser


def _plan(chosen: argparse.Namespace, scratch: Path) -> Plan:
    return Plan(
        contestants=tuple(chosen.contestants),
        repeats=1 if chosen.quick else chosen.repeats,
        memory_repeats=1 if chosen.quick else chosen.memory_repeats,
        days=() if chosen.quick or chosen.no_growth else (1, 2, 4),
        is_sample=chosen.quick or chosen.sample,
        scratch=scratch,
        cores=min(CORES, os.cpu_count() or CORES),
    )


def _say(sentence: str) -> None:
    print(f"{datetime.now(UTC):%H:%M:%S} {sentence}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
