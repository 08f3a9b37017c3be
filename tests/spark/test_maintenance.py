"""Maintenance of the lake: fewer files, nothing lost that a release or a reader needs.

After a vacuum, `make test` computes a release again that rests on removed versions; `make test-all` also the first and
those of the newest week.
"""

import shutil
from pathlib import Path

import polars as pl
import pytest
from deltalake import DeltaTable

from ais_indicators import open_table, runner
from ais_indicators.contracts.model import all_tables
from ais_indicators.io.delta import active_files, open_delta
from ais_indicators.io.delta_log import file_lives, files_at
from ais_indicators.io.runs import RUNS
from ais_indicators.job import Job, Upkeep
from ais_indicators.periods import Period
from ais_indicators.publish.files import PORT_ACTIVITY, data_file_name
from ais_indicators.releasing.history import read_history, release_folder
from ais_indicators.releasing.record import read_releases
from ais_indicators.settings import Settings
from tests.caller import Caller
from tests.eight_weeks import LATE_WEEK, WEEKS, voyages
from tests.examples import is_full
from tests.messages import assert_same_content, content, write_noaa

CSV = data_file_name(PORT_ACTIVITY, "csv")


@pytest.fixture
def lake(eight_weeks: Settings, tmp_path: Path) -> Settings:
    """A copy of the eight weeks."""
    shutil.copytree(eight_weeks.data_dir, tmp_path / "data")
    return Settings(tmp_path / "data", shuffle_partitions=1)


@pytest.fixture
def call(lake: Settings, capsys: pytest.CaptureFixture[str]) -> Caller:
    return Caller(lake.data_dir, capsys)


def on_disk(lake: Settings) -> int:
    """Files of all tables but that of runs, to which every task adds one."""
    runs = lake.table_path(RUNS)
    found = (p for p in lake.lake.rglob("*.parquet") if "_delta_log" not in p.parts)
    return len([path for path in found if runs not in path.parents])


def test_the_log_reports_the_files_of_every_version(lake: Settings) -> None:
    """`make test` looks at every fifth version and the newest, `make test-all` at all."""
    for table in all_tables():
        lives = file_lives(lake, table)
        newest = open_delta(lake, table).version()
        for version in {*range(0, newest, 1 if is_full() else 5), newest}:
            at = active_files(open_delta(lake, table, version))
            assert files_at(lives, version) == at, (table, version)


def test_after_vacuum_of_every_table_each_release_is_exported_and_comes_out_the_same(
    call: Caller, lake: Settings, tmp_path: Path
) -> None:
    before, history = content(lake), read_history(lake)
    for table in all_tables():
        DeltaTable(str(lake.table_path(table))).vacuum(dry_run=False)
    size = on_disk(lake)
    planned = call.json("maintain", "--vacuum", "0", "--dry-run")
    assert on_disk(lake) == size
    done = call.json("maintain", "--vacuum", "0")
    assert done["removed_files"] == planned["removed_files"] + sum(
        t["files_before"] for t in done["tables"] if t["files_after"] < t["files_before"]
    )
    assert on_disk(lake) <= size - planned["removed_files"]
    assert {t["table"]: t["files_after"] for t in done["tables"]}["gold.releases"] == 1
    assert_same_content(content(lake), before)
    assert read_history(lake) == history
    for row in history.releases:
        out = tmp_path / row.release_id
        assert call("export", "--as-of", row.release_id, "--week", row.week, "--out", out).code == 0
        assert (out / CSV).read_bytes() == (release_folder(lake, row.release_id) / CSV).read_bytes()
    superseded = next(row for row in history.releases if row.week == LATE_WEEK.name)
    for row in (superseded, *([history.releases[0], history.releases[-1]] if is_full() else [])):
        (again,) = call.json("reproduce", row.release_id)
        assert again["is_same"], again
    then = call.json("maintain", "--vacuum", "0")
    assert {t["table"] for t in then["tables"] if t["removed_files"]} <= {RUNS}


def test_messages_that_were_corrected_after_the_window_stay_for_the_releases(
    call: Caller, lake: Settings, tmp_path: Path
) -> None:
    """The first week is delivered again when it is final: no run includes it, and its releases use the old file."""
    first, after = WEEKS[0], WEEKS[-1].plus(1)
    next_week = write_noaa(
        tmp_path / f"{after}.csv", [row for ship in range(2) for row in voyages(after, ship)]
    )
    corrected = write_noaa(tmp_path / f"{first}.csv", voyages(first, 0))
    runner.run_task("ingest_messages", Job(lake, paths=(next_week,)))
    runner.run_weekly(Job(lake, Period(after, after)))
    runner.run_task("ingest_messages", Job(lake, paths=(corrected,)))
    last = after.plus(1)
    more = write_noaa(tmp_path / f"{last}.csv", voyages(last, 1))
    runner.run_task("ingest_messages", Job(lake, paths=(more,)))
    runner.run_weekly(Job(lake, Period(last, last)))
    done = call.json("maintain", "--vacuum", "0")
    kept = {t["table"]: t["protected_files"] for t in done["tables"]}
    assert kept["bronze.ais_messages"] > 0
    for week in (first, last) if is_full() else (first,):
        (found,) = call.json("reproduce", vintage(lake, week.name))
        assert found["is_same"], found


def vintage(lake: Settings, week: str) -> str:
    return str(read_history(lake).served[week].release_id)


def test_a_reader_keeps_its_version_within_the_days(call: Caller, lake: Settings) -> None:
    opened = open_table("gold.releases", data_dir=lake.data_dir)
    assert call.json("maintain", "--vacuum", "1")["removed_files"] == 0
    assert opened.collect().height == len(read_releases(lake))
    call("maintain", "--vacuum", "0")
    with pytest.raises((pl.exceptions.ComputeError, FileNotFoundError, OSError)):
        opened.collect()
    assert open_table("gold.releases", data_dir=lake.data_dir).collect().height == len(read_releases(lake))


def test_what_a_killed_run_left_goes_and_the_schedule_waits_for_the_days(lake: Settings) -> None:
    left = lake.table_path(PORT_ACTIVITY) / f"week={WEEKS[0]}" / "0123-left.parquet"
    left.write_bytes(b"half")
    replay = lake.data_dir / "as_of" / "reproduce-left"
    replay.mkdir(parents=True)
    runner.run_task("maintain_lake", Job(lake))
    assert left.exists()
    assert replay.exists()
    runner.run_task("maintain_lake", Job(lake, upkeep=Upkeep(vacuum_days=0)))
    assert not left.exists()
    assert not replay.exists()
