"""The history of ships under their MMSIs, and how the register knows them: small tables, in polars."""

from typing import Final

import polars as pl
from pyais.util import get_country

ATTRIBUTES: Final = ("imo_number", "vessel_name", "call_sign", "ais_ship_type", "length_m", "width_m")
"""What a report says of the ship itself."""

MATCHES: Final = ("imo", "mmsi_name", "none")
UNKNOWN_FLAG: Final = "NA"
"""What pyais gives for digits that are no state's; Namibia has the same code, and its digits are 659."""

NAMIBIA: Final = 659
_SHIP: Final = ["mmsi", "vessel_id"]


def vessel_history(named: pl.DataFrame) -> pl.DataFrame:
    """Returns one row per period in which a ship under an MMSI reported the same static data.

    Args:
        named: One row what was said in a week in equal words: `mmsi, vessel_id, week`, columns of `ATTRIBUTES`,
            `messages, first_seen_at_utc, last_seen_at_utc`.

    Returns:
        Columns of `silver.vessels` without those of the register, in the order of its key.
    """
    weekly = named.group_by(*_SHIP, "week").agg(
        pl.col("messages").sum(), pl.col("first_seen_at_utc").min(), pl.col("last_seen_at_utc").max()
    )
    for name in ATTRIBUTES:
        weekly = weekly.join(_said_most(named, name), on=[*_SHIP, "week"], how="left")
    ordered = weekly.sort(*_SHIP, "week").with_columns(pl.col(ATTRIBUTES).forward_fill().over(_SHIP))
    changed = pl.any_horizontal(
        pl.col(name).ne_missing(pl.col(name).shift(1).over(_SHIP)) for name in ATTRIBUTES
    )
    is_first = pl.int_range(pl.len()).over(_SHIP) == 0
    episodes = (
        ordered.with_columns(episode=(changed | is_first).cum_sum())
        .group_by(*_SHIP, "episode", maintain_order=True)
        .agg(
            *(pl.col(name).first() for name in ATTRIBUTES),
            pl.col("messages").sum(),
            pl.col("first_seen_at_utc").min().alias("valid_from_utc"),
            pl.col("last_seen_at_utc").max(),
        )
    )
    return _with_ends(episodes).sort("mmsi", "vessel_id", "valid_from_utc")


def match_register(vessels: pl.DataFrame, register: pl.DataFrame) -> pl.Series:
    """Returns how each ship is found in a register: by IMO number, by MMSI and name, or not at all.

    Args:
        vessels: Columns `imo_number, mmsi, vessel_name`; an IMO number counts here whatever its check digit.
        register: Columns of `reference.vessels`.
    """
    imos = register["imo_number"].drop_nulls().unique()
    pairs = (
        register.filter(pl.col("mmsi").is_not_null() & pl.col("vessel_name").is_not_null())
        .select("mmsi", name=_plain("vessel_name"), is_pair=pl.lit(True))
        .unique()
    )
    found = vessels.select("imo_number", "mmsi", name=_plain("vessel_name")).join(
        pairs, on=["mmsi", "name"], how="left", maintain_order="left"
    )
    return found.select(
        register_match=pl.when(pl.col("imo_number").is_in(imos.to_list()))
        .then(pl.lit("imo"))
        .when(pl.col("is_pair"))
        .then(pl.lit("mmsi_name"))
        .otherwise(pl.lit("none"))
    ).to_series()


def weekly_matches(named: pl.DataFrame, register: pl.DataFrame) -> pl.DataFrame:
    """Returns how many ships of each week were found in which way; the best way of each ship counts.

    Args:
        named: As for `vessel_history`.
        register: As for `match_register`.
    """
    kinds = pl.Enum(MATCHES)
    ships = (
        named.with_columns(match_register(named, register).cast(kinds))
        .group_by("week", "vessel_id")
        .agg(pl.col("register_match").min())
    )
    weeks = ships.select("week").unique().join(pl.DataFrame({"register_match": MATCHES}), how="cross")
    counted = ships.group_by("week", pl.col("register_match").cast(pl.String)).agg(
        vessels=pl.len().cast(pl.Int64)
    )
    return (
        weeks.join(counted, on=["week", "register_match"], how="left")
        .with_columns(pl.col("vessels").fill_null(0))
        .with_columns(share=pl.col("vessels") / pl.col("vessels").sum().over("week"))
        .sort("week", "register_match")
    )


def flag_of(mmsi: int) -> str | None:
    """Returns ISO code of the flag state of an MMSI, by its first three digits (ITU, as pyais lists them).

    >>> flag_of(366053209), flag_of(659000001), flag_of(299000001)
    ('US', 'NA', None)
    """
    code: str = get_country(mmsi)[0]
    is_known = code != UNKNOWN_FLAG or mmsi // 10**6 == NAMIBIA
    return code if is_known else None


def _said_most(named: pl.DataFrame, name: str) -> pl.DataFrame:
    """Returns the value of an attribute in most messages of a ship and week: of equals the latest, then the least."""
    return (
        named.filter(pl.col(name).is_not_null())
        .group_by(*_SHIP, "week", name)
        .agg(pl.col("messages").sum(), pl.col("last_seen_at_utc").max())
        .sort(
            *_SHIP,
            "week",
            "messages",
            "last_seen_at_utc",
            name,
            descending=[False, False, False, True, True, False],
        )
        .unique([*_SHIP, "week"], keep="first", maintain_order=True)
        .select(*_SHIP, "week", name)
    )


def _with_ends(episodes: pl.DataFrame) -> pl.DataFrame:
    """Returns when each episode ended: with the next of the ship, or when another ship took the MMSI over."""
    of_number = pl.col("last_seen_at_utc").max().over("mmsi")
    of_ship = pl.col("last_seen_at_utc").max().over(_SHIP)
    following = pl.col("valid_from_utc").shift(-1).over(_SHIP, order_by="episode")
    flags = {mmsi: flag_of(mmsi) for mmsi in episodes["mmsi"].unique().to_list()}
    return episodes.with_columns(
        valid_to_utc=pl.when(following.is_not_null())
        .then(following)
        .when(of_ship < of_number)
        .then(pl.col("last_seen_at_utc")),
        flag_iso2=pl.col("mmsi").replace_strict(flags, return_dtype=pl.String),
    ).drop("episode", "last_seen_at_utc")


def _plain(name: str) -> pl.Expr:
    """Returns a name without case, blanks and signs."""
    return pl.col(name).str.to_uppercase().str.replace_all("[^A-Z0-9]", "")
