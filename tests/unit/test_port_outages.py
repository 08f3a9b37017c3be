"""Outages of a port whose cell is heard: values on both sides of each threshold, and what is not an outage."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import h3.api.numpy_int as h3
import polars as pl
import pytest

from ais_indicators.contracts.types import arrow_schema
from ais_indicators.evidence.port_receivers import read_port_outages
from ais_indicators.geo.cell_parents import parent_cells
from ais_indicators.io.delta import commit, create_tables
from ais_indicators.io.staging import stage
from ais_indicators.io.store import table_folder
from ais_indicators.periods import Week
from ais_indicators.settings import Settings
from ais_indicators.transforms.coverage_places import PLACE_SCHEMA, place_hours, weekly_coverage
from ais_indicators.transforms.port_outages import (
    OUTAGE_SCHEMA,
    SENT_SCHEMA,
    outages_of_receivers,
    port_outages,
    silences_in_port,
    without_received,
)
from tests.subject_rules import SHIP_RULES

W09 = Week.parse("2026-W09")
BEFORE = [W09.plus(-n) for n in range(8, 0, -1)]
TIME = pl.Datetime("us", "UTC")
TALLINN = int(h3.latlng_to_cell(59.5, 24.97, 3))
CALL: dict[str, Any] = {
    "mmsi": pl.Int64,
    "track_id": pl.Int64,
    "port_locode": pl.String,
    "first_seen_at_utc": TIME,
    "last_seen_at_utc": TIME,
    "entry_after_gap": pl.Boolean,
}
SILENCE: dict[str, Any] = {
    "track_id": pl.Int64,
    "silent_from_utc": TIME,
    "heard_again_at_utc": TIME,
    "week": pl.String,
}
ALWAYS = (-8 * 168.0, 400.0)
Rows = list[dict[str, Any]]


def at(hour: float | None) -> datetime | None:
    """The time so many hours after the begin of W09."""
    return None if hour is None else W09.start + timedelta(hours=hour)


def call(
    ship: int, first: float, last: float, after_gap: bool = False, port: str = "EEMUU"
) -> dict[str, Any]:
    values = (ship, 100 + ship, port, at(first), at(last), after_gap)
    return dict(zip(CALL, values, strict=True))


def at_berth(ships: int, first: float = ALWAYS[0], last: float = ALWAYS[1]) -> Rows:
    return [call(ship, first, last) for ship in range(ships)]


def silent(ships: Sequence[int], begin: float, end: float | None, week: Week = W09) -> Rows:
    return [dict(zip(SILENCE, (100 + ship, at(begin), at(end), week.name), strict=True)) for ship in ships]


def outage_hours(calls: Rows, silences: Rows, before: Sequence[Week] = BEFORE) -> list[int]:
    of_calls = pl.DataFrame(calls, schema=CALL)
    in_port = silences_in_port(of_calls, pl.DataFrame(silences, schema=SILENCE))
    found = port_outages(of_calls, in_port, in_port, before, W09, SHIP_RULES)
    assert dict(found.schema) == OUTAGE_SCHEMA
    assert set(found["place_code"]) <= {"EEMUU"}
    return found["hour_of_week"].to_list()


def test_vessels_that_fall_silent_together_in_port_are_an_outage_until_they_are_heard() -> None:
    found = outage_hours(at_berth(4), silent(range(4), 50.5, 74.5))
    assert found == list(range(51, 74))


def test_vessels_that_leave_are_not_an_outage() -> None:
    assert outage_hours(at_berth(4, last=50.5), []) == []
    # One of the four fell silent at berth: the others were heard when they sailed.
    one_stays = [*at_berth(4, last=50.5)[1:], call(0, *ALWAYS)]
    assert outage_hours(one_stays, silent([0], 50.5, 74.5)) == []


@pytest.mark.parametrize(("ships", "found"), [(1, 0), (2, 23)])
def test_one_vessel_may_have_switched_off_at_berth_and_two_have_not(ships: int, found: int) -> None:
    left = [call(ship, ALWAYS[0], 49.5) for ship in range(ships, 3)]
    assert len(outage_hours([*at_berth(ships), *left], silent(range(ships), 50.5, 74.5))) == found


@pytest.mark.parametrize(
    ("ship", "hour", "after_gap", "found"),
    [(7, 74.9, True, 23), (7, 75.1, True, 0), (7, 74.9, False, 0), (0, 74.9, True, 0)],
)
def test_a_vessel_that_entered_unheard_counts_with_one_that_fell_silent(
    ship: int, hour: float, after_gap: bool, found: int
) -> None:
    usual = [call(0, ALWAYS[0], 50.5), call(2, ALWAYS[0], 49.5)]
    back = [call(1, 74.0, 80.0), call(ship, hour, 90.0, after_gap)]
    assert len(outage_hours([*usual, *back], silent([0], 50.5, None))) == found


@pytest.mark.parametrize(("fell_silent", "found"), [(2, 0), (3, 23)])
def test_low_hours_have_less_than_half_of_the_usual_vessels(fell_silent: int, found: int) -> None:
    assert len(outage_hours(at_berth(4), silent(range(fell_silent), 50.5, 74.5))) == found


@pytest.mark.parametrize(("weeks", "found"), [(3, 0), (4, 23)])
def test_a_port_in_which_no_vessel_is_usual_is_not_assessed(weeks: int, found: int) -> None:
    ships = at_berth(2, first=-weeks * 168.0)
    assert len(outage_hours(ships, silent(range(2), 50.5, 74.5))) == found


@pytest.mark.parametrize(("weeks", "found"), [(3, 0), (4, 23)])
def test_fewer_than_four_weeks_are_not_a_baseline(weeks: int, found: int) -> None:
    assert len(outage_hours(at_berth(4), silent(range(4), 50.5, 74.5), BEFORE[-weeks:])) == found


@pytest.mark.parametrize(("fell_silent", "found"), [(2, 0), (3, 23)])
def test_a_quarter_of_the_usual_vessels_must_fall_silent(fell_silent: int, found: int) -> None:
    # Of 12 usual vessels, 9 left and stayed away: low hours before the silences, which are not an outage.
    ships = [*at_berth(fell_silent), *(call(ship, ALWAYS[0], 20.5) for ship in range(fell_silent, 12))]
    assert len(outage_hours(ships, silent(range(fell_silent), 50.5, 74.5))) == found


@pytest.mark.parametrize(("begin", "found"), [(49.9, 0), (50.0, 23)])
def test_silences_count_that_begin_within_an_hour_of_the_first_low_hour(begin: float, found: int) -> None:
    silences = [*silent([0], begin, 74.5), *silent([1], 50.5, 74.5)]
    assert len(outage_hours(at_berth(2), silences)) == found


@pytest.mark.parametrize(("until", "last"), [(60.8, 73), (61.8, 59)])
def test_an_outage_goes_on_after_a_break_of_an_hour(until: float, last: int) -> None:
    visitors = [call(ship, 60.2, until) for ship in (7, 8)]
    found = outage_hours([*at_berth(4), *visitors], silent(range(4), 50.5, 74.5))
    assert found[0] == 51
    assert found[-1] == last
    assert 60 not in found


def test_an_outage_goes_on_over_sunday_midnight_until_a_vessel_in_port_is_heard_for_an_hour() -> None:
    opened = silent(range(4), -10.5, None, W09.plus(-1))
    passes = call(7, 8.2, 8.4)
    assert outage_hours([*at_berth(4), passes, call(8, 20.5, 30.0, True)], opened) == list(range(20))


@pytest.mark.parametrize(("days", "found"), [(7, 0), (6, 23)])
def test_a_port_whose_vessels_often_fall_silent_is_not_assessed(days: int, found: int) -> None:
    # Three silences of an hour a day, on so many days of the week: 3.4 and 2.9 for each day of 24 hours heard.
    begins = {
        n: [-n * 168 + day * 24 + hour for day in range(days) for hour in (4.9, 12.9, 20.9)]
        for n in range(1, 9)
    }
    often = [row for n in begins for h in begins[n] for row in silent([0, 1], h, h + 1.1, W09.plus(-n))]
    assert len(outage_hours(at_berth(2), [*often, *silent(range(2), 50.5, 74.5)])) == found


def test_an_outage_that_began_weeks_ago_goes_on() -> None:
    begin = -3 * 168 + 50.5
    gone = at_berth(4, last=begin)
    assert outage_hours(gone, silent(range(4), begin, None, W09.plus(-3))) == list(range(168))


def test_the_outages_of_earlier_weeks_are_not_usual() -> None:
    earlier = [
        row for n in range(1, 5) for row in silent(range(4), -n * 168 + 40.5, -n * 168 + 80.5, W09.plus(-n))
    ]
    assert outage_hours(at_berth(4), [*earlier, *silent(range(4), 50.5, 74.5)]) == list(range(51, 74))


def test_the_order_of_rows_changes_nothing() -> None:
    calls = [*at_berth(4), call(7, 60.2, 60.8), call(8, 74.9, 90.0, True), *at_berth(3, last=50.0)]
    silences = [*silent(range(4), 50.5, 74.5), *silent([1], 20.1, 25.0)]
    assert outage_hours(calls, silences) == outage_hours(calls[::-1], silences[::-1])


@pytest.mark.parametrize(
    ("begin", "end", "kept"), [(51, 51, 1), (74, 74, 1), (74.5, 74.5, 2), (50, 50, 2), (40, 50.6, 1)]
)
def test_a_vessel_that_was_received_was_not_cut_off(begin: float, end: float, kept: int) -> None:
    in_port = silences_in_port(
        pl.DataFrame(at_berth(2), schema=CALL), pl.DataFrame(silent(range(2), 50.5, 74.5), schema=SILENCE)
    )
    sent = pl.DataFrame([[0], [at(begin)], [at(end)]], schema=SENT_SCHEMA)
    assert without_received(in_port, sent).height == kept


def ports(cell: int = TALLINN) -> pl.DataFrame:
    return pl.DataFrame([["port"], ["EEMUU"], ["EST"], [cell]], schema=PLACE_SCHEMA)


def hours(*of_week: int) -> pl.DataFrame:
    return pl.DataFrame([["EEMUU"] * len(of_week), list(of_week)], schema=OUTAGE_SCHEMA)


def sender_index(area: int, index: float) -> pl.DataFrame:
    return pl.DataFrame({"area": [area], "sender_index": [index]})


NOT_UP = pl.DataFrame(schema={"area": pl.Int64, "hour_of_week": pl.Int32})
WIDER = int(parent_cells(pl.Series([TALLINN]).to_numpy(), 2)[0])


@pytest.mark.parametrize(
    ("area", "index", "kept"), [(0, 0.8, 3), (0, 0.79, 0), (WIDER, 0.79, 0), (TALLINN, 0.1, 3)]
)
def test_where_vessels_are_dark_far_around_those_in_port_are_dark_too(
    area: int, index: float, kept: int
) -> None:
    found = outages_of_receivers(hours(1, 2, 3), ports(), sender_index(area, index), NOT_UP, SHIP_RULES)
    assert found.height == kept


def test_an_hour_in_which_all_stations_were_up_is_not_an_outage() -> None:
    up = pl.DataFrame([[TALLINN], [2]], schema=NOT_UP.schema)
    found = outages_of_receivers(hours(1, 2, 3), ports(), sender_index(0, 1.0), up, SHIP_RULES)
    assert found["hour_of_week"].to_list() == [1, 3]


def test_an_outage_of_the_port_counts_though_its_cell_is_heard() -> None:
    cell = pl.DataFrame(
        {
            "area": [area for area in (0, TALLINN) for _ in range(168)],
            "hour_of_week": pl.Series([*range(168), *range(168)], dtype=pl.Int32),
            "messages": [60] * 336,
            "hour_status": ["heard"] * 336,
        }
    )
    places = pl.concat([ports(), ports().with_columns(place_code=pl.lit("FIHEL"))])
    usual = pl.DataFrame({"place_code": ["EEMUU", "FIHEL"], "usual_arrivals": [30.0, 10.0]})
    by_hour = place_hours(cell, places, hours(*range(84)), rules=SHIP_RULES)
    index = {
        row["place_code"]: row["coverage_index"]
        for row in weekly_coverage(by_hour, places, usual, SHIP_RULES).to_dicts()
    }
    assert index == {"EEMUU": 0.5, "FIHEL": 1.0, "EST": 0.625, "_T": 0.625}


def put(lake: Settings, table: str, week: Week, rows: Rows) -> None:
    schema = arrow_schema(table, with_partitions=False)
    values = pl.DataFrame(rows).to_arrow().cast(schema)
    parts = {"week": week.name, "ship_bucket": 0}
    commit(lake, table, [stage(table_folder(lake, table), table, values, parts, "key")], [])


@pytest.mark.parametrize("is_received", [False, True])
def test_outages_are_read_from_the_lake(tmp_path: Path, is_received: bool) -> None:
    lake = Settings(tmp_path)
    create_tables(lake)
    rows = [
        {
            "track_id": 100 + ship,
            "h3_res3": TALLINN,
            "silent_from_utc": at(50.5),
            "heard_again_at_utc": at(74.5),
            "stayed": True,
        }
        for ship in range(2)
    ]
    put(lake, "silver.silences", W09, rows)
    if is_received:
        put(lake, "silver.position_losses", W09, [
            {"mmsi": ship, "hour_utc": at(60), "h3_res3": TALLINN, "not_available_messages": 1, "invalid_messages": 0}
            for ship in range(2)
        ])  # fmt: skip
    calls = pl.DataFrame(at_berth(2), schema=CALL)
    found = read_port_outages(lake, W09, BEFORE, calls, ports(), sender_index(0, 1.0), SHIP_RULES)
    assert found.height == (0 if is_received else 23)
