"""What ships carry through straits: the payload of the voyage that a transit belongs to."""

from typing import Final

import polars as pl

VOYAGE_COLUMNS: Final = (
    "voyage_id", "vessel_id", "origin_left_at_utc", "destination_entered_at_utc", "payload_departure_t",
    "payload_arrival_t",
)  # fmt: skip
"""What is needed of `silver.voyages`."""


def transit_payloads(transits: pl.DataFrame, voyages: pl.DataFrame) -> pl.DataFrame:
    """Adds to each transit the payload of the voyage on which the ship passed.

    It is that at the arrival which ended the voyage, else that at the departure. A transit between the calls of no
    voyage, or on one whose draughts are not known, has none.

    Args:
        transits: Columns `transit_id`, `vessel_id` and `entered_at_utc`.
        voyages: Columns of `VOYAGE_COLUMNS`.

    Returns:
        Columns `transit_id` and `payload_t` of the transits that have one, by identifier.
    """
    ends = voyages.select(
        "vessel_id",
        "voyage_id",
        "origin_left_at_utc",
        ends_at_utc="destination_entered_at_utc",
        payload_t=pl.coalesce("payload_arrival_t", "payload_departure_t"),
    )
    ended = ends.drop_nulls("ends_at_utc").sort("ends_at_utc", "vessel_id", "voyage_id")
    sailing = ends.filter(pl.col("ends_at_utc").is_null()).sort(
        "origin_left_at_utc", "vessel_id", "voyage_id"
    )
    ordered = transits.select("transit_id", "vessel_id", "entered_at_utc").sort(
        "entered_at_utc", "transit_id"
    )
    found = ordered.join_asof(
        ended, left_on="entered_at_utc", right_on="ends_at_utc", by="vessel_id", strategy="forward",
        check_sortedness=False,
    ).join_asof(
        sailing.select("vessel_id", "origin_left_at_utc", "payload_t"), left_on="entered_at_utc",
        right_on="origin_left_at_utc", by="vessel_id", strategy="backward", suffix="_sailing", check_sortedness=False,
    )  # fmt: skip
    is_on_ended = pl.col("ends_at_utc").is_not_null() & (
        pl.col("origin_left_at_utc").is_null() | (pl.col("origin_left_at_utc") <= pl.col("entered_at_utc"))
    )
    payload = pl.when(is_on_ended).then("payload_t").otherwise("payload_t_sailing")
    return found.select("transit_id", payload_t=payload).drop_nulls().sort("transit_id")
