"""The file of derived port areas, and the task that writes it."""

import json
from pathlib import Path

import pyarrow as pa
import pytest
import shapely

from ais_indicators.contracts.types import arrow_schema
from ais_indicators.errors import WrongUseError
from ais_indicators.geo.port_geojson import feature_of, geojson_text
from ais_indicators.geo.stays import FIX_COLUMNS
from ais_indicators.io.delta import commit, create_tables
from ais_indicators.io.staging import stage_by_partition
from ais_indicators.io.store import table_folder
from ais_indicators.job import Job
from ais_indicators.periods import Period, Week
from ais_indicators.pipelines import derive_ports, load_ports
from ais_indicators.settings import Settings
from tests.lying_ships import (
    ENOUGH,
    QUAY,
    SCENE,
    Fix,
    derived,
    read_back,
)

# --- the file ----------------------------------------------------------------------------------------------


def test_the_file_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    areas = [one.area for one in derived(SCENE).areas]
    back = read_back(tmp_path, areas, ships=7, stationary_hours=12.5, note="whatever a person adds")
    for read, made in zip(back, areas, strict=True):
        assert (read.label, read.country_iso3) == (made.label, made.country_iso3)
        assert read.area_kind == made.area_kind
        assert read.area_km2 == pytest.approx(made.area_km2, rel=1e-12)
        assert shapely.equals(read.geometry, made.geometry)


def test_each_area_is_one_line_of_the_file() -> None:
    text = geojson_text(
        [feature_of(one.area) for one in derived(SCENE).areas], derived_from={"weeks": "2026-W47"}
    )
    assert json.loads(text)["derived_from"] == {"weeks": "2026-W47"}
    assert len(text.splitlines()) == len(derived(SCENE).areas) + 2


# --- the task, on a lake without Spark ---------------------------------------------------------------------


WEEK = Week.parse("2026-W47")
PORTS = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"port_locode": "NLRTM", "port_name": "Rotterdam", "valid_from": "2020-01-01"},
            "geometry": {"type": "Point", "coordinates": [QUAY[1], QUAY[0]]},
        }
    ],
}


@pytest.fixture
def lake(tmp_path: Path) -> Settings:
    """A lake with a port and a week of positions in two buckets."""
    made = Settings(tmp_path / "data")
    create_tables(made)
    path = tmp_path / "ports.geojson"
    path.write_text(json.dumps(PORTS))
    load_ports.run(Job(made, paths=(path,), port_version="drawn"))
    rows = [position(fix) for fix in SCENE]
    named = [{"vessel_id": f"mmsi-{row['mmsi']}"} | row for row in rows]
    positions = pa.Table.from_pylist(named, schema=arrow_schema("silver.positions"))
    files = stage_by_partition(table_folder(made, "silver.positions"), "silver.positions", positions, "test")
    commit(made, "silver.positions", files)
    return made


def position(fix: Fix) -> dict[str, object]:
    row: dict[str, object] = dict(zip(FIX_COLUMNS, fix, strict=True))
    return row | {"h3_res6": 0, "observed_on": fix[2].date(), "ship_bucket": fix[1] % 2}


def derive(lake: Settings, path: Path, week: Week | None = WEEK) -> derive_ports.DerivedPorts:
    period = Period(week, week) if week else None
    return derive_ports.run(Job(lake, period, paths=(path,)))


def test_the_task_writes_a_port_file_that_loads(lake: Settings, tmp_path: Path) -> None:
    progress: list[tuple[int, int]] = []
    path = tmp_path / "derived.geojson"
    job = Job(
        lake, Period(WEEK, WEEK), paths=(path,), advance=lambda done, total: progress.append((done, total))
    )
    summary = derive_ports.run(job)
    assert (summary.ports, summary.berths, summary.anchorages, summary.port_version) == (1, 1, 1, "drawn")
    assert progress[-1] == (len(progress), len(progress))
    loaded = load_ports.run(Job(lake, paths=(path,), port_version="derived"))
    assert (loaded.ports, loaded.areas, loaded.problems) == (1, 3, ())
    again = derive(lake, tmp_path / "again.geojson")
    assert (again.port_version, again.berths, again.anchorages, again.drawn_already) == ("derived", 0, 0, 2)


def test_the_task_gives_the_same_areas_as_the_core(lake: Settings, tmp_path: Path) -> None:
    path = tmp_path / "derived.geojson"
    derive(lake, path)
    document = json.loads(path.read_text())
    named, *found = [feature["properties"] for feature in document["features"]]
    expected = derived(SCENE).areas
    assert named == {
        "port_locode": "NLRTM", "port_name": "Rotterdam", "country_iso3": "NLD", "area_kind": "port",
        "valid_from": "2020-01-01",
    }  # fmt: skip
    assert [(one["ships"], one["area_kind"]) for one in found] == [
        (d.ships, d.area.area_kind) for d in expected
    ]
    assert document["derived_from"]["weeks"] == "2026-W47"
    assert document["derived_from"]["rules"]["derive_min_ships"] == ENOUGH


def test_the_task_says_what_it_lacks(lake: Settings, tmp_path: Path) -> None:
    path = tmp_path / "derived.geojson"
    with pytest.raises(WrongUseError, match="give the weeks"):
        derive(lake, path, None)
    with pytest.raises(WrongUseError, match="no positions of 2026-W48"):
        derive(lake, path, WEEK.plus(1))
    with pytest.raises(WrongUseError, match="name one file"):
        derive_ports.run(Job(lake, Period(WEEK, WEEK)))
    with pytest.raises(WrongUseError, match="cannot be written"):
        derive(lake, tmp_path / "no folder" / "derived.geojson")
    path.write_text("edited by hand")
    with pytest.raises(WrongUseError, match="may have been edited"):
        derive(lake, path)
    assert path.read_text() == "edited by hand"
