"""At which ports, anchorages and straits the fixes of a day are, by what the lake follows."""

from collections.abc import Callable
from datetime import date
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ais_indicators.fold.ground import is_on_ground
from ais_indicators.fold.records import NOWHERE
from ais_indicators.geo.gate_index import GateIndex
from ais_indicators.geo.port_index import PortIndex
from ais_indicators.geo.strait_ways import StraitWays
from ais_indicators.pipelines.fold_input import ALTITUDE, GROUND_FLAG, Messages
from ais_indicators.rules import PLANES, SHIPS, Subject, followed


class Places(NamedTuple):
    """Where each fix is: numbers of ports and anchorages, codes of gates (`GateIndex.match`), NOWHERE for none."""

    port: NDArray[np.int32]
    anchorage: NDArray[np.int32]
    gate: NDArray[np.int32]


def places_of(messages: Messages, index: PortIndex, gates: GateIndex, day: date) -> Places:
    """Where the fixes of one day are.

    Args:
        messages: The day's messages of one bucket.
        index: Ports, or airports, valid on the day.
        gates: Straits of the week.
        day: The UTC day.
    """
    return _PLACES[followed()](messages, index, gates, day)


def ways_of(gates: GateIndex, day: date) -> StraitWays:
    """The ways by sea round the straits of a day; planes have none."""
    return gates.ways(day) if followed() == SHIPS else StraitWays.empty()


def _of_ships(messages: Messages, index: PortIndex, gates: GateIndex, day: date) -> Places:
    """A ship is wherever an area holds it."""
    latitude, longitude = messages.numbers["latitude"], messages.numbers["longitude"]
    port, anchorage = index.match(latitude, longitude)
    return Places(port, anchorage, gates.match(day, latitude, longitude))


def _of_planes(messages: Messages, index: PortIndex, gates: GateIndex, day: date) -> Places:  # noqa: ARG001
    """A plane is at an airport on its ground, not in the air above it; it waits nowhere, and passes no strait."""
    numbers = messages.numbers
    port, _ = index.match(numbers["latitude"], numbers["longitude"])
    on_ground = is_on_ground(numbers[GROUND_FLAG], numbers["sog_knots"], numbers[ALTITUDE])
    nowhere = np.full(port.size, NOWHERE, np.int32)
    return Places(np.where(on_ground, port, nowhere), nowhere, nowhere.copy())


_PLACES: Final[dict[Subject, Callable[[Messages, PortIndex, GateIndex, date], Places]]] = {
    SHIPS: _of_ships,
    PLANES: _of_planes,
}
