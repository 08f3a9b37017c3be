"""A strait along the equator: side A from 0.2 W to 0, the gate from 0 to 0.2 E, side B from 0.2 to 0.4 E."""

import pytest
from shapely.geometry import box

from ais_indicators.geo.gate_files import GateArea
from ais_indicators.geo.gate_index import GateIndex
from ais_indicators.geo.outlines import polygon_km2
from ais_indicators.geo.port_index import PortIndex
from tests.fold_harness import port_index
from tests.second_reading import Area


@pytest.fixture(scope="module")
def index() -> PortIndex:
    """One port far away, with an anchorage off side A."""
    return port_index([Area("XXAAA", "port", (((9.0, 9.0), (9.1, 9.0), (9.1, 9.1), (9.0, 9.1)),))])


@pytest.fixture(scope="module")
def gates() -> GateIndex:
    shapes = {
        "gate": box(0, -0.1, 0.2, 0.1),
        "side_a": box(-0.2, -0.1, 0, 0.1),
        "side_b": box(0.2, -0.1, 0.4, 0.1),
    }
    areas = [
        GateArea(n, "strait", "Strait", kind, None, shape, polygon_km2(shape))
        for n, (kind, shape) in enumerate(shapes.items())
    ]
    return GateIndex(tuple(areas))
