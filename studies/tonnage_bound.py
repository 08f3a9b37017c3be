"""`python -m studies.tonnage_bound`: how right tonnes of forgotten draughts can be at best.

On the oceans of `benchmarks.tonnage` (`standard`, the last weeks with the weeks before as history) oracles are
evaluated on the same class-weeks as the estimator. They know what no method can: the ships' trades, the calls of the
whole time, how often crews forget, and the very odds by which the simulator draws cargo
(`studies.cargo_posterior`). Their tonnes are the expected ones given all that, so nobody's mean squared error is
smaller on average who goes by the same. Some also know which draughts are true, and some know the hours of work at the
berth, which the simulator draws from the cargo. `ours, informed` is our estimator with the knowledge of each unchanged
draught whether it was forgotten.

`spread` is the root of the mean squared error of a class's week, `expected` the one that the oracle itself expects.
`calls for 95 %` is with how many calls a week 95 % of weeks were within 10 %, if errors shrink with their root.
"""

import argparse
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple
from unittest import mock

import numpy as np
import polars as pl
from scipy.stats import norm

from ais_indicators.periods import Period, Week
from ais_indicators.rules import SHIPS, Rules
from ais_indicators.transforms import missing_draughts
from ais_simulator.evaluation.tonnes import assess_tonnes
from benchmarks.provenance import add_options, begin, write_page
from benchmarks.silent_sea import SilentSea, sail
from benchmarks.tables import table
from benchmarks.tonnage import FIRST_SEED, FIRST_WEEK, STANDARD, assess
from studies.cargo_posterior import Knows
from studies.tonnage_oracle import TrueCall, expected_voyages, known_ships, true_chains

OURS, INFORMED = "ours", "ours, informed"
WITHIN, SURE = 0.10, 0.95
FLEETS: Final = (1, 2, 4, 8)
FEWEST_WEEKS: Final = 4
NAMES: Final = {
    OURS: "our estimator",
    Knows.TYPED: "best of what was typed in",
    Knows.TYPED_STAYS: "best of that and hours of work",
    INFORMED: "ours, knows what is forgotten",
    Knows.CLASS: "informed; class's odds",
    Knows.NEIGHBOURS: "informed; calls before and after",
    Knows.STAYS: "informed; and hours of work",
}


class Cell(NamedTuple):
    """One class's week in one ocean."""

    seed: int
    vessel_class: str
    week: str
    calls: float
    true: float
    found: float
    sd: float

    @property
    def error(self) -> float:
        """Found less true, as a share of the true."""
        return self.found / self.true - 1.0


def main(arguments: list[str] | None = None) -> int:
    """Measures and writes `tonnage_bound.md` and `tonnage_bound.json`."""
    parser = argparse.ArgumentParser(prog="python -m studies.tonnage_bound", description=__doc__)
    parser.add_argument("--ships", type=int, default=300)
    parser.add_argument("--weeks", type=int, default=8, help="weeks that are evaluated")
    parser.add_argument("--history", type=int, default=12, help="weeks before them")
    parser.add_argument("--seeds", type=int, nargs="+", default=list(range(FIRST_SEED, FIRST_SEED + 20)))
    add_options(parser, Path(__file__).parent)
    chosen = parser.parse_args(arguments)
    records = begin("tonnage_bound", chosen)
    found: dict[str, list[Cell]] = defaultdict(list)
    first = Week.parse(FIRST_WEEK)
    weeks = Period(first.plus(chosen.history), first.plus(chosen.history + chosen.weeks - 1))
    for seed in chosen.seeds:
        with tempfile.TemporaryDirectory(prefix="ais-bound-") as folder:
            sea = sail(STANDARD, seed, chosen.ships, Period(first, weeks.last), Path(folder))
        for name, cells in measure(sea, seed, weeks).items():
            found[name] += cells
        print(seed, *(f"{name}: {_spread(found[name]):.4f}" for name in NAMES), flush=True)
    said = {name: [_short(cell) for cell in cells] for name, cells in found.items()}
    values = {"calls_for_95_percent": calls_for_95_percent(found), "cells": said}
    write_page("tonnage_bound", chosen.out, values, text_of(found), records, indent=None)
    return 0


def _short(cell: Cell) -> list[Any]:
    return [round(value, 1) if isinstance(value, float) else value for value in cell]


def measure(sea: SilentSea, seed: int, weeks: Period) -> dict[str, list[Cell]]:
    """Class-weeks of an ocean by who estimated them."""
    ships = known_ships(sea, seed)
    chains = true_chains(sea)
    found = {
        OURS: _cells(assess(sea, weeks), seed),
        INFORMED: _cells(_assess_informed(sea, chains, weeks), seed),
    }
    for knows in Knows:
        voyages = expected_voyages(sea, ships, chains, knows)
        draws = pl.DataFrame(
            schema={"voyage_id": pl.String(), "draw": pl.Int32(), "net_load_t": pl.Float64()}
        )
        number, share = Rules.for_subject(SHIPS).imputation_draws, Rules.for_subject(SHIPS).interval_share
        said = assess_tonnes(sea.truth, voyages, draws, number, share, weeks)
        variances = (
            voyages.filter(pl.col("origin_locode").is_not_null())
            .group_by("vessel_class", "week")
            .agg(pl.col("variance").sum().clip(lower_bound=0.0))
        )
        sds = {(row[0], row[1]): float(row[2]) ** 0.5 for row in variances.rows()}
        found[knows] = [
            cell._replace(sd=sds.get((cell.vessel_class, cell.week), 0.0)) for cell in _cells(said, seed)
        ]
    return found


