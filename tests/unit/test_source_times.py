"""Time zones that `sources.yaml` declares for built-in layouts."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ais_indicators.errors import BadInputError
from ais_indicators.ingestion.known_layouts import known_layouts, source_times
from ais_indicators.ingestion.source_check import look_at
from ais_indicators.settings import Settings
from ais_indicators.sources import inspect, plan, read_chunk
from ais_indicators.sources.zones import SourceTimes
from tests.subject_rules import SHIP_RULES
from tests.unit.test_nmea import MOORED

HEADER = (
    "MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName,IMO,CallSign,VesselType,Status,Length,Width,Draft,Cargo,"
    "TransceiverClass"
)


def settings_with(folder: Path, text: str) -> Settings:
    """Settings whose data folder has a `sources.yaml`."""
    (folder / "sources.yaml").write_text(text, encoding="utf-8")
    return Settings(data_dir=folder)


def test_declared_zones_are_read(tmp_path: Path) -> None:
    settings = settings_with(
        tmp_path,
        'nmea: {time_zone: Europe/Copenhagen, date_order: day_first}\nnoaa_2018: {time_zone: "-05:00"}',
    )
    assert source_times(settings) == {
        "nmea": SourceTimes("Europe/Copenhagen", "day_first"),
        "noaa_2018": SourceTimes("-05:00"),
    }
    assert all("time_zone" not in entry for entry in known_layouts(settings))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nmea: {time_zone: Mars/Base}", "neither an IANA name"),
        ('nmea: {time_zone: "+25:00"}', "not an offset"),
        ("nmea: {date_order: year_first}", "day_first"),
        ("dma: {date_order: day_first}", "omit date_order"),
        ("dma: {time_zone: Mars/Base}", "neither an IANA name"),
    ],
)
def test_what_is_no_zone_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadInputError, match=said):
        source_times(settings_with(tmp_path, text))


DMA = (
    "# Timestamp,Type of mobile,MMSI,Latitude,Longitude,Navigational status,ROT,SOG,COG,Heading,IMO,Callsign,Name,"
    "Ship type,Cargo type,Width,Length,Type of position fixing device,Draught,Destination,ETA,Data source type,"
    "A,B,C,D\n"
    "11/06/2024 22:26:40,Class A,219000001,56.0,11.0,Moored,,0,,,,,,,,,,,,,,AIS,,,,\n"
)


@pytest.mark.parametrize(
    ("declared", "hour"),
    [("", 22), ("dma: {time_zone: Europe/Copenhagen}", 20), ('dma: {time_zone: "+02:00"}', 20)],
)
def test_a_shipped_mapping_is_read_in_the_zone_that_is_declared(
    tmp_path: Path, declared: str, hour: int
) -> None:
    settings = settings_with(tmp_path, declared)
    path = tmp_path / "aisdk-2024-06-11.csv"
    path.write_text(DMA, encoding="utf-8")
    (row,) = look_at(settings, path, rules=SHIP_RULES).samples["bronze.ais_messages"]
    assert row["observed_at_utc"] == datetime(2024, 6, 11, hour, 26, 40, tzinfo=UTC)


COAST = """\
layout: coast
title: Coast
format: csv
recognised_by: [ship, when]
licence: own
attribution: Coast
columns:
  mmsi: {from: ship}
  observed_at_utc: {from: when, time_zone: "+02:00"}
  latitude: {from: lat}
  longitude: {from: lon}
"""


def test_an_own_mapping_names_its_zone_itself(tmp_path: Path) -> None:
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "coast.yaml").write_text(COAST)
    path = tmp_path / "coast.csv"
    path.write_text("ship,when,lat,lon\n219000001,2024-06-11 22:26:40,56,11\n")
    (row,) = look_at(settings_with(tmp_path, ""), path, rules=SHIP_RULES).samples["bronze.ais_messages"]
    assert row["observed_at_utc"] == datetime(2024, 6, 11, 20, 26, 40, tzinfo=UTC)
    with pytest.raises(BadInputError, match="coast: write the time zone into its mapping file"):
        look_at(settings_with(tmp_path, "coast: {time_zone: Europe/Paris}"), path, rules=SHIP_RULES)


def test_a_log_is_read_in_its_zone(tmp_path: Path) -> None:
    settings = settings_with(tmp_path, "nmea: {time_zone: Europe/Copenhagen}")
    path = tmp_path / "station.nmea"
    path.write_text(f"2024-06-11 22:26:40 {MOORED}\n", encoding="utf-8")
    (row,) = look_at(settings, path, rules=SHIP_RULES).samples["bronze.ais_messages"]
    assert row["observed_at_utc"] == datetime(2024, 6, 11, 20, 26, 40, tzinfo=UTC)


def rows_of(path: Path, zone: str) -> tuple[list[datetime], list[dict[str, Any]]]:
    """Times of the rows of a NOAA file in a zone, and its rows that could not be read."""
    (chunk,) = plan(
        inspect(path, times={"noaa_2018": SourceTimes(zone)}, rules=SHIP_RULES), path.parent, rules=SHIP_RULES
    )
    (block,) = read_chunk(chunk, SHIP_RULES)
    return block.rows["observed_at_utc"].to_pylist(), block.unreadable.to_pylist()


def test_a_table_is_read_in_its_zone(tmp_path: Path) -> None:
    path = tmp_path / "noaa.csv"
    times = ("2024-06-11T22:26:40", "2024-10-27T02:30:00", "2024-03-31T02:30:00", "")
    lines = [f"366053209,{time},37.8,-122.3,0,0,1,,,,70,0,,,,,A" for time in times]
    path.write_text("\n".join([HEADER, *lines, ""]), encoding="utf-8")
    kept, lost = rows_of(path, "Europe/Copenhagen")
    assert kept == [datetime(2024, 6, 11, 20, 26, 40, tzinfo=UTC), None]
    assert [(row["reject_reasons"], row["file_line"]) for row in lost] == [
        ("time_in_repeated_hour", 3),
        ("time_in_skipped_hour", 4),
    ]
    assert "366053209" in lost[0]["raw_row"]
    assert rows_of(path, "-05:00")[0][1] == datetime(2024, 10, 27, 7, 30, tzinfo=UTC)
