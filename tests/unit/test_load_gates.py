"""Versions of the gates in a lake: loading, naming, and which week takes which."""

import json
from pathlib import Path

import pytest

from ais_indicators import runner
from ais_indicators.cli import main
from ais_indicators.errors import BadInputError, WrongUseError
from ais_indicators.geo.gates import gates_geojson
from ais_indicators.io.delta import create_tables
from ais_indicators.io.gate_references import gate_areas, gate_versions, load_gate_index
from ais_indicators.io.weeks import FoldedWeek
from ais_indicators.job import Job
from ais_indicators.periods import Period, Week
from ais_indicators.pipelines.load_gates import LoadedGates, last_gate_version
from ais_indicators.settings import Settings
from ais_indicators.tracking.planning import choose_gates

W1, W2, W3 = (Week.parse(f"2026-W0{n}") for n in (1, 2, 3))


@pytest.fixture
def lake(tmp_path: Path) -> Settings:
    settings = Settings(tmp_path / "data")
    create_tables(settings)
    return settings


@pytest.fixture
def two_gates(tmp_path: Path) -> Path:
    document = gates_geojson()
    document["features"] = document["features"][:6]
    path = tmp_path / "gates.geojson"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def load(lake: Settings, *paths: Path, version: str | None = None) -> LoadedGates:
    loaded: LoadedGates = runner.run_task("load_gates", Job(lake, paths=paths, gate_version=version))
    return loaded


def test_a_lake_without_gates_gets_the_packaged_ones_once_and_says_so(lake: Settings) -> None:
    name = last_gate_version(lake)
    assert name.startswith("packaged-")
    assert last_gate_version(lake) == name
    assert [(v.version, v.sequence, v.gates, v.areas) for v in gate_versions(lake)] == [(name, 1, 28, 84)]
    assert load(lake).is_new is False
    assert len(load_gate_index(lake, name).gate_codes) == 28


def test_the_version_loaded_last_is_taken_and_the_same_file_changes_nothing(
    lake: Settings, two_gates: Path
) -> None:
    load(lake)
    first, again = load(lake, two_gates, version="mine"), load(lake, two_gates, version="mine")
    assert (first.is_new, again.is_new, first.gates) == (True, False, 2)
    assert last_gate_version(lake) == "mine"
    assert [v.sequence for v in gate_versions(lake)] == [1, 2]


def test_a_name_is_for_one_content(lake: Settings, two_gates: Path) -> None:
    load(lake, two_gates, version="mine")
    with pytest.raises(WrongUseError, match="gate version 'mine' is loaded with another content"):
        load(lake, version="mine")
    with pytest.raises(WrongUseError, match="unknown gate version 'other'; loaded are: mine"):
        gate_areas(lake, "other")
    with pytest.raises(WrongUseError, match="one gate file makes one version"):
        load(lake, two_gates, two_gates)


def test_a_file_without_gates_loads_nothing(lake: Settings, tmp_path: Path) -> None:
    (tmp_path / "bad.geojson").write_text("[]", encoding="utf-8")
    with pytest.raises(BadInputError, match="not a GeoJSON FeatureCollection"):
        load(lake, tmp_path / "bad.geojson")
    assert gate_versions(lake) == []


def test_a_week_keeps_the_gates_it_was_folded_with_unless_others_are_asked_for() -> None:
    folded = {W1: FoldedWeek("ports", "old", "f", "h", 1), W2: FoldedWeek("ports", "newer", "f", "h", 1)}
    weeks = Period(W1, W3)
    assert choose_gates(weeks, folded, "last", None) == {W1: "old", W2: "newer", W3: "last"}
    assert choose_gates(weeks, folded, "last", "asked") == dict.fromkeys(weeks, "asked")


def test_the_command_line_loads_and_lists(
    lake: Settings, two_gates: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for arguments in (["load", str(two_gates), "--version", "mine"], ["list", "--json"]):
        with pytest.raises(SystemExit) as ended:
            main(["--data-dir", str(lake.data_dir), "gates", *arguments])
        assert ended.value.code == 0
        said = capsys.readouterr().out
        if arguments[0] == "load":
            assert "gate version mine loaded: 2 gates, 6 areas" in said
    assert json.loads(said) == [{"version": "mine", "sequence": 1, "gates": 2, "areas": 6}]
