"""Feeds other than NOAA's taken into a lake: raw sentences, mapping files, folders, and messages across files."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from ais_indicators import runner
from ais_indicators.errors import BadInputError
from ais_indicators.ingestion.fragments_across_files import FILE_NAME
from ais_indicators.io.delta import create_tables
from ais_indicators.job import Job
from ais_indicators.pipelines.ingest_messages import FileReport
from ais_indicators.settings import Settings
from tests.messages import stay, table, write_noaa

MOORED = "!AIVDM,1,1,,B,15M67FC000G?ufbE`FepT@3n00Sa,0*5C"
FIRST = "!AIVDM,2,1,1,A,55?MbV02;H;s<HtKR20EHE:0@T4@Dn2222222216L961O5Gf0NSQEp6ClRp8,0*1C"
SECOND = "!AIVDM,2,2,1,A,88888888880,2*25"
CONTENT = ("bronze.ais_messages", "bronze.ais_static_messages", "quarantine.messages")


def at(seconds: int, sentence: str) -> str:
    """A sentence with its time."""
    return f"\\c:{1426032000 + seconds}\\{sentence}"


def log(path: Path, lines: Sequence[str]) -> Path:
    """Writes a log of sentences."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def ingest(lake: Settings, *paths: Path, **keywords: Any) -> dict[str, FileReport]:
    """Takes files in; what became of each, by name."""
    summary = runner.run_task("ingest_messages", Job(lake, paths=paths, **keywords))
    return {file.name: file for file in summary.files}


def rows(lake: Settings, name: str) -> pl.DataFrame:
    """A table in a total order, without the hashes of files."""
    found = table(lake, name)
    kept = [column for column in found.columns if column != "file_sha256"]
    return found.select(kept).sort(kept)


def counts_add_up(lake: Settings) -> None:
    """Every file's rows are somewhere, and the tables hold what the records say."""
    files = table(lake, "ops.ingested_files").filter("is_current")
    parts = pl.sum_horizontal("rows_accepted", "rows_quarantined", "rows_set_aside")
    assert files.select((pl.col("rows_read") == parts).all()).item()
    bronze = sum(table(lake, name).height for name in CONTENT[:2])
    assert files["rows_accepted"].sum() == bronze
    assert files["rows_quarantined"].sum() == table(lake, "quarantine.messages").height


def test_a_log_goes_to_positions_statics_quarantine_and_counts(settings: Settings, tmp_path: Path) -> None:
    lines = [at(0, MOORED), at(1, FIRST), at(1, SECOND), "noise", MOORED, at(2, "$GPGSV,x*00")]
    file = ingest(settings, log(tmp_path / "log.nmea", lines))["log.nmea"]
    assert (file.rows_read, file.rows_accepted, file.rows_quarantined, file.rows_set_aside) == (5, 2, 2, 1)
    assert file.reasons == {"unreadable_row": 1, "timestamp_missing": 1}
    assert file.set_aside == {"other_sentence": 1}
    static = table(settings, "bronze.ais_static_messages").to_dicts()[0]
    assert (static["imo_number"], static["destination"], static["draught_m"]) == (9134270, "NEW YORK", 12.2)
    assert str(static["eta_utc"]) == "2015-05-15 14:00:00+00:00"
    counts_add_up(settings)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["in order", "the later first"])
@pytest.mark.parametrize("second_has_time", [True, False])
def test_fragments_on_either_side_of_a_file_split_are_put_together(
    settings: Settings, tmp_path: Path, order: tuple[int, int], second_has_time: bool
) -> None:
    second = at(2, SECOND) if second_has_time else SECOND
    halves = (
        log(tmp_path / "one.nmea", [at(0, MOORED), at(1, FIRST)]),
        log(tmp_path / "two.nmea", [second, at(3, MOORED)]),
    )
    for place in order:
        ingest(settings, halves[place])
    static = table(settings, "bronze.ais_static_messages").to_dicts()
    assert [(row["mmsi"], str(row["observed_at_utc"])) for row in static] == [
        (351759000, "2015-03-11 00:00:01+00:00")
    ]
    assert table(settings, "bronze.ais_messages").height == 2
    assert FILE_NAME in table(settings, "ops.ingested_files")["file_name"].to_list()
    counts_add_up(settings)


def test_a_message_across_files_goes_when_one_of_them_is_corrected(
    settings: Settings, tmp_path: Path
) -> None:
    one = log(tmp_path / "one.nmea", [at(0, MOORED), at(1, FIRST)])
    ingest(settings, one, log(tmp_path / "two.nmea", [at(2, SECOND), at(3, MOORED)]))
    assert table(settings, "bronze.ais_static_messages").height == 1
    ingest(settings, log(one, [at(0, MOORED)]))
    assert table(settings, "bronze.ais_static_messages").is_empty()
    counts_add_up(settings)


