"""Whether the vessels that should be heard are heard: the sender part of coverage, next to that of the receivers.

A vessel that nobody hears for 12 h or more after a fix is silent in the cell of that fix. Its hours count while the
receivers heard the cell, at most for some days. Vessels also sail out of range and switch off at berth, and the first
release of a week cannot know who will be heard again: so only silent vessel-hours above the usual ones count.

In cells at the edge of reception vessels are lost all the time, and a vessel that goes dark at sea is not lost there:
wider areas add up only cells in which vessels are rarely lost. An area whose usual weeks vary so much that one of them
would look dark has no sender index. Source: methodology 8, point 4; the conditions are ours.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ais_indicators.geo.cell_parents import cell_resolutions
from ais_indicators.periods import Week
from ais_indicators.rules import Rules
from ais_indicators.transforms.coverage import HOURS, areas_of
from ais_indicators.transforms.coverage_places import missing_hours
from ais_indicators.units import HOURS_PER_DAY, SECONDS_PER_HOUR

Floats = NDArray[np.float64]

HEARD, SILENT, USUAL, SENDER_INDEX = (
    "heard_vessel_hours",
    "silent_vessel_hours",
    "usual_silent_vessel_hours",
    "sender_index",
)
DARK: Final = "silent_vessels"
_MEASURES: Final = (HEARD, SILENT, DARK)
_SILENCE: Final = {"mmsi": pl.Int64, "h3_res3": pl.Int64, "first": pl.Int64, "end": pl.Int64}


def silence_weeks(rules: Rules) -> int:
    """Returns weeks before a week in which a silence can begin that counts in it."""
    return -(-rules.dark_longest_days * HOURS_PER_DAY // HOURS)


def vessel_silences(spells: pl.DataFrame, week: Week, rules: Rules) -> pl.DataFrame:
    """Finds the silences that touch a week, as they are known when it ends.

    Args:
        spells: Rows of `silver.heard_spells` of the week and of the `silence_weeks` before it.
        week: The week.
        rules: Rules of the lake's subject.

    Returns:
        Columns `mmsi`, `h3_res3`, `silent_from_utc`, and `first` and `end`: the hours since the week's begin that a
        silence covers in full, within the days that count.
    """
    until = pl.col("silent_until_utc")
    begin = pl.col("heard_until_utc")
    hours = ((until - begin).dt.total_seconds() / SECONDS_PER_HOUR).alias("hours")
    longest = pl.col("first") + rules.dark_longest_days * HOURS_PER_DAY
    return (
        spells.sort("mmsi", "heard_from_utc")
        .with_columns(
            silent_until_utc=pl.col("heard_from_utc").shift(-1).over("mmsi").fill_null(pl.lit(week.end))
        )
        .filter(hours >= rules.dark_silence_hours, until > week.start)
        .with_columns(
            first=_hours_since(begin, week, up=True),
            end=_hours_since(until, week, up=False),
            silent_from_utc=begin,
        )
        .with_columns(end=pl.min_horizontal("end", longest))
        .filter(pl.col("end") > 0)
        .select(*_SILENCE, "silent_from_utc")
        .cast(_SILENCE)  # type: ignore[arg-type]
    )


def _hours_since(time: pl.Expr, week: Week, up: bool) -> pl.Expr:
    """Returns full hours since the week's begin, below 0 before it."""
    hours = (time - pl.lit(week.start)).dt.total_seconds() / SECONDS_PER_HOUR
    return (hours.ceil() if up else hours.floor()).cast(pl.Int64)


def without_interfered(silences: pl.DataFrame, displaced: pl.DataFrame) -> pl.DataFrame:
    """Leaves out silences in which the vessel was heard at a false position: it did send.

    Args:
        silences: What `vessel_silences` returns.
        displaced: Columns `mmsi` and `last_at_utc` of stretches of false positions.
    """
    rows = silences.with_row_index("silence")
    heard = rows.join(displaced.select("mmsi", "last_at_utc"), on="mmsi", how="inner").filter(
        pl.col("last_at_utc") >= pl.col("silent_from_utc"),
        pl.col("last_at_utc") < pl.col("silent_from_utc") + pl.duration(hours=_length()),
    )
    return rows.join(heard, on="silence", how="anti").drop("silence")


def _length() -> pl.Expr:
    """Returns hours of a silence, with the parts of an hour at its ends."""
    return pl.col("end") - pl.col("first") + 2


