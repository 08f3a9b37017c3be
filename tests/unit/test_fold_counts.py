"""Counts that the fold makes in addition to its events: messages by cell and hour, ships lying in ports, silences."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import h3.api.numpy_int as h3
import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ais_indicators.fold.records import NOWHERE, Thresholds
from ais_indicators.geo.cell_parents import parent_cells
from ais_indicators.periods import Week
from ais_indicators.tracking.counts import WeekCounts
from ais_indicators.tracking.silences import DayOfFixes
from tests.subject_rules import SHIP_RULES

WEEK = Week.parse("2026-W09")
HERE, THERE = (int(h3.latlng_to_cell(*at, 6)) for at in ((51.95, 4.1), (48.0, -5.0)))
HOUR = 3600
Fix = tuple[int, float, float, int, int]
"""Track, hours since the week's begin, speed in knots, cell, port."""


def counts(*fixes: Fix) -> WeekCounts:
    """The counts of a week with these fixes."""
    found = WeekCounts(SHIP_RULES)
    last: dict[int, int] = {}
    for day in range(7):
        of_day = [one for one in sorted(fixes, key=lambda f: (f[0], f[1])) if day <= one[1] / 24 < day + 1]
        found.take(day_of(of_day, last), ["BEANR", "NLRTM"])
    return found


def day_of(fixes: Sequence[Fix], last: dict[int, int]) -> DayOfFixes:
    seconds = [WEEK.start_second + round(hours * HOUR) for _, hours, *_ in fixes]
    since = []
    for (track, *_), second in zip(fixes, seconds, strict=True):
        since.append(second - last[track] if track in last else -1)
        last[track] = second
    column = [[one[place] for one in fixes] for place in range(5)]
    return DayOfFixes(
        mmsi=np.array(column[0], np.int64) + 200_000_000,
        track_id=np.array(column[0], np.int64),
        second=np.array(seconds, np.int64),
        cell=np.array(column[3], np.int64),
        seconds_since_previous=np.array(since, np.int64),
        sog_knots=np.array(column[2], np.float64),
        port=np.array(column[4], np.int32),
    )


def silences(*fixes: Fix) -> list[tuple[float | None, float | None]]:
    """From when until when tracks that stayed were silent, in hours since the week's begin."""
    rows = counts(*fixes).silences(WEEK).filter("stayed")
    return [
        (since(begin), since(end))
        for begin, end in rows.select("silent_from_utc", "heard_again_at_utc").rows()
    ]


def since(time: datetime | None) -> float | None:
    return None if time is None else (time - WEEK.start) / timedelta(hours=1)


def lying(*hours: float, track: int = 1, sog: float = 0.1, cell: int = HERE, port: int = 1) -> list[Fix]:
    return [(track, hour, sog, cell, port) for hour in hours]


def until_end(begin: float) -> list[float]:
    return list(np.arange(begin, 168, 0.5))


def test_messages_and_tracks_are_counted_by_hour_and_cell() -> None:
    rows = counts(
        *lying(0.0, 0.2, 0.99), *lying(0.5, track=2), *lying(1.0), *lying(0.1, cell=THERE, track=3)
    ).hours()
    found = rows.select("h3_res3", "hour_utc", "messages", "vessels").rows()
    here, there = (h3.cell_to_parent(cell, 3) for cell in (HERE, THERE))
    expected = [
        (here, WEEK.start, 4, 2),
        (here, WEEK.start + timedelta(hours=1), 1, 1),
        (there, WEEK.start, 1, 1),
    ]
    assert found == sorted(expected)


@pytest.mark.parametrize(("below", "messages"), [(0.01, 1), (0.0, None)])
def test_ships_that_lie_still_in_a_port_are_counted_once(below: float, messages: int | None) -> None:
    sog = Thresholds.from_rules(SHIP_RULES).stop_below_knots - below
    rows = counts(*lying(5.0, sog=sog)).stationary()
    assert rows.rows() == ([("NLRTM", 1, messages)] if messages else [])


def test_a_ship_is_one_ship_on_all_days_and_none_outside_ports() -> None:
    rows = counts(*lying(5.0, 30.0, 55.0), *lying(6.0, track=2, port=NOWHERE)).stationary()
    assert rows.rows() == [("NLRTM", 1, 3)]


SHORTEST = SHIP_RULES.coverage_silence_hours


@pytest.mark.parametrize(("hours", "found"), [(SHORTEST - 0.01, 0), (SHORTEST, 1)])
def test_a_silence_has_a_least_length(hours: float, found: int) -> None:
    assert len(silences(*lying(3.0, *until_end(3.0 + hours)))) == found


