"""The year of an announced arrival, which AIS does not send."""

import doctest
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from ais_indicators.sources import instants
from ais_indicators.sources.eta import eta_near, eta_of_code


def micros(*texts: str) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.array(texts, "datetime64[us]").astype(np.int64)


def arrivals(parts: Sequence[tuple[int, int, int, int]], *observed: str) -> list[str]:
    month, day, hour, minute = np.array(parts, np.int64).T
    found = eta_near(month, day, hour, minute, micros(*observed))
    return [str(one) for one in found.astype("datetime64[m]")]


def test_an_arrival_near_new_year_falls_on_its_side() -> None:
    parts = [(1, 3, 12, 0), (12, 30, 12, 0), (12, 30, 12, 0), (1, 3, 12, 0)]
    observed = ("2023-12-28T00:00", "2023-12-28T00:00", "2024-01-02T00:00", "2024-01-02T00:00")
    assert arrivals(parts, *observed) == [
        "2024-01-03T12:00",
        "2023-12-30T12:00",
        "2023-12-30T12:00",
        "2024-01-03T12:00",
    ]


def test_the_year_changes_at_half_a_year() -> None:
    parts = [(1, 1, 0, 0)] * 3
    observed = ("2023-07-02T11:59", "2023-07-02T12:00", "2023-07-02T12:01")
    assert arrivals(parts, *observed) == ["2023-01-01T00:00", "2024-01-01T00:00", "2024-01-01T00:00"]


def test_29_february_needs_a_leap_year() -> None:
    parts = [(2, 29, 6, 0)] * 3
    observed = ("2024-02-01T00:00", "2023-03-01T00:00", "2023-12-01T00:00")
    assert arrivals(parts, *observed) == ["2024-02-29T06:00", "NaT", "2024-02-29T06:00"]


@pytest.mark.parametrize(
    "parts",
    [
        (0, 1, 0, 0),
        (13, 1, 0, 0),
        (1, 0, 0, 0),
        (4, 31, 0, 0),
        (1, 1, 24, 0),
        (1, 1, 0, 60),
        (-1, -1, -1, -1),
    ],
)
def test_an_impossible_part_is_no_arrival(parts: tuple[int, int, int, int]) -> None:
    assert arrivals([parts], "2023-06-01T00:00") == ["NaT"]


def test_a_message_without_time_has_no_arrival() -> None:
    assert arrivals([(6, 1, 0, 0)], "NaT") == ["NaT"]
    assert np.isnat(eta_of_code(np.array([6010000]), micros("NaT"))).all()


def test_the_example_of_instants_holds() -> None:
    assert doctest.testmod(instants) == (0, 2)
