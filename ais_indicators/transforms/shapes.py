"""Names and measures the shape in which interference shows vessels: a point, a circle or an area.

Source: methodology 8.
"""

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ais_indicators.periods import Week
from ais_indicators.rules import Rules
from ais_indicators.units import FULL_TURN_DEGREES, HALF_TURN_DEGREES, KM_PER_DEGREE

POINT, CIRCLE, AREA, JAMMING = "point", "circle", "area", "jamming"
KINDS: Final = (None, POINT, CIRCLE, AREA)
"""Kinds of clusters by their number in the memory of the fold; 0 for none."""

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


class Outline(NamedTuple):
    """The shape of some positions on a plane that touches the sphere at the first of them.

    Attributes:
        kind: Number in `KINDS`.
        origin: Latitude and longitude of the first position.
        north_km: Way of the centre from the origin; of an area its median.
        east_km: As `north_km`.
        radius_km: Of the circle; 0 for the others.
        deviation_km: Root mean square of the distances from the point or the circle; of an area from its centre.
        squares: Squares of the grid that hold a position or are next to one that does, of an area.
    """

    kind: int
    origin: tuple[float, float]
    north_km: float
    east_km: float
    radius_km: float
    deviation_km: float
    squares: NDArray[np.int64]

    def off_km(self, latitude: Floats, longitude: Floats) -> Floats:
        """Returns how far positions lie from the point or the circle, or from the centre of the area."""
        north, east = plane_km(latitude, longitude, self.origin)
        distance = np.hypot(north - self.north_km, east - self.east_km)
        return np.asarray(np.abs(distance - self.radius_km))

    def holds(self, latitude: Floats, longitude: Floats, rules: Rules) -> Bools:
        """Returns which positions lie on the shape."""
        if KINDS[self.kind] == AREA:
            return np.isin(_squares(*plane_km(latitude, longitude, self.origin), rules=rules), self.squares)
        band_km = max(rules.interference_circle_deviation * self.radius_km, rules.interference_point_km)
        return self.off_km(latitude, longitude) <= band_km

    def exactly_on(self, latitude: Floats, longitude: Floats, rules: Rules) -> Bools:
        """Returns which positions are as near to the point or the circle as those that it was found by."""
        band_km = rules.interference_shape_deviations * self.deviation_km
        return np.asarray(self.off_km(latitude, longitude) <= band_km)

    def is_followed(
        self, latitude: Floats, longitude: Floats, least: int | None = None, *, rules: Rules
    ) -> bool:
        """Returns whether positions follow the shape as exactly as those that it was found by.

        Those round a circle must go so far that a straight way of the same length would leave it.

        Args:
            latitude: Degrees north.
            longitude: Degrees east.
            least: How many positions are enough; without it those of evidence.
            rules: Rules of the lake's subject.
        """
        least = rules.interference_min_fixes if least is None else least
        if KINDS[self.kind] == AREA or latitude.size < least:
            return False
        if not self.exactly_on(latitude, longitude, rules).all():
            return False
        if KINDS[self.kind] == POINT:
            return True
        band_km = rules.interference_shape_deviations * self.deviation_km
        north, east = plane_km(latitude, longitude, self.origin)
        half_km = min(float(np.hypot(north - north[0], east - east[0]).max()) / 2.0, self.radius_km)
        return self.radius_km - float(np.sqrt(self.radius_km**2 - half_km**2)) >= 2.0 * band_km


@dataclass(frozen=True, eq=False)
class Shape:
    """Where and when interference shows vessels in one week.

    Attributes:
        week: The week.
        outline: The shape of the positions that jumping vessels were shown at.
        from_second: First second in which a vessel was shown there.
        until_second: Last such second.
        vessels: MMSIs that jumped there.
    """

    week: Week
    outline: Outline
    from_second: int
    until_second: int
    vessels: frozenset[int]


