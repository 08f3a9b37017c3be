"""Which draught after a silence is that of a departure: how long the way to the next port explains the silence.

A tanker leaves port A laden, falls silent, and comes to port B with another draught. 120 nautical miles take a day at
5 knots, so with the 2 days of a return it may have called elsewhere from a silence of 3 days on.
"""

from typing import Any

import polars as pl
import pytest

from ais_indicators.transforms.call_draughts import Ways, calls_of_ships, reported_draughts, reports_of_ships
from tests.subject_rules import SHIP_RULES
from tests.unit.test_voyages import CALL, REPORT, call, report

TANKER: dict[str, Any] = {"vessel_class": "tanker"}
DAY = 24.0


def departure(silence_h: float, ways: Ways | None, following: str = "BBBBB") -> tuple[float | None, bool]:
    """Returns the departure draught from A, and whether the voyage was not watched."""
    back = 20.0 + silence_h
    calls = [call("AAAAA", 0, 20, **TANKER), call(following, back + 2.0, back + 30.0, **TANKER)]
    reports = [report(11.2, -10, 20), report(10.8, back, back + 30.0)]
    found = pl.DataFrame(calls, schema=CALL)
    assigned = reports_of_ships(pl.DataFrame(reports, schema=REPORT), found)
    first = reported_draughts(calls_of_ships(found, SHIP_RULES), assigned, ways, rules=SHIP_RULES).row(
        0, named=True
    )
    return first["departure_draught_m"], first["is_unwatched"]


@pytest.mark.parametrize(
    ("way_nm", "silence_days", "is_unwatched"),
    [
        (120.0, 2.99, False),
        (120.0, 3.0, True),
        (121.0, 3.0, False),
        (121.0, 3.49, False),
        (121.0, 3.5, True),
        (2280.0, 20.99, False),
        (2280.0, 21.0, True),
        (6000.0, 20.99, False),
        (6000.0, 21.0, True),
    ],
)
def test_the_way_to_the_next_port_explains_a_silence(
    way_nm: float, silence_days: float, is_unwatched: bool
) -> None:
    found = departure(silence_days * DAY, {("AAAAA", "BBBBB"): way_nm})
    assert found == (None if is_unwatched else 10.8, is_unwatched)


@pytest.mark.parametrize(("silence_days", "is_unwatched"), [(20.99, False), (21.0, True)])
@pytest.mark.parametrize("ways", [None, {("BBBBB", "AAAAA"): 120.0}])
def test_without_a_known_way_the_longest_silence_holds(
    ways: Ways | None, silence_days: float, is_unwatched: bool
) -> None:
    assert departure(silence_days * DAY, ways)[1] is is_unwatched


@pytest.mark.parametrize(("silence_days", "is_unwatched"), [(1.99, False), (2.0, True)])
def test_a_return_needs_two_days_as_before(silence_days: float, is_unwatched: bool) -> None:
    assert departure(silence_days * DAY, {}, "AAAAA")[1] is is_unwatched
