"""Versions of the ship register."""

import hashlib
from dataclasses import dataclass
from typing import Final

import polars as pl

from ais_indicators.io.delta import read_rows
from ais_indicators.io.reference_versions import Reference
from ais_indicators.settings import Settings

VESSELS: Final = "reference.vessels"
HISTORY: Final = "silver.vessels"
REGISTERS: Final = Reference(VESSELS, "register_version", "sequence", "row_number", "register")
SIZES: Final = ("length_m", "width_m", "deadweight_t", "design_draught_m", "displacement_t")


@dataclass(frozen=True)
class RegisterVersion:
    """One version.

    Attributes:
        version: Its name.
        sequence: Place in the order of loading.
        vessels: Number of ships.
    """

    version: str
    sequence: int
    vessels: int


def register_versions(settings: Settings) -> list[RegisterVersion]:
    """Returns the loaded versions, oldest first."""
    return [RegisterVersion(*row.values()) for row in REGISTERS.count(settings, ([], "count_all"))]


@dataclass(frozen=True)
class KnownShips:
    """Ships of the newest register, by our vessel identifiers.

    Attributes:
        ships: Columns `vessel_id`, `register_class`, `gross_tonnage`, `deadweight_t` and `operator`, one row per ship,
            sorted.
        signature: Changes with any of it.
    """

    ships: pl.DataFrame
    signature: str


@dataclass(frozen=True)
class KnownHulls:
    """Known sizes of ships.

    Attributes:
        ships: Columns `vessel_id, register_class, register_match` and those of `SIZES`, one row per ship of the
            register with our vessel identifier.
        register: The register's ships: `vessel_class` and the columns of `SIZES`.
        said: Length and width as other ships reported them: `vessel_id, valid_from_utc, said_length_m, said_width_m`.
        signature: Changes with the register and with what it knows by name.
    """

    ships: pl.DataFrame
    register: pl.DataFrame
    said: pl.DataFrame
    signature: str


def known_hulls(settings: Settings) -> KnownHulls:
    """Reads sizes: the newest register's by IMO number or by MMSI and name, and those that other ships reported."""
    versions = register_versions(settings)
    version = versions[-1].version if versions else ""
    register = pl.DataFrame(read_rows(settings, VESSELS, filters=[("register_version", "=", version)]))
    history = pl.DataFrame(read_rows(settings, HISTORY))
    columns = {"register_class": pl.col("vessel_class"), **{name: pl.col(name) for name in SIZES}}
    by_imo = register.filter(pl.col("imo_number").is_not_null()).select(
        pl.format("imo-{}", "imo_number").alias("vessel_id"), **columns, register_match=pl.lit("imo")
    )
    named = history.filter(
        (pl.col("register_version") == version) & (pl.col("register_match") == "mmsi_name")
    )
    by_name = (
        named.select("mmsi", "vessel_id")
        .join(register, on="mmsi")
        .sort("vessel_id", "row_number")
        .select("vessel_id", **columns, register_match=pl.lit("mmsi_name"))
    )
    ships = pl.concat([by_imo, by_name]).unique("vessel_id", keep="first", maintain_order=True)
    said = (
        history.join(ships, on="vessel_id", how="anti")
        .select("vessel_id", "valid_from_utc", said_length_m="length_m", said_width_m="width_m")
        .drop_nulls("said_length_m")
        .sort("valid_from_utc", "vessel_id", "said_length_m", "said_width_m")
    )
    words = "\n".join([version, *(str(row) for row in by_name.rows())])
    return KnownHulls(
        ships.sort("vessel_id"),
        register.select("vessel_class", *SIZES),
        said,
        hashlib.sha256(words.encode()).hexdigest(),
    )


def known_ships(settings: Settings) -> KnownShips:
    """Reads the ships: by IMO number from the register, by MMSI and name from the history of ships.

    So data of a ship with an IMO number depend only on the register, and do not change with new messages.
    """
    versions = register_versions(settings)
    version = versions[-1].version if versions else ""
    register = pl.DataFrame(read_rows(settings, VESSELS, filters=[("register_version", "=", version)]))
    columns = {"register_class": pl.col("vessel_class")} | {
        name: pl.col(name) for name in ("gross_tonnage", "deadweight_t", "operator")
    }
    by_imo = register.filter(pl.col("imo_number").is_not_null()).select(
        pl.format("imo-{}", "imo_number").alias("vessel_id"), **columns
    )
    history = pl.DataFrame(
        read_rows(settings, HISTORY, ["mmsi", "vessel_id", "register_version", "register_match"])
    )
    named = history.filter(
        (pl.col("register_version") == version) & (pl.col("register_match") == "mmsi_name")
    )
    by_name = named.join(register, on="mmsi").sort("vessel_id", "row_number").select("vessel_id", **columns)
    ships = (
        pl.concat([by_imo, by_name]).unique("vessel_id", keep="first", maintain_order=True).sort("vessel_id")
    )
    words = "\n".join([version, *(str(row) for row in by_name.rows())])
    return KnownShips(ships, hashlib.sha256(words.encode()).hexdigest())
