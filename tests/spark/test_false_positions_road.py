"""Vessels shown in a port where they are not, from files to port calls: the second pass of the fold."""

import shutil
from pathlib import Path

import polars as pl
import pytest
from deltalake import DeltaTable

from ais_indicators import runner
from ais_indicators.job import Job
from ais_indicators.periods import Period, Week
from ais_indicators.pipelines import track_vessels
from ais_indicators.settings import Settings
from tests.messages import (
    FIRST_MMSI,
    FOLD_QUARANTINE,
    SILVER,
    Row,
    assert_same_content,
    content,
    position,
    rectangle_port,
    stay,
    table,
    write_days,
    write_ports,
)

W52, W53 = Week.parse("2020-W52"), Week.parse("2020-W53")
PORT, CALLER = "XXAAA", FIRST_MMSI
SHOWN = range(FIRST_MMSI + 1, FIRST_MMSI + 8)
NEAR = SHOWN[-1]
FIXES_SHOWN = 49
"""One in ten minutes from Sunday 20:00 to Monday 04:00, both included."""


def messages() -> list[Row]:
    """One vessel that calls at the port, and seven at anchor that are shown there.

    Six are far from it and from each other. The last is so near that it jumps less than 20 km.
    """
    rows = [
        position("2020-12-23T00:00:00", CALLER, latitude=50.3, sog_knots=12.0),
        *stay("2020-12-23T02:00:00", "2020-12-23T20:00:00", mmsi=CALLER),
        position("2020-12-23T22:00:00", CALLER, latitude=50.3, sog_knots=12.0),
    ]
    for number, mmsi in enumerate(SHOWN):
        far = {"latitude": 52.0 + number, "longitude": 3.0}
        home = {"mmsi": mmsi} | ({"latitude": 50.14, "longitude": 1.0} if mmsi == NEAR else far)
        rows += stay("2020-12-24T00:00:00", "2020-12-27T19:50:00", 30, **home)
        rows += stay("2020-12-27T20:00:00", "2020-12-28T04:00:00", 10, mmsi=mmsi)
        rows += stay("2020-12-28T04:10:00", "2020-12-28T20:00:00", 30, **home)
    return rows


def taken_in(folder: Path) -> Settings:
    """A lake with the port and the messages."""
    lake = Settings(folder / "data", shuffle_partitions=1)
    area = rectangle_port(PORT, 0.9, 49.9, 1.1, 50.1)
    runner.run_task("load_ports", Job(lake, paths=(write_ports(folder / "ports.geojson", [area]),)))
    runner.run_task("ingest_messages", Job(lake, paths=tuple(write_days(folder / "inbox", messages()))))
    return lake


def copied(lake: Settings, folder: Path) -> Settings:
    shutil.copytree(lake.data_dir, folder / "data")
    return Settings(folder / "data", shuffle_partitions=1)


def fold(lake: Settings, first: Week, last: Week) -> None:
    runner.run_task("track_vessels", Job(lake, period=Period(first, last)))


def files_on_disk(lake: Settings, name: str) -> tuple[set[str], set[str]]:
    """Files of a table that lie in its folder, and those that its log names."""
    folder = lake.table_path(name)
    lying = {path.relative_to(folder).as_posix() for path in Path(folder).rglob("*.parquet")}
    return {path for path in lying if "_delta_log" not in path}, set(DeltaTable(str(folder)).file_uris())


@pytest.fixture(scope="module")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A lake with the messages, nothing folded. Not to be changed."""
    return taken_in(tmp_path_factory.mktemp("delivered"))


@pytest.fixture
def lake(delivered: Settings, tmp_path: Path) -> Settings:
    """A copy of it."""
    return copied(delivered, tmp_path)


@pytest.fixture(scope="module")
def at_once(delivered: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Both weeks folded in one run. Not to be changed."""
    lake = copied(delivered, tmp_path_factory.mktemp("at-once"))
    fold(lake, W52, W53)
    return lake


def test_vessels_that_are_shown_in_a_port_have_no_call_there(at_once: Settings) -> None:
    assert table(at_once, "silver.port_calls")["mmsi"].to_list() == [CALLER]
    rejected = table(at_once, FOLD_QUARANTINE, stage="fold", reject_reasons="false_position")
    assert dict(rejected["mmsi"].value_counts().rows()) == dict.fromkeys(SHOWN, FIXES_SHOWN)
    assert table(at_once, "silver.positions").height + rejected.height == len(messages())
    rows = table(at_once, "silver.displacements")
    kinds = rows.select("mmsi", "week", "false_position_kind").unique()
    assert sorted(kinds.rows()) == [(mmsi, week, "point") for mmsi in SHOWN for week in (W52.name, W53.name)]
    assert rows.filter(pl.col("jump_km") < 20.0)["mmsi"].unique().to_list() == [NEAR]


def test_the_first_pass_leaves_no_file_behind(at_once: Settings) -> None:
    for name in ("silver.positions", "silver.tracks", "silver.fold_state"):
        lying, named = files_on_disk(at_once, name)
        assert len(lying) == len(named), name


def test_weeks_one_by_one_are_both_at_once(at_once: Settings, lake: Settings) -> None:
    for week in (W52, W53):
        fold(lake, week, week)
    assert_same_content(content(lake, SILVER), content(at_once, SILVER))


def test_a_run_that_ends_between_the_passes_is_made_good_by_the_next(
    at_once: Settings, lake: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def end(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(track_vessels, "drop_staged", end)
        with pytest.raises(KeyboardInterrupt):
            fold(lake, W52, W53)
    assert table(lake, "silver.positions").is_empty()
    fold(lake, W52, W53)
    assert_same_content(content(lake, SILVER), content(at_once, SILVER))
