"""Finds clusters of displaced stretches: several vessels shown in one area on one day where none of them can be.

Source: method 2, section 9.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np
import polars as pl
from h3.api import basic_int as h3
from numpy.typing import NDArray

from ais_indicators.periods import Week
from ais_indicators.rules import rule
from ais_indicators.units import SECONDS_PER_DAY, SECONDS_PER_MINUTE

POINT, CIRCLE, AREA, JAMMING = "point", "circle", "area", "jamming"
KINDS: Final = (None, POINT, CIRCLE, AREA)
"""Kinds of clusters by their number in the memory of the fold; 0 for none."""

STRETCH_SCHEMA: Final = {
    "mmsi": pl.Int64,
    "began": pl.Int64,
    "day": pl.Int64,
    "first_second": pl.Int64,
    "last_second": pl.Int64,
    "fixes": pl.Int64,
    "sailed_off": pl.Boolean,
    "false_kind": pl.Int64,
    "to_h3_res4": pl.Int64,
    "sample_latitude": pl.List(pl.Float64),
    "sample_longitude": pl.List(pl.Float64),
}
"""What clusters rest on: one row is one stretch on one UTC day. `day` is the number of the day since 1970, `false_kind`
the kind that it was found to be of in an earlier week, and the samples are some of its fixes."""

FalseStretches = dict[tuple[Week, int, int], int]
"""Number of the kind of each false stretch, by week, MMSI and the second in which the stretch began."""


def false_stretches(rows: pl.DataFrame) -> FalseStretches:
    """Returns the stretches that are false, by week.

    A stretch of a cluster is false on all of its days in the cluster's week, and from then on until it ends.

    Args:
        rows: Columns of `STRETCH_SCHEMA` of consecutive weeks.
    """
    of_week: dict[tuple[Week, int, int], int] = {}
    for (day,), of_day in rows.sort("day", "mmsi", "began").group_by("day", maintain_order=True):
        week = Week.of_second(int(day) * SECONDS_PER_DAY)  # type: ignore[call-overload]
        for key, kind in clusters_of_day(of_day).items():
            of_week.setdefault((week, *key), kind)
    known: dict[tuple[int, int], int] = {}
    found: FalseStretches = {}
    keys = rows.select("day", "mmsi", "began", "false_kind").sort("day", "mmsi", "began")
    for day, mmsi, began, carried in keys.iter_rows():
        week = Week.of_second(day * SECONDS_PER_DAY)
        kind = of_week.get((week, mmsi, began)) or known.get((mmsi, began)) or carried
        if kind:
            found[week, mmsi, began] = known[mmsi, began] = kind
    return found


def clusters_of_day(rows: pl.DataFrame) -> dict[tuple[int, int], int]:
    """Returns the stretches of one day that lie in a cluster.

    Args:
        rows: Columns of `STRETCH_SCHEMA`, all of one day.

    Returns:
        Number of the kind in `KINDS`, by MMSI and the second in which the stretch began.
    """
    day_start = pl.col("day") * SECONDS_PER_DAY
    fresh = rows.filter(
        ~pl.col("sailed_off"),
        day_start - pl.col("began") <= int(rule("interference_fresh_days")) * SECONDS_PER_DAY,
    ).sort("mmsi", "began")
    evidence = fresh.filter(
        pl.col("fixes") >= int(rule("interference_min_fixes")),
        pl.col("last_second") - pl.col("first_second")
        >= float(rule("interference_min_minutes")) * SECONDS_PER_MINUTE,
    )
    found = {}
    for cells in _crowded_areas(evidence):
        in_area = pl.col("to_h3_res4").is_in(sorted(cells))
        kind = KINDS.index(_shape(evidence.filter(in_area)))
        members = fresh.filter(in_area).select("mmsi", "began")
        found.update(dict.fromkeys(members.iter_rows(), kind))
    return found


def connected_areas(cells: Iterable[int]) -> list[set[int]]:
    """Puts cells together that are neighbours, or have neighbours that are; in the order of their least cells."""
    left = set(cells)
    areas = []
    while left:
        area, ahead = set(), {min(left)}
        while ahead:
            area |= ahead
            left -= ahead
            ahead = {near for cell in ahead for near in h3.grid_disk(cell, 1)} & left
        areas.append(area)
    return areas


def _crowded_areas(evidence: pl.DataFrame) -> list[set[int]]:
    """Returns the areas, each as its cells with a stretch, in which enough vessels are displaced."""
    vessels: dict[int, set[int]] = defaultdict(set)
    for mmsi, cell in evidence.select("mmsi", "to_h3_res4").iter_rows():
        vessels[cell].add(mmsi)
    crowded: set[int] = set()
    for cell in vessels:
        disk = set(h3.grid_disk(cell, 1)) & vessels.keys()
        if len(set().union(*(vessels[one] for one in disk))) >= int(rule("interference_min_vessels")):
            crowded |= disk
    return connected_areas(crowded)


def _shape(evidence: pl.DataFrame) -> str:
    """Names the shape in which the fixes of a cluster lie."""
    latitude = evidence["sample_latitude"].explode().to_numpy()
    longitude = evidence["sample_longitude"].explode().to_numpy()
    north, east = _plane_km(latitude, longitude)
    middle = np.median(north), np.median(east)
    if np.hypot(north - middle[0], east - middle[1]).max() <= float(rule("interference_point_km")):
        return POINT
    return CIRCLE if _is_circle(north, east) else AREA


def _plane_km(
    latitude: NDArray[np.float64], longitude: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Returns km north and east of the first point, on a plane that touches the sphere near it."""
    km_per_degree = 111.194926644559
    east = (longitude - longitude[0] + 540.0) % 360.0 - 180.0
    return (latitude - latitude[0]) * km_per_degree, east * km_per_degree * np.cos(np.radians(latitude[0]))


