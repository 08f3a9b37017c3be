"""From the command line: an ocean is simulated, taken in, folded, and assessed by its truth."""

from pathlib import Path

import pytest

from tests.caller import Caller

KEYS = {"port_calls", "passages", "transits", "arrival_error_minutes", "tonnes", "outage_hours"}


@pytest.fixture
def call(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Caller:
    """Calls commands on a folder of its own."""
    return Caller(tmp_path / "data", capsys)


def test_an_ocean_goes_from_simulate_to_evaluate(call: Caller, tmp_path: Path) -> None:
    sea = tmp_path / "sea"
    options = ("--weeks", 1, "--ships", 12, "--thin", 600, "--scenario", "clear", "--out", sea, "--jobs", 1)
    made = call.json("simulate", *options)
    assert made["days"] == 7
    assert made["port_calls"] > 20
    for command in (
        ("ports", "load", sea / "ports.geojson"),
        ("vessels", "load", sea / "register.csv"),
        ("ingest", sea / "messages"),
        ("run", "--week", "2026-W01", "--until", "track_vessels"),
    ):
        assert call(*command).code == 0
    found = call.json("evaluate", "--truth", sea)
    assert set(found) >= KEYS
    assert set(found["port_calls"]) == {"precision", "recall", "true", "found"}
    assert min(found["port_calls"]["precision"], found["port_calls"]["recall"]) >= 0.9
    assert found["arrival_error_minutes"]["median"] <= 10
    assert call.json("evaluate", "--truth", sea / "truth") == found
    shown = call("evaluate", "--truth", sea, "--out", tmp_path / "evaluation")
    assert "port calls" in shown.out
    names = {path.name for path in (tmp_path / "evaluation").iterdir()}
    assert names == {"evaluation.json", "arrivals.png", "time_errors.png", "tracks.png", "port_week.png"}
    assert call("evaluate", "--truth", sea, "--release", "latest").code == 2
    assert call.json("evaluate", "--truth", sea, "--from", "2026-W01", "--to", "2026-W01") == found
    assert call("evaluate", "--truth", sea, "--from", "2026-W02").code == 2
    assert call("evaluate", "--truth", sea, "--to", "2026-W02").code == 4
    assert call.json("maintain", "--expire")["rows"] == {}
    assert call("maintain", "--no-optimize").code == 2


def test_without_a_truth_there_is_nothing_to_assess_by(call: Caller, tmp_path: Path) -> None:
    call("init")
    answer = call("evaluate", "--truth", tmp_path)
    assert answer.code == 4
    assert "has no ground truth of a simulation" in answer.sentences[-1]


@pytest.mark.parametrize("options", [("--ships", 0), ("--format", "xml"), ("--thin", -1)])
def test_what_cannot_be_simulated_is_wrong_use(
    call: Caller, tmp_path: Path, options: tuple[str, object]
) -> None:
    assert call("simulate", "--out", tmp_path / "sea", *options).code == 2


def test_an_unknown_scenario_is_bad_input(call: Caller, tmp_path: Path) -> None:
    assert call("simulate", "--out", tmp_path / "sea", "--scenario", "storm").code == 4
