"""The second reading: the method's sections 1, 3, 4 and 5 once more, plain and slow, to assess the product.

This file is written from the text of the method and from nothing else. It shares no code with
`ais_indicators`, reads no rules file, and needs only the standard library, so a mistake in the product is not
repeated here. Where the product folds one fix at a time into small records, this reading keeps each track
complete and looks back over it: first tracks with their visit pieces, then merged visits, stops, gaps and
waits. Sections 1, 2, 4 and 5 of the method's version 2 replace section 5 where they differ.

Use: `read(fixes, areas)`. MMSIs do not touch each other, so a caller may split the fixes by MMSI, over
processes too, and add up the readings; an `Atlas` built once may be passed in place of the areas.
"""

from __future__ import annotations

import csv
import math
from abc import ABC, abstractmethod
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import groupby, pairwise
from pathlib import Path
from typing import Literal, NamedTuple

# --- The method's numbers, copied from its text by hand on purpose ------------------------------------------

EARTH_RADIUS_KM = 6371.0
KM_PER_NAUTICAL_MILE = 1.852
SECONDS_PER_HOUR = 3600
SECONDS_PER_DAY = 24 * SECONDS_PER_HOUR

# Section 2 and 3: what is no position.
SHIP_MID_FIRST = 201
SHIP_MID_LAST = 775
SHARED_MMSIS = frozenset({0, 1, 1193046, 123456789, 999999999})
LATITUDE_NOT_AVAILABLE = 91.0
LONGITUDE_NOT_AVAILABLE = 181.0
LATITUDE_MAXIMUM = 90.0
LONGITUDE_MAXIMUM = 180.0

# Section 4: tracks.
SAME_PLACE_KM = 1.0
STALE_TRACK_S = 30 * 60
MAX_IMPLIED_SPEED_KNOTS = 50.0
SPEED_DECIMALS = 2
MAX_OPEN_TRACKS = 4
MIN_TRACK_FIXES = 3
GAP_SECONDS = 4 * SECONDS_PER_HOUR
TRACK_SILENCE_SECONDS = 14 * SECONDS_PER_DAY
TRACK_SILENCE_IN_PORT_SECONDS = 60 * SECONDS_PER_DAY

# Section 5: port calls.
EXIT_MARGIN_KM = 1.0
CIRCLE_ENTRY_KM = 3.0
CIRCLE_EXIT_KM = 4.0
REST_RADIUS_KM = 0.12
ANCHOR_RADIUS_KM = 0.5
REST_WINDOW_SECONDS = 10 * 60
SPARSE_STEP_SECONDS = 30 * 60
REST_SOG_MOST_KNOTS = 2.0
STOP_ENDS_ABOVE_KNOTS = 0.5
MIN_STOP_SECONDS = 30 * 60
MIN_SHORT_STOP_SECONDS = 5 * 60
SAILING_KNOTS_LEAST = 5.0
SAILING_KNOTS_MOST = 25.0
STATUSES_AT_REST = frozenset({1, 5})
MERGE_VISITS_SECONDS = SECONDS_PER_HOUR
WAIT_ENDS_BEFORE_ENTRY_SECONDS = 24 * SECONDS_PER_HOUR

# How this file finds areas; no value depends on these.
SQUARES_PER_DEGREE = 10
SQUARES_ROUND_THE_EARTH = 360 * SQUARES_PER_DEGREE
BOX_ALLOWANCE = 1.01
EXACT_BELOW = 1e-9

EventType = Literal["port_call", "passage"]
Movement = Literal["still", "excursion", "new_run"]
Ring = tuple[tuple[float, float], ...]


# --- Rows in ------------------------------------------------------------------------------------------------


class Fix(NamedTuple):
    """One position message of one MMSI; a tuple, because a day has millions.

    Attributes:
        mmsi: The nine-digit identity, as a number.
        second: UTC, whole seconds since 1970 (floor).
        latitude: WGS 84 degrees, north positive.
        longitude: WGS 84 degrees, east positive.
        sog_knots: Speed over ground; None where not available.
        cog_degrees: Course over ground; None where not available.
        heading_degrees: Heading; None where not available.
        message_type: ITU-R M.1371 message type; None where the source has none.
        navigational_status: Navigational status, 0 to 15; None where not available.
    """

    mmsi: int
    second: int
    latitude: float
    longitude: float
    sog_knots: float | None = None
    cog_degrees: float | None = None
    heading_degrees: float | None = None
    message_type: int | None = None
    navigational_status: int | None = None


@dataclass(frozen=True)
class Area:
    """One area of a port: a polygon, or a circle around a point where there is no polygon.

    Attributes:
        port_locode: UN/LOCODE of the port that the area belongs to.
        area_kind: `port`, `berth` or `anchorage`.
        rings: The polygon's rings of (longitude, latitude): the shell, then the holes. Empty for a circle.
        centre: (latitude, longitude) of a points-only port; not used when there are rings.
    """

    port_locode: str
    area_kind: str
    rings: tuple[Ring, ...] = ()
    centre: tuple[float, float] | None = None


# --- Rows out -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Event:
    """One port call or passage of one track. Times are epoch seconds UTC; None is an end not seen.

    A half-width is None where its end is not estimated.
    """

    mmsi: int
    track_first_second: int
    port_locode: str
    event_type: EventType
    first_seen: int
    arrived_at: int | None
    departed_at: int | None
    last_seen: int
    stop_hours: float
    gap_hours: float
    confidence: int
    waiting_hours: float
    entry_after_gap: bool
    exit_after_gap: bool
    is_open: bool
    arrival_is_estimated: bool
    departure_is_estimated: bool
    arrival_half_width_hours: float | None
    departure_half_width_hours: float | None

    @property
    def stay_hours(self) -> float | None:
        """Hours from arrival to departure as published; None if an end is unseen."""
        if self.arrived_at is None or self.departed_at is None:
            return None
        return (self.departed_at - self.arrived_at) / SECONDS_PER_HOUR


