"""A table serves again while its log is unchanged; one that changed or was made again is opened again."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from ais_indicators.errors import AisIndicatorsError
from ais_indicators.io.delta import active_files, as_it_stood, open_delta, read_rows, table_version
from ais_indicators.io.open_tables import LOG
from ais_indicators.io.releases import RELEASES
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
