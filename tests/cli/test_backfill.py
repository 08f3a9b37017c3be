"""The command `backfill`: what it says before and after, that releases wait, that it goes on, and as-of."""

import shutil
from pathlib import Path

import pytest

from ais_indicators import runner
from ais_indicators.contracts.model import all_tables
from ais_indicators.io.delta import active_files, open_delta, table_version
from ais_indicators.job import Job
from ais_indicators.periods import Period, Week
from ais_indicators.pipelines import track_vessels
from ais_indicators.releasing.history import read_history
from ais_indicators.releasing.record import read_releases
from ais_indicators.settings import Settings
from tests.caller import Caller
from tests.messages import (
    assert_same_content,
    content,
    position,
    rectangle_port,
    stay,
    write_noaa,
    write_ports,
)

FIRST, MIDDLE, LAST = "2020-W52", "2020-W53", "2021-W01"
WEEKS = ("--from", FIRST, "--to", LAST)
DAYS = (("2020-12-22", "2020-12-23"), ("2020-12-29", "2020-12-30"), ("2021-01-05", "2021-01-06"))
TANKER = {"mmsi": 366000001, "ship_type": 80}
ALL_THE_SAME = "is reproduced: all observations are equal"


def ship_files(folder: Path) -> list[Path]:
    """A file a week: a tanker comes in, lies in port and goes out again."""
    files = []
    for begin, end in DAYS:
        rows = [
            position(f"{begin}T00:00:00", latitude=50.3, sog_knots=12.0, **TANKER),
            *stay(f"{begin}T03:00:00", f"{end}T20:00:00", 120, **TANKER),
            position(f"{end}T23:00:00", latitude=50.3, sog_knots=12.0, **TANKER),
        ]
        files.append(write_noaa(folder / f"{begin}.csv", rows))
    return files