class TrackSummary(NamedTuple):
    """One track, also one too short to give events: its MMSI, first and last second and number of fixes."""

    mmsi: int
    first_second: int
    last_second: int
    fixes: int


@dataclass
class Reading:
    """All that a set of fixes says: events, rows rejected by reason, and tracks."""

    events: list[Event] = field(default_factory=list)
    rejected: Counter[str] = field(default_factory=Counter)
    tracks: list[TrackSummary] = field(default_factory=list)


# --- Section 1: distance and speed --------------------------------------------------------------------------


def great_circle_km(latitude_a: float, longitude_a: float, latitude_b: float, longitude_b: float) -> float:
    """Return the great-circle distance in km on the sphere of 6,371 km (haversine)."""
    phi_a, phi_b = math.radians(latitude_a), math.radians(latitude_b)
    half_north = math.sin((phi_b - phi_a) / 2)
    half_east = math.sin(math.radians(longitude_b - longitude_a) / 2)
    h = half_north * half_north + math.cos(phi_a) * math.cos(phi_b) * half_east * half_east
    return 2 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(h)))


def distance_km(a: Fix, b: Fix) -> float:
    """Return the distance in km between two fixes."""
    return great_circle_km(a.latitude, a.longitude, b.latitude, b.longitude)


def speed_needed_knots(km: float, seconds: int) -> float:
    """Return the speed in knots, not rounded, that covers a distance in a time."""
    return km / KM_PER_NAUTICAL_MILE / (seconds / SECONDS_PER_HOUR)


# --- Section 3: what is rejected ----------------------------------------------------------------------------


def is_ship_mmsi(mmsi: int | None) -> bool:
    """Say whether an MMSI is a ship's: nine digits, the first three 201 to 775, no known shared number."""
    if mmsi is None or mmsi in SHARED_MMSIS:
        return False
    return SHIP_MID_FIRST <= mmsi // 1_000_000 <= SHIP_MID_LAST


def coordinate_reason(name: str, degrees: float | None, not_available: float, maximum: float) -> str | None:
    """Return why a latitude or longitude is none; None if it is one. Both ends of the range are in it."""
    if degrees is None or degrees == not_available:
        return f"{name}_not_available"
    return None if -maximum <= degrees <= maximum else f"{name}_out_of_range"


def reason_against(
    mmsi: int | None, second: int | None, latitude: float | None, longitude: float | None
) -> str | None:
    """Return the first reason, in the method's order, why a single row is not a position, or None."""
    reasons = (
        None if is_ship_mmsi(mmsi) else "mmsi_not_a_ship",
        coordinate_reason("latitude", latitude, LATITUDE_NOT_AVAILABLE, LATITUDE_MAXIMUM),
        coordinate_reason("longitude", longitude, LONGITUDE_NOT_AVAILABLE, LONGITUDE_MAXIMUM),
        "null_island" if latitude == 0 and longitude == 0 else None,
        "timestamp_missing" if second is None else None,
    )
    return next((reason for reason in reasons if reason), None)


def is_acceptable(
    mmsi: int | None, second: int | None, latitude: float | None, longitude: float | None
) -> bool:
    """Return whether a single row is a position of a ship."""
    return reason_against(mmsi, second, latitude, longitude) is None


def row_order(fix: Fix) -> tuple[float, ...]:
    """Return the sort key of a fix within its MMSI: second, place, SOG, COG, heading, type, nulls last."""
    return (fix.second, fix.latitude, fix.longitude, *(math.inf if x is None else x for x in fix[4:]))


def same_second_reason(fix: Fix, earlier: list[Fix], accepted: list[Fix]) -> str | None:
    """Return why a row conflicts with the earlier rows of its MMSI and second, None if it can.

    Args:
        fix: The row.
        earlier: All earlier rows of that second, rejected ones too.
        accepted: Those of them that went to a track.
    """
    if any(fix.latitude == row.latitude and fix.longitude == row.longitude for row in earlier):
        return "duplicate_message"
    if any(distance_km(fix, row) <= SAME_PLACE_KM for row in accepted):
        return "conflicting_position"
    return None


# --- Section 4: tracks --------------------------------------------------------------------------------------


class Stop(NamedTuple):
    """A time during which a vessel stayed within a radius, in epoch seconds."""

    start: int
    end: int

    @property
    def seconds(self) -> int:
        """How long it lasted."""
        return self.end - self.start


def is_faster(knots: float | None, bound: float) -> bool:
    """Say whether a speed is above a bound; an unknown one is not."""
    return knots is not None and knots > bound


@dataclass
class Runs:
    """The runs of one visit piece or of one stretch at anchor; the last one may go on.

    Attributes:
        radius_km: How far a fix of a run may lie from the reference.
        since: The second of the current run's first fix.
        near: The second of its last fix within the radius.
        reference: The fix from which distances are measured.
        ended: The runs before it.
    """

    radius_km: float
    since: int
    near: int
    reference: Fix
    ended: list[Stop] = field(default_factory=list)

    @classmethod
    def beginning(cls, fix: Fix, radius_km: float) -> Runs:
        """Begin the first run."""
        return cls(radius_km, fix.second, fix.second, fix)

    @property
    def is_at_rest(self) -> bool:
        """Whether the current run has lasted long enough to be rest."""
        return self.near - self.since >= REST_WINDOW_SECONDS

    @property
    def stops(self) -> list[Stop]:
        """All runs, of any length."""
        return [*self.ended, Stop(self.since, self.near)]

    def take(self, fix: Fix, silence: int, knots: float | None, knots_before: float | None) -> Movement:
        """Add the next fix and return how it relates to the current run."""
        sailed = is_faster(knots, REST_SOG_MOST_KNOTS) or is_faster(knots_before, REST_SOG_MOST_KNOTS)
        if silence >= GAP_SECONDS or (silence > SPARSE_STEP_SECONDS and sailed):
            return self._begin(fix)
        if distance_km(self.reference, fix) <= self.radius_km:
            self.near = fix.second
            if fix.second - self.reference.second >= REST_WINDOW_SECONDS:
                self.reference = fix
            return "still"
        if self.is_at_rest and fix.second - self.near < REST_WINDOW_SECONDS:
            return "excursion"
        return self._begin(fix)

    def _begin(self, fix: Fix) -> Movement:
        self.ended.append(Stop(self.since, self.near))
        self.since, self.near, self.reference = fix.second, fix.second, fix
        return "new_run"


