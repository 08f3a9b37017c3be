"""The small lake holds the hard cases it is made for, and its weeks are counted by the calendar."""

import polars as pl

from ais_indicators.settings import Settings
from tests.messages import table
from tests.small_lake import (
    JUNK,
    LONG_STAY,
    MERGED,
    MIDNIGHT,
    PASSENGER,
    SHARED,
    SILENT,
    SILENT_DAY,
    STUB,
    TANKER,
    W01,
    W52,
    W53,
    WORLD,
    calls_of,
    moments,
    value,
)


def test_the_small_lake_holds_the_cases_it_is_made_for(backfilled: Settings) -> None:
    long_stay, midnight, merged, stub = (calls_of(backfilled, s) for s in (LONG_STAY, MIDNIGHT, MERGED, STUB))
    assert [moments(c, "arrived", "departed") for c in long_stay] == [["12-26 12:00", "01-05 15:00"]]
    assert [moments(c, "arrived", "departed") for c in midnight] == [["12-27 20:00", "12-28 06:00"]]
    assert [moments(c, "arrived", "departed") for c in merged] == [["12-27 20:00", "12-28 05:00"]]
    assert [moments(c, "first_seen", "last_seen") for c in stub] == [["01-03 22:00", "01-04 01:00"]]
    first, second = calls_of(backfilled, TANKER)
    assert (first["call_status"], first["waiting_hours"]) == ("closed", 12)
    assert (second["call_status"], second["departed_at_utc"]) == ("open", None)
    assert table(backfilled, "silver.tracks", mmsi=SILENT)["fixes"].to_list() == [3, 3]
    assert table(backfilled, "silver.tracks", mmsi=SHARED)["is_stub"].to_list() == [False, False]
    assert table(backfilled, "silver.tracks", mmsi=JUNK)["is_stub"].to_list() == [True, True]
    assert {c["event_type"] for c in calls_of(backfilled, PASSENGER)} == {"passage"}
    reasons = table(backfilled, "quarantine.messages", stage="fold")["reject_reasons"].sort().to_list()
    assert reasons == ["conflicting_position", "duplicate_message"]


def test_every_message_is_a_position_or_in_quarantine(backfilled: Settings) -> None:
    positions, messages = table(backfilled, "silver.positions"), table(backfilled, "bronze.ais_messages")
    assert positions.height + table(backfilled, "quarantine.messages").height == messages.height == len(WORLD)
    assert table(backfilled, "gold.cell_activity_weekly")["messages"].sum() == positions.height


def test_ten_days_in_a_strait_are_one_transit_of_the_week_of_entry(backfilled: Settings) -> None:
    (transit,) = table(backfilled, "silver.chokepoint_transits").to_dicts()
    assert moments(transit, "entered", "left") == ["12-26 09:00", "01-05 12:00"]
    assert (transit["gate_code"], transit["direction"]) == ("dover", "side_a_to_side_b")
    assert (transit["is_complete"], transit["is_counted"], transit["gap_hours"] > 4) == (True, True, True)
    assert (transit["arrival_week"], transit["settled_week"]) == (W52.name, W01.name)
    keys = {"gate_code": "dover", "direction": "_T", "vessel_class": "_T"}
    found = table(backfilled, "gold.chokepoint_transits_weekly", **keys).select("week", "indicator", "value")
    values = {(week, indicator): value for week, indicator, value in found.rows()}
    assert values[W52.name, "transits"] == 1
    for week in (W52, W53):
        assert values[week.name, "vessels_inside"] == values[week.name, "vessels_waiting"] == 1
    assert values[W01.name, "transits"] == 0


def test_a_stay_across_sunday_midnight_is_one_arrival_and_a_ship_of_both_weeks(backfilled: Settings) -> None:
    (call,) = calls_of(backfilled, MIDNIGHT)
    assert (call["arrival_week"], call["stay_hours"]) == (W52.name, 10)
    ships_there = {
        W52: {LONG_STAY, TANKER, MIDNIGHT, MERGED},
        W53: {LONG_STAY, SHARED, MIDNIGHT, MERGED, STUB},
    }
    for week, ships in ships_there.items():
        assert value(backfilled, week, "unique_vessels") == len(ships)
    assert value(backfilled, W52, "arrivals") == 4
    keys = {"week": W53.name, "port_locode": "XXAAA", "vessel_class": "_T", "indicator": "arrivals"}
    none = table(backfilled, "gold.port_activity_weekly", **keys).filter(adjustment="N")
    assert none.select("value", "obs_status").rows() == [(None, "O")], "a day of the week was not heard"
    assert value(backfilled, W53, "departures") == 2


def test_a_week_53_has_values_of_its_own(backfilled: Settings) -> None:
    weeks = table(backfilled, "gold.port_activity_weekly")["week"].unique().sort().to_list()
    assert weeks == ["2020-W52", "2020-W53", "2021-W01"]
    days = table(backfilled, "gold.port_activity_daily", week="2020-W53")["observed_on"].cast(str).unique()
    assert {"2020-12-28", "2021-01-03"} <= set(days) <= {f"{day}" for day in W53.days}


def test_a_day_without_data_is_in_no_ones_way(backfilled: Settings) -> None:
    """The ship that lies there is silent for 27 hours, a gap of its one call; the day has no values."""
    assert SILENT_DAY not in set(table(backfilled, "silver.positions")["observed_on"].cast(str))
    (call,) = calls_of(backfilled, LONG_STAY)
    assert call["gap_hours"] == 27
    on_the_day = table(
        backfilled,
        "gold.port_activity_daily",
        port_locode="XXAAA",
        vessel_class="_T",
        indicator="unique_vessels",
    ).filter(pl.col("observed_on").cast(str) == SILENT_DAY)
    assert on_the_day.select("value", "obs_status").rows() == [(None, "O")]
