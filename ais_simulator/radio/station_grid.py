"""Coast stations by cells of one degree, so that a message is compared only with the few stations near it."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ais_indicators.compiled import njit
from ais_indicators.units import EARTH_RADIUS_KM
from ais_simulator.model import Ints, Stations

ROWS, COLUMNS = 180, 360
_MARGIN_DEGREES: Final = 0.01
"""Rounding may put a place into the neighbour cell; a kilometre is far more than that."""


@dataclass(frozen=True)
class StationGrid:
    """The stations that may hear a place, by its cell.

    Attributes:
        first: First element of each cell in `stations`, and at the end their number.
        stations: Indices of stations, cell after cell.
    """

    first: Ints
    stations: Ints

    @classmethod
    def build(cls, stations: Stations) -> "StationGrid":
        """Puts each station into all cells that its range may touch."""
        cells = [_cells(*one) for one in zip(*_places(stations), strict=True)]
        cell = np.concatenate([np.zeros(0, np.int64), *cells])
        station = np.repeat(np.arange(len(cells)), [len(one) for one in cells])
        order = np.argsort(cell, kind="stable")
        return cls(np.searchsorted(cell[order], np.arange(ROWS * COLUMNS + 1)), station[order])


def _places(stations: Stations) -> tuple[list[float], list[float], list[float]]:
    columns = (stations.latitude, stations.longitude, stations.range_km)
    latitude, longitude, range_km = (np.asarray(column, np.float64).tolist() for column in columns)
    return latitude, longitude, range_km


def _cells(latitude: float, longitude: float, range_km: float) -> NDArray[np.int64]:
    """Returns cells that the circle about a station may touch."""
    reach = float(np.degrees(range_km / EARTH_RADIUS_KM)) + _MARGIN_DEGREES
    rows = np.arange(
        max(int(np.floor(latitude - reach)) + 90, 0), min(int(np.floor(latitude + reach)) + 90, ROWS - 1) + 1
    )
    if abs(latitude) + reach >= 90.0:  # noqa: PLR2004 - the circle holds a pole and so all longitudes
        columns = np.arange(COLUMNS)
    else:
        sine = np.sin(np.radians(reach)) / np.cos(np.radians(latitude))
        half = float(np.degrees(np.arcsin(min(1.0, sine)))) + _MARGIN_DEGREES
        first, last = int(np.floor(longitude - half)), int(np.floor(longitude + half))
        columns = np.unique((np.arange(first, last + 1) + 180) % COLUMNS)
    return (rows[:, None] * COLUMNS + columns[None, :]).ravel()


@njit(cache=True)
def cell_of(x: Any, y: Any, z: Any) -> int:
    """Returns the cell of a unit vector."""
    row = int(np.floor(np.degrees(np.arcsin(min(1.0, max(-1.0, z)))) + 90.0))
    column = int(np.floor(np.degrees(np.arctan2(y, x)) + 180.0))
    return min(row, ROWS - 1) * COLUMNS + column % COLUMNS
