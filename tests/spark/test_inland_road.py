"""Inland vessels from a port file's mark to the indicators and their contributors."""

from pathlib import Path

from ais_indicators import runner
from ais_indicators.io.references import inland_ports
from ais_indicators.job import Job
from ais_indicators.periods import Period, Week
from ais_indicators.settings import Settings
from tests.messages import position, rectangle_port, stay, table, write_noaa, write_ports

WEEK = Week.parse("2020-W52")
DAY = "2020-12-22"
BARGE, COASTER = 211000001, 366000001


def test_a_port_on_inland_waters_keeps_its_vessels_out_of_totals(tmp_path: Path) -> None:
    lake = Settings(tmp_path / "data", shuffle_partitions=1)
    area = rectangle_port("DEDUI", 0.9, 49.9, 1.1, 50.1, country_iso3="DEU", inland_waters=True)
    job = Job(lake, paths=(write_ports(tmp_path / "ports.geojson", [area]),))
    assert runner.run_task("load_ports", job).is_new
    assert not runner.run_task("load_ports", job).is_new
    assert inland_ports(lake) == ("DEDUI",)
    rows = []
    for mmsi, said in ((BARGE, {"IMO": ""}), (COASTER, {"IMO": "IMO9134270"})):
        rows += [
            position(f"{DAY}T00:00:00", mmsi, latitude=50.3, sog_knots=12.0, VesselType=70, **said),
            *stay(f"{DAY}T02:00:00", f"{DAY}T20:00:00", 120, mmsi=mmsi, VesselType=70, **said),
            position(f"{DAY}T22:00:00", mmsi, latitude=50.3, sog_knots=12.0, VesselType=70, **said),
        ]
    messages = write_noaa(tmp_path / "noaa.csv", rows)
    runner.run_task("ingest_messages", Job(lake, paths=(messages,)))
    of_week = Job(lake, period=Period(WEEK, WEEK))
    for task in ("track_vessels", "identify_vessels", "compute_port_activity", "compute_contributors"):
        runner.run_task(task, of_week)
    assert set(table(lake, "silver.port_calls")["vessel_class"]) == {"cargo_unspecified"}
    arrivals = table(lake, "gold.port_activity_weekly", indicator="arrivals", port_locode="DEDUI")
    assert dict(arrivals.select("vessel_class", "value").rows()) == {
        "_T": 1,
        "cargo_unspecified": 1,
        "inland": 1,
    }
    behind = table(lake, "gold.contributors_weekly", port_locode="DEDUI")
    assert dict(behind.select("vessel_class", "ships").rows()) == {
        "_T": 1,
        "cargo_unspecified": 1,
        "inland": 1,
    }
