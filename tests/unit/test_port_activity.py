"""Weekly port indicators: calls in, observations out."""

from datetime import date
from typing import Any

import polars as pl
import pytest

from ais_indicators.contracts.types import arrow_schema
from ais_indicators.periods import Period, Week
from ais_indicators.transforms.columns import iso_week, monday_of
from ais_indicators.transforms.port_activity import daily_port_activity, weekly_port_activity
from tests.builders import Row, calls_frame, port_call, utc, waiting_frame
from tests.port_values import (
    ALL_INDICATORS,
    PORT,
    TANKER,
    TOTAL,
    W46,
    W47,
    W48,
    W49,
    daily,
    observe,
    of,
    weekly,
)
from tests.subject_rules import SHIP_RULES

# --- names of weeks ------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [pl.Date(), pl.Datetime("us", "UTC")])
def test_weeks_are_iso_weeks_with_iso_years(kind: pl.DataType) -> None:
    golden = {
        "2018-12-31": "2019-W01",
        "2019-12-30": "2020-W01",
        "2020-12-31": "2020-W53",
        "2021-01-03": "2020-W53",
        "2021-01-04": "2021-W01",
        "2024-12-30": "2025-W01",
        "2026-12-31": "2026-W53",
        "2027-01-03": "2026-W53",
    }
    days = [date.fromisoformat(day) for day in golden]
    moment = pl.col("day").cast(kind)
    rows = pl.DataFrame({"day": days}).select(week=iso_week(moment), monday=monday_of(moment))
    assert dict(zip(golden, rows["week"], strict=True)) == golden
    assert rows["monday"].to_list() == [Week.of(day).monday for day in days]


def test_seconds_around_sunday_midnight_are_in_two_weeks() -> None:
    calls = [
        port_call("2026-11-15 23:59:59", "2026-11-15 23:59:59", track=1),
        port_call("2026-11-16 00:00:00", "2026-11-16 00:00:00", track=2),
    ]
    figures = weekly(calls, W46, W47)
    for week in ("2026-W46", "2026-W47"):
        seen = of(figures, week, PORT, TANKER)
        assert (seen["arrivals"], seen["departures"], seen["unique_vessels"]) == (1, 1, 1)


# --- what counts in which week ---------------------------------------------------------------------


def test_stay_across_sunday_midnight_is_one_arrival_and_a_ship_of_both_weeks() -> None:
    figures = weekly([port_call("2026-11-15 22:00", "2026-11-16 02:00")], W46, W47)
    assert of(figures, "2026-W46", PORT, TANKER) == {
        "arrivals": 1,
        "departures": 0,
        "unique_vessels": 1,
        "calls_in_progress": 1,
        "median_hours_in_port": None,
        "p90_hours_in_port": None,
        "median_hours_at_berth": None,
        "p90_hours_at_berth": None,
        "median_hours_waiting": None,
        "p90_hours_waiting": None,
        "vessels_waiting": 0,
        "arrivals_gross_tonnage": None,
        "share_complete_calls": None,
    }
    assert of(figures, "2026-W47", PORT, TANKER) == {
        "arrivals": 0,
        "departures": 1,
        "unique_vessels": 1,
        "calls_in_progress": 0,
        "median_hours_in_port": 4.0,
        "p90_hours_in_port": 4.0,
        "median_hours_at_berth": 1.0,
        "p90_hours_at_berth": 1.0,
        "median_hours_waiting": None,
        "p90_hours_waiting": None,
        "vessels_waiting": 0,
        "arrivals_gross_tonnage": 0,
        "share_complete_calls": 1.0,
    }


def test_week_53_is_a_week_of_its_own() -> None:
    weeks = Period(Week.parse("2020-W52"), Week.parse("2021-W01")).weeks
    calls = [
        port_call("2020-12-31 10:00", "2021-01-03 10:00", track=1),
        port_call("2021-01-04 00:00", "2021-01-05 00:00", track=2),
    ]
    figures = weekly(calls, *weeks)
    arrivals = {key[0]: value for key, value in figures.items() if key[1:] == (PORT, TANKER, "arrivals")}
    assert arrivals == {"2020-W53": 1, "2021-W01": 1}


def test_a_week_without_a_call_has_no_rows_of_its_calls() -> None:
    calls = [
        port_call("2026-11-10 08:00", "2026-11-11 08:00"),
        port_call("2026-11-24 08:00", "2026-11-25 08:00"),
    ]
    assert {key[0] for key in weekly(calls, W46, W47, W48)} == {"2026-W46", "2026-W48"}


def test_no_calls_at_all_give_no_rows() -> None:
    assert weekly([]) == {}
    assert daily([]) == {}


