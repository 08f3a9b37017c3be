"""A day of bronze in the method's order, whatever the order of its files and rows."""

import itertools
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ais_indicators.contracts.types import arrow_schema
from ais_indicators.io.staging import stage
from ais_indicators.io.store import Folder
from ais_indicators.tracking.bucket_messages import read_messages
from tests.subject_rules import SHIP_RULES

SCHEMA = arrow_schema("bronze.ais_messages", with_partitions=False)
FIRST = {
    "mmsi": 366000001,
    "observed_at_utc": 60_000_000,
    "latitude": 1.0,
    "longitude": 2.0,
    "vessel_name": "A",
}
ROWS: tuple[dict[str, Any], ...] = (
    FIRST,
    FIRST | {"vessel_name": "B"},
    FIRST | {"longitude": 2.5},
    FIRST | {"longitude": 2.5, "sog_knots": 0.1},
    FIRST | {"observed_at_utc": 61_000_000},
    FIRST | {"mmsi": 366000002, "observed_at_utc": 0},
)
"""By MMSI and second, then by the numbers with unknown ones last, then by what else they say."""
ORDER = (0, 1, 3, 2, 4, 5)


def written(folder: Path, *files: list[dict[str, Any]]) -> tuple[str, ...]:
    """Locations of one Parquet file for each list of rows; columns that a row lacks are null."""
    paths = []
    for number, rows in enumerate(files):
        columns = {f.name: pa.array([row.get(f.name) for row in rows]).cast(f.type) for f in SCHEMA}
        paths.append(str(folder / f"{number}.parquet"))
        pq.write_table(pa.table(columns), paths[-1])
    return tuple(paths)


@pytest.mark.parametrize("order", [*itertools.permutations(range(4)), (5, 4, 3, 2, 1, 0), (4, 0, 5, 1, 3, 2)])
@pytest.mark.parametrize("first_file", [1, 3])
def test_rows_come_in_one_order(tmp_path: Path, order: tuple[int, ...], first_file: int) -> None:
    given = [ROWS[n] for n in (*order, *(n for n in range(len(ROWS)) if n not in order))]
    messages = read_messages(written(tmp_path, given[:first_file], given[first_file:]), SHIP_RULES)
    asked = [ROWS[n] for n in ORDER]
    for name in ("mmsi", "longitude", "sog_knots", "vessel_name"):
        assert messages.rows[name].to_pylist() == [row.get(name) for row in asked]
    assert messages.second.tolist() == [60, 60, 60, 60, 61, 0]
    assert messages.numbers["longitude"].tolist() == [2.0, 2.0, 2.5, 2.5, 2.0, 2.0]
    assert [str(knots) for knots in messages.numbers["sog_knots"]] == [
        "nan",
        "nan",
        "0.1",
        "nan",
        "nan",
        "nan",
    ]


@pytest.mark.parametrize(("coded", "expected"), [((), False), (("latitude",), True)])
def test_a_column_is_coded_where_asked(tmp_path: Path, coded: tuple[str, ...], expected: bool) -> None:
    partition = {"stage": "fold", "fold_date": "2020-01-01"}
    rows = pa.table(
        {
            field.name: pa.array([0, 0, 1] if field.name == "latitude" else ["x"] * 3).cast(field.type)
            if field.name == "latitude" or not field.nullable
            else pa.nulls(3, field.type)
            for field in arrow_schema("quarantine.messages", with_partitions=False)
        }
    )
    staged = stage(Folder(str(tmp_path)), "quarantine.messages", rows, partition, "key", coded)
    file = pq.ParquetFile(tmp_path / staged.path)
    place = file.schema_arrow.names.index("latitude")
    assert ("RLE_DICTIONARY" in file.metadata.row_group(0).column(place).encodings) is expected
    assert file.read()["latitude"].to_pylist() == [0.0, 0.0, 1.0]


def test_a_file_from_before_bronze_had_stations_is_read(tmp_path: Path) -> None:
    location, of_now = written(tmp_path, [FIRST], [FIRST | {"longitude": 2.5, "station": "north"}])
    pq.write_table(pq.read_table(location).drop_columns(["station"]), location)
    assert not read_messages((location,), SHIP_RULES).has_stations
    both = read_messages((location, of_now), SHIP_RULES)
    assert both.rows["station"].to_pylist() == [None, "north"]
