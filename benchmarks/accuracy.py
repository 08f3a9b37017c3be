"""`python -m benchmarks.accuracy`: how right port calls and transits are, on simulated oceans whose truth is known.

For each scenario and seed an ocean is simulated, taken into a lake of its own, folded, and held against its truth.
"""

import argparse
import json
import shutil
import tempfile
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ais_indicators import runner
from ais_indicators.io.delta import read_rows
from ais_indicators.job import Job
from ais_indicators.operations.evaluate_lake import evaluate_lake
from ais_indicators.periods import Period, Week
from ais_indicators.rules import SHIPS, Rules
from ais_indicators.settings import Settings
from ais_simulator import Simulation, simulate_weeks
from benchmarks.accuracy_cells import CELLS, cells_table, run_cell
from benchmarks.provenance import add_options, begin, write_page
from benchmarks.tables import table

FIRST_WEEK = "2026-W01"
LEAST = {"clear": 0.995, "standard": 0.98}
"""Least precision and recall of port calls that is asked for."""

SCORE_COLUMNS = (
    "scenario", "seed", "calls", "precision", "recall", "passages", "precision", "recall", "arrival median", "p95",
)  # fmt: skip
LEAST_OF_TRANSITS = 0.995
"""The same of transits of straits, over all oceans of a scenario."""

HEAD = """# Accuracy on simulated oceans

Each row is an ocean of {ships} ships over {weeks} weeks, one fix
a ship and minute where it is heard, in NOAA's layout. `clear`: every message is received and none is wrong. `standard`:
coast stations and satellites with outages, and all faults at their usual rates. Evaluated are the port calls and
passages that lie completely inside the weeks, of all vessel classes, including tugs and ferries. Precision is the
share of those
found that are true, recall the share of the true ones that are found; at least {clear} is asked of port calls on
`clear` and {standard} on `standard`. Times are found less true, absolute, in minutes.
"""
TRANSITS = """
## Transits of straits

All oceans of a scenario together; at least {least} is asked. A ship that passes a strait in the first or last hours of
the weeks may be heard on one side of it only, or on none; such a transit counts as missed here. Inferred ones are those
that nobody heard, but that distances and times tell (`is_inferred`).
"""

CASES = """
## Hard cases

One week of a few vessels each: satellites alone (`satellite_5h_stay_6h`: a fix every 5 h, stays of 6 h or more),
receivers with a wrong clock next to others, vessels whose speed is missing or stuck, ferries with short stops, and
river vessels. At least 19 of 20 calls must be found, and at most 1 of 20 found calls and of 20 passing vessels may be
false. Run one with `python -m benchmarks.accuracy_cells satellite_5h_stay_6h`.

"""


def main(arguments: list[str] | None = None) -> int:
    """Measures and writes `accuracy.md` and `accuracy.json`; ends with 1 where a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.accuracy", description=__doc__)
    parser.add_argument("--ships", type=int, default=300)
    parser.add_argument("--weeks", type=int, default=4)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--scenarios", nargs="+", default=list(LEAST))
    add_options(parser)
    chosen = parser.parse_args(arguments)
    records = begin("accuracy", chosen)
    found = []
    for scenario in chosen.scenarios:
        for seed in chosen.seeds:
            found.append(
                {"scenario": scenario, "seed": seed, **measure(scenario, seed, chosen.ships, chosen.weeks)}
            )
            print(json.dumps(found[-1]), flush=True)
    cells = [run_cell(name, seed) for seed in chosen.seeds[:1] for name in CELLS]
    values: dict[str, Any] = {
        "ships": chosen.ships,
        "weeks": chosen.weeks,
        "oceans": found,
        "cells": [asdict(cell) for cell in cells],
    }
    text = text_of(found, chosen.ships, chosen.weeks) + CASES + cells_table(values["cells"]) + "\n"
    write_page("accuracy", chosen.out, values, text, records)
    transits = of_straits(found)
    are_right = all(map(reaches, found)) and all(map(_are_right, transits.values()))
    return 0 if are_right and all(cell.reaches_target for cell in cells) else 1


def measure(scenario: str, seed: int, ships: int, weeks: int) -> dict[str, Any]:
    """What an evaluation says of one ocean."""
    first = Week.parse(FIRST_WEEK)
    folder = Path(tempfile.mkdtemp(prefix="ais-accuracy-"))
    try:
        settings = Settings(folder / "data")
        sea = simulate_weeks(Simulation(first.name, weeks, ships, seed, scenario=scenario), folder / "sea")
        runner.run_task("load_ports", Job(settings, paths=(sea.ports_file,)))
        runner.run_task("ingest_messages", Job(settings, paths=sea.message_files))
        job = Job(settings, Period(first, first.plus(weeks - 1)))
        runner.run_weekly(job, until="track_vessels")
        straits = read_rows(settings, "silver.chokepoint_transits").to_pylist()
        inferred = sum(row["is_inferred"] for row in straits)
        return evaluate_lake(settings, folder / "sea", rules=Rules.for_subject(SHIPS)).plain() | {
            "inferred_transits": inferred
        }
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def reaches(found: dict[str, Any]) -> bool:
    """Whether an ocean's port calls are as right as is asked for."""
    least, calls = LEAST.get(found["scenario"], 0.0), found["port_calls"]
    return bool(min(calls["precision"], calls["recall"]) >= least)


