"""Berths and anchorages from a real day, compared with the World Port Index."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from ais_indicators.geo.port_derivation import Derivation, derive_areas
from ais_indicators.geo.port_files import PortFile, read_port_file
from ais_indicators.geo.port_geojson import feature_of, geojson_text
from ais_indicators.geo.stays import FIX_COLUMNS, cell_ships
from tests.subject_rules import SHIP_RULES

DAY_FILE = "ais/noaa_2020-01-01_gulf_west_inland.parquet"
PORT_FILE = "ports/WPI_UpdatedPub150.csv"
HOUSTON_SHIP_CHANNEL = shapely.box(-95.30, 29.65, -94.93, 29.78)
OFF_GALVESTON = shapely.box(-94.80, 29.15, -94.45, 29.40)
OPEN_SEA = shapely.box(-94.65, 29.0, -94.3, 29.35)


@pytest.fixture(scope="module")
def ports(shared_data: Path) -> PortFile:
    return read_port_file(shared_data / PORT_FILE, SHIP_RULES)


@pytest.fixture(scope="module")
def fixes(shared_data: Path) -> pa.Table:
    """The day as it was broadcast, a number for a track."""
    path = shared_data / DAY_FILE
    if not path.exists():
        pytest.skip(f"no real data: {path} is not there")
    raw = pq.read_table(path, columns=["MMSI", "BaseDateTime", "LAT", "LON", "SOG"])
    times = raw["BaseDateTime"].cast(pa.timestamp("us")).cast(pa.timestamp("us", "UTC"))
    columns = [raw["MMSI"], raw["MMSI"], times, raw["LAT"], raw["LON"], raw["SOG"]]
    types = [pa.int64(), pa.int64(), times.type, pa.float64(), pa.float64(), pa.float64()]
    return pa.table([c.cast(t) for c, t in zip(columns, types, strict=True)], names=list(FIX_COLUMNS))


@pytest.fixture(scope="module")
def found(fixes: pa.Table, ports: PortFile) -> Derivation:
    return derive_areas(cell_ships(fixes, SHIP_RULES), ports.areas, SHIP_RULES)


def ports_of(found: Derivation, kind: str, box: shapely.Polygon) -> list[str]:
    """Port of each area of a kind in a box."""
    inside = [d.area for d in found.areas if shapely.intersects(box, d.area.geometry)]
    return [area.port_locode for area in inside if area.area_kind == kind]


def test_the_ship_channel_of_houston_has_berths_and_no_anchorage(found: Derivation) -> None:
    berths = ports_of(found, "berth", HOUSTON_SHIP_CHANNEL)
    assert len(berths) >= 20
    assert {"USHOU", "USHPY"} <= set(berths)
    assert ports_of(found, "anchorage", HOUSTON_SHIP_CHANNEL) == []


def test_off_galveston_ships_lie_at_anchor(found: Derivation) -> None:
    anchorages = ports_of(found, "anchorage", OFF_GALVESTON)
    assert len(anchorages) >= 3
    assert set(anchorages) == {"USGLS"}
    assert ports_of(found, "berth", OPEN_SEA) == []


def test_the_file_loads_without_new_problems(found: Derivation, ports: PortFile, tmp_path: Path) -> None:
    path = tmp_path / "derived.geojson"
    areas = [*ports.areas, *(derived.area for derived in found.areas)]
    path.write_text(geojson_text([feature_of(area) for area in areas]), encoding="utf-8")
    back = read_port_file(path, SHIP_RULES)
    assert len(back.areas) == len(areas)
    assert all("overlap" in problem or "left unknown" in problem for problem in back.problems)
    assert all(0.005 < d.area.area_km2 < 50.0 for d in found.areas)
    assert found.sparse_cells > 0
    assert found.far_from_ports > 0
