"""Data that the parts of the simulation exchange: arrays of plain numbers, one element per ship, leg or report.

The ocean (ships, routes, ports, cargo) makes a `DayAtSea` for each UTC day, in order. The radio turns it into the
messages of that day. A day depends on nothing but the ocean up to it, so days are written side by side.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from ais_simulator.shocks import RadioShock

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Texts = NDArray[np.object_]


@dataclass(frozen=True)
class Fleet:
    """Ships, one element per ship; what never changes about them.

    Attributes:
        imo_number: With a right check digit; 0 for those that have none (fishing boats, tugs).
        mmsi: The number that each has at the start.
        vessel_name: As broadcast.
        call_sign: As broadcast.
        vessel_class: One of the method's seven classes and `other`.
        ais_ship_type: Code of ITU-R M.1371 that the set sends.
        is_class_b: Whether the set is of class B.
        length_m: Length over all.
        width_m: Beam.
        bow_share: Place of the antenna, as a share of the length from the bow.
        deadweight_t: 0 for those that carry nothing.
        gross_tonnage: Gross tonnage.
        design_draught_m: Draught at full load.
        displacement_t: At the design draught.
        service_knots: Usual speed at sea.
    """

    imo_number: Ints
    mmsi: Ints
    vessel_name: Texts
    call_sign: Texts
    vessel_class: Texts
    ais_ship_type: Ints
    is_class_b: NDArray[np.bool_]
    length_m: Floats
    width_m: Floats
    bow_share: Floats
    deadweight_t: Floats
    gross_tonnage: Floats
    design_draught_m: Floats
    displacement_t: Floats
    service_knots: Floats

    def __len__(self) -> int:
        return len(self.mmsi)


@dataclass(frozen=True)
class Motion:
    """Legs of ships, one element per leg, sorted by ship and begin; a ship's legs follow on each other without a gap.

    On a leg a ship keeps to the great circle between its ends at one speed; where the ends are the same place it
    lies still. Each ship has legs for the whole day.

    Attributes:
        ship: Index into the fleet.
        begins_s: Epoch second (UTC), fractions allowed.
        ends_s: Epoch second (UTC), after the begin.
        from_latitude: Degrees north.
        from_longitude: Degrees east, -180 to 180.
        to_latitude: Degrees north.
        to_longitude: Degrees east; a leg from 179 to -179 is two degrees long.
        navigational_status: Code of ITU-R M.1371 (0 under way, 1 at anchor, 5 moored, 7 fishing).
    """

    ship: Ints
    begins_s: Floats
    ends_s: Floats
    from_latitude: Floats
    from_longitude: Floats
    to_latitude: Floats
    to_longitude: Floats
    navigational_status: Ints


@dataclass(frozen=True)
class StaticData:
    """Static and voyage data as typed into a ship's set, one element per change, sorted by ship and second.

    Typed data holds until the ship's next element.

    Attributes:
        ship: Index into the fleet; each ship has an element at or before the day's start.
        since_s: Epoch second from which the set sends it.
        mmsi: Number in use.
        imo_number: Number sent; 0 if none.
        vessel_name: Name sent.
        call_sign: Call sign sent.
        draught_m: Sent, in tenths of a metre; 0 if none is known.
        destination: Free text of at most 20 characters of the six-bit alphabet.
        eta_s: Announced arrival, epoch second to the minute; 0 if none.
    """

    ship: Ints
    since_s: Floats
    mmsi: Ints
    imo_number: Ints
    vessel_name: Texts
    call_sign: Texts
    draught_m: Floats
    destination: Texts
    eta_s: Floats


@dataclass(frozen=True)
class Stations:
    """Coast stations, one element per station.

    Attributes:
        mmsi: Of the form 00MIDxxxx, as an integer.
        latitude: Degrees north.
        longitude: Degrees east.
        range_km: How far it hears.
    """

    mmsi: Ints
    latitude: Floats
    longitude: Floats
    range_km: Floats


@dataclass(frozen=True)
class Outages:
    """Times in which a station hears nothing, one element per outage.

    Attributes:
        station: Index into the stations.
        begins_s: Epoch second.
        ends_s: Epoch second.
    """

    station: Ints
    begins_s: Floats
    ends_s: Floats


@dataclass(frozen=True)
class Hit:
    """A shock of what vessels send, on a day that it touches.

    Attributes:
        number: The shock's place in the scenario, from 0.
        shock: The shock.
        vessels: Whether it hits each ship while that is in its region.
        berth_latitude: Where each ship is shown, if the target is a port; else empty.
        berth_longitude: The same in degrees east.
    """

    number: int
    shock: RadioShock
    vessels: NDArray[np.bool_]
    berth_latitude: Floats
    berth_longitude: Floats


@dataclass(frozen=True)
class DayAtSea:
    """All that is true on one UTC day.

    Attributes:
        day: The UTC day.
        fleet: All ships.
        motion: Legs that touch the day.
        statics: What the sets send on it.
        stations: Coast stations.
        outages: Those that touch the day.
        hits: Shocks of what vessels send that touch the day.
    """

    day: date
    fleet: Fleet
    motion: Motion
    statics: StaticData
    stations: Stations
    outages: Outages
    hits: tuple[Hit, ...] = ()