def count_silent_hours(silences: pl.DataFrame, hours: Sequence[pl.DataFrame], rules: Rules) -> pl.DataFrame:
    """Counts the silent hours of each silence that receivers did not cause; arguments of `cell_senders`.

    Returns:
        Columns `mmsi`, `area` and `silent_vessel_hours`, one row each silence with such hours.
    """
    cells = silences["h3_res3"].unique().sort()
    missing = _missing(hours, cells, rules)
    before = missing.shape[1] - HOURS
    place = cells.search_sorted(silences["h3_res3"]).to_numpy()
    first, end = (silences[name].to_numpy() for name in ("first", "end"))
    # Receivers that fail make vessels fall silent, which is not the vessels' doing.
    begin = np.clip(first + before, 1, missing.shape[1] - 1)
    is_cut_off = missing[place, begin - 1] | missing[place, begin]
    total = np.pad(np.cumsum(~missing[:, before:], axis=1), ((0, 0), (1, 0)))
    counted = total[place, np.clip(end, 0, HOURS)] - total[place, np.clip(first, 0, HOURS)]
    return (
        silences.select("mmsi", area="h3_res3")
        .with_columns(pl.Series(SILENT, np.where(is_cut_off, 0, counted), pl.Int64))
        .filter(pl.col(SILENT) > 0)
    )


def cell_senders(
    message_hours: pl.DataFrame, silences: pl.DataFrame, hours: Sequence[pl.DataFrame], rules: Rules
) -> pl.DataFrame:
    """Adds up vessel-hours heard and silent by cell.

    Args:
        message_hours: Rows of `silver.message_hours` of the week.
        silences: What `vessel_silences` returns.
        hours: Rows of `silver.coverage_hours` of the weeks before that count, without a row where there is none, and of
            the week.
        rules: Rules of the lake's subject.

    Returns:
        Columns `area`, `heard_vessel_hours`, `silent_vessel_hours` and `silent_vessels`, in the order of the cells.
    """
    heard = message_hours.group_by(area="h3_res3").agg(pl.col("vessels").sum().alias(HEARD))
    silent = (
        count_silent_hours(silences, hours, rules)
        .group_by("area")
        .agg(pl.col(SILENT).sum(), pl.col("mmsi").n_unique().cast(pl.Int64).alias(DARK))
    )
    return (
        heard.join(silent, on="area", how="full", coalesce=True)
        .with_columns(pl.col(*_MEASURES).fill_null(0))
        .select("area", *_MEASURES)
        .sort("area")
    )


def silent_by_vessel(
    silences: pl.DataFrame, hours: Sequence[pl.DataFrame], before: Sequence[pl.DataFrame], rules: Rules
) -> pl.DataFrame:
    """Adds up the silent hours of each vessel in the wider areas, as `sender_weeks` does over all vessels.

    Args:
        silences: What `vessel_silences` returns.
        hours: As in `cell_senders`.
        before: As in `sender_weeks`.
        rules: Rules of the lake's subject.

    Returns:
        Columns `area`, `mmsi`, `silent_vessel_hours`, and `silent_vessels`: the cells in which it was silent.
    """
    cells = count_silent_hours(silences, hours, rules).group_by("area", "mmsi").agg(pl.col(SILENT).sum())
    inner = _inner_cells([_only_cells(rows, rules).select("area", *_MEASURES) for rows in before], rules)
    counted = cells if inner is None else cells.filter(pl.col("area").is_in(inner.implode()))
    wider = [counted.with_columns(area=area) for area in areas_of(counted["area"], rules)[1:]]
    sums = pl.concat([cells.clear(), *wider]).group_by("area", "mmsi")
    return sums.agg(pl.col(SILENT).sum(), pl.len().cast(pl.Int64).alias(DARK)).sort("area", "mmsi")


def _missing(hours: Sequence[pl.DataFrame], cells: pl.Series, rules: Rules) -> NDArray[np.bool_]:
    """Returns hours in which the cells were not heard, shape (cells, 168 a week)."""
    nothing = np.zeros((cells.len(), HOURS), np.bool_)
    return np.concatenate([missing_hours(of, cells, rules) if of.height else nothing for of in hours], axis=1)


