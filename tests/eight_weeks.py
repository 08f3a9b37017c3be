"""A small lake of eight weeks, run week by week as they are delivered, with a file that comes three weeks late."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ais_indicators import runner
from ais_indicators.job import Job
from ais_indicators.periods import Period, Week
from ais_indicators.settings import Settings
from tests.messages import (
    FAR_MMSI,
    Row,
    every_hour,
    mmsi_numbers,
    position,
    rectangle_port,
    stay,
    write_noaa,
    write_ports,
)

WEEKS = tuple(Week.parse("2020-W48").plus(n) for n in range(8))
LATE_WEEK, LATE_TAKEN_UP = WEEKS[2], WEEKS[5]
LATE_FILE = "late.csv"
PORTS = (rectangle_port("XXAAA", 0.9, 49.9, 1.1, 50.1), rectangle_port("XXBBB", 0.9, 51.9, 1.1, 52.1))
SHIPS = 6
*MMSI_NUMBERS, LATE_MMSI = mmsi_numbers(SHIPS + 1, beside=FAR_MMSI)
IMO_NUMBERS = (9134270, 9074729, 9197478, 9575292, 9232163)


def voyages(week: Week, ship: int) -> list[Row]:
    """A week of a tanker that calls at one port, sails to the other and calls there, and reports its draught."""
    monday = datetime.combine(week.monday, datetime.min.time()) + timedelta(hours=ship)
    said: dict[str, Any] = {
        "mmsi": MMSI_NUMBERS[ship],
        "ship_type": 80,
        "Length": 150 + ship,
        "Width": 24,
        "IMO": f"IMO{IMO_NUMBERS[ship]}" if ship < len(IMO_NUMBERS) else "",
    }

    def at(hours: float) -> datetime:
        return monday + timedelta(hours=hours)

    def lies(first: float, last: float, latitude: float, draught_m: float) -> list[Row]:
        return stay(
            at(first).isoformat(), at(last).isoformat(), 120, latitude=latitude, Draft=draught_m, **said
        )

    deep, light = 8.0 + ship / 2 + week.monday.day % 3 / 2, 6.0
    return [
        position(at(12), latitude=51.0, sog_knots=10.0, Draft=deep, **said),
        *lies(24, 60, 50.0, deep),
        position(at(72), latitude=51.0, sog_knots=10.0, Draft=light, **said),
        *lies(84, 120, 52.0, light),
        position(at(140), latitude=51.0, sog_knots=10.0, Draft=deep, **said),
    ]


def late_rows() -> list[Row]:
    """A ship without messages when its week was published."""
    day = LATE_WEEK.monday.isoformat()
    ship: dict[str, Any] = {"mmsi": LATE_MMSI, "ship_type": 70}
    return [
        position(f"{day}T01:00:00", latitude=50.3, sog_knots=10.0, **ship),
        *stay(f"{day}T03:00:00", f"{day}T20:00:00", 60, **ship),
        position(f"{day}T23:00:00", latitude=50.3, sog_knots=10.0, **ship),
    ]


def publish_eight_weeks(folder: Path) -> None:
    """Delivers and publishes each week, one after the other."""
    made = Settings(folder / "data", shuffle_partitions=1)
    ports = write_ports(folder / "ports.geojson", PORTS)
    runner.run_task("load_ports", Job(made, paths=(ports,), port_version="first"))
    for week in WEEKS:
        rows = [*every_hour(week), *(row for ship in range(SHIPS) for row in voyages(week, ship))]
        files = [write_noaa(folder / f"{week}.csv", rows)]
        if week == LATE_TAKEN_UP:
            files.append(write_noaa(folder / LATE_FILE, late_rows()))
        runner.run_task("ingest_messages", Job(made, paths=tuple(files)))
        runner.run_weekly(Job(made, Period(week, week)))
