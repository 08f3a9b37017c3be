"""The compiled searches for repeated messages agree with a search through all pairs of messages (methodology 4)."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from ais_indicators.fold.echo_copies import earlier_places, slow_copies

TOLERANCE_S = 2
VESSELS = st.integers(1, 3)
SECONDS = st.integers(0, 400)
CONTENTS = st.integers(0, 3)
MESSAGES = st.lists(st.tuples(VESSELS, SECONDS, CONTENTS), max_size=25)
SHIFTS = st.lists(st.tuples(VESSELS, st.sampled_from([-60, 60, 120])), max_size=4, unique=True).map(sorted)
UNDER_WAY = st.lists(st.tuples(VESSELS, SECONDS), max_size=10).map(sorted)


def columns(rows: Sequence[tuple[int, ...]], types: Sequence[Any]) -> tuple[NDArray[Any], ...]:
    """Returns rows as one array per column."""
    return tuple(np.array([row[number] for row in rows], kind) for number, kind in enumerate(types))


@given(MESSAGES, SHIFTS, UNDER_WAY)
def test_a_slow_message_is_a_copy_if_its_vessel_moved_since_the_same_content(
    messages: list[tuple[int, int, int]], shifts: list[tuple[int, int]], under_way: list[tuple[int, int]]
) -> None:
    wanted = []
    for mmsi, own, content in messages:
        apart = [seconds for vessel, seconds in shifts if vessel == mmsi]
        others = [
            second
            for vessel, second, held in messages
            if (vessel, held) == (mmsi, content)
            and any(abs(own - second - seconds) <= TOLERANCE_S for seconds in apart)
        ]
        other = others[0] if others else own
        low, high = min(own, other), max(own, other)
        has_moved = any(vessel == mmsi and low < second < high for vessel, second in under_way)
        wanted.append(other - own if has_moved else 0)
    kinds = (np.int64, np.int64, np.uint64)
    held = sorted(messages, key=lambda message: (message[0], message[2]))
    found = np.zeros(len(messages), np.int64)
    slow_copies(
        columns(messages, kinds),
        columns(held, kinds),
        columns(shifts, kinds[:2]),
        columns(under_way, kinds[:2]),
        TOLERANCE_S,
        found,
    )
    assert found.tolist() == wanted


@given(st.lists(st.tuples(SECONDS, CONTENTS), min_size=1, max_size=25).map(sorted), SECONDS)
def test_an_earlier_message_of_a_second_must_have_the_content(
    messages: list[tuple[int, int]], wanted: int
) -> None:
    later = len(messages) - 1
    fitting = [place for place, message in enumerate(messages) if message == (wanted, messages[later][1])]
    second, content = columns(messages, (np.int64, np.float64))
    found = np.empty(1, np.int64)
    earlier_places(second, content[:, np.newaxis], np.array([later]), np.array([wanted]), found)
    assert found.tolist() == [fitting[0] if fitting else -1]