def _cells(assessed: Mapping[str, Any], seed: int) -> list[Cell]:
    return [
        Cell(seed, name, week, cell["calls"], cell["true"], cell["found"], 0.0)
        for label, cell in assessed["by_class_and_week"].items()
        for name, week in [label.split(" ")]
    ]


def _assess_informed(
    sea: SilentSea, chains: Mapping[int, Sequence[TrueCall]], weeks: Period
) -> Mapping[str, Any]:
    """Runs our estimator with the knowledge of which of the unchanged draughts are forgotten."""
    rows = [
        (f"imo-{imo}", one.port_locode, one.ended, one.left_m is None)
        for imo, of in chains.items()
        for one in of
    ]
    names = ["vessel_id", "port_locode", "departed_at_utc", "is_forgotten"]
    forgotten = pl.DataFrame(rows, schema=names, orient="row").drop_nulls("departed_at_utc")
    usual = missing_draughts.forgotten_shares

    def known_shares(calls: pl.DataFrame, rules: Rules) -> pl.DataFrame:
        marked = calls.join(forgotten, on=names[:3], how="left", maintain_order="left")
        share = pl.col("is_forgotten").cast(pl.Float64).fill_null(pl.col("share"))
        return pl.concat([usual(calls, rules), marked.select("is_forgotten")], how="horizontal").select(
            "forgotten", share=share, share_sd=pl.lit(0.0), relative=pl.lit(1.0), unchanged_is_forgotten=share
        )

    with mock.patch.object(missing_draughts, "forgotten_shares", known_shares):
        return assess(sea, weeks)


def text_of(found: Mapping[str, Sequence[Cell]]) -> str:
    """The page."""
    classes = sorted({cell.vessel_class for cell in found[OURS]})
    return "\n".join(
        [
            "# The least error of tonnes\n",
            *(__doc__ or "").split("\n\n", 1)[1:],
            "## Same class-weeks\n",
            _same_class_weeks(found, classes),
            "\n## Larger fleets: oceans put together\n",
            _larger_fleets(found, classes),
            "",
        ]
    )


def _same_class_weeks(found: Mapping[str, Sequence[Cell]], classes: Sequence[str]) -> str:
    names = ("class", "class-weeks", "mean calls", "who", "pooled error", "spread", "expected", "within 10 %")
    rows = []
    for name in classes:
        for who, label in NAMES.items():
            cells = [cell for cell in found[who] if cell.vessel_class == name]
            rows.append((name, str(len(cells)), _mean_calls(cells), label, *_row(cells)))
    return table((*names, "calls for 95 %"), rows)


def _larger_fleets(found: Mapping[str, Sequence[Cell]], classes: Sequence[str]) -> str:
    shown = {
        OURS: "our estimator: spread, within 10 %",
        Knows.TYPED: "best of what was typed in",
        Knows.STAYS: "informed; and hours of work",
    }
    rows = []
    for name in classes:
        for oceans in FLEETS:
            merged = {
                who: _merged([c for c in found[who] if c.vessel_class == name], oceans) for who in shown
            }
            ours = merged[OURS]
            if len(ours) >= FEWEST_WEEKS:
                figures = (f"{_percent(_spread(of))}, {_share(of)}" for of in merged.values())
                rows.append((name, str(oceans), str(len(ours)), _mean_calls(ours), *figures))
    return table(("class", "oceans", "class-weeks", "mean calls", *shown.values()), rows)


def _mean_calls(cells: Sequence[Cell]) -> str:
    return f"{np.mean([cell.calls for cell in cells]):.0f}"


def _row(cells: Sequence[Cell]) -> tuple[str, ...]:
    pooled = sum(c.found for c in cells) / sum(c.true for c in cells) - 1.0
    expected = (sum((c.sd / c.true) ** 2 for c in cells) / len(cells)) ** 0.5
    return (
        f"{100 * pooled:+.1f} %",
        _percent(_spread(cells)),
        _percent(expected) if expected > 0 else "",
        _share(cells),
        f"{_calls_needed(cells):,.0f}",
    )


def calls_for_95_percent(found: Mapping[str, Sequence[Cell]]) -> dict[str, dict[str, int]]:
    """Returns how many calls a week each estimator needs, by estimator and class."""
    return {
        name: {
            kind: round(_calls_needed([cell for cell in cells if cell.vessel_class == kind]))
            for kind in sorted({cell.vessel_class for cell in cells})
        }
        for name, cells in found.items()
    }


def _calls_needed(cells: Sequence[Cell]) -> float:
    """Calls with which 95 % of weeks are within 10 %, if errors shrink with the root of the calls."""
    of_one = sum(cell.error**2 * cell.calls for cell in cells) / len(cells)
    return float(of_one * (norm.ppf(0.5 + SURE / 2.0) / WITHIN) ** 2)


def _merged(cells: Sequence[Cell], oceans: int) -> list[Cell]:
    """The same weeks of so many oceans, as of one."""
    by_week: dict[str, list[Cell]] = defaultdict(list)
    for cell in cells:
        by_week[cell.week].append(cell)
    found = []
    for week, of in by_week.items():
        for at in range(0, len(of) - oceans + 1, oceans):
            some = of[at : at + oceans]
            calls, true, tonnes = (
                sum(getattr(cell, name) for cell in some) for name in ("calls", "true", "found")
            )
            found.append(Cell(some[0].seed, some[0].vessel_class, week, calls, true, tonnes, 0.0))
    return found


def _spread(cells: Sequence[Cell]) -> float:
    return float(np.sqrt(np.mean([cell.error**2 for cell in cells])))


def _share(cells: Sequence[Cell]) -> str:
    return f"{100 * np.mean([abs(cell.error) <= WITHIN for cell in cells]):.0f} %"


def _percent(value: float) -> str:
    return f"{100 * value:.1f} %"


if __name__ == "__main__":
    raise SystemExit(main())
