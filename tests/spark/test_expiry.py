"""Raw messages past their source's time go; what was computed from them stays, and cannot be computed again."""

import json
import shutil
from pathlib import Path

import polars as pl
import pytest

from ais_indicators import runner
from ais_indicators.errors import BadInputError
from ais_indicators.ingestion.known_layouts import known_layouts
from ais_indicators.io.delta import active_files, commit, open_delta
from ais_indicators.job import Job
from ais_indicators.operations.lake_status import read_status
from ais_indicators.periods import Period, Week
from ais_indicators.pipelines.expire_messages import ExpiredMessages
from ais_indicators.releasing.record import read_releases
from ais_indicators.releasing.reproduce import reproduce_releases
from ais_indicators.settings import Settings
from tests.messages import (
    FIGURES,
    assert_same_content,
    content,
    position,
    rectangle_port,
    stay,
    table,
    write_noaa,
    write_ports,
)
from tests.subject_rules import SHIP_RULES

W52, W53, W01 = (Week.parse(name) for name in ("2020-W52", "2020-W53", "2021-W01"))
NOAA, COAST = 366000001, 366000002
BRONZE = "bronze.ais_messages"
MAPPING = """
layout: coast_station
title: CSV of our own stations
format: csv
recognised_by: [ship, when]
licence: internal
attribution: Office
columns:
  mmsi: {from: ship}
  observed_at_utc: {from: when, time_format: iso}
  latitude: {from: lat}
  longitude: {from: lon}
"""


