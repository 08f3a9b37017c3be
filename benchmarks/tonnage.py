"""`python -m benchmarks.tonnage`: how right tonnes are, and how often their intervals hold the truth.

For each seed an ocean of the scenario `standard` is simulated without radio (`benchmarks.silent_sea`): its calls are
those of the truth, its draughts what its crews type in; for `clear`, the same ocean has crews who forget nothing.
Voyages are derived from them as from a lake, and held against the truth twice: the first weeks, with nothing before
them, and the last, with the weeks before as history.
"""

import argparse
import multiprocessing
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Final

import polars as pl

from ais_indicators.periods import Period, Week
from ais_indicators.pipelines.derive_voyages import voyages_of_calls
from ais_indicators.rules import SHIPS, Rules
from ais_indicators.transforms.imputation_support import with_support
from ais_indicators.transforms.unknown_tonnes import with_guesses
from ais_simulator.evaluation.tonnes import assess_tonnes
from benchmarks.provenance import add_options, begin, write_page
from benchmarks.silent_sea import SilentSea, sail, with_sure_crews
from benchmarks.tonnage_report import text_of

FIRST_WEEK: Final = "2026-W01"
FIRST_SEED: Final = 201
DIGITS, LARGE = 5, 100.0
LEFT_OUT: Final = ("by_port", "by_week", "small_classes")
CLEAR, STANDARD = "clear", "standard"


def main(arguments: list[str] | None = None) -> int:
    """Measures and writes `tonnage.md` and `tonnage.json`."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tonnage", description=__doc__)
    parser.add_argument("--ships", type=int, default=300)
    parser.add_argument("--weeks", type=int, default=8, help="weeks that are evaluated")
    parser.add_argument("--history", type=int, default=12, help="weeks before them, for the second judgement")
    parser.add_argument("--seeds", type=int, nargs="+", default=list(range(FIRST_SEED, FIRST_SEED + 20)))
    parser.add_argument("--scenarios", nargs="+", choices=(CLEAR, STANDARD), default=[CLEAR, STANDARD])
    parser.add_argument("--jobs", type=int, default=1, help="oceans side by side")
    add_options(parser)
    parser.add_argument(
        "--name", default="tonnage", choices=("tonnage", "tonnage_large_fleet"), help="page to write"
    )
    chosen = parser.parse_args(arguments)
    records = begin(chosen.name, chosen)
    found = []
    for of_ocean in _measured(
        chosen.seeds, chosen.jobs, chosen.scenarios, chosen.ships, chosen.weeks, chosen.history
    ):
        found += of_ocean
        for one in of_ocean:
            print(
                one["scenario"], one["seed"], one["history"], one["tonnes"]["interval_coverage"], flush=True
            )
    found.sort(key=lambda one: (one["scenario"], one["seed"], one["history"]))
    text = text_of(found, chosen.ships, chosen.weeks)
    write_page(chosen.name, chosen.out, {"oceans": found}, text, records, indent=None)
    return 0


def measure(
    seed: int, scenarios: Sequence[str], ships: int, weeks: int, history: int
) -> list[dict[str, Any]]:
    """Both judgements of one ocean in each scenario."""
    first = Week.parse(FIRST_WEEK)
    with tempfile.TemporaryDirectory(prefix="ais-tonnage-") as folder:
        sea = sail(STANDARD, seed, ships, Period(first, first.plus(history + weeks - 1)), Path(folder))
    return measure_sea(sea, seed, scenarios, weeks, history)


def measure_sea(
    sea: SilentSea, seed: int, scenarios: Sequence[str], weeks: int, history: int
) -> list[dict[str, Any]]:
    """The same of an ocean that was simulated before."""
    first = sea.truth.weeks.first
    return [
        {
            "scenario": scenario,
            "seed": seed,
            "history": before,
            "tonnes": _rounded(
                assess(
                    with_sure_crews(sea) if scenario == CLEAR else sea,
                    Period(first.plus(before), first.plus(before + weeks - 1)),
                )
            ),
        }
        for scenario in scenarios
        for before in sorted({0, history})
    ]


def _rounded(value: Any) -> Any:
    """The same with shorter numbers and without what the page does not show, so that the file can be read."""
    if isinstance(value, Mapping):
        return {key: _rounded(inner) for key, inner in value.items() if key not in LEFT_OUT}
    return round(value, DIGITS if abs(value) < LARGE else 0) if isinstance(value, float) else value


def assess(sea: SilentSea, weeks: Period) -> Mapping[str, Any]:
    """Scores tonnes of some weeks against the truth, as known when the last of them ended."""
    known = sea.until(weeks.last)
    voyages, draws = voyages_of_calls(
        known.calls, known.reports, known.hulls, weeks, weeks.last, rules=Rules.for_subject(SHIPS)
    )
    moment = pl.coalesce("destination_entered_at_utc", "origin_left_at_utc")
    named = with_guesses(
        voyages.filter("counts_for_trade").with_columns(week=moment.dt.strftime("%G-W%V")), ["week"]
    )
    number, share = Rules.for_subject(SHIPS).imputation_draws, Rules.for_subject(SHIPS).interval_share
    return assess_tonnes(known.truth, with_support(named, draws), draws, number, share, weeks)


def _measured(
    seeds: Sequence[int], jobs: int, scenarios: Sequence[str], ships: int, weeks: int, history: int
) -> Iterator[list[dict[str, Any]]]:
    one = partial(measure, scenarios=scenarios, ships=ships, weeks=weeks, history=history)
    if jobs == 1:
        yield from map(one, seeds)
        return
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
        yield from pool.map(one, seeds)


if __name__ == "__main__":
    raise SystemExit(main())
