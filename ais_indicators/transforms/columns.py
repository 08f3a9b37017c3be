"""Column logic that several tables share: of time, in UTC as the session, and of sums."""

from typing import Final

from pyspark.sql import Column
from pyspark.sql import functions as F  # noqa: N812

EXACT: Final = "decimal(38, 6)"
"""Amounts up to a hundred thousand billion billion billion; adding decimals loses nothing."""


def iso_week(moment: Column) -> Column:
    """Names the ISO 8601 week, with its ISO year, of a date or timestamp: 2021-01-03 is in `2020-W53`."""
    return F.format_string("%04d-W%02d", F.extract(F.lit("YEAROFWEEK"), moment), F.weekofyear(moment))


def monday_of(moment: Column) -> Column:
    """Gives the first day of the ISO week of a date or timestamp: 2021-01-03 is in the week of 2020-12-28."""
    return F.date_trunc("week", moment).cast("date")


def dates_between(first: Column, last: Column, step_days: int) -> Column:
    """Gives the dates from the first to the last, both included, so many days apart, as an array."""
    return F.sequence(first, last, F.expr(f"INTERVAL '{step_days}' DAY"))


def exact_sum(amount: Column) -> Column:
    """Sum of amounts, the same in whatever order Spark comes upon the rows; sums of doubles are not.

    Amounts are rounded to a millionth of their unit.
    """
    return F.sum(amount.cast(EXACT)).cast("double")
