"""Input of all descriptions of an exported CSV file: its contract, and what is found in the file itself."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

import polars as pl

from ais_indicators.contracts.code_names import code_names
from ais_indicators.contracts.measures import is_coordinate
from ais_indicators.contracts.model import Column, Contract
from ais_indicators.periods import DAYS_PER_WEEK, Week
from ais_indicators.publish.publication import Publication

_LENGTH: Final = "number of rows"
_DAILY: Final = "daily"
_NUMBERS: Final = ("double", "long")


@dataclass(frozen=True)
class DescribedFile:
    """One exported CSV file.

    Attributes:
        name: Its name.
        contract: What one row is, and its columns.
        rows: How many rows it has.
        series: How many series: keys without their time.
        first_day: First day of its first period; None where it has no row.
        last_day: Last day of its last period.
        sha256: Of its bytes.
        size_bytes: Its size.
        units: Units of its values, sorted; those that it could have where it has no row.
    """

    name: str
    contract: Contract
    rows: int
    series: int
    first_day: date | None
    last_day: date | None
    sha256: str
    size_bytes: int
    units: tuple[str, ...]

    @property
    def stem(self) -> str:
        """Returns its name without the ending."""
        return self.name.removesuffix(".csv")

    @property
    def title(self) -> str:
        """Returns its title for people: `Port activity weekly`."""
        return self.stem.replace("_", " ").capitalize()

    def is_measure(self, column: Column) -> bool:
        """Returns whether a column holds a measure: the value, or in a wide file each number next to the key."""
        if "value" in self.contract.column_names:
            return column.name == "value"
        return column.type in _NUMBERS and not is_coordinate(column)


@dataclass(frozen=True)
class Package:
    """The files of one export.

    Attributes:
        files: Its CSV files with data.
        publication: Who publishes them.
        attributions: Texts that the sources require.
        notes: What a reader must know about the values.
        published_at: When the newest of the releases was published.
    """

    files: Sequence[DescribedFile]
    publication: Publication
    attributions: Sequence[str]
    notes: Sequence[str]
    published_at: datetime

    @property
    def description(self) -> str:
        """Describes the values, with everything that a reader must know."""
        return " ".join(
            [
                "Experimental indicators of ports, chokepoints and trade from ship-tracking data (AIS).",
                *self.notes,
            ]
        )


def describe_file(path: Path, contract: Contract) -> DescribedFile:
    """Collects from a file what its descriptions need.

    Args:
        path: A CSV file with a header.
        contract: What its columns mean; columns that the file lacks are not described.
    """
    rows = pl.scan_csv(path, infer_schema=False)
    found = _found(rows)
    contract = _as_found(contract, found, rows)
    time = next(name for name in ("week", "date") if name in contract.key)
    others = [name for name in contract.key if name != time]
    first, last = _days(rows, time, is_daily=contract.table.endswith(_DAILY))
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return DescribedFile(
        name=path.name,
        contract=contract,
        rows=found.rows,
        series=_collected(rows.select(others).unique().select(pl.len())).item()
        if others
        else min(found.rows, 1),
        first_day=first,
        last_day=last,
        sha256=digest,
        size_bytes=path.stat().st_size,
        units=_units(rows, contract),
    )


def codes_of(column: Column) -> dict[str, str]:
    """Returns the name of each code that a column can hold; nothing without a list.

    A former code has its current name.
    """
    names = code_names(column.name) if column.one_of else {}
    return {code: names[column.renamed_codes.get(code, code)] for code in column.one_of}


@dataclass(frozen=True)
class _Found:
    """Rows of a file, and the number of missing values of each column, in order."""

    rows: int
    without: dict[str, int]


def _found(rows: pl.LazyFrame) -> _Found:
    counted = _collected(rows.select(pl.all().null_count(), pl.len().alias(_LENGTH))).row(0, named=True)
    return _Found(counted.pop(_LENGTH), counted)


def _collected(rows: pl.LazyFrame) -> pl.DataFrame:
    """What is asked of a file, read in pieces: it may be larger than memory."""
    return rows.collect(engine="streaming")


def _as_found(contract: Contract, found: _Found, rows: pl.LazyFrame) -> Contract:
    """Returns the contract as a file follows it: earlier builds lack columns or values, or have former codes."""
    columns = [
        one.model_copy(
            update={
                "nullable": one.nullable or found.without[one.name] > 0,
                "one_of": (*one.one_of, *_former_codes(one, rows)),
            }
        )
        for name in found.without
        for one in contract.columns
        if one.name == name
    ]
    key = tuple(name for name in contract.key if name in found.without)
    return contract.model_copy(update={"columns": tuple(columns), "key": key})


def _former_codes(column: Column, rows: pl.LazyFrame) -> list[str]:
    """Returns the codes of earlier builds that a column of the file holds."""
    if not column.former_codes:
        return []
    held = set(_collected(rows.select(pl.col(column.name).unique())).to_series())
    return [code for code in column.renamed_codes if code in held]


def _days(rows: pl.LazyFrame, time: str, is_daily: bool) -> tuple[date | None, date | None]:
    """Returns the first and last day of the periods of a file: weeks by name or by their Monday, or days."""
    times = pl.col(time)
    first, last = _collected(rows.select(first=times.min(), last=times.max())).row(0)
    if first is None:
        return None, None
    if time == "week":
        return Week.parse(first).monday, Week.parse(last).days[-1]
    further = timedelta() if is_daily else timedelta(days=DAYS_PER_WEEK - 1)
    return date.fromisoformat(first), date.fromisoformat(last) + further


def _units(rows: pl.LazyFrame, contract: Contract) -> tuple[str, ...]:
    if "unit" in contract.column_names:
        found = sorted(_collected(rows.select("unit").unique()).to_series().drop_nulls())
        return tuple(found or sorted(contract.column("unit").one_of))
    return tuple(sorted({column.unit for column in contract.columns if column.unit}))
