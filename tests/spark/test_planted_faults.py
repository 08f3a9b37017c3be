"""Faults planted in a feed and in a lake: each stops the release at its check, and the corrected week is published."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest

from ais_indicators import runner
from ais_indicators.errors import ReleaseStoppedError
from ais_indicators.io.delta import active_files, commit, open_delta, read_rows
from ais_indicators.io.staging import TableFile
from ais_indicators.job import Job
from ais_indicators.periods import Period, Week
from ais_indicators.pipelines.check_release import check_week
from ais_indicators.releasing.history import find_release
from ais_indicators.settings import Settings
from ais_simulator import Simulation, simulate_weeks
from tests.subject_rules import SHIP_RULES

pytestmark = [pytest.mark.release_check, pytest.mark.usefixtures("two_buckets")]
FIRST, LAST = Week.parse("2026-W03"), Week.parse("2026-W07")
PORT_ACTIVITY = "gold.port_activity_weekly"
LEAST_INDEX = SHIP_RULES.coverage_low_index
Change = Callable[[pl.DataFrame], pl.DataFrame]


# --- a feed -------------------------------------------------------------------------------------------------


def half_a_day(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.filter(pl.col("BaseDateTime").str.slice(11, 2) < "12")


def swapped_coordinates(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(LAT=pl.col("LON"), LON=pl.col("LAT"))


def frozen_feed(rows: pl.DataFrame) -> pl.DataFrame:
    hour = pl.col("BaseDateTime").str.slice(11, 2)
    before = rows.filter(hour < "09")
    again = [
        rows.filter(hour == "09").with_columns(pl.col("BaseDateTime").str.replace("T09", f"T{number:02d}"))
        for number in range(9, 24)
    ]
    return pl.concat([before, *again])


FAULTS_OF_DAYS: dict[int, tuple[Change, str]] = {
    1: (half_a_day, "day_volume_as_usual"),
    2: (swapped_coordinates, "ships_where_ships_were"),
    3: (frozen_feed, "day_volume_as_usual"),  # the repeated messages of moving vessels are echoes
}


@dataclass(frozen=True)
class Sea:
    """A lake of five weeks, the last one of which was delivered with faults first.

    Attributes:
        lake: With the release of the week before, and of the last one once it was corrected.
        stopped: Results of the release check for the faults.
        served: The release that was served meanwhile.
    """

    lake: Settings
    stopped: str
    served: str


@pytest.fixture(scope="module")
def sea(tmp_path_factory: pytest.TempPathFactory) -> Sea:
    folder = tmp_path_factory.mktemp("planted")
    wanted = Simulation(FIRST.name, LAST.minus(FIRST) + 1, 40, 5, scenario="clear", thin_s=900)
    ocean = simulate_weeks(wanted, folder / "sea", jobs=1)
    lake = Settings(folder / "data", shuffle_partitions=1)
    runner.run_task("load_ports", Job(lake, paths=(ocean.ports_file,)))
    runner.run_task("load_vessels", Job(lake, paths=(ocean.register_file,)))
    files = sorted(ocean.message_files)
    faulty = [
        _altered(file, folder / "faulty", FAULTS_OF_DAYS[number][0])
        for number, file in enumerate(files[-7:])
        if number in FAULTS_OF_DAYS
    ]
    names = {file.name for file in faulty}
    delivered = (*(file for file in files if file.name not in names), *faulty)
    runner.run_task("ingest_messages", Job(lake, paths=delivered))
    runner.run_tasks(Job(lake, Period(FIRST, LAST)), runner.tasks_before_check("ships"))
    runner.run_task("publish_release", Job(lake, Period(LAST.plus(-1), LAST.plus(-1))))
    with pytest.raises(ReleaseStoppedError) as stopped:
        runner.run_task("publish_release", Job(lake, Period(LAST, LAST)))
    served = find_release(lake, "latest").week
    right = tuple(file for file in files if file.name in names)
    runner.run_task("ingest_messages", Job(lake, paths=right))
    runner.run_weekly(Job(lake, Period(LAST, LAST)))
    return Sea(lake, str(stopped.value), served)


def _altered(file: Path, folder: Path, change: Change) -> Path:
    folder.mkdir(exist_ok=True)
    change(pl.read_csv(file, infer_schema=False)).write_csv(folder / file.name)
    return folder / file.name


@pytest.mark.parametrize("check", [check for _, check in FAULTS_OF_DAYS.values()])
def test_a_fault_of_the_feed_stops_the_release_at_its_check(sea: Sea, check: str) -> None:
    assert f"{LAST}: {check} (" in sea.stopped


def test_the_last_release_is_served_until_the_correct_and_then_the_next_run_publishes(sea: Sea) -> None:
    assert sea.served == LAST.plus(-1).name
    assert find_release(sea.lake, "latest").week == LAST.name


# --- a lake -------------------------------------------------------------------------------------------------


def rewrite(lake: Settings, table: str, change: Change, partition: str = "week") -> None:
    """Changes the rows of the last week, as no task of ours would."""
    files = active_files(open_delta(lake, table))
    alter(lake, table, [f for f in files if f.partition.get(partition, LAST.name) == LAST.name], change)


def alter(lake: Settings, table: str, files: list[TableFile], change: Change) -> None:
    """Puts files with changed rows in the place of others."""
    folder, added = lake.table_path(table), list[TableFile]()
    for file in files:
        before = pq.read_table(folder / file.path, partitioning=None)
        rows = change(pl.DataFrame(before))
        path = file.path.replace(".parquet", "-planted.parquet")
        pq.write_table(rows.to_arrow().cast(before.schema), folder / path)
        added.append(replace(file, path=path, size=(folder / path).stat().st_size, rows=rows.height))
    commit(lake, table, added, files)


def where(condition: pl.Expr, **columns: pl.Expr) -> Change:
    return lambda rows: rows.with_columns(
        **{name: pl.when(condition).then(value).otherwise(name) for name, value in columns.items()}
    )


def lost_partition(lake: Settings) -> None:
    commit(lake, "silver.positions", [], positions_of_monday(lake)[:1])


def doubled_day(lake: Settings) -> None:
    twice: list[TableFile] = []
    for file in positions_of_monday(lake):
        again = replace(file, path=file.path.replace(".parquet", "-again.parquet"))
        folder = lake.table_path("silver.positions")
        shutil.copyfile(folder / file.path, folder / again.path)
        twice.append(again)
    commit(lake, "silver.positions", twice)


def positions_of_monday(lake: Settings) -> list[TableFile]:
    files = active_files(open_delta(lake, "silver.positions"))
    return [f for f in files if str(f.partition["observed_on"]) == str(LAST.monday)]


def wrong_unit(lake: Settings) -> None:
    rewrite(lake, PORT_ACTIVITY, where(pl.col("indicator") == "arrivals", unit=pl.lit("ships")))


def stale_register(lake: Settings) -> None:
    older = pl.lit("an-older-one")
    rewrite(lake, "silver.register_matches", lambda rows: rows.with_columns(register_version=older))


def negative_stay(lake: Settings) -> None:
    rewrite_calls(lake, where(pl.col("stay_hours") > 0, stay_hours=-pl.col("stay_hours")))


def departure_before_arrival(lake: Settings) -> None:
    earlier = pl.col("arrived_at_utc") - pl.duration(hours=1)
    rewrite_calls(lake, where(pl.col("departed_at_utc").is_not_null(), departed_at_utc=earlier))


def rewrite_calls(lake: Settings, change: Change) -> None:
    rewrite(lake, "silver.port_calls", change, "settled_week")


def missing_port(lake: Settings) -> None:
    coverage = pl.DataFrame(read_rows(lake, "gold.coverage_weekly", filters=[("week", "=", LAST.name)]))
    busiest = coverage.filter(pl.col("place_kind") == "port", pl.col("coverage_index") >= LEAST_INDEX).sort(
        "usual_arrivals"
    )["place_code"][-1]
    rewrite(lake, PORT_ACTIVITY, lambda rows: rows.filter(pl.col("port_locode") != busiest))


def future_week(lake: Settings) -> None:
    file = next(f for f in active_files(open_delta(lake, PORT_ACTIVITY)) if f.partition["week"] == LAST.name)
    folder, path = lake.table_path(PORT_ACTIVITY), file.path.replace(LAST.name, "2031-W01")
    size = (folder / file.path).stat().st_size
    later = replace(file, path=path, partition={"week": "2031-W01"}, size=size)
    (folder / later.path).parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(folder / file.path, folder / later.path)
    commit(lake, PORT_ACTIVITY, [later])


def total_not_the_sum(lake: Settings) -> None:
    is_total = (pl.col("indicator") == "arrivals") & (pl.col("vessel_class") == "_T")
    rewrite(lake, PORT_ACTIVITY, where(is_total, value=pl.col("value") + 1))


PLANTED: dict[str, tuple[Callable[[Settings], None], str]] = {
    "lost partition": (lost_partition, "every_message_accounted_for"),
    "doubled day": (doubled_day, "every_message_accounted_for"),
    "wrong unit": (wrong_unit, "units_match_indicators"),
    "stale register": (stale_register, "register_in_use_is_the_newest"),
    "negative stay": (negative_stay, "stay_not_negative"),
    "departure before arrival": (departure_before_arrival, "departure_after_arrival"),
    "missing port": (missing_port, "usual_ports_present"),
    "future week": (future_week, "no_week_without_messages"),
    "total not the sum": (total_not_the_sum, "totals_not_above_parts"),
}


@pytest.fixture
def copied(sea: Sea, tmp_path: Path) -> Iterator[Settings]:
    shutil.copytree(sea.lake.data_dir, tmp_path / "data")
    yield replace(sea.lake, data_dir=tmp_path / "data")
    shutil.rmtree(tmp_path / "data")


def failed(lake: Settings) -> set[str]:
    return {result.check_name for result in check_week(Job(lake, Period(LAST, LAST)), LAST).failed_critical}


def test_nothing_is_wrong_before(sea: Sea) -> None:
    assert failed(sea.lake) == set()


def test_every_fault_of_a_lake_is_found_by_its_check(copied: Settings) -> None:
    """All at once, in the order in which none hides another; a doubled day would make up for a lost part."""
    for name, (plant, _) in PLANTED.items():
        if name != "doubled day":
            plant(copied)
    assert {check for name, (_, check) in PLANTED.items() if name != "doubled day"} <= failed(copied)


def test_a_doubled_day_stops_the_release_and_after_its_correct_the_week_is_published(
    copied: Settings,
) -> None:
    before = find_release(copied, "latest").release_id
    doubled_day(copied)
    with pytest.raises(ReleaseStoppedError, match="every_message_accounted_for"):
        runner.run_task("publish_release", Job(copied, Period(LAST, LAST)))
    assert find_release(copied, "latest").release_id == before
    files = [f for f in positions_of_monday(copied) if f.path.endswith("-again.parquet")]
    commit(copied, "silver.positions", [], files)
    published = runner.run_task("publish_release", Job(copied, Period(LAST, LAST)))
    assert [p.release_id for p in published] == [before]
