"""One day in four formats, and ships that change their numbers, from the files to the tables."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pyais
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ais_indicators import runner
from ais_indicators.job import Job
from ais_indicators.periods import Period, Week
from ais_indicators.settings import Settings
from tests.messages import (
    FAR_MMSI,
    Row,
    every_hour,
    position,
    rectangle_port,
    stay,
    table,
    write_noaa,
    write_ports,
)

WEEK = Week.parse("2020-W52")
DAY = "2020-12-22"
SHIPS: dict[int, dict[str, Any]] = {
    366000001: {"IMO": "IMO9134270", "CallSign": "3FOF8", "VesselName": "EVER DIADEM", "VesselType": 70},
    366000002: {"IMO": "", "CallSign": "WDE5199", "VesselName": "PILOT ONE", "VesselType": 50},
}
ALIKE = ("mmsi", "vessel_id", "port_locode", "event_type", "first_seen_at_utc", "arrived_at_utc", "departed_at_utc",
         "last_seen_at_utc", "stay_hours", "confidence", "vessel_class", "arrival_week")  # fmt: skip


def day_of_messages() -> list[Row]:
    """Two ships come in, lie in port and go out."""
    rows: list[Row] = []
    for mmsi, said in SHIPS.items():
        rows += [
            position(f"{DAY}T00:00:00", mmsi, latitude=50.3, sog_knots=12.0, **said),
            *stay(f"{DAY}T02:00:00", f"{DAY}T20:00:00", 120, mmsi=mmsi, **said),
            position(f"{DAY}T22:00:00", mmsi, latitude=50.3, sog_knots=12.0, **said),
        ]
    return sorted(rows, key=lambda row: (row["BaseDateTime"], row["MMSI"]))


def second_of(row: Row) -> int:
    return int(datetime.fromisoformat(row["BaseDateTime"]).replace(tzinfo=UTC).timestamp())


def as_noaa(folder: Path, rows: list[Row]) -> Path:
    return write_noaa(folder / "noaa.csv", rows)


def as_nmea(folder: Path, rows: list[Row]) -> Path:
    """Each position as type 1, and before it a static report of type 5."""
    lines = []
    for row in rows:
        static = {
            "type": 5, "mmsi": row["MMSI"], "imo": int(row["IMO"].removeprefix("IMO") or 0),
            "callsign": row["CallSign"], "shipname": row["VesselName"], "ship_type": row["VesselType"],
        }  # fmt: skip
        fix = {
            "type": 1, "mmsi": row["MMSI"], "lat": row["LAT"], "lon": row["LON"], "speed": row["SOG"],
            "course": row["COG"], "heading": 511, "status": 15,
        }  # fmt: skip
        for message in (static, fix):
            sentences = pyais.encode_dict(message, talker_id="AI", sentence_type="VDM")
            lines += [f"\\c:{second_of(row)}\\{sentence}\n" for sentence in sentences]
    path = folder / "log.nmea"
    path.write_text("".join(lines), encoding="ascii")
    return path


def as_dma(folder: Path, rows: list[Row]) -> Path:
    """The 26 columns of the Danish Maritime Authority."""
    header = (
        "# Timestamp,Type of mobile,MMSI,Latitude,Longitude,Navigational status,ROT,SOG,COG,Heading,IMO,Callsign,Name,"
        "Ship type,Cargo type,Width,Length,Type of position fixing device,Draught,Destination,ETA,Data source type,"
        "A,B,C,D"
    )
    types = {70: "Cargo", 50: "Pilot"}
    lines = [header]
    for row in rows:
        at = datetime.fromisoformat(row["BaseDateTime"])
        lines.append(
            f"{at:%d/%m/%Y %H:%M:%S},Class A,{row['MMSI']},{row['LAT']},{row['LON']},Unknown value,,{row['SOG']},"
            f"{row['COG']},,{row['IMO'].removeprefix('IMO') or 'Unknown'},{row['CallSign']},{row['VesselName']},"
            f"{types[row['VesselType']]},,,,Undefined,,Unknown,,AIS,,,,"
        )
    path = folder / "aisdk.csv"
    path.write_text("\r\n".join([*lines, ""]), encoding="utf-8")
    return path


def as_ungp(folder: Path, rows: list[Row]) -> Path:
    """Parquet of the UN Global Platform, in the folder of the day before as rows near midnight may be."""
    columns: dict[str, list[Any]] = {
        "mmsi": [row["MMSI"] for row in rows],
        "imo": [int(row["IMO"].removeprefix("IMO") or 0) for row in rows],
        "vessel_name": [row["VesselName"] for row in rows],
        "callsign": [row["CallSign"] for row in rows],
        "vessel_type": ["" for _ in rows],
        "vessel_type_code": [row["VesselType"] for row in rows],
        "longitude": [row["LON"] for row in rows],
        "latitude": [row["LAT"] for row in rows],
        "sog": [row["SOG"] for row in rows],
        "cog": [row["COG"] for row in rows],
        "heading": [511.0 for _ in rows],
        "nav_status_code": [15 for _ in rows],
        "eta": [2460 for _ in rows],
        "destination": ["" for _ in rows],
        "draught": [0.0 for _ in rows],
        "source": ["S-AIS" for _ in rows],
        "message_type": [1 for _ in rows],
        "dt_insert_utc": [datetime.fromisoformat(row["BaseDateTime"]) for row in rows],
        "dt_pos_utc": [datetime.fromisoformat(row["BaseDateTime"]) for row in rows],
        "dt_static_utc": [datetime.fromisoformat(row["BaseDateTime"]) for row in rows],
        "H3_int_index_6": [0 for _ in rows],
    }
    path = folder / "feed" / "year=2020" / "month=12" / "day=21" / "part-0.parquet"
    path.parent.mkdir(parents=True)
    pq.write_table(pa.table(columns), path)
    return folder / "feed"


def folded(lake: Settings, folder: Path, *files: Path) -> None:
    """Loads a port, takes files in, and folds the week."""
    ports = write_ports(folder / "ports.geojson", [rectangle_port("XXAAA", 0.9, 49.9, 1.1, 50.1)])
    runner.run_task("load_ports", Job(lake, paths=(ports,)))
    runner.run_task("ingest_messages", Job(lake, paths=files))
    runner.run_weekly(Job(lake, Period(WEEK, WEEK)), only="track_vessels")


@pytest.mark.parametrize("written", [as_noaa, as_nmea, as_dma, as_ungp], ids=["NOAA", "NMEA", "DMA", "UNGP"])
def test_the_same_day_in_any_format_gives_the_same_calls(
    settings: Settings, tmp_path: Path, written: Any
) -> None:
    folded(settings, tmp_path, written(tmp_path, day_of_messages()))
    calls = table(settings, "silver.port_calls").select(ALIKE).sort("mmsi")
    at = [datetime(2020, 12, 22, hour, tzinfo=UTC) for hour in (2, 22, 20)]
    same = ("XXAAA", "port_call", at[0], at[0], at[1], at[2], 20.0, 4)
    assert calls.rows() == [
        (366000001, "imo-9134270", *same, "cargo_unspecified", "2020-W52"),
        (366000002, "mmsi-366000002-WDE5199", *same, "other", "2020-W52"),
    ]
    assert table(settings, "quarantine.messages").is_empty()


def test_a_number_that_passes_on_and_a_ship_that_changes_it_are_followed(
    settings: Settings, tmp_path: Path
) -> None:
    """EVER DIADEM gives its number to another ship after its call and calls again under a new one."""
    diadem = {"IMO": "IMO9134270", "CallSign": "3FOF8", "VesselName": "EVER DIADEM"}
    other = {"IMO": "IMO9074729", "CallSign": "9HA1", "VesselName": "OTHER"}
    keywords: dict[str, Any] = {"latitude": 50.3, "sog_knots": 12.0}
    rows = [
        *stay("2020-12-21T02:00:00", "2020-12-21T20:00:00", 120, mmsi=366000001, **diadem),
        position("2020-12-21T22:00:00", 366000001, **keywords, **diadem),
        *stay("2020-12-23T02:00:00", "2020-12-23T20:00:00", 120, mmsi=366000001, **other),
        position("2020-12-23T22:00:00", 366000001, **keywords, **other),
        position("2020-12-25T00:00:00", 477000001, **keywords, **diadem),
        *stay("2020-12-25T02:00:00", "2020-12-25T20:00:00", 120, mmsi=477000001, **diadem),
        position("2020-12-25T22:00:00", 477000001, **keywords, **diadem),
        *every_hour(WEEK),
    ]
    register = tmp_path / "register.csv"
    register.write_text("imo,name,class,gt\n9134270,EVER DIADEM,container,43198\n", encoding="utf-8")
    folded(settings, tmp_path, write_noaa(tmp_path / "week.csv", rows))
    runner.run_task("load_vessels", Job(settings, paths=(register,), port_version="one"))
    runner.run_weekly(Job(settings, Period(WEEK, WEEK)), until="compute_port_activity")
    calls = table(settings, "silver.port_calls").sort("first_seen_at_utc")
    assert calls["vessel_id"].to_list() == ["imo-9134270", "imo-9074729", "imo-9134270"]
    positions = table(settings, "silver.positions").filter(pl.col("mmsi") != FAR_MMSI)
    days = positions.group_by("observed_on").agg(pl.col("vessel_id").unique())
    assert {str(day): ships for day, ships in days.rows()} == {
        "2020-12-21": ["imo-9134270"],
        "2020-12-23": ["imo-9074729"],
        "2020-12-25": ["imo-9134270"],
    }
    history = table(settings, "silver.vessels").select(
        "mmsi", "vessel_id", "flag_iso2", "valid_to_utc", "register_match"
    )
    assert history.filter(pl.col("mmsi") != FAR_MMSI).sort("mmsi", "vessel_id").rows() == [
        (366000001, "imo-9074729", "US", None, "none"),
        (366000001, "imo-9134270", "US", datetime(2020, 12, 21, 22, tzinfo=UTC), "imo"),
        (477000001, "imo-9134270", "HK", None, "imo"),
    ]
    rates = (
        table(settings, "silver.register_matches").select("register_match", "vessels").sort("register_match")
    )
    assert rates.rows() == [("imo", 1), ("mmsi_name", 0), ("none", 1)]
    weekly = table(settings, "gold.port_activity_weekly", port_locode="XXAAA")
    tonnage = weekly.filter(indicator="arrivals_gross_tonnage").sort("vessel_class")
    assert tonnage.select("vessel_class", "value").rows() == [
        ("_T", 43198.0),
        ("cargo_unspecified", None),
        ("container", 43198.0),
    ]


def test_identities_are_written_anew_only_where_something_changed(settings: Settings, tmp_path: Path) -> None:
    folded(settings, tmp_path, as_noaa(tmp_path, day_of_messages()))
    week = Job(settings, Period(WEEK, WEEK))
    first, again = (runner.run_weekly(week, only="identify_vessels")["identify_vessels"] for _ in range(2))
    assert (first.is_new, again.is_new, first.rows, again.rows) == (True, False, 2, 2)
    register = tmp_path / "register.csv"
    register.write_text("imo\n9134270\n", encoding="utf-8")
    runner.run_task("load_vessels", Job(settings, paths=(register,)))
    assert runner.run_weekly(week, only="identify_vessels")["identify_vessels"].is_new
    assert not runner.run_task("load_vessels", Job(settings, paths=(register,))).is_new


def test_static_reports_that_come_late_name_the_ships_of_the_week(settings: Settings, tmp_path: Path) -> None:
    log = as_nmea(tmp_path, day_of_messages())
    fixes, statics = tmp_path / "fixes.nmea", tmp_path / "statics.nmea"
    lines = log.read_text(encoding="ascii").splitlines(keepends=True)
    fixes.write_text("".join(line for line in lines if ",1,1,," in line), encoding="ascii")
    statics.write_text("".join(line for line in lines if ",1,1,," not in line), encoding="ascii")
    folded(settings, tmp_path, fixes)
    ships = table(settings, "silver.port_calls").sort("mmsi")
    assert ships["vessel_id"].to_list() == ["mmsi-366000001", "mmsi-366000002"]
    runner.run_task("ingest_messages", Job(settings, paths=(statics,)))
    runner.run_weekly(Job(settings, Period(WEEK, WEEK)), only="track_vessels")
    ships = table(settings, "silver.port_calls").sort("mmsi")
    assert ships["vessel_id"].to_list() == ["imo-9134270", "mmsi-366000002-WDE5199"]
    assert ships["vessel_class"].to_list() == ["cargo_unspecified", "other"]


def test_of_repeated_rows_that_name_two_ships_the_same_one_stays_from_any_order(
    settings: Settings, tmp_path: Path
) -> None:
    rows = [
        row | {"VesselName": name, "CallSign": name}
        for row in stay(f"{DAY}T02:00:00", f"{DAY}T20:00:00", 120, mmsi=366000001)
        for name in ("ALPHA", "BRAVO")
    ]
    found = []
    for number, ordered in enumerate((rows, rows[::-1])):
        lake = Settings(settings.data_dir / str(number), shuffle_partitions=1)
        folded(lake, tmp_path, write_noaa(tmp_path / f"{number}.csv", ordered))
        found.append(table(lake, "silver.vessel_reports").drop("ship_bucket").rows())
    assert found[0] == found[1]
    assert {row[3] for row in found[0]} == {"ALPHA"}
