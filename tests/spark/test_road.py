"""The whole road in small: files in, silver and gold out, by every way that the method says is the same.

Three weeks around a week 53 hold the hard cases: a stay over two week ends, visits that merge over one, an open
call, a ship that is silent for 15 days, two ships on one number, a stub that Monday completes, a class that
changes, a day without data. Releases are published here
without their check, which has tests of its own (`test_gate.py`).
"""

import random
import shutil
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from ais_indicators import runner
from ais_indicators.io.delta import table_version
from ais_indicators.io.releases import read_releases
from ais_indicators.periods import Period, Week
from ais_indicators.pipelines import gold, ingest_commit, ingest_messages, publish_release, track_vessels
from ais_indicators.pipelines.job import Job
from ais_indicators.settings import Settings
from tests.messages import (
    FAR_MMSI,
    FIGURES,
    GOLD,
    SILVER,
    Feature,
    Row,
    assert_same_content,
    by_day,
    content,
    every_hour,
    mmsi_numbers,
    position,
    rectangle_port,
    stay,
    table,
    write_days,
    write_noaa,
    write_ports,
)

W52, W53, W01 = (Week.parse(name) for name in ("2020-W52", "2020-W53", "2021-W01"))
ALL_WEEKS = Period(W52, W01)
SILENT_DAY = "2020-12-30"
LATE_DAY = "AIS_2020_12_23.csv"
DAILY = (date(2020, 12, 26), date(2021, 1, 6))
SUNDAY = 7

SEA, ROADS, HARBOUR, FAR_HARBOUR = (50.3, 1.0), (50.0, 1.25), (50.0, 1.0), (52.0, 1.0)
PORTS = (
    rectangle_port("XXAAA", 0.9, 49.9, 1.1, 50.1),
    rectangle_port("XXAAA", 1.2, 49.9, 1.3, 50.1, "anchorage"),
    rectangle_port("XXBBB", 0.9, 51.9, 1.1, 52.1),
)


# --- the small world ----------------------------------------------------------------------------------------


def says(mmsi: int, moment: str) -> dict[str, str]:
    """What a ship says of itself: one has a call sign, the number of another passes on with the new year."""
    passed_on = {"IMO": "IMO9074729"} if moment >= "2021" else {"IMO": "IMO9134270"}
    return {LONG_STAY: {"CallSign": "WDE5199"}, TANKER: passed_on}.get(mmsi, {})


def at(
    place: tuple[float, float], moment: str, mmsi: int, sog_knots: float = 12.0, ship_type: int = 70
) -> Row:
    """One message under way."""
    return position(moment, mmsi, *place, sog_knots, ship_type, **says(mmsi, moment))


def lies(
    place: tuple[float, float], first: str, last: str, mmsi: int, every_hours: float = 1, ship_type: int = 70
) -> list[Row]:
    """Messages of a ship that lies still."""
    keywords = {"mmsi": mmsi, "latitude": place[0], "longitude": place[1], "ship_type": ship_type}
    return stay(first, last, every_hours * 60, **keywords, **says(mmsi, first))


LONG_STAY, TANKER, SILENT, SHARED, PASSENGER, MIDNIGHT, MERGED, STUB, JUNK, TRANSIT = mmsi_numbers(10)
CHANNEL, STRAIT, NORTH_SEA = (50.9157, 1.3238), (51.0302, 1.5058), (51.1447, 1.6878)
"""South of the gate of Dover, in it, and north of it."""

