"""Files that come twice, corrected, broken off or with rows that cannot be used."""

from pathlib import Path
from typing import Any

import polars as pl

from ais_indicators.io.delta import table_version
from ais_indicators.settings import Settings
from tests.messages import position, stay, table, write_noaa
from tests.small_lake import CORRECTED, FIRST_DELIVERY, ingest


def test_a_file_delivered_twice_changes_nothing(lake: Settings, tmp_path: Path) -> None:
    rows = [*stay("2020-12-21T00:00:00", "2020-12-21T05:00:00"), position(mmsi=123456789)]
    file = write_noaa(tmp_path / "AIS_2020_12_21.csv", rows)
    other_name = write_noaa(tmp_path / "again" / "another_name.csv", rows)
    names = ("bronze.ais_messages", "quarantine.messages", "ops.ingested_files")
    ingest(lake, file)
    before = {name: (table_version(lake, name), table(lake, name)) for name in names}
    reports = ingest(lake, file, other_name).files
    assert [report.outcome for report in reports] == ["already there", "already there"]
    for name, (version, frame) in before.items():
        assert table_version(lake, name) == version
        assert table(lake, name).equals(frame)


def counts(lake: Settings) -> list[tuple[Any, ...]]:
    """Rows of `ops.ingested_files` in short: by name, the replaced ones first."""
    columns = ("file_name", "is_current", "rows_read", "rows_accepted", "rows_quarantined", "rows_set_aside")
    return table(lake, "ops.ingested_files").select(columns).sort(pl.all()).rows()


def test_a_corrected_file_of_the_name_replaces_its_rows(lake: Settings, tmp_path: Path) -> None:
    other = write_noaa(
        tmp_path / "other.csv", stay("2020-12-21T00:00:00", "2020-12-21T02:00:00", mmsi=366000099)
    )
    ingest(lake, other, write_noaa(tmp_path / "day.csv", FIRST_DELIVERY))
    ingest(lake, write_noaa(tmp_path / "day.csv", CORRECTED))
    assert counts(lake) == [
        ("day.csv", False, 5, 4, 1, 0),
        ("day.csv", True, 5, 2, 3, 0),
        ("other.csv", True, 3, 3, 0, 0),
    ]
    bronze, lost = table(lake, "bronze.ais_messages"), table(lake, "quarantine.messages")
    assert (bronze.height, lost.height) == (3 + 2, 3)
    assert bronze.filter(mmsi=366000099).height == 3
    assert set(bronze.filter(pl.col("mmsi") != 366000099)["sog_knots"]) == {3.0}
    records = table(lake, "ops.ingested_files")
    replaced = records.filter(is_current=False)["file_sha256"].item()
    assert set(records["replaces_sha256"].drop_nulls()) == {replaced}
    assert replaced not in {*bronze["file_sha256"], *lost["file_sha256"]}


def test_the_first_content_delivered_again_replaces_the_correction(lake: Settings, tmp_path: Path) -> None:
    for rows in (FIRST_DELIVERY, CORRECTED, FIRST_DELIVERY):
        ingest(lake, write_noaa(tmp_path / "day.csv", rows))
    assert counts(lake) == [("day.csv", False, 5, 2, 3, 0), ("day.csv", True, 5, 4, 1, 0)]
    assert table(lake, "bronze.ais_messages").height == 4
    assert table(lake, "quarantine.messages").height == 1


def test_rows_in_quarantine_carry_their_reasons(lake: Settings, tmp_path: Path) -> None:
    rows = [
        position(),
        position("2020-01-01T10:01:00", mmsi=123456789),
        position("2020-01-01T10:02:00", mmsi=993660902, latitude=91.0),
        position("2020-01-01T10:03:00", longitude=181.0),
        position("2020-01-01T10:04:00", latitude=-90.1),
        position("2020-01-01T10:05:00", latitude=0.0, longitude=0.0),
        position(""),
    ]
    (report,) = ingest(lake, write_noaa(tmp_path / "day.csv", rows)).files
    assert (report.rows_read, report.rows_accepted, report.rows_quarantined) == (7, 1, 6)
    lost = table(lake, "quarantine.messages").sort("observed_at_utc", nulls_last=True)
    assert lost["reject_reasons"].to_list() == [
        "mmsi_not_a_ship",
        "mmsi_not_a_ship,latitude_not_available",
        "longitude_not_available",
        "latitude_out_of_range",
        "null_island",
        "timestamp_missing",
    ]
    assert report.reasons == {
        "mmsi_not_a_ship": 2,
        "latitude_not_available": 1,
        "longitude_not_available": 1,
        "latitude_out_of_range": 1,
        "null_island": 1,
        "timestamp_missing": 1,
    }
    assert (
        lost["file_sha256"].unique().to_list() == table(lake, "ops.ingested_files")["file_sha256"].to_list()
    )
