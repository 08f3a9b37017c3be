"""Reception of flights: state vectors with their usual gaps and faults."""

from dataclasses import asdict, dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ais_indicators.errors import BadInputError
from ais_indicators.units import KM_PER_DEGREE, SECONDS_PER_MINUTE
from ais_simulator.flights.paths import Phase, Track
from ais_simulator.flights.schedule import Flight
from ais_simulator.sphere import Floats

RECEPTION_STREAM: Final = 2
GAP_HEIGHT_M: Final = (200.0, 1200.0)
"""Below such a height an approach or climb is not heard where it is not heard low."""
GAP_TAXI_S: Final = (0.0, 180.0)
"""So long after touchdown a plane that was not heard low is not heard on the ground either."""
CRUISE_GAP_MINUTES: Final = (10.0, 60.0)
WILD_DEGREES: Final = 3.0
ERROR_KM: Final = 0.012
"""Standard deviation of a position."""
GEOID_M: Final = 45.0
"""Of the ellipsoid below the sea, about as in Europe."""
STALE_S: Final = (1.0, 9.0)
COURSE_DECIMALS, PLACE_DECIMALS, SPEED_DECIMALS, TIME_DECIMALS = 2, 6, 3, 3


@dataclass(frozen=True)
class Faults:
    """Rates of what goes wrong.

    Attributes:
        low_gap_share: Approaches and climbs that are not heard below some height.
        unheard_ground_share: Landings of which nothing is heard on the ground, up to the next flight.
        cruise_gap_share: Flights of which nothing is heard for 10 to 60 minutes on the way.
        lost_share: State vectors that are lost by chance.
        missing_flag_share: State vectors without the flag `onground`.
        flagless_plane_share: Planes that never have it.
        false_flag_share: State vectors in the air that say `on the ground`.
        missing_speed_share: State vectors without a velocity.
        duplicate_share: Rows that come twice.
        stale_share: Rows that come again some seconds later, with the position of before.
        wild_share: Positions that are up to some hundred kilometres off.
    """

    low_gap_share: float = 0.0
    unheard_ground_share: float = 0.0
    cruise_gap_share: float = 0.0
    lost_share: float = 0.0
    missing_flag_share: float = 0.0
    flagless_plane_share: float = 0.0
    false_flag_share: float = 0.0
    missing_speed_share: float = 0.0
    duplicate_share: float = 0.0
    stale_share: float = 0.0
    wild_share: float = 0.0


SCENARIOS: Final = {
    "clear": Faults(),
    "standard": Faults(
        low_gap_share=0.25,
        unheard_ground_share=0.003,
        cruise_gap_share=0.1,
        lost_share=0.02,
        missing_flag_share=0.03,
        flagless_plane_share=0.05,
        false_flag_share=0.0005,
        missing_speed_share=0.01,
        duplicate_share=0.01,
        stale_share=0.03,
        wild_share=0.0002,
    ),
}


def faults_of(scenario: str) -> Faults:
    """Returns the rates of a scenario.

    Raises:
        BadInputError: There is none of that name.
    """
    if scenario not in SCENARIOS:
        raise BadInputError(f"there is no scenario of flights '{scenario}'; choose {' or '.join(SCENARIOS)}")
    return SCENARIOS[scenario]


def received(flight: Flight, number: int, faults: Faults, seed: int, interval_s: int) -> pl.DataFrame:
    """Returns the state vectors of one flight: rows in the columns of OpenSky, the time among them.

    Args:
        flight: The flight.
        number: Its number among all flights, from 0.
        faults: What goes wrong.
        seed: Seed of all random draws.
        interval_s: Seconds from one state vector of a plane to the next.
    """
    rng = np.random.default_rng([seed, RECEPTION_STREAM, number])
    begin = int(np.ceil(flight.path.start_second))
    time = np.arange(begin + 1, int(flight.path.now), interval_s)
    heard = np.round(time - rng.uniform(0.0, 1.0, time.size), TIME_DECIMALS)
    track = flight.path.track(heard)
    kept = _is_heard(track, rng, faults)
    rows = _rows(flight, track, time, heard, rng, faults).filter(pl.Series(kept))
    return _with_repeats(rows, rng, faults)


