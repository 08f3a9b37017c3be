"""Sources that give one draught a vessel and day, and what a draught dated midnight says of a call (methodology 9).

A thinned source shows a new draught from midnight UTC on, whenever the crew typed it in that day. So a vessel enters a
port with the draught of its voyage before, and the draught with which it came appears at the next midnight. One that
leaves reception before midnight has shown nothing of its departure.
"""

from typing import Final

import polars as pl

from ais_indicators.rules import Rules
from ais_indicators.units import (
    FIRST_MONDAY_SECOND,
    SECONDS_PER_DAY,
    SECONDS_PER_HOUR,
    SECONDS_PER_MINUTE,
    SECONDS_PER_WEEK,
)

_MIDNIGHTS: Final = ("midnight_in", "midnight_out")


def find_daily_weeks(reports: pl.DataFrame, rules: Rules) -> pl.Series:
    """Finds the weeks in which vessels change their draught at midnight alone.

    Changes count that were seen while the vessel was heard. Those of Monday's midnight do not, so that a week is
    assessed by its own reports.

    Args:
        reports: What `call_draughts.reports_of_ships` gives.
        rules: Rules of the lake's subject.

    Returns:
        Numbers of the weeks, in order.
    """
    heard_s = rules.arrival_report_minutes * SECONDS_PER_MINUTE
    near_s = rules.daily_report_midnight_minutes * SECONDS_PER_MINUTE
    week, second = _week(pl.col("first_at")), pl.col("first_at") % SECONDS_PER_DAY
    before = pl.col("first_at", "last_at", "draught_m").shift(1).over("vessel_id").name.prefix("before_")
    share = pl.col("is_midnight").mean()
    return (
        reports.sort("vessel_id", "first_at", "last_at", "draught_m")
        .with_columns(before)
        .filter(
            pl.col("draught_m") != pl.col("before_draught_m"),
            pl.col("first_at") - pl.col("before_last_at") <= heard_s,
            _week(pl.col("before_first_at")) == week,
        )
        .select(
            week=week,
            is_midnight=(second <= near_s) | (second >= SECONDS_PER_DAY - near_s),
        )
        .group_by("week")
        .agg(share=share, changes=pl.len())
        .filter(
            pl.col("changes") >= rules.min_changes_for_daily_reports,
            pl.col("share") >= rules.daily_report_share,
        )["week"]
        .sort()
    )


def with_daily_reports(calls: pl.DataFrame, daily_weeks: pl.Series, rules: Rules) -> pl.DataFrame:
    """Adds when the reports of a source that has one a day speak of a call.

    Args:
        calls: Columns `entry`, `leave` and `arrival_until` (until when a report is of the arrival), in epoch seconds.
        daily_weeks: What `find_daily_weeks` gives.
        rules: Rules of the lake's subject.

    Returns:
        The calls with `arrival_until_late` (the same as `arrival_until`, or after the midnight that the vessel still
        spent in port, long before it left) and `shown_from` (when a report shows what the departure changed).
    """
    grace = rules.arrival_report_minutes * SECONDS_PER_MINUTE
    before_leaving = rules.daily_report_before_departure_hours * SECONDS_PER_HOUR
    midnights = {
        name: (pl.col(end) // SECONDS_PER_DAY + 1) * SECONDS_PER_DAY
        for name, end in zip(_MIDNIGHTS, ("entry", "leave"), strict=True)
    }
    weeks = daily_weeks.to_list()
    in_daily, out_daily = (_week(pl.col(name)).is_in(weeks) for name in _MIDNIGHTS)
    stays = pl.col("leave") - pl.col("midnight_in") >= before_leaving
    late = pl.max_horizontal("arrival_until", pl.col("midnight_in") + grace)
    return (
        calls.with_columns(**midnights)
        .with_columns(
            arrival_until_late=pl.when(in_daily & stays).then(late).otherwise("arrival_until"),
            shown_from=pl.when(out_daily).then("midnight_out").otherwise("leave"),
        )
        .drop(_MIDNIGHTS)
    )


def _week(second: pl.Expr) -> pl.Expr:
    return (second - FIRST_MONDAY_SECOND) // SECONDS_PER_WEEK