def _is_circle(north: NDArray[np.float64], east: NDArray[np.float64]) -> bool:
    """Returns whether points lie round one centre at one distance, by the circle of least squares (Kasa 1976).

    Points in a short row lie on a large circle too, so their mean must be inside it.
    """
    unknown = np.column_stack([2.0 * north, 2.0 * east, np.ones(north.size)])
    (centre_north, centre_east, constant), *_ = np.linalg.lstsq(unknown, north**2 + east**2, rcond=None)
    radius = np.sqrt(constant + centre_north**2 + centre_east**2)
    distances = np.hypot(north - centre_north, east - centre_east)
    off_centre = np.hypot(north.mean() - centre_north, east.mean() - centre_east)
    deviation = np.sqrt(np.mean((distances - radius) ** 2))
    return bool(
        radius > float(rule("interference_point_km"))
        and off_centre <= radius / 2.0
        and deviation <= float(rule("interference_circle_deviation")) * radius
    )


def kinds_by_week(found: Mapping[tuple[Week, int, int], int], week: Week) -> dict[tuple[int, int], int]:
    """Returns the false stretches of one week, by MMSI and the second in which each began."""
    return {(mmsi, began): kind for (of, mmsi, began), kind in found.items() if of == week}


def weekly_interference(
    displacements: pl.DataFrame, losses: pl.DataFrame, jammed: pl.DataFrame
) -> pl.DataFrame:
    """Returns the areas of interference of one week.

    Args:
        displacements: Rows of `silver.displacements` of the week.
        losses: Rows of `silver.position_losses` of the week.
        jammed: Columns `h3_res3` and `hour_utc` of the hours in which a cell was jammed.

    Returns:
        Columns of `gold.interference_weekly` but for the week and the statuses.
    """
    parts = [pl.DataFrame(schema=_AREA_SCHEMA)]
    for (kind,), rows in displacements.drop_nulls("false_position_kind").group_by("false_position_kind"):
        for cells in connected_areas(rows["to_h3_res4"]):
            of_area = rows.filter(pl.col("to_h3_res4").is_in(sorted(cells)))
            vessels = of_area.group_by("to_h3_res4").agg(pl.col("vessel_id").n_unique())
            [code, *_] = vessels.sort("vessel_id", "to_h3_res4", descending=[True, False])["to_h3_res4"]
            counts = of_area.select(
                pl.col("vessel_id").n_unique().alias("vessels"),
                pl.col("hours").sum().alias("vessel_hours"),
                pl.col("day").n_unique().alias("days"),
            )
            parts.append(_area(code, str(kind), counts))
    in_jammed = losses.join(jammed.select("h3_res3", "hour_utc"), on=["h3_res3", "hour_utc"], how="inner")
    for (code,), rows in in_jammed.group_by("h3_res3"):
        counts = rows.select(
            pl.col("mmsi").n_unique().alias("vessels"),
            pl.len().alias("vessel_hours"),
            pl.col("hour_utc").dt.date().n_unique().alias("days"),
        )
        parts.append(_area(int(code), JAMMING, counts))  # type: ignore[call-overload]
    return pl.concat(parts).sort("area_code", "kind")


_AREA_SCHEMA: Final = {
    "area_code": pl.String,
    "kind": pl.String,
    "vessels": pl.Int64,
    "vessel_hours": pl.Int64,
    "days": pl.Int64,
    "latitude": pl.Float64,
    "longitude": pl.Float64,
}


def _area(cell: int, kind: str, counts: pl.DataFrame) -> pl.DataFrame:
    latitude, longitude = h3.cell_to_latlng(cell)
    named = counts.with_columns(
        area_code=pl.lit(f"{cell:x}"),
        kind=pl.lit(kind),
        latitude=pl.lit(latitude),
        longitude=pl.lit(longitude),
    )
    return named.select(pl.col(name).cast(of) for name, of in _AREA_SCHEMA.items())
