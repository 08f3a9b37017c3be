"""One real day, from the raw file to the release, assessed by the second reading.

The second reading takes a minute for all ships of the day. `make test` has it read a sixth of them, by their numbers,
and `make test-all` all.
"""

import json
import os
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from ais_indicators import open_table, runner
from ais_indicators.job import Job
from ais_indicators.operations.heard_week import counted_activity
from ais_indicators.periods import Period, Week
from ais_indicators.releasing.history import read_history
from ais_indicators.releasing.record import read_releases
from ais_indicators.settings import Settings
from tests.examples import is_full
from tests.second_reading import Fix, circles_from_wpi, read
from tests.subject_rules import SHIP_RULES

pytestmark = pytest.mark.release_check
DAY_FILE = "ais/noaa_2020-01-01_gulf_west_inland.parquet"
PORT_FILE = "ports/WPI_UpdatedPub150.csv"
ROWS = 4_826_292
WEEK = Week.parse("2020-W01")
PARTS = 6
READ_PARTS = range(PARTS if is_full() else 1)
"""Remainders of the MMSIs of the ships that are read a second time."""

CARGO_AND_TANKER = ["cargo_unspecified", "tanker"]
HOUSTON = {"south": 29.65, "north": 29.78, "west": -95.30, "east": -94.93}

Event = tuple[int, str, str, int, int, int, int, int]


@pytest.fixture(scope="module")
def lake(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A lake in which the day with the World Port Index ended in a release."""
    settings = Settings(tmp_path_factory.mktemp("full-day"), shuffle_partitions=1)
    runner.run_task("load_ports", Job(settings, paths=(shared_data / PORT_FILE,)))
    runner.run_task("ingest_messages", Job(settings, paths=(shared_data / DAY_FILE,)))
    runner.run_weekly(Job(settings, Period(WEEK, WEEK)))
    return settings


def rows_of(settings: Settings, table: str) -> pl.DataFrame:
    rows: pl.DataFrame = open_table(table, data_dir=settings.data_dir).collect()
    return rows


def test_every_row_is_accounted_for(lake: Settings) -> None:
    file = rows_of(lake, "ops.ingested_files").to_dicts()[0]
    accepted, quarantined = file["rows_accepted"], file["rows_quarantined"]
    assert file["rows_read"] == ROWS == accepted + quarantined + file["rows_set_aside"]
    messages = open_table("bronze.ais_messages", data_dir=lake.data_dir).select(pl.len()).collect().item()
    positions = open_table("silver.positions", data_dir=lake.data_dir).select(pl.len()).collect().item()
    lost = rows_of(lake, "quarantine.messages").group_by("stage").len()
    by_stage = dict(lost.iter_rows())
    assert messages == accepted
    assert by_stage["ingest"] == quarantined
    assert positions + by_stage["fold"] == messages


def test_port_calls_are_those_of_the_second_reading(lake: Settings, shared_data: Path) -> None:
    rows = rows_of(lake, "silver.port_calls")
    ferries = frozenset(rows.filter(pl.col("vessel_class").is_in(SHIP_RULES.short_stop_classes))["mmsi"])
    assessed = {
        event for part in assess_parts([(str(shared_data), n, ferries) for n in READ_PARTS]) for event in part
    }
    made = {event_of(row) for row in rows.filter(pl.col("mmsi") % PARTS < len(READ_PARTS)).to_dicts()}
    calls = {e for e in assessed if e[2] == "port_call"}
    assert len(calls) > 500 * len(READ_PARTS)
    agreed = {(e[0], e[1]) for e in calls} & {(e[0], e[1]) for e in made if e[2] == "port_call"}
    assert len(agreed) >= 0.995 * len({(e[0], e[1]) for e in calls})
    assert made == assessed


def test_the_day_ends_in_a_served_release(lake: Settings) -> None:
    release = read_history(lake).served[WEEK.name]
    assert release == read_releases(lake)[-1]
    files = {path.name for path in (lake.releases / release.release_id).iterdir()}
    assert {"port_activity_weekly.csv", "port_activity_weekly.parquet", "manifest.json"} <= files


def test_cells_hold_every_position(lake: Settings) -> None:
    cells = rows_of(lake, "gold.cell_activity_weekly")
    positions = open_table("silver.positions", data_dir=lake.data_dir).select(pl.len()).collect().item()
    assert cells["messages"].sum() == positions


def test_houston_as_a_rectangle(lake: Settings, tmp_path: Path) -> None:
    """The same lake, with other ports: a backfill that asks for them redraws the week."""
    west, south, east, north = (HOUSTON[side] for side in ("west", "south", "east", "north"))
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    properties = {"port_locode": "USHOU", "port_name": "Houston", "country_iso3": "USA", "area_kind": "port"}
    feature = {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    path = tmp_path / "houston.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    version = runner.run_task("load_ports", Job(lake, paths=(path,))).version
    runner.run_weekly(Job(lake, Period(WEEK, WEEK), port_version=version))
    of_houston = (
        pl.col("port_locode") == "USHOU",
        pl.col("indicator") == "arrivals",
        pl.col("vessel_class").is_in(CARGO_AND_TANKER),
    )
    assert 11 <= counted_activity(lake, WEEK, SHIP_RULES).filter(*of_houston)["value"].sum() <= 15
    published = rows_of(lake, "gold.port_activity_weekly").filter(*of_houston)
    assert set(published.select("value", "obs_status").rows()) == {(None, "O")}, "one day of seven"
    history = read_history(lake)
    assert [history.is_served(r) for r in history.releases] == [False, True]


def assess_parts(tasks: list[tuple[str, int, frozenset[int]]]) -> list[list[Event]]:
    """Assesses one part here, and several in parallel."""
    if len(tasks) == 1:
        return [assess_part(tasks[0])]
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as pool:
        return list(pool.map(assess_part, tasks))


def assess_part(task: tuple[str, int, frozenset[int]]) -> list[Event]:
    """The second reading of the ships whose number leaves a remainder."""
    folder, part, ferries = task
    frame = (
        pl.scan_parquet(Path(folder) / DAY_FILE)
        .filter(pl.col("MMSI") % PARTS == part)
        .select(
            "MMSI",
            pl.col("BaseDateTime").dt.epoch("s"),
            "LAT",
            "LON",
            pl.when(pl.col("SOG") < 102.2).then("SOG"),
            pl.when(pl.col("COG") < 360).then("COG"),
            pl.when(pl.col("Heading") < 360).then("Heading"),
        )
        .collect()
    )
    fixes = (Fix(*row) for row in frame.iter_rows())
    reading = read(
        fixes, circles_from_wpi(Path(folder) / PORT_FILE), WEEK.end_second, short_stop_mmsis=ferries
    )
    return [
        (
            e.mmsi,
            e.port_locode,
            e.event_type,
            e.first_seen,
            e.last_seen,
            e.arrived_at or 0,
            e.departed_at or 0,
            e.confidence,
        )
        for e in reading.events
    ]


def event_of(row: dict[str, Any]) -> Event:
    """A row of `silver.port_calls` in the terms of the reference implementation."""
    return (
        row["mmsi"],
        row["port_locode"],
        row["event_type"],
        seconds(row["first_seen_at_utc"]),
        seconds(row["last_seen_at_utc"]),
        seconds(row["arrived_at_utc"]),
        seconds(row["departed_at_utc"]),
        row["confidence"],
    )


def seconds(time: datetime | None) -> int:
    return 0 if time is None else int(time.astimezone(UTC).timestamp())
