"""Finds the ports, anchorages and chokepoints of a day's fixes, depending on the subject of the lake."""

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
from ais_indicators.rules import PLANES, SHIPS, Rules, Subject
from ais_indicators.tracking.bucket_messages import ALTITUDE, GROUND_FLAG, Messages


class Places(NamedTuple):
    """Where each fix is: numbers of ports and anchorages, codes of gates (`GateIndex.match`), NOWHERE for none."""

    port: NDArray[np.int32]
    anchorage: NDArray[np.int32]
    gate: NDArray[np.int32]


def places_of(messages: Messages, index: PortIndex, gates: GateIndex, day: date, rules: Rules) -> Places:
    """Returns where the fixes of one day are.

    Args:
        messages: The day's messages of one bucket.
        index: Ports, or airports, valid on the day.
        gates: Straits of the week.
        day: The UTC day.
        rules: Rules of the lake's subject.
    """
    return _PLACES[rules.subject](messages, index, gates, day, rules)


def ways_of(gates: GateIndex, day: date, rules: Rules) -> StraitWays:
    """Returns the ways by sea around the chokepoints of a day; planes have none."""
    return gates.ways(day) if rules.subject == SHIPS else StraitWays.empty()


def _of_ships(messages: Messages, index: PortIndex, gates: GateIndex, day: date, rules: Rules) -> Places:
    """Locates ships: a ship is wherever an area contains it."""
    latitude, longitude = messages.numbers["latitude"], messages.numbers["longitude"]
    port, anchorage = index.match(latitude, longitude)
    return Places(port, anchorage, gates.match(day, latitude, longitude, rules))


def _of_planes(messages: Messages, index: PortIndex, gates: GateIndex, day: date, rules: Rules) -> Places:  # noqa: ARG001
    """Locates planes: at an airport only on its ground; a plane does not wait, and passes no chokepoint."""
    numbers = messages.numbers
    port, _ = index.match(numbers["latitude"], numbers["longitude"])
    on_ground = is_on_ground(numbers[GROUND_FLAG], numbers["sog_knots"], numbers[ALTITUDE])
    nowhere = np.full(port.size, NOWHERE, np.int32)
    return Places(np.where(on_ground, port, nowhere), nowhere, nowhere.copy())


_PLACES: Final[dict[Subject, Callable[[Messages, PortIndex, GateIndex, date, Rules], Places]]] = {
    SHIPS: _of_ships,
    PLANES: _of_planes,
}
