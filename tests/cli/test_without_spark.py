"""Commands that need no Spark start none: whoever publishes, exports or looks up waits for no Java process."""

import shutil
from pathlib import Path
from typing import Any, NoReturn

import pytest
from pyspark.sql import SparkSession

from ais_indicators.settings import EXECUTOR_VARIABLE, Settings
from tests.caller import Caller
from tests.eight_weeks import WEEKS
from tests.messages import rectangle_port, write_ports
from tests.release_lake import FIRST_ID, REVISED_ID, make_lake

REGISTER = "imo,dwt,gt\n9134270,30000,20000\n"


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A lake with three releases, which no command here makes another of."""
    return make_lake(tmp_path_factory.mktemp("without-spark"))


@pytest.fixture(autouse=True)
def no_spark(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets nobody start Spark, or take the session that other tests have started."""

    def refuse(*_: Any) -> NoReturn:
        raise AssertionError("a command that needs no Spark asked for a session")

    monkeypatch.setenv(EXECUTOR_VARIABLE, "spark")
    monkeypatch.setattr(SparkSession.Builder, "getOrCreate", refuse)


@pytest.mark.parametrize(
    "command",
    [
        "init",
        "status",
        "release list",
        "release show latest",
        f"release diff {FIRST_ID} {REVISED_ID}",
        "release revisions",
        "release quality latest",
        f"release withdraw {REVISED_ID} --by tester --reason trial",
        f"release restore {REVISED_ID} --by tester --reason trial",
        "export --out {out}",
        "export --out {out} --format sdmx-csv",
        "export --out {out} --format portwatch",
        "bulletin --out {out}",
        "ports list",
        "gates list",
        "vessels list",
        "sources list",
    ],
)
def test_a_command_that_reads_or_decides_starts_no_spark(
    command: str, lake: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = Caller(lake.data_dir, capsys)(*command.format(out=tmp_path / "out").split())
    assert answer.code == 0, answer.sentences


def test_ports_are_loaded_without_spark(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ports = write_ports(tmp_path / "ports.geojson", (rectangle_port("XXAAA", 0.9, 49.9, 1.1, 50.1),))
    assert Caller(tmp_path / "data", capsys)("ports", "load", ports).code == 0


def test_gates_and_a_register_are_loaded_without_spark(
    lake: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call, register = Caller(lake.data_dir, capsys), tmp_path / "register.csv"
    register.write_text(REGISTER, encoding="utf-8")
    assert call("gates", "load").code == 0
    assert call("vessels", "load", register).code == 0


@pytest.mark.release_check
def test_a_week_is_checked_and_published_without_spark(
    eight_weeks: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lake = tmp_path / "data"
    shutil.copytree(eight_weeks.data_dir, lake)
    shutil.rmtree(lake / "releases")
    shutil.rmtree(lake / "lake" / "gold" / "releases")
    call = Caller(lake, capsys)
    assert call("check", "--week", WEEKS[-1]).code == 0
    published = call("publish", "--week", WEEKS[-1])
    assert published.code == 0, published.sentences
    assert f"published: release {WEEKS[-1]}-" in published.out
