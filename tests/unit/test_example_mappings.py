"""Every example mapping that comes with the package, on a few rows as its feed writes them."""

import gzip
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ais_indicators.ingestion.known_layouts import known_layouts
from ais_indicators.ingestion.source_check import look_at
from ais_indicators.settings import Settings
from ais_indicators.sources.mapping import example_mappings, load_mapping
from tests.bad_files import take
from tests.mappings import utc
from tests.subject_rules import SHIP_RULES

SNAPSHOT = Path("../shared/data/ais/digitraffic_baltic_snapshot_2025-12-12.json.gz")


@dataclass(frozen=True)
class Example:
    """A header, lines under it, what the first line becomes, and what becomes of the others."""

    header: str
    lines: tuple[str, ...]
    first: dict[str, Any]
    accepted: int
    reasons: dict[str, int]
    set_aside: int = 0


PLACE = {
    "latitude": 57.123067,
    "longitude": 8.597717,
    "sog_knots": 6.4,
    "cog_degrees": 216.9,
    "heading_degrees": 237.0,
}
SHIP = {
    "imo_number": 9134270,
    "vessel_name": "GOLIATH VIG",
    "call_sign": "OXQX2",
    "ais_ship_type": 52,
    "length_m": 18.0,
    "width_m": 6.0,
    "draught_m": 2.7,
    "destination": "HANSTHOLM",
}
MMSI = {"mmsi": 219012382}

