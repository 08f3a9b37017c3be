"""Task `identify_vessels`: static data of ships to their history, with their match in the register.

One row per ship and week is small enough for one machine's memory, so Spark is not needed.
"""

import hashlib
from dataclasses import dataclass

import polars as pl
import pyarrow as pa

from ais_indicators.contracts.types import arrow_schema
from ais_indicators.fold.identities import is_imo_number, name_ships
from ais_indicators.io.delta import active_files, commit, open_delta, read_rows
from ais_indicators.io.staging import stage
from ais_indicators.io.store import table_folder
from ais_indicators.io.vessel_registers import HISTORY, register_versions
from ais_indicators.io.vessel_registers import VESSELS as REGISTER
from ais_indicators.job import Job
from ais_indicators.periods import Week
from ais_indicators.rules import Rules, rules_hash
from ais_indicators.settings import Settings
from ais_indicators.tracking.vessel_evidence import REPORTS, index_of
from ais_indicators.transforms.vessels import match_register, vessel_history, weekly_matches

MATCHES = "silver.register_matches"
SIGNATURE_DIGITS = 16


@dataclass(frozen=True)
class IdentifiedVessels:
    """Result of the task.

    Attributes:
        is_new: False when nothing had changed.
        rows: Rows of `silver.vessels`.
        register_version: The register, or None.
    """

    is_new: bool
    rows: int
    register_version: str | None


def run(job: Job) -> IdentifiedVessels:
    """Rewrites the history of all ships if reports, the register or the rules changed."""
    settings = job.settings
    versions = register_versions(settings)
    version = versions[-1].version if versions else None
    signature = _signature(settings, version, job.rules)
    standing = active_files(open_delta(settings, HISTORY))
    if [file for file in standing if signature in file.path] and len(standing) == 1:
        return IdentifiedVessels(False, standing[0].rows, version)
    named = _named(settings, job.rules)
    register = pl.DataFrame(read_rows(settings, REGISTER, filters=[("register_version", "=", version or "")]))
    history = vessel_history(named)
    matched = history.with_columns(
        register_version=pl.lit(version, pl.String),
        register_match=match_register(history, register) if version else pl.lit(None, pl.String),
        imo_number=_trusted_imo(register, job.rules),
    )
    matches = weekly_matches(named, register) if version else None
    _replace(settings, MATCHES, matches, signature, version)
    _replace(settings, HISTORY, matched, signature, version)
    return IdentifiedVessels(True, matched.height, version)


def _named(settings: Settings, rules: Rules) -> pl.DataFrame:
    """Returns all static data, with the ship that sent them."""
    said = pl.DataFrame(read_rows(settings, REPORTS))
    weeks = {name: index_of(Week.parse(name)) for name in said["week"].unique().to_list()}
    numbered = said.with_columns(week_index=pl.col("week").replace_strict(weeks, return_dtype=pl.Int64))
    return name_ships(numbered, rules)


def _trusted_imo(register: pl.DataFrame, rules: Rules) -> pl.Expr:
    """Returns the IMO number if its check digit is right or the register has it, which outranks the digit."""
    number = pl.col("imo_number")
    is_true = is_imo_number(number) & ~number.is_in(rules.false_imo_numbers)
    return pl.when(is_true | number.is_in(register["imo_number"].drop_nulls().to_list())).then(number)


def _signature(settings: Settings, version: str | None, rules: Rules) -> str:
    paths = [file.path for file in active_files(open_delta(settings, REPORTS))]
    text = "\n".join([rules_hash(rules.subject), str(version), *paths])
    return hashlib.sha256(text.encode()).hexdigest()[:SIGNATURE_DIGITS]


def _replace(
    settings: Settings, table: str, rows: pl.DataFrame | None, signature: str, version: str | None
) -> None:
    """Replaces all rows of the table."""
    gone = active_files(open_delta(settings, table))
    added = []
    if rows is not None:
        full = rows.with_columns(register_version=pl.lit(version, pl.String))
        typed: pa.Table = full.select(arrow_schema(table).names).to_arrow()
        added.append(stage(table_folder(settings, table), table, typed, {}, signature))
    commit(settings, table, added, gone)
