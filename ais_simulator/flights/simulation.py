"""Writes simulated flights: state vectors day by day, the airports, and the truth."""

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Final, Literal, get_args

import polars as pl

from ais_indicators.errors import WrongUseError
from ais_indicators.periods import DAYS_PER_WEEK, Week
from ais_indicators.units import MICROSECONDS_PER_SECOND, SECONDS_PER_DAY
from ais_simulator.flights.airports import write_airports
from ais_simulator.flights.reception import Faults, faults_of, is_flagless, plain, received
from ais_simulator.flights.schedule import Plane, simulate_plane

MARKER: Final = "simulation.json"
SUBJECT: Final = "planes"
STAYS, TOUCHES, WEEKLY = "stays", "touch_and_goes", "movements_weekly"

FileFormat = Literal["csv", "parquet"]
FORMATS: Final[tuple[FileFormat, ...]] = get_args(FileFormat)
Advance = Callable[[int, int], None]


@dataclass(frozen=True)
class Sky:
    """What to simulate; the same gives the same bytes.

    Attributes:
        first_week: ISO week such as `2026-W01`.
        weeks: How many weeks.
        planes: How many planes.
        seed: Seed of all random draws.
        scenario: `clear` or `standard`.
        file_format: How the state vectors are written.
        interval_s: Seconds from one state vector of a plane to the next.
    """

    first_week: str
    weeks: int
    planes: int
    seed: int
    scenario: str = "standard"
    file_format: FileFormat = "csv"
    interval_s: int = 10


@dataclass(frozen=True)
class SimulatedSky:
    """What was written.

    Attributes:
        folder: Where.
        message_files: One file per UTC day, in order.
        airports_file: The airports' areas, as `ports load` takes them in a lake of planes.
        rows: State vectors written.
        flights: Flights flown, in whole or in part.
        truth_rows: Rows of each table of the truth.
    """

    folder: Path
    message_files: tuple[Path, ...]
    airports_file: Path
    rows: int
    flights: int
    truth_rows: dict[str, int]


def simulate_flights(wanted: Sky, out_dir: Path, advance: Advance | None = None) -> SimulatedSky:
    """Simulates flights and writes them under a folder; what an earlier simulation left there is replaced.

    All rows are held in memory: some 100 bytes a state vector.

    Args:
        wanted: What to simulate.
        out_dir: Gets `messages/`, `airports.geojson` and `truth/`.
        advance: Called with the planes done and in total.

    Raises:
        WrongUseError: The folder holds something else, or the week is none.
        BadInputError: There is no such scenario.
    """
    faults, week = faults_of(wanted.scenario), Week.parse(wanted.first_week)
    messages, truth = out_dir / "messages", out_dir / "truth"
    if messages.is_dir() and any(messages.iterdir()) and not truth.is_dir():
        raise WrongUseError(f"{messages} holds files of something else; choose another folder")
    for folder in (messages, truth):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    days = wanted.weeks * DAYS_PER_WEEK
    planes = [simulate_plane(n, wanted.seed, float(week.start_second), days) for n in range(wanted.planes)]
    rows = _all_received(planes, wanted, faults, advance)
    end_second = week.start_second + days * SECONDS_PER_DAY
    rows = rows.filter(pl.col("time") < end_second)
    files = _write_days(rows, messages, week, days, wanted.file_format)
    tables = _truth(planes, end_second)
    for name, table in tables.items():
        table.write_parquet(truth / f"{name}.parquet")
    said = {**asdict(wanted), "subject": SUBJECT, "faults": plain(faults), "state_vectors": rows.height}
    (truth / MARKER).write_text(json.dumps(said, indent=2) + "\n", encoding="utf-8")
    return SimulatedSky(
        out_dir,
        files,
        write_airports(out_dir / "airports.geojson"),
        rows.height,
        sum(len(plane.flights) for plane in planes),
        {name: table.height for name, table in tables.items()},
    )