EXAMPLES = {
    "exactearth": Example(
        "MMSI,Message_ID,Time,Millisecond,Vessel_Name,Call_sign,IMO,Ship_Type,Dimension_to_Bow,Dimension_to_stern,"
        "Dimension_to_port,Dimension_to_starboard,Draught,Destination,Navigational_status,SOG,Longitude,Latitude,COG,"
        "Heading,ETA_month,ETA_day,ETA_hour,ETA_minute",
        (
            "219012382,1,20230215_000000,120,,,,,,,,,,,0,6.4,8.597717,57.123067,216.9,237,,,,",
            "219012382,5,20230215_000001,0,GOLIATH VIG,OXQX2,9134270,52,5,13,3,3,2.7,HANSTHOLM,,,,,,,2,17,7,0",
            "2190047,4,20230215_000001,0,,,,,,,,,,,,,8.5,57.1,,,,,,",
            "219012382,1,2023-02-15 00:00:02,120,,,,,,,,,,,0,6.4,8.597717,57.123067,216.9,237,,,,",
        ),
        MMSI
        | PLACE
        | {"observed_at_utc": utc("2023-02-15 00:00:00"), "message_type": 1, "navigational_status": 0},
        2,
        {"timestamp_unreadable": 1},
        1,
    ),
    "aishub": Example(
        "MMSI,TSTAMP,LATITUDE,LONGITUDE,COG,SOG,HEADING,NAVSTAT,IMO,NAME,CALLSIGN,TYPE,A,B,C,D,DRAUGHT,DEST,ETA",
        (
            "219012382,2023-02-15 00:00:00 GMT,57.123067,8.597717,216.9,6.4,237,0,9134270,GOLIATH VIG,OXQX2,52,5,13,3,"
            "3,2.7,HANSTHOLM,02-17 07:00",
            "219012382,2023-02-15T00:00:01,57.123067,8.597717,216.9,6.4,511,15,0,,,0,0,0,0,0,0,,00-00 00:00",
            "3.67E+08,2023-02-15T00:00:01,57.123067,8.597717,216.9,6.4,511,15,0,,,0,0,0,0,0,0,,00-00 00:00",
        ),
        MMSI
        | PLACE
        | SHIP
        | {
            "observed_at_utc": utc("2023-02-15 00:00:00"),
            "eta_utc": utc("2023-02-17 07:00:00"),
            "value_flags": None,
        },
        2,
        {"mmsi_lost_digits": 1},
    ),
    "aishub_raw": Example(
        "MMSI,TIME,LONGITUDE,LATITUDE,COG,SOG,HEADING,NAVSTAT,IMO,NAME,CALLSIGN,TYPE,A,B,C,D,DRAUGHT,DEST,ETA",
        (
            "219012382,1676419200,5158630,34273840,2169,64,237,0,9134270,GOLIATH VIG,OXQX2,52,5,13,3,3,"
            "27,HANSTHOLM,166336",
            "219012382,1676419201,108600000,54600000,3600,1023,511,15,0,,,0,0,0,0,0,0,,0",
        ),
        MMSI
        | SHIP
        | {
            "observed_at_utc": utc("2023-02-15 00:00:00"),
            "latitude": pytest.approx(57.123067),
            "longitude": pytest.approx(8.597717),
            "sog_knots": 6.4,
            "cog_degrees": 216.9,
            "eta_utc": utc("2023-02-17 07:00:00"),
        },
        1,
        {"latitude_not_available,longitude_not_available": 1},
    ),
    "spire": Example(
        "created_at,timestamp,mmsi,msg_type,latitude,longitude,speed,course,heading,rot,imo,name,call_sign,flag,draught,"
        "ship_and_cargo_type,length,width,eta,destination,status,maneuver,accuracy,collection_type",
        (
            "2023-02-15T00:00:09Z,2023-02-15T00:00:00.123Z,219012382,1,57.123067,8.597717,6.4,216.9,237,0,,,,DK,,,,,,,0,0,1,"
            "terrestrial",
            "2023-02-15T00:00:09Z,2023-02-15T00:00:01Z,219012382,5,,,,,,,9134270,GOLIATH VIG,OXQX2,DK,2.7,52,18,6,"
            "2023-02-17T07:00:00Z,HANSTHOLM,,,,satellite",
        ),
        MMSI | PLACE | {"observed_at_utc": utc("2023-02-15 00:00:00.123"), "message_type": 1},
        2,
        {},
    ),
    "vesselfinder": Example(
        "MMSI,TIMESTAMP,LATITUDE,LONGITUDE,COURSE,SPEED,HEADING,NAVSTAT,IMO,NAME,CALLSIGN,TYPE,A,B,C,D,DRAUGHT,"
        "DESTINATION,ETA_AIS,ETA,SRC,ZONE,ECA",
        (
            "219012382,2023-02-15 00:00:00 UTC,57.123067,8.597717,216.9,6.4,237,0,9134270,GOLIATH VIG,OXQX2,52,5,13,3,"
            "3,2.7,HANSTHOLM,02-17 07:00,2023-02-17 07:00:00,TER,North Sea,true",
            "219012382,soon,57.123067,8.597717,216.9,6.4,237,0,0,,,52,5,13,3,3,2.7,,,,TER,North Sea,true",
        ),
        MMSI
        | PLACE
        | SHIP
        | {
            "observed_at_utc": utc("2023-02-15 00:00:00"),
            "eta_utc": utc("2023-02-17 07:00:00"),
            "value_flags": None,
        },
        1,
        {"timestamp_unreadable": 1},
    ),
    "nari": Example(
        "sourcemmsi,navigationalstatus,rateofturn,speedoverground,courseoverground,trueheading,lon,lat,t",
        (
            "219012382,0,0,6.4,216.9,237,8.597717,57.123067,1443650402",
            "2190047,0,0,6.4,216.9,237,8.597717,57.123067,1443650402",
        ),
        MMSI | PLACE | {"observed_at_utc": utc("2015-09-30 22:00:02"), "navigational_status": 0},
        1,
        {"mmsi_not_a_ship": 1},
    ),
    "nari_static": Example(
        "sourcemmsi,imonumber,callsign,shipname,shiptype,tobow,tostern,tostarboard,toport,eta,draught,destination,"
        "mothershipmmsi,t",
        (
            "219012382,9134270,OXQX2,GOLIATH VIG,52,5,13,3,3,04-10 20:00,2.7,HANSTHOLM,,1443650423",
            "219012382,,,,,,,,,,,,,1443650424",
        ),
        MMSI
        | SHIP
        | {
            "observed_at_utc": utc("2015-09-30 22:00:23"),
            "eta_utc": utc("2015-10-04 20:00:00"),
            "value_flags": None,
        },
        2,
        {},
    ),
    "digitraffic": Example(
        "mmsi,lon,lat,sog,cog,navStat,rot,posAcc,raim,heading,timestamp,timestampExternal",
        (
            "219012382,8.597717,57.123067,6.4,216.9,0,0,true,false,237,59,1676419200123",
            "219012382,8.597717,57.123067,102.3,360,15,-128,true,false,511,60,1676419201123",
        ),
        MMSI | PLACE | {"observed_at_utc": utc("2023-02-15 00:00:00.123"), "navigational_status": 0},
        2,
        {},
    ),
    "digitraffic_vessels": Example(
        "mmsi,name,shipType,draught,eta,posType,referencePointA,referencePointB,referencePointC,referencePointD,callSign,"
        "imo,destination,timestamp",
        (
            "219012382,GOLIATH VIG,52,27,166336,1,5,13,3,3,OXQX2,9134270,HANSTHOLM,1676419200000",
            "219012382,GOLIATH VIG,0,0,1596,15,0,0,0,0,,0,,1676419201000",
        ),
        MMSI
        | SHIP
        | {
            "observed_at_utc": utc("2023-02-15 00:00:00"),
            "eta_utc": utc("2023-02-17 07:00:00"),
            "value_flags": None,
        },
        2,
        {},
    ),
    "piraeus": Example(
        "t,vessel_id,lon,lat,heading,speed,course",
        (
            "1676419200123,9cf2a80c7ab0dc0f1b5b0e8e,8.597717,57.123067,237,6.4,216.9",
            "1676419201123,,8.597717,57.123067,237,6.4,216.9",
        ),
        PLACE | {"observed_at_utc": utc("2023-02-15 00:00:00.123"), "value_flags": "mmsi_surrogate"},
        1,
        {"mmsi_not_a_ship": 1},
    ),
}


