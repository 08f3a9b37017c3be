"""Column logic about time that several tables share. The session's time zone is UTC."""

from pyspark.sql import Column
from pyspark.sql import functions as F  # noqa: N812


def iso_week(moment: Column) -> Column:
    """Names the ISO 8601 week, with its ISO year, of a date or timestamp: 2021-01-03 is in `2020-W53`."""
    return F.format_string("%04d-W%02d", F.extract(F.lit("YEAROFWEEK"), moment), F.weekofyear(moment))


def monday_of(moment: Column) -> Column:
    """Gives the first day of the ISO week of a date or timestamp: 2021-01-03 is in the week of 2020-12-28."""
    return F.date_trunc("week", moment).cast("date")


def dates_between(first: Column, last: Column, step_days: int) -> Column:
    """Gives the dates from the first to the last, both included, so many days apart, as an array."""
    return F.sequence(first, last, F.expr(f"INTERVAL '{step_days}' DAY"))
