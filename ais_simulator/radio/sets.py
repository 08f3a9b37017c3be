"""What each set sends of itself: the versions of static data in force, and those that a receiver knows."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ais_indicators.compiled import njit
from ais_simulator.model import DayAtSea, Fleet, Floats, Ints, StaticData
from ais_simulator.radio.records import ON_SHORE, Records, Sets
from ais_simulator.radio.reporting import STATIC_S

MOST_END_M: Final = 511  # bow and stern have nine bits
MOST_SIDE_M: Final = 63  # port and starboard six
MOST_DRAUGHT_TENTHS: Final = 255
_MID_FROM: Final = 10_000
_AID_OF_MID: Final = 990_001_001
"""Coast stations are 00MIDxxxx, and aids to navigation 99MID1xxx (ITU-R M.585-9)."""


def build_sets(sea: DayAtSea) -> Sets:
    """Returns the versions of a day: of ships as in its static data, then the stations, then an aid to navigation."""
    data, shore = sea.statics, _shore_mmsi(sea)
    bow, stern, port, starboard = (part[data.ship] for part in _dimensions(sea.fleet))
    zeros, blanks = np.zeros(shore.size, np.int64), np.full(shore.size, "", object)
    numbers = {
        "ship": (data.ship, np.full(shore.size, ON_SHORE)),
        "since_s": (np.ceil(data.since_s), zeros),
        "mmsi": (data.mmsi, shore),
        "imo_number": (data.imo_number, zeros),
        "draught_tenths": (
            np.clip(np.rint(data.draught_m * 10.0), 0, MOST_DRAUGHT_TENTHS),
            zeros,
        ),
        "eta_s": (data.eta_s, zeros),
        "ais_ship_type": (sea.fleet.ais_ship_type[data.ship], zeros),
        "to_bow_m": (bow, zeros),
        "to_stern_m": (stern, zeros),
        "to_port_m": (port, zeros),
        "to_starboard_m": (starboard, zeros),
    }
    texts = {
        "vessel_name": np.concatenate([data.vessel_name, _shore_names(shore)]),
        "call_sign": np.concatenate([data.call_sign, blanks]),
        "destination": np.concatenate([data.destination, blanks]),
    }
    is_class_b = np.concatenate([sea.fleet.is_class_b[data.ship], zeros.astype(np.bool_)])
    joined: dict[str, Any] = {name: np.concatenate(both).astype(np.int64) for name, both in numbers.items()}
    return Sets(**joined, **texts, is_class_b=is_class_b)


def versions_of_ships(statics: StaticData, ships: int) -> Ints:
    """Returns the first version of each ship, and at the end the number of all; shape (ships + 1,)."""
    return np.searchsorted(statics.ship, np.arange(ships + 1)).astype(np.int64)


def _shore_mmsi(sea: DayAtSea) -> Ints:
    """Returns the stations, and an aid to navigation next to the first of them."""
    stations = np.asarray(sea.stations.mmsi, np.int64)
    aids = _AID_OF_MID + stations[:1] // _MID_FROM * _MID_FROM
    return np.concatenate([stations, aids])


def _shore_names(mmsi: Ints) -> NDArray[np.object_]:
    names = np.full(mmsi.size, "", object)
    names[mmsi.size - 1 :] = "FAIRWAY BUOY"
    return names


def _dimensions(fleet: Fleet) -> tuple[Ints, Ints, Ints, Ints]:
    """Returns metres from the antenna to bow, stern, port and starboard, which add up to length and width."""
    length, width = _whole(fleet.length_m), _whole(fleet.width_m)
    bow = np.minimum(_whole(length * fleet.bow_share), MOST_END_M)
    port = np.minimum(width // 2, MOST_SIDE_M)
    return bow, np.minimum(length - bow, MOST_END_M), port, np.minimum(width - port, MOST_SIDE_M)


def _whole(metres: Floats) -> Ints:
    return np.rint(metres).astype(np.int64)


@njit(cache=True)
def set_versions(records: Any, first_version: Any, since_s: Any, mmsi: Any, day_start_s: int) -> None:
    """Adds to each position its sender's version and number.

    Args:
        records: `POSITION` records, ship by ship in the order of time.
        first_version: First version of each ship, and at the end the number of all.
        since_s: Epoch second from which each version is sent.
        mmsi: Number of each version.
        day_start_s: Epoch second of the day's start.
    """
    ship, version = -1, 0
    for row in range(records.size):
        record = records[row]
        if record.ship != ship:
            ship, version = record.ship, first_version[record.ship]
        while version + 1 < first_version[ship + 1] and since_s[version + 1] <= record.sent_s + day_start_s:
            version += 1
        record.version, record.mmsi = version, mmsi[version]


@njit(cache=True)
def set_known(
    records: Any, heard: Any, first_heard: Any, first_version: Any, mmsi: Any, usual_s: Any
) -> None:
    """Adds to each position the last static message of the sender that its receiver heard.

    Before the day's first one that is what the set sent as the day began, for the evening before is not looked
    into; nothing is known under another number than the position's, so a new number brings its version with it.

    Args:
        records: `POSITION` records, ship by ship in the order of time, versions set.
        heard: `STATIC` records, in the same order.
        first_heard: First static record of each ship, and at the end the number of all.
        first_version: As for `set_versions`.
        mmsi: Number of each version.
        usual_s: Second of the last static message before the day, one element per ship; negative.
    """
    ship, place, version, since = -1, 0, 0, 0
    for row in range(records.size):
        record = records[row]
        if record.ship != ship:
            ship, place = record.ship, first_heard[record.ship]
            version, since = first_version[ship], usual_s[ship]
        while place < first_heard[ship + 1] and heard[place].sent_s <= record.sent_s:
            version, since = heard[place].version, heard[place].sent_s
            place += 1
        is_stranger = mmsi[version] != record.mmsi
        record.known_version = record.version if is_stranger else version
        record.known_since_s = since


def usual_static_s(phase_s: Ints, day_start_s: int) -> NDArray[np.int32]:
    """Returns the second of each ship's last static message before the day, counted from the day's start."""
    return ((phase_s - day_start_s) % STATIC_S - STATIC_S).astype(np.int32)


def first_of_ships(records: Records, ships: int) -> Ints:
    """Returns the first record of each ship among those sorted by ship, and at the end the number of all."""
    return np.searchsorted(np.ascontiguousarray(records["ship"]), np.arange(ships + 1)).astype(np.int64)
