"""Displaced stretches do not depend on the order of the input, nor on where it is cut into days and weeks."""

import random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ais_indicators.fold.displacement_state import memory_from_bytes, memory_to_bytes
from ais_indicators.fold.displacements import find_displacements
from ais_indicators.fold.whereabouts import WHEREABOUTS, DisplacementLimits
from ais_indicators.rules import Rules

HOUR, DAY = 3600, 86_400
PLACES = ((50.0, 4.0), (52.0, 4.0), (50.1, 4.2), (-20.0, 179.99), (-20.0, -179.99), (89.0, 0.0))
LIMITS = DisplacementLimits.from_rules(Rules.for_subject("ships"))

steps = st.tuples(
    st.integers(1, 3), st.integers(0, 5), st.integers(1, 12 * HOUR), st.floats(0.0, 0.3, allow_nan=False)
)


def fixes_of(drawn: list[tuple[int, int, int, float]]) -> list[tuple[int, int, float, float]]:
    """Fixes of three vessels that are shown at some places, each some time after the one before."""
    second, fixes = 5 * DAY, []
    for mmsi, place, silence, north in drawn:
        second += silence // 3
        fixes.append((mmsi, second, PLACES[place][0] + north, PLACES[place][1]))
    return fixes


def stretch_of_each(fixes: list[tuple[int, int, float, float]], cut: int) -> tuple[dict[object, int], bytes]:
    """First second of the stretch of each fix that is displaced, and the memory at the end.

    Args:
        fixes: Of whatever order.
        cut: Seconds of a piece, after each of which the memory is packed and read again.
    """
    memory, found = np.empty(0, WHEREABOUTS), dict[object, int]()
    for piece in sorted({second // cut for _, second, *_ in fixes}):
        rows = sorted(fix for fix in fixes if fix[1] // cut == piece)
        mmsi, second = (np.array([row[n] for row in rows], np.int64) for n in (0, 1))
        latitude, longitude = (np.array([row[n] for row in rows], float) for n in (2, 3))
        day = find_displacements(mmsi, second, latitude, longitude, memory, LIMITS)
        began = day.rows["began"][day.row_of_place]
        found |= dict(zip([rows[place] for place in day.places], began.tolist(), strict=True))
        memory = memory_from_bytes(memory_to_bytes(day.memory))
    return found, memory_to_bytes(memory)


@given(st.lists(steps, max_size=60), st.randoms(use_true_random=False))
def test_order_and_cut_of_the_input_do_not_matter(
    drawn: list[tuple[int, int, int, float]], chance: random.Random
) -> None:
    fixes = fixes_of(drawn)
    by_day = stretch_of_each(fixes, DAY)
    assert stretch_of_each(chance.sample(fixes, len(fixes)), DAY) == by_day
    assert stretch_of_each(fixes, 12 * HOUR) == by_day
    assert stretch_of_each(fixes, HOUR) == by_day
