"""NOAA's own files: every line is accounted for, and corrected courses are those that were sailed."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pytest
from numpy.typing import NDArray

from ais_indicators.contracts.row_rules import apply_row_rules
from ais_indicators.sources import BRONZE_MESSAGES, SourceFile, guess_delivery, inspect, plan, read_chunk
from tests.subject_rules import SHIP_RULES

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "ais"

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason=f"no real data at {FOLDER}")

Floats = NDArray[np.float64]


@dataclass
class Taken:
    """What a file gave."""

    accepted: list[pa.Table] = field(default_factory=list)
    rejected: int = 0
    unreadable: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def rows(self) -> pa.Table:
        return pa.concat_tables(self.accepted)


def take_in(source: SourceFile, scratch: Path) -> Taken:
    taken = Taken()
    for chunk in plan(source, scratch, rules=SHIP_RULES):
        for block in read_chunk(chunk, SHIP_RULES):
            split = apply_row_rules(block.rows, BRONZE_MESSAGES, None, SHIP_RULES)
            taken.accepted.append(split.accepted)
            taken.rejected += split.rejected.num_rows
            taken.unreadable += block.unreadable.num_rows
            taken.reasons.update(split.reasons)
    return taken


FILES = [
    # file, layout, rows, rejected rows
    ("noaa_2017-01_zone01.csv", "noaa_2015", 10_224, 4),
    ("noaa_2020-01-01_gulf_cargo_tanker.csv.gz", "noaa_2018", 217_810, 0),
    ("noaa_2020-01-01_west_cargo_tanker.csv.gz", "noaa_2018", 164_781, 0),
    ("noaa_2020-01-01_inland_lakes_ne_cargo_tanker.csv.gz", "noaa_2018", 65_986, 0),
    ("noaa_2020-01-01_gulf_west_inland.parquet", "noaa_2018", 4_826_292, 5_354),
    ("noaa_2022-01-03_first_99999_rows.csv.gz", "noaa_2018", 99_999, 212),
    ("noaa_2023-01-11_1000_rows.csv", "noaa_2018", 1_000, 2),
]


@pytest.mark.parametrize(("name", "layout", "rows", "rejected"), FILES, ids=[f[0] for f in FILES])
def test_every_line_of_a_file_is_accounted_for(
    name: str, layout: str, rows: int, rejected: int, tmp_path: Path
) -> None:
    source = inspect(FOLDER / name, rules=SHIP_RULES)
    taken = take_in(source, tmp_path)
    assert source.layout == layout
    assert taken.rows.num_rows + taken.rejected + taken.unreadable == rows
    assert (taken.rejected, taken.unreadable) == (rejected, 0)
    assert set(taken.reasons) <= {"mmsi_not_a_ship"}


def test_sentinels_of_the_full_day_are_missing(tmp_path: Path) -> None:
    rows = take_in(
        inspect(FOLDER / "noaa_2020-01-01_gulf_west_inland.parquet", rules=SHIP_RULES), tmp_path
    ).rows
    speeds = rows["sog_knots"].drop_null().to_numpy()
    assert (speeds.min(), speeds.max() < 102.2) == (0.0, True)
    assert rows["heading_degrees"].null_count > rows.num_rows / 2
    flags = Counter(text for text in rows["value_flags"].to_pylist() if text)
    assert flags == {"imo_number_out_of_range": 20_822, "sog_censored": 22}


def test_the_delivery_of_a_real_file_is_after_its_rows(tmp_path: Path) -> None:
    path = FOLDER / "noaa_2023-01-11_1000_rows.csv"
    rows = take_in(inspect(path, rules=SHIP_RULES), tmp_path).rows
    assert guess_delivery(path, rows["observed_at_utc"], SHIP_RULES) is not None


def bearing(from_lat: Floats, from_lon: Floats, to_lat: Floats, to_lon: Floats) -> Floats:
    """Initial bearing of the great circle, in degrees from north."""
    lat, to = np.radians(from_lat), np.radians(to_lat)
    east = np.radians(to_lon - from_lon)
    along = np.cos(lat) * np.sin(to) - np.sin(lat) * np.cos(to) * np.cos(east)
    sailed: Floats = np.degrees(np.arctan2(np.sin(east) * np.cos(to), along)) % 360
    return sailed


def median_difference(courses: Floats, sailed: Floats) -> float:
    return float(np.median(np.abs((courses - sailed + 180) % 360 - 180)))


def test_corrected_courses_of_2017_are_those_that_were_sailed(tmp_path: Path) -> None:
    path = FOLDER / "noaa_2017-01_zone01.csv"
    blocks = [
        block.rows
        for chunk in plan(inspect(path, rules=SHIP_RULES), tmp_path, rules=SHIP_RULES)
        for block in read_chunk(chunk, SHIP_RULES)
    ]
    as_delivered = pyarrow.csv.read_csv(path)["COG"]
    table = pa.concat_tables(blocks).append_column("delivered", as_delivered)
    table = table.sort_by([("mmsi", "ascending"), ("observed_at_utc", "ascending")])
    mmsi, lat, lon, sog, cog, delivered = (
        table[name].to_numpy()
        for name in ("mmsi", "latitude", "longitude", "sog_knots", "cog_degrees", "delivered")
    )
    seconds = table["observed_at_utc"].cast(pa.int64()).to_numpy() / 1e6
    sailed = bearing(lat[:-1], lon[:-1], lat[1:], lon[1:])
    soon = (mmsi[:-1] == mmsi[1:]) & (np.diff(seconds) > 0) & (np.diff(seconds) <= 600)
    chosen = soon & (delivered[:-1] < 0) & (sog[:-1] >= 5) & (sog[:-1] <= 50)

    assert chosen.sum() > 3_000
    assert median_difference(cog[:-1][chosen], sailed[chosen]) < 1.5
    assert median_difference(delivered[:-1][chosen] + 360, sailed[chosen]) > 49
