"""Outage hours: values on both sides of each threshold, and what they do to indexes and values."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import h3.api.numpy_int as h3
import polars as pl
import pytest

from ais_indicators.periods import Week
from ais_indicators.pipelines.assess_coverage import usual_arrivals, vessels_in_ports, with_counts
from ais_indicators.transforms.coverage import coverage_hours, heard_by_area
from ais_indicators.transforms.coverage_places import (
    PLACE_SCHEMA,
    cell_coverage,
    daily_coverage,
    place_hours,
    weekly_coverage,
)
from ais_indicators.week_windows import trailing
from tests.subject_rules import SHIP_RULES

W09 = Week.parse("2026-W09")
ROTTERDAM, SUVA = (int(h3.latlng_to_cell(*at, 3)) for at in ((51.95, 4.1), (-18.1, 178.4)))
BESIDE_ROTTERDAM = next(
    int(cell) for cell in h3.cell_to_children(h3.cell_to_parent(ROTTERDAM, 2), 3) if cell != ROTTERDAM
)
HOUR = timedelta(hours=1)
Count = Callable[[int], int]


def always(number: int) -> Count:
    return lambda _: number


SIXTY, SIX = always(60), always(6)


def message_hours(
    week: Week, cell: int = ROTTERDAM, messages: Count = SIXTY, vessels: Count = SIX
) -> pl.DataFrame:
    """One cell in a week: what it sent in each hour."""
    rows = [
        {"h3_res3": cell, "hour_utc": week.start + n * HOUR, "messages": messages(n), "vessels": vessels(n)}
        for n in range(168)
        if messages(n)
    ]
    return pl.DataFrame(
        rows,
        schema={
            "h3_res3": pl.Int64,
            "hour_utc": pl.Datetime("us", "UTC"),
            "messages": pl.Int64,
            "vessels": pl.Int64,
        },
    )


def silences(week: Week, *hours: float, cell: int = ROTTERDAM, stayed: bool = True) -> pl.DataFrame:
    """Ships that fell silent so many hours after the week's begin."""
    begins = [week.start + hour * HOUR for hour in hours]
    return pl.DataFrame(
        {"h3_res3": [cell] * len(hours), "silent_from_utc": begins, "stayed": [stayed] * len(hours)},
        schema={"h3_res3": pl.Int64, "silent_from_utc": pl.Datetime("us", "UTC"), "stayed": pl.Boolean},
    )


def cut_off(week: Week, rows: pl.DataFrame) -> pl.DataFrame:
    """Silences of all vessels of each cell with four or more, at the begin of each run of low hours."""
    found = [silences(week)]
    for (cell,), of_cell in rows.group_by("h3_res3", maintain_order=True):
        hours = ((of_cell["hour_utc"] - week.start).dt.total_hours()).to_list()
        heard = dict(zip(hours, of_cell["messages"].to_list(), strict=True))
        fewest, ships = 0.2 * max(heard.values()), int(of_cell["vessels"].max())  # type: ignore[arg-type]
        low = [n for n in range(168) if heard.get(n, 0) < fewest]
        begins = [n for n in low if n - 1 not in low] * (ships if ships >= 4 else 0)
        found.append(silences(week, *map(float, begins), cell=int(cell), stayed=False))
    return pl.concat(found)


def assess(
    weeks: Iterable[pl.DataFrame | list[pl.DataFrame]],
    last: Week = W09,
    fell_silent: pl.DataFrame | None = None,
    is_heard_elsewhere: bool = False,
) -> list[pl.DataFrame]:
    """Rows of `silver.coverage_hours` of consecutive weeks, the last one of which is `last`.

    If the feed is heard elsewhere, no hour without a message of the weeks' cells is one without any message. Unless
    given, receivers that fail make ships fall silent.
    """
    given = [pl.concat(w) if isinstance(w, list) else w for w in weeks]
    if is_heard_elsewhere:
        given = [
            pl.concat([w, message_hours(last.plus(number), cell=SUVA)])
            for number, w in enumerate(given, start=1 - len(given))
        ]
    failing = [cut_off(last.plus(n), rows) for n, rows in enumerate(given, start=1 - len(given))]
    quiet = pl.concat(failing) if fell_silent is None else fell_silent
    assessed: list[pl.DataFrame] = []
    for number, rows in enumerate(given, start=1 - len(given)):
        week = last.plus(number)
        hours = coverage_hours(heard_by_area(rows, week, SHIP_RULES), assessed[-8:], quiet, week, SHIP_RULES)
        assessed.append(hours.with_columns(week=pl.lit(week.name)))
    return assessed


