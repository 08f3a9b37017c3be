"""Pages of the commands, of a country's week and of the kernel: what they show, and when a target is met."""

from typing import Any

import numpy as np
import pytest
import shapely

from ais_indicators.fold.kernel import Fixes
from ais_indicators.fold.records import Carried, Thresholds
from ais_indicators.geo.gate_files import read_gate_file
from ais_indicators.geo.gate_index import GateIndex
from ais_indicators.geo.port_files import PortArea
from ais_indicators.geo.port_index import PortIndex
from ais_indicators.geo.tessellation import cover_with_cells
from ais_indicators.periods import Week
from benchmarks import commands, kernel, small_office
from tests.subject_rules import SHIP_RULES

GIB = 2**30


def measured_commands(weekly: float, release: float, warm: float, demo: float) -> dict[str, Any]:
    """Three runs of each, of which the middle one is given."""
    return {
        "ships": 300,
        "weeks": 8,
        "demo_ships": 100,
        "demo_weeks": 8,
        "weekly": [
            {
                "seconds": weekly + more,
                "released_weeks": 5,
                "tasks": {"track_vessels": 9.0, "publish_release": release + more},
            }
            for more in (-1.0, 0.0, 9.0)
        ],
        "light": {"--help": [0.4, 0.5, 0.6]},
        "warm_release_s": [warm, warm + 9.0, warm - 1.0],
        "demo_s": [demo - 1.0, demo + 9.0, demo],
    }


@pytest.mark.parametrize(("more", "met"), [(0.0, "yes"), (0.01, "**no**")])
def test_commands_are_held_to_their_targets_by_medians(more: float, met: str) -> None:
    values = measured_commands(25.0 + more, 5.0 + more, 5 * (3.0 + more), 75.0 + more)
    rows = commands.target_rows(values)
    assert [row[1] for row in rows] == ["at most 25", "at most 5", "at most 3", "at most 75"]
    assert [row[3] for row in rows] == [met] * 4


def test_the_page_of_commands_splits_the_weekly_one_by_task() -> None:
    text = commands.text_of(measured_commands(20.0, 4.0, 2.0, 70.0))
    assert "week 8 of a lake with 300" in text
    assert "It checks and releases 5 weeks" in text
    assert (
        "| `track_vessels` | 9.0 |\n| `publish_release` | 4.0 |\n| start, end and between tasks | 7.0 |"
        in text
    )
    assert "| `--help` | 0.50 | 0.40 to 0.60 |" in text
    assert "| `run --week`, cold | 20.00 | 19.00 to 29.00 |" in text


@pytest.mark.parametrize(
    ("ingest", "peak", "met"), [(30.0, 2 * GIB, ["yes", "yes"]), (30.1, 2.02 * GIB, ["**no**", "**no**"])]
)
def test_a_country_s_week_is_held_to_ingest_and_run_together(
    ingest: float, peak: float, met: list[str]
) -> None:
    steps = [
        {"command": "ports", "seconds": 99.0, "peak_bytes": 1},
        {"command": "ingest", "seconds": ingest, "peak_bytes": GIB},
        {"command": "run", "seconds": 50.0, "peak_bytes": peak},
    ]
    assert [row[3] for row in small_office.target_rows(steps)] == met


def one_bucket(ships: int, fixes: int) -> kernel.Inputs:
    """What `fold_day` gets for ships that lie at a port, a fix a minute."""
    square = shapely.box(0.0, 0.0, 0.1, 0.1)
    areas = [PortArea(0, "XXAAA", "square", None, "port", square, 0.05, 0.05, 123.0, None, None)]
    index = PortIndex.build(
        areas, cover_with_cells(areas, SHIP_RULES.port_cell_resolution, rules=SHIP_RULES), SHIP_RULES
    )
    gates, day = GateIndex(read_gate_file(None).areas), Week.parse("2020-W01").days[2]
    mmsi = np.repeat(366_000_001 + np.arange(ships), fixes)
    second = np.tile(1_577_836_800 + 60 * np.arange(fixes), ships)
    place = np.full(mmsi.size, 0.05)
    port, anchorage = index.match(place, place)
    gate = gates.match(day, place, place, SHIP_RULES)
    rows = Fixes(
        mmsi, second, place, place, np.zeros(mmsi.size), np.zeros(mmsi.size, np.bool_), port, anchorage, gate
    )
    return rows, Carried.empty(), index.outlines, gates.ways(day), Thresholds.from_rules(SHIP_RULES)


def test_the_kernel_is_timed_alone_over_all_buckets_again_and_again() -> None:
    values = kernel.measure([one_bucket(2, 50), one_bucket(1, 20)], repeats=3)
    assert (values["fixes"], values["fixes_by_bucket"]) == (120, [100, 20])
    assert [len(run) for run in values["seconds_by_run_and_bucket"]] == [2, 2, 2]
    assert all(seconds > 0 for run in values["seconds_by_run_and_bucket"] for seconds in run)
    rates = values["fixes_per_second_by_run"]
    assert min(rates) <= values["fixes_per_second"] <= max(rates)
    text = kernel.text_of(values | {"fixes_per_second": 4_000_000})
    assert "| fixes a second on one core | at least 4,000,000 | 4,000,000 | yes |" in text
    assert "3 times over all 2 buckets" in text
