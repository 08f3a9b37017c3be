"""Each fault of the simulated ocean alone, far more often than usual: port calls stay right, or say that they are not.

The ocean is the same in all cases (24 ships, a week, a fix in three minutes); only the fault differs. `make test`
plants one fault of each kind and reads one other format, `make test-all` all of them.
"""

import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from ais_indicators.geo.port_index import PortIndex
from ais_simulator.radio import Format
from ais_simulator.scenario import Faults
from tests.examples import is_full
from tests.simulated import Reading, ports_of, read_ocean

LEAST = 0.97
"""Least precision and recall: three of a hundred calls."""

INTERVAL_MINUTES = 3


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("clear")


@pytest.fixture(scope="module")
def clear(folder: Path) -> Reading:
    """The ocean without a fault."""
    return read_ocean(folder)


@pytest.fixture(scope="module")
def ports(folder: Path, clear: Reading) -> PortIndex:
    assert clear.events.height
    return ports_of(folder / "sea" / "ports.geojson")


def counted(folder: Path, fault: str) -> int:
    """How many messages the simulation says it spoilt."""
    said = json.loads((folder / "sea" / "truth" / "simulation.json").read_text(encoding="utf-8"))["faults"]
    count: int = said[f"positions.{fault}"]
    return count


def test_without_a_fault_nearly_all_is_right(clear: Reading) -> None:
    precision, recall = clear.scores
    assert precision >= 0.99
    assert recall == 1
    errors = clear.evaluation.arrival_errors_minutes
    assert errors.is_between(0, INTERVAL_MINUTES).all()
    assert not clear.truth.outages.height + clear.truth.changes.height


def same_events(found: Reading, clear: Reading, _: Path) -> None:
    assert found.events.equals(clear.events)


def duplicates_are_rejected(found: Reading, clear: Reading, folder: Path) -> None:
    same_events(found, clear, folder)
    assert found.rejected["duplicate_message"] == counted(folder, "duplicate") > 1000


def jumps_become_stubs(found: Reading, clear: Reading, _: Path) -> None:
    assert found.stubs > 10 > clear.stubs
    assert found.evaluation.arrival_errors_minutes.abs().max() == pytest.approx(INTERVAL_MINUTES, abs=4)


def slow_clocks_shift_times_by_as_much(found: Reading, _clear: Reading, _folder: Path) -> None:
    errors = found.evaluation.arrival_errors_minutes
    assert errors.is_between(-0.5, INTERVAL_MINUTES + 0.5).all()
    assert (errors < 0).any()


def cut_lines_are_in_quarantine(found: Reading, _clear: Reading, folder: Path) -> None:
    assert found.rejected["unreadable_row"] == counted(folder, "truncated") > 500


def sentinels_are_in_quarantine_or_null(found: Reading, clear: Reading, _: Path) -> None:
    assert found.rejected["latitude_not_available"] > 100
    assert found.rejected["longitude_out_of_range"] > 100
    for column in ("sog_knots", "heading_degrees"):
        assert found.messages[column].null_count() > clear.messages[column].null_count()


def arrivals_are_as_many(found: Reading, _clear: Reading, _folder: Path) -> None:
    """A call under two numbers is found as two, of which one has an entry and the other an exit that were seen."""
    ((_, true, seen),) = found.evaluation.arrivals.rows()
    assert found.truth.changes.height
    assert abs(true - seen) <= 2
    assert set(found.evaluation.causes["port_calls_false"]) <= {
        "number changed or shared",
        "one event split in two",
    }


def two_ships_on_a_number_are_two_tracks(found: Reading, _clear: Reading, _folder: Path) -> None:
    shared = found.truth.changes["mmsi_after"].to_list()
    tracks = (
        found.events.filter(pl.col("mmsi").is_in(shared)).group_by("mmsi").agg(pl.col("track_id").n_unique())
    )
    assert (tracks["track_id"] >= 2).any()


def outages_are_what_is_missing(found: Reading, _clear: Reading, _folder: Path) -> None:
    """Calls that were missed, and times that are wrong without a flag, lie in an outage of some station."""
    assert found.truth.outages.height > 50
    pairs = found.evaluation.calls.pairs
    wrong = pairs.filter((pl.col("arrived_at_utc") - pl.col("began")).abs() > pl.duration(hours=4))
    assert wrong.filter(confidence=4, gap_hours=0, entry_after_gap=False).height == 0
    for missed in found.evaluation.calls.missed.to_dicts():
        over = (pl.col("begins_at_utc") <= missed["to"]) & (pl.col("ends_at_utc") >= missed["from_"])
        assert found.truth.outages.filter(over).height


