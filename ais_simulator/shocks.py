"""Shocks of a scenario: what happens to the trade, and what happens to the messages that vessels send."""

import math
from datetime import UTC, datetime
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from ais_indicators.units import EARTH_RADIUS_KM
from ais_simulator.parts import Count, Knots, Latitude, Longitude, Part, Share, require_order

HALF_ROUND_KM: Final = math.pi * EARTH_RADIUS_KM
"""No place is farther from another."""

VesselClass = Literal[
    "container", "dry_bulk", "general_cargo", "roro", "tanker", "passenger", "other", "inland"
]
Kilometres = Annotated[float, Field(gt=0, le=HALF_ROUND_KM)]


class _Shock(Part):
    from_utc: datetime
    to_utc: datetime

    @model_validator(mode="after")
    def _check_times(self) -> Self:
        if any(t.utcoffset() is None for t in (self.from_utc, self.to_utc)):
            raise ValueError("from_utc and to_utc need a Z at their end")
        if self.from_utc >= self.to_utc:
            raise ValueError("from_utc must come before to_utc")
        return self

    @property
    def span_s(self) -> tuple[float, float]:
        """Returns the first epoch second and the one after the last."""
        return self.from_utc.astimezone(UTC).timestamp(), self.to_utc.astimezone(UTC).timestamp()


class PortClosed(_Shock):
    """No ship is let into a port; those that come wait at its anchorage."""

    kind: Literal["port_closed"]
    port_locode: str


class StraitBlocked(_Shock):
    """No ship enters a strait; those that set out sail another way, or wait where there is none."""

    kind: Literal["strait_blocked"]
    gate: str


class NewLane(_Shock):
    """Some ships leave their trade and sail between two ports."""

    kind: Literal["new_lane"]
    between: tuple[str, str]
    ships: Annotated[int, Field(ge=1)]


class Region(Part):
    """A circle on the sphere.

    Attributes:
        latitude: Degrees north of its centre.
        longitude: Degrees east of its centre.
        radius_km: Its radius.
    """

    latitude: Latitude
    longitude: Longitude
    radius_km: Kilometres


class PointTarget(Part):
    """All vessels are shown within metres of one point; half of them at rest, half at any speed."""

    shape: Literal["point"]
    latitude: Latitude
    longitude: Longitude


class CircleTarget(Part):
    """All vessels are shown moving on one circle.

    Attributes:
        latitude: Degrees north of its centre.
        longitude: Degrees east of its centre.
        radius_km: Its radius.
        knots: Slowest and fastest vessel on it.
    """

    shape: Literal["circle"]
    latitude: Latitude
    longitude: Longitude
    radius_km: Annotated[float, Field(gt=0, le=100)]
    knots: tuple[Knots, Knots] = (4, 9)

    @model_validator(mode="after")
    def _check(self) -> Self:
        require_order("knots", self.knots)
        return self


class PortTarget(Part):
    """All vessels are shown at rest at berths of one port."""

    shape: Literal["port"]
    port_locode: str


class AirportTarget(Part):
    """All vessels are shown on land, where they drift within some hundred metres of a point."""

    shape: Literal["airport"]
    latitude: Latitude
    longitude: Longitude


Target = Annotated[PointTarget | CircleTarget | PortTarget | AirportTarget, Field(discriminator="shape")]


class Spoofing(_Shock):
    """Vessels in a region send a false position.

    Attributes:
        region: Vessels are affected while they are truly inside.
        vessels: How many of those that are inside when it begins.
        share: Chance of each of those; without `vessels`.
        includes_arrivals: Whether vessels that sail in later are affected too, with the chance `share`.
        true_share: Messages in between that have the true position.
        target: Where the vessels are shown.
    """

    kind: Literal["spoofing"]
    region: Region
    vessels: Count | None = None
    share: Share | None = None
    includes_arrivals: bool = False
    true_share: Share = 0.02
    target: Target

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.vessels is None) == (self.share is None):
            raise ValueError("give vessels or share, and not both")
        if self.includes_arrivals and self.share is None:
            raise ValueError("includes_arrivals: needs share")
        return self


class Jamming(_Shock):
    """Vessels in a region have no position, or an impossible one.

    Attributes:
        region: Vessels are affected while they are truly inside.
        share: Position messages that say "not available" (latitude 91, longitude 181).
        invalid_share: Position messages whose latitude or longitude is out of range.
    """

    kind: Literal["jamming"]
    region: Region
    share: Share
    invalid_share: Share = 0

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not 0 < self.share + self.invalid_share <= 1:
            raise ValueError("share and invalid_share: their sum must be over 0 and at most 1")
        return self


class Dark(_Shock):
    """Vessels send nothing, neither positions nor static data.

    Attributes:
        region: They are silent while they are truly inside, also those that sail in later.
        everywhere: True in place of a region: they are silent wherever they are.
        vessel_class: Only vessels of this class.
        share: Chance of each vessel.
    """

    kind: Literal["dark"]
    region: Region | None = None
    everywhere: bool = False
    vessel_class: VesselClass | None = None
    share: Share

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.region is None) != self.everywhere:
            raise ValueError("give a region or `everywhere: true`, and not both")
        return self


RadioShock = Spoofing | Jamming | Dark
"""Shocks of what vessels send; the vessels themselves sail as without them."""

Shock = Annotated[PortClosed | StraitBlocked | NewLane | RadioShock, Field(discriminator="kind")]
