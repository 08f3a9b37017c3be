"""Compiles the fold ahead of its first use: `python -m ais_indicators.pipelines.compile_fold`.

The result is cached beside the package, so that no run has to wait for it.
"""

import sys
from datetime import date

import numpy as np
import shapely

from ais_indicators.fold.day import fold_day, fold_week_end
from ais_indicators.fold.kernel import Fixes
from ais_indicators.fold.records import Carried, Thresholds
from ais_indicators.geo.cells import h3_cells
from ais_indicators.geo.gate_files import read_gate_file
from ais_indicators.geo.gate_index import GateIndex
from ais_indicators.geo.port_files import PortArea
from ais_indicators.geo.port_index import PortIndex
from ais_indicators.geo.tessellation import cover_with_cells
from ais_indicators.rules import rule


def compile_fold() -> None:
    """Runs every compiled function once, on one fix near two ports."""
    rules = Thresholds.from_rules()
    square = shapely.box(0.0, 0.0, 0.1, 0.1)
    areas = [
        PortArea(0, "XXAAA", "square", None, "port", square, 0.05, 0.05, 123.0, None, None),
        PortArea(1, "XXBBB", "point", None, "port", None, 1.0, 1.0, 28.0, None, None),
    ]
    index = PortIndex.build(areas, cover_with_cells(areas, int(rule("port_cell_resolution"))))
    place = np.array([0.05])
    port, anchorage = index.match(place, place)
    h3_cells(place, place, int(rule("activity_cell_resolution")))
    gate = GateIndex(read_gate_file(None).areas).match(date(1970, 1, 1), place, place)
    fixes = Fixes(np.array([366000001]), np.array([0]), place, place, place, port, anchorage, gate)
    day = fold_day(fixes, Carried.empty(), index.outlines, rules)
    fold_week_end(day.carried, 1, rules)


if __name__ == "__main__":
    sys.stdout.write("Compiling the fold (once; up to a minute)\n")
    compile_fold()