def a_draught_of_0_is_none(found: Reading, clear: Reading, folder: Path) -> None:
    same_events(found, clear, folder)
    assert found.messages["draught_m"].null_count() > clear.messages["draught_m"].null_count()


def draughts_differ(found: Reading, clear: Reading, folder: Path) -> None:
    same_events(found, clear, folder)
    assert not found.messages["draught_m"].equals(clear.messages["draught_m"])


def nothing_more(_found: Reading, _clear: Reading, _folder: Path) -> None:
    """The scores say it all."""


Check = Callable[[Reading, Reading, Path], None]
CASES: dict[str, tuple[float, Check]] = {
    "outages_per_station_year": (100, outages_are_what_is_missing),
    "lost_share": (0.2, nothing_more),
    "collision_share_per_ship": (0.02, nothing_more),
    "duplicate_share": (0.1, duplicates_are_rejected),
    "position_jump_share": (0.002, jumps_become_stubs),
    "wrong_time_share": (0.0005, nothing_more),
    "slow_clock_share": (1, slow_clocks_shift_times_by_as_much),
    "truncated_share": (0.02, cut_lines_are_in_quarantine),
    "not_available_share": (0.1, sentinels_are_in_quarantine_or_null),
    "shared_mmsi_share": (0.2, two_ships_on_a_number_are_two_tracks),
    "mmsi_changes_per_ship_year": (12, arrivals_are_as_many),
    "mmsi_handovers_per_ship_year": (12, arrivals_are_as_many),
    "late_draught_share": (1, draughts_differ),
    "stale_draught_share": (1, draughts_differ),
    "zero_draught_share": (1, a_draught_of_0_is_none),
}
ALIKE = (
    "lost_share",
    "collision_share_per_ship",
    "wrong_time_share",
    "mmsi_handovers_per_ship_year",
    "late_draught_share",
    "stale_draught_share",
)
"""Faults that `make test` leaves out, since a like one is planted: lost messages, wrong times, numbers, draughts."""

PLANTED = [fault for fault in CASES if is_full() or fault not in ALIKE]
FORMATS: list[Format] = ["nmea", "dma", "ungp"] if is_full() else ["nmea"]
HARD = ("receiver_clock_offset", "sog_missing", "sog_stuck", "inland_traffic")
"""Faults of `tests/unit/test_hard_data.py`; `benchmarks.accuracy_cells` scores the method under each."""
IN_RANGE = ("outages_per_station_year", "collision_share_per_ship")
"""Faults of receivers, so that messages must be received."""


SAILED = (
    "sailed_at_entry_nm",
    "sailed_at_exit_nm",
    "stay_hours",
    "arrival_half_width_hours",
    "departure_half_width_hours",
)
"""The formats round positions differently, and the way is the sum of many steps between them."""


@pytest.mark.parametrize("written_as", FORMATS)
def test_each_format_gives_the_same_calls(
    written_as: Format, clear: Reading, ports: PortIndex, tmp_path: Path
) -> None:
    found = read_ocean(tmp_path, ports, written_as)
    assert len(found.messages) == len(clear.messages)
    varied = ("port_call_id", "track_id", "stop_hours", *SAILED)
    names = [name for name in clear.events.columns if name not in varied]
    assert found.events.select(names).equals(clear.events.select(names))
    assert_frame_equal(found.events.select(SAILED), clear.events.select(SAILED), rel_tol=1e-3, abs_tol=0.01)
    stops = found.events["stop_hours"] - clear.events["stop_hours"]
    assert (stops.abs() <= 0.1).all(), "decimals of a position decide at the radius"


def test_every_fault_is_here() -> None:
    assert set(CASES) | set(HARD) == set(Faults.model_fields) - {"outage_hours"}


@pytest.mark.parametrize("fault", PLANTED)
def test_a_fault_alone(fault: str, clear: Reading, ports: PortIndex, tmp_path: Path) -> None:
    rate, check = CASES[fault]
    coverage = "receivers" if fault in IN_RANGE else "everything"
    found = read_ocean(tmp_path, ports, coverage=coverage, faults={fault: rate})
    assert min(found.scores) >= LEAST, found.evaluation.causes
    check(found, clear, tmp_path)
