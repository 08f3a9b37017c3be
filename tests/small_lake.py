"""A small lake of three weeks around a week 53, with the hard cases of the method, and the steps that fill it.

The weeks hold a stay over two week ends, visits that merge over one, an open call, a vessel that is silent for 15
days, two vessels on one number, a stub that Monday completes, a class that changes, and a day without data.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ais_indicators import runner
from ais_indicators.job import Job
from ais_indicators.periods import Period, Week
from ais_indicators.pipelines.ingest_messages import IngestSummary
from ais_indicators.settings import Settings
from tests.messages import (
    FIGURES,
    Feature,
    Row,
    by_day,
    every_hour,
    mmsi_numbers,
    position,
    rectangle_port,
    stay,
    table,
    write_days,
    write_ports,
)

W52, W53, W01 = (Week.parse(name) for name in ("2020-W52", "2020-W53", "2021-W01"))
ALL_WEEKS = Period(W52, W01)
SILENT_DAY = "2020-12-30"

SEA, ROADS, HARBOUR, FAR_HARBOUR = (50.3, 1.0), (50.0, 1.25), (50.0, 1.0), (52.0, 1.0)
PORTS = (
    rectangle_port("XXAAA", 0.9, 49.9, 1.1, 50.1),
    rectangle_port("XXAAA", 1.2, 49.9, 1.3, 50.1, "anchorage"),
    rectangle_port("XXBBB", 0.9, 51.9, 1.1, 52.1),
)


# --- its messages -------------------------------------------------------------------------------------------


def says(mmsi: int, moment: str) -> dict[str, str]:
    """What a ship says of itself: one has a call sign, the number of another passes on with the new year."""
    passed_on = {"IMO": "IMO9074729"} if moment >= "2021" else {"IMO": "IMO9134270"}
    return {LONG_STAY: {"CallSign": "WDE5199"}, TANKER: passed_on}.get(mmsi, {})


def at(
    place: tuple[float, float], moment: str, mmsi: int, sog_knots: float = 12.0, ship_type: int = 70
) -> Row:
    """One message under way."""
    return position(moment, mmsi, *place, sog_knots, ship_type, **says(mmsi, moment))


def lies(
    place: tuple[float, float], first: str, last: str, mmsi: int, every_hours: float = 1, ship_type: int = 70
) -> list[Row]:
    """Messages of a ship that lies still."""
    keywords = {"mmsi": mmsi, "latitude": place[0], "longitude": place[1], "ship_type": ship_type}
    return stay(first, last, every_hours * 60, **keywords, **says(mmsi, first))


LONG_STAY, TANKER, SILENT, SHARED, PASSENGER, MIDNIGHT, MERGED, STUB, JUNK, TRANSIT = mmsi_numbers(10)
CHANNEL, STRAIT, NORTH_SEA = (50.9157, 1.3238), (51.0302, 1.5058), (51.1447, 1.6878)
"""South of the gate of Dover, in it, and north of it."""

WORLD: list[Row] = [
    # a stay over two week ends and a year's end; its type changes while it lies there
    at(SEA, "2020-12-26T06:00:00", LONG_STAY),
    *lies(HARBOUR, "2020-12-26T12:00:00", "2020-12-28T12:00:00", LONG_STAY, 3),
    *lies(HARBOUR, "2020-12-28T15:00:00", "2021-01-05T12:00:00", LONG_STAY, 3, ship_type=80),
    at(SEA, "2021-01-05T15:00:00", LONG_STAY, ship_type=80),
    # waits, calls, comes again and is in port when the data end
    *lies(ROADS, "2020-12-22T00:00:00", "2020-12-22T12:00:00", TANKER, 2, ship_type=80),
    *lies(HARBOUR, "2020-12-22T14:00:00", "2020-12-23T10:00:00", TANKER, 2, ship_type=80),
    at(SEA, "2020-12-23T12:00:00", TANKER, ship_type=80),
    *lies(HARBOUR, "2021-01-08T00:00:00", "2021-01-10T23:00:00", TANKER, 6, ship_type=80),
    # 15 days of silence at sea
    *(at(SEA, f"2020-12-21T0{hour}:00:00", SILENT, ship_type=31) for hour in (1, 2, 3)),
    *(at(SEA, f"2021-01-05T0{hour}:00:01", SILENT, ship_type=31) for hour in (3, 4, 5)),
    # two ships, 222 km apart
    *lies(HARBOUR, "2020-12-28T10:00:00", "2020-12-28T20:00:00", SHARED, 2),
    *lies(FAR_HARBOUR, "2020-12-28T11:00:00", "2020-12-29T03:00:00", SHARED, 2, ship_type=80),
    # passes at 12 knots around Sunday midnight
    at(SEA, "2021-01-03T22:00:00", PASSENGER, ship_type=60),
    at((50.03, 1.0), "2021-01-03T23:50:00", PASSENGER, ship_type=60),
    at((49.97, 1.0), "2021-01-04T00:10:00", PASSENGER, ship_type=60),
    at(SEA, "2021-01-04T02:00:00", PASSENGER, ship_type=60),
    # calls over Sunday midnight
    at(SEA, "2020-12-27T18:00:00", MIDNIGHT),
    *lies(HARBOUR, "2020-12-27T20:00:00", "2020-12-28T04:00:00", MIDNIGHT),
    at(SEA, "2020-12-28T06:00:00", MIDNIGHT),
    # is back in port 45 minutes after it left, in the next week
    at(SEA, "2020-12-27T19:00:00", MERGED),
    *lies(HARBOUR, "2020-12-27T20:00:00", "2020-12-27T22:00:00", MERGED),
    at(SEA, "2020-12-27T23:30:00", MERGED),
    *lies(HARBOUR, "2020-12-28T00:15:00", "2020-12-28T03:15:00", MERGED),
    at(SEA, "2020-12-28T05:00:00", MERGED),
    # two fixes on Sunday are a stub, the third on Monday makes them a call
    *lies(HARBOUR, "2021-01-03T22:00:00", "2021-01-04T01:00:00", STUB, 1.5),
    # rows that the fold rejects: repeated, and in conflict
    at(HARBOUR, "2020-12-22T14:00:00", TANKER, 0.0, 80),
    at((50.001, 1.0), "2020-12-22T16:00:00", TANKER, 0.0, 80),
    # ten days in a strait, over two week ends
    at(CHANNEL, "2020-12-26T06:00:00", TRANSIT),
    *lies(STRAIT, "2020-12-26T09:00:00", "2021-01-05T09:00:00", TRANSIT, 3),
    at(NORTH_SEA, "2021-01-05T12:00:00", TRANSIT),
    # a wild fix, and a day later another
    at(SEA, "2020-12-29T12:00:00", JUNK, ship_type=52),
    at((-30.0, -30.0), "2020-12-29T12:01:00", JUNK, ship_type=52),
    *every_hour(W52, W53, W01),
]
WORLD = [row for row in WORLD if not row["BaseDateTime"].startswith(SILENT_DAY)]
CALLERS = (LONG_STAY, TANKER, SHARED, MIDNIGHT, MERGED, STUB)


# --- steps --------------------------------------------------------------------------------------------------


def load_ports(lake: Settings, areas: Sequence[Feature] = PORTS, version: str = "first") -> str:
    """Loads areas as a version of the ports."""
    path = write_ports(lake.data_dir.parent / f"{version}.geojson", areas)
    runner.run_task("load_ports", Job(lake, paths=(path,), port_version=version))
    return version


def ingest(lake: Settings, *paths: Path) -> IngestSummary:
    """Takes files in."""
    summary: IngestSummary = runner.run_task("ingest_messages", Job(lake, paths=paths))
    return summary


def run(
    lake: Settings, period: Period | Week, until: str | None = FIGURES, **keywords: Any
) -> dict[str, Any]:
    """Runs a week, or weeks in one go, as far as a task."""
    weeks = period if isinstance(period, Period) else Period(period, period)
    return runner.run_weekly(Job(lake, weeks, **keywords), until=until)


def files_of(lake: Settings, rows: Sequence[Row], first: Week = W52, last: Week = W01) -> list[Path]:
    """Writes a file for each day of some weeks that has messages."""
    chosen = [d for d in by_day(rows) if first.days[0] <= d <= last.days[-1]]
    kept = [row for day, part in by_day(rows).items() if day in chosen for row in part]
    return write_days(lake.data_dir.parent / "deliveries", kept)


def copied(lake: Settings, folder: Path) -> Settings:
    """A copy of a lake, to go on from there."""
    shutil.copytree(lake.data_dir, folder / "data")
    return Settings(folder / "data", shuffle_partitions=1)


def calls_of(lake: Settings, mmsi: int) -> list[dict[str, Any]]:
    """Rows of `silver.port_calls` of a ship, in order of time."""
    return table(lake, "silver.port_calls", mmsi=mmsi).sort("first_seen_at_utc").to_dicts()


def value(lake: Settings, week: Week, indicator: str, port: str = "XXAAA", vessel_class: str = "_T") -> float:
    """One value of `gold.port_activity_weekly`, not adjusted."""
    keys = {"week": week.name, "port_locode": port, "vessel_class": vessel_class, "indicator": indicator}
    keys["adjustment"] = "N"
    (found,) = table(lake, "gold.port_activity_weekly", **keys)["value"].to_list()
    return float(found)


def moments(call: dict[str, Any], *names: str) -> list[str]:
    """Times of a call in short."""
    return [call[f"{name}_at_utc"].strftime("%m-%d %H:%M") for name in names]


FIRST_DELIVERY = [
    *stay("2020-12-21T00:00:00", "2020-12-21T03:00:00"),
    position("2020-12-21T04:00:00", mmsi=123456789),
]
CORRECTED = [
    *stay("2020-12-21T00:00:00", "2020-12-21T01:00:00", sog_knots=3.0),
    position("2020-12-22T04:00:00", latitude=91.0, longitude=181.0),
    position("2020-12-22T05:00:00", latitude=0.0, longitude=0.0),
    position("", sog_knots=1.0),
]
"""Messages of a file, and of the corrected file of its name."""


# --- recipes ------------------------------------------------------------------------------------------------


def make_lake(folder: Path) -> None:
    """Makes a lake that holds ports and nothing else."""
    load_ports(Settings(folder / "data", shuffle_partitions=1))


def backfill_lake(folder: Path) -> None:
    """Takes in all files, then computes the three weeks in one backfill."""
    made = Settings(folder / "data", shuffle_partitions=1)
    load_ports(made)
    ingest(made, *files_of(made, WORLD))
    run(made, ALL_WEEKS)
