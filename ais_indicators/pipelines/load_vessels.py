"""Task `load_vessels`: loads a ship register (CSV or Parquet) as a version in the lake."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl
import pyarrow as pa

from ais_indicators.contracts.model import bound_value, load_contract
from ais_indicators.contracts.types import arrow_schema
from ais_indicators.errors import BadInputError, WrongUseError
from ais_indicators.io.reference_versions import NAME_DIGITS
from ais_indicators.io.vessel_registers import REGISTERS, VESSELS
from ais_indicators.job import Job
from ais_indicators.rules import Rules

COLUMNS: Final = {
    "imo": "imo_number",
    "mmsi": "mmsi",
    "name": "vessel_name",
    "class": "vessel_class",
    "operator": "operator",
    "dwt": "deadweight_t",
    "gt": "gross_tonnage",
    "length": "length_m",
    "width": "width_m",
    "design_draught": "design_draught_m",
    "displacement": "displacement_t",
}
"""Our column of each column of a register."""

TYPES: Final = {
    "imo_number": pl.Int64,
    "mmsi": pl.Int64,
    "vessel_name": pl.String,
    "vessel_class": pl.String,
    "operator": pl.String,
}
PARQUET: Final = b"PAR1"
SHOWN: Final = 5


@dataclass(frozen=True)
class LoadedVessels:
    """Result of loading.

    Attributes:
        version: Name of the version.
        is_new: False if the same content existed already.
        vessels: How many ships.
        problems: What was left out, by row.
    """

    version: str
    is_new: bool
    vessels: int
    problems: tuple[str, ...]


def run(job: Job) -> LoadedVessels:
    """Loads a register as a version; the same file again changes nothing.

    Raises:
        BadInputError: The file cannot be used.
        WrongUseError: Not one file is named, or the version's name belongs to another content.
    """
    if len(job.paths) != 1:
        raise WrongUseError("name one register file")
    settings, path = job.settings, job.paths[0]
    rows, problems, sha256 = read_register(path, job.rules)
    name = job.port_version or sha256[:NAME_DIGITS]
    is_new = REGISTERS.load(settings, name, lambda sequence: _as_table(rows, name, sequence))
    return LoadedVessels(name, is_new, rows.height, problems)


def read_register(path: Path, rules: Rules) -> tuple[pl.DataFrame, tuple[str, ...], str]:
    """Reads a register.

    Args:
        path: CSV or Parquet with some of the columns `imo, mmsi, name, class, operator, dwt, gt, length, width,
            design_draught, displacement`, whatever their case; of `imo` and `mmsi` at least one.
        rules: Rules of the lake's subject.

    Returns:
        Ships in the columns of `reference.vessels` with `row_number`; what was left out, by row; the file's hash.

    Raises:
        BadInputError: It is not there, is neither, or lacks the columns.
    """
    try:
        content = path.read_bytes()
        is_parquet = content.startswith(PARQUET)
        read = pl.read_parquet(content) if is_parquet else pl.read_csv(content, infer_schema=False)
    except (OSError, pl.exceptions.PolarsError) as error:
        problem = str(error).splitlines()[0]
        raise BadInputError(
            f"{path}: cannot be read as CSV or Parquet ({problem}); check the file"
        ) from error
    named = {name: COLUMNS[name.strip().lower()] for name in read.columns if name.strip().lower() in COLUMNS}
    if not {"imo_number", "mmsi"} & set(named.values()):
        raise BadInputError(
            f"{path.name}: has neither a column imo nor mmsi (it has {', '.join(read.columns)})"
        )
    typed = read.select(
        pl.int_range(1, pl.len() + 1).alias("row_number"),
        *(_typed(theirs, ours) for theirs, ours in named.items()),
        *(pl.lit(None, _type(ours)).alias(ours) for ours in COLUMNS.values() if ours not in named.values()),
    )
    kept, problems = _assess(typed, rules)
    return kept, tuple(problems), hashlib.sha256(content).hexdigest()


def _type(name: str) -> type[pl.DataType]:
    return TYPES.get(name, pl.Float64)


def _typed(theirs: str, ours: str) -> pl.Expr:
    """Converts a column to our type; what cannot be read is null. An IMO number can begin with `IMO`."""
    column = pl.col(theirs)
    if _type(ours) == pl.String:
        text = column.cast(pl.String).str.strip_chars()
        return pl.when(text != "").then(text).alias(ours)
    if ours in TYPES:
        return column.cast(pl.String).str.extract(r"(\d+)").cast(pl.Int64, strict=False).alias(ours)
    number = column.cast(pl.Float64, strict=False)
    return pl.when(number > 0).then(number).alias(ours)


def _assess(rows: pl.DataFrame, rules: Rules) -> tuple[pl.DataFrame, list[str]]:
    """Removes rows without a number, repeated ships and unknown classes; reports them by row."""
    imo = load_contract(VESSELS).column("imo_number")
    lowest, highest = bound_value(imo.minimum, rules), bound_value(imo.maximum, rules)
    classes = list(load_contract(VESSELS).column("vessel_class").one_of)
    number = pl.col("imo_number")
    rows = rows.with_columns(
        imo_number=pl.when(number.is_between(lowest, highest)).then(number),
        said_class=pl.col("vessel_class"),
        vessel_class=pl.when(pl.col("vessel_class").is_in(classes)).then(pl.col("vessel_class")),
    )
    key = pl.coalesce(pl.format("imo {}", "imo_number"), pl.format("mmsi {}", "mmsi"))
    keyed = rows.with_columns(key=key)
    without = keyed.filter(pl.col("key").is_null())
    again = keyed.filter(pl.col("key").is_not_null() & ~pl.col("key").is_first_distinct())
    odd = keyed.filter(pl.col("said_class").is_not_null() & pl.col("vessel_class").is_null())
    problems = [
        *_named("has neither an IMO number nor an MMSI and is omitted", without),
        *_named("repeats a ship and is omitted", again),
        *_named(f"has a class other than {', '.join(classes)}, and counts without a class", odd),
    ]
    kept = keyed.filter(pl.col("key").is_not_null() & pl.col("key").is_first_distinct())
    return kept.drop("key", "said_class"), problems


def _named(problem: str, rows: pl.DataFrame) -> list[str]:
    """Describes a kind of problem in one sentence, with the first affected rows."""
    if rows.is_empty():
        return []
    first = ", ".join(str(number) for number in rows["row_number"].head(SHOWN).to_list())
    more = f" and {rows.height - SHOWN} more" if rows.height > SHOWN else ""
    return [f"row {first}{more}: {problem}"]


def _as_table(rows: pl.DataFrame, version: str, sequence: int) -> pa.Table:
    full = rows.with_columns(register_version=pl.lit(version), sequence=pl.lit(sequence, pl.Int32))
    schema = arrow_schema(VESSELS)
    return full.select(schema.names).to_arrow().cast(schema)
