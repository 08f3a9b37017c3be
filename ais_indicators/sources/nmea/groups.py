"""Separates the lines of one group of NMEA 4.10 (`g:1-2-1234`) from those of another that uses its id again.

Lines belong to one group where total and id are equal, none has the number of another, and they stand within
`fragment_window_lines` lines and `fragment_timeout_seconds` of each other; they may come in any order. A complete
group is closed: the next line with its id begins another. Source and time hold for all lines of a group, whichever of
them carries them.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ais_indicators.compiled import njit
from ais_indicators.rules import Rules
from ais_indicators.sources.nmea.timestamps import NO_TIME
from ais_indicators.units import MICROSECONDS_PER_SECOND

OWN_TIME: Final = 1
"""Value of a sentence's `time` from which on it is the sentence's own, not that of a clock line before it."""


def resolve_groups(sentences: Any, begins_file: bool, rules: Rules) -> None:
    """Replaces each sentence's `group` by a number of its group alone, and gives its lines the group's source and time.

    Args:
        sentences: Sentences of a buffer, in the order of their lines; changed in place.
        begins_file: Whether the file begins with the buffer.
        rules: Rules of the lake's subject.
    """
    places = np.flatnonzero(sentences["group"])
    if places.size == 0:
        return
    grouped = sentences[places]
    kind = (grouped["sequence"].astype(np.int64) + 2) * 256 + grouped["channel"]
    is_message = (grouped["fragments"] > 1) & (grouped["fragments"] == grouped["group_total"])
    keys = (places, np.where(is_message, kind, 0), grouped["group_total"], grouped["group"])
    order = np.lexsort(keys)
    changes = np.ones(places.size, np.bool_)
    changes[1:] = False
    for key in keys[1:]:
        changes[1:] |= np.diff(key[order]) != 0
    numbers = _number_groups(
        grouped[order],
        changes,
        begins_file,
        rules.fragment_window_lines,
        rules.fragment_timeout_seconds * MICROSECONDS_PER_SECOND,
    )
    _share(grouped, order, numbers)
    sentences["group"][places[order]] = numbers
    for name in ("station", "station_start", "station_end", "micros", "time"):
        sentences[name][places] = grouped[name]


@njit(cache=True)
def _number_groups(
    lines: Any, changes: Any, begins_file: bool, window: int, timeout: int
) -> NDArray[np.int64]:
    """Numbers the groups from 1 in the order of `lines`, whose elements with the same key follow each other.

    Where the buffer does not begin the file, a key's lines may begin inside a group. Its first lines are then taken
    one by one up to the first with the number 1, so that parts of a file agree with each other.
    """
    numbers = np.zeros(lines.size, np.int64)
    number = count = seen = first_line = 0
    station = micros = 0
    is_inside = False
    for place in range(lines.size):
        line = lines[place]
        bit = 1 << int(line.group_part)
        own = line.micros if line.time >= OWN_TIME else NO_TIME
        is_far = line.line - first_line > window
        if changes[place]:
            is_inside = not begins_file and line.line <= window
        elif is_far:
            is_inside = False
        is_inside = is_inside and line.group_part != 1
        is_late = own != NO_TIME and micros != NO_TIME and abs(own - micros) > timeout
        is_other = line.station != 0 and station != 0 and line.station != station
        if (
            changes[place]
            or is_far
            or is_inside
            or is_late
            or is_other
            or seen & bit
            or count == line.group_total
        ):
            number, count, seen, first_line = number + 1, 0, 0, line.line
            station, micros = 0, NO_TIME
        numbers[place] = number
        count, seen = count + 1, seen | bit
        station = line.station if station == 0 else station
        micros = own if micros == NO_TIME else micros
    return numbers


def _share(grouped: Any, order: NDArray[np.int64], numbers: NDArray[np.int64]) -> None:
    """Copies source and time to lines without them from the first line of their group that has them."""
    has_time = (grouped["time"] >= OWN_TIME) & (grouped["micros"] != NO_TIME)
    has_station = grouped["station"] != 0
    for name, has in (
        ("station_start", has_station),
        ("station_end", has_station),
        ("station", has_station),
        ("micros", has_time),
    ):
        givers = has[order]
        values = np.zeros(int(numbers[-1]) + 1, np.int64)
        gives = np.zeros(values.size, np.bool_)
        values[numbers[givers][::-1]] = grouped[name][order[givers][::-1]]
        gives[numbers[givers]] = True
        takes = ~givers & gives[numbers]
        grouped[name][order[takes]] = values[numbers[takes]]
        if name == "micros":
            grouped["time"][order[takes]] = OWN_TIME