@dataclass
class Piece:
    """A visit of a track to a port before any merging; fixes are given by their number in the track.

    Attributes:
        port_locode: The port of its first fix.
        first_number: Its first fix.
        last_number: Its last fix.
        runs: Its runs.
        exit_number: The fix that ended it; None while it goes on.
        own_fixes: Its still fixes in its port.
        rival: The first other port with a still fix of it.
        rival_fixes: Its still fixes in that port.
        has_rest: Whether one of its fixes is at rest.
    """

    port_locode: str
    first_number: int
    last_number: int
    runs: Runs
    exit_number: int | None = None
    own_fixes: int = 0
    rival: str | None = None
    rival_fixes: int = 0
    has_rest: bool = False

    def count_still(self, port_locode: str | None) -> None:
        """Count a still fix for the port that contains it."""
        if port_locode == self.port_locode:
            self.own_fixes += 1
        elif port_locode is not None:
            self.rival = self.rival or port_locode
            self.rival_fixes += port_locode == self.rival


class Stretch(NamedTuple):
    """Consecutive fixes of a track in no visit and in anchorages of one port."""

    port_locode: str
    runs: Runs


class Track:
    """One physical vessel's path under an MMSI.

    Attributes:
        fixes: Its fixes in time order, at least one.
        knots: The speed at each fix: its SOG, else that from the fix before, else None.
        pieces: Its visit pieces in time order.
        stretches: Its stretches at anchorages in time order.
        is_open: Whether a further fix may still join.
    """

    def __init__(self, fix: Fix, atlas: Atlas) -> None:
        """Begin a track with its first fix."""
        self.fixes: list[Fix] = []
        self.knots: list[float | None] = []
        self.pieces: list[Piece] = []
        self.stretches: list[Stretch] = []
        self.is_open = True
        self._piece: Piece | None = None
        self._stretch: Stretch | None = None
        self.add(fix, atlas)

    @property
    def last(self) -> Fix:
        """The last fix."""
        return self.fixes[-1]

    @property
    def is_stub(self) -> bool:
        """Whether the track is too short to give events."""
        return len(self.fixes) < MIN_TRACK_FIXES

    def silence_before(self, number: int) -> int | None:
        """Return the seconds since the fix before; None for the first fix."""
        return self.fixes[number].second - self.fixes[number - 1].second if number else None

    def add(self, fix: Fix, atlas: Atlas) -> None:
        """Append a fix and give it to the active piece, a new one, or a stretch at an anchorage."""
        self.knots.append(knots_at(fix, self.fixes[-1] if self.fixes else None))
        self.fixes.append(fix)
        port_locode = atlas.port_of(fix)
        if self._piece is not None and not self._continue_piece(self._piece, fix, port_locode, atlas):
            self._piece.exit_number = len(self.fixes) - 1
            self._piece = None
        if self._piece is None:
            self._take_outside(fix, port_locode, atlas)

    def _continue_piece(self, piece: Piece, fix: Fix, port_locode: str | None, atlas: Atlas) -> bool:
        anchorage = atlas.anchorage_of(fix)
        movement = self._move(piece.runs, fix)
        is_near = atlas.is_within_margin(fix, piece.port_locode)
        is_free = port_locode is not None or anchorage is None or piece.runs.is_at_rest
        holds = movement == "excursion" or (movement == "still" and is_near)
        is_in_margin = port_locode is None and anchorage is None and is_near
        if not (port_locode == piece.port_locode or (holds and is_free) or is_in_margin):
            return False
        piece.last_number = len(self.fixes) - 1
        if movement == "still":
            piece.count_still(port_locode)
        piece.has_rest |= (movement == "still" and piece.runs.is_at_rest) or self._is_last_at_rest()
        return True

    def _take_outside(self, fix: Fix, port_locode: str | None, atlas: Atlas) -> None:
        if port_locode is not None:
            number = len(self.fixes) - 1
            self._piece = Piece(port_locode, number, number, Runs.beginning(fix, REST_RADIUS_KM))
            self._piece.has_rest = self._is_last_at_rest()
            self.pieces.append(self._piece)
            self._stretch = None
            return
        anchorage = atlas.anchorage_of(fix)
        if anchorage is None:
            self._stretch = None
        elif self._stretch is not None and self._stretch.port_locode == anchorage.port_locode:
            self._move(self._stretch.runs, fix)
        else:
            self._stretch = Stretch(anchorage.port_locode, Runs.beginning(fix, ANCHOR_RADIUS_KM))
            self.stretches.append(self._stretch)

    def _move(self, runs: Runs, fix: Fix) -> Movement:
        return runs.take(fix, fix.second - self.fixes[-2].second, self.knots[-1], self.knots[-2])

    def _is_last_at_rest(self) -> bool:
        """Say whether the last fix shows rest without a run: after a long silence, or by its status."""
        silence, knots = self.silence_before(len(self.fixes) - 1), self.knots[-1]
        is_sparse = silence is not None and silence > SPARSE_STEP_SECONDS
        if is_sparse and knots is not None and knots <= STOP_ENDS_ABOVE_KNOTS:
            return True
        is_status = self.last.navigational_status in STATUSES_AT_REST
        return is_status and not is_faster(knots, REST_SOG_MOST_KNOTS)

    def close_if_silent(self, second: int) -> None:
        """Close the track if by this second it has been silent for too long."""
        allowed = TRACK_SILENCE_SECONDS if self._piece is None else TRACK_SILENCE_IN_PORT_SECONDS
        if second - self.last.second > allowed:
            self.is_open = False


