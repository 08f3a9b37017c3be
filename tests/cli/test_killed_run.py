"""Runs of the installed command that SIGKILL ends in the middle, and runs that meet another at work.

Each case kills a whole process group as soon as a mark of progress shows on the disk, runs the same again to its
end, and compares all tables with those of an undisturbed lake. Where exactly the blow falls differs
from run to run; that the tables are the same must not.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ais_indicators import cli, runner
from ais_indicators.io.delta import table_version
from ais_indicators.job import Job
from ais_indicators.periods import Period, Week
from ais_indicators.publish.files import RELEASED_TABLES, data_file_name
from ais_indicators.releasing.history import read_history, release_folder
from ais_indicators.releasing.record import read_releases
from ais_indicators.settings import Settings
from tests.examples import is_full
from tests.messages import (
    FIGURES,
    Row,
    assert_same_content,
    content,
    position,
    rectangle_port,
    stay,
    table,
    write_noaa,
    write_ports,
)

COMMAND = Path(sys.executable).parent / "ais-indicators"
KILLED_IN = {"figures": "gold.port_activity_weekly"} | ({"fold": "silver.positions"} if is_full() else {})
"""Table whose commit shows that a task is at work; `test_broken_off` has the fold in `make test`."""

WEEK = Week.parse("2020-W52")
LOOK_AGAIN_SECONDS = 0.001
PATIENCE_SECONDS = 180
INGESTED = ("bronze.ais_messages", "quarantine.messages", "ops.ingested_files")


# --- lakes ------------------------------------------------------------------------------------------------------


def rows_of_day(day: int, ships: int) -> list[Row]:
    """Some ships lie in port for a day, and one message is no ship's."""
    calls = [
        row
        for mmsi in range(366000001, 366000001 + ships)
        for row in (
            position(f"2020-12-{day}T00:00:00", mmsi, latitude=50.3, sog_knots=12.0),
            *stay(f"2020-12-{day}T02:00:00", f"2020-12-{day}T20:00:00", 180, mmsi=mmsi),
            position(f"2020-12-{day}T22:00:00", mmsi, latitude=50.3, sog_knots=12.0),
        )
    ]
    return [*calls, position(f"2020-12-{day}T10:00:00", 123456789)]


