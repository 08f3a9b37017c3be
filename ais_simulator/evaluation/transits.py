"""Accuracy of transits, chokepoint by chokepoint, and errors by cause."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from ais_indicators.periods import Week
from ais_simulator.evaluation.matching import Matched, match
from ais_simulator.evaluation.truth import Truth

KEYS: Final = ("mmsi", "gate_code", "direction")
_ONE_WAY: Final = ["mmsi", "gate_code"]


@dataclass(frozen=True)
class TransitScores:
    """Scores of transits whose two sides are known.

    Attributes:
        matched: Those found and true.
        counted: Columns `gate_code`, `true`, `found`: transits that count, under the rule that a ship counts again
            after 48 h.
        causes: Number of missed and false events by cause, by `missed` and `false`.
    """

    matched: Matched
    counted: pl.DataFrame
    causes: Mapping[str, Mapping[str, int]]

    @property
    def by_gate(self) -> dict[str, Matched]:
        """Returns the result for each gate with a true or found transit."""
        parts = (self.matched.pairs, self.matched.missed, self.matched.false)
        codes = sorted({code for part in parts for code in part["gate_code"].unique().to_list()})
        return {code: Matched(*(part.filter(gate_code=code) for part in parts)) for code in codes}

    def plain(self) -> dict[str, Any]:
        """Returns scores in total and by gate."""
        counted = {row["gate_code"]: row for row in self.counted.to_dicts()}
        none = {"true": 0, "found": 0}
        return scores(self.matched) | {
            "by_gate": {
                code: scores(of)
                | {f"counted_{name}": counted.get(code, none)[name] for name in ("true", "found")}
                for code, of in self.by_gate.items()
            }
        }


def scores(matched: Matched) -> dict[str, Any]:
    """Computes precision, recall and the numbers behind them."""
    return {
        "precision": matched.precision,
        "recall": matched.recall,
        "true": matched.true,
        "found": matched.found,
    }


def assess_transits(truth: Truth, found: pl.DataFrame, week: Week | None = None) -> TransitScores:
    """Compares transits with the ground truth.

    Args:
        truth: The truth; its transits are those seen on both sides within the simulated weeks.
        found: `silver.chokepoint_transits`, of which the complete and the inferred ones are evaluated.
        week: Evaluate only transits that began in it.
    """
    assessed, seen = pl.lit(True), found.filter(pl.col("is_complete") | pl.col("is_inferred"))
    seen = seen.with_columns(began=pl.col("entered_at_utc"), ended=pl.col("left_at_utc"))
    if week is not None:
        assessed = pl.col("began").is_between(pl.lit(week.start), pl.lit(week.end), closed="left")
        seen = seen.filter(assessed)
    matched = match(truth.transits, seen, assessed, truth.span, KEYS)
    others = found.filter(~pl.col("is_complete"), ~pl.col("is_inferred"))
    incomplete = others.select(
        *_ONE_WAY, began="entered_at_utc", ended=pl.coalesce("left_at_utc", pl.lit(truth.span[1]))
    )
    causes = {
        "missed": _count(matched.missed, {"seen on one side only": incomplete, "taken for another": seen}),
        "false": _count(matched.false, {"wrong direction, or counted twice": truth.transits}),
    }
    true = truth.transits.filter(assessed)
    return TransitScores(matched, _counted(true, seen), causes)


def _counted(true: pl.DataFrame, seen: pl.DataFrame) -> pl.DataFrame:
    """Counts transits that count by gate, true and found."""
    of = [
        frame.filter("is_counted").group_by("gate_code").agg(pl.len().alias(name))
        for name, frame in (("true", true), ("found", seen))
    ]
    return of[0].join(of[1], on="gate_code", how="full", coalesce=True).fill_null(0).sort("gate_code")


def _count(events: pl.DataFrame, causes: Mapping[str, pl.DataFrame]) -> dict[str, int]:
    """Removes from the events those that each cause explains, one cause after the other."""
    counts = {}
    left = events.select(*_ONE_WAY, "began", "ended").with_row_index("event")
    for cause, explaining in causes.items():
        other = explaining.select(*_ONE_WAY, other_began="began", other_ended="ended")
        explained = left.join(other, on=_ONE_WAY).filter(
            (pl.col("other_began") <= pl.col("ended")) & (pl.col("other_ended") >= pl.col("began"))
        )
        counts[cause] = explained["event"].n_unique()
        left = left.join(explained, on="event", how="anti")
    counts["nothing there"] = left.height
    return {cause: count for cause, count in counts.items() if count}