def is_flagless(flight: Flight, faults: Faults, seed: int) -> bool:
    """Returns whether the plane never has the flag."""
    rng = np.random.default_rng([seed, RECEPTION_STREAM, flight.mmsi, 0])
    return bool(rng.random() < faults.flagless_plane_share)


def plain(faults: Faults) -> dict[str, float]:
    """Returns the rates by name."""
    return asdict(faults)


def _is_heard(track: Track, rng: np.random.Generator, faults: Faults) -> NDArray[np.bool_]:
    """Returns which seconds of a flight are heard."""
    heard = rng.random(track.second.size) >= faults.lost_share
    low = track.height_m < rng.uniform(*GAP_HEIGHT_M)
    taxi_s = rng.uniform(*GAP_TAXI_S)
    climb, approach, unheard = (
        rng.random() < share
        for share in (faults.low_gap_share, faults.low_gap_share, faults.unheard_ground_share)
    )
    phase = track.phase
    if climb:
        heard &= ~(np.isin(phase, (Phase.TAKE_OFF, Phase.CLIMB)) & low)
    if approach or unheard:
        heard &= ~(np.isin(phase, (Phase.APPROACH, Phase.LANDING)) & low)
        heard &= ~((phase == Phase.TAXI_IN) & ((track.since_phase_s < taxi_s) | unheard))
    if rng.random() < faults.cruise_gap_share:
        begins = rng.choice(track.second)
        lasts = rng.uniform(*CRUISE_GAP_MINUTES) * SECONDS_PER_MINUTE
        inside = (track.second >= begins) & (track.second < begins + lasts)
        heard &= ~(inside & (phase == Phase.CRUISE))
    return heard


def _rows(
    flight: Flight,
    track: Track,
    time: NDArray[np.int64],
    heard: Floats,
    rng: np.random.Generator,
    faults: Faults,
) -> pl.DataFrame:
    """Returns one row per second that may be heard, with the faults of single values."""
    n = time.size
    flag = track.is_on_ground | (rng.random(n) < faults.false_flag_share)
    has_flag = rng.random(n) >= faults.missing_flag_share
    wild = rng.random(n) < faults.wild_share
    error = rng.normal(0.0, ERROR_KM / KM_PER_DEGREE, (2, n)) + wild * rng.uniform(
        -WILD_DEGREES, WILD_DEGREES, (2, n)
    )
    latitude, longitude = track.latitude + error[0], track.longitude + error[1]
    has_speed = rng.random(n) >= faults.missing_speed_share
    columns = {
        "time": time,
        "icao24": np.full(n, f"{flight.mmsi:06x}"),
        "lat": np.round(latitude, PLACE_DECIMALS),
        "lon": np.round(longitude, PLACE_DECIMALS),
        "velocity": np.round(track.speed_m_per_s, SPEED_DECIMALS),
        "heading": np.round(track.course_degrees, COURSE_DECIMALS) % 360.0,
        "vertrate": np.round(track.climb_m_per_s, SPEED_DECIMALS),
        "callsign": np.full(n, f"{flight.call_sign:<8}"),
        "onground": flag,
        "alert": np.zeros(n, np.bool_),
        "spi": np.zeros(n, np.bool_),
        "squawk": np.full(n, "1000"),
        "baroaltitude": np.round(track.altitude_m, COURSE_DECIMALS),
        "geoaltitude": np.round(track.altitude_m + GEOID_M, COURSE_DECIMALS),
        "lastposupdate": heard,
        "lastcontact": heard,
    }
    shown = {"velocity": has_speed, "onground": has_flag, "baroaltitude": ~track.is_on_ground}
    return pl.DataFrame(columns).with_columns(
        pl.when(pl.Series(mask)).then(pl.col(name)).alias(name) for name, mask in shown.items()
    )


def _with_repeats(rows: pl.DataFrame, rng: np.random.Generator, faults: Faults) -> pl.DataFrame:
    """Adds rows that are delivered twice, and rows that are delivered again later with an old position."""
    twice = rows.filter(pl.Series(rng.random(rows.height) < faults.duplicate_share))
    is_stale = pl.Series(rng.random(rows.height) < faults.stale_share)
    later = pl.Series(rng.integers(int(STALE_S[0]), int(STALE_S[1]), rows.height))
    stale = rows.with_columns(time=pl.col("time") + later).filter(is_stale)
    return pl.concat([rows, twice, stale])
