"""Where ships lie: fixes become the time that each ship lay in each H3 cell, still or swinging.

A stay is a run of a track's fixes under a low speed. Ships moored at a quay and ships at anchor broadcast much the same
speeds, but the moored one stays within metres, while the one at anchor swings round it with wind and tide, on a circle
of a hundred metres and more. So the spread of a stay's fixes decides, which every source of messages allows:
the navigational status is set by hand, many sources lack it, and `silver.positions` does not hold it; the heading is
missing from more than half of the fixes.

Sources: the two farthest fixes of stays that were classified manually are 6 to 11 m apart at berth and 150 to 250 m
at anchor (Journal of Traffic and Transportation Engineering 21(5), 2021, doi 10.19818/j.cnki.1671-1637.2021.05.016);
Global Fishing Watch publishes the same root mean square as `drift_radius` (pipe-anchorages). On the real day on which
its limit was chosen (NOAA, 1 January 2020) the rule is right for 98 % of the hours in the Houston Ship Channel, where
ships moor, and for 95 % of those off Galveston, where they anchor; in January 2017 (zone 1) for 95 % of the hours
that were broadcast as at anchor.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ais_indicators.geo.cell_polygons import unit_vectors
from ais_indicators.geo.cells import h3_cells
from ais_indicators.rules import Rules
from ais_indicators.units import EARTH_RADIUS_KM, KM_PER_NAUTICAL_MILE, SECONDS_PER_HOUR

FIX_COLUMNS = ("mmsi", "track_id", "observed_at_utc", "latitude", "longitude", "sog_knots")
"""Columns of `silver.positions` that the stays are found from."""

ORDER = ("track_id", "observed_at_utc", "latitude", "longitude", "sog_knots")
KEYS = ("h3_cell", "mmsi")
TIMES = ("still_seconds", "swinging_seconds")
CELL_SHIPS = pa.schema([pa.field(name, pa.int64(), nullable=False) for name in (*KEYS, *TIMES)])
"""One row per cell and ship: how long the ship lay in the cell, in stays of either kind."""

ROWS_AT_ONCE = 200_000
"""Rows that can wait to be added up, in addition to as many as the sum has."""


class _Stays(NamedTuple):
    """Stays, the fixes of each being consecutive; every array has one entry per stay.

    Attributes:
        sizes: How many fixes it has.
        lasted: Seconds from its first fix to its last.
        spread_km: Root mean square distance of its fixes from their middle.
    """

    sizes: NDArray[np.int64]
    lasted: NDArray[np.int64]
    spread_km: NDArray[np.float64]


def cell_ships(fixes: pa.Table, rules: Rules) -> pa.Table:
    """Finds the stays among fixes and adds up how long each ship lay in each cell.

    A stay ends with a fix that is too fast, too far from the one before, or too late after it. Too short a stay counts
    nothing, nor does one that is spread so widely that the ship was adrift. From a fix to the stay's next one the ship
    lay in the fix's cell.

    Args:
        fixes: The columns `FIX_COLUMNS`, rows in any order. Where the speed is null, the one from the track's
            previous fix is taken.
        rules: Rules of the lake's subject.

    Returns:
        The columns of `CELL_SHIPS`, ordered by cell and ship.
    """
    if fixes.num_rows == 0:
        return CELL_SHIPS.empty_table()
    ordered = fixes.sort_by([(name, "ascending") for name in ORDER])
    mmsi, track, latitude, longitude = (
        ordered[name].to_numpy() for name in ("mmsi", "track_id", "latitude", "longitude")
    )
    times = ordered["observed_at_utc"].cast(pa.timestamp("s", "UTC"), safe=False)
    seconds = times.cast(pa.int64()).to_numpy()
    sog_knots = pc.fill_null(ordered["sog_knots"], np.nan).to_numpy()
    stays = _stays(track, seconds, unit_vectors(latitude, longitude), sog_knots, rules)
    is_stay = (stays.lasted >= rules.derive_min_stay_hours * SECONDS_PER_HOUR) & (
        stays.spread_km <= rules.derive_stay_radius_km
    )
    is_still = np.repeat(stays.spread_km <= rules.derive_berth_spread_km, stays.sizes)
    dwell = _dwell(seconds, stays.sizes)
    kept = np.repeat(is_stay, stays.sizes) & (dwell > 0)
    cells = h3_cells(latitude[kept], longitude[kept], rules.derive_cell_resolution)
    still, swinging = np.where(is_still, dwell, 0), np.where(is_still, 0, dwell)
    return _summed([pa.table([cells, mmsi[kept], still[kept], swinging[kept]], schema=CELL_SHIPS)])


def add_up(parts: Iterable[pa.Table]) -> pa.Table:
    """Adds tables of `CELL_SHIPS` up.

    Memory holds twice the pairs of a ship and a cell that it lay in, and one part: a week more of the same ships
    at the same places adds nothing.

    Returns:
        One row per cell and ship, ordered by both, whatever the order of the parts.
    """
    total, waiting, rows = CELL_SHIPS.empty_table(), [], 0
    for part in parts:
        waiting.append(part)
        rows += part.num_rows
        if rows > total.num_rows + ROWS_AT_ONCE:
            total, waiting, rows = _summed([total, *waiting]), [], 0
    return _summed([total, *waiting])


def _stays(
    track: NDArray[np.int64],
    seconds: NDArray[np.int64],
    places: NDArray[np.float64],
    sog_knots: NDArray[np.float64],
    rules: Rules,
) -> _Stays:
    """Parts fixes, in order of track and time, into stays of any length and spread; a fast fix is a stay of its own.

    Args:
        track: Track of each fix.
        seconds: Its time.
        places: Its place on the unit sphere, shape (fixes, 3).
        sog_knots: Its speed, NaN if unknown.
        rules: Rules of the lake's subject.
    """
    is_same = track[1:] == track[:-1]
    km = np.where(is_same, EARTH_RADIUS_KM * np.linalg.norm(np.diff(places, axis=0), axis=1), 0.0)
    hours = np.diff(seconds) / SECONDS_PER_HOUR
    implied = np.append(0.0, km / KM_PER_NAUTICAL_MILE / np.where(is_same & (hours > 0.0), hours, 1.0))
    is_slow = np.where(np.isnan(sog_knots), implied, sog_knots) < rules.derive_stationary_below_knots
    is_next = is_same & is_slow[1:] & is_slow[:-1]
    is_next &= (km <= rules.derive_stay_radius_km) & (hours < rules.gap_hours)
    first = np.flatnonzero(np.append(True, ~is_next))
    sizes = np.diff(np.append(first, len(track)))
    middle = np.add.reduceat(places, first) / sizes[:, None]
    squares = np.sum((places - np.repeat(middle, sizes, axis=0)) ** 2, axis=1)
    spread_km = EARTH_RADIUS_KM * np.sqrt(np.add.reduceat(squares, first) / sizes)
    return _Stays(sizes, seconds[first + sizes - 1] - seconds[first], spread_km)


def _dwell(seconds: NDArray[np.int64], sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Returns seconds from each fix to the next one of its stay; 0 for the last.

    >>> _dwell(np.array([5, 7, 20, 100, 101]), np.array([3, 2])).tolist()
    [2, 13, 0, 1, 0]
    """
    dwell = np.append(np.diff(seconds), 0)
    dwell[np.cumsum(sizes) - 1] = 0
    return dwell


def _summed(tables: list[pa.Table]) -> pa.Table:
    """Returns one row per cell and ship."""
    grouped = pa.concat_tables(tables).group_by(list(KEYS), use_threads=False)
    summed = grouped.aggregate([(name, "sum") for name in TIMES])
    named = summed.select([*KEYS, *(f"{name}_sum" for name in TIMES)]).rename_columns(CELL_SHIPS.names)
    return named.cast(CELL_SHIPS).sort_by([(key, "ascending") for key in KEYS])