def usual(weeks: int = 8, **what: Any) -> list[pl.DataFrame]:
    return [message_hours(W09.plus(number - weeks), **what) for number in range(weeks)]


def status_of(hours: pl.DataFrame, hour: int, area: int = ROTTERDAM) -> str:
    found: str = hours.filter(area=area, hour_of_week=hour)["hour_status"].item()
    return found


def only(hour: int, number: int, usually: int = 60) -> Count:
    return lambda n: number if n == hour else usually


def during(first: int, end: int, number: int = 0, usually: int = 60) -> Count:
    return lambda n: number if first <= n < end else usually


@pytest.mark.parametrize(("messages", "status"), [(11, "outage"), (12, "heard")])
def test_an_outage_is_less_than_a_fifth_of_the_usual(messages: int, status: str) -> None:
    hours = assess([*usual(), message_hours(W09, messages=only(50, messages))])[-1]
    assert status_of(hours, 50) == status
    assert status_of(hours, 51) == "heard"


@pytest.mark.parametrize(("expected", "status"), [(19, "not_assessed"), (20, "outage")])
def test_hours_that_expect_fewer_than_twenty_are_not_assessed(expected: int, status: str) -> None:
    hours = assess(
        [*usual(messages=always(expected)), message_hours(W09, messages=during(50, 51, usually=expected))],
        is_heard_elsewhere=True,
    )[-1]
    assert status_of(hours, 50) == status


@pytest.mark.parametrize(("weeks", "status"), [(3, "not_assessed"), (4, "outage")])
def test_fewer_than_four_weeks_are_no_baseline(weeks: int, status: str) -> None:
    now = message_hours(W09, messages=during(50, 51))
    hours = assess([*usual(weeks), now], is_heard_elsewhere=True)[-1]
    assert status_of(hours, 50) == status


def test_the_expectation_is_the_median_of_the_hour_over_the_trailing_weeks() -> None:
    weeks = [message_hours(W09.plus(n - 5), messages=only(7, 100 * (n + 1))) for n in range(5)]
    hours = assess([*weeks, message_hours(W09)])[-1]
    at_seven = hours.filter(area=ROTTERDAM, hour_of_week=7).row(0, named=True)
    assert (at_seven["expected_messages"], at_seven["expected_vessels"], at_seven["baseline_weeks"]) == (
        300,
        6,
        5,
    )


def test_outage_hours_leave_the_baseline() -> None:
    out = message_hours(W09.plus(-1), messages=during(50, 60))
    assessed = assess([*usual(5)[:-1], out, message_hours(W09, messages=during(50, 51))])
    assert status_of(assessed[-2], 50) == "outage"
    at = assessed[-1].filter(area=ROTTERDAM, hour_of_week=50).row(0, named=True)
    assert (at["expected_messages"], at["baseline_weeks"], at["hour_status"]) == (60, 4, "outage")


def test_hours_in_which_nothing_at_all_came_in_leave_the_baseline() -> None:
    first = message_hours(W09.plus(-5), messages=during(0, 100))  # the feed began on Friday
    assessed = assess([first, *usual(4), message_hours(W09)])
    weeks = assessed[-1].filter(area=ROTTERDAM).sort("hour_of_week")["baseline_weeks"].to_list()
    assert weeks == [4] * 100 + [5] * 68


@pytest.mark.parametrize(("vessels", "status"), [(3, "unclear"), (4, "outage")])
def test_where_few_ships_are_usual_they_may_have_left(vessels: int, status: str) -> None:
    few = always(vessels)
    now = message_hours(W09, messages=during(50, 60), vessels=few)
    hours = assess([*usual(vessels=few), now], is_heard_elsewhere=True)[-1]
    assert {status_of(hours, hour) for hour in range(50, 60)} == {status}


