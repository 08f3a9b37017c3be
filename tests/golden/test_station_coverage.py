"""Heartbeats in coverage: "receiver down" is not "no vessels", and without heartbeats nothing changes."""

from datetime import datetime, timedelta
from typing import Any

import h3.api.numpy_int as h3
import polars as pl
import pytest

from ais_indicators.evidence.stations import heartbeat_marks
from ais_indicators.periods import Week
from ais_indicators.transforms.coverage import HEARD, NOT_ASSESSED, OUTAGE, UNCLEAR
from ais_indicators.transforms.station_coverage import station_cells, station_states, with_stations
from tests.subject_rules import SHIP_RULES

WEEK = Week.parse("2026-W09")
CELL, FAR_CELL = (int(h3.latlng_to_cell(*at, 3)) for at in ((51.95, 4.1), (-18.1, 178.4)))
HOUR = timedelta(hours=1)
HEARTBEATS: dict[str, Any] = {
    "station": pl.String,
    "started_at_utc": pl.Datetime("us", "UTC"),
    "ended_at_utc": pl.Datetime("us", "UTC"),
    "lines": pl.Int64,
}
HEARD_ROWS: dict[str, Any] = {"station": pl.String, "hour_utc": pl.Datetime("us", "UTC")}
Beat = tuple[str, datetime, datetime, int]


def beat(station: str, hour: float, lines: int, hours: float = 1) -> Beat:
    start = WEEK.start + hour * HOUR
    return station, start, start + hours * HOUR, lines


def heartbeats(*beats: Beat) -> pl.DataFrame:
    return pl.DataFrame(beats, schema=HEARTBEATS, orient="row")


def heard_before(weeks: int, **cells: int) -> pl.DataFrame:
    rows = [(f"2026-W0{n}", name, cell) for name, cell in cells.items() for n in range(1, weeks + 1)]
    return pl.DataFrame(
        rows, schema={"week": pl.String, "station": pl.String, "h3_res3": pl.Int64}, orient="row"
    )


def heard(*hours: tuple[str, int]) -> pl.DataFrame:
    rows = [(station, WEEK.start + hour * HOUR) for station, hour in hours]
    return pl.DataFrame(rows, schema=HEARD_ROWS, orient="row")


def status(
    before: str,
    *beats: Beat,
    messages: int = 0,
    weeks: int = 4,
    in_hour: tuple[tuple[str, int], ...] = (),
    **cells: Any,
) -> str:
    """Status of hour 10 of the cell, which had a status before the heartbeats were looked at."""
    hours = pl.DataFrame(
        {"area": [CELL], "hour_of_week": [10], "messages": [messages], "hour_status": [before]},
        schema_overrides={"hour_of_week": pl.Int32},
    )
    known = station_cells(heard_before(weeks, **(cells or {"north": CELL})), SHIP_RULES)
    states = station_states(heartbeats(*beats), heard(*in_hour), WEEK)
    found: str = with_stations(hours, known, states)["hour_status"].item()
    return found


@pytest.mark.parametrize("before", [OUTAGE, UNCLEAR, NOT_ASSESSED, HEARD])
def test_hour_without_vessels_is_observed_where_the_station_was_up(before: str) -> None:
    assert status(before, beat("north", 10, lines=1)) == HEARD


@pytest.mark.parametrize("before", [OUTAGE, UNCLEAR, NOT_ASSESSED])
def test_hour_is_an_outage_where_the_only_station_was_down(before: str) -> None:
    assert status(before, beat("north", 10, lines=0)) == OUTAGE
    assert status(before, beat("north", 8, lines=5)) == OUTAGE  # no heartbeat at all in hour 10


def test_message_in_the_hour_says_that_the_station_was_up() -> None:
    assert status(OUTAGE, beat("north", 8, lines=5), in_hour=(("north", 10),)) == HEARD
    assert status(OUTAGE, beat("north", 8, lines=5), in_hour=(("north", 11),)) == OUTAGE


@pytest.mark.parametrize(("start", "wanted"), [(9.0, OUTAGE), (9.1, HEARD), (10.9, HEARD), (11.0, OUTAGE)])
def test_period_counts_for_the_hours_that_it_touches(start: float, wanted: str) -> None:
    assert status(UNCLEAR, beat("north", start, lines=1)) == wanted


def test_one_of_two_stations_down_leaves_the_messages_to_decide() -> None:
    two: dict[str, Any] = {"north": CELL, "south": CELL}
    beats = beat("north", 10, lines=9), beat("south", 10, lines=0)
    assert [status(before, *beats, **two) for before in (OUTAGE, UNCLEAR, HEARD)] == [OUTAGE, UNCLEAR, HEARD]


def test_station_without_heartbeats_leaves_its_cells_as_they_are() -> None:
    two: dict[str, Any] = {"north": CELL, "other": CELL}
    assert status(UNCLEAR, beat("north", 10, lines=9), **two) == UNCLEAR
    assert status(UNCLEAR, beat("north", 10, lines=0), **two) == UNCLEAR


def test_station_of_another_cell_says_nothing_of_this_one() -> None:
    assert status(UNCLEAR, beat("north", 10, lines=9), north=FAR_CELL) == UNCLEAR


@pytest.mark.parametrize(("weeks", "wanted"), [(3, UNCLEAR), (4, HEARD)])
def test_cell_belongs_to_a_station_that_heard_it_in_as_many_weeks_as_a_baseline(
    weeks: int, wanted: str
) -> None:
    assert status(UNCLEAR, beat("north", 10, lines=9), weeks=weeks) == wanted


def test_messages_of_others_outweigh_stations_that_were_down() -> None:
    assert status(HEARD, beat("north", 10, lines=0), messages=60) == HEARD
    assert status(NOT_ASSESSED, beat("north", 10, lines=0), messages=1) == NOT_ASSESSED


def test_heartbeat_over_sunday_midnight_belongs_to_both_weeks() -> None:
    over = heartbeats(beat("north", 167.5, lines=1))
    assert set(heartbeat_marks(over)) == {WEEK, WEEK.plus(1)}
    assert heartbeat_marks(over) != heartbeat_marks(heartbeats(beat("north", 167.5, lines=2)))
