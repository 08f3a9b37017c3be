"""Sources with one draught a vessel and day: which draught is of the arrival, and when a departure has shown itself.

A tanker comes to port B on Wednesday at 06:00 with the 7.4 m of its way to the loading port. Its 11.2 m for B appear at
the next midnight, and the 7.3 m with which it leaves at the midnight after that.
"""

from datetime import timedelta
from typing import Any

import polars as pl
import pytest

from ais_indicators.transforms.call_draughts import calls_of_ships, reported_draughts, reports_of_ships
from ais_indicators.transforms.daily_reports import find_daily_weeks, with_daily_reports
from ais_indicators.transforms.voyages import week_number
from tests.subject_rules import SHIP_RULES
from tests.unit.test_voyages import CALL, REPORT, START, call, hours, report, voyages

DAY = 24.0
ENTRY = 2 * DAY + 6.0
WEEK = (pl.DataFrame({"at": [START]}).select(week_number("at"))).item()
TANKER: dict[str, Any] = {"vessel_class": "tanker"}


def others(midnight: int, daytime: int = 0) -> list[dict[str, Any]]:
    """Reports of other vessels that change their draught at midnight, or by day, once each."""
    rows = []
    for ship in range(midnight + daytime):
        speaks: dict[str, Any] = {
            "mmsi": 366000100 + ship,
            "track_id": 100 + ship,
            "imo_number": 9_000_000 + ship,
        }
        at = DAY if ship < midnight else DAY + 9.0
        rows += [report(8.0, 10.0, at - 0.02, **speaks), report(9.0, at, at + 5.0, **speaks)]
    return rows


def calls_of_others(number: int) -> list[dict[str, Any]]:
    """A call of each of the other vessels, so that their reports have a vessel."""
    return [
        call("ZZZZZ", 10.0, 11.0, 90_000 + ship, mmsi=366000100 + ship, track_id=100 + ship,
             vessel_id=f"imo-{9_000_000 + ship}")
        for ship in range(number)
    ]  # fmt: skip


def daily_weeks(rows: list[dict[str, Any]]) -> list[int]:
    """Weeks in which the reports change at midnight alone."""
    found = pl.DataFrame(calls_of_others(20), schema=CALL)
    return find_daily_weeks(reports_of_ships(pl.DataFrame(rows, schema=REPORT), found), SHIP_RULES).to_list()


@pytest.mark.parametrize(
    ("midnight", "daytime", "is_daily"),
    [(4, 0, False), (5, 0, True), (5, 5, True), (5, 6, False), (0, 11, False)],
)
def test_a_source_is_daily_by_its_changes_at_midnight(midnight: int, daytime: int, is_daily: bool) -> None:
    assert daily_weeks(others(midnight, daytime)) == [WEEK] * is_daily


@pytest.mark.parametrize(
    ("minutes", "is_daily"), [(-5.0, True), (-5.1, False), (0.0, True), (5.0, True), (5.1, False)]
)
def test_midnight_is_five_minutes_wide_on_either_side(minutes: float, is_daily: bool) -> None:
    later = timedelta(minutes=minutes)
    rows = [
        row | {name: row[name] + later for name in ("first_seen_at_utc", "last_seen_at_utc")}
        for row in others(5)
    ]
    assert daily_weeks(rows) == [WEEK] * is_daily


def test_a_change_that_was_not_heard_says_nothing_of_its_time() -> None:
    gap = timedelta(minutes=31)
    rows = [
        row | {"last_seen_at_utc": row["last_seen_at_utc"] - gap} if row["draught_m"] == 8.0 else row
        for row in others(5)
    ]
    assert daily_weeks(rows) == []


