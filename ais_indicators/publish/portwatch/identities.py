"""Sums that must hold in PortWatch's columns."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from ais_indicators.errors import BadInputError
from ais_indicators.publish.portwatch.layout import (
    CARGO,
    DRY,
    OBJECT_ID,
    TANKER,
    UNSPECIFIED,
    Layout,
    Measure,
)

SHOWN: Final = 3
Row = Mapping[str, Any]
_PARTS_OF_DATE: Final = {
    "year": pl.col("date").dt.year(),
    "month": pl.col("date").dt.month(),
    "day": pl.col("date").dt.day(),
}


@dataclass(frozen=True)
class Identity:
    """One sum: the column `total` is the sum of `parts`.

    Attributes:
        total: The column.
        parts: Its summands.
    """

    total: str
    parts: tuple[str, ...]

    @property
    def is_broken(self) -> pl.Expr:
        """Returns rows in which all are given and the sum differs."""
        given = pl.all_horizontal(pl.col(name).is_not_null() for name in (self.total, *self.parts))
        return given & (pl.col(self.total) != sum_of(self.parts))

    def sentence(self, row: Row) -> str:
        """Describes the fault of a row."""
        parts = " + ".join(f"{name} {row[name]}" for name in self.parts)
        return f"{self.total} {row[self.total]} is not {parts}"


def sum_of(names: Iterable[str]) -> pl.Expr:
    """Adds from left to right; missing if a summand is missing."""
    first, *others = (pl.col(name) for name in names)
    for other in others:
        first = first + other
    return first


def identities_of(layout: Layout) -> list[Identity]:
    """Returns the sums that must hold in a file: cargo from its classes, the total from cargo and tankers."""
    return [one for measure in layout.measures for one in _identities(measure)]


def _identities(measure: Measure) -> list[Identity]:
    cargo = tuple(measure.column(one) for one in (*DRY, UNSPECIFIED))
    return [
        Identity(measure.column(CARGO), cargo),
        Identity(measure.total, (measure.column(CARGO), measure.column(TANKER))),
    ]


def broken_identities(rows: pl.DataFrame, layout: Layout) -> list[str]:
    """Describes each row and sum that does not hold, and columns and keys that are not PortWatch's.

    Args:
        rows: Rows of the file, as they were read from it or are to be written.
        layout: Which file.
    """
    if rows.columns != list(layout.columns):
        return [f"{layout.name}: the columns are {', '.join(rows.columns)}"]
    if rows.is_empty():  # rows read from a file have no types
        return []
    wrong: list[tuple[pl.Expr, Callable[[Row], str]]] = [
        (one.is_broken, one.sentence) for one in identities_of(layout)
    ]
    wrong.append((pl.struct("date", "portid").is_duplicated(), lambda _: "more than one row"))
    is_other = pl.col(OBJECT_ID) != pl.int_range(1, pl.len() + 1)
    wrong.append((is_other, lambda row: f"{OBJECT_ID} {row[OBJECT_ID]} is not the number of the row"))
    wrong += [(pl.col(name) != of_date, _date_sentence(name)) for name, of_date in _PARTS_OF_DATE.items()]
    return [
        f"{row['portid']} {row['date']}: {sentence(row)}"
        for is_wrong, sentence in wrong
        for row in rows.filter(is_wrong).iter_rows(named=True)
    ]


def _date_sentence(name: str) -> Callable[[Row], str]:
    return lambda row: f"{name} {row[name]} is another"


def see_that_it_adds_up(rows: pl.DataFrame, layout: Layout) -> None:
    """Raises an error if a sum does not hold.

    Raises:
        BadInputError: Something does not.
    """
    broken = broken_identities(rows, layout)
    if broken:
        more = f" and {len(broken) - SHOWN} more" if len(broken) > SHOWN else ""
        raise BadInputError(f"{layout.name} does not add up: {'; '.join(broken[:SHOWN])}{more}")
