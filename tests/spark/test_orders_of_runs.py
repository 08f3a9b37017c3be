"""Any order of rows, files and runs gives the rows of one backfill."""

import random
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from ais_indicators import runner
from ais_indicators.job import Job
from ais_indicators.periods import Period, Week
from ais_indicators.releasing.history import read_history
from ais_indicators.releasing.record import read_releases
from ais_indicators.settings import Settings
from tests.examples import is_full
from tests.messages import FIGURES, assert_same_content, by_day, content, write_days, write_noaa
from tests.small_lake import ALL_WEEKS, W01, W52, W53, WORLD, copied, files_of, ingest, run

LATE_DAY = "AIS_2020_12_23.csv"
DAILY = (date(2020, 12, 26), date(2021, 1, 6))
TOGETHER = tuple(date(2020, 12, day) for day in (29, 30, 31))
if not is_full():
    TOGETHER += (date(2020, 12, 26), date(2021, 1, 1), date(2021, 1, 2), date(2021, 1, 5))
"""Days that are folded with the next one: those far from both week ends, in `make test` all but Sunday and Monday."""

SUNDAY = 7


def test_a_late_file_gives_the_rows_of_one_in_time_and_a_new_vintage(
    lake: Settings, backfilled: Settings, expected: dict[str, pl.DataFrame], tmp_path: Path
) -> None:
    files = files_of(lake, WORLD)
    late = next(path for path in files if path.name == LATE_DAY)
    ingest(lake, *(path for path in files if path != late))
    run(lake, Period(W52, W53), until=None)
    first_known = {r.week: r.release_id for r in read_releases(lake)}
    ingest(lake, late)
    assert run(lake, W01, until=None)["track_vessels"].period == ALL_WEEKS
    assert_same_content(content(lake), expected)
    history = read_history(lake)
    releases = history.releases
    of_w52 = [r for r in releases if r.week == W52.name]
    assert [history.is_served(r) for r in of_w52] == [False, True]
    assert of_w52[0].release_id == first_known[W52.name] != of_w52[1].release_id
    assert all((lake.releases / r.release_id / "port_activity_weekly.csv").is_file() for r in releases)
    assert (releases[-1].week, history.is_served(releases[-1])) == (W01.name, True)
    in_time = copied(backfilled, tmp_path / "in-time")
    runner.run_task("publish_release", Job(in_time, ALL_WEEKS))
    assert served(lake) == served(in_time)


def served(lake: Settings) -> dict[str, str]:
    """Content of the release that is served, by week."""
    return {week: release.content_sha256 for week, release in read_history(lake).served.items()}


@pytest.mark.parametrize("seed", [1, 2] if is_full() else [2])
def test_any_order_of_rows_and_files_gives_the_same_rows(
    lake: Settings, expected: dict[str, pl.DataFrame], seed: int
) -> None:
    """Rows are dealt to files at random, whatever their day, and the files come in any order."""
    chance = random.Random(seed)
    rows = WORLD.copy()
    chance.shuffle(rows)
    hands = [rows[n :: seed * 2] for n in range(seed * 2)]
    files = [write_noaa(lake.data_dir.parent / f"hand{n}.csv", hand) for n, hand in enumerate(hands)]
    chance.shuffle(files)
    ingest(lake, *files)
    run(lake, ALL_WEEKS)
    assert_same_content(content(lake), expected)


def test_weeks_one_by_one_are_the_backfill(lake: Settings, expected: dict[str, pl.DataFrame]) -> None:
    for week in ALL_WEEKS:
        ingest(lake, *files_of(lake, WORLD, week, week))
        run(lake, week)
    assert_same_content(content(lake), expected)


def test_days_one_by_one_are_the_backfill(lake: Settings, expected: dict[str, pl.DataFrame]) -> None:
    """Around both week ends each day's file when it comes, values on Sundays; the days before and after at once."""
    days = by_day(WORLD)
    ingest(lake, *write_days(lake.data_dir.parent, [row for d in days if d < DAILY[0] for row in days[d]]))
    for day in (DAILY[0] + timedelta(days=n) for n in range((DAILY[1] - DAILY[0]).days)):
        ingest(lake, *write_days(lake.data_dir.parent, days.get(day, [])))
        if day in TOGETHER:
            continue
        run(lake, Week.of(day), until=FIGURES if day.isoweekday() == SUNDAY else "track_vessels")
    ingest(lake, *write_days(lake.data_dir.parent, [row for d in days if d >= DAILY[1] for row in days[d]]))
    run(lake, W01)
    assert_same_content(content(lake), expected)


def test_a_week_that_was_skipped_is_caught_up_with(lake: Settings, expected: dict[str, pl.DataFrame]) -> None:
    ingest(lake, *files_of(lake, WORLD))
    run(lake, W52, until="track_vessels")
    assert run(lake, W01)["track_vessels"].period == Period(W53, W01)
    assert_same_content(content(lake), expected)


def test_run_twice_the_content_is_the_same_and_the_release_stays(
    backfilled: Settings, expected: dict[str, pl.DataFrame], tmp_path: Path
) -> None:
    lake = copied(backfilled, tmp_path)
    first = run(lake, W01, until=None)["publish_release"]
    history, manifest = (
        read_history(lake),
        (lake.releases / first[0].release_id / "manifest.json").read_bytes(),
    )
    second = run(lake, W01, until=None)["publish_release"]
    assert [(item.is_new, item.release_id) for item in second] == [(False, first[0].release_id)]
    assert read_history(lake) == history
    assert (lake.releases / first[0].release_id / "manifest.json").read_bytes() == manifest
    assert_same_content(content(lake), expected)
