"""Removes echoes from a bucket's messages before they are folded, and counts what each station received."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from ais_indicators.fold.echo_state import memory_from_bytes, memory_to_bytes
from ais_indicators.fold.echoes import (
    EchoMemory,
    Heard,
    Limits,
    find_echoes,
)
from ais_indicators.fold.records import ECHOED, FALSE_POSITION
from ais_indicators.geo.cells import h3_cells
from ais_indicators.rules import Rules
from ais_indicators.tracking.bucket_messages import STATION, Messages, doubles_of
from ais_indicators.tracking.receiver_clocks import ECHO_SCHEMA, StationClocks, read_base_stations

STATION_HOURS: Final = "silver.station_hours"
_STATION_KEY: Final = ["station", "h3_res3", "hour_utc"]


@dataclass(frozen=True)
class Sifted:
    """A day's messages without its echoes and false positions.

    Attributes:
        messages: The messages that are folded.
        echoes: Rows of the echoes.
        false_positions: Rows of the false positions, None if there are none.
    """

    messages: Messages
    echoes: pa.Table
    false_positions: pa.Table | None = None

    def left_out(self) -> list[tuple[str, pa.Table]]:
        """Returns the rows that are not folded, by reason."""
        false = [] if self.false_positions is None else [(FALSE_POSITION, self.false_positions)]
        return [(ECHOED, self.echoes), *false]


class EchoFilter:
    """Echoes of one bucket: what is carried from day to day, and what is counted in a week."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self.limits = Limits.from_rules(rules)
        self.memory = EchoMemory.empty()
        self.clocks = StationClocks(read_base_stations([]), rules)
        self.counted: list[pl.DataFrame] = []
        self._station_hours: list[pl.DataFrame] = []

    def load(self, packed: bytes) -> None:
        """Loads the memory of a state."""
        self.memory = memory_from_bytes(packed)

    def has_memory(self) -> bool:
        """Returns whether anything is carried on."""
        return any(array.size for array in self.memory)

    def packed(self) -> bytes:
        """Packs the memory for a state."""
        return memory_to_bytes(self.memory)

    def begin_week(self, clocks: StationClocks) -> None:
        """Starts a week with what is known of the clocks."""
        self.clocks = clocks
        self._station_hours = []

    def sift(self, messages: Messages, following: Messages | None) -> Sifted:
        """Removes the echoes from a day's messages.

        Args:
            messages: The day's messages.
            following: Those of the day after in the same week, where some station's clock is behind.
        """
        ahead = None if following is None else self._heard(following)
        found = find_echoes(self._heard(messages), self.memory, self.limits, ahead)
        self.memory = found.memory
        kept = np.ones(messages.mmsi.size, np.bool_)
        kept[found.places] = False
        echoes = messages.rows.take(pa.array(found.places))
        if found.places.size:
            self.counted.append(_counts(echoes[STATION], messages.second[found.places], found.offset_seconds))
        sifted = messages if kept.all() else messages.of(kept)
        if sifted.has_stations:
            self._station_hours.append(_heard_by_station(sifted, self._rules))
        return Sifted(sifted, echoes)

    def station_hours(self) -> pl.DataFrame:
        """Returns columns of `silver.station_hours` of the week; an hour lies in one day."""
        days = self._station_hours
        return pl.concat(days).sort(_STATION_KEY) if days else pl.DataFrame()

    def _heard(self, messages: Messages) -> Heard:
        numbers = messages.numbers
        is_off = np.zeros(messages.mmsi.size, np.bool_)
        if messages.has_stations:
            is_off = self.clocks.are_off(_names(messages.rows[STATION]), messages.second)
        cog, heading = (doubles_of(messages.rows[name]) for name in ("cog_degrees", "heading_degrees"))
        places = (numbers["latitude"], numbers["longitude"], numbers["sog_knots"])
        return Heard(messages.mmsi, messages.second, *places, cog, heading, is_off)


def _names(stations: pa.ChunkedArray) -> pl.Series:
    names: pl.Series = pl.Series(STATION, stations.cast(pa.string()))
    return names


def _hours(seconds: NDArray[np.int64]) -> pl.Series:
    return pl.from_epoch(pl.Series("hour_utc", seconds), "s").dt.truncate("1h").cast(pl.Datetime("us", "UTC"))


def _counts(
    stations: pa.ChunkedArray, seconds: NDArray[np.int64], offsets: NDArray[np.int64]
) -> pl.DataFrame:
    """Counts echoes by station, hour and offset; those of stations without a name are not counted."""
    rows = pl.DataFrame(
        {"station": _names(stations), "hour_utc": _hours(seconds), "clock_offset_seconds": offsets}
    ).drop_nulls("station")
    counted = rows.group_by(pl.all()).agg(echoes=pl.len().cast(pl.Int64))
    return counted.cast(pl.Schema(ECHO_SCHEMA)).sort(pl.all())


def _heard_by_station(messages: Messages, rules: Rules) -> pl.DataFrame:
    """Counts a day's messages by station, cell and hour."""
    cells = h3_cells(
        messages.numbers["latitude"], messages.numbers["longitude"], rules.coverage_cell_resolution
    )
    rows = pl.DataFrame(
        {"station": _names(messages.rows[STATION]), "h3_res3": cells, "hour_utc": _hours(messages.second)}
    ).drop_nulls("station")
    return rows.group_by(_STATION_KEY).agg(messages=pl.len().cast(pl.Int64)).sort(_STATION_KEY)