def knots_at(fix: Fix, before: Fix | None) -> float | None:
    """Return the speed at a fix in knots: its SOG, else that from the track's fix before, else None."""
    if fix.sog_knots is not None or before is None:
        return fix.sog_knots
    return speed_needed_knots(distance_km(before, fix), fix.second - before.second)


def distance_if_candidate(track: Track, fix: Fix) -> float | None:
    """Return the km from the track's last fix if the track could take this fix, else None."""
    seconds = fix.second - track.last.second
    if seconds == 0:
        return None
    km = distance_km(track.last, fix)
    if (
        km <= SAME_PLACE_KM
        or round(speed_needed_knots(km, seconds), SPEED_DECIMALS) <= MAX_IMPLIED_SPEED_KNOTS
    ):
        return km
    return None


def nearest_track(tracks: list[Track], fix: Fix) -> Track | None:
    """Return the nearest of some tracks, oldest first, that could take this fix; ties go to the oldest.

    One that was here lately takes it before the others, a stub only where no other track could.
    """
    for is_stub in (False, True):
        able = [
            (km, track)
            for track in tracks
            if track.is_stub == is_stub and (km := distance_if_candidate(track, fix)) is not None
        ]
        here = [
            (km, track)
            for km, track in able
            if km <= SAME_PLACE_KM and fix.second - track.last.second < STALE_TRACK_S
        ]
        if able:
            return min(here or able, key=lambda one: one[0])[1]
    return None


def stub_to_replace(tracks: list[Track]) -> Track | None:
    """Return the stub with the fewest fixes, then the longest silent, then the oldest; None without stubs."""
    stubs = [track for track in tracks if track.is_stub]
    return min(stubs, key=lambda track: (len(track.fixes), track.last.second), default=None)


@dataclass
class Ship:
    """The tracks of one MMSI, oldest first: all of them, and those still open."""

    atlas: Atlas
    tracks: list[Track] = field(default_factory=list)
    open_tracks: list[Track] = field(default_factory=list)

    def close_silent_tracks(self, second: int) -> None:
        """Close the tracks that by this second have been silent for too long."""
        for track in self.open_tracks:
            track.close_if_silent(second)
        self.open_tracks = [track for track in self.open_tracks if track.is_open]

    def take(self, fix: Fix) -> bool:
        """Give a fix to a track, opening one if need be; False if no track can take it."""
        nearest = nearest_track(self.open_tracks, fix)
        if nearest is not None:
            nearest.add(fix, self.atlas)
            return True
        if len(self.open_tracks) == MAX_OPEN_TRACKS:
            stub = stub_to_replace(self.open_tracks)
            if stub is None:
                return False
            stub.is_open = False
            self.open_tracks = [track for track in self.open_tracks if track.is_open]
        new = Track(fix, self.atlas)
        self.tracks.append(new)
        self.open_tracks.append(new)
        return True


def follow_tracks(fixes: list[Fix], atlas: Atlas, rejected: Counter[str]) -> list[Track]:
    """Split the acceptable fixes of one MMSI, in any order, into tracks; count those that are rejected."""
    ship = Ship(atlas)
    for second, rows in groupby(sorted(fixes, key=row_order), key=lambda fix: fix.second):
        ship.close_silent_tracks(second)
        earlier: list[Fix] = []
        accepted: list[Fix] = []
        for fix in rows:
            reason = same_second_reason(fix, earlier, accepted)
            if reason is None and not ship.take(fix):
                reason = "implied_speed_above_maximum"
            earlier.append(fix)
            if reason is None:
                accepted.append(fix)
            else:
                rejected[reason] += 1
    return ship.tracks


# --- Section 5: areas ---------------------------------------------------------------------------------------


class Shape(ABC):
    """An area made ready for questions; the box, exit margin included, only answers "far away" quickly."""

    def __init__(
        self, locode: str, area_km2: float, box: tuple[float, float, float, float], margin_km: float
    ) -> None:
        """Keep the area's port and size, and its box (south, west, north, east) widened by the margin."""
        south, west, north, east = box
        margin_degrees = math.degrees(margin_km / EARTH_RADIUS_KM) * BOX_ALLOWANCE
        self.port_locode = locode
        self.area_km2 = area_km2
        self.south, self.north = south - margin_degrees, north + margin_degrees
        self.middle = (west + east) / 2
        farthest_from_equator = max(abs(self.south), abs(self.north))
        self.half_width = 180.0
        if farthest_from_equator < LATITUDE_MAXIMUM:
            widened = margin_degrees / math.cos(math.radians(farthest_from_equator))
            self.half_width = min(180.0, (east - west) / 2 + widened)

    def beside(self, longitude: float) -> float:
        """Return the longitude, turned by whole circles to lie within 180 degrees of the shape's middle."""
        return longitude + 360 * round((self.middle - longitude) / 360)

    def in_box(self, latitude: float, longitude: float) -> bool:
        """Say whether the place is near enough to ask the exact question."""
        if not self.south <= latitude <= self.north:
            return False
        return abs(self.beside(longitude) - self.middle) <= self.half_width

    @abstractmethod
    def contains(self, latitude: float, longitude: float) -> bool:
        """Say whether the place is inside; the edge is inside."""

    @abstractmethod
    def is_within_margin(self, latitude: float, longitude: float) -> bool:
        """Say whether the place is inside or not beyond the exit margin."""


