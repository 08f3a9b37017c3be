"""The second reading: the method's sections 1, 3, 4 and 5 once more, plain and slow, to judge the product.

This file is written from the text of the method and from nothing else. It shares no code with
`ais_indicators`, reads no rules file, and needs only the standard library, so a mistake in the product is not
repeated here. Where the product folds one fix at a time, this reading keeps each track whole and looks back
over it: first tracks, then the port of every fix, then visits as runs of fixes with the same port, then
merged visits, stops, gaps and waits.

Use: `read(fixes, areas)`. MMSIs do not touch each other, so a caller may split the fixes by MMSI, over
processes too, and add up the readings; an `Atlas` built once may be passed in place of the areas.
"""

from __future__ import annotations

import csv
import math
from abc import ABC, abstractmethod
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
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
STOP_BELOW_KNOTS = 0.2
STOP_ENDS_ABOVE_KNOTS = 0.5
MIN_STOP_SECONDS = 30 * 60
MERGE_VISITS_SECONDS = SECONDS_PER_HOUR
WAIT_ENDS_BEFORE_ENTRY_SECONDS = 24 * SECONDS_PER_HOUR

# How this file looks areas up; no figure depends on these.
SQUARES_PER_DEGREE = 10
SQUARES_ROUND_THE_EARTH = 360 * SQUARES_PER_DEGREE
BOX_ALLOWANCE = 1.01
EXACT_BELOW = 1e-9

EventType = Literal["port_call", "passage"]
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
    """One port call or passage of one track. Times are epoch seconds UTC; None is an end not seen."""

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

    @property
    def stay_hours(self) -> float | None:
        """Hours from entry to exit, less the silence before an exit after a gap; None if an end is unseen."""
        if self.arrived_at is None or self.departed_at is None:
            return None
        end = self.last_seen if self.exit_after_gap else self.departed_at
        return (end - self.arrived_at) / SECONDS_PER_HOUR


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
    """Return the first reason, in the method's order, why a row by itself is no position, or None."""
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
    """Say whether a row by itself is a position of a ship."""
    return reason_against(mmsi, second, latitude, longitude) is None


def row_order(fix: Fix) -> tuple[float, ...]:
    """Return the sort key of a fix within its MMSI: second, place, SOG, COG, heading, type, nulls last."""
    return (fix.second, fix.latitude, fix.longitude, *(math.inf if x is None else x for x in fix[4:]))


def same_second_reason(fix: Fix, earlier: list[Fix], accepted: list[Fix]) -> str | None:
    """Return why a row cannot stand beside the earlier rows of its MMSI and second, None if it can.

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


@dataclass
class Track:
    """One physical ship's path under an MMSI.

    Attributes:
        fixes: Its fixes in time order, at least one.
        ports: For each fix the port that the track is visiting at it, None when it visits none.
        is_open: Whether a further fix may still join.
    """

    fixes: list[Fix]
    ports: list[str | None]
    is_open: bool = True

    @property
    def last(self) -> Fix:
        """The last fix."""
        return self.fixes[-1]

    @property
    def is_stub(self) -> bool:
        """Whether the track is too short to give events."""
        return len(self.fixes) < MIN_TRACK_FIXES

    def add(self, fix: Fix, atlas: Atlas) -> None:
        """Append a fix and the port it is visiting."""
        self.ports.append(port_visited(self.ports[-1], fix, atlas))
        self.fixes.append(fix)

    def close_if_silent(self, second: int) -> None:
        """Close the track if by this second it has been silent for too long."""
        allowed = TRACK_SILENCE_SECONDS if self.ports[-1] is None else TRACK_SILENCE_IN_PORT_SECONDS
        if second - self.last.second > allowed:
            self.is_open = False


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
        new = Track([fix], [port_visited(None, fix, self.atlas)])
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
    """Return the ring with each longitude within 180 degrees of the one before it, beginning beside `start`.

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

    Each side stands on the equator with area R2 x (step in longitude) x (mean sine of the latitude along it).
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


def port_visited(before: str | None, fix: Fix, atlas: Atlas) -> str | None:
    """Return the port that a track visits at a fix, given the one it visited at the fix before.

    Inside a port it visits that port. Outside all, it stays in the visit it is in up to the exit margin.
    """
    inside = atlas.port_of(fix)
    if inside is not None:
        return inside
    return before if before is not None and atlas.is_within_margin(fix, before) else None


