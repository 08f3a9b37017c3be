"""Writes simulated weeks: one file of messages a UTC day, and the ports."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from ais_indicators.errors import WrongUseError
from ais_indicators.periods import Week
from ais_indicators.simulate.faults import heard, spoil
from ais_indicators.simulate.messages import ship_messages, shore_messages
from ais_indicators.simulate.ports import write_ports
from ais_indicators.simulate.ships import FEWEST_SHIPS, build_fleet
from ais_indicators.simulate.voyages import live
from ais_indicators.units import SECONDS_PER_DAY

ROW_ORDER: Final = ["BaseDateTime", "MMSI", "LAT", "LON"]
FLEET, LIFE, DAY, WEEK = range(4)
"""Streams of random numbers: each ship, day and week has its own, whatever the number of others."""


@dataclass(frozen=True)
class SimulatedSea:
    """The files of a simulation.

    Attributes:
        message_files: One CSV a UTC day, in order.
        ports_file: GeoJSON areas of the ports.
    """

    message_files: tuple[Path, ...]
    ports_file: Path


def simulate_weeks(
    first_week: str,
    weeks: int,
    ships: int,
    seed: int,
    out_dir: Path,
    seconds_between_fixes: int = 120,
    progress: Callable[[int, int], None] | None = None,
) -> SimulatedSea:
    """Simulates consecutive weeks and writes them under `out_dir`.

    The same arguments give the same bytes, and a further week leaves the earlier files as they were.

    Args:
        first_week: ISO week such as `2026-W20`.
        weeks: How many weeks.
        ships: How many ships, at least `FEWEST_SHIPS`.
        seed: Seed of all random draws.
        out_dir: Gets `messages/AIS_YYYY_MM_DD.csv` and `ports.geojson`; files of the same name are replaced.
        seconds_between_fixes: Mean interval of a ship's messages; a divisor of the day.
        progress: Called after each day with the days done and the days in all.

    Raises:
        WrongUseError: Too few weeks or ships, or an interval that does not divide the day.
    """
    _check(weeks, ships, seconds_between_fixes)
    monday = Week.parse(first_week)
    days = [day for number in range(weeks) for day in monday.plus(number).days]
    fleet = build_fleet(ships, np.random.default_rng([seed, FLEET]))
    span = monday.start_second, monday.plus(weeks).start_second
    lives = [
        live(ship, *span, np.random.default_rng([seed, LIFE, number])) for number, ship in enumerate(fleet)
    ]
    (out_dir / "messages").mkdir(parents=True, exist_ok=True)
    files: list[Path] = []
    for number, day in enumerate(days):
        start, week = monday.start_second + number * SECONDS_PER_DAY, Week.of(day)
        rng = np.random.default_rng([seed, DAY, day.toordinal()])
        week_rng = np.random.default_rng([seed, WEEK, week.monday.toordinal()])
        sent = ship_messages(fleet, lives, start, seconds_between_fixes, rng)
        received = spoil(heard(sent, week, week_rng), rng)
        path = out_dir / "messages" / f"AIS_{day:%Y_%m_%d}.csv"
        files.append(_write_day([received, shore_messages(start)], path, start + SECONDS_PER_DAY))
        if progress is not None:
            progress(len(files), len(days))
    return SimulatedSea(tuple(files), write_ports(out_dir / "ports.geojson"))


def _check(weeks: int, ships: int, seconds_between_fixes: int) -> None:
    if weeks < 1 or ships < FEWEST_SHIPS:
        raise WrongUseError(f"a simulation needs a week and {FEWEST_SHIPS} ships; asked: {weeks} and {ships}")
    if seconds_between_fixes < 1 or SECONDS_PER_DAY % seconds_between_fixes:
        raise WrongUseError(f"{seconds_between_fixes} s between fixes do not divide the day")


def _write_day(parts: list[pd.DataFrame], path: Path, delivered_second: int) -> Path:
    """Writes a day in order; its file time is the day's end, when it can be delivered at the earliest."""
    rows = pd.concat(parts, ignore_index=True).sort_values(ROW_ORDER, kind="stable")
    rows.to_csv(path, index=False, lineterminator="\n")
    os.utime(path, (delivered_second, delivered_second))
    return path
