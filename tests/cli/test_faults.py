"""Faults of the machine and of the lake: one sentence that says what to do, and after the repair all is right."""

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from py4j.protocol import Py4JError

from ais_indicators import runner
from ais_indicators.ingestion import file_commit as ingest_commit
from ais_indicators.io.failures import explain
from ais_indicators.job import Job
from ais_indicators.settings import Settings
from benchmarks.reliability import breakage
from tests.caller import Caller
from tests.messages import rectangle_port, stay, table, write_noaa, write_ports

WEEK = "2020-W52"
FOLD = ("run", "--week", WEEK, "--until", "track_vessels")
MESSAGES = "bronze.ais_messages"


@pytest.fixture(scope="module")
def ingested(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A lake with a day of messages. Not to be changed."""
    folder = tmp_path_factory.mktemp("faults")
    made = Settings(folder / "data", shuffle_partitions=1)
    ports = write_ports(folder / "ports.geojson", [rectangle_port("XXAAA", 0.9, 49.9, 1.1, 50.1)])
    runner.run_task("load_ports", Job(made, paths=(ports,)))
    rows = stay("2020-12-22T00:00:00", "2020-12-22T20:00:00")
    runner.run_task("ingest_messages", Job(made, paths=(write_noaa(folder / "day.csv", rows),)))
    return made


@pytest.fixture
def lake(ingested: Settings, tmp_path: Path) -> Settings:
    """A copy of it."""
    shutil.copytree(ingested.data_dir, tmp_path / "data")
    return Settings(tmp_path / "data", shuffle_partitions=1)


@pytest.fixture
def call(lake: Settings, capsys: pytest.CaptureFixture[str]) -> Caller:
    return Caller(lake.data_dir, capsys)


@pytest.mark.parametrize(
    ("breaking", "names"),
    [
        (breakage.truncated_file, "of the table bronze.ais_messages"),
        (breakage.missing_file, "of the table bronze.ais_messages"),
        (breakage.half_a_log_line, "the log of the table bronze.ais_messages"),
    ],
    ids=["truncated", "gone", "log"],
)
def test_damage_is_named_and_the_next_run_after_the_repair_is_right(
    call: Caller, lake: Settings, breaking: Callable[..., object], names: str
) -> None:
    with breaking(lake, MESSAGES):  # type: ignore[attr-defined]
        answer = call(*FOLD)
    assert answer.code == 1
    assert names in answer.sentences[-1]
    assert "restore it from a copy of the lake, then run the same command again" in answer.sentences[-1]
    assert call(*FOLD).code == 0
    assert table(lake, "silver.positions").height == table(lake, MESSAGES).height == 21


def test_a_full_disk_loses_and_doubles_nothing(
    call: Caller, lake: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    file = write_noaa(tmp_path / "next.csv", stay("2020-12-23T00:00:00", "2020-12-23T20:00:00"))
    monkeypatch.setattr(ingest_commit, "_commit_records", full)
    answer = call("ingest", file)
    assert answer.code == 1
    assert "there is no space left for" in answer.sentences[-1]
    monkeypatch.undo()
    assert call("ingest", file).code == 0
    assert table(lake, MESSAGES).height == 42


def test_a_lake_that_may_not_be_written_is_reported(
    call: Caller, lake: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(lake.lake))

    file = write_noaa(tmp_path / "next.csv", stay("2020-12-23T00:00:00", "2020-12-23T20:00:00"))
    monkeypatch.setattr(runner, "create_tables", refused)
    answer = call("ingest", file)
    assert answer.code == 1
    assert f"{lake.lake} cannot be written" in answer.sentences[-1]


def test_a_staged_file_that_is_gone_is_not_committed(call: Caller, lake: Settings) -> None:
    with breakage.vanishing_staged_file(lake):
        answer = call(*FOLD)
    assert answer.code == 1
    assert "is missing or truncated; run the same command again" in answer.sentences[-1]
    assert call(*FOLD).code == 0
    assert table(lake, "silver.positions").height == 21


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (RuntimeError("Python worker exited unexpectedly (crashed)"), "a worker of Spark"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"), "Spark's Java process"),
        (Py4JError("An error occurred while calling o65.repartition"), "Spark's Java process"),
        (
            PermissionError(errno.EACCES, "Permission denied", "lake/.lock"),
            "lake/.lock cannot be written or read",
        ),
    ],
)
def test_what_else_the_machine_does_is_reported(error: Exception, says: str) -> None:
    explained = explain(error, Settings(Path("data")))
    assert explained is not None
    assert explained.startswith(says)


@pytest.mark.parametrize(
    "error", [KeyError("week"), Py4JError("An error occurred while calling o65.sum. Trace:\nno such method")]
)
def test_a_fault_of_the_program_stays_one(error: Exception) -> None:
    assert explain(error, Settings(Path("data"))) is None
