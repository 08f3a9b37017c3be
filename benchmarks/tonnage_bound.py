"""`python -m benchmarks.tonnage_bound`: how right tonnes of forgotten draughts can be at best.

On the oceans of `benchmarks.tonnage` (`standard`, the last weeks with the weeks before as history) oracles are
evaluated on the same class-weeks as the estimator. They know what no method can: the ships' trades, the calls of the
whole time, how often crews forget, and the very odds by which the simulator draws cargo
(`benchmarks.cargo_posterior`). Their tonnes are the expected ones given all that, so nobody's mean squared error is
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
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple
from unittest import mock

import numpy as np
import polars as pl
from scipy.stats import norm

from ais_indicators.periods import Period, Week
from ais_indicators.rules import rule
from ais_indicators.transforms import missing_draughts
from ais_simulator.evaluation.tonnes import TRADING, assess_tonnes
from ais_simulator.ocean.fleet import Trade, build_trade
from ais_simulator.scenario import load_scenario
from benchmarks.cargo_posterior import Call, Knows, Ship, expected_ashore, work_hours
from benchmarks.provenance import add_options, begin, write_page
from benchmarks.silent_sea import SilentSea, sail
from benchmarks.tables import table
from benchmarks.tonnage import FIRST_SEED, FIRST_WEEK, STANDARD, assess

OURS, INFORMED = "ours", "ours, informed"
WITHIN, SURE = 0.10, 0.95
SAME_M: Final = 0.0501
SAME_CARGO_M: Final = 0.002
JUST_BEFORE_S: Final = 60.0  # times of the truth are rounded to seconds
UNSEEN: Final = ""
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
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tonnage_bound", description=__doc__)
    parser.add_argument("--ships", type=int, default=300)
    parser.add_argument("--weeks", type=int, default=8, help="weeks that are evaluated")
    parser.add_argument("--history", type=int, default=12, help="weeks before them")
    parser.add_argument("--seeds", type=int, nargs="+", default=list(range(FIRST_SEED, FIRST_SEED + 20)))
    add_options(parser)
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
    ships = _ships(sea, seed)
    chains = _chains(sea)
    found = {
        OURS: _cells(assess(sea, weeks), seed),
        INFORMED: _cells(_assess_informed(sea, chains, weeks), seed),
    }
    for knows in Knows:
        voyages = _oracle(sea, ships, chains, knows)
        draws = pl.DataFrame(
            schema={"voyage_id": pl.String(), "draw": pl.Int32(), "net_load_t": pl.Float64()}
        )
        number, share = int(rule("imputation_draws")), float(rule("interval_share"))
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


class TrueCall(NamedTuple):
    """A true call, with the draughts with which the ship came and left where they were typed in.

    The truth has no calls that were too short to be any; such a call has no times here.
    """

    port_locode: str
    began: datetime | None
    ended: datetime | None
    berthed_s: float | None
    unberthed_s: float | None
    came_m: float | None
    left_m: float | None
    not_m: float | None
    sent_m: float | None
    is_retyped: bool


def _chains(sea: SilentSea) -> dict[int, list[TrueCall]]:
    """Each trading ship's calls with cargo, in order."""
    calls = (
        sea.truth.calls.filter(
            pl.col("imo").is_not_null(), pl.col("payload_arrival_t").is_not_null(),
            pl.col("vessel_class").is_in(TRADING),
        )
        .sort("imo", "berthed_at_utc")
        .with_columns(pl.col(f"{end}_at_utc").dt.epoch("s").cast(pl.Float64) for end in ("berthed", "unberthed"))
    )  # fmt: skip
    reports = sea.reports.select(
        "imo_number", "draught_m", pl.col("first_seen_at_utc", "last_seen_at_utc").dt.epoch("s")
    )
    typed = {
        int(of["imo_number"][0]): of.sort("first_seen_at_utc") for of in reports.partition_by("imo_number")
    }
    return {
        int(of["imo"][0]): _chain(of.to_dicts(), _Typed(typed.get(int(of["imo"][0]), reports.head(0))))
        for of in calls.partition_by("imo")
    }


class _Typed:
    """What a crew typed in."""

    def __init__(self, reports: pl.DataFrame) -> None:
        self._since = reports["first_seen_at_utc"].to_numpy()
        self._until = reports["last_seen_at_utc"].to_numpy()
        self._draughts = reports["draught_m"].to_numpy()

    def sent(self, at_s: float) -> float | None:
        """What was sent just before; None for nothing."""
        place = int(np.searchsorted(self._since, at_s - JUST_BEFORE_S)) - 1
        goes_on = place >= 0 and (not np.isfinite(at_s) or self._until[place] >= at_s - 2 * JUST_BEFORE_S)
        return float(self._draughts[place]) if goes_on else None

    def if_true(
        self, since_s: float, until_s: float, true_m: float | None, last: bool = True
    ) -> float | None:
        """What was sent at the end of a time, or at any of its moments, if that was true."""
        first, end = np.searchsorted(self._since, [since_s - JUST_BEFORE_S, until_s - JUST_BEFORE_S])
        sent = self._draughts[max(0, first - 1) : end][-1 if last else 0 :]
        true_calls = (
            [] if true_m is None else [value for value in sent.tolist() if abs(value - true_m) <= SAME_M]
        )
        return true_calls[-1] if true_calls else None


