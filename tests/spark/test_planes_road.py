"""Planes through the complete pipeline: simulated flights, ingest, fold, weekly values, evaluation."""

import json
from pathlib import Path

import polars as pl
import pytest

from ais_indicators.io.delta import read_rows
from ais_indicators.settings import Settings
from tests.caller import Caller
from tests.messages import by_day, stay, write_days
from tests.planes_lake import PLANES, WEEKS, PlanesLake

ENDS = ("arrivals", "departures")


@pytest.fixture
def folder(planes_lake: PlanesLake) -> Path:
    """Holds the sky and the lake that all tests of this file look at."""
    return planes_lake.folder


@pytest.fixture
def call(planes_lake: PlanesLake, capsys: pytest.CaptureFixture[str]) -> Caller:
    """Calls commands on the one lake."""
    return Caller(planes_lake.data_dir, capsys)


@pytest.fixture
def air(planes_lake: PlanesLake) -> Settings:
    """The lake, filled and folded."""
    return Settings(planes_lake.data_dir, shuffle_partitions=1)


def test_weeks_of_flights_are_computed_and_shown(planes_lake: PlanesLake) -> None:
    assert planes_lake.simulated["days"] == 14
    assert planes_lake.simulated["flights"] > 800
    for week, printed in planes_lake.printed.items():
        assert f"Airports in {week}" in printed


def test_arrivals_and_departures_are_found(call: Caller, folder: Path) -> None:
    found = call.json("evaluate", "--truth", folder / "sky", "--out", folder / "evaluation")
    for end in ENDS:
        assert found[end]["true"] > 800
        assert found[end]["precision"] >= 0.99
        assert found[end]["recall"] >= 0.99
        assert abs(found[end]["median_minutes_late"]) < 2
    assert found["touch_and_goes_counted_as_arrivals"] == 0
    assert (
        json.loads((folder / "evaluation" / "evaluation.json").read_text())["arrivals"] == found["arrivals"]
    )


def test_the_weekly_values_are_those_of_the_truth(call: Caller, folder: Path) -> None:
    figures = call.json("evaluate", "--truth", folder / "sky")
    assert figures["weekly_figures"]["compared"] >= 2 * 2 * 12, "two ends of two weeks at a dozen airports"
    assert figures["weekly_figures"]["largest_difference"] <= 1
    assert sum(row["true"] for row in figures["weekly"]) > 1600


def test_every_row_is_accounted_for(air: Settings) -> None:
    files = pl.DataFrame(read_rows(air, "ops.ingested_files"))
    assert set(files["layout"]) == {"opensky"}
    read, taken, kept_out = (
        int(sum(files[name].to_list())) for name in ("rows_read", "rows_accepted", "rows_quarantined")
    )
    assert read == taken + kept_out
    positions, lost = (read_rows(air, name).num_rows for name in ("silver.positions", "quarantine.messages"))
    assert positions + lost == read
    tracks = pl.DataFrame(read_rows(air, "silver.tracks")).filter(~pl.col("is_stub"))
    assert tracks["mmsi"].n_unique() == PLANES
    assert tracks.filter(pl.col("mmsi") >= 2**24).is_empty()


def test_planes_pass_no_straits_and_visit_nothing_in_the_air(air: Settings) -> None:
    assert read_rows(air, "silver.chokepoint_transits").num_rows == 0
    at_airport = pl.DataFrame(read_rows(air, "silver.positions")).filter(pl.col("port_locode").is_not_null())
    assert at_airport.height > 1000
    assert at_airport.filter(pl.col("sog_knots") > 200).is_empty()


def test_ships_are_refused_by_one_clear_sentence(call: Caller, tmp_path: Path) -> None:
    rows = stay("2026-01-05T10:00", "2026-01-05T12:00", latitude=50.0, longitude=1.0)
    assert len(by_day(rows)) == 1
    (messages,) = write_days(tmp_path, rows)
    for command in (("ingest", messages), ("sources", "check", messages)):
        answer = call(*command)
        assert answer.code == 4
        assert "contains ships, and the lake in" in answer.sentences[-1]
        assert "has the subject planes" in answer.sentences[-1]
    assert call("init", "--subject", "ships").code == 2
    assert call("ports", "load").code == 4


def test_the_state_of_the_lake_is_that_of_the_tasks_of_planes(call: Caller) -> None:
    said = call.json("status")
    assert said["subject"] == "planes"
    assert [(week["week"], week["state"]) for week in said["weeks"]] == [(week, "current") for week in WEEKS]


def test_what_is_a_matter_of_ships_is_wrong_use(call: Caller, folder: Path) -> None:
    for command in (
        ("publish", "--week", WEEKS[0]),
        ("run", "--week", WEEKS[0], "--only", "compute_trade_flows"),
    ):
        assert call(*command).code == 2
    assert call("evaluate", "--truth", folder / "sky", "--release", "latest").code == 2


def test_a_lake_of_ships_refuses_flights(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sea = Caller(tmp_path / "sea", capsys)
    (first, *_) = sorted((folder / "sky" / "messages").iterdir())
    answer = sea("ingest", first)
    assert answer.code == 4
    assert "contains planes" in answer.sentences[-1]
    assert sea("ports", "load", folder / "sky" / "airports.geojson").code == 4
    assert sea("evaluate", "--truth", folder / "sky").code == 2
