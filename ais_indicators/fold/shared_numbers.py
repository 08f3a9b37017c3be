"""Assigns static reports to tracks where vessels share an MMSI (methodology 3).

A static report has no position, and a vessel under way sends its position far more often than a moored one. So the
nearest position in time favours the busier track for every report, and the share of each vessel's reports that are
nearest to a track decides, jointly for all tracks of the MMSI.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from ais_indicators.fold.identities import NO_TRACK, REPORT_SCHEMA, Said, name_ships
from ais_indicators.fold.records import Records, Thresholds
from ais_indicators.rules import Rules

Places = NDArray[np.int64]
_REPORT: Final = "report"


@dataclass(frozen=True)
class TrackPoints:
    """Times at which the tracks of MMSIs were heard.

    Attributes:
        mmsi: MMSI of each point, shape (points,), as the other arrays.
        track_id: Its track.
        second: Its time in epoch seconds.
    """

    mmsi: Places
    track_id: Places
    second: Places


def assign_tracks(
    week_index: int,
    mmsi: Places,
    second: Places,
    said: Said,
    points: TrackPoints,
    earlier: pl.DataFrame,
    rules: Rules,
) -> Places:
    """Assigns the static reports of one day to the tracks of their MMSI.

    Reports stay without a track where the MMSI has one track that said nothing before, so that all they say counts
    for the MMSI, and where they do not name a vessel.

    Args:
        week_index: Week of the day.
        mmsi: MMSI of each report, shape (n,), as `second`.
        second: Its time in epoch seconds.
        said: What each report said.
        points: Times at which the tracks were heard; tracks that are stubs are left out.
        earlier: Reports of the weeks before, columns of `REPORT_SCHEMA`.
        rules: Rules of the lake's subject.

    Returns:
        Track of each report, shape (n,); `NO_TRACK` for none.
    """
    assigned = np.full(mmsi.size, NO_TRACK, np.int64)
    week, oldest = pl.col("week_index"), week_index - rules.class_mode_weeks
    recent = earlier.filter(week <= week_index, week > oldest)
    chosen = np.flatnonzero(np.isin(mmsi, _shared_mmsis(points, recent)))
    if chosen.size == 0:
        return assigned
    named = _name_reports(week_index, mmsi[chosen], second[chosen], said.of(chosen), recent, rules)
    heard = points_of(points, np.isin(points.mmsi, mmsi[chosen]))
    for (number,), rows in named.group_by("mmsi", maintain_order=True):
        tracks = points_of(heard, heard.mmsi == number)
        reported = rows.filter(pl.col(_REPORT).is_not_null())
        places = chosen[reported[_REPORT].to_numpy()]
        before = rows.filter(pl.col("track_id").is_in(np.unique(tracks.track_id).tolist()))
        owners = _match_vessels(reported["vessel_id"], second[places], tracks, _last_named(before), rules)
        assigned[places] = [owners.get(vessel, NO_TRACK) for vessel in reported["vessel_id"]]
    return assigned


def last_points(tracks: Records, thresholds: Thresholds) -> TrackPoints:
    """Returns the last fix of each track that is no stub."""
    full = tracks[tracks["fixes"] >= thresholds.min_track_fixes]
    return TrackPoints(full["mmsi"], full["track_id"], full["last_second"])


def join_points(ends: TrackPoints, fixes: TrackPoints) -> TrackPoints:
    """Returns the ends of tracks and the fixes of these tracks; fixes of stubs are left out."""
    kept = points_of(fixes, np.isin(fixes.track_id, ends.track_id))
    return TrackPoints(
        np.concatenate([ends.mmsi, kept.mmsi]),
        np.concatenate([ends.track_id, kept.track_id]),
        np.concatenate([ends.second, kept.second]),
    )


def points_of(points: TrackPoints, chosen: NDArray[Any]) -> TrackPoints:
    """Returns some of the points, by a mask or their places."""
    return TrackPoints(points.mmsi[chosen], points.track_id[chosen], points.second[chosen])


def _shared_mmsis(points: TrackPoints, earlier: pl.DataFrame) -> Places:
    """Returns the MMSIs of several tracks, and those with a track that was the only one to report before."""
    order = np.argsort(points.track_id, kind="stable")
    _, first = np.unique(points.track_id[order], return_index=True)
    numbers, tracks = np.unique(points.mmsi[order][first], return_counts=True)
    own = earlier.filter(pl.col("track_id").is_in(np.unique(points.track_id).tolist()))["mmsi"]
    return np.unique(np.concatenate([numbers[tracks > 1], own.to_numpy()]))


def _name_reports(
    week_index: int, mmsi: Places, second: Places, said: Said, earlier: pl.DataFrame, rules: Rules
) -> pl.DataFrame:
    """Returns the reports that name a vessel, and earlier ones of their MMSIs, which have no number of a report."""
    size = mmsi.size
    today = pl.DataFrame(
        {
            "week_index": np.full(size, week_index, np.int64),
            "mmsi": mmsi,
            "track_id": np.full(size, NO_TRACK, np.int64),
            **said.columns(),
            "messages": np.ones(size, np.int64),
            "first_second": second,
            "last_second": second,
        },
        schema_overrides=REPORT_SCHEMA,
    ).with_columns(pl.int_range(size, dtype=pl.Int64).alias(_REPORT))
    before = earlier.filter(pl.col("mmsi").is_in(np.unique(mmsi).tolist()))
    return name_ships(pl.concat([today, before], how="diagonal"), rules).sort(
        "mmsi", _REPORT, "vessel_id", nulls_last=True
    )


def _last_named(earlier: pl.DataFrame) -> dict[int, str]:
    """Returns the vessel that each track named last; of several the one named most often."""
    by_track = (
        earlier.group_by("track_id", "vessel_id")
        .agg(pl.col("last_second").max(), pl.col("messages").sum())
        .sort("track_id", "last_second", "messages", "vessel_id")
        .unique("track_id", keep="last", maintain_order=True)
    )
    return dict(zip(by_track["track_id"], by_track["vessel_id"], strict=True))


def _match_vessels(
    vessel: pl.Series, second: Places, points: TrackPoints, before: dict[int, str], rules: Rules
) -> dict[str, int]:
    """Returns the track of each vessel, at most one vessel to a track.

    The vessels that a track named before compete, then those reported most often, as many as there are tracks: a call
    sign that was mistyped once does not take a track.

    Args:
        vessel: Vessel that each report names.
        second: Time of each report.
        points: Times at which the tracks of the MMSI were heard.
        before: Vessel that each track named before.
        rules: Rules of the lake's subject.
    """
    tracks = np.unique(points.track_id)
    counts = dict(sorted(vessel.value_counts().iter_rows()))
    if not counts:
        return {}
    names = sorted(counts, key=lambda name: (name not in before.values(), -counts[name], name))
    nearest = _count_nearest(second, points, tracks)
    of_vessel = [nearest[(vessel == name).to_numpy()].sum(axis=0) for name in names]
    competes = np.array([track in before for track in tracks.tolist()]) | (sum(of_vessel) > 0)
    if min(competes.sum(), len(counts)) <= 1 and not before:
        return {}
    tracks = tracks[competes]
    scores = np.array([row[competes] / row.sum() for row in of_vessel[: tracks.size]])
    scores += rules.keep_vessel_share * np.array(
        [[before.get(track) == name for track in tracks.tolist()] for name in names[: tracks.size]]
    )
    rows, columns = linear_sum_assignment(scores, maximize=True)
    pairs = zip(rows.tolist(), columns.tolist(), strict=True)
    return {names[row]: int(tracks[column]) for row, column in pairs if scores[row, column] > 0}


def _count_nearest(second: Places, points: TrackPoints, tracks: Places) -> Places:
    """Returns each report's weight for each track, shape (n, tracks): all for the nearest, equal parts for equals.

    Weights are whole numbers, so that their sums do not depend on an order.
    """
    distances = np.column_stack(
        [_distances(second, np.sort(points.second[points.track_id == track])) for track in tracks]
    )
    is_nearest = distances == distances.min(axis=1, keepdims=True)
    unit = int(np.lcm.reduce(np.arange(1, tracks.size + 1)))
    weights: Places = np.where(is_nearest, unit // is_nearest.sum(axis=1, keepdims=True), 0)
    return weights


def _distances(second: Places, heard: Places) -> Places:
    """Returns seconds from each time to the nearest of some sorted times."""
    after = np.clip(np.searchsorted(heard, second), 0, heard.size - 1)
    before = np.clip(after - 1, 0, None)
    distances: Places = np.minimum(np.abs(heard[after] - second), np.abs(heard[before] - second))
    return distances