def test_a_silence_goes_on_over_days() -> None:
    assert silences(*lying(20.0, *until_end(75.0))) == [(20.0, 75.0)]


def test_a_ship_that_came_back_elsewhere_had_left() -> None:
    assert silences(*lying(20.0), *lying(*until_end(75.0), cell=THERE)) == []


def test_a_ship_under_way_that_came_back_to_its_cell_was_silent() -> None:
    assert silences(*lying(20.0, sog=9.0), *lying(*until_end(40.0))) == [(20.0, 40.0)]


@pytest.mark.parametrize(("below", "found"), [(0.01, [(20.0, None)]), (0.0, [])])
def test_of_ships_not_heard_again_only_those_that_lay_still_are_silent(
    below: float, found: list[tuple[float, None]]
) -> None:
    assert silences(*lying(20.0, sog=SHIP_RULES.coverage_silent_below_knots - below)) == found


@pytest.mark.parametrize(("before_end", "found"), [(SHORTEST, 1), (SHORTEST - 0.01, 0)])
def test_silences_are_open_at_the_week_s_end_only_if_they_are_long_enough(
    before_end: float, found: int
) -> None:
    assert len(silences(*lying(168 - before_end))) == found


@given(
    st.lists(st.tuples(st.floats(-89.9, 89.9), st.floats(-180, 180)), min_size=1, max_size=20),
    st.integers(0, 15),
    st.data(),
)
def test_parents_are_those_of_the_library(
    at: list[tuple[float, float]], resolution: int, data: st.DataObject
) -> None:
    coarser = data.draw(st.integers(0, resolution))
    cells = np.array([h3.latlng_to_cell(*one, resolution) for one in at]).astype(np.int64)
    expected = [int(h3.cell_to_parent(int(cell), coarser)) for cell in cells]
    assert parent_cells(cells, coarser).tolist() == expected


def test_no_fix_no_rows() -> None:
    empty = counts()
    assert empty.hours().is_empty()
    assert empty.stationary().is_empty()
    assert isinstance(empty.silences(WEEK), pl.DataFrame)


def test_a_ship_that_was_silent_and_came_back_elsewhere_did_not_stay() -> None:
    rows = counts(*lying(20.0), *lying(*until_end(75.0), cell=THERE)).silences(WEEK)
    assert rows.select("h3_res3", "stayed").rows() == [(h3.cell_to_parent(HERE, 3), False)]


def test_a_ship_under_way_that_was_not_heard_again_did_not_stay() -> None:
    assert counts(*lying(20.0, sog=9.0)).silences(WEEK)["stayed"].to_list() == [False]


def spells(*fixes: Fix) -> list[tuple[int, float | None, float | None, int]]:
    """When each number was heard, in hours since the week's begin, and where last."""
    rows = counts(*fixes).spells().select("mmsi", "heard_from_utc", "heard_until_utc", "h3_res3").rows()
    return [(mmsi - 200_000_000, since(begin), since(end), cell) for mmsi, begin, end, cell in rows]


LAST_HERE, LAST_THERE = (int(h3.cell_to_parent(cell, 3)) for cell in (HERE, THERE))
DARK = SHIP_RULES.dark_silence_hours


@pytest.mark.parametrize(("hours", "found"), [(DARK - 0.25, [3.0]), (DARK, [3.0, 3.0 + DARK])])
def test_spells_end_in_silences_of_twelve_hours(hours: float, found: list[float]) -> None:
    assert [begin for _, begin, _, _ in spells(*lying(3.0, 3.0 + hours))] == found


def test_spells_go_on_over_midnight_and_know_where_they_ended() -> None:
    fixes = [*lying(20.0, 30.0), *lying(40.0, cell=THERE), *lying(100.0, 101.0), *lying(23.0, track=2)]
    assert spells(*fixes) == [
        (1, 20.0, 40.0, LAST_THERE),
        (1, 100.0, 101.0, LAST_HERE),
        (2, 23.0, 23.0, LAST_HERE),
    ]


def test_two_tracks_of_one_number_are_one_vessel() -> None:
    found = WeekCounts(SHIP_RULES)
    rows = [*lying(1.0, 10.0, 19.0), *lying(15.0, 24.9 - 1.0)]
    of_day = day_of(sorted(rows, key=lambda fix: fix[1]), {})
    tracks = np.array([1, 1, 2, 1, 2], np.int64)
    found.take(DayOfFixes(**{**vars(of_day), "track_id": tracks}), ["BEANR", "NLRTM"])
    assert found.spells()["mmsi"].to_list() == [200_000_001]


def test_no_fix_no_spell() -> None:
    assert counts().spells().is_empty()
