"""A table serves again while its log is unchanged; one that changed or was made again is opened again."""

import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from ais_indicators.contracts.types import arrow_schema
from ais_indicators.errors import AisIndicatorsError
from ais_indicators.io.delta import (
    active_files,
    append,
    as_it_stood,
    commit,
    open_delta,
    read_rows,
    table_version,
)
from ais_indicators.io.open_tables import LOG
from ais_indicators.io.runs import RUNS
from ais_indicators.io.staging import TableFile, stage
from ais_indicators.io.store import table_folder
from ais_indicators.releasing.record import RELEASES
from ais_indicators.settings import Settings
from tests.release_lake import FIRST_ROWS, make_lake, publish


@pytest.fixture
def lake(tmp_path: Path) -> Settings:
    return make_lake(tmp_path)


def release_files(lake: Settings) -> int:
    """Files of the table of releases in a run of its own."""
    with as_it_stood():
        return len(active_files(open_delta(lake, RELEASES)))


def test_runs_one_after_the_other_share_an_unchanged_table(lake: Settings) -> None:
    with as_it_stood():
        first = open_delta(lake, RELEASES)
        active_files(first).clear()
        assert active_files(first)
    with as_it_stood():
        assert open_delta(lake, RELEASES) is first


def test_a_run_sees_what_was_committed_before_it_and_nothing_later(lake: Settings) -> None:
    before = release_files(lake)
    with as_it_stood():
        rows = read_rows(lake, RELEASES).num_rows
        publish(lake, "2021-W02-later", 9, FIRST_ROWS, day=date(2021, 1, 20))
        shared = open_delta(lake, RELEASES)
        assert int(shared.version()) == table_version(lake, RELEASES)
        assert read_rows(lake, RELEASES).num_rows == rows + 1  # its own commit
    assert release_files(lake) == before + 1


def test_a_table_that_got_a_version_between_runs_is_opened_again(lake: Settings) -> None:
    before = release_files(lake)
    publish(lake, "2021-W02-later", 9, FIRST_ROWS, day=date(2021, 1, 20))
    assert release_files(lake) == before + 1


def test_a_table_made_again_in_the_same_place_is_opened_again(lake: Settings, tmp_path: Path) -> None:
    other = make_lake(tmp_path / "other")
    with as_it_stood():
        identity = open_delta(lake, RELEASES).metadata().id
        assert identity != open_delta(other, RELEASES).metadata().id
    shutil.rmtree(lake.table_path(RELEASES))
    shutil.copytree(other.table_path(RELEASES), lake.table_path(RELEASES))
    with as_it_stood():
        assert (
            open_delta(lake, RELEASES).metadata().id == open_delta(other, RELEASES).metadata().id != identity
        )


def test_a_damaged_log_is_noticed_by_the_next_run(lake: Settings) -> None:
    release_files(lake)
    newest = max((lake.table_path(RELEASES) / LOG).glob("*.json"))
    newest.write_text(newest.read_text(encoding="utf-8")[:-20], encoding="utf-8")
    with pytest.raises(AisIndicatorsError, match=newest.name):
        release_files(lake)


def test_small_tables_are_read_once_a_run(lake: Settings) -> None:
    with as_it_stood():
        rows = read_rows(lake, RELEASES)
        assert read_rows(lake, RELEASES) is rows
        assert read_rows(lake, RELEASES, ["week"]).column_names == ["week"]
        few = read_rows(lake, RELEASES, filters=[("week", "=", "2099-W01")])
        assert few.num_rows == 0 < rows.num_rows
    with as_it_stood():
        assert read_rows(lake, RELEASES) is not rows
    assert read_rows(lake, RELEASES) is not read_rows(lake, RELEASES)


# --- records that rest on no others ---------------------------------------------------------------------------


def record(lake: Settings, name: str) -> TableFile:
    """A file of one row of the table of runs."""
    row: dict[str, Any] = dict.fromkeys(arrow_schema(RUNS).names, name) | {"week": None, "seconds": 1.0}
    row |= dict.fromkeys(("started_at_utc", "finished_at_utc"), datetime(2021, 1, 20, tzinfo=UTC))
    rows = pa.Table.from_pylist([row], schema=arrow_schema(RUNS))
    return stage(table_folder(lake, RUNS), RUNS, rows, {}, "run")


def recorded(lake: Settings) -> list[str]:
    names: list[str] = read_rows(lake, RUNS, ["task"])["task"].to_pylist()
    return sorted(names)


def test_a_record_comes_beside_those_that_others_wrote_meanwhile(lake: Settings) -> None:
    append(lake, RUNS, [record(lake, "a")])
    commit(lake, RUNS, [record(lake, "by another")])
    append(lake, RUNS, [record(lake, "b")])
    append(lake, RUNS, [record(lake, "c")])
    assert recorded(lake) == ["a", "b", "by another", "c"]


def test_a_record_changes_no_table_that_a_run_has_opened(lake: Settings) -> None:
    append(lake, RUNS, [record(lake, "a")])
    with as_it_stood():
        opened = open_delta(lake, RUNS)
        version = opened.version()
        append(lake, RUNS, [record(lake, "b")])
        append(lake, RUNS, [record(lake, "c")])
        assert opened.version() == version == open_delta(lake, RUNS).version()
    assert recorded(lake) == ["a", "b", "c"]


def test_a_record_goes_to_the_table_that_was_made_again_in_the_same_place(
    lake: Settings, tmp_path: Path
) -> None:
    other = make_lake(tmp_path / "other")
    append(other, RUNS, [record(other, "of the other")])
    append(lake, RUNS, [record(lake, "a")])
    shutil.rmtree(lake.table_path(RUNS))
    shutil.copytree(other.table_path(RUNS), lake.table_path(RUNS))
    append(lake, RUNS, [record(lake, "b")])
    assert recorded(lake) == ["b", "of the other"]


def test_a_record_is_not_added_to_a_damaged_log(lake: Settings) -> None:
    append(lake, RUNS, [record(lake, "a")])
    newest = max((lake.table_path(RUNS) / LOG).glob("*.json"))
    newest.write_text(newest.read_text(encoding="utf-8")[:-20], encoding="utf-8")
    with pytest.raises(AisIndicatorsError, match=newest.name):
        append(lake, RUNS, [record(lake, "b")])