def test_calls_outside_the_weeks_asked_for_leave_no_trace() -> None:
    calls = [
        port_call("2026-11-01 08:00", "2026-11-15 23:59:59", track=1),
        port_call("2026-11-23 00:00:00", "2026-11-25 08:00", track=2),
    ]
    assert weekly(calls, W47) == {}


def test_open_call_is_in_progress_until_its_last_fix_and_no_departure() -> None:
    call = port_call(
        "2026-11-12 08:00", None, last_seen="2026-11-18 08:00", status="open", at_rest_when_last_seen=True
    )
    figures = weekly([call], W46, W47, W48)
    assert {key[0] for key in figures} == {"2026-W46", "2026-W47"}
    for week in ("2026-W46", "2026-W47"):
        seen = of(figures, week, PORT, TANKER)
        assert (seen["calls_in_progress"], seen["departures"], seen["share_complete_calls"]) == (1, 0, None)


def test_unseen_entry_is_an_arrival_of_no_week() -> None:
    call = port_call(None, "2026-11-18 08:00", first_seen="2026-11-10 08:00")
    figures = weekly([call], W46, W47)
    assert [figures[w, PORT, TANKER, "arrivals"] for w in ("2026-W46", "2026-W47")] == [0, 0]
    assert figures["2026-W47", PORT, TANKER, "departures"] == 1
    assert figures["2026-W47", PORT, TANKER, "median_hours_in_port"] is None


def test_unseen_exit_is_a_departure_of_no_week_and_an_incomplete_call() -> None:
    call = port_call("2026-11-12 08:00", None, last_seen="2026-11-18 08:00", status="unseen")
    figures = weekly([call], W46, W47, W48)
    assert [figures[w, PORT, TANKER, "departures"] for w in ("2026-W46", "2026-W47")] == [0, 0]
    assert figures["2026-W46", PORT, TANKER, "share_complete_calls"] is None
    assert figures["2026-W47", PORT, TANKER, "share_complete_calls"] == 0.0


def test_silence_before_a_late_exit_is_no_presence_but_the_exit_is_a_departure() -> None:
    call = port_call(
        "2026-11-17 08:00", "2026-12-01 08:00", last_seen="2026-11-18 08:00", exit_after_gap=True,
        at_rest_when_last_seen=True,
    )  # fmt: skip
    figures = weekly([call], W47, W48, W49)
    assert {key[0] for key in figures} == {"2026-W47", "2026-W49"}
    assert of(figures, "2026-W49", PORT, TANKER)["departures"] == 1
    assert of(figures, "2026-W49", PORT, TANKER)["unique_vessels"] == 0
    assert of(figures, "2026-W47", PORT, TANKER)["calls_in_progress"] == 1


@pytest.mark.parametrize("status", ["open", "unseen"])
@pytest.mark.parametrize(
    ("last_seen", "at_rest", "in_progress"),
    [
        ("2026-11-22 00:00:00", False, 1),
        ("2026-11-21 23:59:59", False, 0),
        ("2026-11-21 23:59:59", True, 1),
        ("2026-11-16 08:00:01", True, 1),
        ("2026-11-23 00:00:00", False, 1),
    ],
)
def test_call_without_a_fix_for_24_hours_is_in_progress_only_if_the_vessel_was_at_rest(
    status: str, last_seen: str, at_rest: bool, in_progress: int
) -> None:
    assert SHIP_RULES.in_progress_silence_hours == 24
    call = port_call(
        "2026-11-16 08:00", None, last_seen=last_seen, status=status, at_rest_when_last_seen=at_rest
    )
    assert weekly([call])["2026-W47", PORT, TANKER, "calls_in_progress"] == in_progress


def change_of_mmsi(first_seen: str, departed: str | None, **columns: Any) -> list[Row]:
    """A vessel that arrives under one MMSI and is heard at berth under another."""
    before = port_call(
        "2026-11-17 08:00", None, last_seen="2026-11-18 08:00", status="unseen", vessel_id="imo-9134270",
        at_rest_when_last_seen=True, confidence=3,
    )  # fmt: skip
    after = port_call(
        None, departed, first_seen=first_seen, last_seen=departed or first_seen, track=2,
        vessel_id="imo-9134270", at_rest_when_last_seen=True, confidence=3 if departed else 2,
    )  # fmt: skip
    return [before, after | columns]


@pytest.mark.parametrize("turned", [False, True])
def test_vessel_that_changes_its_mmsi_at_berth_is_one_ship_and_one_call(turned: bool) -> None:
    calls = change_of_mmsi("2026-11-18 09:00", "2026-11-19 08:00")
    figures = weekly(calls[::-1] if turned else calls)
    for port, vessel_class in ((PORT, TANKER), (TOTAL, TOTAL)):
        seen = of(figures, "2026-W47", port, vessel_class)
        assert (seen["arrivals"], seen["departures"], seen["unique_vessels"]) == (1, 1, 1)
        assert (seen["calls_in_progress"], seen["share_complete_calls"]) == (0, 1.0)
        assert (seen["median_hours_in_port"], seen["median_hours_at_berth"]) == (48.0, 2.0)


