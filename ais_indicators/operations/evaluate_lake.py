"""Compares a lake with the ground truth of its simulation. Reads only, without Spark."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import polars as pl
import shapely

from ais_indicators.errors import BadInputError
from ais_indicators.io.delta import open_delta, read_rows
from ais_indicators.io.references import last_port_version, port_areas
from ais_indicators.operations.evaluate_integrity import lake_rows
from ais_indicators.periods import Period, Week
from ais_indicators.releasing.history import find_release
from ais_indicators.rules import Rules
from ais_indicators.settings import Settings
from ais_indicators.transforms.imputation_support import with_support
from ais_indicators.transforms.unknown_tonnes import with_guesses
from ais_simulator.evaluation.integrity import score_integrity
from ais_simulator.evaluation.plots import write_pictures
from ais_simulator.evaluation.scores import PORT_CALL, Evaluation, evaluate
from ais_simulator.evaluation.tonnes import assess_tonnes
from ais_simulator.evaluation.truth import Truth, read_truth

CALLS: Final = "silver.port_calls"
TRANSITS: Final = "silver.chokepoint_transits"
POSITIONS: Final = "silver.positions"
VOYAGES: Final = "silver.voyages"
DRAWS: Final = "silver.voyage_draws"
SHOWN_EVERY: Final = timedelta(minutes=10)
"""Interval of the positions that a picture shows for each track."""

RESULT: Final = "evaluation.json"


def evaluate_lake(
    settings: Settings,
    truth_folder: Path,
    release_id: str | None = None,
    weeks: Period | None = None,
    *,
    rules: Rules,
) -> Evaluation:
    """Scores the complete lake, or the week of a release with the lake as of its publication.

    Args:
        settings: Settings of the lake.
        truth_folder: What `simulate` wrote.
        release_id: A release, or `latest`; None for the complete lake.
        weeks: Evaluate tonnes of these weeks only, with earlier ones as their history; None for all.
        rules: Rules of the lake's subject.

    Raises:
        BadInputError: There is no ground truth, or the release or a week was not simulated.
        WrongUseError: There is no such release.
    """
    truth = read_truth(truth_folder)
    if weeks is not None and not (truth.weeks.first <= weeks.first and weeks.last <= truth.weeks.last):
        raise BadInputError(f"the weeks are {weeks}, the truth is of {truth.weeks}")
    if release_id is None:
        found = evaluate(truth, _calls(settings), transits=_transits(settings))
        integrity = score_integrity(truth, lake_rows(settings)) if _has_shocks(truth) else None
        return replace(found, tonnes=_tonnes(settings, truth, weeks, rules), integrity=integrity)
    record = find_release(settings, release_id)
    week = Week.parse(record.week)
    if week not in truth.weeks.weeks:
        raise BadInputError(f"release {record.release_id} is of {week}, the truth of {truth.weeks}")
    versions = record.table_versions
    calls, transits = _calls(settings, versions[CALLS]), _transits(settings, versions[TRANSITS])
    return evaluate(truth, calls, week, transits)


def _has_shocks(truth: Truth) -> bool:
    """Returns whether an event happened for which integrity is scored."""
    return truth.interfered is not None or truth.dark is not None or truth.blocked.height > 0


def simulated_weeks(truth_folder: Path, first: str | None, last: str | None) -> Period:
    """Returns the simulated weeks from one week to another; missing limits are the simulation's own."""
    simulated = read_truth(truth_folder).weeks
    return Period(
        Week.parse(first) if first else simulated.first, Week.parse(last) if last else simulated.last
    )


def write_evaluation(settings: Settings, evaluation: Evaluation, out: Path) -> list[Path]:
    """Writes an evaluation as JSON and pictures.

    Args:
        settings: Settings of the lake; its newest week is drawn.
        evaluation: The evaluation.
        out: Folder to write to.
    """
    out.mkdir(parents=True, exist_ok=True)
    result = out / RESULT
    result.write_text(json.dumps(evaluation.plain(), indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return [result, *write_pictures(evaluation, _drawn_positions(settings), _busiest_areas(settings), out)]


def _tonnes(settings: Settings, truth: Truth, weeks: Period | None, rules: Rules) -> dict[str, Any] | None:
    """Scores the tonnes of voyages; None while no voyages are derived."""
    voyages = pl.DataFrame(read_rows(settings, VOYAGES))
    if voyages.is_empty():
        return None
    draws = pl.DataFrame(read_rows(settings, DRAWS))
    number, share = rules.imputation_draws, rules.interval_share
    counted = with_guesses(voyages.filter("counts_for_trade").sort("voyage_id"), ["week"])
    return assess_tonnes(truth, with_support(counted, draws), draws, number, share, weeks)


def _calls(settings: Settings, version: int | None = None) -> pl.DataFrame:
    return pl.DataFrame(read_rows(settings, CALLS, version=version))


def _transits(settings: Settings, version: int | None = None) -> pl.DataFrame:
    return pl.DataFrame(read_rows(settings, TRANSITS, version=version))


def _drawn_positions(settings: Settings) -> pl.DataFrame:
    """Returns some positions of each track in the newest complete week."""
    delta = open_delta(settings, POSITIONS)
    days = sorted({day["observed_on"] for day in delta.partitions()})[-8:-1]
    rows = (
        pl.scan_delta(delta)
        .filter(pl.col("observed_on").cast(pl.String).is_in(days))
        .group_by("track_id", pl.col("observed_at_utc").dt.truncate(SHOWN_EVERY))
        .agg(pl.col("latitude", "longitude", "port_locode").first())
    )
    return rows.sort("track_id", "observed_at_utc").collect()


def _busiest_areas(settings: Settings) -> list[tuple[str, list[tuple[float, float]]]]:
    """Returns the areas of the port with the most calls."""
    calls = _calls(settings).filter(event_type=PORT_CALL)
    busiest = calls["port_locode"].value_counts().sort("count", "port_locode", descending=[True, False])
    if busiest.is_empty():
        return []
    port = busiest["port_locode"][0]
    areas: list[dict[str, Any]] = port_areas(settings, last_port_version(settings)).to_pylist()
    return [
        (area["area_kind"], list(shapely.from_wkb(area["geometry_wkb"]).exterior.coords))
        for area in areas
        if area["port_locode"] == port and area["geometry_wkb"] is not None
    ]