def of_straits(found: list[dict[str, Any]]) -> dict[str, dict[str, Counter[str]]]:
    """Numbers of transits by scenario and strait, and of all straits as `all`."""
    sums: dict[str, dict[str, Counter[str]]] = {}
    for one in found:
        of = sums.setdefault(one["scenario"], {})
        for gate, scores in one["transits"]["by_gate"].items():
            pairs = round((scores["recall"] or 0.0) * scores["true"])
            numbers = {"true": scores["true"], "found": scores["found"], "pairs": pairs}
            for name in (gate, "all"):
                of.setdefault(name, Counter()).update(numbers)
        of.setdefault("all", Counter())["inferred"] += one["inferred_transits"]
    return sums


def _are_right(of: dict[str, Counter[str]]) -> bool:
    whole = of["all"]
    return whole["pairs"] >= LEAST_OF_TRANSITS * max(whole["true"], whole["found"])


def text_of(found: list[dict[str, Any]], ships: int, weeks: int) -> str:
    """The page."""
    causes = [
        (one["scenario"], str(one["seed"]), kind.replace("_", " "), cause, str(count))
        for one in found
        for kind, of_kind in one["causes"].items()
        for cause, count in of_kind.items()
    ]
    return "\n".join(
        [
            HEAD.format(
                ships=ships, weeks=weeks, **{name: f"{100 * share:g} %" for name, share in LEAST.items()}
            ),
            table(SCORE_COLUMNS, _score_rows(found)),
            "\nWhat costs the rest:\n",
            table(("scenario", "seed", "events", "cause", "number"), causes),
            TRANSITS.format(least=f"{100 * LEAST_OF_TRANSITS:g} %"),
            table(
                ("scenario", "strait", "transits", "precision", "recall", "inferred"),
                [row for name, of in of_straits(found).items() for row in _straits(name, of)],
            ),
            "",
        ]
    )


def _score_rows(found: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    """Scores of each ocean, in the columns of `SCORE_COLUMNS`."""
    return [
        (
            one["scenario"],
            str(one["seed"]),
            *(text for kind in ("port_calls", "passages") for text in _kind(one[kind])),
            f"{one['arrival_error_minutes']['median']:.2f}",
            f"{one['arrival_error_minutes']['p95']:.2f}",
        )
        for one in found
    ]


def _straits(scenario: str, of: dict[str, Counter[str]]) -> list[tuple[str, ...]]:
    """Rows of all straits together, and of each in which something was missed or made up."""
    wrong = sorted(gate for gate, n in of.items() if not n["true"] == n["found"] == n["pairs"])
    return [
        (scenario, gate, f"{of[gate]['true']:,}", *_shares(of[gate]), f"{of[gate]['inferred'] or ''}")
        for gate in ("all", *(gate for gate in wrong if gate != "all"))
    ]


def _shares(of: Counter[str]) -> list[str]:
    """Precision and recall."""
    return [f"{100 * of['pairs'] / of[name]:.2f} %" if of[name] else "" for name in ("found", "true")]


def _kind(of: dict[str, Any]) -> tuple[str, str, str]:
    return f"{of['true']:,}", f"{100 * of['precision']:.2f} %", f"{100 * of['recall']:.2f} %"


if __name__ == "__main__":
    raise SystemExit(main())
