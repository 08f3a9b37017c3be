"""Command `ready` and task `confirm_days`: whether a week's days are in, when waiting ends, and what is kept of it."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ais_indicators import runner
from ais_indicators.cli.readiness import is_over
from ais_indicators.errors import ExitCode
from ais_indicators.io.delta import create_tables, read_rows
from ais_indicators.job import Job
from ais_indicators.periods import Week
from ais_indicators.pipelines.confirm_days import DaysOfWeek
from ais_indicators.settings import Settings
from tests.caller import Caller
from tests.messages import position, write_noaa

FULL, HALF, NONE = "2020-W52", "2020-W53", "2021-W10"
LATE = ("--deadline-hours", "0")
NEVER = ("--deadline-hours", "10000000")


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Each day of the first week has a message, and the first two of the next, the last one at noon."""
    folder = tmp_path_factory.mktemp("readiness")
    made = Settings(folder / "data", shuffle_partitions=1)
    days = [f"2020-12-{day}T12:00:00" for day in range(21, 30)]
    file = write_noaa(folder / "days.csv", [position(at, mmsi=366000001, sog_knots=12.0) for at in days])
    runner.run_task("ingest_messages", Job(made, paths=(file,)))
    return made


@pytest.fixture
def call(lake: Settings, capsys: pytest.CaptureFixture[str]) -> Caller:
    return Caller(lake.data_dir, capsys)


def records(lake: Settings) -> list[dict[str, Any]]:
    rows = read_rows(lake, "ops.runs").to_pylist()
    return [row for row in rows if row["task"] == "confirm_days"]


def test_a_week_whose_days_are_all_in_is_ready(call: Caller) -> None:
    answer = call("ready", "--week", FULL)
    assert (answer.code, answer.out.strip()) == (0, f"{FULL} is complete")


def test_a_week_without_some_days_is_not_ready_and_names_them(call: Caller) -> None:
    answer = call("ready", "--week", HALF, *NEVER)
    assert answer.code == ExitCode.NOT_YET
    assert "no messages of 2020-12-30, 2020-12-31, 2021-01-01, 2021-01-02, 2021-01-03" in answer.out


def test_past_the_deadline_an_incomplete_week_goes_with_a_warning_and_is_on_record(
    call: Caller, lake: Settings
) -> None:
    before = len(records(lake))
    answer = call("ready", "--week", HALF, "--record", *LATE)
    assert answer.code == 0
    assert f"{HALF} is past its deadline and is used incomplete" in " ".join(answer.sentences)
    kept = records(lake)[before:]
    assert [(row["week"], row["outcome"]) for row in kept] == [(HALF, "done")]
    days = json.loads(kept[0]["summary"])[0]
    assert days["present"] == ["2020-12-28", "2020-12-29"]
    assert (len(days["missing"]), days["heard_to_end"]) == (5, False)


def test_asking_alone_leaves_no_record(call: Caller, lake: Settings) -> None:
    before = len(records(lake))
    call("ready", "--week", HALF, *LATE)
    call("ready", "--week", HALF, "--record", *NEVER)
    assert len(records(lake)) == before


def test_a_week_without_any_message_is_bad_input_past_its_deadline(call: Caller) -> None:
    answer = call("ready", "--week", NONE, "--record", *LATE)
    assert answer.code == ExitCode.BAD_INPUT
    assert f"there are no messages of {NONE}" in answer.sentences[-1]


def test_where_somebody_holds_the_lake_it_is_not_yet_ready(call: Caller, lake: Settings) -> None:
    with runner.exclusive(lake):
        answer = call("ready", "--week", FULL, "--record")
    assert answer.code == ExitCode.NOT_YET
    assert "another run is using" in answer.sentences[0]


def test_without_tables_it_is_wrong_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert Caller(tmp_path / "data", capsys)("ready", "--week", FULL).code == ExitCode.WRONG_USE


def test_json_reports_all(call: Caller) -> None:
    found = call.json("ready", "--week", HALF, *LATE)
    assert (found["ready"], found["complete"], found["week"]) == (True, False, HALF)
    assert found["present"] == ["2020-12-28", "2020-12-29"]


@pytest.mark.parametrize(("missing", "heard", "complete"), [((), True, True), ((), False, False)])
def test_a_last_day_that_is_half_heard_is_waited_for(
    missing: tuple[str, ...], heard: bool, complete: bool
) -> None:
    days = DaysOfWeek(Week.parse(FULL), ("2020-12-27",), missing, heard)
    assert days.is_complete is complete
    assert days.lack == ("" if complete else "no file reaches to the end of 2020-12-27")


@pytest.mark.parametrize(("minutes", "over"), [(-1, False), (0, True), (1, True)])
def test_the_deadline_counts_from_the_end_of_the_week(minutes: int, over: bool) -> None:
    deadline: datetime = Week.parse(FULL).end + timedelta(hours=36)
    assert is_over(Week.parse(FULL), 36, deadline + timedelta(minutes=minutes)) is over
    assert not is_over(Week.parse(FULL), None, deadline)


def test_a_job_takes_each_file_of_a_folder_by_itself_and_none_where_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(tmp_path)
    create_tables(settings)
    taken: list[tuple[str, tuple[str, ...]]] = []
    monkeypatch.setattr(
        runner, "run_task", lambda name, job: taken.append((name, tuple(p.name for p in job.paths)))
    )
    arguments = ["--data-dir", str(tmp_path), "--each-in", "references/ports"]
    runner.run_job("load_ports", arguments)
    folder = tmp_path / "references" / "ports"
    folder.mkdir(parents=True)
    for name in ("b.geojson", "a.csv", ".part"):
        (folder / name).touch()
    runner.run_job("load_ports", arguments)
    assert taken == [("load_ports", ("a.csv",)), ("load_ports", ("b.geojson",))]
