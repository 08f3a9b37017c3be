"""Publishes every week of fresh simulated data sets, one after the other: no seed may stop a release."""

import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ais_indicators import runner
from ais_indicators.errors import AisIndicatorsError
from ais_indicators.job import Job
from ais_indicators.periods import DAYS_PER_WEEK, Period, Week
from ais_indicators.settings import Settings
from ais_simulator import Simulation, simulate_weeks
from benchmarks.reliability.ways import ingest

FIRST_WEEK = "2026-W01"
FIRST_SEED = 9001
"""With 300 ships it made an imputed share of 1.0000000000000002 in its third week (issue 19)."""

MOST_SHIPS, FEWEST_SHIPS, STEP = 300, 120, 49
"""Numbers of ships: the most first, then in steps over the range, so that a few seeds are of many sizes already."""


def ships_of(number: int) -> int:
    """Ships of the data set with a number from 0.

    >>> [ships_of(number) for number in range(5)]
    [300, 251, 202, 153, 285]
    """
    return MOST_SHIPS - number * STEP % (MOST_SHIPS - FEWEST_SHIPS + 1)


def try_publishing(seeds: int, weeks: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Simulates data sets and runs each week from its files to its release.

    Args:
        seeds: How many data sets.
        weeks: How many weeks each has.
        say: Called with what was found of each.
    """
    found = []
    for number in range(seeds):
        folder = Path(tempfile.mkdtemp(prefix="ais-publishing-"))
        try:
            found.append(_publish_all(folder, FIRST_SEED + number, ships_of(number), weeks))
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        say(f"{found[-1]}")
    return {
        "tried": weeks * len(found),
        "survived": sum(one["published"] for one in found),
        "weeks": weeks,
        "data_sets": found,
    }


def _publish_all(folder: Path, seed: int, ships: int, weeks: int) -> dict[str, Any]:
    """Publishes the weeks of one data set; a week that is stopped does not keep the next from being tried."""
    first = Week.parse(FIRST_WEEK)
    sea = simulate_weeks(Simulation(first.name, weeks, ships, seed, "nmea"), folder / "sea")
    lake = Settings(folder / "data", shuffle_partitions=1)
    runner.run_task("load_ports", Job(lake, paths=(sea.ports_file,)))
    runner.run_task("load_gates", Job(lake))
    runner.run_task("load_vessels", Job(lake, paths=(sea.register_file,)))
    problems: list[str] = []
    for number in range(weeks):
        files = sea.message_files[DAYS_PER_WEEK * number : DAYS_PER_WEEK * (number + 1)]
        problems += _publish_week(lake, first.plus(number), files)
    return {
        "seed": seed,
        "ships": ships,
        "messages": sea.rows,
        "published": weeks - len(problems),
        "problems": problems,
    }


def _publish_week(lake: Settings, week: Week, files: Sequence[Path]) -> list[str]:
    """Takes a week's files in and runs it to its release; gives the sentence with which it stopped, if it did."""
    try:
        ingest(lake, files)
        runner.run_weekly(Job(lake, Period(week, week)))
    except AisIndicatorsError as error:
        return [f"{week}: {' '.join(str(error).split())}"]
    return []
