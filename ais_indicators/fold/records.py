"""Arrays that the fold carries and returns: one dtype per kind, described in its docstring.

Times are epoch seconds UTC; `NEVER` is a time that was not seen.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ais_indicators.rules import Rules
from ais_indicators.units import SECONDS_PER_DAY, SECONDS_PER_HOUR, SECONDS_PER_MINUTE

NEVER: Final = -(2**62)
"""No such time."""
FOREVER: Final = -NEVER
"""After every time and every MMSI."""
NOWHERE: Final = -1
"""No such port, and no gate."""

GATE_AREAS: Final = 3
"""Areas of a gate: a fix in one has the code `GATE_AREAS` times the gate's number, plus one of the next three."""
IN_GATE: Final = 0
SIDE_A: Final = 1
SIDE_B: Final = 2
UNSEEN_SIDE: Final = 0
"""A side that the ship was not seen on."""

ACTIVE: Final = 0
EXITED: Final = 1
ENDED_UNSEEN: Final = 2

ACCEPTED: Final = 0
DUPLICATE: Final = 1
CONFLICTING: Final = 2
TOO_FAST: Final = 3
ECHOED: Final = "echoed_message"
"""Reason of a message that is left out before the kernel, which compares each fix with its track alone."""
FALSE_POSITION: Final = "false_position"
"""Reason of a fix of a displaced stretch in a cluster; it is left out before the kernel too."""
REJECT_REASONS: Final = {
    DUPLICATE: "duplicate_message",
    CONFLICTING: "conflicting_position",
    TOO_FAST: "implied_speed_above_maximum",
}
"""Reasons of the fold (methodology 4), by the code that the kernel gives each fix."""

TRACK: Final = np.dtype(
    [
        ("track_id", np.int64),
        ("mmsi", np.int64),
        ("first_second", np.int64),
        ("last_second", np.int64),
        ("latitude", np.float64),
        ("longitude", np.float64),
        ("sailed_km", np.float64),
        ("knots", np.float64),
        ("fixes", np.int64),
        ("gaps", np.int64),
        ("opened", np.int64),
        ("visits", np.int64),
        ("waits", np.int64),
        ("straits", np.int64),
        ("straits_due", np.int64),
        ("anchorage_port", np.int64),
        ("run_since", np.int64),
        ("run_near", np.int64),
        ("run_second", np.int64),
        ("run_latitude", np.float64),
        ("run_longitude", np.float64),
        ("settled_second", np.int64),
    ]
)
"""One track: its last fix and the speed at it, the way sailed up to it, and how many elements of VISIT, WAIT and STRAIT
belong to it.

While it is away from all gates that it knows, nothing happens at them before `straits_due`. The run is that of its
ACTIVE visit, or else of its stay in the anchorages of `anchorage_port`: its first fix, the last one within the radius,
and the time and place of the fix from which the radius is measured (`fold.rest`).
"""

EVENT_FIELDS: Final = [
    ("first_second", np.int64),
    ("arrived_second", np.int64),
    ("entry_silence_seconds", np.int64),
    ("entry_km", np.float64),
    ("knots_before", np.float64),
    ("knots_first", np.float64),
    ("sailed_at_entry_km", np.float64),
    ("longest_silence_seconds", np.int64),
    ("stop_seconds", np.int64),
    ("longest_stop_seconds", np.int64),
    ("gaps", np.int64),
    ("gap_seconds", np.int64),
    ("rest_fixes", np.int64),
    ("own_still", np.int64),
    ("rival_port", np.int64),
    ("rival_still", np.int64),
    ("waiting_seconds", np.int64),
]
"""What a chain of visits adds up, or takes from its first one."""
CHAIN: Final = "chain_"
VISIT: Final = np.dtype(
    [
        ("track_id", np.int64),
        ("mmsi", np.int64),
        ("port", np.int64),
        ("phase", np.int64),
        ("pieces", np.int64),
        ("goes_on", np.int64),
        ("last_second", np.int64),
        ("knots_last", np.float64),
        ("rests_last", np.int64),
        ("sailed_at_last_km", np.float64),
        ("departed_second", np.int64),
        ("exit_silence_seconds", np.int64),
        ("exit_km", np.float64),
        ("knots_after", np.float64),
        ("sailed_at_exit_km", np.float64),
        ("settled_second", np.int64),
        *EVENT_FIELDS,
        *((CHAIN + name, kind) for name, kind in EVENT_FIELDS),
    ]
)
"""One visit of a track to a port; ACTIVE, EXITED or ENDED_UNSEEN.

Visits less than the merge time apart are pieces of a chain: `pieces` counts them up to this one, the fields of `CHAIN`
hold those before it (not set for the first piece), and `goes_on` is 1 once another piece follows.
"""

WAIT: Final = np.dtype([("port", np.int64), ("seconds", np.int64), ("last_end", np.int64)])
"""Stops at the anchorages of one port since the track's previous call."""

STRAIT: Final = np.dtype(
    [
        ("gate", np.int64),
        ("is_inside", np.int64),
        ("side", np.int64),
        ("is_side_inferred", np.int64),
        ("entered_second", np.int64),
        ("is_entry_unseen", np.int64),
        ("last_second", np.int64),
        ("away_second", np.int64),
        ("away_silence_seconds", np.int64),
        ("gap_seconds", np.int64),
        ("still_since", np.int64),
        ("counted_second", np.int64),
    ]
)
"""What is remembered of a track at one gate: the side that it was last on, and since when it is inside."""