@dataclass(frozen=True)
class Visit:
    """A visit of a track to a port, or several merged into one.

    Attributes:
        port_locode: The port.
        numbers: Which fixes of the track are the visit's, by their place in it, ascending. The fixes of an
            excursion between merged visits are not among them.
        exit_number: The fix that ended it; None when no fix follows.
    """

    port_locode: str
    numbers: tuple[int, ...]
    exit_number: int | None


class Stop(NamedTuple):
    """A time during which a ship lay still, in epoch seconds."""

    start: int
    end: int

    @property
    def seconds(self) -> int:
        """How long it lasted."""
        return self.end - self.start


class AnchorageStop(NamedTuple):
    """A stop of a track in an anchorage of a port, outside any visit."""

    port_locode: str
    stop: Stop


def visits_of(track: Track) -> list[Visit]:
    """Return the visits of a track: its runs of fixes with the same port."""
    visits = []
    for port_locode, run in groupby(range(len(track.fixes)), key=lambda number: track.ports[number]):
        numbers = tuple(run)
        after = numbers[-1] + 1
        if port_locode is not None:
            visits.append(Visit(port_locode, numbers, after if after < len(track.fixes) else None))
    return visits


def merged(visits: list[Visit], fixes: list[Fix]) -> list[Visit]:
    """Merge visits to one port whose re-entry follows the exit by under an hour, whatever lies between."""
    result: list[Visit] = []
    latest: dict[str, int] = {}
    for visit in visits:
        place = latest.get(visit.port_locode)
        if place is not None and is_soon_after(result[place], visit, fixes):
            numbers = result[place].numbers + visit.numbers
            result[place] = Visit(visit.port_locode, numbers, visit.exit_number)
        else:
            latest[visit.port_locode] = len(result)
            result.append(visit)
    return result


def is_soon_after(first: Visit, second: Visit, fixes: list[Fix]) -> bool:
    """Say whether the second visit begins less than the merging time after the first one's exit."""
    if first.exit_number is None:
        return False
    return fixes[second.numbers[0]].second - fixes[first.exit_number].second < MERGE_VISITS_SECONDS


def speeds_of(track: Track) -> list[float | None]:
    """Return each fix's speed in knots: its SOG, else that from the fix before, else None."""
    speeds = [track.fixes[0].sog_knots]
    for before, fix in pairwise(track.fixes):
        if fix.sog_knots is not None:
            speeds.append(fix.sog_knots)
        else:
            speeds.append(speed_needed_knots(distance_km(before, fix), fix.second - before.second))
    return speeds


def stops_among(numbers: Sequence[int], fixes: list[Fix], speeds: list[float | None]) -> Iterator[Stop]:
    """Yield the stops among some fixes of a track: from below 0.2 kn to above 0.5 kn, or to the last fix."""
    start = None
    for number in numbers:
        second, speed = fixes[number].second, speeds[number]
        if speed is None:
            continue
        if start is None and speed < STOP_BELOW_KNOTS:
            start = second
        elif start is not None and speed > STOP_ENDS_ABOVE_KNOTS:
            yield Stop(start, second)
            start = None
    if start is not None:
        yield Stop(start, fixes[numbers[-1]].second)


def gaps_of(visit: Visit, fixes: list[Fix]) -> list[int]:
    """Return the silences, in seconds, of 4 h or more between fixes of the visit that follow each other."""
    silences = [
        fixes[after].second - fixes[before].second
        for before, after in pairwise(visit.numbers)
        if after == before + 1
    ]
    return [seconds for seconds in silences if seconds >= GAP_SECONDS]


def anchorage_stops_of(track: Track, speeds: list[float | None], atlas: Atlas) -> list[AnchorageStop]:
    """Return the stops of 30 min or more in anchorages, among the fixes that are in no visit."""

    def anchorage_at(number: int) -> Shape | None:
        return None if track.ports[number] is not None else atlas.anchorage_of(track.fixes[number])

    found: list[AnchorageStop] = []
    for anchorage, run in groupby(range(len(track.fixes)), key=anchorage_at):
        if anchorage is not None:
            stops = stops_among(tuple(run), track.fixes, speeds)
            found += [AnchorageStop(anchorage.port_locode, stop) for stop in stops]
    return [anchored for anchored in found if anchored.stop.seconds >= MIN_STOP_SECONDS]


