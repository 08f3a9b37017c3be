"""Counts what each station delivered, as rows of a heartbeat file."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from statistics import median
from typing import Final

from ais_indicators.receive.clock import Reading
from ais_indicators.receive.tag_blocks import TaggedLine

HEADER: Final = (
    "station",
    "started_at_utc",
    "ended_at_utc",
    "lines",
    "bad_checksums",
    "lost_lines",
    "silent_minutes",
    "base_station_reports",
    "clock_offset_seconds",
    "clock_jumps",
)
"""Columns of a heartbeat file; `ingest` recognises the file by them."""

_MOST_STATIONS: Final = 1000
"""Senders name stations themselves; above this number they are counted under the station of their connection."""

_MOST_OFFSETS: Final = 5000
_MINUTE_SECONDS: Final = 60


@dataclass
class StationCounts:
    """Counts of one station in one period.

    Attributes:
        lines: Lines that were stored.
        bad_checksums: Stored lines with a wrong checksum.
        lost_lines: Lines that arrived and were not stored.
        heard_minutes: Minutes from the start of the period in which a line arrived.
        offsets: Time in base station reports minus time of reception, in seconds.
    """

    lines: int = 0
    bad_checksums: int = 0
    lost_lines: int = 0
    heard_minutes: set[int] = field(default_factory=set)
    offsets: list[float] = field(default_factory=list)


class Counters:
    """Counts by station since the start of a period; a configured station has a row even when silent."""

    def __init__(self, stations: Iterable[str], now: Reading) -> None:
        self.stored = self.lost = 0
        self._configured = tuple(dict.fromkeys(stations))
        self._counts: dict[str, StationCounts] = {}
        self._start = now
        self._jumps = 0
        self.begin(now)

    def begin(self, now: Reading) -> None:
        """Starts a new period."""
        self._counts = {station: StationCounts() for station in self._configured}
        self._start, self._jumps = now, int(now.has_jumped)

    def store(self, line: TaggedLine, station: str, now: Reading, reported: float | None = None) -> None:
        """Counts a stored line.

        Args:
            line: The line.
            station: Station of its connection.
            now: Time of reception.
            reported: Time in a base station report, in seconds since 1970.
        """
        self.stored += 1
        counts = self._of(line.station, station)
        counts.lines += 1
        counts.bad_checksums += not line.is_right
        counts.heard_minutes.add(int((now.steady - self._start.steady) // _MINUTE_SECONDS))
        if reported is not None and line.time is not None and len(counts.offsets) < _MOST_OFFSETS:
            counts.offsets.append(reported - line.time)

    def lose(self, station: str, lines: int = 1) -> None:
        """Counts lines that arrived and were not stored."""
        self.lost += lines
        self._of(station, station).lost_lines += lines

    def rows(self, now: Reading) -> list[tuple[str | int | float, ...]]:
        """Returns one row per station, with the columns of `HEADER`, for the period up to now."""
        seconds = now.steady - self._start.steady
        start, end = (_utc(self._start.utc), _utc(self._start.utc + seconds))
        minutes = int(seconds // _MINUTE_SECONDS)
        return [
            (
                station,
                start,
                end,
                counts.lines,
                counts.bad_checksums,
                counts.lost_lines,
                minutes - sum(minute < minutes for minute in counts.heard_minutes),
                len(counts.offsets),
                round(median(counts.offsets), 3) if counts.offsets else "",
                self._jumps,
            )
            for station, counts in sorted(self._counts.items())
        ]

    def csv(self, now: Reading) -> bytes:
        """Writes the rows as CSV."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(HEADER)
        writer.writerows(self.rows(now))
        return text.getvalue().encode()

    def _of(self, station: str, fallback: str) -> StationCounts:
        """Returns the counts of a station, or of its connection's if there are too many."""
        if station not in self._counts and len(self._counts) >= _MOST_STATIONS:
            station = fallback
        return self._counts.setdefault(station, StationCounts())


def _utc(seconds: float) -> str:
    """Formats seconds since 1970.

    >>> _utc(1426032001.5)
    '2015-03-11T00:00:01Z'
    """
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
