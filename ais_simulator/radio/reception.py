"""Which messages reach a receiver: a coast station in range, or a satellite that passes; and which are spoiled."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ais_indicators.compiled import njit
from ais_indicators.units import EARTH_RADIUS_KM, SECONDS_PER_DAY, SECONDS_PER_HOUR
from ais_simulator.model import DayAtSea, Floats, Ints
from ais_simulator.radio.draws import Stream, chance, draw, stream_key
from ais_simulator.radio.motion import Circles, unit_vectors
from ais_simulator.radio.records import (
    CLASS_B,
    NO_STATION,
    SATELLITE,
    STEPS_PER_DEGREE,
    Records,
    start_of_day_s,
)
from ais_simulator.radio.satellite import HEARS_FROM_COSINE, points_below
from ais_simulator.radio.station_grid import StationGrid, cell_of
from ais_simulator.scenario import Scenario

FULL_RANGE_SHARE: Final = 0.8
"""Up to this share of its range a station hears all; from there the chance falls to none at the range's end."""

SATELLITE_CHANCE: Final = 0.3
SATELLITE_CHANCE_CLASS_B: Final = 0.1
"""A satellite hears thousands of ships at once, and those of class B send with a sixth of the power."""

HOURS: Final = SECONDS_PER_DAY // SECONDS_PER_HOUR
MOST_STATIONS: Final = 1 << 15  # a record has 16 bits for one, with a sign
LOST, COLLISION = range(2)
_RADIANS_PER_STEP: Final = float(np.radians(1.0)) / STEPS_PER_DEGREE
_KIND_SALT: Final = 1 << 20
"""Salts of one kind of message; those of stations lie below."""


@dataclass(frozen=True)
class Receivers:
    """All that decides about reception on a day.

    Attributes:
        grid: Stations by place.
        vector: Stations as unit vectors, shape (n, 3).
        range_km: One element per station.
        first_outage: First outage of each station, and at the end the number of all.
        outages_s: Begin and end, from the day's start, shape (m, 2).
        spoiled_chance: Chance of a collision by station and hour, shape (n, 24).
        below: Points below the satellite, shape (86400, 3).
        is_in_pass: Whether all messages are sent while a satellite passes, wherever its usual orbit is.
        satellite_chances: Chance that a satellite hears a message of class A and of class B.
        hears_everything: Whether neither range nor outages matter.
        lost_share: Chance of any loss.
        keys: Of the streams for stations, satellite, losses and collisions.
    """

    grid: StationGrid
    vector: Floats
    range_km: Floats
    first_outage: Ints
    outages_s: Floats
    spoiled_chance: Floats
    below: Floats
    is_in_pass: bool
    satellite_chances: Floats
    hears_everything: bool
    lost_share: float
    keys: NDArray[np.uint64]

    @property
    def takes_all(self) -> bool:
        """Returns whether every message is received and no station is noted, so that reception need not be computed."""
        return self.hears_everything and self.lost_share == 0 and not len(self.vector)


def build_receivers(sea: DayAtSea, legs: Circles, scenario: Scenario, seed: int) -> Receivers:
    """Gathers the receivers of a day."""
    stations, start = sea.stations, start_of_day_s(sea.day)
    if len(stations.mmsi) >= MOST_STATIONS:
        raise ValueError(f"{len(stations.mmsi)} stations are more than {MOST_STATIONS - 1}")
    vector = unit_vectors(stations.latitude, stations.longitude)
    grid = StationGrid.build(stations)
    order = np.argsort(sea.outages.station, kind="stable")
    outages = np.column_stack([sea.outages.begins_s, sea.outages.ends_s])[order] - start
    first = np.searchsorted(sea.outages.station[order], np.arange(len(stations.mmsi) + 1))
    spoiled = np.zeros((len(stations.mmsi), HOURS))
    share = scenario.faults.collision_share_per_ship
    if share > 0:
        others = np.maximum(_ships_in_range(sea, legs, grid, vector) - 1, 0)
        spoiled = 1.0 - (1.0 - share) ** others
    passes = scenario.satellite
    is_certain = passes is not None and passes.fixes == "one"
    streams = (Stream.STATION, Stream.SATELLITE, Stream.LOST, Stream.COLLISION)
    return Receivers(
        grid=grid,
        vector=vector,
        range_km=np.asarray(stations.range_km, np.float64),
        first_outage=first.astype(np.int64),
        outages_s=outages,
        spoiled_chance=spoiled,
        below=points_below(start),
        is_in_pass=passes is not None,
        satellite_chances=np.array(
            [1.0, 1.0] if is_certain else [SATELLITE_CHANCE, SATELLITE_CHANCE_CLASS_B]
        ),
        hears_everything=scenario.coverage == "everything",
        lost_share=scenario.faults.lost_share,
        keys=np.array([stream_key(seed, stream) for stream in streams]),
    )