class Circle(Shape):
    """A points-only port: in within 3 km, out beyond 4 km."""

    def __init__(self, locode: str, centre: tuple[float, float]) -> None:
        """Take the port and its (latitude, longitude)."""
        self.latitude, self.longitude = centre
        box = (self.latitude, self.longitude, self.latitude, self.longitude)
        super().__init__(locode, math.pi * CIRCLE_ENTRY_KM**2, box, CIRCLE_EXIT_KM)

    def contains(self, latitude: float, longitude: float) -> bool:
        """Say whether the place is within the entry radius."""
        return self._is_within(CIRCLE_ENTRY_KM, latitude, longitude)

    def is_within_margin(self, latitude: float, longitude: float) -> bool:
        """Say whether the place is within the exit radius."""
        return self._is_within(CIRCLE_EXIT_KM, latitude, longitude)

    def _is_within(self, radius_km: float, latitude: float, longitude: float) -> bool:
        if not self.in_box(latitude, longitude):
            return False
        return great_circle_km(self.latitude, self.longitude, latitude, longitude) <= radius_km


class Edge(NamedTuple):
    """One straight side of a ring, in degrees (x longitude, y latitude)."""

    x1: float
    y1: float
    x2: float
    y2: float


class Polygon(Shape):
    """An area with rings: in up to the edge, out farther than 1 km from it."""

    def __init__(self, locode: str, rings: tuple[Ring, ...]) -> None:
        """Take the port and its rings; their longitudes are unwrapped to lie in one piece."""
        shell = unwrapped(rings[0], rings[0][0][0])
        self.rings = [
            edges_of(ring) for ring in (shell, *(unwrapped(hole, shell[0][0]) for hole in rings[1:]))
        ]
        longitudes = [x for x, _ in shell]
        latitudes = [y for _, y in shell]
        box = (min(latitudes), min(longitudes), max(latitudes), max(longitudes))
        area_km2 = ring_area_km2(self.rings[0]) - sum(ring_area_km2(hole) for hole in self.rings[1:])
        super().__init__(locode, area_km2, box, EXIT_MARGIN_KM)

    def contains(self, latitude: float, longitude: float) -> bool:
        """Say whether the place is in the shell and in no hole, or on any edge."""
        if not self.in_box(latitude, longitude):
            return False
        x, y = self.beside(longitude), latitude
        if any(is_on_edge(edge, x, y) for ring in self.rings for edge in ring):
            return True
        shell, *holes = self.rings
        return is_in_ring(shell, x, y) and not any(is_in_ring(hole, x, y) for hole in holes)

    def is_within_margin(self, latitude: float, longitude: float) -> bool:
        """Say whether the place is inside or at most 1 km from the nearest point of the polygon."""
        if not self.in_box(latitude, longitude):
            return False
        if self.contains(latitude, longitude):
            return True
        x = self.beside(longitude)
        return any(km_to_edge(edge, x, latitude) <= EXIT_MARGIN_KM for ring in self.rings for edge in ring)


def unwrapped(ring: Ring, start: float) -> Ring:
    """Return the ring with each longitude within 180 degrees of the one before it, beginning near `start`.

    A ring over the antimeridian is so in one piece: 179.9, -179.9 becomes 179.9, 180.1.
    """
    points = []
    for longitude, latitude in ring:
        start = longitude + 360 * round((start - longitude) / 360)
        points.append((start, latitude))
    return tuple(points)


def edges_of(ring: Ring) -> list[Edge]:
    """Return the sides of a ring, the closing one included."""
    closed = ring if ring[0] == ring[-1] else (*ring, ring[0])
    return [Edge(*a, *b) for a, b in pairwise(closed)]


def ring_area_km2(ring: list[Edge]) -> float:
    """Return the area on the sphere inside a ring whose sides are straight in degrees.

    Each side covers an area down to the equator of R2 x (step in longitude) x (mean sine of the latitude along it).
    """
    total = 0.0
    for edge in ring:
        half = math.radians(edge.y2 - edge.y1) / 2
        middle = math.radians(edge.y1 + edge.y2) / 2
        mean_sine = math.sin(middle) * (math.sin(half) / half if half else 1.0)
        total += math.radians(edge.x2 - edge.x1) * mean_sine
    return abs(total) * EARTH_RADIUS_KM**2


def side_of_edge(edge: Edge, x: float, y: float) -> float | Fraction:
    """Return a number above 0 left of the edge, below 0 right of it, and exactly 0 in line with it."""
    value = (edge.x2 - edge.x1) * (y - edge.y1) - (edge.y2 - edge.y1) * (x - edge.x1)
    if abs(value) > EXACT_BELOW:
        return value
    x1, y1, x2, y2 = (Fraction(number) for number in edge)
    return (x2 - x1) * (Fraction(y) - y1) - (y2 - y1) * (Fraction(x) - x1)


def is_on_edge(edge: Edge, x: float, y: float) -> bool:
    """Say whether the place lies on the side itself."""
    if not min(edge.x1, edge.x2) <= x <= max(edge.x1, edge.x2):
        return False
    if not min(edge.y1, edge.y2) <= y <= max(edge.y1, edge.y2):
        return False
    return side_of_edge(edge, x, y) == 0


def is_in_ring(ring: list[Edge], x: float, y: float) -> bool:
    """Say whether a place that is on no side is inside: a line from it to the east meets an odd number."""
    inside = False
    for edge in ring:
        goes_up = edge.y2 > edge.y1
        if (edge.y1 > y) != (edge.y2 > y) and (side_of_edge(edge, x, y) > 0) == goes_up:
            inside = not inside
    return inside


def km_to_edge(edge: Edge, x: float, y: float) -> float:
    """Return the great-circle km to the nearest point of a side, found in a flat frame around the place."""
    shrink = math.cos(math.radians(y))
    start_east, start_north = (edge.x1 - x) * shrink, edge.y1 - y
    east, north = (edge.x2 - edge.x1) * shrink, edge.y2 - edge.y1
    length_squared = east * east + north * north
    share = -(start_east * east + start_north * north) / length_squared if length_squared else 0.0
    share = min(1.0, max(0.0, share))
    return great_circle_km(y, x, edge.y1 + share * (edge.y2 - edge.y1), edge.x1 + share * (edge.x2 - edge.x1))