TRANSIT: Final = np.dtype(
    [
        ("track_id", np.int64),
        ("mmsi", np.int64),
        ("gate", np.int64),
        ("from_side", np.int64),
        ("to_side", np.int64),
        ("entered_second", np.int64),
        ("left_second", np.int64),
        ("gap_seconds", np.int64),
        ("is_jumped", np.int64),
        ("is_inferred", np.int64),
        ("is_counted", np.int64),
    ]
)
"""One passage of a track through one gate; a side that was neither seen nor inferred is UNSEEN_SIDE."""

COUNTS: Final = np.dtype(
    [
        (name, np.int64)
        for name in (
            "tracks",
            "visits",
            "transits",
            "carried_tracks",
            "carried_visits",
            "carried_waits",
            "carried_straits",
        )
    ]
)
"""How many elements of each array of the output are filled."""

Records = NDArray[np.void]


class Thresholds(NamedTuple):
    """The rules of the fold, in the units that the kernel computes in."""

    same_place_km: float
    max_implied_speed_knots: float
    max_open_tracks: int
    min_track_fixes: int
    stale_track_seconds: int
    gap_seconds: int
    track_silence_seconds: int
    track_silence_in_port_seconds: int
    stop_below_knots: float
    stop_ends_above_knots: float
    min_stop_seconds: int
    short_stop_seconds: int
    merge_visits_seconds: int
    rest_radius_km: float
    anchor_radius_km: float
    rest_window_seconds: int
    sparse_step_seconds: int
    rest_knots_most: float
    max_waiting_before_entry_seconds: int
    max_unsettled_visits: int
    max_waiting_ports: int
    gate_memory_seconds: int
    gate_excursion_seconds: int
    transit_recount_seconds: int
    max_remembered_gates: int
    unseen_passage_seconds: int
    sailing_knots_most: float
    sailing_knots_least: float
    sailing_knots_margin: float
    lane_within_km: float
    waiting_silence_seconds: int

    @classmethod
    def from_rules(cls, rules: Rules) -> "Thresholds":
        """Takes them from the rules of the lake's subject."""
        return cls(
            same_place_km=rules.same_place_km,
            max_implied_speed_knots=rules.max_implied_speed_knots,
            max_open_tracks=rules.max_open_tracks,
            min_track_fixes=rules.min_track_fixes,
            stale_track_seconds=int(rules.stale_track_minutes * SECONDS_PER_MINUTE),
            gap_seconds=int(rules.gap_hours * SECONDS_PER_HOUR),
            track_silence_seconds=int(rules.track_silence_days * SECONDS_PER_DAY),
            track_silence_in_port_seconds=int(rules.track_silence_in_port_days * SECONDS_PER_DAY),
            stop_below_knots=rules.stop_below_knots,
            stop_ends_above_knots=rules.stop_ends_above_knots,
            min_stop_seconds=int(rules.min_stop_minutes * SECONDS_PER_MINUTE),
            short_stop_seconds=int(rules.short_stop_minutes * SECONDS_PER_MINUTE),
            merge_visits_seconds=int(rules.merge_visits_hours * SECONDS_PER_HOUR),
            rest_radius_km=rules.rest_radius_km,
            anchor_radius_km=rules.anchor_radius_km,
            rest_window_seconds=int(rules.rest_window_minutes * SECONDS_PER_MINUTE),
            sparse_step_seconds=int(rules.sparse_step_minutes * SECONDS_PER_MINUTE),
            rest_knots_most=rules.rest_knots_most,
            max_waiting_before_entry_seconds=int(rules.max_waiting_before_entry_hours * SECONDS_PER_HOUR),
            max_unsettled_visits=rules.max_unsettled_visits,
            max_waiting_ports=rules.max_waiting_ports,
            gate_memory_seconds=int(rules.gate_memory_hours * SECONDS_PER_HOUR),
            gate_excursion_seconds=int(rules.gate_excursion_hours * SECONDS_PER_HOUR),
            transit_recount_seconds=int(rules.transit_recount_hours * SECONDS_PER_HOUR),
            max_remembered_gates=rules.max_remembered_gates,
            unseen_passage_seconds=int(rules.unseen_passage_minutes * SECONDS_PER_MINUTE),
            sailing_knots_most=rules.sailing_knots_most,
            sailing_knots_least=rules.sailing_knots_least,
            sailing_knots_margin=rules.sailing_knots_margin,
            lane_within_km=rules.lane_within_km,
            waiting_silence_seconds=int(rules.waiting_silence_hours * SECONDS_PER_HOUR),
        )


class Carried(NamedTuple):
    """State between two days: the open tracks by MMSI and age, then what belongs to each in that order."""

    tracks: Records
    visits: Records
    waits: Records
    straits: Records

    @classmethod
    def empty(cls) -> "Carried":
        """Returns the state before the first fix ever."""
        return cls(np.empty(0, TRACK), np.empty(0, VISIT), np.empty(0, WAIT), np.empty(0, STRAIT))


class Settled(NamedTuple):
    """What can no longer change: tracks that closed, visits and transits that ended."""

    tracks: Records
    visits: Records
    transits: Records
