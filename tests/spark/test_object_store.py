"""A lake in an object store: how runs are separated, how a lost store is reported, and what a lake supports."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import polars as pl
import pyarrow as pa
import pytest

from ais_indicators import cli, runner
from ais_indicators.errors import AisIndicatorsError, LakeBusyError, WrongUseError
from ais_indicators.io.delta import active_files, as_it_stood, commit, create_tables, open_delta, read_rows
from ais_indicators.io.failures import explain
from ais_indicators.io.local_executor import LocalExecutor
from ais_indicators.io.staging import TableFile, stage
from ais_indicators.io.store import Folder, table_folder
from ais_indicators.job import Job, Upkeep
from ais_indicators.notebook import open_table
from ais_indicators.periods import Period
from ais_indicators.releasing.as_of import lake_as_of
from ais_indicators.releasing.history import find_release
from ais_indicators.settings import Settings
from ais_indicators.tracking.replaced_files import COMMIT_ORDER
from benchmarks.reliability.lakes import (
    BOTH,
    FIRST,
    LAST,
    SHIPS,
    compare,
    holds,
    in_store,
    with_ports,
    write_deliveries,
)
from setup.object_store import ObjectStore
from tests.examples import is_full
from tests.messages import assert_same_content, content, mmsi_numbers

pytestmark = [pytest.mark.release_check, pytest.mark.usefixtures("two_buckets")]
AREAS = "gold.port_activity_weekly"
WEEK = "2026-W01"
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def deliveries(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return write_deliveries(tmp_path_factory.mktemp("deliveries"), mmsi_numbers(SHIPS))


@pytest.fixture(scope="module")
def stored(
    object_store: ObjectStore, deliveries: list[Path], tmp_path_factory: pytest.TempPathFactory
) -> Settings:
    """Two weeks of a dozen ships in an object store, the second of them published. Not to be changed."""
    lake = in_store(with_ports(tmp_path_factory.mktemp("stored")), f"{object_store.url}/stored")
    runner.run_task("ingest_messages", Job(lake, paths=tuple(deliveries)))
    runner.run_tasks(Job(lake, BOTH), runner.tasks_before_check("ships"))
    runner.run_task("publish_release", Job(lake, Period(LAST, LAST)))
    return lake


def observation(value: float) -> pa.Table:
    return pa.table(
        {
            "port_locode": ["XXAAA"],
            "vessel_class": ["_T"],
            "indicator": ["arrivals"],
            "adjustment": ["N"],
            "value": [value],
            "unit": ["calls"],
            "obs_status": ["A"],
            "conf_status": ["F"],
            "status_reason": pa.nulls(1, pa.string()),
        }
    )


def staged(lake: Settings, value: float) -> TableFile:
    return stage(table_folder(lake, AREAS), AREAS, observation(value), {"week": WEEK}, "made")


def called(lake: Settings, *words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        cli.main(["--data-dir", str(lake.data_dir), "--lake-url", str(lake.lake_url), *words])
    return int(ended.value.code or 0)


# --- where things lie -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "kept"),
    [("s3a://ais/lake/", "s3a://ais/lake"), ("s3://ais", "s3://ais"), ("", None), (None, None)],
)
def test_the_address_of_a_lake(url: str | None, kept: str | None) -> None:
    assert Settings.from_environment("data", lake_url=url).lake_url == kept


@pytest.mark.parametrize("url", ["ais/lake", "gs://ais/lake", "s3a://", "s3a://A_B/lake", "s3a://ais//lake"])
def test_what_is_no_address_of_a_lake_is_reported(url: str) -> None:
    with pytest.raises(WrongUseError, match=r"give one such as s3a://BUCKET/FOLDER"):
        Settings.from_environment("data", lake_url=url)


def test_a_folder_in_a_store_does_what_one_on_a_disk_does(object_store: ObjectStore, tmp_path: Path) -> None:
    rows = pa.table({"a": [1, 2]})
    for folder in (Folder(str(tmp_path / "x")), Folder(f"{object_store.url}/x")):
        assert folder.files() == []
        size = folder.write("week=1/a.parquet", rows)
        folder.write_text("notes/b.json", "{}")
        assert (folder.size("week=1/a.parquet"), folder.size("week=1/c.parquet")) == (size, None)
        assert [file.path for file in folder.files()] == ["notes/b.json", "week=1/a.parquet"]
        assert [file.path for file in folder.files("notes", ".json")] == ["notes/b.json"]
        assert (folder.text("notes/b.json"), folder.text("notes/c.json")) == ("{}", None)
        assert folder.read("week=1/a.parquet").equals(rows)
        folder.remove("notes/b.json")
        folder.remove("notes/b.json")
        assert [file.size for file in folder.files()] == [size]


# --- runs that share nothing but the store ----------------------------------------------------------------


@pytest.fixture(params=["store", "disk"])
def shared_lake(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """An empty lake on either kind of place, with one observation."""
    url = (
        f"{request.getfixturevalue('object_store').url}/{tmp_path.name}" if request.param == "store" else None
    )
    lake = Settings(tmp_path, lake_url=url)
    create_tables(lake)
    commit(lake, AREAS, [staged(lake, 1.0)])
    return lake


def values(lake: Settings) -> list[float]:
    found: list[float] = read_rows(lake, AREAS)["value"].to_pylist()
    return found


def test_of_two_runs_on_one_version_the_later_is_refused_and_no_row_is_doubled(shared_lake: Settings) -> None:
    with as_it_stood():
        mine = active_files(open_delta(shared_lake, AREAS))
        _as_another(shared_lake, 2.0)
        assert values(shared_lake) == [1.0]  # this run goes on seeing what it met
        with pytest.raises(LakeBusyError, match=f"another run has changed the table {AREAS} in the meantime"):
            commit(shared_lake, AREAS, [staged(shared_lake, 3.0)], mine)
    assert values(shared_lake) == [2.0]


def test_a_run_builds_on_its_own_commits(shared_lake: Settings) -> None:
    with as_it_stood():
        for value in (2.0, 3.0, 4.0):
            gone = active_files(open_delta(shared_lake, AREAS))
            commit(shared_lake, AREAS, [staged(shared_lake, value)], gone)
            assert values(shared_lake) == [value]
    assert values(shared_lake) == [4.0]


def _as_another(lake: Settings, value: float) -> None:
    """What a run elsewhere does meanwhile."""
    with as_it_stood():
        commit(lake, AREAS, [staged(lake, value)], active_files(open_delta(lake, AREAS)))


def test_two_runs_of_one_week_from_folders_of_their_own(stored: Settings, tmp_path: Path) -> None:
    """The second begins and ends while the first folds: the first is refused, and the rows are those of one run."""
    wanted = holds(stored)
    first, second = (Settings(tmp_path / name, 1, lake_url=stored.lake_url) for name in ("one", "two"))
    run = LocalExecutor.run

    def with_company(*given: Any) -> list[Any]:
        with mock.patch.object(LocalExecutor, "run", run):
            runner.run_task("track_vessels", Job(second, BOTH))
        return run(*given)

    with (
        mock.patch.object(LocalExecutor, "run", with_company),
        pytest.raises(LakeBusyError, match="another run has changed the table"),
    ):
        runner.run_task("track_vessels", Job(first, BOTH))
    runner.run_task("track_vessels", Job(stored, BOTH))
    compare(stored, wanted)


# --- a store that is lost ---------------------------------------------------------------------------------


@contextmanager
def lost(store: ObjectStore) -> Iterator[None]:
    store.stop()
    try:
        yield
    finally:
        store.go_on()


def test_a_connection_that_is_lost_while_weeks_are_folded(
    object_store: ObjectStore, deliveries: list[Path], tmp_path: Path, stored: Settings
) -> None:
    lake = in_store(with_ports(tmp_path), f"{object_store.url}/{tmp_path.name}")
    with (
        lost(object_store),
        pytest.raises(AisIndicatorsError, match=r"the object store of s3a://.* does not answer"),
    ):
        runner.run_task("ingest_messages", Job(lake, paths=tuple(deliveries)))
    runner.run_task("ingest_messages", Job(lake, paths=tuple(deliveries)))
    run = LocalExecutor.run

    def cut_off(*given: Any) -> list[Any]:
        results = run(*given)
        object_store.stop()
        return results

    with (
        mock.patch.object(LocalExecutor, "run", cut_off),
        pytest.raises(AisIndicatorsError, match=r"the object store of s3a://.* does not answer"),
    ):
        runner.run_task("track_vessels", Job(lake, BOTH))
    object_store.go_on()
    runner.run_task("track_vessels", Job(lake, BOTH))
    assert_same_content(content(lake, COMMIT_ORDER), content(stored, COMMIT_ORDER))


def test_the_command_line_reports_of_a_lost_store(
    object_store: ObjectStore, stored: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    with lost(object_store):
        assert called(stored, "status") == 1
    said = " ".join(capsys.readouterr().err.split())
    assert f"the object store of {stored.lake_url} does not answer" in said
    assert called(stored, "status") == 0


def test_the_store_to_try_says_how_to_use_it_and_ends_with_ctrl_c() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "setup.start_object_store"]
    environment = os.environ | {"OBJECT_STORE_PORT": str(port)}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stderr
        said = [process.stderr.readline() for _ in range(8)]
        os.killpg(process.pid, signal.SIGINT)
        rest = process.stderr.read()
    assert f"export AWS_ENDPOINT_URL=http://127.0.0.1:{port}\n" in said
    assert (said[-1], rest, process.returncode) == ("Ctrl-C ends it.\n", "The object store has ended\n", 0)


def test_a_bucket_that_is_not_there_is_reported(
    object_store: ObjectStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert object_store
    assert called(Settings(tmp_path, lake_url="s3a://nowhere/lake"), "init") == 1
    assert "there is no bucket for s3a://nowhere/lake" in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("AWS Error ACCESS_DENIED during GetObject operation", "refuses access"),
        ("Generic S3 error: ... 403 Forbidden ... InvalidAccessKeyId", "refuses access"),
        ("AWS Error NETWORK_CONNECTION during HeadObject operation: curlCode: 7", "does not answer"),
        ("Generic S3 error: error sending request for url", "does not answer"),
        ("The specified bucket does not exist: NoSuchBucket", "there is no bucket"),
    ],
)
def test_what_the_store_says_in_a_sentence(text: str, sentence: str) -> None:
    error = OSError(text)
    assert sentence in str(explain(error, Settings(Path("data"), lake_url="s3a://ais/lake")))
    assert sentence not in str(explain(error, Settings(Path("data"))))


# --- what else is done with a lake ------------------------------------------------------------------------


def test_a_release_is_found_as_it_was(stored: Settings) -> None:
    release = find_release(stored, "latest")
    as_of = lake_as_of(stored, release)
    assert as_of.lake_url is None
    for name in ("silver.port_calls", AREAS):
        assert read_rows(as_of, name).num_rows == read_rows(stored, name).num_rows > 0


@pytest.mark.skipif(not is_full(), reason="only `make test-all` computes a release of an object store again")
def test_releases_are_computed_again(stored: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert called(stored, "reproduce", "latest") == 0
    assert "1 of 1 releases came out the same" in " ".join(capsys.readouterr().out.split())


def test_an_analyst_reads_tables(stored: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIS_INDICATORS_LAKE_URL", str(stored.lake_url))
    monkeypatch.setenv("AIS_INDICATORS_DATA_DIR", str(stored.data_dir))
    lazy = open_table("silver.port_calls")
    assert isinstance(lazy, pl.LazyFrame)
    assert lazy.collect().height == open_table("silver.port_calls", form="arrow").num_rows > 0


def test_upkeep_removes_what_no_release_needs(stored: Settings) -> None:
    wanted = holds(stored)
    table_folder(stored, AREAS).write(f"week={FIRST.name}/left-behind.parquet", observation(9.0))
    before = len(table_folder(stored, AREAS).files(suffix=".parquet"))
    done = {
        one.table: one
        for one in runner.run_task("maintain_lake", Job(stored, upkeep=Upkeep(vacuum_days=0.0)))
    }
    assert done[AREAS].removed_files > 0
    assert len(table_folder(stored, AREAS).files(suffix=".parquet")) == before - done[AREAS].removed_files
    assert done["ops.runs"].files_after == 1
    compare(stored, wanted)
