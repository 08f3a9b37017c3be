"""Series: index, change on the year, four-week mean, seasonal adjustment, breaks and nowcast."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from ais_indicators.periods import Week
from ais_indicators.transforms.nowcast import nowcast
from ais_indicators.transforms.seasonal import seasonally_adjusted
from ais_indicators.transforms.series import FIGURE_SCHEMA, base_year, series_of_week, year_before
from ais_indicators.transforms.week_calendar import HOLIDAYS, WeekCalendar, holiday_shares
from tests.subject_rules import SHIP_RULES

FIRST = Week.parse("2019-W40")


def figures(
    first: Week, values: Sequence[float | None], statuses: Sequence[str] | None = None, **columns: str
) -> pl.DataFrame:
    key = {
        "source": "port_activity",
        "place_level": "port",
        "place_code": "NLRTM",
        "direction": "_T",
        "vessel_class": "_T",
        "indicator": "arrivals",
        "unit": "calls",
    } | columns
    rows = [
        {
            "week": first.plus(n).name,
            "value": value,
            "obs_status": (statuses or ["P"] * len(values))[n],
            **key,
        }
        for n, value in enumerate(values)
    ]
    return pl.DataFrame(rows, schema=FIGURE_SCHEMA)


def derived(rows: pl.DataFrame, week: str, breaks: Sequence[str] = ()) -> dict[str, dict[str, Any]]:
    return {
        r["transformation"]: r for r in series_of_week(rows, Week.parse(week), breaks, SHIP_RULES).to_dicts()
    }


@pytest.mark.parametrize(
    ("week", "before"),
    [("2021-W07", "2020-W07"), ("2020-W53", "2019-W52"), ("2021-W52", "2020-W52"), ("2021-W01", "2020-W01")],
)
def test_the_same_week_a_year_before(week: str, before: str) -> None:
    assert year_before(Week.parse(week)).name == before


def test_the_base_is_the_first_whole_year() -> None:
    weeks = [FIRST.plus(n).name for n in range(13 + 53)]
    assert base_year(weeks) == "2020"
    assert base_year(weeks[:-1]) is None
    assert base_year([name for name in weeks if name != "2020-W30"]) is None


def test_an_index_is_a_hundred_in_the_mean_week_of_its_base() -> None:
    rows = figures(Week.parse("2019-W01"), [50.0] * 26 + [150.0] * 26 + [125.0])
    index = derived(rows, "2020-W01")["index"]
    assert (index["value"], index["unit"], index["obs_comment"]) == (125.0, "index", "2019=100")


def test_without_a_whole_year_there_is_no_index() -> None:
    index = derived(figures(FIRST, [50.0] * 20), FIRST.plus(19).name)["index"]
    assert (index["value"], index["obs_status"]) == (None, "O")


def test_change_on_the_year_of_a_week_53_says_on_which_week() -> None:
    rows = figures(Week.parse("2019-W52"), [40.0, *[1.0] * 52, 50.0])
    change = derived(rows, "2020-W53")["change_on_year"]
    assert (change["value"], change["unit"]) == (pytest.approx(25.0), "percent")
    assert change["obs_comment"] == "week 53 on 2019-W52"


def test_a_change_has_the_worse_of_both_statuses_and_none_on_zero() -> None:
    rows = figures(Week.parse("2019-W10"), [40.0, 0.0, *[1.0] * 50, 50.0, 5.0], ["U", *["A"] * 53])
    assert derived(rows, "2020-W10")["change_on_year"]["obs_status"] == "U"
    on_zero = derived(rows, "2020-W11")["change_on_year"]
    assert (on_zero["value"], on_zero["obs_status"]) == (None, "O")


@pytest.mark.parametrize(
    ("values", "mean", "status"),
    [
        ([1, 2, 3, 6], 3.0, "P"),
        ([2, 3, 6], None, "O"),
        ([1, None, 3, 6], None, "O"),
        ([9, 1, 2, 3, 6], 3.0, "P"),
    ],
)
def test_a_mean_needs_all_four_weeks(values: list[float | None], mean: float | None, status: str) -> None:
    row = derived(figures(FIRST, values), FIRST.plus(len(values) - 1).name)["mean_4_weeks"]
    assert (row["value"], row["obs_status"]) == (mean, status)


def test_later_weeks_change_nothing() -> None:
    rng = np.random.default_rng(5)
    values = rng.uniform(50, 90, 120).tolist()
    week = FIRST.plus(110)
    whole, so_far = figures(FIRST, values), figures(FIRST, values[:111])
    assert series_of_week(whole, week, (), SHIP_RULES).equals(series_of_week(so_far, week, (), SHIP_RULES))
    assert series_of_week(whole.reverse(), week, (), SHIP_RULES).equals(
        series_of_week(so_far, week, (), SHIP_RULES)
    )


def test_breaks_are_marked_at_the_port_and_in_the_total() -> None:
    total = figures(FIRST, [9.0] * 4, place_level="world", place_code="_T")
    other = figures(FIRST, [5.0] * 4, place_code="BEANR")
    rows = pl.concat([figures(FIRST, [4.0] * 4), other, total])
    out = series_of_week(rows, FIRST.plus(3), ["NLRTM"], SHIP_RULES).filter(transformation="mean_4_weeks")
    found = {r["place_code"]: (r["obs_status"], r["obs_comment"]) for r in out.to_dicts()}
    changed = "areas of ports changed"
    assert found == {"NLRTM": ("B", changed), "BEANR": ("P", None), "_T": ("B", changed)}


# --- season ---------------------------------------------------------------------------------------------------


def weeks(number: int) -> list[Week]:
    return [Week.parse("2017-W01").plus(n) for n in range(number)]


def calendar(number: int) -> WeekCalendar:
    return WeekCalendar.of(weeks(number), SHIP_RULES)


def yearly(
    number: int, trend: Callable[[int], float], noise: float = 0.02, holiday: float = 0.0
) -> np.ndarray:
    rng = np.random.default_rng(11)
    season = 0.3 * np.sin(2 * np.pi * np.arange(number) / 52)
    new_year = holiday_shares(weeks(number))[:, 0]
    logs = (
        np.array([trend(n) for n in range(number)])
        + season
        - holiday * new_year
        + noise * rng.normal(size=number)
    )
    return np.exp(logs)


@pytest.mark.parametrize("missing", [103, 104])
def test_two_years_are_needed(missing: int) -> None:
    value = seasonally_adjusted(yearly(missing, lambda _: 5.0), calendar(missing), SHIP_RULES)
    assert (value is None) == (missing < 104)


@pytest.mark.parametrize("number", [180, 193, 206, 208])
def test_season_and_moving_holiday_are_taken_out(number: int) -> None:
    values = yearly(number, lambda _: 5.0, holiday=0.5)
    adjusted = seasonally_adjusted(values, calendar(number), SHIP_RULES)
    assert adjusted == pytest.approx(np.exp(5.0), rel=0.1)


def test_a_fall_in_trade_is_no_season() -> None:
    values = yearly(190, lambda n: 5.0 if n < 180 else 4.5)
    adjusted = seasonally_adjusted(values, calendar(190), SHIP_RULES)
    assert adjusted == pytest.approx(np.exp(4.5), rel=0.12)


def test_a_lunar_new_year_is_taken_for_what_it_is() -> None:
    values, known = yearly(320, lambda _: 5.0, holiday=0.5), calendar(320)
    ends = [int(n) + 1 for n in np.flatnonzero(known.holidays[:, 0] > 0) if n > 2 * 52]
    assert len(ends) > 6

    def mean_error(of_weeks: WeekCalendar) -> float:
        adjusted = [seasonally_adjusted(values[:end], of_weeks.part(0, end), SHIP_RULES) for end in ends]
        return float(np.mean([abs(np.log(value or np.nan) - 5.0) for value in adjusted]))

    assert mean_error(known) < 0.5 * mean_error(replace(known, holidays=np.zeros_like(known.holidays)))


def with_fixed_holidays(known: Sequence[Week], fall: float) -> np.ndarray:
    """A level of 500 a week, a tenth more in spring and less in autumn, and less on each day of the holidays."""
    days = {(12, 24), (12, 25), (12, 26), (12, 31), (1, 1)}
    return np.array(
        [
            sum(
                500 / 7 * (1 + 0.1 * np.sin(2 * np.pi * day.timetuple().tm_yday / 365.25))
                * (1 - fall * ((day.month, day.day) in days))
                for day in week.days
            )
            for week in known
        ]
    )  # fmt: skip


@pytest.mark.parametrize("fall", [0.3, 0.7])
def test_christmas_and_new_year_are_taken_out_whatever_weeks_they_fall_into(fall: float) -> None:
    known = [Week.parse("2018-W01").plus(n) for n in range(8 * 52 + 5)]
    values, of_weeks = with_fixed_holidays(known, fall), WeekCalendar.of(known, SHIP_RULES)
    ends = [
        n + 1 for n, week in enumerate(known) if n >= 3 * 52 and week.name[-2:] in ("51", "52", "53", "01")
    ]
    assert "2020-W53" in {known[end - 1].name for end in ends}
    for end in ends:
        adjusted = seasonally_adjusted(values[:end], of_weeks.part(0, end), SHIP_RULES)
        assert adjusted == pytest.approx(500.0, rel=0.03), known[end - 1].name


def test_gaps_zeros_and_a_missing_end_have_no_season() -> None:
    of_weeks, values = calendar(150), yearly(150, lambda _: 5.0)
    some = values.copy()
    some[40:54] = np.nan
    assert seasonally_adjusted(some, of_weeks, SHIP_RULES) is not None
    some[54:56] = np.nan
    assert seasonally_adjusted(some, of_weeks, SHIP_RULES) is None
    empty = values.copy()
    empty[40:54] = 0.0  # a closed canal: left out of the season like weeks that are missing
    assert seasonally_adjusted(empty, of_weeks, SHIP_RULES) == pytest.approx(
        seasonally_adjusted(values, of_weeks, SHIP_RULES), rel=0.05
    )
    empty[54:56] = 0.0
    assert seasonally_adjusted(empty, of_weeks, SHIP_RULES) is None
    for place, value in ((149, np.nan), (149, 0.0)):
        broken = values.copy()
        broken[place] = value
        assert seasonally_adjusted(broken, of_weeks, SHIP_RULES) is None


@pytest.mark.parametrize(
    ("holiday", "week", "share"),
    [
        ("lunar_new_year", "2024-W06", 2 / 7),
        ("lunar_new_year", "2024-W07", 5 / 7),
        ("easter", "2024-W13", 3 / 4),
        ("easter", "2024-W14", 1 / 4),
        ("eid_al_fitr", "2024-W15", 1.0),
        ("easter", "2024-W15", 0.0),
        ("christmas", "2022-W51", 2 / 3),
        ("christmas", "2022-W52", 1 / 3),
        ("christmas", "2020-W52", 1.0),
        ("new_year", "2020-W53", 1.0),
        ("new_year", "2023-W52", 1 / 2),
        ("new_year", "2024-W01", 1 / 2),
    ],
)
def test_holidays_fall_into_their_weeks(holiday: str, week: str, share: float) -> None:
    column = HOLIDAYS.index(holiday)
    assert holiday_shares([Week.parse(week)])[0, column] == pytest.approx(share)


# --- nowcast --------------------------------------------------------------------------------------------------


def day_counts(monday: date, counts: Sequence[float]) -> list[dict[str, Any]]:
    key = {"port_locode": "NLRTM", "vessel_class": "_T", "indicator": "arrivals", "unit": "calls"}
    week = Week.of(monday).name
    return [
        {"observed_on": monday + timedelta(days=n), "week": week, "value": float(count), **key}
        for n, count in enumerate(counts)
    ]


def test_a_nowcast_is_the_days_so_far_over_their_usual_share() -> None:
    monday = date(2026, 11, 16)
    before = [monday - timedelta(weeks=n) for n in (4, 3, 2, 1)]
    rows = [r for m in before for r in day_counts(m, [10, 10, 10, 10, 10, 10, 0])] + day_counts(
        monday, [12, 12, 12]
    )
    names = [Week.of(m).name for m in before]
    found = nowcast(pl.DataFrame(rows), Week.of(monday).name, names, 3, SHIP_RULES).row(0, named=True)
    assert (found["value"], found["interval_low"], found["interval_high"]) == (72.0, 72.0, 72.0)
    assert nowcast(pl.DataFrame(rows), Week.of(monday).name, names[1:], 3, SHIP_RULES).is_empty()


def test_nine_of_ten_nowcasts_hold_the_week() -> None:
    rng, held, trials = np.random.default_rng(3), 0, 200
    monday = date(2026, 11, 16)
    before = [monday - timedelta(weeks=n) for n in range(8, 0, -1)]
    for _ in range(trials):
        rows = [r for m in before for r in day_counts(m, rng.poisson(20, 7).tolist())]
        truth = rng.poisson(20, 7)
        rows += day_counts(monday, truth[:4].tolist())
        found = nowcast(
            pl.DataFrame(rows), Week.of(monday).name, [Week.of(m).name for m in before], 4, SHIP_RULES
        )
        row = found.row(0, named=True)
        held += row["interval_low"] <= truth.sum() <= row["interval_high"]
    assert 0.84 <= held / trials <= 0.96
