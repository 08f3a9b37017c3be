"""From messages with draughts to voyages and flows: the rows are the same in whichever way the weeks are computed."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from ais_indicators import runner
from ais_indicators.job import Job
from ais_indicators.periods import Period, Week
from ais_indicators.settings import Settings
from tests.messages import (
    Row,
    assert_same_content,
    content,
    every_hour,
    position,
    rectangle_port,
    stay,
    table,
    write_noaa,
    write_ports,
)

W52, W53, W01 = (Week.parse(name) for name in ("2020-W52", "2020-W53", "2021-W01"))
TABLES = ("silver.draught_reports", "silver.voyages", "silver.voyage_draws", "gold.trade_flows_weekly")
ONE, OTHER = (50.0, 1.0), (52.0, 1.0)
SHIPS = {366000001: "IMO9134270", 366000002: "IMO9074729"}


def says(mmsi: int, draught_m: float) -> dict[str, Any]:
    return {"IMO": SHIPS[mmsi], "Draft": draught_m, "Length": 151, "Width": 24}


def lies(place: tuple[float, float], first: str, last: str, mmsi: int, draught_m: float) -> list[Row]:
    where = {"latitude": place[0], "longitude": place[1]}
    return stay(first, last, 120, mmsi=mmsi, **where, **says(mmsi, draught_m))


def sails(moment: str, mmsi: int, draught_m: float, latitude: float = 51.0) -> Row:
    return position(moment, mmsi, latitude, 1.0, 12.0, **says(mmsi, draught_m))


WORLD: list[Row] = [
    *every_hour(W52, W53, W01),
    sails("2020-12-21T00:00:00", 366000001, 6.4),
    *lies(ONE, "2020-12-21T12:00:00", "2020-12-22T12:00:00", 366000001, 6.4),
    sails("2020-12-22T20:00:00", 366000001, 8.9),
    *lies(OTHER, "2020-12-23T12:00:00", "2020-12-24T12:00:00", 366000001, 8.9),
    sails("2020-12-24T20:00:00", 366000001, 6.4),
    *lies(ONE, "2020-12-27T12:00:00", "2020-12-28T12:00:00", 366000001, 6.4),
    # nobody types in the new draught, and it is typed in after the next call, in the week after
    sails("2020-12-28T20:00:00", 366000001, 6.4),
    *lies(OTHER, "2021-01-03T12:00:00", "2021-01-04T06:00:00", 366000001, 6.4),
    sails("2021-01-04T14:00:00", 366000001, 7.0),
    sails("2020-12-25T00:00:00", 366000002, 7.5),
    *lies(ONE, "2020-12-25T12:00:00", "2020-12-26T12:00:00", 366000002, 7.5),
    sails("2020-12-26T20:00:00", 366000002, 8.0),
    *lies(OTHER, "2020-12-30T12:00:00", "2020-12-31T12:00:00", 366000002, 8.0),
    sails("2021-01-05T14:00:00", 366000002, 7.0),
]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The messages of each week as a file."""
    folder = tmp_path_factory.mktemp("deliveries")
    mondays = [week.monday.isoformat() for week in (W53, W01)]
    weeks = [
        [row for row in WORLD if sum(row["BaseDateTime"] >= monday for monday in mondays) == number]
        for number in range(3)
    ]
    return [write_noaa(folder / f"{number}.csv", rows) for number, rows in enumerate(weeks)]


def new_lake(settings: Settings, folder: str) -> Settings:
    lake = Settings(settings.data_dir / folder, shuffle_partitions=1)
    areas = [
        rectangle_port("XXAAA", 0.95, 49.95, 1.05, 50.05),
        rectangle_port("XXBBB", 0.95, 51.95, 1.05, 52.05),
    ]
    areas[1]["properties"]["country_iso3"] = "BEL"
    path = write_ports(settings.data_dir.parent / "ports.geojson", areas)
    runner.run_task("load_ports", Job(lake, paths=(path,), port_version="first"))
    return lake


def run(lake: Settings, first: Week, last: Week) -> None:
    job = Job(lake, Period(first, last))
    for name in ("track_vessels", "identify_vessels", "derive_voyages", "compute_trade_flows"):
        runner.run_weekly(job, only=name)


def test_weeks_one_by_one_and_late_files_are_the_backfill(settings: Settings, files: list[Path]) -> None:
    backfill, weekly, late = (new_lake(settings, name) for name in ("backfill", "weekly", "late"))
    runner.run_task("ingest_messages", Job(backfill, paths=tuple(files)))
    run(backfill, W52, W01)
    for file, week in zip(files, (W52, W53, W01), strict=True):
        runner.run_task("ingest_messages", Job(weekly, paths=(file,)))
        run(weekly, week, week)
    for file in (files[0], files[2], files[1]):
        runner.run_task("ingest_messages", Job(late, paths=(file,)))
    run(late, W52, W53)
    run(late, W01, W01)
    wanted = content(backfill, TABLES)
    assert_same_content(content(weekly, TABLES), wanted)
    assert_same_content(content(late, TABLES), wanted)
    voyages = wanted["silver.voyages"].filter(vessel_id="imo-9134270").sort("destination_entered_at_utc")
    assert voyages["onward_draught_code"].to_list()[-4:] == [
        "reported",
        "reported",
        "own_port_mean",
        "reported",
    ]
    assert wanted["gold.trade_flows_weekly"].filter(indicator="tonnes")["value"].drop_nulls().sum() > 0


def test_a_second_run_changes_nothing(settings: Settings, files: list[Path]) -> None:
    lake = new_lake(settings, "twice")
    runner.run_task("ingest_messages", Job(lake, paths=(files[0],)))
    run(lake, W52, W52)
    job = Job(lake, Period(W52, W52))
    assert [runner.run_weekly(job, only=n)[n] for n in ("derive_voyages", "compute_trade_flows")] == [[], []]
    flows = table(lake, "gold.trade_flows_weekly")
    assert isinstance(flows, pl.DataFrame)
    assert set(flows["obs_status"].to_list()) <= {"P", "O"}
