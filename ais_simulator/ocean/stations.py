"""Coast stations, and the times in which one is silent."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Final

import numpy as np

from ais_indicators.geo.gates import read_gates
from ais_indicators.periods import Week
from ais_indicators.units import SECONDS_PER_DAY, SECONDS_PER_HOUR
from ais_simulator.model import Floats, Outages, Stations
from ais_simulator.ocean.harbours import HARBOURS
from ais_simulator.ocean.small_ports import SmallPort
from ais_simulator.scenario import Faults

STATION_STREAM, OUTAGE_STREAM = 4, 5
MID_FACTOR: Final = 10_000  # 00MIDxxxx
RANGES_KM: Final = (40.0, 90.0)
STRAIT_STATIONS: Final = {
    "suez": 622, "panama": 351, "bosporus": 271, "bab_el_mandeb": 621, "malacca": 533, "hormuz": 461, "gibraltar": 224,
    "dover": 232, "oresund": 265, "taiwan": 416, "korea": 440, "sunda": 525,
}  # fmt: skip
"""Straits with a station, and the MID of its country."""
WEEKS_PER_YEAR: Final = 365.25 / 7


def build_stations(seed: int, small_ports: Sequence[SmallPort] = ()) -> Stations:
    """Returns one station at each port, one at each of some straits, and one at each small port."""
    gates = {gate.code: gate for gate in read_gates()}
    places = [(h.mid, *h.point) for h in HARBOURS]
    places += [(mid, gates[code].latitude, gates[code].longitude) for code, mid in STRAIT_STATIONS.items()]
    rng = np.random.default_rng([seed, STATION_STREAM])
    ranges_km = np.round(rng.uniform(*RANGES_KM, len(places)), 1)
    places += [(port.mid, *port.point) for port in small_ports]
    mid, latitude, longitude = np.array(places).T
    return Stations(
        mmsi=np.rint(mid).astype(np.int64) * MID_FACTOR + np.arange(1, len(places) + 1),
        latitude=latitude,
        longitude=longitude,
        range_km=np.append(ranges_km, np.full(len(small_ports), RANGES_KM[0])),
    )


def no_stations() -> Stations:
    """Returns none, for reception by satellites alone."""
    return Stations(np.zeros(0, np.int64), np.zeros(0), np.zeros(0), np.zeros(0))


def outages_on(day: date, stations: Stations, faults: Faults, seed: int) -> Outages:
    """Returns outages that touch a day, by station and begin; each week's are drawn by a generator of its own."""
    week = Week.of(day)
    rows = np.vstack([_outages_of(week.plus(number), stations, faults, seed) for number in (-1, 0)])
    begin_s = datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()
    touches = (rows[:, 1] < begin_s + SECONDS_PER_DAY) & (rows[:, 2] > begin_s)
    rows = rows[touches]
    rows = rows[np.lexsort((rows[:, 1], rows[:, 0]))]
    return Outages(rows[:, 0].astype(np.int64), rows[:, 1].copy(), rows[:, 2].copy())


def _outages_of(week: Week, stations: Stations, faults: Faults, seed: int) -> Floats:
    """Returns rows of station, first and last second, of the outages that begin in a week."""
    rng = np.random.default_rng([seed, OUTAGE_STREAM, week.monday.toordinal()])
    counts = rng.poisson(faults.outages_per_station_year / WEEKS_PER_YEAR, len(stations.mmsi))
    station = np.repeat(np.arange(len(counts)), counts).astype(np.float64)
    begins = np.floor(rng.uniform(week.start_second, week.end_second, len(station)))
    lasts = np.floor(rng.uniform(*faults.outage_hours, len(station)) * SECONDS_PER_HOUR)
    return np.column_stack([station, begins, begins + lasts])