@pytest.mark.parametrize(
    ("fell_silent_at", "status"), [(48.9, "unclear"), (49.1, "outage"), (50.9, "outage"), (51.1, "unclear")]
)
def test_few_ships_that_fall_silent_together_are_an_outage(fell_silent_at: float, status: str) -> None:
    one = always(1)
    hours = assess(
        [*usual(vessels=one), message_hours(W09, messages=during(50, 60), vessels=one)],
        fell_silent=silences(W09, fell_silent_at),
        is_heard_elsewhere=True,
    )[-1]
    assert {status_of(hours, hour) for hour in range(50, 60)} == {status}


def closed(vessels: int = 6, **what: Any) -> list[pl.DataFrame]:
    """Weeks of a cell from which vessels stay away from hour 50 on."""
    return [*usual(vessels=always(vessels)), message_hours(W09, **what)]


AROUND = next(int(cell) for cell in h3.grid_ring(ROTTERDAM, 1))


def with_neighbour(weeks: list[pl.DataFrame], out: Count = SIXTY) -> list[list[pl.DataFrame]]:
    """The same weeks, and a cell next to it that is heard as usual but for the last week."""
    last = len(weeks) - 1
    return [
        [rows, message_hours(W09.plus(n - last), cell=AROUND, messages=out if n == last else SIXTY)]
        for n, rows in enumerate(weeks)
    ]


NOBODY = silences(W09)


def test_a_closed_strait_is_heard_where_the_cells_around_are() -> None:
    gone = closed(messages=during(50, 168))
    hours = assess(with_neighbour(gone), fell_silent=NOBODY)[-1]
    assert {status_of(hours, hour) for hour in range(168)} == {"heard"}
    at = places(NLRTM=ROTTERDAM)
    row = weekly_coverage(
        place_hours(hours, at, rules=SHIP_RULES), at, arrivals(NLRTM=70), SHIP_RULES
    ).filter(place_kind="port")
    assert row["coverage_index"].item() == 1


def test_a_closed_strait_is_heard_where_a_vessel_at_anchor_is() -> None:
    one = during(50, 168, number=1, usually=6)
    rows = closed(messages=during(50, 168, number=10), vessels=6)
    rows[-1] = message_hours(W09, messages=during(50, 168, number=10), vessels=one)
    hours = assess(rows, fell_silent=NOBODY, is_heard_elsewhere=True)[-1]
    assert {status_of(hours, hour) for hour in range(50, 168)} == {"heard"}


@pytest.mark.parametrize(("messages", "status"), [(5, "heard"), (4, "unclear")])
def test_a_vessel_heard_badly_shows_no_receiver_that_works(messages: int, status: str) -> None:
    """One of six vessels usually sends 10 messages; half of them are heard well."""
    one = during(50, 60, number=1, usually=6)
    rows = [*usual(), message_hours(W09, messages=during(50, 60, number=messages), vessels=one)]
    hours = assess(rows, fell_silent=NOBODY, is_heard_elsewhere=True)[-1]
    assert {status_of(hours, hour) for hour in range(50, 60)} == {status}


def test_vessels_that_stay_away_where_nothing_else_is_heard_are_unclear() -> None:
    hours = assess(closed(messages=during(50, 60)), fell_silent=NOBODY, is_heard_elsewhere=True)[-1]
    assert {status_of(hours, hour) for hour in range(50, 60)} == {"unclear"}


@pytest.mark.parametrize(("fell_silent", "status"), [(2, "outage"), (1, "heard")])
def test_an_outage_next_to_cells_of_other_stations_is_one(fell_silent: int, status: str) -> None:
    """A quarter of six usual vessels is more than one."""
    begins = silences(W09, *[49.9] * fell_silent, stayed=False)
    hours = assess(with_neighbour(closed(messages=during(50, 60))), fell_silent=begins)[-1]
    assert {status_of(hours, hour) for hour in range(50, 60)} == {status}
    assert status_of(hours, 55, AROUND) == "heard"


def test_neighbours_that_are_out_too_show_nothing() -> None:
    gone = with_neighbour(closed(messages=during(50, 60)), out=during(50, 60))
    hours = assess(gone, fell_silent=NOBODY, is_heard_elsewhere=True)[-1]
    assert {status_of(hours, hour) for hour in range(50, 60)} == {"unclear"}


def test_receivers_that_fail_during_a_closure_are_an_outage_from_then_on() -> None:
    begins = silences(W09, 99.9, 99.9, stayed=False)
    hours = assess(with_neighbour(closed(messages=during(50, 168))), fell_silent=begins)[-1]
    found = [status_of(hours, hour) for hour in (50, 98, 99, 167)]
    assert found == ["heard", "heard", "outage", "outage"]


