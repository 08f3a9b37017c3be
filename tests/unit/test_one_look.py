"""Within one look at a lake all tables stay as they were at first access."""

from datetime import date
from pathlib import Path

from ais_indicators.io.delta import active_files, one_look, open_delta
from ais_indicators.releasing.record import RELEASES
from ais_indicators.settings import Settings
from tests.release_lake import FIRST_ROWS, make_lake, publish


def releases_seen(lake: Settings) -> int:
    return sum(file.rows for file in active_files(open_delta(lake, RELEASES)))


def test_a_release_of_meanwhile_is_seen_after_the_look(tmp_path: Path) -> None:
    lake = make_lake(tmp_path)
    with one_look():
        before = releases_seen(lake)
        publish(lake, "2021-W02-later", 9, FIRST_ROWS, day=date(2021, 1, 20))
        assert releases_seen(lake) == before
    assert releases_seen(lake) == before + 1


def test_a_table_is_opened_once_and_its_files_are_nobodys_to_change(tmp_path: Path) -> None:
    lake = make_lake(tmp_path)
    with one_look():
        assert open_delta(lake, RELEASES) is open_delta(lake, RELEASES)
        active_files(open_delta(lake, RELEASES)).clear()
        assert releases_seen(lake) == 3
        assert open_delta(lake, RELEASES, version=0) is not open_delta(lake, RELEASES)
        assert active_files(open_delta(lake, RELEASES, version=0)) == []
    assert open_delta(lake, RELEASES) is not open_delta(lake, RELEASES)


def test_lakes_are_distinguished(tmp_path: Path) -> None:
    one, other = make_lake(tmp_path / "one"), make_lake(tmp_path / "other")
    publish(other, "2021-W02-later", 9, FIRST_ROWS, day=date(2021, 1, 20))
    with one_look():
        assert releases_seen(one) + 1 == releases_seen(other)