WORLD: list[Row] = [
    # a stay over two week ends and a year's end; its type changes while it lies there
    at(SEA, "2020-12-26T06:00:00", LONG_STAY),
    *lies(HARBOUR, "2020-12-26T12:00:00", "2020-12-28T12:00:00", LONG_STAY, 3),
    *lies(HARBOUR, "2020-12-28T15:00:00", "2021-01-05T12:00:00", LONG_STAY, 3, ship_type=80),
    at(SEA, "2021-01-05T15:00:00", LONG_STAY, ship_type=80),
    # waits, calls, comes again and is in port when the data end
    *lies(ROADS, "2020-12-22T00:00:00", "2020-12-22T12:00:00", TANKER, 2, ship_type=80),
    *lies(HARBOUR, "2020-12-22T14:00:00", "2020-12-23T10:00:00", TANKER, 2, ship_type=80),
    at(SEA, "2020-12-23T12:00:00", TANKER, ship_type=80),
    *lies(HARBOUR, "2021-01-08T00:00:00", "2021-01-10T23:00:00", TANKER, 6, ship_type=80),
    # 15 days of silence at sea
    *(at(SEA, f"2020-12-21T0{hour}:00:00", SILENT, ship_type=31) for hour in (1, 2, 3)),
    *(at(SEA, f"2021-01-05T0{hour}:00:01", SILENT, ship_type=31) for hour in (3, 4, 5)),
    # two ships, 222 km apart
    *lies(HARBOUR, "2020-12-28T10:00:00", "2020-12-28T20:00:00", SHARED, 2),
    *lies(FAR_HARBOUR, "2020-12-28T11:00:00", "2020-12-29T03:00:00", SHARED, 2, ship_type=80),
    # passes at 12 knots around Sunday midnight
    at(SEA, "2021-01-03T22:00:00", PASSENGER, ship_type=60),
    at((50.03, 1.0), "2021-01-03T23:50:00", PASSENGER, ship_type=60),
    at((49.97, 1.0), "2021-01-04T00:10:00", PASSENGER, ship_type=60),
    at(SEA, "2021-01-04T02:00:00", PASSENGER, ship_type=60),
    # calls over Sunday midnight
    at(SEA, "2020-12-27T18:00:00", MIDNIGHT),
    *lies(HARBOUR, "2020-12-27T20:00:00", "2020-12-28T04:00:00", MIDNIGHT),
    at(SEA, "2020-12-28T06:00:00", MIDNIGHT),
    # is back in port 45 minutes after it left, in the next week
    at(SEA, "2020-12-27T19:00:00", MERGED),
    *lies(HARBOUR, "2020-12-27T20:00:00", "2020-12-27T22:00:00", MERGED),
    at(SEA, "2020-12-27T23:30:00", MERGED),
    *lies(HARBOUR, "2020-12-28T00:15:00", "2020-12-28T03:15:00", MERGED),
    at(SEA, "2020-12-28T05:00:00", MERGED),
    # two fixes on Sunday are a stub, the third on Monday makes them a call
    *lies(HARBOUR, "2021-01-03T22:00:00", "2021-01-04T01:00:00", STUB, 1.5),
    # rows that the fold rejects: repeated, and in conflict
    at(HARBOUR, "2020-12-22T14:00:00", TANKER, 0.0, 80),
    at((50.001, 1.0), "2020-12-22T16:00:00", TANKER, 0.0, 80),
    # ten days in a strait, over two week ends
    at(CHANNEL, "2020-12-26T06:00:00", TRANSIT),
    *lies(STRAIT, "2020-12-26T09:00:00", "2021-01-05T09:00:00", TRANSIT, 3),
    at(NORTH_SEA, "2021-01-05T12:00:00", TRANSIT),
    # a wild fix, and a day later another
    at(SEA, "2020-12-29T12:00:00", JUNK, ship_type=52),
    at((-30.0, -30.0), "2020-12-29T12:01:00", JUNK, ship_type=52),
    *every_hour(W52, W53, W01),
]
WORLD = [row for row in WORLD if not row["BaseDateTime"].startswith(SILENT_DAY)]
CALLERS = (LONG_STAY, TANKER, SHARED, MIDNIGHT, MERGED, STUB)


# --- steps --------------------------------------------------------------------------------------------------


def load_ports(lake: Settings, areas: Sequence[Feature] = PORTS, version: str = "first") -> str:
    """Loads areas as a version of the ports."""
    path = write_ports(lake.data_dir.parent / f"{version}.geojson", areas)
    runner.run_task("load_ports", Job(lake, paths=(path,), port_version=version))
    return version


def ingest(lake: Settings, *paths: Path) -> ingest_messages.IngestSummary:
    """Takes files in."""
    summary: ingest_messages.IngestSummary = runner.run_task("ingest_messages", Job(lake, paths=paths))
    return summary


def run(
    lake: Settings, period: Period | Week, until: str | None = FIGURES, **keywords: Any
) -> dict[str, Any]:
    """Runs a week, or weeks in one go, as far as a task."""
    weeks = period if isinstance(period, Period) else Period(period, period)
    return runner.run_weekly(Job(lake, weeks, **keywords), until=until)


