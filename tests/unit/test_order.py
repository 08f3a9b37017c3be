"""The method's order of rows: MMSI, second, latitude and so on, nulls last, from any order of the input."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from ais_indicators.fold.order import method_order

NULL = float("nan")
MIDNIGHT = 1_577_836_800
LAST_SECOND = MIDNIGHT + 86399

Row = tuple[int, int, float, float, float]
"""MMSI, second, latitude, longitude, SOG."""

IN_ORDER: list[Row] = [
    (366000001, MIDNIGHT, 50.0, 1.0, 0.0),
    (366000001, MIDNIGHT + 1, 49.0, 1.0, 12.0),
    (366000001, MIDNIGHT + 1, 50.0, 0.5, 12.0),
    (366000001, MIDNIGHT + 1, 50.0, 1.0, 11.0),
    (366000001, MIDNIGHT + 1, 50.0, 1.0, 12.0),
    (366000001, MIDNIGHT + 1, 50.0, 1.0, NULL),
    (366000001, LAST_SECOND, 10.0, 1.0, 0.0),
    (366000002, MIDNIGHT, -50.0, -1.0, 0.0),
    (775999999, MIDNIGHT, 0.0, 1.0, 0.0),
]


def order_of(rows: list[Row]) -> NDArray[np.int64]:
    """The permutation of some rows."""
    mmsi, second = (np.array([row[n] for row in rows], np.int64) for n in (0, 1))
    return method_order(mmsi, second, [np.array([row[n] for row in rows], float) for n in (2, 3, 4)])


def key(row: Row) -> tuple[float, ...]:
    """Sorts as the method says, in plain Python."""
    return tuple(np.inf if np.isnan(value) else value for value in row)


@pytest.mark.parametrize("step", [1, 2, 4, 5, 7, 8], ids=lambda step: f"every {step}th")
def test_any_order_is_brought_to_the_methods(step: int) -> None:
    shuffled = [IN_ORDER[(n * step) % len(IN_ORDER)] for n in range(len(IN_ORDER))]
    assert [key(shuffled[n]) for n in order_of(shuffled)] == [key(row) for row in IN_ORDER]


def test_rows_in_order_stay_where_they_are() -> None:
    assert order_of(IN_ORDER).tolist() == list(range(len(IN_ORDER)))


@pytest.mark.parametrize("rows", [[], IN_ORDER[:1]])
def test_no_row_and_one_row(rows: list[Row]) -> None:
    assert order_of(rows).tolist() == list(range(len(rows)))


rows = st.tuples(
    st.sampled_from([201000000, 366000001, 366000002, 775999999]),
    st.sampled_from([MIDNIGHT, MIDNIGHT + 1, LAST_SECOND]),
    st.sampled_from([-90.0, -0.1, 0.0, 89.9]),
    st.sampled_from([-180.0, 1.0, 180.0]),
    st.sampled_from([0.0, 0.1, NULL]),
)


@given(st.lists(rows, max_size=40), st.randoms())
def test_sorts_as_plain_python_does(given_rows: list[Row], chance: np.random.Generator) -> None:
    shuffled = given_rows.copy()
    chance.shuffle(shuffled)
    order = order_of(shuffled)
    assert sorted(order.tolist()) == list(range(len(shuffled)))
    assert [key(shuffled[n]) for n in order] == sorted(map(key, given_rows))
