"""Outage hours: what was heard of an area in each hour of a week, against what is usual there.

The method's rule finds all but a few outages, but it also takes for one each hour in which two ships happen to be
gone, and each in which a strait is closed. So an outage needs evidence (`transforms.coverage_evidence`).
An hour in which the feed has no message at all is an outage hour everywhere, with or without a baseline. A feed of few
ships is the exception: an hour that its own history shows to be usually empty cannot be assessed.
Source: methodology 8 and 11.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ais_indicators.geo.cell_parents import parent_cells
from ais_indicators.periods import DAYS_PER_WEEK, Week
from ais_indicators.rules import Rules
from ais_indicators.transforms.coverage_evidence import Heard, begins_of_silences, outage_and_observed
from ais_indicators.units import HOURS_PER_DAY

HOURS: Final = DAYS_PER_WEEK * HOURS_PER_DAY
EVERYWHERE: Final = 0
"""Area of the whole feed."""

HEARD, OUTAGE, UNCLEAR, NOT_ASSESSED = "heard", "outage", "unclear", "not_assessed"
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class _Baseline:
    """What is usual, shape (areas, 168) each.

    Attributes:
        messages: Median, not a number without any week.
        vessels: Median number of ships.
        weeks: Weeks in the medians.
    """

    messages: Floats
    vessels: Floats
    weeks: NDArray[np.int64]


def heard_by_area(message_hours: pl.DataFrame, week: Week, rules: Rules) -> pl.DataFrame:
    """Adds up messages and ships of a week by area and hour.

    Args:
        message_hours: Rows of `silver.message_hours` of the week.
        week: The week.
        rules: Rules of the lake's subject.

    Returns:
        Columns `area`, `hour_of_week`, `messages`, `vessels`, for cells, the wider cells that hold them, and the
        whole feed.
    """
    hour = ((pl.col("hour_utc") - pl.lit(week.start)).dt.total_hours()).cast(pl.Int32)
    of_cells = message_hours.select(
        pl.col("h3_res3").alias("area"), hour.alias("hour_of_week"), "messages", "vessels"
    )
    areas = [of_cells.with_columns(area=area) for area in areas_of(of_cells["area"], rules)]
    return (
        pl.concat(areas)
        .group_by("area", "hour_of_week")
        .agg(pl.col("messages", "vessels").sum())
        .sort("area", "hour_of_week")
    )


def areas_of(cells: pl.Series, rules: Rules) -> list[pl.Series]:
    """Returns the areas of a coverage assessment that contain each cell, smallest first."""
    finest = cells.to_numpy()
    wider = [parent_cells(finest, int(resolution)) for resolution in rules.coverage_wider_resolutions]
    everywhere = np.full(finest.size, EVERYWHERE, np.int64)
    return [pl.Series("area", values) for values in (finest, *wider, everywhere)]


def silent_hours(hours: pl.DataFrame) -> pl.Series:
    """Lists the hours of the week in which the whole feed has no message, those left out that usually have none.

    Args:
        hours: Rows of `silver.coverage_hours` of one week.
    """
    return hours.filter(area=EVERYWHERE, messages=0, hour_status=OUTAGE)["hour_of_week"].sort()


def coverage_hours(
    heard: pl.DataFrame, before: Sequence[pl.DataFrame], silences: pl.DataFrame, week: Week, rules: Rules
) -> pl.DataFrame:
    """Assesses each hour of each area.

    Args:
        heard: Result of `heard_by_area`.
        before: Rows of `silver.coverage_hours` of each of the trailing weeks that there is, the last one last.
        silences: Rows of `silver.silences` of the week and of the one before.
        week: The week.
        rules: Rules of the lake's subject.

    Returns:
        Rows of `silver.coverage_hours` without the week, in the order of its key.
    """
    known = [np.array([EVERYWHERE]), heard["area"].to_numpy(), *(b["area"].to_numpy() for b in before)]
    areas = np.unique(np.concatenate(known)).astype(np.int64)
    messages, vessels = (_grid(heard, areas, name) for name in ("messages", "vessels"))
    baseline = _baseline(before, areas)
    can = (baseline.weeks >= rules.min_baseline_weeks) & (
        baseline.messages >= float(rules.coverage_min_expected_messages)
    )
    is_low, is_quiet = _low_and_quiet(messages, baseline, can, rules)
    goes_on = _ended_in_outage(before, areas, week, rules)
    begins = begins_of_silences(silences, areas_of(silences["h3_res3"], rules), areas, week)
    of_hours = Heard(messages, vessels, baseline.messages, baseline.vessels, can, is_low, is_quiet, goes_on)
    is_outage, is_observed = outage_and_observed(of_hours, begins, areas, rules)
    is_silent = np.broadcast_to(_is_feed_out(messages[areas == EVERYWHERE][0], before, rules), messages.shape)
    status = np.select(
        [is_silent | (is_low & is_outage), is_observed, is_low, can],
        [OUTAGE, HEARD, UNCLEAR, HEARD],
        NOT_ASSESSED,
    )
    return pl.DataFrame(
        {
            "area": np.repeat(areas, HOURS),
            "hour_of_week": np.tile(np.arange(HOURS, dtype=np.int32), areas.size),
            "messages": messages.astype(np.int64).ravel(),
            "vessels": vessels.astype(np.int64).ravel(),
            "expected_messages": baseline.messages.ravel(),
            "expected_vessels": baseline.vessels.ravel(),
            "baseline_weeks": baseline.weeks.astype(np.int32).ravel(),
            "hour_status": status.ravel(),
        }
    ).with_columns(pl.col("expected_messages", "expected_vessels").fill_nan(None))


def _is_feed_out(messages: Floats, before: Sequence[pl.DataFrame], rules: Rules) -> Bools:
    """Returns whether the whole feed misses each hour of the week, shape (168,).

    An hour without a message does not count where most of the weeks before had none in it either: a feed of few ships.
    Only weeks with a message on each day show what is usual, so that days that nobody delivered do not become usual,
    and a day without any message is always missed.
    """
    of_feed = [rows.filter(area=EVERYWHERE).sort("hour_of_week")["messages"].to_numpy() for rows in before]
    complete = [week for week in of_feed if _has_day_messages(week).all()]
    is_empty: Bools = messages == 0
    if len(complete) < rules.min_baseline_weeks:
        return is_empty
    is_usual: Bools = 2 * (np.stack(complete) == 0).sum(axis=0) > len(complete)
    missed: Bools = is_empty & ~(is_usual & _has_day_messages(messages))
    return missed


def _has_day_messages(messages: NDArray[Any]) -> Bools:
    """Returns whether the UTC day of each hour of a week has a message, shape (168,)."""
    of_days = messages.reshape(-1, HOURS_PER_DAY).any(axis=1)
    return np.repeat(of_days, HOURS_PER_DAY)


def _grid(rows: pl.DataFrame, areas: NDArray[np.int64], column: str) -> Floats:
    """Returns values by area and hour, shape (areas, 168); 0 if there is no row."""
    grid = np.zeros((areas.size, HOURS))
    grid[np.searchsorted(areas, rows["area"].to_numpy()), rows["hour_of_week"].to_numpy()] = rows[column]
    return grid


def _baseline(before: Sequence[pl.DataFrame], areas: NDArray[np.int64]) -> _Baseline:
    """Returns medians over the trailing weeks, without outage hours and hours in which nothing was received."""
    nothing = np.full((areas.size, HOURS), np.nan)
    messages, vessels = [nothing], [nothing]
    for rows in before:
        ordered = rows.sort("area", "hour_of_week")
        places = np.searchsorted(areas, ordered["area"].to_numpy()[::HOURS])
        of_week = {name: _whole_grid(ordered[name]) for name in ("messages", "vessels")}
        is_outage = _whole_grid(ordered["hour_status"] == OUTAGE)
        of_feed = ordered["area"].to_numpy()[::HOURS] == EVERYWHERE
        came_in = ((of_week["messages"] > 0) & ~is_outage)[of_feed]
        for name, weeks in (("messages", messages), ("vessels", vessels)):
            values = np.where(came_in, 0.0, nothing)
            values[places] = np.where(is_outage | ~came_in, np.nan, of_week[name])
            weeks.append(values)
    stacked = np.stack(messages)
    return _Baseline(_medians(stacked), _medians(np.stack(vessels)), weeks=(~np.isnan(stacked)).sum(axis=0))


def _whole_grid(values: pl.Series) -> NDArray[Any]:
    """Returns values of rows in the order of area and hour, of which none is missing: shape (areas, 168)."""
    return values.to_numpy().reshape(-1, HOURS)


def _medians(weeks: Floats) -> Floats:
    """Returns medians over the first axis without what is missing; missing where all is."""
    ordered = np.sort(weeks, axis=0)  # what is missing comes last
    count = (~np.isnan(weeks)).sum(axis=0, keepdims=True)
    low, high = (
        np.take_along_axis(ordered, np.minimum(middle, len(weeks) - 1), axis=0)[0]
        for middle in (np.maximum(count - 1, 0) // 2, count // 2)
    )
    return np.asarray(np.where(count[0] > 0, (low + high) / 2.0, np.nan))


def _low_and_quiet(messages: Floats, baseline: _Baseline, can: Bools, rules: Rules) -> tuple[Bools, Bools]:
    """Returns assessed hours with too few messages, and hours that cannot be assessed with as few as those."""
    share = rules.coverage_outage_share
    is_low = can & (messages < share * np.where(can, baseline.messages, 0.0))
    is_quiet = ~can & (messages < share * float(rules.coverage_min_expected_messages))
    return is_low, is_quiet


def _ended_in_outage(
    before: Sequence[pl.DataFrame], areas: NDArray[np.int64], week: Week, rules: Rules
) -> Bools:
    """Returns whether each area was in an outage when the week before ended, one element per area."""
    if not before or before[-1]["week"][0] != week.plus(-1).name:
        return np.zeros(areas.size, np.bool_)
    rows = before[-1]
    floor = rules.coverage_outage_share * float(rules.coverage_min_expected_messages)
    quiet = (pl.col("hour_status") == NOT_ASSESSED) & (pl.col("messages") < floor)
    last = rows.filter(~quiet).sort("area", "hour_of_week").group_by("area").last()
    out = last.filter(pl.col("hour_status") == OUTAGE)["area"].to_numpy()
    return np.isin(areas, out)