def written(folder: Path, name: str) -> Path:
    path = folder / f"{name}.csv"
    path.write_text("\n".join([EXAMPLES[name].header, *EXAMPLES[name].lines]) + "\n", encoding="utf-8")
    return path


def test_every_example_has_rows_here() -> None:
    assert [one.layout for one in example_mappings()] == sorted(EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_rows_of_a_feed_become_rows_of_bronze(tmp_path: Path, name: str) -> None:
    example = EXAMPLES[name]
    path = written(tmp_path, name)
    found = take(path, mappings=[load_mapping(Path(name))])
    row = next(row for row in found.accepted if row["observed_at_utc"] == example.first["observed_at_utc"])
    assert {column: row[column] for column in example.first} == example.first
    assert (len(found.accepted), dict(found.reasons), found.set_aside) == (
        example.accepted,
        example.reasons,
        example.set_aside,
    )
    assert take(path, 40, [load_mapping(Path(name))]) == found


@pytest.mark.parametrize("name", EXAMPLES)
def test_sources_check_takes_the_name_of_an_example(tmp_path: Path, name: str) -> None:
    look = look_at(
        Settings(data_dir=tmp_path / "lake"), written(tmp_path, name), Path(name), rules=SHIP_RULES
    )
    assert (look.layout, look.rows_read) == (name, len(EXAMPLES[name].lines))
    assert look.title == load_mapping(Path(name)).title


def test_sources_list_shows_the_examples_last_and_a_copy_in_their_place(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    listed = {entry["layout"]: entry["mapping_file"] for entry in known_layouts(settings)}
    assert {name for name, how in listed.items() if how == "example"} == set(EXAMPLES)
    own = tmp_path / "sources" / "aishub.yaml"
    own.parent.mkdir()
    text = (
        "layout: aishub\ntitle: ours\nformat: csv\nrecognised_by: [MMSI]\nlicence: x\nattribution: y\ncolumns:\n"
        "  mmsi: {from: MMSI}\n  observed_at_utc: {from: T}\n  latitude: {from: LAT}\n  longitude: {from: LON}\n"
    )
    own.write_text(text, encoding="utf-8")
    entries = [entry for entry in known_layouts(settings) if entry["layout"] == "aishub"]
    assert [entry["title"] for entry in entries] == ["ours"]


def test_a_file_of_that_name_goes_before_the_example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("aishub").write_text("title: ours\n", encoding="utf-8")
    with pytest.raises(Exception, match="layout is required"):
        load_mapping(Path("aishub"))


@pytest.mark.skipif(not SNAPSHOT.exists(), reason="shared data is absent")
def test_arrivals_of_a_real_digitraffic_snapshot_are_read(tmp_path: Path) -> None:
    """The snapshot has other columns than the service, but the same numbers of 20 bits."""
    vessels = json.loads(gzip.decompress(SNAPSHOT.read_bytes()))["vessels"]
    header = EXAMPLES["digitraffic_vessels"].header
    lines = [f"{one['mmsi']},,0,0,{one['eta']},1,0,0,0,0,,0,,1765542684000" for one in vessels]
    (tmp_path / "x.csv").write_text("\n".join([header, *lines]), encoding="utf-8")
    found = take(tmp_path / "x.csv", mappings=[load_mapping(Path("digitraffic_vessels"))])
    arrivals = [row["eta_utc"] for row in found.accepted if row["eta_utc"] is not None]
    assert found.rows == len(vessels)
    assert len(arrivals) > len(vessels) // 3
    assert all(row["value_flags"] is None for row in found.accepted)