@pytest.mark.parametrize(("vessels", "status"), [(3, "outage"), (2, "unclear")])
def test_vessels_that_are_there_with_hardly_a_message_are_an_outage(vessels: int, status: str) -> None:
    few = message_hours(W09, messages=during(50, 60, number=6), vessels=during(50, 60, vessels, 6))
    hours = assess([*usual(), few], fell_silent=NOBODY, is_heard_elsewhere=True)[-1]
    assert {status_of(hours, hour) for hour in range(50, 60)} == {status}


@pytest.mark.parametrize(("pause", "status"), [(1, "outage"), (2, "heard")])
def test_an_outage_goes_on_after_a_break_of_an_hour(pause: int, status: str) -> None:
    out: Count = lambda n: 0 if 50 <= n < 60 or 60 + pause <= n < 70 else 60  # noqa: E731
    begins = silences(W09, *[49.9] * 6, stayed=False)
    hours = assess(with_neighbour([*usual(), message_hours(W09, messages=out)]), fell_silent=begins)[-1]
    assert [status_of(hours, hour) for hour in (55, 60, 65)] == ["outage", "heard", status]


def test_a_closure_of_a_place_with_few_vessels_is_heard_by_the_wider_cell() -> None:
    one = always(1)
    weeks = [
        [
            message_hours(W09.plus(n - 8), vessels=one),
            message_hours(W09.plus(n - 8), cell=BESIDE_ROTTERDAM, messages=always(600)),
        ]
        for n in range(8)
    ]
    now = [
        message_hours(W09, messages=always(1), vessels=one),
        message_hours(W09, cell=BESIDE_ROTTERDAM, messages=always(600)),
    ]
    hours = assess([*weeks, now], fell_silent=NOBODY)[-1]
    assert {status_of(hours, hour) for hour in range(168)} == {"unclear"}
    at = places(NLRTM=ROTTERDAM)
    row = (
        weekly_coverage(place_hours(hours, at, rules=SHIP_RULES), at, arrivals(), SHIP_RULES)
        .filter(place_kind="port")
        .row(0, named=True)
    )
    assert (row["coverage_index"], row["assessed_wider_hours"], row["unclear_hours"]) == (1, 168, 0)


def test_an_outage_goes_on_over_sunday_midnight() -> None:
    one = always(1)
    weeks = [message_hours(W09.plus(n - 8), vessels=one) for n in range(7)]
    before = message_hours(W09.plus(-1), messages=during(160, 168), vessels=one)
    now = message_hours(W09, messages=during(0, 12), vessels=one)
    fell_silent = silences(W09.plus(-1), 159.9)
    assessed = assess([*weeks, before, now], fell_silent=fell_silent)
    assert status_of(assessed[-2], 167) == "outage"
    assert [status_of(assessed[-1], hour) for hour in (0, 11, 12)] == ["outage", "outage", "heard"]


def test_hours_that_cannot_be_assessed_do_not_end_an_outage() -> None:
    by_day: Count = lambda n: 60 if n % 24 in range(6, 22) else 3  # noqa: E731
    one = always(1)
    out: Count = lambda n: 0 if 30 <= n < 60 else by_day(n)  # noqa: E731
    hours = assess(
        [*usual(messages=by_day, vessels=one), message_hours(W09, messages=out, vessels=one)],
        fell_silent=silences(W09, 29.9),
        is_heard_elsewhere=True,
    )[-1]
    found = [status_of(hours, hour) for hour in (29, 30, 45, 46, 53, 54, 59, 60)]
    assert found == [
        "not_assessed",
        "outage",
        "outage",
        "not_assessed",
        "not_assessed",
        "outage",
        "outage",
        "heard",
    ]


def test_the_order_of_rows_changes_nothing() -> None:
    weeks = [[*usual()[n : n + 1], message_hours(W09.plus(n - 8), cell=SUVA)] for n in range(8)]
    now = [message_hours(W09, messages=during(3, 9)), message_hours(W09, cell=SUVA)]
    turned = [[rows.reverse() for rows in reversed(week)] for week in [*weeks, now]]
    assert assess([*weeks, now])[-1].equals(assess(turned)[-1])