def _chain(calls: Sequence[Mapping[str, Any]], typed: _Typed) -> list[TrueCall]:
    found = []
    for one, following in zip(calls, [*calls[1:], None], strict=True):
        left_s, true_m = one["unberthed_at_utc"], one["draught_departure_m"]
        times = one["began"], one["ended"], one["berthed_at_utc"], left_s
        came_m = typed.if_true(0.0, left_s or np.inf, one["draught_arrival_m"])
        if left_s is None:
            found.append(TrueCall(one["port_locode"], *times, came_m, None, None, None, False))
            continue
        until_s = (following["unberthed_at_utc"] if following else None) or np.inf
        is_next = following is None or abs(following["draught_arrival_m"] - true_m) < SAME_CARGO_M
        left_m = typed.if_true(left_s, until_s, true_m, last=is_next)
        sent_m, before_m = typed.sent(until_s) if is_next else left_m, typed.sent(left_s)
        is_retyped = sent_m is not None and (sent_m != before_m or not is_next)
        not_m = sent_m if left_m is None and is_next else None
        found.append(TrueCall(one["port_locode"], *times, came_m, left_m, not_m, sent_m, is_retyped))
        if following is not None and not is_next:
            between_m = typed.if_true(left_s, until_s, following["draught_arrival_m"])
            found.append(
                TrueCall(
                    UNSEEN, None, None, None, left_s, None, between_m, None, between_m, between_m is not None
                )
            )
    return found


def _ships(sea: SilentSea, seed: int) -> dict[int, Ship]:
    numbers = sea.hulls.ships.with_columns(
        imo=pl.col("vessel_id").str.strip_prefix("imo-").cast(pl.Int64)
    ).join(
        sea.reports.select("track_id", imo=pl.col("imo_number").cast(pl.Int64)).unique(), on="imo"
    )  # fmt: skip
    found = {}
    for row in numbers.to_dicts():
        trade: Trade = build_trade(int(row["track_id"]), seed)
        sizes = (
            row[name]
            for name in ("length_m", "width_m", "deadweight_t", "design_draught_m", "displacement_t")
        )
        found[int(row["imo"])] = Ship(row["register_class"], trade, *sizes)
    return found


def _oracle(
    sea: SilentSea, ships: Mapping[int, Ship], chains: Mapping[int, Sequence[TrueCall]], knows: Knows
) -> pl.DataFrame:  # fmt: skip
    """Voyages as `assess_tonnes` takes them, with expected tonnes."""
    faults = load_scenario(STANDARD).faults
    rows = []
    for imo, true_calls in chains.items():
        known = [one for one in true_calls if one.unberthed_s is not None]
        if not known:
            continue
        goals = [*(one.port_locode for one in true_calls[1:]), None]
        calls = [
            Call(one.port_locode, _hours(one), one.left_m, one.not_m, one.sent_m, one.is_retyped, goal)
            for one, goal in zip(known, goals, strict=False)
        ]
        moments = expected_ashore(ships[imo], known[0].came_m, calls, knows, faults)
        rows += [
            (imo, one.port_locode, one.began, *moment)
            for one, *moment in zip(known, *(of.tolist() for of in moments), strict=True)
            if one.port_locode != UNSEEN
        ]
    schema = (
        "imo",
        "destination_locode",
        "destination_arrived_at_utc",
        "tonnes_unloaded",
        "variance",
        "with_next",
    )
    expected = pl.DataFrame(rows, schema=list(schema), orient="row")
    sailed = sea.truth.voyages.select(
        "imo", "origin_locode", "vessel_class", "destination_locode", destination_arrived_at_utc="arrived_at_utc"
    )  # fmt: skip
    keys = ["imo", "destination_locode", "destination_arrived_at_utc"]
    week = pl.col("destination_arrived_at_utc").dt.strftime("%G-W%V")
    is_same_week = (week == week.shift(-1)) & (pl.col("imo") == pl.col("imo").shift(-1))
    return expected.join(sailed, on=keys, maintain_order="left").select(
        "vessel_class", "origin_locode", "destination_locode", "destination_arrived_at_utc", "tonnes_unloaded",
        variance=pl.col("variance") + 2.0 * pl.when(is_same_week).then("with_next").otherwise(0.0),
        vessel_id=pl.format("imo-{}", "imo"),
        week=week,
        counts_for_trade=pl.lit(True),
        origin_call_id=pl.lit(1, pl.Int64),
        voyage_id=pl.format("{}-{}", "imo", "destination_arrived_at_utc"),
        measurement_sd_t=pl.lit(0.0),
        support_sd_t=pl.lit(0.0),
        guess_unloaded_t=pl.lit(0.0),
        guess_unloaded_sd_t=pl.lit(0.0),
    )  # fmt: skip


def _hours(one: TrueCall) -> float | None:
    if one.berthed_s is None or one.unberthed_s is None:
        return None
    return work_hours(one.berthed_s, one.unberthed_s, one.port_locode)


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

    def true_calls(calls: pl.DataFrame) -> pl.DataFrame:
        marked = calls.join(forgotten, on=names[:3], how="left", maintain_order="left")
        share = pl.col("is_forgotten").cast(pl.Float64).fill_null(pl.col("share"))
        return pl.concat([usual(calls), marked.select("is_forgotten")], how="horizontal").select(
            "forgotten", share=share, share_sd=pl.lit(0.0), relative=pl.lit(1.0), unchanged_is_forgotten=share
        )

    with mock.patch.object(missing_draughts, "forgotten_shares", true_calls):
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