def test_vessel_that_changes_its_mmsi_at_berth_and_stays_is_in_progress_once() -> None:
    seen = of(weekly(change_of_mmsi("2026-11-18 09:00", None)), "2026-W47", PORT, TANKER)
    assert (seen["arrivals"], seen["departures"], seen["calls_in_progress"]) == (1, 0, 1)


def test_vessel_that_changes_its_mmsi_across_the_weeks_end_is_in_progress_once_in_each() -> None:
    before, after = change_of_mmsi("2026-11-23 00:00:01", "2026-11-24 08:00")
    before["last_seen_at_utc"] = utc("2026-11-22 20:00")
    for weeks in ((W47, W48), (W47,), (W48,)):
        figures = weekly([before, after], *weeks)
        if W47 in weeks:
            seen = of(figures, "2026-W47", PORT, TANKER)
            assert (seen["arrivals"], seen["calls_in_progress"], seen["share_complete_calls"]) == (1, 1, 0.0)
        if W48 in weeks:
            seen = of(figures, "2026-W48", PORT, TANKER)
            assert (seen["arrivals"], seen["departures"], seen["calls_in_progress"]) == (0, 1, 0)
            assert seen["median_hours_in_port"] == 168.0


@pytest.mark.parametrize(
    ("first_seen", "columns", "in_progress"),
    [
        ("2026-11-19 08:00:00", {}, 0),
        ("2026-11-19 08:00:01", {}, 1),
        ("2026-11-18 09:00:00", {"vessel_id": "imo-9074729"}, 1),
        ("2026-11-18 09:00:00", {"track_id": 1}, 1),
        ("2026-11-18 09:00:00", {"arrived_at_utc": utc("2026-11-18 09:00")}, 1),
        ("2026-11-18 09:00:00", {"port_locode": "DEHAM"}, 1),
    ],
)
def test_calls_are_one_only_where_a_vessel_is_heard_again_within_a_day_at_its_berth(
    first_seen: str, columns: Row, in_progress: int
) -> None:
    assert SHIP_RULES.mmsi_change_silence_hours == 24
    figures = weekly(change_of_mmsi(first_seen, "2026-11-20 08:00", **columns))
    assert figures["2026-W47", PORT, TANKER, "calls_in_progress"] == in_progress


def test_ship_that_calls_twice_is_two_arrivals_and_one_ship() -> None:
    calls = [
        port_call("2026-11-16 08:00", "2026-11-17 08:00"),
        port_call("2026-11-18 08:00", "2026-11-19 08:00"),
    ]
    seen = of(weekly(calls), "2026-W47", PORT, TANKER)
    assert (seen["arrivals"], seen["unique_vessels"]) == (2, 1)


def test_passages_count_nowhere() -> None:
    assert weekly([port_call(event_type="passage", confidence=1)]) == {}


# --- hours and shares ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hours", "median"),
    [([3.25], 3.25), ([1.0, 2.0, 40.0], 2.0), ([1.0, 2.0, 4.0, 40.0], 3.0)],
    ids=["one", "odd", "even"],
)
def test_median_is_exact(hours: list[float], median: float) -> None:
    calls = [port_call(track=n, stay_hours=h, waiting_hours=h) for n, h in enumerate(hours)]
    seen = of(weekly(calls), "2026-W47", PORT, TANKER)
    assert (seen["median_hours_in_port"], seen["median_hours_waiting"]) == (median, median)


def test_median_wait_is_of_those_that_waited_and_arrive_in_the_week() -> None:
    calls = [
        port_call(track=1, waiting_hours=0.0),
        port_call(track=2, waiting_hours=6.0),
        port_call("2026-11-14 08:00", "2026-11-18 08:00", track=3, waiting_hours=50.0),
    ]
    assert weekly(calls)["2026-W47", PORT, TANKER, "median_hours_waiting"] == 6.0


def test_share_of_complete_calls_is_of_those_that_end_in_the_week() -> None:
    calls = [
        port_call(track=1),
        port_call(track=2, exit_after_gap=True, confidence=3),
        port_call(None, "2026-11-18 08:00", first_seen="2026-11-17 08:00", track=3),
        port_call("2026-11-17 08:00", None, last_seen="2026-11-18 08:00", status="unseen", track=4),
        port_call("2026-11-17 08:00", None, last_seen="2026-11-22 08:00", status="open", track=5),
        port_call("2026-11-17 08:00", "2026-11-24 08:00", track=6),
    ]
    assert weekly(calls)["2026-W47", PORT, TANKER, "share_complete_calls"] == 0.25