@pytest.fixture(scope="module")
def ingested(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A lake with three weeks of messages, nothing computed. Not to be changed."""
    folder = tmp_path_factory.mktemp("backfill")
    made = Settings(folder / "data", shuffle_partitions=1)
    ports = write_ports(folder / "ports.geojson", [rectangle_port("XXAAA", 0.9, 49.9, 1.1, 50.1)])
    runner.run_task("load_ports", Job(made, paths=(ports,), port_version="first"))
    runner.run_task("load_gates", Job(made))
    runner.run_task("ingest_messages", Job(made, paths=tuple(ship_files(folder))))
    return made


@pytest.fixture(scope="module")
def computed(ingested: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A copy of it with the weeks' values, made undisturbed and without the command. Not to be changed."""
    made = copied(ingested, tmp_path_factory.mktemp("computed"))
    job = Job(made, Period(Week.parse(FIRST), Week.parse(LAST)))
    runner.run_tasks(job, runner.tasks_before_check("ships"))
    return made


def copied(lake: Settings, folder: Path) -> Settings:
    """A copy of a lake, to go on from there."""
    shutil.copytree(lake.data_dir, folder / "data")
    return Settings(folder / "data", shuffle_partitions=1)


@pytest.fixture
def lake(ingested: Settings, tmp_path: Path) -> Settings:
    """A copy of the lake with messages."""
    return copied(ingested, tmp_path)


@pytest.fixture
def call(lake: Settings, capsys: pytest.CaptureFixture[str]) -> Caller:
    return Caller(lake.data_dir, capsys)


def versions(lake: Settings) -> dict[str, int]:
    return {name: table_version(lake, name) for name in all_tables()}


def test_a_dry_run_reports_all_and_changes_nothing(call: Caller, lake: Settings) -> None:
    before = versions(lake)
    plan = call.json("backfill", *WEEKS, "--dry-run")
    assert versions(lake) == before
    assert plan["folded"] == [FIRST, MIDDLE, LAST]
    assert plan["messages"] == sum(f.rows for f in active_files(open_delta(lake, "bronze.ais_messages")))
    assert {"bronze.ais_messages", "reference.ports"} <= set(plan["reads"])
    assert {"silver.port_calls", "gold.trade_flows_weekly"} <= set(plan["writes"])
    assert not {"gold.releases", "ops.check_results"} & set(plan["writes"])
    assert plan["seconds"] > 0
    shown = call("backfill", *WEEKS, "--dry-run").out
    assert "estimated duration" in shown
    assert "unchanged" in shown


def test_releases_wait_until_they_are_asked_for(call: Caller, lake: Settings) -> None:
    done = call.json("backfill", *WEEKS)
    assert read_releases(lake) == ()
    found = [(d["week"], d["release_id"], d["changed"]) for d in done["differences"]]
    assert found == [(name, None, 0) for name in (FIRST, MIDDLE, LAST)]
    assert all(d["new"] == d["observations"] > 0 for d in done["differences"])
    again = call.json("backfill", *WEEKS, "--publish")
    assert again["folded"] == []
    assert [p["is_new"] for p in again["published"]] == [True] * 3
    last = call("backfill", *WEEKS)
    assert "no value differs from what is published" in last.out
    assert "are up to date" in last.out


def test_late_messages_show_as_a_difference_make_a_new_vintage_and_leave_the_old_one_to_be_made_again(
    computed: Settings, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    lake = copied(computed, tmp_path)
    call = Caller(lake.data_dir, capsys)
    call("backfill", *WEEKS, "--publish")
    first = {row.week: row.release_id for row in read_releases(lake)}
    late = stay("2020-12-24T03:00:00", "2020-12-25T20:00:00", 120, mmsi=366000002, ship_type=80)
    runner.run_task("ingest_messages", Job(lake, paths=(write_noaa(tmp_path / "late.csv", late),)))
    done = call.json("backfill", *WEEKS)
    (changed,) = (d for d in done["differences"] if d["week"] == FIRST)
    assert changed["release_id"] == first[FIRST]
    assert changed["changed"] > 0
    assert "Values that differ" in call("backfill", *WEEKS, "--publish").out
    served = {week: row.release_id for week, row in read_history(lake).served.items()}
    assert served[FIRST] != first[FIRST]

    before = versions(lake)
    assert call.json("backfill", *WEEKS, "--as-of", first[FIRST], "--dry-run")["folded"]
    assert not any((lake.data_dir / "as_of").iterdir())
    assert ALL_THE_SAME in call("backfill", *WEEKS, "--as-of", first[FIRST]).out
    assert ALL_THE_SAME in call("backfill", *WEEKS, "--as-of", served[FIRST]).out
    assert versions(lake) == before


def test_a_stopped_backfill_goes_on_where_it_stopped(
    call: Caller, lake: Settings, computed: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    fold, weeks = track_vessels._fold, list[str]()

    def stopped(job: Job, plan: track_vessels.FoldPlan, chunk: Period) -> object:
        if weeks == [FIRST]:
            weeks.append("stopped")
            raise KeyboardInterrupt
        weeks.append(str(chunk))
        return fold(job, plan, chunk)

    monkeypatch.setattr(track_vessels, "_fold", stopped)
    monkeypatch.setattr(track_vessels, "WEEKS_PER_COMMIT", 1)
    answer = call("backfill", *WEEKS)
    assert answer.code == 130
    assert "run the same command again to go on" in answer.sentences[-1]
    assert call("backfill", *WEEKS, "--ports-version", "first").code == 0
    assert weeks == [FIRST, "stopped", MIDDLE, LAST]

    assert_same_content(content(lake), content(computed))


def test_one_task_alone_and_what_cannot_be(call: Caller, lake: Settings) -> None:
    assert call.json("backfill", *WEEKS, "--only", "track_vessels")["tasks"] == ["track_vessels"]
    assert table_version(lake, "gold.port_activity_weekly") == 0
    assert call("backfill", *WEEKS, "--only", "publish_release").code == 2
    assert call("backfill", *WEEKS, "--publish", "--as-of", "latest").code == 2
    assert call("backfill", *WEEKS, "--as-of", "latest").code == 2
    assert call("backfill", "--from", LAST, "--to", FIRST).code == 2
