"""Puts records into the order of their seconds without comparing them: one count per second."""

from typing import Any

import numpy as np

from ais_indicators.compiled import njit
from ais_simulator.radio.records import Records


def by_second(records: Records, from_s: int, to_s: int) -> Records:
    """Records in the order of `sent_s`; those of one second stay in the order that they have.

    Args:
        records: With `sent_s` from `from_s` to under `to_s`.
        from_s: First second.
        to_s: The one after the last.
    """
    ordered = np.empty_like(records)
    _order(records, ordered, from_s, np.zeros(to_s - from_s + 1, np.int64))
    return ordered


@njit(cache=True)
def _order(records: Any, ordered: Any, from_s: int, begins: Any) -> None:
    for row in range(records.size):
        begins[records[row].sent_s - from_s + 1] += 1
    for second in range(1, begins.size):
        begins[second] += begins[second - 1]
    for row in range(records.size):
        second = records[row].sent_s - from_s
        ordered[begins[second]] = records[row]
        begins[second] += 1