def outline_of(latitude: Floats, longitude: Floats, rules: Rules) -> Outline:
    """Names and measures the shape of positions; there must be at least one.

    A few positions off a point are of a vessel that is displaced to the area for another reason, or comes there later:
    the point is that of the others.
    """
    origin = float(latitude[0]), float(longitude[0])
    north, east = plane_km(latitude, longitude, origin)
    middle, distances = _middle_of(north, east)
    none = np.empty(0, np.int64)
    at_point = distances <= rules.interference_point_km
    if at_point.mean() >= rules.interference_point_share:
        point, from_point = _middle_of(north[at_point], east[at_point])
        return Outline(KINDS.index(POINT), origin, *point, 0.0, _root_mean_square(from_point), none)
    circle = _fitted_circle(north, east, rules)
    if circle is not None:
        return Outline(KINDS.index(CIRCLE), origin, *circle, none)
    near = _with_neighbours(_squares(north, east, rules))
    return Outline(KINDS.index(AREA), origin, *middle, 0.0, _root_mean_square(distances), near)


def _middle_of(north: Floats, east: Floats) -> tuple[tuple[float, float], Floats]:
    """Returns the median of places, and how far each is from it."""
    middle = float(np.median(north)), float(np.median(east))
    return middle, np.hypot(north - middle[0], east - middle[1])


def _root_mean_square(distances: Floats) -> float:
    return float(np.sqrt(np.mean(distances**2)))


def plane_km(latitude: Floats, longitude: Floats, origin: tuple[float, float]) -> tuple[Floats, Floats]:
    """Returns km north and east of an origin, on a plane that touches the sphere there."""
    east = (longitude - origin[1] + 1.5 * FULL_TURN_DEGREES) % FULL_TURN_DEGREES - HALF_TURN_DEGREES
    return (latitude - origin[0]) * KM_PER_DEGREE, east * KM_PER_DEGREE * np.cos(np.radians(origin[0]))


def _fitted_circle(north: Floats, east: Floats, rules: Rules) -> tuple[float, float, float, float] | None:
    """Returns centre, radius and deviation of points that lie round one centre at one distance, None for others.

    The circle is that of least squares (Kasa 1976). Points in a short row lie on a large circle too, so their mean must
    be inside it; and three places at rest always lie on one, so they must go all round it.
    """
    unknown = np.column_stack([2.0 * north, 2.0 * east, np.ones(north.size)])
    (centre_north, centre_east, constant), *_ = np.linalg.lstsq(unknown, north**2 + east**2, rcond=None)
    radius = float(np.sqrt(constant + centre_north**2 + centre_east**2))
    distances = np.hypot(north - centre_north, east - centre_east)
    off_centre = np.hypot(north.mean() - centre_north, east.mean() - centre_east)
    deviation = _root_mean_square(distances - radius)
    is_circle = (
        radius > rules.interference_point_km
        and off_centre <= radius / 2.0
        and _widest_gap_degrees(north - centre_north, east - centre_east)
        <= rules.interference_circle_gap_degrees
        and deviation <= rules.interference_circle_deviation * radius
    )
    return (float(centre_north), float(centre_east), radius, deviation) if is_circle else None


def _widest_gap_degrees(north: Floats, east: Floats) -> float:
    """Returns the widest angle at the centre without a point."""
    angles = np.sort(np.degrees(np.arctan2(north, east)))
    return float(np.diff(angles, append=angles[0] + 360.0).max())


_ROW: Final = 1 << 20
"""Squares in a row of the grid: more than any shape has, so that a number names one square."""


def _squares(north: Floats, east: Floats, rules: Rules) -> NDArray[np.int64]:
    """Returns the squares of a grid, with sides as long as ships at one place may be apart, in which positions lie."""
    side_km = rules.same_place_km
    return np.floor(north / side_km).astype(np.int64) * _ROW + np.floor(east / side_km).astype(np.int64)


def _with_neighbours(squares: NDArray[np.int64]) -> NDArray[np.int64]:
    steps = np.array([row * _ROW + column for row in (-1, 0, 1) for column in (-1, 0, 1)], np.int64)
    near: Any = np.unique(np.unique(squares)[:, None] + steps)
    return np.asarray(near, np.int64)
