"""Feeds whose latitudes and longitudes are exchanged: a warning, by where ports are."""

from pathlib import Path

import numpy as np
import pytest

from ais_indicators import runner
from ais_indicators.geo.exchanged import are_positions_exchanged
from ais_indicators.ingestion.source_check import look_at
from ais_indicators.job import Job
from ais_indicators.settings import Settings
from ais_indicators.sources import inspect, plan, read_chunk
from tests.subject_rules import SHIP_RULES

HEADER = "MMSI,BaseDateTime,LAT,LON,SOG\n"
ROTTERDAM, SUVA, LAGOS, MID_ATLANTIC = (51.95, 4.05), (-18.13, 178.42), (6.4, 3.4), (35.0, -40.0)
REAL = ("noaa_2022-01-03_first_99999_rows.csv.gz", "noaa_2020-01-01_gulf_west_inland.parquet")


def are_exchanged(*places: tuple[float, float]) -> bool:
    latitude, longitude = np.array(places, np.float64).reshape(-1, 2).T
    return are_positions_exchanged(latitude, longitude, SHIP_RULES)


def exchanged(*places: tuple[float, float]) -> list[tuple[float, float]]:
    return [(longitude, latitude) for latitude, longitude in places]


def test_positions_near_a_port_only_when_exchanged_are_exchanged() -> None:
    assert are_exchanged(*exchanged(ROTTERDAM, ROTTERDAM)) is True
    assert are_exchanged(ROTTERDAM, ROTTERDAM) is False
    assert are_exchanged(*[MID_ATLANTIC] * 3) is False
    assert are_exchanged(*exchanged(*[MID_ATLANTIC] * 3)) is False
    assert are_exchanged() is False


@pytest.mark.parametrize(("far", "found"), [(23, True), (24, False)])
def test_at_least_three_tenths_have_to_be_near_a_port_when_exchanged(far: int, found: bool) -> None:
    assert SHIP_RULES.exchanged_near_share == 0.3
    assert are_exchanged(*exchanged(*[ROTTERDAM] * 10, *[MID_ATLANTIC] * far)) is found


@pytest.mark.parametrize(("right", "found"), [(2, True), (3, False)])
def test_at_most_a_tenth_may_be_near_a_port_as_they_stand(right: int, found: bool) -> None:
    assert SHIP_RULES.as_given_near_share == 0.1
    assert are_exchanged(*exchanged(*[ROTTERDAM] * (20 - right)), *[ROTTERDAM] * right) is found


IONIAN = [(36.0 + n / 100, 17.5 + n / 80) for n in range(120)]
INLAND = {
    "Cologne": (50.94, 6.96),
    "Vienna": (48.22, 16.4),
    "Paris": (48.85, 2.35),
    "St Louis": (38.63, -90.18),
    "Manaus": (-3.13, -60.0),
}


def test_a_feed_of_the_open_sea_is_found_by_the_land() -> None:
    assert are_exchanged(*exchanged(*IONIAN)) is True
    assert are_exchanged(*IONIAN) is False


@pytest.mark.parametrize("place", INLAND.values(), ids=INLAND)
def test_a_feed_of_a_river_is_not_exchanged(place: tuple[float, float]) -> None:
    assert are_exchanged(*[place] * 50) is False


SUDAN, GULF_OF_GUINEA, ON_LAND_BOTH_WAYS = (18.0, 36.0), (2.0, 2.0), (20.0, 20.0)


@pytest.mark.parametrize(("at_sea", "found"), [(10, True), (11, False)])
def test_half_of_the_positions_have_to_be_on_land(at_sea: int, found: bool) -> None:
    assert SHIP_RULES.as_given_land_share == 0.5
    assert are_exchanged(*[SUDAN] * 10, *[GULF_OF_GUINEA] * at_sea) is found


@pytest.mark.parametrize(("both", "found"), [(2, True), (3, False)])
def test_at_most_a_tenth_may_be_on_land_when_exchanged(both: int, found: bool) -> None:
    assert SHIP_RULES.exchanged_land_share == 0.1
    assert are_exchanged(*[SUDAN] * (20 - both), *[ON_LAND_BOTH_WAYS] * both) is found


def write(path: Path, places: list[tuple[float, float]]) -> Path:
    rows = [f"36699{n:04d},2020-01-01T00:00:00,{lat},{lon},5.0\n" for n, (lat, lon) in enumerate(places)]
    path.write_text(HEADER + "".join(rows))
    return path


@pytest.mark.parametrize(
    ("places", "found"), [([ROTTERDAM, LAGOS], False), (exchanged(ROTTERDAM, LAGOS), True)]
)
def test_ingest_and_the_look_at_a_file_warn(
    settings: Settings, tmp_path: Path, places: list[tuple[float, float]], found: bool
) -> None:
    path = write(tmp_path / "day.csv", places)
    assert look_at(settings, path, rules=SHIP_RULES).is_exchanged is found
    (report,) = runner.run_task("ingest_messages", Job(settings, paths=(path,))).files
    assert (report.is_exchanged, report.rows_accepted) == (found, 2)


@pytest.mark.parametrize("name", REAL)
def test_real_files_are_not_exchanged_and_are_found_when_they_are(
    shared_data: Path, tmp_path: Path, name: str
) -> None:
    source = inspect(shared_data / "ais" / name, rules=SHIP_RULES)
    rows = next(read_chunk(plan(source, tmp_path, rules=SHIP_RULES)[0], SHIP_RULES)).rows
    latitude, longitude = (rows[column].drop_null().to_numpy() for column in ("latitude", "longitude"))
    assert are_positions_exchanged(latitude[::50], longitude[::50], SHIP_RULES) is False
    possible = np.abs(longitude) <= 90
    if possible.mean() > 0.9:
        assert (
            are_positions_exchanged(longitude[possible][::50], latitude[possible][::50], SHIP_RULES) is True
        )
