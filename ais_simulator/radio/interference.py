"""What shocks make of messages: false positions, no positions, and vessels that send nothing.

A shock acts on what vessels send, so messages reach receivers from the vessels' true places. Each message draws its
own chance, so a shock hits the same messages whatever else is on.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ais_indicators.units import SECONDS_PER_HOUR
from ais_simulator.model import Floats, Hit, Ints
from ais_simulator.radio.draws import Stream, stream_key
from ais_simulator.radio.faults import ODD_LATITUDE, ODD_LONGITUDE
from ais_simulator.radio.records import HIT_HOUR, NO_LATITUDE, NO_LONGITUDE, STEPS_PER_DEGREE, Records
from ais_simulator.radio.shown import MessageDraws, Shown, shown
from ais_simulator.shocks import Dark, Jamming, Spoofing
from ais_simulator.sphere import Point, distances_km

_CHANCE: Final = 0
_NONE: Final = -1


def find_dark(records: Records, hits: Sequence[Hit], day_start_s: int) -> Ints:
    """Returns for each message the number of the shock that keeps it from being sent, or -1.

    Args:
        records: `POSITION` records with true places; static messages too are given as such.
        hits: Shocks of the day.
        day_start_s: Epoch second of the day's start.
    """
    number = np.full(records.size, _NONE)
    for hit in hits:
        if isinstance(hit.shock, Dark):
            number[_touched(records, hit, day_start_s) & (number == _NONE)] = hit.number
    return number


def interfere(records: Records, hits: Sequence[Hit], seed: int, day_start_s: int) -> Ints:
    """Changes the positions of messages in place.

    Args:
        records: `POSITION` records of vessels, with true places.
        hits: Shocks of the day.
        seed: Seed of all chances.
        day_start_s: Epoch second of the day's start.

    Returns:
        For each message the number of the shock that changed it, or -1; the last one where there are several.
    """
    number, true = np.full(records.size, _NONE), records.copy()
    for hit in hits:
        if isinstance(hit.shock, Dark):
            continue
        rows = np.flatnonzero(_touched(true, hit, day_start_s))
        key = stream_key(seed, Stream.SHOCK) + np.uint64(hit.number)
        drawn = _draws(true[rows], key, day_start_s).each(_CHANCE)
        if isinstance(hit.shock, Spoofing):
            rows = rows[drawn >= hit.shock.true_share]
            _show(records, rows, shown(hit, hit.shock, _draws(true[rows], key, day_start_s)))
        else:
            rows = _jam(records, rows, hit.shock, drawn)
        number[rows] = hit.number
    return number


def hit_hours(records: Records, number: Ints, is_counted: NDArray[np.bool_] | None = None) -> NDArray[Any]:
    """Counts messages by shock, vessel and hour.

    Args:
        records: `POSITION` records with true places, by vessel and time.
        number: The shock of each, or -1.
        is_counted: Which messages count; the others only make that there is an hour.
    """
    chosen = number != _NONE
    rows = records[chosen]
    counted = np.ones(rows.size, np.bool_) if is_counted is None else is_counted[chosen]
    keys = np.column_stack(
        [number[chosen], rows["ship"], rows["mmsi"], rows["sent_s"] // SECONDS_PER_HOUR]
    ).reshape(-1, 4)
    distinct, first, which = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    hours = np.zeros(len(distinct), HIT_HOUR)
    for column, name in enumerate(("number", "ship", "mmsi", "hour")):
        hours[name] = distinct[:, column]
    hours["messages"] = np.bincount(which.reshape(-1)[counted], minlength=len(distinct))
    for name in ("latitude_steps", "longitude_steps"):
        hours[name] = rows[name][first]
    return hours


def _touched(records: Records, hit: Hit, day_start_s: int) -> NDArray[np.bool_]:
    """Returns which messages a shock may hit: of its vessels, in its time, sent from within its region."""
    begin_s, end_s = hit.shock.span_s
    second = records["sent_s"].astype(np.int64) + day_start_s
    touched: NDArray[np.bool_] = hit.vessels[records["ship"]] & (second >= begin_s) & (second < end_s)
    region = hit.shock.region
    if region is not None:
        rows = np.flatnonzero(touched)
        latitude, longitude = (
            records[name][rows] / STEPS_PER_DEGREE for name in ("latitude_steps", "longitude_steps")
        )
        km = distances_km(Point(region.latitude, region.longitude), latitude, longitude)
        touched[rows] = km <= region.radius_km
    return touched


def _draws(records: Records, key: np.uint64, day_start_s: int) -> MessageDraws:
    ship, second = records["ship"].astype(np.int64), records["sent_s"].astype(np.int64)
    return MessageDraws(key, ship, second + day_start_s)


def _show(records: Records, rows: Ints, place: Shown) -> None:
    records["latitude_steps"][rows] = np.rint(place.latitude * STEPS_PER_DEGREE)
    records["longitude_steps"][rows] = np.rint(place.longitude * STEPS_PER_DEGREE)
    records["sog_tenths"][rows] = place.sog_tenths
    records["cog_tenths"][rows] = place.cog_tenths


def _jam(records: Records, rows: Ints, shock: Jamming, drawn: Floats) -> Ints:
    """Takes positions away, or puts latitude or longitude out of range in turns; returns the rows."""
    is_none = drawn < shock.share
    is_odd = ~is_none & (drawn < shock.share + shock.invalid_share)
    records["latitude_steps"][rows[is_none]] = NO_LATITUDE
    records["longitude_steps"][rows[is_none]] = NO_LONGITUDE
    odd = rows[is_odd]
    is_north = records["sent_s"][odd] % 2 == 0
    records["latitude_steps"][odd[is_north]] = ODD_LATITUDE
    records["longitude_steps"][odd[~is_north]] = ODD_LONGITUDE
    return rows[is_none | is_odd]