def waiting_hours(
    port_locode: str, entry_second: int, call_exits: list[int], anchored: list[AnchorageStop]
) -> float:
    """Return the hours waited for a visit: stops in the port's anchorages since the track's previous call.

    Args:
        port_locode: The port visited.
        entry_second: The visit's first entry.
        call_exits: The exits of all calls of the track, to any port.
        anchored: All stops of the track in anchorages.
    """
    previous_exit = max((second for second in call_exits if second <= entry_second), default=-math.inf)
    waits = [
        stop
        for anchorage_port, stop in anchored
        if anchorage_port == port_locode and previous_exit < stop.end <= entry_second
    ]
    if not waits or entry_second - max(stop.end for stop in waits) > WAIT_ENDS_BEFORE_ENTRY_SECONDS:
        return 0.0
    return sum(stop.seconds for stop in waits) / SECONDS_PER_HOUR


# --- Section 5: events --------------------------------------------------------------------------------------


def confidence_of(event_type: EventType, *, is_entry_seen: bool, is_exit_seen: bool) -> int:
    """Return 4 for a call with both ends seen, 3 with one, 2 with neither, and 1 for a passage."""
    if event_type == "passage":
        return 1
    return 2 + is_entry_seen + is_exit_seen


def without_waiting(visit: Visit, track: Track, speeds: list[float | None]) -> Event:
    """Return the event of a merged visit, its waiting hours still 0."""
    fixes = track.fixes
    first, last = fixes[visit.numbers[0]].second, fixes[visit.numbers[-1]].second
    departed = None if visit.exit_number is None else fixes[visit.exit_number].second
    is_exit_after_gap = departed is not None and departed - last >= GAP_SECONDS
    is_entry_seen = visit.numbers[0] > 0
    stops = [stop.seconds for stop in stops_among(visit.numbers, fixes, speeds)]
    gaps = gaps_of(visit, fixes)
    is_call = bool(gaps) or any(seconds >= MIN_STOP_SECONDS for seconds in stops)
    event_type: EventType = "port_call" if is_call else "passage"
    is_exit_seen = departed is not None and not is_exit_after_gap
    return Event(
        mmsi=fixes[0].mmsi,
        track_first_second=fixes[0].second,
        port_locode=visit.port_locode,
        event_type=event_type,
        first_seen=first,
        arrived_at=first if is_entry_seen else None,
        departed_at=departed,
        last_seen=last,
        stop_hours=sum(stops) / SECONDS_PER_HOUR,
        gap_hours=sum(gaps) / SECONDS_PER_HOUR,
        confidence=confidence_of(event_type, is_entry_seen=is_entry_seen, is_exit_seen=is_exit_seen),
        waiting_hours=0.0,
        entry_after_gap=is_entry_seen and first - fixes[visit.numbers[0] - 1].second >= GAP_SECONDS,
        exit_after_gap=is_exit_after_gap,
        is_open=track.is_open and departed is None,
    )


def events_of(track: Track, atlas: Atlas) -> list[Event]:
    """Return the port calls and passages of a track; a stub has none."""
    if track.is_stub or not any(track.ports):
        return []
    speeds = speeds_of(track)
    visits = merged(visits_of(track), track.fixes)
    events = [without_waiting(visit, track, speeds) for visit in visits]
    exits = [e.departed_at for e in events if e.event_type == "port_call" and e.departed_at is not None]
    anchored = anchorage_stops_of(track, speeds, atlas)
    return [
        replace(event, waiting_hours=waiting_hours(event.port_locode, event.first_seen, exits, anchored))
        for event in events
    ]


# --- The reading --------------------------------------------------------------------------------------------


def read(
    fixes: Iterable[Fix], areas: Sequence[Area] | Atlas, period_end_second: int | None = None
) -> Reading:
    """Read fixes of any MMSIs, in any order, into tracks and events.

    Args:
        fixes: The rows; all rows of an MMSI must be among them.
        areas: The areas, or an Atlas of them.
        period_end_second: When the period ends: tracks silent for too long by then are closed. Without it a
            track closes only at a later fix of its MMSI.

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
        read_ship(ships.pop(mmsi), atlas, period_end_second, reading)
    return reading


def read_ship(fixes: list[Fix], atlas: Atlas, period_end_second: int | None, reading: Reading) -> None:
    """Read the acceptable fixes of one MMSI and add what they say to the reading."""
    for track in follow_tracks(fixes, atlas, reading.rejected):
        if period_end_second is not None:
            track.close_if_silent(period_end_second)
        first, last = track.fixes[0], track.last
        reading.tracks.append(TrackSummary(first.mmsi, first.second, last.second, len(track.fixes)))
        events = events_of(track, atlas)
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
