"""Finds jamming: hours in which far more messages of a cell than usual have no usable position.

Source: methodology 8.
"""

import polars as pl

from ais_indicators.rules import Rules

_KEY = ["h3_res3", "hour_utc"]


def losses_by_hour(losses: pl.DataFrame, heard: pl.DataFrame) -> pl.DataFrame:
    """Adds up messages with and without a position by cell and hour.

    Args:
        losses: Rows of `silver.position_losses`.
        heard: Rows of `silver.message_hours` of the same weeks.

    Returns:
        Columns `h3_res3`, `hour_utc`, `lost`, `messages` (with those lost) and `vessels` (that lost their position);
        one row per cell and hour with messages.
    """
    lost = (
        losses.drop_nulls("h3_res3")
        .group_by(_KEY)
        .agg(
            lost=(pl.col("not_available_messages") + pl.col("invalid_messages")).sum(),
            vessels=pl.col("mmsi").n_unique().cast(pl.Int64),
        )
    )
    accepted = heard.group_by(_KEY).agg(pl.col("messages").sum())
    both = accepted.join(lost, on=_KEY, how="full", coalesce=True).with_columns(
        pl.col("messages", "lost", "vessels").fill_null(0)
    )
    return both.with_columns(pl.col("messages") + pl.col("lost")).sort(_KEY)


def usual_loss_rates(by_hour: pl.DataFrame) -> pl.DataFrame:
    """Returns the share of messages without a position of each cell: columns `h3_res3` and `usual_rate`.

    Args:
        by_hour: What `losses_by_hour` returns of the trailing weeks.
    """
    added = by_hour.group_by("h3_res3").agg(pl.col("lost", "messages").sum())
    return added.select("h3_res3", usual_rate=pl.col("lost") / pl.col("messages"))


def jammed_hours(by_hour: pl.DataFrame, usual: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Returns the rows of the hours in which a cell was jammed.

    In a cell that was not heard in the weeks before, the minimum rate alone decides.

    Args:
        by_hour: What `losses_by_hour` returns of a week.
        usual: What `usual_loss_rates` returns of the weeks before it.
        rules: Rules of the lake's subject.
    """
    rate = pl.col("lost") / pl.col("messages")
    return (
        by_hour.join(usual, on="h3_res3", how="left", maintain_order="left")
        .filter(
            pl.col("vessels") >= rules.interference_min_vessels,
            rate >= rules.jamming_min_rate,
            rate >= rules.jamming_factor * pl.col("usual_rate").fill_null(0.0),
        )
        .drop("usual_rate")
    )
