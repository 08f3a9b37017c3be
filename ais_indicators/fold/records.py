"""The arrays that the fold carries and gives out: one dtype a thing, one element as its docstring says.

Times are epoch seconds UTC; `NEVER` stands for a time that was not seen.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ais_indicators.rules import rule
from ais_indicators.units import SECONDS_PER_DAY, SECONDS_PER_HOUR, SECONDS_PER_MINUTE

NEVER: Final = -(2**62)
"""No such time."""
NOWHERE: Final = -1
"""No such port."""

ACTIVE: Final = 0
EXITED: Final = 1
ENDED_UNSEEN: Final = 2

ACCEPTED: Final = 0
DUPLICATE: Final = 1
CONFLICTING: Final = 2
TOO_FAST: Final = 3
REJECT_REASONS: Final = {
    DUPLICATE: "duplicate_message",
    CONFLICTING: "conflicting_position",
    TOO_FAST: "implied_speed_above_maximum",
}
"""Reasons of the fold (methodology 3), by the code that the kernel gives each fix."""

TRACK: Final = np.dtype(
    [
        ("track_id", np.int64),
        ("mmsi", np.int64),
        ("first_second", np.int64),
        ("last_second", np.int64),
        ("latitude", np.float64),
        ("longitude", np.float64),
        ("fixes", np.int64),
        ("gaps", np.int64),
        ("opened", np.int64),
        ("visits", np.int64),
        ("waits", np.int64),
        ("anchorage_port", np.int64),
        ("anchorage_stop_since", np.int64),
        ("anchorage_last", np.int64),
        ("settled_second", np.int64),
    ]
)
"""One track: its last fix, and how many elements of VISIT and WAIT belong to it."""

VISIT: Final = np.dtype(
    [
        ("track_id", np.int64),
        ("mmsi", np.int64),
        ("port", np.int64),
        ("phase", np.int64),
        ("first_second", np.int64),
        ("arrived_second", np.int64),
        ("last_second", np.int64),
        ("departed_second", np.int64),
        ("entry_silence_seconds", np.int64),
        ("exit_silence_seconds", np.int64),
        ("stop_since", np.int64),
        ("stop_seconds", np.int64),
        ("longest_stop_seconds", np.int64),
        ("gaps", np.int64),
        ("gap_seconds", np.int64),
        ("waiting_seconds", np.int64),
        ("settled_second", np.int64),
    ]
)
"""One visit of a track to a port; ACTIVE, EXITED or ENDED_UNSEEN."""

WAIT: Final = np.dtype([("port", np.int64), ("seconds", np.int64), ("last_end", np.int64)])
"""Stops at the anchorages of one port since the track's previous call."""

Records = NDArray[np.void]


class Thresholds(NamedTuple):
    """The rules of the fold, in the units that the kernel computes in."""

    same_place_km: float
    max_implied_speed_knots: float
    max_open_tracks: int
    min_track_fixes: int
    gap_seconds: int
    track_silence_seconds: int
    track_silence_in_port_seconds: int
    stop_below_knots: float
    stop_ends_above_knots: float
    min_stop_seconds: int
    merge_visits_seconds: int
    max_waiting_before_entry_seconds: int
    max_unsettled_visits: int
    max_waiting_ports: int

    @classmethod
    def from_rules(cls) -> "Thresholds":
        """Takes them from `quality/rules.yaml`."""
        return cls(
            same_place_km=float(rule("same_place_km")),
            max_implied_speed_knots=float(rule("max_implied_speed_knots")),
            max_open_tracks=int(rule("max_open_tracks")),
            min_track_fixes=int(rule("min_track_fixes")),
            gap_seconds=int(rule("gap_hours") * SECONDS_PER_HOUR),
            track_silence_seconds=int(rule("track_silence_days") * SECONDS_PER_DAY),
            track_silence_in_port_seconds=int(rule("track_silence_in_port_days") * SECONDS_PER_DAY),
            stop_below_knots=float(rule("stop_below_knots")),
            stop_ends_above_knots=float(rule("stop_ends_above_knots")),
            min_stop_seconds=int(rule("min_stop_minutes") * SECONDS_PER_MINUTE),
            merge_visits_seconds=int(rule("merge_visits_hours") * SECONDS_PER_HOUR),
            max_waiting_before_entry_seconds=int(rule("max_waiting_before_entry_hours") * SECONDS_PER_HOUR),
            max_unsettled_visits=int(rule("max_unsettled_visits")),
            max_waiting_ports=int(rule("max_waiting_ports")),
        )


class Carried(NamedTuple):
    """State between two days: the open tracks by MMSI and age, then their visits and waits in that order."""

    tracks: Records
    visits: Records
    waits: Records

    @classmethod
    def empty(cls) -> "Carried":
        """The state before the first fix ever."""
        return cls(np.empty(0, TRACK), np.empty(0, VISIT), np.empty(0, WAIT))


class Settled(NamedTuple):
    """What can no longer change: tracks that closed and visits that ended."""

    tracks: Records
    visits: Records