@pytest.fixture(scope="module")
def deliveries(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three files of a day each."""
    folder = tmp_path_factory.mktemp("deliveries")
    return [write_noaa(folder / f"AIS_2020_12_{day}.csv", rows_of_day(day, 4)) for day in (22, 23, 24)]


@pytest.fixture(scope="module")
def with_ports(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A lake that holds ports and nothing else."""
    folder = tmp_path_factory.mktemp("with-ports")
    made = Settings(folder / "data", shuffle_partitions=1)
    ports = write_ports(folder / "ports.geojson", [rectangle_port("XXAAA", 0.9, 49.9, 1.1, 50.1)])
    runner.run_task("load_ports", Job(made, paths=(ports,)))
    return made


@pytest.fixture(scope="module")
def with_messages(
    with_ports: Settings, deliveries: list[Path], tmp_path_factory: pytest.TempPathFactory
) -> Settings:
    """The same with the messages, taken in undisturbed."""
    made = copied(with_ports, tmp_path_factory.mktemp("with-messages"))
    ingest(made, deliveries)
    return made


@pytest.fixture(scope="module")
def with_figures(with_messages: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The same with the week's values, made undisturbed."""
    made = copied(with_messages, tmp_path_factory.mktemp("with-figures"))
    compute(made)
    return made


def copied(lake: Settings, folder: Path) -> Settings:
    """A copy of a lake, to go on from there."""
    shutil.copytree(lake.data_dir, folder / "data")
    return Settings(folder / "data", shuffle_partitions=1)


def ingest(lake: Settings, files: list[Path]) -> None:
    """Takes files in, in this process."""
    runner.run_task("ingest_messages", Job(lake, paths=tuple(files)))


def compute(lake: Settings) -> None:
    """Runs the week up to its values, in this process."""
    runner.run_weekly(Job(lake, Period(WEEK, WEEK)), until=FIGURES)


# --- the blow ---------------------------------------------------------------------------------------------------


def start(lake: Settings, *arguments: object) -> "subprocess.Popen[str]":
    """Starts the installed command in a process group of its own."""
    return subprocess.Popen(
        [COMMAND, "--data-dir", lake.data_dir, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def kill_when(has_begun: Callable[[], bool], lake: Settings, *arguments: object) -> None:
    """Runs a command and kills its process group the moment that a mark shows."""
    run = start(lake, *arguments)
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while not has_begun() and run.poll() is None and time.monotonic() < give_up_at:
        time.sleep(LOOK_AGAIN_SECONDS)
    if run.poll() is None:
        os.killpg(run.pid, signal.SIGKILL)
    said, _ = run.communicate()
    assert run.returncode == -signal.SIGKILL, f"the run ended before it could be killed:\n{said}"


def is_past(lake: Settings, name: str) -> Callable[[], bool]:
    """Whether a table has a newer version than now."""
    log = lake.table_path(name) / "_delta_log"
    following = log / f"{table_version(lake, name) + 1:020d}.json"
    return following.exists


# --- killed in the middle ---------------------------------------------------------------------------------------


def test_a_killed_delivery_ends_in_the_same_tables(
    with_ports: Settings, with_messages: Settings, deliveries: list[Path], tmp_path: Path
) -> None:
    lake = copied(with_ports, tmp_path)
    bronze = lake.table_path("bronze.ais_messages")
    kill_when(lambda: any(bronze.glob("*/*/*.parquet")), lake, "ingest", *deliveries)
    assert table(lake, "ops.ingested_files").height < len(deliveries)
    ingest(lake, deliveries)
    for name in INGESTED:
        found, wanted = (table(where, name) for where in (lake, with_messages))
        assert found.sort(found.columns).equals(wanted.sort(wanted.columns)), name
    assert not any(lake.staging.glob("unpacked*"))


@pytest.mark.parametrize("task", KILLED_IN)
def test_a_killed_week_ends_in_the_same_tables(
    with_messages: Settings, with_figures: Settings, tmp_path: Path, task: str
) -> None:
    """Killed when the first commit of the task shows that writes the table, and others of it are still to come."""
    lake = copied(with_messages, tmp_path)
    kill_when(is_past(lake, KILLED_IN[task]), lake, "run", "--week", WEEK)
    compute(lake)
    assert_same_content(content(lake), content(with_figures))


@pytest.mark.release_check
def test_a_killed_publication_ends_in_the_same_release(
    with_figures: Settings, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Killed when files of the release show; then published through the gate, and nothing else lies there."""
    lake = copied(with_figures, tmp_path)
    kill_when(
        lambda: lake.releases.is_dir() and any(lake.releases.iterdir()), lake, "publish", "--week", WEEK
    )
    with pytest.raises(SystemExit) as ended:
        cli.main(["--data-dir", str(lake.data_dir), "publish", "--week", str(WEEK)])
    assert ended.value.code == 0
    (release,) = read_releases(lake)
    assert read_history(lake).served == {WEEK.name: release}
    assert release.release_id in capsys.readouterr().out
    names = {path.name for path in release_folder(lake, release.release_id).iterdir()}
    tables = {data_file_name(table, suffix) for table in RELEASED_TABLES for suffix in ("csv", "parquet")}
    assert names == {*tables, "manifest.json", "rules.json"}
    assert_same_content(content(lake), content(with_figures))


# --- two at once ------------------------------------------------------------------------------------------------


def test_a_second_run_is_turned_away_and_changes_nothing(
    with_ports: Settings, deliveries: list[Path], tmp_path: Path
) -> None:
    lake = copied(with_ports, tmp_path)
    with runner.exclusive(lake):
        run = start(lake, "ingest", *deliveries)
        said, _ = run.communicate(timeout=PATIENCE_SECONDS)
    assert run.returncode == 2
    assert f"another run is using {lake.lake}; wait until it has ended" in said
    assert "Traceback" not in said
    assert table(lake, "ops.ingested_files").is_empty()


def test_readers_are_not_turned_away(with_messages: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    with runner.exclusive(with_messages), pytest.raises(SystemExit) as ended:
        cli.main(["--data-dir", str(with_messages.data_dir), "status"])
    assert ended.value.code == 0
    assert "3 files: " in capsys.readouterr().out
