"""The messages of a day as arrays of records, in the whole steps that the radio carries."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ais_simulator.model import Ints, Stations, Texts

Records = NDArray[Any]
"""An array of `POSITION` or `STATIC` records."""

POSITION: Final = np.dtype(
    [
        ("sent_s", np.int32),  # seconds from the day's start; the file's order
        ("stamped_s", np.int32),  # the same where the clock is right
        ("ship", np.int32),  # index into the fleet; ON_SHORE for what is no ship
        ("mmsi", np.int32),
        ("version", np.int32),  # index into the sets: what the set sends
        ("known_version", np.int32),  # index into the sets: what was heard last
        ("known_since_s", np.int32),  # second in which it was heard
        ("latitude_steps", np.int32),  # 1/10000 minute north
        ("longitude_steps", np.int32),  # 1/10000 minute east
        ("sog_tenths", np.int16),  # tenths of a knot
        ("cog_tenths", np.int16),  # tenths of a degree
        ("heading_degrees", np.int16),
        ("station", np.int16),  # index into the stations, or NO_STATION, or SATELLITE
        ("rot", np.int8),  # as sent: 4.733 times the root of degrees a minute
        ("navigational_status", np.uint8),
        ("message_type", np.uint8),
        ("copy", np.uint8),  # 1 for a message that comes a second time, REPEATED for one of a wrong clock
    ],
    align=True,
)
"""One position message, or one of a base station (type 4) or an aid to navigation (type 21)."""

STATIC: Final = np.dtype(
    [
        ("sent_s", np.int32),
        ("stamped_s", np.int32),
        ("ship", np.int32),
        ("version", np.int32),
        ("station", np.int16),
        ("message_type", np.uint8),
        ("part", np.uint8),  # 0 for A and 1 for B, of type 24
        ("copy", np.uint8),
    ],
    align=True,
)
"""One static message: type 5, 24 A or 24 B; its content is a version of the sets."""

HIT_HOUR: Final = np.dtype(
    [
        ("number", np.int64),  # of the shock, in its scenario
        ("ship", np.int64),
        ("mmsi", np.int64),
        ("hour", np.int64),  # of the day
        ("messages", np.int64),
        ("latitude_steps", np.int64),  # true place at the first of them
        ("longitude_steps", np.int64),
    ]
)
"""One shock, vessel, number and hour of the day; its messages are those that were changed, or not sent."""

STEPS_PER_DEGREE: Final = 600_000
NO_LATITUDE: Final = 91 * STEPS_PER_DEGREE
NO_LONGITUDE: Final = 181 * STEPS_PER_DEGREE
NO_SOG: Final = 1023
NO_COG: Final = 3600
NO_HEADING: Final = 511
NO_ROT: Final = -128
NO_STATUS: Final = 15
"""What says "not available" (ITU-R M.1371-5, tables 48 and 70)."""

CLASS_A, CLASS_A_AT_REST, BASE_STATION, VOYAGE = 1, 3, 4, 5
CLASS_B, AID_TO_NAVIGATION, CLASS_B_STATIC = 18, 21, 24
"""Message types."""

AT_ANCHOR, MOORED = 1, 5
ON_SHORE: Final = -1
REPEATED: Final = 2
"""Copy number of a message that a receiver with a wrong clock repeats."""
NO_STATION: Final = -1
SATELLITE: Final = -2


@dataclass(frozen=True)
class Sets:
    """Data that sets send about themselves: one element per version, ships first, then shore stations.

    Attributes:
        ship: Index into the fleet; ON_SHORE for a base station or an aid.
        since_s: Epoch second from which it is sent.
        mmsi: Number of the sender.
        imo_number: 0 if none.
        vessel_name: At most 20 characters.
        call_sign: At most 7 characters.
        destination: At most 20 characters.
        draught_tenths: Tenths of a metre, 0 to 255.
        eta_s: Epoch second; 0 if none.
        ais_ship_type: Code; 0 on shore.
        is_class_b: Whether the set is of class B.
        to_bow_m: From the antenna.
        to_stern_m: From the antenna.
        to_port_m: From the antenna.
        to_starboard_m: From the antenna.
    """

    ship: Ints
    since_s: Ints
    mmsi: Ints
    imo_number: Ints
    vessel_name: Texts
    call_sign: Texts
    destination: Texts
    draught_tenths: Ints
    eta_s: Ints
    ais_ship_type: Ints
    is_class_b: NDArray[np.bool_]
    to_bow_m: Ints
    to_stern_m: Ints
    to_port_m: Ints
    to_starboard_m: Ints

    def __len__(self) -> int:
        return len(self.mmsi)

    @property
    def length_m(self) -> Ints:
        """Returns the length as sent."""
        return self.to_bow_m + self.to_stern_m

    @property
    def width_m(self) -> Ints:
        """Returns the beam as sent."""
        return self.to_port_m + self.to_starboard_m


@dataclass(frozen=True)
class Cuts:
    """Lines that are cut off in formats of text.

    Attributes:
        row: Which messages, ascending.
        share: How much of the line is left, over 0 and under 1.
    """

    row: Ints
    share: NDArray[np.float64]


@dataclass(frozen=True)
class DayMessages:
    """The messages that reached a receiver on a UTC day, in the order of their sending.

    Attributes:
        day: The day of sending.
        positions: `POSITION` records, sorted by second, then ship; of shore stations first.
        statics: `STATIC` records, sorted in the same way.
        sets: What versions refer to.
        stations: What stations refer to.
        position_cuts: Positions whose line is cut off.
        static_cuts: Static messages whose line is cut off.
        fault_counts: How many messages each kind of fault hit, `positions.duplicate` and the like; lost and spoiled
            ones are not among the messages, and `truncated` ones are whole in Parquet.
        hit_hours: `HIT_HOUR` records: vessels and hours whose messages a shock changed, or kept from being sent.
    """

    day: date
    positions: Records
    statics: Records
    sets: Sets
    stations: Stations
    position_cuts: Cuts
    static_cuts: Cuts
    fault_counts: Mapping[str, int]
    hit_hours: Records = field(default_factory=lambda: np.zeros(0, HIT_HOUR))

    @property
    def start_s(self) -> int:
        """Returns the epoch second in which the day begins."""
        return start_of_day_s(self.day)


def start_of_day_s(day: date) -> int:
    """Returns the epoch second in which a UTC day begins."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