def ends(leave: float, midnight: int = 5, **changes: float) -> tuple[float | None, float | None, bool]:
    """Draughts in and out of the call at B, and whether that of the arrival came late."""
    late_m, out_m = changes.get("late_m", 11.2), changes.get("out_m", 7.3)
    shown = max(4 * DAY, (leave // DAY + 1) * DAY)
    reports = [
        report(7.4, 30.0, 3 * DAY - 0.02), report(late_m, 3 * DAY, shown - 0.02), report(out_m, shown, shown + 9.0)
    ]  # fmt: skip
    found = pl.DataFrame([call("BBBBB", ENTRY, leave, **TANKER), *calls_of_others(midnight)], schema=CALL)
    named = reports_of_ships(pl.DataFrame([*reports, *others(midnight)], schema=REPORT), found)
    row = (
        reported_draughts(calls_of_ships(found, SHIP_RULES), named, rules=SHIP_RULES)
        .filter(port_locode="BBBBB")
        .row(0, named=True)
    )
    return row["arrival_draught_m"], row["departure_draught_m"], row["arrival_is_late"]


@pytest.mark.parametrize(
    ("leave", "expected"),
    [
        (3 * DAY + 12.0, (11.2, 7.3, True)),
        (3 * DAY + 11.99, (7.4, 11.2, False)),
        (2 * DAY + 20.0, (7.4, 11.2, False)),
    ],
)
def test_a_draught_at_the_first_midnight_is_of_the_arrival_where_half_a_day_remains(
    leave: float, expected: tuple[float, float, bool]
) -> None:
    assert ends(leave) == expected


def test_in_a_source_that_reports_at_once_it_is_of_the_departure() -> None:
    assert ends(3 * DAY + 12.0, midnight=2) == (7.4, 11.2, False)


def test_an_arrival_draught_that_does_not_change_at_midnight_stands() -> None:
    assert ends(3 * DAY + 12.0, late_m=7.4, out_m=7.3) == (7.4, 7.3, False)


def test_the_late_arrival_draught_is_unloaded_and_is_no_report_of_the_departure_before() -> None:
    """From A it left in 7.4 m, was filled out of reception, and came to B in 11.2 m."""
    reports = [
        report(9.9, -10.0, 9.9), report(7.4, 10.0, 3 * DAY - 0.02), report(11.2, 3 * DAY, 4 * DAY - 0.02),
        report(7.3, 4 * DAY, 5 * DAY),
    ]  # fmt: skip
    calls = [call("AAAAA", 0.0, 9.0, **TANKER), call("BBBBB", ENTRY, 3 * DAY + 18.0, **TANKER)]
    sizes: dict[str, Any] = {
        "length_m": 183.0,
        "width_m": 32.0,
        "deadweight_t": 50_000.0,
        "design_draught_m": 12.3,
    }
    rows, _ = voyages(
        [*calls, *calls_of_others(5)], [*reports, *others(5)], **sizes, displacement_t=None
    )  # fmt: skip
    [at_a, at_b] = (rows.filter(destination_locode=port).row(0, named=True) for port in ("AAAAA", "BBBBB"))
    assert (at_a["onward_draught_m"], at_a["payload_onward_t"]) == (7.4, 0.0)
    assert (at_b["arrival_draught_m"], at_b["onward_draught_m"]) == (11.2, 7.3)
    assert at_b["tonnes_unloaded"] == pytest.approx(at_b["payload_arrival_t"])
    assert at_b["tonnes_unloaded"] > 40_000.0


@pytest.mark.parametrize(
    ("last_heard", "is_unchanged"), [(3 * DAY - 0.5, False), (3 * DAY, False), (3 * DAY + 0.1, True)]
)
def test_a_departure_draught_is_unchanged_once_heard_after_the_next_midnight(
    last_heard: float, is_unchanged: bool
) -> None:
    found = pl.DataFrame([call("BBBBB", 30.0, ENTRY, **TANKER), *calls_of_others(5)], schema=CALL)
    rows = [report(11.2, 25.0, last_heard), *others(5)]
    named = reports_of_ships(pl.DataFrame(rows, schema=REPORT), found)
    row = (
        reported_draughts(calls_of_ships(found, SHIP_RULES), named, rules=SHIP_RULES)
        .filter(port_locode="BBBBB")
        .row(0, named=True)
    )
    assert row["is_unchanged"] is is_unchanged


def test_moments_are_those_of_the_call_where_the_source_is_not_daily() -> None:
    start = int(hours(0).timestamp())
    calls = pl.DataFrame({"entry": [start], "leave": [start + 200_000], "arrival_until": [start + 1800]})
    row = with_daily_reports(calls, pl.Series([], dtype=pl.Int64), SHIP_RULES).row(0, named=True)
    assert (row["arrival_until_late"], row["shown_from"]) == (row["arrival_until"], row["leave"])
