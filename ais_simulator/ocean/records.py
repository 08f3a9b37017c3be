"""Records of the traffic: legs, typed static data, stays at berths and changes of identity."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ais_simulator.model import Motion

Floats = NDArray[np.float64]
Place = tuple[float, float]
"""Latitude and longitude."""


@dataclass
class BerthStay:
    """One ship's stay at a berth, with the wait before it and the cargo handled; None: not yet known.

    Attributes:
        ship: Index into the fleet.
        port_locode: Where.
        berthed_s: Epoch second at which it made fast.
        anchored_s: When it anchored before; None if it did not wait.
        aweigh_s: When it left the anchorage.
        unberthed_s: When it cast off.
        payload_arrival_t: Cargo on board when it came.
        payload_departure_t: Cargo on board when it left.
        unloaded_t: Cargo put ashore.
        loaded_t: Cargo taken on.
        draught_arrival_m: True draught when it came.
        draught_departure_m: True draught when it left.
        sailed_km: Distance run by the ship in all until it made fast.
    """

    ship: int
    port_locode: str
    berthed_s: float
    anchored_s: float | None
    aweigh_s: float | None
    payload_arrival_t: float
    draught_arrival_m: float
    sailed_km: float
    unberthed_s: float | None = None
    payload_departure_t: float | None = None
    unloaded_t: float | None = None
    loaded_t: float | None = None
    draught_departure_m: float | None = None


@dataclass(frozen=True)
class IdentityChange:
    """One ship begins to send another MMSI.

    Attributes:
        kind: `new_number`, `laid_down` and `taken_up` (both halves of a handover), or `shared`.
        ship: Index into the fleet.
        mmsi_before: Number up to then.
        mmsi_after: Number from then on.
        at_s: Epoch second.
    """

    kind: str
    ship: int
    mmsi_before: int
    mmsi_after: int
    at_s: float


@dataclass(frozen=True)
class Typed:
    """Data that a ship's set sends from a second on; the fields are those of `StaticData`."""

    ship: int
    since_s: float
    mmsi: int
    draught_m: float
    destination: str
    eta_s: float


@dataclass
class Log:
    """All that the ships have done or decided on and that no day has taken away yet."""

    blocks: list[Floats] = field(default_factory=list)
    rows: list[tuple[float, ...]] = field(default_factory=list)
    holds: dict[int, tuple[float, float, float, int]] = field(default_factory=dict)
    typed: dict[int, list[Typed]] = field(default_factory=dict)
    stays: list[BerthStay] = field(default_factory=list)
    changes: list[IdentityChange] = field(default_factory=list)

    def sail(self, ship: int, seconds: Floats, latitude: Floats, longitude: Floats, status: int) -> None:
        """Adds the legs between places that a ship passes at these seconds."""
        legs = len(seconds) - 1
        ships, statuses = np.full(legs, float(ship)), np.full(legs, float(status))
        columns = (
            ships, seconds[:-1], seconds[1:], latitude[:-1], longitude[:-1], latitude[1:], longitude[1:], statuses,
        )  # fmt: skip
        self.blocks.append(np.column_stack(columns))

    def leg(self, ship: int, begins_s: float, ends_s: float, start: Place, end: Place, status: int) -> None:
        """Adds one leg."""
        self.rows.append((ship, begins_s, ends_s, *start, *end, status))

    def hold(self, ship: int, since_s: float, place: Place, status: int) -> None:
        """Stops a ship until it is released."""
        self.holds[ship] = (since_s, *place, status)

    def release(self, ship: int, until_s: float) -> None:
        """Ends a ship's lying still."""
        since_s, latitude, longitude, status = self.holds.pop(ship)
        self._still(ship, since_s, until_s, latitude, longitude, status)

    def take_legs(self, begin_s: float, end_s: float) -> Motion:
        """Returns the legs that touch a day; those that end with it are forgotten."""
        for ship, (since_s, latitude, longitude, status) in list(self.holds.items()):
            self._still(ship, since_s, end_s, latitude, longitude, status)
            self.holds[ship] = (max(since_s, end_s), latitude, longitude, status)
        legs = self._all_legs()
        legs = legs[legs[:, 2] > begin_s]
        self.blocks = [legs[legs[:, 2] > end_s]]
        today = legs[legs[:, 1] < end_s]
        today = today[np.lexsort((today[:, 1], today[:, 0]))]
        whole = np.rint(today[:, [0, -1]]).astype(np.int64)
        return Motion(
            ship=whole[:, 0].copy(),
            begins_s=today[:, 1].copy(),
            ends_s=today[:, 2].copy(),
            from_latitude=today[:, 3].copy(),
            from_longitude=today[:, 4].copy(),
            to_latitude=today[:, 5].copy(),
            to_longitude=today[:, 6].copy(),
            navigational_status=whole[:, 1].copy(),
        )

    def forget_before(self, second: float) -> None:
        """Drops legs that ended by a second: those of the ships' lives before the first day."""
        legs = self._all_legs()
        self.blocks = [legs[legs[:, 2] > second]]

    def take_typed(self, begin_s: float, end_s: float) -> list[Typed]:
        """Returns the data that the sets send on a day, by ship and second, and forgets data that ended."""
        today: list[Typed] = []
        for ship in sorted(self.typed):
            rows = self.typed[ship]
            old = sum(row.since_s <= begin_s for row in rows)
            del rows[: max(old - 1, 0)]
            today.extend(row for row in rows if row.since_s < end_s)
        return today

    def _still(
        self, ship: int, since_s: float, until_s: float, latitude: float, longitude: float, status: int
    ) -> None:
        if until_s > since_s:
            self.leg(ship, since_s, until_s, (latitude, longitude), (latitude, longitude), status)

    def _all_legs(self) -> Floats:
        if self.rows:
            self.blocks.append(np.array(self.rows, dtype=np.float64))
            self.rows = []
        return np.concatenate(self.blocks) if self.blocks else np.empty((0, 8))
