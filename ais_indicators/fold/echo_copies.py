"""Compiled searches for the message that another one repeats: one element per message, by MMSI and second.

Source: methodology 4.
"""

from typing import Any

import numpy as np

from ais_indicators.compiled import njit


@njit(cache=True)
def earlier_places(second: Any, contents: Any, later: Any, wanted: Any, places: Any) -> None:
    """Finds the place of the message of a second that has the content of a later one; -1 where there is none.

    Args:
        second: Of each message of one vessel, in order.
        contents: Of each message a row: what must be the same.
        later: Places of the later messages.
        wanted: Second of the message that each repeats.
        places: Gets what was found.
    """
    for number in range(later.size):
        place = np.searchsorted(second, wanted[number])
        places[number] = -1
        while place < second.size and second[place] == wanted[number]:
            if (contents[place] == contents[later[number]]).all():
                places[number] = place
                break
            place += 1


@njit(cache=True)
def slow_copies(messages: Any, held: Any, shifts: Any, sailing: Any, tolerance: int, offset: Any) -> None:
    """Finds the slow messages that repeat one at a known time apart though the vessel moved in between.

    Args:
        messages: Arrays of MMSI, second and content.
        held: The same arrays of all slow messages that may be repeated, by MMSI and content.
        shifts: Arrays of MMSI and seconds apart, by MMSI.
        sailing: Arrays of MMSI and second of the messages under way, by MMSI and second.
        tolerance: Seconds by which the time apart may differ.
        offset: Gets the seconds to the message that each repeats, 0 for none.
    """
    for place in range(offset.size):
        mmsi, own = messages[0][place], messages[1][place]
        low, high = np.searchsorted(held[0], mmsi), np.searchsorted(held[0], mmsi, side="right")
        first = low + np.searchsorted(held[2][low:high], messages[2][place])
        since, until = np.searchsorted(shifts[0], mmsi), np.searchsorted(shifts[0], mmsi, side="right")
        other = _copy_of(messages[2][place], own, held, first, high, shifts[1][since:until], tolerance)
        if other != own and _has_moved(mmsi, min(own, other), max(own, other), sailing):
            offset[place] = other - own


@njit(cache=True)
def _copy_of(content: Any, own: int, held: Any, first: int, end: int, apart: Any, tolerance: int) -> int:
    """Returns the second of the first message of a content that is a known time away; the own one for none."""
    for place in range(first, end):
        if held[2][place] != content:
            break
        for seconds in apart:
            if abs(own - held[1][place] - seconds) <= tolerance:
                return int(held[1][place])
    return own


@njit(cache=True)
def _has_moved(mmsi: int, since: int, until: int, sailing: Any) -> bool:
    """Returns whether a vessel was under way between two seconds."""
    low, high = np.searchsorted(sailing[0], mmsi), np.searchsorted(sailing[0], mmsi, side="right")
    seconds = sailing[1][low:high]
    return bool(np.searchsorted(seconds, until) > np.searchsorted(seconds, since, side="right"))