def sender_weeks(cells: pl.DataFrame, before: Sequence[pl.DataFrame], rules: Rules) -> pl.DataFrame:
    """Takes the sender index of each cell, of the wider cells and of the whole feed.

    Args:
        cells: What `cell_senders` returns.
        before: Rows of `silver.sender_weeks` of each of the trailing weeks that there is.
        rules: Rules of the lake's subject.

    Returns:
        Rows of `silver.sender_weeks` without the week, in the order of its key.
    """
    of_cells = [_only_cells(rows, rules).select("area", *_MEASURES) for rows in before]
    inner = _inner_cells(of_cells, rules)
    weeks = [*(_added_up(rows, inner, rules) for rows in of_cells), _added_up(cells, inner, rules)]
    areas = pl.concat([rows.select("area") for rows in weeks]).unique().sort("area")
    grids = {name: np.stack([_of_areas(rows, areas, name) for rows in weeks]) for name in _MEASURES}
    was_low = [_of_areas(rows, areas, SENDER_INDEX) < rules.sender_low_index for rows in before]
    usual, resolves = _usual(grids, np.array(was_low, np.bool_).reshape(len(before), areas.height), rules)
    heard, silent = grids[HEARD][-1], grids[SILENT][-1]
    due = heard + np.maximum(silent - usual, 0.0)
    is_edge = _is_edge(areas["area"], inner, rules)
    has_index = resolves & ~is_edge & (due > 0)
    index = np.divide(heard, due, out=np.full(areas.height, np.nan), where=has_index)
    return areas.with_columns(
        *(pl.Series(name, grids[name][-1]).cast(pl.Int64) for name in _MEASURES),
        pl.Series(USUAL, usual),
        pl.Series(SENDER_INDEX, index),
    ).with_columns(pl.col(USUAL, SENDER_INDEX).fill_nan(None))


def _only_cells(rows: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    resolution = cell_resolutions(rows["area"].to_numpy())
    return rows.filter(resolution == rules.coverage_cell_resolution)


def _inner_cells(of_cells: Sequence[pl.DataFrame], rules: Rules) -> pl.Series | None:
    """Returns the cells in which vessels are rarely lost; None if the weeks are too few to know."""
    if len(of_cells) < rules.min_baseline_weeks:
        return None
    sums = pl.concat(of_cells).group_by("area").agg(pl.col(HEARD, SILENT).sum())
    return sums.filter(pl.col(SILENT) <= rules.dark_usual_share * pl.col(HEARD))["area"].sort()


def _is_edge(areas: pl.Series, inner: pl.Series | None, rules: Rules) -> NDArray[np.bool_]:
    is_cell = cell_resolutions(areas.to_numpy()) == rules.coverage_cell_resolution
    is_inner = np.zeros(areas.len(), np.bool_) if inner is None else areas.is_in(inner.implode()).to_numpy()
    edge: NDArray[np.bool_] = is_cell & ~is_inner
    return edge


def _added_up(cells: pl.DataFrame, inner: pl.Series | None, rules: Rules) -> pl.DataFrame:
    """Measures of the cells of a week, and of the wider areas over their inner cells."""
    counted = cells if inner is None else cells.filter(pl.col("area").is_in(inner.implode()))
    wider = [counted.with_columns(area=area) for area in areas_of(counted["area"], rules)[1:]]
    return pl.concat([cells, *wider]).group_by("area").agg(pl.col(*_MEASURES).sum())


def _of_areas(rows: pl.DataFrame, areas: pl.DataFrame, column: str) -> Floats:
    """Returns values of a column by area: 0 for a measure without a row, not a number for an index."""
    empty = 0.0 if column in _MEASURES else float("nan")
    joined = areas.join(rows.select("area", column), on="area", how="left", maintain_order="left")
    return joined[column].cast(pl.Float64).fill_null(empty).to_numpy()


def _usual(
    grids: dict[str, Floats], was_low: NDArray[np.bool_], rules: Rules
) -> tuple[Floats, NDArray[np.bool_]]:
    """Returns the usual silent vessel-hours of each area, and whether its usual weeks are steady enough for an index.

    Weeks in which the area was dark are left out. One vessel more or less, silent all week, is the least that weeks
    vary by.
    """
    weeks = len(was_low)
    silent = np.where(was_low, np.nan, grids[SILENT][:weeks])
    heard = np.where(was_low, np.nan, grids[HEARD][:weeks])
    enough = (~was_low).sum(axis=0) >= rules.min_baseline_weeks
    usual, varies, usually_heard = (np.full(enough.size, np.nan) for _ in range(3))
    usual[enough] = np.nanmedian(silent[:, enough], axis=0)
    usually_heard[enough] = np.nanmedian(heard[:, enough], axis=0)
    varies[enough] = np.nanvar(silent[:, enough], axis=0)
    deviation = np.sqrt(np.maximum(varies, (usual + HOURS) * HOURS))
    far = rules.dark_usual_deviations * deviation
    low = rules.sender_low_index
    with np.errstate(invalid="ignore"):
        resolves: NDArray[np.bool_] = usually_heard >= low * (usually_heard + far)
    return usual, resolves