@pytest.fixture(scope="module")
def computed(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Three weeks of NOAA, which may be kept for two, and a coast station's, which may stay; values, no release."""
    tmp_path = tmp_path_factory.mktemp("expiry")
    settings = Settings(tmp_path / "data", shuffle_partitions=1)
    (settings.data_dir / "sources").mkdir(parents=True)
    (settings.data_dir / "sources" / "coast.yaml").write_text(MAPPING, encoding="utf-8")
    (settings.data_dir / "sources.yaml").write_text("noaa_2018: {keep_weeks: 2}", encoding="utf-8")
    ports = write_ports(tmp_path / "ports.geojson", [rectangle_port("XXAAA", 0.9, 49.9, 1.1, 50.1)])
    runner.run_task("load_ports", Job(settings, paths=(ports,)))
    files = [
        write_noaa(
            tmp_path / f"AIS_{day}.csv",
            [
                *stay(f"{day}T00:00:00", f"{day}T05:00:00", mmsi=NOAA, latitude=50.0, longitude=1.0),
                position("", mmsi=NOAA),
                position(f"{day}T06:00:00", mmsi=NOAA, latitude=91.0),
            ],
        )
        for day in ("2020-12-22", "2020-12-29", "2021-01-05")
    ]
    coast = tmp_path / "coast.csv"
    coast.write_text(f"ship,when,lat,lon\n{COAST},2020-12-23T00:00:00Z,50.0,1.0\n", encoding="utf-8")
    runner.run_task("ingest_messages", Job(settings, paths=(*files, coast)))
    run(settings, W52, W01, until=FIGURES)
    return settings


@pytest.fixture
def lake(computed: Settings, tmp_path: Path) -> Settings:
    """A lake of one's own with these weeks."""
    shutil.copytree(computed.data_dir, tmp_path / "data")
    return Settings(tmp_path / "data", shuffle_partitions=1)


def expire(lake: Settings, at: Week | None = None) -> ExpiredMessages:
    done: ExpiredMessages = runner.run_task("expire_messages", Job(lake, Period(at, at) if at else None))
    return done


def run(lake: Settings, first: Week, last: Week, until: str | None = None) -> None:
    runner.run_weekly(Job(lake, Period(first, last)), until=until)


def messages(lake: Settings) -> list[tuple[int, str]]:
    """Ship and week of what bronze holds, each once."""
    rows = table(lake, BRONZE).select("mmsi", pl.col("observed_at_utc").dt.strftime("%G-W%V").alias("week"))
    return sorted(set(rows.rows()))


def on_disk(lake: Settings, name: str) -> int:
    return len([p for p in lake.table_path(name).rglob("*.parquet") if "_delta_log" not in p.parts])


def test_weeks_that_were_never_computed_are_spared(lake: Settings) -> None:
    state = open_delta(lake, "silver.fold_state")
    commit(lake, "silver.fold_state", [], active_files(state))
    done = expire(lake)
    assert (done.counted_from, done.rows, done.spared) == (W01, {}, (W52,))
    assert messages(lake) == [(NOAA, "2020-W52"), (NOAA, "2020-W53"), (NOAA, "2021-W01"), (COAST, "2020-W52")]


def test_what_was_computed_stays_and_can_be_computed_no_more(lake: Settings, tmp_path: Path) -> None:
    runner.run_task("publish_release", Job(lake, Period(W52, W01)))
    before, releases = content(lake), [r.release_id for r in read_releases(lake)]
    done = expire(lake)
    assert (done.counted_from, done.rows, done.weeks) == (W01, {"noaa_2018": 8}, {"noaa_2018": ["2020-W52"]})
    assert done.lost_releases == tuple(r for r in releases if r.startswith("2020-W52"))
    assert messages(lake) == [(NOAA, "2020-W53"), (NOAA, "2021-W01"), (COAST, "2020-W52")]
    assert table(lake, "quarantine.messages", stage="ingest").height == 4
    for name in (BRONZE, "quarantine.messages"):
        assert on_disk(lake, name) == len(active_files(open_delta(lake, name))), name
    record = table(lake, "ops.expired_messages").to_dicts()
    assert [(r["layout"], r["week"], json.loads(r["lost_release_ids"])) for r in record] == [
        ("noaa_2018", "2020-W52", list(done.lost_releases))
    ]
    assert {w["week"]: w["state"] for w in read_status(lake, SHIP_RULES)["weeks"]} == {
        "2020-W52": "expired",
        "2020-W53": "current",
        "2021-W01": "current",
    }
    assert expire(lake).rows == {}
    with pytest.raises(BadInputError, match="raw messages of 2020-W52 and before have expired"):
        run(lake, W52, W52)
    late = write_noaa(
        tmp_path / "late.csv", stay("2020-12-24T00:00:00", "2020-12-24T05:00:00", mmsi=NOAA + 5)
    )
    runner.run_task("ingest_messages", Job(lake, paths=(late,)))
    run(lake, W53, W53, until=FIGURES)
    assert_same_content(content(lake), before)
    assert expire(lake).rows == {"noaa_2018": 6}


def test_later_releases_come_out_the_same_from_the_state_that_is_left(
    lake: Settings,
) -> None:
    runner.run_task("publish_release", Job(lake, Period(W52, W01)))
    expire(lake)
    tasks = [step.name for step in runner.tasks_before_check("ships") if step.name != "track_vessels"]
    first, *later = reproduce_releases(lake, "all", tasks, runner.run_task, rules=SHIP_RULES)
    assert (first.week, first.is_same) == (W52.name, False)
    assert "the raw messages of 2020-W52 and before have expired" in first.impossible
    assert [(one.week, one.is_same, one.observations > 0) for one in later] == [
        (W53.name, True, True),
        (W01.name, True, True),
    ]
    with pytest.raises(BadInputError, match="can no longer be recomputed"):
        reproduce_releases(lake, first.release_id, tasks, runner.run_task, rules=SHIP_RULES)


@pytest.mark.parametrize(
    ("at", "gone"), [("2020-W53", []), ("2021-W01", ["2020-W52"]), ("2021-W02", ["2020-W52", "2020-W53"])]
)
def test_weeks_are_kept_for_as_long_as_the_source_says(lake: Settings, at: str, gone: list[str]) -> None:
    assert expire(lake, Week.parse(at)).weeks.get("noaa_2018", []) == gone


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("noaa_1999: {keep_weeks: 2}", "unknown layout noaa_1999"),
        ("nmea: {keep_weeks: 0}", "nmea.keep_weeks"),
        ("nmea: {keep: 3}", "nmea.keep: Extra inputs"),
        ("nmea: [", "invalid YAML"),
    ],
)
def test_terms_that_cannot_be_meant_are_refused(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "sources.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(BadInputError, match=said):
        known_layouts(Settings(tmp_path))
