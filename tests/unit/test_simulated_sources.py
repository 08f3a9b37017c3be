"""Releases of simulated data: they name no real source, whatever layout the files have."""

from pathlib import Path

import pytest

from ais_indicators.contracts.attributions import SIMULATED
from ais_indicators.ingestion.known_layouts import attributions
from ais_indicators.io.delta import create_tables, read_rows
from ais_indicators.job import Job
from ais_indicators.pipelines.ingest_messages import run
from ais_indicators.settings import Settings
from ais_indicators.sources.simulated import MARKER
from ais_simulator.evaluation.truth import SIMULATION
from ais_simulator.flights.simulation import MARKER as OF_FLIGHTS
from ais_simulator.simulation import MARKER as OF_SHIPS
from tests.messages import position, write_noaa

NOAA = "NOAA MarineCadastre, US Coast Guard"


def delivered(tmp_path: Path, marker: str | None, folder: str = "messages") -> list[str]:
    """Takes in a file in NOAA's layout, with a marker at a path or none; gives what must be said of the sources."""
    settings = Settings(tmp_path / "data")
    create_tables(settings)
    (tmp_path / folder).mkdir(exist_ok=True)
    if marker is not None:
        path = tmp_path / marker
        path.parent.mkdir(exist_ok=True)
        path.write_text("{}", encoding="utf-8")
    file = write_noaa(tmp_path / folder / "AIS_2026_01_05.csv", [position("2026-01-05T00:00:00")])
    run(Job(settings, paths=(file,)))
    return attributions(settings, read_rows(settings, "ops.ingested_files").to_pylist())


def test_the_markers_of_the_simulations_are_the_one_that_is_looked_for() -> None:
    assert {OF_SHIPS, OF_FLIGHTS, SIMULATION} == {MARKER}


@pytest.mark.parametrize("marker", ["truth/simulation.json", "messages/simulation.json"])
def test_simulated_files_in_the_layout_of_noaa_are_not_of_noaa(tmp_path: Path, marker: str) -> None:
    assert delivered(tmp_path, marker) == [SIMULATED]


@pytest.mark.parametrize("marker", [None, "elsewhere/simulation.json"])
def test_files_without_a_marker_are_of_the_source_of_their_layout(tmp_path: Path, marker: str | None) -> None:
    assert delivered(tmp_path, marker) == [NOAA]


def test_real_and_simulated_files_are_both_named(tmp_path: Path) -> None:
    rows = [{"layout": "noaa_2018", "is_simulated": said} for said in (True, False, None)]
    assert attributions(Settings(tmp_path), rows) == [NOAA, SIMULATED]