# --- totals ----------------------------------------------------------------------------------------


def test_totals_are_computed_and_not_added_up() -> None:
    calls = [
        port_call("2026-11-16 08:00", "2026-11-16 09:00", track=1, port="NLRTM"),
        port_call("2026-11-17 08:00", "2026-11-17 10:00", track=1, port="BEANR"),
        port_call("2026-11-17 08:00", "2026-11-17 14:00", track=2, port="BEANR"),
        port_call("2026-11-17 08:00", "2026-11-17 20:00", track=3, port="BEANR", vessel_class="passenger"),
    ]
    figures = weekly(calls)

    def by_place(indicator: str) -> dict[tuple[Any, ...], float | None]:
        return {key[1:3]: value for key, value in figures.items() if key[3] == indicator}

    assert by_place("unique_vessels") == {
        ("NLRTM", "tanker"): 1,
        ("NLRTM", TOTAL): 1,
        ("BEANR", "tanker"): 2,
        ("BEANR", "passenger"): 1,
        ("BEANR", TOTAL): 3,
        (TOTAL, "tanker"): 2,
        (TOTAL, "passenger"): 1,
        (TOTAL, TOTAL): 3,
    }
    assert by_place("arrivals")[TOTAL, TOTAL] == 4
    assert by_place("median_hours_in_port")[TOTAL, "tanker"] == 2.0
    assert by_place("median_hours_in_port")[TOTAL, TOTAL] == 4.0
    assert by_place("median_hours_in_port")["BEANR", TOTAL] == 6.0


def test_ship_whose_class_changed_is_one_ship_of_the_port() -> None:
    calls = [
        port_call("2026-11-16 08:00", "2026-11-16 09:00", vessel_class="other"),
        port_call("2026-11-17 08:00", "2026-11-17 10:00", vessel_class="tanker"),
    ]
    figures = weekly(calls)
    ships = [figures["2026-W47", PORT, c, "unique_vessels"] for c in ("other", "tanker", TOTAL)]
    assert ships == [1, 1, 1]


# --- the table ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("weeks_later", "status"), [(0, "P"), (8, "P"), (9, "A")])
def test_figures_are_final_after_the_revision_weeks(weeks_later: int, status: str) -> None:
    rows = observe([port_call()], [W47], newest=W47.plus(weeks_later))
    of = {row["indicator"]: row["obs_status"] for row in rows}
    no_wait = dict.fromkeys(("median_hours_waiting", "p90_hours_waiting"), "M")
    assert of == dict.fromkeys(of, status) | no_wait | {"arrivals_gross_tonnage": "O"}


def test_each_port_and_class_has_every_indicator_with_its_unit() -> None:
    rows = observe([port_call()], [W47])
    assert len(rows) == 4 * ALL_INDICATORS
    assert {row["indicator"]: row["unit"] for row in rows} == {
        "arrivals": "calls",
        "departures": "calls",
        "unique_vessels": "ships",
        "calls_in_progress": "calls",
        "median_hours_in_port": "h",
        "p90_hours_in_port": "h",
        "median_hours_at_berth": "h",
        "p90_hours_at_berth": "h",
        "median_hours_waiting": "h",
        "p90_hours_waiting": "h",
        "vessels_waiting": "ships",
        "arrivals_gross_tonnage": "GT",
        "share_complete_calls": "share",
    }


def test_columns_are_those_of_the_contracts() -> None:
    calls = calls_frame([])
    for frame, table in (
        (
            weekly_port_activity(calls, waiting_frame([]), [W47], W47, rules=SHIP_RULES),
            "gold.port_activity_weekly",
        ),
        (daily_port_activity(calls, [W47], W47, rules=SHIP_RULES), "gold.port_activity_daily"),
    ):
        added_by_coverage = ("adjustment", "status_reason")
        contract = pl.DataFrame(arrow_schema(table).empty_table()).drop(added_by_coverage, strict=False)
        assert frame.schema == contract.schema


def test_weeks_together_give_what_each_gives_alone() -> None:
    weeks = (W46, W47, W48)
    calls = [
        port_call("2026-11-08 08:00", "2026-11-25 08:00", track=1),
        port_call("2026-11-15 08:00", "2026-11-16 08:00", track=2, port="BEANR"),
        port_call("2026-11-18 08:00", None, last_seen="2026-12-20 08:00", track=3),
    ]
    alone = [row for week in weeks for row in observe(calls, [week], newest=W48)]
    together = observe(list(reversed(calls)), weeks, newest=W48)
    assert sorted(map(str, together)) == sorted(map(str, alone))
