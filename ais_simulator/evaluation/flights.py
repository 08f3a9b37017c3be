"""Accuracy of arrivals and departures of planes, compared with the ground truth of simulated flights."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import polars as pl

from ais_indicators.errors import BadInputError
from ais_indicators.periods import Period, Week
from ais_indicators.rules import PLANES
from ais_indicators.units import SECONDS_PER_MINUTE
from ais_simulator.evaluation.matching import Matched, match
from ais_simulator.evaluation.truth import SIMULATION, TRUTH

STAYS: Final = "stays"
TOUCHES: Final = "touch_and_goes"
WEEKLY: Final = "movements_weekly"
ENDS: Final = {"arrivals": "arrived_at_utc", "departures": "departed_at_utc"}
TOTAL: Final = "_T"


@dataclass(frozen=True)
class FlightTruth:
    """Ground truth of some simulated weeks of flights.

    Attributes:
        weeks: The weeks.
        stays: One row per stay of a plane at an airport; an end outside the weeks is null.
        touches: One row per touch-and-go.
        weekly: `week, port_locode, indicator, value`: arrivals and departures.
    """

    weeks: Period
    stays: pl.DataFrame
    touches: pl.DataFrame
    weekly: pl.DataFrame

    @property
    def span(self) -> tuple[datetime, datetime]:
        """Returns the first moment of the weeks and the one after the last."""
        return self.weeks.first.start, self.weeks.last.end


@dataclass(frozen=True)
class FlightEvaluation:
    """Result of an evaluation of flights.

    Attributes:
        arrivals: True and found arrivals; a pair agrees in plane and airport, and to 15 minutes in time.
        departures: The same for departures.
        touches_counted: Touch-and-goes that were counted as arrivals.
        weekly: One row per week, airport and indicator: `true`, `found`.
    """

    arrivals: Matched
    departures: Matched
    touches_counted: int
    weekly: pl.DataFrame

    def plain(self) -> dict[str, Any]:
        """Returns all of it as JSON types."""
        differs = [abs(one - other) for one, other in self.weekly.select("true", "found").iter_rows()]
        return {
            **{
                name: _scores(of)
                for name, of in (("arrivals", self.arrivals), ("departures", self.departures))
            },
            "touch_and_goes_counted_as_arrivals": self.touches_counted,
            "weekly_figures": {
                "compared": self.weekly.height,
                "equal": differs.count(0),
                "largest_difference": max(differs, default=0),
            },
            "weekly": self.weekly.to_dicts(),
        }


def is_of_flights(folder: Path) -> bool:
    """Returns whether a folder holds the truth of simulated flights."""
    simulation = _inner(folder) / SIMULATION
    return (
        simulation.is_file() and json.loads(simulation.read_text(encoding="utf-8")).get("subject") == PLANES
    )


def read_flight_truth(folder: Path) -> FlightTruth:
    """Reads the ground truth of flights.

    Args:
        folder: What `simulate-flights` wrote, or the folder `truth` in it.

    Raises:
        BadInputError: There is no ground truth of flights.
    """
    inner = _inner(folder)
    if not is_of_flights(folder):
        raise BadInputError(
            f"{folder}: has no ground truth of simulated flights ({SIMULATION}); give its folder"
        )
    said = json.loads((inner / SIMULATION).read_text(encoding="utf-8"))
    first = Week.parse(said["first_week"])
    weeks = Period(first, first.plus(said["weeks"] - 1))
    return FlightTruth(
        weeks, *(pl.read_parquet(inner / f"{name}.parquet") for name in (STAYS, TOUCHES, WEEKLY))
    )


def assess_flights(truth: FlightTruth, calls: pl.DataFrame, weekly: pl.DataFrame) -> FlightEvaluation:
    """Compares the lake's calls and weekly values with the ground truth.

    Args:
        truth: The truth.
        calls: Rows of `silver.port_calls`.
        weekly: Rows of `gold.port_activity_weekly`.
    """
    first, end = truth.span
    found = calls.filter(event_type="port_call")
    matched = {}
    for name, column in ENDS.items():
        at = pl.col(column)
        inside = at.is_not_null() & (at >= pl.lit(first)) & (at < pl.lit(end))
        keys = ["mmsi", "port_locode"]
        true, seen = (of.filter(inside).select(*keys, began=at, ended=at) for of in (truth.stays, found))
        matched[name] = match(true, seen, pl.lit(True), truth.span)
    touched = truth.touches.select("mmsi", "port_locode", began="touched_at_utc", ended="touched_at_utc")
    false = matched["arrivals"].false.select("mmsi", "port_locode", "began", "ended")
    taken = match(touched, false, pl.lit(True), truth.span)
    return FlightEvaluation(
        matched["arrivals"], matched["departures"], taken.pairs.height, _weekly(truth, weekly)
    )


def _weekly(truth: FlightTruth, weekly: pl.DataFrame) -> pl.DataFrame:
    """Joins true and found values; a value that only one of them has counts as 0 in the other."""
    keys = ["week", "port_locode", "indicator"]
    names = [week.name for week in truth.weeks]
    counted = weekly.filter(
        pl.col("week").is_in(names),
        pl.col("indicator").is_in(list(ENDS)),
        pl.col("port_locode") != TOTAL,
        vessel_class=TOTAL,
        adjustment="N",
    ).select(*keys, found=pl.col("value").cast(pl.Int64))
    true = truth.weekly.select(*keys, true="value")
    return true.join(counted, on=keys, how="full", coalesce=True).fill_null(0).sort(keys)


def _scores(matched: Matched) -> dict[str, Any]:
    """Computes precision, recall, the numbers behind them, and the errors of times."""
    apart = (matched.pairs["began_found"] - matched.pairs["began"]).dt.total_seconds() / SECONDS_PER_MINUTE
    return {
        "precision": matched.precision,
        "recall": matched.recall,
        "true": matched.true,
        "found": matched.found,
        "median_minutes_late": apart.median(),
    }


def _inner(folder: Path) -> Path:
    return folder / TRUTH if (folder / TRUTH).is_dir() else folder
