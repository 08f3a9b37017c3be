"""Port calls of vessels that change their MMSI in port."""

from typing import Final

import polars as pl

from ais_indicators.rules import Rules
from ais_indicators.units import MICROSECONDS_PER_SECOND, SECONDS_PER_HOUR

_MICROSECONDS_PER_HOUR: Final = SECONDS_PER_HOUR * MICROSECONDS_PER_SECOND


def continued_calls(calls: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Joins the calls of a vessel that changed its MMSI in port: one track ends inside, another begins there.

    The rows stay two, so that a week's values rest on no later week: the first is continued when the second begins,
    and the second has the hours since the first one's arrival, and its certainty.

    Args:
        calls: Port calls, columns of `port_activity.CALL_COLUMNS`.
        rules: Rules of the lake's subject.

    Returns:
        The calls with `continued_at_utc`: when the vessel was first seen there under its next MMSI, else null.
    """
    berth, order = ["vessel_id", "port_locode"], ["first_seen_at_utc", "last_seen_at_utc", "track_id"]
    before = {name: pl.col(name).shift(1).over(berth) for name in ("track_id", "departed_at_utc")}
    silence = pl.col("first_seen_at_utc") - pl.col("last_seen_at_utc").shift(1).over(berth)
    continues = (
        pl.col("arrived_at_utc").is_null()
        & before["departed_at_utc"].is_null()
        & (before["track_id"] != pl.col("track_id"))
        & (silence <= pl.duration(hours=rules.mmsi_change_silence_hours))
    ).fill_null(False)
    linked = calls.sort(*berth, *order).with_columns(continues=continues)
    stay = [*berth, "chain"]
    arrived = pl.col("arrived_at_utc").first().over(stay)
    left_at = pl.when("exit_after_gap").then("last_seen_at_utc").otherwise("departed_at_utc")
    lasted = (left_at - arrived).dt.total_microseconds() / _MICROSECONDS_PER_HOUR
    hours = pl.when(pl.col("departed_at_utc").is_not_null()).then(lasted)
    return (
        linked.with_columns(chain=(~pl.col("continues")).cast(pl.Int64).cum_sum().over(berth))
        .with_columns(
            stop_hours=pl.col("stop_hours").cum_sum().over(stay),
            stay_hours=pl.when("continues").then(hours).otherwise("stay_hours"),
            confidence=pl.when(pl.col("continues") & arrived.is_not_null())
            .then(pl.col("confidence") + 1)
            .otherwise("confidence"),
            continued_at_utc=pl.col("first_seen_at_utc").shift(-1).over(stay),
        )
        .drop("continues", "chain")
    )
