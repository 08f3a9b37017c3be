"""Compares a lake of planes with the ground truth of its simulated flights. Reads only, without Spark."""

import json
from pathlib import Path
from typing import Final

import polars as pl

from ais_indicators.errors import WrongUseError
from ais_indicators.io.delta import read_rows
from ais_indicators.io.subject import lake_subject
from ais_indicators.rules import PLANES
from ais_indicators.settings import Settings
from ais_simulator.evaluation.flights import FlightEvaluation, assess_flights, read_flight_truth

CALLS: Final = "silver.port_calls"
FIGURES: Final = "gold.port_activity_weekly"
RESULT: Final = "evaluation.json"


def evaluate_flights(settings: Settings, truth_folder: Path) -> FlightEvaluation:
    """Scores the arrivals and departures of a lake.

    Args:
        settings: Settings of the lake.
        truth_folder: What `simulate-flights` wrote.

    Raises:
        BadInputError: There is no ground truth.
        WrongUseError: The lake is a lake of ships.
    """
    if lake_subject(settings) != PLANES:
        raise WrongUseError(
            f"the truth in {truth_folder} is of flights, and the lake is a lake of ships; give another --data-dir"
        )
    truth = read_flight_truth(truth_folder)
    calls, weekly = (pl.DataFrame(read_rows(settings, table)) for table in (CALLS, FIGURES))
    return assess_flights(truth, calls, weekly)


def write_flight_evaluation(found: FlightEvaluation, out: Path) -> list[Path]:
    """Writes the evaluation as JSON into a folder."""
    out.mkdir(parents=True, exist_ok=True)
    result = out / RESULT
    result.write_text(json.dumps(found.plain(), indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return [result]
