"""Simulated flights: the same bytes for the same seed, faults by scenario, a sound ground truth, and its evaluation."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from ais_indicators.periods import Period, Week
from ais_simulator.evaluation.flights import FlightTruth, assess_flights
from ais_simulator.flights import Sky, simulate_flights


def simulated(folder: Path, seed: int = 7, **keywords: Any) -> dict[str, bytes]:
    """The files of one simulated week of six planes, by their path."""
    simulate_flights(Sky("2026-W01", 1, 6, seed, interval_s=60, **keywords), folder)
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    first, again, other = (simulated(tmp_path / name, seed) for name, seed in (("a", 7), ("b", 7), ("c", 8)))
    assert first == again
    assert first["messages/states_2025-12-29.csv"] != other["messages/states_2025-12-29.csv"]


def test_a_clear_sky_has_no_faults_and_a_usual_one_has_them(tmp_path: Path) -> None:
    frames = {}
    for scenario in ("clear", "standard"):
        simulated(tmp_path / scenario, scenario=scenario)
        frames[scenario] = pl.read_csv(tmp_path / scenario / "messages" / "*.csv")
    clear, usual = frames["clear"], frames["standard"]
    assert clear["onground"].null_count() == clear["velocity"].null_count() == 0
    assert clear.is_duplicated().sum() == 0
    assert clear.filter(pl.col("onground") & (pl.col("velocity") > 80)).is_empty()
    assert usual["onground"].null_count() > 0
    assert usual.is_duplicated().sum() > 0
    assert usual.height < clear.height


def test_the_truth_is_one_of_planes_that_stay_and_leave(tmp_path: Path) -> None:
    simulated(tmp_path)
    stays = pl.read_parquet(tmp_path / "truth" / "stays.parquet").sort(
        "mmsi", "arrived_at_utc", nulls_last=False
    )
    before = pl.col("departed_at_utc").shift(1).over("mmsi")
    assert stays.filter(pl.col("arrived_at_utc") <= before).is_empty()
    weekly = pl.read_parquet(tmp_path / "truth" / "movements_weekly.parquet")
    counted = dict(weekly.group_by("indicator").agg(pl.col("value").sum()).iter_rows())
    assert counted == {
        "arrivals": stays["arrived_at_utc"].count(),
        "departures": stays["departed_at_utc"].count(),
    }
    assert pl.read_parquet(tmp_path / "truth" / "touch_and_goes.parquet").height > 0


def test_an_evaluation_counts_what_was_found_missed_and_made_up() -> None:
    """Two true arrivals: one is found 5 minutes late, one 16 minutes; and a touch-and-go is taken for one."""
    week = Week.parse("2026-W02")

    def at(hour: int, minute: int = 0) -> datetime:
        return datetime(2026, 1, 6, hour, minute, tzinfo=UTC)

    true = [(1, "EDDF", at(8), at(9)), (1, "EHAM", at(10), None)]
    found = [(1, "EDDF", at(8, 5), at(9, 1)), (1, "EHAM", at(10, 16), None), (2, "EDDF", at(12), at(13))]
    names = ["mmsi", "port_locode", "arrived_at_utc", "departed_at_utc"]
    stays = pl.DataFrame(true, schema=names, orient="row")
    touches = pl.DataFrame(
        [(2, "EDDF", at(12))], schema=["mmsi", "port_locode", "touched_at_utc"], orient="row"
    )
    weekly = pl.DataFrame({"week": [week.name], "port_locode": "EDDF", "indicator": "arrivals", "value": 1})
    calls = pl.DataFrame(found, schema=names, orient="row").with_columns(event_type=pl.lit("port_call"))
    figures = weekly.with_columns(value=pl.lit(2.0), vessel_class=pl.lit("_T"), adjustment=pl.lit("N"))
    said = assess_flights(FlightTruth(Period(week, week), stays, touches, weekly), calls, figures).plain()
    assert said["arrivals"] == {
        "precision": pytest.approx(1 / 3), "recall": 0.5, "true": 2, "found": 3, "median_minutes_late": 5.0,
    }  # fmt: skip
    assert (said["departures"]["true"], said["departures"]["found"]) == (1, 2)
    assert said["touch_and_goes_counted_as_arrivals"] == 1
    assert said["weekly_figures"] == {"compared": 1, "equal": 0, "largest_difference": 1}
