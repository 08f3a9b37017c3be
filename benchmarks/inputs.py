"""The day files that every contestant reads, made once and never timed.

One real day of NOAA's messages is written as CSV in the layout of 2018 on, unquoted, and once more for each
day after it with the dates moved: more rows of the same kind, all in one ISO week. Each day lies a metre farther north,
for a message that repeats another one is an echo and rejected.
"""

from datetime import date, timedelta
from pathlib import Path
from typing import Literal

import duckdb

from ais_indicators.periods import Week

SHARED = Path(__file__).resolve().parents[1] / ".." / "shared" / "data"
MESSAGES = SHARED / "ais" / "noaa_2020-01-01_gulf_west_inland.parquet"
PORTS = SHARED / "ports" / "WPI_UpdatedPub150.csv"
FIRST_DAY = date(2020, 1, 1)
WEEK = Week.of(FIRST_DAY).name
METRE_DEGREES, DECIMALS = 1e-5, 5
SAMPLE_OF_SHIPS = 10
"""A quick run takes one ship in so many."""

Order = Literal["ship", "time"]


def day_files(folder: Path, days: int, order: Order, is_sample: bool) -> list[Path]:
    """Gives the first so many day files, making those that are not there yet.

    Args:
        folder: Where they lie.
        days: How many.
        order: `ship`: by MMSI and time, as the source file has them; `time`: as NOAA delivers them.
        is_sample: Only a tenth of the ships.
    """
    folder.mkdir(parents=True, exist_ok=True)
    kind = f"{order}_sample" if is_sample else order
    paths = [folder / f"AIS_{FIRST_DAY + timedelta(days=n)}_{kind}.csv" for n in range(days)]
    for number, path in enumerate(paths):
        if not path.exists():
            _write_day(path, number, order, is_sample)
    return paths


def week_files(folder: Path, is_sample: bool) -> list[Path]:
    """Gives a file for each day of the ISO week, Monday to Sunday, making those that are not there yet.

    Args:
        folder: Where they lie.
        is_sample: Only a tenth of the ships.
    """
    folder.mkdir(parents=True, exist_ok=True)
    days = Week.parse(WEEK).days
    paths = [folder / f"AIS_{day}.csv" for day in days]
    for day, path in zip(days, paths, strict=True):
        if not path.exists():
            _write_day(path, (day - FIRST_DAY).days, "ship", is_sample)
    return paths


def rows_of(path: Path) -> int:
    """Counts the rows of a day file."""
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 24), b"")) - 1


def _write_day(path: Path, days_later: int, order: Order, is_sample: bool) -> None:
    unfinished = path.with_suffix(".part")
    where = f"WHERE hash(MMSI) % {SAMPLE_OF_SHIPS} = 0" if is_sample else ""
    ordered = "ORDER BY BaseDateTime, MMSI" if order == "time" else ""
    duckdb.sql(
        f"""
        COPY (
            SELECT
                MMSI,
                strftime(BaseDateTime + INTERVAL ({days_later}) DAY, '%Y-%m-%dT%H:%M:%S') AS BaseDateTime,
                round(LAT + {days_later * METRE_DEGREES}, {DECIMALS}) AS LAT, LON,
                SOG, COG, Heading, VesselName, IMO, CallSign, VesselType::INTEGER AS VesselType,
                NULL AS Status, NULL AS Length, NULL AS Width, NULL AS Draft, NULL AS Cargo,
                NULL AS TransceiverClass
            FROM '{MESSAGES}' {where} {ordered}
        ) TO '{unfinished}' (FORMAT csv, HEADER)
        """
    )
    unfinished.rename(path)