# --- places ---------------------------------------------------------------------------------------------------


def places(**cells: int) -> pl.DataFrame:
    rows = [
        ("port", code, {"NL": "NLD", "BE": "BEL", "FJ": "FJI"}[code[:2]], cell)
        for code, cell in cells.items()
    ]
    return pl.DataFrame(rows, schema=PLACE_SCHEMA, orient="row")


def arrivals(**usually: float) -> pl.DataFrame:
    return pl.DataFrame(
        {"place_code": list(usually), "usual_arrivals": list(usually.values())},
        schema={"place_code": pl.String, "usual_arrivals": pl.Float64},
    )


def test_a_port_s_index_is_the_share_of_its_assessed_hours_without_outage() -> None:
    hours = assess([*usual(), message_hours(W09, messages=during(0, 24))])[-1]
    at = places(NLRTM=ROTTERDAM)
    row = (
        weekly_coverage(place_hours(hours, at, rules=SHIP_RULES), at, arrivals(NLRTM=70), SHIP_RULES)
        .filter(place_kind="port")
        .row(0, named=True)
    )
    assert (row["assessed_hours"], row["outage_hours"], row["usual_arrivals"]) == (168, 24, 70)
    assert row["coverage_index"] == pytest.approx(144 / 168)
    daily = daily_coverage(
        place_hours(hours, at, rules=SHIP_RULES), arrivals(NLRTM=70), W09, SHIP_RULES
    ).filter(place_code="NLRTM")
    assert daily["coverage_index"].to_list() == [0, 1, 1, 1, 1, 1, 1]
    assert daily["observed_on"].to_list()[0] == date(2026, 2, 23)


def test_without_a_baseline_there_is_no_index() -> None:
    hours = assess([message_hours(W09)])[-1]
    at = places(NLRTM=ROTTERDAM)
    rows = weekly_coverage(place_hours(hours, at, rules=SHIP_RULES), at, arrivals(), SHIP_RULES)
    assert rows["coverage_index"].to_list() == [None, None, None]
    assert rows["assessed_hours"].to_list() == [0, 0, 0]


def index_of(heard: Count, weeks_before: int = 0, messages: Count = SIXTY) -> dict[str, float | None]:
    """Coverage index of a port, its country and all ports in a week heard as `heard` after weeks as usual."""
    hours = assess([*usual(weeks_before, messages=messages), message_hours(W09, messages=heard)])[-1]
    at = places(NLRTM=ROTTERDAM)
    usually = arrivals(NLRTM=70) if weeks_before >= 4 else arrivals()
    rows = weekly_coverage(place_hours(hours, at, rules=SHIP_RULES), at, usually, SHIP_RULES)
    return dict(rows.select("place_code", "coverage_index").rows())


@pytest.mark.parametrize("weeks_before", [0, 3, 4])
@pytest.mark.parametrize(
    ("silent", "index"), [(1, 167 / 168), (23, 145 / 168), (24, 6 / 7), (72, 4 / 7), (144, 1 / 7), (168, 0)]
)
def test_hours_without_any_message_are_missing_with_or_without_a_baseline(
    silent: int, index: float, weeks_before: int
) -> None:
    found = index_of(during(0, silent), weeks_before)
    assert found == {code: pytest.approx(index) for code in ("NLRTM", "NLD", "_T")}


def test_a_single_message_is_enough_for_an_hour_without_a_baseline() -> None:
    assert index_of(during(0, 24, number=1)) == {"NLRTM": None, "NLD": None, "_T": None}


def test_a_silent_hour_in_which_little_is_usual_is_missing_too() -> None:
    few = always(2)
    assert index_of(during(0, 84, usually=2), 8, few)["NLRTM"] == 0.5


def every_third(n: int) -> int:
    """A feed of few ships: a message in every third hour."""
    return int(n % 3 == 0)


def only_mondays(n: int) -> int:
    return int(n < 24)


def sparse_index(history: Sequence[Count], now: Count = every_third) -> float | None:
    """Coverage index of a port after weeks that were heard so."""
    weeks = [message_hours(W09.plus(n - len(history)), messages=of) for n, of in enumerate(history)]
    hours = assess([*weeks, message_hours(W09, messages=now)])[-1]
    at = places(NLRTM=ROTTERDAM)
    rows = weekly_coverage(place_hours(hours, at, rules=SHIP_RULES), at, arrivals(), SHIP_RULES)
    index: float | None = rows.filter(place_kind="port")["coverage_index"].item()
    return index