def files_of(lake: Settings, rows: Sequence[Row], first: Week = W52, last: Week = W01) -> list[Path]:
    """Writes a file for each day of some weeks that has messages."""
    chosen = [d for d in by_day(rows) if first.days[0] <= d <= last.days[-1]]
    kept = [row for day, part in by_day(rows).items() if day in chosen for row in part]
    return write_days(lake.data_dir.parent / "deliveries", kept)


def copied(lake: Settings, folder: Path) -> Settings:
    """A copy of a lake, to go on from there."""
    shutil.copytree(lake.data_dir, folder / "data")
    return Settings(folder / "data", shuffle_partitions=1)


def calls_of(lake: Settings, mmsi: int) -> list[dict[str, Any]]:
    """Rows of `silver.port_calls` of a ship, in order of time."""
    return table(lake, "silver.port_calls", mmsi=mmsi).sort("first_seen_at_utc").to_dicts()


def value(lake: Settings, week: Week, indicator: str, port: str = "XXAAA", vessel_class: str = "_T") -> float:
    """One value of `gold.port_activity_weekly`, not adjusted."""
    keys = {"week": week.name, "port_locode": port, "vessel_class": vessel_class, "indicator": indicator}
    keys["adjustment"] = "N"
    (found,) = table(lake, "gold.port_activity_weekly", **keys)["value"].to_list()
    return float(found)


def moments(call: dict[str, Any], *names: str) -> list[str]:
    """Times of a call in short."""
    return [call[f"{name}_at_utc"].strftime("%m-%d %H:%M") for name in names]


@pytest.fixture
def lake(settings: Settings) -> Settings:
    """An empty lake with ports."""
    load_ports(settings)
    return settings


