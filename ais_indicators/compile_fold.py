"""Compiles all compiled functions ahead of their first use: `python -m ais_indicators.compile_fold`.

The result is cached next to the package, so that no run has to wait for it.
"""

import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import numpy as np
import shapely

from ais_indicators.fold.day import fold_day, fold_week_end
from ais_indicators.fold.displacements import find_displacements
from ais_indicators.fold.echoes import EchoMemory, Heard, Limits, find_echoes
from ais_indicators.fold.kernel import Fixes
from ais_indicators.fold.records import Carried, Thresholds
from ais_indicators.fold.whereabouts import WHEREABOUTS, DisplacementLimits
from ais_indicators.geo.cells import h3_cells
from ais_indicators.geo.gate_files import read_gate_file
from ais_indicators.geo.gate_index import GateIndex
from ais_indicators.geo.port_files import PortArea
from ais_indicators.geo.port_index import PortIndex
from ais_indicators.geo.strait_ways import StraitWays
from ais_indicators.geo.tessellation import cover_with_cells
from ais_indicators.io.delta import create_tables
from ais_indicators.job import Job
from ais_indicators.periods import Period, Week
from ais_indicators.pipelines import ingest_messages, load_ports, track_vessels
from ais_indicators.rules import SHIPS, Rules
from ais_indicators.settings import Settings
from ais_simulator import Simulation, simulate_weeks
from ais_simulator.radio import Format
from ais_simulator.simulation import SimulatedSea

WEEK: Final = Week.parse("2026-W01")
RULES: Final = Rules.for_subject(SHIPS)
COMPILED_FORMATS: Final[tuple[Format, ...]] = ("noaa", "dma", "nmea")


def compile_fold() -> None:
    """Runs the compiled functions of the fold once, on one fix near two ports, with gates and without any."""
    thresholds = Thresholds.from_rules(RULES)
    square = shapely.box(0.0, 0.0, 0.1, 0.1)
    areas = [
        PortArea(0, "XXAAA", "square", None, "port", square, 0.05, 0.05, 123.0, None, None),
        PortArea(1, "XXBBB", "point", None, "port", None, 1.0, 1.0, 28.0, None, None),
    ]
    index = PortIndex.build(areas, cover_with_cells(areas, RULES.port_cell_resolution, rules=RULES), RULES)
    place = np.array([0.05])
    port, anchorage = index.match(place, place)
    h3_cells(place, place, RULES.activity_cell_resolution)
    gates, day = GateIndex(read_gate_file(None).areas), date(1970, 1, 1)
    gate = gates.match(day, place, place, RULES)
    resting = np.array([False])
    fixes = Fixes(np.array([366000001]), np.array([0]), place, place, place, resting, port, anchorage, gate)
    for ways in (StraitWays.empty(), gates.ways(day)):
        folded = fold_day(fixes, Carried.empty(), index.outlines, ways, thresholds)
        fold_week_end(folded.carried, 1, thresholds)
    nothing, limits = np.empty(0, WHEREABOUTS), DisplacementLimits.from_rules(RULES)
    find_displacements(fixes.mmsi, fixes.second, place, place, nothing, limits)


def compile_echoes() -> None:
    """Finds the echo of a moving and of a slow message once."""
    second = np.array([0, 60, 120, 3600, 3660])
    sog, place, not_off = np.array([9.0, 9.0, 0.0, 9.0, 0.0]), np.zeros(5), np.zeros(5, np.bool_)
    heard = Heard(np.full(5, 366000001), second, place, place, sog, place, place, not_off)
    find_echoes(heard, EchoMemory.empty(), Limits.from_rules(RULES))


def compile_simulation() -> None:
    """Writes a short day of a few ships in the formats that are compiled."""
    for written_as in COMPILED_FORMATS:
        with tempfile.TemporaryDirectory() as folder:
            _simulate(written_as, Path(folder))


def compile_ingest() -> None:
    """Decodes sentences and folds their week in a lake, for what is compiled by their columns."""
    with tempfile.TemporaryDirectory() as folder:
        made = _simulate("nmea", Path(folder))
        settings = Settings(Path(folder) / "data", cores=1, executor="local")
        create_tables(settings)
        load_ports.run(Job(settings, paths=(made.ports_file,)))
        ingest_messages.run(Job(settings, paths=made.message_files))
        track_vessels.run(Job(settings, Period(WEEK, WEEK)))


def _simulate(written_as: Format, folder: Path) -> SimulatedSea:
    return simulate_weeks(Simulation(WEEK.name, 1, 3, 7, written_as, thin_s=3600), folder / "sea", jobs=1)


def main() -> None:
    """Compiles the fold and the simulation at the same time, then what only a run of both needs."""
    sys.stdout.write("Compiling the fold, the decoder and the simulation (once; up to two minutes)\n")
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        steps = [pool.submit(step) for step in (compile_fold, compile_echoes, compile_simulation)]
        for step in steps:
            step.result()
    compile_ingest()


if __name__ == "__main__":
    main()