def test_a_folder_is_taken_with_all_below_it_by_names_from_there(settings: Settings, tmp_path: Path) -> None:
    for day in (1, 2):
        log(tmp_path / "feed" / f"day={day}" / "part-0.txt", [at(day * 86_400, MOORED)])
    (tmp_path / "feed" / "notes.md").write_text("no messages", encoding="utf-8")
    assert list(ingest(settings, tmp_path / "feed")) == ["day=1/part-0.txt", "day=2/part-0.txt"]
    assert table(settings, "bronze.ais_messages").height == 2


def test_many_small_files_go_in_together_and_the_bad_ones_alone_stay_out(
    settings: Settings, tmp_path: Path
) -> None:
    files = [log(tmp_path / "many" / f"{n:03d}.nmea", [at(n, MOORED)]) for n in range(20)]
    files[7].write_text("", encoding="utf-8")
    files[8].write_text("a;b\n1;2\n", encoding="utf-8")
    found = ingest(settings, tmp_path / "many")
    assert [name for name, file in found.items() if file.outcome == "refused"] == ["007.nmea", "008.nmea"]
    assert table(settings, "bronze.ais_messages").height == 18
    counts_add_up(settings)


MAPPING = """
layout: coast_station
title: CSV of our own stations
format: csv
delimiter: ";"
recognised_by: [ship, when]
licence: internal
attribution: Office
missing: ["-"]
columns:
  mmsi: {from: ship}
  observed_at_utc: {from: when, time_format: "%d.%m.%Y %H:%M"}
  latitude: {from: lat, decimal_comma: true}
  longitude: {from: lon, decimal_comma: true}
  sog_knots: {from: speed, unit: km/h}
set_aside: {from: kind, values: {buoy: type_21}}
"""
FEED = """ship;when;lat;lon;speed;kind
366000001;11.03.2015 06:00;50,0;1,0;18,52;ship
366000001;11.03.2015 07:00;50,1;1,0;-;ship
993669702;11.03.2015 07:00;50,2;1,0;-;buoy
366000001;11/03/2015 08:00;50,2;1,0;-;ship
broken
"""


@pytest.mark.parametrize("is_named", [True, False], ids=["named", "of the office"])
def test_a_feed_of_any_layout_goes_in_by_its_mapping_file(
    settings: Settings, tmp_path: Path, is_named: bool
) -> None:
    feed = tmp_path / "feed.csv"
    feed.write_text(
        FEED.replace("18,52", "18.52").replace("lat;lon;speed", "lat;lon;speed"), encoding="utf-8"
    )
    folder = tmp_path if is_named else settings.data_dir / "sources"
    folder.mkdir(parents=True, exist_ok=True)
    mapping = folder / "coast.yaml"
    mapping.write_text(MAPPING, encoding="utf-8")
    file = ingest(settings, feed, mapping=mapping if is_named else None)["feed.csv"]
    assert (file.rows_read, file.rows_accepted, file.rows_quarantined, file.rows_set_aside) == (5, 2, 2, 1)
    assert file.reasons == {"timestamp_unreadable": 1, "unreadable_row": 1}
    assert file.set_aside == {"type_21": 1}
    stored = rows(settings, "bronze.ais_messages")
    assert stored["sog_knots"].to_list() == [10.0, None] or stored["sog_knots"].to_list() == [None, 10.0]
    record = table(settings, "ops.ingested_files").to_dicts()[0]
    assert (record["layout"], json.loads(record["set_aside"])) == ("coast_station", {"type_21": 1})
    counts_add_up(settings)


def test_a_file_that_a_named_mapping_does_not_fit_is_refused(settings: Settings, tmp_path: Path) -> None:
    mapping = tmp_path / "coast.yaml"
    mapping.write_text(MAPPING, encoding="utf-8")
    noaa = write_noaa(tmp_path / "noaa.csv", stay("2020-12-22T00:00:00", "2020-12-22T05:00:00"))
    file = ingest(settings, noaa, mapping=mapping)["noaa.csv"]
    assert (file.outcome, file.detail) == (
        "refused",
        "noaa.csv: is noaa_2018, not the coast_station of coast.yaml",
    )


def test_a_bad_mapping_file_stops_before_any_file(settings: Settings, tmp_path: Path) -> None:
    create_tables(settings)
    mapping = tmp_path / "coast.yaml"
    mapping.write_text(MAPPING.replace("sog_knots", "speed_knots"), encoding="utf-8")
    with pytest.raises(BadInputError, match="speed_knots can be no column here"):
        ingest(settings, log(tmp_path / "log.nmea", [at(0, MOORED)]), mapping=mapping)
    assert table(settings, "ops.ingested_files").is_empty()
