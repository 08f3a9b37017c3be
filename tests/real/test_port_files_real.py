"""Real port files and a real day of fixes."""

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import shapely

from ais_indicators.geo.cells import h3_cells, library_cells
from ais_indicators.geo.distance import great_circle_km
from ais_indicators.geo.port_files import PortFile, read_port_file
from ais_indicators.geo.port_index import PortIndex
from ais_indicators.geo.tessellation import cover_with_cells
from tests.subject_rules import SHIP_RULES

DATA = Path(__file__).parents[2] / ".." / "shared" / "data"
WPI = DATA / "ports" / "WPI_UpdatedPub150.csv"
DAY = DATA / "ais" / "noaa_2020-01-01_gulf_west_inland.parquet"
FIXES = 200_000

pytestmark = pytest.mark.skipif(not WPI.exists(), reason=f"no real data: {WPI} is not there")


@pytest.fixture(scope="module")
def world_ports() -> PortFile:
    return read_port_file(WPI, SHIP_RULES)


@pytest.fixture(scope="module")
def index(world_ports: PortFile) -> PortIndex:
    cells = cover_with_cells(world_ports.areas, SHIP_RULES.port_cell_resolution, rules=SHIP_RULES)
    return PortIndex.build(world_ports.areas, cells, SHIP_RULES)


def test_the_world_port_index_is_read_whole(world_ports: PortFile) -> None:
    assert len(world_ports.areas) == 3768
    assert len({a.port_locode for a in world_ports.areas}) > 3700
    unknown = {a.port_name for a in world_ports.areas if a.country_iso3 is None}
    assert unknown == {"Wake Island", "Johnston Atoll", "Midway Island"}
    assert sum("overlap" in problem for problem in world_ports.problems) == 1
    assert not any("left out" in problem for problem in world_ports.problems)


def test_drawn_areas_without_our_properties_are_refused_by_name() -> None:
    with pytest.raises(Exception, match="port_locode is missing"):
        read_port_file(DATA / "ports" / "osm_industrial_port_us.geojson", SHIP_RULES)


@pytest.mark.skipif(not DAY.exists(), reason=f"no real data: {DAY} is not there")
def test_a_real_day_is_matched_as_by_hand(world_ports: PortFile, index: PortIndex) -> None:
    fixes = next(pq.ParquetFile(DAY).iter_batches(FIXES, columns=["LAT", "LON"]))
    latitude, longitude = fixes["LAT"].to_numpy(), fixes["LON"].to_numpy()
    for resolution in (6, 8):
        expected = library_cells(latitude, longitude, resolution)
        assert (h3_cells(latitude, longitude, resolution) == expected).all()
    matched = index.match(latitude, longitude)[0]
    assert 0.1 < np.mean(matched >= 0) < 0.6
    areas = sorted(world_ports.areas, key=lambda area: area.port_locode)
    tree = shapely.STRtree(shapely.points([(a.centre_longitude, a.centre_latitude) for a in areas]))
    for n in range(0, FIXES, 400):
        box = shapely.box(longitude[n] - 0.1, latitude[n] - 0.1, longitude[n] + 0.1, latitude[n] + 0.1)
        near = (areas[i] for i in sorted(tree.query(box)))
        held = (a for a in near if _km_to(a, latitude[n], longitude[n]) <= SHIP_RULES.point_port_entry_km)
        expected_code = next((a.port_locode for a in held), None)
        assert (*index.port_locodes, None)[matched[n]] == expected_code


def _km_to(area, latitude: float, longitude: float) -> float:  # type: ignore[no-untyped-def]
    return float(great_circle_km(latitude, longitude, area.centre_latitude, area.centre_longitude))
