"""Zero is a value: rows of observed places where nothing happened, and what has no value without an event.

A place of the week's references is observed once the feed has messages in its own cell of resolution 3, or an event
there, within the rule's weeks up to and including the week. It then has rows of 0 over all classes and for each class
seen there in these weeks. A place that the feed never reaches has no rows: a file of all ports of the world with the
feed of one coast does not fill tables with zeros. Source: methodology 10.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl

from ais_indicators.periods import Week
from ais_indicators.rules import Rules
from ais_indicators.week_windows import trailing_weeks

TOTAL: Final = "_T"
NOT_APPLICABLE: Final = "M"
"""Status of a median or share without anything to take it over; SDMX has the code."""

_WEEK, _CLASS = "week", "vessel_class"


def classes_seen(events: pl.DataFrame, place: str, weeks: Sequence[Week], rules: Rules) -> pl.DataFrame:
    """Lists the classes of which an event was seen at a place in each week or the weeks that count before it.

    Args:
        events: Columns `vessel_class`, the place, `first_seen_at_utc` and `last_seen_at_utc`.
        place: Column with the place.
        weeks: The weeks.
        rules: Rules of the lake's subject.

    Returns:
        Columns `week`, the place and `vessel_class`, in this order and sorted.
    """
    first, last = pl.col("first_seen_at_utc"), pl.col("last_seen_at_utc")
    seen = [
        events.filter(first < week.end, last >= trailing_weeks(week, rules)[0].start).select(
            pl.lit(week.name).alias(_WEEK), place, _CLASS
        )
        for week in weeks
    ]
    return pl.concat(seen).unique().sort(_WEEK, place, _CLASS)


def observed_places(
    coverage: pl.DataFrame, seen: pl.DataFrame, place: str, weeks: Sequence[Week], rules: Rules
) -> pl.DataFrame:
    """Lists the places of each week's references that were observed by then.

    Args:
        coverage: Columns `week`, `place_code` and `cell_messages` of the weeks and those that count before them.
        seen: What `classes_seen` returns.
        place: Its column with the place.
        weeks: The weeks.
        rules: Rules of the lake's subject.

    Returns:
        Columns `week` and the place, sorted.
    """
    of_weeks = []
    for week in weeks:
        names = [one.name for one in trailing_weeks(week, rules)]
        heard = coverage.filter(pl.col(_WEEK).is_in(names), pl.col("cell_messages") > 0)["place_code"]
        events = seen.filter(pl.col(_WEEK) == week.name)[place]
        reached = pl.concat([heard, events]).unique()
        here = coverage.filter(pl.col(_WEEK) == week.name, pl.col("place_code").is_in(reached.implode()))
        of_weeks.append(here.select(_WEEK, pl.col("place_code").alias(place)))
    return pl.concat(of_weeks).unique().sort(_WEEK, place)


def with_zero_rows(
    rows: pl.DataFrame,
    cells: pl.DataFrame,
    units: Mapping[str, str],
    without_events: Sequence[str],
    final: pl.Expr,
) -> pl.DataFrame:
    """Adds the rows of observed places and classes without an event.

    Args:
        rows: Observations; all key columns but `indicator` are in `cells`.
        cells: Columns of the key without `indicator`: places, with the classes seen there.
        units: Unit of each indicator that such a cell has.
        without_events: Indicators that are not applicable without an event; the others are 0.
        final: Status of a value by its week: A or P.
    """
    key = [*cells.columns, "indicator"]
    indicators = pl.DataFrame({"indicator": list(units), "unit": list(units.values())})
    is_void = pl.col("indicator").is_in(list(without_events))
    added = (
        cells.join(indicators, how="cross")
        .join(rows.select(key), on=key, how="anti")
        .with_columns(
            value=pl.when(~is_void).then(0.0),
            obs_status=pl.when(is_void).then(pl.lit(NOT_APPLICABLE)).otherwise(final),
            conf_status=pl.lit("F"),
        )
    )
    return pl.concat([rows, added.select(rows.columns)])


def with_totals(places: pl.DataFrame, seen: pl.DataFrame, place: str, over_places: bool) -> pl.DataFrame:
    """Crosses observed places with their classes and the total over them.

    Args:
        places: What `observed_places` returns.
        seen: What `classes_seen` returns.
        place: Column with the place.
        over_places: Whether the table has totals over all places.

    Returns:
        Columns `week`, the place and `vessel_class`, one row per cell of the table.
    """
    cells = places.join(seen, on=[_WEEK, place], how="inner").select(_WEEK, place, _CLASS)
    cells = pl.concat([cells, places.with_columns(pl.lit(TOTAL).alias(_CLASS))])
    if over_places:
        of_all = cells.select(_WEEK, pl.lit(TOTAL).alias(place), _CLASS)
        cells = pl.concat([cells, of_all])
    return cells.unique().sort(_WEEK, place, _CLASS)


def without_events(
    rows: pl.DataFrame, key: Sequence[str], sums: Mapping[str, str], ratios: Mapping[str, str | None]
) -> pl.DataFrame:
    """Sets sums over no event to 0, and flags medians and shares over none as not applicable.

    Args:
        rows: Observations with `indicator` and `value`.
        key: Columns that name a cell of the table.
        sums: Indicator that counts the events by sum.
        ratios: The same of medians and shares; None where a null value is always one without an event.

    Returns:
        The rows with `is_applicable`.
    """
    counted = {**sums, **{name: base for name, base in ratios.items() if base is not None}}
    indicator, value = pl.col("indicator"), pl.col("value")
    events = pl.coalesce(
        pl.when(indicator.is_in([n for n, b in counted.items() if b == base])).then(
            value.filter(indicator == base).first().over(list(key))
        )
        for base in sorted(set(counted.values()))
    )
    always = [name for name, base in ratios.items() if base is None]
    has_none = value.is_null() & ((events == 0).fill_null(False) | indicator.is_in(always))
    is_sum = indicator.is_in(list(sums))
    return rows.with_columns(
        value=pl.when(has_none & is_sum).then(0.0).otherwise(value), is_applicable=~(has_none & ~is_sum)
    )
