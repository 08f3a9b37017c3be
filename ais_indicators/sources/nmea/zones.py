"""Converts the times of a log that name no zone to UTC, with the hour that comes twice in autumn.

Lines are read in the order of the file. In a repeated hour the clock jumps back by more than
`clock_set_back_minutes`: lines before that are of the first pass (summer time), those from there on of the second.
Without a jump the hour is the first pass where the file runs into it without a pause and ends in it, and the second
where it begins in it and runs out of it without one. Else it cannot be decided, and its lines have a reason.
"""

from dataclasses import dataclass
from typing import IO, Any, Final

import numpy as np
from numpy.typing import NDArray

from ais_indicators.rules import Rules
from ais_indicators.sources.nmea import sentences as lines
from ais_indicators.sources.nmea.forms import Form
from ais_indicators.sources.nmea.stamps import LOCAL_TIME, UTC_TIME
from ais_indicators.sources.nmea.timestamps import NO_TIME
from ais_indicators.sources.nmea.window import read_window
from ais_indicators.sources.zones import REPEATED, SKIPPED, Micros, SourceTimes, offsets_of, zone_named
from ais_indicators.units import MICROSECONDS_PER_SECOND, SECONDS_PER_HOUR, SECONDS_PER_MINUTE

_PIECE_BYTES: Final = 16 * 1024 * 1024
_HOUR: Final = SECONDS_PER_HOUR * MICROSECONDS_PER_SECOND
_NEAR: Final = 3 * _HOUR
"""Times farther from a repeated hour say nothing about it."""

_UNKNOWN: Final = -1
_NEVER: Final = 2**62


@dataclass(frozen=True)
class LogZone:
    """Zone of a log.

    Attributes:
        stream: The uncompressed log.
        form: How it writes times.
        times: What its source declares.
        rules: Rules of the lake's subject.
    """

    stream: IO[bytes]
    form: Form
    times: SourceTimes
    rules: Rules

    def convert(self, sentences: Any, first_byte: int) -> None:
        """Converts the times of sentences in place; those that cannot be converted have a reason.

        Args:
            sentences: Sentences of a buffer.
            first_byte: Where in the log the buffer begins.
        """
        places = np.flatnonzero(sentences["time"] == LOCAL_TIME)
        if not places.size:
            return
        zone = zone_named(self.times.time_zone)
        local = sentences["micros"][places].copy()
        first, second, states = offsets_of(local, zone)
        east, is_open = first.copy(), np.zeros(places.size, np.bool_)
        days = local // (24 * _HOUR)
        for day in np.unique(days[states == REPEATED]).tolist():
            chosen = (states == REPEATED) & (days == day)
            second_from = self._second_pass(local[chosen][0])
            at = sentences["line_start"][places[chosen]] + first_byte
            east[chosen] = np.where(at < second_from, first[chosen], second[chosen])
            is_open[chosen] = second_from == _UNKNOWN
        sentences["micros"][places] = local - east
        sentences["time"][places] = UTC_TIME
        for bad, reason in ((is_open, lines.REPEATED_HOUR), (states == SKIPPED, lines.SKIPPED_HOUR)):
            sentences["micros"][places[bad]] = NO_TIME
            is_good = sentences["state"][places] == lines.GOOD
            sentences["state"][places[bad & is_good]] = reason

    def _second_pass(self, moment: int) -> int:
        """Returns the first byte of the log from which on the repeated hour of a local time is the second pass."""
        at, local = self._times_near(moment)
        states = offsets_of(local, zone_named(self.times.time_zone))[2]
        inside = np.flatnonzero(states == REPEATED)
        back = self.rules.clock_set_back_minutes * SECONDS_PER_MINUTE * MICROSECONDS_PER_SECOND
        jumps = _jumps(local[: inside[-1] + 1], back)
        before, after = local[: inside[0]], local[inside[-1] + 1 :]
        if len(jumps) > 1 or (local[: inside[-1]] > local[inside].max() + back).any():
            return _UNKNOWN
        if len(jumps) == 1:
            return int(at[jumps[0]]) if states[jumps[0]] == REPEATED else _UNKNOWN
        runs_in = before.size > 0 and local[inside[0]] - before.max() <= back
        runs_out = after.size > 0 and after.min() - local[inside[-1]] <= back
        if runs_in == runs_out:
            return _UNKNOWN
        return _NEVER if runs_in else 0

    def _times_near(self, moment: int) -> tuple[Micros, Micros]:
        """Returns bytes and local times of all lines of the log whose times are near one."""
        size, found = self.stream.seek(0, 2), []
        for start in range(0, size, _PIECE_BYTES):
            window = read_window(self.stream, start, min(start + _PIECE_BYTES, size), 0)
            text = window.text[window.owned_from : window.owned_to]
            stamped = lines.scan_lines(text, self.form, self.rules)
            is_near = (stamped["time"] == LOCAL_TIME) & (np.abs(stamped["micros"] - moment) < _NEAR)
            found.append(
                np.stack([stamped["line_start"][is_near] + window.first_byte, stamped["micros"][is_near]])
            )
        at, local = np.concatenate(found, axis=1)
        return at, local


def _jumps(local: Micros, back: float) -> list[int]:
    """Finds the places where times go back by more than some microseconds, compared with the latest since the last."""
    jumps: list[int] = []
    start = 0
    while start < local.size:
        late: NDArray[np.int64] = np.flatnonzero(np.maximum.accumulate(local[start:]) - local[start:] > back)
        if not late.size:
            break
        start += int(late[0])
        jumps.append(start)
    return jumps
