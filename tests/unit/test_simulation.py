"""A simulation as a folder: its layout, the same bytes each time, and what is refused."""

import json
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from ais_indicators.errors import BadInputError, WrongUseError
from ais_indicators.periods import Week
from ais_indicators.pipelines.load_vessels import read_register
from ais_simulator import SimulatedSea, Simulation, simulate_weeks
from ais_simulator.scenario import load_scenario
from tests.subject_rules import SHIP_RULES

WANTED = Simulation("2026-W01", 1, 12, 7, thin_s=900)
TRUTH = {"port_calls", "passages", "voyages", "chokepoint_transits", "outages", "identity_changes"}
CALL_COLUMNS = [
    "mmsi",
    "imo",
    "port_locode",
    "arrived_at_utc",
    "departed_at_utc",
    "vessel_class",
    "tonnes_loaded",
    "tonnes_unloaded",
]


@pytest.fixture(scope="module")
def sea(tmp_path_factory: pytest.TempPathFactory) -> SimulatedSea:
    """A week of twelve ships, written by one process."""
    return simulate_weeks(WANTED, tmp_path_factory.mktemp("sea"), jobs=1)


def content(folder: Path) -> dict[str, bytes]:
    """Bytes of every file, by its name from the folder."""
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()
    }


def test_the_folder_has_a_file_a_day_a_register_ports_gates_and_the_truth(sea: SimulatedSea) -> None:
    names = [path.name for path in sorted((sea.folder / "messages").iterdir())]
    assert names == [f"AIS_2025_12_{day}.csv" for day in (29, 30, 31)] + [
        f"AIS_2026_01_0{day}.csv" for day in range(1, 5)
    ]
    assert [path.name for path in sea.message_files] == names
    assert {path.stem for path in (sea.folder / "truth").glob("*.parquet")} == TRUTH
    assert (
        pq.read_schema(sea.folder / "truth" / "port_calls.parquet").names[: len(CALL_COLUMNS)] == CALL_COLUMNS
    )
    assert {p.name for p in sea.folder.iterdir() if p.is_file()} == {
        "register.csv",
        "ports.geojson",
        "gates.geojson",
    }
    _, problems, _ = read_register(sea.register_file, SHIP_RULES)
    assert not problems
    gates = json.loads(sea.gates_file.read_text(encoding="utf-8"))["features"]
    assert len({gate["properties"]["gate_code"] for gate in gates}) == 28
    lines = sum(path.read_text(encoding="utf-8").count("\n") - 1 for path in sea.message_files)
    truncated = json.loads((sea.folder / "truth" / "simulation.json").read_text())["faults"].get(
        "positions.truncated", 0
    )
    assert sea.rows - truncated <= lines <= sea.rows


def test_the_same_bytes_whatever_the_number_of_processes(sea: SimulatedSea, tmp_path: Path) -> None:
    simulate_weeks(WANTED, tmp_path, jobs=2)
    assert content(tmp_path) == content(sea.folder)


def test_another_seed_gives_another_ocean(sea: SimulatedSea, tmp_path: Path) -> None:
    other = simulate_weeks(replace(WANTED, seed=8), tmp_path, jobs=1)
    assert other.message_files[0].read_bytes() != sea.message_files[0].read_bytes()


def test_messages_of_later_weeks_alone_are_those_of_all_weeks(tmp_path: Path) -> None:
    two = replace(WANTED, weeks=2)
    every = simulate_weeks(two, tmp_path / "every", jobs=1)
    later = simulate_weeks(two, tmp_path / "later", jobs=1, messages_from=Week.parse("2026-W02"))
    assert [path.read_bytes() for path in later.message_files] == [
        path.read_bytes() for path in every.message_files[7:]
    ]
    assert later.truth_rows == every.truth_rows


def test_a_further_week_leaves_the_earlier_files_as_they_were(sea: SimulatedSea, tmp_path: Path) -> None:
    longer = simulate_weeks(replace(WANTED, weeks=2), tmp_path, jobs=1)
    assert [path.read_bytes() for path in longer.message_files[:7]] == [
        path.read_bytes() for path in sea.message_files
    ]


def test_an_earlier_simulation_is_replaced_and_nothing_else(tmp_path: Path) -> None:
    progress: list[tuple[int, int]] = []
    (tmp_path / "notes.txt").write_text("mine")
    simulate_weeks(replace(WANTED, ships=3, message_format="nmea"), tmp_path, jobs=1)
    simulate_weeks(
        replace(WANTED, ships=3), tmp_path, jobs=1, advance=lambda done, of: progress.append((done, of))
    )
    assert {path.suffix for path in (tmp_path / "messages").iterdir()} == {".csv"}
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert progress == [(day, 7) for day in range(1, 8)]


def test_files_of_something_else_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "messages").mkdir()
    (tmp_path / "messages" / "AIS_2020_01_01.csv").write_text("mine")
    with pytest.raises(WrongUseError, match="holds files of something else"):
        simulate_weeks(WANTED, tmp_path, jobs=1)
    assert (tmp_path / "messages" / "AIS_2020_01_01.csv").read_text() == "mine"


def test_a_scenario_file_changes_the_one_it_is_upon(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text("upon: standard\nfaults: {lost_share: 0.5}\ncoverage: everything\n")
    own, standard = load_scenario(str(file)), load_scenario("standard")
    assert own.faults == standard.faults.model_copy(update={"lost_share": 0.5})
    assert (own.coverage, standard.coverage) == ("everything", "receivers")
    assert not any(load_scenario("clear").faults.model_dump(exclude={"outage_hours"}).values())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("faults: {lost_share: 2}", "faults.lost_share"),
        ("faults: {lots: 1}", "faults.lots"),
        ("upon: storm", "'storm' is none of clear, standard"),
        ("- 1", "is a mapping"),
        ("faults: [", "not YAML"),
        (
            "shocks: [{kind: port_closed, port_locode: XX, from_utc: 2026-01-02, to_utc: 2026-01-03}]",
            "need a Z",
        ),
        (
            "shocks:\n- kind: strait_blocked\n  gate: suez\n"
            "  from_utc: 2026-01-03T00:00:00Z\n  to_utc: 2026-01-02T00:00:00Z",
            "must come before",
        ),
    ],
)
def test_a_scenario_that_cannot_be_meant_is_refused(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(text)
    with pytest.raises(BadInputError, match=said):
        load_scenario(str(file))


def test_an_unknown_scenario_is_refused() -> None:
    with pytest.raises(BadInputError, match="neither a file nor one of clear, standard"):
        load_scenario("storm")
