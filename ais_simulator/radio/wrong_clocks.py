"""Receivers with a wrong clock: they repeat what the station next to them hears, under another time and name."""

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ais_indicators.compiled import njit
from ais_indicators.units import SECONDS_PER_MINUTE
from ais_simulator.model import Stations
from ais_simulator.radio.draws import Stream, chance, draw, ship_chances, stream_key
from ais_simulator.radio.records import REPEATED, Records
from ais_simulator.scenario import WrongClock

NUMBER_STEP: Final = 5000
"""A receiver has the number of its station and this much more: 00MID5001 next to 00MID0001."""

FEED_NUMBER: Final = 9_995_000
"""Number of the receiver that repeats what is heard without a station."""


@dataclass(frozen=True)
class WrongClocks:
    """Receivers with a wrong clock.

    Attributes:
        offset_s: How far their clock is ahead.
        heard_share: Messages that they repeat.
        receiver: Index into the stations by that of the adjacent station; -1 where there is none. The last two
            elements are for messages of satellites and without a station, whose index is -2 and -1.
        stations: The stations with these receivers behind them.
        key: Of the stream that chooses messages.
    """

    offset_s: int
    heard_share: float
    receiver: NDArray[np.int16]
    stations: Stations
    key: np.uint64

    @classmethod
    def build(cls, given: WrongClock, stations: Stations, seed: int) -> "WrongClocks":
        """Chooses the stations that have such a neighbour."""
        count = len(stations.mmsi)
        key = stream_key(seed, Stream.WRONG_CLOCK)
        chosen = np.flatnonzero(ship_chances(key, count) < given.station_share)
        receiver = np.full(count + 2, -1, np.int16)
        receiver[chosen] = count + np.arange(chosen.size)
        names = stations.mmsi[chosen] + NUMBER_STEP
        if given.station_share == 1:
            receiver[-2:] = count + chosen.size
            names = np.append(names, FEED_NUMBER)
        return cls(
            given.minutes * SECONDS_PER_MINUTE,
            given.heard_share,
            receiver,
            replace(stations, mmsi=np.append(stations.mmsi, names)),
            key + np.uint64(1),
        )

    def repeat(self, records: Records, kind: int, day_start_s: int) -> Records:
        """Returns the messages that the receivers repeat, in their order: other time and station, same content.

        Args:
            records: `POSITION` or `STATIC` records with their stations.
            kind: A number that distinguishes messages of one vessel in one second.
            day_start_s: Epoch second of the day's start.
        """
        chosen = self.receiver[records["station"]] >= 0
        if self.heard_share < 1:
            _choose(records, chosen, self.heard_share, self.key, kind, day_start_s)
        repeated: Records = records[chosen]
        repeated["station"] = self.receiver[repeated["station"]]
        repeated["stamped_s"] += self.offset_s
        repeated["copy"] = REPEATED
        return repeated


@njit(cache=True)
def _choose(records: Any, chosen: Any, share: float, key: Any, kind: int, day_start_s: int) -> None:
    """Drops messages that are not repeated, by chance."""
    for row in range(records.size):
        record = records[row]
        salt = kind + (record.message_type << 8)
        if chance(draw(key, record.ship, record.sent_s + day_start_s, salt)) >= share:
            chosen[row] = False