def shape_of(area: Area) -> Shape:
    """Return the polygon of an area with rings, else the circle around its centre."""
    if area.rings:
        return Polygon(area.port_locode, area.rings)
    if area.centre is None:
        raise ValueError(f"an area of {area.port_locode} has neither rings nor a centre")
    return Circle(area.port_locode, area.centre)


Squares = dict[int, list[Shape]]


def row_of(latitude: float) -> int:
    """Return the row of squares of a latitude."""
    return math.floor((latitude + LATITUDE_MAXIMUM) * SQUARES_PER_DEGREE)


def column_of(longitude: float) -> int:
    """Return the column of squares of a longitude, not yet turned into the range of one circle."""
    return math.floor((longitude + LONGITUDE_MAXIMUM) * SQUARES_PER_DEGREE)


def square_of(row: int, column: int) -> int:
    """Return one number for a square; columns a whole circle apart are the same square."""
    return row * SQUARES_ROUND_THE_EARTH + column % SQUARES_ROUND_THE_EARTH


def squares_with(shapes: Iterable[Shape]) -> Squares:
    """List under each 0.1-degree square the shapes whose box meets it, the smaller first, then by port."""
    squares: defaultdict[int, list[Shape]] = defaultdict(list)
    for shape in sorted(shapes, key=lambda shape: (shape.area_km2, shape.port_locode)):
        first = column_of(shape.middle - shape.half_width)
        last = min(column_of(shape.middle + shape.half_width), first + SQUARES_ROUND_THE_EARTH - 1)
        for row in range(row_of(shape.south), row_of(shape.north) + 1):
            for column in range(first, last + 1):
                squares[square_of(row, column)].append(shape)
    return dict(squares)


class Atlas:
    """The areas, ready to be asked where a fix is. Berths add detail only and are left out."""

    def __init__(self, areas: Iterable[Area]) -> None:
        """Index the port areas and the anchorages."""
        shapes: dict[str, list[Shape]] = {"port": [], "anchorage": [], "berth": []}
        for area in areas:
            shapes[area.area_kind].append(shape_of(area))
        self._ports = squares_with(shapes["port"])
        self._anchorages = squares_with(shapes["anchorage"])

    def port_of(self, fix: Fix) -> str | None:
        """Return the port whose smallest area contains the fix."""
        shape = self._smallest_around(fix, self._ports)
        return None if shape is None else shape.port_locode

    def anchorage_of(self, fix: Fix) -> Shape | None:
        """Return the smallest anchorage that contains the fix."""
        return self._smallest_around(fix, self._anchorages) if self._anchorages else None

    def is_within_margin(self, fix: Fix, port_locode: str) -> bool:
        """Say whether the fix is inside any area of the port or within the exit margin of one."""
        return any(
            shape.port_locode == port_locode and shape.is_within_margin(fix.latitude, fix.longitude)
            for shape in self._near(fix, self._ports)
        )

    @staticmethod
    def _near(fix: Fix, squares: Squares) -> Sequence[Shape]:
        return squares.get(square_of(row_of(fix.latitude), column_of(fix.longitude)), ())

    def _smallest_around(self, fix: Fix, squares: Squares) -> Shape | None:
        for shape in self._near(fix, squares):
            if shape.contains(fix.latitude, fix.longitude):
                return shape
        return None


# --- Section 5: visits --------------------------------------------------------------------------------------


class AnchorageStop(NamedTuple):
    """A stop of a track in an anchorage of a port, outside any visit."""

    port_locode: str
    stop: Stop


@dataclass
class Visit:
    """A visit of a track to a port, or several merged; durations in seconds, fixes by number.

    Attributes:
        piece: Its first piece, whose fields grow with each further one: last and exit fix, still fixes, rest.
        stop_seconds: The sum of its runs of 5 min or more.
        longest_stop: Its longest run.
        gap_seconds: The sum of its silences of 4 h or more.
        longest_silence: The longest silence inside and at both ends.
        waiting_hours: The hours waited for its first piece.
    """

    piece: Piece
    stop_seconds: int
    longest_stop: int
    gap_seconds: int
    longest_silence: int
    waiting_hours: float = 0.0

    @property
    def port_locode(self) -> str:
        """The port that holds most of its still fixes; the port of its first fix on a tie."""
        piece = self.piece
        if piece.rival is not None and piece.rival_fixes > piece.own_fixes:
            return piece.rival
        return piece.port_locode

    def add(self, other: Visit) -> None:
        """Merge a later visit into this one."""
        mine, new = self.piece, other.piece
        mine.last_number, mine.exit_number = new.last_number, new.exit_number
        mine.own_fixes += new.own_fixes
        mine.has_rest |= new.has_rest
        mine.rival = mine.rival or new.rival
        if mine.rival == new.rival:
            mine.rival_fixes += new.rival_fixes
        self.stop_seconds += other.stop_seconds
        self.gap_seconds += other.gap_seconds
        self.longest_stop = max(self.longest_stop, other.longest_stop)
        self.longest_silence = max(self.longest_silence, other.longest_silence)


def visit_of_piece(piece: Piece, track: Track) -> Visit:
    """Return the visit that one piece makes."""
    lengths = [stop.seconds for stop in piece.runs.stops]
    inside = [after.second - before.second for before, after in pairwise(fixes_of(piece, track))]
    ends = [track.silence_before(number) or 0 for number in (piece.first_number, piece.exit_number or 0)]
    return Visit(
        piece=replace(piece),
        stop_seconds=sum(seconds for seconds in lengths if seconds >= MIN_SHORT_STOP_SECONDS),
        longest_stop=max(lengths),
        gap_seconds=sum(seconds for seconds in inside if seconds >= GAP_SECONDS),
        longest_silence=max([*ends, *inside]),
    )


