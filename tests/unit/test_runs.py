"""What is on record of runs: a row a task, and one line of JSON an event."""

import json
from pathlib import Path
from typing import Any

import pytest

from ais_indicators import runner
from ais_indicators.errors import BadInputError
from ais_indicators.io.delta import read_rows
from ais_indicators.io.runs import RUN_ID, event_log, log_event
from ais_indicators.pipelines.job import Job
from ais_indicators.settings import Settings


@pytest.fixture
def lake(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "data")


def events(lake: Settings) -> list[dict[str, Any]]:
    return [json.loads(line) for line in event_log(lake).read_text(encoding="utf-8").splitlines()]


def test_a_task_is_a_row_with_seconds_and_counts_and_two_events(lake: Settings) -> None:
    runner.run_task("load_gates", Job(lake))
    (row,) = read_rows(lake, "ops.runs").to_pylist()
    assert (row["task"], row["outcome"], row["run_id"]) == ("load_gates", "done", RUN_ID)
    assert row["seconds"] == pytest.approx((row["finished_at_utc"] - row["started_at_utc"]).total_seconds())
    assert json.loads(row["row_counts"]) == {"reference.gates": 84}
    begun, ended = events(lake)
    assert (begun["event"], ended["event"]) == ("task_started", "task_ended")
    assert {event["task_run_id"] for event in (begun, ended)} == {row["task_run_id"]}
    assert {event["run_id"] for event in (begun, ended)} == {RUN_ID}
    assert ended["outcome"] == "done"
    assert ended["row_counts"] == {"reference.gates": 84}


def test_a_task_that_changes_nothing_counts_nothing(lake: Settings) -> None:
    for _ in range(2):
        runner.run_task("load_gates", Job(lake))
    last = max(read_rows(lake, "ops.runs").to_pylist(), key=lambda row: row["started_at_utc"])
    assert json.loads(last["row_counts"]) == {}


def test_a_failure_is_on_record_with_its_sentence(lake: Settings, tmp_path: Path) -> None:
    with pytest.raises(BadInputError):
        runner.run_task("load_ports", Job(lake, paths=(tmp_path / "none.geojson",)))
    (row,) = read_rows(lake, "ops.runs").to_pylist()
    assert row["outcome"] == "failed"
    assert "none.geojson" in json.loads(row["summary"])["error"]
    assert events(lake)[-1]["outcome"] == "failed"
    assert "none.geojson" in events(lake)[-1]["summary"]["error"]


def test_no_setting_of_the_environment_is_written_down(
    lake: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIS_INDICATORS_ALERT_WEBHOOK", "https://example.org/hush")
    runner.run_task("load_gates", Job(lake))
    log_event(lake, "asked", period=None)
    assert "hush" not in event_log(lake).read_text(encoding="utf-8")
    assert events(lake)[-1]["event"] == "asked"