def receive(records: Records, by: Receivers, kind: int, day_start_s: int) -> tuple[NDArray[np.bool_], Ints]:
    """Determines which messages are received, and notes their station.

    Args:
        records: `POSITION` records; static messages too are given as such, for their place.
        by: The receivers.
        kind: A number that distinguishes messages of one ship in one second.
        day_start_s: Epoch second of the day's start.

    Returns:
        Whether each message is received, and how many were lost by chance and by collision.
    """
    counts = np.zeros(2, np.int64)
    if by.takes_all:
        records["station"] = NO_STATION
        return np.ones(records.size, np.bool_), counts
    is_received = np.empty(records.size, np.bool_)
    _receive(
        records, is_received, counts, kind * _KIND_SALT, day_start_s, by.keys, by.grid.first, by.grid.stations,
        by.vector, by.range_km, by.first_outage, by.outages_s, by.spoiled_chance, by.below,
        by.is_in_pass, by.satellite_chances, by.hears_everything, by.lost_share,
    )  # fmt: skip
    return is_received, counts


def _ships_in_range(sea: DayAtSea, legs: Circles, grid: StationGrid, vector: Floats) -> Ints:
    """Returns how many ships each station has in range in the middle of each hour, shape (stations, 24)."""
    counts = np.zeros((len(vector), HOURS), np.int64)
    motion, start = sea.motion, start_of_day_s(sea.day)
    for hour in range(HOURS):
        middle = start + (hour + 0.5) * SECONDS_PER_HOUR
        leg = np.flatnonzero((motion.begins_s <= middle) & (motion.ends_s > middle))
        share = (middle - motion.begins_s[leg]) / (motion.ends_s[leg] - motion.begins_s[leg])
        angle = (share * legs.arc[leg])[:, None]
        place = legs.start[leg] * np.cos(angle) + legs.ahead[leg] * np.sin(angle)
        _count_in_range(
            place, grid.first, grid.stations, vector, np.asarray(sea.stations.range_km), counts[:, hour]
        )
    return counts


@njit(cache=True)
def _count_in_range(place: Any, first: Any, stations: Any, vector: Any, range_km: Any, counts: Any) -> None:
    for n in range(place.shape[0]):
        cell = cell_of(place[n, 0], place[n, 1], place[n, 2])
        for at in range(first[cell], first[cell + 1]):
            station = stations[at]
            if _distance_km(vector[station], place[n, 0], place[n, 1], place[n, 2]) <= range_km[station]:
                counts[station] += 1


@njit(cache=True)
def _distance_km(vector: Any, x: float, y: float, z: float) -> float:
    """Returns the great-circle distance by the chord, exact for near points too."""
    chord = ((vector[0] - x) ** 2 + (vector[1] - y) ** 2 + (vector[2] - z) ** 2) ** 0.5
    return float(2.0 * EARTH_RADIUS_KM * np.arcsin(min(1.0, chord / 2.0)))


@njit(cache=True)
def _receive(
    records: Any, is_received: Any, counts: Any, salt: int, day_start_s: int, keys: Any, first: Any,
    stations: Any, vector: Any, range_km: Any, first_outage: Any, outages_s: Any, spoiled_chance: Any,
    below: Any, is_in_pass: bool, satellite_chances: Any, hears_everything: bool, lost_share: float,
) -> None:  # fmt: skip
    for row in range(records.size):
        record = records[row]
        phi, lam = record.latitude_steps * _RADIANS_PER_STEP, record.longitude_steps * _RADIANS_PER_STEP
        x, y, z = np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)
        second, ship = record.sent_s + day_start_s, record.ship
        cell = cell_of(x, y, z)
        best, nearest_km = NO_STATION, np.inf
        for at in range(first[cell], first[cell + 1]):
            station = stations[at]
            km = _distance_km(vector[station], x, y, z)
            if km >= nearest_km or km > range_km[station]:
                continue
            if not hears_everything:
                if _is_silent(outages_s, first_outage[station], first_outage[station + 1], record.sent_s):
                    continue
                clear = (1.0 - km / range_km[station]) / (1.0 - FULL_RANGE_SHARE)
                if clear < 1.0 and chance(draw(keys[0], ship, second, salt + station)) >= clear:
                    continue
            best, nearest_km = station, km
        if best == NO_STATION and not hears_everything:
            under = below[record.sent_s]
            if is_in_pass or under[0] * x + under[1] * y + under[2] * z >= HEARS_FROM_COSINE:
                usual = satellite_chances[1 if record.message_type == CLASS_B else 0]
                if chance(draw(keys[1], ship, second, salt)) < usual:
                    best = SATELLITE
        record.station = best
        is_received[row] = hears_everything or best != NO_STATION
        if is_received[row] and chance(draw(keys[2], ship, second, salt)) < lost_share:
            is_received[row] = False
            counts[LOST] += 1
        elif is_received[row] and best >= 0:
            spoiled = spoiled_chance[best, record.sent_s // SECONDS_PER_HOUR]
            if spoiled > 0.0 and chance(draw(keys[3], ship, second, salt)) < spoiled:
                is_received[row] = False
                counts[COLLISION] += 1


@njit(cache=True)
def _is_silent(outages_s: Any, first: int, end: int, second: int) -> bool:
    for at in range(first, end):  # noqa: SIM110 - numba compiles the loop, not any()
        if outages_s[at, 0] <= second < outages_s[at, 1]:
            return True
    return False