def fixes_of(piece: Piece, track: Track) -> list[Fix]:
    """Return the fixes of a piece."""
    return track.fixes[piece.first_number : piece.last_number + 1]


def sailed_km_of(track: Track) -> list[float]:
    """Return the km sailed up to each fix: steps above 0.5 kn, over 0.12 km or after 30 min count, others are noise."""
    sailed = [0.0]
    for (before, fix), knots in zip(pairwise(track.fixes), track.knots[1:], strict=True):
        km = distance_km(before, fix)
        is_long = km > REST_RADIUS_KM or fix.second - before.second >= SPARSE_STEP_SECONDS
        sailed.append(sailed[-1] + (km if is_long or is_faster(knots, STOP_ENDS_ABOVE_KNOTS) else 0.0))
    return sailed


def sailing_knots(knots: Iterable[float | None]) -> float:
    """Return the highest of some speeds, unknown ones being 0, kept between 5 and 25 knots."""
    highest = max((speed or 0.0 for speed in knots), default=0.0)
    return min(max(highest, SAILING_KNOTS_LEAST), SAILING_KNOTS_MOST)


def unexplained_seconds(piece: Piece, track: Track, sailed_km: list[float]) -> float:
    """Return the seconds from before the visit to after it that sailing does not explain."""
    before = piece.first_number - 1 if piece.first_number else None
    start = piece.first_number if before is None else before
    end = piece.last_number if piece.exit_number is None else piece.exit_number
    km = sailed_km[piece.last_number] - sailed_km[piece.first_number]
    if before is not None:
        km += distance_km(track.fixes[before], track.fixes[piece.first_number])
    if piece.exit_number is not None:
        km += distance_km(track.fixes[piece.last_number], track.fixes[piece.exit_number])
    knots = sailing_knots(track.knots[number] for number in (before, piece.exit_number) if number is not None)
    seconds = track.fixes[end].second - track.fixes[start].second
    return seconds - km / (knots * KM_PER_NAUTICAL_MILE) * SECONDS_PER_HOUR


def is_seen_call(visit: Visit, min_stop: int) -> bool:
    """Say whether a stop or a gap makes the visit a call."""
    return visit.longest_stop >= min_stop or visit.gap_seconds > 0


def is_inferred_call(visit: Visit, track: Track, sailed_km: list[float], min_stop: int) -> bool:
    """Say whether rest and time that sailing does not explain make the visit a call."""
    if not visit.piece.has_rest or visit.longest_silence < min_stop:
        return False
    return unexplained_seconds(visit.piece, track, sailed_km) >= min_stop


def anchorage_stops_of(track: Track) -> list[AnchorageStop]:
    """Return the stops of 30 min or more in anchorages, among the fixes that are in no visit."""
    return [
        AnchorageStop(stretch.port_locode, stop)
        for stretch in track.stretches
        for stop in stretch.runs.stops
        if stop.seconds >= MIN_STOP_SECONDS
    ]


def waiting_hours(
    port_locode: str, entry_second: int, previous_exit: float, anchored: list[AnchorageStop]
) -> float:
    """Return the hours waited for a visit: stops in the port's anchorages since the track's previous call.

    Args:
        port_locode: The port entered.
        entry_second: The visit's first entry.
        previous_exit: The exit of the previous call of the track, to any port.
        anchored: All stops of the track in anchorages.
    """
    waits = [
        stop
        for anchorage_port, stop in anchored
        if anchorage_port == port_locode and previous_exit < stop.end <= entry_second
    ]
    if not waits or entry_second - max(stop.end for stop in waits) > WAIT_ENDS_BEFORE_ENTRY_SECONDS:
        return 0.0
    return sum(stop.seconds for stop in waits) / SECONDS_PER_HOUR


def is_continued(visit: Visit, entry: int, track: Track, anchored: list[AnchorageStop]) -> bool:
    """Say whether an entry follows the visit's exit by less than the merging time and without a wait."""
    if visit.piece.exit_number is None:
        return False
    left = track.fixes[visit.piece.exit_number].second
    return entry - left < MERGE_VISITS_SECONDS and not any(left < wait.stop.end <= entry for wait in anchored)


def visits_of(track: Track, sailed_km: list[float], *, is_short_stop: bool) -> list[Visit]:
    """Return the visits of a track, merged unless its class makes short stops, with their waiting hours."""
    anchored = anchorage_stops_of(track)
    result: list[Visit] = []
    latest: dict[str, Visit] = {}
    previous_exit = -math.inf
    for piece in track.pieces:
        entry = track.fixes[piece.first_number].second
        visit = visit_of_piece(piece, track)
        earlier = None if is_short_stop else latest.get(piece.port_locode)
        if earlier is not None and is_continued(earlier, entry, track, anchored):
            earlier.add(visit)
            visit = earlier
        else:
            visit.waiting_hours = waiting_hours(piece.port_locode, entry, previous_exit, anchored)
            latest[piece.port_locode] = visit
            result.append(visit)
        if piece.exit_number is not None and (
            is_seen_call(visit, MIN_STOP_SECONDS)
            or is_inferred_call(visit, track, sailed_km, MIN_STOP_SECONDS)
        ):
            previous_exit = track.fixes[piece.exit_number].second
    return result


# --- Section 5: events --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class End:
    """The arrival or departure of a visit: whether it is seen and estimated, and how far off it may be."""

    is_seen: bool
    is_estimated: bool
    half_width_hours: float | None