def _all_received(planes: list[Plane], wanted: Sky, faults: Faults, advance: Advance | None) -> pl.DataFrame:
    """Returns the state vectors of all flights, in the order of time and plane as OpenSky has them."""
    parts, number = [], 0
    for done, plane in enumerate(planes, 1):
        for flight in plane.flights:
            rows = received(flight, number, faults, wanted.seed, wanted.interval_s)
            if is_flagless(flight, faults, wanted.seed):
                rows = rows.with_columns(onground=pl.lit(None, pl.Boolean))
            parts.append(rows)
            number += 1
        if advance:
            advance(done, len(planes))
    return pl.concat(parts).sort("time", "icao24", "lastposupdate", maintain_order=True)


def _write_days(
    rows: pl.DataFrame, folder: Path, week: Week, days: int, file_format: FileFormat
) -> tuple[Path, ...]:
    """Returns one file per UTC day of the column `time`."""
    files = []
    for day in range(days):
        begins = week.start_second + day * SECONDS_PER_DAY
        name = datetime.fromtimestamp(begins, UTC).strftime("states_%Y-%m-%d")
        path = folder / f"{name}.{file_format}"
        of_day = rows.filter(pl.col("time").is_between(begins, begins + SECONDS_PER_DAY, closed="left"))
        if file_format == "csv":
            of_day.write_csv(path)
        else:
            of_day.write_parquet(path)
        files.append(path)
    return tuple(files)


def _truth(planes: list[Plane], end_second: float) -> dict[str, pl.DataFrame]:
    """Returns the ground truth: stays at airports, touch-and-goes, and arrivals and departures by week."""
    stays, touches = [], []
    for plane in planes:
        ends = [(None, plane.base.code), *((f.touched_down, f.destination.code) for f in plane.flights)]
        starts = [*(f.lifted_off for f in plane.flights), None]
        stays += [
            (plane.mmsi, code, _before(arrived, end_second), _before(departed, end_second))
            for (arrived, code), departed in zip(ends, starts, strict=True)
            if arrived is None or arrived < end_second
        ]
        touches += [
            (plane.mmsi, airport.code, second)
            for flight in plane.flights
            for airport, second in flight.touches
            if second < end_second
        ]
        assert all(a.touched_down < b.lifted_off for a, b in pairwise(plane.flights))  # noqa: S101
    of_stays = pl.DataFrame(
        stays,
        schema={
            "mmsi": pl.Int64,
            "port_locode": pl.String,
            "arrived_at_utc": pl.Float64,
            "departed_at_utc": pl.Float64,
        },
        orient="row",
    ).with_columns(_as_time("arrived_at_utc"), _as_time("departed_at_utc"))
    of_touches = pl.DataFrame(
        touches,
        schema={"mmsi": pl.Int64, "port_locode": pl.String, "touched_at_utc": pl.Float64},
        orient="row",
    ).with_columns(_as_time("touched_at_utc"))
    return {STAYS: of_stays, TOUCHES: of_touches, WEEKLY: _weekly(of_stays)}


def _weekly(stays: pl.DataFrame) -> pl.DataFrame:
    """Returns one row per week, airport and indicator: `week, port_locode, indicator, value`."""
    ends = {"arrivals": "arrived_at_utc", "departures": "departed_at_utc"}
    counted = [
        stays.filter(pl.col(column).is_not_null())
        .group_by(week=pl.col(column).dt.strftime("%G-W%V"), port_locode="port_locode")
        .agg(value=pl.len().cast(pl.Int64))
        .with_columns(indicator=pl.lit(indicator))
        for indicator, column in ends.items()
    ]
    return pl.concat(counted).select("week", "port_locode", "indicator", "value").sort(pl.all())


def _before(second: float | None, end_second: float) -> float | None:
    return second if second is not None and second < end_second else None


def _as_time(column: str) -> pl.Expr:
    return (pl.col(column) * MICROSECONDS_PER_SECOND).round().cast(pl.Int64).cast(pl.Datetime("us", "UTC"))
