"""The benchmark of integrity: its cases are scenarios, and its targets have two sides."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from ais_indicators.periods import Period
from ais_simulator.evaluation.truth import Truth
from ais_simulator.ocean import Ocean
from ais_simulator.scenario import load_scenario
from benchmarks.integrity import Score, largest_unmarked, near_hours, scores_table
from benchmarks.integrity_cases import CASES, FALSE_PLACES, FIRST, LAST, chosen_cases

COLUMNS = ["week", "place", "indicator", "value", "obs_status"]
CLOSED = {"status": "closed", "transits": 0, "obs_status": "P", "coverage": 1.0}
EMPTY_TRUTH = Truth(Period(FIRST, LAST), *(pl.DataFrame() for _ in range(5)))
RIGHT = Score(
    "any",
    1,
    100,
    0.95,
    12,
    11,
    1000,
    0.01,
    0,
    0,
    0.1,
    "",
    falls=3,
    unmarked_falls=0,
    strait=CLOSED,
    not_scored=[],
)


def values(*rows: tuple[str, str, str, float | None, str]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=COLUMNS, orient="row", schema_overrides={"value": pl.Float64()})


@pytest.mark.parametrize("name", CASES)
def test_each_case_is_a_scenario_with_its_shock_in_the_last_week(name: str, tmp_path: Path) -> None:
    file = tmp_path / "case.yaml"
    file.write_text(yaml.safe_dump({"upon": "standard"} | CASES[name]), encoding="utf-8")
    given = load_scenario(str(file))
    assert given.shocks or given.faults.outages_per_station_year > 1
    for shock in given.shocks:
        assert LAST.start <= shock.from_utc < shock.to_utc <= LAST.end
    Ocean(date(2026, 1, 5), 1, 1, given)


def test_a_name_means_all_its_numbers_of_vessels() -> None:
    assert chosen_cases(["spoof_point", "outage"]) == [
        "spoof_point_5",
        "spoof_point_25",
        "spoof_point_50",
        "outage",
    ]
    assert chosen_cases(["spoof_port_5", "spoof_port"]) == ["spoof_port_5", "spoof_port_25", "spoof_port_50"]
    assert chosen_cases([]) == list(CASES)
    with pytest.raises(ValueError, match="unknown case: spoof_"):
        chosen_cases(["spoof_"])


@pytest.mark.parametrize(
    ("before", "after", "status", "change"),
    [
        (20.0, 18.0, "P", 0.1),
        (20.0, 18.0, "U", 0.0),
        (20.0, None, "O", 0.0),
        (20.0, None, "P", 1.0),
        (20.0, 19.0, "P", 0.0),
        (2.0, 27.0, "P", 12.5),
        (4.0, 2.0, "P", 0.0),
    ],
    ids=["fall", "marked", "no value", "null", "by one", "rise", "few events"],
)
def test_the_largest_change_without_a_mark(
    before: float, after: float | None, status: str, change: float
) -> None:
    key = (LAST.name, "XXAAA", "arrivals")
    found, where = largest_unmarked(values((*key, before, "P")), values((*key, after, status)))
    assert found == change
    assert (where != "") is (change > 0)


def test_weeks_before_the_first_baseline_do_not_count() -> None:
    rows = [(FIRST.plus(n).name, "XXAAA", "arrivals", 20.0, "P") for n in range(5)]
    changed = [(*row[:3], 10.0 - n, "P") for n, row in enumerate(rows)]
    assert largest_unmarked(values(*rows), values(*changed)) == (0.7, "2026-W05 XXAAA arrivals: 20 became 6")


@pytest.mark.parametrize(
    "worse",
    [
        {"found_share": 0.949},
        {"found_share": None},
        {"lost_share": 0.011},
        {"false_calls": 1},
        {"false_transits": 1},
        {"largest_unmarked": 0.101},
        {"unmarked_falls": 1},
        {"strait": CLOSED | {"coverage": 0.9}},
        {"strait": CLOSED | {"status": None}},
    ],
    ids=str,
)
def test_each_target_alone_can_be_missed(worse: dict[str, Any]) -> None:
    assert RIGHT.reaches_target
    assert not replace(RIGHT, **worse).reaches_target
    assert replace(RIGHT, hours=None, found_share=None).reaches_target, "nothing was to be found"


@pytest.mark.parametrize(("shape", "place"), FALSE_PLACES.items())
def test_hours_near_the_false_place_are_distinguished(shape: str, place: tuple[float, float]) -> None:
    hour, (latitude, longitude) = LAST.start, place
    rows = [
        {"mmsi": n, "hour_utc": hour, "messages": messages, "kind": "spoofing", "latitude": latitude + km / 111.195,
         "longitude": longitude}
        for n, (km, messages) in enumerate([(4.9, 1), (5.1, 1), (0.0, 0)])
    ]  # fmt: skip
    truth = replace(EMPTY_TRUTH, interfered=pl.DataFrame(rows))
    near = near_hours(f"spoof_{shape}_25", truth)
    assert near is not None
    assert near.rows() == [(0, hour)]
    assert near_hours("jamming", truth) is None


def test_the_table_says_what_was_missed() -> None:
    text = scores_table([replace(RIGHT, false_calls=3), replace(RIGHT, strait=None)])
    assert text.splitlines()[2].endswith("closed, 0 (P), coverage 1.0 | no |")
    assert text.splitlines()[3].endswith(" 0 |  | yes |")