@pytest.fixture(scope="module")
def backfilled(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """All files, then the three weeks in one backfill: what every other way is held against. Not to be changed."""
    made = Settings(tmp_path_factory.mktemp("backfilled") / "data", shuffle_partitions=1)
    load_ports(made)
    ingest(made, *files_of(made, WORLD))
    run(made, ALL_WEEKS)
    return made


@pytest.fixture(scope="module")
def expected(backfilled: Settings) -> dict[str, pl.DataFrame]:
    """Rows of the backfill in every silver and gold table, and those that its fold rejected."""
    return content(backfilled)


# --- what the small world is ---------------------------------------------------------------------------------


def test_the_small_world_holds_the_cases_it_is_made_for(backfilled: Settings) -> None:
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


# --- (a), (b): files ----------------------------------------------------------------------------------------


def test_a_file_delivered_twice_changes_nothing(lake: Settings, tmp_path: Path) -> None:
    rows = [*stay("2020-12-21T00:00:00", "2020-12-21T05:00:00"), position(mmsi=123456789)]
    file = write_noaa(tmp_path / "AIS_2020_12_21.csv", rows)
    other_name = write_noaa(tmp_path / "again" / "another_name.csv", rows)
    names = ("bronze.ais_messages", "quarantine.messages", "ops.ingested_files")
    ingest(lake, file)
    before = {name: (table_version(lake, name), table(lake, name)) for name in names}
    reports = ingest(lake, file, other_name).files
    assert [report.outcome for report in reports] == ["already there", "already there"]
    for name, (version, frame) in before.items():
        assert table_version(lake, name) == version
        assert table(lake, name).equals(frame)


FIRST_DELIVERY = [
    *stay("2020-12-21T00:00:00", "2020-12-21T03:00:00"),
    position("2020-12-21T04:00:00", mmsi=123456789),
]
CORRECTED = [
    *stay("2020-12-21T00:00:00", "2020-12-21T01:00:00", sog_knots=3.0),
    position("2020-12-22T04:00:00", latitude=91.0, longitude=181.0),
    position("2020-12-22T05:00:00", latitude=0.0, longitude=0.0),
    position("", sog_knots=1.0),
]


def counts(lake: Settings) -> list[tuple[Any, ...]]:
    """Rows of `ops.ingested_files` in short: by name, the replaced ones first."""
    columns = ("file_name", "is_current", "rows_read", "rows_accepted", "rows_quarantined", "rows_set_aside")
    return table(lake, "ops.ingested_files").select(columns).sort(pl.all()).rows()


def test_a_corrected_file_of_the_name_replaces_its_rows(lake: Settings, tmp_path: Path) -> None:
    other = write_noaa(
        tmp_path / "other.csv", stay("2020-12-21T00:00:00", "2020-12-21T02:00:00", mmsi=366000099)
    )
    ingest(lake, other, write_noaa(tmp_path / "day.csv", FIRST_DELIVERY))
    ingest(lake, write_noaa(tmp_path / "day.csv", CORRECTED))
    assert counts(lake) == [
        ("day.csv", False, 5, 4, 1, 0),
        ("day.csv", True, 5, 2, 3, 0),
        ("other.csv", True, 3, 3, 0, 0),
    ]
    bronze, lost = table(lake, "bronze.ais_messages"), table(lake, "quarantine.messages")
    assert (bronze.height, lost.height) == (3 + 2, 3)
    assert bronze.filter(mmsi=366000099).height == 3
    assert set(bronze.filter(pl.col("mmsi") != 366000099)["sog_knots"]) == {3.0}
    records = table(lake, "ops.ingested_files")
    replaced = records.filter(is_current=False)["file_sha256"].item()
    assert set(records["replaces_sha256"].drop_nulls()) == {replaced}
    assert replaced not in {*bronze["file_sha256"], *lost["file_sha256"]}


def test_the_first_content_delivered_again_replaces_the_correction(lake: Settings, tmp_path: Path) -> None:
    for rows in (FIRST_DELIVERY, CORRECTED, FIRST_DELIVERY):
        ingest(lake, write_noaa(tmp_path / "day.csv", rows))
    assert counts(lake) == [("day.csv", False, 5, 2, 3, 0), ("day.csv", True, 5, 4, 1, 0)]
    assert table(lake, "bronze.ais_messages").height == 4
    assert table(lake, "quarantine.messages").height == 1


def test_rows_in_quarantine_carry_their_reasons(lake: Settings, tmp_path: Path) -> None:
    rows = [
        position(),
        position("2020-01-01T10:01:00", mmsi=123456789),
        position("2020-01-01T10:02:00", mmsi=993660902, latitude=91.0),
        position("2020-01-01T10:03:00", longitude=181.0),
        position("2020-01-01T10:04:00", latitude=-90.1),
        position("2020-01-01T10:05:00", latitude=0.0, longitude=0.0),
        position(""),
    ]
    (report,) = ingest(lake, write_noaa(tmp_path / "day.csv", rows)).files
    assert (report.rows_read, report.rows_accepted, report.rows_quarantined) == (7, 1, 6)
    lost = table(lake, "quarantine.messages").sort("observed_at_utc", nulls_last=True)
    assert lost["reject_reasons"].to_list() == [
        "mmsi_not_a_ship",
        "mmsi_not_a_ship,latitude_not_available",
        "longitude_not_available",
        "latitude_out_of_range",
        "null_island",
        "timestamp_missing",
    ]
    assert report.reasons == {
        "mmsi_not_a_ship": 2,
        "latitude_not_available": 1,
        "longitude_not_available": 1,
        "latitude_out_of_range": 1,
        "null_island": 1,
        "timestamp_missing": 1,
    }
    assert (
        lost["file_sha256"].unique().to_list() == table(lake, "ops.ingested_files")["file_sha256"].to_list()
    )


# --- (c): late files ----------------------------------------------------------------------------------------


def test_a_late_file_gives_the_rows_of_one_in_time_and_a_new_vintage(
    lake: Settings, backfilled: Settings, expected: dict[str, pl.DataFrame], tmp_path: Path
) -> None:
    files = files_of(lake, WORLD)
    late = next(path for path in files if path.name == LATE_DAY)
    ingest(lake, *(path for path in files if path != late))
    run(lake, Period(W52, W53), until=None)
    first_known = {r["week"]: r["release_id"] for r in read_releases(lake)}
    ingest(lake, late)
    assert run(lake, W01, until=None)["track_vessels"].period == ALL_WEEKS
    assert_same_content(content(lake), expected)
    releases = read_releases(lake)
    of_w52 = [r for r in releases if r["week"] == W52.name]
    assert [r["is_served"] for r in of_w52] == [False, True]
    assert of_w52[0]["release_id"] == first_known[W52.name] != of_w52[1]["release_id"]
    assert all((lake.releases / r["release_id"] / "port_activity_weekly.csv").is_file() for r in releases)
    assert (releases[-1]["week"], releases[-1]["is_served"]) == (W01.name, True)
    in_time = copied(backfilled, tmp_path / "in-time")
    runner.run_task("publish_release", Job(in_time, ALL_WEEKS))
    assert served(lake) == served(in_time)


def served(lake: Settings) -> dict[str, str]:
    """Content of the release that is served, by week."""
    return {r["week"]: r["content_sha256"] for r in read_releases(lake) if r["is_served"]}


# --- (d): order ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [1, 2])
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


# --- (e): weekly, daily, backfill ----------------------------------------------------------------------------


def test_weeks_one_by_one_are_the_backfill(lake: Settings, expected: dict[str, pl.DataFrame]) -> None:
    for week in ALL_WEEKS:
        ingest(lake, *files_of(lake, WORLD, week, week))
        run(lake, week)
    assert_same_content(content(lake), expected)


def test_days_one_by_one_are_the_backfill(lake: Settings, expected: dict[str, pl.DataFrame]) -> None:
    """Around both week ends each day's file when it comes, figures on Sundays; the days before and after at once."""
    days = by_day(WORLD)
    ingest(lake, *write_days(lake.data_dir.parent, [row for d in days if d < DAILY[0] for row in days[d]]))
    for day in (DAILY[0] + timedelta(days=n) for n in range((DAILY[1] - DAILY[0]).days)):
        ingest(lake, *write_days(lake.data_dir.parent, days.get(day, [])))
        run(lake, Week.of(day), until=FIGURES if day.isoweekday() == SUNDAY else "track_vessels")
    ingest(lake, *write_days(lake.data_dir.parent, [row for d in days if d >= DAILY[1] for row in days[d]]))
    run(lake, W01)
    assert_same_content(content(lake), expected)


def test_a_week_that_was_skipped_is_caught_up_with(lake: Settings, expected: dict[str, pl.DataFrame]) -> None:
    ingest(lake, *files_of(lake, WORLD))
    run(lake, W52, until="track_vessels")
    assert run(lake, W01)["track_vessels"].period == Period(W53, W01)
    assert_same_content(content(lake), expected)


# --- (f): the calendar --------------------------------------------------------------------------------------


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


def test_a_week_53_has_figures_of_its_own(backfilled: Settings) -> None:
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


# --- (g): again ---------------------------------------------------------------------------------------------


def test_run_twice_the_content_is_the_same_and_the_release_stays(
    backfilled: Settings, expected: dict[str, pl.DataFrame], tmp_path: Path
) -> None:
    lake = copied(backfilled, tmp_path)
    first = run(lake, W01, until=None)["publish_release"]
    releases, manifest = (
        read_releases(lake),
        (lake.releases / first[0].release_id / "manifest.json").read_bytes(),
    )
    second = run(lake, W01, until=None)["publish_release"]
    assert [(item.is_new, item.release_id) for item in second] == [(False, first[0].release_id)]
    assert read_releases(lake) == releases
    assert (lake.releases / first[0].release_id / "manifest.json").read_bytes() == manifest
    assert_same_content(content(lake), expected)


# --- (h): ports redrawn -------------------------------------------------------------------------------------

REDRAWN = (rectangle_port("XXNEW", 0.9, 49.9, 1.1, 50.1),)


def versions(lake: Settings) -> dict[str, str]:
    """Version of the ports with which each week was folded."""
    rows = table(lake, "silver.fold_state").select("week", "port_version").unique().rows()
    return {Week.parse(week).plus(-1).name: version for week, version in rows}


def test_a_redrawn_port_changes_no_week_that_was_folded_before(lake: Settings) -> None:
    ingest(lake, *files_of(lake, WORLD))
    run(lake, W52)
    figures = table(lake, "gold.port_activity_weekly", week=W52.name)
    load_ports(lake, REDRAWN, "second")
    run(lake, W52)
    assert versions(lake) == {W52.name: "first"}
    assert table(lake, "gold.port_activity_weekly", week=W52.name).equals(figures)
    run(lake, W53, until="track_vessels")
    assert versions(lake) == {W52.name: "first", W53.name: "second"}
    old, new = calls_of(lake, LONG_STAY)
    assert (old["port_locode"], new["port_locode"]) == ("XXAAA", "XXNEW")
    assert moments(old, "arrived", "departed") == ["12-26 12:00", "12-28 00:00"]
    assert moments(new, "arrived") == ["12-28 00:00"]


def test_a_backfill_that_asks_for_it_takes_the_new_version(lake: Settings) -> None:
    ingest(lake, *files_of(lake, WORLD))
    run(lake, Period(W52, W53), until="track_vessels")
    load_ports(lake, REDRAWN, "second")
    run(lake, Period(W52, W53), port_version="second")
    assert versions(lake) == {W52.name: "second", W53.name: "second"}
    assert {call["port_locode"] for ship in CALLERS for call in calls_of(lake, ship)} == {"XXNEW"}
    assert table(lake, "gold.port_activity_weekly")["port_locode"].unique().sort().to_list() == [
        "XXNEW",
        "_T",
    ]
    assert value(lake, W52, "arrivals", "XXNEW") == 4


def test_weeks_one_by_one_are_the_backfill_when_a_port_is_redrawn_between(
    lake: Settings, tmp_path: Path
) -> None:
    """Two silent ships lie in ports that the new version has no more; one comes back a week before the other."""
    early, later = 366000024, 366000032
    rows = [
        *lies(HARBOUR, "2020-12-26T00:00:00", "2020-12-27T00:00:00", early, 6),
        *lies(FAR_HARBOUR, "2020-12-26T00:00:00", "2020-12-27T00:00:00", later, 6),
        *lies(SEA, "2020-12-29T00:00:00", "2020-12-29T06:00:00", early, 2),
        *lies(SEA, "2021-01-08T00:00:00", "2021-01-08T06:00:00", early, 2),
    ]
    ingest(lake, *files_of(lake, rows))
    run(lake, W52, until="track_vessels")
    assert table(lake, "silver.vessel_classes")["ship_bucket"].n_unique() == 1
    load_ports(lake, (rectangle_port("XXNEW", 10.0, 10.0, 10.1, 10.1),), "second")
    for week in (W53, W01):
        run(lake, week, until="track_vessels")
    one_by_one = content(lake, SILVER)
    late = write_noaa(tmp_path / "late.csv", [position("2020-12-21T00:00:00", 366000099)])
    ingest(lake, late)
    assert run(lake, W01, until="track_vessels")["track_vessels"].period == ALL_WEEKS
    ingest(lake, write_noaa(late, []))
    assert run(lake, W01, until="track_vessels")["track_vessels"].period == ALL_WEEKS
    assert versions(lake) == {W52.name: "first", W53.name: "second", W01.name: "second"}
    assert_same_content(content(lake, SILVER), one_by_one)


def test_areas_count_from_valid_from_to_the_day_before_valid_to(settings: Settings) -> None:
    """The harbour is XXOLD to the end of 27 December and XXNEW from the 28th on; the ship stays over midnight."""
    box = (0.9, 49.9, 1.1, 50.1)
    areas = (
        rectangle_port("XXOLD", *box, valid_to="2020-12-28"),
        rectangle_port("XXNEW", *box, valid_from="2020-12-28"),
    )
    load_ports(settings, areas)
    ingest(settings, *files_of(settings, [row for row in WORLD if row["MMSI"] in (MIDNIGHT, FAR_MMSI)]))
    run(settings, Period(W52, W53))
    shown = [
        (c["port_locode"], c["confidence"], *moments(c, "arrived", "departed"))
        for c in calls_of(settings, MIDNIGHT)
    ]
    assert shown == [("XXOLD", 4, "12-27 20:00", "12-28 00:00"), ("XXNEW", 4, "12-28 00:00", "12-28 06:00")]
    assert value(settings, W52, "arrivals", "XXOLD") == 1
    assert value(settings, W53, "arrivals", "XXNEW") == 1


# --- (i): broken off between commits ------------------------------------------------------------------------


class BrokenOffError(Exception):
    """Stands for a power cut."""


@pytest.fixture
def break_off(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Makes a pipeline end before its commit number `nth`, counted from 0, or before another of its writes."""

    def arm(module: Any, nth: int, name: str = "commit") -> None:
        made = 0
        whole = getattr(module, name)

        def commit(*arguments: Any, **keywords: Any) -> Any:
            nonlocal made
            if made == nth:
                raise BrokenOffError
            made += 1
            return whole(*arguments, **keywords)

        monkeypatch.setattr(module, name, commit)

    yield arm
    monkeypatch.undo()


@pytest.fixture(scope="module")
def half_way(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A lake with all files, whose first week is folded and has figures. Not to be changed."""
    made = Settings(tmp_path_factory.mktemp("half-way") / "data", shuffle_partitions=1)
    load_ports(made)
    ingest(made, *files_of(made, WORLD))
    run(made, W52)
    return made


@pytest.mark.parametrize("nth", range(len(track_vessels.COMMIT_ORDER)), ids=track_vessels.COMMIT_ORDER)
def test_a_fold_broken_off_between_commits_ends_in_the_same_tables(
    half_way: Settings,
    expected: dict[str, pl.DataFrame],
    break_off: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    nth: int,
) -> None:
    lake = copied(half_way, tmp_path)
    break_off(track_vessels, nth)
    with pytest.raises(BrokenOffError):
        run(lake, Period(W53, W01))
    monkeypatch.undo()
    run(lake, Period(W53, W01), until="derive_voyages")
    silver = {name: frame for name, frame in expected.items() if name not in GOLD}
    assert_same_content(content(lake, SILVER), silver)


@pytest.mark.parametrize("nth", [0, 1])
def test_figures_broken_off_between_commits_end_in_the_same_tables(
    half_way: Settings,
    expected: dict[str, pl.DataFrame],
    break_off: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    nth: int,
) -> None:
    lake = copied(half_way, tmp_path)
    break_off(gold, nth)
    with pytest.raises(BrokenOffError):
        run(lake, ALL_WEEKS)
    monkeypatch.undo()
    run(lake, ALL_WEEKS)
    assert_same_content(content(lake), expected)


INGESTED = ("bronze.ais_messages", "bronze.ais_static_messages", "quarantine.messages", "ops.ingested_files")


def taken_in(lake: Settings) -> dict[str, pl.DataFrame]:
    """What ingest has written, without the time of delivery."""
    frames = {name: table(lake, name) for name in INGESTED}
    return {name: f.drop("delivered_at_utc", strict=False).sort(pl.all()) for name, f in frames.items()}


@pytest.mark.parametrize(
    "nth", range(4), ids=["before quarantine", "before statics", "before bronze", "before the record"]
)
def test_a_delivery_broken_off_between_commits_ends_in_the_same_tables(
    lake: Settings,
    break_off: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    nth: int,
) -> None:
    """The corrected file of a name is broken off and delivered again."""
    first, corrected = (
        write_noaa(tmp_path / name / "day.csv", rows)
        for name, rows in (("first", FIRST_DELIVERY), ("corrected", CORRECTED))
    )
    ingest(lake, first)
    undisturbed = copied(lake, tmp_path / "undisturbed")
    ingest(undisturbed, corrected)
    break_off(ingest_commit, nth)
    with pytest.raises(BrokenOffError):
        ingest(lake, corrected)
    monkeypatch.undo()
    ingest(lake, corrected)
    frames = taken_in(undisturbed)
    for name, frame in taken_in(lake).items():
        assert frame.equals(frames[name]), name


def test_a_delivery_broken_off_and_corrected_before_it_comes_again_leaves_no_rows_behind(
    lake: Settings, break_off: Callable[..., None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Bronze held the first content when the run was broken off; its name then comes with another one."""
    break_off(ingest_commit, 2)
    with pytest.raises(BrokenOffError):
        ingest(lake, write_noaa(tmp_path / "day.csv", FIRST_DELIVERY))
    monkeypatch.undo()
    ingest(lake, write_noaa(tmp_path / "day.csv", CORRECTED))
    recorded = table(lake, "ops.ingested_files", is_current=True)
    assert table(lake, "bronze.ais_messages").height == recorded["rows_accepted"].sum()
    assert table(lake, "quarantine.messages").height == recorded["rows_quarantined"].sum()


def test_a_publication_broken_off_before_its_record_ends_in_the_same_release(
    backfilled: Settings,
    break_off: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    def publish(lake: Settings) -> str:
        week = Period(W01, W01)
        release: str = runner.run_task("publish_release", Job(lake, week))[0].release_id
        return release

    undisturbed, lake = copied(backfilled, tmp_path / "undisturbed"), copied(backfilled, tmp_path / "broken")
    wanted = publish(undisturbed)
    break_off(publish_release, 0, "append_release")
    with pytest.raises(BrokenOffError):
        publish(lake)
    assert read_releases(lake) == []
    monkeypatch.undo()
    assert publish(lake) == wanted
    files = {path.name: path.read_bytes() for path in (undisturbed.releases / wanted).iterdir()}
    assert {path.name: path.read_bytes() for path in (lake.releases / wanted).iterdir()} == files
    assert [path.name for path in lake.releases.iterdir()] == [wanted]
