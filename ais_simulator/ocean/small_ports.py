"""Small ports that exist only with the traffic that needs them: two ferry lanes and a river.

Codes and names are real and the points approximate; the areas and the lines between them are invented.
"""

from itertools import pairwise
from typing import Any, Final, NamedTuple

from ais_indicators.geo.distance import great_circle_km
from ais_simulator.ocean.harbours import Corners, Place, rounded_place
from ais_simulator.sphere import Point, shifted

AREA: Final[Corners] = ((-0.8, -0.8), (-0.8, 0.8), (0.8, 0.8), (0.8, -0.8))
"""Kilometres north and east of the point: the port."""
QUAY: Final[Corners] = ((-0.3, -0.5), (-0.3, 0.5), (0.3, 0.5), (0.3, -0.5))
"""The same of the berth area."""
BERTHS: Final = 8
BERTH_STEP_KM: Final = 0.1


class SmallPort(NamedTuple):
    """One port; `properties` are further ones of its areas in the port file."""

    locode: str
    name: str
    country_iso3: str
    mid: int
    point: Place
    properties: tuple[tuple[str, Any], ...] = ()

    def berth(self, number: int) -> Place:
        """Returns the place of a berth: they lie in a row from west to east."""
        return self._at(0.0, (number % BERTHS - (BERTHS - 1) / 2) * BERTH_STEP_KM)

    @property
    def areas(self) -> list[tuple[str, list[Place]]]:
        """Returns the kind and corners of each of its areas, in degrees."""
        return [
            (kind, [rounded_place(self._at(*corner)) for corner in corners])
            for kind, corners in (("port", AREA), ("berth", QUAY))
        ]

    def _at(self, north_km: float, east_km: float) -> Place:
        place = shifted(Point(*self.point), north_km, east_km)
        return place.latitude, place.longitude


class Lane(NamedTuple):
    """Two ports, the places between them, and the shortest and longest crossing in minutes."""

    ends: tuple[SmallPort, SmallPort]
    between: tuple[Place, ...] = ()
    minutes: tuple[float, float] = (0.0, 0.0)

    def way(self, start: SmallPort, number: int) -> list[Place]:
        """Returns the places from one end to the berth at the other."""
        is_forward = start == self.ends[0]
        return [*self.between[:: 1 if is_forward else -1], self.ends[is_forward].berth(number)]

    def km(self, start: SmallPort, number: int) -> float:
        """Returns the length from berth to berth."""
        places = [start.berth(number), *self.way(start, number)]
        return sum(great_circle_km(*a, *b) for a, b in pairwise(places))


INLAND: Final = (("inland_waters", True),)
FERRY_LANES: Final = (
    Lane(
        (
            SmallPort("ITMSN", "Messina", "ITA", 247, (38.195, 15.561)),
            SmallPort("ITVSG", "Villa San Giovanni", "ITA", 247, (38.2193, 15.6345)),
        ),
        minutes=(20.0, 30.0),
    ),
    Lane(
        (
            SmallPort("DEPUT", "Puttgarden", "DEU", 211, (54.5030, 11.2270)),
            SmallPort("DKROD", "Rodby", "DNK", 219, (54.6540, 11.3510)),
        ),
        minutes=(40.0, 60.0),
    ),
)
RIVER: Final = Lane(
    (
        SmallPort("DEDUI", "Duisburg", "DEU", 211, (51.4440, 6.7180), INLAND),
        SmallPort("DENSS", "Neuss", "DEU", 211, (51.2150, 6.7230), INLAND),
    ),
    between=((51.3950, 6.7200), (51.3300, 6.7150), (51.2750, 6.7350), (51.2400, 6.7550)),
)