@pytest.mark.parametrize(("weeks_before", "index"), [(0, 1 / 3), (3, 1 / 3), (4, None), (8, None)])
def test_hours_that_are_usually_empty_are_not_assessed_after_four_weeks(
    weeks_before: int, index: float | None
) -> None:
    found = sparse_index([every_third] * weeks_before)
    assert found == (None if index is None else pytest.approx(index))


@pytest.mark.parametrize(("empty_weeks", "index"), [(4, 167 / 168), (5, None)])
def test_an_hour_is_usually_empty_if_most_weeks_have_no_message_in_it(
    empty_weeks: int, index: float | None
) -> None:
    history = [only(30, 0, usually=1)] * empty_weeks + [always(1)] * (8 - empty_weeks)
    found = sparse_index(history, only(30, 0, usually=1))
    assert found == (None if index is None else pytest.approx(index))


def test_a_day_without_any_message_is_missing_though_its_hours_are_usually_empty() -> None:
    found = sparse_index([every_third] * 8, lambda n: 0 if n < 24 else every_third(n))
    assert found == pytest.approx(6 / 7)
    assert sparse_index([every_third] * 8, lambda n: 0 if n < 23 else int(n == 23) or every_third(n)) == (
        pytest.approx(160 / 168)
    )


def test_days_that_nobody_delivered_do_not_become_usual() -> None:
    assert sparse_index([only_mondays] * 8, only_mondays) == pytest.approx(1 / 7)
    assert sparse_index([only_mondays] * 5 + [every_third] * 3) == pytest.approx(1 / 3)
    assert sparse_index([only_mondays] * 4 + [every_third] * 4) is None


def test_a_day_without_any_message_has_an_index_of_0_and_the_others_have_none() -> None:
    hours = assess([message_hours(W09, messages=during(24, 71))])[-1]
    at = places(NLRTM=ROTTERDAM)
    daily = daily_coverage(place_hours(hours, at, rules=SHIP_RULES), arrivals(), W09, SHIP_RULES)
    for code in ("NLRTM", "_T"):
        index = daily.filter(place_code=code)["coverage_index"].to_list()
        assert index == [None, 0.0, pytest.approx(1 / 24), None, None, None, None]


def test_what_was_not_heard_in_a_cell_lowers_the_index_of_the_hours_in_which_the_feed_was_heard() -> None:
    before = [[week, message_hours(W09.plus(n - 8), cell=SUVA)] for n, week in enumerate(usual())]
    now = [
        message_hours(W09, messages=lambda n: 0 if n < 84 or n >= 126 else 60),
        message_hours(W09, cell=SUVA, messages=during(0, 84)),
    ]
    at = places(NLRTM=ROTTERDAM)
    rows = weekly_coverage(
        place_hours(assess([*before, now])[-1], at, rules=SHIP_RULES), at, arrivals(NLRTM=70), SHIP_RULES
    )
    assert rows["coverage_index"].to_list() == [0.25, 0.25, 0.25]


def test_a_port_that_expects_little_is_assessed_by_the_wider_cell() -> None:
    quiet = always(2)
    weeks = [
        [u, message_hours(W09.plus(n - 8), cell=BESIDE_ROTTERDAM, messages=quiet)]
        for n, u in enumerate(usual())
    ]
    now = [
        message_hours(W09, messages=during(0, 30)),
        message_hours(W09, cell=BESIDE_ROTTERDAM, messages=quiet),
    ]
    hours = assess([*weeks, now])[-1]
    at = places(BEANR=BESIDE_ROTTERDAM, FJSUV=SUVA)
    rows = {
        r["place_code"]: r
        for r in weekly_coverage(
            place_hours(hours, at, rules=SHIP_RULES), at, arrivals(), SHIP_RULES
        ).to_dicts()
    }
    assert [rows["BEANR"][name] for name in ("assessed_hours", "assessed_wider_hours", "outage_hours")] == [
        168,
        168,
        30,
    ]
    assert rows["FJSUV"]["outage_hours"] == 30, (
        "a port of which nothing was ever heard is assessed by the whole feed"
    )