def end_of(track: Track, after: int | None, *, least_silence: int) -> End:
    """Return an end of a visit.

    Args:
        track: The track.
        after: The later of the two fixes between which the end lies; None if the end is not seen.
        least_silence: The seconds of silence from which the end is estimated.
    """
    silence = track.silence_before(after) if after is not None else None
    if after is None or silence is None:
        return End(is_seen=False, is_estimated=False, half_width_hours=None)
    if silence < least_silence:
        return End(is_seen=True, is_estimated=False, half_width_hours=None)
    km = distance_km(track.fixes[after - 1], track.fixes[after])
    knots = sailing_knots(track.knots[after - 1 : after + 1])
    hours = silence / SECONDS_PER_HOUR - km / (knots * KM_PER_NAUTICAL_MILE)
    return End(is_seen=True, is_estimated=True, half_width_hours=max(0.0, hours / 2))


def event_of(visit: Visit, track: Track, sailed_km: list[float], min_stop: int) -> Event:
    """Return the event of a visit; `min_stop` is the least stop of the vessel's class in seconds."""
    fixes, piece = track.fixes, visit.piece
    first, last = fixes[piece.first_number].second, fixes[piece.last_number].second
    left = None if piece.exit_number is None else fixes[piece.exit_number].second
    is_seen = is_seen_call(visit, min_stop)
    is_inferred = not is_seen and is_inferred_call(visit, track, sailed_km, min_stop)
    least_silence = min(min_stop, GAP_SECONDS) if is_inferred else GAP_SECONDS
    arrival = end_of(track, piece.first_number or None, least_silence=least_silence)
    departure = end_of(track, piece.exit_number, least_silence=least_silence)
    is_call = is_seen or is_inferred
    certain = [end.is_seen and not end.is_estimated for end in (arrival, departure)]
    return Event(
        mmsi=fixes[0].mmsi,
        track_first_second=fixes[0].second,
        port_locode=visit.port_locode,
        event_type="port_call" if is_call else "passage",
        first_seen=first,
        arrived_at=first if arrival.is_seen else None,
        departed_at=last if departure.is_estimated else left,
        last_seen=last,
        stop_hours=visit.stop_seconds / SECONDS_PER_HOUR,
        gap_hours=visit.gap_seconds / SECONDS_PER_HOUR,
        confidence=2 + sum(certain) if is_call else 1,
        waiting_hours=visit.waiting_hours,
        entry_after_gap=(track.silence_before(piece.first_number) or 0) >= GAP_SECONDS,
        exit_after_gap=left is not None and left - last >= GAP_SECONDS,
        is_open=track.is_open and left is None,
        arrival_is_estimated=arrival.is_estimated,
        departure_is_estimated=departure.is_estimated,
        arrival_half_width_hours=arrival.half_width_hours,
        departure_half_width_hours=departure.half_width_hours,
    )


def events_of(track: Track, *, is_short_stop: bool) -> list[Event]:
    """Return the port calls and passages of a track; a stub has none."""
    if track.is_stub or not track.pieces:
        return []
    sailed_km = sailed_km_of(track)
    min_stop = MIN_SHORT_STOP_SECONDS if is_short_stop else MIN_STOP_SECONDS
    visits = visits_of(track, sailed_km, is_short_stop=is_short_stop)
    return [event_of(visit, track, sailed_km, min_stop) for visit in visits]


# --- The reading --------------------------------------------------------------------------------------------


def read(
    fixes: Iterable[Fix],
    areas: Sequence[Area] | Atlas,
    period_end_second: int | None = None,
    short_stop_mmsis: frozenset[int] = frozenset(),
) -> Reading:
    """Read fixes of any MMSIs, in any order, into tracks and events.

    Args:
        fixes: The rows; all rows of an MMSI must be among them.
        areas: The areas, or an Atlas of them.
        period_end_second: When the period ends: tracks silent for too long by then are closed. Without it a
            track closes only at a later fix of its MMSI.
        short_stop_mmsis: MMSIs of passenger and ro-ro vessels, whose stops are short and visits not merged.

    Returns:
        The reading: events by MMSI, track, first second and port; tracks by MMSI, in the order they opened.
    """
    atlas = areas if isinstance(areas, Atlas) else Atlas(areas)
    reading = Reading()
    ships: defaultdict[int, list[Fix]] = defaultdict(list)
    for fix in fixes:
        reason = reason_against(fix.mmsi, fix.second, fix.latitude, fix.longitude)
        if reason is None:
            ships[fix.mmsi].append(fix)
        else:
            reading.rejected[reason] += 1
    for mmsi in sorted(ships):
        read_ship(ships.pop(mmsi), atlas, period_end_second, reading, is_short_stop=mmsi in short_stop_mmsis)
    return reading


def read_ship(
    fixes: list[Fix], atlas: Atlas, period_end_second: int | None, reading: Reading, *, is_short_stop: bool
) -> None:
    """Read the acceptable fixes of one MMSI and add what they say to the reading."""
    for track in follow_tracks(fixes, atlas, reading.rejected):
        if period_end_second is not None:
            track.close_if_silent(period_end_second)
        first, last = track.fixes[0], track.last
        reading.tracks.append(TrackSummary(first.mmsi, first.second, last.second, len(track.fixes)))
        events = events_of(track, is_short_stop=is_short_stop)
        reading.events += sorted(events, key=lambda event: (event.first_seen, event.port_locode))


def circles_from_wpi(path: Path | str) -> list[Area]:
    """Read the World Port Index (CSV of NGA Pub. 150) as circles.

    A row without a UN/LOCODE is a port of its own, `WPI` and its number in five digits; rows with the same
    UN/LOCODE are several circles of one port.
    """
    with Path(path).open(encoding="utf-8-sig", newline="") as file:
        return [
            Area(wpi_locode(row), "port", (), (float(row["Latitude"]), float(row["Longitude"])))
            for row in csv.DictReader(file)
        ]


def wpi_locode(row: dict[str, str]) -> str:
    """Return the port code of a row of the World Port Index."""
    locode = "".join(row["UN/LOCODE"].split())
    return locode or f"WPI{int(float(row['World Port Index Number'])):05d}"
