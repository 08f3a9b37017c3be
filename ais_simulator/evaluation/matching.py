"""Matches found events with true events."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import polars as pl

SLACK: Final = timedelta(minutes=15)
"""Events that miss each other by this much are one: a passage can be between two messages."""

EVENT: Final = ("mmsi", "port_locode")
"""Columns that a true and a found event of one kind must share."""


@dataclass(frozen=True)
class Matched:
    """Result for one kind of event.

    Attributes:
        pairs: One row per event that is true and was found: the true one's columns, those of the found one with
            `_found` at their end.
        missed: True events that were not found.
        false: Found events that are not true, or a second time.
    """

    pairs: pl.DataFrame
    missed: pl.DataFrame
    false: pl.DataFrame

    @property
    def true(self) -> int:
        """Returns the number of true events."""
        return self.pairs.height + self.missed.height

    @property
    def found(self) -> int:
        """Returns the number of found events."""
        return self.pairs.height + self.false.height

    @property
    def precision(self) -> float | None:
        """Returns the share of the found events that are true; None without any."""
        return self.pairs.height / self.found if self.found else None

    @property
    def recall(self) -> float | None:
        """Returns the share of the true events that were found; None without any."""
        return self.pairs.height / self.true if self.true else None


def match(
    true: pl.DataFrame,
    found: pl.DataFrame,
    assessed: pl.Expr,
    span: tuple[datetime, datetime],
    keys: Sequence[str] = EVENT,
) -> Matched:
    """Pairs true and found events of one ship's number at one place, each at most once, the longest overlap first.

    Args:
        true: The keys, `began, ended` and any others; null ends are outside the span.
        found: The keys and `began, ended`, ends known.
        assessed: Which true events count. The others are not misses, and what was found of them is not false.
        span: Time span of the ground truth.
        keys: Columns in which a pair agrees.
    """
    first, end = (pl.lit(moment).dt.cast_time_unit("us") for moment in span)
    numbered = true.with_row_index("true_row").with_columns(
        from_=pl.coalesce("began", first), to=pl.coalesce("ended", end), is_assessed=assessed
    )
    seen = found.with_row_index("found_row")
    overlap = pl.min_horizontal("to", "ended_found") - pl.max_horizontal("from_", "began_found")
    candidates = (
        numbered.join(seen, on=list(keys), suffix="_found")
        .with_columns(overlap=overlap)
        .filter(pl.col("overlap") >= -SLACK)
        .sort("overlap", "true_row", "found_row", descending=[True, False, False])
    )
    rows = _greedy(candidates)
    pairs = candidates.join(rows, on=["true_row", "found_row"], how="semi")
    missed = numbered.filter("is_assessed").join(pairs, on="true_row", how="anti")
    false = seen.join(pairs, on="found_row", how="anti")
    return Matched(
        pairs.filter("is_assessed").sort("true_row"), missed.sort("true_row"), false.sort("found_row")
    )


def _greedy(candidates: pl.DataFrame) -> pl.DataFrame:
    """Selects the candidates in order, each true and each found event once."""
    taken: list[tuple[int, int]] = []
    true_rows: set[int] = set()
    found_rows: set[int] = set()
    for true_row, found_row in candidates.select("true_row", "found_row").iter_rows():
        if true_row not in true_rows and found_row not in found_rows:
            taken.append((true_row, found_row))
            true_rows.add(true_row)
            found_rows.add(found_row)
    schema = {"true_row": candidates.schema["true_row"], "found_row": candidates.schema["found_row"]}
    return pl.DataFrame(taken, schema=schema, orient="row")