def test_countries_and_all_weigh_their_ports_by_usual_arrivals() -> None:
    weeks = [[u, message_hours(W09.plus(n - 8), cell=SUVA)] for n, u in enumerate(usual())]
    now = [message_hours(W09, messages=during(0, 84)), message_hours(W09, cell=SUVA)]
    hours = assess([*weeks, now])[-1]
    at = places(NLRTM=ROTTERDAM, NLAMS=ROTTERDAM, FJSUV=SUVA)
    rows = weekly_coverage(
        place_hours(hours, at, rules=SHIP_RULES), at, arrivals(NLRTM=60, FJSUV=20), SHIP_RULES
    )
    index = {r["place_code"]: r["coverage_index"] for r in rows.to_dicts()}
    assert index == {"NLRTM": 0.5, "NLAMS": 0.5, "FJSUV": 1.0, "NLD": 0.5, "FJI": 1.0, "_T": 50 / 80}


def test_cells_have_their_own_hours_alone() -> None:
    hours = assess([*usual(), message_hours(W09, messages=during(0, 24))])[-1]
    row = cell_coverage(hours, pl.Series([ROTTERDAM])).row(0, named=True)
    assert (row["place_code"], row["outage_hours"]) == (h3.int_to_str(ROTTERDAM), 24)


def test_usual_arrivals_are_a_median_that_counts_weeks_without_any() -> None:
    weeks = [W09.plus(-n) for n in (4, 3, 2, 1)]
    calls = pl.DataFrame({"place_code": "NLRTM", "week": [w.name for w in weeks[:3]], "calls": [10, 20, 30]})
    ports = pl.Series(["BEANR", "NLRTM"])
    assert usual_arrivals(calls, weeks, ports, SHIP_RULES)["usual_arrivals"].to_list() == [0, 15]
    assert usual_arrivals(calls, weeks[:3], ports, SHIP_RULES).is_empty()


def test_usual_arrivals_do_not_depend_on_which_weeks_are_at_hand() -> None:
    weeks = [W09.plus(-n) for n in range(12, 0, -1)]
    every = [("NLRTM", w.name, 5) for w in weeks] + [("BEANR", w.name, 3) for w in weeks[:4]]
    calls = pl.DataFrame(every, schema=["place_code", "week", "calls"], orient="row")
    ports = pl.Series(["BEANR", "NLRTM"])
    of_one = calls.filter(pl.col("week").is_in([w.name for w in weeks[4:]]))
    assert usual_arrivals(calls, weeks[4:], ports, SHIP_RULES).equals(
        usual_arrivals(of_one, weeks[4:], ports, SHIP_RULES)
    )


def test_a_port_without_ships_counts_none() -> None:
    rows = pl.DataFrame({"place_kind": ["all", "port"], "place_code": ["_T", "NLRTM"]})
    counts = pl.DataFrame(
        schema={"place_kind": pl.String, "place_code": pl.String}
        | dict.fromkeys(("vessels_by_calls", "vessels_stationary"), pl.Int64)
    )
    assert with_counts(rows, counts)["vessels_by_calls"].to_list() == [None, 0]


def test_a_baseline_looks_back_eight_weeks() -> None:
    every = [W09.plus(-n) for n in range(-1, 12)]
    assert trailing(W09, every, SHIP_RULES) == [W09.plus(-n) for n in range(8, 0, -1)]


def test_times_are_utc() -> None:
    rows = message_hours(W09, messages=during(1, 168))
    assert heard_by_area(rows, W09, SHIP_RULES).filter(area=ROTTERDAM)["hour_of_week"].to_list() == [0]
    assert rows["hour_utc"].to_list() == [datetime(2026, 2, 23, tzinfo=UTC)]


def test_both_counts_of_a_port_have_a_vessel_under_two_mmsis_once() -> None:
    week = Week.parse("2026-W47")
    ships = ["imo-9134270", "imo-9134270", "mmsi-244000003"]
    calls = pl.DataFrame(
        {"port_locode": ["NLRTM"] * 3, "vessel_id": ships}
        | dict.fromkeys(("first_seen_at_utc", "last_seen_at_utc"), [week.start] * 3)
    )
    counted = vessels_in_ports(calls, calls.select("port_locode", "vessel_id"), week)
    assert counted.rows() == [("port", "NLRTM", 2, 2)]
