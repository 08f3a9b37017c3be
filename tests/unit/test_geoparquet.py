"""NOAA's GeoParquet: places in a column of well-known binary, none in columns of their own."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import shapely
from pyarrow import parquet

from ais_indicators.errors import BadInputError
from ais_indicators.ingestion.source_check import Look, look_at
from ais_indicators.settings import Settings
from ais_indicators.sources.geometry import places_of
from tests.subject_rules import SHIP_RULES

PLACES = [(29.5, -94.5), (-33.9, 151.2), (0.001, 179.999)]


def write(
    path: Path, geometries: list[bytes | None], geo: dict[str, Any] | None = None, **columns: Any
) -> Path:
    """A file with a row a geometry; `geo` is what it says of them."""
    rows = len(geometries)
    table = pa.table(
        {
            "mmsi": pa.array([366998000 + n for n in range(rows)], pa.int64()),
            "base_date_time": pa.array(["2025-01-01 00:00:00"] * rows).cast(pa.timestamp("us")),
            "sog": pa.array([10.1] * rows),
            "vessel_name": pa.array(["NAME"] * rows),
            "geometry": pa.array(geometries, pa.binary()),
            **columns,
        }
    )
    said = {
        "version": "1.1.0",
        "primary_column": "geometry",
        "columns": {"geometry": geo or {"encoding": "WKB"}},
    }
    parquet.write_table(table.replace_schema_metadata({"geo": json.dumps(said)}), path)
    return path


def points(*places: tuple[float, float]) -> list[bytes | None]:
    return [shapely.to_wkb(shapely.Point(longitude, latitude)) for latitude, longitude in places]


def looked(settings: Settings, path: Path) -> Look:
    look = look_at(settings, path, rules=SHIP_RULES)
    assert look.rows_read == look.rows_accepted + look.rows_quarantined
    return look


def test_points_become_latitudes_and_longitudes(settings: Settings, tmp_path: Path) -> None:
    look = looked(settings, write(tmp_path / "day.parquet", points(*PLACES)))
    rows = look.samples["bronze.ais_messages"]
    assert look.layout == "noaa_2025"
    assert [(row["latitude"], row["longitude"]) for row in rows] == PLACES
    assert [(row["sog_knots"], row["vessel_name"]) for row in rows] == [(10.1, "NAME")] * 3


@pytest.mark.parametrize(
    "geometry",
    [
        None,
        b"",
        b"\x01\x01",
        shapely.to_wkb(shapely.Point()),
        shapely.to_wkb(shapely.LineString([(0, 1), (2, 3)])),
    ],
)
def test_a_row_without_a_point_is_in_quarantine(
    settings: Settings, tmp_path: Path, geometry: bytes | None
) -> None:
    look = looked(settings, write(tmp_path / "day.parquet", [*points(PLACES[0]), geometry]))
    assert (look.rows_accepted, look.rows_quarantined) == (1, 1)
    assert dict(look.reasons) == {"latitude_not_available": 1, "longitude_not_available": 1}


def test_big_endian_points_and_points_with_a_height_are_read() -> None:
    written = [
        shapely.to_wkb(shapely.Point(4.5, 51.25), byte_order=0),
        shapely.to_wkb(shapely.Point(4.5, 51.25, 12.0)),
    ]
    found = places_of(pa.array(written, pa.large_binary()))
    assert found["latitude"].to_pylist() == [51.25, 51.25]
    assert found["longitude"].to_pylist() == [4.5, 4.5]


def test_columns_of_their_own_come_before_the_geometry(settings: Settings, tmp_path: Path) -> None:
    path = write(
        tmp_path / "day.parquet",
        points((1.0, 2.0)),
        latitude=pa.array([29.5]),
        longitude=pa.array([-94.5]),
    )
    (row,) = looked(settings, path).samples["bronze.ais_messages"]
    assert (row["latitude"], row["longitude"]) == (29.5, -94.5)


@pytest.mark.parametrize(
    ("geo", "sentence"),
    [
        ({"encoding": "point"}, "its geometries are in point; write them in WKB"),
        (
            {"encoding": "WKB", "crs": {"id": {"authority": "EPSG", "code": 3857}}},
            "its coordinate system is EPSG 3857; write it in WGS 84",
        ),
        ({"encoding": "WKB", "crs": {"name": "local"}}, "its coordinate system is one that is not named"),
    ],
)
def test_other_geometries_are_refused(
    settings: Settings, tmp_path: Path, geo: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(BadInputError, match=sentence):
        look_at(settings, write(tmp_path / "day.parquet", points(*PLACES), geo), rules=SHIP_RULES)


@pytest.mark.parametrize("code", [4326, "4269"])
def test_datums_that_are_alike_are_taken(settings: Settings, tmp_path: Path, code: int | str) -> None:
    geo = {"encoding": "WKB", "crs": {"id": {"authority": "EPSG", "code": code}}}
    assert looked(settings, write(tmp_path / "day.parquet", points(*PLACES), geo)).rows_accepted == 3


def test_a_geometry_column_of_another_type_is_refused(settings: Settings, tmp_path: Path) -> None:
    path = write(tmp_path / "day.parquet", points(PLACES[0]), geometry=pa.array(["POINT (1 2)"]))
    with pytest.raises(BadInputError, match="string holds no geometries in WKB"):
        look_at(settings, path, rules=SHIP_RULES)


def test_many_points_come_back_as_they_were() -> None:
    draw = np.random.default_rng(7)
    latitudes, longitudes = draw.uniform(-90, 90, 1000), draw.uniform(-180, 180, 1000)
    found = places_of(pa.array(shapely.to_wkb(shapely.points(longitudes, latitudes)), pa.binary()))
    assert np.array_equal(found["latitude"].to_numpy(), latitudes)
    assert np.array_equal(found["longitude"].to_numpy(), longitudes)
