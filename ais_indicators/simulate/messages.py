"""What ships and shore stations send: rows in NOAA's layout of 2018 and later."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
from numpy.random import Generator
from numpy.typing import NDArray

from ais_indicators.simulate.ports import PORTS
from ais_indicators.simulate.ships import Ship
from ais_indicators.simulate.sphere import KM_PER_DEGREE, Floats
from ais_indicators.simulate.voyages import Course, Status
from ais_indicators.units import FULL_TURN_DEGREES, SECONDS_PER_DAY, SECONDS_PER_HOUR

MOTION_COLUMNS: Final = ["MMSI", "BaseDateTime", "LAT", "LON", "SOG", "COG", "Heading"]
SHIP_COLUMNS: Final = ["VesselName", "IMO", "CallSign", "VesselType", "Status", "Length", "Width", "Draft"]
NOAA_COLUMNS: Final = [*MOTION_COLUMNS, *SHIP_COLUMNS, "Cargo", "TransceiverClass"]
HEADING_NOT_AVAILABLE: Final = 511
SHORE_MMSIS: Final = (3_660_901, 993_660_902)
"""A coast station (003660901: NOAA writes no leading zeros) and an aid to navigation: no ships."""
POSITION_DECIMALS: Final = 5
GPS_ERROR_KM: Final = 0.003  # standard deviation north and east
SWING_KM: Final = 0.1
TIDE_SECONDS: Final = (
    12.42 * SECONDS_PER_HOUR
)  # a ship at anchor swings once a tide, too slow for SOG to show
SOG_ERROR_KNOTS: Final = 0.15
RESTING_SOG_KNOTS: Final = 0.1
RESTING_SOG_SHARE: Final = 0.2  # of a resting ship's messages say 0.1 kn, the others 0.0
COURSE_ERROR_DEG: Final = 1.5
LATE_PART: Final = 4  # messages come up to a quarter of the interval after their slot


def ship_messages(
    fleet: Sequence[Ship], lives: Sequence[Course], day_start: int, step: int, rng: Generator
) -> pd.DataFrame:
    """All ships' messages of a day, one a ship and interval of `step` seconds."""
    latest = step // LATE_PART
    slots = np.arange(day_start, day_start + SECONDS_PER_DAY, step)
    seconds = slots + rng.integers(step - latest, size=(len(fleet), 1))
    seconds += rng.integers(latest + 1, size=seconds.shape)
    true = pd.concat([life.at(own) for life, own in zip(lives, seconds, strict=True)], ignore_index=True)
    static = pd.DataFrame([{"MMSI": ship.mmsi} | ship.static for ship in fleet])
    static = static.loc[np.repeat(static.index, slots.size)].reset_index(drop=True)
    rows = _with_errors(true, seconds.ravel(), static["MMSI"] % FULL_TURN_DEGREES, rng).join(static)
    is_class_b = rows["TransceiverClass"] == "B"
    rows["Heading"] = rows["Heading"].mask(is_class_b, HEADING_NOT_AVAILABLE)
    rows["Status"] = rows["Status"].mask(is_class_b, "")
    return rows.assign(BaseDateTime=as_text(seconds.ravel()))[NOAA_COLUMNS]


def shore_messages(day_start: int) -> pd.DataFrame:
    """An hourly message of each shore station, at the first ports' points."""
    hours = as_text(np.arange(day_start, day_start + SECONDS_PER_DAY, SECONDS_PER_HOUR))
    sent = {"SOG": 0.0, "COG": FULL_TURN_DEGREES, "Heading": HEADING_NOT_AVAILABLE, "TransceiverClass": "A"}
    stations = [
        {"MMSI": mmsi, "BaseDateTime": hour, "LAT": port.point.latitude, "LON": port.point.longitude} | sent
        for mmsi, port in zip(SHORE_MMSIS, PORTS, strict=False)
        for hour in hours
    ]
    return pd.DataFrame(stations, columns=NOAA_COLUMNS)


def as_text(seconds: NDArray[np.int64]) -> NDArray[np.str_]:
    """Epoch seconds as NOAA writes them, `2026-05-11T00:00:08`."""
    return np.datetime_as_string(seconds.astype("datetime64[s]"))


def _with_errors(
    true: pd.DataFrame, seconds: NDArray[np.int64], berth_deg: "pd.Series[float]", rng: Generator
) -> pd.DataFrame:
    """True motion as sets report it: metres of jitter, swinging at anchor, speed and course rounded."""
    count, at_anchor = len(true), true["Status"] == Status.AT_ANCHOR
    at_rest = at_anchor | (true["Status"] == Status.MOORED)
    swing, turn = np.where(at_anchor, SWING_KM, 0.0), seconds * (2 * np.pi / TIDE_SECONDS)
    north_km = swing * np.cos(turn) + rng.normal(0.0, GPS_ERROR_KM, count)
    east_km = swing * np.sin(turn) + rng.normal(0.0, GPS_ERROR_KM, count)
    longitude_km = KM_PER_DEGREE * np.cos(np.radians(true["LAT"]))
    resting_sog = np.where(rng.random(count) < RESTING_SOG_SHARE, RESTING_SOG_KNOTS, 0.0)
    sailing_sog = np.maximum(true["SOG"] + rng.normal(0.0, SOG_ERROR_KNOTS, count), 0.0)
    cog_deg = np.where(at_rest, rng.uniform(0.0, FULL_TURN_DEGREES, count), true["COG"])
    heading_deg = np.where(at_rest, berth_deg, true["COG"])
    return true.assign(
        LAT=np.round(true["LAT"] + north_km / KM_PER_DEGREE, POSITION_DECIMALS),
        LON=np.round(true["LON"] + east_km / longitude_km, POSITION_DECIMALS),
        SOG=np.round(np.where(at_rest, resting_sog, sailing_sog), 1),
        COG=_turned(cog_deg + rng.normal(0.0, COURSE_ERROR_DEG, count), 1),
        Heading=_turned(heading_deg + rng.normal(0.0, COURSE_ERROR_DEG, count), 0).astype(int),
        Status=true["Status"].astype(str),
    )


def _turned(degrees: Floats, decimals: int) -> Floats:
    """Rounded directions, never 360: that says "not available"."""
    return np.round(np.round(degrees, decimals) % FULL_TURN_DEGREES, decimals)
